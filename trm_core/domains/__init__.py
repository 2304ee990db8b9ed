"""Domains: the puzzles, as plain numpy. The contract, one folder a puzzle with its rules, its text, and
what checks and makes it, and the table. A new puzzle is one folder here and one line in `DOMAINS`;
nothing here may know of models, readers or pages."""

from __future__ import annotations

import functools

from trm_core.domains.arc.domain import ArcCanvas, ArcGrid, Task, arc_size
from trm_core.domains.arc.sizes import as_asked, learnable
from trm_core.domains.contract import (
    Domain,
    Drawing,
    Judgement,
    Maker,
    Puzzle,
    PuzzleError,
    Rules,
    SearchLimitError,
    Sign,
    SolutionRules,
    Symbol,
    Symmetries,
    Violation,
    counted,
    in_words,
    visitor_rng,
    vote_symmetries,
)
from trm_core.domains.maze.domain import Maze, maze_size
from trm_core.domains.pairs import Pairs
from trm_core.domains.sudoku.domain import Sudoku

DOMAINS: dict[str, Domain] = {
    domain.name: domain
    for domain in (Sudoku(2, 2), Sudoku(2, 3), Sudoku(3, 3), Maze(13, 13), Maze(30, 30))
}


# Of no page of their own: what a model that knows no size is measured on, and what published ones read.
BEYOND: dict[str, Domain] = {domain.name: domain for domain in (Sudoku(4, 4), ArcCanvas())}


def domain(name: str) -> Domain:
    """The domain of that name; mazes and ARC's grids come in any size, such as "maze-9x12" (rows x columns).

    Raises `PuzzleError` that lists the names there are.
    """
    if name in DOMAINS:
        return DOMAINS[name]
    if name in BEYOND:
        return BEYOND[name]
    return _of_any_size(name)


@functools.cache
def _of_any_size(name: str) -> Domain:
    for kind, size in ((Maze, maze_size(name)), (ArcGrid, arc_size(name))):
        if size is not None:
            return kind(*size)
    raise PuzzleError(f"unknown puzzle {name!r}; there are {', '.join(DOMAINS)}")


__all__ = [
    "DOMAINS",
    "ArcGrid",
    "Domain",
    "Drawing",
    "Judgement",
    "Maker",
    "Maze",
    "Pairs",
    "Puzzle",
    "PuzzleError",
    "Rules",
    "SearchLimitError",
    "Sign",
    "SolutionRules",
    "Symbol",
    "Symmetries",
    "Task",
    "Violation",
    "as_asked",
    "counted",
    "domain",
    "in_words",
    "learnable",
    "visitor_rng",
    "vote_symmetries",
]
