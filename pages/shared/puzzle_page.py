"""A puzzle page, the same for every kind of puzzle: the question, the solve, what it shows.

A page says what is its own in a `PuzzlePage`; everything else is here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

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
from trm_core.domains import Domain, PuzzleError, domain
from trm_core.readers.upload import Upload
from trm_core.record.trace import Trace


@dataclass(frozen=True, kw_only=True)
class PuzzlePage:
    """What one kind of puzzle has of its own."""

    key: str  # that all its widgets' names begin with
    title: str
    sentence: str
    opening: str  # name of the domain it opens with
    is_ours: Callable[[Domain], bool]  # which domains belong here
    takes: str  # ... in words
    choose_size: Callable[[str, Callable[[], None]], None]  # widgets that set KEY_size, then call
    example: str  # of a puzzle as text
    text_help: str
    difficulty_label: str
    difficulty_help: str
    seed_help: str
    examples: str = ""  # file of puzzles with a name, under assets/puzzles
    again: bool = False  # whether a change of a solved puzzle is solved at once


def show(page: PuzzlePage) -> None:
    """The whole page."""
    key = page.key
    frame.open_page(page.title, page.sentence)
    if f"{key}_run" not in st.session_state:
        st.session_state[f"{key}_size"] = page.opening
        st.session_state[f"{key}_seed"] = 1
        _change_size(page)
    link.open_link(key, page.is_ours, lambda: _change_size(page))
    link.say_ignored(key)

    side_by_side = st.container()
    board_column, control_column = st.columns(2, gap="large")
    with board_column:
        generator.solve_new(key)
        stage = st.empty()
    with control_column:
        page.choose_size(key, lambda: _change_size(page))
        chosen = domain(st.session_state[f"{key}_size"])
        generator.choose(key, chosen, page.difficulty_label, page.difficulty_help, page.seed_help)
        on_found = partial(_open, page)
        if page.examples:
            generator.choose_example(key, caches.examples(page.examples), on_found)
        asked = question.ask(key, chosen, on_found)
        outcome = st.container()
        question.other_ways_in(key, chosen, on_found, page.example, page.text_help)
        settings = solving.settings_form(key, chosen)

    with outcome:
        new_run = _solve(page, chosen, asked, settings, stage)
        if new_run is not None:
            tries.add(key, new_run)
        run = st.session_state[f"{key}_run"]
        fits = run is not None and asked.board_RC is not None and run.is_of(chosen, asked.board_RC)
        if fits:
            solving.show_verdict(run)
            tries.ask_again(key, run)
            tries.compare(key)
            other = tries.beside(key)
            clock = player.clock_choice(key)
            player.mark_choice(key)
            lens.lens(key, run)
    with board_column:
        if not fits:
            player.show_question(chosen, asked.board_RC, asked.ready, key)
        elif other is None:
            frame_number = st.session_state.get(f"{key}_frame")
            player.play(run.trace, run.trace_id, key, clock, frame=frame_number, link=True)
        else:
            st.caption("Both solves are above, side by side and in step.")
        st.session_state[f"{key}_left"][chosen.name] = {
            name: st.session_state[f"{key}_{name}"] for name in ("text", "run", "tries")
        }

    if fits and other is not None:
        pair = [(each.trace, each.trace_id, each.asked) for each in (run, other)]
        with side_by_side:
            player.play_two(pair, key, clock)
    if fits:
        keep.keep(key, run, clock)
        model_card.show(run.trace.checkpoint)
    shown = run.settings if fits and run.settings else settings
    link.write_link(key, chosen, asked.board_RC, shown, fits)
    caches.warm()


def _solve(
    page: PuzzlePage,
    chosen: Domain,
    asked: question.Question,
    settings: dict,
    stage,
) -> solving.PageRun | None:
    """The solve that this run of the page is for, if it is for one."""
    key = page.key
    pressed = st.button(
        "Solve",
        type="primary",
        disabled=not asked.ready,
        on_click=question.accept,
        args=(key,),
        width="stretch",
    )
    stopped = solving.stopped_on_page(key)
    drawn = st.session_state.pop(f"{key}_just_drawn", False)
    solved_before = st.session_state[f"{key}_run"] is not None
    wanted = pressed or (page.again and drawn and solved_before)
    change = st.session_state.pop(f"{key}_ask", {} if wanted else None)
    if not asked.ready or change is None:
        return stopped
    return solving.solve_on_page(
        key, chosen, asked.board_RC, asked.solution_RC, settings | change, stage
    )


def _change_size(page: PuzzlePage) -> None:
    """Open the size as it was left, with its recorded puzzle, or with a fresh one."""
    key, size = page.key, st.session_state[f"{page.key}_size"]
    left = st.session_state.setdefault(f"{key}_left", {}).get(size)
    if left is None:
        run = solving.recorded_run(size)
        text = run.trace.domain.format(run.trace.question_board) if run else ""
        left = {"text": text, "run": run, "tries": [run] if run else []}
    st.session_state.update({f"{key}_{name}": value for name, value in left.items()})
    if left["text"]:
        question.replace(key, left["text"])
    else:
        generator.new_puzzle(key)


def _open(page: PuzzlePage, found: Upload | Trace) -> None:
    """Put what a text or file held on the page: a question, or a whole solve to watch."""
    key, chosen = page.key, found.domain
    if not page.is_ours(chosen):
        raise PuzzleError(f"this is a {chosen.title}; this page takes {page.takes}")
    if chosen.name != st.session_state[f"{key}_size"]:
        st.session_state[f"{key}_size"] = chosen.name
        _change_size(page)
    board_RC = found.question_board if isinstance(found, Trace) else found.board_RC
    question.replace(key, chosen.format(board_RC))
    if isinstance(found, Trace):
        tries.add(key, solving.loaded_run(found))
