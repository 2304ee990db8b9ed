"""Milliseconds of calls that take turns, so that a machine whose speed drifts treats all alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def in_turn(calls: list[Callable[[], object]], repeats: int) -> list[float]:
    """Median milliseconds of each call; they take turns, after one warm-up round."""
    seconds: list[list[float]] = [[] for _ in calls]
    for round_number in range(repeats + 1):
        for call, taken in zip(calls, seconds, strict=True):
            began = time.perf_counter()
            call()
            if round_number:
                taken.append(time.perf_counter() - began)
    return [1e3 * median(taken) for taken in seconds]
