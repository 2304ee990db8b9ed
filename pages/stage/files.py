"""A place to open a file of one's own: read once, and what is wrong with it said beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from pages.stage.embed import uploader
from pages.stage.frame import as_sentence
from pages.stage.state import PageState
from trm_core.domains import PuzzleError
from trm_core.network.config import ConfigError
from trm_core.weights.card import CheckpointError

T = TypeVar("T")


def as_plain(words: object, most: int = 120) -> str:
    """Words out of a file, as plain text of at most so many characters: without what HTML, Markdown or a formula would
    take for a sign of theirs."""
    return " ".join(re.sub(r"[<>&`*\[\]$\\~|#]", "", str(words)).split())[:most]


def open_file(
    state: PageState,
    place: str,
    label: str,
    read: Callable[..., T],
    *,
    several: bool = False,
    largest: int = 64,
    words: str = "Reading your file …",
) -> T | None:
    """What `read` makes of a file that has just come, once; None otherwise.

    `place` names the uploader on its page. `read` is given the file (all of them, where there may be `several`) and
    raises `PuzzleError`, `CheckpointError` or `ConfigError` in one sentence, which stands here as long as the file does.
    `largest` is in MiB.
    """
    held: Any = uploader(
        label, key=state.key(place), accept_multiple_files=several, max_upload_size=largest
    )
    files = held if several else [held] if held is not None else []
    now = " ".join(sorted(file.file_id for file in files))
    known, problem = state.files.get(place, ("", ""))
    if now != known:
        found, problem = None, ""
        try:
            if files:
                with st.spinner(words):
                    found = read(*files)
        except (PuzzleError, CheckpointError, ConfigError, OSError) as error:
            problem = as_sentence(error)
        state.files = {**state.files, place: (now, problem)}
        if found is not None:
            return found
    if problem:
        st.error(problem)
    return None
