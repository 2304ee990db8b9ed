"""A puzzle page, the same for every kind of puzzle: the question, the solve, what it shows.

A page says what is its own in a `PuzzlePage`; everything else is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import (
    caches,
    frame,
    generator,
    keep,
    lens,
    link,
    model_card,
    player,
    question,
    solving,
    tries,
)
from pages.shared.state import PageState
from trm_core.domains import Domain, PuzzleError
from trm_core.readers.upload import Upload
from trm_core.record.trace import Trace


@dataclass(frozen=True, kw_only=True)
class PuzzlePage:
    """What one kind of puzzle has of its own."""

    name: str  # that all its widgets' names begin with
    title: str
    sentence: str
    opening: str  # name of the domain it opens with
    is_ours: Callable[[Domain], bool]  # which domains belong here
    takes: str  # ... in words
    choose_size: Callable[[PageState, Callable[[], None]], None]  # sets the size, then calls
    example: str  # of a puzzle as text
    text_help: str
    difficulty_label: str
    difficulty_help: str
    seed_help: str
    examples: str = ""  # file of puzzles with a name, under assets/puzzles
    # By domain: the difficulty of the recorded puzzle, where it is not the usual one.
    recorded_kinds: Mapping[str, str] = field(default_factory=dict)
    again: bool = False  # whether a change of a solved puzzle is solved at once


def show(page: PuzzlePage) -> None:
    """The whole page."""
    state = PageState(page.name)
    frame.open_page(page.title, page.sentence)
    if not state.opened:
        state.size = page.opening
        _change_size(page, state)
    link.open_link(state, page.is_ours, lambda: _change_size(page, state))
    link.say_ignored(state)

    side_by_side = st.container()
    board_column, control_column = st.columns(2, gap="large")
    with board_column:
        generator.solve_new(state)
        stage = st.empty()
    with control_column:
        page.choose_size(state, lambda: _change_size(page, state))
        chosen = state.domain
        generator.choose(state, chosen, page.difficulty_label, page.difficulty_help, page.seed_help)
        on_found = partial(_open, page, state)
        if page.examples:
            generator.choose_example(state, caches.examples(page.examples), on_found)
        asked = question.ask(state, chosen, on_found)
        outcome = st.container()
        question.other_ways_in(state, chosen, on_found, page.example, page.text_help)
        ask = solving.settings_form(state, chosen)
    with outcome:
        run = _solve(page, state, chosen, asked, ask, stage)
        if run is not None:
            state.add_try(run)
        run, other = state.run, None
        fits = run is not None and asked.board_RC is not None and run.is_of(chosen, asked.board_RC)
        if fits:
            solving.show_verdict(run)
            tries.ask_again(state, run)
            tries.compare(state)
            other = tries.beside(state)
            clock = player.clock_choice(state)
            player.mark_choice(state)
            lens.lens(state, run)
    with board_column:
        if not fits:
            player.show_question(chosen, asked.board_RC, asked.ready, state)
        elif other is None:
            solve = (run.trace, run.trace_id, run.asked)
            player.play([solve], state, clock, frame=state.frame, link=True)
        else:
            st.caption("Both solves are above, side by side and in step.")
        state.leave()

    if fits and other is not None:
        with side_by_side:
            pair = [(each.trace, each.trace_id, each.asked) for each in (run, other)]
            player.play(pair, state, clock)
    if fits:
        keep.keep(state, run, clock)
        model_card.show(run.trace.checkpoint)
    shown = run.ask if fits and run.ask else ask
    link.write_link(state, chosen, asked.board_RC, shown, fits)
    caches.warm()


def _solve(
    page: PuzzlePage,
    state: PageState,
    chosen: Domain,
    asked: question.Question,
    ask: solving.Ask,
    stage: DeltaGenerator,
) -> solving.PageRun | None:
    """The solve that this run of the page is for, if it is for one."""
    pressed = st.button(
        "Solve",
        type="primary",
        disabled=not asked.ready,
        on_click=question.accept,
        args=(state,),
        width="stretch",
    )
    stopped = solving.stopped_on_page(state)
    drawn, change = state.take("drawn"), state.take("ask")
    if change is None and (pressed or (page.again and drawn and state.run is not None)):
        change = {}
    if not asked.ready or change is None:
        return stopped
    ask = replace(ask, settings=replace(ask.settings, **change))
    return solving.solve_on_page(state, chosen, asked.board_RC, asked.solution_RC, ask, stage)


def _change_size(page: PuzzlePage, state: PageState) -> None:
    """Open the size as it was left, with its recorded puzzle, or with a fresh one."""
    left = state.left.get(state.size)
    if left is None:
        run = solving.recorded_run(state.size)
        text = run.trace.domain.format(run.trace.question_board) if run else ""
        left = {"text": text, "run": run, "tries": [run] if run else []}
        if run and state.size in page.recorded_kinds:
            left["difficulty"] = page.recorded_kinds[state.size]
    for name, value in left.items():
        setattr(state, name, value)
    if state.difficulty not in state.domain.maker.difficulties:
        state.difficulty = state.domain.maker.usual
    if state.text:
        question.replace(state, state.text)
    else:
        generator.new_puzzle(state)


def _open(page: PuzzlePage, state: PageState, found: Upload | Trace) -> None:
    """Put what a text or file held on the page: a question, or a whole solve to watch."""
    chosen = found.domain
    if not page.is_ours(chosen):
        raise PuzzleError(f"this is a {chosen.title}; this page takes {page.takes}")
    if chosen.name != state.size:
        state.size = chosen.name
        _change_size(page, state)
    board_RC = found.question_board if isinstance(found, Trace) else found.board_RC
    question.replace(state, chosen.format(board_RC))
    if isinstance(found, Trace):
        state.add_try(solving.loaded_run(found))
