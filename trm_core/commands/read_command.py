"""`python -m trm_core read FILE...`: what the app reads from files, through the very same door."""

from __future__ import annotations

import json
import sys
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np

from trm_core.commands.options import FLAT, HYPHEN
from trm_core.domains import Domain, PuzzleError, domain
from trm_core.readers.data_folder import held, kind_of, splits_in
from trm_core.readers.upload import SURE, Upload, read_upload
from trm_core.record.trace import Trace

# What each page of puzzles would rather read where several kinds fit.
PAGES = {"sudoku": "sudoku-9x9", "maze": "maze-13x13"}


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    files: Annotated[tuple[str, ...], HYPHEN]
    """Text, picture, table, archive; - is stdin."""
    _: KW_ONLY
    page: Literal["sudoku", "maze"] = "sudoku"
    """Whose puzzles are meant."""
    number: int = 1
    """Of the puzzles in a file, which."""
    json: bool = False
    """Print one JSON object a file, in a line."""


def run(options: Options) -> int:
    """Exit status 2 if any file was refused."""
    preferred = domain(PAGES[options.page])
    refused = False
    for name in options.files:
        told = reading(name, preferred, options.number)
        refused |= told["error"] is not None
        print(json.dumps(told, ensure_ascii=False) if options.json else _in_words(told))
    return 2 if refused else 0


def content_of(name: str) -> bytes:
    """The bytes of a file, or of what is piped in. Raises `PuzzleError`."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise PuzzleError(f"{name} can't be opened ({error.strerror or error})") from None


def reading(name: str, preferred: Domain, number: int = 1) -> dict[str, Any]:
    """What a file came to: its domain, board, each cell's confidence, notes, or the error."""
    told = dict.fromkeys(("domain", "board", "confidence"))
    try:
        if name != "-" and Path(name).is_dir():
            return _of_folder(Path(name), preferred, number)
        found = read_upload(content_of(name), preferred, number)
    except PuzzleError as error:
        return {"file": name, **told, "notes": [], "error": str(error)}
    if isinstance(found, Trace):
        board_RC, confidence_RC = found.question_board, None
        notes = [
            f"a saved solve of {found.steps} steps by {found.checkpoint or 'an unnamed model'}"
        ]
    else:
        board_RC, confidence_RC, notes = found.board_RC, found.confidence_RC, _notes(found)
    if confidence_RC is None:
        confidence_RC = np.ones(board_RC.shape)
    return {
        "file": name,
        "domain": found.domain.name,
        "board": found.domain.format(board_RC),
        "confidence": np.round(confidence_RC, 3).tolist(),
        "notes": notes,
        "error": None,
    }


def _of_folder(folder: Path, preferred: Domain, number: int) -> dict[str, Any]:
    """One example of a data folder, of its first half. Raises `PuzzleError`."""
    halves = splits_in(folder)
    name, half = next(iter(halves.items()))
    chosen = kind_of(half, preferred)
    if not 1 <= number <= len(half):
        raise PuzzleError(f"{folder}/{name} has examples 1 to {len(half)}, not {number}")
    board_RC = half.puzzle(chosen, number - 1).question_RC
    return {
        "file": str(folder),
        "domain": chosen.name,
        "board": chosen.format(board_RC),
        "confidence": np.ones(board_RC.shape).tolist(),
        "notes": [
            f"a data folder: {held(halves)}",
            f"example {number} of {name}; --number reads another",
        ],
        "error": None,
    }


def _notes(found: Upload) -> list[str]:
    notes = list(found.notes)
    if found.count > 1:
        notes.append(f"puzzle {found.number} of {found.count}; --number reads another")
    if found.answer_RC is not None:
        notes.append("its solution stands beside it")
    return notes


def _in_words(told: dict[str, Any]) -> str:
    if told["error"] is not None:
        return f"{told['file']}: {told['error']}"
    chosen = domain(told["domain"])
    lines = [f"{told['file']}: a {chosen.title}"]
    board_RC = chosen.parse(told["board"])
    confidence_RC = np.array(told["confidence"])
    symbols = {value: symbol.text for value, symbol in chosen.drawing.every_symbol.items()}
    for row_C, sure_C in zip(board_RC, confidence_RC, strict=True):
        cells = [
            symbols[int(v)] + ("?" if s < SURE else " ") for v, s in zip(row_C, sure_C, strict=True)
        ]
        lines.append("  " + "".join(cells))
    doubtful = int((confidence_RC < SURE).sum())
    notes = [*told["notes"], *([f"{doubtful} cells marked ? are doubtful"] if doubtful else [])]
    return "\n".join([*lines, *(f"  ({note})" for note in notes)])
