"""Shares in percent as lines: of puzzles solved, of boards healed, of words that were true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.theme import Theme, plain_layout, theme

HEIGHT = 320  # pixels
QUARTERS = [0, 25, 50, 75, 100]
PERCENT = [f"{share} %" for share in QUARTERS]


def shares_figure(
    lines: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    title: str,
    *,
    dark: bool = False,
    log: bool = False,
    diagonal: bool = False,
    ordered: bool = False,
    up: str = "",
    at: float | None = None,
    points: Sequence[tuple[str, float, float]] = (),
) -> go.Figure:
    """Lines of shares, each (name, x, share of 0 to 1), over an axis of that title, `up` being what the shares
    are of; each is named in the legend.

    With a `diagonal`, x is a share too, and a dotted line says where both are equal; `ordered` lines go
    from pale to strong; a line stands `at` a place on the x axis; `points`, (name, x, share), are marked.
    """
    colours = theme(dark)
    scale = 100 if diagonal else 1
    traces: list[dict[str, Any]] = [
        _line(name, [scale * float(x) for x in xs], shares, look)
        for (name, xs, shares), look in zip(
            lines, _looks(len(lines), ordered, colours), strict=True
        )
    ]
    if diagonal:
        equal = {"color": colours.soft_ink, "width": 1, "dash": "dot"}
        ends = {"x": [0, 100], "y": [0, 100], "line": equal, "name": "as often as it says"}
        traces.append({"type": "scatter", "mode": "lines", "hoverinfo": "skip", **ends})
    for name, x, share in points:
        mark = {"symbol": "diamond", "size": 13, "color": colours.changed}
        mark["line"] = {"color": colours.ink, "width": 1}
        place = {"x": [float(x)], "y": [100 * share], "marker": mark, "name": name}
        traces.append(
            {"type": "scatter", "mode": "markers", "hovertemplate": f"{name}<extra></extra>"}
            | place
        )
    every = [x for trace in traces for x in trace["x"]]
    layout = plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 56, "r": 16, "t": 8, "b": 48},
        "legend": top_legend(colours),
        "xaxis": _across(title, every, log, diagonal, colours),
        "yaxis": share_axis(up, colours),
        "shapes": [] if at is None else [_mark(at, colours)],
    }
    return go.Figure({"data": traces, "layout": layout})


def bars_figure(values: Mapping[str, float], *, unit: str = "", dark: bool = False) -> go.Figure:
    """Named numbers as bars, one under the other, each with its number behind it."""
    colours = theme(dark)
    names = list(values)
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": [float(values[name]) for name in names],
        "text": [f"{values[name]:.0f}{unit}" for name in names],
        "textposition": "outside",
        "textfont": {"color": colours.ink, "size": 13},
        "cliponaxis": False,
        "marker": {"color": colours.guess},
        "hoverinfo": "skip",
    }
    most = max(values.values())
    layout = plain_layout(colours) | {
        "height": 44 + 34 * len(names),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "bargap": 0.35,
        "xaxis": {"visible": False, "range": [0, 1.12 * most], "fixedrange": True},
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
            "tickfont": {"size": 13, "color": colours.ink},
        },
    }
    return go.Figure({"data": [bars], "layout": layout})


def _looks(count: int, ordered: bool, colours: Theme) -> list[dict[str, Any]]:
    """Colour, width and dash of every line. Those behind are wider, so that equal lines can all be seen."""
    if ordered:
        strength = np.linspace(0.3, 1.0, count) if count > 1 else [1.0]
        return [{"color": colours.guess, "width": 2.5, "opacity": float(s)} for s in strength]
    palette = (colours.guess, colours.wrong, colours.right, colours.halting, colours.latent)
    return [
        {
            "color": palette[i % len(palette)],
            "width": 2.5 + 1.8 * (count - 1 - i),
            "dash": ("solid", "dash", "dot", "dashdot", "longdash")[i % 5],
        }
        for i in range(count)
    ]


def _line(
    name: str, xs: list[float], shares: Sequence[float], look: Mapping[str, Any]
) -> dict[str, Any]:
    line = {key: value for key, value in look.items() if key != "opacity"}
    marked = len(xs) <= 16
    return {
        "type": "scatter",
        "mode": "lines+markers" if marked else "lines",
        "name": name,
        "x": xs,
        "y": [100 * share for share in shares],
        "line": line,
        "marker": {"size": 7},
        "opacity": look.get("opacity", 1),
        "hovertemplate": f"{name}: %{{y:.0f}} % at %{{x:.3g}}<extra></extra>",
    }


def top_legend(colours: Theme) -> dict[str, Any]:
    """A legend over the plot, as wide as it, which a narrow screen breaks into lines."""
    return {
        "orientation": "h",
        "x": 0,
        "y": 1.02,
        "yanchor": "bottom",
        "font": {"size": 13, "color": colours.ink},
        "bgcolor": "rgba(0,0,0,0)",
        "itemclick": False,
        "itemdoubleclick": False,
    }


def share_axis(title: str, colours: Theme) -> dict[str, Any]:
    """The axis of shares in percent."""
    return {
        "title": {"text": title, "font": {"size": 13, "color": colours.soft_ink}},
        "range": [-4, 106],
        "tickvals": QUARTERS,
        "ticktext": PERCENT,
        "tickfont": {"color": colours.soft_ink},
        "gridcolor": colours.thin_line,
        "zeroline": False,
        "fixedrange": True,
    }


def _across(
    title: str, every: Sequence[float], log: bool, diagonal: bool, colours: Theme
) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "title": {"text": title, "font": {"size": 13, "color": colours.soft_ink}},
        "tickfont": {"color": colours.soft_ink},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    if diagonal:
        return axis | {"range": [-3, 103], "tickvals": QUARTERS, "ticktext": PERCENT}
    low, high = min(every, default=1), max(every, default=1)
    if log:
        ticks = [2**k for k in range(int(np.log2(max(1, high))) + 1)]
        axis |= {"type": "log", "tickvals": ticks, "ticktext": [str(tick) for tick in ticks]}
        return axis | {"range": [np.log10(low) - 0.06, np.log10(high) + 0.06]}
    room = 0.03 * (high - low)
    axis |= {"range": [low - room, high + room]}
    ticks = sorted(set(every))
    close = any(b - a < 0.05 * (high - low) for a, b in pairwise(ticks))
    return axis if close else axis | {"tickvals": ticks}


def _mark(at: float, colours: Theme) -> dict[str, Any]:
    return {
        "type": "line",
        **dict(x0=at, x1=at, y0=0, y1=1, yref="paper"),
        "line": {"color": colours.cursor, "width": 1.5, "dash": "dot"},
    }


def empty_figure(like: go.Figure) -> go.Figure:
    """A figure as high as another, and with nothing on it."""
    bare = {"visible": False, "fixedrange": True}
    clear = dict.fromkeys(("paper_bgcolor", "plot_bgcolor"), "rgba(0,0,0,0)")
    layout = {"height": like.layout.height, "xaxis": bare, "yaxis": bare}
    return go.Figure(layout=layout | clear)
