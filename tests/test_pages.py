"""Every page, run without a browser: no exception, the right words, the real model behind it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import tries
from tests.pictures import FONTS, LOOKS, drawn, encoded
from trm_core import card, checkpoint
from trm_core.domains import domain
from trm_core.puzzle_file import read_puzzles
from trm_core.solver import Settings, Solver
from trm_core.trace import Trace

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
FOUR = "1.....2..3.....4"


def opened(page: str) -> AppTest:
    """A page as a deep link opens it: it runs without the entry point before it."""
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def figures(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def button(app: AppTest, label: str):
    return next(b for b in app.button if b.label == label)


def words(app: AppTest) -> str:
    return " ".join(
        e.value for e in [*app.success, *app.warning, *app.error, *app.info, *app.caption]
    )


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_with_a_solve_that_can_play(name):
    app = opened(name)
    assert app.title[0].value
    assert any(len(figure.get("frames") or []) > 2 for figure in figures(app))
    assert "recording of a real run" in words(app)


def test_the_entry_point_opens_home():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60).run()
    assert not app.exception
    assert app.title[0].value == "Watch a tiny model think"


@pytest.mark.parametrize("name", ["sudoku-4x4", "sudoku-6x6", "sudoku-9x9"])
def test_a_new_puzzle_is_solved_by_the_bundled_model(name):
    app = opened("sudoku")
    app.button_group(key="sudoku_size").set_value(name).run()
    app.selectbox(key="sudoku_difficulty").set_value("easy").run()
    button(app, "New puzzle").click().run()
    assert "exactly one solution" in words(app)
    question = app.session_state["sudoku_text"]
    assert len(figures(app)[0].get("frames") or []) == 0
    button(app, "Solve").click().run()
    assert not app.exception
    assert "Solved in" in words(app)
    run = app.session_state["sudoku_run"]
    chosen = domain(name)
    assert chosen.format(run.trace.question_board) == question
    assert chosen.is_solved(chosen.parse(question), run.trace.final_board)
    assert run.trace.checkpoint == name


def test_the_same_seed_gives_the_same_puzzle_on_the_page():
    questions = []
    for _ in range(2):
        app = opened("sudoku")
        app.number_input(key="sudoku_seed").set_value(11).run()
        button(app, "New puzzle").click().run()
        questions.append(app.session_state["sudoku_text"])
    assert questions[0] == questions[1]


def four_by_four(text: str) -> AppTest:
    app = opened("sudoku")
    app.button_group(key="sudoku_size").set_value("sudoku-4x4").run()
    app.text_area(key="sudoku_typed").set_value(text).run()
    assert not app.exception
    return app


def test_problems_are_named_beside_the_input_and_nothing_is_lost():
    for text, message, solvable in (
        ("1.....2..3.....", "has 16 cells, got 15; write 0 or . for an empty cell", False),
        ("1.....2..3.....x", "got 'x' at row 4, column 4", False),
        ("11..............", "The givens clash: two 1s in row 1; two 1s in box 1", False),
        ("123........4....", "has no solution", True),
        ("................", "has several solutions", True),
        (FOUR, "4 givens, exactly one solution", True),
    ):
        app = four_by_four(text)
        assert message in words(app)
        assert button(app, "Solve").disabled is not solvable
        assert app.session_state["sudoku_text"] == text
    assert len(figures(app)) == 1


def test_clashing_givens_are_outlined_on_the_board():
    [figure] = figures(four_by_four("11.............."))
    assert len(figure["data"][5]["x"]) > 0


def test_a_failed_solve_is_told_as_it_is():
    app = four_by_four("123........4....")
    button(app, "Solve").click().run()
    assert not app.exception
    assert "Not solved:" in words(app)
    assert "It used all its steps" in words(app)


def test_settings_reach_the_solver():
    app = four_by_four(FOUR)
    app.slider(key="sudoku_steps").set_value(5).run()
    app.radio(key="sudoku_stop").set_value("steps").run()
    app.slider(key="sudoku_votes").set_value(3).run()
    button(app, "Solve").click().run()
    run = app.session_state["sudoku_run"]
    assert run.trace.steps == 5
    assert "Asked 3 ways" in words(app)


def test_every_try_at_a_puzzle_is_kept_and_can_be_watched_again():
    app = four_by_four("123........4....")  # no solution: nothing solves it
    button(app, "Solve").click().run()
    assert not button(app, "Think longer").disabled
    assert "sudoku_watched" not in [radio.key for radio in app.radio]
    button(app, "Think longer").click().run()
    assert app.session_state["sudoku_run"].trace.steps == tries.LONGER
    button(app, "Ask it 8 ways").click().run()
    assert not app.exception
    choice = app.radio(key="sudoku_watched")
    assert choice.options == ["Up to 16 steps", "Up to 256 steps", "Asked 8 ways, up to 16 steps"]
    assert choice.value == choice.options[-1]
    captions = list(choice.proto.captions)
    assert captions[1].startswith("not solved in 256 steps")
    assert captions[2].endswith("0 of 8 ways right")
    choice.set_value(choice.options[0]).run()
    assert app.session_state["sudoku_run"].trace.steps == 16
    # The same question again takes the place of its old answer; another puzzle starts anew.
    button(app, "Solve").click().run()
    assert len(app.radio(key="sudoku_watched").options) == 3
    app.text_area(key="sudoku_typed").set_value(FOUR).run()
    button(app, "Solve").click().run()
    assert button(app, "Think longer").disabled
    assert "sudoku_watched" not in [radio.key for radio in app.radio]


def test_what_is_known_about_the_model_is_on_its_page():
    app = opened("sudoku")
    known = card.read_card(card.find("sudoku-9x9"))
    assert known.command in words(app) + "".join(code.value for code in app.code)
    [table] = [t for t in app.table if "Measured on" in t.value]
    assert list(table.value["Measured on"]) == [result["set"] for result in known.results]


def test_extreme_puzzles_come_from_the_bundled_set():
    nine = domain("sudoku-9x9")
    kept = read_puzzles(nine, ROOT / "assets" / "puzzles" / "sudoku-9x9-extreme.csv")
    assert len(kept) == 500
    ratings = [puzzle.rating for puzzle in kept]
    assert (min(ratings), max(ratings)) == (10, 60)
    assert len({nine.format(puzzle.question_RC) for puzzle in kept}) == 500
    for puzzle in kept[::50]:
        assert nine.rate(puzzle.question_RC) == puzzle.rating
        assert len(nine.solutions(puzzle.question_RC)) == 1
    app = opened("sudoku")
    app.selectbox(key="sudoku_difficulty").set_value("extreme").run()
    app.number_input(key="sudoku_seed").set_value(500).run()
    assert app.session_state["sudoku_text"] == nine.format(kept[499].question_RC)
    assert f"an exact search guesses {kept[499].rating} times" in words(app)


def test_a_link_opens_the_same_puzzle_settings_and_solve():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    said = {"size": "sudoku-4x4", "puzzle": FOUR, "steps": "5", "votes": "3", "clock": "steps"}
    for name, value in (said | {"stop": "steps", "solved": "1", "frame": "2"}).items():
        app.query_params[name] = value
    app.switch_page("pages/sudoku.py").run()
    assert not app.exception
    run = app.session_state["sudoku_run"]
    assert (run.trace.domain_name, run.trace.steps, run.ways) == ("sudoku-4x4", 5, 3)
    assert len(figures(app)[0]["frames"]) == 6
    assert app.session_state["sudoku_frame"] == 2
    kept = app.query_params
    for name, value in said.items():
        assert kept[name] == value


def test_bad_values_in_a_link_are_named_and_ignored():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    bad = {"size": "sudoku-7x7", "puzzle": "12", "steps": "0", "votes": "many", "clock": "tea"}
    bad |= {"difficulty": "dreadful", "seed": "-1", "stop": "never", "model": "gpt", "frame": "x"}
    for name, value in bad.items():
        app.query_params[name] = value
    app.switch_page("pages/sudoku.py").run()
    assert not app.exception
    [note] = [w.value for w in app.warning if "The link's" in w.value]
    for name in bad:
        assert name in note
    assert app.session_state["sudoku_run"].recorded
    assert app.slider(key="sudoku_steps").value == 16


def upload(app, name, content):
    app.file_uploader(key="sudoku_file").upload(name, content).run()
    assert not app.exception


def test_files_put_puzzles_and_solves_on_the_page():
    app = opened("sudoku")
    board_RC = domain("sudoku-6x6").generate(np.random.default_rng(0), "easy").question_RC
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


def test_a_stopped_solve_shows_what_there_is(monkeypatch):
    """The Stop button interrupts the run of the page; the next one picks up what there is."""
    app = four_by_four("123........4....")
    four = domain("sudoku-4x4")
    model, _ = checkpoint.load(checkpoint.find("sudoku-4x4"))
    under_way = Solver(model, four).start(four.parse("123........4...."), Settings(steps=200))
    steps = iter(under_way)
    for _ in range(3):
        next(steps)
    settings = {"checkpoint": "sudoku-4x4", "steps": 200, "stop": "rules", "votes": 1}
    question_RC = four.parse("123........4....")
    app.session_state["sudoku_solving"] = (four, question_RC, settings, under_way)
    app.session_state["sudoku_stopped"] = True
    app.run()
    assert not app.exception
    assert app.session_state["sudoku_run"].trace.steps == 3
    assert "It was stopped by hand" in words(app)


def test_two_tries_are_watched_side_by_side():
    app = four_by_four("123........4....")
    button(app, "Solve").click().run()
    button(app, "Ask it 8 ways").click().run()
    app.selectbox(key="sudoku_beside").set_value("Up to 16 steps").run()
    assert not app.exception
    assert len([figure for figure in figures(app) if figure.get("frames")]) == 2


def test_a_clicked_cell_is_looked_into():
    app = four_by_four(FOUR)
    button(app, "Solve").click().run()
    app.session_state["sudoku_cell"] = 1
    app.run()
    assert any("Row 1, column 2:" in text.value for text in app.markdown)
    assert len(figures(app)) == 2
    app.session_state["sudoku_cell"] = 0
    app.run()
    assert any("Row 1, column 1: 1, given" in text.value for text in app.markdown)


def test_the_door_to_a_failure_leads_to_one():
    nine = domain("sudoku-9x9")
    model, _ = checkpoint.load(checkpoint.find("sudoku-9x9"))
    found = Solver(model, nine).solve(nine.parse(home_failure()), Settings())
    assert not found.solved


def home_failure() -> str:
    source = (ROOT / "pages" / "home.py").read_text()
    return re.search(r'^FAILURE = "(\S+)"$', source, re.MULTILINE).group(1)


def test_the_clock_chooses_the_frames():
    app = four_by_four(FOUR)
    app.slider(key="sudoku_steps").set_value(4).run()
    app.radio(key="sudoku_stop").set_value("steps").run()
    button(app, "Solve").click().run()
    counts = {}
    for clock in ("steps", "cycles", "calls"):
        app.button_group(key="sudoku_clock").set_value(clock).run()
        counts[clock] = len(figures(app)[0]["frames"])
    assert counts == {"steps": 5, "cycles": 9, "calls": 25}


def test_a_solve_belongs_to_its_puzzle_only():
    app = four_by_four(FOUR)
    button(app, "Solve").click().run()
    assert figures(app)[0]["frames"]
    app.text_area(key="sudoku_typed").set_value("4.....2..3.....1").run()
    assert not figures(app)[0].get("frames")
    app.text_area(key="sudoku_typed").set_value(FOUR).run()
    assert figures(app)[0]["frames"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "assets" / "traces").glob("*.npz")), ids=lambda p: p.stem
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


def test_a_missing_checkpoint_names_the_command_that_makes_it(monkeypatch, tmp_path):
    monkeypatch.setattr(card, "FOLDER", tmp_path)
    st.cache_resource.clear()
    app = four_by_four("4.....2..3.....1")
    button(app, "Solve").click().run()
    assert not app.exception
    assert "python -m trm_core train NAME" in words(app)
    assert app.session_state["sudoku_text"] == "4.....2..3.....1"


def test_leaving_the_page_keeps_the_puzzle_and_its_solve():
    app = four_by_four(FOUR)
    button(app, "Solve").click().run()
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/sudoku.py").run()
    assert app.session_state["sudoku_text"] == FOUR
    assert "Solved in" in words(app)


def test_each_size_keeps_its_own_puzzle():
    app = four_by_four(FOUR)
    app.button_group(key="sudoku_size").set_value("sudoku-6x6").run()
    app.button_group(key="sudoku_size").set_value("sudoku-4x4").run()
    assert app.session_state["sudoku_text"] == FOUR


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


def test_one_button_makes_and_solves_a_puzzle():
    app = opened("sudoku")
    app.button_group(key="sudoku_size").set_value("sudoku-6x6").run()
    before = app.session_state["sudoku_text"]
    button(app, "Solve a new puzzle").click().run()
    assert not app.exception
    assert app.session_state["sudoku_text"] != before
    assert app.session_state["sudoku_run"].recorded is False
    seed = app.number_input(key="sudoku_seed").value
    button(app, "Solve a new puzzle").click().run()
    assert app.number_input(key="sudoku_seed").value == seed + 1


def test_a_difficulty_that_a_size_lacks_is_left_behind():
    app = opened("sudoku")
    app.selectbox(key="sudoku_difficulty").set_value("extreme").run()
    app.button_group(key="sudoku_size").set_value("sudoku-4x4").run()
    assert not app.exception
    button(app, "Solve a new puzzle").click().run()
    assert not app.exception
    assert "Solved in" in words(app)
