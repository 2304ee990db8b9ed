"""A chart that changes every second without blinking."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from pages.shared import player
from pages.shared.frame import ASSETS

_live = st.components.v2.component("trm_live", js=(ASSETS / "live.js").read_text())


def show(figure: go.Figure, place: str) -> None:
    """The figure at its place; one of the same height that was there is redrawn, not replaced."""
    # A figure of other content would be another chart to Streamlit, so that an empty one stands for all of them.
    bare = {"visible": False, "fixedrange": True}
    clear = dict.fromkeys(("paper_bgcolor", "plot_bgcolor"), "rgba(0,0,0,0)")
    empty = go.Figure(layout={"height": figure.layout.height, "xaxis": bare, "yaxis": bare} | clear)
    with st.container(gap=None):
        player.show(empty, place, f"{place}_live", height="content")
        _live(key=f"{place}_lines", data={"place": place, "figure": figure.to_json()})
