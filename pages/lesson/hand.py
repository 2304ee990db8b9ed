"""Tearing by hand: a small model solves the scene's puzzle in the visitor's own browser, and answers a slider within a
frame: so many cells torn out of y, z or both; a cell that is pressed is torn out while it goes on."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from pages.lesson.state import LessonState
from pages.models.known import bundled_cards, playing, tensors_of
from pages.stage.frame import is_dark
from pages.stage.layout import legend
from trm_core.figures.page import packed, runtime, variables
from trm_core.figures.theme import theme
from trm_core.record.trace import Trace

MODEL = "sudoku-any"
BEFORE = 8  # supervision steps before the first wound
_HERE = Path(__file__).parent

_hand = st.components.v2.component(
    "trm_hand",
    html=(_HERE / "hand.html").read_text(),
    css=(_HERE / "hand.css").read_text(),
    js=f"{runtime()}\n{(_HERE / 'hand.js').read_text()}",
)


@st.cache_data(max_entries=1, show_spinner=False)
def _weights() -> dict[str, Any]:
    return packed(tensors_of(MODEL))


def tear_by_hand(state: LessonState, solved: Trace) -> None:
    """The board of a run's puzzle, a slider and what came of it. Nothing where the model's file can't be read, or the puzzle
    has no single solution to hold it to."""
    known, asked = bundled_cards().get(MODEL), solved.domain
    if known is None or solved.solution_L is None:
        return
    config = asdict(known.model.sized(asked.drawing.box_rows, asked.drawing.box_cols))
    st.markdown("#### Tear with your own hand")
    st.caption(
        f"{playing(MODEL)} It thinks in your browser, and answers while you drag: it has made {BEFORE} steps on this puzzle when "
        "cells are torn out. Or press cells: each is torn out at once, while it goes on."
    )
    _hand(
        key=state.key("hand"),
        data={
            "config": config | {"symbols": asked.rows},
            "weights": _weights(),
            "question": solved.question_board.reshape(-1).tolist(),
            "solution": asked.board(solved.solution_L).reshape(-1).tolist(),
            "before": BEFORE,
            "colours": variables(theme(is_dark())),
            "large": state.large,
        },
        height="content",
    )
    st.html(legend([("given", "5", "given"), ("torn", "", "torn out"), ("wrong", "×", "wrong")]))
