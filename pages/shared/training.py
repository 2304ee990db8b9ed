"""Training behind a page: one model, or two in turns, learnt by a thread that the page looks at. Two visitors train at
a time, in turns, and the others wait in line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from pages.shared import saved
from pages.shared.work import Work
from trm_core.record.learning import Learning
from trm_core.training.recipe import Recipe

if TYPE_CHECKING:  # loads torch
    from pages.shared.state import PageState
    from trm_core.network.model import TinyRecursiveModel
    from trm_core.training.watched import Watched
    from trm_core.weights.card import Card

AT_ONCE = 2  # trainings
PLACE_EVERY = 1.0  # seconds between two looks at the line
MOST_EARLIER = 4  # trainings that a visitor has beside the one of now
PATIENCE = 120.0  # seconds that a closed tab's training goes on
THREADS = 1  # of a training; with more it would crawl wherever another one wants a core


@dataclass(frozen=True, kw_only=True)
class TrainingAsked:
    """What a visitor wants to train: a recipe, by a name; or two, side by side. With `seconds` they get as many
    updates as this machine makes in that time."""

    recipes: tuple[tuple[str, Recipe], ...]
    seed: int = 0
    seconds: float | None = None


def put_aside(state: PageState) -> None:
    """Stop the training of now, and keep what it has learnt among the earlier ones."""
    old, state.training, state.recovered = state.training, None, ""
    if old is None:
        return
    old.stop()
    if old.learnings and all(run.looks for run in old.learnings):
        state.earlier_trainings = [old, *state.earlier_trainings][:MOST_EARLIER]


class Line:
    """People in line, of whom the first few are served at once."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._lock = threading.Lock()
        self._people: list[object] = []

    @contextmanager
    def served(self, who: object, check: Callable[[], None]) -> Iterator[None]:
        """Wait in line, where one has entered it, and be served; `check` is called while one waits, and may raise
        to leave."""
        try:
            while self.place(who):
                check()
                time.sleep(0.1)
            yield
        finally:
            with self._lock:
                self._people.remove(who)

    def enter(self, who: object) -> None:
        """Stand at the end of the line."""
        with self._lock:
            self._people.append(who)

    def place(self, who: object) -> int:
        """How many must be done before; 0 for those who are served, or not in line."""
        with self._lock:
            at = self._people.index(who) if who in self._people else 0
        return max(0, at - self.at_once + 1)


LINE = Line(AT_ONCE)


class InLine:
    """Work of a visitor with a place in line: begun at once, or when its turn comes."""

    _line: Line
    _work: Work

    def _go(self, begin: Callable[[Callable[[], None]], Iterator[None]], patience: float) -> None:
        self._line.enter(self)
        self._work = Work(begin, patience)

    @property
    def running(self) -> bool:
        return self._work.running

    @property
    def place(self) -> int:
        """How many must end before this one begins."""
        return self._line.place(self)

    @property
    def error(self) -> str:
        """Why it ended before its time, in words."""
        return self._work.error

    def join(self) -> None:
        """Wait for its end."""
        self._work.join()


@st.fragment(run_every=PLACE_EVERY)
def tell_place(work: InLine, things: str) -> None:
    """While others are served: how many, of what, and which number one has."""
    place = work.place
    if not place or not work.running:
        st.rerun()
    st.info(
        f"{AT_ONCE} {things} on this machine already. Yours is number {place} in line, and begins by itself.",
        icon=":material/hourglass_top:",
    )


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

    def result(self, at: int = 0) -> tuple[TinyRecursiveModel, Card]:
        """The weights of now (the last good ones, where the loss diverged), and a card that says how they came to
        be and what they solve."""
        from trm_core.training.watched import card_of

        self._work.join()
        key = at, self._watched[at].learner.update
        if key not in self._result:
            self._result[key] = card_of(self._watched[at])
        return self._result[key]
