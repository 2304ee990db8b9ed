"""Rules that bring a question of ARC to the size of its answer."""

import numpy as np
import pytest

from trm_core.domains import Task, learnable
from trm_core.domains.arc.domain import same
from trm_core.readers import arc_tasks

TRAINING = arc_tasks.tasks("ARC-AGI-1 training")
OTHER = [task for task in TRAINING.values() if not task.keeps_size]


def grid(text: str) -> np.ndarray:
    return np.array([[int(sign) for sign in row] for row in text.split("/")], np.uint8)


def task(*grids: str, test: str) -> Task:
    """Of questions and answers in turn, and a test."""
    boards = [grid(text) for text in grids]
    return Task("", tuple(zip(boards[::2], boards[1::2], strict=True)), ((grid(test), None),))


@pytest.mark.parametrize(
    ("asked", "rule", "brought"),
    [
        (task("12/34", "1122/1122/3344/3344", test="50"), "every cell made 2 by 2", "5500/5500"),
        (task("12/34", "1212/3434", test="567"), "repeated 1 by 2 times", "567567"),
        (task("12/34", "1221/3443", test="567"), "repeated 1 by 2 times", "567765"),
        (task("000/012/030", "12/30", test="04/00"), "not black", "4"),
        (task("0202/0000/2020", "200/002", test="202/020"), "parts side by side", None),
        (task("2020/0200", "40/20", test="0202/2002"), "parts side by side", "03/21"),
        (task("20520/02500", "40/20", test="02502/20502"), "parts side by side", "03/21"),
        (task("123456", "12", test="654"), "cut into 1 by 3 equal ones", "6"),
        (
            task("3000000/0888888/0881188/0888888", "8118", test="000003/888880/811880/888880"),
            "what lies inside the azure",
            "118",
        ),
    ],
)
def test_a_question_is_brought_to_the_size_of_its_answer(asked, rule, brought):
    found = learnable(asked)
    if brought is None:
        assert found is None or rule not in found.rule
        return
    assert rule in found.rule
    assert all(
        same(question, answer) or question.shape == answer.shape
        for question, answer in found.task.pairs
    )
    assert same(found.task.tests[0][0], grid(brought))


def test_what_keeps_its_size_stays_as_it_is():
    kept = task("12", "21", test="34")
    found = learnable(kept)
    assert found.task is kept and found.rule == ""


def test_nothing_is_done_where_no_rule_fits():
    assert learnable(task("12/34", "123/456/789", test="00/00")) is None
    assert learnable(task("12/34", "12123434", test="0" * 20)) is None


def test_the_answers_to_tests_are_not_looked_at():
    """And most tasks of other sizes are brought to the right one."""
    found = {one.name: learnable(one) for one in OTHER}
    blind = {
        one.name: learnable(Task(one.name, one.pairs, tuple((q, None) for q, _ in one.tests)))
        for one in OTHER
    }
    for name, one in found.items():
        assert (one is None) == (blind[name] is None)
        if one is not None:
            assert one.rule == blind[name].rule
            for (mine, _), (other, _) in zip(one.task.tests, blind[name].task.tests, strict=True):
                assert same(mine, other)
    ready = [one for one in found.values() if one is not None]
    assert len(ready) >= 60
    right = [all(q.shape == a.shape for q, a in one.task.tests) for one in ready]
    assert np.mean(right) > 0.9


def test_parts_laid_over_each_other_tell_who_painted():
    """A colour for every set of parts, and none of them is a colour that the answers have."""
    one = TRAINING["99b1bc43"]
    found = learnable(one)
    assert found.rule == "its 2 parts one above the other, laid over each other"
    question, answer = found.task.pairs[0]
    above, below = one.pairs[0][0][:4] != 0, one.pairs[0][0][-4:] != 0
    which = above + 2 * below
    for kind in range(4):
        assert len(np.unique(question[which == kind])) == 1
    assert len(np.unique(question)) == 4
    # What is asked is a function of that: exactly one of the two paints.
    assert ((answer != 0) == (above ^ below)).all()
