"""What others cost: how long somebody waits beside visitors of any appetite and beside models that learn, and how much
slower a solve becomes when other processes take cores away."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median

import numpy as np

from trm_core.device import cores
from trm_core.domains import domain
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver, Solving
from trm_core.weights import checkpoint

GREEDY = Settings(steps=256, stop="steps", votes=16)
NEWCOMERS = 7  # of whose waits the longest is told
PAUSE = 0.3  # seconds between two clicks
BUSY_STEPS = 3  # of the 30x30 solve beside busy processes


def newcomer_waits(others: Sequence[int]) -> dict[int, float]:
    """By the number of other visitors: the longest that one of `NEWCOMERS` waited for a one-step
    9x9 Sudoku, in seconds. The others ask 9x9 Sudokus 16 ways, 256 steps, never early; every fifth
    of them a 30x30 maze, with another model."""
    sudoku, maze = (_solver(name) for name in ("sudoku-9x9", "maze-hard-small"))
    rng = np.random.default_rng(0)
    question_RC = sudoku.domain.maker.generate(rng, "hard").question_RC
    maze_RC = maze.domain.maker.generate(rng, "walls").question_RC
    sudoku.solve(question_RC, Settings(steps=1))  # loads what is loaded at first use
    found = {}
    for count in others:
        solves = [
            solver.start(board_RC, GREEDY, visitor=f"visitor {i}")
            for i in range(count)
            for solver, board_RC in [(maze, maze_RC) if i % 5 == 4 else (sudoku, question_RC)]
        ]
        with _running(solves):
            waits = []
            for i in range(NEWCOMERS):
                began = time.perf_counter()
                sudoku.solve(question_RC, Settings(steps=1), visitor=f"newcomer {count} {i}")
                waits.append(time.perf_counter() - began)
        found[count] = max(waits)
    return found


# Work that goes on until what it is given, which it calls now and then, raises.
Background = Callable[[Callable[[], None]], None]


class _EnoughError(Exception):
    """Nobody needs the background any more."""


def click_waits(
    beside: Mapping[str, Sequence[Background]], clicks: int
) -> dict[str, tuple[float, float]]:
    """How long somebody waits for the first step of a 9x9 Sudoku with pencil marks, beside nobody and beside each
    of these, from their first second on: the median and the longest of so many clicks, in seconds."""
    solver = _solver("sudoku-marks")
    question_RC = solver.domain.maker.generate(np.random.default_rng(0), "hard").question_RC
    solver.solve(question_RC, Settings(steps=1))  # loads what is loaded at first use
    found = {}
    for name, work in ({"nobody": ()} | beside).items():
        with _behind(work):
            waits = []
            for _ in range(clicks):
                began = time.perf_counter()
                solver.solve(question_RC, Settings(steps=1))
                waits.append(time.perf_counter() - began)
                time.sleep(PAUSE)
        found[name] = median(waits), max(waits)
    return found


def slowdowns() -> dict[int, float]:
    """By the number of cores kept busy by other processes: how many times slower a solve of some
    steps of a 30x30 maze is than alone."""
    maze = _solver("maze-hard-small")
    question_RC = maze.domain.maker.generate(np.random.default_rng(0), "walls").question_RC

    def seconds() -> float:
        taken = []
        for _ in range(3):
            began = time.perf_counter()
            maze.solve(question_RC, Settings(steps=BUSY_STEPS, stop="steps"))
            taken.append(time.perf_counter() - began)
        return median(taken)

    seconds()
    found = {}
    for count in range(cores() + 1):
        with _busy(count):
            found[count] = seconds()
    return {count: taken / found[0] for count, taken in found.items()}


def _solver(name: str) -> Solver:
    model, card = checkpoint.load(checkpoint.find(name))
    return Solver(model, domain(card.domain), checkpoint=card.name)


@contextmanager
def _running(solves: Sequence[Solving]) -> Iterator[None]:
    """While it lasts, every solve goes on in a thread of its own; all have begun."""

    def drain(solving: Solving) -> None:
        for _ in solving:
            pass

    threads = [threading.Thread(target=drain, args=(s,), daemon=True) for s in solves]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while not all(s.started for s in solves) and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield
    finally:
        for solving in solves:
            solving.cancel()
        for thread in threads:
            thread.join()


@contextmanager
def _behind(work: Sequence[Background]) -> Iterator[None]:
    """While it lasts, every one goes on in a thread of its own."""
    over = threading.Event()

    def check() -> None:
        if over.is_set():
            raise _EnoughError

    failed: list[BaseException] = []

    def go_on(each: Background) -> None:
        try:
            each(check)
        except _EnoughError:
            pass
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=go_on, args=(each,), daemon=True) for each in work]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if failed:  # then the clicks were beside less than is said
        raise failed[0]


@contextmanager
def _busy(count: int) -> Iterator[None]:
    """While it lasts, so many processes compute without pause."""
    command = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(command) for _ in range(count)]
    time.sleep(0.5)  # until they run, and the machine's own counters say so
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
