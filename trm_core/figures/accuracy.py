"""What more thinking buys: accuracy measured on many puzzles, against depth and against votes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from trm_core.figures.theme import FONT, Theme, theme

HEIGHT = 300  # pixels
_PANELS = {
    "depth": "supervision steps it may take",
    "votes": "ways each puzzle is asked",
}


def accuracy_figure(curves: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """One panel for each curve in a file that `evaluate --curves` wrote, side by side.

    A band around the line is its 95 % interval.
    """
    colours = theme(dark)
    kinds = [kind for kind in _PANELS if kind in curves]
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "height": HEIGHT,
        "margin": {"l": 44, "r": 16, "t": 12, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "color": colours.ink, "size": 13},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"font": {"family": FONT, "size": 14}},
    }
    for i, kind in enumerate(kinds):
        points = curves[kind]["points"]
        suffix = "" if i == 0 else str(i + 1)
        data += _lines(points, suffix, colours)
        start, width = i / len(kinds), 1 / len(kinds)
        layout[f"xaxis{suffix}"] = {
            "domain": [start + (0.04 if i else 0), start + width - (0 if i else 0.04)],
            "anchor": f"y{suffix}",
            "type": "log",
            "tickvals": [point["at"] for point in points],
            "ticktext": [str(point["at"]) for point in points],
            "title": {"text": _PANELS[kind], "font": {"color": colours.soft_ink}},
            "tickfont": {"color": colours.soft_ink},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        }
        layout[f"yaxis{suffix}"] = {
            "anchor": f"x{suffix}",
            "range": [0, 108],
            "tickvals": [0, 25, 50, 75, 100],
            "ticksuffix": " %",
            "tickfont": {"color": colours.soft_ink},
            "gridcolor": colours.thin_line,
            "zeroline": False,
            "fixedrange": True,
        }
    return go.Figure({"data": data, "layout": layout})


def _lines(points: list[dict[str, float]], suffix: str, colours: Theme) -> list[dict[str, Any]]:
    """The 95 % band and, over it, the line with its values written beside the points."""
    at = [point["at"] for point in points]
    exact = [100 * point["exact"] for point in points]
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    band = axes | {
        "type": "scatter",
        "mode": "lines",
        "x": at + at[::-1],
        "y": [100 * p["high"] for p in points] + [100 * p["low"] for p in points[::-1]],
        "fill": "toself",
        "line": {"width": 0, "color": colours.right},
        "opacity": 0.25,
        "hoverinfo": "skip",
    }
    line = axes | {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": at,
        "y": exact,
        "text": [f"{share:.1f}" for share in exact],
        "textposition": "top center",
        "textfont": {"size": 12, "color": colours.ink},
        "cliponaxis": False,
        "line": {"color": colours.right, "width": 2.5},
        "marker": {"size": 6},
        "customdata": [[100 * p["low"], 100 * p["high"]] for p in points],
        "hovertemplate": "%{y:.1f} % solved at %{x}<br>95 % interval %{customdata[0]:.1f} to "
        "%{customdata[1]:.1f} %<extra></extra>",
    }
    return [band, line]
