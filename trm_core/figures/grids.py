"""Grids of colours as small pictures: sharp at any size, light enough for a page full of them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from trm_core.domains.arc.domain import PALETTE

CELL = 12  # pixels
GAP = 6  # pixels between the two grids of a pair
LINE = (85, 85, 85)  # between cells, as the official editor has it
DARK, PALE = (0, 0, 0), (255, 255, 255)  # numbers
LIGHT = (3, 4, 5, 7, 8)  # colours on which a dark number is read better
CROSS = ((255, 255, 255), (0, 0, 0))  # over a wrong cell: white, edged in black


def grid_png(
    grid_RC: np.ndarray,
    wrong_RC: np.ndarray | None = None,
    *,
    cell: int = CELL,
    numbers: bool = False,
) -> bytes:
    """A grid (R, C) of colours 0 to 9 as PNG, `cell` pixels a cell; a cross lies over each wrong cell (bool). With
    `numbers` every cell says its colour's."""
    rows, cols = grid_RC.shape
    pixels = PALETTE[grid_RC].repeat(cell, 0).repeat(cell, 1)
    if cell > 2:
        pixels[::cell] = LINE
        pixels[:, ::cell] = LINE
    image = Image.fromarray(np.pad(pixels, ((0, 1), (0, 1), (0, 0))))
    pen = ImageDraw.Draw(image)
    if cell > 2:
        pen.line([(0, rows * cell), (cols * cell, rows * cell)], LINE)
        pen.line([(cols * cell, 0), (cols * cell, rows * cell)], LINE)
    if numbers:
        font = ImageFont.load_default(max(7, cell * 0.6))
        for (r, c), value in np.ndenumerate(grid_RC):
            middle = ((c + 0.5) * cell, (r + 0.5) * cell)
            pen.text(middle, str(value), DARK if value in LIGHT else PALE, font, anchor="mm")
    for r, c in np.argwhere(wrong_RC) if wrong_RC is not None else ():
        _cross(pen, int(c) * cell, int(r) * cell, cell)
    out = io.BytesIO()
    image.quantize(32).save(out, "PNG", optimize=True)
    return out.getvalue()


def _cross(pen: ImageDraw.ImageDraw, x: int, y: int, cell: int) -> None:
    near, far = cell // 4, cell - cell // 4
    for colour, width in zip(CROSS[::-1], (4, 2), strict=True):
        pen.line([(x + near, y + near), (x + far, y + far)], colour, width)
        pen.line([(x + far, y + near), (x + near, y + far)], colour, width)


def pair_png(question_RC: np.ndarray, answer_RC: np.ndarray | None, *, cell: int = 4) -> bytes:
    """A pair as one small picture: the question, and behind a gap its answer, where there is one."""
    grids = [question_RC] if answer_RC is None else [question_RC, answer_RC]
    high = max(len(grid) for grid in grids) * cell
    wide = sum(grid.shape[1] for grid in grids) * cell + GAP * (len(grids) - 1)
    canvas = np.zeros((high, wide, 4), np.uint8)
    left = 0
    for grid in grids:
        pixels = PALETTE[grid].repeat(cell, 0).repeat(cell, 1)
        top = (high - len(pixels)) // 2
        place = canvas[top : top + len(pixels), left : left + pixels.shape[1]]
        place[..., :3], place[..., 3] = pixels, 255
        for side in (place[0], place[-1], place[:, 0], place[:, -1]):
            side[:, :3] = LINE  # or black grids would melt into a dark page
        left += pixels.shape[1] + GAP
    Image.fromarray(canvas).save(out := io.BytesIO(), "PNG", optimize=True)
    return out.getvalue()
