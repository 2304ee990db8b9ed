"""Fresh puzzles for a puzzle page: how hard, which seed, and a button for the next one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import streamlit as st

from pages.puzzle import question
from pages.puzzle.state import PuzzleState
from pages.stage.caches import bundled_puzzles
from pages.stage.frame import ASSETS
from trm_core.domains import Domain, visitor_rng
from trm_core.readers.upload import Upload, read_text

# Names of difficulties where the word itself doesn't say enough.
DIFFICULTIES = {
    "minimal": "Fewest clues",
    "loops": "Corridors with loops",
    "walls": "Random walls",
    "rooms": "Open rooms",
    "ties": "Random walls, several ways",
}
FILED = "extreme"  # the difficulty that takes seconds to make, so that there is a file of them


def next_puzzle(state: PuzzleState) -> None:
    """One button that puts the next puzzle of the chosen kind on the stage."""
    st.button(
        "New puzzle",
        key=state.key("next"),
        icon=":material/casino:",
        on_click=new_puzzle,
        args=(state, 1),
        help="A fresh puzzle of the kind chosen beside this button.",
    )


def kind_words(state: PuzzleState) -> str:
    """The kind of puzzle that a new one will be of, in a word or two."""
    name = state.difficulty
    return DIFFICULTIES.get(name, name.capitalize())


def choose(
    state: PuzzleState, chosen: Domain, difficulty_label: str, difficulty_help: str, seed_help: str
) -> None:
    """Difficulty and seed; a change of either puts that puzzle on the page."""
    st.selectbox(
        difficulty_label,
        chosen.maker.difficulties,
        format_func=lambda name: DIFFICULTIES.get(name, name.capitalize()),
        key=state.key("difficulty"),
        on_change=new_puzzle,
        args=(state,),
        help=difficulty_help,
        persist_state="session",
    )
    st.number_input(
        "Seed",
        0,
        10**9,
        step=1,
        key=state.widget("seed"),
        on_change=new_puzzle,
        args=(state,),
        help=seed_help,
        persist_state="session",
    )
    if state.text and state.text != state.made:
        st.caption("The puzzle on the page is not from this seed. A new one will be of this kind.")


def choose_example(
    state: PuzzleState, examples: Mapping[str, str], on_found: Callable[[Upload], None]
) -> None:
    """Puzzles with a name, one click each; `on_found` puts the clicked one on the page."""

    def open_example() -> None:
        name, state.example = state.example, None  # the same one can be clicked again
        if name is not None:
            on_found(read_text(examples[name], state.domain))

    st.pills(
        "Or open one of these", list(examples), key=state.key("example"), on_change=open_example
    )


def new_puzzle(state: PuzzleState, further: int = 0) -> None:
    """Put the seed's puzzle, or one `further` seeds on, on the page."""
    chosen = state.domain
    state.seed += further
    difficulty = state.difficulty
    if difficulty not in chosen.maker.difficulties:  # of another size
        difficulty = state.difficulty = chosen.maker.usual
    kept = bundled_puzzles(chosen.name) if difficulty == FILED else ()
    if kept:
        puzzle = kept[(state.seed - 1) % len(kept)]
    else:
        puzzle = chosen.maker.generate(visitor_rng(state.seed), difficulty)
    state.made = chosen.format(puzzle.question_RC)
    question.replace(state, state.made)


@st.cache_resource(max_entries=4, show_spinner=False)
def named_puzzles(file: str) -> dict[str, str]:
    """The puzzles with a name in a file under assets/puzzles, as texts."""
    named = json.loads((ASSETS / "puzzles" / file).read_text())
    return {name: "\n".join(rows) for name, rows in named.items()}
