"""The question of a puzzle page: draw it, type it, paste it or open a file. One text is the truth,
`PuzzleState.text`; the painter, the text box and the files all write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.puzzle.state import PuzzleState
from pages.stage.apart import apart
from pages.stage.caches import solutions, summary
from pages.stage.embed import uploader
from pages.stage.frame import as_text, data_url
from pages.stage.painter import painter, refresh
from trm_core.domains import Domain, PuzzleError, counted
from trm_core.figures.board import on_path
from trm_core.readers.upload import (
    MOST_BYTES,
    SURE,
    Upload,
    read_text,
    read_upload,
    understood,
)
from trm_core.record.trace import Trace

OnFound = Callable[[Upload | Trace], None]


@dataclass(frozen=True, eq=False)
class Question:
    """What stands on a page."""

    board_RC: np.ndarray | None  # None: the text can't be read
    ready: bool  # can be given to the model
    solution_RC: np.ndarray | None  # where there is exactly one
    words: str = ""  # what is to be said about it
    kind: str = ""  # "bad" where that has to be mended first


def replace(state: PuzzleState, text: str, reading: Upload | None = None) -> None:
    """Put another puzzle in place of the one on the page, with what is known of its `reading`; the
    painter can undo it."""
    state.text, state.before = text, state.readable
    state.reading, state.file_problem = reading, None
    if reading is None or reading.count < 2:
        state.source = None
    state.cell = state.beside = state.frame = None  # they belonged to the puzzle that goes
    state.editing = True
    refresh(state)


def write(state: PuzzleState, cell: int, value: int) -> None:
    """Write into one cell of the puzzle on the page, and go on with the painter."""
    domain = state.domain
    board_RC = domain.parse(state.text).copy()
    symbol = domain.drawing.every_symbol[value]
    if symbol.single:
        board_RC[board_RC == value] = domain.drawing.symbols[0].value
    board_RC.flat[cell] = value
    source = state.source
    replace(state, domain.format(board_RC), state.reading)
    state.source = source


def read(state: PuzzleState, domain: Domain) -> tuple[np.ndarray | None, str | None]:
    """The board on the page, or what is wrong with its text."""
    board_RC, problem = _read(domain, state.text)
    if board_RC is not None:
        state.readable = board_RC
    return board_RC, problem


def check(
    state: PuzzleState, domain: Domain, board_RC: np.ndarray | None, problem: str | None
) -> Question:
    """What is to be said about the puzzle on the page."""
    if board_RC is None:
        return Question(None, False, None, problem or "", "bad")
    reading = state.reading
    same = reading is not None and np.array_equal(reading.board_RC, board_RC)
    return _check(domain, board_RC, reading.answer_RC if same else None)


def draw(
    state: PuzzleState, domain: Domain, on_found: OnFound, answer_RC: np.ndarray | None = None
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
        picture=data_url(reading.picture, "image/jpeg") if reading and reading.picture else "",
        on_drawn=lambda text: _drawn(state, text),
        on_pasted=lambda text: _take(state, domain, text, on_found),
    )


def _way(domain: Domain, board_RC: np.ndarray, answer_RC: np.ndarray) -> list[tuple[int, int]]:
    """The cells that an answer marks as path."""
    path_RC = on_path(domain.drawing, answer_RC, domain.given(board_RC))
    return [(int(r), int(c)) for r, c in np.argwhere(path_RC)]


def other_ways_in(state: PuzzleState, domain: Domain, on_found: OnFound, example: str) -> None:
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
        help=f"Understood: {understood(domain)}; for links, the cells have to be in them.",
    )
    uploader(
        "A screenshot or photo, a text file or spreadsheet, or a saved solve",
        key=state.key("file"),
        on_change=_opened,
        args=(state, domain, on_found),
        max_upload_size=MOST_BYTES // 2**20,
        help=f"Pictures: PNG, JPEG, WebP. Text: {understood(domain)}. A saved solve: .npz. What a file is, "
        "its content says, not its name.",
    )
    if state.file_problem:
        st.error(as_text(state.file_problem), icon=":material/error:")
    st.caption("The puzzle on the page, to copy:")
    text = state.text
    if domain.by_rows:
        text = text.replace("/", "\n")
    st.code(text, language=None, wrap_lines=not domain.by_rows)


def _drawn(state: PuzzleState, text: str) -> None:
    state.text, state.drawn = text, True


def _typed(state: PuzzleState, domain: Domain, on_found: OnFound) -> None:
    _take(state, domain, state.typed, on_found)


def _take(state: PuzzleState, domain: Domain, text: str, on_found: OnFound) -> None:
    """Put a text on the page; one that can't be read stands there with what is wrong with it."""
    if not text.strip():
        return
    try:
        _found(state, on_found, text, apart(read_text, text, domain))
    except PuzzleError:
        replace(state, text)


def _opened(state: PuzzleState, domain: Domain, on_found: OnFound) -> None:
    file, state.file_problem = st.session_state[state.key("file")], None
    if file is None:
        return
    content = file.getvalue()
    try:
        _found(state, on_found, content, apart(read_upload, content, domain))
    except PuzzleError as error:
        state.file_problem = f"{file.name}: {error}"


def _found(
    state: PuzzleState, on_found: OnFound, source: str | bytes, found: Upload | Trace
) -> None:
    """Put what was found on the page, and remember where it came from, if there is more of it."""
    on_found(found)
    if isinstance(found, Upload) and found.count > 1:
        state.source, state.number = source, found.number


def choose_number(state: PuzzleState, domain: Domain, on_found: OnFound) -> None:
    """Which of the puzzles of a file is on the page; nothing where it holds but one."""
    reading, source = state.reading, state.source
    if reading is None or source is None:
        return

    def another() -> None:
        read = read_text if isinstance(source, str) else read_upload
        try:
            _found(state, on_found, source, apart(read, source, domain, state.number))
        except PuzzleError as error:
            state.file_problem = f"Puzzle {state.number}: {error}"

    name = f": {reading.name}" if reading.name else ""
    st.number_input(
        f"Puzzle {reading.number:,} of {reading.count:,}{name}",
        1,
        reading.count,
        key=state.widget("number"),
        on_change=another,
        help="The file holds several puzzles. Go on and back with + and -, or type a number.",
    )


def _unsure(reading: Upload | None, board_RC: np.ndarray) -> list[tuple[int, int]]:
    """Cells read with little certainty that still stand as they were read."""
    if reading is None or reading.confidence_RC is None or reading.board_RC.shape != board_RC.shape:
        return []
    doubtful_RC = (reading.confidence_RC < SURE) & (reading.board_RC == board_RC)
    return [(int(r), int(c)) for r, c in np.argwhere(doubtful_RC)]


def show_reading(state: PuzzleState, domain: Domain, on_found: OnFound) -> None:
    """What was read from a text, a file or a picture, and what of it should be checked."""
    reading, board_RC = state.reading, state.readable
    if reading is None or board_RC is None:
        return
    choose_number(state, domain, on_found)
    notes = as_text(" ".join(_sentence(note) for note in reading.notes))
    if reading.picture is None:
        if notes:
            st.info(notes, icon=":material/info:")
        return
    read = int(domain.given(reading.board_RC).sum())
    unsure = len(_unsure(reading, board_RC))
    what = f"a {domain.title}" if domain.by_rows else counted(read, "digit")
    words = f"Read {what} from your picture"
    words += f"; look at the {unsure} marked **?**." if unsure else ", all of them clearly."
    st.info(f"{words} {notes} Compare them with the picture; click a cell to correct it.")
    st.button(
        "It is right: hide the picture",
        key=state.key("accept"),
        icon=":material/check:",
        on_click=accept,
        args=(state,),
    )


def accept(state: PuzzleState) -> None:
    """The reading of a picture is taken as it stands."""
    state.reading = None


def _read(chosen: Domain, text: str) -> tuple[np.ndarray | None, str | None]:
    """The board of a text, or what is wrong with it."""
    try:
        return chosen.parse(text), None
    except PuzzleError as error:
        problem = str(error)
    if not text.strip():
        return None, problem
    try:
        found = apart(read_text, text, chosen)
    except PuzzleError as error:
        return None, str(error)
    if found.domain.name == chosen.name:
        return found.board_RC, None
    return None, f"{problem}. It would be a {found.domain.title}"


def _check(chosen: Domain, board_RC: np.ndarray, known_RC: np.ndarray | None) -> Question:
    """Whether a question can be solved, its only solution, and what is to be said about it; a solution
    that is `known` from its file counts where the search for one is given up."""
    try:
        chosen.rules.check_question(board_RC)
    except PuzzleError as error:
        outlined = " They are outlined." if chosen.rules.violations(board_RC) else ""
        return Question(board_RC, False, None, f"{_sentence(str(error))}{outlined}", "bad")
    found = solutions(chosen.name, board_RC.tobytes())
    if isinstance(found, str):
        words = f"{_sentence(found)} The model will try all the same."
        if known_RC is not None:
            words += " Its answer is compared with the solution in your file."
        return Question(board_RC, True, known_RC, words)
    words = _sentence(summary(chosen.name, board_RC.tobytes(), len(found)).removesuffix("."))
    return Question(board_RC, True, found[0] if len(found) == 1 else None, words)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
