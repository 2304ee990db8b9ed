"""What is said of a solve: a sentence for every frame, and of a failed one why it failed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trm_core.record.diagnosis import (
    BLANK,
    LATE,
    NEAR,
    SURE,
    UNSURE,
    WANDERING,
    diagnosis,
)
from trm_core.record.telling import QUESTION, broken_counts, told_frames
from trm_core.record.trace import CLOCKS, Trace

TRACES = Path(__file__).resolve().parents[2] / "assets" / "traces"


@pytest.fixture(scope="module")
def solved():
    return Trace.load(TRACES / "home.npz")


def failed(trace: Trace, answers_SL: np.ndarray, sure: float = 0.5) -> Trace:
    """A recorded solve with other answers at the ends of its steps."""
    answer_CL = np.repeat(answers_SL, trace.cycles, axis=0).astype(np.uint8)
    return replace(
        trace, answer_CL=answer_CL, confidence_CL=np.full_like(trace.confidence_CL, sure)
    )


def wrong_in(trace: Trace, counts_S: list[int], shift_S: list[int]) -> np.ndarray:
    """Answers with so many wrong cells, by step: each wrong cell holds another digit than the right
    one, moved by the step's shift."""
    blank = np.flatnonzero(~trace.domain.given(trace.question_board).reshape(-1))
    answers = np.repeat(trace.solution_L[None], trace.steps, axis=0)
    for step, (count, shift) in enumerate(zip(counts_S, shift_S, strict=True)):
        cells = blank[:count]
        answers[step, cells] = (trace.solution_L[cells] - 2 + shift) % 9 + 2
    return answers


@pytest.mark.parametrize("clock", CLOCKS)
def test_every_frame_has_its_sentence(solved, clock):
    told = told_frames(solved, clock)
    assert len(told) == len(solved.ticks(clock))
    assert told[0] == QUESTION
    assert all(words.endswith(".") and " 1 cells" not in words for words in told)
    assert told[-1].startswith(f"Step {solved.steps} of {solved.steps}")


def test_a_sentence_says_the_frames_own_numbers(solved):
    told = told_frames(solved, "steps")
    blank_L = ~solved.domain.given(solved.question_board).reshape(-1)
    changed = int(solved.changed("steps")[2, blank_L].sum())
    broken = int(broken_counts(solved, "steps")[2])
    assert f"{changed} cells changed, {broken} rules broken" in told[2]
    assert "broken" not in told[-1]  # it is solved


def test_a_solved_puzzle_needs_no_diagnosis(solved):
    assert diagnosis(solved) is None


@pytest.mark.parametrize(
    ("counts", "shifts", "sure", "kind"),
    [
        ([20] * 8, [1] * 8, 0.97, SURE),
        ([20] * 8, [1] * 8, 0.5, UNSURE),
        ([20] * 8, list(range(1, 9)), 0.5, WANDERING),
        ([50, 45, 40, 38, 34, 30, 20, 12], [1] * 8, 0.5, LATE),
        ([20, 20, 2, 2, 2, 2, 2, 2], [2, 2, *[1] * 6], 0.9, NEAR),
    ],
)
def test_each_kind_of_failure_is_told_from_the_others(solved, counts, shifts, sure, kind):
    assert solved.steps == 8
    told = diagnosis(failed(solved, wrong_in(solved, counts, shifts), sure))
    assert told.kind == kind
    assert 1 <= told.step <= solved.steps
    if kind == NEAR:
        assert len(told.cells) == 2
        assert told.step == 3  # where those two were written
    if kind in (SURE, UNSURE):
        assert told.step == 1


def test_nothing_marked_is_blank():
    trace = Trace.load(TRACES / "maze-13x13.npz")
    answers_SL = np.repeat(trace.question_L[None], trace.steps, axis=0)
    assert diagnosis(failed(trace, answers_SL)).kind == BLANK
