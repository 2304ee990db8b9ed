"""What the cells of a maze hold, and what its rules and its maker both ask of them."""

from __future__ import annotations

import numpy as np

from trm_core.domains.maze.search import shortest_path

FREE, WALL, START, GOAL, PATH = range(5)
LEAST, MOST = 5, 30  # cells a side
Cell = tuple[int, int]


def published_answer(board_RC: np.ndarray) -> np.ndarray | None:
    """The shortest path that the published tie-break chooses; None where there is none."""
    start, goal = ends(board_RC)
    if start is None or goal is None:
        return None
    path = shortest_path(np.asarray(board_RC) != WALL, start, goal)
    return None if path is None else marked(board_RC, path)


def ends(board_RC: np.ndarray) -> tuple[Cell | None, Cell | None]:
    """Where the start and the goal are."""
    starts, goals = (cells_where(np.asarray(board_RC) == value) for value in (START, GOAL))
    return (starts[0] if starts else None), (goals[0] if goals else None)


def marked(board_RC: np.ndarray, path: list[Cell]) -> np.ndarray:
    """The board with a path marked between its ends."""
    answer_RC = np.array(board_RC, dtype=np.uint8)
    for cell in path[1:-1]:
        answer_RC[cell] = PATH
    return answer_RC


def with_gap_ends(board_RC: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """A maze without ends whose outer wall has exactly two gaps: they are its start and its goal. With
    the words for that, if it was so."""
    outer = np.ones_like(board_RC, dtype=bool)
    outer[1:-1, 1:-1] = False
    gaps = cells_where(outer & (np.asarray(board_RC) == FREE))
    if len(gaps) != 2 or any(ends(board_RC)):
        return board_RC, ()
    board_RC = np.array(board_RC, dtype=np.uint8)
    board_RC[gaps[0]], board_RC[gaps[1]] = START, GOAL
    return board_RC, ("the two gaps in the outer wall were taken for the start and the goal",)


def cells_where(mask_RC: np.ndarray) -> tuple[Cell, ...]:
    """The cells of a mask, in reading order."""
    return tuple((int(r), int(c)) for r, c in np.argwhere(mask_RC))
