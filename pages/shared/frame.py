"""The frame every page opens with: title, width, and the one sentence under the title."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from pages.shared.state import arrive
from trm_core.domains import Domain

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"


def open_page(title: str, sentence: str) -> None:
    """Set up the page; the first call of every page, since a page may run without the entry point."""
    st.set_page_config(
        page_title=f"{title} · Tiny Recursive Model", page_icon=ASSETS / "icon.png", layout="wide"
    )
    st.html(ASSETS / "page.css")
    arrive(title)
    st.title(title, anchor=False)
    st.markdown(f"<p class='trm-lead'>{sentence}</p>", unsafe_allow_html=True)


def is_dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def data_url(content: bytes, kind: str) -> str:
    """A picture as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def legend(domain: Domain) -> None:
    """What every colour and mark on a board means, in one line of words."""
    marks = [
        *((sign.mark, sign.sign, sign.words) for sign in domain.drawing.legend),
        ("changed", "", "just changed"),
        ("wrong", "×", "wrong"),
        ("broken", "", "breaks a rule"),
        ("latent", "", "scratchpad still moving"),
    ]
    items = "".join(
        f"<span class='trm-key'><i class='trm-{name}'>{sign}</i>{words}</span>"
        for name, sign, words in marks
    )
    st.html(f"<div class='trm-legend trm-{'dark' if is_dark() else 'light'}'>{items}</div>")
