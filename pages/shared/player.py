"""The player: cached figures, and a small component that steps and starts them, all in step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.shared import caches
from pages.shared.frame import ASSETS, is_dark, legend
from pages.shared.state import MARKS, PageState
from trm_core.domains import Domain
from trm_core.record.trace import Trace

CLOCKS = {"steps": "Steps", "cycles": "Cycles", "calls": "Network calls"}
CLOCK_HELP = (
    "What one frame is. A supervision step is made of cycles; a cycle is several network calls "
    "that refine the scratchpad and one that writes the answer."
)
MILLISECONDS = 600  # a frame, when the player starts by itself

_steps = st.components.v2.component(
    "trm_player",
    html=(ASSETS / "player.html").read_text(),
    css=(ASSETS / "player.css").read_text(),
    js=(ASSETS / "player.js").read_text(),
)


def play(
    solves: Sequence[tuple[Trace, str, str]],
    state: PageState,
    clock: str,
    *,
    frame: int | None = None,
    link: bool = False,
) -> None:
    """Show solves side by side and in step: each a trace, its id and its heading. One alone needs
    no heading, and starts at `frame` if one is named.

    The id must change with the trace: the figure is cached under it. `link` offers the link to this
    page and frame.
    """
    legend(solves[0][0].domain)
    charts = [state.key("chart") + f"_{i}" * (i > 0) for i in range(len(solves))]
    _steps(
        key=state.key("player"),
        data={
            "charts": charts,
            "autoplay": True,
            "milliseconds": MILLISECONDS,
            "frame": frame,
            "link": link,
            "hidden": [layer for mark, layer in MARKS.items() if mark not in state.marks],
        },
        on_cell_change=lambda: _clicked(state),
        height=40,
    )
    columns = [st.container()] if len(solves) == 1 else st.columns(len(solves), gap="large")
    for column, (trace, trace_id, heading), chart in zip(columns, solves, charts, strict=True):
        with column:
            if len(solves) > 1:
                st.markdown(f"**{heading}**")
            # Two solves may come to the very same figure, which then needs two names.
            own = None if chart == charts[0] else f"{chart}_figure"
            show(caches.animation(trace_id, clock, is_dark(), trace), chart, own)


def mark_choice(state: PageState) -> None:
    """Which marks the board shows."""
    st.pills(
        "Marks on the board",
        list(MARKS),
        selection_mode="multi",
        key=state.widget("marks"),
        persist_state="session",
    )


def _clicked(state: PageState) -> None:
    state.cell = st.session_state[state.key("player")].get("cell")


def show_question(
    chosen: Domain, board_RC: np.ndarray | None, ready: bool, state: PageState
) -> None:
    """The board of a question that has not been solved yet; where there is none to read (None),
    the last one that could be read stays."""
    if board_RC is None:
        note = "The puzzle's text has to be mended first."
    elif not ready:
        note = "The outlined cells have to be mended first."
    else:
        note = "Press Solve: what the model does at every step appears here."
    shown_RC = state.readable if board_RC is None else board_RC
    if shown_RC is None or shown_RC.shape != (chosen.rows, chosen.cols):
        shown_RC = np.zeros((chosen.rows, chosen.cols), np.uint8)
    legend(chosen)
    st.container(height=40, border=False)  # the player's place, so that nothing jumps
    figure = caches.question_board(chosen.name, shown_RC.tobytes(), note, is_dark())
    show(figure, state.key("question"))


def show(figure: object, key: str, own: str | None = None) -> None:
    """A figure of ours, as it is: no toolbar, its own colours; `own` names the figure itself."""
    plain = {"displayModeBar": False, "responsive": True}
    with st.container(key=key):
        st.plotly_chart(figure, theme=None, config=plain, key=own)


def clock_choice(state: PageState) -> str:
    """Which clock a frame counts."""
    return st.segmented_control(
        "One frame is one",
        list(CLOCKS),
        format_func={"steps": "step", "cycles": "cycle", "calls": "network call"}.get,
        required=True,
        key=state.widget("clock"),
        help=CLOCK_HELP,
    )
