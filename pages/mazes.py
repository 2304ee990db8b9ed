"""Mazes: draw walls, start and goal, let the model find the way, watch the path appear."""

from collections.abc import Callable

import streamlit as st

from pages.models.known import largest_canvas
from pages.puzzle.page import PuzzlePage, show
from pages.stage.state import PageState
from trm_core.domains import Domain, Maze
from trm_core.domains.maze.domain import LEAST


def is_ours(domain: Domain) -> bool:
    return isinstance(domain, Maze) and max(domain.rows, domain.cols) <= largest()


def largest() -> int:
    """Cells a side that a bundled model can read."""
    return largest_canvas("maze-")


def choose_size(state: PageState, changed: Callable[[], None]) -> None:
    """Rows and columns; any size that a bundled model's canvas holds."""

    def resized() -> None:
        state.size = f"maze-{state.rows}x{state.cols}"
        changed()

    state.rows, state.cols = state.domain.rows, state.domain.cols
    for column, name, label in zip(
        st.columns(2), ("rows", "cols"), ("Rows", "Columns"), strict=True
    ):
        key = state.key(name)
        column.number_input(label, LEAST, largest(), step=1, key=key, on_change=resized)


show(
    PuzzlePage(
        name="mazes",
        title="Mazes",
        opening="maze-13x13",
        is_ours=is_ours,
        takes=f"mazes of {LEAST} to {largest()} rows and columns",
        choose_size=choose_size,
        example="#########\n#S..#...#\n###.#.#.#\n#...#.#.#\n#.###.#.#\n#.....#G#\n#########",
        difficulty_label="Kind",
        difficulty_help="Corridors: exactly one way between any two places. Loops: corridors that "
        "meet again. Random walls: 30 to 50 % of the cells. Mixed: any of these, also smaller. "
        "Several ways: random walls, and more than one shortest path. Hard, on 30 × 30: as in the "
        "published Maze-Hard set, with a path of over 110 cells. Open rooms: no model trained on "
        "such.",
        seed_help="The same seed gives the same maze.",
        examples="mazes.json",
        recorded_kinds={"maze-30x30": "hard"},
        again=True,
    )
)
