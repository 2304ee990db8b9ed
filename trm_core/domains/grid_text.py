"""Text as people paste it, to the symbols of a grid's cells.

Understood: one line of cells, several lines, boxes drawn with | - + or box characters (blanks may be
spaces there), values separated by commas, semicolons or tabs, a CSV row with a header, and links that
carry the cells in their query (SudokuWiki `?bd=`, SudokuExchange `?s=`). A grid of candidates is refused.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from trm_core.domains.contract import PuzzleError

BLANKS = "0.*_?xX-–—·□∙•⬜◻◽▫"
_BOXES = "─-╿"  # all box-drawing characters
_RULER = re.compile(
    rf"[\s|+=\-{_BOXES}]*|[\s|+=\-*.:'`{_BOXES}]*(-{{3}}|[═─━]{{2}})[\s|+=\-*.:'`{_BOXES}]*"
)
_FRAME = re.compile(rf"[\s|+{_BOXES}]")
_SIDES = re.compile(rf"[|!{_BOXES}]")
LONGEST = 20_000  # characters; no grid of ours needs more


def cell_symbols(text: str, cells: int, cols: int) -> list[str]:
    """The symbols of all cells in reading order; a blank is ".".

    The list has the wrong length where the text has; the domain says so in its own words.
    """
    text = text[:LONGEST].strip("\r\n")
    link = next((word for word in text.split() if "://" in word[1:-1]), "") if "://" in text else ""
    if link:
        return _from_link(link, cells)
    every = text.splitlines()
    lines = [line for line in every if not _RULER.fullmatch(line)]
    if any(re.search(r"[,;\t]", line) for line in lines):
        return _from_separated(lines, cells, cols)
    symbols = [_symbol(ch) for line in lines for ch in _FRAME.sub("", line)]
    if len(symbols) == cells:
        return symbols
    # A row of dashes is a ruler, unless the cells only fit when it is a row of blanks.
    with_rulers = [_symbol(ch) for line in every for ch in _FRAME.sub("", line)]
    for found in (with_rulers, _by_place(lines, cols), _numbers(lines, cols)):
        if len(found) == cells:
            return found
    return symbols


def _symbol(ch: str) -> str:
    """A sign as a symbol: blanks as ".", digits of other widths and in circles as plain ones."""
    if ch in BLANKS:
        return "."
    if "０" <= ch <= "９":
        return chr(ord(ch) - ord("０") + ord("0"))
    return chr(ord(ch) - ord("①") + ord("1")) if "①" <= ch <= "⑨" else ch


def _by_place(lines: list[str], cols: int) -> list[str]:
    """Cells by where they stand in rows of one width, whose blanks are spaces, with or without a frame
    around boxes or cells; none if the rows are not like that."""
    lines = [line for line in lines if line.strip()]
    wide = max((len(line.rstrip()) for line in lines), default=0)
    symbols = []
    for line in lines:
        parts = _SIDES.split(line.rstrip().ljust(wide))
        if len(parts) > 1:  # what stands outside of the frame
            parts = [part for i, part in enumerate(parts) if 0 < i < len(parts) - 1 or part.strip()]
        if not parts or cols % len(parts):
            return []
        for part in parts:
            cells = _parted(part, cols // len(parts))
            if cells is None:
                return []
            symbols += cells
    return symbols


def _parted(part: str, count: int) -> list[str] | None:
    """A piece of a row as `count` cells of equal width."""
    if len(part) < count:
        part = part.ljust(count)
    cells = ["."] * count
    for i, ch in enumerate(part):
        if not ch.isspace():
            at = int((i + 0.5) * count / len(part))
            if cells[at] != "." or (i and not part[i - 1].isspace() and len(part) > 2 * count):
                return None  # two signs in one cell
            cells[at] = _symbol(ch)
    return cells


def _numbers(lines: list[str], cols: int) -> list[str]:
    """Rows of numbers, which may have two digits where a row is that long. Raises `PuzzleError` for candidates."""
    rows = [_SIDES.sub(" ", line).split() for line in lines if line.strip()]
    if any(len(row) != cols for row in rows) or not all(f.isdigit() for row in rows for f in row):
        return []
    if cols <= 9 and any(len(field) > 1 for row in rows for field in row):
        raise PuzzleError(
            "this is a grid of candidates, in which a digit alone may be given or worked out: copy the givens alone"
        )
    return [_symbol(field) for row in rows for field in row]


def _from_link(link: str, cells: int) -> list[str]:
    parts = urlsplit(link)
    values = [value for _, value in parse_qsl(f"{parts.query}&{parts.fragment}")]
    values += [*parts.path.split("/"), parts.fragment]
    fitting = [v for v in values if len(v) == cells and re.fullmatch(r"[0-9.*_?-]+", v)]
    longest = max(values, key=len, default="")
    return [_symbol(ch) for ch in (fitting or [longest])[0]]


def _from_separated(lines: list[str], cells: int, cols: int) -> list[str]:
    rows = [[field.strip().strip("\"'") for field in re.split(r"[,;\t]", line)] for line in lines]
    for row in rows:
        for field in row:
            if len(field) == cells:  # a data set's row: question, answer, rating
                return [_symbol(ch) for ch in field]
    symbols = []
    for row in rows:
        if len(row) == cols + 1 and row[-1] == "":  # a separator at the line's end
            row = row[:-1]
        symbols += [_symbol(f) if len(f) == 1 else f if f else "." for f in row]
    return symbols
