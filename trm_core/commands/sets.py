"""The set of puzzles that a command measures on."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from trm_core.domains import Domain, Pairs, PuzzleError
from trm_core.training.data import from_source, generated

APART = 1_000_000  # seeds of test sets are kept apart from those of training sets
FRESH = 1000  # puzzles, where nobody says how many


def hardest_usual(asked: Domain) -> str:
    """The difficulty that is measured on where nobody says one."""
    maker = asked.maker
    return "minimal" if "minimal" in maker.difficulties else maker.usual


def test_set(
    asked: Domain,
    source: Path | None,
    rows: str | None,
    *,
    difficulty: str,
    puzzles: int | None,
    seed: int,
) -> tuple[Pairs, str]:
    """Puzzles of a file or a data folder, of these `rows` ("1-20,40") if any are named, or fresh ones; and what the set
    is called. Raises `PuzzleError`."""
    if source is not None:
        pairs = from_source(asked, source, "test")[slice(puzzles)]
        name = f"puzzles of {source.resolve().name}"
    else:
        pairs = generated(asked, difficulty, puzzles or FRESH, APART + seed)
        name = f"fresh {difficulty} puzzles, seed {seed}"
    if rows is None:
        return pairs, f"{len(pairs)} {name}"
    chosen = _rows(rows, len(pairs))
    return pairs[chosen], f"{len(chosen)} {name}, rows {rows}"


def _rows(text: str, of: int) -> np.ndarray:
    """What "1-20,40" names, counted from 0. Raises `PuzzleError`."""
    rows: list[int] = []
    for part in text.split(","):
        bounds = re.fullmatch(r"\s*(\d{1,9})(?:-(\d{1,9}))?\s*", part)
        first, last = (int(bound or bounds[1]) for bound in bounds.groups()) if bounds else (0, 0)
        if not 1 <= first <= last <= of:
            raise PuzzleError(f"--rows must be numbers of 1 to {of} such as 1-20,40; got {text!r}")
        rows += range(first - 1, last)
    return np.array(rows)
