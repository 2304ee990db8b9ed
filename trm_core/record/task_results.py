"""What became of many tasks that were learnt: a row each, as Parquet."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trm_core.record.archive import load_table, name_of, reading, save_table
from trm_core.record.slices import wilson_interval
from trm_core.record.task_learning import TaskLearning

MOST = 0.5  # share of the votes from which they agree


@dataclass(frozen=True)
class TaskResult:
    """One learning of one task."""

    task: str
    seed: int
    seconds: float  # it was given
    took: float  # seconds until it ended
    updates: int
    networks: int  # that learnt
    most_networks: int  # that might have, had there been time
    learnt: bool  # whether a network had nothing left to learn
    fits: bool  # whether some weights got all pairs right
    pairs: int
    pairs_right: int  # at most, by the weights of one moment
    share: float  # of the votes, of the first guess
    first: bool  # whether the first guess is right, in every test
    second: bool  # whether one of the first two is
    size: int  # longest side of any of its grids
    colours: int
    parameters: int

    @classmethod
    def of(cls, learning: TaskLearning, took: float) -> TaskResult:
        """Of a learning that is over, of a task whose answers are known."""
        task, about, last = learning.task, learning.about, learning.glimpses[-1]
        return cls(
            task=task.name,
            seed=int(about["seed"]),
            seconds=float(about["seconds"]),
            took=round(took, 2),
            updates=last.update,
            networks=last.learner + 1,
            most_networks=int(about["networks"]),
            learnt=learning.learnt,
            fits=learning.fits,
            pairs=len(task.pairs),
            pairs_right=max(sum(learning.right(at)) for at in range(len(learning.glimpses))),
            share=round(learning.share, 4),
            first=bool(learning.solved(1)),
            second=bool(learning.solved(2)),
            size=task.largest,
            colours=len(task.palette),
            parameters=learning.parameters,
        )

    @property
    def group(self) -> str:
        """How it may be believed."""
        return self.group_of(self.fits, self.share)

    @staticmethod
    def group_of(fits: bool, share: float) -> str:
        """Of a learning that got all pairs right or not, with this share of the votes for its first guess."""
        if not fits:
            return NOT_LEARNT
        return AGREED if share >= MOST else SPLIT


NOT_LEARNT = "never gets all its pairs right"
AGREED = "gets its pairs right, and most votes agree"
SPLIT = "gets its pairs right, and the votes are split"
GROUPS = (AGREED, SPLIT, NOT_LEARNT)


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the share."""
        return wilson_interval(self.count / self.of if self.of else 0.0, self.of)

    @property
    def words(self) -> str:
        """Such as "12 of 65 (18 %; 95 % interval 11 to 29)"."""
        if not self.of:
            return "0 of 0"
        low, high = (100 * bound for bound in self.interval)
        percent = 100 * self.count / self.of
        return f"{self.count} of {self.of} ({percent:.0f} %; 95 % interval {low:.0f} to {high:.0f})"


def solved(results: Sequence[TaskResult], guesses: int = 1) -> Share:
    """Tasks that one of the first so many guesses, one or two, solves."""
    return Share(sum(r.first if guesses == 1 else r.second for r in results), len(results))


SIZES = ((1, 12), (13, 20), (21, 30))  # longest sides of a task's grids


def by_size(results: Sequence[TaskResult], guesses: int = 1) -> dict[tuple[int, int], Share]:
    """Of the tasks of each of `SIZES`, those that one of the first so many guesses solves."""
    return {
        (low, high): solved([r for r in results if low <= r.size <= high], guesses)
        for low, high in SIZES
    }


def by_group(results: Sequence[TaskResult]) -> dict[str, Share]:
    """Of the tasks of each of `GROUPS`, those whose first guess is right."""
    return {group: solved([r for r in results if r.group == group]) for group in GROUPS}


def save(results: Sequence[TaskResult], path: Path) -> None:
    """Write as Parquet, at once or not at all."""
    import pyarrow

    rows = [dataclasses.asdict(result) for result in results]
    part = path.with_name(f"{path.name}.part")
    save_table(part, pyarrow.Table.from_pylist(rows))
    part.replace(path)


def load(source: Path | bytes) -> list[TaskResult]:
    """Read what `save` wrote. Raises `PuzzleError` in one sentence for any other file."""
    name = name_of(source)
    with reading(f"{name} is not a table of learnt tasks of ours"):
        return [TaskResult(**row) for row in load_table(source, name)[1].to_pylist()]
