"""The table of domains. A new puzzle is one file here and one line in `DOMAINS`."""

from __future__ import annotations

import functools

from trm_core.domains.contract import (
    Domain,
    Judgement,
    Puzzle,
    PuzzleError,
    SearchLimitError,
    Symbol,
    Symmetries,
    Violation,
    visitor_rng,
    vote_symmetries,
)
from trm_core.domains.maze import Maze, maze_size
from trm_core.domains.sudoku import Sudoku

DOMAINS: dict[str, Domain] = {
    domain.name: domain
    for domain in (Sudoku(2, 2), Sudoku(2, 3), Sudoku(3, 3), Maze(13, 13), Maze(30, 30))
}


@functools.cache
def domain(name: str) -> Domain:
    """The domain of that name; mazes come in any size, such as "maze-9x12" (rows x columns).

    Raises `PuzzleError` that lists the names there are.
    """
    if name in DOMAINS:
        return DOMAINS[name]
    size = maze_size(name)
    if size is None:
        raise PuzzleError(f"unknown puzzle {name!r}; there are {', '.join(DOMAINS)}")
    return Maze(*size)


__all__ = [
    "DOMAINS",
    "Domain",
    "Judgement",
    "Maze",
    "Puzzle",
    "PuzzleError",
    "SearchLimitError",
    "Symbol",
    "Symmetries",
    "Violation",
    "domain",
    "visitor_rng",
    "vote_symmetries",
]
