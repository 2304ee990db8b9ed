"""Latin squares of 3x3 and 4x4: every digit once in each row and column."""

from __future__ import annotations

import numpy as np

from trm_core.domains.contract import (
    Domain,
    Drawing,
    Judgement,
    Maker,
    Puzzle,
    PuzzleError,
    Rules,
    Sign,
    Symbol,
    Symmetries,
    Violation,
    counted,
)
from trm_core.domains.grid_text import cell_symbols


class LatinRules(Rules):
    def __init__(self, size: int) -> None:
        self.size = size

    def violations(self, board_RC: np.ndarray) -> list[Violation]:
        broken = []
        for name, lines in (("row", board_RC), ("column", np.asarray(board_RC).T)):
            for i, line in enumerate(lines):
                for digit in range(1, self.size + 1):
                    places = np.flatnonzero(line == digit)
                    if len(places) > 1:
                        cells = [(i, int(k)) if name == "row" else (int(k), i) for k in places]
                        reason = f"{counted(len(places), str(digit))} in {name} {i + 1}"
                        broken.append(Violation(tuple(cells), reason))
        return broken

    def judge(self, question_RC, answer_RC, solution_RC=None) -> Judgement:
        over = int(((question_RC > 0) & (answer_RC != question_RC)).sum())
        broken = self.violations(answer_RC)
        empty = int((answer_RC == 0).sum())
        if broken:
            return Judgement(False, False, broken[0].reason)
        if empty:
            return Judgement(False, False, f"{counted(empty, 'cell')} left empty")
        if over:
            return Judgement(True, False, f"it wrote over {counted(over, 'given')}")
        return Judgement(True, True, "solved")

    def solutions(self, board_RC: np.ndarray, limit: int = 2) -> list[np.ndarray]:
        if self.violations(board_RC):
            return []
        blanks = np.argwhere(board_RC == 0)
        if not len(blanks):
            return [np.array(board_RC)]
        found: list[np.ndarray] = []
        for digit in range(1, self.size + 1):
            tried_RC = np.array(board_RC)
            tried_RC[tuple(blanks[0])] = digit
            found += self.solutions(tried_RC, limit - len(found))
            if len(found) >= limit:
                break
        return found


class LatinMaker(Maker):
    difficulties = ("full", "sparse")
    usual = "sparse"

    def __init__(self, rules: LatinRules, title: str) -> None:
        self.rules, self.title, self.size = rules, title, rules.size

    def generate(self, rng: np.random.Generator, difficulty: str) -> Puzzle:
        self.check_difficulty(difficulty)
        n = self.size
        cyclic_RC = (np.arange(n)[:, None] + np.arange(n)) % n
        solution_RC = rng.permutation(n)[cyclic_RC[rng.permutation(n)][:, rng.permutation(n)]] + 1
        question_RC = solution_RC.astype(np.uint8)
        for cell in rng.permutation(n * n)[: n if difficulty == "full" else n * n]:
            kept, question_RC.flat[cell] = question_RC.flat[cell], 0
            if len(self.rules.solutions(question_RC)) > 1:
                question_RC.flat[cell] = kept
        return Puzzle(question_RC, solution_RC.astype(np.uint8))


class Latin(Domain):
    def __init__(self, size: int) -> None:
        self.size = self.rows = self.cols = size
        self.vocab_size = size + 2
        self.name, self.title = f"latin-{size}x{size}", f"{size}x{size} Latin square"
        self.rules = LatinRules(size)
        self.maker = LatinMaker(self.rules, self.title)
        digits = [Symbol(d, str(d), str(d), (str(d),)) for d in range(1, size + 1)]
        self.drawing = Drawing(
            symbols=(Symbol(0, ".", "empty", ("0", ".")), *digits),
            box_rows=size,
            box_cols=size,
            legend=(Sign("given", "<b>1</b>", "given"), Sign("guess", "1", "guess")),
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
        rows_KR, cols_KC, names_KV = rng.random((3, count, self.size)).argsort(-1)
        cells_KL = (rows_KR[:, :, None] * self.size + cols_KC[:, None]).reshape(count, -1)
        fixed_K2 = np.tile([0, 1], (count, 1))
        return Symmetries(cells_KL, np.concatenate([fixed_K2, names_KV + 2], 1).astype(np.uint8))

    def opened(self, text: str) -> tuple[Domain, np.ndarray, tuple[str, ...]]:
        count = len(cell_symbols(text, self.cells, self.cols))
        fitting = next((Latin(n) for n in (3, 4) if n * n == count != self.cells), self)
        return fitting, fitting.parse(text), ()

    def parse(self, text: str) -> np.ndarray:
        symbols = cell_symbols(text, self.cells, self.cols)
        known = {".": 0} | {str(d): d for d in range(1, self.size + 1)}
        if len(symbols) != self.cells or not set(symbols) <= set(known):
            raise PuzzleError(f"a {self.title} has {self.cells} cells of 1 to {self.size}")
        values = [known[symbol] for symbol in symbols]
        return np.array(values, np.uint8).reshape(self.rows, self.cols)

    def format(self, board_RC: np.ndarray) -> str:
        return "".join("." if v == 0 else str(v) for v in np.asarray(board_RC).flat)
