"""`python -m trm_core generate DOMAIN`: fresh puzzles as CSV, each with exactly one solution."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.domains import DOMAINS, PuzzleError, domain, visitor_rng
from trm_core.readers.puzzle_file import write_puzzles


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    domain: Annotated[str, Parameter(help=f"one of {', '.join(DOMAINS)}")]
    _: KW_ONLY
    difficulty: str | None = None
    """Such as hard (default: the usual one, mostly mixed)."""
    rating: str | None = None
    """Instead of a difficulty: as many guesses of an exact search, evenly spread."""
    count: int = 10
    """How many."""
    seed: int = 0
    csv: Path | None = None
    """File to write (default: the terminal)."""


def run(options: Options) -> int:
    chosen = domain(options.domain)
    if options.count < 1:
        raise PuzzleError("--count must be at least 1")
    rng = visitor_rng(options.seed)
    if options.rating is None:
        puzzles = chosen.maker.generate_many(
            rng, options.difficulty or chosen.maker.usual, options.count
        )
    else:
        bounds = re.fullmatch(r"(\d{1,4})-(\d{1,4})", options.rating)
        if bounds is None:
            raise PuzzleError(f"--rating must be such as 10-60, got {options.rating!r}")
        puzzles = chosen.maker.generate_rated(rng, options.count, *map(int, bounds.groups()))
    write_puzzles(chosen, puzzles, options.csv)
    if options.csv is not None:
        print(f"wrote {options.csv}: {len(puzzles)} puzzles")
    return 0
