"""Why a solve failed, read off its trace: the kind of failure, and the moment where it went wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trm_core.domains import counted
from trm_core.record.telling import broken_counts, named_cells, sureness
from trm_core.record.trace import Trace

BLANK, NEAR, LATE, WANDERING, SURE, UNSURE = (
    *("blank", "near miss", "late", "wandering"),
    *("settled and sure", "settled and unsure"),
)
NEAR_CELLS, NEAR_SHARE = 3, 0.06  # a near miss has at most so many wrong cells, or this share
MOST_NAMED = 4  # cells that a sentence names
SURE_FROM = 0.9  # of its cells, in the mean
MOVING = 0.5  # cells that change in a step, in the mean over the last quarter, if it wanders
FALLING = 0.75  # what is wrong at the end, against a quarter earlier, if it was still improving


@dataclass(frozen=True)
class Diagnosis:
    """How a solve failed."""

    kind: str  # one of the kinds above
    words: str  # a sentence
    step: int  # the supervision step where it went wrong, from 1 on
    moment_words: str  # what is to be seen there
    cells: tuple[tuple[int, int], ...] = ()  # that a near miss has wrong


def diagnosis(trace: Trace) -> Diagnosis | None:
    """How a solve failed; None where it did not.

    The last quarter of the steps (at least two) decides whether it was still moving.
    """
    if trace.solved:
        return None
    domain = trace.domain
    blank_RC = ~domain.given(trace.question_board)
    if not (domain.drawing.filled(trace.final_board) & blank_RC).any():
        return Diagnosis(BLANK, "It left every cell blank.", 1, "its first answer")
    wrong_SL = _wrong(trace)
    changed_S = trace.changed("steps")[1:, blank_RC.reshape(-1)].sum(1)
    tail = min(max(2, trace.steps // 4), trace.steps)
    moving = float(changed_S[-tail:].mean()) if trace.steps > 1 else 0.0
    if wrong_SL is not None:
        near = _near(trace, wrong_SL, blank_RC)
        if near is not None and moving < MOVING:
            return near
    faults_S = _faults(trace, wrong_SL)
    best = int(np.argmin(faults_S)) + 1
    earlier = faults_S[-tail - 1] if trace.steps > tail else None
    if moving >= MOVING and earlier and faults_S[-1] <= FALLING * earlier:
        return Diagnosis(
            LATE,
            f"It was still getting better when its steps ran out: {faults_S[-1]} of "
            f"{counted(int(faults_S[0]), 'fault')} left. Let it think longer.",
            trace.steps,
            "how far it came",
        )
    if moving >= MOVING:
        return Diagnosis(
            WANDERING,
            f"It wanders: {moving:.1f} cells change in every step and its scratchpad moves by "
            f"{100 * _moved(trace, tail):.0f} %, but it gets no nearer.",
            best,
            "where it came nearest",
        )
    settled = int(np.flatnonzero(changed_S).max(initial=0)) + 1
    sure = float(sureness(trace, "steps")[-1])
    kind = SURE if sure >= SURE_FROM else UNSURE
    how = "sure of a wrong answer" if kind == SURE else "though unsure"
    return Diagnosis(
        kind,
        f"It settled at step {settled}, {how} ({100 * sure:.0f} % sure of its cells): more of the "
        "same thinking changes nothing. Asked in another way, it may see it.",
        settled,
        "where it settled",
    )


def _wrong(trace: Trace) -> np.ndarray | None:
    """Cells that differ from the solution at step ends, (S, L) bool; None where it isn't known."""
    right = trace.right("steps")
    if right is None:
        return None
    given_L = trace.domain.given(trace.question_board).reshape(-1)
    return ~right[1:] & ~given_L


def _faults(trace: Trace, wrong_SL: np.ndarray | None) -> np.ndarray:
    """What is wrong at every step's end, (S,) int: cells, or rules where no solution is known."""
    if wrong_SL is not None:
        return wrong_SL.sum(1)
    return broken_counts(trace, "steps")[1:]


def _moved(trace: Trace, steps: int) -> float:
    """How far the scratchpad moved over the last steps' refinements, relative, in the mean."""
    return float(np.nanmean(trace.latent_residuals("steps")[-steps:]))


def _near(trace: Trace, wrong_SL: np.ndarray, blank_RC: np.ndarray) -> Diagnosis | None:
    """The near miss that a solve ended with, if it is one."""
    wrong_L = wrong_SL[-1]
    count = int(wrong_L.sum())
    if not 0 < count <= max(NEAR_CELLS, NEAR_SHARE * blank_RC.sum()):
        return None
    answers_SL = trace.answers("steps")[1:, wrong_L]
    differs_S = (answers_SL != answers_SL[-1]).any(1)
    step = int(np.flatnonzero(differs_S).max(initial=-1)) + 2
    cells = tuple((int(r), int(c)) for r, c in np.argwhere(wrong_L.reshape(blank_RC.shape)))
    be = "is" if count == 1 else "are"
    return Diagnosis(
        NEAR,
        f"A near miss: only {counted(count, 'cell')} {be} wrong ({named_cells(cells, MOST_NAMED)}).",
        min(step, trace.steps),
        "where they were written",
        cells,
    )
