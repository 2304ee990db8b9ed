"""A picture of a grid with digits, to the digits: screenshots, prints, photos under perspective.

OpenCV finds the grid's outline and straightens it; ink is what differs from its cell's ground, so
dark and light pictures, coloured cells and shadows are all the same; `digits` says which digit.
"""

from __future__ import annotations

import functools
import io
import warnings
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from trm_core.domains import counted
from trm_core.readers.digits import recognise

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_PIXELS = 40_000_000
MOST_FRAMES = 16
MOST_BYTES = 10 * 2**20
CELL = 64  # pixels of a cell in the straightened picture

_DOUBTFUL, _LIKELY = 0.4, 0.9  # confidence of what has to be looked at; what is worth a guess
_LEAST_CONTRAST = 9  # of 255, of ink to its ground
_LEAST_SURENESS = 0.6  # mean confidence of digits, below which they are none
_UPRIGHT = 0.85  # mean confidence of digits, below which other sides are tried as the upper one
_UNEXPLAINED = 0.08  # share of a cell's middle with ink that was not read
_FOUND, _GUESSED = 0.35, 0.2  # line score of a grid; of what is worth a closer look
_FINER = 0.6  # line score of a finer grid
_OTHER_SIZES = (8, 10, 12, 15, 16, 20, 25)  # rows of Sudokus that are named, and can't be read
_TALL, _SMALL = 0.32, 0.2  # of a cell's height, from which on ink is a digit; where all are small
_ANOTHER = 0.6  # line score of a second grid
_SQUARE, _CLEARER = 0.04, 0.15  # how far from square a grid may be; what a line score tells more
_THICKER = 1.6  # thick lines to thin ones
_ELSEWHERE = 0.08  # share of edges that are thick where no box ends
_TWICE = 0.4  # share of the digits
_BOXES = {9: (3, 3), 6: (2, 3), 4: (2, 2)}  # rows and columns of a box, by the grid's size
_SMALLEST = 0.008  # of the picture, that a grid fills
_SAME = 2.0  # pixels between the corners of one outline, found twice
_WORKING = 1400  # pixels of the longer side while looking for the grid


class PictureError(ValueError):
    """A picture that can't be read; the message says why, in one sentence."""


@dataclass(frozen=True, eq=False)
class PictureReading:
    """What was read: digits (0 for none), how sure each cell is, and the grid, straightened."""

    digits_RC: np.ndarray
    confidence_RC: np.ndarray
    picture: Image.Image
    sureness: float  # how much like digits its glyphs look on average; 0 without any
    notes: tuple[str, ...] = ()  # what else is in the picture


def read_picture(content: bytes, sizes: tuple[int, ...] = (9, 6, 4)) -> PictureReading:
    """The square grid of one of the `sizes` in the picture.

    Raises `PictureError` if it is no picture of ours, too large, or shows no such grid.
    """
    whole = open_picture(content)
    colour, grey = colour_and_grey(whole)
    best, others = _grid_in(grey, sizes)
    part = _part(whole, best)
    if part is not None:  # small on a large page: what is there is read at its own size
        closer = colour_and_grey(part)
        again, _ = _grid_in(closer[1], sizes)
        if again.score >= best.score - 0.1:
            (colour, grey), best = closer, again
    counts = ", ".join(f"{n} x {n}" for n in sizes)
    if best.score < _FOUND:
        raise PictureError(
            f"no grid of {counts} cells was found in the picture; show the whole grid, and little else"
        )
    finer = _finer(grey, best)
    if finer:
        raise PictureError(
            f"the grid in the picture seems to have {finer} x {finer} cells; grids of {counts} can be read"
        )
    _check_whole(grey, best)
    grids = [_straightened(each, best.transform, best.size) for each in (colour, grey)]

    def turned(k: int, least: float = _TALL) -> PictureReading:
        colour_grid, grey_grid = (np.rot90(grid, k).copy() for grid in grids)
        return _read(colour_grid, grey_grid, best.size, least)

    readings = [turned(0)]
    if (readings[0].digits_RC > 0).sum() < best.size:  # all of them may be small
        readings = [turned(0, _SMALL)]
    elif readings[0].sureness < _UPRIGHT:
        readings += [turned(k) for k in (1, 2, 3)]
    k = max(range(len(readings)), key=lambda k: readings[k].sureness)
    _check(readings[k], best.size)
    notes = []
    if k:
        notes.append(f"the picture was turned by {90 * k} degrees to the left")
    if others:
        notes.append(
            f"of the {others + 1} grids in the picture this is the one with the clearest lines"
        )
    if _own_regions(np.rot90(grids[1], k), best.size):
        rows, cols = _BOXES[best.size]
        notes.append(
            f"its thick lines don't run around boxes of {rows} rows by {cols} columns, which the answer keeps to"
        )
    return replace(_doubted(readings[k]), notes=tuple(notes))


def colour_and_grey(picture: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """A picture as arrays, no larger than needed to find a grid."""
    small = picture.copy()
    small.thumbnail((_WORKING, _WORKING), Image.Resampling.LANCZOS)
    colour = np.asarray(small)
    return colour, cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)


def _grid_in(grey: np.ndarray, sizes: tuple[int, ...]) -> tuple[_Grid, int]:
    """What looks most like a grid of one of the sizes, and how many others are beside it."""
    candidates = [
        _Grid.scored(grey, _transform(corners, size), size)
        for corners in _quadrilaterals(grey)
        for size in sizes
    ]
    # The likeliest are put straight before they are compared.
    likeliest = sorted(candidates, key=lambda grid: -grid.score)[:6]
    aligned = [_Grid.scored(grey, _aligned(grey, g.transform, g.size), g.size) for g in likeliest]
    best = max(aligned, key=lambda grid: grid.score)
    taken = [best]
    for grid in sorted(candidates, key=lambda grid: -grid.score):
        if grid.score < _ANOTHER:
            break
        if grid.size == best.size and not any(_overlap(grid, other) for other in taken):
            taken.append(grid)
    return best, len(taken) - 1


def _outline(grid: _Grid) -> np.ndarray:
    """The corners of a grid in the picture, (4, 2): top left, top right, bottom right, bottom left."""
    side = grid.size * CELL
    square = np.array([[[0, 0], [side, 0], [side, side], [0, side]]], np.float32)
    return cv2.perspectiveTransform(square, np.linalg.inv(grid.transform))[0]


def _overlap(one: _Grid, other: _Grid) -> bool:
    """Whether the middle of either lies in the other."""
    outlines = _outline(one), _outline(other)
    return any(
        cv2.pointPolygonTest(a, tuple(map(float, b.mean(0))), False) >= 0
        for a, b in (outlines, outlines[::-1])
    )


def _check_whole(grey: np.ndarray, grid: _Grid) -> None:
    """Raise `PictureError` where the picture ends before the grid does: with square cells it would go on beyond one side,
    and its lines would be clearer."""
    outline = _outline(grid)
    top_left, top_right, bottom_right, bottom_left = outline
    wide = float(np.linalg.norm(top_right - top_left) + np.linalg.norm(bottom_right - bottom_left))
    high = float(np.linalg.norm(bottom_left - top_left) + np.linalg.norm(bottom_right - top_right))
    if abs(wide - high) < _SQUARE * max(wide, high):
        return
    across = (top_right - top_left + bottom_right - bottom_left) / 2 * (high / wide - 1)
    down = (bottom_left - top_left + bottom_right - top_right) / 2 * (wide / high - 1)
    sides = {
        "right": (0, across, across, 0),
        "left": (-across, 0, 0, -across),
        "lower": (0, 0, down, down),
        "upper": (-down, -down, 0, 0),
    }
    for name in ("right", "left") if wide < high else ("lower", "upper"):
        corners = [c + more for c, more in zip(outline, sides[name], strict=True)]
        whole = _Grid.scored(grey, _transform(np.array(corners, np.float32), grid.size), grid.size)
        if whole.score > grid.score + _CLEARER:
            raise PictureError(
                f"the grid is cut off at the {name} edge of the picture; show all of it, with its outer lines"
            )


def _own_regions(grid: np.ndarray, size: int) -> bool:
    """Whether the thick lines of a straightened grid run elsewhere than around its boxes."""
    reach, quarter = CELL // 6, CELL // 4
    weights, expected = [], []
    for each, box in ((grid, _BOXES[size][1]), (grid.T, _BOXES[size][0])):
        smooth = each.astype(np.float32).reshape(size, CELL, -1)[:, quarter:-quarter].mean(1)
        for i in range(1, size):
            piece = smooth[:, i * CELL - reach : i * CELL + reach + 1]
            weights.append(np.abs(piece - np.median(piece, axis=1, keepdims=True)).sum(1))
            expected.append(np.full(size, i % box == 0))
    weight, on_box = np.concatenate(weights), np.concatenate(expected)
    scaled = np.clip(weight / max(float(weight.max()), 1.0) * 255, 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(scaled, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    thick = scaled > level
    if not thick.any() or thick.all() or weight[thick].mean() < _THICKER * weight[~thick].mean():
        return False
    return bool(
        (thick & ~on_box).mean() > _ELSEWHERE and (~thick & on_box).sum() > 0.25 * on_box.sum()
    )


def _doubted(reading: PictureReading) -> PictureReading:
    """The reading, with doubt on digits that stand twice in a row, a column or a box. Raises `PictureError` where that
    is so for many: then they are no digits of ours."""
    digits_RC, size = reading.digits_RC, len(reading.digits_RC)
    rows, cols = _BOXES[size]
    r_RC, c_RC = np.indices(digits_RC.shape)
    twice_RC = np.zeros(digits_RC.shape, bool)
    units = [r_RC, c_RC] + ([r_RC // rows * size + c_RC // cols] if size != 6 else [])
    for unit_RC in units:
        key_RC = unit_RC * (size + 1) + digits_RC
        values, counts = np.unique(key_RC[digits_RC > 0], return_counts=True)
        twice_RC |= np.isin(key_RC, values[counts > 1]) & (digits_RC > 0)
    if twice_RC.sum() > _TWICE * (digits_RC > 0).sum():
        raise PictureError(
            f"of the {int((digits_RC > 0).sum())} signs in the grid {int(twice_RC.sum())} were read as digits that stand "
            "twice in a row, column or box: they may be letters or digits of another script"
        )
    doubt_RC = np.where(
        twice_RC, np.minimum(reading.confidence_RC, _DOUBTFUL), reading.confidence_RC
    )
    return replace(reading, confidence_RC=doubt_RC)


def _part(whole: Image.Image, best: _Grid) -> Image.Image | None:
    """The part of a picture around a grid that fills little of it; None where it fills much."""
    scale = max(1.0, max(whole.size) / _WORKING)
    corners = _outline(best) * scale
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    room = 0.1 * max(right - left, bottom - top)
    box = left - room, top - room, right + room, bottom + room
    box = tuple(int(v) for v in np.clip(box, 0, (*whole.size, *whole.size)))
    wide, high = box[2] - box[0], box[3] - box[1]
    small = best.score >= _GUESSED and max(wide, high) < 0.5 * max(whole.size)
    return whole.crop(box) if small and min(wide, high) >= 64 else None


def _finer(grey: np.ndarray, best: _Grid) -> int:
    """How many rows a grid has that was taken for one of fewer, because some of its lines are where those
    would be; 0 if it is what it was taken for."""
    area = cv2.contourArea(_outline(best))
    for outline in _quadrilaterals(grey)[:-1]:
        if cv2.contourArea(outline) < 0.5 * area:
            continue
        scores = {
            n: _line_score(_straightened(grey, _transform(outline, n), n), n)
            for n in (best.size, *_OTHER_SIZES)
        }
        # Lines of many rows are hard to see where there are none; those of few are found among them.
        likeliest = max(scores, key=lambda n: (round(scores[n], 1), n))
        if likeliest != best.size and scores[likeliest] > _FINER:
            return likeliest
    return 0


@dataclass(frozen=True, eq=False)
class _Grid:
    """A grid that may be in the picture."""

    transform: np.ndarray  # (3, 3), from the picture to the straightened grid
    size: int
    score: float

    @classmethod
    def scored(cls, grey: np.ndarray, transform: np.ndarray, size: int) -> _Grid:
        # A smaller grid is more easily seen where there is none.
        score = _line_score(_straightened(grey, transform, size), size) - 0.02 * (9 - size)
        return cls(transform, size, score)


def open_picture(content: bytes) -> Image.Image:
    """The picture upright and in RGB. Raises `PictureError`."""
    if len(content) > MOST_BYTES:
        raise PictureError(
            f"the picture has {len(content) / 2**20:.0f} MiB, more than {MOST_BYTES // 2**20}"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes are checked below, by our own limit
            picture: Image.Image = Image.open(io.BytesIO(content), formats=FORMATS)
        pixels = picture.width * picture.height
        if pixels > MOST_PIXELS:
            raise PictureError(
                f"the picture has {pixels / 1e6:.0f} megapixels, more than {MOST_PIXELS // 10**6}"
            )
        frames = getattr(picture, "n_frames", 1)
        if frames > MOST_FRAMES:
            raise PictureError(f"the picture has {frames} frames, more than {MOST_FRAMES}")
        picture = ImageOps.exif_transpose(picture)
        if picture.mode.startswith("I"):  # 16 bits of grey, as scanners write them
            picture = Image.fromarray((np.asarray(picture) / 257).clip(0, 255).astype(np.uint8))
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            paper = Image.new("RGBA", picture.size, _paper(picture))
            picture = Image.alpha_composite(paper, picture)
        picture = picture.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise PictureError("this is no PNG, JPEG or WebP picture that can be read") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError("the picture is broken or incomplete") from None
    if min(picture.size) < 32:
        raise PictureError(f"the picture has only {picture.width} x {picture.height} pixels")
    return picture


def _paper(picture: Image.Image) -> str:
    """What to lay under a picture with transparency: white, unless all its ink is light."""
    pixels = np.asarray(picture)
    ink = pixels[..., :3][pixels[..., 3] > 128].mean(-1)
    return "black" if len(ink) and np.percentile(ink, 10) > 128 else "white"


def _quadrilaterals(grey: np.ndarray) -> list[np.ndarray]:
    """Corners (4, 2) of what may be the grid's outline, each once: clockwise from top left.

    The last is the whole picture, for screenshots that are cropped to the grid.
    """
    height, width = grey.shape
    lines = _ink(grey)
    found: list[np.ndarray] = []

    def find(corners: np.ndarray) -> None:
        if not any(np.abs(corners - other).max() <= _SAME for other in found):
            found.append(corners)

    for thickness in (1, 3, 5):
        closed = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, np.ones((thickness, thickness)))
        contours, _ = cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        hulls = sorted(map(cv2.convexHull, contours), key=cv2.contourArea, reverse=True)
        for hull in hulls[:8]:
            area = cv2.contourArea(hull)
            if area < _SMALLEST * height * width:
                break
            corners = _corners(hull[:, 0].astype(np.float32))
            if cv2.contourArea(corners) > 0.85 * area:
                find(corners)
            # Lines without a frame around them reach its four sides, and no corner.
            box = cv2.boxPoints(cv2.minAreaRect(hull))
            if 0.8 * cv2.contourArea(box) < area < 0.99 * cv2.contourArea(box):
                find(_corners(box))
    whole = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    return [*found, whole]


def _ink(grey: np.ndarray) -> np.ndarray:
    """What differs from its neighbourhood, darker or lighter: 0 or 255."""
    block = max(15, min(grey.shape) // 30) | 1
    ground = cv2.GaussianBlur(grey, (0, 0), block / 3)
    apart = cv2.absdiff(grey, ground)
    threshold = max(6.0, 0.25 * float(np.percentile(apart, 98)))
    return ((apart > threshold) * 255).astype(np.uint8)


def _corners(points_N2: np.ndarray) -> np.ndarray:
    """The outermost points towards top left, top right, bottom right, bottom left."""
    total, difference = points_N2.sum(1), points_N2[:, 0] - points_N2[:, 1]
    order = (total.argmin(), difference.argmax(), total.argmax(), difference.argmin())
    return points_N2[list(order)]


def _transform(corners_42: np.ndarray, size: int) -> np.ndarray:
    """The map (3, 3) from the picture to a straight grid of `size` cells."""
    side = size * CELL
    target = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    return cv2.getPerspectiveTransform(corners_42, target)


def _straightened(picture: np.ndarray, transform: np.ndarray, size: int) -> np.ndarray:
    return cv2.warpPerspective(picture, transform, (size * CELL, size * CELL), flags=cv2.INTER_AREA)


def _aligned(grey: np.ndarray, transform: np.ndarray, size: int) -> np.ndarray:
    """The map made better: the grid's own lines, where they really run, are put in their places."""
    grid = _smooth(_straightened(grey, transform, size))
    down, across = _lines(grid, size), _lines(cv2.transpose(grid), size)
    at = np.arange(1, size)
    # Line i runs down, line j across; each says where it is at the height of the other.
    x_IJ = at[:, None] * CELL + down.offset_at(at - 0.5)
    y_IJ = at * CELL + across.offset_at(at - 0.5).T
    clear_IJ = np.minimum(down.share_I[:, None], across.share_I) > 0.6
    if clear_IJ.sum() < 6:
        return transform
    seen = np.stack([x_IJ, y_IJ], -1)[clear_IJ]
    wanted = np.argwhere(clear_IJ).astype(float) * CELL + CELL
    better, _ = cv2.findHomography(seen, wanted, cv2.RANSAC, 2.0)
    return transform if better is None else better @ transform


def _smooth(grid: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(grid, (3, 3), 0).astype(np.float32)


def _line_score(grid: np.ndarray, size: int) -> float:
    """The share of the edges between neighbouring cells that show a line, 0 to 1, for the lines
    that show least: those of another size coincide with some of them."""
    smooth = _smooth(grid)
    shares = [_lines(each, size).share_I for each in (smooth, cv2.transpose(smooth))]
    weakest = float(np.sort(shares, axis=1)[:, : size // 2].mean())
    by_chance = 2 / size  # any two pieces lie on a line
    return max(0.0, (weakest - by_chance) / (1 - by_chance))


@dataclass(frozen=True, eq=False)
class _Lines:
    """The lines between cells: where each was found, relative to its place, along its pieces."""

    start_I: np.ndarray  # offset at the first piece, pixels
    slope_I: np.ndarray  # pixels a piece
    share_I: np.ndarray  # of its pieces that are shown and lie on it

    def offset_at(self, piece_J: np.ndarray) -> np.ndarray:
        """Of every line at every one of these pieces, (I, J)."""
        return self.start_I[:, None] + self.slope_I[:, None] * piece_J


def _lines(grid: np.ndarray, size: int) -> _Lines:
    """The lines that run down a straightened picture, left to right."""
    reach, near, inner = CELL // 8, CELL // 9, CELL // 6
    # Row of cells by row: the mean along the middle of each cell's height.
    ridge_KX = np.zeros((size, size * CELL), np.float32)
    for k, strip in enumerate(grid.reshape(size, CELL, size * CELL)[:, inner:-inner]):
        beside = cv2.addWeighted(strip[:, : -2 * reach], 0.5, strip[:, 2 * reach :], 0.5, 0)
        apart = cv2.absdiff(strip[:, reach:-reach], beside)
        ridge_KX[k, reach:-reach] = cv2.reduce(apart, 0, cv2.REDUCE_AVG)[0]
    noise = float(np.median(ridge_KX))
    # (I, K, x): around the place of every line.
    around_IKX = np.stack(
        [ridge_KX[:, i * CELL - near : i * CELL + near + 1] for i in range(1, size)]
    )
    shown_IK = around_IKX.max(2) > max(2.0, 1.5 * noise)
    return _straight(around_IKX.argmax(2) - near, shown_IK)


def _straight(offset_IK: np.ndarray, shown_IK: np.ndarray) -> _Lines:
    """For each line, the straight one through most of its pieces that are shown."""
    lines, pieces = len(offset_IK), np.arange(offset_IK.shape[1])
    first, second = _pairs(len(pieces))
    slope_IP = (offset_IK[:, second] - offset_IK[:, first]) / (second - first)
    start_IP = offset_IK[:, first] - slope_IP * first
    expected_IPK = start_IP[..., None] + slope_IP[..., None] * pieces
    on_IPK = (np.abs(expected_IPK - offset_IK[:, None]) <= 1.2) & shown_IK[:, None]
    best_I = on_IPK.sum(2).argmax(1)
    on_IK = on_IPK[np.arange(lines), best_I]
    count_I = on_IK.sum(1)
    # Least squares, where there are two pieces to lay a line through.
    some_I = np.maximum(count_I, 1)
    x_I, y_I = (on_IK * pieces).sum(1) / some_I, (on_IK * offset_IK).sum(1) / some_I
    dx_IK, dy_IK = on_IK * (pieces - x_I[:, None]), on_IK * (offset_IK - y_I[:, None])
    slope_I = (dx_IK * dy_IK).sum(1) / np.maximum((dx_IK**2).sum(1), 0.5)
    found_I = count_I >= 2
    return _Lines(
        np.where(found_I, y_I - slope_I * x_I, 0.0),
        np.where(found_I, slope_I, 0.0),
        np.where(found_I, count_I / len(pieces), 0.0),
    )


@functools.cache
def _pairs(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first and the second of every pair of so many things."""
    return np.triu_indices(count, 1)


def _read(colour: np.ndarray, grid: np.ndarray, size: int, least: float) -> PictureReading:
    """The digits of a straightened picture, in colour and in grey, that are at least so tall."""
    inks = [[glyph_in(_cell(grid, r, c), least) for c in range(size)] for r in range(size)]
    contrast = [glyph.contrast for row in inks for glyph in row if glyph.ink is not None]
    # Faint remains of lines or shadows are not digits: real ones stand out alike.
    faint = 0.4 * float(np.percentile(contrast, 80)) if contrast else 0.0
    digits_RC = np.zeros((size, size), np.uint8)
    confidence_RC = np.ones((size, size))
    places, glyphs = [], []
    for r in range(size):
        for c in range(size):
            glyph = inks[r][c]
            if glyph.ink is not None:
                places.append((r, c))
                glyphs.append(glyph.ink)
            if glyph.doubtful:
                confidence_RC[r, c] = _DOUBTFUL
    confidence_RC[_washed_out(grid, size)] = _DOUBTFUL
    digits, sure = recognise(glyphs, size)
    for place, digit, confidence in zip(places, digits, sure, strict=True):
        if inks[place[0]][place[1]].contrast >= faint:
            digits_RC[place] = digit
            confidence_RC[place] = min(confidence, confidence_RC[place])
        else:  # ink all the same: faint, and nobody can be sure of it
            digits_RC[place] = digit if confidence > _LIKELY else 0
            confidence_RC[place] = _DOUBTFUL
    sureness = float(np.mean(sure)) if len(sure) else 0.0
    return PictureReading(digits_RC, confidence_RC, Image.fromarray(colour), sureness)


def _washed_out(grid: np.ndarray, size: int) -> np.ndarray:
    """Cells around which the grid's lines fade, (R, C) bool: light that swallows them may have swallowed
    a digit too."""
    reach = CELL // 9
    smooth = _smooth(grid)

    def seen(picture: np.ndarray) -> np.ndarray:
        """Contrast of the pieces of the inner lines that run down, as a share of what most of the same line
        has: (row, line)."""
        middle = picture.reshape(size, CELL, -1)[:, CELL // 4 : -CELL // 4].mean(1)
        at = [middle[:, k * CELL - reach : k * CELL + reach + 1] for k in range(1, size)]
        contrast = np.stack([np.ptp(each, axis=1) for each in at], axis=1)
        return contrast / np.maximum(np.percentile(contrast, 75, axis=0), 1)

    down, across = seen(smooth), seen(smooth.T).T
    sides = np.full((4, size, size), np.nan)
    sides[0, :, 1:], sides[1, :, :-1] = down, down
    sides[2, 1:], sides[3, :-1] = across, across
    return np.nanmean(sides, axis=0) < 0.35


def _check(reading: PictureReading, size: int) -> None:
    """Raise `PictureError` where there are too few digits for a puzzle, or what was taken for them hardly
    looks like any: a table or a board of another game has lines too."""
    digits = int((reading.digits_RC > 0).sum())
    if digits >= size and reading.sureness < _LEAST_SURENESS:
        raise PictureError(
            f"lines of a {size} x {size} grid were found in the picture, but hardly a digit in them; show the "
            "whole Sudoku, and little else"
        )
    if digits < size:
        found = f"only {counted(digits, 'digit')}" if digits else "no digit"
        raise PictureError(
            f"lines of a {size} x {size} grid were found in the picture, but {found} in them; show the whole "
            "Sudoku, and little else"
        )


@dataclass(frozen=True, eq=False)
class Glyph:
    """What was found in a cell."""

    ink: np.ndarray | None  # None: the cell is empty
    contrast: float = 0.0
    doubtful: bool = False  # something is there, but hardly a digit


def _cell(grid: np.ndarray, r: int, c: int) -> np.ndarray:
    edge = CELL // 10
    return grid[r * CELL + edge : (r + 1) * CELL - edge, c * CELL + edge : (c + 1) * CELL - edge]


def glyph_in(cell: np.ndarray, least: float = _TALL) -> Glyph:
    """The ink of the digit in a straightened cell (grey, without its edge), if there is one that takes as large a part
    of its height."""
    smooth = cv2.GaussianBlur(cell, (3, 3), 0).astype(np.float32)
    apart = np.abs(smooth - _ground(smooth))
    contrast = float(np.percentile(apart, 98))
    if contrast < _LEAST_CONTRAST:
        return Glyph(None)
    threshold, _ = cv2.threshold(
        np.clip(apart, 0, 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU
    )
    mask = (apart > max(threshold, 0.4 * contrast)).astype(np.uint8)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    side = len(cell)
    kept = np.zeros_like(mask)
    tallest = 0
    for i in range(1, count):
        left, top, width, height, area = stats[i]
        touches = left == 0 or top == 0 or left + width == side or top + height == side
        central = (np.abs(centres[i] - side / 2) < 0.33 * side).all()
        line = touches and (min(width, height) < 0.16 * side or max(width, height) > 0.97 * side)
        if area < 0.004 * side * side or line or not central:
            continue
        kept[labels == i] = 1
        tallest = max(tallest, int(height))
    # Ink in the middle that is no part of the digit: a stroke through it, or a digit that hangs together
    # with a line.
    inner = slice(round(0.22 * side), round(0.78 * side))
    crossed = float((mask & ~kept.astype(bool))[inner, inner].mean()) > _UNEXPLAINED
    if tallest < least * side:
        return Glyph(None, doubtful=crossed or tallest > 0.2 * side)
    return Glyph(apart * kept, contrast, doubtful=crossed)


def _ground(cell: np.ndarray) -> np.ndarray:
    """The cell's ground: a plane through its border, which follows a shadow."""
    side = len(cell)
    y, x = np.mgrid[:side, :side]
    border = np.zeros((side, side), bool)
    border[:4], border[-4:], border[:, :4], border[:, -4:] = True, True, True, True
    points = np.stack([np.ones(border.sum()), x[border], y[border]], axis=1)
    values = cell[border]
    near = np.abs(values - np.median(values)) < 25  # lines that reach in are no ground
    if near.sum() < 12:
        return np.full_like(cell, np.median(values))
    plane, *_ = np.linalg.lstsq(points[near], values[near], rcond=None)
    return plane[0] + plane[1] * x + plane[2] * y
