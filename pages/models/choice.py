"""Which model solves: the choice on a puzzle's page, and the place where one of one's own is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.models.known import called, known_cards, models_for, size_of, tell_broken, usual_model
from pages.models.own import LARGEST_MODEL, take_in_file, take_in_published
from pages.stage.files import open_file
from pages.stage.state import PageState
from trm_core.domains import Domain, domain
from trm_core.weights.card import CheckpointError


def choose_model(state: PageState, asked: Domain, opened: Callable[[], None]) -> str:
    """The name of the checkpoint to solve with; a choice only where several are bundled. Says so
    where it reads a larger canvas. Calls `opened` once one has come from a file, and is chosen."""
    place = st.container()
    came = open_here(state, asked)
    names = models_for(asked)
    if came in names:
        st.session_state[state.model_key(asked)] = came
        opened()
    elif came is not None:
        st.warning(f"This model can't be asked a {asked.title}.")
    with place:
        tell_broken()
        name = usual_model(asked) if len(names) < 2 else _choice(state, asked, names)
    known = known_cards().get(name)
    reading = None if known is None else known.reading(asked)
    if reading is not None and reading.model.cells > asked.cells:
        st.caption(
            f"The model {name} reads {reading.model.rows} × {reading.model.cols} cells: to it, this "
            "puzzle stands in the middle of them, with walls around."
        )
    return name


def _choice(state: PageState, asked: Domain, names: list[str]) -> str:
    return st.radio(
        "Model",
        names,
        format_func=called,
        captions=[_in_short(name, asked) for name in names],
        help="The published form writes a digit into every cell at once, and mends it. The form with "
        "pencil marks strikes candidates, guesses, sees contradictions and takes back.",
        key=state.model_key(asked),
        persist_state="session",
    )


def _in_short(name: str, asked: Domain) -> str:
    card = known_cards()[name]
    headline = card.headline(card.reading(asked).domain)
    form = "Pencil marks" if card.makes_marks else "Published form"
    words = f"{form}, {size_of(name)} numbers; "
    if card.reading(asked) is not card:
        words += f"made for a {domain(card.domain).title}; "
    if headline is None:
        return f"{words}not measured yet"
    return (
        f"{words}{100 * list(headline['exact'].values())[-1]:.1f} % exactly, of {headline['set']}"
    )


def open_here(state: PageState, asked: Domain) -> str | None:
    """A place to open a model from a file; the name of one that has just come."""

    def read(*files: Any) -> str:
        settings = next((f for f in files if f.name.endswith((".yaml", ".yml"))), None)
        weights = next((f for f in files if f is not settings), None)
        if weights is None:
            raise CheckpointError("these are the settings; the checkpoint itself is missing")
        if weights.name.endswith(".safetensors"):
            return take_in_file(weights.getvalue())
        told = settings and settings.getvalue()
        return take_in_published(weights.getvalue(), weights.name, told, asked)

    return open_file(
        state,
        f"open_model_{asked.name}",
        "A model of your own (.safetensors, kept on *Train*), or a published checkpoint with its "
        "all_config.yaml",
        read,
        several=True,
        largest=LARGEST_MODEL // 2**20,
        words="Reading the model …",
    )
