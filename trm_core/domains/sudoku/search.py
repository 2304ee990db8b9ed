"""Exact search for Sudoku: counts solutions, counts guesses, digs minimal puzzles.

The search places naked and hidden singles until none is left, then guesses in the cell with
the fewest candidates. It never helps the model: it checks uniqueness, makes puzzles and rates
them.

`propagate`, `search` and `dig` use only integers, flat sequences and each other (passed in as
arguments), so the same source runs two ways: plain over lists, which starts at once and is
fast enough while someone types; and compiled by numba over arrays, for making thousands.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SOLVED, DEAD, OPEN = 0, 1, 2
ENDLESS = 2**60  # guesses


def propagate(cells, used, units, unit_of, ones, size, trail, length):
    """Place singles until none is left; placed cells go on the trail.

    Returns (status, trail length, best cell to guess, its candidate mask). `used[u]` has bit
    d-1 set where unit u holds digit d.
    """
    full = (1 << size) - 1
    count = size * size
    while True:
        progress = False
        best, best_cell, best_mask = size + 1, -1, 0
        for c in range(count):
            if cells[c] == 0:
                mask = full & ~(
                    used[unit_of[3 * c]] | used[unit_of[3 * c + 1]] | used[unit_of[3 * c + 2]]
                )
                if mask == 0:
                    return DEAD, length, -1, 0
                if ones[mask] == 1:
                    cells[c] = ones[full + 1 + mask]
                    for k in range(3):
                        used[unit_of[3 * c + k]] |= mask
                    trail[length] = c
                    length += 1
                    progress = True
                elif ones[mask] < best:
                    best, best_cell, best_mask = ones[mask], c, mask
        if progress:
            continue
        if best_cell == -1:
            return SOLVED, length, -1, 0
        for u in range(3 * size):
            once, twice = 0, 0
            for k in range(size):
                c = units[u * size + k]
                if cells[c] == 0:
                    mask = full & ~(
                        used[unit_of[3 * c]] | used[unit_of[3 * c + 1]] | used[unit_of[3 * c + 2]]
                    )
                    twice |= once & mask
                    once |= mask
            if (once | used[u]) != full:
                return DEAD, length, -1, 0
            single = once & ~twice
            while single:
                bit = single & -single
                single ^= bit
                place = -1
                for k in range(size):
                    c = units[u * size + k]
                    taken = (
                        used[unit_of[3 * c]] | used[unit_of[3 * c + 1]] | used[unit_of[3 * c + 2]]
                    )
                    if cells[c] == 0 and not taken & bit:
                        place = c
                if place == -1:
                    return DEAD, length, -1, 0
                cells[place] = ones[full + 1 + bit]
                for k in range(3):
                    used[unit_of[3 * place + k]] |= bit
                trail[length] = place
                length += 1
                progress = True
        if not progress:
            return OPEN, length, best_cell, best_mask


def search(
    cells,
    used,
    units,
    unit_of,
    ones,
    size,
    trail,
    marks,
    guessed,
    pending,
    limit,
    most_guesses,
    found,
):
    """Find up to `limit` solutions; they are written to `found`, one after the other.

    Returns (number of solutions, number of guesses); it gives up after `most_guesses`. `cells` and `used` are left as they were
    found only by the caller's copy.
    """
    count = size * size
    full = (1 << size) - 1
    length, depth, solutions, guesses = 0, 0, 0, 0
    while True:
        status, length, cell, mask = propagate(
            cells, used, units, unit_of, ones, size, trail, length
        )
        if status == OPEN:
            marks[depth], guessed[depth], pending[depth] = length, cell, mask
            depth += 1
        elif status == SOLVED:
            for c in range(count):
                found[solutions * count + c] = cells[c]
            solutions += 1
            if solutions == limit:
                return solutions, guesses
        while depth > 0 and pending[depth - 1] == 0:
            depth -= 1
        if depth == 0 or guesses >= most_guesses:
            return solutions, guesses
        while length > marks[depth - 1]:
            length -= 1
            c = trail[length]
            bit = 1 << (cells[c] - 1)
            cells[c] = 0
            for k in range(3):
                used[unit_of[3 * c + k]] &= ~bit
        bit = pending[depth - 1] & -pending[depth - 1]
        pending[depth - 1] ^= bit
        c = guessed[depth - 1]
        cells[c] = ones[full + 1 + bit]
        for k in range(3):
            used[unit_of[3 * c + k]] |= bit
        trail[length] = c
        length += 1
        guesses += 1


def dig(
    puzzle,
    order,
    units,
    unit_of,
    ones,
    size,
    cells,
    used,
    trail,
    marks,
    guessed,
    pending,
    found,
):
    """Take clues out of `puzzle` in the given order wherever the solution stays unique."""
    for c in order:
        digit = puzzle[c]
        puzzle[c] = 0
        for u in range(3 * size):
            used[u] = 0
        for i in range(size * size):
            cells[i] = puzzle[i]
            if puzzle[i]:
                for k in range(3):
                    used[unit_of[3 * i + k]] |= 1 << (puzzle[i] - 1)
        solutions, _ = search(
            cells,
            used,
            units,
            unit_of,
            ones,
            size,
            trail,
            marks,
            guessed,
            pending,
            2,
            ENDLESS,
            found,
        )
        if solutions != 1:
            puzzle[c] = digit


@dataclass(frozen=True)
class SearchResult:
    solutions: list[np.ndarray]  # (R, C) uint8 each
    guesses: int


class SudokuSearch:
    """The search for one grid size; `compiled` runs it through numba (installed or not at all)."""

    _search: Callable[..., Any]
    _dig: Callable[..., Any]

    def __init__(self, box_rows: int, box_cols: int, compiled: bool = False) -> None:
        self.size = size = box_rows * box_cols
        self._sequence: Callable[..., Any] = np.array if compiled else list
        index_RC = np.arange(size * size).reshape(size, size)
        boxes = index_RC.reshape(size // box_rows, box_rows, size // box_cols, box_cols)
        boxes = boxes.transpose(0, 2, 1, 3).reshape(size, size)
        self.units_UN = np.concatenate([index_RC, index_RC.T, boxes])
        unit_of = np.argwhere(np.arange(size * size)[:, None, None] == self.units_UN)[:, 1]
        masks = range(1 << size)
        # First half: how many bits a mask has. Second half: the digit of a one-bit mask.
        ones = [mask.bit_count() for mask in masks] + [mask.bit_length() for mask in masks]
        self._units = self._sequence(self.units_UN.flatten().tolist())
        self._unit_of = self._sequence(unit_of.tolist())
        self._ones = self._sequence(ones)
        self._search, self._dig = _compiled() if compiled else (search, dig)

    def solve(self, board_RC: np.ndarray, limit: int, most_guesses: int = ENDLESS) -> SearchResult:
        """Up to `limit` solutions of a board without clashes, and the guesses that took."""
        size = self.size
        cells = self._sequence(board_RC.flatten().tolist())
        used = [0] * (3 * size)
        for u, unit in enumerate(self.units_UN):
            for digit in board_RC.flatten()[unit].tolist():
                if digit:
                    used[u] |= 1 << (digit - 1)
        found = self._zeros(limit * size * size)
        solutions, guesses = self._search(
            cells,
            self._sequence(used),
            *self._tables(),
            *self._workspace(),
            limit,
            most_guesses,
            found,
        )
        boards = np.array(found, dtype=np.uint8).reshape(limit, size, size)
        return SearchResult(list(boards[:solutions]), int(guesses))

    def dig(self, puzzle_RC: np.ndarray, order: np.ndarray) -> np.ndarray:
        """The puzzle (or full grid) with one clue after the other taken out, in this order of
        cells, wherever its solution stays unique; minimal when the order names all its clues."""
        count = self.size * self.size
        puzzle = self._sequence(puzzle_RC.flatten().tolist())
        self._dig(
            puzzle,
            self._sequence(order.tolist()),
            *self._tables(),
            self._zeros(count),
            self._zeros(3 * self.size),
            *self._workspace(),
            self._zeros(2 * count),
        )
        return np.array(puzzle, dtype=np.uint8).reshape(self.size, self.size)

    def _zeros(self, count: int) -> Any:
        return self._sequence([0] * count)

    def _tables(self) -> tuple[Any, ...]:
        return self._units, self._unit_of, self._ones, self.size

    def _workspace(self) -> tuple[Any, ...]:
        """trail, marks, guessed, pending: no stack can hold more than all cells."""
        return tuple(self._zeros(self.size * self.size) for _ in range(4))


@functools.cache
def _compiled() -> tuple[Callable[..., Any], ...]:
    """Search and dig for boards of every size; others may compute while they do. What numba makes of them is kept
    beside this file, so that a later process needn't wait for it again."""
    import numba
    from numba.extending import register_jitable

    for called in (propagate, search):
        register_jitable(called)
    try:
        return tuple(numba.njit(each, nogil=True, cache=True) for each in (search, dig))
    except RuntimeError:  # no folder in which anything can be kept
        return tuple(numba.njit(each, nogil=True) for each in (search, dig))


@functools.lru_cache(maxsize=16)
def sudoku_search(box_rows: int, box_cols: int, compiled: bool = False) -> SudokuSearch:
    """The search for a grid, built once."""
    return SudokuSearch(box_rows, box_cols, compiled)
