"""Which set the inspector shows: a bundled one, one that was run here, or one from a file; what an address says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from pages.inspector.behind import (
    FILE,
    MOST_PUZZLES,
    Progress,
    SetAsked,
    run_set,
)
from pages.inspector.recorded import bundled_outcomes
from pages.inspector.state import InspectorState
from pages.models.known import bundled_cards, called, small_cards
from pages.models.own import own_cards
from trm_core.domains import Puzzle, domain
from trm_core.record.outcomes import Outcomes
from trm_core.solving.settings import Settings
from trm_core.weights.card import fitting

MINE = "mine"  # what was run or opened here
PINNED = "the pinned one"
MOST_OWN = 4  # sets of one's own that are remembered
SIZES = ("sudoku-4x4", "sudoku-6x6", "sudoku-9x9", "maze-13x13", "maze-30x30")


@dataclass(frozen=True, eq=False)
class OwnSet:
    """A set that was run here, or is to be (no outcomes yet), or came from a file (nothing asked)."""

    asked: SetAsked | None
    outcomes: Outcomes | None
    stopped: bool = False  # whether more puzzles were asked for than there are


def bundled() -> Mapping[str, Outcomes]:
    """The outcomes that come with the app, by the model that was asked."""
    return bundled_outcomes()


def outcomes_of(state: InspectorState) -> Outcomes | None:
    """What is shown: while a set runs, what there is of it."""
    if state.set != MINE:
        return bundled().get(state.set)
    if state.working is not None:
        at = state.working.last
        return at.read() if isinstance(at, Progress) else None
    return None if state.mine is None else state.mine.outcomes


def versus(state: InspectorState) -> Outcomes | None:
    """What the set is compared with."""
    return state.pinned if state.versus == PINNED else bundled().get(state.versus or "")


def set_words(name: str) -> str:
    if name == MINE:
        return "your own set"
    shown = bundled()[name]
    return f"{called(shown.checkpoint)}: {shown.set_name}, {shown.most_steps} steps"


def models_reading(size: str) -> list[str]:
    """The bundled models that read such a puzzle as it is, not on a larger canvas; behind them the visitor's own, and the small
    ones that were trained to see what happens if, also those that solve nothing."""
    chosen, cards = domain(size), bundled_cards() | own_cards()
    own_size = [n for n in fitting(cards, chosen) if cards[n].reading(chosen).domain == size]
    bundled_first = sorted(own_size, key=lambda name: name in own_cards())
    return bundled_first + [n for n, card in small_cards().items() if card.domain == size]


def start(state: InspectorState, asked: SetAsked, puzzles: list[Puzzle] | None = None) -> None:
    if state.working is not None:
        state.working.cancel()
    remember(state)
    state.mine, state.working = OwnSet(asked, None), run_set(asked, puzzles)
    state.wanted_set = MINE
    st.rerun()


def remember(state: InspectorState) -> None:
    """Keep the last set of one's own, for the way back to it."""
    own = state.mine
    if own is not None and own.asked is not None and own.outcomes is not None:
        others = {key: each for key, each in state.own_sets.items() if key != own.asked}
        state.own_sets = dict([*others.items(), (own.asked, own)][-MOST_OWN:])


def afresh(state: InspectorState) -> None:
    """Another set: nothing of the last one is chosen any more."""
    state.shown, state.row, state.page_of, state.field = [], None, 0, None


def told(state: InspectorState) -> dict[str, str]:
    """The set, as an address says it."""
    if state.set != MINE or state.mine is None or state.mine.asked is None:
        return {"set": state.set} if state.set in bundled() else {}
    asked = state.mine.asked
    return {
        "set": f"{asked.domain} {asked.difficulty} {asked.puzzles} {asked.seed}",
        "model": asked.checkpoint,
        "steps": str(asked.settings.steps),
        "stop": asked.settings.stop,
    }


def read(state: InspectorState, said: Mapping[str, str]) -> str | SetAsked:
    """The set that an address names: a bundled one's name, or what it was asked. Raises `ValueError`."""
    name = said["set"]
    if name in bundled():
        return name
    size, difficulty, count, seed = name.split(" ")
    asked = SetAsked(
        domain=size,
        checkpoint=said.get("model", ""),
        difficulty=difficulty,
        puzzles=min(MOST_PUZZLES, max(1, int(count))),
        seed=int(seed),
        settings=Settings(steps=int(said.get("steps", "16")), stop=said.get("stop", "steps")),
    )
    if size not in SIZES or asked.checkpoint not in models_reading(size):
        raise ValueError(name)
    if difficulty not in (*domain(size).maker.difficulties, FILE):
        raise ValueError(name)
    return asked


def take_over(state: InspectorState, found: str | SetAsked) -> None:
    """Show the set that an address names."""
    if isinstance(found, str):
        state.set = found
        return
    if state.mine is None or state.mine.asked != found:
        remember(state)
        if state.working is not None:
            state.working.cancel()
            state.working = None
        state.mine = state.own_sets.get(found, OwnSet(found, None))
    state.set = MINE
