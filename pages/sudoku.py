"""Sudoku: choose or paste a puzzle, let the model solve it, watch every step."""

import streamlit as st

from pages.shared import caches, frame, model_card, player, solving, tries
from trm_core.domains import domain, visitor_rng

KEY = "sudoku"
SIZES = {"sudoku-4x4": "4 × 4", "sudoku-6x6": "6 × 6", "sudoku-9x9": "9 × 9"}
DIFFICULTIES = {
    "easy": "Easy",
    "medium": "Medium",
    "mixed": "Mixed",
    "minimal": "Fewest clues",
    "hard": "Hard (guessing)",
    "extreme": "Extreme",
}

frame.open_page(
    "Sudoku",
    "A tiny network guesses every cell at once, then corrects itself. Watch it think.",
)


def new_puzzle(further: int = 0, solve: bool = False) -> None:
    """Put the seed's puzzle, or one `further` seeds on, into the text box."""
    chosen = domain(st.session_state.sudoku_size)
    st.session_state.sudoku_seed += further
    seed, difficulty = st.session_state.sudoku_seed, st.session_state.sudoku_difficulty
    # An extreme puzzle takes seconds to make, so there is a file of them.
    kept = caches.bundled_puzzles(chosen.name) if difficulty == "extreme" else ()
    if kept:
        puzzle = kept[(seed - 1) % len(kept)]
    else:
        puzzle = chosen.generate(visitor_rng(seed), difficulty)
    st.session_state.sudoku_text = chosen.format(puzzle.question_RC)
    if solve:
        st.session_state.sudoku_ask = {}


def change_size() -> None:
    """Open the size as it was left, or with its recorded puzzle."""
    size = st.session_state.sudoku_size
    run = solving.recorded_run(size)
    text = run.trace.domain.format(run.trace.question_board) if run else ""
    opening = {"text": text, "run": run, "tries": [run] if run else []}
    left = st.session_state.setdefault("sudoku_left", {}).get(size, opening)
    st.session_state.update({f"sudoku_{name}": value for name, value in left.items()})


if "sudoku_run" not in st.session_state:
    st.session_state.sudoku_size = "sudoku-9x9"
    st.session_state.sudoku_seed = 1
    change_size()

board_column, control_column = st.columns(2, gap="large")

with board_column:
    st.button(
        "Solve a new puzzle",
        on_click=new_puzzle,
        args=(1, True),
        icon=":material/casino:",
        help="A fresh puzzle of the chosen size and difficulty, solved at once.",
    )

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
    level, seed, make = st.columns([7, 4, 6], vertical_alignment="bottom")
    level.selectbox(
        "Difficulty",
        chosen.difficulties,
        index=chosen.difficulties.index("mixed"),
        format_func=DIFFICULTIES.get,
        key="sudoku_difficulty",
        on_change=new_puzzle,
        persist_state="session",
    )
    seed.number_input(
        "Seed",
        0,
        10**9,
        step=1,
        key="sudoku_seed",
        on_change=new_puzzle,
        help="The same seed gives the same puzzle. Extreme ones are a bundled set of 500, ordered "
        "by how often an exact search has to guess: seed 1 needs 10 guesses, seed 500 needs 60.",
        persist_state="session",
    )
    make.button("New puzzle", on_click=new_puzzle, args=(1,), width="stretch")
    st.text_area(
        "The puzzle: edit it or paste yours",
        key="sudoku_text",
        height=92,
        help="One line, several lines, CSV, a drawn grid, or a SudokuWiki or SudokuExchange link. "
        "0 . * _ stand for empty cells.",
        persist_state="session",
    )
    board_RC = solving.read_question(chosen, st.session_state.sudoku_text)
    ready, solution_RC = (
        (False, None) if board_RC is None else solving.check_question(chosen, board_RC)
    )
    settings = solving.settings_form(KEY, chosen)
    pressed = st.button("Solve", type="primary", disabled=not ready, width="stretch")
    ask = st.session_state.pop("sudoku_ask", {} if pressed else None)
    if ready and ask is not None:
        new_run = solving.solve_on_page(chosen, board_RC, solution_RC, settings | ask)
        if new_run is not None:
            tries.add(KEY, new_run)
    run = st.session_state.sudoku_run
    fits = run is not None and board_RC is not None and run.is_of(chosen, board_RC)
    if fits:
        solving.show_verdict(run)
        tries.ask_again(KEY, run)
        tries.compare(KEY)
        clock = player.clock_choice(KEY)

with board_column:
    if fits:
        player.play(run.trace, run.trace_id, KEY, clock, autoplay=True)
    else:
        player.show_question(chosen, board_RC, ready, KEY)
    st.session_state.sudoku_left[chosen.name] = {
        name: st.session_state[f"sudoku_{name}"] for name in ("text", "run", "tries")
    }

if fits:
    model_card.show(run.trace.checkpoint)
