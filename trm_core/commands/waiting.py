"""What a command that takes long says while it works, and how Ctrl-C ends it: at once, and nothing it had is lost."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY = 10.0  # seconds between two lines, where there is no terminal to write over
STOPPED = 130  # exit status of what Ctrl-C has ended


class Meter:
    """Says on stderr how far it is, of so many `things`, and how long is left: over and over in one line of a terminal,
    elsewhere a line each `EVERY` seconds."""

    def __init__(self, of: int, things: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._of, self._things, self._clock = of, things, clock
        self._began = self._told = clock()
        self.done = 0

    def __call__(self, done: int) -> None:
        self.done = done
        now, terminal = self._clock(), sys.stderr.isatty()
        if not terminal and now - self._told < EVERY:
            return
        self._told = now
        words = f"{done:,} of {self._of:,} {self._things}"
        if 0 < done < self._of:
            words += f", {told_time((now - self._began) / done * (self._of - done))} left"
        ending = "" if terminal and done < self._of else "\n"
        print(f"\r{words:<60}" if terminal else words, end=ending, file=sys.stderr, flush=True)


def told_time(seconds: float) -> str:
    """So much time, roughly: "40 s", "12 min", "3.5 h", "9 days"."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.{1 if seconds < 10 * size else 0}f} {unit}"
    return f"{seconds:.0f} s"


PATIENCE = 1.5  # seconds that what is under way may take to end


class Stop:
    """Whether Ctrl-C was pressed."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.pressed, self._then = False, then
        # As if Ctrl-C were pressed once more.
        self.patience = threading.Timer(PATIENCE, _thread.interrupt_main)
        self.patience.daemon = True

    def press(self, *_: object) -> None:
        """End after what is under way; a second time it is meant at once, and so it is where that takes long."""
        self.pressed = True
        self._then()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.patience.start()


@contextmanager
def stoppable(then: Callable[[], None] = lambda: None) -> Iterator[Stop]:
    """While it lasts, Ctrl-C does `then` and lets what is under way end; if that takes longer than `PATIENCE`,
    `KeyboardInterrupt` is raised after all."""
    stop = Stop(then)
    before = signal.signal(signal.SIGINT, stop.press)
    try:
        yield stop
    finally:
        stop.patience.cancel()
        signal.signal(signal.SIGINT, before)
