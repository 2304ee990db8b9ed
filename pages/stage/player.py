"""The player: cached figures of solves on the stage, and the play bar that moves them all in step."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.stage.caches import board_of, curves_of, question_of
from pages.stage.embed import ASKED, FRAME, is_embedded, plays
from pages.stage.frame import HERE, as_sentence, is_dark, script
from pages.stage.layout import Stage, legend, sentence, show_first
from pages.stage.state import MARKS, PageState
from trm_core.domains import Domain
from trm_core.record.telling import QUESTION

if TYPE_CHECKING:
    from pages.stage.run import PageRun

CLOCKS = {"steps": "steps", "cycles": "cycles", "calls": "network calls"}
# Charts that move along with the boards, by the names of their places.
FOLLOWERS = ("curves", "lens_figure", "movement", "path", "depth", "lesson_figure", "inside")

_bar = st.components.v2.component(
    "trm_player",
    html=(HERE / "player.html").read_text(),
    css=(HERE / "player.css").read_text(),
    js=script("chart.js", "player.js"),
)


def play(
    state: PageState,
    stage: Stage,
    runs: Sequence[PageRun],
    *,
    frame: int | None = None,
    tools: bool = True,
    lens: bool = False,
    until: float | None = None,
    differing: bool = True,
    on_next: Callable[[int], None] | None = None,
    on_edit: Callable[[], None] = lambda: None,
    on_write: Callable[[int, int], None] = lambda cell, value: None,
) -> None:
    """Show a solve on the stage, or two side by side and in step, with the play bar under it; one
    alone starts at `frame` if one is named. With `lens` or `tools` cells can be looked into; with `tools` the puzzle can
    be changed (`on_edit`; a key writes into the chosen cell: `on_write`) and a link copied. It
    stops once on its way `until` a supervision step. Of two at one puzzle, cells that are `differing` are marked. With `on_next` it is a show that runs by itself: it is told to go on (1), back (-1) or to leave (0)."""
    charts = [state.key("chart") + f"_{i}" * (i > 0) for i in range(len(runs))]
    group = " ".join(run.trace_id for run in runs)
    with stage.board:
        columns = [st.container()] if len(runs) == 1 else st.columns(len(runs), gap="medium")
        for i, (column, run, chart) in enumerate(zip(columns, runs, charts, strict=True)):
            with column:
                if len(runs) > 1:
                    st.html(f"<p class='trm-heading'>{html.escape(run.asked)}</p>")
                pair = differing and len(runs) == 2 and _alike(*runs)
                other = runs[1 - i] if pair else None
                show(
                    _board(run, group, other, state.clock, "doubts" in state.marks),
                    chart,
                    f"{chart}_{run.trace_id}_{state.clock}",
                )
                if len(runs) > 1:
                    st.html(sentence(QUESTION, chart))
    if len(runs) == 1:
        show_first(stage.live, question_of(runs[0].trace, is_dark()))
        with stage.says:
            st.html(sentence(QUESTION, charts[0]))
    symbols = runs[0].trace.domain.drawing.symbols
    with stage.bar:
        _bar(
            key=state.key("player"),
            data={
                "boards": charts,
                "followers": [*map(state.key, FOLLOWERS), f"{state.key('curves')}_1"],
                "run": group,
                "frame": frame if frame is not None or plays() else 0,
                "clock": state.clock,
                "clocks": list(CLOCKS.items()),
                "hidden": [layer for layer in MARKS if layer not in state.marks],
                "cell": state.cell,
                "keys": {key: s.value for s in symbols for key in s.keys} if tools else {},
                "lens": tools or lens,
                "edit": tools and not is_embedded(),
                "link": tools and not is_embedded(),
                "embed": {"frame": FRAME, "asked": ASKED},
                "until": until,
                "show": on_next is not None,
            },
            on_cell_change=lambda: _clicked(state),
            on_clock_change=lambda: _ticked(state),
            on_edit_change=lambda: _pressed(state, on_edit),
            on_write_change=lambda: _wrote(state, on_write),
            on_next_change=lambda: _went_on(state, on_next),
            height=44,
        )


def curves(
    state: PageState,
    runs: Sequence[PageRun],
    guess: int | None = None,
    only: tuple[str, ...] = (),
) -> None:
    """The curves of each solve, one under the other on the same axis, with a step that was guessed; `only` some of them,
    by their names."""
    last = max(run.trace.steps for run in runs)
    for i, run in enumerate(runs):
        figure = curves_of(run.trace_id, state.clock, is_dark(), last, run.trace, guess, only)
        _show_curves(state, i, figure, f"{run.trace_id}_{state.clock}", guess)


def compared_curves(state: PageState, runs: Sequence[PageRun], only: tuple[str, ...]) -> None:
    """Some curves of two solves in one chart."""
    longest = max((run.trace for run in runs), key=lambda trace: trace.steps)
    ids = "_".join(run.trace_id for run in runs)
    others = {run.asked: run.trace for run in runs}
    figure = curves_of(ids, state.clock, is_dark(), longest.steps, longest, None, only, others)
    st.html(f"<p class='trm-heading'>{as_sentence(', '.join(only))}</p>")
    _show_curves(state, 0, figure, f"{ids}_{state.clock}", None)


def _show_curves(state: PageState, i: int, figure: object, own: str, guess: int | None) -> None:
    place = state.key("curves") + f"_{i}" * (i > 0)
    show(figure, place, f"{place}_{own}" + f"_{guess}" * (guess is not None))


def marks_legend(state: PageState, runs: Sequence[PageRun], differing: bool = True) -> str:
    """What is to be seen on the boards of these runs now, in words."""
    domain = runs[0].trace.domain
    pair = differing and len(runs) == 2 and _alike(*runs)
    marks = any(run.trace.candidates_SNL is not None for run in runs)
    signs, looks = {"wrong": "×", "doubts": "¹²³"}, {"doubts": "marks"}
    shown = [*((sign.mark, sign.sign, sign.words) for sign in domain.drawing.legend)]
    shown += [
        (looks.get(mark, mark), signs.get(mark, ""), MARKS[mark])
        for mark in MARKS
        if mark in state.marks
    ]
    shown = [each for each in shown if each[0] != "ground"]
    if marks:
        shown += [
            ("marks", "¹²³", "still possible"),
            ("pinned", "", "pinned: sure of it, or a guess"),
            ("dead", "", "contradiction: all is taken back"),
        ]
    return legend([*shown, *[("differs", "", "differs from the other")] * pair])


def mark_choice(state: PageState, domain: Domain) -> None:
    """Which marks the board shows."""
    letters = domain.drawing.cells == "symbol"
    st.pills(
        "Marks on the board",
        [mark for mark in MARKS if letters or mark != "doubts"],
        format_func=MARKS.get,
        selection_mode="multi",
        key=state.widget("marks"),
        persist_state="session",
    )


def show(
    figure: object, key: str, own: str | None = None, *, height: str = "stretch", **heard: object
) -> object:
    """A figure of ours, as it is: no toolbar, its own colours. `own` names the figure itself: one of
    another name takes its place, one of the same name is drawn over it, frames and all. Its `height` is that of
    its place, or its own ("content"); `heard` is what it tells of clicks (`on_select` and so on)."""
    plain = {"displayModeBar": False, "responsive": True}
    with st.container(key=key):
        return st.plotly_chart(figure, theme=None, config=plain, key=own, height=height, **heard)


def _board(run: PageRun, group: str, other: PageRun | None, clock: str, doubts: bool) -> object:
    both = [run] if other is None else [run, other]
    traces = [each.trace for each in both]
    return board_of(run.trace_id, group, clock, is_dark(), doubts, *traces)


def _alike(run: PageRun, other: PageRun) -> bool:
    """Whether two solves are of the same question, so that it says something where they differ."""
    return np.array_equal(run.trace.question_L, other.trace.question_L)


def _said(state: PageState) -> object:
    return st.session_state[state.key("player")]


def _clicked(state: PageState) -> None:
    state.cell = _said(state).get("cell")


def _ticked(state: PageState) -> None:
    clock = _said(state).get("clock")
    if clock in CLOCKS:
        state.clock = clock


def _pressed(state: PageState, on_edit: Callable[[], None]) -> None:
    if _said(state).get("edit"):
        on_edit()


def _went_on(state: PageState, on_next: Callable[[int], None] | None) -> None:
    step = _said(state).get("next")
    if step is not None and on_next is not None:
        on_next(int(step))


def _wrote(state: PageState, on_write: Callable[[int, int], None]) -> None:
    wrote = _said(state).get("write")
    if wrote:
        on_write(int(wrote["cell"]), int(wrote["value"]))
