"""Questions and their solutions as a model sees them: what training and evaluation take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trm_core.domains.contract import Domain, Puzzle


@dataclass(frozen=True, eq=False)
class Pairs:
    """N puzzles as tokens: question, solution, and the id of each one's puzzle embedding."""

    tokens_N2L: np.ndarray  # uint8
    puzzle_ids_N: np.ndarray  # int64
    rating_N: np.ndarray  # float64; NaN where nothing is known

    @classmethod
    def of(cls, domain: Domain, puzzles: Sequence[Puzzle]) -> Pairs:
        """The puzzles' own, in their order; every one must have a solution."""
        tokens = []
        for puzzle in puzzles:
            assert puzzle.solution_RC is not None
            tokens.append((domain.tokens(puzzle.question_RC), domain.tokens(puzzle.solution_RC)))
        return cls(
            np.array(tokens, dtype=np.uint8).reshape(-1, 2, domain.cells),
            np.array([p.puzzle_id for p in puzzles], dtype=np.int64),
            np.array([np.nan if p.rating is None else p.rating for p in puzzles], dtype=float),
        )

    def __len__(self) -> int:
        return len(self.tokens_N2L)

    def __getitem__(self, chosen: slice | np.ndarray) -> Pairs:
        return Pairs(self.tokens_N2L[chosen], self.puzzle_ids_N[chosen], self.rating_N[chosen])
