"""A training run replayed: what the weights of each moment could do."""

from __future__ import annotations

import copy
import time

import numpy as np
import torch

from trm_core.domains import Pairs, domain
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


def replayed(
    recipe_name: str, tests: Pairs, probe_RC: np.ndarray, *, seed: int = 0
) -> tuple[list[dict[str, object]], list[Trace]]:
    """Train by a recipe up to the last of `MOMENTS`. Of each of them: its update, the seconds of learning,
    the share of the tests that is solved by step; and a solve of the probe with the weights it had."""
    chosen = recipe(recipe_name)
    asked = domain(chosen.domain)
    pairs = generated(asked, chosen.difficulty, chosen.puzzles, seed)
    weights = torch.Generator().manual_seed(seed * 1000 + WEIGHTS)
    learner = Learner(build_model(chosen.model, weights), pairs, chosen, seed=seed)
    [solution_RC] = asked.rules.solutions(probe_RC)
    told: list[dict[str, object]] = []
    traces, seconds = [], 0.0

    def look() -> None:
        model = copy.deepcopy(learner.model).for_inference()  # as they are, not averaged
        solved = evaluate(model, asked, tests, most_steps=STEPS).solved_by_step
        told.append({"update": learner.update, "seconds": round(seconds, 1), "solved": solved})
        solver = Solver(model, asked, checkpoint=f"{recipe_name}, update {learner.update}")
        traces.append(
            solver.solve(probe_RC, Settings(steps=STEPS, stop="steps"), solution_RC).trace
        )

    look()
    began = time.perf_counter()
    for moment in learner:
        if moment.update in MOMENTS:
            seconds += time.perf_counter() - began
            look()
            began = time.perf_counter()
        if moment.update == MOMENTS[-1]:
            learner.cancel()
    return told, traces
