"""Arrays as published data sets keep boards: a board a row, its signs as tokens, moved by one since 0 pads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from trm_core.domains import Domain, PuzzleError

_MAZE_SIGNS = "?#.SGo"  # of the published mazes, by their tokens


def untokened(array: np.ndarray, kind: Domain) -> Any:
    """The array as lists, boards among them as rows of cells; tokens brought back to digits and signs.

    Raises `PuzzleError` for an array of 0 and 1 that can't be digits.
    """
    if array.size == 0 or array.dtype.kind not in "iufb":
        return array.tolist()
    return _mazes(array) if kind.by_rows else _sudokus(array, kind)


def _sudokus(array: np.ndarray, kind: Domain) -> Any:
    if array.ndim >= 3 and array.max() <= 1:
        raise PuzzleError(
            "the array holds nothing but 0 and 1: save the digits as numbers, with 0 for an empty cell"
        )
    shape = (kind.rows, kind.cols)
    if array.shape[-1] != kind.cells and array.shape[-2:] != shape:
        return array.tolist()
    boards_NL = array.reshape(-1, kind.cells)
    if boards_NL.min() >= 0 and boards_NL.max() <= kind.rows + 1:
        boards_NL = boards_NL - int(_is_moved(boards_NL.astype(int), kind))
    boards = boards_NL.reshape(-1, *shape).tolist()
    return boards if len(boards) > 1 else boards[0]


def _is_moved(boards_NL: np.ndarray, kind: Domain) -> bool:
    """Whether the digits of boards are moved by one, blanks and all. Without a 0, what is there more often than a digit can
    be is the blank."""
    least, highest = int(boards_NL.min()), int(boards_NL.max())
    if least not in (1, 2):
        return False
    if highest == kind.rows + 1:
        return True
    return least == 1 and any(
        np.bincount(board_L).max() > kind.rows for board_L in boards_NL[:1000]
    )


def _mazes(array: np.ndarray) -> Any:
    side = math.isqrt(array.shape[-1])
    boards_NL = array.reshape(-1, array.shape[-1])
    tokens = (
        side >= 5
        and side * side == array.shape[-1]
        and boards_NL.min() >= 1
        and boards_NL.max() <= 5
    )
    if not tokens or not all(
        (board_L == end).sum() == 1 for board_L in boards_NL[:1000] for end in (3, 4)
    ):
        return array.tolist()
    signs_NL = np.array(list(_MAZE_SIGNS))[boards_NL.astype(int)]
    mazes = [["".join(row) for row in signs_L.reshape(side, side)] for signs_L in signs_NL]
    return mazes if len(mazes) > 1 else mazes[0]
