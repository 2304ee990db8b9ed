"""Surgery by the visitor's own hand: change what y says before a step, wipe a part of z, and go on."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from pages.lesson.recorded import lesson_solver, recorded
from pages.lesson.scene import Material, Scene
from pages.lesson.state import LessonState
from pages.stage.frame import as_sentence
from pages.stage.painter import painter, refresh
from trm_core.domains import Domain, PuzzleError, counted
from trm_core.lesson.trials import UNHARMED
from trm_core.record.trace import Trace

NOTHING, CHANGED, ALL = "nothing", "the cells I change", "every cell"


def operate(state: LessonState, scene: Scene, material: Material) -> None:
    """The operating table: a step, the board that y says before it, and what of z to wipe."""
    before = _before(state, material)
    chosen = before.domain
    st.markdown(
        "Stop before any step, write other digits into the answer (or blank some), wipe a part of the scratchpad, "
        "and let it go on."
    )
    table, tools = st.columns([2, 3], gap="large")
    with tools:
        step = st.slider(
            "Operate before step",
            2,
            before.steps,
            key=state.widget("operate_step"),
            on_change=_afresh,
            args=(state,),
            persist_state="session",
        )
        says_RC = chosen.board(before.answers("steps")[step - 1])
        board_RC = chosen.parse_answer(state.operate_board) if state.operate_board else says_RC
        changed = int((board_RC != says_RC).sum())
        st.caption(f"Changed so far: {counted(changed, 'cell')} of the answer y.")
        wipe = st.selectbox(
            "Wipe of the scratchpad z",
            [NOTHING, CHANGED, ALL, *_blocks(chosen)],
            key=state.widget("operate_wipe"),
            persist_state="session",
        )
        with st.container(horizontal=True):
            wiped_RC = _wiped(chosen, wipe, board_RC != says_RC)
            pressed = st.button(
                "Operate, and go on",
                key=state.key("operate"),
                type="primary",
                icon=":material/vital_signs:",
                disabled=not (changed or wiped_RC.any()),
            )
            st.button("Undo my changes", key=state.key("heal"), on_click=_afresh, args=(state,))
        if pressed:
            _run(state, scene, before, board_RC, wiped_RC)
        if state.aftermath:
            st.html(f"<div class='trm-verdict good'><p>{html.escape(state.aftermath)}</p></div>")
            st.caption("The board above now shows this run, from the step of the operation on.")
    with table:
        painter(
            state,
            chosen,
            board_RC,
            on_drawn=lambda text: setattr(state, "operate_board", text),
            on_pasted=lambda text: None,
        )


def _before(state: LessonState, material: Material) -> Trace:
    """The same solve before anything is done to it."""
    question_RC = next(iter(material.runs.values())).question_board
    puzzle = UNHARMED.asked.format(question_RC)
    if puzzle == UNHARMED.puzzle:
        return recorded(UNHARMED.name)
    from trm_core.lesson.ablations import run_trial

    if state.unharmed is None or UNHARMED.asked.format(state.unharmed.question_board) != puzzle:
        state.unharmed = run_trial(UNHARMED, lesson_solver(UNHARMED), question_RC)
        _afresh(state)
    return state.unharmed


def _run(
    state: LessonState, scene: Scene, before: Trace, board_RC: np.ndarray, wiped_RC: np.ndarray
) -> None:
    from trm_core.lesson.surgery import Operation, operated

    operation = Operation(state.operate_step, board_RC, wiped_RC)
    try:
        with st.spinner("The model goes on from your operation …"):
            trace = operated(UNHARMED, lesson_solver(UNHARMED), before, operation)
    except PuzzleError as error:
        st.warning(f"That can't be done: {error}.")
        return
    state.aftermath = aftermath(trace, operation.before_step)
    state.own = {**state.own, scene.name: {trial.name: trace for trial in scene.trials}}
    state.frame = (operation.before_step - 1) * trace.cycles
    st.rerun()


def aftermath(trace: Trace, step: int) -> str:
    """What became of an operation before that step, in words."""
    done = "; ".join(trace.interventions)
    right = trace.right("steps")
    if right is None:
        changed = int(trace.changed("steps")[step].sum())
        return f"{as_sentence(done)} In the step after, {counted(changed, 'cell')} changed."
    counts = right.sum(1)
    healed = "It healed." if counts[-1] == right.shape[1] else "It did not heal within its steps."
    return (
        f"{as_sentence(done)} Cells right: {counts[step - 1]} before, {counts[step]} one step later, "
        f"{counts[-1]} of {right.shape[1]} after step {trace.steps}. {healed}"
    )


def _afresh(state: LessonState) -> None:
    """Nothing changed yet."""
    state.operate_board = ""
    state.aftermath = ""
    refresh(state)


def _blocks(chosen: Domain) -> list[str]:
    drawing = chosen.drawing
    return [f"box {k + 1}" for k in range(chosen.cells // (drawing.box_rows * drawing.box_cols))]


def _wiped(chosen: Domain, wipe: str, changed_RC: np.ndarray) -> np.ndarray:
    """The cells whose z is to go."""
    if wipe == NOTHING:
        return np.zeros_like(changed_RC)
    if wipe == CHANGED:
        return changed_RC
    if wipe == ALL:
        return np.ones_like(changed_RC)
    rows, cols = np.indices(changed_RC.shape)
    drawing = chosen.drawing
    across = chosen.cols // drawing.box_cols
    return rows // drawing.box_rows * across + cols // drawing.box_cols == int(wipe.split()[1]) - 1
