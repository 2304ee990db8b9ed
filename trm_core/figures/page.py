"""A page that thinks by itself: one HTML file that holds a small model and runs it in the browser, without any network.

The model's forward pass is `think/runtime.js`; a test holds it to the one of `trm_core/network`.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from trm_core.domains import Domain, visitor_rng
from trm_core.figures.theme import DARK, LIGHT, Theme

_PARTS = Path(__file__).parent / "think"
EXAMPLE = 3  # seed of the puzzle that a page opens with


def thinking_page(
    name: str, model: Mapping[str, Any], tensors: Mapping[str, np.ndarray], sizes: Sequence[Domain]
) -> str:
    """A page that solves puzzles of these `sizes`, the one to begin with first, with a network of (symbol, cell) states:
    its configuration as plain values, and its weights, which it holds as halves."""
    marks = model["answer"] == "candidates"
    said = {
        "config": dict(model),
        "marks": marks,
        "sizes": [_size(asked, marks) for asked in sizes],
        "weights": packed(tensors),
    }
    count = sum(tensor.size for key, tensor in tensors.items() if not key.endswith("_start"))
    title = "A tiny model solves your Sudoku"
    how = (
        "It keeps pencil marks: it strikes candidates that it finds dead, pins what it is sure of and a guess, and takes all "
        "back where it sees a contradiction."
        if marks
        else "It writes all cells at once, then reads its own answer again and mends it, step by step."
    )
    parts = {
        "title": title,
        "lead": f"{count:,} numbers, thinking in your browser: nothing is sent anywhere. {how}",
        "about": html.escape(
            f"The model {name}, made by \u201cpython -m trm_core page {name}\u201d. A link to this page can bring a puzzle: "
            "#puzzle=53..7....&go=1 behind its address."
        ),
        "style": _text("page.css")
        .replace("{{light}}", variables(LIGHT))
        .replace("{{dark}}", variables(DARK)),
        "weights": json.dumps(said).replace("</", "<\\/"),
        "runtime": runtime(),
        "script": _text("page.js"),
    }
    page = _text("page.html")
    for part, words in parts.items():
        page = page.replace("{{" + part + "}}", words)
    return page


def packed(tensors: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Weights as JSON: names and shapes, and all numbers as halves in base64."""
    halves = [tensor.astype("<f2") for tensor in tensors.values()]
    data = base64.b64encode(b"".join(half.tobytes() for half in halves)).decode()
    return {"shapes": [(key, tensor.shape) for key, tensor in tensors.items()], "data": data}


def _size(asked: Domain, marks: bool) -> dict[str, Any]:
    """A size, and an example of it: of the hardest kind where a model with pencil marks is asked."""
    kind = asked.maker.difficulties[-1] if marks else asked.maker.usual
    puzzle = asked.maker.generate(visitor_rng(EXAMPLE), kind)
    return {
        "n": asked.rows,
        "rows": asked.drawing.box_rows,
        "cols": asked.drawing.box_cols,
        "example": asked.format(puzzle.question_RC).replace("\n", ""),
    }


def runtime() -> str:
    """The forward pass, as a script."""
    return _text("runtime.js")


def variables(colours: Theme) -> str:
    """The colours as variables of a style sheet: `--given-ground: #ECEEF2;` and so on."""
    return " ".join(
        f"--{key.replace('_', '-')}: {value};" for key, value in asdict(colours).items()
    )


def _text(name: str) -> str:
    return (_PARTS / name).read_text()
