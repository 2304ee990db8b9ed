"""Whatever file a person has: pictures are read, text is understood, the rest gets one sentence."""

import io
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFont

from tests.pictures import FONTS, LOOKS, drawn, encoded, framed, photographed
from trm_core.domains import PuzzleError, domain
from trm_core.readers.picture import PictureError, open_picture, read_picture
from trm_core.readers.upload import SURE, read_upload
from trm_core.record.trace import Trace

TRACE = Path(__file__).resolve().parents[2] / "assets" / "traces" / "sudoku-4x4.npz"
NINE = domain("sudoku-9x9")


def some_board(rng):
    """As many digits as an easy puzzle has, anywhere on a proper grid: a reader doesn't care whether
    they have one solution, and finding such ones takes longer than reading them."""
    cyclic_RC = (3 * np.arange(9) + np.arange(9) // 3)[:, None] + np.arange(9)
    full_RC = (rng.permutation(9) + 1)[cyclic_RC % 9].astype(np.uint8)
    full_RC = NINE.board(NINE.symmetries(rng, 1).apply(NINE.tokens(full_RC))[0])
    assert NINE.rules.is_solved(full_RC, full_RC)
    full_RC.flat[rng.permutation(81)[36:]] = 0
    return full_RC


def read_all(distort, seed, every=1):
    """Shares of digits and of blanks read rightly, over every look and typeface (of their combinations,
    one in `every`), and the wrong cells that were not marked as uncertain."""
    rng = np.random.default_rng(seed)
    digits, blanks, unmarked = [], [], 0
    for at, look in enumerate(LOOKS.values()):
        for font in FONTS[at % every :: every]:
            board_RC = some_board(rng)
            content = distort(drawn(board_RC, font, look, cell=int(rng.integers(34, 64))), rng)
            try:
                reading = read_picture(content)
                read_RC = reading.digits_RC
            except PictureError:
                read_RC = np.zeros((1, 1))
            if read_RC.shape != board_RC.shape:
                read_RC = np.full(board_RC.shape, 255)
            given_RC = board_RC > 0
            digits += (read_RC == board_RC)[given_RC].tolist()
            blanks += (read_RC == board_RC)[~given_RC].tolist()
            if not (read_RC == 255).any():
                unmarked += int(((read_RC != board_RC) & (reading.confidence_RC >= SURE)).sum())
    return np.mean(digits), np.mean(blanks), unmarked


def screenshot(picture, rng):
    return encoded(picture)


def photo(picture, rng):
    return encoded(photographed(picture, rng), "JPEG", quality=60)


def test_screenshots_are_read():
    digits, blanks, unmarked = read_all(screenshot, seed=10, every=5)
    assert digits >= 0.99
    assert blanks >= 0.99
    assert unmarked == 0


def test_photos_are_read():
    """Perspective up to 25 degrees, blur, noise, shadow, JPEG 60."""
    digits, blanks, unmarked = read_all(photo, seed=11, every=13)
    assert digits >= 0.95
    assert blanks >= 0.97
    assert unmarked <= 2


@pytest.mark.parametrize("name", ["sudoku-4x4", "sudoku-6x6"])
def test_small_grids_are_recognised_by_their_lines(name):
    rng = np.random.default_rng(0)
    for look in LOOKS.values():
        board_RC = domain(name).maker.generate(rng, "easy").question_RC
        found = read_upload(encoded(drawn(board_RC, FONTS[0], look, cell=70)), NINE)
        assert found.domain.name == name
        assert np.array_equal(found.board_RC, board_RC)


def test_a_picture_cropped_to_the_grid_is_read():
    board_RC = NINE.maker.generate(np.random.default_rng(1), "medium").question_RC
    picture = drawn(board_RC, FONTS[3], LOOKS["print"]).crop((60, 120, 512, 572))
    assert np.array_equal(read_upload(encoded(picture, "WEBP"), NINE).board_RC, board_RC)


def test_own_digits_in_a_fainter_ink_are_read_as_doubtful():
    rng = np.random.default_rng(6)
    board_RC = some_board(rng)
    faint_RC = np.where(rng.random((9, 9)) < 0.5, board_RC, 0)
    dark = drawn(np.where(faint_RC > 0, 0, board_RC).astype(np.uint8), FONTS[0], LOOKS["print"])
    light = drawn(faint_RC.astype(np.uint8), FONTS[0], replace(LOOKS["print"], ink="#c4d4ee"))
    found = read_upload(encoded(ImageChops.darker(dark, light)), NINE)
    assert np.array_equal(found.board_RC, board_RC)
    assert (found.confidence_RC[faint_RC > 0] < SURE).all()
    assert (found.confidence_RC[(faint_RC == 0) & (board_RC > 0)] >= SURE).all()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_pictures_on_their_side_are_turned(turns):
    board_RC = some_board(np.random.default_rng(turns))
    picture = drawn(board_RC, FONTS[2], LOOKS["app"]).rotate(90 * turns, expand=True)
    found = read_upload(encoded(picture), NINE)
    assert np.array_equal(found.board_RC, board_RC)
    assert "turned by" in found.notes[0]


def test_lines_without_digits_are_no_sudoku():
    empty = drawn(np.zeros((9, 9), np.uint8), FONTS[0], LOOKS["print"])
    with pytest.raises(PuzzleError, match="no digit in them"):
        read_upload(encoded(empty), NINE)


def test_exif_rotation_is_respected():
    board_RC = NINE.maker.generate(np.random.default_rng(2), "medium").question_RC
    turned = drawn(board_RC, FONTS[0], LOOKS["print"]).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    content = encoded(turned, "JPEG", quality=95, exif=exif)
    assert np.array_equal(read_upload(content, NINE).board_RC, board_RC)


def test_a_reading_carries_its_straightened_picture():
    board_RC = NINE.maker.generate(np.random.default_rng(3), "medium").question_RC
    found = read_upload(encoded(drawn(board_RC, FONTS[0], LOOKS["dark"])), NINE)
    assert found.confidence_RC.shape == (9, 9)
    assert Image.open(io.BytesIO(found.picture)).size == (576, 576)


def png(width, height, mode="L"):
    return encoded(Image.new(mode, (width, height)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"x" * (10 * 2**20 + 1), "has 10.0 MiB, more than 10"),
        (b"\x00\x01\x02\xff\x80", "neither text, nor a PNG, JPEG or WebP picture"),
        (png(8000, 5100, "1"), "has 41 megapixels, more than 40"),
        (png(20, 20), "has only 20 x 20 pixels"),
        (png(400, 400), "no grid of 9 x 9, 6 x 6, 4 x 4 cells was found"),
        (png(400, 400)[:60], "broken or incomplete"),
        (b"\x89PNG\r\n\x1a\nnonsense", "broken or incomplete"),
        (b"RIFFnonsense", "no PNG, JPEG or WebP picture that can be read"),
        (b"PK\x03\x04 not really a zip", "neither text, nor a PNG"),
        (b"hello", "a 9x9 Sudoku"),
        (b"[1, 2", "a 9x9 Sudoku"),
        (b'{"a": {"b": null}}', "a 9x9 Sudoku"),
        (b"question,answer\n", "a 9x9 Sudoku"),
    ],
)
def test_files_that_hold_no_puzzle_get_one_sentence(content, message):
    with pytest.raises(PuzzleError) as caught:
        read_upload(content, NINE)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"puzzle":' * 60 + "1" + "}" * 60,
        "[" * 5000 + "]" * 5000,
        "[" + "7" * 5000 + "]",
        'a,"b' + "x" * 200_000,
        "0005999," * 81,
    ],
    ids=["deep", "deeper", "long number", "open quote", "long cells"],
)
def test_hostile_text_gets_one_sentence_soon(text):
    began = time.thread_time()  # its own work, whatever runs beside it
    with pytest.raises(PuzzleError):
        read_upload(text.encode(), NINE)
    assert time.thread_time() - began < 5  # milliseconds; this only stops a runaway


def test_damaged_solves_get_one_sentence():
    whole = bytearray(TRACE.read_bytes())
    rng = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(whole)
        for at in rng.integers(0, len(whole), 8):
            damaged[at] = int(rng.integers(256))
        try:
            found = read_upload(bytes(damaged), NINE)
        except PuzzleError as error:
            assert "\n" not in str(error)
        else:
            assert isinstance(found, Trace)


def test_sixteen_bit_scans_are_read():
    board_RC = NINE.maker.generate(np.random.default_rng(5), "medium").question_RC
    grey = np.asarray(drawn(board_RC, FONTS[0], LOOKS["print"]).convert("L"))
    scan = Image.fromarray(grey.astype(np.uint16) * 257)
    assert np.array_equal(read_upload(encoded(scan), NINE).board_RC, board_RC)


def test_pictures_with_too_many_frames_are_refused():
    frames = [Image.new("L", (64, 64), 10 * i) for i in range(17)]
    content = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    with pytest.raises(PictureError, match="17 frames, more than 16"):
        open_picture(content)


PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ROWS = [[0 if ch == "." else int(ch) for ch in PUZZLE[i : i + 9]] for i in range(0, 81, 9)]


@pytest.mark.parametrize(
    "text",
    [
        PUZZLE,
        "\ufeff" + PUZZLE + "\n" + PUZZLE[::-1],  # a collection: the first counts
        "question,answer,rating\n" + f"{PUZZLE},{PUZZLE},3\n",
        "Puzzle,Name\n" + f"{PUZZLE},easy\n",
        json.dumps(ROWS),
        json.dumps({"name": "x", "grid": ROWS}),
        json.dumps([{"puzzle": PUZZLE}]),
        json.dumps({"cells": [str(v) if v else None for row in ROWS for v in row]}),
        "[Puzzle]\n" + "\n".join(PUZZLE[i : i + 9] for i in range(0, 81, 9)),
        "#AMy name\n#Ceasy\n" + "\n".join(PUZZLE[i : i + 9] for i in range(0, 81, 9)),
        "\n".join(",".join(map(str, row)) for row in ROWS),
    ],
    ids=range(11),
)
def test_text_files_are_understood(text):
    found = read_upload(text.encode(), NINE)
    assert found.domain is NINE
    assert NINE.format(found.board_RC) == PUZZLE


def test_the_size_follows_the_file_unless_the_one_asked_for_fits():
    assert read_upload(b"1.....2..3.....4", NINE).domain.name == "sudoku-4x4"


def test_a_saved_solve_is_opened():
    assert isinstance(read_upload(TRACE.read_bytes(), NINE), Trace)
    with pytest.raises(PuzzleError):
        read_upload(TRACE.read_bytes()[:-40] + bytes(40), NINE)


@settings(max_examples=100, deadline=2000)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(str.encode),
        st.text('[]{}":,0123456789. \n|-', max_size=300).map(str.encode),
        st.binary(max_size=200).map(lambda tail: b"\x89PNG\r\n\x1a\n" + tail),
        st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail),
        st.integers(0, 3000).map(lambda cut: TRACE.read_bytes()[:cut]),
    )
)
def test_any_bytes_give_a_puzzle_or_one_sentence(content):
    try:
        found = read_upload(content, NINE)
    except PuzzleError as error:
        assert str(error)
    else:
        assert isinstance(found, Trace) or found.board_RC.shape == (
            found.domain.rows,
            found.domain.cols,
        )


def test_noise_is_told_apart_from_a_grid_in_time():
    noise = np.random.default_rng(0).integers(0, 256, (1400, 1400, 3), dtype=np.uint8)
    began = time.perf_counter()
    with pytest.raises(PuzzleError, match="no grid"):
        read_upload(encoded(Image.fromarray(noise)), NINE)
    assert time.perf_counter() - began < 10  # 2 s on an idle machine; this only stops a runaway


@pytest.mark.parametrize("font", FONTS[::2], ids=lambda font: font.stem)
def test_grids_as_people_draw_them_are_read(font):
    """Without a frame, with circled digits, light on nothing, small on a page of words."""
    rng = np.random.default_rng(len(font.stem))
    board_RC = NINE.maker.generate(rng, "medium").question_RC
    page = Image.new("RGB", (1500, 2100), "white")
    words = ImageDraw.Draw(page)
    for line in range(38):
        text = f"Line {line} of a page of words that stand around a small puzzle"
        words.text((100, 80 + 50 * line), text, fill="#222", font=ImageFont.truetype(font, 26))
    page.paste(framed(board_RC, font, cell=34), (800, 1100))
    for picture in (
        framed(board_RC, font, frame=False),
        framed(board_RC, font, cell=36, frame=False),
        framed(board_RC, font, circled=True),
        framed(board_RC, font, mode="RGBA", ink="#ffffff", paper=(0, 0, 0, 0)),
        page,
    ):
        found = read_upload(encoded(picture), NINE)
        wrong_RC = found.board_RC != board_RC
        assert not (wrong_RC & (found.confidence_RC >= SURE)).any()
        assert wrong_RC.sum() <= 1


@pytest.mark.parametrize(("size", "boxes"), [(16, (4, 4)), (12, (3, 4)), (8, (2, 4))])
def test_grids_of_other_sizes_are_named(size, boxes):
    board_RC = np.random.default_rng(size).integers(0, 2, (size, size)) * (np.arange(size) + 1)
    picture = framed(board_RC, FONTS[2], cell=40, boxes=boxes)
    with pytest.raises(PuzzleError, match=f"seems to have {size} x {size} cells"):
        read_upload(encoded(picture), NINE)


def test_a_board_of_another_game_is_no_sudoku():
    chess = Image.new("RGB", (480, 480), "#764")
    draw = ImageDraw.Draw(chess)
    for r, c in np.ndindex(8, 8):
        if (r + c) % 2:
            draw.rectangle((60 * c, 60 * r, 60 * c + 59, 60 * r + 59), fill="#eed")
    with pytest.raises(PuzzleError, match="seems to have 8 x 8 cells"):
        read_upload(encoded(chess), NINE)


@pytest.mark.parametrize("signs", ["SG", "AB", "12", "SE"])
def test_signs_in_two_cells_of_a_maze_are_its_ends(signs):
    maze = domain("maze-13x13")
    for seed, cell in enumerate((16, 24, 40)):
        made_RC = maze.maker.generate(np.random.default_rng(seed), "loops").question_RC
        board_RC = np.pad(made_RC, 1, constant_values=1)
        picture = Image.new("RGB", (15 * cell + 40,) * 2, "white")
        draw = ImageDraw.Draw(picture)
        face = ImageFont.truetype(FONTS[seed], int(0.8 * cell))
        for (r, c), value in np.ndenumerate(board_RC):
            x, y = 20 + c * cell, 20 + r * cell
            if value == 1:
                draw.rectangle((x, y, x + cell - 1, y + cell - 1), fill="black")
            elif value > 1:
                middle = (x + cell / 2, y + cell / 2)
                draw.text(middle, signs[value - 2], fill="black", font=face, anchor="mm")
        found = read_upload(encoded(picture), maze)
        assert np.array_equal(found.board_RC == 1, board_RC == 1)
        assert np.array_equal(found.board_RC > 1, board_RC > 1)
        assert "the signs themselves are not read" in found.notes[0]
