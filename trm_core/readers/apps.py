"""What particular programs write: their links, their saves, and the rules of theirs that the model doesn't know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from trm_core.domains import Domain, PuzzleError
from trm_core.readers.entries import Entry, words_of

# Links that hold no cells, or hold them packed: what they are, and how to come by the cells.
_LINKS = {
    r"penpa-edit": "a link of penpa-edit, whose puzzle is packed: open it there and copy the cells as text",
    r"sudokupad|cracking-the-cryptic|crackingthecryptic": "a link of SudokuPad, which keeps the puzzle on its server "
    "or packs it: open it there, and enter the cells here or send a screenshot",
    r"f-puzzles\.com": "a link of f-puzzles, whose puzzle is packed: open it there, choose Export and then JSON",
}
_PUZZ_LINK = re.compile(r"puzz\.link/p\?sudoku/(\d+)/(\d+)/([0-9a-z.\-+]+)")
# Rules beyond those of a plain Sudoku, by a word in the names that files have for them.
_RULES = {
    "killer": ("cage", "cages", "killercage", "killer"),
    "diagonals": ("diagonal",),
    "thermometers": ("thermometer", "thermo", "thermos"),
    "arrows": ("arrow", "arrows"),
    "palindromes": ("palindrome",),
    "knight's moves": ("antiknight", "knight"),
    "king's moves": ("antiking", "king"),
    "between lines": ("betweenline",),
    "little killers": ("littlekillersum",),
    "sandwich sums": ("sandwichsum", "sandwich"),
    "quadruples": ("quadruple",),
    "odd and even cells": ("odd", "even"),
    "dots between cells": ("difference", "ratio", "kropki"),
    "X and V": ("xv",),
    "extra regions": ("extraregion",),
    "lines": ("lines",),
}
_GIVEN = {
    "given",
    "givens",
    "fixed",
    "locked",
    "readonly",
    "original",
    "clue",
    "prefilled",
    "predefined",
}
_GIVEN |= {"initial", "static", "constant", "preset", "immutable"}
_NOT_GIVEN = {"editable", "mutable", "writable", "changeable", "user", "filled"}


def link(text: str, kind: Domain) -> list[Entry]:
    """A link of puzz.link, which holds the cells. Raises `PuzzleError` for one that says nothing without its page."""
    if kind.by_rows or "://" not in text or len(text) > 20_000:
        return []
    packed = _PUZZ_LINK.search(unquote(text))
    if packed is not None:
        rows, cols, cells = int(packed[1]), int(packed[2]), packed[3]
        signs = re.findall(r"-[0-9a-f]{2}|[0-9]|[g-z]|[a-f]|\.", cells)
        told = "".join("." * (ord(s) - ord("f")) if "g" <= s <= "z" else s for s in signs)
        return [Entry(told[: rows * cols])]
    for name, words in _LINKS.items():
        if re.search(rf"https?://\S*({name})", text) and len(text.split()) < 20:
            raise PuzzleError(f"this is {words}")
    return []


def r_matrix(text: str, kind: Domain) -> list[Entry]:
    """A matrix as R prints it."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 4 or not re.fullmatch(r"\s*(\[,\d+\]\s*)+", lines[0]):
        return []
    rows = [re.fullmatch(r"\s*\[\d+,\]\s*(.*)", line) for line in lines[1:]]
    if not all(rows):
        return []
    cells = [re.findall(r'"[^"]*"|\S+', row[1]) for row in rows if row is not None]
    plain = [tuple("" if c == "NA" else c.strip('" ') for c in row) for row in cells]
    return [Entry(tuple(plain))] if len({len(row) for row in plain}) == 1 else []


def opensudoku_cells(data: str) -> Entry | None:
    """The cells of a played game of OpenSudoku: of each its value, notes, and whether it may be changed."""
    told = re.fullmatch(r"\s*version:\s*\d+\s+(.*)", data, flags=re.S)
    if told is None:
        return None
    fields = told[1].strip().rstrip("|").split("|")
    wide = len(fields) // 81
    if wide < 2 or len(fields) != 81 * wide:
        return None
    cells = [(fields[i], fields[i + wide - 1]) for i in range(0, len(fields), wide)]
    own = sum(value != "0" and editable != "0" for value, editable in cells)
    given = "".join(value if editable == "0" else "." for value, editable in cells)
    return Entry(given.replace("0", "."), notes=left_out(own))


def ksudoku_cells(values: str) -> Entry | None:
    """The cells of KSudoku: `_` is empty, b is 1, c is 2 and so on."""
    plain = "".join(values.split())
    if not re.fullmatch(r"[_b-z]+", plain):
        return None
    return Entry("".join("." if ch == "_" else str(ord(ch) - ord("a")) for ch in plain))


def left_out(own: int) -> tuple[str, ...]:
    """The note on digits that a file doesn't call given."""
    if not own:
        return ()
    return (
        f"left out {own} {'digit' if own == 1 else 'digits'} that the file does not call given",
    )


def given_flag(record: Mapping[Any, Any]) -> tuple[Any, bool] | None:
    """The name under which a record says whether its digit is given, and which value says yes."""
    for name, value in record.items():
        if isinstance(value, bool) or value in (0, 1):
            says = says_given(str(name))
            if says is not None and not isinstance(value, float):
                return name, says
    return None


def says_given(name: str) -> bool | None:
    """What "true" under that name says of a digit: that it is given, that it isn't; or None."""
    words = words_of(name) | {"".join(re.findall(r"[a-z]+", name.lower()))}
    if words & _NOT_GIVEN:
        return False
    return True if words & _GIVEN else None


def other_rules(value: Mapping[Any, Any]) -> tuple[str, ...]:
    """The note on rules of a file that the model doesn't know, such as cages."""
    found = []
    for name, told in value.items():
        words = words_of(str(name)) | {str(name).lower().strip("+-")}
        if told and not isinstance(told, str):
            found += [rule for rule, names in _RULES.items() if words & set(names)]
    if _irregular(value.get("grid")):
        found.append("boxes of other shapes")
    names = list(dict.fromkeys(found))
    if not names:
        return ()
    return (
        f"rules beyond a plain Sudoku were left out ({', '.join(names)}), so the answer may break them",
    )


def _irregular(grid: Any) -> bool:
    """Whether cells say regions of their own (f-puzzles)."""
    rows = grid if isinstance(grid, list) else []
    return any(
        isinstance(c, dict) and "region" in c for row in rows if isinstance(row, list) for c in row
    )
