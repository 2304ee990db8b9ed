"""Long work behind a page, done by a thread of its own, whose results the page reads while they come. It ends when
its visitor has gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import streamlit as st
from streamlit import runtime

from pages.stage.state import visitor

LOOK_EVERY = 5.0  # seconds between two looks whether the visitor is still there


def while_running(every: float, going: Callable[[], bool], draw: Callable[[], None]) -> None:
    """Draw a part of the page anew every so many seconds, for as long as it is `going`; then the whole page once more."""

    @st.fragment(run_every=every)
    def part() -> None:
        if not going():
            st.rerun()
        draw()

    part()


class EndedError(Exception):
    """Nobody waits for this work any more."""


class Work:
    """A generator run by a thread: `last` is what it gave last. It is given `check`, which it calls often: that ends
    it once it was cancelled, or its visitor has gone."""

    def __init__(
        self, begin: Callable[[Callable[[], None]], Iterator[Any]], patience: float = 0.0
    ) -> None:
        """It ends when its visitor has been away for so many seconds (`patience`)."""
        self.last: Any = None
        self.error = ""
        self.began = time.monotonic()
        self.seconds = 0.0  # it took, once it is over
        self._cancelled = False
        self._patience = patience
        self._session = visitor()
        self._thread = threading.Thread(target=self._run, args=(begin,), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        self._cancelled = True

    @property
    def is_left(self) -> bool:
        """Whether its visitor has gone, and it goes on for as long as it has patience."""
        return runtime.exists() and not runtime.get_instance().is_active_session(self._session)

    def follow(self) -> None:
        """From now on it is this visitor who waits for it."""
        self._session = visitor()

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _run(self, begin: Callable[[Callable[[], None]], Iterator[Any]]) -> None:
        self._looked = self._there = time.monotonic()
        try:
            for found in begin(self._check):
                self.last = found
                self._check()
        except EndedError:
            pass  # what there is stands
        except Exception as error:  # whatever it is, the page says it and keeps what there is
            self.error = str(error) or type(error).__name__
        self.seconds = time.monotonic() - self.began

    def _check(self) -> None:
        if self._cancelled:
            raise EndedError
        now = time.monotonic()
        if now - self._looked > LOOK_EVERY:
            self._looked = now
            # Without a server somebody waits.
            if not self.is_left:
                self._there = now
            elif now - self._there > self._patience:
                raise EndedError
