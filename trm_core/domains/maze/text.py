"""Text mazes, as people paste them, to lines of `#` wall, `.` free, `S`, `G` and `o` path.

Understood: one line of a square number of cells, as published data sets have it, its blanks at both
ends included; rows in lines, or in one line separated by `/`; tables of 0 and 1 (1 is a wall), with or
without blanks or commas between; block characters and coloured squares; walls drawn with box
characters, one a cell; and walls drawn with posts, - and |, where a cell is several characters wide.

Which sign means what depends on the others in the same maze: `+` is a wall in `+--+`, and the path of
a printed solution among `#`. Whatever was taken for something is told in the notes.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter

LONGEST = 20_000  # characters
LEAST_SQUARE = 5  # cells a side of a maze in one line
_BOXES = "─│┌┐└┘├┤┬┴┼━┃┏┓┗┛┣┫┳┻╋═║╔╗╚╝╠╣╦╩╬╴╵╶╷╭╮╯╰"
_SOLID = "#█▓▒■⬛🧱" + _BOXES  # is a wall wherever it stands
_WALLS = (_SOLID, "1", "+-|", "xX", "wW", "@")  # the first of these that occur are the walls
_FREE = ". _░□·0⬜"
_STARTS, _GOALS = "Ss🟩🟢🚩", "Gg🟥🔴🏁🎯"
_ENDS = "EeTtFf"  # a goal, where no G is
_PATHS = "oO*🟦🟨🔵🟡"
_TRAILS = "+xX•~:^v<>@2345678"  # a path too, where they are no walls; that is told
_POSTS = "+oO.*"


def maze_lines(text: str, cells: int = 0, cols: int = 0) -> tuple[list[str], tuple[str, ...]]:
    """The rows of a maze, and what was taken for what; a row of `cells` symbols alone is cut into rows
    of `cols`.

    A symbol that is not understood stays as it is; the domain says so in its own words. Raises
    `PuzzleError` for a drawing that is known and can't be read.
    """
    text = text[:LONGEST].replace("\ufe0f", "").replace("\ufeff", "").replace("\xa0", " ")
    lines = text.expandtabs(1).splitlines()
    published = _square(lines)
    if published and not (cells == len(lines[0]) and cols != len(published)):
        return published, ()
    lines = [line.rstrip() if line.strip(" ") else line for line in lines]
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if _is_underscored(lines):
        return _with_posts(lines), ()
    if len(lines) == 1 and "/" in lines[0]:
        lines = lines[0].strip().split("/")
    lines, places = _without_header(lines)
    if lines and all(re.search(r"[,;]", line) for line in lines if line.strip()):
        lines = ["".join(f.strip() or " " for f in re.split(r"[,;]", line)) for line in lines]
    lines = _with_ends(_narrowed(_unspaced(lines)), places)
    meaning, notes = _meanings(lines)
    lines = ["".join(meaning.get(ch, ch) for ch in line) for line in lines]
    if len(lines) == 1 and cells and len(lines[0]) == cells:
        lines = [lines[0][i : i + cols] for i in range(0, cells, cols)]
    return lines, notes


def _square(lines: list[str]) -> list[str]:
    """The rows of a maze in one line of a square number of cells; none if this isn't one."""
    if len(lines) != 1 or not re.fullmatch(r"[# .SGo]+", lines[0]):
        return []
    side = math.isqrt(len(lines[0]))
    if side < LEAST_SQUARE or side * side != len(lines[0]):
        return []
    row = lines[0].replace(" ", ".")
    return [row[i : i + side] for i in range(0, side * side, side)]


def _without_header(lines: list[str]) -> tuple[list[str], list[tuple[int, int]]]:
    """Without a first line that says the size and last lines that say start and goal, and those."""
    size = re.fullmatch(r"\s*(\d+)\s+(\d+)\s*", lines[0]) if lines else None
    if size is None or len(lines) - 1 < int(size[1]) or int(size[1]) < LEAST_SQUARE:
        return lines, []
    rows = int(size[1])
    rest = [line for line in lines[rows + 1 :] if line.strip()]
    matches = [re.fullmatch(r"\s*(\d+)\s+(\d+)\s*", line) for line in rest]
    told = [match for match in matches if match is not None]
    if len(told) < len(matches) or len(told) > 2:
        return lines, []
    return lines[1 : rows + 1], [(int(m[1]), int(m[2])) for m in told]


def _with_ends(lines: list[str], places: list[tuple[int, int]]) -> list[str]:
    """Start and goal written where `places` (row, column) say."""
    for sign, (r, c) in zip("SG", places, strict=False):
        if r < len(lines) and c < len(lines[r]):
            lines[r] = f"{lines[r][:c]}{sign}{lines[r][c + 1 :]}"
    return lines


def _is_underscored(lines: list[str]) -> bool:
    """Whether a maze is drawn with floors `_` and sides `|`, two characters a cell."""
    if len(lines) < 3 or not re.fullmatch(r" ?[_ ]*_[_ ]*", lines[0]):
        return False
    rest = lines[1:]
    return all(re.fullmatch(r"[ |_]+", line) for line in rest) and all("|" in line for line in rest)


def _with_posts(lines: list[str]) -> list[str]:
    """Such a drawing as rows of cells, with the walls between them as cells too."""
    wide = max(map(len, lines)) | 1
    top, *rest = [line.ljust(wide) for line in lines]
    rows, cols = 2 * len(rest) + 1, wide
    wall = [[False] * cols for _ in range(rows)]
    for c in range(1, cols, 2):
        wall[0][c] = top[c] == "_"
        for r, line in enumerate(rest):
            wall[2 * r + 2][c] = line[c] == "_"
    for r, line in enumerate(rest):
        for c in range(0, cols, 2):
            wall[2 * r + 1][c] = line[c] == "|"
    for r in range(0, rows, 2):
        for c in range(0, cols, 2):
            beside = ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1))
            wall[r][c] = any(0 <= i < rows and 0 <= j < cols and wall[i][j] for i, j in beside)
    return ["".join(".#"[cell] for cell in row) for row in wall]


def _unspaced(lines: list[str]) -> list[str]:
    """Rows whose cells stand apart, brought together."""
    wide = max((len(line) for line in lines), default=0)
    padded = [line.ljust(wide) for line in lines]
    if wide >= 2 * LEAST_SQUARE - 1 and wide % 2 and not any(p[1::2].strip() for p in padded):
        return [line[::2] for line in padded]
    fields = [line.split() for line in lines]
    numbers = all(len(field) == 1 and field.isdigit() for row in fields for field in row)
    if numbers and len({len(row) for row in fields}) == 1 and len(fields[0]) >= LEAST_SQUARE:
        return ["".join(row) for row in fields]
    return lines


def _narrowed(lines: list[str]) -> list[str]:
    """A drawing with posts such as `+---+`, brought to one character a cell and one a wall."""
    wide = max((len(line) for line in lines), default=0)
    first = lines[0].ljust(wide) if lines else ""
    post = first.strip()[:1]
    if (
        not post
        or post not in _POSTS
        or not re.fullmatch(rf"\s*({re.escape(post)}[- ]+)+{re.escape(post)}\s*", first)
    ):
        return lines
    corners = [i for i, ch in enumerate(first) if ch == post]
    apart = corners[1] - corners[0]
    if apart < 2 or any(b - a != apart for a, b in itertools.pairwise(corners)):
        return lines
    narrow = []
    for k, line in enumerate(lines):
        line = line.ljust(corners[-1] + 1)
        row = ""
        for left in corners:
            inside = line[left + 1 : left + apart].strip() if left != corners[-1] else ""
            at, between = line[left], inside[:1] or " "
            if k % 2 == 0:  # a row of posts and of the walls between them
                at, between = "#" if at in (post, "-") else at, "#" if between in "-_=" else between
            elif at in "|!":
                at = "#"
            row += at + (between if left != corners[-1] else "")
        narrow.append(row)
    return narrow


def _meanings(lines: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What each sign means in this maze, and what of that is worth telling."""
    counts = Counter("".join(lines))
    meaning = dict.fromkeys(_FREE, ".") | dict.fromkeys(_PATHS, "o")
    walls = next((group for group in _WALLS if any(counts[ch] > 1 for ch in group)), "")
    if walls == _SOLID and not any(counts[ch] for ch in _SOLID if ch not in _BOXES):
        walls += "+-|"  # box characters that are mixed with plain ones
    notes = []
    if walls == "1" and counts["0"]:
        notes.append("1 was taken for a wall, 0 for a free cell")
    trails = [ch for ch in _TRAILS if ch not in walls and counts[ch]]
    meaning |= dict.fromkeys(trails, "o")
    meaning |= dict.fromkeys(walls, "#")
    meaning |= dict.fromkeys(_STARTS, "S") | dict.fromkeys(_GOALS, "G")
    ends = _ends(counts, walls)
    notes += [f"{ch!r} was taken for the {name}" for ch, sign, name in ends if ch not in "SEG"]
    meaning |= {ch: sign for ch, sign, _ in ends}
    ended = {ch for ch, *_ in ends}
    notes += [f"{ch!r} was taken for the path" for ch in trails if ch not in ended]
    return meaning, tuple(notes)


def _ends(counts: Counter[str], walls: str) -> list[tuple[str, str, str]]:
    """Signs that stand once and mean an end, in the absence of S or G: sign, meaning, name."""
    found = []
    has_goal = any(counts[ch] for ch in _GOALS)
    has_start = any(counts[ch] for ch in _STARTS)
    if not has_start:
        for ch in ("A", "P", "@", "2"):
            if counts[ch] == 1 and ch not in walls:
                found.append((ch, "S", "start"))
                break
    if not has_goal:
        for ch in (*_ENDS, "X", "x", "B", "3"):
            if counts[ch] == 1 and ch not in walls:
                found.append((ch, "G", "goal"))
                break
    return found
