"""Sudoku: choose or paste a puzzle, let the model solve it, watch every step."""

import numpy as np
import streamlit as st

from pages.shared import caches, frame, player, solving
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
    rng = visitor_rng(st.session_state.sudoku_seed)
    puzzle = chosen.generate(rng, st.session_state.sudoku_difficulty)
    st.session_state.sudoku_text = chosen.format(puzzle.question_RC)
    st.session_state.sudoku_solve_now = solve


def change_size() -> None:
    """Open the size as it was left, or with its recorded puzzle."""
    size = st.session_state.sudoku_size
    run = solving.recorded_run(size)
    text = run.trace.domain.format(run.trace.question_board) if run else ""
    left = st.session_state.setdefault("sudoku_left", {}).get(size, (text, run))
    st.session_state.sudoku_text, st.session_state.sudoku_run = left


def unsolved_board(board_RC: np.ndarray | None, ready: bool) -> tuple[np.ndarray, str]:
    """What stands in the board's place before a solve, and the note under it."""
    if board_RC is None:
        empty_RC = np.zeros((chosen.rows, chosen.cols), np.uint8)
        kept_RC = st.session_state.get("sudoku_kept", empty_RC)
        fits = kept_RC.shape == empty_RC.shape
        return (kept_RC if fits else empty_RC), "The puzzle's text has to be mended first."
    if not ready:
        return board_RC, "The outlined cells have to be mended first."
    return board_RC, "Press Solve: what the model does at every step appears here."


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
        help="The same seed gives the same puzzle.",
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
    settings = solving.settings_form(KEY)
    pressed = st.button("Solve", type="primary", disabled=not ready, width="stretch")
    if ready and (pressed or st.session_state.pop("sudoku_solve_now", False)):
        new_run = solving.solve_on_page(chosen, board_RC, solution_RC, settings)
        st.session_state.sudoku_run = new_run or st.session_state.sudoku_run
    run = st.session_state.sudoku_run
    fits = run is not None and board_RC is not None and run.is_of(chosen, board_RC)
    if fits:
        solving.show_verdict(run)
        clock = player.clock_choice(KEY)

with board_column:
    if fits:
        player.play(run.trace, run.trace_id, KEY, clock, autoplay=True)
    else:
        shown_RC, note = unsolved_board(board_RC, ready)
        frame.legend()
        st.container(height=40, border=False)  # the player's place, so that nothing jumps
        figure = caches.question_board(chosen.name, shown_RC.tobytes(), note, frame.is_dark())
        player.show(figure, "sudoku_question")
    if board_RC is not None:
        st.session_state.sudoku_kept = board_RC
    st.session_state.sudoku_left[chosen.name] = (st.session_state.sudoku_text, run)
