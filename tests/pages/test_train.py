"""The page on which one trains: presets, settings, the line, pausing, using and keeping what was learnt."""

import dataclasses
import os
import re
import time
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors import SafetensorError

from pages.models.loaded import shared_solver
from pages.models.own import take_in
from pages.stage.line import Line
from pages.trainer import saved, training, use
from pages.trainer.recorded import learnings
from pages.trainer.state import TrainerState
from pages.trainer.training import Training, TrainingAsked
from tests.pages.apps import button, dial_of, opened_at
from tests.pages.test_learn import html_of
from trm_core.domains import domain, visitor_rng
from trm_core.solving.settings import Settings
from trm_core.training import watched
from trm_core.training.small import small_recipe
from trm_core.weights import checkpoint

QUICK = dataclasses.replace(small_recipe("sudoku-4x4", updates=30, batch=8, width=8), puzzles=100)


@pytest.fixture(autouse=True)
def few_tests(monkeypatch):
    """A look asks fewer fresh puzzles than on the page."""
    monkeypatch.setattr(watched, "TESTS", 20)


opened = partial(opened_at, "train")


def labels(app):
    return [b.label for b in app.button]


def trained(asked=None, line=None):
    done = Training(asked or TrainingAsked(recipes=(("mine", QUICK),)), line or Line(2))
    done.join()
    assert done.error == ""
    return done


def test_the_page_is_full_at_first_sight():
    app = opened()
    assert "Make your own tiny model" in html_of(app)
    assert len(app.get("plotly_chart")) >= 6
    assert html_of(app).count("<img class='trm-small-board'") >= 3
    assert "Train it from nothing" in labels(app)


def test_a_training_is_begun_survives_reruns_and_is_used(monkeypatch):
    app = opened(preset="own")
    for label, value in (("Updates", 30), ("Puzzles at a time", 8), ("Width", 8)):
        next(box for box in app.number_input if box.label == label).set_value(value)
    app.run()
    button(app, "Train it from nothing").click().run()
    run = app.session_state["train_training"]
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/train.py").run()
    assert app.session_state["train_training"] is run  # a rerun or another page begins nothing anew
    run.join()
    app.run()
    assert not app.exception
    assert run.finished and run.learnings[0].updates == 30
    larger = "Give it a 6x6 Sudoku, which it never saw"
    assert {"Solve with my model", larger} <= set(labels(app))
    assert "of 20 fresh puzzles" in dial_of(app)["places"][-1]["words"]
    button(app, "Train it from nothing")  # and another one can be begun


def test_a_larger_board_is_asked_with_more_steps_and_the_puzzle_that_takes_longest():
    """Of one's own model: here one that was taught 4x4 for half a minute."""
    name = take_in(*checkpoint.load(checkpoint.find("sudoku-any-4x4")))
    six = domain("sudoku-6x6")
    found_RC = use._taxing(name, six)
    rng = visitor_rng(use.TAXING)
    drawn = [six.maker.generate(rng, six.maker.usual).question_RC for _ in range(use.TAXING)]
    solver = shared_solver(name, six)
    taken = [
        trace.steps * trace.solved
        for trace in (
            solver.solve(each, Settings(steps=use.STEPS), domain=six).trace for each in drawn
        )
    ]
    assert max(taken) > 3  # several steps are to be seen
    assert np.array_equal(found_RC, drawn[int(np.argmax(taken))])


def test_bad_settings_say_which_before_anything_runs():
    app = opened(preset="own")
    width = next(box for box in app.number_input if box.label == "Width")
    width.set_value(2000).run()
    assert "Width must lie between 8 and 128, got 2000." in app.error[0].value
    assert button(app, "Train it from nothing").disabled
    assert app.session_state["train_training"] is None


def test_pausing_and_going_on_is_as_if_nothing_had_happened():
    plain, asked = trained(), TrainingAsked(recipes=(("mine", QUICK),))
    paused = Training(asked, Line(2))
    for at in (1, 8, 15):  # updates that it had before it was paused, at least
        until(lambda at=at: paused._watched and paused._watched[0].learner.update >= at)
        paused.pause()
        paused.join()
        assert paused.paused and at <= paused._watched[0].learner.update < 30
        paused.go_on()
    paused.join()
    assert paused.finished
    mine, theirs = (run.result()[0].state_dict() for run in (paused, plain))
    for name, weight in theirs.items():
        assert torch.equal(weight, mine[name]), name
    assert paused.learnings[0].ticks[-1].update == 30


def test_two_train_at_once_and_the_third_is_told_its_place():
    line = Line(2)
    endless = TrainingAsked(recipes=(("mine", small_recipe("sudoku-4x4", updates=20_000)),))
    first, second, third, fourth = (Training(endless, line) for _ in range(4))
    try:
        until(lambda: line.place(fourth) == 2)
        assert [each.place for each in (first, second, third, fourth)] == [0, 0, 1, 2]
        assert not third.learnings
        first.stop()
        first.join()
        until(lambda: third.place == 0)
        assert fourth.place == 1
        fourth.stop()
        fourth.join()
        assert fourth.learnings == [] and fourth.stopped
    finally:
        for each in (second, third):
            each.stop()
            each.join()


def until(true):
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def test_a_pair_learns_in_turns_for_the_same_time():
    recipes = (("plain", QUICK), ("direct", small_recipe("sudoku-4x4", width=8, batch=8)))
    run = trained(TrainingAsked(recipes=recipes, seconds=1.0))
    one, other = run.learnings
    assert {one.name, other.name} == {"plain", "direct"}
    assert one.updates != 30  # as many as the machine makes in that time
    assert all(each.ticks[-1].update == each.updates for each in (one, other))


def test_a_loss_that_is_no_number_is_said_and_the_last_good_weights_are_kept():
    recipe = small_recipe("sudoku-4x4", updates=200, batch=8, width=8, lr=0.1)
    run = Training(TrainingAsked(recipes=(("mine", recipe),)), Line(2))
    until(lambda: run.learnings and run.learnings[0].looks)
    with torch.no_grad():
        next(run._watched[0].learner.model.parameters()).fill_(float("nan"))
    run.join()
    assert "no number" in run.error
    model, card = run.result()
    assert all(weight.isfinite().all() for weight in model.state_dict().values())
    assert card.domain == "sudoku-4x4"


def test_the_recordings_are_of_the_bundled_weights():
    """The last moment's probe comes out again."""
    from trm_core.solving.settings import Settings
    from trm_core.solving.solver import Solver
    from trm_core.weights import card, checkpoint

    paths = card.small()
    assert {f"small-{name}" for name in learnings()} == set(paths)
    for name, run in learnings().items():
        path = paths[f"small-{name}"]
        model, made = checkpoint.load(path)
        look = run.looks[-1].trace
        solver = Solver(model, look.domain)
        found = solver.solve(look.question_board, Settings(steps=look.steps, stop="steps"))
        right = found.trace.answer_CL[-1] == look.answer_CL[-1]
        assert right.mean() > 0.9, name  # kept in fp16, so not bit for bit
        assert made.updates == run.ticks[-1].update == run.updates
        assert made.recipe["model"]["width"] == run.recipe["model"]["width"]


@pytest.mark.parametrize("name", ["4x4"])
def test_a_recorded_run_is_chosen_by_link_and_scrubbed(name):
    app = opened(run=name, look="1")
    run = learnings()[name]
    shown = dial_of(app)
    assert shown["at"] == 1
    assert [place["value"] for place in shown["places"]] == [f"{k.update:,}" for k in run.looks]
    for place, look in zip(shown["places"], run.looks, strict=True):
        assert f"solves {100 * look.solved_S[-1]:.0f} %" in place["words"] and place["picture"]
    assert np.isclose(run.looks[-1].solved_S[-1], 1.0, atol=0.05)


def test_training_ends_two_minutes_after_its_tab(monkeypatch):
    from pages.stage import work

    class Gone:
        def is_active_session(self, session):
            return False

    monkeypatch.setattr(work, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(training, "PATIENCE", 0.2)
    monkeypatch.setattr(work.runtime, "exists", lambda: True)
    monkeypatch.setattr(work.runtime, "get_instance", Gone)
    endless = TrainingAsked(recipes=(("mine", small_recipe("sudoku-4x4", updates=20_000)),))
    run = Training(endless, Line(2))
    run.join()
    assert not run.error and not run.finished


def test_a_training_goes_on_in_the_tab_that_was_loaded_anew(monkeypatch):
    """Before it was ever written; one that somebody looks at is theirs."""
    from pages.stage import work

    class Sessions:
        def is_active_session(self, session):
            return session not in gone

    gone: list[str] = []
    endless = TrainingAsked(recipes=(("mine", small_recipe("sudoku-4x4", updates=20_000)),))
    run = Training(endless, Line(2))
    try:
        assert training.left_behind(run.name) is None
        monkeypatch.setattr(work.runtime, "exists", lambda: True)
        monkeypatch.setattr(work.runtime, "get_instance", Sessions)
        assert training.left_behind(run.name) is None
        gone.append("nobody")  # as whoever has no session is called
        assert training.left_behind(run.name) is run
        monkeypatch.undo()
        monkeypatch.setattr(Training, "is_left", property(lambda self: self is run))
        app = opened(training=run.name)
        assert app.session_state["train_training"] is run
        assert app.query_params["training"] in (run.name, [run.name])
        assert not app.exception and not app.warning
    finally:
        run.stop()
        run.join()


def test_kept_trainings_have_bounds(monkeypatch, tmp_path):
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    now = time.time()
    for age, name in enumerate(("new", "middle", "old")):
        path = tmp_path / name
        path.write_bytes(bytes(100))
        os.utime(path, (now - 60 * age, now - 60 * age))

    def left():
        saved._forget_old()
        return sorted(path.name for path in tmp_path.iterdir())

    assert left() == ["middle", "new", "old"]
    monkeypatch.setattr(saved, "MOST_BYTES", 250)
    assert left() == ["middle", "new"]
    monkeypatch.setattr(saved, "MOST_FILES", 1)
    assert left() == ["new"]
    monkeypatch.setattr(saved, "KEPT", -1.0)
    assert left() == []


def test_what_was_trained_before_is_gone_back_to():
    app = opened()
    first, second = trained(), trained()
    app.session_state["train_training"] = first
    app.session_state["train_shown_run"] = "mine"
    app.run()
    state = SimpleNamespace(training=first, earlier_trainings=[], recovered="")
    TrainerState.put_aside(state)
    assert state.training is None and state.earlier_trainings == [first] and first.stopped
    app.session_state["train_training"] = second
    app.session_state["train_earlier_trainings"] = [first]
    app.run()
    earlier = next(b for b in app.button if b.key == f"train_earlier_{first.name}")
    assert "solved" in earlier.label
    earlier.click().run()
    assert app.session_state["train_training"] is first
    assert app.session_state["train_earlier_trainings"] == [second]
    assert not app.exception


def test_a_stopped_server_takes_nothing_that_was_learnt(monkeypatch, tmp_path):
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "trainings")
    done = trained()
    weights = {path.name for path in saved.FOLDER.iterdir()}
    assert weights == {f"{done.name}.npz", f"{done.name}.safetensors"}
    app = opened(training=done.name)  # another server, to which the visitor's address leads
    assert "This run learnt to its end. Here it is again." in app.info[0].value
    assert "Keep the weights" in [d.label for d in app.get("download_button")]
    model, card = saved.model(done.name)
    expected = done._watched[0].weights().state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.allclose(tensor, expected[name], atol=2e-3), name  # halves on disk
    assert card.domain == "sudoku-4x4"
    button(app, "Solve with what it had learnt").click().run()
    assert not app.exception
    run = saved.load(done.name)
    cut = dataclasses.replace(run, looks=run.looks[:-1])
    (saved.FOLDER / f"{done.name}.npz").write_bytes(cut.as_bytes())
    said = opened(training=done.name).warning[0].value
    assert re.search(r"This run ended after \d+ of \d+ updates", said)
    assert saved.load("../../etc") is None and saved.load("0" * 10) is None
    app = opened(training=done.name)
    (saved.FOLDER / f"{done.name}.safetensors").unlink()
    button(app, "Solve with what it had learnt").click().run()
    assert "are gone now" in app.error[0].value
    (saved.FOLDER / f"{done.name}.npz").write_bytes(b"cut")
    assert saved.load(done.name) is None


def test_a_disk_that_is_closed_costs_only_the_safety(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "file" / "trainings")
    assert trained().finished


def test_a_disk_that_is_full_costs_only_the_safety(monkeypatch, tmp_path):
    def full(*arguments, **named):
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    monkeypatch.setattr(checkpoint, "save_file", full)
    assert trained().finished
    with pytest.raises(OSError, match="could not be written: I/O error: No space left"):
        checkpoint.save(tmp_path / "x.safetensors", *checkpoint.load(checkpoint.find("sudoku-any")))
