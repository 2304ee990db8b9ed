"""A chart that changes every second without blinking."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.stage import player
from pages.stage.frame import script
from trm_core.figures.shares import empty_figure

_live = st.components.v2.component("trm_live", js=script("chart.js", "live.js"))


def show(figure: Any, place: str) -> None:
    """The figure at its place; one of the same height that was there is redrawn, not replaced."""
    with st.container(gap=None):
        # A figure of other content would be another chart to Streamlit, so that an empty one stands for all of them.
        player.show(empty_figure(figure), place, f"{place}_live", height="content")
        _live(key=f"{place}_lines", data={"place": place, "figure": figure.to_json()})
