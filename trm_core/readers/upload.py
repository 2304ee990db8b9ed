"""Whatever file a person has, to a puzzle or a trace: text, CSV, JSON, a picture, a saved solve."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np

from trm_core.domains import DOMAINS, Domain, Maze, PuzzleError, domain
from trm_core.domains.sudoku import Sudoku
from trm_core.record.trace import Trace

MOST_BYTES = 10 * 2**20
SURE = 0.9  # a cell read from a picture with less should be looked at
_NAMES = ("question", "puzzle", "quizzes", "board", "grid", "maze")  # of a puzzle in a file
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


@dataclass(frozen=True, eq=False)
class Upload:
    """What a file held: a question, and, of a picture, how sure each cell is and its picture."""

    domain: Domain
    board_RC: np.ndarray
    confidence_RC: np.ndarray | None = None  # 0 to 1
    picture: bytes | None = None  # the grid, straightened, as JPEG


def read_upload(content: bytes, preferred: Domain) -> Upload | Trace:
    """The puzzle or the trace in a file; where several domains would fit, the `preferred` one.

    What the file is, its content says, not its name. Raises `PuzzleError` in one sentence.
    """
    if not content:
        raise PuzzleError("the file is empty")
    if len(content) > MOST_BYTES:
        raise PuzzleError(
            f"the file has {len(content) / 2**20:.1f} MiB, more than {MOST_BYTES // 2**20}"
        )
    if zipfile.is_zipfile(io.BytesIO(content)):
        return Trace.load(content)
    if content.startswith(_PICTURES):
        return _from_picture(content, preferred)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PuzzleError(
            "this is neither text, nor a PNG, JPEG or WebP picture, nor a saved solve (.npz)"
        ) from None
    return read_text(text, preferred)


def read_text(text: str, preferred: Domain) -> Upload:
    """The puzzle in a text; where several domains would fit, the `preferred` one.

    Raises `PuzzleError`: what keeps the `preferred` one from reading it.
    """
    problem = None
    for kind in (preferred, *(d for d in DOMAINS.values() if d is not preferred)):
        try:
            inner = puzzle_text(text, kind.by_rows)
            fitting = kind.sized_for(inner)
            return Upload(fitting, fitting.parse(inner))
        except PuzzleError as error:
            problem = problem or error
    raise problem or PuzzleError("the file holds no puzzle")


def puzzle_text(text: str, by_rows: bool = False) -> str:
    """The puzzle inside a longer text: a JSON value, a CSV row, .sdk lines, or all of it.

    `by_rows`, as `Domain` has it, keeps every line as it is.
    """
    stripped = text.strip()
    if stripped[:1] in ("[", "{"):
        try:
            found = _in_json(json.loads(stripped), by_rows)
        except (ValueError, RecursionError):
            found = None  # no JSON: SadMan's .sdk, too, begins with a bracket
        if found is not None:
            return found
    named = _in_csv(stripped.splitlines())
    if named is not None:
        return named
    if by_rows:
        return text
    lines = [
        line
        for line in stripped.splitlines()
        if line.strip() and not line.startswith(("#", "[")) and len(line) < 10_000
    ]
    # Collections hold a puzzle a line: the first one counts.
    if len(lines) > 1 and len(lines[0].split()[0]) in {d.cells for d in DOMAINS.values()}:
        return lines[0].split()[0]
    return "\n".join(lines)


def _in_csv(lines: list[str]) -> str | None:
    """The first puzzle of a table with a header, if this is one."""
    lines = [line for line in lines if line.strip() and not line.startswith(("#", "["))]
    if not lines or "," not in lines[0] or not any(c.isalpha() for c in lines[0]):
        return None
    try:
        row = next(csv.DictReader(line for line in lines if len(line) < 10_000), {})
    except csv.Error:
        return None
    names = {name.strip().lower(): value for name, value in row.items() if name and value}
    return next((names[name] for name in _NAMES if name in names), None)


def _in_json(value: Any, by_rows: bool, depth: int = 8) -> str | None:
    """A puzzle not too deep in a JSON value: a string of cells, or lists of rows."""
    if depth == 0:
        return None
    if isinstance(value, str):
        return value if len(value) >= min(d.cells for d in DOMAINS.values()) else None
    if isinstance(value, dict):
        named = [name for name in _NAMES if name in value]
        order = [*named, *(name for name in value if name not in named)]
        return next(
            (found for name in order if (found := _in_json(value[name], by_rows, depth - 1))), None
        )
    if isinstance(value, list) and value:
        if by_rows and len(value) > 1 and all(isinstance(row, str) for row in value):
            return "\n".join(value)
        rows = value if all(isinstance(row, list) for row in value) else [value]
        if all(not isinstance(cell, list | dict) for row in rows for cell in row):
            lines = [
                ["." if cell in (None, "", 0, "0") else str(cell) for cell in row] for row in rows
            ]
            if all(len(cell) == 1 for line in lines for cell in line):
                text = ("\n" if by_rows else "").join("".join(line) for line in lines)
                return text if len(text) > 1 else None
        return next((found for v in value if (found := _in_json(v, by_rows, depth - 1))), None)
    return None


def _from_picture(content: bytes, preferred: Domain) -> Upload:
    # OpenCV takes a moment to load, and only pictures need it.
    from trm_core.readers.maze_picture import read_maze_picture
    from trm_core.readers.picture import PictureError, read_picture

    if isinstance(preferred, Maze):
        try:
            board_RC = read_maze_picture(content)
        except PictureError as error:
            raise PuzzleError(str(error)) from None
        rows, cols = board_RC.shape
        return Upload(domain(f"maze-{rows}x{cols}"), board_RC)
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
    return Upload(found, reading.digits_RC, reading.confidence_RC, out.getvalue())
