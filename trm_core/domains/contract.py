"""What every kind of puzzle offers: the contract `Domain`, and the few records it speaks in.

A *board* is what people see: an (R, C) array of small integers whose meaning is the domain's
own (a Sudoku writes 0 for blank and 1..n for digits). *Tokens* are what the model sees: the
same cells as a flat (L,) array of vocabulary ids. Domains know numpy only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


class PuzzleError(ValueError):
    """A person's input can't be used. The message says what was expected, what came, what to do."""


class SearchLimitError(PuzzleError):
    """A search was given up; nothing is known about the puzzle."""


@dataclass(frozen=True, eq=False)
class Puzzle:
    """A question, and its answer where that is known."""

    question_RC: np.ndarray
    solution_RC: np.ndarray | None = None
    rating: int | None = None  # domain's own measure of difficulty; Sudoku: guesses needed


@dataclass(frozen=True)
class Symbol:
    """Something a cell can hold, and how a person writes it."""

    value: int  # on a board
    text: str  # as it is drawn and copied, one character
    name: str  # as it is read aloud
    keys: tuple[str, ...]  # keys that write it
    solid: bool = False  # drawn as a filled cell instead of its text
    single: bool = False  # a board holds one: writing it moves it


@dataclass(frozen=True)
class Violation:
    """A broken rule: the cells that break it together, and a sentence that says how."""

    cells: tuple[tuple[int, int], ...]
    reason: str


@dataclass(frozen=True)
class Judgement:
    """What the rules say about an answer."""

    valid: bool  # it obeys the rules; where there is no better or worse, this is solved
    solved: bool  # and none is better
    words: str  # in a few words, such as "it goes through a wall at row 2, column 5"


@dataclass(frozen=True, eq=False)
class Symmetries:
    """K ways to rewrite a puzzle into an equivalent one.

    Way k turns tokens t into `symbols_KV[k, t[cells_KL[k]]]`: cell i of the result comes from
    cell `cells_KL[k, i]`, and every token is renamed by `symbols_KV[k]`.
    """

    cells_KL: np.ndarray
    symbols_KV: np.ndarray

    def __len__(self) -> int:
        return len(self.cells_KL)

    def apply(self, tokens_L: np.ndarray) -> np.ndarray:
        """One puzzle's tokens, rewritten in all K ways: (K, L)."""
        moved_KL = np.asarray(tokens_L)[self.cells_KL]
        return np.take_along_axis(self.symbols_KV, moved_KL.astype(np.int64), axis=1)

    def inverse(self) -> Symmetries:
        """The ways back: `inverse` of way k undoes way k."""
        symbols_KV = np.argsort(self.symbols_KV, axis=1).astype(self.symbols_KV.dtype)
        return Symmetries(np.argsort(self.cells_KL, axis=1), symbols_KV)

    def __getitem__(self, k: int) -> Symmetries:
        """Way k alone, still with a leading axis of one."""
        return Symmetries(self.cells_KL[k : k + 1], self.symbols_KV[k : k + 1])


class Domain(ABC):
    """A kind of puzzle of one size. All methods are pure; randomness is an argument."""

    name: str  # as in checkpoints and on the command line, such as "sudoku-9x9"
    title: str  # as people call it, such as "Sudoku 9 x 9"
    rows: int
    cols: int
    box_rows: int  # rows between two thick lines; all of them where a board has no boxes
    box_cols: int
    vocab_size: int
    difficulties: tuple[str, ...]  # what `generate` takes, easiest first
    ambiguous: tuple[str, ...] = ()  # those whose puzzles may have several solutions
    draws_paths: bool = False  # an answer is a line through cells, not a symbol in each
    by_rows: bool = False  # a line of a text is a row of cells, with blanks that count

    @property
    def cells(self) -> int:
        return self.rows * self.cols

    @property
    @abstractmethod
    def symbols(self) -> tuple[Symbol, ...]:
        """What a cell of a question can hold, the blank first."""

    @property
    def answer_symbols(self) -> tuple[Symbol, ...]:
        """What a cell that is not given can hold in an answer."""
        return self.symbols[1:]

    @abstractmethod
    def tokens(self, board_RC: np.ndarray) -> np.ndarray:
        """Board to tokens: (R, C) to (L,) uint8."""

    @abstractmethod
    def board(self, tokens_L: np.ndarray) -> np.ndarray:
        """Tokens to board: (..., L) to (..., R, C) uint8. Tokens that mean nothing read as blank."""

    @abstractmethod
    def given(self, board_RC: np.ndarray) -> np.ndarray:
        """Which cells the question fixes, (R, C) bool."""

    @abstractmethod
    def violations(self, board_RC: np.ndarray) -> list[Violation]:
        """Every rule the board breaks so far; blanks break none."""

    @abstractmethod
    def is_solved(self, question_RC: np.ndarray, answer_RC: np.ndarray) -> bool:
        """Whether the answer keeps the question, is complete and breaks no rule."""

    def judge(self, question_RC: np.ndarray, answer_RC: np.ndarray) -> Judgement:
        """What the rules say; `is_solved` with reasons."""
        if self.is_solved(question_RC, answer_RC):
            return Judgement(True, True, "solved")
        broken = self.violations(answer_RC)
        if broken:
            many = "1 broken rule" if len(broken) == 1 else f"{len(broken)} broken rules"
            return Judgement(False, False, f"{many}, such as {broken[0].reason}")
        over = int((self.given(question_RC) & (answer_RC != question_RC)).sum())
        givens = "1 given" if over == 1 else f"{over} givens"
        return Judgement(False, False, f"it wrote over {givens}")

    def telling(self, solution_RC: np.ndarray) -> tuple[np.ndarray, str]:
        """The cells that show how much of an answer is right, (R, C) bool, and their name."""
        return np.ones_like(solution_RC, dtype=bool), "cells right"

    def progress(self, question_RC: np.ndarray, board_RC: np.ndarray) -> tuple[str, int] | None:
        """A measure of the domain's own of how far an answer has come: its name, and how far."""
        return None

    def fits_on(self, canvas: Domain) -> bool:
        """Whether a model that reads `canvas` can be asked a puzzle of this kind and size."""
        return canvas.name == self.name

    def cells_on(self, canvas: Domain) -> np.ndarray:
        """Where this board's cells lie on the canvas it is asked on, (L,) indices."""
        return np.arange(self.cells)

    def onto(self, canvas: Domain, board_RC: np.ndarray) -> np.ndarray:
        """The board as it is asked on a canvas that it fits on."""
        return board_RC

    @abstractmethod
    def solutions(self, board_RC: np.ndarray, limit: int = 2) -> list[np.ndarray]:
        """Up to `limit` solutions; none, one or several is the question's quality.

        Raises `SearchLimitError` rather than search for longer than someone types.
        """

    def rate(self, question_RC: np.ndarray) -> int | None:
        """How hard a question with one solution is, in the domain's own measure, if it has one."""
        return None

    @abstractmethod
    def generate(self, rng: np.random.Generator, difficulty: str) -> Puzzle:
        """A fresh puzzle, with exactly one solution unless the difficulty is `ambiguous`.

        Raises `PuzzleError` on an unknown difficulty.
        """

    def generate_many(
        self, rng: np.random.Generator, difficulty: str, count: int
    ) -> Sequence[Puzzle]:
        """`count` puzzles, the same that `generate` gives one by one; may be much faster."""
        return [self.generate(rng, difficulty) for _ in range(count)]

    def generate_rated(
        self, rng: np.random.Generator, count: int, least: int, most: int
    ) -> Sequence[Puzzle]:
        """`count` fresh puzzles rated `least` to `most`, spread over that range, easiest first.

        Raises `PuzzleError` where the domain can't make puzzles to order.
        """
        raise PuzzleError(f"a {self.title} can't be made to the rating {least} to {most}")

    @abstractmethod
    def symmetries(self, rng: np.random.Generator, count: int) -> Symmetries:
        """`count` random symmetries; every one maps solutions to solutions."""

    @abstractmethod
    def parse(self, text: str) -> np.ndarray:
        """Text to board. Raises `PuzzleError` with a sentence for the person who typed it."""

    def sized_for(self, text: str) -> Domain:
        """The domain of this kind that has the size of a text, where a text can tell."""
        return self

    def summary(self, question_RC: np.ndarray, solutions: int) -> str:
        """What is to be said about a question with none (0), one (1) or several (2) solutions."""
        return (
            "This puzzle has no solution. The model will try all the same.",
            "Exactly one solution.",
            "This puzzle has several solutions; the model may find any, or mix them.",
        )[solutions]

    @abstractmethod
    def format(self, board_RC: np.ndarray) -> str:
        """Board to one line of text that `parse` reads back."""

    def check_question(self, board_RC: np.ndarray) -> None:
        """Raise `PuzzleError` that says why this can't be asked, such as rules already broken."""
        broken = self.violations(board_RC)
        if broken:
            raise PuzzleError(f"the givens clash: {'; '.join(v.reason for v in broken)}")

    def check_difficulty(self, difficulty: str) -> None:
        if difficulty not in self.difficulties:
            raise PuzzleError(
                f"{self.title} has the difficulties {', '.join(self.difficulties)}; "
                f"got {difficulty!r}"
            )


def visitor_rng(seed: int) -> np.random.Generator:
    """The generator behind a seed that a person names: never that of a training or test set."""
    return np.random.default_rng([20, seed])


def vote_symmetries(domain: Domain, rng: np.random.Generator, votes: int) -> Symmetries:
    """The ways a puzzle is asked when `votes` answers are wanted: as it is, then at random."""
    random = domain.symmetries(rng, votes)
    cells_KL, symbols_KV = random.cells_KL.copy(), random.symbols_KV.copy()
    cells_KL[0] = np.arange(domain.cells)
    symbols_KV[0] = np.arange(domain.vocab_size)
    return Symmetries(cells_KL, symbols_KV)
