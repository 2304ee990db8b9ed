"""Outcomes that come with the app, and single puzzles asked again."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.models.loaded import shared_solver
from pages.stage.caches import board_of_bytes
from pages.stage.frame import ASSETS
from trm_core.domains import domain
from trm_core.record.outcomes import Outcomes
from trm_core.record.trace import Trace
from trm_core.solving.settings import Settings

OUTCOMES = ASSETS / "outcomes"


@st.cache_resource(max_entries=1, show_spinner=False)
def bundled_outcomes() -> dict[str, Outcomes]:
    """What became of every puzzle of the bundled sets, by the model that was asked."""
    return {path.stem: Outcomes.load(path) for path in sorted(OUTCOMES.glob("*.parquet"))}


@st.cache_resource(max_entries=32, show_spinner=False)
def asked_again(
    checkpoint_name: str,
    domain_name: str,
    cells: bytes,
    settings: Settings,
    _solution_RC: np.ndarray,
    _visitor: str,
) -> Trace:
    """One puzzle of a set, asked again and watched."""
    chosen = domain(domain_name)
    return (
        shared_solver(checkpoint_name, chosen)
        .solve(board_of_bytes(chosen, cells), settings, _solution_RC, visitor=_visitor)
        .trace
    )
