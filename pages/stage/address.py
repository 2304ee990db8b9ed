"""The address of a page: it always says what is on it. What a link says, and what the browser's Back and Forward bring.

A page lists the parts of its address as data (`Part`); opening a link, naming what it said badly, and writing the
address all come from that list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from pages.stage.embed import WORDS, is_embedded
from pages.stage.frame import HERE
from pages.stage.routes import NAMES
from pages.stage.state import PageState, arrived

_history = st.components.v2.component("trm_history", js=(HERE / "history.js").read_text())
Said = Mapping[str, str]  # an address: texts by their names
Check = Callable[[str], Any]  # the value of a text, or ValueError


def _leave_as_it_is(state: Any, went: bool) -> None:
    """What the address does not say stays."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a page's address, under a name.

    `read` makes a value of what the address says there, or raises `ValueError`; `take` puts the value on the page;
    `tell` says what is on it: a text, several by their names, or None where no word is needed. `absent` is called
    where an address has no such part: with whether the visitor went back to it, so that it is one of ours.
    """

    name: str
    read: Callable[[Any, Said], Any]
    take: Callable[[Any, Any], None]
    tell: Callable[[Any], object]
    absent: Callable[[Any, bool], None] = _leave_as_it_is


def kept(name: str, check: Check, *, field: str = "", usual: object = None) -> Part:
    """The part of a field of the page's state, called like it or `field`; a value as `usual` needs no word."""
    field = field or name

    def tell(state: Any) -> object:
        value = getattr(state, field)
        return None if value in (None, "", usual) else value

    return Part(
        name=name,
        read=lambda state, said: check(said[name]),
        take=lambda state, value: setattr(state, field, value),
        tell=tell,
    )


def open_link(
    state: PageState,
    parts: Sequence[Part],
    then: Callable[[Mapping[str, Any]], None] = lambda taken: None,
) -> bool:
    """Take over what the address says, if that is news or the visitor went back to it; whether it did. What it says
    badly is left out, for `say_ignored`; `then` is told the values that were taken."""
    said, went = _wish(state)
    if said is None:
        return False
    taken: dict[str, Any] = {}
    state.ignored = []
    for part in parts:
        if part.name not in said:
            part.absent(state, went)
            continue
        try:
            value = part.read(state, said)
        except ValueError:
            state.ignored = [*state.ignored, part.name]
            continue
        part.take(state, value)
        taken[part.name] = value
    then(taken)
    state.went = None  # only now: a run that is broken off before leaves the wish to the next one
    return True


def write_link(state: PageState, parts: Sequence[Part], page: object = None) -> None:
    """Put what is on the page into its address. The parts tell it from the state, or from `page`."""
    said: dict[str, str] = {}
    for part in parts:
        told = part.tell(state if page is None else page)
        if isinstance(told, Mapping):
            said |= {name: str(value) for name, value in told.items()}
        elif told is not None:
            said[part.name] = str(told)
    if is_embedded():
        said |= {name: st.query_params[name] for name in WORDS if name in st.query_params}
    if st.query_params.to_dict() != said:
        state.addresses.append(said)  # what we write ourselves is no wish
        st.query_params.from_dict(said)


def listen(state: PageState, *, bare: bool = False) -> None:
    """Hear of the browser's Back and Forward on this page; `bare` where its address without parameters is
    a place of its own."""

    def went() -> None:
        found = st.session_state[state.key("history")].get("went")
        if found:
            state.went, state.heard = dict(parse_qsl(found["said"])), found["number"]

    data = {"page": state.page, "pages": NAMES, "bare": bare, "heard": state.heard}
    _history(key=state.key("history"), data=data, on_went_change=went, height=0)


def say_ignored(state: PageState) -> None:
    """Name what the address said badly, once."""
    ignored = state.take("ignored")
    if ignored:
        st.warning(
            f"The link's {', '.join(ignored)} could not be used and was ignored.",
            icon=":material/link_off:",
        )


def _wish(state: PageState) -> tuple[Said | None, bool]:
    """What the address asks for, None where that is no news; and whether the visitor went back to it."""
    params, went = st.query_params.to_dict(), state.went
    # A browser sends the address it last had with every rerun, so an old one is no wish.
    if went is None and (not params or (params in state.addresses and not arrived())):
        return None, False
    said = went or params
    state.addresses.append(said)
    return said, went is not None


def one_of(choices: Collection[str]) -> Check:
    """The check of a text that must be one of these."""

    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return check


def number(least: int, most: int) -> Check:
    """The check of a text that must be a whole number from `least` to `most`."""

    def check(text: str) -> int:
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return check


def yes(text: str) -> bool:
    """The check of a switch: "1" is on."""
    return text == "1"
