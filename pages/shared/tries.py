"""Several tries at one puzzle: ask again for longer or in more ways, and see what each bought."""

from __future__ import annotations

import streamlit as st

from pages.shared.solving import PageRun
from pages.shared.state import PageState
from trm_core.record.verdict import outcome

LONGER = 256  # supervision steps
WAYS = 8


def ask_again(state: PageState, run: PageRun) -> None:
    """Two buttons that ask the same puzzle again. The next run of the page finds the settings to
    change under `PageState.ask`."""
    longer, ways = st.columns(2)
    longer.button(
        "Think longer",
        icon=":material/hourglass_top:",
        key=state.key("longer"),
        on_click=_ask,
        args=(state, {"steps": LONGER, "stop": "rules", "votes": 1}),
        disabled=run.trace.solved,
        width="stretch",
        help=f"Up to {LONGER} steps, until the board obeys all rules. A solved board needs none.",
    )
    ways.button(
        f"Ask it {WAYS} ways",
        icon=":material/shuffle:",
        key=state.key("ways"),
        on_click=_ask,
        args=(state, {"votes": WAYS, "stop": "rules"}),
        width="stretch",
        help="The same puzzle, turned around and its symbols renamed: to you it is the same "
        "puzzle, to the model a new one.",
    )


def _ask(state: PageState, changes: dict[str, object]) -> None:
    state.ask = changes


def compare(state: PageState) -> None:
    """Choose which try to watch; each says what it bought. Nothing while there is only one."""
    kept = {run.try_id: run for run in state.tries}
    if len(kept) > 1:
        state.watched = state.run.try_id
        st.radio(
            "What each try bought on this puzzle",
            list(kept),
            format_func=lambda try_id: kept[try_id].asked,
            captions=[_bought(run) for run in kept.values()],
            key=state.key("watched"),
            on_change=_watch,
            args=(state,),
        )


def beside(state: PageState) -> PageRun | None:
    """The try to show beside the watched one, if the visitor wants two at once."""
    others = {run.try_id: run for run in state.tries if run.try_id != state.run.try_id}
    if not others:
        return None
    if state.beside not in others:
        state.beside = None
    try_id = st.selectbox(
        "Watch another try beside it",
        list(others),
        index=None,
        format_func=lambda try_id: others[try_id].asked,
        placeholder="choose one: both then move in step",
        key=state.key("beside"),
    )
    return others.get(try_id)


def _watch(state: PageState) -> None:
    state.run = next(run for run in state.tries if run.try_id == state.watched)


def _bought(run: PageRun) -> str:
    words = outcome(run.trace)
    if run.ways > 1:
        words += f"; {run.ways_solved} of {run.ways} ways right"
    return words
