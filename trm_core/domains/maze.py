"""Mazes of 5x5 to 30x30 cells: rules, tokens, symmetries, puzzles, text.

A board holds 0 free, 1 wall, 2 start, 3 goal, 4 path. Tokens are as published: pad 0, wall 1,
free 2, start 3, goal 4, path 5. The answer to a question is the same board with one shortest path
marked. A model reads a canvas of a fixed size: a smaller maze stands in its middle, in walls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from trm_core.domains import maze_carving, maze_search
from trm_core.domains.contract import (
    Domain,
    Judgement,
    Puzzle,
    PuzzleError,
    Symbol,
    Symmetries,
    Violation,
)
from trm_core.domains.maze_search import NEIGHBOURS, distances, flood, shortest_path, shortest_paths
from trm_core.domains.maze_text import maze_lines

FREE, WALL, START, GOAL, PATH = range(5)
LEAST, MOST = 5, 30  # cells a side
LONG = 110  # a Maze-Hard path has more cells than this

WALL_TOKEN, FREE_TOKEN, START_TOKEN, GOAL_TOKEN, PATH_TOKEN = range(1, 6)  # 0 is padding
_TOKEN_OF = np.array(
    [FREE_TOKEN, WALL_TOKEN, START_TOKEN, GOAL_TOKEN, PATH_TOKEN], dtype=np.uint8
)  # by board value
_VALUE_OF = np.array([FREE, WALL, FREE, START, GOAL, PATH], dtype=np.uint8)  # by token
_CARVE: dict[str, Callable[[int, int, np.random.Generator], np.ndarray]] = {
    "corridors": maze_carving.corridors,
    "loops": maze_carving.loops,
    "walls": maze_carving.random_walls,
    "ties": maze_carving.random_walls,
    "rooms": maze_carving.rooms,
    "hard": maze_carving.random_walls,
}
_TRIES = 256  # mazes looked through at once for a long one
_UNIQUE = ("corridors", "loops", "walls")
Cell = tuple[int, int]


class Maze(Domain):
    """A maze of `rows` x `cols` cells.

    Difficulties: "corridors" (perfect mazes), "loops" (corridors that meet again), "walls" (every
    cell a wall with a probability of 30 to 50 %), all three with exactly one shortest path;
    "mixed", any of them, half of them smaller than the canvas and somewhere in it; "rooms", "ties"
    (random walls and any goal), and on 30x30 "hard" (the Maze-Hard recipe), which have many
    shortest paths and carry the published tie-break's. The rating is the length of the shortest
    path in moves.
    """

    vocab_size = 6
    draws_paths = True
    by_rows = True

    def __init__(self, rows: int, cols: int) -> None:
        if not (LEAST <= rows <= MOST and LEAST <= cols <= MOST):
            raise PuzzleError(
                f"a maze has {LEAST} to {MOST} rows and columns, got {rows} rows and {cols} columns"
            )
        self.rows, self.cols = self.box_rows, self.box_cols = rows, cols
        self.name = f"maze-{rows}x{cols}"
        self.title = f"{rows}x{cols} maze"
        self.ambiguous = ("rooms", "ties") + ("hard",) * (rows == cols == MOST)
        self.difficulties = (*_UNIQUE, "mixed", *self.ambiguous)

    # Tokens

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        return (
            Symbol(FREE, ".", "free", ("0", ".", "_", " ")),
            Symbol(WALL, "#", "wall", ("#", "1", "w"), solid=True),
            Symbol(START, "S", "start", ("s",), single=True),
            Symbol(GOAL, "G", "goal", ("g",), single=True),
        )

    @property
    def answer_symbols(self) -> tuple[Symbol, ...]:
        return (self.symbols[FREE], Symbol(PATH, "o", "path", ("o",)))

    def tokens(self, board_RC: np.ndarray) -> np.ndarray:
        return _TOKEN_OF[np.asarray(board_RC).reshape(-1)]

    def board(self, tokens_L: np.ndarray) -> np.ndarray:
        tokens = np.asarray(tokens_L)
        return _VALUE_OF[tokens].reshape(*tokens.shape[:-1], self.rows, self.cols)

    def given(self, board_RC: np.ndarray) -> np.ndarray:
        board_RC = np.asarray(board_RC)
        return (board_RC != FREE) & (board_RC != PATH)

    # Canvas

    def fits_on(self, canvas: Domain) -> bool:
        return isinstance(canvas, Maze) and canvas.rows >= self.rows and canvas.cols >= self.cols

    def cells_on(self, canvas: Domain) -> np.ndarray:
        top, left = (canvas.rows - self.rows) // 2, (canvas.cols - self.cols) // 2
        cells_RC = np.arange(canvas.cells).reshape(canvas.rows, canvas.cols)
        return cells_RC[top : top + self.rows, left : left + self.cols].reshape(-1)

    def onto(self, canvas: Domain, board_RC: np.ndarray) -> np.ndarray:
        wide_RC = np.full((canvas.rows, canvas.cols), WALL, dtype=np.uint8)
        wide_RC.flat[self.cells_on(canvas)] = np.asarray(board_RC).reshape(-1)
        return wide_RC

    # Rules

    def violations(self, board_RC: np.ndarray) -> list[Violation]:
        board_RC = np.asarray(board_RC)
        broken = []
        for value, name in ((START, "start"), (GOAL, "goal")):
            cells = _cells(board_RC == value)
            if len(cells) > 1:
                broken.append(Violation(cells, f"{len(cells)} cells marked as the {name}"))
        if (board_RC == PATH).any() and not broken:
            broken += self._broken_path(board_RC)
        return broken

    def _broken_path(self, board_RC: np.ndarray) -> list[Violation]:
        """Loose ends, forks and pieces apart from the rest, of a path that is drawn."""
        marked_RC = board_RC >= START
        near_RC = _marked_neighbours(marked_RC)
        path_RC = board_RC == PATH
        broken = []
        loose = _cells(path_RC & (near_RC < 2))
        if loose:
            broken.append(Violation(loose, f"the path is broken at {_place(loose[0])}"))
        forks = _cells((path_RC & (near_RC > 2)) | (marked_RC & ~path_RC & (near_RC > 1)))
        if forks:
            broken.append(Violation(forks, f"the path forks at {_place(forks[0])}"))
        ends = [*_cells(board_RC == START), *_cells(board_RC == GOAL)]
        if ends:
            apart_RC = marked_RC & (distances(marked_RC, ends[0]) < 0)
            apart = _cells(apart_RC & path_RC)
            if apart and not loose:
                broken.append(Violation(apart, f"a piece lies apart at {_place(apart[0])}"))
        return broken

    def is_solved(self, question_RC: np.ndarray, answer_RC: np.ndarray) -> bool:
        return self.judge(question_RC, answer_RC).solved

    def judge(self, question_RC: np.ndarray, answer_RC: np.ndarray) -> Judgement:
        """Solved is a shortest path; valid is any path, without forks or cells to spare."""
        question_RC, answer_RC = np.asarray(question_RC), np.asarray(answer_RC)
        given_RC = self.given(question_RC)
        over = _cells(given_RC & (answer_RC != question_RC) & (answer_RC == PATH))
        if over:
            return Judgement(False, False, f"it goes through a wall at {_place(over[0])}")
        if (given_RC & (answer_RC != question_RC)).any():
            return Judgement(False, False, "it moved a wall, the start or the goal")
        start, goal = self._ends(question_RC)
        if start is None or goal is None:
            return Judgement(False, False, "there is no start or no goal")
        marked_RC = (answer_RC == PATH) | (question_RC == START) | (question_RC == GOAL)
        reached_RC = distances(marked_RC, start)
        length = int(reached_RC[goal])
        if length < 0:
            far = np.unravel_index(int(reached_RC.argmax()), reached_RC.shape)
            where = _place((int(far[0]), int(far[1])))
            if not (answer_RC == PATH).any():
                return Judgement(False, False, "it marked no path")
            return Judgement(False, False, f"the path from the start breaks off at {where}")
        spare = int(marked_RC.sum()) - (length + 1)
        if spare:
            cells = "1 cell" if spare == 1 else f"{spare} cells"
            return Judgement(False, False, f"it marks {cells} more than the path needs")
        shortest = int(distances(question_RC != WALL, start)[goal])
        if length > shortest:
            return Judgement(
                True, False, f"a path, but {length - shortest} moves longer than the shortest"
            )
        return Judgement(True, True, f"a shortest path, {length} moves")

    def telling(self, solution_RC: np.ndarray) -> tuple[np.ndarray, str]:
        return np.asarray(solution_RC) == PATH, "path cells right"

    def progress(self, question_RC: np.ndarray, board_RC: np.ndarray) -> tuple[str, int] | None:
        """Path cells that hang together with the start."""
        path_RC = np.asarray(board_RC) == PATH
        start, _ = self._ends(question_RC)
        reached = 0
        if start is not None:
            path_RC = path_RC & (np.asarray(question_RC) == FREE)
            walked_RC = path_RC.copy()
            walked_RC[start] = True
            reached = int((path_RC & (distances(walked_RC, start) > 0)).sum())
        return "connected to the start", reached

    def solutions(self, board_RC: np.ndarray, limit: int = 2) -> list[np.ndarray]:
        start, goal = self._ends(board_RC)
        if start is None or goal is None or self.violations(board_RC):
            return []
        open_RC = np.asarray(board_RC) != WALL
        return [_marked(board_RC, path) for path in shortest_paths(open_RC, start, goal, limit)]

    def answer(self, board_RC: np.ndarray) -> np.ndarray | None:
        """The shortest path that the published tie-break chooses; None where there is none."""
        start, goal = self._ends(board_RC)
        if start is None or goal is None:
            return None
        path = shortest_path(np.asarray(board_RC) != WALL, start, goal)
        return None if path is None else _marked(board_RC, path)

    def rate(self, question_RC: np.ndarray) -> int | None:
        start, goal = self._ends(question_RC)
        if start is None or goal is None:
            return None
        length = int(distances(np.asarray(question_RC) != WALL, start)[goal])
        return length if length >= 0 else None

    def check_question(self, board_RC: np.ndarray) -> None:
        super().check_question(board_RC)
        ends = zip(("start (S)", "goal (G)"), self._ends(board_RC), strict=True)
        missing = [name for name, cell in ends if cell is None]
        if missing:
            raise PuzzleError(
                f"this maze has no {' and no '.join(missing)}; place it on a free cell"
            )

    def summary(self, question_RC: np.ndarray, solutions: int) -> str:
        moves = self.rate(question_RC)
        if moves is None:
            return "No way leads from the start to the goal. The model will try all the same."
        if solutions == 1:
            return f"exactly one shortest path, {moves} moves"
        return f"Several shortest paths of {moves} moves; any of them is right."

    @staticmethod
    def _ends(board_RC: np.ndarray) -> tuple[Cell | None, Cell | None]:
        found = [_cells(np.asarray(board_RC) == value) for value in (START, GOAL)]
        return tuple(cells[0] if cells else None for cells in found)

    # Making puzzles

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
        return made

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
        answer_RC = self.answer(question_RC)
        return Puzzle(question_RC, answer_RC, int((answer_RC == PATH).sum()) + 1)

    # Symmetries

    def symmetries(self, rng: np.random.Generator, count: int) -> Symmetries:
        """Reflections, turns where the board is square, and start and goal exchanged.

        They keep a shortest path a shortest path; not the published tie-break between several.
        All of them come before any comes again.
        """
        boards = self._turned()
        total = 2 * len(boards)
        rounds = -(-count // total)
        order_K = np.concatenate([rng.permutation(total) for _ in range(rounds)])[:count]
        symbols_2V = np.array([[0, 1, 2, 3, 4, 5], [0, 1, 2, 4, 3, 5]], dtype=np.uint8)
        return Symmetries(boards[order_K // 2], symbols_2V[order_K % 2])

    def _turned(self) -> np.ndarray:
        """The cells in reading order after each reflection and turn, (8 or 4, L)."""
        cells_RC = np.arange(self.cells).reshape(self.rows, self.cols)
        flat = [cells_RC, cells_RC[::-1], cells_RC[:, ::-1], cells_RC[::-1, ::-1]]
        if self.rows == self.cols:
            flat += [board_RC.T for board_RC in flat]
        return np.stack([board_RC.reshape(-1) for board_RC in flat])

    # Text

    def sized_for(self, text: str) -> Domain:
        shape = read_maze(text, self.cells, self.cols).shape
        return self if shape == (self.rows, self.cols) else Maze(*shape)

    def parse(self, text: str) -> np.ndarray:
        board_RC = read_maze(text, self.cells, self.cols)
        if board_RC.shape != (self.rows, self.cols):
            rows, cols = board_RC.shape
            raise PuzzleError(
                f"a {self.title} has {self.rows} rows of {self.cols} cells, "
                f"got {rows} rows of {cols}"
            )
        return board_RC

    def format(self, board_RC: np.ndarray) -> str:
        return "/".join("".join(".#SGo"[value] for value in row) for row in np.asarray(board_RC))


def read_maze(text: str, cells: int = 0, cols: int = 0) -> np.ndarray:
    """A maze of any size from text, (R, C); `cells` symbols in one line are rows of `cols`.

    Raises `PuzzleError` with a sentence for the person who typed it.
    """
    values = {"#": WALL, ".": FREE, "S": START, "G": GOAL, "o": PATH}
    lines = maze_lines(text, cells, cols)
    if not lines:
        raise PuzzleError("type or paste a maze: # for a wall, . or a space for free, S and G")
    wide = max(len(line) for line in lines)
    for r, line in enumerate(lines):
        for c, symbol in enumerate(line):
            if symbol not in values:
                raise PuzzleError(
                    f"a maze uses # . S G, got {symbol!r} at row {r + 1}, column {c + 1}"
                )
    if not (LEAST <= len(lines) <= MOST and LEAST <= wide <= MOST):
        raise PuzzleError(
            f"a maze has {LEAST} to {MOST} rows and columns, "
            f"got {len(lines)} rows of up to {wide} cells"
        )
    board_RC = np.full((len(lines), wide), FREE, dtype=np.uint8)
    for r, line in enumerate(lines):
        board_RC[r, : len(line)] = [values[symbol] for symbol in line]
    return np.where(board_RC == PATH, FREE, board_RC).astype(np.uint8)


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
        walls_BRC = np.stack([maze_carving.random_walls(rows, cols, rng) for _ in range(_TRIES)])
        starts = [divmod(int(rng.choice(np.flatnonzero(~walls))), cols) for walls in walls_BRC]
        long_B = maze_search.farthest(~walls_BRC, np.array(starts)) > LONG
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


def _marked(board_RC: np.ndarray, path: list[Cell]) -> np.ndarray:
    answer_RC = np.array(board_RC, dtype=np.uint8)
    for cell in path[1:-1]:
        answer_RC[cell] = PATH
    return answer_RC


def _marked_neighbours(marked_RC: np.ndarray) -> np.ndarray:
    wide = np.pad(marked_RC, 1).astype(np.uint8)
    rows, cols = marked_RC.shape
    return sum(wide[1 + dr : 1 + dr + rows, 1 + dc : 1 + dc + cols] for dr, dc in NEIGHBOURS)


def _cells(mask_RC: np.ndarray) -> tuple[Cell, ...]:
    return tuple((int(r), int(c)) for r, c in np.argwhere(mask_RC))


def _place(cell: Cell) -> str:
    return f"row {cell[0] + 1}, column {cell[1] + 1}"


def maze_size(name: str) -> tuple[int, int] | None:
    """Rows and columns in a name such as "maze-12x9"; None for any other name."""
    match = re.fullmatch(r"maze-(\d{1,2})x(\d{1,2})", name)
    return None if match is None else (int(match[1]), int(match[2]))
