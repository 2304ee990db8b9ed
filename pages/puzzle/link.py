"""Everything on a puzzle page in its address: a link opens the same puzzle, settings and frame.

Names in the address: puzzle, size, difficulty, seed, model, steps, stop, votes, clock, marks, solved;
beside, with the settings of the try beside the watched one ("steps 256, stop rules, votes 1"); and
frame, which only the player's "Link" adds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from pages.models.known import known_cards, makes_marks, models_for, usual_model, usual_settings
from pages.models.own import recall
from pages.puzzle import generator, question
from pages.puzzle.solving import MOST_STEPS, MOST_VOTES, steps_name
from pages.puzzle.state import PuzzleState
from pages.stage.address import Part, Said, kept, number, one_of, open_link, write_link
from pages.stage.player import CLOCKS
from pages.stage.run import STOPS, Ask
from pages.stage.state import MARKS, USUAL_MARKS
from trm_core.domains import Domain, domain

_SETTINGS = ("steps", "stop", "votes")
_CHECKS = {
    "steps": number(1, MOST_STEPS),
    "stop": one_of(list(STOPS)),
    "votes": number(1, MOST_VOTES),
}


@dataclass(frozen=True, eq=False)
class OnPage:
    """What is on a puzzle page, for its address."""

    state: PuzzleState
    board_RC: np.ndarray | None  # None: the text can't be read
    ask: Ask  # of the solve that is shown, or else of the next one
    solved: bool  # whether a solve is shown
    beside: Ask | None = None  # of the try beside it

    @property
    def from_seed(self) -> bool:
        return self.state.text == self.state.made


def open_puzzle_link(
    state: PuzzleState, is_ours: Callable[[Domain], bool], change_size: Callable[[], None]
) -> None:
    """Take over what the address says; what it says badly is ignored, and named in a note."""

    def then(taken: Mapping[str, Any]) -> None:
        seeded = {"difficulty", "seed"} & taken.keys()
        if "puzzle" not in (*taken, *state.ignored) and seeded:
            generator.new_puzzle(state)
            taken = {**taken, "puzzle": state.made}
        elif "puzzle" in taken and len(seeded) == 2:
            state.made = taken["puzzle"]
        state.frame = taken.get("frame")
        # A model without a puzzle is asked the one that stands here: a recording would play another model's solve.
        if taken.get("solved") == "1" if "puzzle" in taken else "model" in taken:
            state.ask, state.ask_beside = {}, taken.get("beside")

    open_link(state, _parts(is_ours, change_size), then)


def write_puzzle_link(page: OnPage) -> None:
    """Put what is on the page into its address: the puzzle, if it can be read, the settings of the
    solve that is shown, or else of the next one, and of the one beside it."""
    write_link(page.state, _parts(lambda domain: True, lambda: None), page)


def _parts(is_ours: Callable[[Domain], bool], change_size: Callable[[], None]) -> Sequence[Part]:
    def size(state: PuzzleState, said: Said) -> str:
        if not is_ours(domain(said["size"])):
            raise ValueError(said["size"])
        return said["size"]

    def take_size(state: PuzzleState, name: str) -> None:
        state.size = name
        change_size()

    clock = kept("clock", one_of(list(CLOCKS)))
    return (
        Part(name="size", read=size, take=take_size, tell=lambda page: page.state.size),
        Part(
            name="model",
            read=_model,
            take=lambda state, name: st.session_state.update({state.model_key(state.domain): name}),
            tell=lambda page: _unless(page.ask.checkpoint, usual_model(page.state.domain)),
            absent=_usual_model,
        ),
        Part(
            name="difficulty",
            read=lambda state, said: one_of(state.domain.maker.difficulties)(said["difficulty"]),
            take=lambda state, value: setattr(state, "difficulty", value),
            tell=lambda page: page.state.difficulty if page.from_seed else None,
        ),
        Part(
            name="seed",
            read=lambda state, said: number(0, 10**9)(said["seed"]),
            take=lambda state, value: setattr(state, "seed", value),
            tell=lambda page: page.state.seed if page.from_seed else None,
        ),
        *map(_setting, _SETTINGS),
        Part(name="clock", read=clock.read, take=clock.take, tell=lambda page: page.state.clock),
        Part(
            name="puzzle",
            read=lambda state, said: state.domain.format(state.domain.parse(said["puzzle"])),
            take=question.replace,
            tell=lambda page: (
                None if page.board_RC is None else page.state.domain.format(page.board_RC)
            ),
        ),
        Part(
            name="marks",
            read=lambda state, said: _marks(said["marks"]),
            take=lambda state, marks: setattr(state, "marks", marks),
            tell=_marks_told,
            absent=lambda state, went: setattr(state, "marks", list(USUAL_MARKS)) if went else None,
        ),
        Part(
            name="beside",
            read=lambda state, said: _beside(said["beside"]),
            take=lambda state, settings: None,
            tell=_beside_told,
        ),
        Part(
            name="solved",
            read=lambda state, said: said["solved"],
            take=lambda state, value: None,
            tell=lambda page: int(page.solved),
        ),
        Part(
            name="frame",
            read=lambda state, said: number(0, 4096)(said["frame"]),
            take=lambda state, value: None,
            tell=lambda page: None,
        ),
    )


def _unless(value: object, usual: object) -> object:
    """Settings that stand as they come need no words."""
    return None if value == usual else value


def _model(state: PuzzleState, said: Said) -> str:
    recall(said["model"])
    return one_of(models_for(state.domain))(said["model"])


def _usual_model(state: PuzzleState, went: bool) -> None:
    if went:
        st.session_state.pop(state.model_key(state.domain), None)


def _setting(name: str) -> Part:
    """Steps, stop or votes; those of a model with pencil marks are remembered apart."""

    def checkpoint(state: PuzzleState) -> str:
        chosen = st.session_state.get(state.model_key(state.domain))
        return chosen or usual_model(state.domain)

    def take(state: PuzzleState, value: object) -> None:
        field = steps_name(makes_marks(checkpoint(state))) if name == "steps" else name
        setattr(state, field, value)

    def absent(state: PuzzleState, went: bool) -> None:
        if went:
            take(state, getattr(usual_settings(checkpoint(state)), name))

    return Part(
        name=name,
        read=lambda state, said: _CHECKS[name](said[name]),
        take=take,
        tell=lambda page: _unless(
            getattr(page.ask.settings, name), getattr(usual_settings(page.ask.checkpoint), name)
        ),
        absent=absent,
    )


def _marks(text: str) -> list[str]:
    wanted = [] if text == "none" else text.split()
    if not set(wanted) <= set(MARKS):
        raise ValueError(text)
    return wanted


def _marks_told(page: OnPage) -> str | None:
    marks = page.state.marks
    if set(marks) == set(USUAL_MARKS):
        return None
    return " ".join(mark for mark in MARKS if mark in marks) or "none"


def _beside(text: str) -> dict[str, object]:
    """The settings of another try, as `_beside_told` says them."""
    said = dict(pair.split(" ", 1) for pair in text.split(", "))
    checks = dict(_CHECKS)
    if "checkpoint" in said:
        checks["checkpoint"] = one_of(list(known_cards()))
    if said.keys() != checks.keys():
        raise ValueError(text)
    return {name: check(said[name]) for name, check in checks.items()}


def _beside_told(page: OnPage) -> str | None:
    if page.beside is None:
        return None
    told = ", ".join(f"{name} {getattr(page.beside.settings, name)}" for name in _SETTINGS)
    other = page.beside.checkpoint
    return told if other == page.ask.checkpoint else f"{told}, checkpoint {other}"
