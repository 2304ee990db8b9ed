"""The question of a puzzle page: draw it, type it, paste it or open a file. One text is the truth,
`KEY_text`; the painter, the text box and the files all write it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.shared import caches
from pages.shared.painter import painter, refresh
from trm_core.domains import DOMAINS, Domain, PuzzleError, SearchLimitError
from trm_core.trace import Trace
from trm_core.upload import MOST_BYTES, SURE, Upload, puzzle_text, read_upload

FILES = ["txt", "sdk", "sdm", "csv", "json", "npz", "png", "jpg", "jpeg", "webp"]


@dataclass(frozen=True, eq=False)
class Question:
    """What stands on a page."""

    board_RC: np.ndarray | None  # None: the text can't be read
    ready: bool  # can be given to the model
    solution_RC: np.ndarray | None  # where there is exactly one


def replace(key: str, text: str) -> None:
    """Put another puzzle in place of the one on the page; the painter can undo it."""
    st.session_state[f"{key}_text"] = text
    st.session_state[f"{key}_reading"] = None
    st.session_state[f"{key}_file_problem"] = None
    for name in ("cell", "beside", "frame"):  # they belonged to the puzzle that goes
        st.session_state[f"{key}_{name}"] = None
    refresh(key)


def ask(key: str, domain: Domain) -> Question:
    """The painter, and what is to be said about the puzzle."""
    text = st.session_state[f"{key}_text"]
    board_RC, problem = _read(domain, text)
    if board_RC is not None:
        st.session_state[f"{key}_kept"] = board_RC
    shown_RC = st.session_state.get(f"{key}_kept")
    if shown_RC is None or shown_RC.shape != (domain.rows, domain.cols):
        shown_RC = np.zeros((domain.rows, domain.cols), np.uint8)
    reading: Upload | None = st.session_state.get(f"{key}_reading")
    painter(
        key,
        domain,
        shown_RC,
        clashes={cell for v in domain.violations(shown_RC) for cell in v.cells},
        unsure=_unsure(reading, shown_RC),
        picture=_data_url(reading),
        on_text=lambda new, pasted: _written(key, new, pasted),
    )
    if reading is not None:
        _show_reading(key, reading, shown_RC)
    if problem is not None:
        st.error(problem, icon=":material/edit:")
        return Question(None, False, None)
    return Question(board_RC, *_check(domain, board_RC))


def other_ways_in(key: str, domain: Domain, on_file: Callable[[Upload | Trace], None]) -> None:
    """Text, pictures and files, folded away.

    `on_file` is told what an uploaded file holds, and puts it on the page.
    """
    with st.expander("Paste text, or open a picture or file", icon=":material/upload_file:"):
        _text_and_files(key, domain, on_file)


def _text_and_files(key: str, domain: Domain, on_file: Callable[[Upload | Trace], None]) -> None:
    # Only ever written by the visitor: a browser sends what it last saw in it with every rerun, so
    # a box that we wrote too would bring back old puzzles while somebody draws quickly.
    st.text_area(
        "A puzzle as text",
        key=f"{key}_typed",
        height=92,
        on_change=_typed,
        args=(key,),
        placeholder="53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
        help="One line, several lines, CSV, JSON, a drawn grid, or a SudokuWiki or SudokuExchange "
        "link. 0 . * _ stand for empty cells.",
    )
    st.file_uploader(
        "A screenshot or photo, a text file, or a saved solve",
        FILES,
        key=f"{key}_file",
        on_change=_opened,
        args=(key, domain, on_file),
        max_upload_size=MOST_BYTES // 2**20,
        help="Pictures: PNG, JPEG, WebP. Text: .txt, .sdk, .csv, .json. A saved solve: .npz.",
    )
    problem = st.session_state.get(f"{key}_file_problem")
    if problem:
        st.error(problem, icon=":material/error:")
    st.caption("The puzzle on the page, to copy:")
    st.code(st.session_state[f"{key}_text"], language=None, wrap_lines=True)


def _written(key: str, text: str, pasted: bool) -> None:
    """The painter says what was drawn or pasted."""
    if pasted:
        replace(key, text)
    else:
        st.session_state[f"{key}_text"] = text


def _typed(key: str) -> None:
    if st.session_state[f"{key}_typed"].strip():
        replace(key, st.session_state[f"{key}_typed"])


def _opened(key: str, domain: Domain, on_file: Callable[[Upload | Trace], None]) -> None:
    file = st.session_state[f"{key}_file"]
    st.session_state[f"{key}_file_problem"] = None
    if file is None:
        return
    try:
        found = read_upload(file.getvalue(), domain)
    except PuzzleError as error:
        st.session_state[f"{key}_file_problem"] = f"{file.name}: {error}"
        return
    on_file(found)
    if isinstance(found, Upload) and found.picture is not None:
        st.session_state[f"{key}_reading"] = found


def _unsure(reading: Upload | None, board_RC: np.ndarray) -> list[tuple[int, int]]:
    """Cells read with little certainty that still stand as they were read."""
    if reading is None or reading.board_RC.shape != board_RC.shape:
        return []
    doubtful_RC = (reading.confidence_RC < SURE) & (reading.board_RC == board_RC)
    return [(int(r), int(c)) for r, c in np.argwhere(doubtful_RC)]


def _data_url(reading: Upload | None) -> str:
    if reading is None:
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(reading.picture).decode()}"


def _show_reading(key: str, reading: Upload, board_RC: np.ndarray) -> None:
    """What was read from a picture, to be checked over the picture itself."""
    digits = int((reading.board_RC > 0).sum())
    unsure = len(_unsure(reading, board_RC))
    words = f"Read {digits} digits from your picture"
    words += f"; look at the {unsure} marked **?**." if unsure else ", all of them clearly."
    st.info(f"{words} Compare them with the picture; click a cell to correct it.")
    st.button(
        "It is right: hide the picture",
        key=f"{key}_accept",
        icon=":material/check:",
        on_click=accept,
        args=(key,),
    )


def accept(key: str) -> None:
    """The reading of a picture is taken as it stands."""
    st.session_state[f"{key}_reading"] = None


def _read(chosen: Domain, text: str) -> tuple[np.ndarray | None, str | None]:
    """The board of a text, or what is wrong with it."""
    try:
        return chosen.parse(puzzle_text(text)), None
    except PuzzleError as error:
        other = next((d for d in DOMAINS.values() if d is not chosen and _fits(d, text)), None)
        hint = f". It would fit a {other.title}: choose that size" if other else ""
        return None, f"{error}{hint}"


def _fits(domain: Domain, text: str) -> bool:
    try:
        domain.parse(puzzle_text(text))
    except PuzzleError:
        return False
    return True


def _check(chosen: Domain, board_RC: np.ndarray) -> tuple[bool, np.ndarray | None]:
    """Say what is wrong with a question; whether it can be solved, and its only solution."""
    broken = chosen.violations(board_RC)
    if broken:
        reasons = "; ".join(violation.reason for violation in broken[:3])
        st.error(f"The givens clash: {reasons}. They are outlined.", icon=":material/warning:")
        return False, None
    try:
        found = caches.solutions(chosen.name, board_RC.tobytes())
    except SearchLimitError as error:
        st.info(f"{str(error).capitalize()}. The model will try all the same.")
        return True, None
    if len(found) == 1:
        rating = caches.rating(chosen.name, board_RC.tobytes())
        hardness = {
            None: "",
            0: ", no guess needed",
            1: ", an exact search guesses once",
        }.get(rating, f", an exact search guesses {rating} times")
        givens = int(chosen.given(board_RC).sum())
        st.caption(f":material/check: {givens} givens, exactly one solution{hardness}")
        return True, found[0]
    if not found:
        st.warning("This puzzle has no solution. The model will try all the same.")
    else:
        st.info("This puzzle has several solutions; the model may find any, or mix them.")
    return True, None
