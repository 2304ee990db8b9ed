"""What every kind of puzzle offers: the contract `Domain`, its three parts, and the few records they
speak in.

- `Domain` says what a board is and how it becomes tokens and text;
- its `rules` say what is right (`Rules`);
- its `maker` makes fresh puzzles (`Maker`);
- its `drawing` says how a board looks and is painted (`Drawing`, a value).

A *board* is what people see: an (R, C) array of small integers whose meaning is the domain's
own (a Sudoku writes 0 for blank and 1..n for digits). *Tokens* are what the model sees: the
same cells as a flat (L,) array of vocabulary ids. Domains know numpy only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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
    # Pairs of boards that show by example what is asked, where no rule says it (ARC).
    demonstrations: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    puzzle_id: int = 0  # which puzzle embedding it gets, where a model has several


@dataclass(frozen=True)
class Symbol:
    """Something a cell can hold, and how a person writes it."""

    value: int  # on a board
    text: str  # as it is drawn and copied, one character
    name: str  # as it is read aloud
    keys: tuple[str, ...]  # keys that write it
    solid: bool = False  # drawn as a filled cell instead of its text
    single: bool = False  # a board holds one: writing it moves it
    colour: str = ""  # the ground it is drawn on where cells are colours, such as "#0072B2"


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


@dataclass(frozen=True)
class Sign:
    """One entry of a legend."""

    mark: str  # the class of its look in pages/stage/page.css, without "trm-"
    sign: str  # HTML inside it
    words: str


CELLS = ("symbol", "path", "colour")


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """How boards of a kind look and are painted. Figures, painter and pages ask this value, and never
    what kind of puzzle it is."""

    symbols: tuple[Symbol, ...]  # what a cell of a question can hold, the blank first
    answers: tuple[
        Symbol, ...
    ] = ()  # what other cells can hold in an answer; if not said, the rest
    # "symbol": a text in each cell; "path": an answer is a line through cells; "colour": each
    # symbol is a ground of its own colour, and no symbol is a blank.
    cells: str = "symbol"
    box_rows: int  # rows between two thick lines; all of them where a board has no boxes
    box_cols: int
    legend: tuple[Sign, ...]  # of what is given and guessed; other marks are the same everywhere
    brush: bool = False  # whether the painter paints by dragging, instead of selecting
    # Which cells show how much of an answer is right: those whose solution holds one of these
    # values (all if None), and what they are called.
    telling: tuple[int, ...] | None = None
    telling_name: str = "cells right"

    def __post_init__(self) -> None:
        assert self.cells in CELLS, self.cells

    @property
    def answer_symbols(self) -> tuple[Symbol, ...]:
        return self.answers or self.symbols[1:]

    @property
    def every_symbol(self) -> dict[int, Symbol]:
        """All that a cell may hold, by its value on a board."""
        return {symbol.value: symbol for symbol in (*self.answer_symbols, *self.symbols)}

    def filled(self, board_RC: np.ndarray) -> np.ndarray:
        """Cells that hold something, (..., R, C) bool."""
        board_RC = np.asarray(board_RC)
        if self.cells == "colour":
            return np.ones_like(board_RC, dtype=bool)
        return board_RC != self.symbols[0].value

    def holds(self, board_RC: np.ndarray, wanted: Callable[[Symbol], bool]) -> np.ndarray:
        """Cells whose symbol is wanted, (..., R, C) bool."""
        return np.isin(board_RC, [v for v, symbol in self.every_symbol.items() if wanted(symbol)])

    def told(self, solution_RC: np.ndarray) -> np.ndarray:
        """The cells that show how much of an answer is right, (R, C) bool."""
        if self.telling is None:
            return np.ones_like(solution_RC, dtype=bool)
        return np.isin(solution_RC, self.telling)


class Rules(ABC):
    """What is right. All methods are pure."""

    decide: bool = True  # whether an answer can be judged without knowing the solution
    ambiguous: bool = False  # whether a question may have several right answers
    rated_by: str = "rating"  # what `rate` and a puzzle's rating count, in words

    @abstractmethod
    def judge(
        self, question_RC: np.ndarray, answer_RC: np.ndarray, solution_RC: np.ndarray | None = None
    ) -> Judgement:
        """What is to be said about an answer. The solution only counts where rules can't decide."""

    def is_solved(
        self, question_RC: np.ndarray, answer_RC: np.ndarray, solution_RC: np.ndarray | None = None
    ) -> bool:
        """Whether the answer keeps the question, is complete and can't be better."""
        return self.judge(question_RC, answer_RC, solution_RC).solved

    def obeyed(self, question_RC: np.ndarray, answer_RC: np.ndarray) -> bool:
        """Whether the rules alone call an answer solved, without a look at the solution."""
        return self.decide and self.is_solved(question_RC, answer_RC)

    def violations(self, board_RC: np.ndarray) -> list[Violation]:
        """Every rule the board breaks so far; blanks break none."""
        return []

    @abstractmethod
    def solutions(self, board_RC: np.ndarray, limit: int = 2) -> list[np.ndarray]:
        """Up to `limit` solutions; none, one or several is the question's quality.

        Raises `SearchLimitError` rather than search for longer than someone types.
        """

    def rate(self, question_RC: np.ndarray) -> int | None:
        """How hard a question with one solution is, in the domain's own measure, if it has one."""
        return None

    def progress(self, question_RC: np.ndarray, board_RC: np.ndarray) -> tuple[str, int] | None:
        """A measure of the domain's own of how far an answer has come: its name, and how far."""
        return None

    def summary(self, question_RC: np.ndarray, solutions: int) -> str:
        """What is to be said about a question with none (0), one (1) or several (2) solutions."""
        return (
            "This puzzle has no solution. The model will try all the same.",
            "Exactly one solution.",
            "This puzzle has several solutions; the model may find any, or mix them.",
        )[solutions]

    def check_question(self, board_RC: np.ndarray) -> None:
        """Raise `PuzzleError` that says why this can't be asked, such as rules already broken."""
        broken = self.violations(board_RC)
        if broken:
            raise PuzzleError(f"the givens clash: {'; '.join(v.reason for v in broken)}")


class SolutionRules(Rules):
    """No rule is known, as in ARC: an answer is right if it is the solution, where that is known."""

    decide = False

    def judge(
        self, question_RC: np.ndarray, answer_RC: np.ndarray, solution_RC: np.ndarray | None = None
    ) -> Judgement:
        if solution_RC is None:
            return Judgement(False, False, "nothing is known to judge it by")
        wrong = int((np.asarray(answer_RC) != solution_RC).sum())
        if wrong:
            return Judgement(False, False, f"{counted(wrong, 'cell')} unlike the solution")
        return Judgement(True, True, "solved")

    def solutions(self, board_RC: np.ndarray, limit: int = 2) -> list[np.ndarray]:
        raise SearchLimitError("nothing but its examples says what the answer is")


class Maker(ABC):
    """Makes fresh puzzles. Randomness is an argument."""

    title: str  # of the puzzles, for what it has to say
    difficulties: tuple[str, ...]  # what `generate` takes, easiest first
    usual: str  # the one to begin with
    ambiguous: tuple[str, ...] = ()  # those whose puzzles may have several solutions

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

    def check_difficulty(self, difficulty: str) -> None:
        if difficulty not in self.difficulties:
            raise PuzzleError(
                f"{self.title} has the difficulties {', '.join(self.difficulties)}; "
                f"got {difficulty!r}"
            )


class Domain(ABC):
    """A kind of puzzle of one size. All methods are pure; randomness is an argument."""

    name: str  # as in checkpoints and on the command line, such as "sudoku-9x9"
    title: str  # as people call it, such as "Sudoku 9 x 9"
    rows: int
    cols: int
    vocab_size: int
    by_rows: bool = False  # a line of a text is a row of cells, with blanks that count
    paints_over: bool = False  # an answer begins as its question, any cell of which may change
    rules: Rules
    maker: Maker
    drawing: Drawing

    def __reduce__(self) -> tuple[Any, ...]:
        """It goes to another process by its name."""
        from trm_core.domains import domain

        return domain, (self.name,)

    @property
    def cells(self) -> int:
        return self.rows * self.cols

    @abstractmethod
    def tokens(self, board_RC: np.ndarray) -> np.ndarray:
        """Board to tokens: (R, C) to (L,) uint8."""

    @property
    def answer_tokens(self) -> np.ndarray:
        """The tokens of the symbols that an answer may hold, (N,) uint8, in their order."""
        return self.tokens(np.array([s.value for s in self.drawing.answer_symbols], np.uint8))

    @abstractmethod
    def board(self, tokens_L: np.ndarray) -> np.ndarray:
        """Tokens to board: (..., L) to (..., R, C) uint8. Tokens that mean nothing read as blank."""

    @abstractmethod
    def given(self, board_RC: np.ndarray) -> np.ndarray:
        """Which cells the question fixes, (R, C) bool."""

    @abstractmethod
    def symmetries(self, rng: np.random.Generator, count: int) -> Symmetries:
        """`count` random symmetries; every one maps solutions to solutions."""

    @abstractmethod
    def parse(self, text: str) -> np.ndarray:
        """Text to board. Raises `PuzzleError` with a sentence for the person who typed it."""

    @abstractmethod
    def format(self, board_RC: np.ndarray) -> str:
        """A question to one line of text that `parse` reads back."""

    def parse_answer(self, text: str) -> np.ndarray:
        """The text of an answer, as `format` writes one, to a board."""
        return self.parse(text)

    def opened(self, text: str) -> tuple[Domain, np.ndarray, tuple[str, ...]]:
        """A text from outside as a question: the domain of this kind that has its size, the board,
        and what was taken for what, in words. More forgiving than `parse`, and never silent about it.
        """
        return self, self.parse(text), ()

    def fits_on(self, canvas: Domain) -> bool:
        """Whether a model that reads `canvas` can be asked a puzzle of this kind and size."""
        return canvas.name == self.name

    def cells_on(self, canvas: Domain) -> np.ndarray:
        """Where this board's cells lie on the canvas it is asked on, (L,) indices."""
        return np.arange(self.cells)

    def onto(self, canvas: Domain, board_RC: np.ndarray) -> np.ndarray:
        """The board as it is asked on a canvas that it fits on."""
        return board_RC


def in_words(count: float) -> str:
    """A large number, rounded, in words: 20,481 is "20,000", 5e6 "5 million"."""
    for one, word in ((1e9, "billion"), (1e6, "million")):
        if count >= one:
            return f"{count / one:.1f}".removesuffix(".0") + f" {word}"
    return f"{round(count, -3):,.0f}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 cell", "2 cells"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


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
