"""What more thinking buys: accuracy measured on many puzzles, against depth and against votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.theme import Theme, plain_layout, theme

HEIGHT = 280  # pixels
KINDS = {
    "depth": "supervision steps it may take",
    "votes": "ways each puzzle is asked",
}
_WAYS = {"depth": "thinking longer", "votes": "asked several ways"}


def accuracy_figure(
    curves: Mapping[str, Any], kind: str, *, dark: bool = False, steps: int = 0
) -> go.Figure:
    """The curve of that kind ("depth", "votes") in a file that `evaluate --curves` wrote.

    A band around the line is its 95 % interval. With `steps`, frames move a marker along the curve
    of depths, up to so many steps.
    """
    colours = theme(dark)
    points = curves[kind]["points"]
    layout = share_layout(colours, [point["at"] for point in points], KINDS[kind])
    lines = _lines(points, colours)
    if not steps:
        return go.Figure({"data": lines, "layout": layout})
    layout["meta"] = {"moments": list(range(steps + 1))}
    marker = {
        "type": "scatter",
        "mode": "lines+markers",
        "line": {"color": colours.cursor, "width": 1},
        "marker": {"size": [0, 11], "color": colours.cursor},
        "hoverinfo": "skip",
    }
    frames = [
        {"name": f"step {step}", "traces": [len(lines)], "data": [_marker(points, step)]}
        for step in range(steps + 1)
    ]
    return go.Figure(
        {"data": [*lines, marker | _marker(points, 0)], "layout": layout, "frames": frames}
    )


def work_figure(measured: Sequence[Mapping[str, Any]], *, dark: bool = False) -> go.Figure:
    """What several models solve of one set against the work it takes: the steps spent on a puzzle, on
    average, whether one solve goes on for longer or several are asked. `measured` are files as for
    `accuracy_figure`; the first model's lines are in colour."""
    colours = theme(dark)
    traces, labels = [], []
    for number, curves in enumerate(measured):
        for kind, dash in (("depth", "solid"), ("votes", "dot")):
            if kind not in curves:
                continue
            points = curves[kind]["points"]
            x, y = ([p[name] for p in points] for name in ("spent", "solved"))
            colour = colours.soft_ink if number else colours.right
            words = f"{curves['checkpoint']}, {_WAYS[kind]}"
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "x": x,
                    "y": [100 * share for share in y],
                    "line": {"color": colour, "width": 2.5 - bool(number), "dash": dash},
                    "marker": {"size": 5},
                    "customdata": [point["at"] for point in points],
                    "hovertemplate": f"{words}, %{{customdata}}: %{{y:.1f}} % solved for %{{x:.1f}} "
                    "steps a puzzle<extra></extra>",
                }
            )
            # Where both ways end at one height, the second name stands under its line.
            ends = [
                curves[each]["points"][-1]["solved"]
                for each in ("depth", "votes")
                if each in curves
            ]
            below = kind == "votes" and max(ends) - min(ends) < 0.1
            labels.append((x[-1], 100 * y[-1], words, colour, below))
    ticks = [2**k for k in range(int(np.ceil(np.log2(max(x for x, *_ in labels)))) + 1)]
    layout = share_layout(colours, ticks, "supervision steps spent on a puzzle, on average")
    layout["annotations"] = [
        {
            "x": float(np.log10(x)),
            "y": y,
            "text": words,
            "font": {"size": 12, "color": colour},
            "showarrow": False,
            "xanchor": "right",
            "yanchor": "top" if below else "bottom",
            "yshift": -14 if below else 4,
        }
        for x, y, words, colour, below in labels
    ]
    return go.Figure({"data": traces, "layout": layout})


def share_layout(colours: Theme, ticks: Sequence[float], title: str) -> dict[str, Any]:
    """Shares in percent over a logarithmic axis with these ticks."""
    quarters = [0, 25, 50, 75, 100]
    return plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 52, "r": 24, "t": 12, "b": 48},
        "showlegend": False,
        "xaxis": {
            "type": "log",
            "range": [np.log10(ticks[0]) - 0.06, np.log10(ticks[-1]) + 0.06],
            "tickvals": list(ticks),
            "ticktext": [str(tick) for tick in ticks],
            "tickangle": 0,
            "title": {"text": title, "font": {"size": 13, "color": colours.soft_ink}},
            "tickfont": {"color": colours.soft_ink},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        "yaxis": {
            "range": [0, 108],
            "tickvals": quarters,
            "ticktext": [f"{share} %" for share in quarters],
            "tickfont": {"color": colours.soft_ink},
            "gridcolor": colours.thin_line,
            "zeroline": False,
            "fixedrange": True,
        },
    }


def _marker(points: list[dict[str, float]], step: int) -> dict[str, Any]:
    """The place of a depth on the curve, between two that were measured on the log axis's line."""
    if not step:
        return {"x": [], "y": []}
    at = [point["at"] for point in points]
    here = min(step, at[-1])
    share = np.interp(np.log(here), np.log(at), [100 * point["solved"] for point in points])
    return {"x": [here, here], "y": [0, float(share)]}


def _lines(points: list[dict[str, float]], colours: Theme) -> list[dict[str, Any]]:
    """The 95 % band and, over it, the line of what is solved with its values written beside the
    points; dotted, where it differs, the line of what is exactly the answer expected."""
    at = [point["at"] for point in points]
    solved, exact = ([100 * point[name] for point in points] for name in ("solved", "exact"))
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": at + at[::-1],
        "y": [100 * p["high"] for p in points] + [100 * p["low"] for p in points[::-1]],
        "fill": "toself",
        "line": {"width": 0, "color": colours.right},
        "opacity": 0.25,
        "hoverinfo": "skip",
    }
    line = {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": at,
        "y": solved,
        "text": [f"{share:.0f}" for share in solved],
        "textposition": "top center",
        "textfont": {"size": 12, "color": colours.ink},
        "cliponaxis": False,
        "line": {"color": colours.right, "width": 2.5},
        "marker": {"size": 6},
        "customdata": [[100 * p["low"], 100 * p["high"]] for p in points],
        "hovertemplate": "%{y:.1f} % solved at %{x}<br>95 % interval %{customdata[0]:.1f} to "
        "%{customdata[1]:.1f} %<extra></extra>",
    }
    if exact == solved:
        return [band, line]
    same = {
        "type": "scatter",
        "mode": "lines",
        "x": at,
        "y": exact,
        "line": {"color": colours.soft_ink, "width": 1.5, "dash": "dot"},
        "hovertemplate": "%{y:.1f} % exactly the answer expected at %{x}<extra></extra>",
    }
    return [band, same, line]
