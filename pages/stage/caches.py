"""What every page keeps between reruns: recorded traces, the figures of a solve, what an exact search says. All bounded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import streamlit as st

from pages.stage.frame import ASSETS
from trm_core.domains import Domain, Puzzle, SearchLimitError, domain
from trm_core.figures.live import live_board
from trm_core.figures.solve import board_figure, curves_figure
from trm_core.readers.puzzle_file import read_puzzles
from trm_core.record.trace import Trace


@st.cache_resource(max_entries=32, show_spinner=False)
def recorded_trace(path: Path) -> Trace:
    """A trace bundled under assets/traces."""
    return Trace.load(path)


@st.cache_resource(max_entries=8, show_spinner=False)
def bundled_puzzles(domain_name: str) -> list[Puzzle]:
    """The puzzles under assets/puzzles, easiest first; none for a puzzle that has no such file."""
    path = ASSETS / "puzzles" / f"{domain_name}-extreme.csv"
    return read_puzzles(domain(domain_name), path) if path.exists() else []


@st.cache_resource(max_entries=48, show_spinner=False)
def board_of(
    trace_id: str,
    group: str,
    clock: str,
    dark: bool,
    doubts: bool,
    _trace: Trace,
    _other: Trace | None = None,
):
    """The board of a solve. Byte-identical across reruns, or the browser would start it anew; `group`
    names all solves that are shown together, and the figure says it to the player."""
    figure = board_figure(_trace, clock, dark=dark, other=_other, doubts=doubts)
    figure.layout.meta |= {"run": group}
    return _written(figure)


def question_of(trace: Trace, dark: bool) -> str:
    """The picture of a question, as SVG, to stand where its board will play."""
    return _picture(trace.domain_name, trace.question_board.astype("uint8").tobytes(), dark)


@st.cache_data(max_entries=48, show_spinner=False)
def _picture(domain_name: str, cells: bytes, dark: bool) -> str:
    chosen = domain(domain_name)
    board_RC = board_of_bytes(chosen, cells)
    return live_board(chosen, board_RC, board_RC, board_RC != board_RC, large=True, dark=dark)


@st.cache_resource(max_entries=48, show_spinner=False)
def curves_of(
    trace_id: str,
    clock: str,
    dark: bool,
    last: int,
    _trace: Trace,
    guess: int | None = None,
    only: tuple[str, ...] = (),
    _others: Mapping[str, Trace] | None = None,
):
    """The curves of a solve (`curves_figure`); where there are `_others`, `trace_id` names them too."""
    return _written(
        curves_figure(_trace, clock, dark=dark, last=last, guess=guess, only=only, others=_others)
    )


def _written(figure):
    """The figure, written out once and not in every run of a page that shows it: that takes a third of a run's time."""
    told = figure.to_dict()
    figure.to_dict = lambda: told
    return figure


@st.cache_data(max_entries=1024, show_spinner=False)
def solutions(domain_name: str, cells: bytes) -> list[np.ndarray] | str:
    """None, one or two solutions of a question; two stand for several. Where the search was given
    up, a sentence says so."""
    chosen = domain(domain_name)
    try:
        return chosen.rules.solutions(board_of_bytes(chosen, cells), limit=2)
    except SearchLimitError as error:
        return str(error)


@st.cache_data(max_entries=1024, show_spinner=False)
def summary(domain_name: str, cells: bytes, found: int) -> str:
    """What is to be said about a question (`Rules.summary`)."""
    chosen = domain(domain_name)
    return chosen.rules.summary(board_of_bytes(chosen, cells), found)


def board_of_bytes(chosen: Domain, cells: bytes) -> np.ndarray:
    """A board from what it is cached by."""
    return np.frombuffer(cells, dtype=np.uint8).reshape(chosen.rows, chosen.cols)
