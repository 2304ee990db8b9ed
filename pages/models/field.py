"""The field: what others have published, and what the bundled models solve, in one table."""

from __future__ import annotations

from pages.models.known import share_of, size_of
from trm_core.domains import in_words
from trm_core.record import published
from trm_core.record.published import ARC_1, MAZE, SUDOKU

OTHERS = {
    "TRM, mixing cells by an MLP": published.TRM_MLP,
    "TRM, mixing cells by attention": published.TRM_ATTENTION,
    "HRM: two networks, its ancestor": published.HRM,
    "o3-mini-high: a language model": published.O3_MINI,
    "DeepSeek-R1: a language model": published.DEEPSEEK,
}
OURS = {  # by words: the checkpoint, and which kind of puzzle of its card stands for which set
    "ours: sudoku-9x9": ("sudoku-9x9", {SUDOKU: "extreme"}),
    "ours: maze-hard-small": ("maze-hard-small", {MAZE: "hard"}),
    "ours, with pencil marks: sudoku-marks": ("sudoku-marks", {SUDOKU: "extreme"}),
}


def field_table() -> dict[str, list[str]]:
    """A row for each model, a column for each set."""
    table: dict[str, list[str]] = {
        "": [*OTHERS, *OURS],
        "Numbers in the model": [
            *(_size(model) for model in OTHERS.values()),
            *(size_of(name) for name, _ in OURS.values()),
        ],
    }
    for chosen in (SUDOKU, MAZE, ARC_1):
        table[chosen] = [
            *(published.said(model, chosen) for model in OTHERS.values()),
            *(
                share_of(name, kinds[chosen]) if chosen in kinds else "–"
                for name, kinds in OURS.values()
            ),
        ]
    return table


def _size(model: str) -> str:
    try:
        return in_words(published.parameters(model))
    except KeyError:
        return "–"
