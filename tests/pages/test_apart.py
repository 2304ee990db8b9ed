"""Files are read in processes of their own: what is too much for one is said, and stops nobody."""

import os
import threading

import numpy as np
import pytest

from pages.stage.apart import Reader, apart
from trm_core.domains import PuzzleError, domain
from trm_core.readers.upload import Upload, read_text

NINE = domain("sudoku-9x9")
LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"


def spin() -> None:
    while True:
        pass


def eat() -> int:
    return int(np.ones(2 * 2**30, np.uint8)[-1])


def die() -> None:
    os._exit(9)


@pytest.fixture(scope="module")
def reader():
    reader = Reader()
    yield reader
    reader.end()


def test_what_was_read_comes_back_and_its_kind_is_the_one_that_was_asked(reader):
    found = reader.read(read_text, LINE, NINE)
    assert isinstance(found, Upload) and found.domain is NINE
    assert np.array_equal(found.board_RC, NINE.parse(LINE))
    size = domain("maze-7x11")
    assert reader.read(lambda asked: asked, size) is size


def test_what_is_wrong_with_it_comes_back_too(reader):
    with pytest.raises(PuzzleError, match="uses the digits 1 to 9, got 'h'"):
        reader.read(read_text, "hello", NINE)


@pytest.mark.parametrize(
    ("much", "words"),
    [
        (spin, "more than 0.5 seconds, and was given up"),
        (eat, "more than 1024 MiB of memory, and was given up"),
        (die, "broke off, as it may where it would take more than 1024 MiB of memory"),
    ],
)
def test_what_is_too_much_is_given_up_and_the_next_is_read(reader, much, words):
    with pytest.raises(PuzzleError, match=words):
        reader.read(much, seconds=0.5 if much is spin else 60)
    assert reader.read(read_text, LINE, NINE).domain is NINE


def test_while_one_is_stuck_others_are_read():
    said = []

    def ask() -> None:
        with pytest.raises(PuzzleError) as error:
            apart(spin, seconds=3)
        said.append(str(error.value))

    stuck = threading.Thread(target=ask)
    stuck.start()
    assert apart(read_text, LINE, NINE).domain is NINE
    assert stuck.is_alive()
    stuck.join()
    assert "more than 3 seconds" in said[0]


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 24_000,
        "[" + ";" * 8_000,
        "a: &a [x, x]\n" + "".join(f"b{k}: &b{k} [*a, *a]\n" for k in range(99)),
    ],
    ids=["blank lines", "half a list", "aliases of aliases"],
)
def test_text_that_means_harm_gets_a_sentence(text):
    with pytest.raises(PuzzleError):
        apart(read_text, text, NINE)
