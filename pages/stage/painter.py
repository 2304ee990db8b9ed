"""The painter: a grid to type into and to paint on, for every domain. The page keeps the text of
the puzzle as its one truth; the painter reads it and writes it."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import streamlit as st

from pages.stage.frame import HERE, is_dark
from pages.stage.state import PageState
from trm_core.domains import Domain

_grid = st.components.v2.component(
    "trm_painter",
    html=(HERE / "painter.html").read_text(),
    css=(HERE / "painter.css").read_text(),
    js=(HERE / "painter.js").read_text(),
)


def painter(
    state: PageState,
    domain: Domain,
    board_RC: np.ndarray,
    *,
    clashes: Collection[tuple[int, int]] = (),
    unsure: Collection[tuple[int, int]] = (),
    way: Collection[tuple[int, int]] = (),
    before_RC: np.ndarray | None = None,
    picture: str = "",
    board: str = "",
    on_drawn: Callable[[str], None],
    on_pasted: Callable[[str], None],
) -> None:
    """Show `board_RC` for writing. What is drawn goes to `on_drawn` as the whole board's text, what
    is pasted to `on_pasted` as it came.

    The board replaces what the painter holds when `refresh` was called since; what it held can
    be undone, and so can `before_RC` be brought back. `unsure` cells are marked, `way` cells have a dot, `picture` (a data
    URL) lies under the cells. A page of several boards names the one that is shown: each has its own past.
    """
    drawing = domain.drawing
    _grid(
        key=state.key("painter"),
        data={
            "rows": domain.rows,
            "cols": domain.cols,
            "box_rows": drawing.box_rows,
            "box_cols": drawing.box_cols,
            "symbols": [
                {
                    "value": s.value,
                    "text": s.text,
                    "name": s.name,
                    "keys": list(s.keys),
                    "color": s.colour,
                    "solid": s.solid,
                    "single": s.single,
                }
                for s in drawing.symbols
            ],
            "label": f"The puzzle, {domain.title}. Arrow keys move, "
            f"{drawing.symbols[1].keys[0]} and the like write.",
            "board": board,
            "cells": board_RC.reshape(-1).tolist(),
            "before": [] if before_RC is None else before_RC.reshape(-1).tolist(),
            "version": state.version,
            "fixed": [],
            "marks": {
                "clash": [int(r * domain.cols + c) for r, c in clashes],
                "unsure": [int(r * domain.cols + c) for r, c in unsure],
                "way": [int(r * domain.cols + c) for r, c in way],
            },
            "advance": not drawing.brush,
            "brush": drawing.brush,
            "by_rows": domain.by_rows,
            "tools": drawing.cells == "colour",
            "picture": picture,
            "dark": is_dark(),
        },
        on_drawn_change=lambda: _drawn(state, domain, on_drawn),
        on_pasted_change=lambda: _pasted(state, on_pasted),
    )


def refresh(state: PageState) -> None:
    """Let the painter take over the page's board at the next run."""
    state.version += 1


def _drawn(state: PageState, domain: Domain, on_drawn: Callable[[str], None]) -> None:
    drawn = st.session_state[state.key("painter")].drawn
    cells = drawn["cells"] if drawn else ()
    if len(cells) == domain.cells:
        board_RC = np.array(cells, np.uint8).reshape(domain.rows, domain.cols)
        on_drawn(domain.format(board_RC))


def _pasted(state: PageState, on_pasted: Callable[[str], None]) -> None:
    text = st.session_state[state.key("painter")].pasted
    if text:
        on_pasted(text)
