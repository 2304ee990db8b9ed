"""Latin squares: what the page of a puzzle added as README says looks like."""

from collections.abc import Callable

import streamlit as st

from pages.puzzle.page import PuzzlePage, show
from pages.stage.state import PageState


def choose_size(state: PageState, changed: Callable[[], None]) -> None:
    sizes = ["latin-3x3", "latin-4x4"]
    st.segmented_control("Size", sizes, required=True, key=state.key("size"), on_change=changed)


show(
    PuzzlePage(
        name="latin",
        title="Latin squares",
        opening="latin-3x3",
        is_ours=lambda domain: domain.name.startswith("latin-"),
        takes="Latin squares of 3 × 3 and 4 × 4 cells",
        choose_size=choose_size,
        example="1...2....",
        difficulty_label="Difficulty",
        difficulty_help="Full has more clues.",
        seed_help="The same seed gives the same square.",
    )
)
