"""The pages by name, and the line over everything that leads to them."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.pages_manager import PagesManager

from pages.stage.state import PageState, entered

ROUTES = {  # the first is where one comes in
    "Home": "pages/home.py",
    "Sudoku": "pages/sudoku.py",
    "Mazes": "pages/mazes.py",
    "Learn": "pages/learn.py",
    "Inspect": "pages/inspect.py",
    "Train": "pages/train.py",
    "ARC": "pages/arc.py",
}
NAMES = [Path(path).stem for path in ROUTES.values()]  # in addresses


def pages() -> list[StreamlitPage]:
    """The pages, as Streamlit wants them."""
    first = next(iter(ROUTES))
    return [st.Page(path, title=name, default=name == first) for name, path in ROUTES.items()]


# Whether the entry point runs the page.
_INSIDE: ContextVar[bool] = ContextVar("inside", default=False)


def run() -> None:
    """The entry point: the line over everything, and under it the page that was asked for."""
    routes = pages()
    page = st.navigation(routes, position="top")
    token = _INSIDE.set(True)
    try:
        page.run()
    finally:
        _INSIDE.reset(token)
    # Where the line over everything is short.
    with st.container(horizontal=True, key=PageState("phone").key("pages")):
        for route in routes:
            st.page_link(route)


def enter(name: str) -> None:
    """Come in by the entry point where a page was run without it: the first visits of a fresh server by a page's own
    address take the folder `pages` for the pages, and draw no line to the others."""
    if _INSIDE.get() or name not in ROUTES or entered():
        return
    PagesManager.uses_pages_directory = False
    st.switch_page(st.Page(ROUTES[name]), query_params=st.query_params.to_dict())
