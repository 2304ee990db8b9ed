"""The frame every page opens with: title, width, colours."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import streamlit as st

from pages.stage.embed import dress
from pages.stage.routes import enter
from pages.stage.state import arrive
from trm_core.figures.theme import theme

HERE = Path(__file__).resolve().parent  # where the stage's scripts and style lie
ROOT = HERE.parents[1]
ASSETS = ROOT / "assets"


def open_page(title: str) -> None:
    """Set up the page; the first call of every page, since a page may run without the entry point.

    Its title is for the window and for screen readers.
    """
    enter(title)
    st.set_page_config(
        page_title=f"{title} · Tiny Recursive Model", page_icon=ASSETS / "icon.png", layout="wide"
    )
    st.html(HERE / "page.css")
    st.html(f"<style>:root {{ --trm-page: {theme(is_dark()).page} }}</style>")
    dress()
    arrive(title)
    st.html(f"<h1 class='trm-hidden'>{title}</h1>")


def script(*names: str) -> str:
    """Scripts of the stage as one: a component has no other files, so that what one builds on comes before it."""
    return "\n".join((HERE / name).read_text() for name in names)


def is_dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def as_text(words: object) -> str:
    """Words, or an error's, which may hold some of a file's, for a place that reads Markdown."""
    return re.sub(r"([\\*\[\]$~<])", r"\\\1", str(words))


def as_sentence(words: object) -> str:
    """Words, or an error's, as a sentence in Markdown; a file's name at their head stays as it is."""
    text = as_text(words)
    named = "." in text.split(" ", 1)[0].rstrip(".,:")
    return f"{text if named else text[:1].upper() + text[1:]}."


def data_url(content: bytes, kind: str) -> str:
    """A picture as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
