"""Puzzles as a file holds them, before anyone knows what kind they are: `Entry`; and the names by which
files call a puzzle, its solution, its start and its goal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

QUESTIONS = {
    *("question", "puzzle", "puzzles", "quiz", "quizzes", "sudoku", "board", "grid", "maze"),
    *("unsolved", "given", "givens", "clues", "mission", "problem", "initial", "input", "cells"),
    *("task", "value", "values", "data", "inputs"),
}
ANSWERS = {
    *("answer", "answers", "solution", "solutions", "solved", "result", "output", "path", "labels"),
    *("target", "targets", "completion", "response", "reply", "full", "complete", "completed"),
}
STARTS = {"start", "source", "entrance", "entry", "begin", "origin", "from", "s"}
GOALS = {"goal", "end", "destination", "exit", "finish", "target", "stop", "to", "g", "e"}
NO_ANSWERS = {"unsolved", "question", "puzzle", "input", "inputs"}
ABOUT = {
    *("id", "ids", "identifier", "identifiers", "index", "indices", "name", "number", "count"),
    *(
        "hash",
        "difficulty",
        "level",
        "rating",
        "size",
        "type",
        "kind",
        "source",
        "url",
        "author",
        "date",
    ),
}
NAMES = {"name", "title", "id", "label"}
_BLANKS = re.compile(r"[.0*_?\-xX ]")


@dataclass(frozen=True, eq=False)
class Entry:
    """One puzzle of a file: `cells` as a text, or as rows of cells, each a text ("" is empty)."""

    cells: str | tuple[tuple[str, ...], ...]
    answer: Entry | None = None  # its solution, where the file has one
    name: str = ""
    start: tuple[int, int] | None = None  # two numbers, of which the kind of puzzle knows the order
    goal: tuple[int, int] | None = None
    solves: bool = False  # whether the file calls it a solution
    notes: tuple[str, ...] = ()

    def text(self, by_rows: bool) -> str:
        """As a text that a domain reads; `by_rows`, as `Domain` has it, keeps the rows apart."""
        if isinstance(self.cells, str):
            return self.cells
        if any(len(cell) > 1 for row in self.cells for cell in row):
            return "\n".join(",".join(row) for row in self.cells)
        rows = ["".join(cell.strip() or "." for cell in row) for row in self._with_ends(by_rows)]
        return ("\n" if by_rows else "").join(rows)

    def _with_ends(self, by_rows: bool) -> list[list[str]]:
        rows = [list(row) for row in self.cells]
        if by_rows:
            if self.is_inverted:
                rows = [[{"0": "1", "1": "0"}.get(cell, cell) for cell in row] for row in rows]
            for sign, place in (("S", self.start), ("G", self.goal)):
                cell = _on_free(rows, place)
                if cell is not None:
                    rows[cell[0]][cell[1]] = sign
        return rows

    @property
    def is_inverted(self) -> bool:
        """Whether 1 is free and 0 a wall, since start and goal stand on 1."""
        if isinstance(self.cells, str) or self.start is None or self.goal is None:
            return False
        rows = self.cells
        if {cell for row in rows for cell in row} != {"0", "1"}:
            return False

        def on(r: int, c: int) -> str:
            return rows[r][c] if 0 <= r < len(rows) and 0 <= c < len(rows[r]) else ""

        both = (self.start, self.goal)
        return any(all(on(*p[::turn]) == "1" for p in both) for turn in (1, -1)) and not any(
            all(on(*p[::turn]) == "0" for p in both) for turn in (1, -1)
        )

    @property
    def has_blanks(self) -> bool:
        """Whether something is left to solve, as far as its text tells."""
        if isinstance(self.cells, str):
            return bool(_BLANKS.search(self.cells.strip()))
        return any(
            not cell.strip() or _BLANKS.fullmatch(cell) for row in self.cells for cell in row
        )


def _on_free(rows: list[list[str]], place: tuple[int, int] | None) -> tuple[int, int] | None:
    """A place as row and column: in that order, unless only the other one is no wall."""
    if place is None:
        return None
    for r, c in (place, place[::-1]):
        if 0 <= r < len(rows) and 0 <= c < len(rows[r]) and rows[r][c] not in ("1", "#"):
            return r, c
    return None


def words_of(name: str) -> set[str]:
    """The words in a name such as "unsolved-sudoku" or "startCell", in small letters."""
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", name[:80])
    return set(re.findall(r"[a-z]+", parted.lower()))


def is_answer(name: str) -> bool:
    """Whether a name says that what it names is a solution."""
    words = words_of(name)
    return bool(words & ANSWERS) and not words & NO_ANSWERS


def is_question(name: str) -> bool:
    """Whether a name says that what it names is a puzzle, and not something about one ("puzzle_id")."""
    words = words_of(name)
    return bool(words & QUESTIONS) and not words & ABOUT and not is_answer(name)


def paired(entries: Iterable[Entry], *, full_solve: bool) -> list[Entry]:
    """The puzzles among entries that belong together, each with its solution: what is called one, or,
    where `full_solve`, what has no blanks while another has."""
    entries = list(entries)
    some_blank = full_solve and any(e.has_blanks for e in entries)
    answers = [e.solves or (some_blank and not e.has_blanks) for e in entries]
    found: list[Entry] = []
    waiting: Entry | None = None  # a solution that stands before its puzzle
    for entry, solves in zip(entries, answers, strict=True):
        if not solves:
            found.append(
                entry if entry.answer or waiting is None else replace(entry, answer=waiting)
            )
            waiting = None
        elif found and found[-1].answer is None:
            found[-1] = replace(found[-1], answer=entry)
        else:
            waiting = entry
    return found or [replace(e, solves=True) for e in entries]
