"""What is kept of a solve opens again, and says what the trace says."""

import html
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trm_core.figures import export
from trm_core.figures.lens import lens_figure
from trm_core.figures.live import live_board
from trm_core.figures.solve import frame_names, shown_frames
from trm_core.record.trace import CLOCKS, Trace

TRACES = sorted((Path(__file__).resolve().parents[2] / "assets" / "traces").glob("*.npz"))


@pytest.fixture(params=[*TRACES, Path("latin-3x3.npz")], ids=lambda path: path.stem)
def trace(request):
    path = request.param
    if path.stem.startswith("latin"):
        path = request.getfixturevalue("toy_root") / "assets" / "traces" / path
    return Trace.load(path)


def test_an_npz_is_the_trace(trace):
    again = Trace.load(export.as_npz(trace))
    assert np.array_equal(again.answer_CL, trace.answer_CL)
    assert again.checkpoint == trace.checkpoint


def test_json_holds_every_answer(trace):
    told = json.loads(export.as_json(trace))
    domain = trace.domain
    assert told["question"] == domain.format(trace.question_board)
    assert told["answers"][-1] == domain.format(trace.final_board)
    assert len(told["answers"]) == trace.steps * trace.cycles == len(told["halting_probability"])
    assert told["solved"] is trace.solved


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_gif_has_the_frames_of_the_animation(trace, clock):
    content = export.as_gif(trace, clock)
    picture = Image.open(io.BytesIO(content))
    shown = len(shown_frames(len(frame_names(trace, clock))))
    # Frames that look alike may be kept as one that stands longer.
    assert 2 <= picture.n_frames <= shown
    total = 0
    for i in range(picture.n_frames):
        picture.seek(i)
        total += picture.info["duration"]
    assert total == export.FRAME_MILLISECONDS * (shown - 1) + export.LAST_MILLISECONDS


def test_a_picture_of_a_frame_shows_marks_and_follows_the_theme(trace):
    light, dark = (
        Image.open(io.BytesIO(export.as_png(trace, "cycles", 1, dark=d))).convert("RGB")
        for d in (False, True)
    )
    assert np.asarray(light).mean() > 150 > 90 > np.asarray(dark).mean()
    first = Image.open(io.BytesIO(export.as_png(trace, "cycles", 0)))
    assert np.asarray(first.convert("RGB")).shape == np.asarray(light).shape
    assert not np.array_equal(np.asarray(first.convert("RGB")), np.asarray(light))


def test_a_page_needs_no_network(trace):
    page = export.as_html(trace)
    assert "Plotly" in page
    assert "<script src" not in page
    assert trace.checkpoint in page


def test_a_notebook_shows_a_trace_as_that_page(trace):
    frame = trace._repr_html_()
    [page] = re.findall('srcdoc="([^"]*)"', frame)
    told, expected = (
        re.sub("[0-9a-f-]{36}", "", each) for each in (html.unescape(page), export.as_html(trace))
    )
    assert told == expected  # but for the name that plotly draws at random


def test_the_lens_shows_the_distribution_of_its_cell(trace):
    domain = trace.domain
    row, col = np.argwhere(~domain.given(trace.question_board))[0]
    heat = lens_figure(trace, row, col).data[0]
    symbols = domain.drawing.answer_symbols
    assert heat.z.shape == (len(symbols), trace.steps)
    last = symbols[int(heat.z[:, -1].argmax())]
    assert last.value == trace.final_board[row, col]
    marked = [
        symbol for symbol, label in zip(symbols, heat.y, strict=True) if label.endswith("✓</b>")
    ]
    if trace.solution_L is None:  # several answers are right: none is marked
        assert not marked
    else:
        assert [symbol.value for symbol in marked] == [domain.board(trace.solution_L)[row, col]]
    assert np.abs(heat.z.astype(int).sum(0) - 100).max() <= domain.rows


def test_the_live_board_shows_givens_guesses_and_changes(trace):
    domain, question_RC = trace.domain, trace.question_board
    changed_RC = np.zeros(question_RC.shape, bool)
    blank = tuple(np.argwhere(~domain.given(question_RC))[0])
    changed_RC[blank] = True
    svg = live_board(domain, question_RC, trace.final_board, changed_RC)
    solid = [symbol.value for symbol in domain.drawing.symbols if symbol.solid]
    filled = int(np.isin(question_RC, solid).sum())
    assert svg.count('font-weight="700"') == domain.given(question_RC).sum() - filled
    if domain.drawing.cells == "path":
        assert svg.count("</text>") == 2  # start and goal
        assert svg.count("stroke-linecap") == 1  # the path
    else:
        assert svg.count("</text>") == domain.cells
    assert svg.count('stroke-width="3"') == 1
