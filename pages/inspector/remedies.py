"""Rescue, on the inspector's page: what brings the failures of a selection back, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.inspector.behind import run_rescue
from pages.inspector.state import InspectorState
from pages.models.known import known_cards, makes_marks, other_form
from pages.stage.work import Work, while_running
from trm_core.domains import counted
from trm_core.record.outcomes import Outcomes

if TYPE_CHECKING:  # loads torch
    from trm_core.measuring.rescue import Rescue

MOST = 40  # failures that are tried


def show(state: InspectorState, some: Outcomes, words: str) -> None:
    """A button that tries, and the table of what came of it."""
    failed = some[~some.solved_N]
    if not len(failed) or some.checkpoint not in known_cards():
        return
    tried = failed[np.random.default_rng(0).permutation(len(failed))[:MOST]]
    work = state.rescuing
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "What would rescue them?",
            key=state.key("rescue"),
            icon=":material/healing:",
            disabled=work is not None and work.running,
            help=f"Tries more steps, several ways, noise and the model with pencil marks on up to {MOST} of the "
            "failures shown, drawn at random.",
        ):
            name = other_form(some.checkpoint, some.domain)
            marks = name if name is not None and makes_marks(name) else None
            state.rescuing = work = run_rescue(tried, marks)
            state.rescued = f"{counted(len(tried), 'failure')} of {some.checkpoint}: {words}"
        if work is not None and work.running:
            st.button("Stop", key=state.key("stop_rescue"), on_click=work.cancel)
    if work is None:
        return

    def draw() -> None:
        _table(work, state.rescued)

    if work.running:
        while_running(1.0, lambda: work.running, draw)  # in the end, so that Stop goes
    else:
        draw()


def _table(work: Work, what: str) -> None:
    found = work.last.found if work.last is not None else ()
    done, of = len(found), max(1, 0 if work.last is None else work.last.of)
    if work.error:
        st.error(f"The rescue could not be tried to its end: {work.error}.")
    if work.running:
        words = f"{done} of {of} remedies are done" if work.last else "loading the model …"
        st.progress(done / of, f"Trying on {what}: {words}")
    elif found:
        stopped = f" Stopped after {done} of {of} remedies." if done < of else ""
        st.caption(f"Tried on {what}.{stopped}")
    if found:
        st.dataframe(
            rescue_table(found),
            hide_index=True,
            width="stretch",
            column_config={
                "network calls a puzzle": st.column_config.NumberColumn(format="localized"),
                "numbers in the network": st.column_config.NumberColumn(format="localized"),
                "what it does": st.column_config.TextColumn(width="large"),
            },
        )


def rescue_table(found: Sequence[Rescue]) -> dict[str, list[object]]:
    """What each remedy came to, as columns."""
    intervals = [[100 * bound for bound in each.interval] for each in found]
    return {
        "remedy": [each.name for each in found],
        "what it does": [each.words for each in found],
        "brought back": [f"{each.solved} of {each.puzzles}" for each in found],
        "95 % interval": [f"{low:.0f} to {high:.0f} %" for low, high in intervals],
        "network calls a puzzle": [round(each.calls) for each in found],
        "numbers in the network": [each.numbers for each in found],
    }
