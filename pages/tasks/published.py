"""Published models of ARC on the page: brought as a file that `import` has made, asked with a puzzle id."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.models.loaded import shared_solver
from pages.models.own import LARGEST_MODEL, own_cards, take_in_file
from pages.stage.files import open_file
from pages.stage.run import PageRun
from pages.stage.state import visitor
from pages.tasks.state import TasksState
from trm_core.domains import Task
from trm_core.domains.arc.domain import CANVAS, ArcGrid
from trm_core.solving.settings import Settings
from trm_core.weights.card import CheckpointError


def _take_in(file: Any) -> str:
    """A model that reads ARC's canvas becomes one of the visitor's own."""
    name = take_in_file(file.getvalue())
    if own_cards()[name].domain != CANVAS:
        raise CheckpointError("this model does not read ARC's canvas")
    return name


def ask(state: TasksState, task: Task) -> None:
    """A place to bring a published model, and to ask it this task's first test."""
    st.markdown(
        "The published models of ARC know a task by a row of their puzzle embedding, which only their own training "
        "gives them. Take the rows you need out of the file (1.8 to 2.5 GB), and bring what that makes:"
    )
    st.code(
        f"python -m trm_core import step_N --domain {CANVAS} --puzzle-rows 0,7,12", language="bash"
    )
    open_file(
        state,
        "open_model",
        "A model of ARC's canvas (.safetensors)",
        _take_in,
        largest=LARGEST_MODEL // 2**20,
    )
    cards = {name: card for name, card in own_cards().items() if card.domain == CANVAS}
    if not cards:
        return
    if not task.keeps_size:
        st.info("Here it can only be asked tasks whose answer is as large as their question.")
        return
    chosen, row, press = st.columns([2, 1, 1], vertical_alignment="bottom")
    name = chosen.selectbox(
        "Model",
        list(cards),
        format_func=lambda name: cards[name].name,
        key=f"{state.key('model')}_name",
    )
    puzzle_id = row.number_input(
        "Puzzle row",
        0,
        max(0, cards[name].model.puzzle_ids - 1),
        key=f"{state.key('model')}_row",
        help="Which of the rows that were taken; one that is not this task's gives nothing.",
    )
    if press.button("Ask it", key=state.key("ask_it"), icon=":material/play_arrow:"):
        with st.spinner("The model thinks for 16 steps …"):
            state.asked = _run(name, cards[name].name, task, puzzle_id)
        st.rerun()


def _run(name: str, title: str, task: Task, puzzle_id: int) -> tuple[Task, PageRun]:
    question_RC, answer_RC = task.tests[0]
    own = ArcGrid(*question_RC.shape)
    trace = (
        shared_solver(name, own)
        .solve(
            question_RC,
            Settings(steps=16, stop="steps"),
            answer_RC,
            own,
            puzzle_id=puzzle_id,
            visitor=visitor(),
        )
        .trace
    )
    trace_id = f"arc-{name}-{task.name}-{puzzle_id}-{own.format(question_RC)}"
    return task, PageRun(trace, trace_id, False, f"{title}, row {puzzle_id}", trace_id)


def solved(state: TasksState, task: Task) -> list[PageRun]:
    """What a published model made of this task, if it was asked."""
    if state.asked is None or state.asked[0] is not task:
        return []
    return [state.asked[1]]
