"""Text from files is text: a mark put into every field of every kind of file is never HTML or Markdown on a page."""

import io
from dataclasses import replace

import pytest
import torch

from pages.inspector.recorded import bundled_outcomes
from pages.models.own import as_checkpoint
from pages.tasks.recorded import task_recordings
from pages.trainer.recorded import learnings
from tests.pages.apps import opened_at
from tests.pages.browsing import ROOT
from trm_core.network.forms import build_model
from trm_core.record.trace import Trace
from trm_core.training.small import small_recipe
from trm_core.weights.card import Card

MARK = "<i class=mark>x</i> **[mark](https://example.org)** $x$ `x`"
SIGNS_OF_HTML, SIGNS_OF_MARKDOWN = ("<i class=mark",), ("**[mark", "[mark](", " $x$")
HTML = ("html",)
MARKDOWN = (
    *("markdown", "caption", "title", "header", "subheader", "success", "info", "warning", "error"),
)


def kept(record) -> bytes:
    out = io.BytesIO()
    record.save(out)
    return out.getvalue()


def trace() -> bytes:
    found = Trace.load(ROOT / "assets" / "traces" / "sudoku-4x4.npz")
    return kept(replace(found, checkpoint=MARK, device=MARK))


def outcomes() -> bytes:
    return kept(replace(bundled_outcomes()["sudoku-9x9"][:5], checkpoint=MARK, set_name=MARK))


def learning() -> bytes:
    run = learnings()["4x4"]
    return replace(run, name=MARK, about=dict.fromkeys(run.about, MARK)).as_bytes()


def checkpoint() -> bytes:
    config = small_recipe("sudoku-4x4", width=8).model
    result = {"set": MARK, "exact": {"1": 0.5, "16": 0.75}, "interval": [0.7, 0.8], "solved": 0.75}
    words = dict.fromkeys(("name", "data", "hardware", "command"), MARK)
    card = Card(domain="sudoku-4x4", model=config, results=(result,), **words)
    return as_checkpoint(build_model(config, torch.Generator().manual_seed(0)), card)


def task_learning() -> bytes:
    run = next(iter(task_recordings().values()))
    named = replace(run.task, name=MARK)
    return kept(replace(run, task=named, about=dict.fromkeys(run.about, MARK)))


def words_on(app, kinds) -> set[str]:
    """All that a page shows as HTML, or as Markdown."""
    elements = [element for kind in kinds for element in app.get(kind)]
    words = {e.value if hasattr(e, "value") else e.proto.body for e in elements}
    if "html" in kinds:
        return words
    helps = {
        e.proto.help
        for kind in (*kinds, "button")
        for e in app.get(kind)
        if hasattr(e.proto, "help")
    }
    return words | helps | {button.label for button in app.button}


@pytest.mark.parametrize(
    ("door", "place", "name", "content"),
    [
        ("sudoku", "sudoku_file", "x.npz", trace),
        ("sudoku", "sudoku_open_model_sudoku-9x9", "x.safetensors", checkpoint),
        ("inspect", "inspect_outcomes_file", "x.parquet", outcomes),
        ("train", "train_open_model", "x.npz", learning),
        ("train", "train_open_model", "x.safetensors", checkpoint),
        ("arc", "arc_open_run", "x.npz", task_learning),
        ("sudoku", "sudoku_file", f"{MARK}.txt", lambda: b"dear diary"),
        ("sudoku", "sudoku_file", "x.txt", lambda: MARK.encode()),
    ],
    ids=[
        "trace",
        "model",
        "outcomes",
        "training",
        "model to train",
        "task's learning",
        "name",
        "text",
    ],
)
def test_a_mark_in_a_file_stays_text(door, place, name, content):
    app = opened_at(door)
    before = words_on(app, HTML) | words_on(app, MARKDOWN)
    app.file_uploader(key=place).upload(name, content()).run()
    assert not app.exception
    for kinds, signs in ((HTML, SIGNS_OF_HTML), (MARKDOWN, SIGNS_OF_MARKDOWN)):
        for words in words_on(app, kinds) - before:
            assert not any(sign in words for sign in signs), words[:400]
    assert words_on(app, HTML) | words_on(app, MARKDOWN) != before
