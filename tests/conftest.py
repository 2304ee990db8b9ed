"""Small models and puzzles shared by the tests."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager

import numpy as np
import pytest
import streamlit as st
import torch

from pages.models import card as known_curves
from pages.models import loaded
from pages.puzzle import page, question
from pages.stage import caches, frame, routes, run
from tests.toy import added as toy
from trm_core.domains import DOMAINS, Domain, domain
from trm_core.network.config import ModelConfig
from trm_core.network.model import TinyRecursiveModel
from trm_core.weights import card

# The first there is; the second one draws a whole window, and takes longer.
CHROMIUM = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")


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


def pytest_collection_modifyitems(items):
    """What takes longest comes first; tests in a browser go to whichever worker is free, of others a file to one."""
    weights = {"test_browser": 0, "test_training": 1, "test_puzzle_pages": 2, "test_train": 3}

    def weight(item) -> int:
        name = item.path.stem
        return min((w for part, w in weights.items() if name.startswith(part)), default=9)

    items.sort(key=weight)
    for item in items:
        if not item.path.stem.startswith("test_browser"):
            item.add_marker(pytest.mark.xdist_group(str(item.path)))


@pytest.fixture(autouse=True)
def one_thread():
    """Every test begins with one thread, whatever the one before it left."""
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def cold(monkeypatch):
    """No test leaves a thread behind that loads a model; the browser tests run pages as they are."""
    for module in (loaded, page):
        monkeypatch.setattr(module, "warm", lambda checkpoint_name, domain_name: None)


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """AppTest runs a page without the entry point at every run; the browser tests come in as visitors do."""
    monkeypatch.setattr(frame, "enter", lambda name: None)


@pytest.fixture(autouse=True)
def toy_line(request, monkeypatch):
    """The toy's line in the table, for tests that are about it."""
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and any("latin" in str(value) for value in callspec.params.values()):
        for name, added in toy.LINE.items():
            monkeypatch.setitem(DOMAINS, name, added)


@pytest.fixture(scope="session")
def toy_root(tmp_path_factory, worker_id):
    """The root of an app to which the toy was added; one for all workers, made by the first that wants it."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent
    folder, done = shared / "toy", shared / "toy-done"
    with (shared / "toy-lock").open("w") as lock, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            torch.set_num_threads(1)
            for name, added in toy.LINE.items():
                patch.setitem(DOMAINS, name, added)
            toy.make(folder)
            done.touch()
    return folder


@contextmanager
def toy_in_place(root):
    """The toy's app, in place of the project's own."""
    with pytest.MonkeyPatch.context() as patch:
        for name, added in toy.LINE.items():
            patch.setitem(DOMAINS, name, added)
        patch.setitem(routes.ROUTES, *toy.ROUTE)
        patch.setattr(card, "FOLDER", root / "checkpoints")
        # Another process knows nothing of the toy.
        patch.setattr(question, "apart", lambda read, *arguments: read(*arguments))
        for module in (caches, known_curves, run):
            patch.setattr(module, "ASSETS", root / "assets")
        st.cache_resource.clear()
        st.cache_data.clear()
        yield root
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def toy_app(toy_root):
    """That app, for one test."""
    with toy_in_place(toy_root) as root:
        yield root


@pytest.fixture
def sudoku4() -> Domain:
    return domain("sudoku-4x4")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium; without the network flags it asks for hosts that can't be reached."""
    found = next(filter(os.path.exists, CHROMIUM), None)
    if found is None:
        pytest.skip("browser tests need Chromium (apt-get install chromium-headless-shell)")
    return browser_type_launch_args | {
        "executable_path": found,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            # Else a page whose answer a test has changed counts as one from elsewhere, which may not ask this machine.
            "--disable-features=LocalNetworkAccessChecks",
        ],
    }
