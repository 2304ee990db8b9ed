"""A black-and-white picture of a maze, to walls: blocks of one size, or thin lines between cells.

The edges between dark and light stand on a lattice. Where all its columns are equally wide, every
block is a cell; where thin ones and wide ones alternate, both the lines and what is between them
are cells. A green cell is the start, a red one the goal; else two gaps in the outer wall are.
"""

from __future__ import annotations

import cv2
import numpy as np

from trm_core.readers.picture import PictureError, open_picture

FREE, WALL, START, GOAL = range(4)
_SATURATED = 90  # of 255: a coloured cell, not paper or ink
_FEWEST, _MOST = 5, 61  # rows of a lattice
_CLEAR = 0.6  # share of the edges that a lattice has to explain


def read_maze_picture(content: bytes) -> np.ndarray:
    """The maze's cells, (R, C) uint8: 0 free, 1 wall, 2 start, 3 goal.

    Raises `PictureError` if it is no picture of ours, or shows no lattice of walls.
    """
    colour = np.asarray(open_picture(content))
    grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    hsv = cv2.cvtColor(colour, cv2.COLOR_RGB2HSV)
    coloured = (hsv[..., 1] > _SATURATED) & (hsv[..., 2] > _SATURATED)
    _, ink = cv2.threshold(
        np.where(coloured, 255, grey).astype(np.uint8),
        0,
        1,
        cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU,
    )
    box = _dark_box(ink)
    ink, hsv, coloured = ink[box], hsv[box], coloured[box]
    rows, cols = _lattice(ink), _lattice(ink.T)
    board_RC = np.zeros((len(rows) - 1, len(cols) - 1), dtype=np.uint8)
    seen: dict[int, list[tuple[int, int]]] = {START: [], GOAL: []}
    for r, c in np.ndindex(*board_RC.shape):
        area = _middle(rows[r], rows[r + 1]), _middle(cols[c], cols[c + 1])
        board_RC[r, c] = WALL if ink[area].mean() > 0.5 else FREE
        if coloured[area].mean() > 0.5:
            hue = float(np.median(hsv[area][..., 0]))  # OpenCV counts to 180
            if 35 <= hue <= 95:
                seen[START].append((r, c))
            elif hue <= 15 or hue >= 165:
                seen[GOAL].append((r, c))
    _place_ends(board_RC, seen)
    return board_RC


def _dark_box(ink: np.ndarray) -> tuple[slice, slice]:
    """The part of the picture that the maze fills."""
    dark_rows, dark_cols = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if len(dark_rows) < 16 or len(dark_cols) < 16 or ink.mean() > 0.97:
        raise PictureError("no walls were found in the picture; they should be dark on light")
    return slice(dark_rows[0], dark_rows[-1] + 1), slice(dark_cols[0], dark_cols[-1] + 1)


def _lattice(ink: np.ndarray) -> list[int]:
    """Where the lattice's rows begin and end, in pixels.

    The ink fills the lattice exactly, so that a number of rows, all alike or by turns thin (walls)
    and wide, says where all its lines are. Those win
    that explain the edges best.
    """
    length = len(ink)
    edges = np.abs(np.diff(ink.astype(np.int8), axis=0)).sum(1).astype(float)
    even = [np.linspace(0, length, n + 1) for n in range(_FEWEST, _MOST + 1) if length >= 4 * n]
    turns = [
        _by_turns(length, gaps, thin)
        for gaps in range(_FEWEST // 2, _MOST // 2 + 1)
        for thin in range(2, length // (2 * gaps))
        if thin < 0.45 * (length - thin) / gaps
    ]
    found = [_best(edges, lattices) for lattices in (even, turns) if lattices]
    if not found or max(score for score, _ in found) < _CLEAR:
        raise PictureError("no lattice of walls was found; show the whole maze, and little else")
    # Alike rows, unless thin and wide ones explain clearly more.
    lines = found[0][1]
    if len(found) > 1 and found[1][0] > found[0][0] + 0.15:
        lines = found[1][1]
    return [round(float(line)) for line in lines]


def _by_turns(length: int, gaps: int, thin: int) -> np.ndarray:
    """Lines of a lattice of `gaps` wide rows with a thin one before, between and after them."""
    starts = np.linspace(0, length - thin, gaps + 1)
    return np.stack([starts, starts + thin], axis=1).reshape(-1)


def _best(edges: np.ndarray, lattices: list[np.ndarray]) -> tuple[float, np.ndarray]:
    """The lattice that explains the edges best, and how well."""
    scores = [_explained(edges, lines) for lines in lattices]
    best = int(np.argmax(scores))
    return scores[best], lattices[best]


def _explained(edges: np.ndarray, lines: np.ndarray) -> float:
    """Share of the edges that lie on the lattice's lines, beyond what chance would put there,
    times the share of the lines that have edges; 1 at most."""
    inner = lines[1:-1]
    reach = max(1, round(0.06 * float(np.diff(lines).max())))
    at = np.round(inner).astype(int)[:, None] - 1 + np.arange(-reach, reach + 1)
    at = at.clip(0, len(edges) - 1)
    near = np.zeros(len(edges), dtype=bool)
    near[at] = True
    by_chance = near.mean()
    if by_chance > 0.9:
        return 0.0
    on_lines = edges[at].max(1)
    lined = float((on_lines > 0.12 * np.percentile(on_lines, 80)).mean())
    share = edges[near].sum() / max(edges.sum(), 1.0)
    return lined * float(share - by_chance) / (1 - by_chance)


def _middle(start: int, end: int) -> slice:
    edge = (end - start) // 4
    return slice(start + edge, max(end - edge, start + edge + 1))


def _place_ends(board_RC: np.ndarray, seen: dict[int, list[tuple[int, int]]]) -> None:
    """Start and goal: one coloured cell each; without colours, the two gaps in the outer wall."""
    for value, cells in seen.items():
        if len(cells) == 1:
            board_RC[cells[0]] = value
    if (board_RC >= START).any():
        return
    outer = np.ones_like(board_RC, dtype=bool)
    outer[1:-1, 1:-1] = False
    gaps = np.argwhere(outer & (board_RC == FREE))
    if len(gaps) == 2:
        board_RC[tuple(gaps[0])], board_RC[tuple(gaps[1])] = START, GOAL
