"""Which puzzles are shown: the slices that are chosen, by bars or by name."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.inspector.clicks import clickable
from pages.inspector.comparison import FIELDS, Pair
from pages.inspector.state import InspectorState
from pages.stage.frame import is_dark
from trm_core.domains import counted
from trm_core.figures import inspect as views
from trm_core.record.diagnosis import MEANINGS
from trm_core.record.outcomes import Outcomes
from trm_core.record.slices import GROUPS, slices, wilson_interval


def shown_rows(state: InspectorState, outcomes: Outcomes, pair: Pair | None) -> np.ndarray:
    """Which puzzles are in all slices that were chosen, bool."""
    rows_N = np.ones(len(outcomes), dtype=bool)
    every = every_slice(outcomes)
    if state.working is None:  # else a slice may still come
        known = [name for name in state.shown if name in every]
        if known != state.shown and state.linked:
            state.ignored = [*state.ignored, "slice"]
        if known != state.shown:
            state.shown = known
    for name in state.shown:
        rows_N &= every.get(name, ~rows_N)
    if pair is not None and state.field in FIELDS:
        rows_N &= pair.fields_N == state.field
    return rows_N


def every_slice(outcomes: Outcomes) -> dict[str, np.ndarray]:
    """All slices by the names that links and chips say."""
    found = {
        f"{group}: {each.name}": each.rows_N for group in GROUPS for each in slices(outcomes, group)
    }
    return found | {"end: failed": ~outcomes.solved_N}


def show_bars(state: InspectorState, outcomes: Outcomes) -> None:
    """The three ways to cut the set; a bar that is clicked is shown alone, clicked again no more."""
    kinds = "\n".join(f"- **{kind}**: {words}" for kind, words in MEANINGS.items())
    helps = {
        "end": f"How a solve that failed ended, decided by its last quarter of steps:\n{kinds}",
        "says": "After every step the halting head says how sure it is that all is right. Over 50 % counts as “done”.",
        "hard": f"Rated in {outcomes.domain.rules.rated_by}, in bins of about as many puzzles each; where ratings tell "
        "nothing apart, by how many cells are given.",
    }
    for column, group in zip(st.columns(len(GROUPS), gap="large"), GROUPS, strict=True):
        with column:
            title = f"By {GROUPS[group]}"
            if group == "hard":
                rated = any(each.name.startswith("rated") for each in slices(outcomes, group))
                title += f" ({outcomes.domain.rules.rated_by if rated else 'cells given'}): share that fails"
            st.markdown(f"**{title}**", help=helps[group])
            prefix = f"{group}: "
            chosen = [n.removeprefix(prefix) for n in state.shown if n.startswith(prefix)]
            figure = views.bars_figure(
                slices(outcomes, group),
                chosen[0] if chosen else None,
                ~outcomes.solved_N if group == "hard" else None,
                dark=is_dark(),
            )
            clickable(
                figure,
                state.key("bars") + f"_{group}",
                lambda name, group=group: toggle(state, group, str(name)),
            )


def toggle(state: InspectorState, group: str, name: str) -> None:
    """Show one slice of a group, instead of another one of it; or all again."""
    others = [each for each in state.shown if not each.startswith(f"{group}: ")]
    wanted = f"{group}: {name}"
    state.shown = others if wanted in state.shown else [*others, wanted]
    state.page_of, state.row = 0, None


def show_chips(state: InspectorState, outcomes: Outcomes, rows_N: np.ndarray) -> None:
    """The slices that are shown; also the way to choose them without a mouse."""
    every = every_slice(outcomes)
    counts = {name: int(chosen_N.sum()) for name, chosen_N in every.items()}

    def changed() -> None:
        state.page_of, state.row = 0, None

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Only puzzles that are in all of",
            [*every, *(name for name in state.shown if name not in every)],
            format_func=lambda name: f"{name.split(': ', 1)[1]} ({counts.get(name, 0)})",
            key=state.widget("shown"),
            on_change=changed,
            placeholder="all puzzles: click a bar, or choose slices here",
            persist_state="session",
        )
        low, high = wilson_interval(float(rows_N.mean()), len(rows_N))
        told = f"**{counted(int(rows_N.sum()), 'puzzle')}** of {len(rows_N)}: {100 * rows_N.mean():.1f} % "
        told += f"({100 * low:.1f} to {100 * high:.1f})"
        st.markdown(f"**All {len(rows_N)} puzzles**" if rows_N.all() else told)


def selection_words(state: InspectorState) -> str:
    """The selection, in words."""
    chosen = [name.split(": ", 1)[1] for name in state.shown]
    return (
        ", ".join([*chosen, *([f"solved by {state.field}"] if state.field else [])])
        or "all puzzles"
    )
