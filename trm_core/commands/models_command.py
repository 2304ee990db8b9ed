"""`python -m trm_core models`: what every bundled checkpoint is and solves, as its card says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from trm_core.commands.options import FLAT
from trm_core.domains import domain
from trm_core.weights.card import Card, bundled, parameter_count, read_card

HEAD = """# The bundled checkpoints

Made from their cards by `python -m trm_core models --out checkpoints/README.md`. A card lies in the metadata of its
safetensors file and holds the exact commands; [TRAINING.md](TRAINING.md) is the log of what was tried.

"Exact": every cell as in the solution, in percent of the puzzles, with its 95 % interval. "Solved": as good as can be by the rules,
where a puzzle may have several answers; "valid": any answer that breaks none. None of these puzzles was trained on.
"Extreme-class" is a mixture of the hardest Sudokus there are, of the kind of Sudoku-Extreme, but not its file.
"""


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    _: KW_ONLY
    out: Path | None = None
    """Write the page there instead of printing it."""


def run(options: Options | None = None) -> int:
    options = options or Options()
    page = models_page()
    if options.out is None:
        print(page, end="")
    else:
        options.out.write_text(page)
    return 0


def models_page() -> str:
    """The page, as Markdown: a part for each checkpoint."""
    parts = [HEAD]
    for name, path in bundled().items():
        parts.append(_part(name, read_card(path), parameter_count(path)))
    return "\n".join(parts)


def _part(name: str, card: Card, numbers: int) -> str:
    form = "pencil marks" if card.makes_marks else f"the published form, {card.model.mixer} mixer"
    lines = [
        f"## {name}",
        "",
        f"{numbers:,} numbers; {form}; made for a {domain(card.domain).title}.",
    ]
    if card.data:
        lines.append(f"Trained on {card.data}, seed {card.seed}, for {card.minutes:g} minutes.")
    lines += ["", "| measured on | exact | solved | valid |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *map(_row, card.results), ""])


def _row(result: Mapping[str, Any]) -> str:
    exact = _percent(list(result["exact"].values())[-1], result["interval"])
    solved = valid = "–"  # not counted by the command of that day
    if "solved" in result:
        solved = _percent(result["solved"], result["solved_interval"])
        valid = f"{100 * result['valid']:.1f}"
    return f"| {result['set']} | {exact} | {solved} | {valid} |"


def _percent(share: float, interval: tuple[float, float]) -> str:
    low, high = (100 * bound for bound in interval)
    return f"{100 * share:.1f} ({low:.1f} to {high:.1f})"
