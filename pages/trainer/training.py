"""Training behind a page: one model, or two in turns, learnt by a thread that the page looks at. Two visitors train at
a time, in turns, and the others wait in line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4
from weakref import WeakValueDictionary

from pages.stage.line import LINE, THREADS, InLine, Line
from pages.trainer import saved
from trm_core.record.learning import Learning
from trm_core.training.recipe import Recipe

if TYPE_CHECKING:  # loads torch
    from trm_core.network.model import TinyRecursiveModel
    from trm_core.training.watched import Watched
    from trm_core.weights.card import Card

PATIENCE = 120.0  # seconds that a closed tab's training goes on
_TRAININGS: WeakValueDictionary[str, Training] = WeakValueDictionary()  # by their names


@dataclass(frozen=True, kw_only=True)
class TrainingAsked:
    """What a visitor wants to train: a recipe, by a name; or two, side by side. With `seconds` they get as many
    updates as this machine makes in that time."""

    recipes: tuple[tuple[str, Recipe], ...]
    seed: int = 0
    seconds: float | None = None


class Training(InLine):
    """One training of a visitor: begun at once, or when its turn comes. It is paused and gone on with without a
    trace: the weights are those of a run that was never paused."""

    def __init__(self, asked: TrainingAsked, line: Line = LINE) -> None:
        self.asked, self._line = asked, line
        self.name = uuid4().hex[:10]  # no other training is called so
        self.stopped = False
        self._watched: list[Watched] = []
        self._result: dict[tuple[int, int], tuple[TinyRecursiveModel, Card]] = {}
        self._go(self._begin, PATIENCE)
        _TRAININGS[self.name] = self

    def _begin(self, check: Callable[[], None]) -> Iterator[None]:
        with self._line.served(self, check):
            if not self._watched:
                self._watched = self._prepared(check)
            for watched in self._watched:
                watched.check = check  # this thread's: a pause ends the one of before
            under_way = [(watched, iter(watched)) for watched in self._watched]
            first, looks = self._watched[0], 0
            while under_way:
                # Side by side: whoever has learnt for less time goes on.
                at = min(range(len(under_way)), key=lambda k: under_way[k][0].seconds)
                if next(under_way[at][1], None) is None:
                    under_way.pop(at)
                if looks < len(first.learning.looks):
                    looks = len(first.learning.looks)
                    saved.save(self.name, first)
                yield None

    def _prepared(self, check: Callable[[], None]) -> list[Watched]:
        from trm_core.training.watched import updates_in, watch

        found = []
        for name, recipe in self.asked.recipes:
            if self.asked.seconds is not None:
                updates = updates_in(recipe, self.asked.seconds, THREADS, check=check)
                recipe = replace(recipe, updates=updates)
            found.append(watch(recipe, name, seed=self.asked.seed, threads=THREADS, check=check))
        return found

    @property
    def learnings(self) -> list[Learning]:
        """The runs as far as they are; none before the first update."""
        return [watched.learning.so_far() for watched in self._watched]

    @property
    def paused(self) -> bool:
        return not (self.running or self.finished or self.stopped or self.error)

    @property
    def finished(self) -> bool:
        return bool(self._watched) and all(w.learner.finished for w in self._watched)

    def pause(self) -> None:
        """Stop after the update under way."""
        self._work.cancel()

    def go_on(self) -> None:
        if self.paused:
            self._work.join()
            self._go(self._begin, PATIENCE)

    def stop(self) -> None:
        """For good; what it has learnt stands."""
        self.stopped = True
        self._work.cancel()

    @property
    def is_left(self) -> bool:
        """Whether its visitor has closed the tab, or loaded it anew."""
        return self._work.is_left

    def follow(self) -> None:
        """From now on it is this visitor's."""
        self._work.follow()

    def result(self, at: int = 0) -> tuple[TinyRecursiveModel, Card]:
        """The weights of now (the last good ones, where the loss diverged), and a card that says how they came to
        be and what they solve."""
        from trm_core.training.watched import card_of

        self._work.join()
        key = at, self._watched[at].learner.update
        if key not in self._result:
            self._result[key] = card_of(self._watched[at])
        return self._result[key]


def left_behind(name: str) -> Training | None:
    """The training of that name whose visitor has gone: they may come back to it by its address. One that somebody
    looks at is theirs."""
    training = _TRAININGS.get(name)
    return training if training is not None and training.is_left else None
