"""Puzzles in a CSV file, plain or gzipped: columns of questions and answers, called that or puzzle and
solution or quizzes and solutions, and, where known, rating."""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from trm_core.domains import Domain, Puzzle, PuzzleError
from trm_core.readers.entries import is_answer, is_question


def read_puzzles(domain: Domain, path: Path) -> list[Puzzle]:
    """Every puzzle of the file.

    Raises `PuzzleError` that names the file and the line where something is off.
    """
    if not path.is_file():
        raise PuzzleError(f"there is no file {path}")
    puzzles = []
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        question, answer = _columns(path, reader.fieldnames or ())
        for row in reader:
            try:
                puzzles.append(_puzzle(domain, row[question], row[answer], row.get("rating")))
            except PuzzleError as error:
                raise PuzzleError(f"{path.name}, line {reader.line_num}: {error}") from None
    if not puzzles:
        raise PuzzleError(f"{path.name} holds no puzzle")
    return puzzles


def _columns(path: Path, names: Sequence[str]) -> tuple[str, str]:
    """The columns of the puzzles and of their solutions, by the names that people give them."""
    question = next((name for name in names if is_question(name)), None)
    answer = next((name for name in names if is_answer(name)), None)
    missing = [name for name, found in (("question", question), ("answer", answer)) if not found]
    if question is None or answer is None:
        raise PuzzleError(
            f"{path.name} has no column {' and no column '.join(missing)} (or puzzle, quizzes; solution, "
            f"solutions); its columns are {', '.join(names) or 'none'}"
        )
    return question, answer


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
