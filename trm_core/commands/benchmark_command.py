"""`python -m trm_core benchmark`: ratios measured in one run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Annotated

from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.device import threads_for
from trm_core.domains import PuzzleError
from trm_core.measuring.benchmark import PARTS, PUBLISHED, benchmark, clicks_beside
from trm_core.measuring.fairness import Background
from trm_core.readers import arc_tasks
from trm_core.training.small import PRESETS
from trm_core.training.task import TaskRun
from trm_core.training.watched import watch

LEARNING = "learning"  # the part that has to know how models are trained


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    _: KW_ONLY
    threads: int = threads_for(PUBLISHED)
    """CPU threads."""
    repeats: int = 7
    """Rounds a median is taken over."""
    only: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (*PARTS, LEARNING)
    """Measure these parts."""
    json: bool = False
    """Print one JSON object."""


def run(options: Options | None = None) -> int:
    options = options or Options()
    learning = {
        "two trainings": (_training("6x6"), _training("9x9")),
        "two tasks of ARC": (_task("2281f1f4"), _task("0962bcdd")),
    }
    parts = PARTS | {LEARNING: clicks_beside(learning)}
    unknown = sorted(set(options.only) - set(parts))
    if unknown:
        raise PuzzleError(f"--only must be of {', '.join(parts)}, got {unknown[0]!r}")
    chosen = {name: part for name, part in parts.items() if name in options.only}
    result = benchmark(options.threads, options.repeats, chosen)
    print(json.dumps(result.as_dict()) if options.json else result)
    return 0


def _training(preset: str) -> Background:
    def go_on(check: Callable[[], None]) -> None:
        while True:  # again, where it has learnt all there is
            for _ in watch(PRESETS[preset].recipe, preset, check=check):
                pass

    return go_on


def _task(key: str) -> Background:
    task = arc_tasks.task(key)

    def go_on(check: Callable[[], None]) -> None:
        while True:
            for _ in TaskRun(task, check=check):
                pass

    return go_on
