"""A picture of a maze, to walls: blocks of one size, or thin lines between cells.

Thin lines come first (`maze_lines`). Else the edges between dark and light stand on a lattice. Where all its columns are
equally wide, every block is a cell; where thin ones and wide ones alternate, both the lines and what is between them
are cells. A green cell is the start, a red one the goal; else two gaps in the outer wall are, or the two
cells that have a sign in them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from trm_core.domains.maze.cells import FREE, GOAL, START, WALL, with_gap_ends
from trm_core.readers.maze_lines import LineWalls, line_walls
from trm_core.readers.picture import PictureError, colour_and_grey, open_picture

_SATURATED = 90  # of 255: a coloured cell, not paper or ink
_TINTED, _DOT = 35, 0.15  # saturation of a pale colour, share of a cell's middle that it fills
_RESIDUE = 0.7  # share of the ink that lies beside coloured pixels
_LEAST_PART = 0.25  # of the picture; a smaller maze in it is less likely one
_EXPLAINED = 0.9  # share of the ink that the walls have to explain
_MOSTLY = 0.8  # share of ink from which on it is the ground
_CLOSED = 0.7  # share of the outer cells that have to be walls
_FEWEST, _MOST = 5, 61  # rows of a lattice
_LETTER = 0.03, 0.6  # share of a free cell that a sign in it fills
_ROOM = 6  # pixels; no sign fits into a smaller cell
_CLEAR = 0.6  # share of the edges that a lattice has to explain


def read_maze_picture(content: bytes) -> tuple[np.ndarray, tuple[str, ...]]:
    """The maze's cells, (R, C) uint8: 0 free, 1 wall, 2 start, 3 goal; and what is to be known about it.

    Raises `PictureError` if it is no picture of ours, shows no lattice of walls, or has ink that the
    walls which were read don't explain.
    """
    colour, grey = colour_and_grey(open_picture(content))
    hsv = cv2.cvtColor(colour, cv2.COLOR_RGB2HSV)
    coloured = (hsv[..., 1] > _SATURATED) & (hsv[..., 2] > _SATURATED)
    # Coloured cells are ends and no walls; or the walls themselves are; or they are light on dark.
    plain = [grey, 255 - grey]
    uncoloured = [np.where(coloured, 255, each).astype(np.uint8) for each in plain]
    pictures = [*uncoloured, *plain]
    beside = cv2.dilate(coloured.astype(np.uint8), np.ones((3, 3), np.uint8))
    inks = [
        *(ink for each in uncoloured for ink in _inks(each) if not _is_residue(ink, beside)),
        *(ink for each in plain for ink in _inks(each)),
    ]
    thin = _lines(colour, inks)
    readings, problem = [] if thin is None else [thin], None
    for picture in () if readings else pictures:
        try:
            readings.append(_walls(picture))
        except PictureError as error:
            problem = problem or error
        if readings and readings[-1].explained >= _EXPLAINED:
            break
    if not readings:
        raise problem or PictureError("no walls were found in the picture")
    best = max(readings, key=lambda reading: reading.explained)
    if best.explained < _EXPLAINED:
        raise PictureError(
            "the picture shows more than walls on a lattice (words, arrows, a frame, or it is not quite "
            "straight); cut it to the maze and turn it upright"
        )
    board_RC = best.board_RC
    _place_ends(board_RC, _coloured_ends(hsv[best.box], best))
    if (board_RC >= START).any():
        notes = () if {START, GOAL} <= set(board_RC.flat) else (_NO_ENDS,)
        return board_RC, notes
    board_RC, notes = with_gap_ends(board_RC)
    if not (board_RC >= START).any() and best.marked:
        for cell, value in zip(best.marked, (START, GOAL), strict=True):
            board_RC[cell] = value
        return board_RC, (_SIGNS,)
    return board_RC, notes or (_NO_ENDS,)


_NO_ENDS = (
    "start and goal were not both found: one green cell and one red cell are, signs in two cells, or two "
    "gaps in the outer wall; write S and G on the board"
)
_SIGNS = (
    "the two cells with a sign in them were taken for start and goal, the upper one for the start: the signs "
    "themselves are not read, and a shortest path is the same either way"
)


@dataclass(frozen=True, eq=False)
class _Walls:
    """Walls that may be in the picture, and how much of its ink they explain."""

    board_RC: np.ndarray
    rows: list[int]  # where the lattice's rows begin and end, in pixels of the box
    cols: list[int]
    box: tuple[slice, slice]  # of the picture
    explained: (
        float  # share of the ink that lies in walls, and of the walls that are ink; the lesser
    )
    marked: list[tuple[int, int]]  # the two cells that have a sign in them, if just two have


def _lines(colour: np.ndarray, inks: Sequence[np.ndarray]) -> _Walls | None:
    """Thin walls in one of these inks; where several can be read so, those that stand out most and are thinnest. None
    where there are none."""
    best: tuple[float, LineWalls, np.ndarray] | None = None
    shapes = set()
    for ink in inks:
        found = line_walls(ink)
        # Of the same lines, further readings see less, or more beside them.
        if found is None or found.shape in shapes:
            continue
        shapes.add(found.shape)
        inside = colour[found.box].reshape(-1, 3)
        inked = ink[found.box].ravel() > 0
        contrast = np.abs(np.median(inside[inked], 0) - np.median(inside[~inked], 0)).sum()
        # What is left of coloured walls is pale, a trail between walls makes cells of half the size, and of a board of
        # coloured cells the ways are thick lines.
        score = float(contrast) ** 0.5 * (1 - found.thin / found.cell) ** 3
        score *= min(1.0, inked.size / (_LEAST_PART * ink.size))
        if best is None or score > best[0]:
            best = score, found, ink[found.box]
    if best is None:
        return None
    _, found, ink = best
    cells = itertools.product(range(1, len(found.rows) - 2, 2), range(1, len(found.cols) - 2, 2))
    marked = [cell for cell in cells if _sign_in(ink, found.rows, found.cols, *cell) is not None]
    signs = marked if len(marked) == 2 else []
    return _Walls(found.board() * WALL, found.rows, found.cols, found.box, 1.0, signs)


def _sign_in(
    ink: np.ndarray, rows: Sequence[int], cols: Sequence[int], r: int, c: int
) -> tuple[slice, slice] | None:
    """The part of a free cell that a sign stands in; None where there is none, or no room for one."""
    top, bottom, left, right = *rows[r : r + 2], *cols[c : c + 2]
    inner = _inside(top, bottom), _inside(left, right)
    room = min(bottom - top, right - left) >= _ROOM
    return inner if room and _LETTER[0] < ink[inner].mean() < _LETTER[1] else None


def _is_residue(ink: np.ndarray, beside: np.ndarray) -> bool:
    """Whether ink is what is left of coloured walls that were taken away: their pale edges; `beside` is 1 on coloured
    pixels and next to them."""
    return bool((ink & beside).sum() > _RESIDUE * ink.sum())


def _inks(grey: np.ndarray) -> Iterator[np.ndarray]:
    """What is dark, and what is darkest of that, such as black walls beside a grey trail."""
    level, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    yield ink
    dark = grey[grey <= level]
    if dark.size and dark.min() < dark.max():
        darkest, _ = cv2.threshold(dark, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        yield (grey <= darkest).astype(np.uint8)


def _walls(grey: np.ndarray) -> _Walls:
    """Dark walls on light. Raises `PictureError`."""
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    box = _dark_box(ink)
    ink = ink[box]
    if ink.mean() > _MOSTLY:
        raise PictureError("no walls were found in the picture; they should be dark on light")
    rows, cols = _lattice(ink), _lattice(ink.T)
    board_RC = np.zeros((len(rows) - 1, len(cols) - 1), dtype=np.uint8)
    drawn = np.zeros_like(ink)
    marked = {}
    for r, c in np.ndindex(*board_RC.shape):
        if ink[_middle(rows[r], rows[r + 1]), _middle(cols[c], cols[c + 1])].mean() > 0.5:
            board_RC[r, c] = WALL
            drawn[rows[r] : rows[r + 1], cols[c] : cols[c + 1]] = 1
        else:
            inner = _sign_in(ink, rows, cols, r, c)
            if inner is not None:
                marked[r, c] = inner
    if len(marked) == 2:  # a sign in one cell and another in one other: start and goal
        for inner in marked.values():
            ink[inner] = 0
    around = np.ones((3, 3), np.uint8)
    of_ink = float((ink & cv2.dilate(drawn, around)).sum() / max(1, ink.sum()))
    of_walls = float((drawn & cv2.dilate(ink, around)).sum() / max(1, drawn.sum()))
    outer = np.concatenate([board_RC[0], board_RC[-1], board_RC[1:-1, 0], board_RC[1:-1, -1]])
    closed = float((outer == WALL).mean()) >= _CLOSED
    explained = min(of_ink, of_walls) if closed else 0.0
    return _Walls(board_RC, rows, cols, box, explained, list(marked) if len(marked) == 2 else [])


def _coloured_ends(hsv: np.ndarray, walls: _Walls) -> dict[int, list[tuple[int, int, int]]]:
    """Cells with green (start) and with red (goal) in their middle, be it pale or a dot: how many pixels,
    row and column."""
    found: dict[int, list[tuple[int, int, int]]] = {START: [], GOAL: []}
    tinted = (hsv[..., 1] > _TINTED) & (hsv[..., 2] > _SATURATED)
    for r, c in np.argwhere(walls.board_RC == FREE):
        area = (
            _middle(walls.rows[r], walls.rows[r + 1]),
            _middle(walls.cols[c], walls.cols[c + 1]),
        )
        if tinted[area].mean() < _DOT:
            continue
        hue = float(np.median(hsv[area][..., 0][tinted[area]]))  # OpenCV counts to 180
        if 35 <= hue <= 95:
            found[START].append((int(tinted[area].sum()), int(r), int(c)))
        elif hue <= 15 or hue >= 165:
            found[GOAL].append((int(tinted[area].sum()), int(r), int(c)))
    return found


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
        for thin in range(1, length // (2 * gaps))
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


def _inside(start: int, end: int) -> slice:
    """All of a cell but its edge."""
    edge = max(1, (end - start) // 8)
    return slice(start + edge, max(end - edge, start + edge + 1))


def _middle(start: int, end: int) -> slice:
    edge = (end - start) // 4
    return slice(start + edge, max(end - edge, start + edge + 1))


def _place_ends(board_RC: np.ndarray, seen: dict[int, list[tuple[int, int, int]]]) -> None:
    """Start and goal, where one cell has more than twice as much of their colour as any other: colours
    run over into the next cells."""
    for value, cells in seen.items():
        cells = sorted(cells, reverse=True)
        if len(cells) == 1 or (cells and cells[0][0] > 2 * cells[1][0]):
            board_RC[cells[0][1:]] = value
