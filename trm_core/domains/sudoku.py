"""Sudoku of 4x4, 6x6 (boxes of 2x3) and 9x9: rules, tokens, symmetries, puzzles, text.

A board holds 0 for a blank and 1..n for digits. Tokens are as published for 9x9: pad 0,
blank 1, digit d is d + 1.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trm_core.domains.contract import (
    Domain,
    Judgement,
    Puzzle,
    PuzzleError,
    SearchLimitError,
    Symbol,
    Symmetries,
    Violation,
)
from trm_core.domains.grid_text import cell_symbols
from trm_core.domains.sudoku_search import SudokuSearch, sudoku_search

MOST_GUESSES = (
    4000  # a second or two of plain search; the hardest proper puzzles need a few hundred
)
EXTREME = 10  # guesses an "extreme" puzzle needs at least
BULK = 64  # from this many puzzles on, compiling the search pays


def _can_compile() -> bool:
    return importlib.util.find_spec("numba") is not None


class Sudoku(Domain):
    """An n x n Sudoku with boxes of `box_rows` x `box_cols`, n = box_rows * box_cols.

    Difficulties: "easy" and "medium" fall to singles alone (about 45 % and 37 % of the cells
    given), "hard" is minimal and needs guesses, "minimal" is any puzzle without a spare clue,
    "mixed" is minimal plus zero to 12 extra givens (fewer on small grids), "extreme" (9x9 only) is
    minimal and needs `EXTREME` guesses or more. The rating is the number of guesses our own search
    makes (`sudoku_search`): 0 means singles suffice.
    """

    def __init__(self, box_rows: int, box_cols: int) -> None:
        self.box_rows, self.box_cols = box_rows, box_cols
        self.size = self.rows = self.cols = n = box_rows * box_cols
        self.vocab_size = n + 2
        self.name = f"sudoku-{n}x{n}"
        self.title = f"{n}x{n} Sudoku"
        # No 4x4 Sudoku needs a guess, and few 6x6 ones need many.
        levels = ("easy", "medium", "mixed", "minimal", "hard", "extreme")
        self.difficulties = levels[: {4: 4, 6: 5}.get(n, 6)]
        self.most_extra = {4: 3, 6: 6}.get(n, 12)  # givens that "mixed" adds at most

    # Tokens

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        blank = Symbol(0, ".", "empty", ("0", ".", "*", "_", " "))
        digits = [Symbol(d, str(d), str(d), (str(d),)) for d in range(1, self.size + 1)]
        return (blank, *digits)

    def tokens(self, board_RC: np.ndarray) -> np.ndarray:
        return (np.asarray(board_RC).reshape(-1) + 1).astype(np.uint8)

    def board(self, tokens_L: np.ndarray) -> np.ndarray:
        tokens = np.asarray(tokens_L)
        board = np.maximum(tokens.astype(np.int16) - 1, 0).astype(np.uint8)
        return board.reshape(*tokens.shape[:-1], self.rows, self.cols)

    def given(self, board_RC: np.ndarray) -> np.ndarray:
        return np.asarray(board_RC) > 0

    # Rules

    def violations(self, board_RC: np.ndarray) -> list[Violation]:
        flat = np.asarray(board_RC).reshape(-1)
        broken = []
        for u, unit in enumerate(self._search().units_UN):
            for digit in range(1, self.size + 1):
                cells = unit[flat[unit] == digit]
                if len(cells) > 1:
                    where = f"{('row', 'column', 'box')[u // self.size]} {u % self.size + 1}"
                    many = {2: "two", 3: "three"}.get(len(cells), str(len(cells)))
                    positions = tuple((int(c) // self.cols, int(c) % self.cols) for c in cells)
                    broken.append(Violation(positions, f"{many} {digit}s in {where}"))
        return broken

    def is_solved(self, question_RC: np.ndarray, answer_RC: np.ndarray) -> bool:
        question, answer = np.asarray(question_RC), np.asarray(answer_RC)
        if not (answer > 0).all() or (answer[question > 0] != question[question > 0]).any():
            return False
        units_UN = np.sort(answer.reshape(-1)[self._search().units_UN], axis=1)
        return bool((units_UN == np.arange(1, self.size + 1)).all())

    def judge(self, question_RC: np.ndarray, answer_RC: np.ndarray) -> Judgement:
        """Valid also when the answer is a proper Sudoku, but of another question."""
        judged = super().judge(question_RC, answer_RC)
        valid = self.is_solved(np.zeros_like(answer_RC), answer_RC)
        return replace(judged, valid=valid)

    def solutions(self, board_RC: np.ndarray, limit: int = 2) -> list[np.ndarray]:
        if self.violations(board_RC):
            return []
        found = self._search().solve(np.asarray(board_RC), limit, MOST_GUESSES)
        if found.guesses >= MOST_GUESSES and len(found.solutions) < limit:
            raise SearchLimitError(
                "this puzzle is too tangled to tell in a moment whether it has exactly one solution"
            )
        return found.solutions

    def rate(self, question_RC: np.ndarray) -> int:
        """Guesses our search makes until it has found the solution; 0 when singles suffice."""
        return self._search().solve(np.asarray(question_RC), limit=1).guesses

    def summary(self, question_RC: np.ndarray, solutions: int) -> str:
        if solutions != 1:
            return super().summary(question_RC, solutions)
        guesses = self.rate(question_RC)
        hardness = {0: "no guess needed", 1: "an exact search guesses once"}.get(
            guesses, f"an exact search guesses {guesses} times"
        )
        givens = int(self.given(question_RC).sum())
        return f"{givens} givens, exactly one solution, {hardness}"

    def _search(self, compiled: bool = False) -> SudokuSearch:
        return sudoku_search(self.box_rows, self.box_cols, compiled)

    # Making puzzles

    def generate(self, rng: np.random.Generator, difficulty: str) -> Puzzle:
        self.check_difficulty(difficulty)
        return self._generate(rng, difficulty, self._search())

    def generate_many(
        self, rng: np.random.Generator, difficulty: str, count: int
    ) -> Sequence[Puzzle]:
        self.check_difficulty(difficulty)
        search = self._search(compiled=count >= BULK and _can_compile())
        return [self._generate(rng, difficulty, search) for _ in range(count)]

    def generate_rated(
        self, rng: np.random.Generator, count: int, least: int, most: int
    ) -> Sequence[Puzzle]:
        if not 1 <= least <= most or "extreme" not in self.difficulties:
            return super().generate_rated(rng, count, least, most)
        search = self._search(compiled=_can_compile())
        puzzles: list[Puzzle] = []
        while len(puzzles) < count:
            target = least + (most - least + 1) * len(puzzles) // count
            found = self._harder(*self._minimal(rng, search)[1:], rng, search, target)
            if found.rating <= most:
                puzzles.append(found)
        return puzzles

    def _generate(self, rng: np.random.Generator, difficulty: str, search: SudokuSearch) -> Puzzle:
        while True:
            solution_RC, minimal_RC, rating = self._minimal(rng, search)
            if difficulty == "hard" and rating == 0:
                continue
            if difficulty == "extreme":
                return self._harder(minimal_RC, rating, rng, search)
            if difficulty in ("easy", "medium"):
                if rating:
                    continue
                givens = round(self.cells * (0.45 if difficulty == "easy" else 0.37))
                extra = max(0, givens - int((minimal_RC > 0).sum()))
            else:
                extra = int(rng.integers(self.most_extra + 1)) if difficulty == "mixed" else 0
            question_RC = self._reveal(minimal_RC, solution_RC, extra, rng)
            if extra and rating:
                rating = search.solve(question_RC, limit=1).guesses
            return Puzzle(question_RC, solution_RC, rating)

    def _minimal(
        self, rng: np.random.Generator, search: SudokuSearch
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """A random solution, a minimal puzzle that has it, and that puzzle's rating."""
        solution_RC = self._random_solution(rng, search)
        minimal_RC = search.dig(solution_RC, rng.permutation(self.cells))
        return solution_RC, minimal_RC, search.solve(minimal_RC, limit=1).guesses

    def _harder(
        self,
        minimal_RC: np.ndarray,
        rating: int,
        rng: np.random.Generator,
        search: SudokuSearch,
        least: int = EXTREME,
    ) -> Puzzle:
        """Climb from a minimal puzzle to one that needs `least` guesses, neighbour by neighbour."""
        while rating < least:
            neighbour_RC = self._neighbour(minimal_RC, rng, search)
            found = search.solve(neighbour_RC, limit=1).guesses
            if found >= rating:
                minimal_RC, rating = neighbour_RC, found
        solution_RC = search.solve(minimal_RC, limit=1).solutions[0]
        return Puzzle(minimal_RC, solution_RC, rating)

    def _neighbour(
        self, minimal_RC: np.ndarray, rng: np.random.Generator, search: SudokuSearch
    ) -> np.ndarray:
        """One to three clues out, others in until the solution is unique, then minimal again."""
        board_RC = minimal_RC.copy()
        clues = rng.permutation(np.flatnonzero(board_RC))
        board_RC.flat[clues[: int(rng.integers(1, 4))]] = 0
        while len(found := search.solve(board_RC, limit=2).solutions) == 2:
            cell = rng.choice(np.flatnonzero(found[0] != found[1]))
            board_RC.flat[cell] = found[int(rng.integers(2))].flat[cell]
        return search.dig(board_RC, rng.permutation(np.flatnonzero(board_RC)))

    def _random_solution(self, rng: np.random.Generator, search: SudokuSearch) -> np.ndarray:
        """A random full grid: random boxes on the diagonal, completed, then a random symmetry."""
        full: list[np.ndarray] = []
        while not full:  # a quarter of the 4x4 diagonals can be completed, all of the 9x9 ones
            board_RC = np.zeros((self.rows, self.cols), dtype=np.uint8)
            for k in range(min(self.rows // self.box_rows, self.cols // self.box_cols)):
                r, c = k * self.box_rows, k * self.box_cols
                box = rng.permutation(self.size).reshape(self.box_rows, self.box_cols) + 1
                board_RC[r : r + self.box_rows, c : c + self.box_cols] = box
            full = search.solve(board_RC, limit=1).solutions
        return self.board(self.symmetries(rng, 1).apply(self.tokens(full[0]))[0])

    @staticmethod
    def _reveal(
        question_RC: np.ndarray, solution_RC: np.ndarray, count: int, rng: np.random.Generator
    ) -> np.ndarray:
        blanks = np.flatnonzero(question_RC == 0)
        chosen = rng.permutation(blanks)[:count]
        revealed = question_RC.copy()
        revealed.flat[chosen] = solution_RC.flat[chosen]
        return revealed

    # Symmetries

    def symmetries(self, rng: np.random.Generator, count: int) -> Symmetries:
        """Relabelled digits, bands, rows in a band, stacks, columns in a stack; transposition
        where boxes are square."""
        rows_KR = self._line_orders(rng, count, self.box_rows)
        cols_KC = self._line_orders(rng, count, self.box_cols)
        cells_KRC = rows_KR[:, :, None] * self.cols + cols_KC[:, None, :]
        if self.box_rows == self.box_cols:
            flip_K = rng.random(count) < 0.5
            cells_KRC[flip_K] = cells_KRC[flip_K].transpose(0, 2, 1)
        symbols_KV = np.empty((count, self.vocab_size), dtype=np.uint8)
        symbols_KV[:, :2] = (0, 1)
        symbols_KV[:, 2:] = rng.random((count, self.size)).argsort(axis=1) + 2
        return Symmetries(cells_KRC.reshape(count, self.cells), symbols_KV)

    def _line_orders(self, rng: np.random.Generator, count: int, lines: int) -> np.ndarray:
        """(count, n) orders of rows (or columns) that keep groups of `lines` together."""
        groups = self.size // lines
        group_KG = rng.random((count, groups)).argsort(axis=1)
        within_KGI = rng.random((count, groups, lines)).argsort(axis=2)
        return (group_KG[:, :, None] * lines + within_KGI).reshape(count, self.size)

    # Text

    def parse(self, text: str) -> np.ndarray:
        symbols = cell_symbols(text, self.cells, self.cols)
        if not symbols:
            raise PuzzleError(f"type or paste a {self.title}: {self.cells} cells, 0 or . for empty")
        for i, symbol in enumerate(symbols):
            if symbol != "." and not (
                symbol.isascii()
                and symbol.isdigit()
                and len(symbol) < 3
                and 1 <= int(symbol) <= self.size
            ):
                where = f"row {i // self.cols + 1}, column {i % self.cols + 1}"
                shown = symbol if len(symbol) <= 12 else symbol[:11] + "…"
                raise PuzzleError(
                    f"a {self.title} uses the digits 1 to {self.size}, got {shown!r} at {where}; "
                    "write 0 or . for an empty cell"
                )
        if len(symbols) != self.cells:
            raise PuzzleError(
                f"a {self.title} has {self.cells} cells, got {len(symbols)}; "
                "write 0 or . for an empty cell"
            )
        values = [0 if s == "." else int(s) for s in symbols]
        return np.array(values, dtype=np.uint8).reshape(self.rows, self.cols)

    def format(self, board_RC: np.ndarray) -> str:
        return "".join("." if v == 0 else str(v) for v in np.asarray(board_RC).flat)
