"""The page ARC: which task, its learning, what comes of it, and tasks of one's own."""

import io
import json
import re
import time
from functools import partial

import numpy as np
import pytest

from pages.stage.line import Line
from pages.tasks import by_hand as arc_by_hand
from pages.tasks import choice as arc_choice
from pages.tasks import editor as arc_editor
from pages.tasks import page as arc_page
from pages.tasks.job import TaskJob
from pages.tasks.recorded import arc_results, task_recordings
from tests.pages.apps import button, opened_at
from tests.pages.test_learn import html_of
from trm_core.domains import PuzzleError
from trm_core.domains.arc.domain import format_task, task_from
from trm_core.figures.grids import grid_png
from trm_core.readers import arc_tasks
from trm_core.record.task_learning import STOPPED
from trm_core.record.task_results import by_size, solved

EASY = "66e6c45b"
opened = partial(opened_at, "arc")
OWN = task_from(
    {
        "train": [{"input": [[1, 0], [0, 0]], "output": [[1, 2], [2, 0]]}] * 2,
        "test": [{"input": [[0, 0], [0, 1]]}],
    }
)


def labels(app):
    return [b.label for b in app.button]


def choose(app, view: str):
    """Where tasks are chosen from."""
    app.session_state["arc_view"] = view
    app.run()
    assert not app.exception
    return app


def test_the_page_is_full_at_first_sight():
    """A recording plays at once; behind it stands what came of it."""
    app = opened()
    words = html_of(app)
    assert "A few examples, a rule that nobody writes down" in words
    assert words.count("class='trm-thumb'") == len(task_recordings()) >= 3
    assert len(app.get("plotly_chart")) >= 5
    button(app, "To the end").click().run()
    words = html_of(app)
    assert "It learnt its" in words
    assert re.search("sure of a cell: <b class='trm-right'>right</b>", words)
    assert len(app.get("plotly_chart")) >= 5
    assert "Learn it from nothing" in labels(app)


def test_a_task_is_learnt_here_and_kept():
    app = opened(task=EASY)
    app.session_state["arc_seconds"] = 60
    button(app, "Learn it from nothing").click().run()
    job = app.session_state["arc_job"]
    assert "Stop" in labels(app) or not job.running
    job.join()
    app.run()
    assert not app.exception and not job.error
    assert job.learning.ended and "the answer with the most votes" in html_of(app)
    assert "Save this run" in [d.label for d in app.get("download_button")]
    # Its moments can be looked at, and the address says which.
    slider = next(s for s in app.select_slider if s.label.startswith("Its answers"))
    slider.set_value(0).run()
    assert "Before any learning" in " ".join(c.value for c in app.caption)
    assert app.query_params["at"] in ("0", ["0"])


def test_more_networks_learn_while_there_is_time():
    app = opened(task=EASY)
    app.session_state["arc_seconds"] = 60
    app.session_state["arc_more"] = True
    button(app, "Learn it from nothing").click().run()
    job = app.session_state["arc_job"]
    assert job.networks == arc_page.MOST_NETWORKS
    while job.running and (job.learning is None or job.learning.networks < 2):
        time.sleep(0.2)
    app.run()
    button(app, "Stop").click().run()
    job.join()
    app.run()
    words = html_of(app)
    assert not app.exception and "networks learnt one after the other" in words
    assert re.search(r"Network \d: after", " ".join(c.value for c in app.caption))


def test_a_recording_is_replayed_to_its_end():
    app = opened(task=EASY)
    for _ in range(100):
        if not app.session_state["arc_playing"]:
            break
        assert "at" not in app.query_params
        app.run()
    assert not app.exception and "It learnt its" in html_of(app)
    button(app, "Watch it learn").click().run()
    button(app, "To the end").click().run()
    assert "It learnt its" in html_of(app) and "Watch it learn" in labels(app)


def test_a_link_names_task_and_moment():
    app = opened(task=EASY, at="0")
    assert "Before any learning" in " ".join(c.value for c in app.caption)
    app = opened(task="nothing")
    assert "The link's task could not be used" in app.warning[0].value


def test_a_task_of_another_size_is_said_to_be_beyond_it():
    app = opened(task="017c7c7b")
    assert "is not as large as its question" in app.info[0].value
    assert button(app, "Learn it from nothing").disabled


def test_a_rule_brings_a_question_to_the_size_of_its_answer():
    app = opened(task="99b1bc43")
    said = app.info[0].value
    assert "**its 2 parts one above the other, laid over each other**" in said
    assert "what it begins with" in html_of(app)
    assert not button(app, "Learn it from nothing").disabled


def test_a_task_is_solved_by_hand_and_judged():
    app = opened(task="3618c87e")
    button(app, "Solve it yourself").click().run()
    hand: arc_by_hand.Hand = app.session_state["arc_hand"]
    assert "Rows" in [n.label for n in app.number_input]
    button(app, "Hand it in").click().run()
    assert re.search(r"It is not right yet: \d+ cells wrong", app.warning[0].value)
    hand.put(np.zeros((2, 2), np.uint8))
    app.run()
    assert not app.warning
    button(app, "Hand it in").click().run()
    assert "not of the right size yet" in app.warning[0].value
    hand.put(hand.task.tests[0][1])
    button(app, "Hand it in").click().run()
    assert app.success[0].value == "Right, at try 3."
    assert re.search("The network has it too, for the first time after", html_of(app))
    button(app, "Next").click().run()
    assert "Hand it in" not in labels(app)
    button(app, "Previous").click().run()
    button(app, "Back to the network").click().run()
    assert "Learn it from nothing" in labels(app) and not app.exception


def test_the_tests_of_a_task_are_answered_one_by_one():
    name = next(
        t.name
        for t in arc_tasks.tasks("ARC-AGI-1 training").values()
        if len(t.tests) > 1 and t.keeps_size
    )
    app = opened(task=name)
    button(app, "Solve it yourself").click().run()
    hand: arc_by_hand.Hand = app.session_state["arc_hand"]
    hand.put(hand.task.tests[0][1])
    button(app, "Hand it in").click().run()
    assert app.warning[0].value.startswith("Test 2 is not")
    app.segmented_control(key=f"arc_by_hand_{name}").set_value(1).run()
    assert hand.at == 1
    hand.put(hand.task.tests[1][1])
    button(app, "Hand it in").click().run()
    assert hand.right and "Go back to it, and let it learn." in html_of(app)


def test_tasks_are_found_by_id_and_by_filters():
    app = choose(opened(), arc_choice.ALL)
    assert "page 1 of 11; 262 tasks" in " ".join(c.value for c in app.caption)
    app.session_state["arc_filters"] = []
    app.run()
    assert "page 1 of 17; 400 tasks" in " ".join(c.value for c in app.caption)
    app.text_input[0].set_value("66E6").run()  # of another set: a search looks in all
    assert "1 task" in [c.value for c in app.caption]
    assert app.session_state["arc_task"] == EASY  # found alone, it is opened
    app.text_input[0].set_value("zzz").run()
    assert "No task is like that" in app.info[0].value
    app.text_input[0].set_value("").run()
    app.session_state["arc_filters"] = list(arc_choice.FILTERS[:3])
    app.run()
    some = [t for t in arc_tasks.tasks("ARC-AGI-1 training").values() if t.keeps_size]
    some = [t for t in some if t.largest <= arc_choice.SMALL and len(t.palette) <= arc_choice.FEW]
    assert f"{len(some)} tasks" in " ".join(c.value for c in app.caption)
    name = next(b.label for b in app.button if b.key.startswith("arc_thumb_"))
    app.button(key=f"arc_thumb_{name}").click().run()
    button(app, "Next").click().run()
    assert app.session_state["arc_task"] == some[1].name and not app.exception


def test_a_task_of_ones_own_comes_by_link_and_is_learnt():
    app = opened(puzzle=format_task(OWN))
    assert app.query_params["puzzle"] in (format_task(OWN), [format_task(OWN)])
    assert "Pairs that show the rule" in " ".join(m.value for m in app.markdown)
    app.session_state["arc_seconds"] = 60
    button(app, "Learn it from nothing").click().run()
    app.session_state["arc_job"].join()
    app.run()
    assert not app.exception
    assert "Nobody has said what is right." in html_of(app)
    # Its editor stands where the result is, and what was learnt is there again once the task says the same again.
    assert "Add a pair" not in labels(app)
    button(app, "Edit").click().run()
    assert "Add a pair" in labels(app) and "Back to what it learnt" in labels(app)
    button(app, "Add a pair").click().run()
    assert "Back to what it learnt" not in labels(app)
    app.button(key="arc_drop_pairs_2").click().run()
    button(app, "Back to what it learnt").click().run()
    assert "Nobody has said what is right." in html_of(app) and not app.exception


def test_a_task_is_made_pair_by_pair():
    app = choose(opened(task=EASY), arc_choice.OWN)
    draft: arc_editor.Draft = app.session_state["arc_draft"]
    assert len(draft.pairs) == 2  # it begins with a copy of the task that was on the page
    button(app, "Add a pair").click().run()
    assert len(draft.pairs) == 3 and draft.at == ("pairs", 2, 0)
    rows = next(n for n in app.number_input if n.label == "Rows")
    rows.set_value(2).run()
    assert draft.pairs[2][0].shape == (2, 4)
    button(app, "A new task").click().run()
    assert "Every pair's answer is like its question so far" in app.info[0].value
    draft = app.session_state["arc_draft"]
    button(app, "Say the answer").click().run()
    assert draft.tests[0][1] is not None and draft.at == ("tests", 0, 1)
    assert not app.exception


def test_json_is_opened_or_refused_beside_it():
    app = choose(opened(), arc_choice.OWN)
    area = next(a for a in app.text_area if a.label.startswith("A task in"))
    area.set_value('{"train": [], "test": []}')
    button(app, "Open it").click().run()
    assert '"train" must be a list of at least one pair.' in app.error[0].value
    assert app.text_area[0].value == '{"train": [], "test": []}'  # nothing is lost
    app.text_area[0].set_value(OWN.as_json())
    button(app, "Open it").click().run()
    assert not app.error and not app.exception
    assert json.loads(app.session_state["arc_own"].as_json()) == json.loads(OWN.as_json())


def test_a_learning_waits_its_turn_and_is_stopped():
    line = Line(1)
    line.enter("somebody")
    job = TaskJob(OWN, 30.0, line=line)
    assert job.place == 1 and job.learning is None
    job.stop()
    job.join()
    assert job.error == "" and job.learning is None and line.place(job) == 0
    job = TaskJob(OWN, 600.0, line=Line(1))
    while job.learning is None and job.running:
        pass
    job.stop()
    job.join()
    assert job.learning.ended == [STOPPED] or job.learning.learnt


def test_how_often_it_works_is_told_by_the_size_of_the_grids():
    every = arc_results("every-size")
    assert len({result.task for result in every}) == len(every) == 269
    first = by_size(every)
    assert sum(share.of for share in first.values()) == 269
    shares = [share.count / share.of for share in first.values()]
    assert shares == sorted(shares, reverse=True)  # "it mostly does not learn larger ones"
    app = opened()
    told = " ".join(m.value for m in app.markdown)
    assert (
        "All 269 tasks of that set that keep the grid's size, 30 seconds of one core each" in told
    )
    assert solved(every).words in told


def test_recordings_are_of_real_runs_and_of_tasks_learnt_in_seconds():
    recordings = task_recordings()
    for name, one in recordings.items():
        assert one.about["command"].startswith(f"python -m trm_core arc {name} ")
        assert one.learnt and one.solved(1) and one.glimpses[-1].seconds < 30
        assert np.array_equal(one.task.tests[0][0], arc_tasks.task(name).tests[0][0])
        one.save(out := io.BytesIO())
        assert len(out.getvalue()) < 200_000


def test_files_are_told_apart():
    grid_RC = OWN.pairs[0][1]
    assert np.array_equal(arc_editor.opened(grid_png(grid_RC)), grid_RC)
    assert np.array_equal(arc_editor.opened(b"12\n20\n"), grid_RC)
    assert arc_editor.opened(OWN.as_json().encode()).as_json() == OWN.as_json()
    with pytest.raises(PuzzleError):
        arc_editor.opened(b"hello")
