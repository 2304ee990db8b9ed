"""Learning one task of ARC from its own pairs, from nothing, while one watches.

run = TaskRun(task, seconds=30)
for learning in run:          # about twice a second
    draw(learning)

The network sees the pairs again and again, by the same `Learner` and the same deep supervision as every other model
here: a slot for every pair, at two depths. What it answers to the tests is looked at now and then, and every look
votes.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from trm_core.device import GATE, Gate
from trm_core.domains import Pairs, Puzzle, PuzzleError, Task, learnable
from trm_core.domains.arc.domain import ArcGrid
from trm_core.network.colours import ColoursModel
from trm_core.network.config import ModelConfig
from trm_core.network.forms import build_model
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Slots
from trm_core.record.task_learning import LEARNT, OUT_OF_TIME, Glimpse, Step, TaskLearning
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import PuzzleStream
from trm_core.training.learner import WEIGHTS, Learner, Moment
from trm_core.training.recipe import Recipe
from trm_core.training.watched import DivergedError

COPIES = 2  # slots of each pair
STEPS = 5  # supervision steps, of learning and of answering: further on, answers fall apart again
# Seconds between two looks: this share of what has passed, but at least and at most so many.
LOOK_SHARE, LOOK_LEAST, LOOK_MOST = 0.06, 0.25, 1.5
TICK = 0.4  # seconds between two steps of the loss
CALM_LOSS, CALM = 0.004, 25  # it has learnt when the loss stays so low for so many updates
SYMMETRIC = 100  # updates before it may tell colours and directions apart
SMOOTHED = 0.9  # of the loss
LIMIT = 100_000  # updates; time ends it


def task_model(task: Task, width: int = 32) -> ModelConfig:
    """The network that learns a task, on its canvas."""
    canvas = task.canvas
    return ModelConfig(
        vocab_size=canvas.vocab_size,
        rows=canvas.rows,
        cols=canvas.cols,
        width=width,
        mixer="colours",
        palette=task.palette,
        prefix="none",
        prefix_length=0,
        halt_outputs=1,
        cycles=1,
        latent_updates=2,
        supervision_steps=STEPS,
        gradient="all_cycles",
    )


def task_recipe(task: Task) -> Recipe:
    """How a task is learnt."""
    return Recipe(
        domain=task.canvas.name,
        model=task_model(task),
        augment=False,
        batch=COPIES * len(task.pairs),
        puzzles=len(task.pairs),
        updates=LIMIT,
        lr=1e-2,
        betas=(0.9, 0.98),
        weight_decay=0.05,
        decay_vectors=False,
        warmup=15,
        schedule="constant",
        ema=0.97,
        halt_weight=0.1,
        exploration=0.0,
    )


class EveryPair(PuzzleStream):
    """All pairs in their order, again and again."""

    def draw(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        at_B = torch.arange(count, device=self.pairs_N2L.device) % len(self.pairs_N2L)
        pairs = self.pairs_N2L[at_B]
        return pairs[:, 0], pairs[:, 1], self.puzzle_ids_N[at_B]


class TaskLearner(Learner):
    """Teaches a model of colours the pairs of a task: each is in every update, once for every copy, and the copies
    stand at different depths."""

    model: ColoursModel

    def _begin(self) -> None:
        stream, pairs_N2L = self.stream, self.stream.pairs_N2L
        pairs = Pairs(pairs_N2L.cpu().numpy(), np.zeros(len(pairs_N2L), np.int64), np.empty(0))
        canvas = ArcGrid(self.recipe.model.rows, self.recipe.model.cols)
        self.stream = EveryPair(pairs, canvas, self.device, stream.generator, augment=False)
        super()._begin()
        limit = self.recipe.model.supervision_steps
        copy_B = torch.arange(self.recipe.batch, device=self.device) // len(pairs_N2L)
        self.slots.steps_B = (copy_B * limit // COPIES).to(torch.int32)

    def _least_steps(self) -> Tensor:
        """Nobody leaves before the end."""
        limit = self.recipe.model.supervision_steps
        return torch.full((self.recipe.batch,), limit, device=self.device)

    def learn(self) -> Moment:
        for table in self.model.tables:
            table.requires_grad_(self.update >= SYMMETRIC)
        return super().learn()

    def _move(self, loss: Tensor) -> None:
        super()._move(loss + self.model.penalty())


class TaskRun:
    """The learning of one task, for so many seconds of the `clock` at most. Iterating goes on where it stopped.

    Networks learn one after the other, `networks` of them if time allows, each from other first weights; all vote.
    Raises `PuzzleError` for a task whose questions no rule brings to the size of their answers, `DivergedError` where
    the loss is no number.
    """

    def __init__(
        self,
        task: Task,
        *,
        seed: int = 0,
        seconds: float = 30.0,
        networks: int = 1,
        threads: int = 1,
        check: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.perf_counter,
        about: dict[str, object] | None = None,
        gate: Gate = GATE,
    ) -> None:
        found = learnable(task)
        if found is None:
            raise PuzzleError(
                f"the answers of task {task.name} are not as large as their questions, and no simple rule makes "
                "these so: this network only paints a grid over"
            )
        self.asked = asked = found.task  # as the network sees it
        self.recipe = task_recipe(asked)
        self._seed, self._budget, self._networks = seed, seconds, networks
        self._threads, self._check, self._clock, self._gate = threads, check, clock, gate
        canvas = asked.canvas

        def onto(grid: np.ndarray) -> np.ndarray:
            return ArcGrid(*grid.shape).onto(canvas, grid)

        pairs = [Puzzle(onto(question), onto(answer)) for question, answer in asked.pairs]
        self._pairs = Pairs.of(canvas, pairs)
        questions = [question for question, _ in (*asked.pairs, *asked.tests)]
        self._sizes = [question.shape for question in questions]
        self._questions_BL = torch.from_numpy(
            np.stack([canvas.tokens(onto(question)) for question in questions])
        )
        self._number = 0
        self.seconds = 0.0  # so far, looks and all
        self._next_look = 0.0
        self._good: TinyRecursiveModel | None = None  # the last that got all pairs right
        self._learnt = False  # whether one did
        self.learner = self._fresh()
        told = {"seed": seed, "seconds": seconds, "networks": networks}
        self.learning = TaskLearning(
            task, self.learner.model.parameter_count, told | dict(about or {})
        )

    def _fresh(self) -> TaskLearner:
        """A network that knows nothing."""
        weights = torch.Generator().manual_seed((self._seed * 64 + self._number) * 1000 + WEIGHTS)
        model = build_model(self.recipe.model, weights)
        self._loss, self._calm = math.nan, 0
        return TaskLearner(
            model,
            self._pairs,
            self.recipe,
            seed=self._seed,
            threads=self._threads,
            gate=self._gate,
        )

    def __iter__(self) -> Iterator[TaskLearning]:
        began, before = self._clock(), self.seconds
        ticked = -math.inf
        if not self.learning.glimpses:
            yield self._look()
        while not self.learning.ended:
            for moment in self.learner:
                self._check()
                self.seconds = before + self._clock() - began
                self._mind(float(moment.loss.cells.detach()))
                if self.seconds - ticked > TICK:
                    ticked = self.seconds
                    self.learning.steps.append(Step(moment.update, self.seconds, self._loss))
                    yield self.learning
                over = self.seconds >= self._budget
                calm = self._calm >= CALM
                if over or calm or self.seconds >= self._next_look:
                    yield self._look()
                    self.seconds = before + self._clock() - began
                    if calm and not all(self.learning.right()):
                        calm, self._calm = False, 0
                    if over or calm:
                        break
            self._learnt |= calm
            self._number += 1
            if over or self._number >= self._networks:
                self._end(LEARNT if self._learnt else OUT_OF_TIME)
            else:
                self.learner = self._fresh()
        yield self.learning

    def _mind(self, loss: float) -> None:
        """What the loss of an update says of how the learning goes."""
        if not math.isfinite(loss):
            raise DivergedError("the loss was no number any more")
        before = loss if math.isnan(self._loss) else self._loss
        self._loss = SMOOTHED * before + (1 - SMOOTHED) * loss
        self._calm = self._calm + 1 if self._loss < CALM_LOSS else 0

    def weights(self) -> TinyRecursiveModel:
        """A copy of the averaged weights, ready to be asked."""
        return copy.deepcopy(self.learner.averaged()).for_inference()

    @torch.no_grad()
    def _look(self) -> TaskLearning:
        learner = self.learner
        model = learner.averaged()
        visitor = learner.visitor
        with self._gate.turn(
            lambda: (visitor,), self._threads, exactly=True, background=lambda: True
        ):
            slots = Slots(model, self._questions_BL)
            for _ in range(STEPS):
                output = slots.step()
            sure_BL, answer_BL = output.logits_BLV.softmax(-1).max(-1)
        canvas, sizes = self.asked.canvas, self._sizes
        boards = canvas.board(answer_BL.to(torch.uint8).numpy())
        answers = tuple(
            board[:rows, :cols].copy() for board, (rows, cols) in zip(boards, sizes, strict=True)
        )
        sure = sure_BL.log().unflatten(-1, (canvas.rows, canvas.cols))
        tests = range(len(self.asked.pairs), len(sizes))
        self.learning.glimpses.append(
            Glimpse(
                learner.update,
                self.seconds,
                self._number,
                answers,
                tuple(float(sure[b, : sizes[b][0], : sizes[b][1]].mean().exp()) for b in tests),
                tuple(model.network.gates.tolist()),
            )
        )
        if all(self.learning.right()):
            self._good = self.weights()
        wait = min(LOOK_MOST, max(LOOK_LEAST, LOOK_SHARE * self.seconds))
        self._next_look = self.seconds + wait
        return self.learning

    def _end(self, why: str) -> None:
        """Record how the last weights that got all pairs right solve each test; those of now, if none did."""
        solver = Solver(
            self._good or self.weights(), self.asked.canvas, checkpoint=f"learnt: {self.asked.name}"
        )
        settings = Settings(steps=STEPS, stop="steps")
        for question_RC, answer_RC in self.asked.tests:
            solution = solver.solve(
                question_RC,
                settings,
                answer_RC,
                ArcGrid(*question_RC.shape),
                visitor=self.learner.visitor,
                background=True,
            )
            self.learning.traces.append(solution.trace)
        self.learning.ended.append(why)
