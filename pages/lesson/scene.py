"""What a scene of the lesson is: words, runs, a guess, and what was seen. Scenes are data; `lesson` shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pages.lesson.state import LessonState
from trm_core.lesson.trials import Trial
from trm_core.record.learning import Look
from trm_core.record.trace import Trace

PARTS = 4  # of a range of numbers, where a class votes


@dataclass(frozen=True, eq=False)
class Material:
    """What a scene speaks of: its runs, recorded or of the visitor's own puzzle, and what was measured."""

    runs: Mapping[str, Trace]  # by the trial's name
    measured: Mapping[str, Any]
    at: int = 0  # the place at which the scene's dial stands
    own: bool = False  # whether the runs are of the visitor's own puzzle
    guess: Any = None  # what the visitor guessed, if anything
    looks: Sequence[Look] = ()  # at a training that the visitor ran live

    def right_at(self, name: str) -> int:
        """The first step after which that run is right to the end; 0 for never."""
        trace = self.runs[name]
        right = trace.right("steps")
        last = None if right is None else [bool(row.all()) for row in right[1:]]
        if not last or not last[-1]:
            return 0
        return len(last) - last[::-1].index(False) + 1 if False in last else 1

    def filled(self, name: str, step: int) -> tuple[int, int]:
        """Of the cells that a run had to fill, how many are right after a step, and how many there are."""
        trace = self.runs[name]
        blank_L = ~trace.domain.given(trace.question_board).reshape(-1)
        right = trace.right("steps")
        return (0 if right is None else int(right[step][blank_L].sum())), int(blank_L.sum())

    def said_done_at(self, name: str) -> int:
        """The first step after which that run said that it was done; 0 for never."""
        says_S = self.runs[name].halting("steps")[1:] > 0.5
        return int(says_S.argmax()) + 1 if says_S.any() else 0

    def wrong_of_filled(self, name: str) -> int:
        """Cells that a run had to fill and that are wrong in the end."""
        right, blank = self.filled(name, -1)
        return blank - right

    def wrong_at_end(self, name: str) -> int:
        """Cells that differ from the solution in the end."""
        right = self.runs[name].right("steps")
        return 0 if right is None else int((~right[-1]).sum())


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a visitor commits to before seeing: one of the `options`, or a number from `low` to `high`."""

    question: str
    answer: Callable[[Material], Any]
    options: tuple[str, ...] = ()
    low: int = 1
    high: int = 16
    unit: str = ""
    never: str = ""  # in words, an answer of 0, where that says that it does not come at all
    # Where what is measured is a range: its lower end, the answer being its upper one.
    least: Callable[[Material], Any] | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """What a class can vote for: the options, or parts of the range."""
        if self.options:
            return self.options
        return tuple(
            f"{part[0]}{f' to {part[-1]}' * (len(part) > 1)} {self.unit}" for part in self._parts
        )

    @property
    def _parts(self) -> list[range]:
        count = self.high - self.low + 1
        edges = [self.low + round(count * i / PARTS) for i in range(PARTS + 1)]
        return [range(a, b) for a, b in pairwise(edges)]

    def holds_right(self, choice: int, material: Material) -> bool:
        """Whether what is measured is that choice of a class, or lies in it."""
        values = self.options[choice : choice + 1] if self.options else self._parts[choice]
        return any(self.is_right(value, material) for value in values)

    def words(self, value: Any) -> str:
        """A value as it is told."""
        if self.options:
            return f"\u201c{value}\u201d"
        if self.never and not value:
            return self.never
        one = value == 1 and self.unit.endswith("s")
        return f"{value} {self.unit[:-1] if one else self.unit}".strip()

    def is_right(self, value: Any, material: Material) -> bool:
        """Whether a guess is what is measured."""
        answer = self.answer(material)
        return value == answer if self.least is None else self.least(material) < value <= answer

    def measured(self, material: Material) -> str:
        """What is measured, as it is told."""
        words = self.words(self.answer(material))
        return words if self.least is None else f"more than {self.least(material)}, at most {words}"

    def written(self, value: Any) -> str:
        """A value as an address says it: an option by its number, from 1 on."""
        return str(self.options.index(value) + 1 if self.options else value)

    def read(self, text: str) -> Any:
        """What `written` wrote; None for anything else."""
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
        if self.options:
            return self.options[number - 1] if 1 <= number <= len(self.options) else None
        return number if self.low <= number <= self.high else None


@dataclass(frozen=True, kw_only=True)
class Dial:
    """What a scene's figures and words follow, set with a slider."""

    label: str
    places: tuple[str, ...]  # what it can be set to, in words
    first: int  # the place at which it stands at first, from 0 on
    words: Callable[[Material, int], str]  # what it comes to at a place
    picture: Callable[[Material, int, bool], str] = lambda material, place, dark: (
        ""
    )  # an SVG of that


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured, drawn: of the scene's material, dark or not; with a line under it."""

    draw: Callable[[Material, bool], object]
    caption: str
    further: bool = False  # whether it stands with the further numbers


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One scene: three sentences, one stage, one thing to do, a guess, one claim of what was seen."""

    name: str
    title: str
    minutes: int  # of a class's time
    say: str  # what to say to a class before its question; gives nothing away
    takeaway: str  # what one knows after it, in one sentence
    # A sentence about the puzzle on the stage is made from its runs.
    words: tuple[str | Callable[[Material], str], ...]
    trials: tuple[Trial, ...]
    clock: str
    titles: tuple[str, ...] = field(default=())  # over the boards, where not the trials' own
    unshown: tuple[Trial, ...] = field(default=())  # runs of which its words speak
    # Those that are shown of a visitor's puzzle, if not all.
    own_trials: tuple[Trial, ...] = field(default=())
    todo: str | Callable[[Material], str]
    guess: Guess
    seen: Callable[[Material], str]
    more: Callable[[Material], str] | None = None  # further numbers, for whoever wants them
    # The supervision step that decides: it plays to there, stops, and tells; to the end where there is none.
    decisive: Callable[[Material], float] | None = None
    formally: str  # Markdown: the equation, and the line of our code that it is
    figures: tuple[Figure, ...] = ()
    aside: bool = False  # whether the first figure stands beside the board, instead of the curves
    curves: tuple[str, ...] = ()  # those that matter here, by their names; all if none is named
    compared: bool = False  # whether the curves of its two runs are one chart
    marks: tuple[str, ...] = ()  # on the boards, besides the usual ones
    sources: str = ""  # of published numbers
    steps: tuple[str, ...] = field(default=())  # recordings to leaf through, instead of trials
    dial: Dial | None = None
    # What a visitor can do live, under the figures: it is given the page's state, the scene, its material.
    live: Callable[[LessonState, Scene, Material], None] | None = None
    live_further: bool = False  # whether that stands with the further numbers

    @property
    def runs(self) -> tuple[Trial, ...]:
        """All trials that it needs, shown or not."""
        return (*self.trials, *self.unshown)

    def said(self, material: Material) -> str:
        """What it says, of these runs."""
        return " ".join(_told(words, material) for words in self.words)

    def task(self, material: Material) -> str:
        """What there is to do, with these runs."""
        return _told(self.todo, material)

    def shown(self, own: bool) -> tuple[Trial, ...]:
        """The trials on its stage: of the recordings, or of the visitor's own puzzle."""
        return (self.own_trials if own else ()) or self.trials


def _told(words: str | Callable[[Material], str], material: Material) -> str:
    return words if isinstance(words, str) else words(material)
