"""Every page, run without a browser: no exception, the right words, the real model behind it."""

import json
import re
import shutil
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.puzzle.show import ACTS
from tests.pictures import FONTS, LOOKS, drawn, encoded
from trm_core.domains import domain
from trm_core.readers.puzzle_file import read_puzzles
from trm_core.record.trace import Trace
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights import card, checkpoint

ROOT = Path(__file__).resolve().parents[2]
# The lesson asks first and plays then, the inspector opens with a set: `test_learn`, `test_inspect`.
PAGES = sorted({path.stem for path in (ROOT / "pages").glob("*.py")} - {"learn", "inspect"})
FOUR = "1.....2..3.....4"


def opened(page: str, root: Path = ROOT) -> AppTest:
    """A page as a deep link opens it: it runs without the entry point before it."""
    app = AppTest.from_file(root / "streamlit_app.py", default_timeout=60)
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def figures(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def button(app: AppTest, label: str):
    return next(b for b in app.button if b.label == label)


def words(app: AppTest) -> str:
    """All that the page says."""
    told = [*app.success, *app.warning, *app.error, *app.info, *app.caption, *app.markdown]
    return " ".join([*(e.value for e in told), re.sub("<[^>]+>", " ", unescape(written(app)))])


def written(app: AppTest) -> str:
    """The page's own HTML: the sentence beside the board, the verdict, the legend."""
    return " ".join(e.proto.body for e in app.get("html"))


def open_tab(app: AppTest, page: str, tab: str) -> None:
    """Open one of the tabs under the stage."""
    app.session_state[f"{page}_tab"] = tab
    app.run()
    assert not app.exception


@pytest.mark.parametrize("name", [*PAGES, "latin"])
def test_every_page_opens_with_a_solve_that_can_play(name, request):
    app = opened(name, request.getfixturevalue("toy_app") if name == "latin" else ROOT)
    assert "<h1" in written(app)
    board, curves = [figure for figure in figures(app) if figure.get("frames")][:2]
    assert len(board["frames"]) > 2
    assert board["layout"]["meta"]["moments"] == curves["layout"]["meta"]["moments"]
    assert name == "home" or "recording of a real run" in words(app)


def test_the_entry_point_opens_home():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60).run()
    assert not app.exception
    assert "<h1 class='trm-hidden'>Watch a tiny model think</h1>" in written(app)


@pytest.mark.parametrize(
    ("name", "model"),
    [("sudoku-4x4",) * 2, ("sudoku-6x6",) * 2, ("sudoku-9x9",) * 2],
)
def test_a_new_puzzle_is_solved_by_the_bundled_model(name, model):
    app = opened("sudoku")
    app.button_group(key="sudoku_size").set_value(name).run()
    app.selectbox(key="sudoku_difficulty").set_value("easy").run()
    button(app, "New puzzle").click().run()
    assert "exactly one solution" in words(app)
    question = app.session_state["sudoku_text"]
    assert not figures(app)  # the painter stands on the stage
    button(app, "Solve").click().run()
    assert not app.exception
    assert "Solved in" in words(app)
    run = app.session_state["sudoku_run"]
    chosen = domain(name)
    assert chosen.format(run.trace.question_board) == question
    assert chosen.rules.is_solved(chosen.parse(question), run.trace.final_board)
    assert run.trace.checkpoint == model


def four_by_four(text: str) -> AppTest:
    app = opened("sudoku")
    app.button_group(key="sudoku_size").set_value("sudoku-4x4").run()
    app.text_area(key="sudoku_typed").set_value(text).run()
    assert not app.exception
    return app


def test_problems_are_named_beside_the_input_and_nothing_is_lost():
    for text, message, solvable in (
        ("1.....2..3.....", "has 16 cells, got 15; write 0 or . for an empty cell", False),
        ("1.....2..3.....z", "got 'z' at row 4, column 4", False),
        ("11..............", "The givens clash: two 1s in row 1; two 1s in box 1", False),
        ("123........4....", "has no solution", True),
        ("................", "has several solutions", True),
        (FOUR, "4 givens, exactly one solution", True),
    ):
        app = four_by_four(text)
        assert message in words(app)
        assert button(app, "Solve").disabled is not solvable
        assert app.session_state["sudoku_text"] == text
        assert ("trm-says bad" in written(app).replace("  ", " ")) is not solvable
    assert not figures(app)


def test_extreme_puzzles_come_from_the_bundled_set():
    nine = domain("sudoku-9x9")
    kept = read_puzzles(nine, ROOT / "assets" / "puzzles" / "sudoku-9x9-extreme.csv")
    assert len(kept) == 500
    ratings = [puzzle.rating for puzzle in kept]
    assert (min(ratings), max(ratings)) == (10, 60)
    assert len({nine.format(puzzle.question_RC) for puzzle in kept}) == 500
    for puzzle in kept[::50]:
        assert nine.rules.rate(puzzle.question_RC) == puzzle.rating
        assert len(nine.rules.solutions(puzzle.question_RC)) == 1
    app = opened("sudoku")
    app.selectbox(key="sudoku_difficulty").set_value("extreme").run()
    app.number_input(key="sudoku_seed").set_value(500).run()
    assert app.session_state["sudoku_text"] == nine.format(kept[499].question_RC)
    assert f"an exact search guesses {kept[499].rating} times" in words(app)


def upload(app, name, content):
    app.file_uploader(key="sudoku_file").upload(name, content).run()
    assert not app.exception


def test_files_put_puzzles_and_solves_on_the_page():
    app = opened("sudoku")
    board_RC = domain("sudoku-6x6").maker.generate(np.random.default_rng(0), "easy").question_RC
    upload(app, "screenshot.png", encoded(drawn(board_RC, FONTS[0], LOOKS["app"], cell=70)))
    assert app.session_state["sudoku_size"] == "sudoku-6x6"
    assert app.session_state["sudoku_text"] == domain("sudoku-6x6").format(board_RC)
    assert "digits from your picture" in words(app)
    button(app, "Solve").click().run()
    assert "Solved in" in words(app)
    assert "digits from your picture" not in words(app)
    path = ROOT / "assets" / "traces" / "sudoku-4x4.npz"
    upload(app, "solve.npz", path.read_bytes())
    assert app.session_state["sudoku_run"].asked == "From your file"
    assert figures(app)[0]["frames"]
    before = app.session_state["sudoku_text"]
    upload(app, "holiday.txt", b"dear diary")
    assert "holiday.txt: a 4x4 Sudoku" in words(app)
    assert app.session_state["sudoku_text"] == before


def test_the_first_screen_of_every_size_is_a_recording():
    app = opened("sudoku")
    for name in ("sudoku-4x4", "sudoku-6x6", "sudoku-9x9"):
        app.button_group(key="sudoku_size").set_value(name).run()
        assert app.session_state["sudoku_run"].recorded
        assert figures(app)[0]["frames"]


def test_the_door_to_a_failure_leads_to_one():
    """The published form fails there, and with pencil marks it is solved, as the pages that the doors lead to ask it."""
    nine = domain("sudoku-9x9")
    source = (ROOT / "pages" / "home.py").read_text()
    seed = int(re.search(r"^FAILURE = .*\"seed\": \"(\d+)\"", source, re.MULTILINE).group(1))
    kept = read_puzzles(nine, ROOT / "assets" / "puzzles" / "sudoku-9x9-extreme.csv")
    for name, solved in (("sudoku-9x9", False), ("sudoku-marks", True)):
        model, card = checkpoint.load(checkpoint.find(name))
        settings = Settings(steps=card.usual_steps, race=card.makes_marks)
        found = Solver(model, nine).solve(kept[seed - 1].question_RC, settings)
        assert found.solved is solved
        assert (found.trace.takes_back > 0) is solved  # what Home says that it does is to be seen


def test_the_show_goes_from_easy_to_a_failure_and_its_rescue():
    traces = {path.stem: Trace.load(path) for path in (ROOT / "assets" / "show").glob("*.npz")}
    assert sorted(traces) == [act.recording for act in ACTS]
    easy, hard, maze, failure, longer, rescue = (traces[act.recording] for act in ACTS)
    assert [t.solved for t in (easy, hard, maze, failure, longer, rescue)] == [
        *(True, True, True),
        *(False, False, True),
    ]
    assert easy.steps < hard.steps < failure.steps == 16 < longer.steps == 256
    for trace in (longer, rescue):
        assert np.array_equal(trace.question_board, failure.question_board)
    assert maze.domain_name == "maze-30x30"


def test_the_rescue_is_what_the_bundled_model_finds_when_asked_8_ways():
    trace = Trace.load(ROOT / "assets" / "show" / "6-rescue.npz")
    model, card = checkpoint.load(checkpoint.find(trace.checkpoint))
    found = Solver(model, trace.domain, checkpoint=card.name).solve(
        trace.question_board, Settings(votes=8)
    )
    assert found.solved and found.ways == 8


def test_every_act_of_the_show_opens():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.query_params["demo"] = "1"
    for i, act in enumerate(ACTS):
        app.session_state["show_act"] = i
        app.run()
        assert not app.exception
        assert act.title in words(app) and act.words in words(app)
        assert len(figures(app)) == 1
    button(app, "Leave the show").click().run()
    assert not app.exception
    assert button(app, "Show it a puzzle")


@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "assets" / "traces").glob("*.npz")),
        # The way of the rescue was another one: it has a test of its own.
        *sorted((ROOT / "assets" / "show").glob("[1-4]-*.npz")),
    ],
    ids=lambda p: p.stem,
)
def test_recordings_are_what_the_bundled_model_does(path):
    """A recording is a real run: the bundled weights, run again, write the same answers (up to
    the few that hang on a processor's rounding)."""
    trace = Trace.load(path)
    model, card = checkpoint.load(checkpoint.find(trace.checkpoint))
    solver = Solver(model, trace.domain, checkpoint=card.name)
    settings = Settings(steps=trace.steps, stop="steps")
    again = solver.solve(trace.question_board, settings).trace
    assert (again.answer_CL == trace.answer_CL).mean() > 0.97
    assert again.solved == trace.solved


def test_a_puzzle_of_another_size_is_recognised():
    app = opened("sudoku")
    app.text_area(key="sudoku_typed").set_value(FOUR).run()
    assert not app.exception
    assert app.session_state["sudoku_size"] == "sudoku-4x4"
    assert app.session_state["sudoku_text"] == FOUR
    assert "4 givens, exactly one solution" in words(app)


def test_difficulty_and_seed_act_at_once():
    app = opened("sudoku")
    questions = [app.session_state["sudoku_text"]]
    for key, value in (("sudoku_seed", 5), ("sudoku_seed", 6)):
        app.number_input(key=key).set_value(value).run()
        questions.append(app.session_state["sudoku_text"])
    app.selectbox(key="sudoku_difficulty").set_value("easy").run()
    questions.append(app.session_state["sudoku_text"])
    assert len(set(questions)) == 4


def test_a_difficulty_that_a_size_lacks_is_left_behind():
    app = opened("sudoku")
    app.selectbox(key="sudoku_difficulty").set_value("extreme").run()
    app.button_group(key="sudoku_size").set_value("sudoku-4x4").run()
    assert not app.exception
    button(app, "New puzzle").click().run()
    button(app, "Solve").click().run()
    assert not app.exception
    assert "Solved in" in words(app)


def test_the_published_form_plays_first_and_pencil_marks_are_one_click_away():
    app = opened("sudoku")
    assert app.session_state["sudoku_run"].trace.checkpoint == "sudoku-9x9"
    app.selectbox(key="sudoku_difficulty").set_value("extreme").run()
    app.number_input(key="sudoku_seed").set_value(2).run()
    assert "Who thinks here: sudoku-9x9" in words(app)  # before it is solved, too
    button(app, "Solve").click().run()
    run = app.session_state["sudoku_run"]
    assert run.trace.checkpoint == "sudoku-9x9" and run.asked == "Up to 16 steps"
    assert "Who thinks here: sudoku-9x9" in words(app) and "the published recursion" in words(app)
    button(app, "With pencil marks").click().run()
    marked = app.session_state["sudoku_run"]
    assert marked.trace.checkpoint == "sudoku-marks" and marked.trace.candidates_SNL is not None
    assert np.array_equal(marked.trace.question_L, run.trace.question_L)
    assert marked.asked == "Up to 1000 steps, sudoku-marks" and "still possible" in written(app)
    assert "Who thinks here: sudoku-marks" in words(app) and "not the published recursion" in words(
        app
    )
    button(app, "As published").click().run()
    assert app.session_state["sudoku_run"].trace.checkpoint == "sudoku-9x9"
    button(app, "With pencil marks").click().run()
    assert not app.exception
    # Asked again, it is the same model; a link to the two brings both models back.
    button(app, "4 goes at once").click().run()
    run = app.session_state["sudoku_run"]
    assert run.trace.checkpoint == "sudoku-marks" and run.ways == 4
    assert run.asked == "4 goes at once, up to 1000 steps, sudoku-marks"
    assert "4 goes ran side by side" in words(app)
    # They race on four small boards; what is said of each is that of its own chain.
    assert len(app.session_state["sudoku_run"].answers) == 4
    headings = re.findall(r"trm-heading'>([^<]*)", written(app))
    assert [h.split(",")[0] for h in headings] == [f"Chain {k}" for k in (1, 2, 3, 4)]
    solved = [trace.solved for trace in run.answers]
    assert [h.endswith(", right") for h in headings] == solved and any(solved)
    open_tab(app, "sudoku", "Tries")
    other = app.session_state["sudoku_tries"][0]
    assert other.trace.checkpoint == "sudoku-9x9"
    app.selectbox(key="sudoku_watch_beside").set_value(other.try_id).run()
    assert not app.exception
    again = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    for name, value in dict(app.query_params).items():
        again.query_params[name] = value
    again.switch_page("pages/sudoku.py").run()
    assert not again.exception
    shown = {run.trace.checkpoint for run in again.session_state["sudoku_tries"]}
    assert shown == {"sudoku-9x9", "sudoku-marks"}


@pytest.mark.parametrize("broken", ["sudoku-9x9", "small/small-direct"])
def test_a_broken_file_of_weights_is_named_and_closes_no_page(broken, tmp_path, monkeypatch):
    """Of a bundled model, or of a small one that Train shows."""
    folder = tmp_path / "checkpoints"
    shutil.copytree(ROOT / "checkpoints", folder)
    (folder / f"{broken}.safetensors").write_bytes(b"\x00" * 100)
    monkeypatch.setattr(card, "FOLDER", folder)
    st.cache_resource.clear()
    try:
        told = {}
        for page in ("home", "sudoku", "learn", "inspect", "train", "arc"):
            app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
            app.switch_page(f"pages/{page}.py").run()
            assert not app.exception, page
            told[page] = [warning.value for warning in app.warning]
        name = broken.split("/")[-1]
        where = ("train",) if "/" in broken else ("home", "sudoku")
        for page in where:
            assert any(f"model {name} can't be asked" in words for words in told[page]), page
    finally:
        st.cache_resource.clear()


def test_a_model_that_fits_a_page_can_be_taken_along():
    """The page itself, which then thinks without this server; of a model of another form it is not offered."""
    for model, offered in (("sudoku-marks", True), ("sudoku-9x9", False)):
        app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
        app.query_params["size"], app.query_params["model"] = "sudoku-9x9", model
        app.switch_page("pages/sudoku.py").run()
        open_tab(app, "sudoku", "Keep and share")
        labels = [each.label for each in app.get("download_button")]
        assert ("A page that solves" in labels) is offered and "GIF" in labels


def test_a_run_that_nothing_ends_goes_on_with_pencil_marks_too():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.query_params["size"], app.query_params["model"] = "sudoku-9x9", "sudoku-marks"
    app.switch_page("pages/sudoku.py").run()
    open_tab(app, "sudoku", "Depth")
    button(app, "Think 64 steps without stopping").click().run()
    run = app.session_state["sudoku_run"]
    assert run.trace.steps == 64 and "stopped by hand" not in words(app)
