"""The question of a puzzle page: draw it, type it, paste it or open a file. One text is the truth,
`PageState.text`; the painter, the text box and the files all write it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.shared import caches
from pages.shared.frame import data_url
from pages.shared.painter import painter, refresh
from pages.shared.state import PageState
from trm_core.domains import Domain, PuzzleError
from trm_core.figures.board import on_path
from trm_core.readers.upload import MOST_BYTES, SURE, Upload, puzzle_text, read_text, read_upload
from trm_core.record.trace import Trace

OnFound = Callable[[Upload | Trace], None]
FILES = ["txt", "sdk", "sdm", "csv", "json", "npz", "png", "jpg", "jpeg", "webp"]


@dataclass(frozen=True, eq=False)
class Question:
    """What stands on a page."""

    board_RC: np.ndarray | None  # None: the text can't be read
    ready: bool  # can be given to the model
    solution_RC: np.ndarray | None  # where there is exactly one
    words: str = ""  # what is to be said about it
    kind: str = ""  # "bad" where that has to be mended first


def replace(state: PageState, text: str) -> None:
    """Put another puzzle in place of the one on the page; the painter can undo it."""
    state.text, state.before = text, state.readable
    state.reading = state.file_problem = None
    state.cell = state.beside = state.frame = None  # they belonged to the puzzle that goes
    state.editing = True
    refresh(state)


def write(state: PageState, cell: int, value: int) -> None:
    """Write into one cell of the puzzle on the page, and go on with the painter."""
    domain = state.domain
    board_RC = domain.parse(state.text).copy()
    symbol = domain.drawing.every_symbol[value]
    if symbol.single:
        board_RC[board_RC == value] = domain.drawing.symbols[0].value
    board_RC.flat[cell] = value
    replace(state, domain.format(board_RC))


def read(state: PageState, domain: Domain) -> tuple[np.ndarray | None, str | None]:
    """The board on the page, or what is wrong with its text."""
    board_RC, problem = _read(domain, state.text)
    if board_RC is not None:
        state.readable = board_RC
    return board_RC, problem


def check(domain: Domain, board_RC: np.ndarray | None, problem: str | None) -> Question:
    """What is to be said about the puzzle on the page."""
    if board_RC is None:
        return Question(None, False, None, problem or "", "bad")
    return _check(domain, board_RC)


def draw(
    state: PageState, domain: Domain, on_found: OnFound, answer_RC: np.ndarray | None = None
) -> None:
    """The painter with the puzzle on the page; where its text can't be read, with the last board
    that could. `on_found` is told what a pasted text holds, and puts it on the page. An answer to
    the puzzle is shown faintly."""
    shown_RC = state.readable
    if shown_RC is None or shown_RC.shape != (domain.rows, domain.cols):
        shown_RC = np.zeros((domain.rows, domain.cols), np.uint8)
    reading = state.reading
    painter(
        state,
        domain,
        shown_RC,
        clashes={cell for v in domain.rules.violations(shown_RC) for cell in v.cells},
        unsure=_unsure(reading, shown_RC),
        way=[] if answer_RC is None else _way(domain, shown_RC, answer_RC),
        before_RC=state.before,
        picture="" if reading is None else data_url(reading.picture, "image/jpeg"),
        on_drawn=lambda text: _drawn(state, text),
        on_pasted=lambda text: _take(state, domain, text, on_found),
    )


def _way(domain: Domain, board_RC: np.ndarray, answer_RC: np.ndarray) -> list[tuple[int, int]]:
    """The cells that an answer marks as path."""
    path_RC = on_path(domain.drawing, answer_RC, domain.given(board_RC))
    return [(int(r), int(c)) for r, c in np.argwhere(path_RC)]


def other_ways_in(
    state: PageState, domain: Domain, on_found: OnFound, example: str, help: str
) -> None:
    """Text, pictures and files.

    `on_found` is told what a text or file holds, and puts it on the page, or raises `PuzzleError`.
    """
    # Only ever written by the visitor: a browser sends what it last saw in it with every rerun, so
    # a box that we wrote too would bring back old puzzles while somebody draws quickly.
    st.text_area(
        "A puzzle as text",
        key=state.key("typed"),
        height=92,
        on_change=_typed,
        args=(state, domain, on_found),
        placeholder=example,
        help=help,
    )
    st.file_uploader(
        "A screenshot or photo, a text file, or a saved solve",
        FILES,
        key=state.key("file"),
        on_change=_opened,
        args=(state, domain, on_found),
        max_upload_size=MOST_BYTES // 2**20,
        help="Pictures: PNG, JPEG, WebP. Text: .txt, .sdk, .csv, .json. A saved solve: .npz.",
    )
    if state.file_problem:
        st.error(state.file_problem, icon=":material/error:")
    st.caption("The puzzle on the page, to copy:")
    text = state.text
    if domain.by_rows:
        text = text.replace("/", "\n")
    st.code(text, language=None, wrap_lines=not domain.by_rows)


def _drawn(state: PageState, text: str) -> None:
    state.text, state.drawn = text, True


def _typed(state: PageState, domain: Domain, on_found: OnFound) -> None:
    _take(state, domain, state.typed, on_found)


def _take(state: PageState, domain: Domain, text: str, on_found: OnFound) -> None:
    """Put a text on the page; one that can't be read stands there with what is wrong with it."""
    if not text.strip():
        return
    try:
        on_found(read_text(text, domain))
    except PuzzleError:
        replace(state, text)


def _opened(state: PageState, domain: Domain, on_found: OnFound) -> None:
    file, state.file_problem = state.file, None
    if file is None:
        return
    try:
        found = read_upload(file.getvalue(), domain)
        on_found(found)
    except PuzzleError as error:
        state.file_problem = f"{file.name}: {error}"
        return
    if isinstance(found, Upload) and found.picture is not None:
        state.reading = found


def _unsure(reading: Upload | None, board_RC: np.ndarray) -> list[tuple[int, int]]:
    """Cells read with little certainty that still stand as they were read."""
    if reading is None or reading.board_RC.shape != board_RC.shape:
        return []
    doubtful_RC = (reading.confidence_RC < SURE) & (reading.board_RC == board_RC)
    return [(int(r), int(c)) for r, c in np.argwhere(doubtful_RC)]


def show_reading(state: PageState) -> None:
    """What was read from a picture, to be checked over the picture itself; nothing without one."""
    reading, board_RC = state.reading, state.readable
    if reading is None or board_RC is None:
        return
    digits = int((reading.board_RC > 0).sum())
    unsure = len(_unsure(reading, board_RC))
    words = f"Read {digits} digits from your picture"
    words += f"; look at the {unsure} marked **?**." if unsure else ", all of them clearly."
    st.info(f"{words} Compare them with the picture; click a cell to correct it.")
    st.button(
        "It is right: hide the picture",
        key=state.key("accept"),
        icon=":material/check:",
        on_click=accept,
        args=(state,),
    )


def accept(state: PageState) -> None:
    """The reading of a picture is taken as it stands."""
    state.reading = None


def _read(chosen: Domain, text: str) -> tuple[np.ndarray | None, str | None]:
    """The board of a text, or what is wrong with it."""
    try:
        return chosen.parse(puzzle_text(text, chosen.by_rows)), None
    except PuzzleError as error:
        problem = str(error)
    with contextlib.suppress(PuzzleError):
        problem += f". It would be a {read_text(text, chosen).domain.title}"
    return None, problem


def _check(chosen: Domain, board_RC: np.ndarray) -> Question:
    """Whether a question can be solved, its only solution, and what is to be said about it."""
    try:
        chosen.rules.check_question(board_RC)
    except PuzzleError as error:
        outlined = " They are outlined." if chosen.rules.violations(board_RC) else ""
        return Question(board_RC, False, None, f"{_sentence(str(error))}{outlined}", "bad")
    found = caches.solutions(chosen.name, board_RC.tobytes())
    if isinstance(found, str):
        return Question(
            board_RC, True, None, f"{_sentence(found)} The model will try all the same."
        )
    words = _sentence(caches.summary(chosen.name, board_RC.tobytes(), len(found)).removesuffix("."))
    return Question(board_RC, True, found[0] if len(found) == 1 else None, words)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
