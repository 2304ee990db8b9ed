"""What every puzzle page can do, over all of them: a new page is tested by being listed here."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.puzzle import tries
from pages.puzzle.generator import named_puzzles
from pages.puzzle.solving import UnderWay
from pages.stage.run import Ask
from tests.conftest import toy_in_place
from tests.pages.test_pages import ROOT, button, figures, open_tab, opened, words, written
from trm_core.domains import domain
from trm_core.domains.maze.domain import read_maze
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights import card, checkpoint


@dataclass(frozen=True)
class Kind:
    page: str
    small: str  # a small board's domain
    puzzle: str  # ... with one solution that its checkpoint finds
    other: str  # another of the same size
    impossible: str  # one without a solution
    larger: str  # text of another size
    checkpoint: str
    calls: int  # frames of four steps at the finest clock
    root: Path = ROOT


KINDS = {
    "sudoku": Kind(
        page="sudoku",
        small="sudoku-4x4",
        puzzle="1.....2..3.....4",
        other="4.....2..3.....1",
        impossible="123........4....",
        larger="5...1..6.....34...2.3.....1..4...6.2",
        checkpoint="sudoku-4x4",
        calls=25,
    ),
    "mazes": Kind(
        page="mazes",
        small="maze-5x5",
        puzzle="#####/#S..#/###.#/#G..#/#####",
        other="#####/#S..#/###.#/#..G#/#####",
        impossible="#####/#S..#/#####/#G..#/#####",
        larger="......./.#####./.#S..../.#####./....G../......./.......",
        checkpoint="maze-small",
        calls=25,
    ),
    "latin": Kind(
        page="latin",
        small="latin-3x3",
        puzzle="1...2....",
        other="2...1....",
        impossible="12...3...",
        larger="1234....4321....",
        checkpoint="latin-3x3",
        calls=25,
    ),
}


@pytest.fixture(params=KINDS.values(), ids=KINDS, scope="module")
def kind(request, toy_root):
    """Each kind of puzzle; the toy's app stands in place of the project's once for all tests about it."""
    if request.param.page == "latin":
        with toy_in_place(toy_root) as root:
            yield replace(request.param, root=root)
    else:
        yield request.param


def asked(kind: Kind, text: str) -> AppTest:
    """The page with this puzzle on it, typed as text."""
    app = opened(kind.page, kind.root)
    typed(app, kind, text)
    return app


def typed(app: AppTest, kind: Kind, text: str) -> None:
    app.text_area(key=f"{kind.page}_typed").set_value(text).run()
    assert not app.exception


def solved(kind: Kind, text: str) -> AppTest:
    app = asked(kind, text)
    button(app, "Solve").click().run()
    assert not app.exception
    return app


def test_a_typed_puzzle_is_solved_by_the_bundled_model(kind):
    app = solved(kind, kind.puzzle)
    assert "Solved in" in words(app)
    run = app.session_state[f"{kind.page}_run"]
    chosen = domain(kind.small)
    assert run.trace.domain_name == kind.small
    assert run.trace.checkpoint == kind.checkpoint
    assert chosen.format(run.trace.question_board) == kind.puzzle
    assert chosen.rules.is_solved(chosen.parse(kind.puzzle), run.trace.final_board)


def test_text_of_another_size_changes_the_size(kind):
    app = asked(kind, kind.puzzle)
    assert app.session_state[f"{kind.page}_size"] == kind.small
    typed(app, kind, kind.larger)
    assert app.session_state[f"{kind.page}_size"] != kind.small
    assert app.session_state[f"{kind.page}_text"] == kind.larger


def test_text_that_cannot_be_read_stays_with_what_is_wrong_beside_it(kind):
    app = asked(kind, kind.puzzle)
    broken = kind.puzzle.replace("S", "x S") if kind.page == "mazes" else kind.puzzle[:-1]
    typed(app, kind, broken.replace(" ", "q") if kind.page == "mazes" else broken)
    assert button(app, "Solve").disabled
    assert "trm-says bad" in written(app).replace("  ", " ")


def test_the_same_seed_gives_the_same_puzzle_on_the_page(kind):
    questions = []
    for _ in range(2):
        app = opened(kind.page, kind.root)
        app.number_input(key=f"{kind.page}_seed").set_value(11).run()
        button(app, "New puzzle").click().run()
        questions.append(app.session_state[f"{kind.page}_text"])
    assert questions[0] == questions[1]


def test_a_failed_solve_is_told_as_it_is(kind):
    app = solved(kind, kind.impossible)
    assert "Not solved:" in words(app)
    assert "It used all its steps" in words(app)


def test_settings_reach_the_solver(kind):
    app = asked(kind, kind.puzzle)
    app.slider(key=f"{kind.page}_steps").set_value(5).run()
    app.radio(key=f"{kind.page}_stop").set_value("steps").run()
    app.slider(key=f"{kind.page}_votes").set_value(3).run()
    button(app, "Solve").click().run()
    run = app.session_state[f"{kind.page}_run"]
    assert run.trace.steps == 5
    assert "Asked 3 ways" in words(app)


def test_every_try_at_a_puzzle_is_kept_and_can_be_watched_again(kind):
    app = solved(kind, kind.impossible)
    open_tab(app, kind.page, "Tries")
    watched = f"{kind.page}_watched"
    assert not button(app, "Think longer").disabled
    assert watched not in [radio.key for radio in app.radio]
    button(app, "Think longer").click().run()
    assert app.session_state[f"{kind.page}_run"].trace.steps == tries.LONGER
    button(app, "Ask it 8 ways").click().run()
    assert not app.exception
    choice = app.radio(key=watched)
    assert choice.options == ["Up to 16 steps", "Up to 256 steps", "Asked 8 ways, up to 16 steps"]
    run = app.session_state[f"{kind.page}_run"]
    assert choice.value == run.try_id and run.asked == choice.options[-1]
    captions = list(choice.proto.captions)
    assert "256 steps" in captions[1]
    assert captions[2].endswith("0 of 8 ways right")
    first = app.session_state[f"{kind.page}_tries"][0]
    choice.set_value(first.try_id).run()
    assert app.session_state[f"{kind.page}_run"].trace.steps == 16
    # The same question again takes the place of its old answer; another puzzle starts anew.
    button(app, "Solve").click().run()
    assert len(app.radio(key=watched).options) == 3
    typed(app, kind, kind.puzzle)
    button(app, "Solve").click().run()
    assert button(app, "Think longer").disabled
    assert watched not in [radio.key for radio in app.radio]


def test_two_tries_are_watched_side_by_side(kind):
    app = solved(kind, kind.impossible)
    button(app, "Ask it 8 ways").click().run()
    first = app.session_state[f"{kind.page}_tries"][0]
    assert first.asked == "Up to 16 steps"
    open_tab(app, kind.page, "Tries")
    app.selectbox(key=f"{kind.page}_watch_beside").set_value(first.try_id).run()
    assert not app.exception
    one, other, *curves = [figure for figure in figures(app) if figure.get("frames")]
    layers = one["layout"]["meta"]["layers"]
    assert "differs" in layers
    assert [len(board["data"]) for board in (one, other)] == [len(layers) + 1] * 2
    # Both on one axis, as long as the longer of the two.
    assert len({tuple(figure["layout"]["xaxis2"]["range"]) for figure in curves}) == 1
    assert len(curves) == 2
    # A link to the two opens both.
    again = AppTest.from_file(kind.root / "streamlit_app.py", default_timeout=60)
    for name, value in dict(app.query_params).items():
        again.query_params[name] = value
    again.switch_page(f"pages/{kind.page}.py").run()
    assert not again.exception
    shown = [again.session_state[f"{kind.page}_{name}"] for name in ("run", "beside")]
    assert (shown[0].asked, shown[1]) == ("Asked 8 ways, up to 16 steps", first.try_id)


def test_what_is_known_about_the_model_is_on_its_page(kind):
    app = solved(kind, kind.puzzle)
    open_tab(app, kind.page, "Model")
    known = card.read_card(card.find(kind.checkpoint))
    assert known.command in words(app) + "".join(code.value for code in app.code)
    [table] = [t for t in app.table if "Measured on" in t.value]
    assert list(table.value["Measured on"]) == [result["set"] for result in known.results]


def test_a_link_opens_the_same_puzzle_settings_and_solve(kind):
    app = AppTest.from_file(kind.root / "streamlit_app.py", default_timeout=60)
    said = {"size": kind.small, "puzzle": kind.puzzle, "steps": "5", "votes": "3", "clock": "steps"}
    for name, value in (said | {"stop": "steps", "solved": "1", "frame": "2"}).items():
        app.query_params[name] = value
    app.switch_page(f"pages/{kind.page}.py").run()
    assert not app.exception
    run = app.session_state[f"{kind.page}_run"]
    assert (run.trace.domain_name, run.trace.steps, run.ways) == (kind.small, 5, 3)
    assert len(figures(app)[0]["frames"]) == 6
    assert app.session_state[f"{kind.page}_frame"] == 2
    kept = app.query_params
    for name, value in said.items():
        assert kept[name] == value
    assert not any("default value" in warning.value for warning in app.warning)


def test_bad_values_in_a_link_are_named_and_ignored(kind):
    app = AppTest.from_file(kind.root / "streamlit_app.py", default_timeout=60)
    bad = {"size": "sudoku-7x7", "puzzle": "12", "steps": "0", "votes": "many", "clock": "tea"}
    bad |= {"difficulty": "dreadful", "seed": "-1", "stop": "never", "model": "gpt", "frame": "x"}
    for name, value in bad.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{kind.page}.py").run()
    assert not app.exception
    [note] = [w.value for w in app.warning if "The link's" in w.value]
    for name in bad:
        assert name in note
    assert app.session_state[f"{kind.page}_run"].recorded
    steps = next(each for each in app.slider if each.label == "Supervision steps at most")
    assert steps.value == 16


def test_a_stopped_solve_shows_what_there_is(kind):
    """The Stop button interrupts the run of the page; the next one picks up what there is."""
    app = asked(kind, kind.impossible)
    small = domain(kind.small)
    model, known = checkpoint.load(checkpoint.find(kind.checkpoint))
    question_RC = small.parse(kind.impossible)
    solver = Solver(model, domain(known.domain))
    under_way = solver.start(question_RC, Settings(steps=200), domain=small)
    steps = iter(under_way)
    for _ in range(3):
        next(steps)
    ask = Ask(kind.checkpoint, Settings(steps=200))
    going = UnderWay(small, question_RC, ask, under_way)
    app.session_state[f"{kind.page}_under_way"] = going
    app.session_state[f"{kind.page}_stopped"] = True
    app.run()
    assert not app.exception
    assert app.session_state[f"{kind.page}_run"].trace.steps == 3
    assert "It was stopped by hand" in words(app)


def test_a_clicked_cell_is_looked_into(kind):
    app = solved(kind, kind.puzzle)
    given_RC = domain(kind.small).given(domain(kind.small).parse(kind.puzzle))
    cells = {bool(given): i for i, given in enumerate(given_RC.flat)}
    for given, cell in cells.items():
        app.session_state[f"{kind.page}_cell"] = cell
        app.run()
        row, col = divmod(cell, given_RC.shape[1])
        [story] = [t.value for t in app.markdown if f"Row {row + 1}, column {col + 1}:" in t.value]
        assert (", given" in story) is given
    # Under the stage its calls are opened, of the very solve that is on the page, or it is said that they can't be.
    open_tab(app, kind.page, "Lens")
    assert f"Row {row + 1}, column {col + 1}, before the first call." in words(app)
    run = app.session_state[f"{kind.page}_run"]
    said = np.roll(run.trace.distribution_SLV, 1, axis=2)
    other = replace(run, trace=replace(run.trace, distribution_SLV=said), trace_id="another")
    app.session_state[f"{kind.page}_run"] = other
    app.run()
    assert not app.exception and "this one does not come out the same" in words(app)


def test_the_clock_chooses_the_frames(kind):
    app = asked(kind, kind.puzzle)
    app.slider(key=f"{kind.page}_steps").set_value(4).run()
    app.radio(key=f"{kind.page}_stop").set_value("steps").run()
    button(app, "Solve").click().run()
    counts = {}
    for clock in ("steps", "cycles", "calls"):
        app.session_state[f"{kind.page}_clock"] = clock
        app.run()
        counts[clock] = len(figures(app)[0]["frames"])
    assert counts == {"steps": 5, "cycles": 9, "calls": kind.calls}


def test_a_solve_belongs_to_its_puzzle_only(kind):
    app = solved(kind, kind.puzzle)
    assert figures(app)[0]["frames"]
    typed(app, kind, kind.other)
    assert not figures(app)
    typed(app, kind, kind.puzzle)
    assert not figures(app)  # to be changed, but the solve is not lost
    button(app, "Back to the solve").click().run()
    assert figures(app)[0]["frames"]


def test_leaving_the_page_keeps_the_puzzle_and_its_solve(kind):
    app = solved(kind, kind.puzzle)
    app.switch_page("pages/home.py").run()
    app.switch_page(f"pages/{kind.page}.py").run()
    assert app.session_state[f"{kind.page}_text"] == kind.puzzle
    assert "Solved in" in words(app)


def test_each_size_keeps_its_own_puzzle(kind):
    app = asked(kind, kind.puzzle)
    typed(app, kind, kind.larger)
    if kind.page != "mazes":
        app.button_group(key=f"{kind.page}_size").set_value(kind.small).run()
    else:
        app.number_input(key="mazes_rows").set_value(5).run()
        app.number_input(key="mazes_cols").set_value(5).run()
    assert not app.exception
    assert app.session_state[f"{kind.page}_text"] == kind.puzzle


def test_two_buttons_make_and_solve_a_puzzle(kind):
    app = opened(kind.page, kind.root)
    before = app.session_state[f"{kind.page}_text"]
    button(app, "New puzzle").click().run()
    button(app, "Solve").click().run()
    assert not app.exception
    assert app.session_state[f"{kind.page}_text"] != before
    run = app.session_state[f"{kind.page}_run"]
    assert not run.recorded
    chosen = run.trace.domain
    assert chosen.format(run.trace.question_board) == app.session_state[f"{kind.page}_text"]


def test_a_missing_checkpoint_names_the_command_that_makes_it(kind, monkeypatch, tmp_path):
    monkeypatch.setattr(card, "FOLDER", tmp_path)
    st.cache_resource.clear()
    app = asked(kind, kind.other)
    button(app, "Solve").click().run()
    assert not app.exception
    assert "python -m trm_core train NAME" in words(app)
    assert app.session_state[f"{kind.page}_text"] == kind.other
    st.cache_resource.clear()


def test_an_example_is_one_click_and_can_be_clicked_again():
    app = opened("mazes")
    named = named_puzzles("mazes.json")
    for name in ("Spiral", "No way out", "Spiral"):
        app.button_group(key="mazes_example").set_value(name).run()
        assert not app.exception
        text = app.session_state["mazes_text"]
        size = domain(app.session_state["mazes_size"])
        assert np.array_equal(size.parse(text), read_maze(named[name]))
        assert app.session_state["mazes_example"] is None
    assert "Exactly one shortest path, 70 moves" in words(app)


def test_a_size_comes_back_with_its_difficulty_and_seed():
    app = opened("sudoku")
    app.selectbox(key="sudoku_difficulty").set_value("minimal").run()
    app.number_input(key="sudoku_seed").set_value(3).run()
    text = app.session_state["sudoku_text"]
    for name in ("sudoku-4x4", "sudoku-9x9"):
        app.button_group(key="sudoku_size").set_value(name).run()
        assert app.selectbox(key="sudoku_difficulty").value == "minimal"
    assert app.number_input(key="sudoku_seed").value == 3
    assert app.session_state["sudoku_text"] == text
    assert "not from this seed" not in words(app)


def test_the_page_says_when_its_puzzle_is_not_the_seeds(kind):
    app = opened(kind.page, kind.root)
    assert "not from this seed" in words(app)  # it opens with a recording
    button(app, "New puzzle").click().run()
    assert "not from this seed" not in words(app)
    address = dict(app.query_params)
    typed(app, kind, kind.puzzle)
    assert "not from this seed" in words(app)
    assert "seed" not in app.query_params
    again = AppTest.from_file(kind.root / "streamlit_app.py", default_timeout=60)
    for name, value in address.items():
        again.query_params[name] = value
    again.switch_page(f"pages/{kind.page}.py").run()
    assert "not from this seed" not in words(again)


def test_the_kind_of_a_recorded_hard_maze_stands_beside_it():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.query_params["size"] = "maze-30x30"
    app.switch_page("pages/mazes.py").run()
    assert app.selectbox(key="mazes_difficulty").value == "hard"
    app.number_input(key="mazes_rows").set_value(12).run()
    assert app.selectbox(key="mazes_difficulty").value == "mixed"


def test_a_model_that_is_opened_is_what_plays():
    """A friend who opens a file of weights under Settings, and a link that names a model alone, see that model's solve."""
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.switch_page("pages/sudoku.py").run()
    content = checkpoint.find("sudoku-any").read_bytes()
    place = app.file_uploader(key="sudoku_open_model_sudoku-9x9")
    place.upload("mine.safetensors", content).run()
    assert not app.exception
    run = app.session_state["sudoku_run"]
    assert not run.recorded and run.trace.checkpoint.startswith("own-")
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.query_params["size"], app.query_params["model"] = "sudoku-6x6", "sudoku-any-4x4"
    app.switch_page("pages/sudoku.py").run()
    run = app.session_state["sudoku_run"]
    assert not run.recorded and run.trace.checkpoint == "sudoku-any-4x4"
