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
# The kinds, in words.
MEANINGS = {
    NEAR: f"at rest, with at most {NEAR_CELLS} cells wrong, or {100 * NEAR_SHARE:.0f} % of them",
    LATE: "still getting better when its steps ran out",
    WANDERING: "cells go on changing, and it gets no nearer",
    UNSURE: "at rest on a wrong answer, without being sure of its cells",
    SURE: "at rest on a wrong answer, and sure of its cells",
    BLANK: "it wrote nothing",
}


@dataclass(frozen=True)
class Diagnosis:
    """How a solve failed."""

    kind: str  # one of the kinds above
    words: str  # a sentence
    step: int  # the supervision step where it went wrong, from 1 on
    moment_words: str  # what is to be seen there
    cells: tuple[tuple[int, int], ...] = ()  # that a near miss has wrong


def diagnosis(trace: Trace) -> Diagnosis | None:
    """How a solve failed; None where it did not."""
    if trace.solved:
        return None
    domain = trace.domain
    blank_RC = ~domain.given(trace.question_board)
    wrong_SL, wrong_L = _wrong(trace), _wrong_in_the_end(trace)
    faults_S = _faults(trace, wrong_SL)
    changed_S = trace.changed("steps")[1:, blank_RC.reshape(-1)].sum(1)
    sure = float(sureness(trace, "steps")[-1])
    kind = failure_kind(
        blank=not (domain.drawing.filled(trace.final_board) & blank_RC).any(),
        faults_S=faults_S,
        wrong_cells=None if wrong_L is None else int(wrong_L.sum()),
        changed_S=changed_S,
        cells=int(blank_RC.sum()),
        sure=sure,
    )
    tail = _tail(trace.steps)
    if kind == BLANK:
        return Diagnosis(BLANK, "It left every cell blank.", 1, "its first answer")
    if kind == NEAR:
        return _near(trace, wrong_L, blank_RC)
    if kind == LATE:
        return Diagnosis(
            LATE,
            f"It was still getting better when its steps ran out: {faults_S[-1]} of "
            f"{counted(int(faults_S[0]), 'fault')} left. Let it think longer.",
            trace.steps,
            "how far it came",
        )
    if kind == WANDERING:
        return Diagnosis(
            WANDERING,
            f"It wanders: over its last quarter {_moving(changed_S):.1f} cells change a step on average and its scratchpad moves by "
            f"{100 * _moved(trace, tail):.0f} %, but it gets no nearer.",
            int(np.argmin(faults_S)) + 1,
            "where it came nearest",
        )
    settled = int(np.flatnonzero(changed_S).max(initial=0)) + 1
    how = "sure of a wrong answer" if kind == SURE else "though unsure"
    return Diagnosis(
        kind,
        f"It settled at step {settled}, {how} ({100 * sure:.0f} % sure of its cells): more of the "
        "same thinking changes nothing. Asked in another way, it may see it.",
        settled,
        "where it settled",
    )


def failure_kind(
    *,
    blank: bool,
    faults_S: np.ndarray,
    wrong_cells: int | None,
    changed_S: np.ndarray,
    cells: int,
    sure: float,
) -> str:
    """The kind of a failed solve of S steps: whether it left all blank, what was wrong at every step's end and
    how many cells unlike the solution in the end (None where it is not known), how many cells changed in
    each step, how many there are that are not given, and how sure it was of them in the end, 0 to 1.

    The last quarter of the steps (at least two) decides whether it was still moving.
    """
    if blank:
        return BLANK
    steps, moving = len(changed_S), _moving(changed_S)
    near = wrong_cells is not None and 0 < wrong_cells <= max(NEAR_CELLS, NEAR_SHARE * cells)
    if near and moving < MOVING:
        return NEAR
    if moving < MOVING:
        return SURE if sure >= SURE_FROM else UNSURE
    tail = _tail(steps)
    earlier = faults_S[-tail - 1] if steps > tail else None
    return LATE if earlier and faults_S[-1] <= FALLING * earlier else WANDERING


def _tail(steps: int) -> int:
    """The last steps, which decide whether it was still moving."""
    return min(max(2, steps // 4), steps)


def _moving(changed_S: np.ndarray) -> float:
    """Cells that changed in a step of the last ones, in the mean; the first answer is no change."""
    steps = len(changed_S)
    return float(changed_S[-_tail(steps) :].mean()) if steps > 1 else 0.0


def _wrong(trace: Trace) -> np.ndarray | None:
    """Cells that differ from the solution at step ends, (S, L) bool; None where it isn't known."""
    right = trace.right("steps")
    if right is None:
        return None
    given_L = trace.domain.given(trace.question_board).reshape(-1)
    return ~right[1:] & ~given_L


def _wrong_in_the_end(trace: Trace) -> np.ndarray | None:
    """Cells that differ from the solution in the end, givens that were written over too, (L,) bool; None
    where it isn't known."""
    right = trace.right("steps")
    return None if right is None else ~right[-1]


def _faults(trace: Trace, wrong_SL: np.ndarray | None) -> np.ndarray:
    """What is wrong at every step's end, (S,) int: cells, or rules where no solution is known."""
    if wrong_SL is not None:
        return wrong_SL.sum(1)
    return broken_counts(trace, "steps")[1:]


def _moved(trace: Trace, steps: int) -> float:
    """How far the scratchpad moved over the last steps' refinements, relative, in the mean."""
    return float(np.nanmean(trace.latent_residuals("steps")[-steps:]))


def _near(trace: Trace, wrong_L: np.ndarray, blank_RC: np.ndarray) -> Diagnosis:
    """The near miss that a solve ended with."""
    count = int(wrong_L.sum())
    answers_SL = trace.answers("steps")[1:, wrong_L]
    differs_S = (answers_SL != answers_SL[-1]).any(1)
    step = int(np.flatnonzero(differs_S).max(initial=-1)) + 2
    cells = tuple((int(r), int(c)) for r, c in np.argwhere(wrong_L.reshape(blank_RC.shape)))
    be = "is" if count == 1 else "are"
    over = int((wrong_L & ~blank_RC.reshape(-1)).sum())
    over_words = ""
    if over:
        one = "was given, and the model wrote over it"
        over_words = (
            f"; {over} of them {one if over == 1 else 'were given, and the model wrote over them'}"
        )
    return Diagnosis(
        NEAR,
        f"A near miss: only {counted(count, 'cell')} {be} wrong ({named_cells(cells, MOST_NAMED)}){over_words}.",
        min(step, trace.steps),
        "the step in which the wrong cells were last written",
        cells,
    )
