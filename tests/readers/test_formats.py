"""Texts in the formats that people have: read right, or refused; kinds of them made here, with other
sizes and names."""

import csv
import gzip
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trm_core.__main__ import main
from trm_core.domains import PuzzleError, domain
from trm_core.readers.puzzle_file import read_puzzles
from trm_core.readers.upload import SURE, Upload, read_text, read_upload

CASES = Path(__file__).parent / "cases"
ROWS = list(csv.DictReader((CASES / "cases.csv").read_text().splitlines()))
NINE, SIX, MAZE = domain("sudoku-9x9"), domain("sudoku-6x6"), domain("maze-13x13")
LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
SMALL = "5...1..6.....34...2.3.....1..4...6.2"
GRID = [LINE[i : i + 9] for i in range(0, 81, 9)]
MAZE_ROWS = ["#######", "#S..#.#", "###.#.#", "#...#.#", "#.###.#", "#....G#", "#######"]


@pytest.mark.parametrize("case", ROWS, ids=[row["file"] for row in ROWS])
def test_what_people_have_is_read(case, capsys):
    path, rule, expected = CASES / case["file"], case["rule"], case["expected"]
    status = main(["read", str(path), "--page", case["page"], "--json"])
    told = json.loads(capsys.readouterr().out)
    board, notes = told["board"], " ".join(told["notes"])
    assert (status == 2) is (told["error"] is not None)
    if rule == "same as":
        text = re.sub(r"(?<![a-z])o(?![a-z])", "+", path.read_text())
        found = read_text(text, MAZE)
        assert board == found.domain.format(found.board_RC)
    elif board is None:
        allowed = ("refuse", "no digit lost", "not the solution")
        assert any(word in rule for word in allowed) or not expected
        assert "could not be read" not in told["error"]  # it says what is wrong with it
    elif "no digit lost" in rule or "doubtful" in rule:
        sure = [confidence >= SURE for row in told["confidence"] for confidence in row]
        lost = [a != b and s for a, b, s in zip(board, expected, sure, strict=True)]
        assert not any(lost)
    else:
        assert rule != "refuses"
        assert board in expected.split("|") or not expected
        for word in ("extra rules", "irregular", "givens", "with a note", "told"):
            assert word not in rule or notes


def sudoku(text: str, kind=NINE) -> str:
    found = read_text(text, kind)
    return found.domain.format(found.board_RC)


def spaced(row: str) -> str:
    return row.replace(".", " ")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"solved": SOLVED, "mission": LINE}),
        json.dumps({"a": SOLVED, "b": LINE}),
        json.dumps({"data": [{"answer": [list(SOLVED)], "value": GRID}]}),
        "\n".join("\t".join("" if ch == "." else ch for ch in row) for row in GRID),
        "\n".join(";".join("" if ch == "." else ch for ch in row) for row in GRID),
        f":0711:7:{LINE.replace('53..', '+53..')}::",
        "const board = " + json.dumps([[int(c) if c != "." else 0 for c in r] for r in GRID]) + ";",
        "grid = (\n" + "\n".join(f"  {tuple(row)}," for row in GRID) + "\n)",
        "import numpy as np\nboard = np.array([\n" + ",\n".join(str(list(r)) for r in GRID) + "])",
        "[" + "; ".join(" ".join(row.replace(".", "0")) for row in GRID) + "]",
        "[Puzzle]\n" + "\n".join(GRID) + "\n[Solution]\n" + SOLVED,
        f"1. {LINE}\n2. {LINE[::-1]}",
        f"id,solution,puzzle\n7,{SOLVED},{LINE}\n",
        f"quizzes,solutions\n{LINE.replace('.', '0')},{SOLVED}\n",
        f"puzzle\n{LINE}\n{LINE[::-1]}\n",
        f"[my puzzle](https://www.sudokuwiki.org/sudoku.htm?bd={LINE})",
        f"sudokuexchange.com/play/?s={LINE.replace('.', '0')}",
        LINE.replace(".", "x"),
        "\n".join("| " + " | ".join(spaced(row)) + " |" for row in GRID),
        "┌" + "─" * 9 + "┐\n" + "\n".join(f"│{spaced(row)}│" for row in GRID) + "\n└─────────┘",
        "| "
        + " | ".join("ABCDEFGHI")
        + " |\n"
        + "\n".join("| " + " | ".join(spaced(row)) + " |" for row in ["-" * 9, *GRID]).replace(
            "| - ", "|---"
        ),
        ",0,1,2,3,4,5,6,7,8\n"
        + "\n".join(f"{i},{','.join(r.replace('.', '0'))}" for i, r in enumerate(GRID)),
        "   0  1  2  3  4  5  6  7  8\n\nA puzzle of today:\n\n" + "\n".join(GRID) + "\n\nHave fun",
        json.dumps(
            {
                f"r{r + 1}c{c + 1}": int(ch)
                for r, row in enumerate(GRID)
                for c, ch in enumerate(row)
                if ch != "."
            }
            | {"r3c1": 0, "r9c1": None}
        ),
        json.dumps(
            [
                {"row": r, "col": c, "value": None if ch == "." else int(ch)}
                for r, row in enumerate(GRID)
                for c, ch in enumerate(row)
            ]
        ),
        "\t"
        + "\t".join("ABCDEFGHI")
        + "\n"
        + "\n".join(f"{i + 1}\t" + "\t".join(spaced(r)) for i, r in enumerate(GRID)),
        f'<?xml version="1.0"?><puzzles><p solution="{SOLVED}">{LINE}</p></puzzles>',
    ],
    ids=range(27),
)
def test_sudokus_in_other_clothes_are_read(text):
    assert sudoku(text) == LINE


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"solution": "1" * 36, "task": SMALL}),
        "\n".join("\t".join(SMALL[i : i + 6].replace(".", " ")) for i in range(0, 36, 6)),
        f"n {SMALL} hard",
    ],
)
def test_other_sizes_come_in_the_same_formats(text):
    assert sudoku(text, SIX) == SMALL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps({"solution": SOLVED}), "a solution, and not the puzzle"),
        ("1" * 256, "as a 16x16 grid has"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares entities"),
        ('{"hello": [1, 2]}', "this is JSON, but nothing in it is a 9x9 Sudoku"),
    ],
)
def test_what_is_no_puzzle_is_said_in_a_sentence(text, message):
    with pytest.raises(PuzzleError, match=message):
        read_text(text, NINE)


def test_a_solution_beside_the_puzzle_is_kept_and_a_wrong_one_left_out():
    found = read_text(json.dumps({"solution": SOLVED, "puzzle": LINE}), NINE)
    assert NINE.format(found.answer_RC) == SOLVED
    wrong = SOLVED.replace("5", "9")
    found = read_text(json.dumps({"solution": wrong, "puzzle": LINE}), NINE)
    assert found.answer_RC is None and "does not solve it" in found.notes[0]


def test_of_several_puzzles_any_can_be_had():
    lines = [LINE, *(LINE[:i] + "." + LINE[i + 1 :] for i in (0, 1, 4))]
    for text in ("\n".join(lines), "\n".join(json.dumps({"puzzle": line}) for line in lines)):
        for i, line in enumerate(lines):
            found = read_text(text, NINE, i + 1)
            assert (found.count, found.number) == (4, i + 1)
            assert NINE.format(found.board_RC) == line
        with pytest.raises(PuzzleError, match="no puzzle 5 in it: it holds 4"):
            read_text(text, NINE, 5)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (MAZE_ROWS, ""),
        ([" ".join(row) for row in MAZE_ROWS], ""),
        (["\t".join(row.replace(".", " ")) for row in MAZE_ROWS], ""),
        ([",".join("" if ch == "." else ch for ch in row) for row in MAZE_ROWS], ""),
        ([row.replace("...", "+++").replace("S..", "Sxx") for row in MAZE_ROWS], "taken for the path"),
        ([row.replace("G", "X") for row in MAZE_ROWS], "'X' was taken for the goal"),
        ([row.replace("#", "█").replace(".", " ").replace("G", "E") for row in MAZE_ROWS], ""),
        ([row.translate(str.maketrans("#.SG", "1023")) for row in MAZE_ROWS], "1 was taken for a wall"),
        ([row.replace("#", "🧱").replace(".", "⬜").replace("G", "🏁") for row in MAZE_ROWS], ""),
        (["7 7", *(r.translate(str.maketrans("#.SG", "1000")) for r in MAZE_ROWS), "1 1", "5 5"], ""),
    ],
)  # fmt: skip
def test_mazes_in_other_clothes_are_read(rows, note):
    found = read_text("\n".join(rows), MAZE)
    assert found.domain.format(found.board_RC) == "/".join(MAZE_ROWS)
    assert note in " ".join(found.notes)


def test_gaps_in_the_outer_wall_are_the_ends():
    rows = ["#.#####", "#...#.#", "###.#.#", "#...#.#", "#.###.#", "#......", "#######"]
    found = read_text("\n".join(rows), MAZE)
    assert found.board_RC[0, 1] == 2 and found.board_RC[5, 6] == 3
    assert "two gaps" in found.notes[0]


@pytest.mark.parametrize("post", "+oO*.")
def test_posts_of_all_kinds_are_walls(post):
    drawn = ["+---+---+---+", "| S |       |", "+   +---+   +", "|           |", "+---+---+---+"]
    found = read_text("\n".join(drawn).replace("+", post), MAZE)
    assert found.domain.format(found.board_RC) == "#######/#S#...#/#.###.#/#.....#/#######"


def test_archives_and_arrays_are_opened():
    board_RC = NINE.parse(LINE)
    out = io.BytesIO()
    np.save(out, board_RC)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.md", "nothing here")
        archive.writestr("puzzle.txt", LINE)
    stacked = io.BytesIO()
    np.savez(stacked, solutions=np.stack([NINE.parse(SOLVED)]), quizzes=np.stack([board_RC]))
    for content in (
        out.getvalue(),
        packed.getvalue(),
        gzip.compress(LINE.encode()),
        stacked.getvalue(),
    ):
        found = read_upload(content, NINE)
        assert isinstance(found, Upload) and NINE.format(found.board_RC) == LINE


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
def test_any_encoding_is_text(encoding):
    text = "# Sudoku, schön und schwer\n" + "\n".join(GRID)
    assert NINE.format(read_upload(text.encode(encoding), NINE).board_RC) == LINE


@pytest.mark.parametrize("header", ["quizzes,solutions", "puzzle,solution", "Question,Answer"])
def test_tables_with_the_columns_people_have_can_be_measured_on(header, tmp_path):
    path = tmp_path / "puzzles.csv"
    path.write_text(f"{header}\n{LINE},{SOLVED}\n")
    [puzzle] = read_puzzles(NINE, path)
    assert NINE.format(puzzle.question_RC) == LINE


def test_lists_without_answers_can_be_measured_on(tmp_path, capsys):
    """Any list that the pages read; the rules answer what has no answer, and say which has none."""
    path = tmp_path / "list.txt"
    path.write_text(f"# mine\n{LINE}\n{LINE}\n")
    assert [NINE.format(p.solution_RC) for p in read_puzzles(NINE, path)] == [SOLVED, SOLVED]
    assert main(["evaluate", "sudoku-9x9", "--csv", str(path), "--steps", "1"]) == 0
    assert "on 2 puzzles of list.txt" in capsys.readouterr().out
    path.write_text(f"{LINE}\n12{'.' * 79}\n")
    with pytest.raises(PuzzleError, match="list.txt, puzzle 2 has several solutions"):
        read_puzzles(NINE, path)
    path.write_text("nothing\n")
    with pytest.raises(PuzzleError, match="list.txt: "):
        read_puzzles(NINE, path)


@pytest.mark.parametrize("cell", ["{}", " {} ", "<input size=1 value='{}'>", "<b>{}</b>"])
@pytest.mark.parametrize("blank", ["", "&nbsp;", "0"])
def test_tables_of_pages_are_grids(cell, blank):
    cells = [cell.format(blank if sign == "." else sign) for sign in LINE]
    rows = ["<tr>" + "".join(f"<td>{c}</td>" for c in cells[i : i + 9]) for i in range(0, 81, 9)]
    other = "<table><tr><th>Day<th>Level<tr><td>7<td>hard</table>"
    text = f"<html><body><h1>Daily</h1>{other}<table>{''.join(rows)}</table><p>Good luck</body>"
    assert NINE.format(read_text(text, NINE).board_RC) == LINE
    with pytest.raises(PuzzleError, match="this is HTML, but nothing in it is a 9x9 Sudoku"):
        read_text(other, NINE)


def test_solve_takes_files_through_the_same_door(tmp_path, capsys):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"solution": SOLVED, "start": LINE}))
    assert main(["solve", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == SOLVED
    assert main(["solve", str(path), "--domain", "sudoku-4x4"]) == 2


SIGNS = "[]{}()\":,;|+-=#*_xX.SGEo/ \n\t0123456789<>'array"


@settings(max_examples=200, deadline=2000)
@given(st.text(SIGNS, max_size=300), st.sampled_from([NINE, MAZE]))
def test_any_text_is_read_and_read_again_the_same_or_gets_one_sentence(text, kind):
    try:
        found = read_text(text, kind)
    except PuzzleError as error:
        assert str(error) and "\n" not in str(error)
    else:
        written = found.domain.format(found.board_RC)
        assert np.array_equal(read_text(written, found.domain).board_RC, found.board_RC)


@settings(max_examples=100, deadline=2000)
@given(
    st.sampled_from([row for row in ROWS if not row["file"].endswith("png")]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=3)), max_size=4),
)
def test_damaged_files_give_a_puzzle_or_one_sentence(case, changes):
    content = bytearray((CASES / case["file"]).read_bytes())
    for place, put in changes:
        at = int(place * len(content))
        content[at : at + 2] = put
    try:
        read_upload(bytes(content), NINE if case["page"] == "sudoku" else MAZE)
    except PuzzleError as error:
        assert str(error) and "\n" not in str(error)
