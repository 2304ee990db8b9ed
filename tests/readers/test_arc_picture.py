"""Pictures of ARC's grids, as this app and others draw them."""

import io

import numpy as np
import pytest
from PIL import Image

from trm_core.domains import PuzzleError
from trm_core.figures.grids import grid_png, pair_png
from trm_core.readers import arc_tasks
from trm_core.readers.arc_picture import read_grid_picture

TASKS = list(arc_tasks.tasks("ARC-AGI-1 training").values())[:40]


def drawn(grid_RC: np.ndarray, kind: str) -> bytes:
    image = Image.open(io.BytesIO(grid_png(grid_RC, cell=9 if kind == "small" else 16)))
    image = image.convert("RGB")
    if kind == "framed":
        page = Image.new("RGB", (image.width + 60, image.height + 44), "white")
        page.paste(image, (31, 17))
        image = page
    out = io.BytesIO()
    image.save(out, "JPEG" if kind == "jpeg" else "PNG", quality=85)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["plain", "jpeg", "small", "framed"])
def test_grids_are_read_from_pictures(kind):
    for task in TASKS:
        grid_RC = task.pairs[0][0]
        assert np.array_equal(read_grid_picture(drawn(grid_RC, kind)), grid_RC), task.name


def test_what_is_no_grid_is_refused():
    with pytest.raises(PuzzleError, match="no picture"):
        read_grid_picture(b"nothing")
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3)).astype(np.uint8)
    Image.fromarray(noise).save(out := io.BytesIO(), "PNG")
    with pytest.raises(PuzzleError, match="no grid of up to 30 cells a side"):
        read_grid_picture(out.getvalue())
    Image.new("RGB", (64, 64), (255, 200, 255)).save(out := io.BytesIO(), "PNG")
    with pytest.raises(PuzzleError, match="none of the ten"):
        read_grid_picture(out.getvalue())
    Image.new("1", (4001, 4000)).save(out := io.BytesIO(), "PNG")
    with pytest.raises(PuzzleError, match="too large"):
        read_grid_picture(out.getvalue())


def test_thumbnails_and_crosses_are_drawn():
    question_RC, answer_RC = TASKS[0].pairs[0]
    pair = Image.open(io.BytesIO(pair_png(question_RC, answer_RC, cell=2)))
    assert pair.width == 2 * (question_RC.shape[1] + answer_RC.shape[1]) + 6
    plain = grid_png(question_RC)
    crossed = grid_png(question_RC, np.ones_like(question_RC, bool))
    numbered = grid_png(question_RC, numbers=True)
    assert len({plain, crossed, numbered}) == 3
