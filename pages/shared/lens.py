"""The cell lens of a page: click a cell of the animation, or name it, and see its story."""

from __future__ import annotations

import streamlit as st

from pages.shared import caches, player
from pages.shared.frame import is_dark
from pages.shared.solving import PageRun
from pages.shared.state import PageState


def lens(state: PageState, run: PageRun) -> None:
    """What the model thought of the chosen cell; a word of how to choose one until then."""
    domain = run.trace.domain
    if state.cell is not None and not 0 <= state.cell < domain.cells:
        state.cell = None
    cell = st.selectbox(
        "Look into a cell (or click it on the animation)",
        range(domain.cells),
        index=None,
        format_func=lambda i: f"row {i // domain.cols + 1}, column {i % domain.cols + 1}",
        placeholder="choose a cell",
        key=state.key("cell"),
    )
    if cell is None:
        return
    row, col = divmod(cell, domain.cols)
    story, figure = caches.lens(run.trace_id, cell, is_dark(), run.trace)
    with st.container(border=True):
        st.markdown(f"**{story[0].upper()}{story[1:]}**")
        if not domain.given(run.trace.question_board)[row, col]:
            player.show(figure, state.key("lens_figure"))
            st.caption(
                "How likely the model found each symbol, step by step; darker is likelier, ✓ is "
                "right."
            )
