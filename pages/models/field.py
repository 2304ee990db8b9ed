"""The field: what others have published, and what the bundled models solve, in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages.models.known import share_of, size_of
from trm_core.domains import counted, in_words
from trm_core.figures.field import Place
from trm_core.record import published
from trm_core.record.published import ARC_1, MAZE, SUDOKU
from trm_core.weights.card import bundled, parameter_count

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


def field_places(compared: Sequence[Mapping[str, Any]]) -> list[Place]:
    """What others publish on Sudoku-Extreme, and what ours do by the curves that `evaluate --curves` wrote: of each
    the points at growing depth."""
    places = [
        Place(
            model=found.model,
            solved=found.percent / 100,
            source=found.source,
            parameters=found.parameters,
            operations=found.operations,
        )
        for found in published.PUBLISHED
        if found.set == SUDOKU and found.parameters is not None
    ]
    for curves in compared:
        points, size = curves["depth"]["points"], parameter_count(bundled()[curves["checkpoint"]])
        places += [
            Place(
                model=curves["checkpoint"],
                solved=point["solved"],
                source=f"{curves['set']}, up to {counted(point['at'], 'step')}",
                parameters=float(size) if point is points[-1] else None,
                operations=1e6 * curves["mflop"] * point["spent"],
                interval=(point["low"], point["high"]),
            )
            for point in points
        ]
    return places


def _size(model: str) -> str:
    try:
        return in_words(published.parameters(model))
    except KeyError:
        return "–"
