"""Slices: the puzzles of a set by what they have in common, and what can be said of a share.

Dimension key: N puzzles, S supervision steps, B bins.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from trm_core.record import diagnosis
from trm_core.record.outcomes import SOLVED, Outcomes

# How a solve ended, best first.
ENDS = (
    SOLVED,
    *(diagnosis.NEAR, diagnosis.LATE, diagnosis.WANDERING),
    *(diagnosis.UNSURE, diagnosis.SURE, diagnosis.BLANK),
)
SAYS = (
    *("knows it solved it", "knows it failed", "doubts a right board", "sure of a wrong board"),
    "ended by the rules, not asked",
)
GROUPS = {"end": "how it ended", "says": "whether it knows", "hard": "how hard the puzzle is"}
BINS = 5  # of ratings, of about as many puzzles each
EDGES = tuple(np.linspace(0, 1, 11).tolist())  # of the halting head's words


@dataclass(frozen=True, eq=False)
class Slice:
    """Some puzzles of a set, with a name."""

    group: str  # one of `GROUPS`
    name: str
    rows_N: np.ndarray  # which, bool

    def __len__(self) -> int:
        return int(self.rows_N.sum())

    @property
    def share(self) -> float:
        """Of the set."""
        return float(self.rows_N.mean()) if len(self.rows_N) else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of that share."""
        return wilson_interval(self.share, len(self.rows_N))


def slices(outcomes: Outcomes, group: str) -> list[Slice]:
    """A set divided: every puzzle is in exactly one slice of a group. Empty ones are left out."""
    if group == "end":
        rows = {name: outcomes.end_N == name for name in ENDS}
    elif group == "says":
        said_N, unasked_N = outcomes.said_done_N, outcomes.unasked_N
        solved_N, failed_N = outcomes.solved_N & ~unasked_N, ~outcomes.solved_N
        told = (solved_N & said_N, failed_N & ~said_N, solved_N & ~said_N, failed_N & said_N)
        rows = dict(zip(SAYS, (*told, unasked_N), strict=True))
    else:
        rows = _by_hardness(outcomes)
    return [Slice(group, name, rows_N) for name, rows_N in rows.items() if rows_N.any()]


def _by_hardness(outcomes: Outcomes) -> dict[str, np.ndarray]:
    """By rating, where that tells them apart; or else by how much is given."""
    if np.isnan(outcomes.rating_N).all():
        return _binned(outcomes.givens_N, "given")
    rows = _binned(outcomes.rating_N, "rated")
    if len(rows) < 2:  # nearly all are rated alike
        return _binned(outcomes.givens_N, "given")
    unknown_N = np.isnan(outcomes.rating_N)
    return rows | {"not rated": unknown_N}


def _binned(value_N: np.ndarray, word: str) -> dict[str, np.ndarray]:
    """About as many in each bin; a bin is called by the least and the most in it."""
    known = np.sort(value_N[~np.isnan(value_N.astype(float))])
    if not len(known):
        return {}
    edges = sorted({float(known[len(known) * k // BINS]) for k in range(BINS)})
    found = {}
    for low, high in itertools.pairwise([*edges, math.inf]):
        rows_N = (value_N >= low) & (value_N < high)
        most = value_N[rows_N].max()
        name = f"{low:g}" if most == low else f"{low:g} to {most:g}"
        found[f"{word} {name}"] = rows_N
    return found


def doublings(most: int) -> list[int]:
    """1, 2, 4, ... and `most`."""
    return sorted({*(2**k for k in range(most.bit_length()) if 2**k < most), most})


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """95 % confidence interval of a share of `count` trials (Wilson, 1927); all of 0 to 1 for none."""
    if not count:
        return 0.0, 1.0
    z = 1.959964
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return max(0.0, centre - half), min(1.0, centre + half)


def mcnemar(only_first: int, only_second: int) -> float:
    """How likely so uneven a split is, if both were equally good: the exact two-sided McNemar test (the
    binomial one, McNemar 1947), of puzzles that only one of two solved."""
    count, fewer = only_first + only_second, min(only_first, only_second)
    if not count:
        return 1.0
    tail = sum(math.comb(count, k) for k in range(fewer + 1)) / 2**count
    return min(1.0, 2 * tail)


def reliability(outcomes: Outcomes, edges: tuple[float, ...] = EDGES) -> list[dict[str, float]]:
    """What the halting head said after every step that a puzzle was given, in bins between these edges: how
    often, how sure on average, and how often the board was solved."""
    steps_S = np.arange(1, outcomes.most_steps + 1)
    asked_NS = steps_S <= outcomes.left_at_N[:, None]
    return reliability_bins(outcomes.said_NS[asked_NS], outcomes.solved_NS[asked_NS], edges)


def reliability_bins(
    said: np.ndarray, right: np.ndarray, edges: tuple[float, ...]
) -> list[dict[str, float]]:
    """Of things said with a probability and found right or not, by bins of what was said."""
    found = []
    for low, high in itertools.pairwise(edges):
        inside = (said >= low) & (said <= high if high == edges[-1] else said < high)
        if inside.any():
            found.append(
                {
                    "low": low,
                    "count": int(inside.sum()),
                    "said": float(said[inside].mean()),
                    "right": float(right[inside].mean()),
                }
            )
    return found


def plane(latent_ND: np.ndarray) -> np.ndarray:
    """Latents in their two main directions, (N, 2): principal components by the singular value
    decomposition."""
    centred_ND = latent_ND - latent_ND.mean(0)
    if len(latent_ND) < 3:
        return np.zeros((len(latent_ND), 2))
    _, _, directions = np.linalg.svd(centred_ND, full_matrices=False)
    return centred_ND @ directions[:2].T


def share_higher(higher_P: np.ndarray, lower_Q: np.ndarray) -> float:
    """The share of pairs of the two in which the first is higher; where they are equal, half a pair. NaN where one has none."""
    if not (len(higher_P) and len(lower_Q)):
        return float("nan")
    every = np.concatenate([higher_P, lower_Q])
    _, place, counts = np.unique(every, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # from 1 on, equal ones share theirs
    most = len(higher_P) * (len(higher_P) + 1) / 2
    return float((ranks[: len(higher_P)].sum() - most) / (len(higher_P) * len(lower_Q)))
