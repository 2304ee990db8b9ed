"""`python -m trm_core page`: a page that solves puzzles by itself, in any browser."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from trm_core.commands.options import FLAT
from trm_core.figures.page import thinking_page
from trm_core.weights.card import find, for_browser


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    checkpoint: str = "sudoku-marks"
    """A bundled checkpoint's name, or a file: one with a state for every (symbol, cell)."""
    _: KW_ONLY
    out: Path = Path("solve.html")
    """The page to write."""


def run(options: Options | None = None) -> int:
    options = options or Options()
    page = thinking_page(**for_browser(find(options.checkpoint)))
    options.out.write_text(page)
    print(f"wrote {options.out}, {len(page.encode()) // 1000} kB: open it in any browser")
    return 0
