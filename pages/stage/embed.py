"""A page inside another one: `?embed=true&show=board,curves&play=1` gives its stage, without the way to other pages.

`embed` is Streamlit's own word. `show` names what is there, of `PARTS`; without `play` a solve stands at its beginning.
"""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import urlencode

import streamlit as st

PARTS = ("board", "curves", "words", "tools")  # board with its play bar; curves; verdict; buttons
USUAL = "board,curves"
WORDS = ("show", "play")  # of the address; they stay there whatever the page writes

ASKED = {"embed": "true", "show": USUAL, "play": "1"}  # of a frame that is copied
FRAME = (
    '<iframe src="{address}" width="900" height="640" style="border: 0; max-inline-size: stretch" loading="lazy" '
    'title="A tiny model thinks"></iframe>'
)


def snippet() -> str:
    """A frame with what is on the page, to be put into a page of one's own."""
    address = f"{st.context.url}?{urlencode(st.query_params.to_dict() | ASKED)}"
    return FRAME.format(address=html.escape(address))


def is_embedded() -> bool:
    """Whether the page stands in a frame of another one, or is asked to look as if it did."""
    return bool(st.context.is_embedded)


def plays() -> bool:
    """Whether a solve begins to play by itself."""
    return not is_embedded() or st.query_params.get("play") == "1"


def dress() -> None:
    """Take away what is not asked for; what is, the page's style knows by this sign."""
    if not is_embedded():
        return
    asked = st.query_params.get("show", USUAL).split(",")
    wanted = [part for part in PARTS if part in asked] or ["board"]
    without = " ".join(f"trm-no-{part}" for part in PARTS if part not in wanted)
    unknown = [part for part in asked if part not in PARTS]
    st.html(f"<i class='trm-embedded {without}'></i>")
    if unknown:
        known = ", ".join(PARTS)
        st.caption(f"The link's show knows {known}; not “{html.escape(', '.join(unknown))}”.")


def uploader(label: str, **settings: Any) -> Any:
    """A place for files. In a frame of another site a browser keeps back what the server knows its own uploads by, and
    refuses them: there it says so."""
    if is_embedded():
        st.caption(
            "Files can't be opened in a page inside another one: paste the text instead, or open this page by itself."
        )
        return [] if settings.get("accept_multiple_files") else None
    return st.file_uploader(label, **settings)
