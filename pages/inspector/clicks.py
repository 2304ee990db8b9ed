"""A figure whose points tell what they are when they are clicked."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.stage import player


def clickable(
    figure: object,
    key: str,
    on_click: Callable[[object], None],
    on_nothing: Callable[[], None] | None = None,
) -> None:
    """A figure whose points tell what they are when they are clicked."""
    chart = f"{key}_chart"

    def told() -> None:
        points = st.session_state[chart]["selection"]["points"]
        said = [point["customdata"] for point in points if point.get("customdata") is not None]
        if said:
            on_click(said[0][0] if isinstance(said[0], list) else said[0])
        elif not points and on_nothing is not None:  # a second click takes the choice away
            on_nothing()

    player.show(figure, key, chart, height="content", on_select=told, selection_mode="points")
