"""A picture of one grid of ARC, as the official site, papers and this app draw them, to its colours.

The number of rows and columns is the smallest for which every cell is of one colour in its middle; lines between cells
lie at their edges. Then every cell is the colour of the palette that is nearest.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from trm_core.domains import PuzzleError
from trm_core.domains.arc.domain import LARGEST, PALETTE

MOST_PIXELS = 16_000_000
WIDEST = 900  # pixels that are looked at
UNEVEN = 45.0  # how much a cell's middle may vary, of 255: JPEG blurs
FAR = 90.0  # how far a cell may be from its colour, of 442
MIDDLE = 0.5  # of a cell that is looked at
EDGE = 24.0  # of what is around the grid, how much a pixel may differ from the corner


def read_grid_picture(content: bytes) -> np.ndarray:
    """The grid in a picture, (R, C) uint8. Raises `PuzzleError` with a sentence where there is none."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            large = picture.width * picture.height > MOST_PIXELS
            image = None if large else picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise PuzzleError("this is no picture that can be read") from None
    if image is None:
        raise PuzzleError("this picture is too large: cut out the grid")
    image.thumbnail((WIDEST, WIDEST))
    paper = Image.new("RGBA", image.size, "white")
    pixels = np.asarray(Image.alpha_composite(paper, image).convert("RGB")).astype(np.float32)
    pixels = _cropped(pixels)
    cols, rows = _count(pixels), _count(pixels.transpose(1, 0, 2))
    if rows is None or cols is None:
        raise PuzzleError(
            f"no grid of up to {LARGEST} cells a side is seen here: cut the picture to one grid"
        )
    cells = np.stack([_middles(part, rows, 0) for part in _middles_all(pixels, cols)], axis=1)
    distance = np.linalg.norm(cells[:, :, None] - PALETTE.astype(float), axis=-1)
    if distance.min(-1).max() > FAR:
        r, c = np.unravel_index(int(distance.min(-1).argmax()), distance.shape[:2])
        raise PuzzleError(
            f"the colour of row {r + 1}, column {c + 1} is none of the ten of ARC: is this one of its grids?"
        )
    return distance.argmin(-1).astype(np.uint8)


def _cropped(pixels: np.ndarray) -> np.ndarray:
    """Without an even border that is none of the ten colours, such as the page around a grid."""
    corner = pixels[0, 0]
    if np.linalg.norm(PALETTE - corner, axis=1).min() < FAR / 3:
        return pixels
    other_RC = np.abs(pixels - corner).max(-1) > EDGE
    rows, cols = np.flatnonzero(other_RC.any(1)), np.flatnonzero(other_RC.any(0))
    if not len(rows) or not len(cols):
        return pixels
    return pixels[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def _spans(length: int, count: int) -> list[slice]:
    """The middle parts of so many equal pieces."""
    size = length / count
    margin = (1 - MIDDLE) / 2 * size
    return [
        slice(int(k * size + margin), max(int(k * size + margin) + 1, int((k + 1) * size - margin)))
        for k in range(count)
    ]


def _count(pixels: np.ndarray) -> int | None:
    """How many columns a picture (H, W, 3) has."""
    width = pixels.shape[1]
    for count in range(1, min(LARGEST, width) + 1):
        parts = [pixels[:, span] for span in _spans(width, count)]
        # In every row of pixels the middle of a cell is even.
        uneven = max(np.percentile(np.ptp(part, axis=1).max(-1), 97) for part in parts)
        if uneven <= UNEVEN:
            return count
    return None


def _middles_all(pixels: np.ndarray, cols: int) -> list[np.ndarray]:
    return [pixels[:, span] for span in _spans(pixels.shape[1], cols)]


def _middles(part: np.ndarray, rows: int, axis: int) -> np.ndarray:
    """The colour of each of so many pieces along an axis, (rows, 3)."""
    return np.stack(
        [np.median(part[span].reshape(-1, 3), axis=0) for span in _spans(part.shape[axis], rows)]
    )
