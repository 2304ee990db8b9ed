"""Fresh puzzles for a puzzle page: how hard, which seed, and a button for the next one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared import caches, question
from trm_core.domains import Domain, domain, visitor_rng
from trm_core.readers.upload import Upload, read_text

DIFFICULTIES = {
    "easy": "Easy",
    "medium": "Medium",
    "mixed": "Mixed",
    "minimal": "Fewest clues",
    "hard": "Hard",
    "extreme": "Extreme",
    "corridors": "Corridors",
    "loops": "Corridors with loops",
    "walls": "Random walls",
    "rooms": "Open rooms",
    "ties": "Random walls, several ways",
}


def solve_new(key: str) -> None:
    """One button that makes the next puzzle and solves it."""
    st.button(
        "Solve a new puzzle",
        on_click=new_puzzle,
        args=(key, 1, True),
        icon=":material/casino:",
        help="A fresh puzzle of the chosen size and difficulty, solved at once.",
    )


def choose(
    key: str, chosen: Domain, difficulty_label: str, difficulty_help: str, seed_help: str
) -> None:
    """Difficulty and seed; a change of either puts that puzzle on the page."""
    level, seed, make = st.columns([7, 4, 6], vertical_alignment="bottom")
    level.selectbox(
        difficulty_label,
        chosen.maker.difficulties,
        index=chosen.maker.difficulties.index("mixed"),
        format_func=DIFFICULTIES.get,
        key=f"{key}_difficulty",
        on_change=new_puzzle,
        args=(key,),
        help=difficulty_help,
        persist_state="session",
    )
    seed.number_input(
        "Seed",
        0,
        10**9,
        step=1,
        key=f"{key}_seed",
        on_change=new_puzzle,
        args=(key,),
        help=seed_help,
        persist_state="session",
    )
    make.button("New puzzle", on_click=new_puzzle, args=(key, 1), width="stretch")


def choose_example(
    key: str, examples: Mapping[str, str], on_found: Callable[[Upload], None]
) -> None:
    """Puzzles with a name, one click each; `on_found` puts the clicked one on the page."""

    def open_example() -> None:
        name = st.session_state[f"{key}_example"]
        st.session_state[f"{key}_example"] = None  # the same one can be clicked again
        if name is not None:
            on_found(read_text(examples[name], domain(st.session_state[f"{key}_size"])))

    st.pills("Or open one of these", list(examples), key=f"{key}_example", on_change=open_example)


def new_puzzle(key: str, further: int = 0, solve: bool = False) -> None:
    """Put the seed's puzzle, or one `further` seeds on, on the page."""
    chosen = domain(st.session_state[f"{key}_size"])
    st.session_state[f"{key}_seed"] += further
    seed = st.session_state[f"{key}_seed"]
    difficulty = st.session_state.get(f"{key}_difficulty", "mixed")
    if difficulty not in chosen.maker.difficulties:  # of another size
        difficulty = "mixed"
    # An extreme Sudoku takes seconds to make, so there is a file of them.
    kept = caches.bundled_puzzles(chosen.name) if difficulty == "extreme" else ()
    if kept:
        puzzle = kept[(seed - 1) % len(kept)]
    else:
        puzzle = chosen.maker.generate(visitor_rng(seed), difficulty)
    question.replace(key, chosen.format(puzzle.question_RC))
    if solve:
        st.session_state[f"{key}_ask"] = {}
