"""Many puzzles in a file: a CSV, plain or gzipped, with columns of questions and answers (called that, or
puzzle and solution, or quizzes and solutions) and, where known, rating; a ZIP of a data folder (its test half, if there is
one); or whatever else `upload` reads."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from trm_core.domains import Domain, Puzzle, PuzzleError
from trm_core.readers.data_folder import opened_zip, splits_in
from trm_core.readers.entries import is_answer, is_question
from trm_core.readers.upload import read_every

LARGEST = 2**30  # bytes a file may unpack to
GZIP = b"\x1f\x8b"  # how such a file begins


def read_puzzles(domain: Domain, path: Path) -> list[Puzzle]:
    """Every puzzle of the file, as `puzzles_in` reads its content."""
    if not path.is_file():
        raise PuzzleError(f"there is no file {path}")
    return puzzles_in(domain, path.read_bytes(), path.name)


def puzzles_in(domain: Domain, content: bytes, name: str, largest: int = LARGEST) -> list[Puzzle]:
    """Every puzzle in a file's content, as `listed_in` reads it, each with its answer."""
    return answered(domain, listed_in(domain, content, name, largest), name)


def answered(domain: Domain, listed: Sequence[Puzzle], name: str, before: int = 0) -> list[Puzzle]:
    """These puzzles of a file, of which so many come `before` them; what has no answer is answered by the rules.
    Raises `PuzzleError` that names the file and the puzzle which has none, or several."""
    puzzles = []
    for number, puzzle in enumerate(listed, start=before + 1):
        if puzzle.solution_RC is None:
            solutions = domain.rules.solutions(puzzle.question_RC, limit=2)
            if len(solutions) != 1:
                how_many = "no solution" if not solutions else "several solutions"
                raise PuzzleError(f"{name}, puzzle {number} has {how_many}")
            puzzle = replace(puzzle, solution_RC=solutions[0])
        puzzles.append(puzzle)
    return puzzles


def listed_in(domain: Domain, content: bytes, name: str, largest: int = LARGEST) -> list[Puzzle]:
    """Every puzzle in a file's content, which may unpack to `largest` bytes, with the answers that stand there.

    Raises `PuzzleError` that names the file and the line, or the puzzle, where something is off.
    """
    if zipfile.is_zipfile(io.BytesIO(content)) and (folder := opened_zip(content)) is not None:
        halves = splits_in(folder)
        half = halves.get("test") or next(iter(halves.values()))
        half.pairs(domain)  # they are of that kind, and answered
        return [half.puzzle(domain, number) for number in range(len(half))]
    text = _unzipped(content, name, largest) if content[:2] == GZIP else content
    decoded = text.decode("utf-8-sig", errors="replace")
    reader = csv.DictReader(decoded.splitlines())
    question, answer = _columns(_header(reader))
    if (
        decoded.lstrip()[:1] in ("{", "[") or question is None or answer is None
    ):  # JSON, or no such CSV
        return _through_the_door(domain, name, content)
    puzzles = []
    try:
        for row in reader:
            puzzles.append(_puzzle(domain, row[question], row[answer], row.get("rating")))
    except csv.Error as error:
        raise PuzzleError(f"{name}, line {reader.line_num} is no line of a CSV ({error})") from None
    except PuzzleError as error:
        raise PuzzleError(f"{name}, line {reader.line_num}: {error}") from None
    if not puzzles:
        raise PuzzleError(f"{name} holds no puzzle")
    return puzzles


def _header(reader: csv.DictReader[str]) -> Sequence[str]:
    """The names of a CSV's columns; none where its first line is of no CSV."""
    try:
        return reader.fieldnames or ()
    except csv.Error:
        return ()


def _unzipped(content: bytes, name: str, largest: int) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            text = file.read(largest + 1)
    except (OSError, EOFError, zlib.error):
        raise PuzzleError(f"{name} is not a whole gzip file") from None
    if len(text) > largest:
        raise PuzzleError(f"{name} unpacks to more than {largest // 2**20} MiB")
    return text


def _columns(names: Sequence[str]) -> tuple[str | None, str | None]:
    """The columns of the puzzles and of their solutions, by the names that people give them."""
    question = next((name for name in names if is_question(name)), None)
    answer = next((name for name in names if is_answer(name)), None)
    return question, answer


def _through_the_door(domain: Domain, name: str, content: bytes) -> list[Puzzle]:
    try:
        found = read_every(content, domain)
    except PuzzleError as error:
        raise PuzzleError(f"{name}: {error}") from None
    for upload in found:
        if upload.domain.name != domain.name:
            raise PuzzleError(
                f"{name}, puzzle {upload.number} is a {upload.domain.title}, not a {domain.title}"
            )
    return [Puzzle(upload.board_RC, upload.answer_RC) for upload in found]


def _puzzle(domain: Domain, question: str | None, answer: str | None, rating: str | None) -> Puzzle:
    question_RC = domain.parse(question or "")
    answer_RC = domain.parse_answer(answer or "")
    if not domain.rules.is_solved(question_RC, answer_RC, answer_RC):
        raise PuzzleError("the answer doesn't solve the question")
    rating = rating or ""
    return Puzzle(question_RC, answer_RC, int(rating) if rating.isdecimal() else None)


def write_puzzles(domain: Domain, puzzles: Sequence[Puzzle], path: Path | None = None) -> None:
    """Write a file that `read_puzzles` reads back; without a path, print it."""
    if path is None:
        _write(domain, puzzles, sys.stdout)
        return
    with gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w") as file:
        _write(domain, puzzles, file)


def _write(domain: Domain, puzzles: Sequence[Puzzle], file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("question", "answer", "rating"))
    for p in puzzles:
        writer.writerow((domain.format(p.question_RC), domain.format(p.solution_RC), p.rating))
