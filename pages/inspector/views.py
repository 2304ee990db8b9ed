"""What the puzzles of a selection have in common, drawn; a click on a point opens a puzzle or a slice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from pages.inspector.clicks import clickable
from pages.inspector.selection import toggle
from pages.inspector.state import InspectorState
from pages.stage import player
from pages.stage.frame import is_dark
from trm_core.figures import inspect as views
from trm_core.record.outcomes import Outcomes


def show_views(state: InspectorState, every: Outcomes, rows_N: np.ndarray) -> None:
    """What the puzzles of these rows have in common, beside the whole set."""
    some = None if rows_N.all() else every[rows_N]
    shown, dark, at = every if some is None else some, is_dark(), state.row

    def open_row(index: object) -> None:
        state.row = int(str(index))

    drawn: Mapping[str, tuple[object, Callable[[object], None] | None]] = {
        "What thinking longer buys": (views.depth_view(every, some, dark=dark), None),
        "When it says it is done": (views.halting_view(shown, dark=dark), None),
        "Whether that is true": (views.reliability_view(shown, dark=dark), None),
        "How they ended, by difficulty": (
            views.hardness_view(every, rows_N, dark=dark),
            lambda name: toggle(state, "hard", str(name)),
        ),
        "Last scratchpads (click one to open it)": (
            views.latents_view(shown, at, dark=dark),
            open_row,
        ),
        "At rest, or still moving (click one)": (
            views.residual_view(shown, at, dark=dark),
            open_row,
        ),
        "Where errors sit": (views.places_view(shown, dark=dark), None),
    }
    st.header("What they have in common", anchor=False)
    columns = st.columns(3, gap="large")
    for k, (title, (figure, on_click)) in enumerate(drawn.items()):
        with columns[k % 3]:
            st.markdown(f"**{title}**")
            key = state.key("view") + f"_{k}"
            if on_click is None:
                player.show(figure, key, height="content")
            else:
                clickable(figure, key, on_click)
    if shown.pins_N.any():
        with columns[len(drawn) % 3]:
            st.markdown("**What its pencil marks did**")
            st.table(marks_table(shown))


def marks_table(outcomes: Outcomes) -> dict[str, list[str]]:
    """What pencil marks came to, on average: solved and failed puzzles side by side."""
    parts = {"solved": outcomes[outcomes.solved_N], "failed": outcomes[~outcomes.solved_N]}
    parts = {name: part for name, part in parts.items() if len(part)}
    rows = {
        "goes": lambda o: f"{o.goes_N.mean() + 1:.1f}",
        "cells pinned": lambda o: f"{o.pins_N.mean():.1f}",
        "contradictions seen rightly": lambda o: f"{o.dead_right_N.mean():.2f}",
        "contradictions seen wrongly": lambda o: f"{o.dead_wrong_N.mean():.2f}",
        "lost a true candidate at first by a guess": lambda o: (
            f"{100 * o.strayed_by_guess_N.mean():.0f} %"
        ),
        "... by striking it": lambda o: (
            f"{100 * ((o.strayed_at_N > 0) & ~o.strayed_by_guess_N).mean():.0f} %"
        ),
        "step of the first such, median": lambda o: (
            f"{np.median(o.strayed_at_N[o.strayed_at_N > 0]):.0f}"
            if (o.strayed_at_N > 0).any()
            else "–"
        ),
    }
    return {"per puzzle": list(rows)} | {
        name: [tell(part) for tell in rows.values()] for name, part in parts.items()
    }
