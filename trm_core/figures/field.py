"""A map of the field: what models solve of the hardest Sudokus against how large they are, and against the work that
one puzzle takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from trm_core.figures.theme import plain_layout, theme

HEIGHT = 300  # pixels
AXES = {
    "parameters": "numbers in the model",
    "operations": "floating-point operations a puzzle",
}
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


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
    ticks = [10.0**k for k in range(3, 14) if min(values) / 4 <= 10.0**k <= max(values) * 4]
    layout = plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 52, "r": 28, "t": 22, "b": 48},
        "showlegend": False,
        "xaxis": {
            "type": "log",
            "tickvals": ticks,
            "ticktext": [_in_short(tick) for tick in ticks],
            "title": {"text": AXES[axis], "font": {"size": 13, "color": colours.soft_ink}},
            "tickfont": {"color": colours.soft_ink},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        "yaxis": {
            "range": [-8, 112],
            "tickvals": [0, 25, 50, 75, 100],
            "ticktext": [f"{share} %" for share in (0, 25, 50, 75, 100)],
            "tickfont": {"color": colours.soft_ink},
            "gridcolor": colours.thin_line,
            "zeroline": False,
            "fixedrange": True,
        },
    }
    return go.Figure({"data": traces, "layout": layout})


def _beside(place: Place, axis: str, most: float) -> str:
    """On which side of a place its name has room."""
    return "middle left" if getattr(place, axis) > most / 5 else "middle right"


def _in_short(value: float) -> str:
    size, prefix = next((pair for pair in _PREFIXES if value >= pair[0]), (1.0, ""))
    return f"{value / size:g}{prefix}"
