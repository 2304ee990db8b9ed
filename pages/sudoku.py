"""Sudoku: choose or paste a puzzle, let the model solve it, watch every step."""

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
from trm_core.domains import domain
from trm_core.trace import Trace
from trm_core.upload import Upload

KEY = "sudoku"
SIZES = {"sudoku-4x4": "4 × 4", "sudoku-6x6": "6 × 6", "sudoku-9x9": "9 × 9"}
frame.open_page(
    "Sudoku",
    "A tiny network guesses every cell at once, then corrects itself. Watch it think.",
)


def change_size() -> None:
    """Open the size as it was left, or with its recorded puzzle."""
    size = st.session_state.sudoku_size
    run = solving.recorded_run(size)
    text = run.trace.domain.format(run.trace.question_board) if run else ""
    opening = {"text": text, "run": run, "tries": [run] if run else []}
    left = st.session_state.setdefault("sudoku_left", {}).get(size, opening)
    st.session_state.update({f"sudoku_{name}": value for name, value in left.items()})
    question.replace(KEY, left["text"])


def open_file(found: Upload | Trace) -> None:
    """Put what a file held on the page: a question, or a whole solve to watch."""
    chosen = found.domain
    if chosen.name != st.session_state.sudoku_size:
        st.session_state.sudoku_size = chosen.name
        change_size()
    board_RC = found.question_board if isinstance(found, Trace) else found.board_RC
    question.replace(KEY, chosen.format(board_RC))
    if isinstance(found, Trace):
        tries.add(KEY, solving.loaded_run(found))


if "sudoku_run" not in st.session_state:
    st.session_state.sudoku_size = "sudoku-9x9"
    st.session_state.sudoku_seed = 1
    change_size()
link.open_link(KEY, list(SIZES), change_size)
link.say_ignored(KEY)

side_by_side = st.container()
board_column, control_column = st.columns(2, gap="large")

with board_column:
    generator.solve_new(KEY)
    stage = st.empty()

with control_column:
    st.segmented_control(
        "Size",
        list(SIZES),
        format_func=SIZES.get,
        required=True,
        key="sudoku_size",
        on_change=change_size,
        persist_state="session",
    )
    chosen = domain(st.session_state.sudoku_size)
    generator.choose(KEY, chosen)
    asked = question.ask(KEY, chosen)
    outcome = st.container()
    question.other_ways_in(KEY, chosen, open_file)
    settings = solving.settings_form(KEY, chosen)

with outcome:
    pressed = st.button(
        "Solve",
        type="primary",
        disabled=not asked.ready,
        on_click=question.accept,
        args=(KEY,),
        width="stretch",
    )
    new_run = solving.stopped_on_page(KEY)
    change = st.session_state.pop("sudoku_ask", {} if pressed else None)
    if asked.ready and change is not None:
        new_run = solving.solve_on_page(
            KEY, chosen, asked.board_RC, asked.solution_RC, settings | change, stage
        )
    if new_run is not None:
        tries.add(KEY, new_run)
    run = st.session_state.sudoku_run
    fits = run is not None and asked.board_RC is not None and run.is_of(chosen, asked.board_RC)
    if fits:
        solving.show_verdict(run)
        tries.ask_again(KEY, run)
        tries.compare(KEY)
        other = tries.beside(KEY)
        clock = player.clock_choice(KEY)
        player.mark_choice(KEY)
        lens.lens(KEY, run)

with board_column:
    if not fits:
        player.show_question(chosen, asked.board_RC, asked.ready, KEY)
    elif other is None:
        frame_number = st.session_state.get("sudoku_frame")
        player.play(run.trace, run.trace_id, KEY, clock, frame=frame_number, link=True)
    else:
        st.caption("Both solves are above, side by side and in step.")
    st.session_state.sudoku_left[chosen.name] = {
        name: st.session_state[f"sudoku_{name}"] for name in ("text", "run", "tries")
    }

if fits and other is not None:
    pair = [(each.trace, each.trace_id, each.asked) for each in (run, other)]
    with side_by_side:
        player.play_two(pair, KEY, clock)
if fits:
    keep.keep(KEY, run, clock)
    model_card.show(run.trace.checkpoint)
shown = run.settings if fits and run.settings else settings
link.write_link(KEY, chosen, asked.board_RC, shown, fits)
caches.warm()
