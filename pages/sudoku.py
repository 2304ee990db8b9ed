"""Sudoku: choose or paste a puzzle, let the model solve it, watch every step."""

import numpy as np
import streamlit as st

from pages.shared import caches, frame, player, solving
from trm_core.domains import PuzzleError, domain

KEY = "sudoku"
SIZES = {"sudoku-4x4": "4 × 4", "sudoku-6x6": "6 × 6", "sudoku-9x9": "9 × 9"}
DIFFICULTIES = {
    "easy": "Easy",
    "medium": "Medium",
    "mixed": "Mixed",
    "minimal": "No spare clue",
    "hard": "Guessing",
    "extreme": "Extreme",
}

frame.open_page(
    "Sudoku",
    "A network of a few hundred thousand numbers guesses every cell at once, "
    "then corrects itself, again and again. Watch it think.",
)


def new_puzzle() -> None:
    """Put a fresh puzzle into the text box; the seed makes it repeatable."""
    chosen = domain(st.session_state.sudoku_size)
    rng = np.random.default_rng(st.session_state.sudoku_seed)
    puzzle = chosen.generate(rng, st.session_state.sudoku_difficulty)
    st.session_state.sudoku_text = chosen.format(puzzle.question_RC)
    st.session_state.sudoku_seed += 1


def change_size() -> None:
    """Open the size with its recorded puzzle."""
    run = solving.recorded_run(st.session_state.sudoku_size)
    st.session_state.sudoku_run = run
    st.session_state.sudoku_text = run.trace.domain.format(run.trace.question_board) if run else ""


def read_question(text: str):
    """The board in the text box, or None with the problem said beside it."""
    try:
        return chosen.parse(text)
    except PuzzleError as error:
        st.error(str(error), icon=":material/edit:")
        return None


def check_question(board_RC: np.ndarray) -> tuple[bool, np.ndarray | None]:
    """Say what is wrong with the question; whether it can be solved, and its only solution."""
    broken = chosen.violations(board_RC)
    if broken:
        reasons = "; ".join(violation.reason for violation in broken[:3])
        st.error(f"The givens clash: {reasons}. They are outlined.", icon=":material/warning:")
        return False, None
    found = caches.solutions(chosen.name, board_RC.tobytes())
    if len(found) == 1:
        st.caption(f":material/check: {int((board_RC > 0).sum())} givens, exactly one solution")
        return True, found[0]
    if not found:
        st.warning("This puzzle has no solution. The model will try all the same.")
    else:
        st.info("This puzzle has several solutions; the model may find any, or mix them.")
    return True, None


if "sudoku_size" not in st.session_state:
    st.session_state.sudoku_size = "sudoku-9x9"
    st.session_state.sudoku_seed = 1
    change_size()

board_column, control_column = st.columns([3, 2], gap="large")

with control_column:
    st.segmented_control(
        "Size",
        list(SIZES),
        format_func=SIZES.get,
        required=True,
        key="sudoku_size",
        on_change=change_size,
    )
    chosen = domain(st.session_state.sudoku_size)
    level, seed, make = st.columns([7, 4, 6], vertical_alignment="bottom")
    level.selectbox(
        "Difficulty",
        chosen.difficulties,
        index=chosen.difficulties.index("minimal"),
        format_func=DIFFICULTIES.get,
        key="sudoku_difficulty",
    )
    seed.number_input(
        "Seed", 0, 10**9, step=1, key="sudoku_seed", help="The same seed gives the same puzzle."
    )
    make.button("New puzzle", on_click=new_puzzle, icon=":material/casino:", width="stretch")
    st.text_area(
        "Or paste one",
        key="sudoku_text",
        height=92,
        help="One line, several lines, CSV, a drawn grid, or a SudokuWiki or SudokuExchange link. "
        "0 . * _ stand for empty cells.",
    )
    board_RC = read_question(st.session_state.sudoku_text)
    ready, solution_RC = (False, None) if board_RC is None else check_question(board_RC)
    settings = solving.settings_form(KEY)
    pressed = st.button(
        "Solve", type="primary", disabled=not ready, width="stretch", icon=":material/play_arrow:"
    )
    if pressed and ready:
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
        shown_RC = np.zeros((chosen.rows, chosen.cols), np.uint8) if board_RC is None else board_RC
        st.container(height=40, border=False)
        player.show(
            caches.question_board(chosen.name, shown_RC.tobytes(), frame.is_dark()),
            "sudoku_question",
        )
        frame.legend()
