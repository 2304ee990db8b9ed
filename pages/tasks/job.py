"""Learning a task behind a page: a thread with a place in the same line as trainings, that the page looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pages.stage.line import LINE, THREADS, InLine, Line
from trm_core.domains import Task
from trm_core.record.task_learning import STOPPED, TaskLearning

if TYPE_CHECKING:  # loads torch
    from trm_core.training.task import TaskRun

PATIENCE = 20.0  # seconds that a closed tab's learning goes on


class TaskJob(InLine):
    """One task that a visitor has learnt: begun at once, or when its turn comes."""

    def __init__(
        self, task: Task, seconds: float, seed: int = 0, networks: int = 1, line: Line = LINE
    ) -> None:
        self.task, self.seconds, self.seed, self.networks = task, seconds, seed, networks
        self._line = line
        self._run: TaskRun | None = None
        self._go(self._begin, PATIENCE)

    def _begin(self, check) -> Iterator[None]:
        from trm_core.training.task import TaskRun

        with self._line.served(self, check):
            self._run = TaskRun(
                self.task,
                seed=self.seed,
                seconds=self.seconds,
                networks=self.networks,
                threads=THREADS,
                check=check,
            )
            for _ in self._run:
                yield None

    @property
    def learning(self) -> TaskLearning | None:
        """As far as it is; None before the first look."""
        if self._run is None or not self._run.learning.glimpses:
            return None
        found = self._run.learning.so_far()
        if not self.running and not found.ended:
            found.ended.append(STOPPED)
        return found

    @property
    def elapsed(self) -> float:
        """Seconds of learning so far."""
        return 0.0 if self._run is None else self._run.seconds

    def stop(self) -> None:
        """What was seen so far stands."""
        self._work.cancel()
