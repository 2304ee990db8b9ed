"""Adds the toy: the line in the table, the page, the route, and, since an app bundles them, a trained
checkpoint and a recorded solve. All in a folder of its own, away from the project's."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import torch

from tests.toy.latin import Latin
from trm_core.domains import DOMAINS
from trm_core.measuring.evaluate import evaluate
from trm_core.network.config import ModelConfig
from trm_core.network.model import TinyRecursiveModel
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import generated
from trm_core.training.learner import Learner
from trm_core.training.recipe import Recipe
from trm_core.weights import checkpoint

ROOT = Path(__file__).resolve().parents[2]
LINE = {domain.name: domain for domain in (Latin(3), Latin(4))}  # the line in the table
ROUTE = ("Latin squares", "pages/latin.py")  # the line in the route table
NAMES = [*DOMAINS, *LINE]

RECIPE = Recipe(
    domain="latin-3x3",
    model=ModelConfig(
        vocab_size=5,
        rows=3,
        cols=3,
        width=32,
        inner_multiple=32,
        prefix="register",
        prefix_length=1,
        halt_outputs=1,
        cycles=2,
        latent_updates=2,
        supervision_steps=4,
    ),
    difficulty="sparse+full",
    puzzles=200,
    updates=240,
    batch=32,
    lr=4e-3,
    warmup=20,
    ema=0.95,
)


def make(folder: Path) -> None:
    """Train the toy's model and record a solve of it, for an app whose root is `folder`. The table
    must have its line."""
    chosen = DOMAINS["latin-3x3"]
    model = TinyRecursiveModel(RECIPE.model, torch.Generator().manual_seed(0))
    learner = Learner(model, generated(chosen, RECIPE.difficulty, RECIPE.puzzles, 0), RECIPE)
    for _ in learner:
        pass
    trained = learner.averaged().for_inference()
    measured = evaluate(trained, chosen, generated(chosen, "sparse", 40, 1))
    card = checkpoint.Card(
        name="latin-3x3",
        domain=chosen.name,
        model=RECIPE.model,
        command="tests/toy/added.py",
        results=({"set": "40 fresh sparse squares"} | measured.as_dict(),),
    )
    shutil.copytree(ROOT / "checkpoints", folder / "checkpoints")
    checkpoint.save(folder / "checkpoints" / "latin-3x3.safetensors", trained, card)
    puzzle = chosen.maker.generate(np.random.default_rng(2), "sparse")
    solver = Solver(trained, chosen, checkpoint=card.name)
    settings = Settings(steps=4, stop="steps")
    trace = solver.solve(puzzle.question_RC, settings, puzzle.solution_RC).trace
    shutil.copytree(ROOT / "assets", folder / "assets")
    trace.save(folder / "assets" / "traces" / "latin-3x3.npz")
    # The page; the route to it is `ROUTE`.
    (folder / "pages").mkdir()
    for page in (ROOT / "pages").glob("*.py"):
        shutil.copy(page, folder / "pages")
    shutil.copy(ROOT / "tests" / "toy" / "page.py", folder / "pages" / "latin.py")
    shutil.copy(ROOT / "streamlit_app.py", folder)
