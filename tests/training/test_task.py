"""Learning a task of ARC from its own pairs."""

import io

import numpy as np
import pytest
import torch

from trm_core.domains import PuzzleError, Task
from trm_core.domains.arc.domain import same
from trm_core.readers import arc_tasks
from trm_core.record.task_learning import LEARNT, OUT_OF_TIME, TaskLearning
from trm_core.training.task import STEPS, SYMMETRIC, TaskLearner, TaskRun, task_recipe


@pytest.fixture(scope="module")
def learnt() -> TaskLearning:
    """An easy task, learnt: with as much time as a busy machine may need."""
    run = TaskRun(arc_tasks.task("66e6c45b"), seconds=120.0)
    for _ in run:
        pass
    return run.learning


@pytest.mark.trained
def test_an_easy_task_is_learnt_and_answered(learnt):
    assert learnt.ended == [LEARNT] and learnt.fits and all(learnt.right())
    assert learnt.solved(2), "neither guess is right"
    assert learnt.steps[0].loss > 20 * learnt.steps[-1].loss
    assert learnt.parameters < 5000
    first = learnt.glimpses[0]
    assert (first.update, first.seconds) == (0, 0.0) and first.gates == (0.0, 0.0)


def test_the_solve_of_the_test_is_recorded(learnt):
    (trace,) = learnt.traces
    assert trace.steps == STEPS and trace.domain_name == "arc-4x4"
    question, answer = learnt.task.tests[0]
    assert same(trace.question_board, question)
    assert same(trace.final_board, learnt.glimpses[-1].answers[-1])
    assert trace.solved == same(trace.final_board, answer)
    # Every change counts, also that of the first step: the answer begins as the question.
    first = trace.domain.board(trace.answers("steps")[1])
    assert trace.changed("steps")[1].sum() == (first != question).sum() > 0


def test_a_learning_is_kept_in_a_file(learnt):
    learnt.save(out := io.BytesIO())
    back = TaskLearning.load(out.getvalue())
    assert back.solved() == learnt.solved() and back.share == pytest.approx(learnt.share)
    assert len(back.traces) == 1 and len(back.glimpses) == len(learnt.glimpses)


def test_a_test_may_turn_out_to_ask_for_another_size():
    """A rule fits all pairs, and the known answer has another size than it gives: that answer is wrong."""
    pairs = tuple((np.array([[a, b]]), np.array([[b, a]])) for a, b in ((1, 2), (3, 4)))
    task = Task("", pairs, ((np.array([[5, 6]], np.uint8), np.ones((3, 3), np.uint8)),))
    blind = Task("", pairs, ((task.tests[0][0], None),))
    assert task.canvas.name == blind.canvas.name == "arc-1x2"
    run = TaskRun(task, seconds=1.0)
    for _ in run:
        pass
    assert run.learning.solved(2) is False and run.learning.traces[0].solution_L is None
    out = io.BytesIO()
    run.learning.save(out)
    assert TaskLearning.load(out.getvalue()).solved(2) is False


def test_time_ends_it_and_stopping_leaves_what_there_is():
    task = arc_tasks.task("0962bcdd")
    seconds = iter(np.arange(0.0, 1000.0, 0.5))
    run = TaskRun(task, seconds=3.0, clock=lambda: float(next(seconds)))
    for _ in run:
        pass
    learning = run.learning
    assert learning.ended == [OUT_OF_TIME] and learning.glimpses[-1].update > 0
    assert len(learning.traces) == len(task.tests)

    class Stopped(Exception):
        pass

    checks = iter([None, None, Stopped()])

    def check() -> None:
        error = next(checks)
        if error:
            raise error

    run = TaskRun(task, seconds=60.0, check=check)
    with pytest.raises(Stopped):
        for _ in run:
            pass
    assert not run.learning.ended and run.learner.update == 3


def test_another_size_is_refused():
    with pytest.raises(PuzzleError, match="task 017c7c7b are not as large as their questions"):
        TaskRun(arc_tasks.task("017c7c7b"))


@pytest.mark.trained
def test_a_task_of_another_size_is_learnt_from_what_a_rule_makes_of_it(tmp_path):
    """Two parts laid over each other: which of them paint a cell says what it becomes. Which numbers a network begins with, and how a processor rounds,
    decide whether one run learns it: one of a few does everywhere."""
    task = arc_tasks.task("f2829549")
    for seed in range(4):
        run = TaskRun(task, seconds=120.0, seed=seed)
        for _ in run:
            pass
        learning = run.learning
        assert learning.task is task and learning.asked is not task
        if learning.ended == [LEARNT] and learning.solved(2):
            break
    assert learning.ended == [LEARNT] and learning.solved(2)
    learning.save(tmp_path / "run.npz")
    back = TaskLearning.load(tmp_path / "run.npz")
    assert back.solved(2) and back.asked.canvas.rows == 4
    assert all(map(same, back.glimpses[-1].answers, learning.glimpses[-1].answers))


@pytest.mark.trained
def test_several_networks_learn_one_after_the_other_and_vote():
    run = TaskRun(arc_tasks.task("66e6c45b"), seconds=120.0, networks=2)
    for _ in run:
        pass
    assert {glimpse.learner for glimpse in run.learning.glimpses} == {0, 1}
    assert run.learning.learnt
    assert sum(guess.share for guess in run.learning.guesses(0)) == pytest.approx(1.0)


def test_every_pair_is_in_every_update():
    run = TaskRun(arc_tasks.task("66e6c45b"), seconds=1.0)
    learner = run.learner
    assert isinstance(learner, TaskLearner)
    questions = {bytes(row) for row in learner.slots.tokens_BL.numpy()}
    for moment in learner:
        assert {bytes(row) for row in learner.slots.tokens_BL.numpy()} == questions
        assert len(questions) == 2
        if moment.update == 2 * STEPS:
            break


def test_it_may_tell_colours_apart_only_later():
    learner = TaskRun(arc_tasks.task("66e6c45b"), seconds=1.0).learner
    for moment in learner:
        if moment.update == 3:
            break
    assert all(not table.any() for table in learner.model.tables)
    learner.update = SYMMETRIC
    learner.learn()
    assert all(table.any() for table in learner.model.tables)


def test_the_same_seed_learns_alike():
    def weights() -> torch.Tensor:
        learner = TaskRun(arc_tasks.task("66e6c45b"), seconds=1.0, seed=5).learner
        for moment in learner:
            if moment.update == 4:
                return torch.cat([p.detach().flatten() for p in learner.model.parameters()])
        raise AssertionError

    assert torch.equal(weights(), weights())


def test_a_recipe_is_of_the_task():
    task = arc_tasks.task("0962bcdd")
    recipe = task_recipe(task)
    assert (recipe.model.rows, recipe.model.cols) == (12, 12)
    assert recipe.model.palette == task.palette and recipe.batch == 2 * len(task.pairs)
