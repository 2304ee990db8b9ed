"""The call, opened: what happens in one cell of a solve, moved by the play bar like everything else on a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from pages.stage import player
from pages.stage.frame import as_sentence, is_dark
from pages.stage.layout import sentence
from pages.stage.run import PageRun
from pages.stage.state import PageState
from trm_core.domains import PuzzleError
from trm_core.figures.inside import inside_figure
from trm_core.figures.solve import shown_frames
from trm_core.record.inside import Inside
from trm_core.record.trace import Trace
from trm_core.weights.card import CheckpointError

MOST_FRAMES = 65  # of one cell; a longer solve is opened at evenly spaced steps
CLOSE = 0.1  # of a probability: halves on disk, and another machine's rounding
# Of a cell, and the calls behind which its frames stand.
Opened = Callable[[int, Sequence[int]], Inside]


def choose_cell(state: PageState, run: PageRun) -> None:
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
        width=320,
    )


def looked_into(state: PageState, run: PageRun) -> int | None:
    """The chosen cell; None where there is none on this board."""
    if state.cell is not None and not 0 <= state.cell < run.trace.domain.cells:
        state.cell = None
    return state.cell


def show_inside(state: PageState, run: PageRun, cell: int, opened: Opened) -> None:
    """The cell's x, y and z as they enter each call, whom it hears, what comes out and what y then says. `opened`
    runs the solve again; where that doesn't come to the same, it is said and nothing is shown."""
    trace = run.trace
    try:
        inside = _inside(run.trace_id, cell, state.clock, trace, opened)
    except (PuzzleError, CheckpointError) as error:
        st.caption(as_sentence(error))
        return
    if not _is_same(inside, trace):
        st.caption(
            "To open its calls a solve is run again, and this one does not come out the same: it was asked in another "
            "way, with other draws, or on a machine that rounds otherwise."
        )
        return
    st.html(sentence(inside.sentence(0), state.key("inside")))
    player.show(
        _figure(run.trace_id, cell, state.clock, is_dark(), inside),
        state.key("inside"),
        f"{state.key('inside')}_{run.trace_id}_{cell}_{state.clock}",
        height="content",
    )
    st.caption(
        "Every stripe is one of the cell's numbers, blue above 0 and orange below; point at one to read it. Whom it hears is found by silencing "
        "each other cell in turn, in the first layer of this call."
    )


def frames_at(trace: Trace, clock: str) -> list[int]:
    """The calls behind which frames stand: those of the clock, or evenly spaced steps where these are too many."""
    ticks_F = trace.ticks(clock)
    if len(ticks_F) > MOST_FRAMES:
        ticks_F = trace.ticks("steps")
    return ticks_F[shown_frames(len(ticks_F), MOST_FRAMES)].tolist()


@st.cache_resource(max_entries=32, show_spinner="Opening its calls …")
def _inside(trace_id: str, cell: int, clock: str, _trace: Trace, _opened: Opened) -> Inside:
    return _opened(cell, frames_at(_trace, clock))


@st.cache_resource(max_entries=32, show_spinner=False)
def _figure(trace_id: str, cell: int, clock: str, dark: bool, _inside: Inside) -> object:
    return inside_figure(_inside, dark=dark)


def _is_same(inside: Inside, trace: Trace) -> bool:
    """Whether the solve that was opened says of the cell what the one on the page says, at the ends of steps."""
    per_step = trace.cycles * (trace.latent_updates + 1)
    tokens_N = trace.domain.answer_tokens
    for tick, chance_N in zip(inside.ticks_F, inside.chance_FN, strict=True):
        step = tick // per_step - 1
        if tick % per_step or step < 0:
            continue
        said_N = trace.distribution_SLV[step, inside.cell, tokens_N].astype(np.float32)
        if abs(said_N - chance_N).max() > CLOSE:
            return False
    return True
