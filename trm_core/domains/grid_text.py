"""Text as people paste it, to the symbols of a grid's cells.

Understood: one line of cells, several lines, boxes drawn with | - +, values separated by
commas, semicolons or tabs, a CSV row with a header, and links that carry the cells in their
query (SudokuWiki `?bd=`, SudokuExchange `?s=`).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

BLANKS = "0.*_?"
_RULER = re.compile(r"[\s|+\-=─━│┃┼╋┌┐└┘├┤┬┴╔╗╚╝╠╣╦╩╬═║]*")
_FRAME = re.compile(r"[\s|│┃║+]")
LONGEST = 20_000  # characters; no grid of ours needs more


def cell_symbols(text: str, cells: int, cols: int) -> list[str]:
    """The symbols of all cells in reading order; a blank is ".".

    The list has the wrong length where the text has; the domain says so in its own words.
    """
    text = text[:LONGEST].strip()
    link = re.search(r"\S+://\S+", text)
    if link:
        return _from_link(link.group(), cells)
    every = text.splitlines()
    lines = [line for line in every if not _RULER.fullmatch(line)]
    if any(re.search(r"[,;\t]", line) for line in lines):
        return _from_separated(lines, cells, cols)
    symbols = [_symbol(ch) for line in lines for ch in _FRAME.sub("", line)]
    # A row of dashes is a ruler, unless the cells only fit when it is a row of blanks.
    with_rulers = [_symbol(ch) for line in every for ch in _FRAME.sub("", line)]
    return with_rulers if len(symbols) != cells == len(with_rulers) else symbols


def _symbol(ch: str) -> str:
    return "." if ch in BLANKS or ch == "-" else ch


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
        symbols += [_symbol(field) if field else "." for field in row]
    return symbols
