"""Figures say what the trace says, at every frame, in little space."""

import base64
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pages.models.field import field_places
from tests.conftest import small_model
from tests.toy.added import NAMES
from tests.toy.latin import Latin
from trm_core.domains import Drawing, PuzzleError, Sign, SolutionRules, Symbol, domain
from trm_core.domains.maze.domain import GOAL, PATH, START, WALL
from trm_core.figures.accuracy import accuracy_figure, work_figure
from trm_core.figures.board import (
    ASKED_FOR,
    GIVENS,
    LAYERS,
    BoardFrame,
    board_frames,
    board_traces,
    broken_cells,
    history_sentences,
    path_lines,
    path_segments,
)
from trm_core.figures.curves import Flag, flags
from trm_core.figures.field import AXES, field_figure
from trm_core.figures.live import live_board
from trm_core.figures.solve import MOST_FRAMES, board_figure, curves_figure, solve_figure
from trm_core.figures.theme import theme
from trm_core.figures.training import loss_axis
from trm_core.measuring.benchmark import PUBLISHED, large_maze_trace
from trm_core.measuring.throughput import step_work
from trm_core.record import published
from trm_core.record.telling import told_frames
from trm_core.record.trace import CLOCKS, Trace
from trm_core.record.verdict import verdict
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights import card, checkpoint

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def trace():
    """Random weights: plenty of wrong, broken and changing cells."""
    sudoku = domain("sudoku-4x4")
    puzzle = sudoku.maker.generate(np.random.default_rng(0), "minimal")
    solver = Solver(small_model().for_inference(), sudoku)
    return solver.solve(puzzle.question_RC, Settings(steps=5), puzzle.solution_RC).trace


def numbers(value):
    """A plotly array, plain or base64."""
    if isinstance(value, dict):
        return np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
    return np.array(value, dtype=float)


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("dark", [False, True])
def test_every_frame_shows_the_answer_of_its_tick(trace, clock, dark):
    figure = solve_figure(trace, clock, dark=dark)
    boards = trace.domain.board(trace.answers(clock))
    given_L = trace.domain.given(trace.question_board).reshape(-1)
    assert len(figure.frames) == len(boards)
    assert len(figure.layout.sliders[0].steps) == len(boards)
    for frame, board_RC in zip(figure.frames, boards, strict=True):
        whole = next(f for f in figure.frames if f.name == (frame.baseframe or frame.name))
        guesses = whole.data[list(whole.traces).index(LAYERS["answer"])].text
        for text, value, given in zip(guesses, board_RC.flat, given_L, strict=True):
            assert text.strip() == ("" if given or not value else str(value))


def test_marks_agree_with_rules_and_solution(trace):
    for frame, answer_L in zip(board_frames(trace, "cycles"), trace.answers("cycles"), strict=True):
        given_RC = trace.domain.given(trace.question_board)
        board_RC = np.where(given_RC, trace.question_board, trace.domain.board(answer_L))
        assert np.array_equal(frame.broken_RC, broken_cells(trace.domain, board_RC))
        if (answer_L != trace.question_L).any():
            wrong = answer_L.reshape(4, 4) != trace.solution_L.reshape(4, 4)
            assert np.array_equal(frame.wrong_RC, wrong & ~given_RC)


def test_frames_draw_as_many_rings_as_cells_changed(trace):
    figure = solve_figure(trace, "steps")
    given_L = trace.domain.given(trace.question_board).reshape(-1)
    changed_F = (trace.changed("steps") & ~given_L).sum(1)
    for frame, changed in zip(figure.frames, changed_F, strict=True):
        assert len(frame.data[LAYERS["changed"]].x) == 6 * changed  # five corners and a gap each


def test_a_cells_history_in_words(trace):
    text = history_sentences(trace)
    given_RC = trace.domain.given(trace.question_board)
    for r, c in np.ndindex(4, 4):
        assert text[r, c].startswith(f"row {r + 1}, column {c + 1}: ")
        assert ("given" in text[r, c]) == given_RC[r, c]
        if not given_RC[r, c]:
            first = trace.domain.board(trace.answer_CL)[0, r, c]
            assert f"{first or 'empty'} first" in text[r, c]


def test_a_long_solve_shows_evenly_spaced_frames(sudoku4):
    solver = Solver(small_model().for_inference(), sudoku4)
    question = sudoku4.parse("1.....2..3.....4")
    trace = solver.solve(question, Settings(steps=60, stop="steps")).trace
    figure = solve_figure(trace, "calls")
    assert len(figure.frames) == MOST_FRAMES
    assert figure.frames[0].name == "question"
    assert figure.frames[-1].name == "step 60 of 60, call 8 of 8"


def drawn(chosen, board_RC, dark=False):
    """The layers of a board before any solve."""
    zero_RC, none_RC = np.zeros(board_RC.shape), np.zeros(board_RC.shape, bool)
    broken_RC, words_RC = broken_cells(chosen, board_RC), np.full(board_RC.shape, "")
    frame = BoardFrame(board_RC, zero_RC, zero_RC, none_RC, none_RC, broken_RC, none_RC)
    given_RC = chosen.given(board_RC)
    return board_traces(chosen.drawing, frame, given_RC, theme(dark), 20, words_RC)


@pytest.mark.parametrize("name", NAMES)
def test_questions_are_drawn_with_their_clashes(name, rng):
    chosen = domain(name)
    board_RC = chosen.maker.generate(rng, chosen.maker.difficulties[0]).question_RC
    broken = LAYERS["broken"]
    assert len(drawn(chosen, board_RC)[broken]["x"]) == 0
    if chosen.drawing.cells == "path":  # two starts
        board_RC.flat[np.flatnonzero(board_RC == 0)[0]] = START
    else:
        row = int(np.argmax((board_RC > 0).sum(1)))
        cells = np.flatnonzero(board_RC[row])[:2]
        board_RC[row, cells[0]] = board_RC[row, cells[1]]
    assert len(drawn(chosen, board_RC)[broken]["x"]) >= 12


def test_verdicts_are_sentences(trace, sudoku4):
    told = verdict(trace)
    assert not told.solved
    wrong = int((trace.answer_CL[-1] != trace.solution_L).sum())
    assert f"{wrong} cells wrong (row " in told.headline
    assert "5 steps" in told.headline
    model, card = checkpoint.load(checkpoint.find("sudoku-4x4"))
    solver = Solver(model, sudoku4, checkpoint=card.name)
    puzzle = sudoku4.maker.generate(np.random.default_rng(0), "easy")
    told = verdict(solver.solve(puzzle.question_RC, Settings(stop="rules")).trace)
    assert told.solved
    assert told.headline.startswith("Solved in 1 step and 0.0")
    assert "on CPU" in told.headline


def test_a_complete_grid_can_be_drawn(sudoku4):
    solver = Solver(small_model().for_inference(), sudoku4)
    full_RC = sudoku4.parse("1243342143122134")
    trace = solver.solve(full_RC, Settings(steps=2, stop="steps"), full_RC).trace
    words = " ".join(a.text for a in solve_figure(trace, "steps").layout.annotations)
    assert "nan" not in words


def test_the_numbers_beside_the_curves_are_those_of_the_frame(trace):
    figure = curves_figure(trace, "cycles")
    blank_L = ~trace.domain.given(trace.question_board).reshape(-1)
    right_F = trace.right("cycles")[:, blank_L].sum(1)
    changed_F = trace.changed("cycles")[:, blank_L].sum(1)
    # The first answer changes nothing, for there was none.
    told_F = ["" if at < 2 else f"{changed}" for at, changed in enumerate(changed_F)]
    for frame, right, changed in zip(figure.frames, right_F, told_F, strict=True):
        said = [part.text[1] for part in frame.data if part.text]
        assert f"<b>{right} of " in said[0]
        assert said[1].strip() == f"<b>{changed}</b>"
        # The cursor stands at the frame's moment, and every dot with it.
        moment = figure.layout.meta["moments"][figure.frames.index(frame)]
        assert {round(float(part.x[0]), 4) for part in frame.data} == {moment}


def test_two_solves_share_a_chart_and_what_was_done_by_hand_is_flagged():
    lesson = ROOT / "assets" / "lesson"
    solved, failed = (Trace.load(lesson / f"{name}.npz") for name in ("settles", "features"))
    others = {"solved": solved, "not solved": failed}
    figure = curves_figure(solved, "steps", only=("scratchpad moves",), others=others)
    lines = [line for line in figure.data if line.mode == "lines"][:2]
    # Above stands the number of the curve that ends higher.
    ends = [float(line.y[-1]) for line in lines]
    assert ends == sorted(ends, reverse=True)
    heights = [part.y[1] for part in figure.frames[-1].data if part.text]
    assert heights == sorted(heights, reverse=True) and len(heights) == 2
    assert np.isclose(ends[1], solved.latent_residuals("steps")[-1], atol=1e-3)
    only = curves_figure(solved, "steps", only=("cells right",))
    assert len([line for line in only.data if line.mode == "lines"]) == 2  # and the cursor
    wounded = flags(Trace.load(lesson / "wound.npz"))
    assert [flag.step for flag in wounded if flag.words == "changed by hand"] == [8.0]


def test_flags_say_where_a_solve_may_end():
    path = ROOT / "assets" / "traces" / "home.npz"
    solved = Trace.load(path)
    found = flags(solved)
    assert [flag.words for flag in found] == ["says it is done", "rules obeyed"]
    done_S = solved.halting("steps")[1:] > 0.5
    assert found[0].step == int(np.argmax(done_S)) + 1
    assert found[1].step == solved.steps
    words = [note.text for note in curves_figure(solved, "steps").layout.annotations]
    assert sum("rules obeyed" in text for text in words) == 1


def test_a_solve_out_of_steps_has_a_flag_at_its_end(trace):
    assert flags(trace)[-1] == Flag(trace.steps, "out of steps")


def test_a_pair_shares_the_axis_and_marks_where_it_differs(trace, sudoku4):
    solver = Solver(small_model(1).for_inference(), sudoku4)
    longer = solver.solve(trace.question_board, Settings(steps=9, stop="steps")).trace
    for one, other in ((trace, longer), (longer, trace)):
        assert curves_figure(one, "steps", last=9).layout.xaxis2.range[1] == 9
        for i, frame in enumerate(board_frames(one, "steps", other)):
            beside = other.answers("steps")[min(i, other.steps)]
            differs_L = one.answers("steps")[i] != beside
            assert np.array_equal(frame.differs_RC.reshape(-1), differs_L)


def test_marks_that_are_asked_for_are_away_at_first(trace):
    figure = board_figure(trace, "steps")
    hidden = {name for name, layer in LAYERS.items() if figure.data[layer].visible is False}
    assert hidden == set(ASKED_FOR)
    assert all(part.visible is None for part in solve_figure(trace, "steps").data)


def test_hover_texts_wrap(trace):
    texts = np.asarray(board_figure(trace, "cycles").data[LAYERS["ground"]].text).reshape(-1)
    assert any("<br>" in text for text in texts)
    assert max(len(line) for text in texts for line in text.split("<br>")) <= 40


def test_a_given_that_was_written_over_is_told_and_not_crossed(sudoku4):
    """No solution: the model may bend a given; the board keeps it, and it is right: no cross."""
    solver = Solver(small_model().for_inference(), sudoku4)
    question_RC = sudoku4.parse("123........4....")
    trace = solver.solve(question_RC, Settings(steps=2, stop="steps")).trace
    last = board_frames(trace, "steps")[-1]
    over_RC = sudoku4.given(question_RC) & (trace.final_board != question_RC)
    assert over_RC.any()
    assert not last.wrong_RC[question_RC > 0].any()
    told_RC = np.vectorize(lambda words: "the model wrote" in words)(history_sentences(trace))
    assert np.array_equal(told_RC, over_RC)
    assert np.array_equal(last.board_RC[question_RC > 0], question_RC[question_RC > 0])


def test_accuracy_is_drawn_with_its_interval():
    curves = {
        "depth": {
            "points": [
                {"at": 1, "solved": 0.1, "exact": 0.1, "low": 0.05, "high": 0.2},
                {"at": 16, "solved": 0.5, "exact": 0.5, "low": 0.4, "high": 0.6},
            ]
        },
        "votes": {"points": [{"at": 1, "solved": 0.5, "exact": 0.3, "low": 0.4, "high": 0.6}]},
    }
    band, line = accuracy_figure(curves, "depth").data
    assert list(line.y) == [10, 50]
    assert list(line.x) == [1, 16]
    assert list(band.y) == [20, 60, 40, 5]
    _, exact, solved = accuracy_figure(curves, "votes").data
    assert (list(exact.y), list(solved.y)) == ([30], [50])


def test_work_is_drawn_for_each_way_of_spending_it():
    point = {"at": 4, "solved": 0.5, "exact": 0.5, "low": 0.4, "high": 0.6, "spent": 3.0}
    later = point | {"at": 8, "solved": 0.6, "spent": 5.0}
    own = {"checkpoint": "a", "depth": {"points": [point, later]}}
    other = {"checkpoint": "b", "depth": {"points": [point]}, "votes": {"points": [later]}}
    figure = work_figure([own, other])
    assert [list(trace.x) for trace in figure.data] == [[3, 5], [3], [5]]
    assert [list(trace.y) for trace in figure.data] == [[50, 60], [50], [60]]
    labels = [label.text for label in figure.layout.annotations]
    assert labels == ["a, thinking longer", "b, thinking longer", "b, asked several ways"]
    assert list(figure.layout.xaxis.ticktext) == ["1", "2", "4", "8"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "assets" / "curves").glob("*.json")), ids=lambda path: path.stem
)
def test_kept_curves_belong_to_a_bundled_checkpoint(path):
    curves = json.loads(path.read_text())
    assert curves["checkpoint"] == path.stem
    assert path.stem in card.bundled()
    if "calls" in curves:  # what a step costs, where there is another model to compare with
        config = card.read_card(card.bundled()[path.stem]).model
        assert curves["calls"] == config.calls_per_step
        assert curves["mflop"] == pytest.approx(step_work(config, learning=False) / 1e6, abs=0.1)
    for kind in {"depth", "votes"} & set(curves):
        points = curves[kind]["points"]
        costs = [point["spent"] for point in points if "calls" in curves]
        assert costs == sorted(costs)
        assert min(costs, default=1) >= 1
        shares = [point["solved"] for point in points]
        assert shares == sorted(shares)
        assert all(p["low"] - 1e-9 <= p["solved"] <= p["high"] + 1e-9 for p in points)
        assert all(p["exact"] <= p["solved"] for p in points)


def test_all_calls_of_a_large_maze_stay_light():
    trace = large_maze_trace()
    content = solve_figure(trace, "calls").to_json()
    assert len(json.loads(content)["frames"]) == len(trace.residual_K) + 1
    assert len(content) <= 2_000_000


@pytest.mark.parametrize("dark", [False, True])
def test_start_and_goal_stand_out_in_the_colour_of_the_path(dark, rng):
    chosen = domain("maze-9x9")
    board_RC = chosen.maker.generate(rng, "walls").question_RC
    layers = drawn(chosen, board_RC, dark)
    heat, givens = layers[LAYERS["ground"]], layers[GIVENS]
    colours, z_RC = theme(dark), heat["z"]
    assert set(zip(givens["text"], givens["textfont"]["color"], strict=True)) == {
        ("<b>S</b>", colours.ground),
        ("<b>G</b>", colours.ground),
    }
    ends_RC = np.isin(board_RC, [START, GOAL])
    for cells_RC, colour in ((ends_RC, colours.guess), (board_RC == WALL, colours.solid)):
        (value,) = set(z_RC[cells_RC].tolist())
        below = [shade for at, shade in heat["colorscale"] if at <= value / 255][-1]
        above = [shade for at, shade in heat["colorscale"][::-1] if at >= value / 255][-1]
        assert below == above == colour


def test_the_path_is_a_line_through_its_cells_that_stops_beside_the_letters():
    chosen = domain("maze-5x5")
    question_RC = chosen.parse("S...G/#####/...../...../.....")
    answer_RC = question_RC.copy()
    answer_RC[0, 1:3] = PATH
    answer_RC[4, 4] = PATH
    segments = path_segments(chosen.drawing, answer_RC, chosen.given(question_RC))
    assert ((0, 0.36), (0, 1.0)) in segments
    assert ((0, 1.0), (0, 2.0)) in segments
    assert ((4, 4), (4, 4)) in segments  # alone: a dot
    assert len(segments) == 3
    # Joined to as few lines as it takes: one of three points made two, and a dash.
    line, dash = path_lines(chosen.drawing, answer_RC, chosen.given(question_RC))
    assert line.tolist() in ([[0, 0.36], [0, 2]], [[0, 2], [0, 0.36]])
    assert np.allclose(dash, [(4, 3.88), (4, 4.12)])


COLOURS = ["#000000", "#0074D9", "#FF4136"]


@pytest.fixture
def coloured():
    """A puzzle of coloured cells, judged by its solution as in ARC: no such puzzle is bundled yet."""
    board = Latin(3)
    board.drawing = Drawing(
        symbols=tuple(
            Symbol(i, str(i), name, (str(i),), colour=COLOURS[i])
            for i, name in enumerate(("black", "blue", "red"))
        ),
        cells="colour",
        box_rows=3,
        box_cols=3,
        legend=(Sign("given", "", "given"),),
    )
    board.rules = SolutionRules()
    return board


def test_coloured_cells_are_drawn_in_their_colours(coloured):
    board_RC = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1]], np.uint8)
    layers = drawn(coloured, board_RC)
    heat, guesses = layers[LAYERS["ground"]], layers[LAYERS["answer"]]
    scale = heat["colorscale"]
    for value, z in zip(board_RC.flat, heat["z"].flat, strict=True):
        below = [colour for at, colour in scale if at <= z / 255][-1]
        above = [colour for at, colour in scale[::-1] if at >= z / 255][-1]
        assert below == above == COLOURS[value]
    assert set(guesses["text"]) == {""}
    svg = live_board(coloured, board_RC, board_RC, np.zeros_like(board_RC, bool))
    assert all(colour in svg for colour in COLOURS)
    assert "</text>" not in svg


def test_without_rules_the_solution_judges(coloured):
    board_RC = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1]], np.uint8)
    other_RC = board_RC.copy()
    other_RC[0, 0] = 1
    rules = coloured.rules
    assert not rules.judge(board_RC, board_RC).solved
    assert rules.judge(board_RC, board_RC, board_RC).solved
    assert rules.judge(board_RC, other_RC, board_RC).words == "1 cell unlike the solution"
    with pytest.raises(PuzzleError, match="nothing but its examples"):
        rules.solutions(board_RC)


def test_a_figure_says_what_its_parts_are(trace):
    """What the player reads: layers, board, moments, sentences; all of it is there."""
    for clock in ("steps", "cycles", "calls"):
        board, curves = board_figure(trace, clock), curves_figure(trace, clock)
        meta = board.layout.meta
        assert (meta["rows"], meta["cols"]) == (4, 4)
        assert board.data[meta["layers"]["ground"]].type == "heatmap"
        assert len(meta["moments"]) == len(board.frames) == len(meta["told"]) == len(curves.frames)
        assert meta["moments"] == sorted(meta["moments"]) == curves.layout.meta["moments"]
        assert (meta["moments"][0], meta["moments"][-1]) == (0, trace.steps)
        assert meta["told"] == told_frames(trace, clock)
        assert curves.layout[curves.layout.meta["seek"]].range == (0, trace.steps)
        for layer, name, share in meta["scaled"]:
            style, attribute = name.split(".")
            assert board.data[layer][style][attribute] is not None
            assert 0 < share < 1


@pytest.mark.parametrize(
    "losses", [[], [0.3], [0.21, 0.45], [0.55, 0.95], [1e-4, 3.0], [None, math.nan, 2.0]]
)
def test_the_axis_of_a_loss_has_names_whatever_it_is(losses):
    axis = loss_axis(theme(False), losses)
    assert 2 <= len(axis["tickvals"]) == len(axis["ticktext"]) <= 8
    real = [loss for loss in losses if loss and math.isfinite(loss)]
    assert all(
        axis["tickvals"][0] <= loss * 10 and loss <= axis["tickvals"][-1] * 10 for loss in real
    )


def test_the_map_of_the_field_cites_everybody_and_counts_the_published_form_as_we_count():
    places = field_places([json.loads((ROOT / "assets/curves/sudoku-marks.json").read_text())])
    cited = [place for place in places if place.interval is None]
    assert {place.model for place in cited} >= {published.TRM_MLP, published.HRM, published.RSM}
    assert all("arXiv" in place.source for place in cited)
    for model, changes in (
        (published.TRM_MLP, {}),
        (published.TRM_ATTENTION, dict(mixer="attention", positions="rotary_1d")),
    ):
        counted = 16 * step_work(replace(PUBLISHED, **changes), learning=False)
        assert published.figure(model, published.SUDOKU).operations == pytest.approx(counted, 0.01)
    for axis in AXES:
        figure = field_figure(places, axis)
        drawn = {trace.text[-1].strip(): trace for trace in figure.data}
        assert drawn["sudoku-marks"].marker.symbol == "circle"
        assert drawn[published.TRM_MLP].marker.symbol == "circle-open"
        assert drawn[published.TRM_MLP].y[0] == pytest.approx(87.4)
    assert len(drawn["sudoku-marks"].x) > 3 and published.HRM not in drawn  # nobody says its work
