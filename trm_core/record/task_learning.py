"""How one task was learnt from its pairs: the answers of every moment, and the votes they make up.

Dimension key: N pairs, T tests, R x C the task's canvas.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from trm_core.domains import PuzzleError, Task, as_asked, learnable
from trm_core.domains.arc.domain import ArcGrid, judged, same, task_from_json
from trm_core.record.archive import load_arrays, name_of, nested, reading, save_arrays
from trm_core.record.trace import Trace

FORMAT = "trm-task-1"
LEARNT, OUT_OF_TIME, STOPPED = "learnt", "time", "stopped"  # why a learning ended
UNFIT = (
    0.02  # what the vote of weights counts that fit all pairs but some, times the share they fit
)
LEAST_SHARE = 0.005  # of the votes, of an answer that is worth telling
SURENESS = 4  # power of how sure an answer is, in its vote


@dataclass(frozen=True, eq=False)
class Glimpse:
    """What the weights of one moment answer."""

    update: int
    seconds: float  # of learning
    learner: int  # which network it was, where several learn one after the other; the first is 0
    answers: tuple[np.ndarray, ...]  # a grid for every pair, then for every test
    sure_T: tuple[float, ...]  # geometric mean of how likely the cells of each test's answer are
    gates: tuple[float, float]  # of rows and columns, and of the whole grid


@dataclass(frozen=True)
class Step:
    """The loss by some update."""

    update: int
    seconds: float
    loss: float


@dataclass(frozen=True, eq=False)
class Guess:
    """An answer to a test, and how much of all votes it has."""

    grid_RC: np.ndarray
    share: float


@dataclass(frozen=True, eq=False)
class TaskLearning:
    """A learning, as it was watched. It grows while it goes on: its lists are only added to."""

    task: Task
    parameters: int  # trained numbers of a network
    about: Mapping[str, Any] = field(default_factory=dict)  # seed, seconds, command, clock
    steps: list[Step] = field(default_factory=list)
    glimpses: list[Glimpse] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)  # of each test, by the last weights
    ended: list[str] = field(default_factory=list)  # why, once it is over

    def so_far(self) -> TaskLearning:
        """A copy that grows no more."""
        lists = ("steps", "glimpses", "traces", "ended")
        return replace(self, **{name: list(getattr(self, name)) for name in lists})

    def until(self, at: int) -> TaskLearning:
        """What there was by glimpse `at`."""
        seconds = self.glimpses[at].seconds
        steps = [step for step in self.steps if step.seconds <= seconds]
        return replace(self, steps=steps, glimpses=self.glimpses[: at + 1])

    @property
    def asked(self) -> Task:
        """The task as the network sees it: with questions as large as their answers."""
        return as_asked(self.task)

    @property
    def rule(self) -> str:
        """How its questions were brought to that size, in words; "" where nothing had to be."""
        found = learnable(self.task)
        return "" if found is None else found.rule

    @property
    def learnt(self) -> bool:
        """Whether a network had nothing left to learn."""
        return self.ended == [LEARNT]

    @property
    def networks(self) -> int:
        """How many networks have learnt so far, one after the other."""
        return 1 + self.glimpses[-1].learner

    def right(self, at: int = -1) -> list[bool]:
        """Which pairs the weights of a moment get right."""
        answers = self.glimpses[at].answers
        return [same(answers[i], answer) for i, (_, answer) in enumerate(self.task.pairs)]

    def wrong_cells(self, at: int = -1) -> list[int]:
        """Cells that differ from the known answer, of every pair."""
        answers = self.glimpses[at].answers
        return [int((answers[i] != answer).sum()) for i, (_, answer) in enumerate(self.task.pairs)]

    @property
    def fits(self) -> bool:
        """Whether some weights on the way got all pairs right."""
        return any(all(self.right(at)) for at in range(len(self.glimpses)))

    def guesses(self, test: int) -> list[Guess]:
        """The answers to a test that were ever given, those with the most votes first: every moment votes, the more
        the surer it is, and next to nothing while it gets pairs wrong."""
        place = len(self.task.pairs) + test
        votes: dict[bytes, float] = {}
        grids: dict[bytes, np.ndarray] = {}
        for at, glimpse in enumerate(self.glimpses):
            if glimpse.update == 0:
                continue
            grid_RC = glimpse.answers[place]
            right = self.right(at)
            weight = 1.0 if all(right) else UNFIT * sum(right) / len(right)
            key = grid_RC.tobytes()
            grids[key] = grid_RC
            votes[key] = votes.get(key, 0.0) + weight * glimpse.sure_T[test] ** SURENESS
        total = sum(votes.values()) or 1.0
        ordered = sorted(votes, key=lambda key: -votes[key])
        return [Guess(grids[key], votes[key] / total) for key in ordered]

    @property
    def answered(self) -> bool:
        """Whether an answer has votes enough to be told."""
        return self.share > LEAST_SHARE

    @property
    def share(self) -> float:
        """How much of the votes the first guess has, in the test where it has the least."""
        firsts = [self.guesses(test)[:1] for test in range(len(self.task.tests))]
        return min((guess[0].share if guess else 0.0) for guess in firsts)

    def solved(self, guesses: int = 1) -> bool | None:
        """Whether one of the first so many guesses is right, in every test; None where that is not known."""
        if not self.task.known:
            return None
        return all(
            any(same(guess.grid_RC, answer) for guess in self.guesses(test)[:guesses])
            for test, (_, answer) in enumerate(self.task.tests)
        )

    def right_at(self, at: int) -> bool | None:
        """Whether the weights of a moment answer all tests right; None where that is not known."""
        return judged(self.task, self.glimpses[at].answers[len(self.task.pairs) :])

    def save(self, path: Path | io.BytesIO) -> None:
        """Write as .npz."""
        about = {
            "name": self.task.name,
            "task": self.task.as_json(),
            "rule": self.rule,
            "parameters": self.parameters,
            "about": dict(self.about),
            "ended": self.ended,
        }
        canvas = self.asked.canvas
        flat = [
            [ArcGrid(*grid.shape).onto(canvas, grid) for grid in glimpse.answers]
            for glimpse in self.glimpses
        ]
        arrays: dict[str, np.ndarray] = {
            "steps": np.array([[s.update, s.seconds, s.loss] for s in self.steps], np.float64),
            "glimpses": np.array(
                [[g.update, g.seconds, g.learner, *g.gates, *g.sure_T] for g in self.glimpses]
            ),
            "answers": np.array(flat, np.uint8),
        }
        arrays |= nested({f"trace_{k}": trace for k, trace in enumerate(self.traces)})
        save_arrays(path, FORMAT, about, arrays)

    @classmethod
    def load(cls, source: Path | bytes, name: str = "the file") -> TaskLearning:
        """Read what `save` wrote. Raises `PuzzleError` in one sentence for any other file."""
        name = name_of(source, name)
        with reading(f"{name} is not the learning of a task ({FORMAT})"):
            return cls._read(*load_arrays(source, name, FORMAT))

    @classmethod
    def _read(cls, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> TaskLearning:
        task = task_from_json(about["task"], str(about["name"]))
        found = learnable(task)
        if found is None or found.rule != about.get("rule", ""):
            raise PuzzleError(
                "this run began with a rule for its answers' size that is no longer there"
            )
        # An answer is as large as its question is made.
        sizes = [question.shape for question, _ in (*found.task.pairs, *found.task.tests)]
        glimpses = [
            Glimpse(
                int(update),
                seconds,
                int(learner),
                tuple(
                    grid_RC[:rows, :cols]
                    for grid_RC, (rows, cols) in zip(answers, sizes, strict=True)
                ),
                tuple(sure),
                (lines, whole),
            )
            for (update, seconds, learner, lines, whole, *sure), answers in zip(
                arrays["glimpses"].tolist(), arrays["answers"], strict=True
            )
        ]
        if not glimpses or any(len(g.sure_T) != len(task.tests) for g in glimpses):
            raise ValueError("the parts do not fit together")
        traces = [
            Trace.load(arrays[f"trace_{k}"].tobytes())
            for k in range(sum(key.startswith("trace_") for key in arrays))
        ]
        return cls(
            task,
            int(about["parameters"]),
            dict(about["about"]),
            [Step(int(update), s, loss) for update, s, loss in arrays["steps"].tolist()],
            glimpses,
            traces,
            [str(word) for word in about["ended"]],
        )
