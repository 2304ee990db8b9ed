"""When a solve ends and which answer wins, for one, for arrays and for tensors."""

import numpy as np
import pytest
import torch

from trm_core.record.trace import HALTED, OUT_OF_STEPS, RULES, STOPPED
from trm_core.solving.endings import best_way, is_over, reason


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        ("steps", [False, False, False, True]),
        ("halt", [False, True, False, True]),
        ("rules", [False, False, True, True]),
    ],
)
def test_it_ends_as_asked_for_one_and_for_many(stop, expected, kind):
    steps, done, solved = [1, 2, 2, 4], [False, True, False, False], [False, False, True, False]
    found = is_over(stop, kind(steps), 4, kind(done), kind(solved))
    assert found.tolist() == expected
    each = [is_over(stop, *row) for row in zip(steps, [4] * 4, done, solved, strict=True)]
    assert each == expected


def test_reasons():
    assert reason("halt", 3, 8, True, True) == HALTED
    assert reason("rules", 3, 8, True, True) == RULES
    assert reason("rules", 8, 8, True, False) == OUT_OF_STEPS
    assert reason("halt", 8, 8, False, True) == OUT_OF_STEPS
    assert reason("steps", 3, 8, True, True) == STOPPED


def test_a_solved_answer_wins_then_the_surest_then_the_quickest_then_the_first():
    assert best_way([False, True], [9.0, 0.0], [1, 9]) == 1
    assert best_way([False, False, False], [0.1, 0.9, 0.5], [1, 9, 1]) == 1
    assert best_way([True, True, True], [0.5, 0.5, 0.5], [4, 2, 2]) == 1
    assert best_way([False], [0.0], [1]) == 0
