"""Pencil marks on the board: what the trace of a model that writes them says, and nothing else."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trm_core.domains import domain
from trm_core.figures import export
from trm_core.figures.board import DOUBT, LAYERS, board_frames
from trm_core.figures.curves import flags
from trm_core.figures.solve import board_figure, curves_figure
from trm_core.readers.puzzle_file import read_puzzles
from trm_core.record.telling import told_frames
from trm_core.record.trace import Trace
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights import checkpoint

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PUZZLES = ASSETS / "puzzles" / "sudoku-9x9-extreme.csv"


@pytest.fixture(scope="module")
def trace():
    """A hard puzzle, on which the bundled model guesses and takes back."""
    nine = domain("sudoku-9x9")
    model, card = checkpoint.load(checkpoint.find("sudoku-marks"))
    solver = Solver(model, nine, checkpoint=card.name)
    for puzzle in read_puzzles(nine, PUZZLES)[:20]:
        found = solver.solve(puzzle.question_RC, Settings(steps=40), puzzle.solution_RC)
        if found.trace.takes_back:
            return found.trace
    raise AssertionError("no puzzle on which it takes back")


def test_the_marks_are_those_that_the_step_left(trace):
    blank_RC = ~trace.domain.given(trace.question_board)
    left_SNRC = trace.candidates_SNL.reshape(trace.steps, 9, 9, 9)
    for step, frame in enumerate(board_frames(trace, "steps")[1:]):
        several_RC = left_SNRC[step].sum(0) > 1
        if step == trace.steps - 1 and trace.solved:  # the likeliest marks are the answer
            several_RC = np.zeros_like(several_RC)
        assert np.array_equal(frame.marks.open_NRC, left_SNRC[step] & several_RC & blank_RC)
        # A cell shows a digit once a single candidate is left, or none; until then its marks.
        shown_RC = trace.domain.drawing.filled(frame.board_RC)
        assert not (shown_RC & several_RC & blank_RC).any()
        assert shown_RC[~blank_RC].all()
        assert not (frame.marks.struck_NRC & frame.marks.open_NRC).any()
        assert frame.marks.dead == trace.dead_S[step]


def test_the_sentence_follows_the_board_that_is_shown(trace):
    """Where the likeliest marks of open cells are the answer, the board shows digits, and no cell is called open."""
    left_SNL = trace.candidates_SNL.copy()
    left_SNL[-1][:, ~trace.domain.given(trace.question_board).reshape(-1)] = True
    edited = replace(trace, candidates_SNL=left_SNL)
    told, cells = told_frames(edited, "steps"), int((left_SNL[-1].sum(0) > 1).sum())
    assert told[-1].endswith(f"{cells} cells filled with the likeliest mark: all rules are obeyed.")
    assert not board_frames(edited, "steps")[-1].marks.open_NRC.any()
    assert any("still open" in words for words in told[:-1])


def test_marks_stand_in_their_places(trace):
    figure = board_figure(trace, "steps")
    layer = LAYERS["marks"]
    frame, marks = figure.frames[1], board_frames(trace, "steps")[1].marks
    texts = frame.data[list(frame.traces).index(layer)].text
    for (r, c), text in zip(np.ndindex(9, 9), texts, strict=True):
        if not marks.open_NRC[:, r, c].any():
            assert text.strip() == ""
            continue
        rows = text.split("<br>")
        assert len(rows) == 3
        for n in np.flatnonzero(marks.open_NRC[:, r, c]):
            assert str(n + 1) in rows[n // 3]


def test_a_contradiction_is_outlined_and_flagged(trace):
    layer = LAYERS["dead"]
    for step, frame in enumerate(board_figure(trace, "steps").frames[1:]):
        drawn = frame.data[list(frame.traces).index(layer)].x
        assert bool(len(drawn)) == bool(trace.dead_S[step])
    assert sum(flag.words == "" for flag in flags(trace)) == int(trace.dead_S.sum())
    assert trace.dead_S.sum() > 0


def test_curves_count_marks_guesses_and_contradictions(trace):
    figure = curves_figure(trace, "steps")
    frames = board_frames(trace, "steps")
    for figure_frame, frame in zip(figure.frames, frames, strict=True):
        said = [part.text[1].strip() for part in figure_frame.data if part.text]
        decided = int((trace.domain.drawing.filled(frame.board_RC)).sum()) - int(
            trace.domain.given(trace.question_board).sum()
        )
        assert said[0].startswith(f"<b>{decided} of ")
        assert said[2] == f"<b>{frame.marks.open_NRC.sum()}</b>"
        assert said[3] == f"<b>{frame.marks.pinned_RC.sum()}</b>"


def test_calls_show_the_marks_of_the_step_before(trace):
    frames = board_frames(trace, "calls")
    per_step = (len(frames) - 1) // trace.steps
    for i in (1, per_step - 1, per_step + 1):
        before = frames[i // per_step * per_step].marks
        assert np.array_equal(frames[i].marks.open_NRC, before.open_NRC)
        if i % per_step:
            assert not frames[i].marks.struck_NRC.any() and not frames[i].marks.pinned_RC.any()


def test_pictures_show_marks_and_contradictions(trace):
    """A picture of a contradiction has the red frame, one of another step has none."""
    red = (0xD5, 0x5E, 0x00)
    for step in (int(np.argmax(trace.dead_S)), 0):
        content = export.as_png(trace, "steps", step + 1)
        picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        middle = picture.shape[1] // 2
        framed = (picture[:40, middle] == red).all(-1).any()
        assert framed == trace.dead_S[step]
    before, after = (export.as_png(trace, "steps", frame) for frame in (0, 1))
    assert before != after


def test_the_published_form_can_show_what_it_has_not_ruled_out():
    """Digits over 2 % at the end of a step, in cells that have several; the rest as ever."""
    trace = Trace.load(ASSETS / "traces" / "home.npz")
    plain, doubts = board_frames(trace, "steps"), board_frames(trace, "steps", doubts=True)
    assert all(frame.marks is None for frame in plain)
    blank_RC = ~trace.domain.given(trace.question_board)
    several = 0
    for step in range(trace.steps - trace.solved):
        likely_NL = trace.distribution_SLV[step].T[2:] > DOUBT
        likely_NRC = likely_NL.reshape(-1, *blank_RC.shape) & blank_RC
        several_RC = likely_NRC.sum(0) > 1
        frame = doubts[step + 1]
        assert np.array_equal(frame.marks.open_NRC, likely_NRC & several_RC)
        assert (frame.board_RC[several_RC] == 0).all()
        assert np.array_equal(frame.board_RC[~several_RC], plain[step + 1].board_RC[~several_RC])
        assert not frame.marks.dead
        assert not (frame.changed_RC & several_RC).any()
        several += several_RC.sum()
    assert several > 10
