"""A training run replayed: what the weights of each moment could do."""

from __future__ import annotations

import copy
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from trm_core.domains import Pairs, domain
from trm_core.lesson.trials import PROBE, TESTS
from trm_core.measuring.evaluate import evaluate
from trm_core.network.model import build_model
from trm_core.record.trace import Trace
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import generated
from trm_core.training.learner import WEIGHTS, Learner
from trm_core.training.recipe import recipe

MOMENTS = (0, 100, 140, 150, 160, 170, 180, 200)  # updates after which the weights are looked at
STEPS = 8


@dataclass(frozen=True, eq=False)
class Look:
    """What the weights of one moment of a run can do."""

    update: int
    seconds: float  # of learning
    solved: dict[int, float]  # by steps, the share of the tests
    trace: Trace  # of the probe, with the weights as they were

    def as_dict(self) -> dict[str, object]:
        return {"update": self.update, "seconds": self.seconds, "solved": self.solved}


def replay(
    learner: Learner, name: str, tests: Pairs, probe_RC: np.ndarray, moments: Collection[int]
) -> Iterator[Look]:
    """Train, and look at the weights after so many updates: how many of the tests they solve, and what they
    make of the probe. The run ends with the last of the `moments`."""
    asked = domain(learner.recipe.domain)
    [solution_RC] = asked.rules.solutions(probe_RC)
    seconds = 0.0

    def look() -> Look:
        model = copy.deepcopy(learner.model).for_inference()  # as they are, not averaged
        solved = evaluate(model, asked, tests, most_steps=STEPS).solved_by_step
        solver = Solver(model, asked, checkpoint=f"{name}, update {learner.update}")
        settings = Settings(steps=STEPS, stop="steps")
        trace = solver.solve(probe_RC, settings, solution_RC).trace
        return Look(learner.update, round(seconds, 1), solved, trace)

    if 0 in moments:
        yield look()
    began = time.perf_counter()
    for moment in learner:
        if moment.update in moments:
            seconds += time.perf_counter() - began
            yield look()
            began = time.perf_counter()
        if moment.update == max(moments):
            return


def lesson_run(seed: int = 0) -> tuple[Learner, Pairs, np.ndarray]:
    """The lesson's own training run, not begun; the puzzles it is tested on; and the probe."""
    chosen = recipe(PROBE.checkpoint)
    asked = domain(chosen.domain)
    pairs = generated(asked, chosen.difficulty, chosen.puzzles, seed)
    weights = torch.Generator().manual_seed(seed * 1000 + WEIGHTS)
    learner = Learner(build_model(chosen.model, weights), pairs, chosen, seed=seed)
    return learner, generated(asked, "minimal", 100, TESTS), asked.parse(PROBE.puzzle)
