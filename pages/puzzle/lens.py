"""The cell lens of a page: click a cell of the animation, or name it, and see its story."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.models.inside import choose_cell, looked_into, show_inside
from pages.models.loaded import shared_solver
from pages.puzzle.state import PuzzleState
from pages.stage import player
from pages.stage.frame import is_dark
from pages.stage.run import PageRun
from trm_core.figures.board import history_sentences
from trm_core.figures.lens import lens_figure
from trm_core.record.inside import Inside
from trm_core.record.trace import Trace


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


def show_calls(state: PuzzleState, run: PageRun) -> None:
    """Choose a cell, and see its calls opened."""
    choose_cell(state, run)
    st.caption(
        "Beside the board stands, in place of the curves, how likely the model found each symbol for this cell, step by "
        "step. Darker is likelier, ✓ is right. Escape closes it."
    )
    cell = looked_into(state, run)
    if cell is not None:
        show_inside(state, run, cell, partial(_opened, run))


def _opened(run: PageRun, cell: int, ticks_F: Sequence[int]) -> Inside:
    from trm_core.solving.endings import seed_of_way
    from trm_core.solving.inside import look_inside

    trace = run.trace
    solver = shared_solver(trace.checkpoint, trace.domain)
    seed = 0 if run.ask is None else run.ask.settings.seed
    start = solver.model.seeded_start(seed_of_way(seed, 0))
    return look_inside(solver, trace.domain, trace.question_board, cell, ticks_F, start=start)


def _close(state: PuzzleState) -> None:
    state.cell = None


@st.cache_resource(max_entries=64, show_spinner=False)
def lens_of(trace_id: str, cell: int, dark: bool, _trace: Trace) -> tuple[str, object]:
    """A cell's story in words, and the figure of the cell lens."""
    place = divmod(cell, _trace.domain.cols)
    return str(history_sentences(_trace)[place]), lens_figure(_trace, *place, dark=dark)
