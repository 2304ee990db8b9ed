"""Sudoku of 4x4, 6x6 (boxes of 2x3), 9x9 and 16x16: tokens, rules, symmetries, text, looks.

A board holds 0 for a blank and 1..n for digits, which are written 1 to 9 and then A to G. Tokens are as published for 9x9: pad 0,
blank 1, digit d is d + 1.
"""

from __future__ import annotations

import math

import numpy as np

from trm_core.domains.contract import (
    Domain,
    Drawing,
    Judgement,
    PuzzleError,
    Rules,
    SearchLimitError,
    Sign,
    Symbol,
    Symmetries,
    Violation,
    counted,
)
from trm_core.domains.grid_text import cell_symbols
from trm_core.domains.sudoku.maker import SudokuMaker
from trm_core.domains.sudoku.search import sudoku_search

DIGITS = "123456789ABCDEFG"
MOST_GUESSES = (
    4000  # a second or two of plain search; the hardest proper puzzles need a few hundred
)


class SudokuRules(Rules):
    """Every digit once in each row, column and box of `box_rows` x `box_cols` cells."""

    rated_by = "guesses of an exact search"

    def __init__(self, box_rows: int, box_cols: int) -> None:
        self.size = box_rows * box_cols
        self._search = sudoku_search(box_rows, box_cols, False)

    def violations(self, board_RC: np.ndarray) -> list[Violation]:
        flat = np.asarray(board_RC).reshape(-1)
        broken = []
        for u, unit in enumerate(self._search.units_UN):
            for digit in range(1, self.size + 1):
                cells = unit[flat[unit] == digit]
                if len(cells) > 1:
                    where = f"{('row', 'column', 'box')[u // self.size]} {u % self.size + 1}"
                    many = {2: "two", 3: "three"}.get(len(cells), str(len(cells)))
                    positions = tuple((int(c) // self.size, int(c) % self.size) for c in cells)
                    broken.append(Violation(positions, f"{many} {digit}s in {where}"))
        return broken

    def judge(
        self, question_RC: np.ndarray, answer_RC: np.ndarray, solution_RC: np.ndarray | None = None
    ) -> Judgement:
        """Valid also when the answer is a proper Sudoku, but of another question."""
        question_RC, answer_RC = np.asarray(question_RC), np.asarray(answer_RC)
        valid = self._is_proper(answer_RC)
        over = int(((question_RC > 0) & (answer_RC != question_RC)).sum())
        if valid and not over:
            return Judgement(True, True, "solved")
        broken = self.violations(answer_RC)
        if broken:
            rules = counted(len(broken), "broken rule")
            return Judgement(False, False, f"{rules}, such as {broken[0].reason}")
        empty = int((answer_RC == 0).sum())
        if empty:
            are = "is" if empty == 1 else "are"
            return Judgement(False, False, f"{counted(empty, 'cell')} {are} empty")
        return Judgement(valid, False, f"it wrote over {counted(over, 'given')}")

    def is_solved(
        self, question_RC: np.ndarray, answer_RC: np.ndarray, solution_RC: np.ndarray | None = None
    ) -> bool:
        """As `judge` says, without the words: it is asked after every step."""
        question_RC, answer_RC = np.asarray(question_RC), np.asarray(answer_RC)
        kept = (answer_RC == question_RC) | (question_RC == 0)
        return bool(kept.all()) and self._is_proper(answer_RC)

    def _is_proper(self, board_RC: np.ndarray) -> bool:
        """Whether every unit holds every digit."""
        units_UN = np.sort(board_RC.reshape(-1)[self._search.units_UN], axis=1)
        return bool((units_UN == np.arange(1, self.size + 1)).all())

    def solutions(self, board_RC: np.ndarray, limit: int = 2) -> list[np.ndarray]:
        if self.violations(board_RC):
            return []
        found = self._search.solve(np.asarray(board_RC), limit, MOST_GUESSES)
        if found.guesses >= MOST_GUESSES and len(found.solutions) < limit:
            raise SearchLimitError(
                "this puzzle is too tangled to tell in a moment whether it has exactly one solution"
            )
        return found.solutions

    def rate(self, question_RC: np.ndarray) -> int:
        """Guesses our search makes until it has found the solution; 0 when singles suffice."""
        return self._search.solve(np.asarray(question_RC), limit=1).guesses

    def summary(self, question_RC: np.ndarray, solutions: int) -> str:
        if solutions != 1:
            return super().summary(question_RC, solutions)
        guesses = self.rate(question_RC)
        hardness = {0: "no guess needed", 1: "an exact search guesses once"}.get(
            guesses, f"an exact search guesses {guesses} times"
        )
        givens = int((np.asarray(question_RC) > 0).sum())
        return f"{givens} givens, exactly one solution, {hardness}"


class Sudoku(Domain):
    """An n x n Sudoku with boxes of `box_rows` x `box_cols`, n = box_rows * box_cols."""

    def __init__(self, box_rows: int, box_cols: int) -> None:
        self.box_rows, self.box_cols = box_rows, box_cols
        self.size = self.rows = self.cols = n = box_rows * box_cols
        self.vocab_size = n + 2
        self.name = f"sudoku-{n}x{n}"
        self.title = f"{n}x{n} Sudoku"
        self.rules = SudokuRules(box_rows, box_cols)
        self.maker = SudokuMaker(box_rows, box_cols, self.title, self._shuffled)
        blank = Symbol(0, ".", "empty", ("0", ".", "*", "_", " "))
        digits = [Symbol(d, sign, sign, (sign,)) for d, sign in enumerate(DIGITS[:n], 1)]
        self.drawing = Drawing(
            symbols=(blank, *digits),
            box_rows=box_rows,
            box_cols=box_cols,
            legend=(
                Sign("given", "<b>5</b>", "given"),
                Sign("guess", "5", "answer: stronger blue, surer"),
            ),
        )

    def tokens(self, board_RC: np.ndarray) -> np.ndarray:
        return (np.asarray(board_RC).reshape(-1) + 1).astype(np.uint8)

    def board(self, tokens_L: np.ndarray) -> np.ndarray:
        tokens = np.asarray(tokens_L)
        board = np.maximum(tokens.astype(np.int16) - 1, 0).astype(np.uint8)
        return board.reshape(*tokens.shape[:-1], self.rows, self.cols)

    def given(self, board_RC: np.ndarray) -> np.ndarray:
        return np.asarray(board_RC) > 0

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

    def _shuffled(self, board_RC: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The board under a random symmetry."""
        return self.board(self.symmetries(rng, 1).apply(self.tokens(board_RC))[0])

    def parse(self, text: str) -> np.ndarray:
        symbols = cell_symbols(text, self.cells, self.cols)
        if not symbols:
            raise PuzzleError(f"type or paste a {self.title}: {self.cells} cells, 0 or . for empty")
        other = math.isqrt(len(symbols))
        if other > self.size and other**2 == len(symbols):
            raise PuzzleError(
                f"a {self.title} has {self.cells} cells, got {len(symbols)}, as a {other}x{other} grid has"
            )
        values = [self._value(symbol) for symbol in symbols]
        for i, (symbol, value) in enumerate(zip(symbols, values, strict=True)):
            if value is None:
                where = f"row {i // self.cols + 1}, column {i % self.cols + 1}"
                shown = symbol if len(symbol) <= 12 else symbol[:11] + "…"
                raise PuzzleError(
                    f"a {self.title} uses the digits 1 to {DIGITS[self.size - 1]}, got {shown!r} at {where}; "
                    "write 0 or . for an empty cell"
                )
        if len(symbols) != self.cells:
            raise PuzzleError(
                f"a {self.title} has {self.cells} cells, got {len(symbols)}; "
                "write 0 or . for an empty cell"
            )
        return np.array(values, dtype=np.uint8).reshape(self.rows, self.cols)

    def _value(self, symbol: str) -> int | None:
        """What a cell's symbol stands for; None where it means nothing here."""
        if symbol == ".":
            return 0
        if symbol.isascii() and symbol.isdigit() and len(symbol) < 3:
            value = int(symbol)
        else:
            value = DIGITS.find(symbol.upper()) + 1 if len(symbol) == 1 else 0
        return value if 1 <= value <= self.size else None

    def format(self, board_RC: np.ndarray) -> str:
        return "".join("." if v == 0 else DIGITS[v - 1] for v in np.asarray(board_RC).flat)
