"""What the lesson shows and measured, as it was recorded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.stage.caches import recorded_trace, solutions
from pages.stage.frame import ASSETS
from pages.stage.state import Desk
from trm_core.domains import Domain, PuzzleError
from trm_core.figures.glossary import pictures
from trm_core.lesson.trials import FEATURES, MARKS, Trial
from trm_core.record.inside import Inside
from trm_core.record.trace import Trace


@st.cache_resource(max_entries=4, show_spinner=False)
def lesson_solver(trial: Trial):
    """A solver for a trial of the lesson."""
    from trm_core.lesson.ablations import solver_for

    return solver_for(trial)


def open_call(trial: Trial, question_RC: np.ndarray, cell: int, ticks_F: Sequence[int]) -> Inside:
    """One cell of a trial with this puzzle, at frames behind so many calls."""
    from trm_core.lesson.ablations import opened

    return opened(trial, lesson_solver(trial), question_RC, cell, ticks_F)


@st.cache_resource(max_entries=2, show_spinner=False)
def word_pictures(dark: bool) -> dict[str, str]:
    """Pictures of the lesson's words, as SVG."""
    features, marks = (
        recorded_trace(ASSETS / "lesson" / f"{t.name}.npz") for t in (FEATURES, MARKS)
    )
    return pictures(features, marks, dark=dark)


@st.cache_resource(max_entries=1, show_spinner=False)
def lesson_measured() -> dict[str, Any]:
    """What the command `lesson` measured."""
    return json.loads((ASSETS / "lesson" / "measured.json").read_text())


FOLDER = ASSETS / "lesson"
OWN = "sudoku"  # the page whose puzzle can be tried here


def recorded(name: str) -> Trace:
    """A run of the lesson as it was recorded."""
    return recorded_trace(FOLDER / f"{name}.npz")


def on_desk(asked: Domain) -> bool:
    """Whether a puzzle of this kind and size stands on the visitor's own page."""
    page = Desk(OWN)
    return page.opened and page.size == asked.name


def visitors_puzzle(asked: Domain) -> np.ndarray:
    """The puzzle on the visitor's own page. Raises `PuzzleError` where there is none of this kind and size, or it
    can't be asked."""
    if not on_desk(asked):
        raise PuzzleError(f"there is no {asked.title} on your Sudoku page")
    try:
        question_RC = asked.parse(Desk(OWN).text)
        asked.rules.check_question(question_RC)
    except PuzzleError as error:
        raise PuzzleError(f"the puzzle on your Sudoku page can't be asked: {error}") from None
    found = solutions(asked.name, question_RC.astype("uint8").tobytes())
    if isinstance(found, str) or len(found) != 1:
        raise PuzzleError(
            "the lesson compares with the solution, and the puzzle on your Sudoku page "
            + ("has none" if not found else "has several, or is too tangled to tell")
        )
    return question_RC
