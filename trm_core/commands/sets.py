"""The set of puzzles that a command measures on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trm_core.commands.options import FLAT
from trm_core.domains import Domain, Pairs, PuzzleError
from trm_core.training.data import from_source, generated

APART = 1_000_000  # seeds of test sets are kept apart from those of training sets
FRESH = 1000  # puzzles, where nobody says how many


@FLAT
@dataclass(kw_only=True)
class SetOptions:
    """Which puzzles: the arguments of every command that measures on a set."""

    puzzles: int | None = None
    """How many (default: 1000 fresh ones, or all of the file)."""
    seed: int = 7
    """Of the fresh puzzles, and of whatever is drawn."""
    difficulty: str | None = None
    """Of the fresh puzzles (default: minimal, or the usual one where there is none)."""
    csv: Path | None = None
    """Instead of fresh ones, those of this CSV (columns question, answer)."""
    data: Path | None = None
    """Or of the test half of this folder, in the published form."""
    rows: str | None = None
    """Of the puzzles, those of these numbers, counted from 1: 1-20,40."""

    def check(self) -> None:
        """Raises `PuzzleError` for what doesn't go together."""
        one_source(self.csv, self.data)
        if self.puzzles is not None and self.puzzles < 1:
            raise PuzzleError("--puzzles must be at least 1")

    def kind(self, asked: Domain) -> str:
        """The difficulty of the fresh puzzles."""
        maker = asked.maker
        return self.difficulty or ("minimal" if "minimal" in maker.difficulties else maker.usual)

    def pairs(self, asked: Domain) -> tuple[Pairs, str]:
        """The puzzles, and what the set is called. Raises `PuzzleError`."""
        source = one_source(self.csv, self.data)
        if source is not None:
            pairs = from_source(asked, source, "test")[slice(self.puzzles)]
            name = f"puzzles of {source.resolve().name}"
        else:
            kind = self.kind(asked)
            pairs = generated(asked, kind, self.puzzles or FRESH, APART + self.seed)
            name = f"fresh {kind} puzzles, seed {self.seed}"
        if self.rows is None:
            return pairs, f"{len(pairs)} {name}"
        chosen = _rows(self.rows, len(pairs))
        return pairs[chosen], f"{len(chosen)} {name}, rows {self.rows}"


def one_source(csv: Path | None, data: Path | None) -> Path | None:
    """The file or folder that is named, if any. Raises `PuzzleError` where both are."""
    if csv is not None and data is not None:
        raise PuzzleError("--csv and --data are two sets: give one of them")
    return csv or data


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
