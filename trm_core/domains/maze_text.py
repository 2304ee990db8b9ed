"""Text mazes, as people paste them, to lines of `#` wall, `.` free, `S`, `G` and `o` path.

Understood: one line of a square number of cells, as published data sets have it, its blanks at both
ends included; `#`, spaces, S and G (E and T also mean the goal); rows in one line, separated by `/`;
tables of 0 and 1 (1 is a wall); block characters; walls drawn with box characters, one a cell;
and walls drawn with + - |, where a cell is several characters wide.
"""

from __future__ import annotations

import itertools
import math
import re

LONGEST = 20_000  # characters
LEAST_SQUARE = 5  # cells a side of a maze in one line
_BOXES = "─│┌┐└┘├┤┬┴┼━┃┏┓┗┛┣┫┳┻╋═║╔╗╚╝╠╣╦╩╬╴╵╶╷╭╮╯╰"
_WALLS = "#█▓▒■xXwW1@+|-" + _BOXES
_FREE = ". _░□·0"
_GOALS = "GgEeTt"


def maze_lines(text: str, cells: int = 0, cols: int = 0) -> list[str]:
    """The rows of a maze; a row of `cells` symbols alone is cut into rows of `cols`.

    A symbol that is not understood stays as it is; the domain says so in its own words.
    """
    lines = text[:LONGEST].expandtabs(1).splitlines()
    published = _square(lines)
    if published and not (cells == len(lines[0]) and cols != len(published)):
        return published
    lines = [line.rstrip() if line.strip(" ") else line for line in lines]
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) == 1 and "/" in lines[0]:
        lines = lines[0].strip().split("/")
    if all(re.search(r"[,;]", line) for line in lines if line.strip()):
        lines = ["".join(field.strip() for field in re.split(r"[,;]", line)) for line in lines]
    lines = ["".join(_symbol(ch) for ch in line) for line in _narrowed(lines)]
    if len(lines) == 1 and cells and len(lines[0]) == cells:
        return [lines[0][i : i + cols] for i in range(0, cells, cols)]
    return lines


def _square(lines: list[str]) -> list[str]:
    """The rows of a maze in one line of a square number of cells; none if this isn't one."""
    if len(lines) != 1 or not re.fullmatch(r"[# .SGo]+", lines[0]):
        return []
    side = math.isqrt(len(lines[0]))
    if side < LEAST_SQUARE or side * side != len(lines[0]):
        return []
    row = "".join(_symbol(ch) for ch in lines[0])
    return [row[i : i + side] for i in range(0, side * side, side)]


def _narrowed(lines: list[str]) -> list[str]:
    """A drawing with `+---+` corners, brought to one character a cell and one a wall."""
    if not lines or not re.fullmatch(r"\s*(\+[- ]+)+\+", lines[0]):
        return lines
    corners = [i for i, ch in enumerate(lines[0]) if ch == "+"]
    wide = corners[1] - corners[0]
    if wide < 2 or any(b - a != wide for a, b in itertools.pairwise(corners)):
        return lines
    narrow = []
    for line in lines:
        line = line.ljust(corners[-1] + 1)
        row = ""
        for left in corners[:-1]:
            inside = line[left + 1 : left + wide].strip()
            row += line[left] + (inside[:1] or " ")
        narrow.append(row + line[corners[-1]])
    return narrow


def _symbol(ch: str) -> str:
    if ch in _WALLS:
        return "#"
    if ch in _FREE:
        return "."
    if ch in _GOALS:
        return "G"
    return {"s": "S", "O": "o", "*": "o"}.get(ch, ch)
