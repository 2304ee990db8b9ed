"""A training run, watched: a learner, and looks at what the weights of its moments can do.

watched = Watched(learner, name, tests, seen, probe_RC)
for learning in watched:          # about once a second, and after every look
    draw(learning)
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np
import torch

from trm_core.device import describe
from trm_core.domains import Pairs, domain
from trm_core.measuring.evaluate import Evaluation, examine
from trm_core.network.forms import build_model
from trm_core.network.model import TinyRecursiveModel
from trm_core.record.learning import Learning, Look, Tick
from trm_core.record.outcomes import Outcomes
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import generated
from trm_core.training.learner import WEIGHTS, Learner
from trm_core.training.pool import learner_for
from trm_core.training.recipe import Recipe
from trm_core.weights.card import Card

TICK = 0.5  # seconds between two ticks
LOOKING = 0.25  # seconds that looks may take for each one of learning
FIRST = 1.0  # seconds before the second look
GROWING = 1.25  # how much longer it is to each further one
AT_ONCE = 16  # puzzles in a step of a look, so that others wait no longer for their turn
TESTS, SEEN = 100, 30  # puzzles of every look: fresh ones, and ones that are trained on
TESTS_SEED = 990_000  # of the fresh ones; no training has such a seed
TIMED = 12  # updates that the pace is read off
MARKS_LOOK = 16  # steps of a look at a model with pencil marks


class DivergedError(RuntimeError):
    """The loss is no number any more: nothing can be learnt from here."""


class Watched:
    """Trains as `learner` does, and looks at its weights: after the updates in `moments`, or else now and then, at once
    and often to begin with, and at the end. Seconds are those of the `clock`. Of every look: how many of `tests` and
    of `seen` (puzzles trained on; None for none) are solved, and what the weights make of the probe. Averaged weights
    are looked at, or those of now.

    Iterating goes on where it stopped; the learning is the same whether it was watched or not. Raises
    `DivergedError` where the loss is no number.
    """

    def __init__(
        self,
        learner: Learner,
        name: str,
        tests: Pairs,
        seen: Pairs | None,
        probe_RC: np.ndarray,
        *,
        steps: int | None = None,
        moments: Collection[int] | None = None,
        averaged: bool = True,
        about: dict[str, object] | None = None,
        check: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        recipe = learner.recipe
        self.learner, self.tests, self._seen = learner, tests, seen
        self._domain = domain(recipe.domain)
        self._probe_RC = probe_RC
        self._solution_RC = self._domain.rules.solutions(probe_RC)[0]
        self.steps = steps or recipe.model.supervision_steps
        self._moments, self._averaged, self.check = moments, averaged, check
        self._clock = clock
        self.seconds = 0.0  # of learning
        self._looking = 0.0  # seconds
        self._next_look = 0.0
        self._gap = FIRST
        self._losses: list[float] = []
        self._left = 0
        self.diverged = False
        # Weights of the last look.
        self._good = {name: t.clone() for name, t in learner.model.state_dict().items()}
        self.learning = Learning(
            name,
            recipe.domain,
            recipe.as_dict(),
            learner.model.parameter_count,
            len(tests),
            about or {},
        )

    def __iter__(self) -> Iterator[Learning]:
        if not self.learning.looks and self._due(0):
            yield self._look()
        began = ticked = self._clock()
        last = max(self._moments) if self._moments else None
        for moment in self.learner:
            loss = float(moment.loss.total.detach())
            self._losses.append(loss)
            self._left += int(moment.done_B.sum())
            now = self._clock()
            self.seconds, began = self.seconds + now - began, now
            if not math.isfinite(loss):
                self.diverged = True
                raise DivergedError(f"the loss was no number any more at update {moment.update}")
            over = self.learner.finished or moment.update == last
            if now - ticked > TICK or over:
                self._tick(moment.update)
                yield self.learning
                ticked = self._clock()
            if over or self._due(moment.update):
                yield self._look()
                ticked = self._clock()
            self.check()
            began = self._clock()
            if moment.update == last:
                return

    def _due(self, update: int) -> bool:
        """Whether to look at the weights now."""
        if self._moments is not None:
            return update in self._moments
        return self.seconds >= self._next_look and self._looking <= LOOKING * self.seconds

    def _tick(self, update: int) -> None:
        self.learning.ticks.append(
            Tick(update, self.seconds, float(np.mean(self._losses)), self._left)
        )
        self._losses = []

    def _asked(self, model: TinyRecursiveModel, pairs: Pairs) -> Outcomes:
        return examine(
            model,
            self._domain,
            pairs,
            lambda done: self.check(),
            most_steps=self.steps,
            capacity=AT_ONCE,
            background=True,
        )

    def weights(self) -> TinyRecursiveModel:
        """A copy of what is looked at; where the loss diverged, as it was at the last look."""
        model = copy.deepcopy(self.learner.averaged() if self._averaged else self.learner.model)
        if self.diverged:
            model.load_state_dict(self._good)
        return model

    def _look(self) -> Learning:
        began = self._clock()
        model = self.weights().for_inference()
        weights = model.state_dict()
        if not all(bool(weight.isfinite().all()) for weight in weights.values()):
            self.diverged = True
            raise DivergedError(
                f"the weights were no numbers any more at update {self.learner.update}"
            )
        asked = self._domain
        found = self._asked(model, self.tests)
        seen = math.nan
        if self._seen is not None:
            known = self._asked(model, self._seen)
            seen = float(known.solved_N.mean())
        update = self.learner.update
        solver = Solver(model, asked, checkpoint=f"{self.learning.name}, update {update}")
        settings = Settings(steps=self.steps, stop="steps")
        trace = solver.solve(
            self._probe_RC,
            settings,
            self._solution_RC,
            visitor=self.learner.visitor,
            background=True,
        ).trace
        self._good = {name: tensor.clone() for name, tensor in weights.items()}
        said_N, solved_N = found.said_NS[:, -1], found.solved_N
        self.learning.looks.append(
            Look(
                update,
                self.seconds,
                found.solved_NS.mean(0),
                seen,
                _mean(said_N[solved_N]),
                _mean(said_N[~solved_N]),
                trace,
            )
        )
        self._looking += self._clock() - began
        self._next_look = self.seconds + self._gap
        self._gap *= GROWING
        return self.learning


def watch(
    recipe: Recipe,
    name: str,
    *,
    seed: int = 0,
    threads: int = 1,
    about: Mapping[str, object] | None = None,
    check: Callable[[], None] = lambda: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Watched:
    """A recipe's run, not begun: its puzzles are generated, `SEEN` of them and `TESTS` fresh ones are looked
    at, the first fresh one is the probe."""
    asked = domain(recipe.domain)
    pairs = generated(asked, recipe.difficulty, recipe.puzzles, seed)
    check()
    tests = generated(asked, recipe.difficulty, TESTS, TESTS_SEED)
    weights = torch.Generator().manual_seed(seed * 1000 + WEIGHTS)
    learner = learner_for(recipe)(
        build_model(recipe.model, weights), pairs, recipe, seed=seed, threads=threads
    )
    return Watched(
        learner,
        name,
        tests,
        pairs[np.arange(min(SEEN, len(pairs)))],
        asked.board(tests.tokens_N2L[0, 0]),
        steps=MARKS_LOOK if recipe.pool else None,
        about={"seed": seed, "threads": threads} | dict(about or {}),
        check=check,
        clock=clock,
    )


def card_of(watched: Watched, *, measured: bool = True) -> tuple[TinyRecursiveModel, Card]:
    """The weights that a run has come to, and a card for them: `measured` on the fresh puzzles of its looks."""
    learner, recipe = watched.learner, watched.learner.recipe
    model = watched.weights().for_inference()
    results: tuple[dict[str, object], ...] = ()
    if measured:
        outcomes = examine(
            model,
            domain(recipe.domain),
            watched.tests,
            most_steps=watched.steps,
            background=True,
        )
        result = Evaluation.of(outcomes, 1.0).as_dict()
        results = (result | {"set": f"{len(outcomes)} fresh {recipe.difficulty} puzzles"},)
    about = watched.learning.about
    card = Card(
        name=watched.learning.name,
        domain=recipe.domain,
        model=recipe.model,
        command=str(about.get("command", "")),
        data=f"{recipe.puzzles} generated puzzles of difficulty {recipe.difficulty}, rewritten by random symmetries",
        seed=about["seed"],
        hardware=f"{describe(learner.device)}, torch {torch.__version__}",
        minutes=round(watched.seconds / 60, 2),
        updates=learner.update,
        recipe=recipe.as_dict(),
        results=results,
    )
    return model, card


def updates_in(
    recipe: Recipe,
    seconds: float,
    threads: int = 1,
    clock: Callable[[], float] = time.perf_counter,
    check: Callable[[], None] = lambda: None,
) -> int:
    """How many updates of a recipe this machine makes in so many seconds of the `clock`, looks not counted: timed
    on a few updates of a model that is then forgotten."""
    learner = watch(replace(recipe, puzzles=64), "", threads=threads, check=check).learner
    timed = []
    for moment in learner:
        began = clock()
        check()
        if moment.update > TIMED:
            break
        timed.append(began)
    return max(1, round(seconds * (len(timed) - 1) / (timed[-1] - timed[0])))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan
