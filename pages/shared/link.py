"""Everything on a puzzle page in its address: a link opens the same puzzle, settings and frame.

Names in the address: puzzle, size, difficulty, seed, model, steps, stop, votes, clock, marks, solved;
beside, with the settings of the try beside the watched one ("steps 256, stop rules, votes 1"); and
frame, which only the player's "Link" adds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

import numpy as np
import streamlit as st

from pages.shared import caches, generator, model_card, own_models, question
from pages.shared.frame import ASSETS
from pages.shared.player import CLOCKS
from pages.shared.solving import MOST_STEPS, MOST_VOTES, STOPS, Ask, steps_name
from pages.shared.state import MARKS, USUAL_MARKS, PageState, arrived
from trm_core.domains import Domain, PuzzleError, domain

_history = st.components.v2.component("trm_history", js=(ASSETS / "history.js").read_text())
Check = Callable[[str], object]  # the value of a text, or ValueError


def listen(state: PageState, *, bare: bool = False) -> None:
    """Hear of the browser's Back and Forward on this page; `bare` where its address without parameters is
    a place of its own."""

    def went() -> None:
        found = st.session_state[state.key("history")].get("went")
        if found:
            state.went, state.heard = dict(parse_qsl(found["said"])), found["number"]

    data = {"bare": bare, "heard": state.heard}
    _history(key=state.key("history"), data=data, on_went_change=went, height=0)


def wish(state: PageState) -> tuple[dict[str, str] | None, bool]:
    """What the address asks for, None where that is no news; and whether the visitor went back to it. Say
    `granted` once it is taken over: a run that is broken off before leaves the wish to the next one."""
    params, went = st.query_params.to_dict(), state.went
    # A browser sends the address it last had with every rerun, so an old one is no wish.
    if went is None and (not params or (params in state.addresses and not arrived())):
        return None, False
    said = went or params
    state.addresses.append(said)
    return said, went is not None


def granted(state: PageState) -> None:
    """The wish was taken over."""
    state.went = None


def write(state: PageState, said: Mapping[str, str]) -> None:
    """Put this into the address; what we write ourselves is no wish."""
    wanted = dict(said)
    if st.query_params.to_dict() != wanted:
        state.addresses.append(wanted)
        st.query_params.from_dict(wanted)


def open_link(
    state: PageState, is_ours: Callable[[Domain], bool], change_size: Callable[[], None]
) -> None:
    """Take over what the address says, if that is news or the visitor went back to it; what it says
    badly is ignored, and named in a note."""
    said, went = wish(state)
    if said is None:
        return
    _take_over(state, said, is_ours, change_size)
    if went:
        _as_usual(state, said)
    granted(state)


def _take_over(
    state: PageState,
    params: Mapping[str, str],
    is_ours: Callable[[Domain], bool],
    change_size: Callable[[], None],
) -> None:
    ignored: list[str] = []
    size = _value(params, "size", _size(is_ours), ignored)
    if size is not None:
        state.size = size
        change_size()
    chosen = state.domain
    own_models.recall(params.get("model", ""))
    model = _value(params, "model", _one_of(model_card.fitting(chosen)), ignored)
    if model is not None:
        st.session_state[state.model_key(chosen)] = model
    penciled = model_card.makes_marks(model or model_card.usual(chosen))
    checks: dict[str, tuple[str, Check]] = {
        "difficulty": (state.key("difficulty"), _one_of(chosen.maker.difficulties)),
        "seed": (state.key("seed"), _number(0, 10**9)),
        "steps": (state.key(steps_name(penciled)), _number(1, MOST_STEPS)),
        "stop": (state.key("stop"), _one_of(list(STOPS))),
        "votes": (state.key("votes"), _number(1, MOST_VOTES)),
        "clock": (state.key("clock"), _one_of(list(CLOCKS))),
    }
    for name, (key, check) in checks.items():
        value = _value(params, name, check, ignored)
        if value is not None:
            st.session_state[key] = value
    puzzle = _value(params, "puzzle", lambda text: chosen.format(chosen.parse(text)), ignored)
    if puzzle is not None:
        question.replace(state, puzzle)
        if {"difficulty", "seed"} <= params.keys() - set(ignored):
            state.made = puzzle
    elif "puzzle" not in params and {"difficulty", "seed"} & params.keys() - set(ignored):
        generator.new_puzzle(state)
        puzzle = state.made
    marks = _value(params, "marks", _marks, ignored)
    if marks is not None:
        state.marks = marks
    beside = _value(params, "beside", _beside, ignored)
    if puzzle is not None and params.get("solved") == "1":
        state.ask, state.ask_beside = {}, beside
    state.frame = _value(params, "frame", _number(0, 4096), ignored)
    state.ignored = ignored


def _as_usual(state: PageState, said: Mapping[str, str]) -> None:
    """The settings that an address of ours leaves out because they stood as they come."""
    chosen = state.domain
    if "model" not in said:
        st.session_state.pop(state.model_key(chosen), None)
    checkpoint = said.get("model", model_card.usual(chosen))
    usual, penciled = model_card.usual_settings(checkpoint), model_card.makes_marks(checkpoint)
    for name in set(_SETTINGS) - set(said):
        key = state.key(steps_name(penciled) if name == "steps" else name)
        st.session_state[key] = getattr(usual, name)
    if "marks" not in said:
        state.marks = list(USUAL_MARKS)


def say_ignored(state: PageState) -> None:
    """Name what the address said badly, once."""
    ignored = state.take("ignored")
    if ignored:
        st.warning(
            f"The link's {', '.join(ignored)} could not be used and was ignored.",
            icon=":material/link_off:",
        )


def write_link(
    state: PageState,
    chosen: Domain,
    board_RC: np.ndarray | None,
    ask: Ask,
    solved: bool,
    beside: Ask | None = None,
) -> None:
    """Put what is on the page into its address: the puzzle, if it can be read, the settings of the
    solve that is shown (`solved`), or else of the next one, and of the one beside it."""
    said = {
        "size": chosen.name,
        "clock": state.clock,
        "solved": int(solved),
    }
    if state.text == state.made:  # else the puzzle is not the seed's
        said |= {"difficulty": state.difficulty, "seed": state.seed}
    if board_RC is not None:
        said["puzzle"] = chosen.format(board_RC)
    # Settings that stand as they came need no words.
    usual = model_card.usual_settings(ask.checkpoint)
    usual = {"model": model_card.usual(chosen)} | {n: getattr(usual, n) for n in _SETTINGS}
    now = {"model": ask.checkpoint} | {n: getattr(ask.settings, n) for n in _SETTINGS}
    said |= {name: now[name] for name, value in usual.items() if now[name] != value}
    if set(state.marks) != set(USUAL_MARKS):
        said["marks"] = " ".join(mark for mark in MARKS if mark in state.marks) or "none"
    if beside is not None:
        said["beside"] = ", ".join(f"{n} {getattr(beside.settings, n)}" for n in _SETTINGS)
        if beside.checkpoint != ask.checkpoint:
            said["beside"] += f", checkpoint {beside.checkpoint}"
    write(state, {name: str(value) for name, value in said.items()})


_SETTINGS = ("steps", "stop", "votes")


def _marks(text: str) -> list[str]:
    wanted = [] if text == "none" else text.split()
    if not set(wanted) <= set(MARKS):
        raise ValueError(text)
    return wanted


def _beside(text: str) -> dict[str, object]:
    """The settings of another try, as `write_link` says them."""
    said = dict(pair.split(" ", 1) for pair in text.split(", "))
    checks = {
        "steps": _number(1, MOST_STEPS),
        "stop": _one_of(list(STOPS)),
        "votes": _number(1, MOST_VOTES),
    }
    if "checkpoint" in said:
        checks["checkpoint"] = _one_of(list(caches.known_cards()))
    if said.keys() != checks.keys():
        raise ValueError(text)
    return {name: check(said[name]) for name, check in checks.items()}


def _value(params: Mapping[str, str], name: str, check: Check, ignored: list[str]) -> object:
    text = params.get(name)
    if text is None:
        return None
    try:
        return check(text)
    except (ValueError, PuzzleError):
        ignored.append(name)
        return None


def _size(is_ours: Callable[[Domain], bool]) -> Check:
    def check(text: str) -> str:
        if not is_ours(domain(text)):
            raise ValueError(text)
        return text

    return check


def _one_of(choices) -> Check:
    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return check


def _number(least: int, most: int) -> Check:
    def check(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
        if not least <= number <= most:
            raise ValueError(text)
        return number

    return check
