"""What a puzzle page remembers: the question, how it is to be asked, all tries, and what was left on other sizes."""

from __future__ import annotations

from typing import Any

from pages.stage.run import PageRun
from pages.stage.state import Desk, Kept, PageState, nothing
from trm_core.domains import Domain, domain
from trm_core.weights.card import MARKS_STEPS, PUBLISHED_STEPS

MOST_SIZES = 4  # of which a page remembers what was left on them
MOST_BYTES = 24 * 2**20  # of traces: of one puzzle, and of what was left on all sizes
LEFT = ("text", "made", "difficulty", "seed", "run", "tries")  # of a size, what is remembered
MOST_TRIES = 8  # at one puzzle


class PuzzleState(Desk):
    """The state of one puzzle page."""

    __slots__ = ()

    # The question
    rows = Kept[int](int)
    cols = Kept[int](int)
    difficulty = Kept[str](str)
    seed = Kept[int](lambda: 1)
    example = Kept["str | None"](nothing)
    typed = Kept[str](str)
    number = Kept[int](lambda: 1)  # of the puzzle, among those of its file
    made = Kept[str](str)  # the text that difficulty and seed came to
    readable = Kept["np.ndarray | None"](nothing)  # the last board that could be read
    before = Kept["np.ndarray | None"](nothing)  # the board that was replaced last
    editing = Kept[bool](bool)  # whether the painter stands on the stage though there is a solve
    reading = Kept["Upload | None"](nothing)  # what was read from a text, a file or a picture
    # That text or file, where it holds several puzzles.
    source = Kept["str | bytes | None"](nothing)
    file_problem = Kept["str | None"](nothing)
    drawn = Kept[bool](bool)  # whether this run comes from a change in the painter

    # How it is asked
    steps = Kept[int](lambda: PUBLISHED_STEPS)
    marks_steps = Kept[int](lambda: MARKS_STEPS)  # the same, of models with pencil marks
    stop = Kept[str](lambda: "rules")
    votes = Kept[int](lambda: 1)
    latents = Kept[bool](bool)  # whether solves keep their scratchpads
    ask = Kept["Mapping[str, object] | None"](nothing)  # settings to change for a solve that is due
    ask_beside = Kept["Mapping[str, object] | None"](nothing)  # ... and of one to show beside it

    # The solve, and the tries
    run = Kept["PageRun | None"](nothing)
    tries = Kept[list[PageRun]](list)
    watched = Kept["str | None"](nothing)  # id of the try that is watched
    beside = Kept["str | None"](nothing)  # id of the try that is shown beside the watched one
    under_way = Kept["UnderWay | None"](nothing)
    stopped = Kept[bool](bool)
    solves = Kept[int](int)  # how many there were
    tab = Kept["str | None"](nothing)  # that is open under the stage

    left = Kept[dict[str, dict[str, Any]]](dict)  # by size, what was on it

    @property
    def domain(self) -> Domain:
        """What is on the page."""
        return domain(self.size)

    def leave(self) -> None:
        """Remember what is on the present size, and forget what was left longest ago; where the traces
        are too heavy, those of the other sizes go first."""
        left = {size: kept for size, kept in self.left.items() if size != self.size}
        left[self.size] = {name: getattr(self, name) for name in LEFT}
        left = dict(list(left.items())[-MOST_SIZES:])
        heavy = [size for size in left if size != self.size]
        while heavy and sum(_bytes(kept["tries"]) for kept in left.values()) > MOST_BYTES:
            size = heavy.pop(0)
            run = left[size]["run"]
            light = run is not None and run.recorded  # is shared by all visitors
            left[size] = left[size] | {"run": run if light else None, "tries": [run] * light}
        self.left = left

    def add_try(self, run: PageRun) -> None:
        """Keep a run beside the others of its puzzle, in place of one asked the same way, and watch
        it. The oldest go when they are too many or too heavy."""
        others = [
            other
            for other in self.tries
            if run.is_of(other.trace.domain, other.trace.question_board)
            and other.try_id != run.try_id
        ]
        tries = [*others, run][-MOST_TRIES:]
        while len(tries) > 1 and _bytes(tries) > MOST_BYTES:
            tries = tries[1:]
        self.tries, self.run = tries, run


def _bytes(tries: list[PageRun]) -> int:
    return sum(run.trace.nbytes for run in tries)


class ShowState(PageState):
    """The state of the show."""

    __slots__ = ()

    act = Kept[int](int)  # which one is played
