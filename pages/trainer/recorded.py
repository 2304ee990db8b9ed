"""The training runs that come with the app."""

from __future__ import annotations

import streamlit as st

from pages.stage.frame import ASSETS
from trm_core.record.learning import Learning

LEARNING = ASSETS / "learning"


@st.cache_resource(max_entries=1, show_spinner=False)
def learnings() -> dict[str, Learning]:
    """The recorded training runs, by name."""
    return {path.stem: Learning.load(path) for path in sorted(LEARNING.glob("*.npz"))}
