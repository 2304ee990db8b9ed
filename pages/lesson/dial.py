"""The dial of a scene: a slider whose every place was computed ahead, so that it answers while it is dragged."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.lesson.scene import Dial, Material
from pages.lesson.state import LessonState
from pages.stage.frame import data_url, is_dark
from trm_core.figures.page import variables
from trm_core.figures.theme import theme

_HERE = Path(__file__).parent

_dial = st.components.v2.component(
    "trm_dial",
    html=(_HERE / "dial.html").read_text(),
    css=(_HERE / "dial.css").read_text(),
    js=(_HERE / "dial.js").read_text(),
)


def show_dial(state: LessonState, scene: str, dial: Dial, material: Material) -> None:
    """The dial of the scene of that name, with what each place comes to; the page is run anew when it is let go."""
    key = state.key(f"dial_{scene}")

    def turned() -> None:
        state.dials = state.dials | {scene: int(st.session_state[key].at)}

    _dial(
        key=key,
        data={
            "label": dial.label,
            "places": [
                {
                    "value": value,
                    "words": dial.words(material, place),
                    "picture": _address(dial.picture(material, place, is_dark())),
                }
                for place, value in enumerate(dial.places)
            ],
            "at": material.at,
            "colours": variables(theme(is_dark())),
            "large": state.large,
        },
        default={"at": material.at},
        on_at_change=turned,
        height="content",
    )


def _address(svg: str) -> str:
    return data_url(svg.encode(), "image/svg+xml") if svg else ""
