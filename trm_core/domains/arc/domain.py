"""ARC: grids of ten colours, and tasks whose rule is told by examples alone.

A task (Chollet, "On the Measure of Intelligence", arXiv 1911.01547) has two to ten *pairs* of grids that show by
example what is asked, and one or more *tests*: grids whose answer is to be found. No rule is written anywhere, so that
only the known answer can judge.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trm_core.domains.contract import (
    Domain,
    Drawing,
    Maker,
    Puzzle,
    PuzzleError,
    Sign,
    SolutionRules,
    Symbol,
    Symmetries,
    counted,
)

LARGEST = 30  # rows and columns of a grid
MOST_PAIRS = 20
OUTSIDE, END = 255, 254  # on a canvas, what is no cell of the grid, and what marks its end
CANVAS = "arc-canvas"  # what the published models read
COLOURS = (  # as the official editor names and paints them
    ("black", "#000000"),
    ("blue", "#0074D9"),
    ("red", "#FF4136"),
    ("green", "#2ECC40"),
    ("yellow", "#FFDC00"),
    ("grey", "#AAAAAA"),
    ("magenta", "#F012BE"),
    ("orange", "#FF851B"),
    ("azure", "#7FDBFF"),
    ("maroon", "#870C25"),
)
PALETTE = np.array(  # red, green, blue of each
    [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in COLOURS], np.uint8
)
Pair = tuple[np.ndarray, np.ndarray]
_TOKEN_OF = (np.arange(256) + 2).astype(np.uint8)
_TOKEN_OF[[OUTSIDE, END]] = 0, 1


@dataclass(frozen=True, eq=False)
class Task:
    """A rule that is told by examples: pairs of an input and an output, and tests whose output may be unknown."""

    name: str
    pairs: tuple[Pair, ...]
    tests: tuple[tuple[np.ndarray, np.ndarray | None], ...]

    @functools.cached_property
    def palette(self) -> tuple[int, ...]:
        """The colours that occur in what one is shown, and black, on which tasks are drawn."""
        seen = [grid for pair in self.pairs for grid in pair]
        seen += [question for question, _ in self.tests]
        return tuple(sorted({0}.union(*(np.unique(grid).tolist() for grid in seen))))

    @functools.cached_property
    def canvas(self) -> ArcGrid:
        """The smallest grid that all of the task's grids fit on; answers to tests are not looked at."""
        shapes = [grid.shape for pair in self.pairs for grid in pair]
        shapes += [question.shape for question, _ in self.tests]
        return ArcGrid(*np.max(shapes, axis=0).tolist())

    @property
    def keeps_size(self) -> bool:
        """Whether the output of every pair is as large as its input."""
        return all(question.shape == answer.shape for question, answer in self.pairs)

    @property
    def largest(self) -> int:
        """The longest side of any grid."""
        return max(self.canvas.rows, self.canvas.cols)

    @property
    def known(self) -> bool:
        """Whether the answers to all tests are known."""
        return all(answer is not None for _, answer in self.tests)

    def puzzles(self) -> tuple[Puzzle, ...]:
        """The tests as puzzles, each with the pairs that show what is asked."""
        return tuple(Puzzle(q, a, demonstrations=self.pairs) for q, a in self.tests)

    def as_json(self) -> str:
        """The task in the official form."""

        def entry(question: np.ndarray, answer: np.ndarray | None) -> dict[str, object]:
            pair = {"input": question.tolist()}
            return pair if answer is None else pair | {"output": answer.tolist()}

        parts = {"train": self.pairs, "test": self.tests}
        return json.dumps({name: [entry(*pair) for pair in part] for name, part in parts.items()})


def task_from_json(text: str, name: str = "") -> Task:
    """A task in the official form: {"train": [{"input": [[...]], "output": [[...]]}, ...], "test": [...]}.

    An output may be missing from a test. A task alone in a list or under its id is taken out, pairs in one list are
    parted by whether they have an output. Raises `PuzzleError` with a sentence for whoever wrote it.
    """
    values = json_of(text)
    found = named_tasks(values)
    if len(found) == 1:
        ((name, values),) = [(key or name, each) for key, each in found.items()]
    elif found:
        known = ", ".join(map(repr, list(found)[:3]))
        raise PuzzleError(f"this holds {len(found)} tasks, such as {known}: give one of them alone")
    return task_from(values, name)


def json_of(text: str) -> object:
    """What a text of JSON says, with or without a code fence around it. Raises `PuzzleError`."""
    fenced = re.fullmatch(r"\s*```\w*\s*\n(.*?)\n\s*```\s*", text, flags=re.S)
    try:
        return json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError) as error:
        place = ""
        if isinstance(error, json.JSONDecodeError):
            place = f": it breaks off at line {error.lineno}, column {error.colno}"
        raise PuzzleError(f"this is not whole JSON{place}") from None


_PARTS = {"train": ("train", "training", "examples"), "test": ("test", "testing", "tests", "query")}


def named_tasks(values: object) -> dict[str, object]:
    """The tasks that a file holds, by their ids, as `task_from` takes them: one, under "", where it is the file; none
    where there is none. Raises `PuzzleError` for what is about tasks and holds none, such as a submission."""
    if isinstance(values, list):
        pairs = [each for each in values if isinstance(each, dict) and "input" in each]
        if pairs and len(pairs) == len(values):
            return {
                "": {
                    "train": [each for each in pairs if each.get("output") is not None],
                    "test": [each for each in pairs if each.get("output") is None],
                }
            }
        found = [each for value in values for each in named_tasks(value).values()]
        return (
            {"": found[0]}
            if len(found) == 1
            else {str(i + 1): each for i, each in enumerate(found)}
        )
    if not isinstance(values, dict):
        return {}
    told = {
        part: next((values[name] for name in names if name in values), None)
        for part, names in _PARTS.items()
    }
    if told["train"] is not None and told["test"] is not None:
        return {"": told}
    inner = [each[0] if isinstance(each, list) and each else each for each in values.values()]
    if inner and all(isinstance(each, dict) and "attempt_1" in each for each in inner):
        raise PuzzleError("this is a submission: it holds answers to tasks, and no task")
    if inner and all(isinstance(each, list) for each in inner):
        raise PuzzleError(
            "these are answers by the ids of their tasks: open the file of the tasks themselves"
        )
    tasks = {str(key): named_tasks(each).get("") for key, each in values.items()}
    return {key: each for key, each in tasks.items() if each is not None}


def task_from(values: object, name: str = "") -> Task:
    """The same, of what the JSON says."""
    if not isinstance(values, dict) or not {"train", "test"} <= set(values):
        raise PuzzleError(
            'this is JSON, but no task of ARC: that is an object with "train" and "test", two lists of pairs'
        )
    read: dict[str, list[tuple[np.ndarray, np.ndarray | None]]] = {}
    for part, singular in (("train", "pair"), ("test", "test")):
        entries = values[part]
        if not isinstance(entries, list) or not entries:
            raise PuzzleError(f'"{part}" must be a list of at least one {singular}')
        if len(entries) > MOST_PAIRS:
            raise PuzzleError(f'"{part}" has {len(entries)} pairs; here it may be {MOST_PAIRS}')
        read[part] = [_pair(e, f"{singular} {i + 1}", part) for i, e in enumerate(entries)]
    return Task(name, tuple(read["train"]), tuple(read["test"]))


def _pair(entry: object, where: str, part: str) -> tuple[np.ndarray, np.ndarray | None]:
    if not isinstance(entry, dict) or "input" not in entry:
        raise PuzzleError(f'{where} has no "input"')
    answer = entry.get("output")
    if answer is None and part == "train":
        raise PuzzleError(f'{where} has no "output"')
    question_RC = grid_from(entry["input"], f"the input of {where}")
    return question_RC, None if answer is None else grid_from(answer, f"the output of {where}")


def grid_from(values: object, where: str = "the grid") -> np.ndarray:
    """A list of rows of colours 0 to 9 as a board, (R, C) uint8. Raises `PuzzleError` that says what is wrong."""
    rows = values if isinstance(values, list) else []
    if not rows or not all(isinstance(row, list) and row for row in rows):
        raise PuzzleError(f"{where} must be a list of rows, each a list of colours 0 to 9")
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        odd = next(r for r, length in enumerate(lengths) if length != lengths[0])
        raise PuzzleError(
            f"{where} is ragged: row 1 has {counted(lengths[0], 'cell')}, row {odd + 1} has {lengths[odd]}"
        )
    if len(rows) > LARGEST or lengths[0] > LARGEST:
        raise PuzzleError(
            f"{where} has {len(rows)} rows and {lengths[0]} columns; a grid has at most {LARGEST}"
        )
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if type(value) is not int or not 0 <= value < len(COLOURS):
                raise PuzzleError(
                    f"{where} has {str(value)[:20]!r} in row {r + 1}, column {c + 1}; colours are 0 to 9"
                )
    return np.array(rows, dtype=np.uint8)


class NoMaker(Maker):
    """ARC's tasks are made by people."""

    difficulties = ()
    usual = ""

    def __init__(self, title: str) -> None:
        self.title = title

    def generate(self, rng: np.random.Generator, difficulty: str) -> Puzzle:
        raise PuzzleError("the tasks of ARC are made by people, not by a program")


class ArcGrid(Domain):
    """Grids of `rows` x `cols` cells of ten colours. Tokens are the published ones: 0 outside, 1 the end of a grid,
    2 to 11 the colours."""

    vocab_size = 12
    by_rows = True
    paints_over = True

    def __init__(self, rows: int, cols: int) -> None:
        if not (1 <= rows <= LARGEST and 1 <= cols <= LARGEST):
            raise PuzzleError(
                f"a grid has 1 to {LARGEST} rows and columns, got {rows} rows and {cols} columns"
            )
        self.rows, self.cols = rows, cols
        self.name, self.title = f"arc-{rows}x{cols}", f"{rows}x{cols} grid"
        self.rules = SolutionRules()
        self.maker = NoMaker(self.title)
        self.drawing = Drawing(
            symbols=tuple(
                Symbol(value, str(value), name, (str(value),), colour=colour)
                for value, (name, colour) in enumerate(COLOURS)
            ),
            cells="colour",
            box_rows=rows,
            box_cols=cols,
            legend=(Sign("guess", "", "what it paints"),),
            brush=True,
        )

    def tokens(self, board_RC: np.ndarray) -> np.ndarray:
        return _TOKEN_OF[np.asarray(board_RC).reshape(-1)]

    def board(self, tokens_L: np.ndarray) -> np.ndarray:
        tokens = np.asarray(tokens_L)
        board = np.where(tokens < 2, 0, tokens.astype(np.int16) - 2).astype(np.uint8)
        return board.reshape(*tokens.shape[:-1], self.rows, self.cols)

    def given(self, board_RC: np.ndarray) -> np.ndarray:
        """Nothing is: any cell may be painted."""
        return np.zeros_like(np.asarray(board_RC), dtype=bool)

    def fits_on(self, canvas: Domain) -> bool:
        return isinstance(canvas, ArcGrid) and canvas.rows >= self.rows and canvas.cols >= self.cols

    def cells_on(self, canvas: Domain) -> np.ndarray:
        """At the top left."""
        cells_RC = np.arange(canvas.cells).reshape(canvas.rows, canvas.cols)
        return cells_RC[: self.rows, : self.cols].reshape(-1)

    def onto(self, canvas: Domain, board_RC: np.ndarray) -> np.ndarray:
        wide_RC = np.full((canvas.rows, canvas.cols), OUTSIDE, dtype=np.uint8)
        wide_RC[: self.rows, : self.cols] = board_RC
        if isinstance(canvas, ArcCanvas):
            wide_RC[self.rows : self.rows + 1, : self.cols] = END
            wide_RC[: self.rows, self.cols : self.cols + 1] = END
        return wide_RC

    def symmetries(self, rng: np.random.Generator, count: int) -> Symmetries:
        """None but the grid as it is: a rule may be about any direction and any colour."""
        cells_KL = np.tile(np.arange(self.cells), (count, 1))
        return Symmetries(cells_KL, np.tile(np.arange(12, dtype=np.uint8), (count, 1)))

    def parse(self, text: str) -> np.ndarray:
        board_RC = read_grid(text)
        if board_RC.shape != (self.rows, self.cols):
            rows, cols = board_RC.shape
            raise PuzzleError(
                f"a {self.title} has {self.rows} rows of {self.cols} cells, got {rows} rows of {cols}"
            )
        return board_RC

    def opened(self, text: str) -> tuple[Domain, np.ndarray, tuple[str, ...]]:
        board_RC = read_grid(text)
        return ArcGrid(*board_RC.shape), board_RC, ()

    def format(self, board_RC: np.ndarray) -> str:
        return "/".join("".join(map(str, row)) for row in np.asarray(board_RC).tolist())


class ArcCanvas(ArcGrid):
    """The 30 x 30 cells that the published models read: a grid at the top left, marks of its end one row below and one
    column right of it (`build_arc_dataset.py` of the published code)."""

    def __init__(self) -> None:
        super().__init__(LARGEST, LARGEST)
        self.name, self.title = CANVAS, "canvas of ARC"


def read_grid(text: str) -> np.ndarray:
    """A grid from text: rows of digits 0 to 9, in lines or separated by "/", with or without blanks or commas
    between; or a list of lists. Raises `PuzzleError`."""
    text = text.strip()
    if text.startswith("["):
        try:
            return grid_from(json.loads(text))
        except ValueError as error:
            if isinstance(error, PuzzleError):
                raise
            raise PuzzleError("this list of rows is not closed, or not made of numbers") from None
    lines = [re.sub(r"[\s,;]+", "", line) for line in re.split(r"[\n/]", text)]
    rows = [list(line) for line in lines if line]
    for r, row in enumerate(rows):
        for c, sign in enumerate(row):
            if not "0" <= sign <= "9":
                raise PuzzleError(
                    f"a grid is written in digits 0 to 9, one a cell; got {sign!r} in row {r + 1}, column {c + 1}"
                )
    return grid_from([[int(sign) for sign in row] for row in rows])


def format_task(task: Task) -> str:
    """A task as one line, for a link: `read_task` reads it back."""

    def entry(question: np.ndarray, answer: np.ndarray | None) -> str:
        grids = [question] if answer is None else [question, answer]
        return "-".join(ArcGrid(*grid.shape).format(grid) for grid in grids)

    return "~".join("_".join(entry(*pair) for pair in part) for part in (task.pairs, task.tests))


def read_task(text: str, name: str = "") -> Task:
    """A task in the official JSON, or in the line that `format_task` writes. Raises `PuzzleError`."""
    if "~" not in text or text.lstrip().startswith(("{", "[")):
        return task_from_json(text, name)
    values: dict[str, list[dict[str, object]]] = {}
    for part, said in zip(("train", "test"), text.strip().split("~", 1), strict=True):
        values[part] = []
        for entry in said.split("_"):
            grids = [read_grid(grid).tolist() for grid in entry.split("-")]
            values[part].append(dict(zip(("input", "output"), grids, strict=False)))
    return task_from(values, name)


def arc_size(name: str) -> tuple[int, int] | None:
    """Rows and columns in a name such as "arc-10x12"; None for any other name."""
    match = re.fullmatch(r"arc-(\d{1,2})x(\d{1,2})", name)
    return None if match is None else (int(match[1]), int(match[2]))


def same(a: np.ndarray, b: np.ndarray | None) -> bool:
    """Whether two grids are alike, size and all."""
    return b is not None and a.shape == b.shape and bool((a == b).all())


def judged(task: Task, answers: Sequence[np.ndarray]) -> bool | None:
    """Whether the answers to all tests are right; None where they are not known."""
    if not task.known:
        return None
    return all(same(answer, known) for answer, (_, known) in zip(answers, task.tests, strict=True))
