"""Grids of walls for mazes: corridors, corridors with loops, random walls, rooms.

Every function returns walls, (R, C) bool, and takes its randomness as an argument.
"""

from __future__ import annotations

import numpy as np

LOOPS = (0.05, 0.2)  # share of the inner walls that "loops" opens
WALLS = (0.3, 0.5)  # share of wall cells, as in Maze-Hard
LARGEST_ROOM = 5  # cells a side; a larger one is divided


def corridors(rows: int, cols: int, rng: np.random.Generator) -> np.ndarray:
    """A perfect maze: corridors one cell wide, exactly one way between any two of their cells.

    Carved by a randomised depth-first walk over every second cell. Where the size leaves a choice,
    the corridors begin at the edge or one cell inside, at random.
    """
    walls = np.ones((rows, cols), dtype=bool)
    top = int(rng.integers(2)) if rows > 6 else 0
    left = int(rng.integers(2)) if cols > 6 else 0
    down, across = range(top, rows, 2), range(left, cols, 2)
    start = (top + 2 * int(rng.integers(len(down))), left + 2 * int(rng.integers(len(across))))
    walls[start] = False
    stack = [start]
    while stack:
        r, c = stack[-1]
        near = [
            (r + dr, c + dc)
            for dr, dc in ((2, 0), (-2, 0), (0, 2), (0, -2))
            if r + dr in down and c + dc in across and walls[r + dr, c + dc]
        ]
        if not near:
            stack.pop()
            continue
        chosen = near[int(rng.integers(len(near)))]
        walls[chosen] = walls[(r + chosen[0]) // 2, (c + chosen[1]) // 2] = False
        stack.append(chosen)
    return walls


def loops(rows: int, cols: int, rng: np.random.Generator) -> np.ndarray:
    """Corridors with a few walls between neighbouring ones taken out, so that ways meet again."""
    walls = corridors(rows, cols, rng)
    inner = np.zeros_like(walls)
    inner[1:-1] |= walls[1:-1] & ~walls[:-2] & ~walls[2:]
    inner[:, 1:-1] |= walls[:, 1:-1] & ~walls[:, :-2] & ~walls[:, 2:]
    between = rng.permutation(np.flatnonzero(inner))
    opened = max(1, round(len(between) * rng.uniform(*LOOPS)))
    walls.flat[between[:opened]] = False
    return walls


def random_walls(rows: int, cols: int, rng: np.random.Generator) -> np.ndarray:
    """Every cell a wall by itself, with one probability for the whole maze, drawn from `WALLS`."""
    return rng.random((rows, cols)) < rng.uniform(*WALLS)


def rooms(rows: int, cols: int, rng: np.random.Generator) -> np.ndarray:
    """Open rooms: a rectangle divided by walls with a door or two, again and again.

    Walls stand on odd lines and doors on even cells, so that no wall ends in a door.
    """
    walls = np.zeros((rows, cols), dtype=bool)
    todo = [(0, 0, rows, cols)]
    while todo:
        top, left, high, wide = todo.pop()
        if max(high, wide) <= LARGEST_ROOM or min(high, wide) < 3:
            continue
        if high >= wide:
            at = top + 1 + 2 * int(rng.integers((high - 1) // 2))
            line = [(at, c) for c in range(left, left + wide)]
            todo += [(top, left, at - top, wide), (at + 1, left, top + high - at - 1, wide)]
        else:
            at = left + 1 + 2 * int(rng.integers((wide - 1) // 2))
            line = [(r, at) for r in range(top, top + high)]
            todo += [(top, left, high, at - left), (top, at + 1, high, left + wide - at - 1)]
        for cell in line:
            walls[cell] = True
        doors = rng.permutation(len(line[::2]))
        for door in doors[: 1 + int(rng.integers(2))]:
            walls[line[2 * door]] = False
    return walls
