"""The table of domains. A new puzzle is one file here and one line in `DOMAINS`."""

from __future__ import annotations

from trm_core.domains.contract import (
    Domain,
    Puzzle,
    PuzzleError,
    SearchLimitError,
    Symbol,
    Symmetries,
    Violation,
    visitor_rng,
    vote_symmetries,
)
from trm_core.domains.sudoku import Sudoku

DOMAINS: dict[str, Domain] = {
    domain.name: domain for domain in (Sudoku(2, 2), Sudoku(2, 3), Sudoku(3, 3))
}


def domain(name: str) -> Domain:
    """The domain of that name. Raises `PuzzleError` that lists the names there are."""
    if name not in DOMAINS:
        raise PuzzleError(f"unknown puzzle {name!r}; there are {', '.join(DOMAINS)}")
    return DOMAINS[name]


__all__ = [
    "DOMAINS",
    "Domain",
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
