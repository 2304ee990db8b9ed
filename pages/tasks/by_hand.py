"""A published task solved by hand: the visitor paints the answers, hands them in, and is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.stage.painter import refresh
from pages.tasks.editor import paint
from pages.tasks.state import TasksState
from pages.tasks.views import grid_html, pairs_html
from trm_core.domains import Task, counted
from trm_core.domains.arc.domain import same
from trm_core.record.task_learning import TaskLearning


@dataclass
class Hand:
    """Answers that a visitor paints."""

    task: Task
    answers: list[np.ndarray]  # one for every test
    at: int = 0  # the test that is painted
    tries: int = 0
    told: str = ""  # what became of the last try
    right: bool = False

    @classmethod
    def of(cls, task: Task) -> Hand:
        """It begins with the questions; where pairs change the size, with a grid as large as the first answer."""
        first = task.pairs[0][1]
        blank = np.zeros(first.shape, np.uint8)
        return cls(task, [q if task.keeps_size else blank for q, _ in task.tests])

    def grid(self) -> np.ndarray:
        """What is painted now."""
        return self.answers[self.at]

    def put(self, grid: np.ndarray) -> None:
        self.answers[self.at], self.told, self.right = grid, "", False

    def hand_in(self) -> None:
        """Judge the answers."""
        self.tries += 1
        wrong = [
            k
            for k, (own, (_, known)) in enumerate(zip(self.answers, self.task.tests, strict=True))
            if not same(own, known)
        ]
        self.right = not wrong
        if self.right:
            self.told = f"Right, at try {self.tries}."
            return
        which = f"Test {wrong[0] + 1} is" if len(self.answers) > 1 else "It is"
        own, known = self.answers[wrong[0]], self.task.tests[wrong[0]][1]
        if own.shape != known.shape:
            self.told = f"{which} not of the right size yet."
        else:
            self.told = (
                f"{which} not right yet: {counted(int((own != known).sum()), 'cell')} wrong."
            )


def under_way(state: TasksState, task: Task) -> bool:
    """Whether the visitor solves this task by hand."""
    return state.hand is not None and state.hand.task is task


def button(state: TasksState, task: Task) -> None:
    """Begins it, or ends it."""
    if not task.known:
        return
    now = under_way(state, task)
    st.button(
        "Back to the network" if now else "Solve it yourself",
        key=state.key("by_hand"),
        icon=":material/neurology:" if now else ":material/draw:",
        on_click=_turn,
        args=(state, None if now else task),
    )


def _turn(state: TasksState, task: Task | None) -> None:
    state.hand = None if task is None else Hand.of(task)
    refresh(state)


def show(state: TasksState, task: Task, learning: TaskLearning | None) -> None:
    """The pairs at the left, the painter at the right. What the network says stays hidden until one is right."""
    hand = state.hand
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.markdown("**The pairs that show the rule**")
        st.html(pairs_html(task, numbers=state.numbers))
    with right:
        count = len(task.tests)
        if count > 1:
            chosen = st.segmented_control(
                "Which test",
                range(count),
                format_func=lambda k: f"Test {k + 1}",
                default=hand.at,
                required=True,
                key=f"{state.key('by_hand')}_{task.name}",
            )
            if chosen != hand.at:
                hand.at = chosen
                refresh(state)
        question_RC = task.tests[hand.at][0]
        asked, answer = st.columns([1, 2], gap="medium")
        asked.markdown("**What is asked**")
        asked.html(grid_html(question_RC, "the test", large=True, numbers=state.numbers))
        with answer:
            st.markdown("**Your answer**")
            what = f"your answer to test {hand.at + 1}"
            paint(state, hand.grid, hand.put, what, question_RC)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Hand it in",
                type="primary",
                key=f"{state.key('by_hand')}_in",
                icon=":material/check:",
                on_click=hand.hand_in,
            )
            if hand.told:
                (st.success if hand.right else st.warning)(hand.told)
        if hand.right:
            st.html(f"<p class='trm-says'>{_beside(hand, learning)}</p>")


def _beside(hand: Hand, learning: TaskLearning | None) -> str:
    """The network's answer beside the visitor's."""
    if learning is None:
        return "Can the network do it, too? Go back to it, and let it learn."
    if not learning.answered:
        return "The network has given no answer so far."
    first = next((at for at in range(len(learning.glimpses)) if learning.right_at(at)), None)
    if learning.solved(1):
        when = (
            ""
            if first is None
            else f", for the first time after {learning.glimpses[first].seconds:.1f} seconds"
        )
        return f"The network has it too{when}."
    return "The network has it not: its first guess is wrong."
