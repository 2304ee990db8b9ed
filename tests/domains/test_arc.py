"""ARC's grids and tasks: all that are published, and what people write."""

import json

import numpy as np
import pytest

from trm_core.domains import ArcGrid, PuzzleError, Task, domain
from trm_core.domains.arc.domain import (
    OUTSIDE,
    format_task,
    grid_from,
    judged,
    read_grid,
    read_task,
    same,
    task_from_json,
)
from trm_core.readers import arc_tasks

SIZES = {"ARC-AGI-1 training": 400, "ARC-AGI-1 evaluation": 400}
SIZES |= {"ARC-AGI-2 training": 1000, "ARC-AGI-2 evaluation": 120}


@pytest.mark.parametrize("name", SIZES)
def test_every_published_task_goes_to_tokens_and_text_and_back(name):
    tasks = arc_tasks.tasks(name)
    assert len(tasks) == SIZES[name]
    for task in tasks.values():
        back = read_task(format_task(task), task.name)
        other = task_from_json(task.as_json())
        for known, read, told in zip(
            (*task.pairs, *task.tests),
            (*back.pairs, *back.tests),
            (*other.pairs, *other.tests),
            strict=True,
        ):
            for grid, again, said in zip(known, read, told, strict=True):
                own = ArcGrid(*grid.shape)
                assert same(own.board(own.tokens(grid)), grid)
                assert same(grid, again) and same(grid, said)
                canvas = task.canvas if own.fits_on(task.canvas) else ArcGrid(30, 30)
                tokens_L = canvas.tokens(own.onto(canvas, grid))
                assert (tokens_L > 0).sum() == grid.size
                assert same(own.board(tokens_L[own.cells_on(canvas)]), grid)
        assert set(task.palette) >= {0} and len(task.puzzles()) == len(task.tests)
        assert task.known and judged(task, [answer for _, answer in task.tests])


def test_a_task_is_found_by_its_id():
    assert arc_tasks.task("66e6c45b").name == "66e6c45b"
    assert arc_tasks.set_of("66e6c45b") == "ARC-AGI-1 evaluation"
    with pytest.raises(PuzzleError, match="no task of ARC-AGI-1 or -2 has the id 'x'"):
        arc_tasks.task("x")


PAIR = {"input": [[0, 1]], "output": [[1, 0]]}
GOOD = {"train": [PAIR], "test": [{"input": [[1, 1]]}]}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("{", "this is not whole JSON"),
        ("[1]", 'an object with "train" and "test"'),
        (json.dumps(GOOD | {"train": []}), '"train" must be a list of at least one pair'),
        (json.dumps(GOOD | {"test": 3}), '"test" must be a list of at least one test'),
        (json.dumps(GOOD | {"train": [PAIR] * 21}), "has 21 pairs; here it may be 20"),
        (json.dumps(GOOD | {"train": [{"output": [[1]]}]}), 'pair 1 has no "input"'),
        (json.dumps(GOOD | {"train": [{"input": [[1]]}]}), 'pair 1 has no "output"'),
        (
            json.dumps(GOOD | {"test": [{"input": []}]}),
            "the input of test 1 must be a list of rows",
        ),
        (
            json.dumps(GOOD | {"test": [{"input": [[1, 2], [1]]}]}),
            "the input of test 1 is ragged: row 1 has 2 cells, row 2 has 1",
        ),
        (
            json.dumps(GOOD | {"train": [{"input": [[1, 10]], "output": [[1]]}]}),
            "the input of pair 1 has '10' in row 1, column 2; colours are 0 to 9",
        ),
        (json.dumps(GOOD | {"test": [{"input": [[True]]}]}), "colours are 0 to 9"),
        (json.dumps(GOOD | {"test": [{"input": [[0] * 31]}]}), "a grid has at most 30"),
        ("[" * 100_000, "this is not whole JSON"),
    ],
)
def test_bad_tasks_are_refused_in_a_sentence(values, words):
    with pytest.raises(PuzzleError) as error:
        read_task(values)
    assert words in str(error.value)


def test_an_answer_may_be_unknown():
    task = task_from_json(json.dumps(GOOD))
    assert not task.known and judged(task, [np.zeros((1, 2), np.uint8)]) is None
    assert not read_task(format_task(task)).known
    assert task.keeps_size and task.palette == (0, 1) and task.largest == 2


def test_the_size_may_change():
    pairs = ((np.zeros((2, 2), np.uint8), np.ones((1, 1), np.uint8)),)
    assert not Task("", pairs, ((np.zeros((3, 2), np.uint8), None),)).keeps_size


@pytest.mark.parametrize(
    "text", ["012\n340", "0 1 2\n3 4 0", "012/340", "0,1,2\n3,4,0", "[[0,1,2],[3,4,0]]"]
)
def test_grids_are_read_as_people_write_them(text):
    assert read_grid(text).tolist() == [[0, 1, 2], [3, 4, 0]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("01x", "digits 0 to 9, one a cell; got 'x' in row 1, column 3"),
        ("01\n0", "ragged"),
        ("", "must be a list of rows"),
        ("[[1,", "not closed"),
        ("[[12]]", "colours are 0 to 9"),
    ],
)
def test_bad_grids_are_refused_in_a_sentence(text, words):
    with pytest.raises(PuzzleError, match=words.replace("[", r"\[")):
        read_grid(text)


def test_a_grid_has_one_to_thirty_rows():
    assert domain("arc-30x1").cells == 30
    for name in ("arc-31x1", "arc-0x3"):
        with pytest.raises(PuzzleError, match="1 to 30 rows"):
            domain(name)
    with pytest.raises(PuzzleError):
        grid_from([[0] * 3] * 31)


def test_only_the_solution_judges():
    grid = ArcGrid(2, 2)
    question, answer = np.zeros((2, 2), np.uint8), np.eye(2, dtype=np.uint8)
    assert not grid.rules.judge(question, answer).solved
    assert grid.rules.judge(question, answer, answer).solved
    assert "2 cells unlike" in grid.rules.judge(question, question, answer).words
    assert OUTSIDE not in grid.board(grid.tokens(question))
    with pytest.raises(PuzzleError, match="made by people"):
        grid.maker.generate(np.random.default_rng(0), "")


GRID = [[1, 0], [0, 2]]
PAIR = {"input": GRID, "output": GRID}
ONE = {"train": [PAIR, PAIR], "test": [{"input": GRID}]}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (ONE, ""),
        ({"0a1b": ONE}, "0a1b"),
        ([ONE], ""),
        ({"examples": ONE["train"], "test": ONE["test"]}, ""),
        ([*ONE["train"], *ONE["test"]], ""),
    ],
    ids=["alone", "under its id", "in a list", "called examples", "pairs in a row"],
)
def test_tasks_are_read_as_people_have_them(values, name):
    for text in (json.dumps(values), f"```json\n{json.dumps(values)}\n```"):
        task = read_task(text)
        assert (task.name, len(task.pairs), len(task.tests)) == (name, 2, 1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"a": ONE, "b": ONE}, "this holds 2 tasks, such as 'a', 'b'"),
        ({"a": [{"attempt_1": GRID, "attempt_2": GRID}]}, "this is a submission"),
        ({"a": [GRID]}, "these are answers by the ids"),
        ({"a": 1}, "no task of ARC"),
    ],
)
def test_what_is_about_tasks_and_is_none_says_so(values, words):
    with pytest.raises(PuzzleError, match=words):
        read_task(json.dumps(values))


def test_a_file_of_tasks_has_its_answers_beside_it(tmp_path):
    path = tmp_path / "arc-agi_challenges.json"
    path.write_text(json.dumps({"a": ONE, "b": ONE}))
    assert [(task.name, task.known) for task in arc_tasks.in_file(path)] == [
        ("a", False),
        ("b", False),
    ]
    (tmp_path / "arc-agi_solutions.json").write_text(json.dumps({"a": [GRID]}))
    first, second = arc_tasks.in_file(path)
    assert first.known and not second.known
    assert first.tests[0][1].tolist() == GRID
