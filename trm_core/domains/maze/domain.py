"""Mazes of 5x5 to 30x30 cells: tokens, rules, symmetries, text, looks.

A board holds 0 free, 1 wall, 2 start, 3 goal, 4 path. Tokens are as published: pad 0, wall 1,
free 2, start 3, goal 4, path 5. The answer to a question is the same board with one shortest path
marked. A model reads a canvas of a fixed size: a smaller maze stands in its middle, in walls.
"""

from __future__ import annotations

import re

import numpy as np

from trm_core.domains.contract import (
    Domain,
    Drawing,
    Judgement,
    PuzzleError,
    Rules,
    Sign,
    Symbol,
    Symmetries,
    Violation,
    counted,
)
from trm_core.domains.maze.cells import (
    FREE,
    GOAL,
    LEAST,
    MOST,
    PATH,
    START,
    WALL,
    Cell,
    cells_where,
    ends,
    marked,
    with_gap_ends,
)
from trm_core.domains.maze.maker import LONG, MazeMaker
from trm_core.domains.maze.search import NEIGHBOURS, distances, shortest_paths
from trm_core.domains.maze.text import maze_lines

__all__ = ["FREE", "GOAL", "LEAST", "LONG", "MOST", "PATH", "START", "WALL", "Maze", "maze_size"]

WALL_TOKEN, FREE_TOKEN, START_TOKEN, GOAL_TOKEN, PATH_TOKEN = range(1, 6)  # 0 is padding
_TOKEN_OF = np.array(
    [FREE_TOKEN, WALL_TOKEN, START_TOKEN, GOAL_TOKEN, PATH_TOKEN], dtype=np.uint8
)  # by board value
_VALUE_OF = np.array([FREE, WALL, FREE, START, GOAL, PATH], dtype=np.uint8)  # by token


class MazeRules(Rules):
    """A path from start to goal over free cells, and no other is shorter."""

    ambiguous = True
    rated_by = "steps of the shortest path"

    def violations(self, board_RC: np.ndarray) -> list[Violation]:
        board_RC = np.asarray(board_RC)
        broken = []
        for value, name in ((START, "start"), (GOAL, "goal")):
            cells = cells_where(board_RC == value)
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
        loose = cells_where(path_RC & (near_RC < 2))
        if loose:
            broken.append(Violation(loose, f"the path is broken at {_place(loose[0])}"))
        forks = cells_where((path_RC & (near_RC > 2)) | (marked_RC & ~path_RC & (near_RC > 1)))
        if forks:
            broken.append(Violation(forks, f"the path forks at {_place(forks[0])}"))
        both = [*cells_where(board_RC == START), *cells_where(board_RC == GOAL)]
        if both:
            apart_RC = marked_RC & (distances(marked_RC, both[0]) < 0)
            apart = cells_where(apart_RC & path_RC)
            if apart and not loose:
                broken.append(Violation(apart, f"a piece lies apart at {_place(apart[0])}"))
        return broken

    def judge(
        self, question_RC: np.ndarray, answer_RC: np.ndarray, solution_RC: np.ndarray | None = None
    ) -> Judgement:
        """Solved is a shortest path; valid is any path, without forks or cells to spare."""
        question_RC, answer_RC = np.asarray(question_RC), np.asarray(answer_RC)
        start, goal = ends(question_RC)
        if start is None or goal is None:
            return Judgement(False, False, "there is no start or no goal")
        altered = self._altered(question_RC, answer_RC)
        if altered is not None:
            return Judgement(False, False, altered)
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
            cells = counted(spare, "cell")
            return Judgement(False, False, f"it marks {cells} more than the path needs")
        shortest = int(distances(question_RC != WALL, start)[goal])
        if length > shortest:
            longer = counted(length - shortest, "move")
            return Judgement(True, False, f"a path, but {longer} longer than the shortest")
        return Judgement(True, True, f"a shortest path, {counted(length, 'move')}")

    @staticmethod
    def _altered(question_RC: np.ndarray, answer_RC: np.ndarray) -> str | None:
        """What an answer changed besides marking free cells as path, in words."""
        other_RC = (answer_RC != question_RC) & ~((question_RC == FREE) & (answer_RC == PATH))
        over = cells_where(other_RC & (answer_RC == PATH))
        if over:
            through = {WALL: "through a wall", START: "over the start", GOAL: "over the goal"}
            # A path drawn into a question is no answer's doing, and stays.
            return f"it goes {through[int(question_RC[over[0]])]} at {_place(over[0])}"
        moved = cells_where(other_RC & (question_RC != FREE) & (question_RC != PATH))
        if moved:
            return f"it moved a wall, the start or the goal at {_place(moved[0])}"
        added = cells_where(other_RC & (answer_RC != FREE))
        if added:
            what = {WALL: "a wall", START: "a second start", GOAL: "a second goal"}
            return f"it put {what[int(answer_RC[added[0]])]} at {_place(added[0])}"
        return None

    def progress(self, question_RC: np.ndarray, board_RC: np.ndarray) -> tuple[str, int] | None:
        """Path cells that hang together with the start."""
        path_RC = np.asarray(board_RC) == PATH
        start, _ = ends(question_RC)
        reached = 0
        if start is not None:
            path_RC = path_RC & (np.asarray(question_RC) == FREE)
            walked_RC = path_RC.copy()
            walked_RC[start] = True
            reached = int((path_RC & (distances(walked_RC, start) > 0)).sum())
        return "connected to the start", reached

    def solutions(self, board_RC: np.ndarray, limit: int = 2) -> list[np.ndarray]:
        start, goal = ends(board_RC)
        if start is None or goal is None or self.violations(board_RC):
            return []
        open_RC = np.asarray(board_RC) != WALL
        return [marked(board_RC, path) for path in shortest_paths(open_RC, start, goal, limit)]

    def rate(self, question_RC: np.ndarray) -> int | None:
        start, goal = ends(question_RC)
        if start is None or goal is None:
            return None
        length = int(distances(np.asarray(question_RC) != WALL, start)[goal])
        return length if length >= 0 else None

    def check_question(self, board_RC: np.ndarray) -> None:
        super().check_question(board_RC)
        named = zip(("start (S)", "goal (G)"), ends(board_RC), strict=True)
        missing = [name for name, cell in named if cell is None]
        if missing:
            raise PuzzleError(
                f"this maze has no {' and no '.join(missing)}; place it on a free cell"
            )

    def summary(self, question_RC: np.ndarray, solutions: int) -> str:
        moves = self.rate(question_RC)
        if moves is None:
            return "No way leads from the start to the goal. The model will try all the same."
        if solutions == 1:
            return f"exactly one shortest path, {counted(moves, 'move')}"
        return f"Several shortest paths of {counted(moves, 'move')}; any of them is right."


class Maze(Domain):
    """A maze of `rows` x `cols` cells. Its rating is the length of the shortest path in moves."""

    vocab_size = 6
    by_rows = True

    def __init__(self, rows: int, cols: int) -> None:
        if not (LEAST <= rows <= MOST and LEAST <= cols <= MOST):
            raise PuzzleError(
                f"a maze has {LEAST} to {MOST} rows and columns, got {rows} rows and {cols} columns"
            )
        self.rows, self.cols = rows, cols
        self.name = f"maze-{rows}x{cols}"
        self.title = f"{rows}x{cols} maze"
        self.rules = MazeRules()
        self.maker = MazeMaker(rows, cols, self.title)
        free = Symbol(FREE, ".", "free", ("0", ".", "_", " "))
        self.drawing = Drawing(
            symbols=(
                free,
                Symbol(WALL, "#", "wall", ("#", "1", "w"), solid=True),
                Symbol(START, "S", "start", ("s",), single=True),
                Symbol(GOAL, "G", "goal", ("g",), single=True),
            ),
            answers=(free, Symbol(PATH, "o", "path", ("o",))),
            cells="path",
            box_rows=rows,
            box_cols=cols,
            legend=(
                Sign("solid", "", "wall"),
                Sign("end", "<b>S</b>", "start, goal (G)"),
                Sign("guess", "<b>―</b>", "path: stronger blue, likelier on it"),
            ),
            brush=True,
            telling=(PATH,),
            telling_name="path cells right",
        )

    def tokens(self, board_RC: np.ndarray) -> np.ndarray:
        return _TOKEN_OF[np.asarray(board_RC).reshape(-1)]

    def board(self, tokens_L: np.ndarray) -> np.ndarray:
        tokens = np.asarray(tokens_L)
        return _VALUE_OF[tokens].reshape(*tokens.shape[:-1], self.rows, self.cols)

    def given(self, board_RC: np.ndarray) -> np.ndarray:
        board_RC = np.asarray(board_RC)
        return (board_RC != FREE) & (board_RC != PATH)

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

    def opened(self, text: str) -> tuple[Domain, np.ndarray, tuple[str, ...]]:
        board_RC, notes = read_maze_noted(text, self.cells, self.cols)
        board_RC, more = with_gap_ends(board_RC)
        fitting = self if board_RC.shape == (self.rows, self.cols) else Maze(*board_RC.shape)
        return fitting, board_RC, (*notes, *more)

    def parse(self, text: str) -> np.ndarray:
        return self._sized(read_maze(text, self.cells, self.cols))

    def _sized(self, board_RC: np.ndarray) -> np.ndarray:
        if board_RC.shape != (self.rows, self.cols):
            rows, cols = board_RC.shape
            raise PuzzleError(
                f"a {self.title} has {self.rows} rows of {self.cols} cells, "
                f"got {rows} rows of {cols}"
            )
        return board_RC

    def format(self, board_RC: np.ndarray) -> str:
        return "/".join("".join(".#SGo"[value] for value in row) for row in np.asarray(board_RC))

    def parse_answer(self, text: str) -> np.ndarray:
        return self._sized(read_maze(text, self.cells, self.cols, path=True))


def read_maze(text: str, cells: int = 0, cols: int = 0, *, path: bool = False) -> np.ndarray:
    """A maze of any size from text, (R, C); `cells` symbols in one line are rows of `cols`.

    A path marked in it is kept if `path` is wanted, else its cells are free. Raises `PuzzleError`
    with a sentence for the person who typed it.
    """
    return read_maze_noted(text, cells, cols, path=path)[0]


def read_maze_noted(
    text: str, cells: int = 0, cols: int = 0, *, path: bool = False
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The same, and what was taken for what."""
    values = {"#": WALL, ".": FREE, "S": START, "G": GOAL, "o": PATH}
    lines, notes = maze_lines(text, cells, cols)
    if not lines:
        raise PuzzleError("type or paste a maze: # for a wall, . or a space for free, S and G")
    wide = max(len(line) for line in lines)
    for r, line in enumerate(lines):
        for c, symbol in enumerate(line):
            if symbol not in values:
                raise PuzzleError(
                    f"a maze uses # for walls, . or a blank for free cells, S and G; got {symbol!r} "
                    f"at row {r + 1}, column {c + 1}"
                )
    if not (LEAST <= len(lines) <= MOST and LEAST <= wide <= MOST):
        raise PuzzleError(
            f"a maze has {LEAST} to {MOST} rows and columns, "
            f"got {len(lines)} rows of up to {wide} cells"
        )
    board_RC = np.full((len(lines), wide), FREE, dtype=np.uint8)
    for r, line in enumerate(lines):
        board_RC[r, : len(line)] = [values[symbol] for symbol in line]
    if not path and (board_RC == PATH).any():
        board_RC = np.where(board_RC == PATH, FREE, board_RC).astype(np.uint8)
        notes = (*notes, "the path marked in it was left out")
    return board_RC, notes


def _marked_neighbours(marked_RC: np.ndarray) -> np.ndarray:
    wide = np.pad(marked_RC, 1).astype(np.uint8)
    rows, cols = marked_RC.shape
    shifted = [wide[1 + dr : 1 + dr + rows, 1 + dc : 1 + dc + cols] for dr, dc in NEIGHBOURS]
    return np.sum(shifted, axis=0)


def _place(cell: Cell) -> str:
    return f"row {cell[0] + 1}, column {cell[1] + 1}"


def maze_size(name: str) -> tuple[int, int] | None:
    """Rows and columns in a name such as "maze-12x9"; None for any other name."""
    match = re.fullmatch(r"maze-(\d{1,2})x(\d{1,2})", name)
    return None if match is None else (int(match[1]), int(match[2]))
