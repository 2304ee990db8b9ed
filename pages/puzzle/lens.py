"""The cell lens of a page: click a cell of the animation, or name it, and see its story."""

from __future__ import annotations

import streamlit as st

from pages.puzzle.state import PuzzleState
from pages.stage import player
from pages.stage.frame import is_dark
from pages.stage.run import PageRun
from trm_core.figures.board import history_sentences
from trm_core.figures.lens import lens_figure
from trm_core.record.trace import Trace


def looked_into(state: PuzzleState, run: PageRun) -> int | None:
    """The chosen cell; None where there is none on this board."""
    if state.cell is not None and not 0 <= state.cell < run.trace.domain.cells:
        state.cell = None
    return state.cell


def lens(state: PuzzleState, run: PageRun, cell: int) -> None:
    """What the model thought of a cell, where the curves are otherwise."""
    story, figure = lens_of(run.trace_id, cell, is_dark(), run.trace)
    with st.container(horizontal=True, vertical_alignment="center", key="stage_lens"):
        st.markdown(f"**{story[0].upper()}{story[1:]}**")
        st.button(
            "Close",
            key=state.key("apart"),
            icon=":material/close:",
            on_click=_close,
            args=(state,),
            help="Back to the curves (Escape)",
        )
    if not domain_given(run, cell):
        player.show(figure, state.key("lens_figure"))


def domain_given(run: PageRun, cell: int) -> bool:
    """Whether a cell is part of the question."""
    given_RC = run.trace.domain.given(run.trace.question_board)
    return bool(given_RC.flat[cell])


def choose(state: PuzzleState, run: PageRun) -> None:
    """Name a cell instead of clicking it."""
    domain, key = run.trace.domain, state.key("named")
    st.session_state[key] = state.cell

    def name() -> None:
        state.cell = st.session_state[key]

    st.selectbox(
        "Look into a cell (or click it on the board)",
        range(domain.cells),
        index=None,
        format_func=lambda i: f"row {i // domain.cols + 1}, column {i % domain.cols + 1}",
        placeholder="choose a cell",
        key=key,
        on_change=name,
    )
    st.caption(
        "The lens stands beside the board, in place of the curves: how likely the model found each "
        "symbol for this cell, step by step. Darker is likelier, ✓ is right. Escape closes it."
    )


def _close(state: PuzzleState) -> None:
    state.cell = None


@st.cache_resource(max_entries=64, show_spinner=False)
def lens_of(trace_id: str, cell: int, dark: bool, _trace: Trace) -> tuple[str, object]:
    """A cell's story in words, and the figure of the cell lens."""
    place = divmod(cell, _trace.domain.cols)
    return str(history_sentences(_trace)[place]), lens_figure(_trace, *place, dark=dark)
