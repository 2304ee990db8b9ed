"""Puzzles in a CSV file, plain or gzipped: the columns question, answer and, where known, rating."""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from trm_core.domains import Domain, Puzzle, PuzzleError


def read_puzzles(domain: Domain, path: Path) -> list[Puzzle]:
    """Every puzzle of the file.

    Raises `PuzzleError` that names the file and the line where something is off.
    """
    if not path.is_file():
        raise PuzzleError(f"there is no file {path}")
    puzzles = []
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = {"question", "answer"} - set(reader.fieldnames or ())
        if missing:
            raise PuzzleError(f"{path.name} has no column {' or '.join(sorted(missing))}")
        for row in reader:
            try:
                puzzles.append(_puzzle(domain, row))
            except PuzzleError as error:
                raise PuzzleError(f"{path.name}, line {reader.line_num}: {error}") from None
    if not puzzles:
        raise PuzzleError(f"{path.name} holds no puzzle")
    return puzzles


def _puzzle(domain: Domain, row: dict[str, str | None]) -> Puzzle:
    question_RC = domain.parse(row["question"] or "")
    answer_RC = domain.parse_answer(row["answer"] or "")
    if not domain.rules.is_solved(question_RC, answer_RC, answer_RC):
        raise PuzzleError("the answer doesn't solve the question")
    rating = row.get("rating") or ""
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
