"""Sudoku: choose or paste a puzzle, let the model solve it, watch every step."""

from collections.abc import Callable

import streamlit as st

from pages.puzzle.page import PuzzlePage, show
from pages.stage.state import PageState
from trm_core.domains import Domain

SIZES = {"sudoku-4x4": "4 × 4", "sudoku-6x6": "6 × 6", "sudoku-9x9": "9 × 9"}


def is_ours(domain: Domain) -> bool:
    return domain.name in SIZES


def choose_size(state: PageState, changed: Callable[[], None]) -> None:
    st.segmented_control(
        "Size",
        list(SIZES),
        format_func=SIZES.get,
        required=True,
        key=state.key("size"),
        on_change=changed,
        persist_state="session",
    )


show(
    PuzzlePage(
        name="sudoku",
        title="Sudoku",
        opening="sudoku-9x9",
        is_ours=is_ours,
        takes="Sudokus of 4 × 4, 6 × 6 and 9 × 9 cells",
        choose_size=choose_size,
        example="53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
        difficulty_label="Difficulty",
        difficulty_help="Easy and medium need no guessing. Mixed has a few spare clues; fewest "
        "clues has none to spare; hard needs guesses. Extreme (9 × 9 only) needs many.",
        seed_help="The same seed gives the same puzzle. Extreme ones are a bundled set of 500, "
        "ordered by how often an exact search has to guess: seed 1 needs 10 guesses, seed 500 "
        "needs 60.",
    )
)
