"""What a visitor takes along: a link to what is on screen, and the solve as files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.models.known import known_cards, path_of
from pages.puzzle.state import PuzzleState
from pages.stage.embed import snippet
from pages.stage.frame import is_dark
from pages.stage.run import PageRun
from trm_core.weights.card import for_browser


def keep(state: PuzzleState, run: PageRun) -> None:
    """Downloads of the solve on the page; each file is made when it is asked for."""
    from trm_core import export  # Pillow and plotly: only needed where a solve is shown

    dark, clock = is_dark(), state.clock
    stem = f"{run.trace.domain_name}-{run.trace.steps}-steps"
    kinds = [
        ("GIF", "gif", "image/gif", partial(export.as_gif, run.trace, clock, dark=dark)),
        ("Web page", "html", "text/html", partial(export.as_html, run.trace, clock, dark=dark)),
        ("Picture", "png", "image/png", partial(export.as_png, run.trace, clock, dark=dark)),
        ("Solve (NPZ)", "npz", "application/octet-stream", partial(export.as_npz, run.trace)),
        ("JSON", "json", "application/json", partial(export.as_json, run.trace)),
    ]
    words = {
        "gif": "The animated board.",
        "html": "The whole animation with its curves in one file; works offline.",
        "png": "The board as it ended.",
        "npz": "Everything the solve showed. Open it here again to watch it without a model.",
        "json": "Answers, confidence and halting after every cycle, as text.",
    }
    card = known_cards().get(run.trace.checkpoint)
    if card is not None and card.browser_sizes:
        kinds.append(("A page that solves", "solve.html", "text/html", partial(_page, run)))
        words["solve.html"] = (
            "The model itself in one file of some 90 kB: it takes any Sudoku, in any browser, without a network."
        )
    for column, (label, ending, mime, make) in zip(st.columns(len(kinds)), kinds, strict=True):
        with column:
            st.download_button(
                label,
                make,
                f"{run.trace.checkpoint}.html" if ending == "solve.html" else f"{stem}.{ending}",
                mime,
                key=state.key(f"keep_{ending.replace('.', '_')}"),
                on_click="ignore",
            )
            st.caption(words[ending])
    st.caption(
        "A frame with this solve for a page of your own, as *Embed* at the play bar copies it. It asks this server, which must be "
        "reachable from there; files can't be opened in a frame of another site, pasted puzzles can. *A page that solves* needs no "
        "server."
    )
    st.code(snippet(), language="html", wrap_lines=True)


def _page(run: PageRun) -> str:
    """The run's model as a page that thinks by itself, which opens with puzzles of this size."""
    from trm_core.figures.page import thinking_page

    return thinking_page(**for_browser(path_of(run.trace.checkpoint), run.trace.domain))
