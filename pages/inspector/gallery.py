"""The gallery of the inspector: thumbnails of a selection, and the player at the frame where one went wrong."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from pages.inspector.recorded import asked_again
from pages.inspector.state import InspectorState
from pages.models.known import known_cards
from pages.stage import player
from pages.stage.frame import as_text, is_dark
from pages.stage.layout import stage
from pages.stage.run import PageRun, verdict_html
from pages.stage.shelf import Thumbnail, page_of, shelf, small_board, turn_pages
from pages.stage.state import USUAL_MARKS, visitor
from trm_core.domains import counted
from trm_core.figures.live import live_board
from trm_core.network.config import ConfigError
from trm_core.record.diagnosis import diagnosis
from trm_core.record.outcomes import SOLVED, Outcomes
from trm_core.record.trace import Trace
from trm_core.solving.settings import Settings
from trm_core.weights.card import CheckpointError

MOST_CELLS = 100  # of boards that many of are shown at once
# What comes first.
SORTS = {
    "surest failures": lambda o: (o.solved_N, -o.halt_N, -o.confidence_N),
    "most wrong": lambda o: (o.solved_N, -o.wrong_NL.sum(1)),
    "fewest wrong": lambda o: (o.solved_N, o.wrong_NL.sum(1)),
    "hardest": lambda o: (-np.nan_to_num(o.rating_N, nan=-1),),
    "solved, then lost": lambda o: (~o.lost_N, o.solved_N),
    "as in the set": lambda o: (o.index_N,),
}
USUAL_SORT = "surest failures"


def show(state: InspectorState, some: Outcomes, other: Outcomes | None) -> None:
    """The selection, a page of thumbnails at a time, and the puzzle that is open; `other` holds the same
    puzzles of a model compared with."""
    order = _sorted(state, some)
    here = np.flatnonzero(some.index_N[order] == (-1 if state.row is None else state.row))
    if len(here):
        _player(state, some, other, order, int(here[0]))
    elif state.row is not None and state.working is None:  # else it may still come
        state.row = None
        if state.linked:
            state.ignored = [*state.ignored, "row"]
    _thumbnails(state, some, order)


def _sorted(state: InspectorState, some: Outcomes) -> np.ndarray:
    """Rows in the order that is wanted."""
    if state.sort not in SORTS:
        state.sort = USUAL_SORT
    keys = [*SORTS[state.sort](some), some.index_N]
    return np.lexsort([np.asarray(key, dtype=float) for key in keys[::-1]])


def _thumbnails(state: InspectorState, some: Outcomes, order: np.ndarray) -> None:
    each = 12 if some.domain.cells <= MOST_CELLS else 4
    with st.container(horizontal=True, vertical_alignment="bottom", key="stage_gallery_bar"):
        st.header(f"Boards as they ended ({len(order)})", anchor=False)
        # Buttons, so that no box takes the keys of the open puzzle.
        st.segmented_control(
            "First come",
            list(SORTS),
            key=state.widget("sort"),
            required=True,
            on_change=lambda: setattr(state, "page_of", 0),
            persist_state="session",
        )
    rows = order[page_of(state, len(order), each)]
    thumbnails = [_thumbnail(state, some, int(row)) for row in rows]
    shelf("gallery", thumbnails, across=6 if each == 12 else 4)
    words = "Filled: wrong. In percent: how sure it is that it is done. A click on a number opens the solve."
    turn_pages(state, len(order), each, words)


def _thumbnail(state: InspectorState, some: Outcomes, row: int) -> Thumbnail:
    chosen = some.domain
    question_RC, answer_RC = chosen.board(np.stack([some.question_NL[row], some.answer_NL[row]]))
    wrong_RC = some.wrong_NL[row].reshape(chosen.rows, chosen.cols)
    if some.solved_N[row]:
        wrong_RC = np.zeros_like(wrong_RC)
    changed_RC = np.zeros_like(wrong_RC)
    svg = live_board(chosen, question_RC, answer_RC, changed_RC, wrong_RC=wrong_RC, dark=is_dark())
    words, index = thumbnail_words(some, row), int(some.index_N[row])
    return Thumbnail(
        small_board(svg, words),
        words,
        f"{state.key('thumb')}_{index}",
        setattr,
        (state, "row", index),
        chosen=index == state.row,
    )


def thumbnail_words(some: Outcomes, row: int) -> str:
    """A puzzle in a few words: its number, cells wrong, how sure it said it is done."""
    end, index = some.end_N[row], int(some.index_N[row])
    wrong = "solved" if end == SOLVED else f"{some.wrong_NL[row].sum()} wrong"
    return f"#{index} · {wrong} · {100 * some.halt_N[row]:.0f} %"


def _player(
    state: InspectorState, some: Outcomes, other: Outcomes | None, order: np.ndarray, at: int
) -> None:
    """The open puzzle, watched again, and the way to the next one."""
    row = int(order[at])
    with st.container(horizontal=True, vertical_alignment="center", key="stage_open_bar"):
        st.header(f"Puzzle {int(some.index_N[row])}", anchor=False)
        _step(state, some, order, at, -1)
        _step(state, some, order, at, 1)
        st.caption(f"{at + 1} of {len(order)} in this selection; keys N and P go on and back")
        st.button(
            "Close",
            key=state.key("close"),
            icon=":material/close:",
            type="tertiary",
            on_click=lambda: setattr(state, "row", None),
        )
    runs = []
    try:
        with st.spinner("The model is asked again …"):
            for outcomes in (some, other):
                if outcomes is not None:
                    runs.append(_run(outcomes, row))
    except (CheckpointError, ConfigError) as error:
        st.warning(f"This puzzle can't be watched here: {as_text(error)}.")
        return
    state.clock, state.marks = "steps", [*USUAL_MARKS, "wrong"]
    failed = diagnosis(runs[0].trace)
    parts = stage(lesson=len(runs))
    with parts.act:
        st.html(f"<p class='trm-says'>{html.escape(_story(some, row))}</p>")
        if failed is not None:
            st.caption(f"It opens at step {failed.step}: {failed.moment_words}.")
        st.html(player.marks_legend(state, runs))
    player.play(state, parts, runs, frame=None if failed is None else failed.step, tools=False)
    with parts.verdict:
        for run in runs:
            st.html(verdict_html(run))
    if len(runs) == 1:
        with parts.curves:
            player.curves(state, runs)


def _step(state: InspectorState, some: Outcomes, order: np.ndarray, at: int, by: int) -> None:
    """To the next puzzle of the selection, or back."""
    there = at + by
    index = int(some.index_N[order[there]]) if 0 <= there < len(order) else None
    st.button(
        "Next" if by > 0 else "Previous",
        key=state.key("open_next" if by > 0 else "open_before"),
        icon=":material/arrow_forward:" if by > 0 else ":material/arrow_back:",
        on_click=lambda: setattr(state, "row", index),
        disabled=index is None,
        shortcut="n" if by > 0 else "p",
    )


def _run(outcomes: Outcomes, row: int) -> PageRun:
    """The puzzle asked again by the model of the outcomes, as it was asked there."""
    chosen = outcomes.domain
    if outcomes.checkpoint not in known_cards():
        raise CheckpointError(
            f"that takes the model {outcomes.checkpoint}, which is neither bundled nor opened here"
        )
    question_RC, solution_RC = chosen.board(
        np.stack([outcomes.question_NL[row], outcomes.solution_NL[row]])
    )
    settings = Settings(steps=outcomes.most_steps, stop=outcomes.stop)
    trace: Trace = asked_again(
        outcomes.checkpoint,
        outcomes.domain_name,
        question_RC.tobytes(),
        settings,
        solution_RC,
        visitor(),
    )
    trace_id = f"inspect-{outcomes.checkpoint}-{settings.steps}-{settings.stop}-" + chosen.format(
        question_RC
    )
    asked = f"{outcomes.checkpoint}, up to {counted(outcomes.most_steps, 'step')}"
    return PageRun(trace, trace_id, False, asked, trace_id)


def _story(some: Outcomes, row: int) -> str:
    """What is known of the puzzle beside its solve."""
    rules = some.domain.rules
    told = []
    if not np.isnan(some.rating_N[row]):
        told.append(f"{some.rating_N[row]:g} {rules.rated_by}")
    told.append(counted(int(some.givens_N[row]), "cell") + " given")
    first, lost = int(some.first_right_N[row]), int(some.lost_at_N[row])
    if first:
        told.append(f"right from step {first}" + (f", lost again in step {lost}" if lost else ""))
    if some.strayed_at_N[row]:
        r, c = divmod(int(some.strayed_cell_N[row]), some.domain.cols)
        how = "by a wrong guess" if some.strayed_by_guess_N[row] else "by striking it"
        told.append(
            f"lost the first true candidate in step {some.strayed_at_N[row]} {how} (row {r + 1}, column {c + 1})"
        )
    return "; ".join(told) + "."
