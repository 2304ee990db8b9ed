"""Which models are known here, what each can be asked, and what it is called."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from pages.models.own import PREFIX, own_cards, own_path
from trm_core.domains import Domain
from trm_core.domains.contract import in_words
from trm_core.solving.settings import Settings
from trm_core.weights import card
from trm_core.weights.card import (
    Card,
    CheckpointError,
    bundled,
    find,
    parameter_count,
    read_card,
    small,
)


@st.cache_resource(max_entries=1, show_spinner=False)
def bundled_cards() -> dict[str, Card]:
    """The cards of all bundled checkpoints that can be read, by name."""
    found = {}
    for name, path in bundled().items():
        with contextlib.suppress(CheckpointError):  # solving with it says what is wrong
            found[name] = read_card(path)
    return found


def known_cards() -> dict[str, Card]:
    """The cards of all models that the visitor can ask: the bundled ones, small ones, and their own."""
    return bundled_cards() | small_cards() | own_cards()


def path_of(checkpoint_name: str) -> Path:
    """The file of a bundled model or a visitor's own. Raises `CheckpointError` where there is none."""
    own = own_path(checkpoint_name)
    if own is None and checkpoint_name.startswith(PREFIX):
        raise CheckpointError("this model of your own is no longer here: open it again")
    return own or find(checkpoint_name)


@st.cache_resource(max_entries=32, show_spinner=False)
def parameters(checkpoint_name: str) -> int:
    """How many numbers a checkpoint holds."""
    return parameter_count(path_of(checkpoint_name))


def largest_canvas(prefix: str) -> int:
    """Cells a side of the largest canvas that a bundled checkpoint of these domains reads."""
    sides = [
        min(card.model.rows, card.model.cols)
        for card in bundled_cards().values()
        if card.domain.startswith(prefix)
    ]
    return max(sides, default=13)


@st.cache_resource(max_entries=1, show_spinner=False)
def small_cards() -> dict[str, Card]:
    """The cards of the small models of the page Train, by name."""
    return {name: read_card(path) for name, path in small().items()}


def models_for(asked: Domain) -> list[str]:
    """The models that can be asked a puzzle, the usual one first, the visitor's own last."""
    own = own_cards()
    return [
        *card.fitting(bundled_cards(), asked),
        *(name for name, known in own.items() if known.reading(asked) is not None),
    ]


def makes_marks(checkpoint_name: str) -> bool:
    """Whether a model's answers are made of pencil marks."""
    known = known_cards().get(checkpoint_name)
    return known is not None and known.makes_marks


def other_form(checkpoint_name: str, asked: Domain) -> str | None:
    """A checkpoint of the other form, pencil marks or the published one, that can be asked this
    puzzle, if there is one."""
    marks = makes_marks(checkpoint_name)
    return next((name for name in models_for(asked) if makes_marks(name) != marks), None)


def usual_settings(checkpoint_name: str) -> Settings:
    """How a model is asked where nobody says otherwise."""
    known = known_cards().get(checkpoint_name)
    return Settings() if known is None else Settings(steps=known.usual_steps)


def usual_model(asked: Domain) -> str:
    """The checkpoint that solves a puzzle where nobody chooses another; its domain's name where
    none is bundled, so that solving says what is missing."""
    return next(iter(models_for(asked)), asked.name)


def called(checkpoint_name: str) -> str:
    """A model's name in words."""
    known = known_cards().get(checkpoint_name)
    own = known is not None and checkpoint_name.startswith(PREFIX)
    return f"my own: {known.name} ({checkpoint_name[-4:]})" if own else checkpoint_name


def size_of(checkpoint_name: str) -> str:
    """How many numbers a model has, rounded, in words."""
    return in_words(parameters(checkpoint_name))


def share_of(checkpoint_name: str, kind: str) -> str:
    """The share of the puzzles of a set that a bundled model solves exactly, as its card says: of the
    first of its sets whose name holds `kind`."""
    return f"{100 * list(_result(checkpoint_name, kind)['exact'].values())[-1]:.1f} %"


def steps_of(checkpoint_name: str, kind: str) -> int:
    """How many steps it might take for that at most."""
    return _result(checkpoint_name, kind)["most_steps"]


def _result(checkpoint_name: str, kind: str) -> Mapping[str, Any]:
    results = known_cards()[checkpoint_name].results
    return next(result for result in results if kind in result["set"])
