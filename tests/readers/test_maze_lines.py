"""Mazes whose walls are thin lines, as canvas, SVG and most generators draw them: drawn here, and read again."""

import io
from collections import deque

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from trm_core.readers.maze_picture import read_maze_picture

FINE = 4  # pixels of the drawing for each of the picture
LOOKS = {
    "plain": {},
    "white on black": dict(ink=(255, 255, 255), paper=(20, 20, 20)),
    "blue on white": dict(ink=(30, 60, 180)),
    "coloured ends": dict(ends=True),
    "coloured ends in dark": dict(ends=True, ink=(255, 255, 255), paper=(51, 51, 51)),
    "letters": dict(letters=True),
    "a purple trail": dict(trail=(160, 32, 240)),
    "a grey trail": dict(trail=(175, 175, 175)),
    "visited cells": dict(visited=(200, 220, 255)),
}


def carved(rng, rows: int, cols: int) -> np.ndarray:
    """A maze without loops: every second cell is a room, (2 * rows + 1, 2 * cols + 1), 1 is a wall."""
    board_RC = np.ones((2 * rows + 1, 2 * cols + 1), np.uint8)
    board_RC[1::2, 1::2] = 0
    path, seen = [(0, 0)], {(0, 0)}
    while path:
        r, c = path[-1]
        near = [(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)]
        fresh = [p for p in near if 0 <= p[0] < rows and 0 <= p[1] < cols and p not in seen]
        if not fresh:
            path.pop()
            continue
        there = fresh[rng.integers(len(fresh))]
        board_RC[r + there[0] + 1, c + there[1] + 1] = 0
        seen.add(there)
        path.append(there)
    return board_RC


def way(board_RC: np.ndarray) -> list[tuple[int, int]]:
    """The rooms from the first to the last."""
    rows, cols = board_RC.shape[0] // 2, board_RC.shape[1] // 2
    before, queue = {(0, 0): None}, deque([(0, 0)])
    while queue:
        r, c = queue.popleft()
        for there in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            inside = 0 <= there[0] < rows and 0 <= there[1] < cols
            if inside and there not in before and not board_RC[r + there[0] + 1, c + there[1] + 1]:
                before[there] = (r, c)
                queue.append(there)
    rooms, at = [], (rows - 1, cols - 1)
    while at is not None:
        rooms.append(at)
        at = before[at]
    return rooms


def picture(
    board_RC, rng, *, cell, wide, cap, scale=1.0, ink=(0, 0, 0), paper=(255, 255, 255),
    ends=False, letters=False, trail=None, visited=None,
) -> bytes:  # fmt: skip
    """The maze as a PNG: lines `wide` pixels wide on a lattice of cells, open at their ends ("butt") or not."""
    rows, cols = board_RC.shape[0] // 2, board_RC.shape[1] // 2
    margin, half = 25, wide * FINE / 2
    size = ((cols * cell + 2 * margin) * FINE, (rows * cell + 2 * margin) * FINE)
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)

    def at(r: float, c: float) -> tuple[float, float]:
        return (margin + c * cell) * FINE, (margin + r * cell) * FINE

    def fill(r: int, c: int, colour) -> None:
        draw.rectangle([*at(r, c), *at(r + 1, c + 1)], fill=colour)

    if visited:
        for r, c in np.argwhere(rng.random((rows, cols)) < 0.5):
            fill(r, c, visited)
    if ends:
        fill(0, 0, (0, 200, 0))
        fill(rows - 1, cols - 1, (230, 0, 0))
    if trail:
        draw.line(
            [at(r + 0.5, c + 0.5) for r, c in way(board_RC)], fill=trail, width=cell * FINE // 5
        )
    over = half if cap == "square" else 0
    for r, c in np.argwhere(board_RC):
        if r % 2 == c % 2:
            continue
        (x, y), (to_x, to_y) = at(r // 2, c // 2), at(r // 2 + r % 2, c // 2 + c % 2)
        along, beside = (over, half) if c % 2 else (half, over)
        draw.rectangle([x - along, y - beside, to_x + along - 1, to_y + beside - 1], fill=ink)
    if letters:
        font = ImageFont.load_default(size=round(0.6 * cell * FINE))
        for (r, c), letter in (((0, 0), "S"), ((rows - 1, cols - 1), "F")):
            draw.text(at(r + 0.5, c + 0.5), letter, fill=ink, font=font, anchor="mm")
    small = tuple(round(scale * side / FINE) for side in image.size)
    image.resize(small, Image.Resampling.LANCZOS).save(out := io.BytesIO(), "PNG")
    return out.getvalue()


def drawn_and_read(rng, look: dict) -> bool:
    """One maze of some size, stroke and scale: whether it comes back as it was."""
    board_RC = carved(rng, int(rng.integers(4, 14)), int(rng.integers(4, 14)))
    wide = int(rng.integers(1, 7))
    content = picture(
        board_RC,
        rng,
        cell=int(rng.integers(max(14, 3 * wide), 50)),
        wide=wide,
        cap=("butt", "square")[rng.integers(2)],
        scale=(1.0, 1.37, 2.0)[rng.integers(3)],
        **look,
    )
    if look.get("ends") or look.get("letters"):
        board_RC[1, 1], board_RC[-2, -2] = 2, 3
    return np.array_equal(read_maze_picture(content)[0], board_RC)


@pytest.mark.parametrize("look", LOOKS)
def test_mazes_of_thin_lines_are_read(look):
    rng = np.random.default_rng(len(look))
    assert all(drawn_and_read(rng, LOOKS[look]) for _ in range(4))


@pytest.mark.long
@pytest.mark.parametrize("look", LOOKS)
def test_nearly_all_mazes_of_thin_lines_are_read(look):
    rng = np.random.default_rng(99)
    assert sum(drawn_and_read(rng, LOOKS[look]) for _ in range(60)) >= 58


def test_a_gap_in_the_outer_wall_cuts_off_no_side():
    rng = np.random.default_rng(3)
    board_RC = carved(rng, 8, 9)
    board_RC[0, 1] = board_RC[-1, -2] = 0
    content = picture(board_RC, rng, cell=24, wide=2, cap="butt")
    found_RC, _ = read_maze_picture(content)
    assert found_RC[0, 1] == 2 and found_RC[-1, -2] == 3
    assert np.array_equal(found_RC == 1, board_RC == 1)
