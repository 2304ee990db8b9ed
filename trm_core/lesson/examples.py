"""Which puzzles the lesson shows: of those it measures on the first that a rule picks, and how many are like it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from trm_core.domains import Domain, Pairs
from trm_core.lesson.trials import ABLATIONS

GAINED = 0.01  # share of the puzzles that may still come right after "nearly all" have


def picked(asked: Domain, pairs: Pairs, alike_N: np.ndarray) -> dict[str, Any]:
    """The first of the puzzles that are `alike_N`, as text, and how many of them there are. Raises `ValueError` where
    there is none."""
    if not alike_N.any():
        raise ValueError("no puzzle is like that")
    question_RC, _ = asked.board(pairs.tokens_N2L[int(alike_N.argmax())])
    return {
        "puzzle": asked.format(question_RC),
        "alike": int(alike_N.sum()),
        "of": len(alike_N),
    }


def least_missed(solved: Mapping[str, float]) -> str:
    """What may be taken away at the smallest loss, one of `ABLATIONS`, by the share that each leaves solved."""
    return max(ABLATIONS, key=lambda name: solved[name])


def loses(solved: Mapping[str, np.ndarray], kept: tuple[str, ...]) -> np.ndarray:
    """Puzzles, (N,), that exactly the trials of these names still solve, of those by trial in `solved`."""
    return np.all(
        [solved_N == (name in kept) for name, solved_N in solved.items()],
        axis=0,
    )


def settled_by(shares: list[float]) -> int:
    """The step, from 1 on, by which nearly all of the puzzles that ever come right have, by their share after each."""
    return next(step for step, share in enumerate(shares, 1) if share >= max(shares) - GAINED)


def comes_right_at(right_NS: np.ndarray, step: int) -> np.ndarray:
    """Puzzles, (N,), that are right from exactly that step on, as far as is known after each."""
    before = ~right_NS[:, : step - 1].any(1)
    return np.logical_and(before, right_NS[:, step - 1 :].all(1))


def called_done_while_wrong(said_NS: np.ndarray, right_NS: np.ndarray) -> np.ndarray:
    """Puzzles, (N,), at whose first word of being done a cell was still wrong."""
    says_NS = said_NS > 0.5
    first_N = says_NS.argmax(1)
    return says_NS.any(1) & ~right_NS[np.arange(len(right_NS)), first_N]
