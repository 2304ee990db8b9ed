"""Small models and puzzles shared by the tests."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

from trm_core.domains import Domain, domain
from trm_core.network.config import ModelConfig
from trm_core.network.model import TinyRecursiveModel

torch.set_num_threads(1)

CHROMIUM = "/usr/bin/chromium"


def small_config(**changes) -> ModelConfig:
    """A model small enough to test on, reading 4x4 Sudokus."""
    shape = dict(
        vocab_size=6,
        rows=4,
        cols=4,
        width=16,
        heads=2,
        inner_multiple=8,
        prefix_length=2,
        cycles=2,
        latent_updates=3,
        supervision_steps=4,
    )
    return ModelConfig(**shape | changes)


def small_model(seed: int = 0, **changes) -> TinyRecursiveModel:
    return TinyRecursiveModel(small_config(**changes), torch.Generator().manual_seed(seed))


@pytest.fixture
def sudoku4() -> Domain:
    return domain("sudoku-4x4")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium; without the network flags it asks for hosts that can't be reached."""
    if not os.path.exists(CHROMIUM):
        pytest.skip(f"browser tests need {CHROMIUM} (apt-get install chromium)")
    return browser_type_launch_args | {
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    }
