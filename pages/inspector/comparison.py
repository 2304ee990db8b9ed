"""Two models, or one asked in two ways, on the same puzzles, and whether the difference can be chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.inspector import set as inspected_set
from pages.inspector.clicks import clickable
from pages.inspector.state import InspectorState
from pages.models.known import called
from pages.stage.frame import is_dark
from trm_core.figures import inspect as views
from trm_core.record.outcomes import Outcomes
from trm_core.record.slices import mcnemar

FIELDS = ("both", "only the first", "only the second", "neither")


@dataclass(frozen=True, eq=False)
class Pair:
    """The set that is shown beside another model's or other settings' outcomes of the same puzzles."""

    first: Outcomes
    second: Outcomes  # row by row the same puzzles

    @property
    def fields_N(self) -> np.ndarray:
        """Of every puzzle, which of `FIELDS` it is in."""
        first_N, second_N = self.first.solved_N, self.second.solved_N
        every = (first_N & second_N, first_N & ~second_N, ~first_N & second_N)
        return np.select(every, FIELDS[:3], FIELDS[3])


def compared(state: InspectorState, outcomes: Outcomes) -> Pair | None:
    """What the set is compared with, where that holds the same puzzles."""
    other = inspected_set.versus(state)
    pair = None if other is None else matched(outcomes, other)
    if other is not None and pair is None:
        st.caption(
            "There is nothing to compare: it was asked other puzzles. Run it on the same ones (*Run a set*)."
        )
    return pair


def matched(first: Outcomes, second: Outcomes) -> Pair | None:
    """Both, cut to the puzzles that both were asked; None where there are none."""
    if first.domain_name != second.domain_name:
        return None
    at = {question.tobytes(): n for n, question in enumerate(second.question_NL)}
    found = [(n, at[q.tobytes()]) for n, q in enumerate(first.question_NL) if q.tobytes() in at]
    if not found:
        return None
    mine, others = np.array(found).T
    return Pair(first[mine], second[others])


def fourfold(state: InspectorState, pair: Pair) -> None:
    """Both models on the same puzzles, and whether the difference can be chance."""
    fields_N = pair.fields_N
    counts = {field: int((fields_N == field).sum()) for field in FIELDS}
    first, second = (called(each.checkpoint) for each in (pair.first, pair.second))
    if first == second:
        first, second = (
            f"{called(o.checkpoint)}, {o.most_steps} steps" for o in (pair.first, pair.second)
        )
    table, words = st.columns([1, 1], gap="large")
    with table:
        figure = views.fourfold_figure(counts, (first, second), dark=is_dark())

        def chosen(field: object) -> None:
            state.field = None if state.field == field else str(field)
            state.page_of, state.row = 0, None

        def lift() -> None:
            state.field = None

        clickable(figure, state.key("fourfold"), chosen, lift)
    with words:
        chance = mcnemar(counts["only the first"], counts["only the second"])
        likely = "less than 1 in 10,000" if chance < 1e-4 else f"{chance:.3g}"
        st.markdown(
            f"**{first}** alone solves {counts['only the first']}, **{second}** alone "
            f"{counts['only the second']}. If both were equally good, so uneven a split would have a chance of {likely} "
            "(exact McNemar test)."
        )
        st.segmented_control(
            "Show only",
            FIELDS,
            format_func=lambda field: f"{field} ({counts[field]})",
            key=state.widget("field"),
            persist_state="session",
        )
        if chance > 0.05:
            st.caption("A difference like this can well be chance.")
