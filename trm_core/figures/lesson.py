"""The lesson's own figures: the loop with a moving arrow, models drawn to scale, a map of starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.shares import top_legend
from trm_core.figures.solve import moments
from trm_core.figures.theme import FONT, plain_layout, theme
from trm_core.record.trace import Trace

HEIGHT = 300  # pixels


def loop_figure(trace: Trace, *, dark: bool = False) -> go.Figure:
    """The recursion as a small diagram; in every frame of the clock "calls" the arrow is lit that the
    network went last, and the three clocks say where they stand."""
    colours = theme(dark)
    calls = trace.latent_updates + 1
    boxes = {
        "x": (0.0, "<b>x</b><br>question"),
        "z": (1.0, "<b>z</b><br>scratchpad"),
        "y": (2.0, "<b>y</b><br>answer"),
    }
    layout = plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": False,
        "xaxis": {"visible": False, "range": [-0.5, 2.5], "fixedrange": True},
        "yaxis": {"visible": False, "range": [-1.2, 0.95], "fixedrange": True},
        "shapes": [
            {
                "type": "rect",
                **dict(x0=at - 0.36, x1=at + 0.36, y0=-0.25, y1=0.25),
                "line": {"color": colours.line, "width": 1.5},
                "fillcolor": colours.given_ground,
                "layer": "below",
            }
            for at, _ in boxes.values()
        ],
        "annotations": [
            {
                "x": at,
                "y": 0,
                "text": words,
                "showarrow": False,
                "font": {"size": 13, "color": colours.ink, "family": FONT},
            }
            for at, words in boxes.values()
        ],
        "meta": {"moments": moments(trace, "calls")},
    }
    # z <- net(x + y + z) reads all three, y <- net(y + z) two of them.
    around, given, back = (
        _arc(0.8, 1.2, 0.27, 0.78),
        _arc(0.38, 0.62, 0.0, 0.0),
        _arc(1.9, 1.2, -0.27, -0.53),
    )
    think = _joined(around, given, back)
    write = _joined(_arc(1.38, 1.62, 0.0, 0.0), _arc(1.8, 2.2, 0.27, 0.78))
    lit = {"x": [], "y": []}
    still = [_path(part, colours.thin_line, 3) for part in (think, write)]
    moving = [
        _path(lit, colours.changed, 6),
        {
            "type": "scatter",
            "mode": "text",
            "x": [1.0],
            "y": [-0.85],
            "textfont": {"size": 15, "color": colours.ink, "family": FONT},
            "hoverinfo": "skip",
            "text": [_clock_words(trace, 0)],
        },
    ]
    frames = []
    for tick in range(len(trace.residual_K) + 1):
        writes = tick > 0 and (tick - 1) % calls == calls - 1
        path = lit if tick == 0 else write if writes else think
        frames.append(
            {
                "name": f"call {tick}",
                "traces": [2, 3],
                "data": [{"x": path["x"], "y": path["y"]}, {"text": [_clock_words(trace, tick)]}],
            }
        )
    return go.Figure({"data": [*still, *moving], "layout": layout, "frames": frames})


def _clock_words(trace: Trace, tick: int) -> str:
    if tick == 0:
        return "nothing thought, nothing written yet"
    calls = trace.latent_updates + 1
    cycle, call = divmod(tick - 1, calls)
    step, cycle = divmod(cycle, trace.cycles)
    does = "writes: y ← f(y + z)" if call == calls - 1 else "thinks: z ← f(x + y + z)"
    number, of = cycle * calls + call + 1, calls * trace.cycles
    return (
        f"step {step + 1} · cycle {cycle + 1} of {trace.cycles} · call {number} of {of}<br>{does}"
    )


def _arc(left: float, right: float, foot: float, top: float) -> dict[str, list[float]]:
    """A line that goes from left to right, over an arch, with an arrow's head."""
    t = np.linspace(0, np.pi, 30)
    x = (left + right) / 2 - (right - left) / 2 * np.cos(t)
    y = foot + (top - foot) * np.sin(t)
    direction = np.array([x[-1] - x[-3], y[-1] - y[-3]])
    direction = direction / np.linalg.norm(direction)
    side = np.array([-direction[1], direction[0]])
    tip = np.array([x[-1], y[-1]])
    ends = [tip - 0.09 * direction + s * 0.05 * side for s in (1, -1)]
    xs = [*x, *(point[0] for point in (ends[0], tip, ends[1]))]
    ys = [*y, *(point[1] for point in (ends[0], tip, ends[1]))]
    return {"x": [float(v) for v in xs], "y": [float(v) for v in ys]}


def _joined(*paths: Mapping[str, list[float]]) -> dict[str, list[float | None]]:
    """Several lines as one, with gaps between."""
    return {axis: [v for path in paths for v in (*path[axis], None)] for axis in ("x", "y")}


def _path(points: Mapping[str, list[float]], colour: str, width: float) -> dict[str, Any]:
    line = {"color": colour, "width": width}
    return {"type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip", **points}


SEEN = (
    0.02  # side of a square, as a share of the largest one's, from which on it can be seen as one
)


def sizes_figure(groups: Sequence[Mapping[str, float]], *, dark: bool = False) -> go.Figure:
    """Numbers in each model as squares of that area, a row for each group, drawn to the scale of its largest;
    a dot stands where one is too small to be seen."""
    colours = theme(dark)
    shapes, words, dots = [], [], []
    for row, sizes in enumerate(groups):
        largest = max(sizes.values())
        at, foot = 0.0, -1.45 * row
        for name, count in sorted(sizes.items(), key=lambda each: each[1]):
            side = float(np.sqrt(count / largest))
            if side < SEEN:
                dots.append((at, foot))
            else:
                shapes.append(
                    {
                        "type": "rect",
                        **dict(x0=at, x1=at + side, y0=foot, y1=foot + side),
                        "fillcolor": colours.guess,
                        "line": {"width": 0},
                    }
                )
            words.append((at, foot, f"{name}<br>{_count(count)}"))
            at += max(side, 0.75) + 0.1
    layout = plain_layout(colours) | {
        "height": 210 * len(groups),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": False,
        "shapes": shapes,
        "xaxis": {"visible": False, "range": [-0.05, 3.9], "fixedrange": True},
        "yaxis": {
            "visible": False,
            "range": [-1.45 * len(groups) + 1.0, 1.05],
            "fixedrange": True,
            "scaleanchor": "x",
        },
        "annotations": [
            {
                "x": x,
                "y": y,
                "yshift": -22,
                "xanchor": "left",
                "align": "left",
                "text": text,
                "showarrow": False,
                "font": {"size": 12, "color": colours.ink},
            }
            for x, y, text in words
        ],
    }
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in dots],
        "y": [y + 0.02 for _, y in dots],
        "marker": {"size": 4, "color": colours.guess},
        "hoverinfo": "skip",
    }
    return go.Figure({"data": [marks], "layout": layout})


def _count(count: float) -> str:
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count:,.0f}"


def basins_figure(end_GG: np.ndarray, at_G: np.ndarray, *, dark: bool = False) -> go.Figure:
    """A plane of starts coloured by where each leads: to the solution (0), or to one of the other boards
    (1, 2, ...), the commonest first; -1 is not known yet. A cross is the usual start."""
    colours = theme(dark)
    most = 4  # other boards that get a shade of their own
    kinds = np.minimum(end_GG, most)
    shades = [colours.right, colours.wrong, colours.changed, colours.halting, colours.thin_line]
    names = [
        "solved",
        "the commonest wrong board",
        "the 2nd commonest",
        "the 3rd",
        "any other board",
    ]
    scale = [[edge, c] for i, c in enumerate(shades) for edge in (i / 5, (i + 1) / 5)]
    known = [[None if end < 0 else int(end) for end in row] for row in kinds]
    heat = {
        "type": "heatmap",
        "x": at_G,
        "y": at_G,
        "z": known,
        "zmin": -0.5,
        "zmax": most + 0.5,
        "colorscale": scale,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "start moved by %{x:.1f} and %{y:.1f}<extra></extra>",
    }
    keys = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": name,
            "marker": {"symbol": "square", "size": 12, "color": shade},
        }
        for name, shade in zip(names, shades, strict=True)
    ]
    usual = {
        "type": "scatter",
        "mode": "markers",
        "x": [0],
        "y": [0],
        "name": "the usual start",
        "marker": {
            "symbol": "x",
            "size": 11,
            "color": colours.page,
            "line": {"color": colours.ink, "width": 1.5},
        },
        "hovertemplate": "the usual start<extra></extra>",
    }
    bare = {"fixedrange": True, "zeroline": False, "showgrid": False, "constrain": "domain"}
    bare |= {"tickfont": {"color": colours.soft_ink}}
    layout = plain_layout(colours) | {
        "height": HEIGHT + 120,
        "margin": {"l": 48, "r": 16, "t": 8, "b": 48},
        "legend": top_legend(colours),
        "xaxis": bare | {"title": {"text": "moved along one direction of z", "font": {"size": 13}}},
        "yaxis": bare
        | {"title": {"text": "along another", "font": {"size": 13}}, "scaleanchor": "x"},
    }
    return go.Figure({"data": [heat, *keys, usual], "layout": layout})
