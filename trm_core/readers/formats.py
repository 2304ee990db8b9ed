"""The formats in which people have puzzles as text, in one table: what each is called, and a reader.

A reader is given a text and a kind of puzzle. It returns the entries it finds; none if the text is of
another format. It raises `PuzzleError` where the text is surely of its format and holds no such puzzle.
The page's help and the message about a file that can't be read are made from the table.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from trm_core.domains import Domain, PuzzleError
from trm_core.readers import apps
from trm_core.readers.entries import (
    GOALS,
    NAMES,
    QUESTIONS,
    STARTS,
    Entry,
    is_answer,
    is_question,
    paired,
    words_of,
)

_DEEPEST = 8  # levels of nested values
_LONGEST_LINE = 20_000  # characters; no grid of ours needs more
_LONGEST_CODE = 100_000
_FEWEST = 9  # cells; less is no puzzle
_MOST_CELLS = 1_000_000  # of a sheet


@dataclass(frozen=True)
class Format:
    """One way to write puzzles down."""

    name: str  # as a person calls it
    read: Callable[[str, Domain], list[Entry]]
    rows: bool = True  # whether puzzles that are read row by row (`Domain.by_rows`) come in it
    cells: bool = True  # ... and those that are read cell by cell


def _json(text: str, kind: Domain) -> list[Entry]:
    if text.lstrip()[:1] not in ("[", "{"):
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return _found("JSON", value, kind)


def _json_lines(text: str, kind: Domain) -> list[Entry]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not all(line.lstrip()[:1] in ("[", "{") for line in lines):
        return []
    entries: list[Entry] = []
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return []
        if not isinstance(value, dict):  # rows of one grid
            return []
        entries += entries_in(value, kind)
    return entries


def _code(text: str, kind: Domain) -> list[Entry]:
    """Literals of Python and of JavaScript, alone or as the value of a name; arrays as numpy prints
    what would make them again. Nothing is ever evaluated but literals."""
    if ("[" not in text and "(" not in text) or len(text) > _LONGEST_CODE:
        return []
    code = re.sub(
        r"^\s*(const|let|var|int|char)\b[^=\n]*?(\w+)\s*(\[\])*\s*=", r"\2 =", text, flags=re.M
    )
    code = re.sub(r";\s*$", "", code, flags=re.M).replace("null", "None")
    code = re.sub(r"\b(true|false)\b", lambda m: m[0].capitalize(), code)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code.strip())
        values = dict(_literals(tree))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return []
    return entries_in(values, kind) if values else []


def _literals(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    for i, node in enumerate(tree.body):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            yield ast.unparse(target), ast.literal_eval(_inside(node.value))
        elif isinstance(node, ast.Expr):
            yield f"value {i}", ast.literal_eval(_inside(node.value))


def _inside(node: ast.expr) -> ast.expr:
    """The argument of `array(...)`, `np.asarray(...)` and the like."""
    while isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    return node


def _printed(text: str, kind: Domain) -> list[Entry]:
    """An array as numpy or MATLAB prints it: brackets, and blanks between the cells."""
    if "[" not in text or "]" not in text or len(text) > _LONGEST_CODE:
        return []
    matrix = re.fullmatch(r"[^\[\]]*\[([^\[\]]*;[^\[\]]*)\][^\[\]]*", text)
    inner = matrix[1].split(";") if matrix else re.findall(r"\[([^\[\]]+)\]", text)
    token = re.compile(r"'([^']*)'|\"([^\"]*)\"|([^\s,]+)")
    rows = [[a or b or c for a, b, c in token.findall(row)] for row in inner]
    rows = [row for row in rows if row]
    if len({len(row) for row in rows}) != 1 or len(rows) * len(rows[0]) < _FEWEST:
        return []
    return [Entry(tuple(tuple(map(_as_cell, row)) for row in rows))]


class _Tables(HTMLParser):
    """The tables of a page of HTML, each as rows of cells; a cell's input field counts by its value."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.inside = False  # a cell

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")
            self.inside = True
        elif tag == "input":
            self.handle_data(dict(attrs).get("value") or "")
        elif tag == "img" and len(dict(attrs).get("alt") or "") == 1:
            self.handle_data(dict(attrs)["alt"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += data.strip()


def _html(text: str, kind: Domain) -> list[Entry]:
    """The tables that hold nothing but one grid; of tables in tables, the inner ones."""
    if "<td" not in text[:_LONGEST_CODE].lower():
        return []
    page = _Tables()
    page.feed(text)
    entries: list[Entry] = []
    for table in page.tables:
        rows = [row for row in table if row]
        if rows and len({len(row) for row in rows}) == 1:
            entries += cells_of(rows)
    return _or_none("HTML", [e for e in entries if reads(e, kind)], kind)


def _xml(text: str, kind: Domain) -> list[Entry]:
    if not text.lstrip().startswith("<"):
        return []
    try:
        root = fromstring(text)  # with a DOCTYPE, as KSudoku's saves have one; never with entities
    except DefusedXmlException:
        raise PuzzleError("this XML file declares entities, and is not opened") from None
    except (ParseError, ValueError):
        return []
    entries: list[Entry] = []
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        texts = {**element.attrib, tag: element.text or ""}
        for name, value in texts.items():
            played = apps.opensudoku_cells(value)
            if played is None and tag == name == "values":
                played = apps.ksudoku_cells(value)
            if played is not None:
                entries.append(played)
            elif len("".join(value.split())) >= _FEWEST and _is_cells("".join(value.split())):
                entries.append(Entry("".join(value.split()), solves=is_answer(name)))
    return _or_none("XML", paired(entries, full_solve=not kind.by_rows), kind)


def _table(text: str, kind: Domain) -> list[Entry]:
    """CSV and its relatives: a puzzle a row under a header that names it, or a cell a field."""
    lines = [line[:_LONGEST_LINE] for line in text.splitlines() if line.strip(" \r")]
    if not kind.by_rows:
        lines = [line for line in lines if not line.startswith("#")]
    delimiter = _delimiter(lines)
    if delimiter is None:
        return []
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return []
    rows = [row for row in rows if row]
    if delimiter == "|":
        rows = [row[1:-1] if not (row[0] + row[-1]).strip() else row for row in rows]
        rows = [row for row in rows if not all(re.fullmatch(r"\s*:?-{2,}:?\s*", f) for f in row)]
    rows = [row for row in rows if row]
    return (_under_header(rows, kind) or cells_of(rows)) if rows else []


def _delimiter(lines: list[str]) -> str | None:
    """What stands between the fields in (nearly) all lines."""
    for delimiter in "\t;,|":
        with_it = sum(delimiter in line for line in lines)
        if with_it and with_it >= 0.8 * len(lines):
            return delimiter
    return None


def _under_header(rows: list[list[str]], kind: Domain) -> list[Entry]:
    header = [name.strip() for name in rows[0]]
    questions = [i for i, name in enumerate(header) if is_question(name)]
    answers = [i for i, name in enumerate(header) if is_answer(name)]
    if not questions:
        return []
    question = questions[0]
    named = next((i for i, name in enumerate(header) if words_of(name) & NAMES), None)
    entries = []
    for row in rows[1:]:
        if len(row) <= question or not row[question].strip():
            continue
        answer = row[answers[0]] if answers and answers[0] < len(row) else ""
        entries.append(
            Entry(
                row[question],
                Entry(answer) if answer.strip() else None,
                name=row[named].strip() if named is not None and named < len(row) else "",
            )
        )
    return entries


def cells_of(rows: list[list[str]]) -> list[Entry]:
    """A cell a field. Of a printed table, row and column numbers are left out; of a spreadsheet the
    empty rows and columns between boxes."""
    cells = [[_as_cell(field) for field in row] for row in rows]
    wide = max(map(len, cells))
    if len(cells) * wide < _FEWEST:
        return []
    while (
        wide > 1
        and all(len(row) < wide or not row[wide - 1] for row in cells)
        and wide > len(cells)
    ):
        wide -= 1
    cells = [[*row, *[""] * wide][:wide] for row in cells]
    counted = [str(i) for i in range(wide)]
    if not cells[0][0] and _names(cells[0][1:]) and _names([row[0] for row in cells[1:]]):
        cells = [row[1:] for row in cells[1:]]
    elif cells[0] == counted and len(cells) == wide + 1:  # a header of numbers alone
        cells = cells[1:]
    if len(cells) == len(cells[0]) == 11:
        empty = [i for i in (3, 7) if not any(row[i] for row in cells) and not any(cells[i])]
        if empty == [3, 7]:
            cells = [[f for i, f in enumerate(row) if i not in empty] for row in cells]
            cells = [row for i, row in enumerate(cells) if i not in empty]
    if any(len(cell) > 2 for row in cells for cell in row):
        return []
    return [Entry(tuple(map(tuple, cells)))]


def grids_of(rows: Sequence[Sequence[object]], kind: Domain) -> list[Entry]:
    """The grid in a spreadsheet, which may have other things around it."""
    if not rows:
        return []
    wide = max(map(len, rows))
    cells = [[_as_cell(field) for field in row] + [""] * (wide - len(row)) for row in rows]
    # The sheet begins with its first cell that is filled in, which may be in the second column of a grid.
    edge = [""] * (kind.cols - 1)
    blank = [[""] * (wide + 2 * len(edge))] * (kind.rows - 1)
    cells = [*blank, *([*edge, *row, *edge] for row in cells), *blank]
    if kind.by_rows or len(cells) * len(cells[0]) > _MOST_CELLS:
        return cells_of([list(map(str, row)) for row in rows])
    good = np.array(
        [[len(c) <= 2 and (c in ("", "0") or c.isdigit()) for c in row] for row in cells]
    )
    filled = np.array([[c not in ("", "0") for c in row] for row in cells])
    shape = (kind.rows, kind.cols)
    windows = np.lib.stride_tricks.sliding_window_view(good, shape).all((2, 3))
    counts = np.lib.stride_tricks.sliding_window_view(filled, shape).sum((2, 3)) * windows
    if not counts.any():
        return []
    r, c = np.unravel_index(counts.argmax(), counts.shape)
    return [Entry(tuple(tuple(row[c : c + kind.cols]) for row in cells[r : r + kind.rows]))]


def _names(labels: list[str]) -> bool:
    """Whether these number rows or columns: from 0, from 1, or by letters."""
    count = len(labels)
    letters = [chr(ord("A") + i) for i in range(count)] if count <= 26 else []
    return labels in ([str(i) for i in range(count)], [str(i + 1) for i in range(count)], letters)


def _sections(text: str, kind: Domain) -> list[Entry]:
    """Lines under names in brackets, such as SadMan's [Puzzle] and [State]."""
    parts = re.split(r"^\s*\[([A-Za-z][\w ]*)\]\s*$", text, flags=re.M)
    if len(parts) < 3:
        return []
    named = {
        name: body for name, body in zip(parts[1::2], parts[2::2], strict=True) if body.strip()
    }
    questions = [body for name, body in named.items() if is_question(name)] or list(named.values())
    return [Entry(_without_comments(questions[0]))] if questions else []


def _one_a_line(text: str, kind: Domain) -> list[Entry]:
    """All cells in a row somewhere in a line: lists, collections, HoDoKu's lines, links."""
    token = re.compile(rf"(?<![\w.*+-])[0-9.*_xX-]{{{kind.cells}}}(?![\w.*-])")
    entries: list[Entry] = []
    for line in text.splitlines():
        line = line[:_LONGEST_LINE]
        if ":" in line:  # HoDoKu marks the digits that were solved with a +
            line = re.sub(r"\+(?=\d)", "", line)
        cells = [m for m in token.finditer(line) if _is_cells(m[0])][:2]
        named = is_answer(line[: cells[0].start()]) if cells else False
        both = [Entry(m[0], solves=named and not i) for i, m in enumerate(cells)]
        entries += paired(both, full_solve=True) if both else []
    return paired(entries, full_solve=True) if entries else []


def _drawn(text: str, kind: Domain) -> list[Entry]:
    """A grid in lines, with or without a frame; lines of words around it are left out."""
    lines = _without_comments(text).splitlines()
    kept = [line for line in lines if _like_grid(line)]
    left = [line.strip() for line in lines if line.strip() and not _like_grid(line)]
    if not kept or not left:
        return [Entry("\n".join(kept) if kept else text)]
    notes = (f"left out the words {left[0][:40]!r}" + (" and others" if len(left) > 1 else ""),)
    whole = Entry("\n".join(kept), notes=notes)
    return [whole] if reads(whole, kind) else [Entry(text)]


def _blocks(text: str, kind: Domain) -> list[Entry]:
    """Several grids, one under the other, with words or empty lines between them."""
    entries, block, name = [], [], ""
    for line in [*text.splitlines(), ""]:
        if _like_grid(line) and line.strip():
            block.append(line)
            continue
        if block:
            entries.append(Entry("\n".join(block), name=name))
            block, name = [], ""
        name = line.strip() or name
    if len(entries) < 2:
        return []
    whole = [entry for entry in entries if reads(entry, kind)]
    return paired(whole, full_solve=True) if whole else []


def _maze_text(text: str, kind: Domain) -> list[Entry]:
    return [Entry(text)]


FORMATS = (
    Format("links of puzz.link", apps.link, rows=False),
    Format("JSON", _json),
    Format("JSON lines", _json_lines),
    Format("HTML tables", _html),
    Format("XML (OpenSudoku)", _xml, rows=False),
    Format("lists of Python or JavaScript", _code),
    Format("matrices of R", apps.r_matrix),
    Format("SadMan's sections", _sections, rows=False),
    Format("one puzzle a line, links", _one_a_line, rows=False),
    Format("CSV and spreadsheets", _table),
    Format("printed arrays", _printed),
    Format("drawn grids", _drawn, rows=False),
    Format("several grids in a text", _blocks, rows=False),
    Format("drawn mazes", _maze_text, cells=False),
)


def formats_for(kind: Domain) -> tuple[Format, ...]:
    """The formats that a kind of puzzle comes in."""
    return tuple(f for f in FORMATS if (f.rows if kind.by_rows else f.cells))


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def _like_grid(line: str) -> bool:
    """Whether a line may be a row of a grid or of its frame: no words in it."""
    return len(line) < _LONGEST_LINE and not re.search(r"[^\W\dxX_]|\d\d:", line)


def reads(entry: Entry, kind: Domain) -> bool:
    """Whether an entry is a puzzle of that kind."""
    try:
        kind.opened(entry.text(kind.by_rows))
    except PuzzleError:
        return False
    return True


def near_miss(text: str, kind: Domain) -> PuzzleError | None:
    """What is nearly a puzzle in a text, in a sentence: a run of cells that is some too short or too long, or a number
    that a spreadsheet has made of one."""
    if kind.by_rows:
        return None
    if "E+" in text and re.search(r"\d[.,]\d{1,20}E\+\d\d", text):
        return PuzzleError(
            "a spreadsheet has made a number of the puzzle (such as 5.3E+80), and its digits are lost; "
            "save the column as text"
        )
    off = kind.cells // 9
    runs = re.compile(
        rf"(?<![\w.*+/-])[0-9.*_]{{{kind.cells - off},{kind.cells + off}}}(?![\w.*/-])"
    )
    for run in runs.finditer(text[:_LONGEST_CODE]):
        cells = run[0]
        if cells == text.strip():
            return None  # nothing else is there, and the reader of grids says what is missing
        if len(cells) != kind.cells and set(cells) & set("0.*_") and _is_cells(cells):
            lost = " (a spreadsheet may have lost a leading 0)" if cells.isdigit() else ""
            return PuzzleError(
                f"a {kind.title} has {kind.cells} cells; in the text stands a run of {len(cells)}, "
                f"{cells[:9]}…{lost}"
            )
    return None


def _is_cells(text: str) -> bool:
    """Whether a run of signs is a puzzle's rather than, say, a line of dashes or a date."""
    return bool(re.fullmatch(r"[0-9.*_?xX-]+", text)) and len(set(text) & set("123456789")) > 1


def _found(format_name: str, value: Any, kind: Domain) -> list[Entry]:
    return _or_none(format_name, entries_in(value, kind), kind)


def _or_none(format_name: str, entries: list[Entry], kind: Domain) -> list[Entry]:
    if not entries:
        size = f"{kind.rows} rows of {kind.cols} cells"
        raise PuzzleError(
            f"this is {format_name}, but nothing in it is a {kind.title}: {size}, as lists or as a text"
        )
    return entries


def entries_in(value: Any, kind: Domain, name: str = "", depth: int = _DEEPEST) -> list[Entry]:
    """The puzzles in a nested value, each with the solution that stands beside it."""
    if depth == 0:
        return []
    whole = _grid(value, kind)
    if whole is not None:
        return [replace(whole, solves=is_answer(name))]
    if isinstance(value, dict):
        flags = [key for key in value if _is_flags(key, value[key])]
        order = sorted(
            (key for key in value if key not in flags), key=lambda key: not is_question(str(key))
        )
        found = [e for key in order for e in entries_in(value[key], kind, str(key), depth - 1)]
        found = [_given_alone(entry, value, flags) for entry in found]
        found = paired(found, full_solve=not kind.by_rows) if found else []
        notes = () if kind.by_rows else apps.other_rules(value)
        found = [replace(entry, notes=(*entry.notes, *notes)) for entry in found]
        return [_with_place(entry, value) for entry in found]
    if isinstance(value, list | tuple):
        found = [e for each in value for e in entries_in(each, kind, name, depth - 1)]
        return paired(found, full_solve=not kind.by_rows) if found else []
    return []


def _is_flags(name: Any, value: Any) -> bool:
    """Whether a value says of every cell whether it is given."""
    if not isinstance(value, list) or apps.says_given(str(name)) is None:
        return False
    cells = _in_a_row(value)
    return len(cells) >= _FEWEST and all(isinstance(cell, bool) for cell in cells)


def _in_a_row(rows: list[Any]) -> list[Any]:
    """The cells of rows, or of one list of them."""
    return [cell for row in rows for cell in (row if isinstance(row, list) else [row])]


def _given_alone(entry: Entry, value: dict[Any, Any], flags: list[Any]) -> Entry:
    """An entry without the digits that the flags beside it don't call given."""
    if not flags or isinstance(entry.cells, str) or entry.solves:
        return entry
    wanted = apps.says_given(str(flags[0]))
    says = [cell is wanted for cell in _in_a_row(value[flags[0]])]
    cells = [cell for row in entry.cells for cell in row]
    if len(says) != len(cells):
        return entry
    own = sum(
        cell.strip("0. ") != "" and not given for cell, given in zip(cells, says, strict=True)
    )
    kept = [cell if given else "" for cell, given in zip(cells, says, strict=True)]
    wide = len(entry.cells[0])
    grid = tuple(tuple(kept[i : i + wide]) for i in range(0, len(kept), wide))
    return replace(entry, cells=grid, notes=(*entry.notes, *apps.left_out(own)))


def _with_place(entry: Entry, value: dict[Any, Any]) -> Entry:
    """An entry with the start, the goal and the name that stand beside it."""
    for key, told in value.items():
        words = words_of(str(key))
        if entry.start is None and words & STARTS and not words & QUESTIONS:
            entry = replace(entry, start=_place(told))
        elif entry.goal is None and words & GOALS and not words & QUESTIONS:
            entry = replace(entry, goal=_place(told))
        elif not entry.name and words & NAMES and isinstance(told, str | int):
            entry = replace(entry, name=str(told)[:80])
    return entry


def _place(value: Any) -> tuple[int, int] | None:
    """Row and column of a cell, as people write one."""
    if isinstance(value, dict):
        for down, right in (("row", "col"), ("row", "column"), ("r", "c"), ("y", "x"), ("i", "j")):
            if down in value and right in value:
                value = [value[down], value[right]]
                break
        else:
            value = next(
                (value[n] for n in ("position", "pos", "cell", "coordinates") if n in value), None
            )
    if isinstance(value, list | tuple) and len(value) == 2 and all(type(v) is int for v in value):
        return value[0], value[1]
    return None


def _grid(value: Any, kind: Domain) -> Entry | None:
    """A value that is one whole grid: a text, rows of cells or of texts, cells by their names."""
    if isinstance(value, str):
        text = value.strip("\n")
        if kind.by_rows:
            rows = re.search(r"[\n/]", text) or re.fullmatch(r"[# .SGo]{25,}", value)
            return Entry(value) if rows and len(text) >= _FEWEST else None
        return Entry(text) if len(text) >= _FEWEST and _is_cells("".join(text.split())) else None
    if isinstance(value, dict):
        return _by_name(value)
    if not isinstance(value, list | tuple) or not value:
        return None
    if all(isinstance(row, str) for row in value) and min(map(len, value)) > 1:
        whole = "".join("".join(row.split()) for row in value)
        like = kind.by_rows or (_is_cells(whole) and len(value[0]) < kind.cells)
        return Entry("\n".join(value)) if like and len(value) > 1 else None
    rows = value if all(isinstance(row, list | tuple) for row in value) else [value]
    if any(isinstance(cell, list | tuple) for row in rows for cell in row):
        return None
    if any(isinstance(cell, dict) for row in rows for cell in row):
        return _of_records(rows, kind)
    cells = tuple(tuple(map(_as_cell, row)) for row in rows)
    if len({len(row) for row in cells}) != 1 or len(cells) * len(cells[0]) < _FEWEST:
        return None
    return Entry(cells)


def _of_records(rows: Any, kind: Domain) -> Entry | None:
    """Cells that are records, as f-puzzles writes them: their value, of the givens where it says so;
    or a list of records that say their own place."""
    records = [cell for row in rows for cell in row]
    if not all(isinstance(cell, dict) for cell in records):
        return None
    flag = next((f for f in map(apps.given_flag, records) if f is not None), None)
    if flag is not None and not any(cell.get(flag[0]) == flag[1] for cell in records):
        flag = None
    own = sum(_value_of(cell, None).strip("0") != "" for cell in records)
    own -= sum(_value_of(cell, flag).strip("0") != "" for cell in records)
    if len(rows) == 1 and len(records) > 1 and all(_place(record) for record in records):
        pairs = ((_place(record), _value_of(record, flag)) for record in records)
        whole = _placed({place: value for place, value in pairs if place is not None}, kind)
        return None if whole is None else replace(whole, notes=apps.left_out(own))
    cells = tuple(tuple(_value_of(cell, flag) for cell in row) for row in rows)
    if len(records) < _FEWEST or not any(cell for row in cells for cell in row):
        return None
    return Entry(cells, notes=apps.left_out(own))


def _value_of(record: dict[str, Any], flag: tuple[Any, bool] | None) -> str:
    """A record's digit; with a `flag`, only where that says that it is given."""
    if flag is not None and record.get(flag[0]) != flag[1]:
        return ""
    return next((_as_cell(record[n]) for n in ("value", "digit", "number", "v") if n in record), "")


def _by_name(value: dict[Any, Any]) -> Entry | None:
    """Cells under their names: A1 to I9, r1c1 to r9c9, "0,0" to "8,8"."""
    placed = {}
    for name, cell in value.items():
        named = re.fullmatch(
            r"([A-Pa-p])(\d{1,2})|[rR](\d{1,2})[cC](\d{1,2})|\(?(\d+), ?(\d+)\)?", str(name)
        )
        if named is None or isinstance(cell, dict | list):
            continue
        letter, number, row, col, first, second = named.groups()
        if letter:
            place = ord(letter.upper()) - ord("A"), int(number)
        else:
            place = int(row or first), int(col or second)
        placed[place] = _as_cell(cell)
    return _placed(placed, None) if len(placed) >= max(_FEWEST, len(value) - 3) else None


def _placed(cells: dict[tuple[int, int], str], kind: Domain | None) -> Entry | None:
    """A grid of cells of which each says its place, counted from 0 or from 1; empty ones may be missing."""
    top, left = (min(place[i] for place in cells) for i in (0, 1))
    bottom, right = (max(place[i] for place in cells) for i in (0, 1))
    if kind is not None and not kind.by_rows and len(cells) < kind.cells:
        first = 1 if min(top, left) == 1 and max(bottom, right) == kind.rows else 0
        top, left = min(top, first), min(left, first)
        bottom, right = max(bottom, first + kind.rows - 1), max(right, first + kind.cols - 1)
    rows, cols = bottom - top + 1, right - left + 1
    if rows * cols > 4 * len(cells) or rows * cols > 10_000:
        return None
    grid = tuple(
        tuple(cells.get((top + r, left + c), "") for c in range(cols)) for r in range(rows)
    )
    return Entry(grid)


def _as_cell(value: Any) -> str:
    """A cell's value as its sign; empty where it stands for nothing."""
    if value is None or value is False:
        return "0" if value is False else ""
    if value is True:
        return "1"
    if isinstance(value, float):
        return str(int(value)) if value == value and value.is_integer() else ""
    text = str(value).strip().strip("\"'").strip()
    if re.fullmatch(r"\d\.0+", text):  # a column of numbers with gaps, as pandas writes it
        text = text[0]
    return "" if text.lower() in ("nan", "none", "null", "na", "n/a") else text
