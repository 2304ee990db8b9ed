"""People in line for what two at a time may have: a training, or a network that learns a task."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from pages.stage.work import Work, while_running

AT_ONCE = 2  # trainings
PLACE_EVERY = 1.0  # seconds between two looks at the line
THREADS = 1  # of a training; with more it would crawl wherever another one wants a core


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


def tell_place(work: InLine, things: str) -> None:
    """While others are served: how many, of what, and which number one has."""

    def draw() -> None:
        st.info(
            f"{AT_ONCE} {things} on this machine already. Yours is number {work.place} in line, and begins by itself.",
            icon=":material/hourglass_top:",
        )

    while_running(PLACE_EVERY, lambda: bool(work.place) and work.running, draw)
