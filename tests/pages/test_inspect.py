"""The inspector's page: sets, slices, the gallery, comparing, rescuing, running, links, files."""

import gzip
import io
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow.parquet
import pytest

from pages.inspector import behind as inspection
from pages.inspector import gallery, remedies
from pages.inspector import set as inspected_set
from pages.inspector.comparison import FIELDS, matched
from pages.inspector.headline import hardest
from pages.inspector.recorded import bundled_outcomes
from pages.inspector.views import marks_table
from tests.pages.apps import button, opened_at
from tests.pages.test_learn import html_of
from trm_core.domains import PuzzleError, domain
from trm_core.readers.puzzle_file import puzzles_in
from trm_core.record.outcomes import Outcomes
from trm_core.record.slices import wilson_interval
from trm_core.solving.settings import Settings

opened = partial(opened_at, "inspect")


def compute(app):
    """The set of the link, to its end."""
    button(app, "Compute it").click().run()
    work = app.session_state["inspect_working"]
    if work is not None:
        work.join()
    app.run()
    assert not app.exception


def address(app):
    return {k: v[0] if isinstance(v, list) else v for k, v in app.query_params.items()}


@pytest.fixture(scope="module")
def nine():
    return bundled_outcomes()["sudoku-9x9"]


def test_the_page_is_full_at_first_sight():
    """A set, its headline with figures, three ways to cut it, thumbnails, the views."""
    app = opened()
    assert "% solved" in html_of(app)
    assert len(app.get("plotly_chart")) >= 10
    assert html_of(app).count("<img class='trm-small-board'") >= 4
    assert address(app)["set"] in bundled_outcomes()


@pytest.mark.parametrize("name", ["maze-hard-small", "sudoku-marks"])
def test_every_bundled_set_opens(name):
    app = opened(set=name)
    solved = bundled_outcomes()[name].solved_N.mean()
    assert f"{100 * solved:.1f} % solved" in html_of(app)


def test_a_slice_is_shown_everywhere_and_in_the_link(nine):
    app = opened(set="sudoku-9x9", slice="says: sure of a wrong board")
    count = int((nine.said_done_N & ~nine.solved_N).sum())
    assert any(f"**{count} puzzles** of 500" in m.value for m in app.markdown)
    assert html_of(app).count("<img class='trm-small-board'") == min(12, count)
    assert address(app)["slice"] == "says: sure of a wrong board"
    app.multiselect[0].set_value([]).run()
    assert "slice" not in address(app)


def test_slices_that_nothing_is_in_say_so_and_keep_the_choice():
    app = opened(set="sudoku-9x9", slice="end: solved; says: sure of a wrong board")
    assert any("No puzzle is in all of these" in i.value for i in app.info)
    assert len(app.multiselect[0].value) == 2


def test_a_puzzle_opens_at_its_failure_and_leads_to_the_next(nine):
    app = opened(set="sudoku-9x9", slice="says: sure of a wrong board")
    thumb = next(b for b in app.button if b.label.startswith("#"))
    thumb.click().run()
    assert not app.exception
    first = address(app)["row"]
    assert "Not solved" in html_of(app)
    button(app, "Next").click().run()
    assert address(app)["row"] != first
    button(app, "Previous").click().run()
    assert address(app)["row"] == first
    button(app, "Close").click().run()
    assert "row" not in address(app)


def test_two_models_are_compared_on_the_same_puzzles(nine):
    app = opened(set="sudoku-9x9", versus="sudoku-marks", field="only the second")
    pair = matched(nine, bundled_outcomes()["sudoku-marks"])
    count = int((pair.fields_N == "only the second").sum())
    assert any(f"**{count} puzzles** of 500" in m.value for m in app.markdown)
    assert any("exact McNemar test" in m.value for m in app.markdown)
    thumb = next(b for b in app.button if b.label.startswith("#"))
    thumb.click().run()
    assert not app.exception
    assert html_of(app).count("<div class='trm-verdict") == 2  # both, in step
    assert {"versus", "field", "row"} <= address(app).keys()


def test_fields_add_up(nine):
    pair = matched(nine, bundled_outcomes()["sudoku-marks"])
    found = {field: int((pair.fields_N == field).sum()) for field in FIELDS}
    assert sum(found.values()) == 500
    assert found["both"] + found["only the first"] == int(nine.solved_N.sum())
    assert matched(nine, bundled_outcomes()["sudoku-any-4x4"]) is None


def asked(**changes):
    values = dict(
        domain="sudoku-4x4",
        checkpoint="sudoku-4x4",
        difficulty="minimal",
        puzzles=12,
        seed=3,
        settings=Settings(steps=4, stop="steps"),
    )
    return inspection.SetAsked(**values | changes)


def test_a_set_is_run_behind_the_page():
    work = inspection.run_set(asked(), None)
    work.join()
    assert work.error == ""
    found = work.last.read()
    assert len(found) == 12 and found.set_name == "12 fresh minimal puzzles, seed 3"
    assert not np.isnan(found.rating_N).any()


def test_a_set_that_is_stopped_keeps_its_rows():
    work = inspection.run_set(asked(puzzles=300, settings=Settings(steps=2, stop="steps")), None)
    while not (work.last and work.last.done):
        assert work.running or work.last.done
        time.sleep(0.02)
    work.cancel()
    work.join()
    found = work.last.read()
    assert 0 < len(found) < 300
    assert (found.left_at_N == 2).all()


def test_a_set_that_fails_says_so():
    work = inspection.run_set(asked(checkpoint="sudoku-9x9"), None)
    work.join()
    assert work.error


@pytest.mark.parametrize(
    ("size", "model"), [("sudoku-4x4", "sudoku-4x4"), ("sudoku-6x6", "small-two-networks")]
)
def test_a_link_of_a_fresh_set_is_computed_again(size, model):
    """By one of the models of the page Train, too."""
    app = opened(set=f"{size} minimal 10 5", model=model, steps="3", stop="steps")
    compute(app)
    assert "10 fresh minimal puzzles, seed 5" in html_of(app)
    assert address(app)["set"] == f"{size} minimal 10 5"
    assert address(app)["model"] == model


@pytest.mark.parametrize(
    "said",
    [
        {"set": "maze-13x13 walls 5 5", "model": "maze-hard-small"},
        {"set": "sudoku-4x4 minimal 5 5", "model": "sudoku-9x9"},
        {"set": "sudoku-4x4 odd 5 5", "model": "sudoku-4x4", "row": "x", "slice": "nothing"},
    ],
)
def test_a_link_that_says_nonsense_opens_the_page_and_names_it(said):
    app = opened(**said)
    assert "% solved" in html_of(app)
    named = {name for name in ("set", "row", "slice") if name in app.warning[0].value}
    assert named == {"set", "row", "slice"} & said.keys()
    assert not {"row", "slice"} & address(app).keys()


def test_the_order_and_the_page_of_the_gallery_are_in_the_link(nine):
    app = opened(set="sudoku-9x9", sort="fewest wrong", page="3")
    assert {"sort": "fewest wrong", "page": "3"}.items() <= address(app).items()
    words = [b.label for b in app.button if b.label.startswith("#")]
    fewest = np.sort(nine.wrong_NL.sum(1)[~nine.solved_N])[24:36]
    assert [int(each.split()[2]) for each in words] == fewest.tolist()
    app = opened(set="sudoku-9x9", sort="prettiest")
    assert "sort" in app.warning[0].value and "sort" not in address(app)


def test_a_given_that_was_written_over_counts_as_wrong():
    """Puzzle 18 of the mazes: all free cells as in the solution, and a given one written over."""
    mazes = bundled_outcomes()["maze-hard-small"]
    over_N = (mazes.wrong_NL & mazes.given_NL).any(1) & ~mazes.solved_N
    assert over_N.any()
    for row in np.flatnonzero(over_N):
        assert f"{mazes.wrong_NL[row].sum()} wrong" in gallery.thumbnail_words(mazes, row)
        if mazes.wrong_NL[row].sum() == 1:
            assert mazes.end_N[row] == "near miss"


@pytest.mark.parametrize(
    ("failed", "begins"),
    [
        ((0, 0, 0, 0, 60), "Hardest for it: rated 40 to 49, where 60 % fail."),
        ((0, 50, 52, 55, 60), "It fails more often where puzzles are rated 40 to 49 (60 %) than"),
        ((50, 50, 52, 55, 60), "How hard a puzzle is rated makes no clear difference"),
    ],
)
def test_the_hardest_is_named_only_where_the_numbers_tell(nine, failed, begins):
    """500 puzzles, a hundred of every difficulty, of which so many failed."""
    solved_NS = np.concatenate([np.arange(100) >= count for count in failed])[:, None]
    made = replace(nine, rating_N=np.arange(500) // 10.0, solved_NS=solved_NS)
    assert hardest(made).startswith(begins)


def test_a_set_that_was_stopped_says_so_and_offers_the_whole(nine):
    app = opened(set="sudoku-4x4 minimal 9 5", model="sudoku-4x4", steps="2", stop="steps")
    compute(app)
    own = app.session_state["inspect_mine"]
    app.session_state["inspect_mine"] = replace(own, outcomes=own.outcomes[:4], stopped=True)
    app.run()
    assert "stopped after 4 of 9 fresh minimal puzzles" in app.info[0].value
    compute(app)
    assert not app.info and "9 fresh minimal puzzles" in html_of(app)


def test_own_puzzles_are_rated_and_bad_files_say_why():
    nine = domain("sudoku-9x9")
    text = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
    solution = nine.format(nine.rules.solutions(nine.parse(text))[0])
    content = f"puzzle,solution\n{text},{solution}\n".encode()
    puzzles = puzzles_in(nine, content, "mine.csv")
    work = inspection.run_set(
        asked(domain="sudoku-9x9", checkpoint="sudoku-9x9", difficulty="file"), puzzles
    )
    work.join()
    found = work.last.read()
    assert found.set_name == "1 puzzle of your file" and found.rating_N.tolist() == [0]
    for broken in (
        b"puzzle,solution\n",
        f"puzzle,solution\n{text},{text}\n".encode(),
        b"\x1f\x8bno",
    ):
        with pytest.raises(PuzzleError, match=r"mine\.csv"):
            puzzles_in(nine, broken, "mine.csv")
    with pytest.raises(PuzzleError, match="unpacks to more than 1 MiB"):
        puzzles_in(nine, gzip.compress(b" " * 3 * 2**20), "mine.csv", largest=2**20)


def test_a_list_without_answers_is_answered_behind_the_page():
    nine = domain("sudoku-9x9")
    boards = [p.question_RC for p in nine.maker.generate_many(np.random.default_rng(5), "easy", 23)]
    lines = "\n".join(map(nine.format, boards))
    app = opened(set="sudoku-9x9 file 10 1", model="sudoku-9x9")
    app.selectbox(key="inspect_set_form_mine_kind_sudoku-9x9").set_value("file").run()
    place = app.file_uploader(key="inspect_set_form_mine_file_sudoku-9x9")
    place.upload("mine.txt", lines.encode()).run()
    work = app.session_state["inspect_reading"]
    work.join()
    app.run()
    assert app.session_state["inspect_reading"] is work  # it is read once
    assert "23 puzzles in mine.txt." in [c.value for c in app.caption]
    assert all(nine.rules.is_solved(p.question_RC, p.solution_RC) for p in work.last.puzzles)
    assert not app.exception

    boards[14] = np.where(np.arange(81).reshape(9, 9) < 30, boards[14], 0)  # in the second look
    reading = inspection.read_list(nine, "\n".join(map(nine.format, boards)).encode(), "mine.txt")
    reading.join()
    assert reading.error == "mine.txt, puzzle 15 has several solutions"
    assert (len(reading.last.puzzles), reading.last.of) == (10, 23)


def test_kept_outcomes_open_again(nine):
    out = io.BytesIO()
    nine[:5].save(out)
    again = Outcomes.load(out.getvalue(), "kept.parquet")
    assert again.set_name == nine.set_name and len(again) == 5
    with pytest.raises(PuzzleError, match=r"^x\.parquet is no Parquet file"):
        Outcomes.load(b"hello", "x.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), other := io.BytesIO())
    with pytest.raises(PuzzleError, match=r"^other\.parquet is not a table of outcomes of ours"):
        Outcomes.load(other.getvalue(), "other.parquet")


def test_what_rescues_is_tried_on_the_failures(nine):
    failed = nine[~nine.solved_N][:3]
    work = inspection.run_rescue(failed, "sudoku-marks")
    work.join()
    assert work.error == ""
    found = work.last.found
    names = [each.name for each in found]
    assert names == [
        *("end by the rules", "think longer", "several ways", "other starts", "pencil marks"),
    ]
    for each in found:
        assert each.puzzles == 3 and 0 <= each.solved <= 3 and each.calls > 0
        assert each.interval == wilson_interval(each.solved / 3, 3)
    assert work.last.of == len(found)
    assert found[1].calls <= 64 * 6  # 64 steps of 6 calls
    table = remedies.rescue_table(found)
    assert len({len(column) for column in table.values()}) == 1


def test_marks_have_a_table_of_their_own():
    table = marks_table(bundled_outcomes()["sudoku-marks"])
    assert list(table) == ["per puzzle", "solved", "failed"]
    assert "contradictions seen wrongly" in table["per puzzle"]


def test_a_page_without_its_file_keeps_what_it_has():
    """Stopping, closing, another page: the session holds what was run."""
    app = opened(set="sudoku-4x4 minimal 8 5", model="sudoku-4x4", steps="2", stop="steps")
    compute(app)
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/inspect.py").run()
    assert not app.exception
    assert "8 fresh minimal puzzles" in html_of(app)
    assert app.session_state["inspect_set"] == inspected_set.MINE


def test_what_is_pinned_is_compared_with_the_next_set():
    app = opened(set="sudoku-marks")
    button(app, "Pin").click().run()
    app.selectbox[0].set_value("sudoku-9x9").run()
    versus = next(box for box in app.selectbox if box.label == "Compare with")
    assert inspected_set.PINNED in versus.options
    versus.set_value(inspected_set.PINNED).run()
    assert not app.exception
    assert any("exact McNemar test" in m.value for m in app.markdown)


def test_a_set_of_other_puzzles_is_no_comparison():
    app = opened(set="sudoku-4x4 minimal 6 5", model="sudoku-4x4", steps="2", stop="steps")
    compute(app)
    button(app, "Pin").click().run()
    app.session_state["inspect_wanted_set"] = "sudoku-9x9"
    app.run()
    app.session_state["inspect_versus"] = inspected_set.PINNED
    app.run()
    assert not app.exception
    assert any("it was asked other puzzles" in c.value for c in app.caption)


def test_a_link_keeps_its_slice_and_puzzle_until_its_set_is_computed():
    said = {"set": "sudoku-4x4 minimal 9 5", "model": "sudoku-4x4", "steps": "3", "stop": "steps"}
    app = opened(**said, slice="end: solved", row="4")
    assert address(app) == said | {"slice": "end: solved", "row": "4"}
    compute(app)
    assert address(app) == said | {"slice": "end: solved", "row": "4"}
    assert "Solved" in html_of(app)


def test_back_leads_to_a_set_that_was_run_before():
    first = {"set": "sudoku-4x4 minimal 6 5", "model": "sudoku-4x4", "steps": "2", "stop": "steps"}
    app = opened(**first)
    compute(app)
    second = first | {"set": "sudoku-4x4 minimal 7 6"}
    app.session_state["inspect_went"] = second
    app.run()
    compute(app)
    assert "7 fresh minimal puzzles" in html_of(app)
    app.session_state["inspect_went"] = first
    app.run()
    assert "6 fresh minimal puzzles" in html_of(app)
    assert address(app) == first


def test_work_that_nobody_waits_for_ends():
    nine = bundled_outcomes()["sudoku-9x9"]
    work = inspection.run_rescue(nine[~nine.solved_N][:40], None)
    work.cancel()
    work.join()
    assert work.error == "" and (work.last is None or not work.last.found)


def test_a_set_whose_puzzles_leave_early_shows_no_choice_of_easy_ones():
    """Before all are done, only those before the first that is not."""
    work = inspection.run_set(
        asked(
            domain="sudoku-9x9",
            checkpoint="sudoku-9x9",
            difficulty="extreme",
            puzzles=24,
            settings=Settings(steps=8, stop="rules"),
        ),
        None,
    )
    while work.running:
        if work.last is not None:
            found = work.last.read()
            assert found.index_N.tolist() == list(range(len(found)))
        time.sleep(0.1)
    assert len(work.last.read()) == 24


def test_names_in_a_file_of_outcomes_are_plain_words():
    """What HTML or Markdown would take for a sign of theirs reaches no page."""
    mark = "<img src=https://example.org/x>**bold**"
    kept = bundled_outcomes()["sudoku-any-4x4"]
    named = replace(kept, checkpoint=mark, set_name=mark)
    named.save(file := io.BytesIO())
    app = opened()
    app.file_uploader(key="inspect_outcomes_file").upload("mine.parquet", file.getvalue()).run()
    assert not app.exception
    told = html_of(app)
    assert "img src=https" in told and "<img src=https" not in told and "**bold" not in told


def test_a_file_of_outcomes_may_be_called_as_a_bundled_set():
    """What is said of the bundled Extreme puzzles is said of the recorded sets alone."""
    app = opened(set="sudoku-9x9")
    assert any("Extreme puzzles of the page Sudoku" in each.value for each in app.caption)
    kept = replace(bundled_outcomes()["sudoku-any-4x4"], set_name="5 of sudoku-9x9-extreme.csv")
    kept.save(file := io.BytesIO())
    app.file_uploader(key="inspect_outcomes_file").upload("mine.parquet", file.getvalue()).run()
    assert not app.exception
    assert not any("Extreme puzzles of the page Sudoku" in each.value for each in app.caption)
