"""The scratchpad z of a solve, under the stage: how far each cell's part moves, the way of the whole."""

from __future__ import annotations

import streamlit as st

from pages.puzzle.state import PuzzleState
from pages.stage import player
from pages.stage.frame import is_dark
from pages.stage.run import PageRun
from trm_core.figures.scratchpad import movement_figure, path_figure
from trm_core.record.trace import Trace


def show(state: PuzzleState, run: PageRun) -> None:
    """Both figures move with the board; the way of the whole needs solves that kept their z."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            "**How far each cell's part of the scratchpad moves**, in the last call of a step"
        )
        player.show(movement_of(run.trace_id, is_dark(), run.trace), state.key("movement"))
    with right:
        st.markdown("**The way of the whole scratchpad**, in the two directions it varies most in")
        if run.trace.z_SMD is None:
            st.caption(
                "Every step's scratchpad is thousands of numbers. They are kept only on request: "
                "that costs memory, and changes no answer."
            )
            st.button(
                "Solve again and keep the scratchpad",
                key=state.key("keep_latents"),
                icon=":material/memory:",
                on_click=_keep,
                args=(state,),
            )
        else:
            kept = [run, *(each for each in state.tries if _comparable(each, run))]
            figure = path_of_z(
                tuple(each.trace_id for each in kept),
                is_dark(),
                [each.trace for each in kept],
                [each.asked for each in kept],
            )
            player.show(figure, state.key("path"))
            st.caption(
                f"Every dot is a step; the circle is the one on the board. {_of_its_way(run)} Further tries that kept "
                "their scratchpads are drawn beside it."
            )


def _of_its_way(run: PageRun) -> str:
    """What the way of a scratchpad tells, in this form of the model."""
    if run.trace.candidates_SNL is not None:
        return "With pencil marks the scratchpad begins anew in every step: each dot is where one step ended."
    return "A solve that settles comes to rest at one place; one that wanders goes round."


def _comparable(other: PageRun, run: PageRun) -> bool:
    """Whether another try's scratchpads can be drawn over the same directions."""
    z_SMD = other.trace.z_SMD
    return (
        other.try_id != run.try_id
        and z_SMD is not None
        and z_SMD.shape[1:] == run.trace.z_SMD.shape[1:]
        and other.trace.checkpoint == run.trace.checkpoint
    )


def _keep(state: PuzzleState) -> None:
    state.latents = True
    settings = {} if state.run.ask is None else state.run.ask.settings
    changed = ("steps", "stop", "votes")
    state.ask = {name: getattr(settings, name) for name in changed} if settings else {}
    if state.run.ask is not None:
        state.ask |= {"checkpoint": state.run.ask.checkpoint}


@st.cache_resource(max_entries=16, show_spinner=False)
def movement_of(trace_id: str, dark: bool, _trace: Trace):
    """How far the scratchpad of every cell moved."""
    return movement_figure(_trace, dark=dark)


@st.cache_resource(max_entries=16, show_spinner="Looking for the main directions …")
def path_of_z(trace_ids: tuple[str, ...], dark: bool, _traces: list[Trace], _names: list[str]):
    """The ways of whole scratchpads in their two main directions."""
    return path_figure(_traces, _names, dark=dark)
