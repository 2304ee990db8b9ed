"""`python -m trm_core generate DOMAIN`: fresh puzzles as CSV, each with exactly one solution."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.commands.waiting import STOPPED, Meter, stoppable
from trm_core.domains import (
    DOMAINS,
    Domain,
    Puzzle,
    PuzzleError,
    counted,
    domain,
    visitor_rng,
)
from trm_core.readers.data_folder import write_data_folder
from trm_core.readers.puzzle_file import write_puzzles

AT_ONCE = 64  # puzzles between two looks at how far it is; from so many on making them is compiled


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
    data: Path | None = None
    """Folder to write instead, its train half in the published form."""


def run(options: Options) -> int:
    chosen = domain(options.domain)
    if options.count < 1:
        raise PuzzleError("--count must be at least 1")
    if options.csv is not None and options.data is not None:
        raise PuzzleError("--csv and --data are two forms: give one of them")
    rng = visitor_rng(options.seed)
    puzzles: list[Puzzle] = []
    with stoppable() as stop:
        meter = Meter(options.count, "puzzles")
        try:
            for some in _made(options, chosen, rng):
                puzzles += some
                meter(len(puzzles))
                if stop.pressed:
                    break
        except KeyboardInterrupt:
            pass
    partial = len(puzzles) < options.count
    if partial and not puzzles:
        raise KeyboardInterrupt
    place = options.csv or options.data
    if partial and place is not None:
        place = place.with_name(f"{place.name.partition('.')[0]}-partial{''.join(place.suffixes)}")
    if options.data is not None and place is not None:
        write_data_folder(chosen, {"train": puzzles}, place)
    else:
        write_puzzles(chosen, puzzles, place)
    if place is not None:
        print(
            f"wrote {place}: {counted(len(puzzles), 'puzzle')}{' of ' * partial}{options.count if partial else ''}"
        )
    return STOPPED if partial else 0


def _made(options: Options, chosen: Domain, rng: np.random.Generator) -> Iterator[Sequence[Puzzle]]:
    """The puzzles, some at a time; the same as all at once."""
    if options.rating is not None:
        bounds = re.fullmatch(r"(\d{1,4})-(\d{1,4})", options.rating)
        if bounds is None:
            raise PuzzleError(f"--rating must be such as 10-60, got {options.rating!r}")
        yield chosen.maker.generate_rated(rng, options.count, *map(int, bounds.groups()))
        return
    difficulty = options.difficulty or chosen.maker.usual
    for begin in range(0, options.count, AT_ONCE):
        yield chosen.maker.generate_many(rng, difficulty, min(AT_ONCE, options.count - begin))
