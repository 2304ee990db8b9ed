"""A slider whose every place was computed ahead, so that it answers while it is dragged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.stage.frame import HERE, data_url

_dial = st.components.v2.component(
    "trm_dial",
    html=(HERE / "dial.html").read_text(),
    css=(HERE / "dial.css").read_text(),
    js=(HERE / "dial.js").read_text(),
)


@dataclass(frozen=True)
class Place:
    """A place of the dial: what it is set to there, what that comes to, and a picture of it (SVG), if there is one."""

    value: str
    words: str
    picture: str = ""


def dial(
    key: str,
    label: str,
    places: Sequence[Place],
    at: int,
    turned: Callable[[int], None],
    *,
    large: bool = False,
) -> None:
    """The dial, standing `at` a place; when it is let go, `turned` is told the place and the page is run anew. `large`
    words are for a room."""
    _dial(
        key=key,
        data={
            "label": label,
            "places": [asdict(place) | {"picture": _address(place.picture)} for place in places],
            "at": at,
            "large": large,
        },
        default={"at": at},
        on_at_change=lambda: turned(int(st.session_state[key].at)),
        height="content",
    )


def _address(svg: str) -> str:
    return data_url(svg.encode(), "image/svg+xml") if svg else ""
