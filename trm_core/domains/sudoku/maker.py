"""Fresh Sudokus: random solutions, dug until minimal, climbed until hard."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence

import numpy as np

from trm_core.domains.contract import Maker, Puzzle
from trm_core.domains.sudoku.search import SudokuSearch, sudoku_search

EXTREME = 10  # guesses an "extreme" puzzle needs at least
_GIVEN = {"easy": 0.45, "medium": 0.37}  # share of the cells
BULK = 64  # from this many puzzles on, compiling the search pays


def _can_compile() -> bool:
    return importlib.util.find_spec("numba") is not None


class SudokuMaker(Maker):
    """Difficulties: "easy" and "medium" fall to singles alone (about 45 % and 37 % of the cells
    given), "hard" is minimal and needs guesses, "minimal" is any puzzle without a spare clue,
    "mixed" is minimal plus zero to 12 extra givens (fewer on small grids), "extreme" (9x9 only) is
    minimal and needs `EXTREME` guesses or more. Boards larger than 9x9 come "easy" and "medium" only, from
    solutions that are one pattern under a random symmetry. The rating is the number of guesses our own search
    makes (`sudoku_search`): 0 means singles suffice.
    """

    def __init__(
        self,
        box_rows: int,
        box_cols: int,
        title: str,
        shuffled: Callable[[np.ndarray, np.random.Generator], np.ndarray],
    ) -> None:
        """`shuffled` gives a board under a random symmetry of the puzzle."""
        self.box_rows, self.box_cols = box_rows, box_cols
        self.size = n = box_rows * box_cols
        self.title = title
        self._shuffled = shuffled
        # No 4x4 Sudoku needs a guess, few 6x6 ones need many, and plain search is lost on 16x16.
        levels = ("easy", "medium", "mixed", "minimal", "hard", "extreme")
        self.difficulties = levels[: {4: 4, 6: 5, 9: 6}.get(n, 2)]
        self.usual = "mixed" if "mixed" in self.difficulties else "easy"
        self.most_extra = {4: 3, 6: 6}.get(n, 12)  # givens that "mixed" adds at most

    def _search(self, compiled: bool = False) -> SudokuSearch:
        return sudoku_search(self.box_rows, self.box_cols, compiled)

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
            found = self._harder(*self._dug(rng, search, self.size**2)[1:], rng, search, target)
            if found.rating is not None and found.rating <= most:
                puzzles.append(found)
        return puzzles

    def _generate(self, rng: np.random.Generator, difficulty: str, search: SudokuSearch) -> Puzzle:
        while True:
            solution_RC, minimal_RC, rating = self._dug(rng, search, self._to_take(difficulty))
            if difficulty == "hard" and rating == 0:
                continue
            if difficulty == "extreme":
                return self._harder(minimal_RC, rating, rng, search)
            if difficulty in ("easy", "medium"):
                if rating:
                    continue
                givens = round(self.size**2 * _GIVEN[difficulty])
                extra = max(0, givens - int((minimal_RC > 0).sum()))
            else:
                extra = int(rng.integers(self.most_extra + 1)) if difficulty == "mixed" else 0
            question_RC = self._reveal(minimal_RC, solution_RC, extra, rng)
            if extra and rating:
                rating = search.solve(question_RC, limit=1).guesses
            return Puzzle(question_RC, solution_RC, rating)

    def _to_take(self, difficulty: str) -> int:
        """How many clues may be dug out, one after the other: all of them, but where telling whether a
        sparse board has one solution is beyond plain search."""
        cells = self.size**2
        return cells if self.size <= 9 else cells - round(cells * _GIVEN[difficulty])

    def _dug(
        self, rng: np.random.Generator, search: SudokuSearch, most: int
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """A random solution, a puzzle that has it and lacks at most so many clues (all that can be
        taken: then it is minimal), and that puzzle's rating."""
        solution_RC = self._random_solution(rng, search)
        dug_RC = search.dig(solution_RC, rng.permutation(self.size**2)[:most])
        return solution_RC, dug_RC, search.solve(dug_RC, limit=1).guesses

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
        """A random full grid: random boxes on the diagonal, completed, then a random symmetry; a fixed
        pattern instead of them where completing is beyond plain search."""
        if self.size > 9:
            return self._shuffled(self._pattern(), rng)
        full: list[np.ndarray] = []
        while not full:  # a quarter of the 4x4 diagonals can be completed, all of the 9x9 ones
            board_RC = np.zeros((self.size, self.size), dtype=np.uint8)
            for k in range(min(self.size // self.box_rows, self.size // self.box_cols)):
                r, c = k * self.box_rows, k * self.box_cols
                box = rng.permutation(self.size).reshape(self.box_rows, self.box_cols) + 1
                board_RC[r : r + self.box_rows, c : c + self.box_cols] = box
            full = search.solve(board_RC, limit=1).solutions
        return self._shuffled(full[0], rng)

    def _pattern(self) -> np.ndarray:
        """A full grid: 1 to n in order, moved on by a box from row to row, by one from band to band."""
        row = np.arange(self.size)
        moved = row * self.box_cols + row // self.box_rows
        return ((moved[:, None] + row) % self.size + 1).astype(np.uint8)

    @staticmethod
    def _reveal(
        question_RC: np.ndarray, solution_RC: np.ndarray, count: int, rng: np.random.Generator
    ) -> np.ndarray:
        blanks = np.flatnonzero(question_RC == 0)
        chosen = rng.permutation(blanks)[:count]
        revealed = question_RC.copy()
        revealed.flat[chosen] = solution_RC.flat[chosen]
        return revealed
