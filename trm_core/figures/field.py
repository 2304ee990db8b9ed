"""A map of the field: what models solve of the hardest Sudokus against how large they are, and against the work that
one puzzle takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from trm_core.figures.accuracy import share_layout
from trm_core.figures.theme import theme

AXES = {
    "parameters": "numbers in the model",
    "operations": "floating-point operations a puzzle",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a model stands; shares in 0..1."""

    model: str
    solved: float
    source: str  # who says so, of which puzzles
    parameters: float | None = None
    operations: float | None = None
    interval: tuple[float, float] | None = None  # 95 %, of what we measured ourselves


def field_figure(places: Sequence[Place], axis: str, *, dark: bool = False) -> go.Figure:
    """Those places of which the `axis` (one of `AXES`) is known, on a logarithmic one. Measured here: in colour, with
    the interval; places of one model are joined by a line, in their order. Cited: hollow."""
    colours = theme(dark)
    known = [place for place in places if getattr(place, axis) is not None]
    most = max(getattr(place, axis) for place in known)
    traces: list[dict[str, Any]] = []
    for name in dict.fromkeys(place.model for place in known):
        found = [place for place in known if place.model == name]
        last, own = found[-1], found[-1].interval is not None
        colour = colours.right if own else colours.soft_ink
        lows, highs = zip(*(p.interval or (p.solved, p.solved) for p in found), strict=True)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers+text" if len(found) > 1 else "markers+text",
                "x": [getattr(place, axis) for place in found],
                "y": [100 * place.solved for place in found],
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [100 * (h - p.solved) for h, p in zip(highs, found, strict=True)],
                    "arrayminus": [
                        100 * (p.solved - low) for low, p in zip(lows, found, strict=True)
                    ],
                    "color": colour,
                    "thickness": 1.2,
                    "width": 3,
                    "visible": own,
                },
                "text": [""] * (len(found) - 1) + [name if own else f" {name} "],
                "textposition": "top center" if own else _beside(last, axis, most),
                "textfont": {"size": 12, "color": colour},
                "cliponaxis": False,
                "line": {"color": colour, "width": 2},
                "marker": {
                    "size": 8 if own else 9,
                    "color": colour,
                    "symbol": "circle" if own else "circle-open",
                },
                "customdata": [place.source for place in found],
                "hovertemplate": f"{name}: %{{y:.1f}} % for %{{x:.3s}}<br>%{{customdata}}<extra></extra>",
            }
        )
    values = [getattr(place, axis) for place in known]
    layout = share_layout(colours, [min(values) / 2, 2 * max(values)], AXES[axis])
    powers = {"tickvals": None, "ticktext": None, "dtick": 1, "tickformat": "~s"}  # 10k, 1M, 1G
    layout["xaxis"] |= powers
    layout["yaxis"]["range"] = [-8, 112]  # nothing stands on the edge
    return go.Figure({"data": traces, "layout": layout})


def _beside(place: Place, axis: str, most: float) -> str:
    """On which side of a place its name has room."""
    return "top left" if getattr(place, axis) > most / 5 else "middle right"
