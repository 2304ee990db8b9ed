"""The frame every page opens with: title, width, and the one sentence under the title."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from trm_core.domains import Domain

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"


def open_page(title: str, sentence: str) -> None:
    """Set up the page; the first call of every page, since a page may run without the entry point."""
    st.set_page_config(
        page_title=f"{title} · Tiny Recursive Model", page_icon=ASSETS / "icon.png", layout="wide"
    )
    st.html(ASSETS / "page.css")
    st.session_state["arrived"] = st.session_state.get("page") != title
    st.session_state["page"] = title
    st.title(title, anchor=False)
    st.markdown(f"<p class='trm-lead'>{sentence}</p>", unsafe_allow_html=True)


def arrived() -> bool:
    """Whether this run is the visitor's first on this page since another one."""
    return st.session_state["arrived"]


def is_dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def data_url(content: bytes, kind: str) -> str:
    """A picture as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def legend(domain: Domain) -> None:
    """What every colour and mark on a board means, in one line of words."""
    if domain.draws_paths:
        first = [
            ("solid", "", "wall"),
            ("end", "<b>S</b>", "start, goal (G)"),
            ("guess", "<b>―</b>", "path: stronger blue, likelier on it"),
        ]
    else:
        first = [("given", "<b>5</b>", "given"), ("guess", "5", "guess: stronger blue, surer")]
    marks = [
        *first,
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
