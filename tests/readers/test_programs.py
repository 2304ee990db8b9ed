"""What particular programs write: saves, links, sheets, tokens; and what is nearly a puzzle, or none."""

import io
import json

import numpy as np
import pytest

from trm_core.domains import PuzzleError, domain
from trm_core.readers.puzzle_file import puzzles_in
from trm_core.readers.upload import read_text, read_upload

NINE, SIX, MAZE = domain("sudoku-9x9"), domain("sudoku-6x6"), domain("maze-13x13")
LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
WRONG = "9"  # that a visitor wrote into the third cell


def board(found) -> str:
    return found.domain.format(found.board_RC)


def played(name: str, yes: object, no: object) -> list[dict]:
    """The cells of a game that was begun: one digit of the player's own, and a wrong one."""
    cells = []
    for i, ch in enumerate(LINE):
        own = WRONG if i == 2 else ch
        value = 0 if own == "." else int(own)
        cells.append({"value": value, name: yes if ch != "." else no})
    return cells


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        *((name, True, False) for name in ("given", "isGiven", "isFixed", "readonly", "locked")),
        *((name, True, False) for name in ("readOnly", "original", "is_clue", "prefilled")),
        *((name, False, True) for name in ("editable", "isEditable", "mutable")),
        ("fixed", 1, 0),
    ],
)
def test_givens_alone_are_the_puzzle(name, yes, no):
    cells = played(name, yes, no)
    rows = [cells[i : i + 9] for i in range(0, 81, 9)]
    for told in ({"board": rows}, {"cells": cells}, rows):
        found = read_text(json.dumps(told), NINE)
        assert board(found) == LINE
        assert "left out 1 digit that the file does not call given" in found.notes


def test_flags_may_stand_beside_the_board():
    digits = [int(ch) if ch != "." else 0 for ch in LINE]
    given = [ch != "." for ch in LINE]
    told = {"isFixed": given, "grid": [*digits[:2], 9, *digits[3:]]}
    found = read_text(json.dumps(told), NINE)
    assert board(found) == LINE and "left out 1 digit" in found.notes[0]


def test_cells_that_say_their_place_need_not_all_be_there():
    for first in (0, 1):
        cells = [
            {"position": [i // 9 + first, i % 9 + first], "value": int(ch), "fixed": True}
            for i, ch in enumerate(LINE)
            if ch != "."
        ]
        assert board(read_text(json.dumps({"cells": cells}), NINE)) == LINE


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("cage", "killer"),
        ("killercage", "killer"),
        ("diagonal+", "diagonals"),
        ("thermometer", "thermometers"),
        ("arrow", "arrows"),
        ("antiknight", "knight's moves"),
    ],
)
def test_rules_beyond_a_plain_sudoku_are_told(name, rule):
    rows = [
        [{"value": int(ch), "given": True} if ch != "." else {} for ch in LINE[i : i + 9]]
        for i in range(0, 81, 9)
    ]
    told = {"size": 9, "grid": rows, name: [{"cells": ["R1C1"]}]}
    [note] = read_text(json.dumps(told), NINE).notes
    assert rule in note and "may break them" in note
    told[name] = []
    assert read_text(json.dumps(told), NINE).notes == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://swaroopg92.github.io/penpa-edit/#m=edit&p=7VTfb5", "link of penpa-edit"),
        ("https://sudokupad.app/abc123", "link of SudokuPad"),
        ("https://www.f-puzzles.com/?load=N4IgzglgXgpiBcB", "link of f-puzzles"),
    ],
)
def test_links_without_cells_say_how_to_come_by_them(text, words):
    with pytest.raises(PuzzleError, match=words):
        read_text(text, NINE)


def test_a_link_of_puzz_link_holds_the_cells():
    packed, blanks = "", 0
    for ch in LINE + "|":
        if ch == ".":
            blanks += 1
            continue
        packed += chr(ord("f") + blanks) if blanks else ""
        packed, blanks = packed + ch.strip("|"), 0
    assert board(read_text(f"https://puzz.link/p?sudoku/9/9/{packed}", NINE)) == LINE


@pytest.mark.parametrize(
    "text",
    [
        f"puzzle,solution\n{LINE[1:]},{SOLVED}\n",
        json.dumps({"puzzle": LINE[:-1], "solution": SOLVED}),
        f"Puzzle: {LINE[:-1]}\nAnswer: {SOLVED}",
        f"Here you are: {LINE}.\n{SOLVED}\n".replace(LINE, LINE[:79]),
    ],
    ids=["CSV", "JSON", "text", "sentence"],
)
def test_a_solution_never_takes_the_place_of_a_puzzle_that_is_cut_short(text):
    with pytest.raises(PuzzleError, match="has 81 cells; in the text stands a run of (79|80)"):
        read_text(text, NINE)


@pytest.mark.parametrize("name", ["solution", "answer", "target", "solved", "completion"])
def test_what_is_called_a_solution_is_no_question(name):
    for text in (json.dumps({name: SOLVED}), f"{name}: {SOLVED}"):
        with pytest.raises(PuzzleError, match="holds a solution, and not the puzzle"):
            read_text(text, NINE)
    assert "it is a complete board: nothing is left to solve" in read_text(SOLVED, NINE).notes


def test_numbers_that_a_spreadsheet_made_of_puzzles_are_named():
    with pytest.raises(PuzzleError, match=r"a spreadsheet has made a number of the puzzle"):
        read_text("puzzle,solution\n5.30070000600195E+80,5.34678912672195E+80\n", NINE)


def test_signs_without_a_look_are_passed_over():
    rows = ["\u200f" + "\u00a0".join(LINE[i : i + 9]) + "\u200e" for i in range(0, 81, 9)]
    assert board(read_text("\n".join(rows), NINE)) == LINE
    emoji = "".join("⬜" if ch == "." else f"{ch}\ufe0f\u20e3" for ch in LINE)
    assert board(read_text(emoji, NINE)) == LINE


def test_a_matrix_of_r_is_read():
    head = " " * 5 + " ".join(f"[,{c}]" for c in range(1, 10))
    rows = [
        f"[{r + 1},] " + "    ".join(LINE[9 * r : 9 * r + 9].replace(".", "0")) for r in range(9)
    ]
    assert board(read_text("\n".join([head, *rows]), NINE)) == LINE


def test_candidates_are_no_givens():
    rows = [" ".join("12" if ch == "." else ch for ch in LINE[i : i + 9]) for i in range(0, 81, 9)]
    with pytest.raises(PuzzleError, match="grid of candidates"):
        read_text("\n".join(rows), NINE)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (
            "<table>" + ("<tr>" + "<td><input></td>" * 9 + "</tr>") * 9 + "</table>",
            NINE,
            "no digit in it",
        ),
        (json.dumps({"grid": [[0] * 9] * 9}), NINE, "no digit in it"),
        (json.dumps({"maze": [[0] * 7] * 7}), MAZE, "not one wall in it"),
    ],
)
def test_empty_boards_are_not_taken(text, kind, words):
    with pytest.raises(PuzzleError, match=words):
        read_text(text, kind)


def test_mazes_whose_ends_stand_on_walls_are_turned_inside_out():
    walls = np.pad(np.zeros((5, 5), int), 1, constant_values=1)
    walls[3, 1:5] = 1
    told = {"maze": (1 - walls).tolist(), "start": [1, 1], "goal": [5, 5]}
    found = read_text(json.dumps(told), MAZE)
    assert np.array_equal(found.board_RC == 1, walls == 1)
    assert found.board_RC[1, 1] == 2 and found.board_RC[5, 5] == 3


def saved(array) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def test_tokens_of_published_data_are_read():
    digits = np.array([[int(ch) if ch != "." else 0 for ch in LINE]] * 2, np.uint8)
    for moved in (digits, digits + 1):
        found = read_upload(saved(moved), NINE, 2)
        assert board(found) == LINE and found.count == 2
    few = np.where(
        digits > 4, 0, digits
    )  # no 9: nothing says that it is moved but how often the blank is there
    assert np.array_equal(read_upload(saved(few + 1), NINE).board_RC.ravel(), few[0])
    with pytest.raises(PuzzleError, match="nothing but 0 and 1"):
        read_upload(saved(np.eye(9, dtype=np.float32)[None].repeat(9, 0)), NINE)
    rows = ["#######", "#S..#.#", "###.#.#", "#...#.#", "#.###.#", "#....G#", "#######"]
    tokens = np.array([["#.SGo".index(ch) + 1 for ch in "".join(rows)]], np.uint8)
    found = read_upload(saved(tokens), MAZE)
    assert found.domain.format(found.board_RC) == "/".join(rows)


def test_lists_are_read_from_json_lines_and_whatever_ends_their_lines():
    line = json.dumps({"question": LINE, "answer": SOLVED, "task_name": "a"})
    for content in (
        f"{line}\n{line}\n",
        f"puzzle_id,puzzle,solution\n1234567890,{LINE},{SOLVED}\n2,{LINE},{SOLVED}\n",
        f"task_name,question,answer\ra,{LINE},{SOLVED}\rb,{LINE},{SOLVED}\r",
    ):
        found = puzzles_in(NINE, content.encode(), "list")
        assert [NINE.format(p.question_RC) for p in found] == [LINE, LINE]
        assert all(NINE.format(p.solution_RC) == SOLVED for p in found)
    for content in (b"PAR1xxxxPAR1", b'puzzle,solution\n"' + b"1" * 200_000 + b'",2\n'):
        with pytest.raises(PuzzleError, match="list"):
            puzzles_in(NINE, content, "list")


def test_boxes_that_stand_upright_are_told():
    solved = domain("sudoku-6x6").maker.generate(np.random.default_rng(1), "easy")
    turned = solved.question_RC.T
    assert not SIX.rules.solutions(turned, limit=1)
    found = read_text(SIX.format(turned), SIX)
    assert "write its columns as rows" in found.notes[0]
