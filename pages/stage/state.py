"""What a page remembers of its visitor. Every room has a class of its own that is made of this one; only files called
`state` spell session keys.

`PuzzleState("sudoku").seed` is a value; `PuzzleState("sudoku").widget("seed")` is the key of the widget that sets it.
Values are declared once, as fields: a misspelt one is an error at once. What only has a place, such as a button, needs
no field: `state.key("solve")`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from trm_core.domains import Domain
from trm_core.figures.board import ASKED_FOR, DOUBT

MOST_ADDRESSES = 200  # that are remembered
MOST_OWN = 8  # models of a visitor's own
# Marks on the board that can be shown: the layer of the figure that draws each, which is also its
# name in links, and its words. A board that shows all of them at once is hard to read.
MARKS = {
    "ground": "how sure it is",
    "changed": "just changed",
    "wrong": "wrong",
    "broken": "breaks a rule",
    "moved": "scratchpad moving",
    "doubts": f"every digit over {100 * DOUBT:.0f} %",  # not a layer: other texts in the cells
}
USUAL_MARKS = tuple(mark for mark in MARKS if mark not in (*ASKED_FOR, "doubts"))

T = TypeVar("T")


class Kept(Generic[T]):
    """A value in the visitor's session, under the page's name and its own."""

    def __init__(self, first: Callable[[], T]) -> None:
        self.first = first

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, state: None, owner: type) -> Kept[T]: ...
    @overload
    def __get__(self, state: PageState, owner: type | None = None) -> T: ...
    def __get__(self, state: PageState | None, owner: type | None = None) -> Any:
        if state is None:
            return self
        key = state.key(self.name)
        if key not in st.session_state:
            st.session_state[key] = self.first()
        return st.session_state[key]

    def __set__(self, state: PageState, value: T) -> None:
        st.session_state[state.key(self.name)] = value


def nothing() -> Any:
    """The first value of a field that begins empty."""
    return None


class PageState:
    """What every page has, under keys that begin with `page`."""

    __slots__ = ("page",)  # so that a name that is not declared can't be set either

    # The stage
    clock = Kept[str](lambda: "cycles")
    marks = Kept[list[str]](lambda: list(USUAL_MARKS))
    cell = Kept["int | None"](nothing)  # that was clicked
    frame = Kept["int | None"](nothing)  # that a link asks for
    version = Kept[int](int)  # counts boards that came from elsewhere than the painter

    page_of = Kept[int](int)  # of a shelf, from 0 on

    # The address
    went = Kept["dict[str, str] | None"](nothing)  # the address that the visitor went back to
    # How many presses of the browser's Back and Forward the page has heard of.
    heard = Kept[int](int)
    ignored = Kept[list[str]](list)  # what a link said badly
    addresses = Kept["deque[dict[str, str]]"](lambda: deque(maxlen=MOST_ADDRESSES))

    # Files that were opened here: by the place where, which file it was and what is wrong with it.
    files = Kept[dict[str, tuple[str, str]]](dict)

    def __init__(self, page: str) -> None:
        self.page = page

    def key(self, name: str) -> str:
        """The session key of a name: of a widget or a figure that has nothing to remember, too."""
        return f"{self.page}_{name}"

    def widget(self, name: str) -> str:
        """The key of a declared field, for a widget that begins with what is remembered."""
        assert isinstance(getattr(type(self), name, None), Kept), name
        getattr(self, name)  # puts the first value there
        return self.key(name)

    def model_key(self, asked: Domain) -> str:
        """The key of the choice of a model for one kind and size of puzzle."""
        return f"{self.page}_model_{asked.name}"

    def file_of(self, place: str) -> str:
        """Which file was opened last at a place: a name of its own, or none."""
        return self.files.get(place, ("", ""))[0]

    def take(self, name: str) -> Any:
        """A value that counts once: it is forgotten as it is read."""
        value = getattr(self, name)
        setattr(self, name, getattr(type(self), name).first())
        return value


class Desk(PageState):
    """The puzzle on a puzzle page's desk: other rooms may look at it."""

    __slots__ = ()

    size = Kept[str](str)  # name of the domain on the page
    text = Kept[str](str)  # the one truth of what is on the page

    @property
    def opened(self) -> bool:
        """Whether the page has been opened before."""
        return bool(self.size)


def arrive(title: str) -> None:
    """Note which page a visitor is on."""
    st.session_state["arrived"] = st.session_state.get("page") != title
    st.session_state["page"] = title


def arrived() -> bool:
    """Whether this run is the visitor's first on this page since another one."""
    return st.session_state["arrived"]


def entered() -> bool:
    """Whether the visitor was sent to the entry point before; from then on they were."""
    before = "entered" in st.session_state
    st.session_state["entered"] = True
    return before


def visitor() -> str:
    """Who looks at the page: one name for each open tab."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else "nobody"


def own_names() -> list[str]:
    """The names of the visitor's own models, the newest first."""
    return st.session_state.get("own_models", [])


def remember_own(name: str) -> None:
    """Note that a model is the visitor's own."""
    st.session_state["own_models"] = [name, *(n for n in own_names() if n != name)][:MOST_OWN]
