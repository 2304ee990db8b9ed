"""The curves of what learns a task of ARC."""

import numpy as np
import pytest

from trm_core.domains.arc.domain import task_from
from trm_core.figures import task_learning as views
from trm_core.record.task_learning import LEARNT, Glimpse, Step, TaskLearning

PAIRS = [{"input": [[0, 1]], "output": [[1, 0]]}]
WRONG, RIGHT = np.array([[0, 1]], np.uint8), np.array([[1, 0]], np.uint8)
VIEWS = (views.pairs_figure, views.loss_figure, views.gates_figure)


def learning(*networks: int) -> TaskLearning:
    """Two moments of each of these networks."""
    moments = [(n, update) for n in networks for update in (1, 20)]
    glimpses = [
        Glimpse(
            update, float(k), n, (RIGHT if update > 1 else WRONG, WRONG), (1.0,), (0.1 * k, 0.2)
        )
        for k, (n, update) in enumerate(moments)
    ]
    steps = [Step(g.update, g.seconds, 0.5 / (k + 1)) for k, g in enumerate(glimpses)]
    task = task_from({"train": PAIRS, "test": [{"input": [[1, 1]], "output": [[0, 1]]}]}, "made")
    return TaskLearning(task, 100, {}, steps, glimpses, [], [LEARNT])


@pytest.mark.parametrize("view", VIEWS)
def test_curves_have_a_gap_where_another_network_begins(view):
    for line in view(learning(0)).data:
        assert len(line.x) == len(line.y) == 2 and None not in line.y
    for line in view(learning(0, 1)).data:
        assert len(line.x) == 5 and line.connectgaps is False
        assert [k for k, y in enumerate(line.y) if y is None] == [2]
        assert [x for x in line.x if not np.isnan(x)] == [0.0, 1.0, 2.0, 3.0]


def test_a_curve_says_what_is_right_of_a_pair_and_of_the_test():
    pair, test = views.pairs_figure(learning(0)).data
    assert (pair.name, list(pair.y)) == ("pair 1", [0.0, 100.0])
    assert (test.name, list(test.y)) == ("the test", [100.0, 100.0])


def test_a_line_marks_the_moment_that_is_watched():
    assert not views.gates_figure(learning(0)).layout.shapes
    (mark,) = views.gates_figure(learning(0), 1).layout.shapes
    assert mark.x0 == mark.x1 == 1.0
