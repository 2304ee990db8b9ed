"""The stage of a page: one board at one place, and beside it what to do, what the model says, its
curves, the verdict. `pages/stage/page.css` places the parts; this is their order on a phone."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.stage.frame import data_url, is_dark


@dataclass(frozen=True)
class Stage:
    """The parts of a stage; each is filled in whatever order the page comes to it."""

    board: DeltaGenerator
    bar: DeltaGenerator
    act: DeltaGenerator
    says: DeltaGenerator
    curves: DeltaGenerator
    verdict: DeltaGenerator
    live: DeltaGenerator  # over the board, the picture of a solve under way
    now: DeltaGenerator  # one element at the place of the sentence


def stage(
    *,
    painting: bool = False,
    pair: bool = False,
    race: bool = False,
    show: bool = False,
    lesson: int = 0,
) -> Stage:
    """The empty parts. While `painting` the board has its tools under it, where the play bar is
    otherwise; a `pair` of boards takes the width of both columns; a `race` has four small ones in the place of one;
    a `show` is all board and words for a room; a `lesson` has so many boards, and much to say."""
    if lesson:
        kind = "lesson" if lesson == 1 else f"lesson{lesson}"
    else:
        kind = _kind(painting, pair, race, show)
    with st.container(key=f"stage_{kind}"):
        return _parts()


def _kind(painting: bool, pair: bool, race: bool, show: bool) -> str:
    named = {"show": show, "painting": painting, "pair": pair, "race": race}
    return next((kind for kind, is_it in named.items() if is_it), "one")


def _parts() -> Stage:
    board = st.container(key="stage_board")
    act = st.container(key="stage_act", horizontal=True, vertical_alignment="center")
    bar = st.container(key="stage_bar")
    says = st.container(key="stage_says")
    curves = st.container(key="stage_curves")
    verdict = st.container(key="stage_verdict")
    live = board.container(key="stage_live").empty()
    return Stage(board, bar, act, says, curves, verdict, live, says.empty())


def show_live(place: DeltaGenerator, svg: str, solve: int) -> None:
    """The board of a solve under way: an image, since bare SVG is not let through to the page.

    The player hides it as it begins; a further `solve`, by its number, is seen again.
    """
    source = data_url(svg.encode(), "image/svg+xml")
    words = "The board while the model is thinking"
    place.html(f'<img class="trm-live" data-solve="{solve}" alt="{words}" src="{source}">')


def show_first(place: DeltaGenerator, svg: str) -> None:
    """The same while the chart of a board is on its way: what draws it takes a browser seconds to load."""
    source = data_url(svg.encode(), "image/svg+xml")
    place.html(f'<img class="trm-live trm-first" alt="The puzzle" src="{source}">')


def sentence(words: str, name: str = "", kind: str = "") -> str:
    """What is said beside the board, as HTML. The player writes into the place of its `name`."""
    named = f" {name}_says" if name else ""
    return f'<p class="trm-says{named} {kind}" role="status">{words}</p>'


def legend(marks: list[tuple[str, str, str]]) -> str:
    """What colours and marks on a board mean, in one line: of each its look (a class in
    `pages/stage/page.css`), the sign in it, its words."""
    items = "".join(
        f"<span class='trm-key'><i class='trm-{look}'>{sign}</i>{words}</span>"
        for look, sign, words in marks
    )
    return f"<div class='trm-legend trm-{'dark' if is_dark() else 'light'}'>{items}</div>"
