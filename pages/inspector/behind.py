"""Long work of the inspector: a list is read, a set asked, or a slice rescued, behind the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pages.models.loaded import shared_solver
from pages.stage.apart import apart
from pages.stage.caches import bundled_puzzles
from pages.stage.work import Work
from trm_core.domains import Domain, Pairs, Puzzle, counted, domain
from trm_core.readers.puzzle_file import answered, listed_in
from trm_core.record.outcomes import Outcomes
from trm_core.solving.settings import Settings

if TYPE_CHECKING:  # loads torch
    from trm_core.measuring.rescue import Rescue

MOST_PUZZLES = 10_000
AT_ONCE = (
    16  # puzzles in a step: more would be no faster, and let others wait longer for their turn
)
LONGEST_READING = 60.0  # seconds
LARGEST_FILE = 64 * 2**20  # bytes that a file of puzzles may unpack to
ANSWERED_AT_ONCE = 10  # puzzles of a list, between two looks at how far it is
EXTREME, FILE = "extreme", "file"  # sets that are no fresh puzzles


@dataclass(frozen=True, kw_only=True)
class SetAsked:
    """A set of puzzles, a model, and how it is asked: all that a link needs to say."""

    domain: str
    checkpoint: str
    difficulty: str  # of fresh puzzles; or `EXTREME`, or `FILE` for a visitor's own
    puzzles: int  # at most
    seed: int
    settings: Settings

    def words(self, count: int) -> str:
        """So many puzzles of the set, in words."""
        if self.difficulty == FILE:
            return f"{counted(count, 'puzzle')} of your file"
        if self.difficulty == EXTREME:
            return counted(count, "bundled Extreme puzzle")
        return f"{counted(count, f'fresh {self.difficulty} puzzle')}, seed {self.seed}"


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a set is."""

    done: int
    of: int
    read: Callable[[], Outcomes]  # the outcomes there are so far


@dataclass(frozen=True, eq=False)
class Reading:
    """How far a visitor's list is read."""

    puzzles: Sequence[Puzzle]  # that have their answers
    of: int

    @property
    def whole(self) -> bool:
        return len(self.puzzles) == self.of


def read_list(chosen: Domain, content: bytes, name: str) -> Work:
    """Read a visitor's list of puzzles, and answer those that stand there without an answer."""

    def begin(check: Callable[[], None]) -> Iterator[Reading]:
        listed = apart(listed_in, chosen, content, name, LARGEST_FILE, seconds=LONGEST_READING)
        puzzles: list[Puzzle] = []
        while len(puzzles) < len(listed):
            yield Reading(puzzles, len(listed))
            at = len(puzzles)
            few = listed[at : at + ANSWERED_AT_ONCE]
            if any(each.solution_RC is None for each in few):
                few = apart(answered, chosen, few, name, at, seconds=LONGEST_READING)
            puzzles.extend(few)
        yield Reading(puzzles, len(listed))

    return Work(begin)


def run_set(asked: SetAsked, puzzles: Sequence[Puzzle] | None) -> Work:
    """Ask a set, behind whatever others wait for; `puzzles` of a file, rated where they are not."""

    def begin(check: Callable[[], None]) -> Iterator[Progress]:
        from trm_core.measuring.evaluate import Examination

        chosen = domain(asked.domain)
        solver = shared_solver(asked.checkpoint, chosen)
        if puzzles is None:
            pairs = _fresh(asked, chosen)
        else:
            pairs = Pairs.of(chosen, [_rated(each, chosen, check) for each in puzzles])
        examination = Examination(
            solver.model,
            chosen,
            pairs,
            most_steps=asked.settings.steps,
            stop=asked.settings.stop,
            checkpoint=asked.checkpoint,
            capacity=AT_ONCE,
            background=True,
        )

        def read() -> Outcomes:
            found = examination.outcomes
            return replace(found, set_name=asked.words(len(found)))

        yield Progress(0, len(pairs), read)
        for done in examination:
            yield Progress(done, len(pairs), read)

    return Work(begin)


@dataclass(frozen=True, eq=False)
class Rescuing:
    """How far a rescue is."""

    found: Sequence[Rescue]
    of: int  # remedies


def run_rescue(outcomes: Outcomes, marks: str | None) -> Work:
    """Try what may bring these puzzles back; `marks` names the model with pencil marks to try too."""

    def begin(check: Callable[[], None]) -> Iterator[Rescuing]:
        from trm_core.measuring.rescue import rescues

        chosen = outcomes.domain
        model = shared_solver(outcomes.checkpoint, chosen).model
        other = None if marks is None else lambda: shared_solver(marks, chosen).model
        plan = rescues(model, chosen, outcomes.pairs, outcomes.most_steps, other, check)
        found: list[Rescue] = []
        yield Rescuing((), len(plan))
        for remedy in plan:
            found.append(remedy())
            yield Rescuing(tuple(found), len(plan))

    return Work(begin)


def _rated(puzzle: Puzzle, chosen: Domain, check: Callable[[], None]) -> Puzzle:
    """The puzzle with its rating."""
    check()
    if puzzle.rating is not None:
        return puzzle
    return replace(puzzle, rating=chosen.rules.rate(puzzle.question_RC))


def _fresh(asked: SetAsked, chosen: Domain) -> Pairs:
    """The fresh or bundled puzzles of a set, rated."""
    if asked.difficulty == EXTREME:
        return Pairs.of(chosen, bundled_puzzles(asked.domain)[: asked.puzzles])
    rng = np.random.default_rng(1_000_000 + asked.seed)  # as `evaluate --seed` draws them
    return Pairs.of(chosen, chosen.maker.generate_many(rng, asked.difficulty, asked.puzzles))
