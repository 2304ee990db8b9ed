"""A maze whose walls are thin lines between cells: a wall is there where the middle of an edge of the lattice is inked.

Corners say nothing: lines may end before them (butt caps), run over them, or be rounded there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

_FEWEST, _MOST = 2, 30  # cells a side
_LEAST_CELL = 5  # pixels
_THIN = 0.62  # of a cell, from which on a line is no thin one
_ON_LINES = 0.9  # share of strokes that have to lie on the lattice, beyond chance
_WALL, _ASTRAY = (
    0.5,
    0.02,
)  # of a cell: a stroke as long is a wall; share of those beside the lattice
_INKED, _BARE = 0.65, 0.35  # share of an edge's middle: a wall, none
_DOUBTFUL = 0.02  # share of edges that may be neither
_OPEN = 0.25  # share of the edges of a side that may be no walls, or two
_STROKE = 6  # times longer than wide
_LONG = 0.4  # of the maze's side
_EXPLAINED = 0.93  # share of the ink outside of cells that has to lie on walls
_BLOCK, _SPECKS = (
    0.4,
    0.02,
)  # of a cell: lines as thick may be blocks, and then nothing else is in the cells
_INSIDE = 0.15  # share of the cells that may be inked: letters, dots, a trail


@dataclass(frozen=True, eq=False)
class LineWalls:
    """Walls between cells: `below_RC` has a row more than there are cells, `beside_RC` a column more."""

    below_RC: np.ndarray
    beside_RC: np.ndarray
    rows: list[int]  # in pixels, where each line begins and ends by turns
    cols: list[int]
    box: tuple[slice, slice]  # of the picture
    thin: float  # pixels across a line
    cell: float  # pixels from line to line

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return len(self.below_RC) - 1, self.beside_RC.shape[1] - 1

    def board(self) -> np.ndarray:
        """As cells, walls between them too: 1 is a wall, 0 free."""
        rows, cols = self.beside_RC.shape[0], self.below_RC.shape[1]
        board_RC = np.zeros((2 * rows + 1, 2 * cols + 1), np.uint8)
        board_RC[::2, 1::2] = self.below_RC
        board_RC[1::2, ::2] = self.beside_RC
        across = np.pad(self.below_RC, ((0, 0), (1, 1)))
        down = np.pad(self.beside_RC, ((1, 1), (0, 0)))
        board_RC[::2, ::2] = across[:, :-1] | across[:, 1:] | down[:-1] | down[1:]
        return board_RC


def line_walls(ink: np.ndarray) -> LineWalls | None:
    """The walls in a picture's ink (1 is ink), if they are thin lines on a lattice; None where they are not."""
    return next((found for box in _boxes(ink) if (found := _walls_in(ink, box)) is not None), None)


def _walls_in(picture: np.ndarray, box: tuple[slice, slice]) -> LineWalls | None:
    """The walls in a part of the picture, which they fill."""
    ink = picture[box].astype(bool)
    across, down = _runs(ink), _runs(ink.T).T
    short, far = np.minimum(across, down), np.maximum(across, down)
    strokes = ink & (far >= _STROKE * short)
    thin = float(np.median(short[strokes if strokes.any() else ink]))
    lying = np.where((across >= 2.2 * thin) & (down <= 1.7 * thin + 1), across, 0)
    standing = np.where((down >= 2.2 * thin) & (across <= 1.7 * thin + 1), down, 0)
    height, width = ink.shape
    # Where the picture ends in the middle of the outer walls, only half of them is there.
    for edge in (thin / 2, 0.0):
        counts = _counts((lying > 0).sum(1), thin, edge), _counts((standing > 0).sum(0), thin, edge)
        square = [
            (rows, cols)
            for rows, cols in itertools.product(*counts)
            if 0.85 < ((height - 2 * edge) / rows) / ((width - 2 * edge) / cols) < 1.18
        ]
        for rows, cols in sorted(square, key=lambda pair: pair[0] * pair[1])[:4]:
            ys = np.linspace(edge, height - edge, rows + 1)
            xs = np.linspace(edge, width - edge, cols + 1)
            found = _read(ink, thin, (lying, standing), ys, xs, box)
            if found is not None:
                return found
    return None


def _boxes(ink: np.ndarray) -> Iterator[tuple[slice, slice]]:
    """The parts of the picture that a maze may fill: all that is inked; the largest thing in it, whose lines may not quite
    touch; that one with what is as long beside it, as walls are that gaps cut off."""
    near = cv2.dilate(ink.astype(np.uint8), np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near)
    if count < 2:
        return
    wide, tall = (
        stats[1:, each].astype(np.int64) for each in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)
    )
    largest = int((wide * tall).argmax())
    long = 1 + np.flatnonzero((wide > _LONG * wide[largest]) | (tall > _LONG * tall[largest]))
    seen = []
    for kept in (range(1, count), long, [1 + largest]):
        mine = np.isin(labels, kept) & (ink > 0)
        rows, cols = np.flatnonzero(mine.any(1)), np.flatnonzero(mine.any(0))
        if len(rows) >= 2 * _LEAST_CELL and len(cols) >= 2 * _LEAST_CELL:
            box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)
            if box not in seen:
                seen.append(box)
                yield box


def _runs(ink: np.ndarray) -> np.ndarray:
    """For each inked pixel how long the run of ink is that it lies in, along its row; 0 elsewhere."""
    flat = np.pad(ink, ((0, 0), (1, 1))).ravel().astype(np.int8)
    steps = np.diff(flat)
    starts, ends = np.flatnonzero(steps == 1) + 1, np.flatnonzero(steps == -1) + 1
    lengths = np.zeros(len(flat), np.int32)
    lengths[flat > 0] = np.repeat(ends - starts, ends - starts)
    return lengths.reshape(len(ink), -1)[:, 1:-1]


def _counts(strokes: np.ndarray, thin: float, edge: float) -> list[int]:
    """How many cells a side has, as far as the strokes along it tell, the fewest first; the middle of its outer walls
    lies `edge` pixels from its ends."""
    length, total = len(strokes), float(strokes.sum())
    if not total:
        return []
    at = np.arange(length) + 0.5 - edge
    good = []
    for count in range(_FEWEST, _MOST + 1):
        cell = (length - 2 * edge) / count
        if cell < _LEAST_CELL or thin > _THIN * cell:
            break
        off = np.abs(at / cell - np.round(at / cell)) * cell
        reach = thin / 2 + max(1.0, 0.02 * cell)
        chance = min(0.95, 2 * reach / cell)
        share = float(strokes[off <= reach].sum()) / total
        if (share - chance) / (1 - chance) >= _ON_LINES:
            good.append(count)
    return good


def _read(
    ink: np.ndarray,
    thin: float,
    strokes: tuple[np.ndarray, np.ndarray],
    ys: np.ndarray,
    xs: np.ndarray,
    box: tuple[slice, slice],
) -> LineWalls | None:
    """The walls on a lattice of these lines, if they explain the ink; `strokes` are the lengths of those that lie and of
    those that stand, at their pixels."""
    rows, cols = len(ys) - 1, len(xs) - 1
    below, drawn_below = _edges(ink, ys, xs, thin)
    beside_T, drawn_beside_T = _edges(ink.T, xs, ys, thin)
    shares = np.concatenate([below.ravel(), beside_T.ravel()])
    doubtful = float(((shares > _BARE) & (shares < _INKED)).mean())
    sides_open = [
        int((side < 0.5).sum()) for side in (below[0], below[-1], beside_T[0], beside_T[-1])
    ]
    sizes = (cols, cols, rows, rows)
    closed = all(n <= max(2, _OPEN * of) for n, of in zip(sides_open, sizes, strict=True))
    drawn = drawn_below | drawn_beside_T.T
    on_rows, on_cols = _near(ink.shape[0], ys, thin)[:, None], _near(ink.shape[1], xs, thin)[None]
    lying, standing = (
        each >= _WALL * (lines[1] - lines[0]) for each, lines in zip(strokes, (xs, ys), strict=True)
    )
    astray = int((lying & ~on_rows).sum() + (standing & ~on_cols).sum())
    near = on_rows | on_cols
    on_lines = ink & near
    # What crosses the lattice beside its walls, such as a trail from cell to cell, leaves most edges bare.
    explained = float((on_lines & drawn).sum() / max(1, on_lines.sum()))
    inside = float(ink[~near].mean()) if (~near).any() else 1.0
    if astray > _ASTRAY * (lying.sum() + standing.sum()):
        return None
    most = _INSIDE if thin < _BLOCK * min(ys[1] - ys[0], xs[1] - xs[0]) else _SPECKS
    if doubtful > _DOUBTFUL or not closed or explained < _EXPLAINED or inside > most:
        return None

    def sides(lines: np.ndarray) -> list[int]:
        half = max(1.0, thin) / 2
        return [round(float(side)) for line in lines for side in (line - half, line + half)]

    return LineWalls(
        below >= 0.5, (beside_T >= 0.5).T, sides(ys), sides(xs), box, thin, float(ys[1] - ys[0])
    )


def _edges(
    ink: np.ndarray, ys: np.ndarray, xs: np.ndarray, thin: float
) -> tuple[np.ndarray, np.ndarray]:
    """Of every edge along a row of the lattice, which share of its middle is inked, (lines, cells); and all
    that are walls, drawn."""
    reach = math.ceil(thin / 2 + 1)
    shares = np.zeros((len(ys), len(xs) - 1))
    drawn = np.zeros(ink.shape, bool)
    for i, y in enumerate(ys):
        band = slice(max(0, round(y) - reach), round(y) + reach)
        inked = np.asarray(ink[band].any(0))
        for j, (left, right) in enumerate(itertools.pairwise(xs)):
            quarter = (right - left) / 4
            shares[i, j] = inked[
                round(left + quarter) : max(round(right - quarter), round(left + quarter) + 1)
            ].mean()
            if shares[i, j] >= 0.5:
                drawn[band, max(0, round(left) - reach) : round(right) + reach] = True
    return shares, drawn


def _near(length: int, lines: np.ndarray, thin: float) -> np.ndarray:
    """Which pixels of a side lie on its lines."""
    at = np.arange(length) + 0.5
    return (np.abs(at[:, None] - lines) <= thin / 2 + 1.5).any(1)
