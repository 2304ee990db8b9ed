"""The lesson's training run, watched: what the weights of each moment could do."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import torch

from trm_core.domains import Pairs, domain
from trm_core.lesson.trials import PROBE, TESTS
from trm_core.network.forms import build_model
from trm_core.record.learning import Look
from trm_core.training.data import generated
from trm_core.training.learner import WEIGHTS, Learner
from trm_core.training.recipe import recipe
from trm_core.training.watched import Watched

MOMENTS = (0, 100, 140, 150, 160, 170, 180, 200)  # updates after which the weights are looked at
STEPS = 8


def replay(
    learner: Learner, name: str, tests: Pairs, probe_RC: np.ndarray, moments: Collection[int]
) -> Iterator[Look]:
    """Train, and look at the weights after so many updates, as they are, not averaged: how many of the tests
    they solve, and what they make of the probe. The run ends with the last of the `moments`."""
    watched = Watched(
        learner, name, tests, None, probe_RC, steps=STEPS, moments=moments, averaged=False
    )
    given = 0
    for learning in watched:
        yield from learning.looks[given:]
        given = len(learning.looks)


def lesson_run(seed: int = 0, puzzles: int | None = None) -> tuple[Learner, Pairs, np.ndarray]:
    """The lesson's own training run, not begun; the puzzles it is tested on; and the probe. It learns from so
    many `puzzles`, or as many as its recipe says."""
    chosen = recipe(PROBE.checkpoint)
    asked = domain(chosen.domain)
    pairs = generated(asked, chosen.difficulty, puzzles or chosen.puzzles, seed)
    weights = torch.Generator().manual_seed(seed * 1000 + WEIGHTS)
    learner = Learner(build_model(chosen.model, weights), pairs, chosen, seed=seed)
    return learner, generated(asked, "minimal", 100, TESTS), asked.parse(PROBE.puzzle)
