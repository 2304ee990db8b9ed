"""The same promises as in the files beside this one, held with many more examples: `pytest -m long`."""

import pytest
from hypothesis import settings

from tests.pictures import FONTS
from tests.readers import test_formats, test_upload
from tests.readers.test_upload import photo, read_all, screenshot

pytestmark = pytest.mark.long


def test_screenshots_in_every_second_typeface_are_read():
    digits, blanks, unmarked = read_all(screenshot, seed=10, every=2)
    assert digits >= 0.99
    assert blanks >= 0.99
    assert unmarked == 0


def test_photos_in_every_sixth_typeface_are_read():
    digits, blanks, unmarked = read_all(photo, seed=11, every=6)
    assert digits >= 0.95
    assert blanks >= 0.97
    assert unmarked <= 2


@pytest.mark.parametrize("font", FONTS[1::2], ids=lambda font: font.stem)
def test_grids_as_people_draw_them_are_read_in_every_typeface(font):
    test_upload.test_grids_as_people_draw_them_are_read(font)


@pytest.mark.parametrize(
    ("promise", "examples"),
    [
        (test_formats.test_any_text_is_read_and_read_again_the_same_or_gets_one_sentence, 1000),
        (test_formats.test_damaged_files_give_a_puzzle_or_one_sentence, 300),
        (test_upload.test_any_bytes_give_a_puzzle_or_one_sentence, 200),
    ],
)
def test_many_more_examples_keep_the_promise(promise, examples):
    settings(max_examples=examples, deadline=2000)(promise)()
