"""Everything on a puzzle page in its address: a link opens the same puzzle, settings and frame.

Names in the address: puzzle, size, difficulty, seed, model, steps, stop, votes, clock, solved,
and frame, which only the player's "Copy link" adds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
import streamlit as st

from pages.shared import frame, generator, model_card, question
from pages.shared.player import CLOCKS
from pages.shared.solving import MOST_STEPS, MOST_VOTES, STOPS
from trm_core.domains import Domain, PuzzleError, domain

MOST_KNOWN = 200  # addresses that are remembered
Check = Callable[[str], object]  # the value of a text, or ValueError


def open_link(key: str, is_ours: Callable[[Domain], bool], change_size: Callable[[], None]) -> None:
    """Take over what the address says, if that is news; what it says badly is ignored, and named
    in a note."""
    params = st.query_params.to_dict()
    # A browser sends the address it last had with every rerun, so an old one is no wish.
    known = st.session_state.setdefault(f"{key}_addresses", deque(maxlen=MOST_KNOWN))
    if not params or (params in known and not frame.arrived()):
        return
    known.append(params)
    ignored: list[str] = []
    size = _value("size", _size(is_ours), ignored)
    if size is not None:
        st.session_state[f"{key}_size"] = size
        change_size()
    chosen = domain(st.session_state[f"{key}_size"])
    checks: dict[str, tuple[str, Check]] = {
        "difficulty": (f"{key}_difficulty", _one_of(chosen.maker.difficulties)),
        "seed": (f"{key}_seed", _number(0, 10**9)),
        "model": (f"{key}_model_{chosen.name}", _one_of(model_card.fitting(chosen))),
        "steps": (f"{key}_steps", _number(1, MOST_STEPS)),
        "stop": (f"{key}_stop", _one_of(list(STOPS))),
        "votes": (f"{key}_votes", _number(1, MOST_VOTES)),
        "clock": (f"{key}_clock", _one_of(list(CLOCKS))),
    }
    for name, (state, check) in checks.items():
        value = _value(name, check, ignored)
        if value is not None:
            st.session_state[state] = value
    puzzle = _value("puzzle", lambda text: chosen.format(chosen.parse(text)), ignored)
    if "puzzle" not in params and {"difficulty", "seed"} & params.keys() - set(ignored):
        generator.new_puzzle(key)
    if puzzle is not None:
        question.replace(key, puzzle)
        if st.query_params.get("solved") == "1":
            st.session_state[f"{key}_ask"] = {}
    st.session_state[f"{key}_frame"] = _value("frame", _number(0, 4096), ignored)
    st.session_state[f"{key}_ignored"] = ignored


def say_ignored(key: str) -> None:
    """Name what the address said badly, once."""
    ignored = st.session_state.pop(f"{key}_ignored", None)
    if ignored:
        st.warning(
            f"The link's {', '.join(ignored)} could not be used and was ignored.",
            icon=":material/link_off:",
        )


def write_link(
    key: str, chosen: Domain, board_RC: np.ndarray | None, settings: dict, solved: bool
) -> None:
    """Put what is on the page into its address: the puzzle, if it can be read, and the settings of
    the solve that is shown (`solved`), or else of the next one."""
    said = {
        "size": chosen.name,
        "difficulty": st.session_state[f"{key}_difficulty"],
        "seed": st.session_state[f"{key}_seed"],
        "clock": st.session_state.get(f"{key}_clock", "cycles"),
        "solved": int(solved),
    }
    if board_RC is not None:
        said["puzzle"] = chosen.format(board_RC)
    # Settings that stand as they came need no words.
    usual = {"model": model_card.usual(chosen), "steps": 16, "stop": "rules", "votes": 1}
    now = settings | {"model": settings["checkpoint"]}
    said |= {name: now[name] for name, value in usual.items() if now[name] != value}
    wanted = {name: str(value) for name, value in said.items()}
    if st.query_params.to_dict() != wanted:
        st.session_state.setdefault(f"{key}_addresses", deque(maxlen=MOST_KNOWN)).append(wanted)
        st.query_params.from_dict(wanted)


def _value(name: str, check: Check, ignored: list[str]) -> object:
    text = st.query_params.get(name)
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
