"""Mazes: rules, the published tie-break, generators, text and pictures, and small boards on a canvas."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import small_model
from trm_core.__main__ import main
from trm_core.domains import PuzzleError, domain
from trm_core.domains.maze import carving
from trm_core.domains.maze.domain import FREE, GOAL, LONG, PATH, START, WALL, read_maze
from trm_core.domains.maze.search import (
    distances,
    farthest,
    shortest_path,
    shortest_paths,
)
from trm_core.figures.board import _impossible, on_path
from trm_core.readers.puzzle_file import read_puzzles, write_puzzles
from trm_core.readers.upload import Upload, read_text, read_upload
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver

SIX = domain("maze-6x6")
QUESTION = "S.#.../.#..../...##./.#..../...#../#....G"


def board(text: str) -> np.ndarray:
    rows = text.split("/")
    return read_maze(text, len(rows) * len(rows[0]), len(rows[0]))


def marked(question_RC, cells) -> np.ndarray:
    answer_RC = question_RC.copy()
    for cell in cells:
        answer_RC[cell] = PATH
    return answer_RC


def plain_distances(open_RC, start):
    """By relaxation until nothing changes: slow and plain."""
    far = open_RC.size
    distance = np.full(open_RC.shape, far)
    distance[start] = 0
    for _ in range(far):
        for (r, c), is_open in np.ndenumerate(open_RC):
            for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                nr, nc = r + dr, c + dc
                if is_open and 0 <= nr < open_RC.shape[0] and 0 <= nc < open_RC.shape[1]:
                    distance[r, c] = min(distance[r, c], distance[nr, nc] + 1)
    return np.where(distance >= far, -1, distance)


def test_distances_agree_with_plain_relaxation(rng):
    for _ in range(5):
        open_RC = rng.random((6, 7)) > 0.35
        open_RC[2, 3] = True
        assert np.array_equal(distances(open_RC, (2, 3)), plain_distances(open_RC, (2, 3)))


def test_the_farthest_cell_is_as_far_as_the_distances_say(rng):
    open_BRC = rng.random((50, 9, 30)) > 0.4
    starts = np.array([np.argwhere(open_RC)[0] for open_RC in open_BRC])
    expected = [
        distances(open_RC, tuple(start)).max()
        for open_RC, start in zip(open_BRC, starts, strict=True)
    ]
    assert farthest(open_BRC, starts).tolist() == expected


def test_ties_are_broken_down_left_right_up_and_the_first_parent_wins():
    """By hand: from the corner of an open 3x3 grid the search reaches down before right."""
    open_RC = np.ones((3, 3), bool)
    path = shortest_path(open_RC, (0, 0), (2, 2))
    assert path == [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]
    # From below, left comes before right and up.
    assert shortest_path(open_RC, (2, 1), (0, 1)) == [(2, 1), (1, 1), (0, 1)]
    assert shortest_path(open_RC, (2, 2), (0, 0)) == [(2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]


def test_all_shortest_paths_are_found_and_all_are_shortest():
    open_RC = np.ones((3, 3), bool)
    paths = shortest_paths(open_RC, (0, 0), (2, 2), limit=99)
    assert len({tuple(path) for path in paths}) == 6  # 4 choose 2
    assert all(len(path) == 5 for path in paths)
    assert len(shortest_paths(open_RC, (0, 0), (2, 2), limit=2)) == 2


def test_answers_are_judged_in_words():
    question_RC = board(QUESTION)
    [solution_RC] = SIX.rules.solutions(question_RC, limit=1)
    assert SIX.rules.judge(question_RC, solution_RC).words == "a shortest path, 10 moves"
    broken_RC = solution_RC.copy()
    r, c = np.argwhere(solution_RC == PATH)[4]
    broken_RC[r, c] = FREE
    told = SIX.rules.judge(question_RC, broken_RC)
    assert not told.valid
    assert "breaks off at row" in told.words
    assert SIX.rules.violations(broken_RC)
    through_RC = solution_RC.copy()
    through_RC[0, 2] = PATH
    assert (
        SIX.rules.judge(question_RC, through_RC).words
        == "it goes through a wall at row 1, column 3"
    )
    spare_RC = solution_RC.copy()
    spare_RC[0, 5] = PATH
    assert (
        SIX.rules.judge(question_RC, spare_RC).words == "it marks 1 cell more than the path needs"
    )
    assert SIX.rules.judge(question_RC, question_RC).words == "it marked no path"
    moved_RC = solution_RC.copy()
    moved_RC[0, 0] = FREE
    assert "moved a wall, the start or the goal" in SIX.rules.judge(question_RC, moved_RC).words


def test_a_longer_path_is_valid_but_not_solved():
    question_RC = board("....../.####./S####G/.####./.####./......")
    above = [(1, 0), *((0, c) for c in range(6)), (1, 5)]
    below = [(3, 0), (4, 0), *((5, c) for c in range(6)), (4, 5), (3, 5)]
    assert SIX.rules.judge(question_RC, marked(question_RC, above)).solved
    told = SIX.rules.judge(question_RC, marked(question_RC, below))
    assert told.valid
    assert not told.solved
    assert told.words == "a path, but 2 moves longer than the shortest"


def test_progress_counts_path_cells_that_hang_together_with_the_start():
    question_RC = board("S...../####../G...../####../####../####..")
    answer_RC = marked(question_RC, [(0, 1), (0, 2), (2, 1), (1, 5)])
    assert SIX.rules.progress(question_RC, answer_RC) == ("connected to the start", 2)


def test_mazes_without_start_or_goal_are_refused_in_words():
    for text, missing in (
        ("......" * 6, "no start (S) and no goal (G)"),
        ("S....." + "......" * 5, "no goal (G)"),
    ):
        with pytest.raises(PuzzleError) as told:
            SIX.rules.check_question(SIX.parse(text))
        assert missing in str(told.value)
    with pytest.raises(PuzzleError, match="2 cells marked as the start"):
        SIX.rules.check_question(board("SS..G./....../....../....../....../......"))
    unreachable_RC = board("S#..G./##..../....../....../....../......")
    SIX.rules.check_question(unreachable_RC)  # may be asked: a way the model can fail
    assert "No way leads" in SIX.rules.summary(unreachable_RC, 0)


@pytest.mark.parametrize(("rows", "cols"), [(5, 5), (12, 9), (13, 13), (30, 30)])
def test_corridors_are_trees(rows, cols, rng):
    """Connected, and one edge fewer than cells: exactly one way between any two cells."""
    for _ in range(5):
        open_RC = ~carving.corridors(rows, cols, rng)
        edges = (open_RC[1:] & open_RC[:-1]).sum() + (open_RC[:, 1:] & open_RC[:, :-1]).sum()
        assert edges == open_RC.sum() - 1
        start = tuple(np.argwhere(open_RC)[0])
        assert (distances(open_RC, start) >= 0).sum() == open_RC.sum()


def test_loops_add_ways_to_corridors(rng):
    for _ in range(10):
        open_RC = ~carving.loops(13, 13, rng)
        edges = (open_RC[1:] & open_RC[:-1]).sum() + (open_RC[:, 1:] & open_RC[:, :-1]).sum()
        assert edges > open_RC.sum() - 1


def test_rooms_hang_together(rng):
    for _ in range(10):
        open_RC = ~carving.rooms(13, 17, rng)
        start = tuple(np.argwhere(open_RC)[0])
        assert (distances(open_RC, start) >= 0).sum() == open_RC.sum()


def test_maze_hard_puzzles_follow_the_published_recipe():
    chosen = domain("maze-30x30")
    puzzle = chosen.maker.generate(np.random.default_rng(1), "hard")
    path = np.argwhere(puzzle.solution_RC == PATH)
    assert len(path) + 1 > LONG
    assert 0.25 < (puzzle.question_RC == WALL).mean() < 0.55
    open_RC = puzzle.question_RC != WALL
    ends = [tuple(np.argwhere(puzzle.question_RC == value)[0]) for value in (START, GOAL)]
    published = shortest_path(open_RC, *ends)
    assert {tuple(cell) for cell in path} == set(published[1:-1])


def test_mixed_mazes_come_in_all_sizes_and_unique_kinds(rng):
    chosen = domain("maze-13x13")
    shares = [(p.question_RC == WALL).mean() for p in chosen.maker.generate_many(rng, "mixed", 200)]
    assert min(shares) < 0.35  # random walls over the whole canvas
    assert max(shares) > 0.85  # a small maze in walls


def test_all_symmetries_come_before_any_comes_again(rng):
    for name, count in (("maze-13x13", 16), ("maze-9x12", 8)):
        chosen = domain(name)
        question_L = chosen.tokens(chosen.maker.generate(rng, "walls").question_RC)
        ways = chosen.symmetries(rng, count)
        assert len({tuple(way_L) for way_L in ways.apply(question_L)}) == count


TEXTS = {
    "rows": "#####\n#S..#\n###.#\n#G..#\n#####",
    "spaces": "#####\n#S  #\n### #\n#G  #\n#####",
    "one line": "#####/#S..#/###.#/#G..#/#####",
    "blocks": "█████\n█S  █\n███ █\n█E  █\n█████",
    "json of rows": '{"maze": ["#####", "#S..#", "###.#", "#G..#", "#####"]}',
    "boxes": "┌───┐\n│S  │\n├── │\n│G  │\n└───┘",
    "corners": "+---+---+\n| S     |\n+---+   +\n| G     |\n+---+---+",
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_mazes_are_understood(name):
    found = read_text(TEXTS[name], domain("maze-13x13"))
    assert found.domain.name == "maze-5x5"
    assert np.array_equal(found.board_RC, board(TEXTS["one line"]))


def test_tables_of_zeros_and_ones_are_walls():
    text = "1,1,1,1,1\n1,0,0,0,1\n1,1,1,0,1\n1,0,0,0,1\n1,1,1,1,1"
    found = read_text(text, domain("maze-13x13"))
    assert np.array_equal(found.board_RC == WALL, board(TEXTS["one line"]) == WALL)
    nested = "[[1,1,1,1,1],[1,0,0,0,1],[1,1,1,0,1],[1,0,0,0,1],[1,1,1,1,1]]"
    again = read_text(nested, domain("maze-13x13"))
    assert np.array_equal(again.board_RC, found.board_RC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "type or paste a maze"),
        ("#####\n#S?.#\n#####\n#..G#\n#####", r"got '\?' at row 2, column 3"),
        ("###\n#S#\n###", "5 to 30 rows and columns, got 3 rows of up to 3"),
        ("#" * 40 + "\n" + "#" * 40, "got 2 rows of up to 40"),
    ],
)
def test_other_text_gets_one_sentence(text, message):
    with pytest.raises(PuzzleError, match=message):
        read_text(text, domain("maze-13x13"))


def picture(walls_RC, widths: tuple[int, int], ends=()) -> bytes:
    """Black walls on white paper: rows and columns by turns so many pixels wide."""
    rows, cols = walls_RC.shape
    ys, xs = (np.cumsum([0, *(widths[i % 2] for i in range(n))]) for n in (rows, cols))
    pixels = np.full((ys[-1] + 40, xs[-1] + 60, 3), 255, np.uint8)
    colours = {1: (10, 10, 15), 2: (30, 170, 60), 3: (215, 40, 35)}
    for (r, c), value in np.ndenumerate(walls_RC.astype(int)):
        for cell, end in zip(ends, (2, 3), strict=False):
            value = end if cell == (r, c) else value
        if value:
            pixels[20 + ys[r] : 20 + ys[r + 1], 30 + xs[c] : 30 + xs[c + 1]] = colours[value]
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=80)
    return out.getvalue()


@pytest.mark.parametrize("widths", [(12, 12), (31, 31), (3, 22), (4, 18)])
def test_pictures_of_mazes_are_read(widths, rng):
    for kind in (carving.corridors, carving.random_walls):
        inner = kind(13, 15, rng)
        if widths[0] != widths[1]:  # lines between cells have corners on every second cell
            inner = ~np.pad(~carving.corridors(13, 15, rng), 0)
            while not (inner[0].all() and inner[:, 0].all()):
                inner = carving.corridors(13, 15, rng)
            walls = inner
        else:
            walls = np.pad(inner, 1, constant_values=True)
        free = [tuple(int(i) for i in cell) for cell in np.argwhere(~walls)]
        ends = free[0], free[-1]
        found = read_upload(picture(walls, widths, ends), domain("maze-13x13"))
        assert isinstance(found, Upload)
        expected = walls.astype(np.uint8)
        expected[ends[0]], expected[ends[1]] = START, GOAL
        assert np.array_equal(found.board_RC, expected)


def test_gaps_in_the_outer_wall_are_start_and_goal(rng):
    walls = np.pad(carving.random_walls(11, 11, rng), 1, constant_values=True)
    walls[0, 3] = walls[12, 9] = False
    found = read_upload(picture(walls, (20, 20)), domain("maze-13x13"))
    assert found.board_RC[0, 3] == START
    assert found.board_RC[12, 9] == GOAL


def test_pictures_without_a_maze_are_refused(rng):
    for pixels in (
        np.full((200, 200), 255),
        rng.integers(0, 256, (200, 200)),
        np.linspace(0, 255, 200 * 200).reshape(200, 200),
    ):
        out = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(out, "PNG")
        with pytest.raises(PuzzleError, match="walls"):
            read_upload(out.getvalue(), domain("maze-13x13"))


def maze_model(side: int = 13):
    return small_model(
        vocab_size=6, rows=side, cols=side, mixer="convolution", prefix="register", prefix_length=1
    ).for_inference()


def test_a_smaller_maze_is_asked_in_the_middle_of_the_canvas(rng):
    """What the model sees is the canvas; what comes back is the small board, cell by cell."""
    small, canvas = domain("maze-12x9"), domain("maze-13x13")
    puzzle = small.maker.generate(rng, "loops")
    wide_RC = small.onto(canvas, puzzle.question_RC)
    assert (wide_RC == WALL).sum() == (puzzle.question_RC == WALL).sum() + 13 * 13 - 12 * 9
    solver = Solver(maze_model(), canvas)
    settings = Settings(steps=3, stop="steps", votes=3)
    asked = solver.solve(puzzle.question_RC, settings, puzzle.solution_RC, small).trace
    whole = solver.solve(wide_RC, Settings(steps=3, stop="steps")).trace
    assert asked.domain is small
    assert np.array_equal(asked.question_board, puzzle.question_RC)
    assert asked.right("steps").shape == (4, 108)
    alone = solver.solve(puzzle.question_RC, Settings(steps=3, stop="steps"), domain=small).trace
    cells_L = small.cells_on(canvas)
    assert np.array_equal(alone.answer_CL, whole.answer_CL[:, cells_L])
    assert np.array_equal(alone.confidence_CL, whole.confidence_CL[:, cells_L])
    assert np.array_equal(alone.distribution_SLV, whole.distribution_SLV[:, cells_L])


def test_a_maze_too_large_for_the_canvas_is_refused(rng):
    solver = Solver(maze_model(), domain("maze-13x13"))
    large = domain("maze-20x9")
    with pytest.raises(PuzzleError, match="does not fit"):
        solver.start(large.maker.generate(rng, "walls").question_RC, domain=large)


def test_the_trace_of_a_small_maze_survives_a_file(tmp_path: Path, rng):
    small = domain("maze-5x8")
    puzzle = small.maker.generate(rng, "walls")
    solver = Solver(maze_model(), domain("maze-13x13"))
    settings = Settings(steps=2)
    trace = solver.solve(puzzle.question_RC, settings, None, small, keep_latents=True).trace
    trace.save(tmp_path / "trace.npz")
    again = type(trace).load(tmp_path / "trace.npz")
    assert again.domain_name == "maze-5x8"
    assert np.array_equal(again.answer_CL, trace.answer_CL)
    assert again.y_SMD.shape[1] == 1 + 40


def test_an_answer_that_alters_the_maze_is_no_answer():
    """A second start, a wall on a free cell, a path over the goal: each is told, none is solved."""
    solved_RC = SIX.rules.solutions(board(QUESTION), limit=1)[0]
    question_RC = board(QUESTION)
    free = tuple(np.argwhere((question_RC == FREE) & (solved_RC == FREE))[0])
    wall = tuple(np.argwhere(question_RC == WALL)[0])
    goal = tuple(np.argwhere(question_RC == GOAL)[0])
    assert SIX.rules.judge(question_RC, solved_RC).solved
    for cell, value, words in (
        (free, START, "it put a second start at"),
        (free, GOAL, "it put a second goal at"),
        (free, WALL, "it put a wall at"),
        (wall, PATH, "it goes through a wall at"),
        (goal, PATH, "it goes over the goal at"),
        (wall, FREE, "it moved a wall, the start or the goal at"),
    ):
        answer_RC = solved_RC.copy()
        answer_RC[cell] = value
        judged = SIX.rules.judge(question_RC, answer_RC)
        assert not judged.solved and not judged.valid
        assert judged.words == f"{words} row {cell[0] + 1}, column {cell[1] + 1}"


def test_what_no_answer_can_hold_is_outlined_and_no_part_of_the_path():
    question_RC = board(QUESTION)
    given_RC = SIX.given(question_RC)
    free = tuple(np.argwhere(question_RC == FREE)[0])
    for value in (WALL, START):
        answer_RC = question_RC.copy()
        answer_RC[free] = value
        assert not on_path(SIX.drawing, answer_RC, given_RC).any()
        impossible_RC = _impossible(SIX.drawing, answer_RC, given_RC)
        assert np.argwhere(impossible_RC).tolist() == [list(free)]


@pytest.mark.parametrize("name", ["maze-13x13", "maze-7x9"])
def test_mazes_survive_a_csv_with_their_answers(name, tmp_path, rng):
    chosen = domain(name)
    puzzles = [*chosen.maker.generate_many(rng, "walls", 4), chosen.maker.generate(rng, "ties")]
    for path in (tmp_path / "m.csv", tmp_path / "m.csv.gz"):
        write_puzzles(chosen, puzzles, path)
        again = read_puzzles(chosen, path)
        for one, two in zip(puzzles, again, strict=True):
            assert np.array_equal(one.question_RC, two.question_RC)
            assert np.array_equal(one.solution_RC, two.solution_RC)
            assert one.rating == two.rating


def test_published_lines_are_read_with_the_blanks_at_their_ends(tmp_path):
    """As in the Maze-Hard files: one line of R * R characters of "# SGo", nothing between them."""
    chosen = domain("maze-6x6")
    puzzle = chosen.maker.generate(np.random.default_rng(3), "walls")
    question_RC = puzzle.question_RC.copy()
    question_RC[0, :2] = question_RC[-1, -2:] = FREE
    question_RC[question_RC == START] = question_RC[question_RC == GOAL] = FREE
    question_RC[0, 0], question_RC[-1, -3] = FREE, FREE
    question_RC[2, 2:5], question_RC[2, 2], question_RC[2, 4] = FREE, START, GOAL
    solution_RC = chosen.rules.solutions(question_RC)[0]
    lines = ["".join(" #SGo"[v] for v in board_RC.flat) for board_RC in (question_RC, solution_RC)]
    assert lines[0].startswith("  ") and lines[0].endswith("  ")
    path = tmp_path / "published.csv"
    path.write_text(f"source,question,answer,rating\nx,{lines[0]},{lines[1]},2\n")
    [found] = read_puzzles(chosen, path)
    assert np.array_equal(found.question_RC, question_RC)
    assert np.array_equal(found.solution_RC, solution_RC)
    # The same without a file: the size is the root of the length.
    assert np.array_equal(read_text(lines[0], domain("maze-13x13")).board_RC, question_RC)


def test_mazes_from_a_file_are_evaluated_mixed_and_learnt(tmp_path, capsys):
    path = tmp_path / "m.csv"
    generate = ["generate", "maze-13x13", "--difficulty", "ties", "--count", "6"]
    assert main([*generate, "--csv", str(path)]) == 0
    assert main(["evaluate", "maze-small", "--csv", str(path), "--steps", "2"]) == 0
    assert "6 puzzles of m.csv" in capsys.readouterr().out
    mix = ["mix", "maze-13x13", "--part", f"1:{path}", "--held-out", "2", "--validation", "1"]
    assert main([*mix, "--folder", str(tmp_path)]) == 0
    train = ["train", "maze-small", "--csv", str(path), "--batch", "2", "--updates", "1"]
    assert main([*train, "--folder", str(tmp_path / "run"), "--device", "cpu"]) == 0


def test_a_line_of_the_pages_own_size_is_that_size():
    """144 cells are 12 x 12 in a file, and 9 x 16 where a 9x16 maze is asked for."""
    chosen = domain("maze-9x16")
    question_RC = chosen.maker.generate(np.random.default_rng(0), "walls").question_RC
    line = "".join(".#SG"[v] for v in question_RC.flat)
    assert np.array_equal(chosen.parse(line), question_RC)
    assert read_text(line, domain("maze-13x13")).domain.name == "maze-12x12"
