"""Pictures of Sudokus for the tests: as apps and sites draw them, and as phones photograph them.

The typefaces come from packages; none of them is among the fonts the digit templates were made of.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from font_caladea import Caladea, CaladeaBold
from font_hanken_grotesk import HankenGrotesk, HankenGroteskBold
from font_manrope import Manrope, ManropeBold
from font_source_serif_pro import SourceSerifPro, SourceSerifProBold
from PIL import Image, ImageDraw, ImageFont

FONTS = [
    Path(font)
    for font in (
        Caladea,
        CaladeaBold,
        HankenGrotesk,
        HankenGroteskBold,
        Manrope,
        ManropeBold,
        SourceSerifPro,
        SourceSerifProBold,
    )
]


@dataclass(frozen=True)
class Look:
    """How a site draws its board: colours, line widths, digit size as a share of the cell."""

    paper: str = "#ffffff"
    ink: str = "#111111"
    thin: str = "#bbbbbb"
    thick: str = "#000000"
    shade: str = "#ffffff"  # of every other box
    chosen: str = "#ffffff"  # of the row and column a visitor has chosen
    digit: float = 0.62
    thick_width: int = 4


LOOKS = {
    "print": Look(),
    "app": Look(thin="#d5dae3", thick="#344861", ink="#344861", chosen="#e2ebf3"),
    "shaded": Look(shade="#e4e4e4", thin="#999999", thick="#333333", digit=0.5),
    "dark": Look(
        paper="#12151c",
        ink="#e8e8e8",
        thin="#3a404d",
        thick="#9aa3b5",
        shade="#12151c",
        chosen="#1f2a3a",
    ),
    "blue": Look(ink="#0b5ed7", thin="#cccccc", thick="#222222", thick_width=3, digit=0.7),
    "newspaper": Look(
        paper="#f1ead9",
        shade="#f1ead9",
        chosen="#f1ead9",
        thin="#555555",
        thick="#000000",
        thick_width=6,
    ),
}


def drawn(
    board_RC: np.ndarray, font: Path, look: Look, cell: int = 50, margin: int = 60
) -> Image.Image:
    """A screenshot: the board with some room and a line of words around it."""
    size = len(board_RC)
    rows, cols = {9: (3, 3), 6: (2, 3), 4: (2, 2)}[size]
    side = size * cell
    shade = look.shade if look.shade != "#ffffff" or look.paper == "#ffffff" else look.paper
    picture = Image.new("RGB", (side + 2 * margin, side + 3 * margin), look.paper)
    draw = ImageDraw.Draw(picture)
    face = ImageFont.truetype(str(font), max(8, int(cell * look.digit)))
    words = ImageFont.truetype(str(font), max(10, margin // 3))
    draw.text((margin, margin), "Sudoku   Level 7   03:41", fill=look.ink, font=words)
    left, top = margin, 2 * margin
    for r in range(size):
        for c in range(size):
            fill = look.paper
            if (r // rows + c // cols) % 2:
                fill = shade
            if look.chosen != "#ffffff" and (r == 4 or c == 2):
                fill = look.chosen
            x, y = left + c * cell, top + r * cell
            draw.rectangle((x, y, x + cell, y + cell), fill=fill)
            if board_RC[r, c]:
                middle = (x + cell / 2, y + cell / 2)
                draw.text(middle, str(board_RC[r, c]), fill=look.ink, font=face, anchor="mm")
    for k in range(size + 1):
        for count, thick in ((rows, 0), (cols, 1)):
            wide = k % count == 0
            width, colour = (look.thick_width, look.thick) if wide else (1, look.thin)
            at = (top if thick == 0 else left) + k * cell
            ends = (left, at, left + side, at) if thick == 0 else (at, top, at, top + side)
            draw.line(ends, fill=colour, width=width)
    # Thick lines last: thin ones must not cut them.
    for k in range(0, size + 1, rows):
        draw.line((left, top + k * cell, left + side, top + k * cell), look.thick, look.thick_width)
    for k in range(0, size + 1, cols):
        draw.line((left + k * cell, top, left + k * cell, top + side), look.thick, look.thick_width)
    return picture


def photographed(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture as paper on a table: seen from an angle of up to 25 degrees, slightly turned,
    out of focus, in uneven light, with sensor noise."""
    page = np.asarray(picture)
    height, width = page.shape[:2]
    tilt, pan = np.radians(rng.uniform(-25, 25, 2))
    roll = np.radians(rng.uniform(-6, 6))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    centred = np.c_[corners - [width / 2, height / 2], np.zeros(4)]
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]]
    )
    about_y = np.array([[np.cos(pan), 0, np.sin(pan)], [0, 1, 0], [-np.sin(pan), 0, np.cos(pan)]])
    about_z = np.array(
        [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    )
    turned = centred @ (about_x @ about_y @ about_z).T
    distance = 2.2 * max(width, height)
    seen = turned[:, :2] * (distance / (distance + turned[:, 2:]))
    seen = seen - seen.min(0) + 40
    out_width, out_height = (seen.max(0) + 40).astype(int)
    transform = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    table = tuple(int(v) for v in rng.integers(60, 130, 3))
    photo = cv2.warpPerspective(page, transform, (out_width, out_height), borderValue=table)
    y, x = np.mgrid[:out_height, :out_width]
    direction = rng.uniform(0, 2 * np.pi)
    slope = np.cos(direction) * x / out_width + np.sin(direction) * y / out_height
    light = 0.78 + 0.22 * (slope - slope.min()) / np.ptp(slope)
    if rng.random() < 0.5:  # a hard shadow's edge, softened
        edge = cv2.GaussianBlur((slope > np.median(slope)).astype(np.float32), (0, 0), 12)
        light = light * (0.65 + 0.35 * edge)
    photo = photo * light[..., None]
    photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.6, 1.4))
    photo = photo + rng.normal(0, rng.uniform(3, 9), photo.shape)
    return Image.fromarray(photo.clip(0, 255).astype(np.uint8))


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def framed(
    board_RC: np.ndarray, font: Path, *, cell: int = 50, frame: bool = True, **look
) -> Image.Image:
    """A grid and nothing else, as `look` says: its `ink`, `paper` and colour `mode`, `boxes`, and whether
    its digits stand in circles (`circled`); without a `frame` its lines are only those between cells."""
    ink, paper, (rows, cols) = (
        look.get("ink", "#111"),
        look.get("paper", "#fff"),
        look.get("boxes", (3, 3)),
    )
    size, margin = len(board_RC), 30
    picture = Image.new(look.get("mode", "RGB"), (size * cell + 2 * margin,) * 2, paper)
    draw = ImageDraw.Draw(picture)
    face = ImageFont.truetype(str(font), int(cell * 0.6))
    for k in range(0 if frame else 1, size + 1 if frame else size):
        at, start, end = margin + k * cell, margin, margin + size * cell
        draw.line((start, at, end, at), fill=ink, width=1 if k % rows else 3)
        draw.line((at, start, at, end), fill=ink, width=1 if k % cols else 3)
    for (r, c), value in np.ndenumerate(board_RC):
        if value:
            x, y = margin + (c + 0.5) * cell, margin + (r + 0.5) * cell
            if look.get("circled"):
                radius = 0.4 * cell
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=ink, width=2)
            draw.text((x, y), str(value), font=face, fill=ink, anchor="mm")
    return picture
