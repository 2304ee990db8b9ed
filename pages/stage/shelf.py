"""A shelf of thumbnails, each with a button under it, and the way through its pages."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.stage.frame import data_url
from pages.stage.state import PageState


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A small picture, and what a press on the words under it does."""

    picture: str  # HTML
    words: str
    key: str
    on_click: Callable[..., None]
    args: tuple[Any, ...] = ()
    chosen: bool = False


def small_board(svg: str, words: str) -> str:
    """The picture of a board for a thumbnail, as HTML."""
    source = data_url(svg.encode(), "image/svg+xml")
    return f"<img class='trm-small-board' alt='{html.escape(words)}' src='{source}'>"


def shelf(place: str, thumbnails: Sequence[Thumbnail], across: int) -> None:
    """The thumbnails in rows, so many in each; `place` is its name in the page's style."""
    with st.container(key=f"stage_{place}"):
        for begin in range(0, len(thumbnails), across):
            row = thumbnails[begin : begin + across]
            for column, each in zip(st.columns(across), row, strict=False):
                with column:
                    st.html(each.picture)
                    st.button(
                        each.words,
                        key=each.key,
                        on_click=each.on_click,
                        args=each.args,
                        type="primary" if each.chosen else "tertiary",
                    )


def page_of(state: PageState, count: int, each: int) -> slice:
    """Which of so many things are on the page that the visitor has turned to (`state.page_of`, from 0 on)."""
    state.page_of = max(0, min(state.page_of, -(-count // each) - 1))
    return slice(state.page_of * each, (state.page_of + 1) * each)


def turn_pages(state: PageState, count: int, each: int, words: str = "") -> None:
    """To the page before and after, and which one this is; nothing where there is only one."""
    pages = -(-count // each)
    with st.container(horizontal=True, vertical_alignment="center"):
        for by, name in ((-1, "before"), (1, "after")) if pages > 1 else ():
            there = state.page_of + by
            st.button(
                f"Page {name}",
                icon=":material/chevron_left:" if by < 0 else ":material/chevron_right:",
                key=state.key(f"page_{name}"),
                on_click=setattr,
                args=(state, "page_of", there),
                disabled=not 0 <= there < pages,
                type="tertiary",
            )
        told = f"page {state.page_of + 1} of {pages}" if pages > 1 else ""
        st.caption("; ".join(filter(None, (told, words))), width="content")
