"""The player: one cached figure, and a small component that steps and starts it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.shared import caches
from pages.shared.frame import ASSETS, is_dark, legend
from trm_core.domains import Domain
from trm_core.record.trace import Trace

CLOCKS = {"steps": "Steps", "cycles": "Cycles", "calls": "Network calls"}
CLOCK_HELP = (
    "What one frame is. A supervision step is made of cycles; a cycle is several network calls "
    "that refine the scratchpad and one that writes the answer."
)
# Marks on the board that can be hidden, and the trace of the figure that draws each.
MARKS = {
    "how sure it is": 0,
    "scratchpad moving": 2,
    "just changed": 3,
    "wrong": 4,
    "breaks a rule": 5,
}
MILLISECONDS = 600  # a frame, when the player starts by itself

_steps = st.components.v2.component(
    "trm_player",
    html=(ASSETS / "player.html").read_text(),
    css=(ASSETS / "player.css").read_text(),
    js=(ASSETS / "player.js").read_text(),
)


def play(
    trace: Trace,
    trace_id: str,
    key: str,
    clock: str,
    *,
    frame: int | None = None,
    link: bool = False,
) -> None:
    """Show a solve, at first at `frame` if one is named. `trace_id` must change with the trace:
    the figure is cached under it. `link` offers the link to this page and frame."""
    legend(trace.domain)
    _bar(key, frame, link)
    show(caches.animation(trace_id, clock, is_dark(), trace), f"{key}_chart")


def play_two(pair: list[tuple[Trace, str, str]], key: str, clock: str) -> None:
    """Show two solves side by side and in step: each a trace, its id and its heading."""
    legend(pair[0][0].domain)
    _bar(key, None, False)
    charts = (f"{key}_chart", f"{key}_chart_beside")
    for column, (trace, trace_id, heading), chart in zip(
        st.columns(2, gap="large"), pair, charts, strict=True
    ):
        with column:
            st.markdown(f"**{heading}**")
            # Two tries may come to the very same figure, which needs two names.
            own = None if chart == charts[0] else f"{chart}_figure"
            show(caches.animation(trace_id, clock, is_dark(), trace), chart, own)


def _bar(key: str, frame: int | None, link: bool) -> None:
    _steps(
        key=f"{key}_player",
        data={
            "chart": f"{key}_chart",
            "beside": f"{key}_chart_beside",
            "autoplay": True,
            "milliseconds": MILLISECONDS,
            "frame": frame,
            "link": link,
            "hidden": [MARKS[mark] for mark in MARKS if mark not in _shown_marks(key)],
        },
        on_cell_change=lambda: _clicked(key),
        height=40,
    )


def mark_choice(key: str) -> None:
    """Which marks the board shows."""
    st.pills(
        "Marks on the board",
        list(MARKS),
        selection_mode="multi",
        default=list(MARKS),
        key=f"{key}_marks",
        persist_state="session",
    )


def _shown_marks(key: str) -> list[str]:
    return st.session_state.get(f"{key}_marks", list(MARKS))


def _clicked(key: str) -> None:
    st.session_state[f"{key}_cell"] = st.session_state[f"{key}_player"].get("cell")


def show_question(chosen: Domain, board_RC: np.ndarray | None, ready: bool, key: str) -> None:
    """The board of a question that has not been solved yet; where there is none to read (None),
    the last one that could be read stays."""
    if board_RC is None:
        note = "The puzzle's text has to be mended first."
    elif not ready:
        note = "The outlined cells have to be mended first."
    else:
        note = "Press Solve: what the model does at every step appears here."
    shown_RC = st.session_state[f"{key}_kept"] if board_RC is None else board_RC
    if shown_RC.shape != (chosen.rows, chosen.cols):
        shown_RC = np.zeros((chosen.rows, chosen.cols), np.uint8)
    legend(chosen)
    st.container(height=40, border=False)  # the player's place, so that nothing jumps
    show(caches.question_board(chosen.name, shown_RC.tobytes(), note, is_dark()), f"{key}_question")


def show(figure: object, key: str, own: str | None = None) -> None:
    """A figure of ours, as it is: no toolbar, its own colours; `own` names the figure itself."""
    plain = {"displayModeBar": False, "responsive": True}
    with st.container(key=key):
        st.plotly_chart(figure, theme=None, config=plain, key=own)


def clock_choice(key: str) -> str:
    """Which clock a frame counts."""
    return st.segmented_control(
        "One frame is one",
        list(CLOCKS),
        format_func={"steps": "step", "cycles": "cycle", "calls": "network call"}.get,
        default="cycles",
        required=True,
        key=f"{key}_clock",
        help=CLOCK_HELP,
    )
