"""The one door for whatever a person has: bytes or a text in, a puzzle or a saved solve out.

Pages, `read` and `solve` come through here. What a file is, its content says, not its name.
"""

from __future__ import annotations

import functools
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from charset_normalizer import from_bytes
from python_calamine import CalamineError, CalamineWorkbook

from trm_core.domains import DOMAINS, Domain, Maze, PuzzleError, domain
from trm_core.domains.maze.domain import WALL
from trm_core.domains.sudoku.domain import Sudoku, SudokuRules
from trm_core.readers.entries import Entry
from trm_core.readers.formats import (
    Format,
    entries_in,
    formats_for,
    grids_of,
    near_miss,
    reads,
)
from trm_core.readers.tokens import untokened
from trm_core.record.archive import PARQUET
from trm_core.record.trace import Trace

MOST_BYTES = 10 * 2**20
SURE = 0.9  # a cell read from a picture with less should be looked at
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Signs without a look of their own, which chats and office programs strew between others.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff\u20e3]")
_BLANK = re.compile(r"[\s.0*_?xX-]*")  # an empty board that a person typed
_SPACES = str.maketrans(dict.fromkeys("\xa0\u2007\u2009\u202f\u3000", " "))
_MOST_TRIED = 64  # puzzles of a file that are looked at to leave out what is none
_MOST_NUMBERS = 1_000_000  # of saved arrays
_SHEETS = {
    "xl/workbook.xml",
    "xl/workbook.bin",
    "content.xml",
}  # what archives of spreadsheets hold
_MOST_SHEETS = 20
_MOST_FILES = 200  # of an archive that are looked at


@dataclass(frozen=True, eq=False)
class Upload:
    """What a file held: a question, and what is to be known about it."""

    domain: Domain
    board_RC: np.ndarray
    confidence_RC: np.ndarray | None = None  # 0 to 1, where it was read from a picture
    picture: bytes | None = None  # the grid, straightened, as JPEG
    answer_RC: np.ndarray | None = None  # the solution that stood beside it
    notes: tuple[
        str, ...
    ] = ()  # what was taken for what, what was left out; sentences without a stop
    name: str = ""  # of the puzzle
    number: int = 1  # which of the file's puzzles it is
    count: int = 1  # how many there are


def read_upload(content: bytes, preferred: Domain, number: int = 1) -> Upload | Trace:
    """The puzzle or the trace in a file, of many puzzles the one of that `number`, counted from 1;
    where several domains would fit, the `preferred` one.

    Raises `PuzzleError` in one sentence.
    """
    with _in_a_sentence():
        return _read(content, preferred, number)


@contextmanager
def _in_a_sentence() -> Iterator[None]:
    """Around what reads a file: whatever is raised there becomes one sentence."""
    try:
        yield
    except (PuzzleError, MemoryError):
        raise
    except Exception as error:  # a file may be damaged in any way
        words = f"it is damaged, or of a form that is not known ({type(error).__name__})"
        raise PuzzleError(f"this could not be read: {words}") from error


def _read(content: bytes, preferred: Domain, number: int) -> Upload | Trace:
    if not content:
        raise PuzzleError("the file is empty")
    if len(content) > MOST_BYTES:
        raise PuzzleError(
            f"the file has {len(content) / 2**20:.1f} MiB, more than {MOST_BYTES // 2**20}"
        )
    if content.startswith(b"\x1f\x8b"):
        return _read(_unpacked(content), preferred, number)
    if content.startswith(PARQUET):
        raise PuzzleError(
            "this is a Parquet table: save its puzzles as CSV, or open it under Inspect if it holds outcomes"
        )
    if content.startswith(b"\x93NUMPY"):
        return _from_arrays(content, preferred, number)
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _from_archive(content, preferred, number)
    if content.startswith(_PICTURES):
        return _from_picture(content, preferred)
    return _read_text(decoded(content), preferred, number)


def read_every(content: bytes, kind: Domain) -> list[Upload]:
    """All puzzles in a file. Raises `PuzzleError` in one sentence."""
    first = read_upload(content, kind)
    if isinstance(first, Trace):
        raise PuzzleError("this is a saved solve, and no list of puzzles")
    others = (read_upload(content, kind, number) for number in range(2, first.count + 1))
    return [first, *(upload for upload in others if isinstance(upload, Upload))]


def read_text(text: str, preferred: Domain, number: int = 1) -> Upload:
    """The puzzle in a text; where several domains would fit, the `preferred` one.

    Raises `PuzzleError`: what keeps the `preferred` one from reading it.
    """
    with _in_a_sentence():
        return _read_text(text, preferred, number)


def _read_text(text: str, preferred: Domain, number: int) -> Upload:
    if not text.strip():
        preferred.parse("")  # says what is asked for
    if not text.isascii():
        text = _UNSEEN.sub("", text).translate(_SPACES)
    problem = None
    for kind in (preferred, *(d for d in DOMAINS.values() if d is not preferred)):
        if kind.by_rows and not preferred.by_rows and set(text) & set("456789"):
            continue  # a Sudoku of a size that is none of ours is no maze
        for form in formats_for(kind):
            try:
                entries = _entries(form, text, kind)
            except PuzzleError as error:  # it is of this format, and holds no such puzzle
                problem = problem or error
                break
            try:
                if entries:
                    found = _opened(entries, kind, number)
                    # A solution never takes the place of a puzzle that is cut short, or that can't be read.
                    if not _is_complete(found.domain, found.board_RC):
                        return found
                    problem = problem or near_miss(text, preferred)
                    if problem is None:
                        return found
            except PuzzleError as error:
                problem = problem or error
    raise (
        near_miss(text, preferred)
        or problem
        or PuzzleError(f"no {preferred.title} was found in it")
    )


@functools.lru_cache(maxsize=16)  # a collection is leafed through
def _entries(form: Format, text: str, kind: Domain) -> list[Entry]:
    return _questions(form.read(text, kind))


def _questions(entries: list[Entry]) -> list[Entry]:
    """The entries, as long as they are not solutions alone."""
    if entries and all(entry.solves for entry in entries):
        raise PuzzleError("it holds a solution, and not the puzzle that it solves")
    return entries


def understood(kind: Domain) -> str:
    """The formats of texts that this kind of puzzle is read from, in words."""
    *most, last = [form.name for form in formats_for(kind)]
    return f"{', '.join(most)} and {last}"


def _opened(entries: list[Entry], kind: Domain, number: int) -> Upload:
    """The entry of that number as a question, with its solution if that fits."""
    if 1 < len(entries) <= _MOST_TRIED:
        entries = [entry for entry in entries if reads(entry, kind)] or entries
    if not 1 <= number <= len(entries):
        raise PuzzleError(f"there is no puzzle {number} in it: it holds {len(entries)}")
    entry = entries[number - 1]
    fitting, board_RC, notes = kind.opened(entry.text(kind.by_rows))
    _check_held(entry, fitting, board_RC)
    if isinstance(fitting, Sudoku):
        notes = (*notes, *_of_other_boxes(fitting, board_RC))
    if _is_complete(fitting, board_RC):
        notes = (*notes, "it is a complete board: nothing is left to solve")
    answer_RC = None
    if entry.answer is not None:
        answer_RC = _answer(entry.answer, fitting, board_RC)
        if answer_RC is None:
            notes = (*notes, "the solution beside it does not solve it, and was left out")
    return Upload(
        fitting,
        board_RC,
        answer_RC=answer_RC,
        notes=(*entry.notes, *notes),
        name=entry.name,
        number=number,
        count=len(entries),
    )


def _check_held(entry: Entry, kind: Domain, board_RC: np.ndarray) -> None:
    """Raise `PuzzleError` where what was found is a grid of the right size, with nothing in it."""
    if kind.by_rows:
        if isinstance(kind, Maze) and not (board_RC == WALL).any():
            raise PuzzleError(
                f"a grid of {kind.rows}x{kind.cols} cells was found, but not one wall in it"
            )
    elif not board_RC.any() and not (
        isinstance(entry.cells, str) and _BLANK.fullmatch(entry.cells)
    ):
        raise PuzzleError(
            f"a grid of {kind.rows}x{kind.cols} cells was found, but no digit in it: they may be pictures, or fields "
            "that are filled in later"
        )


def _of_other_boxes(kind: Sudoku, board_RC: np.ndarray) -> tuple[str, ...]:
    """The note on a puzzle that has a solution only if its boxes stand upright where ours lie."""
    rows, cols = kind.drawing.box_rows, kind.drawing.box_cols
    if rows == cols or not board_RC.any():
        return ()
    turned = SudokuRules(cols, rows)
    if kind.rules.solutions(board_RC, limit=1) or not turned.solutions(board_RC, limit=1):
        return ()
    return (
        f"with boxes of {rows} rows by {cols} columns, as here, it has no solution, with {cols} by {rows} it would have one: "
        "write its columns as rows, and it is the same puzzle",
    )


def _is_complete(kind: Domain, board_RC: np.ndarray) -> bool:
    """Whether a board read cell by cell has no blank left."""
    return not kind.by_rows and bool((board_RC != 0).all())


def _answer(entry: Entry, kind: Domain, question_RC: np.ndarray) -> np.ndarray | None:
    """A solution that a file has, if it is one."""
    try:
        answer_RC = kind.parse_answer(entry.text(kind.by_rows))
    except PuzzleError:
        return None
    return answer_RC if kind.rules.judge(question_RC, answer_RC, answer_RC).valid else None


def decoded(content: bytes) -> str:
    """Bytes as text, in whatever encoding they are. Raises `PuzzleError` where they are no text."""
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and content[1:200:2].count(0) > 40:
        encoding = "utf-16-le"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        best = from_bytes(content[:50_000]).best()
        text = content.decode(best.encoding, errors="replace") if best is not None else "\0"
    sample = text[:10_000]
    sample = _UNSEEN.sub("", sample).translate(_SPACES)
    odd = sum(not ch.isprintable() and ch not in "\t\n\r\f" for ch in sample)
    if not sample or odd > 0.02 * len(sample):
        raise PuzzleError(
            "this is neither text, nor a PNG, JPEG or WebP picture, nor a spreadsheet, nor a saved solve (.npz)"
        )
    return text


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            inside = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise PuzzleError("the gzip file is broken or incomplete") from None
    if inside.startswith(b"\x1f\x8b"):
        raise PuzzleError("the gzip file holds another gzip file")
    return inside


def _from_archive(content: bytes, preferred: Domain, number: int) -> Upload | Trace:
    """A saved solve, saved arrays, or the first file of a ZIP archive that can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()][:_MOST_FILES]
            names = {info.filename for info in infos}
            if "meta.npy" in names:
                return Trace.load(content)
            if names & _SHEETS:
                return _from_sheets(content, preferred, number)
            if infos and all(info.filename.endswith(".npy") for info in infos):
                return _from_arrays(content, preferred, number)
            files = [i for i in infos if "__MACOSX" not in i.filename and i.file_size <= MOST_BYTES]
            problem = PuzzleError("the archive holds no file that could be a puzzle")
            for info in files:
                try:
                    found = _read(archive.read(info)[:MOST_BYTES], preferred, number)
                except PuzzleError as error:
                    problem = PuzzleError(f"{info.filename}, in the archive: {error}")
                    continue
                if isinstance(found, Upload) and len(files) > 1:
                    words = f"of the {len(files)} files in the archive this is {info.filename}"
                    found = replace(found, notes=(*found.notes, words))
                return found
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError):
        raise PuzzleError("the archive is broken, locked or incomplete") from None
    raise problem


def _from_sheets(content: bytes, preferred: Domain, number: int) -> Upload:
    """The first sheet of a spreadsheet that holds such a puzzle."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:_MOST_SHEETS]
        ]
    except (CalamineError, ValueError, OSError) as error:
        raise PuzzleError(f"the spreadsheet can't be opened ({error})") from None
    for rows in sheets:
        entries = [entry for entry in grids_of(rows, preferred) if reads(entry, preferred)]
        if entries:
            return _opened(_questions(entries), preferred, number)
    size = f"{preferred.rows} rows of {preferred.cols} cells"
    raise PuzzleError(f"no sheet of the spreadsheet holds a {preferred.title}, {size}")


def _from_arrays(content: bytes, preferred: Domain, number: int) -> Upload:
    """Boards as numpy saves them."""
    try:
        loaded = np.load(io.BytesIO(content), allow_pickle=False)
        arrays: Any = loaded if isinstance(loaded, np.ndarray) else {n: loaded[n] for n in loaded}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, MemoryError):
        raise PuzzleError("the numpy file is broken, or holds more than plain numbers") from None
    if isinstance(arrays, np.ndarray):
        arrays = {"puzzle": arrays}
    if sum(array.size for array in arrays.values()) > _MOST_NUMBERS:
        raise PuzzleError(f"the arrays hold more than {_MOST_NUMBERS:,} numbers; save fewer boards")
    values = {name: untokened(array, preferred) for name, array in arrays.items()}
    found = entries_in(values, preferred)
    entries = _questions(found)
    if not entries:
        raise PuzzleError(f"the arrays in the file are no {preferred.title}")
    return _opened(entries, preferred, number)


def _from_picture(content: bytes, preferred: Domain) -> Upload:
    # OpenCV takes a moment to load, and only pictures need it.
    from trm_core.readers.maze_picture import read_maze_picture
    from trm_core.readers.picture import PictureError, read_picture

    if isinstance(preferred, Maze):
        try:
            board_RC, notes = read_maze_picture(content)
        except PictureError as error:
            raise PuzzleError(str(error)) from None
        rows, cols = board_RC.shape
        return Upload(domain(f"maze-{rows}x{cols}"), board_RC, notes=notes)
    if not isinstance(preferred, Sudoku):
        raise PuzzleError(f"pictures of a {preferred.title} can't be read; type it or open a text")
    sizes = {d.rows: d for d in DOMAINS.values() if isinstance(d, Sudoku)}
    order = sorted(sizes, key=lambda size: (sizes[size] is not preferred, -size))
    try:
        reading = read_picture(content, tuple(order))
    except PictureError as error:
        raise PuzzleError(str(error)) from None
    out = io.BytesIO()
    reading.picture.resize((576, 576)).save(out, "JPEG", quality=80)
    found = sizes[len(reading.digits_RC)]
    return Upload(
        found,
        reading.digits_RC,
        reading.confidence_RC,
        out.getvalue(),
        notes=reading.notes,
    )
