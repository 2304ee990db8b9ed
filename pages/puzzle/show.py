"""The show: recorded solves as large as the screen, one after the other, for a room."""

from __future__ import annotations

import html
from dataclasses import dataclass

import streamlit as st

from pages.models.known import size_of
from pages.puzzle.state import ShowState
from pages.stage import player
from pages.stage.caches import recorded_trace
from pages.stage.frame import ASSETS
from pages.stage.layout import stage
from pages.stage.run import PageRun
from trm_core.record.verdict import outcome

KEYS = "\u2190 \u2192 next and back \u00b7 space pauses \u00b7 B blanks \u00b7 Escape leaves"


@dataclass(frozen=True)
class Act:
    """One recorded solve of the show, and what a room reads beside it."""

    recording: str  # under assets/show; made by `python -m trm_core record`
    clock: str
    title: str
    words: str


ACTS = [
    Act(
        "1-easy",
        "cycles",
        "A tiny network solves a Sudoku",
        "It answers at once, all cells together, and then mends its own answer.",
    ),
    Act(
        "2-hard",
        "cycles",
        "A harder one",
        "Orange: it has just changed its mind. Each round it reads its own answer again.",
    ),
    Act(
        "3-maze",
        "cycles",
        "The same idea finds a way",
        "Another puzzle, another small network, the same loop.",
    ),
    Act(
        "4-failure",
        "cycles",
        "Too hard",
        "An extreme Sudoku: after 16 rounds it is still not right.",
    ),
    Act(
        "5-longer",
        "steps",
        "Let it think longer",
        "The same puzzle, 256 rounds: it wanders, and gets no nearer.",
    ),
    Act(
        "6-rescue",
        "cycles",
        "Ask it 8 ways",
        "The same puzzle turned around, its digits renamed: to the network a new one. An answer that obeys every rule wins.",
    ),
]


def asked_for() -> bool:
    """Whether the address asks for the show."""
    return st.query_params.get("demo") == "1"


def begin() -> None:
    """Open the show at the next run of the page."""
    st.query_params["demo"] = "1"


def run_of(act: Act) -> PageRun:
    """The recording of an act."""
    trace = recorded_trace(ASSETS / "show" / f"{act.recording}.npz")
    return PageRun(trace, f"show-{act.recording}", True, act.title, act.recording)


def show(state: ShowState) -> None:
    """The act whose turn it is, on the whole page."""
    act = ACTS[state.act % len(ACTS)]
    state.clock = act.clock
    run = run_of(act)
    parts = stage(show=True)

    def go_on(by: int) -> None:
        if by == 0:
            _leave(state)
        else:
            state.act = (state.act + by) % len(ACTS)

    player.play(state, parts, [run], tools=False, on_next=go_on)
    dots = "".join(f"<i class='{'now' if other is act else ''}'></i>" for other in ACTS)
    with parts.verdict:
        st.html(
            f"<div class='trm-show'><h2>{html.escape(act.title)}</h2><p>{html.escape(act.words)}</p>"
            f"<p class='trm-outcome'>{html.escape(_told(run))}</p><p class='trm-dots'>{dots}</p>"
            f"<p class='trm-keys'>{KEYS}</p></div>"
        )
    with parts.act:
        st.button(
            "Leave the show",
            key=state.key("leave_show"),
            type="tertiary",
            on_click=_leave,
            args=(state,),
        )


def _told(run: PageRun) -> str:
    """What it is, and what becomes of it, from the recording itself."""
    size = size_of(run.trace.checkpoint)
    return f"{size} numbers on {run.trace.device}: {outcome(run.trace)}."


def _leave(state: ShowState) -> None:
    state.act = 0
    st.query_params.pop("demo", None)
