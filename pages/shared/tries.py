"""Several tries at one puzzle: ask again for longer or in more ways, and see what each bought."""

from __future__ import annotations

import streamlit as st

from pages.shared.solving import PageRun
from trm_core.record.verdict import outcome

LONGER = 256  # supervision steps
WAYS = 8


def add(key: str, run: PageRun) -> None:
    """Keep a run beside the others of its puzzle, and watch it (`KEY_run`)."""
    kept = [
        other
        for other in st.session_state.get(f"{key}_tries", [])
        if run.is_of(other.trace.domain, other.trace.question_board) and other.asked != run.asked
    ]
    st.session_state[f"{key}_tries"] = [*kept, run]
    st.session_state[f"{key}_run"] = run


def ask_again(key: str, run: PageRun) -> None:
    """Two buttons that ask the same puzzle again. The next run of the page finds the settings to
    change under `KEY_ask`."""
    longer, ways = st.columns(2)
    longer.button(
        "Think longer",
        icon=":material/hourglass_top:",
        key=f"{key}_longer",
        on_click=_ask,
        args=(key, {"steps": LONGER, "stop": "rules", "votes": 1}),
        disabled=run.trace.solved,
        width="stretch",
        help=f"Up to {LONGER} steps, until the board obeys all rules. A solved board needs none.",
    )
    ways.button(
        f"Ask it {WAYS} ways",
        icon=":material/shuffle:",
        key=f"{key}_ways",
        on_click=_ask,
        args=(key, {"votes": WAYS, "stop": "rules"}),
        width="stretch",
        help="The same puzzle, turned around and its symbols renamed: to you it is the same "
        "puzzle, to the model a new one.",
    )


def _ask(key: str, changes: dict[str, object]) -> None:
    st.session_state[f"{key}_ask"] = changes


def compare(key: str) -> None:
    """Choose which try to watch; each says what it bought. Nothing while there is only one."""
    kept = st.session_state[f"{key}_tries"]
    if len(kept) > 1:
        st.session_state[f"{key}_watched"] = st.session_state[f"{key}_run"].asked
        st.radio(
            "What each try bought on this puzzle",
            [run.asked for run in kept],
            captions=[_bought(run) for run in kept],
            key=f"{key}_watched",
            on_change=_watch,
            args=(key,),
        )


def beside(key: str) -> PageRun | None:
    """The try to show beside the watched one, if the visitor wants two at once."""
    kept = st.session_state[f"{key}_tries"]
    watched = st.session_state[f"{key}_run"]
    others = {run.asked: run for run in kept if run.asked != watched.asked}
    if not others:
        return None
    asked = st.selectbox(
        "Watch another try beside it",
        list(others),
        index=None,
        placeholder="choose one: both then move in step",
        key=f"{key}_beside",
    )
    return others.get(asked)


def _watch(key: str) -> None:
    asked = st.session_state[f"{key}_watched"]
    kept = {run.asked: run for run in st.session_state[f"{key}_tries"]}
    st.session_state[f"{key}_run"] = kept[asked]


def _bought(run: PageRun) -> str:
    words = outcome(run.trace)
    if run.ways > 1:
        words += f"; {run.ways_solved} of {run.ways} ways right"
    return words
