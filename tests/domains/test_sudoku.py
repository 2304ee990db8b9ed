"""Sudoku: rules against an independent check, difficulty, the search, and text as people paste it."""

import itertools
import time

import numpy as np
import pytest

from trm_core.domains import PuzzleError, SearchLimitError, domain

NINE = domain("sudoku-9x9")
LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ANSWER = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


def naive_violation_count(board_RC, box_rows, box_cols):
    """Pairs of equal digits that see each other, straight from the rules' wording."""
    n = len(board_RC)
    pairs = 0
    for a, b in itertools.combinations(itertools.product(range(n), range(n)), 2):
        same_box = a[0] // box_rows == b[0] // box_rows and a[1] // box_cols == b[1] // box_cols
        if (
            board_RC[a]
            and board_RC[a] == board_RC[b]
            and (a[0] == b[0] or a[1] == b[1] or same_box)
        ):
            pairs += 1
    return pairs


@pytest.mark.parametrize("name", ["sudoku-4x4", "sudoku-6x6", "sudoku-9x9"])
def test_violations_agree_with_the_plain_rules(name, rng):
    chosen = domain(name)
    for _ in range(30):
        board_RC = rng.integers(0, chosen.size + 1, (chosen.rows, chosen.cols)).astype(np.uint8)
        board_RC[rng.random(board_RC.shape) < 0.7] = 0
        broken = chosen.rules.violations(board_RC)
        naive = naive_violation_count(board_RC, chosen.drawing.box_rows, chosen.drawing.box_cols)
        assert (len(broken) > 0) == (naive > 0)
        for violation in broken:
            assert len({int(board_RC[cell]) for cell in violation.cells}) == 1


def test_a_clash_is_told_in_words():
    board_RC = np.zeros((9, 9), np.uint8)
    board_RC[2, 0] = board_RC[2, 8] = 7
    assert [v.reason for v in NINE.rules.violations(board_RC)] == ["two 7s in row 3"]


def test_tokens_are_the_published_ones():
    tokens_L = NINE.tokens(NINE.parse(LINE))
    assert tokens_L[:5].tolist() == [6, 4, 1, 1, 8]  # 5 3 . . 7: blank 1, digit d is d + 1
    assert NINE.vocab_size == 11


def test_the_known_solution_is_found():
    found = NINE.rules.solutions(NINE.parse(LINE))
    assert [NINE.format(board) for board in found] == [ANSWER]


def test_no_one_and_several_solutions_are_told_apart():
    question = NINE.parse(LINE)
    several = question.copy()
    several[several == 5] = 0
    several[several == 3] = 0
    impossible = question.copy()
    impossible[0, 2] = 1  # no clash, but row 1 then has no place for its 4
    assert NINE.rules.violations(impossible) == []
    assert len(NINE.rules.solutions(several)) == 2
    assert len(NINE.rules.solutions(impossible)) == 0
    assert len(NINE.rules.solutions(np.zeros((9, 9), np.uint8))) == 2


def test_solutions_of_hard_boards_come_while_one_types():
    """A bound far above what it takes; it only catches a search that has lost its way."""
    hard = "........1..2..3.4..5..6.7.......8....7.6..5..8...57.9...13....9.8...63..4......2."
    began = time.perf_counter()
    assert len(NINE.rules.solutions(NINE.parse(hard))) == 1
    assert time.perf_counter() - began < 3


def test_minimal_puzzles_have_no_spare_clue(rng):
    puzzle = NINE.maker.generate(rng, "minimal")
    for cell in np.argwhere(puzzle.question_RC > 0):
        fewer = puzzle.question_RC.copy()
        fewer[tuple(cell)] = 0
        assert len(NINE.rules.solutions(fewer)) == 2


@pytest.mark.parametrize(("difficulty", "givens"), [("easy", 36), ("medium", 30)])
def test_singles_suffice_for_easy_and_medium(difficulty, givens, rng):
    for _ in range(5):
        puzzle = NINE.maker.generate(rng, difficulty)
        assert puzzle.rating == 0
        assert NINE.rules.rate(puzzle.question_RC) == 0
        assert (puzzle.question_RC > 0).sum() >= givens


def test_hard_puzzles_need_guesses(rng):
    puzzle = NINE.maker.generate(rng, "hard")
    assert puzzle.rating > 0
    assert puzzle.rating == NINE.rules.rate(puzzle.question_RC)


GRID = """
+-------+-------+-------+
| 5 3 . | . 7 . | . . . |
| 6 . . | 1 9 5 | . . . |
| . 9 8 | . . . | . 6 . |
+-------+-------+-------+
| 8 . . | . 6 . | . . 3 |
| 4 . . | 8 . 3 | . . 1 |
| 7 . . | . 2 . | . . 6 |
+-------+-------+-------+
| . 6 . | . . . | 2 8 . |
| . . . | 4 1 9 | . . 5 |
| . . . | . 8 . | . 7 9 |
+-------+-------+-------+
"""
ROWS = [LINE[i : i + 9] for i in range(0, 81, 9)]


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        LINE.replace(".", "0"),
        LINE.replace(".", "*"),
        "\n".join(ROWS),
        GRID,
        "\n".join(",".join(row) for row in ROWS),
        "\n".join(",".join("" if ch == "." else ch for ch in row) for row in ROWS),
        "\n".join(";".join(row) + ";" for row in ROWS),
        "\n".join("\t".join(row) for row in ROWS),
        f"question,answer,rating\n{LINE},{ANSWER},0\n",
        f"https://www.sudokuwiki.org/sudoku.htm?bd={LINE.replace('.', '0')}",
        f"https://sudokuexchange.com/play/?s={LINE.replace('.', '0')}",
        f"look at this https://sudokuexchange.com/play/?d=3&s={LINE.replace('.', '0')} please",
    ],
)
def test_text_as_people_paste_it_is_read(text):
    assert NINE.format(NINE.parse(text)) == LINE


def test_dashes_may_be_blanks_or_rulers():
    rows = "12--\n----\n--34\n----"
    four = domain("sudoku-4x4")
    assert four.format(four.parse(rows)) == "12........34...."


def test_the_uniqueness_check_gives_up_in_time():
    tangled = ".....5.8....6.1.43..........1.5........1.6...3.......553.....61........4........."
    with pytest.raises(SearchLimitError, match="too tangled to tell"):
        NINE.rules.solutions(NINE.parse(tangled))


def test_what_is_wrong_with_a_text_is_said():
    with pytest.raises(PuzzleError, match=r"has 81 cells, got 80; write 0 or \."):
        NINE.parse(LINE[:-1])
    with pytest.raises(PuzzleError, match="digits 1 to 9, got 'z' at row 1, column 3"):
        NINE.parse("53z" + LINE[3:])
    with pytest.raises(PuzzleError, match="digits 1 to 4, got '5'"):
        domain("sudoku-4x4").parse("5...............")
    with pytest.raises(PuzzleError, match="paste"):
        NINE.parse("   \n ")


def test_an_incomplete_board_is_told_as_incomplete(sudoku4):
    question_RC = sudoku4.parse("1.....2..3.....4")
    assert sudoku4.rules.judge(question_RC, question_RC).words == "12 cells are empty"
    solved_RC = sudoku4.rules.solutions(question_RC)[0]
    almost_RC = solved_RC.copy()
    almost_RC[0, 1] = 0
    assert sudoku4.rules.judge(question_RC, almost_RC).words == "1 cell is empty"
    other_RC = sudoku4.board(
        sudoku4.symmetries(np.random.default_rng(1), 1).apply(sudoku4.tokens(solved_RC))[0]
    )
    judged = sudoku4.rules.judge(question_RC, other_RC)
    assert judged.valid and not judged.solved
    assert judged.words.startswith("it wrote over ")
