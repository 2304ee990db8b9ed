"""The learning of a task, as it is recorded: votes, verdicts, files; and a table of many."""

import dataclasses
import io
import json

import numpy as np
import pytest

from trm_core.domains import PuzzleError
from trm_core.domains.arc.domain import task_from
from trm_core.record import task_results
from trm_core.record.task_learning import LEARNT, Glimpse, Step, TaskLearning
from trm_core.record.task_results import GROUPS, Share, TaskResult, by_size

PAIRS = [{"input": [[0, 1]], "output": [[1, 0]]}]
TASK = task_from({"train": PAIRS, "test": [{"input": [[1, 1]], "output": [[0, 0]]}]}, "made")
WRONG, RIGHT = np.array([[0, 1]], np.uint8), np.array([[1, 0]], np.uint8)
A, B, C = (np.array([row], np.uint8) for row in ([0, 0], [1, 1], [2, 0]))


def glimpse(update: int, pair, test, sure: float = 1.0) -> Glimpse:
    return Glimpse(update, update / 10, 0, (pair, test), (sure,), (0.0, 0.1))


def learning(*glimpses: Glimpse) -> TaskLearning:
    steps = [Step(each.update, each.seconds, 0.5) for each in glimpses]
    about = {"seed": 4, "seconds": 30, "networks": 1}
    return TaskLearning(TASK, 100, about, steps, list(glimpses), [], [LEARNT])


def test_moments_that_fit_their_pairs_decide_the_vote():
    run = learning(
        glimpse(0, RIGHT, C),  # before any update nothing is said
        *(glimpse(k, WRONG, B) for k in range(1, 10)),
        glimpse(10, RIGHT, A),
    )
    first, second = run.guesses(0)
    assert np.array_equal(first.grid_RC, A) and np.array_equal(second.grid_RC, B)
    assert first.share == 1.0 and second.share == 0.0
    assert run.solved(1) and run.fits and run.share == 1.0 and run.learnt
    assert run.right(-1) == [True] and run.right(1) == [False] and run.wrong_cells(1) == [2]


def test_surer_moments_count_more():
    run = learning(glimpse(1, RIGHT, A, 1.0), glimpse(2, RIGHT, B, 0.5), glimpse(3, RIGHT, B, 0.5))
    first, second = run.guesses(0)
    assert np.array_equal(first.grid_RC, A)
    assert second.share == pytest.approx(0.125 / 1.125)
    assert run.until(1).guesses(0)[0].share == pytest.approx(1 / (1 + 1 / 16))


def test_the_second_guess_may_be_right():
    run = learning(glimpse(1, RIGHT, B), glimpse(2, RIGHT, B), glimpse(3, RIGHT, A))
    assert run.solved(1) is False and run.solved(2) is True
    assert run.right_at(-1) and not run.right_at(0)


def test_a_file_brings_it_back():
    run = learning(glimpse(0, WRONG, B, 0.3), glimpse(7, RIGHT, A, 0.9))
    run.save(out := io.BytesIO())
    back = TaskLearning.load(out.getvalue())
    assert back.task.as_json() == TASK.as_json() and back.task.name == "made"
    assert back.steps == run.steps and back.ended == run.ended and back.about == run.about
    for one, other in zip(back.glimpses, run.glimpses, strict=True):
        assert (one.update, one.seconds, one.sure_T, one.gates) == (
            *(other.update, other.seconds, other.sure_T),
            other.gates,
        )
        assert all(np.array_equal(a, b) for a, b in zip(one.answers, other.answers, strict=True))


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"nothing"])
def test_other_files_are_refused_in_a_sentence(content):
    with pytest.raises(PuzzleError, match="the file is not the learning of a task"):
        TaskLearning.load(content)


def test_a_file_that_was_changed_is_refused():
    learning(glimpse(1, RIGHT, A)).save(out := io.BytesIO())
    with np.load(io.BytesIO(out.getvalue())) as file:
        arrays = {name: file[name] for name in file.files}
    about = json.loads(str(arrays["about"]))
    about["task"] = "{}"
    np.savez(changed := io.BytesIO(), **arrays | {"about": np.array(json.dumps(about))})
    with pytest.raises(PuzzleError):
        TaskLearning.load(changed.getvalue())


def test_a_table_is_kept_and_told(tmp_path):
    good = learning(glimpse(1, RIGHT, A))
    unfit = learning(glimpse(1, WRONG, B))
    results = [TaskResult.of(good, 3.0), TaskResult.of(unfit, 30.0)]
    task_results.save(results, tmp_path / "t.parquet")
    assert task_results.load(tmp_path / "t.parquet") == results
    assert [r.group for r in results] == [GROUPS[0], GROUPS[2]]
    assert task_results.solved(results).words == "1 of 2 (50 %; 95 % interval 9 to 91)"
    assert task_results.by_group(results)[GROUPS[2]] == Share(0, 1)
    sized = [dataclasses.replace(results[0], size=size) for size in (12, 13, 30)]
    assert list(by_size(sized).values()) == [Share(1, 1)] * 3
    assert Share(0, 0).words == "0 of 0"
    with pytest.raises(PuzzleError, match="is no Parquet file"):
        task_results.load(b"nothing")
