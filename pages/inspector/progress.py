"""A set under way: how far it is, and what it came to."""

from __future__ import annotations

import time

import streamlit as st

from pages.inspector.behind import (
    Progress,
)
from pages.inspector.set import OwnSet
from pages.inspector.state import InspectorState
from pages.stage.work import while_running
from trm_core.domains import counted

REDRAW_EVERY = 4.0  # seconds between two looks at what has come of a set under way


def progress(state: InspectorState) -> None:
    """How far the set under way is; the page is drawn anew while it comes in."""
    work = state.working
    if work is None:
        return
    if not work.running:
        _take_in(state)
        return

    drawn = time.monotonic()

    def draw() -> None:
        at = work.last
        done = at.done if isinstance(at, Progress) else 0
        words = _how_far(at, time.monotonic() - work.began)
        st.progress(done / at.of if done else 0.0, "Stopping …" if work.cancelled else words)
        st.button(
            "Stop, and keep what there is",
            key=state.key("stop_set"),
            on_click=work.cancel,
            disabled=work.cancelled,
        )
        if done and time.monotonic() - drawn > REDRAW_EVERY:
            st.rerun()

    while_running(1.0, lambda: work.running, draw)


def _how_far(at: Progress | None, seconds: float) -> str:
    """A set under way, in words."""
    if at is None:
        return "Loading the model, making the puzzles …"
    if not at.done:
        return f"0 of {at.of} puzzles: the first are under way …"
    rate = at.done / seconds
    left = f"{(at.of - at.done) / rate:.0f} s left"
    return f"{at.done} of {at.of} puzzles, {rate:.1f} a second, {left}"


def _take_in(state: InspectorState) -> None:
    """What a set came to, once it is over."""
    work = state.take("working")
    found = work.last.read() if isinstance(work.last, Progress) else None
    if found is not None and len(found) and state.mine is not None:
        state.mine = OwnSet(state.mine.asked, found, stopped=len(found) < work.last.of)
        took = f"{counted(len(found), 'puzzle')} in {work.seconds:.0f} s, {len(found) / work.seconds:.1f} a second"
        st.toast(took, icon=":material/done:")
    if work.error:
        st.error(f"The set could not be run to its end: {work.error}.")
        return
    if found is None or not len(found):
        st.toast("Stopped before the first puzzle was done.", icon=":material/stop_circle:")
    st.rerun()
