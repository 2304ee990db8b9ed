"""Surgery: how large a wound heals."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.lesson.experiments import wound_live
from pages.lesson.hand import tear_by_hand
from pages.lesson.recorded import recorded
from pages.lesson.scene import Figure, Guess, Material, Scene
from pages.lesson.state import LessonState
from pages.lesson.surgery import operate
from trm_core.domains import counted
from trm_core.figures.shares import shares_figure
from trm_core.lesson.trials import WHOLE, WOUND, WOUNDED

_NAMES = {"y": "torn out of y", "z": "torn out of z", "yz": "out of both"}


def _figure(material: Material, dark: bool) -> object:
    return _drawn(material.measured["wounds"], dark)


def _drawn(wounds: Mapping[str, Any], dark: bool) -> object:
    lines = [(words, wounds["sizes"], wounds[parts]["1"]) for parts, words in _NAMES.items()]
    return shares_figure(lines, "cells torn out", up="whole after one step", dark=dark)


def _live(state: LessonState, scene: Scene, material: Material) -> None:
    tear_by_hand(
        state, next(iter(material.runs.values())) if material.own else recorded(WHOLE.name)
    )
    with st.expander(
        "Operate yourself: other digits, any step, whole boxes", expanded=bool(state.aftermath)
    ):
        operate(state, scene, material)
    wound_live(state, _drawn)


def _broken(material: Material) -> tuple[int, int]:
    """Cells wrong one cycle after the wound, and in the end."""
    trace = material.runs["wound"]
    right = trace.right("cycles")
    return int((~right[(WOUNDED - 1) * trace.cycles + 1]).sum()), int((~right[-1]).sum())


def _healthy(material: Material) -> bool:
    """Whether the board was right before the wound."""
    trace = material.runs["wound"]
    right = trace.right("steps")
    return right is not None and bool(right[WOUNDED - 1].all())


def _task(material: Material) -> str:
    if not _healthy(material):
        return (
            f"This puzzle is not solved by step {WOUNDED - 1}, so that there is nothing whole to wound: see what becomes "
            "of it all the same, then operate yourself, below."
        )
    mends = " and mends" if not material.wrong_at_end("wound") else ", and does not mend"
    return (
        f"Go to the end of step {WOUNDED - 1}, then press the right arrow: the board breaks{mends}. Then operate "
        "yourself, below."
    )


def _answer(material: Material) -> str:
    wounds = material.measured["wounds"]
    return _heals(wounds["yz"]["1"][-1])


def _heals(share: float) -> str:
    return _OPTIONS[0] if share > 0.9 else _OPTIONS[1] if share > 0.1 else _OPTIONS[2]


_OPTIONS = ("In nearly all cases", "In some", "Hardly ever")


def _seen(material: Material) -> str:
    wounds = material.measured["wounds"]
    last, both, later = (
        wounds["sizes"][-1],
        *(100 * wounds["yz"][steps][-1] for steps in ("1", "8")),
    )
    broken, whole = _broken(material)
    return (
        f"Here {counted(broken, 'cell')} were wrong after the first cycle that followed, and {whole} at the end. Of "
        f"{wounds['puzzles']} solved boards with {last} cells torn out of both, {both:.0f} % are whole after one step, "
        f"{later:.0f} % after eight."
    )


def _more(material: Material) -> str:
    wounds = material.measured["wounds"]
    y, z = (100 * wounds[parts]["1"][-1] for parts in ("y", "z"))
    return (
        f"Torn out of y alone, {y:.0f} % heal within one step, for z still held the "
        f"board; out of z alone, y stays right in {z:.0f} %. So a solved board is held twice. (In scene 3 y was lost before "
        "every step, and before there was a solved board for z to hold.)"
    )


SCENE = Scene(
    name="surgery",
    title="Surgery",
    minutes=5,
    say="If the board were kept in one place only, tearing it out there would destroy it. Ask who thinks so; then let somebody tear with their own hand.",
    takeaway="A solved board is held twice, in y and in z: one gives back what is torn out of the other, and what both lose is worked out again.",
    words=(
        lambda material: (
            f"{'A solved board' if _healthy(material) else 'A board at work'}, and then we tear something "
            "out of the model's memory."
        ),
        "Here 50 cells of both y and z are put back to what they were in the beginning, before step 9.",
        "The network is told nothing about it, and goes on as ever.",
    ),
    trials=(WOUND,),
    clock="cycles",
    todo=_task,
    guess=Guess(
        question="50 cells are torn out of both. Is such a board whole again after one step?",
        answer=_answer,
        options=_OPTIONS,
    ),
    seen=_seen,
    more=_more,
    decisive=lambda material: WOUNDED,
    figures=(
        Figure(
            draw=_figure,
            caption="Share of the boards that are whole again one step after the wound, by its size.",
            further=True,
        ),
    ),
    curves=("cells right", "cells changed"),
    live=_live,
    formally="""
$$y_i \\leftarrow y_0,\\quad z_i \\leftarrow z_0 \\qquad \\text{for the cells } i \\text{ of the wound, once}$$

`Wound` in `network/interventions.py`; a digit written by hand is the *y* of a cell that says it (`Transplant`). The curve was measured by `lesson/wounds.py` on fresh puzzles that the model had solved after
8 steps. *y* and *z* both hold the board, so that z restores y.
""",
)
