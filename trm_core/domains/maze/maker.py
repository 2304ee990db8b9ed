"""Fresh mazes of many kinds, with a start and a goal far apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from trm_core.domains.contract import Maker, Puzzle
from trm_core.domains.maze import carving, search
from trm_core.domains.maze.cells import (
    FREE,
    GOAL,
    LEAST,
    MOST,
    PATH,
    START,
    WALL,
    Cell,
    published_answer,
)
from trm_core.domains.maze.search import flood

LONG = 110  # a Maze-Hard path has more cells than this

_CARVE: dict[str, Callable[[int, int, np.random.Generator], np.ndarray]] = {
    "corridors": carving.corridors,
    "loops": carving.loops,
    "walls": carving.random_walls,
    "ties": carving.random_walls,
    "rooms": carving.rooms,
    "hard": carving.random_walls,
}
_TRIES = 256  # mazes looked through at once for a long one
_UNIQUE = ("corridors", "loops", "walls")


class MazeMaker(Maker):
    """Difficulties: "corridors" (perfect mazes), "loops" (corridors that meet again), "walls" (every
    cell a wall with a probability of 30 to 50 %), all three with exactly one shortest path;
    "mixed", any of them, half of them smaller than the canvas and somewhere in it; "rooms", "ties"
    (random walls and any goal), and on 30x30 "hard" (the Maze-Hard recipe), which have many
    shortest paths and carry the published tie-break's.
    """

    usual = "mixed"

    def __init__(self, rows: int, cols: int, title: str) -> None:
        self.rows, self.cols, self.title = rows, cols, title
        self.ambiguous = ("rooms", "ties") + ("hard",) * (rows == cols == MOST)
        self.difficulties = (*_UNIQUE, "mixed", *self.ambiguous)

    def generate(self, rng: np.random.Generator, difficulty: str) -> Puzzle:
        return self.generate_many(rng, difficulty, 1)[0]

    def generate_many(
        self, rng: np.random.Generator, difficulty: str, count: int
    ) -> Sequence[Puzzle]:
        self.check_difficulty(difficulty)
        # Every maze has a seed of its own, so that many at once are the same as one by one.
        own = [np.random.default_rng(seed) for seed in rng.integers(2**62, size=count)]
        plans = [self._plan(child, difficulty) for child in own]
        made: list[Puzzle | None] = [None] * count
        todo = list(range(count))
        while todo:
            batch = todo[:256]
            found = _with_ends([_sketch(*plans[i], own[i]) for i in batch],
                               [plans[i] for i in batch], [own[i] for i in batch])  # fmt: skip
            for i, question_RC in zip(batch, found, strict=True):
                if question_RC is not None:
                    made[i] = self._placed(question_RC, own[i], plans[i][0])
            todo = [i for i in todo if made[i] is None]
        return [puzzle for puzzle in made if puzzle is not None]  # all of them

    def _plan(self, rng: np.random.Generator, difficulty: str) -> tuple[str, int, int]:
        """Kind, rows and columns of one maze."""
        if difficulty != "mixed":
            return difficulty, self.rows, self.cols
        kind = _UNIQUE[int(rng.integers(len(_UNIQUE)))]
        if rng.random() < 0.5:
            return kind, self.rows, self.cols
        return (
            kind,
            int(rng.integers(LEAST, self.rows + 1)),
            int(rng.integers(LEAST, self.cols + 1)),
        )

    def _placed(self, small_RC: np.ndarray, rng: np.random.Generator, kind: str) -> Puzzle:
        """The maze somewhere on this board, with its answer."""
        question_RC = np.full((self.rows, self.cols), WALL, dtype=np.uint8)
        rows, cols = small_RC.shape
        top, left = rng.integers(self.rows - rows + 1), rng.integers(self.cols - cols + 1)
        question_RC[top : top + rows, left : left + cols] = small_RC
        answer_RC = published_answer(question_RC)
        return Puzzle(question_RC, answer_RC, int((answer_RC == PATH).sum()) + 1)


def _sketch(kind: str, rows: int, cols: int, rng: np.random.Generator) -> tuple[np.ndarray, Cell]:
    """Walls, and a free cell to start from."""
    if kind == "hard":
        return _long_sketch(rows, cols, rng)
    walls_RC = _CARVE[kind](rows, cols, rng)
    free = np.flatnonzero(~walls_RC)
    while not len(free):
        walls_RC = _CARVE[kind](rows, cols, rng)
        free = np.flatnonzero(~walls_RC)
    start = divmod(int(rng.choice(free)), cols)
    return walls_RC, start


def _long_sketch(rows: int, cols: int, rng: np.random.Generator) -> tuple[np.ndarray, Cell]:
    """The first of many random walls and starts from which some cell is more than `LONG` away."""
    while True:
        walls_BRC = np.stack([carving.random_walls(rows, cols, rng) for _ in range(_TRIES)])
        starts = [divmod(int(rng.choice(np.flatnonzero(~walls))), cols) for walls in walls_BRC]
        long_B = search.farthest(~walls_BRC, np.array(starts)) > LONG
        if long_B.any():
            first = int(long_B.argmax())
            return walls_BRC[first], starts[first]


def _with_ends(
    sketches: list[tuple[np.ndarray, Cell]],
    plans: list[tuple[str, int, int]],
    rngs: list[np.random.Generator],
) -> list[np.ndarray | None]:
    """Questions with start and goal, flooded together; None where no cell can be the goal.

    The goal is a cell with exactly one shortest path, in the farther half of those; for "rooms"
    and "ties" any cell in the farther half; for "hard" any more than `LONG` cells away.
    """
    rows, cols = max(p[1] for p in plans), max(p[2] for p in plans)
    open_BRC = np.zeros((len(plans), rows, cols), dtype=bool)
    start_BRC = np.zeros_like(open_BRC)
    for b, (walls_RC, start) in enumerate(sketches):
        open_BRC[b, : walls_RC.shape[0], : walls_RC.shape[1]] = ~walls_RC
        start_BRC[b][start] = True
    distance_BRC, ways_BRC = flood(open_BRC, start_BRC)
    questions: list[np.ndarray | None] = []
    for b, (walls_RC, start) in enumerate(sketches):
        kind, high, wide = plans[b]
        distance_RC = distance_BRC[b, :high, :wide]
        goals_RC = distance_RC > 1
        if kind in _UNIQUE:
            goals_RC &= ways_BRC[b, :high, :wide] == 1
        farthest = int(distance_RC[goals_RC].max(initial=0))
        least = LONG + 1 if kind == "hard" else max((high + wide) // 2, (farthest + 1) // 2)
        goals = np.flatnonzero(goals_RC & (distance_RC >= least))
        if not len(goals):
            questions.append(None)
            continue
        question_RC = np.where(walls_RC, WALL, FREE).astype(np.uint8)
        question_RC[start] = START
        question_RC.flat[rngs[b].choice(goals)] = GOAL
        questions.append(question_RC)
    return questions
