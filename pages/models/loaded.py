"""Models that are loaded: one solver for a checkpoint, shared by all visitors."""

from __future__ import annotations

import importlib
import threading

import streamlit as st

from pages.models.known import bundled_cards, known_cards, path_of
from trm_core.domains import Domain, domain
from trm_core.weights.card import Card


def shared_solver(checkpoint_name: str, asked: Domain):
    """A solver for a checkpoint that can be asked this puzzle; one is shared by all visitors, who then
    share batches. Raises `CheckpointError` where there is none."""
    return _solver(checkpoint_name, _reads(known_cards().get(checkpoint_name), asked))


def _reads(card: Card | None, asked: Domain) -> str:
    """The domain whose canvas a model reads when it is asked that puzzle."""
    reading = None if card is None else card.reading(asked)
    return asked.name if reading is None else reading.domain


@st.cache_resource(max_entries=8, show_spinner=False)
def _solver(checkpoint_name: str, domain_name: str):
    # Imported here, so that a page that only plays a trace never waits for torch.
    from trm_core.device import pick_device
    from trm_core.solving.solver import Solver
    from trm_core.weights import checkpoint

    model, card = checkpoint.load(
        path_of(checkpoint_name), pick_device(), asked=domain(domain_name)
    )
    return Solver(model, domain(card.domain), checkpoint=checkpoint_name)


@st.cache_resource(max_entries=16, show_spinner=False)
def warm(checkpoint_name: str, domain_name: str) -> None:
    """Load torch, and the model that a page may soon ask, beside the page; once for all visitors."""

    def load() -> None:
        importlib.import_module("trm_core.weights.checkpoint")
        importlib.import_module("trm_core.solving.solver")
        card = bundled_cards().get(checkpoint_name)  # a visitor's own are theirs alone
        if card is not None:
            _solver(checkpoint_name, _reads(card, domain(domain_name)))

    threading.Thread(target=load, daemon=True).start()
