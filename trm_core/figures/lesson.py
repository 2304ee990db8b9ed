"""The lesson's own figures: the loop with a moving arrow, models drawn to scale, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.theme import FONT, Theme, plain_layout, theme
from trm_core.record.trace import Trace

HEIGHT = 300  # pixels
_QUARTERS = [0, 25, 50, 75, 100]
# A line's name stands behind its end, or over it where it is too long for that.
_SHORT = 16  # characters
_BEHIND = {"xanchor": "left", "xshift": 8}
_OVER = {"xanchor": "right", "yanchor": "bottom", "yshift": 3}
_PERCENT = [f"{share} %" for share in _QUARTERS]


def loop_figure(trace: Trace, *, dark: bool = False) -> go.Figure:
    """The recursion as a small diagram; in every frame of the clock "calls" the arrow is lit that the
    network went last, and the three clocks say where they stand."""
    colours = theme(dark)
    calls = trace.latent_updates + 1
    boxes = {
        "x": (0.0, "the question x"),
        "z": (1.0, "the scratchpad z"),
        "y": (2.0, "the answer y"),
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
                **dict(x0=at - 0.34, x1=at + 0.34, y0=-0.22, y1=0.22),
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
                "font": {"size": 14, "color": colours.ink, "family": FONT},
            }
            for at, words in boxes.values()
        ],
        "meta": {"moments": trace.moments("calls").tolist()},
    }
    around, given, back = (
        _arc(0.8, 1.2, 0.24, 0.75),
        _arc(0.38, 0.62, 0.0, 0.0),
        _arc(1.9, 1.2, -0.24, -0.5),
    )
    think, write = _joined(around, given, back), _arc(1.38, 1.62, 0.0, 0.0)
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
    does = "write: y ← net(y + z)" if call == calls - 1 else "think: z ← net(x + y + z)"
    return f"step {step + 1} · cycle {cycle + 1} of {trace.cycles} · call {call + 1} of {calls}<br>{does}"


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


def sizes_figure(sizes: Mapping[str, float], *, dark: bool = False) -> go.Figure:
    """Numbers in each model as squares of that area, all to one scale, smallest first; a dot stands where
    one is too small to be seen."""
    colours = theme(dark)
    sides = {name: np.sqrt(count) for name, count in sorted(sizes.items(), key=lambda e: e[1])}
    largest = max(sides.values())
    shapes, words, at = [], [], 0.0
    for name, side in sides.items():
        width = side / largest
        shapes.append(
            {
                "type": "rect",
                **dict(x0=at, x1=at + max(width, 0.002), y0=0, y1=max(width, 0.002)),
                "fillcolor": colours.guess,
                "line": {"width": 0},
            }
        )
        words.append((at + max(width, 0.002) / 2, name, sizes[name]))
        at += max(width, 0.3) + 0.05
    layout = plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 64},
        "showlegend": False,
        "shapes": shapes,
        "xaxis": {"visible": False, "range": [-0.12, at], "fixedrange": True},
        "yaxis": {"visible": False, "range": [0, 1.02], "fixedrange": True, "scaleanchor": "x"},
        "annotations": [
            {
                "x": x,
                "y": 0,
                "yshift": -26,
                "text": f"{name}<br>{_count(count)}",
                "showarrow": False,
                "font": {"size": 12, "color": colours.ink},
            }
            for x, name, count in words
        ],
    }
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, *_ in words],
        "y": [0.01] * len(words),
        "marker": {"size": 5, "color": colours.guess},
        "hoverinfo": "skip",
    }
    return go.Figure({"data": [dots], "layout": layout})


def _count(count: float) -> str:
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count:,.0f}"


def shares_figure(
    lines: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    title: str,
    *,
    dark: bool = False,
    log: bool = False,
    diagonal: bool = False,
) -> go.Figure:
    """Lines of shares, each (name, x, share of 0 to 1), over an axis of that title; each is named at its
    end. With a `diagonal`, x is a share too, and a line says where both are equal."""
    colours = theme(dark)
    palette = (colours.guess, colours.wrong, colours.right, colours.halting, colours.latent)
    every = [float(x) for _, xs, _ in lines for x in xs]
    axis: dict[str, Any] = {
        "title": {"text": title, "font": {"size": 13, "color": colours.soft_ink}},
        "tickfont": {"color": colours.soft_ink},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    if diagonal:
        axis |= {"range": [-3, 118], "tickvals": _QUARTERS, "ticktext": _PERCENT}
    elif log:
        ticks = sorted(set(every))
        axis |= {"type": "log", "tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]}
        axis |= {"range": [np.log10(min(every)) - 0.06, np.log10(max(every)) + 0.35]}
    else:
        axis |= {"range": [min(every), max(every) + 0.28 * (max(every) - min(every))]}
        axis |= {"tickvals": sorted(set(every))}
    scale = 100 if diagonal else 1
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [scale * float(x) for x in xs],
            "y": [100 * share for share in shares],
            "line": {"color": palette[i % len(palette)], "width": 2.5},
            "marker": {"size": 7},
            "hovertemplate": f"{name}: %{{y:.0f}} % at %{{x}}<extra></extra>",
        }
        for i, (name, xs, shares) in enumerate(lines)
    ]
    if diagonal:
        equal = {"color": colours.soft_ink, "width": 1, "dash": "dot"}
        ends = {"x": [0, 100], "y": [0, 100], "line": equal}
        traces.append({"type": "scatter", "mode": "lines", "hoverinfo": "skip", **ends})
    layout = plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 52, "r": 16, "t": 12, "b": 48},
        "showlegend": False,
        "xaxis": axis,
        "yaxis": {
            "range": [-4, 108],
            "tickvals": _QUARTERS,
            "ticktext": _PERCENT,
            "tickfont": {"color": colours.soft_ink},
            "gridcolor": colours.thin_line,
            "zeroline": False,
            "fixedrange": True,
        },
        "annotations": _names(lines, traces, log, colours),
    }
    return go.Figure({"data": traces, "layout": layout})


def _names(
    lines: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    traces: Sequence[Mapping[str, Any]],
    log: bool,
    colours: Theme,
) -> list[dict[str, Any]]:
    """Each line's name at its end, moved apart where several end at one height."""
    order = sorted(range(len(lines)), key=lambda i: traces[i]["y"][-1])
    taken, found = -20.0, []
    for i in order:
        height = max(traces[i]["y"][-1], taken + 9)
        taken = height
        x = traces[i]["x"][-1]
        found.append(
            {
                "x": np.log10(x) if log else x,
                "y": height,
                "text": lines[i][0],
                **(_OVER if len(lines[i][0]) > _SHORT else _BEHIND),
                "showarrow": False,
                "font": {"size": 13, "color": traces[i]["line"]["color"]},
            }
        )
    over = max(0.0, taken - 104)
    return [label | {"y": label["y"] - over} for label in found]


def basins_figure(end_GG: np.ndarray, at_G: np.ndarray, *, dark: bool = False) -> go.Figure:
    """A plane of starts coloured by where each leads: to the solution (0), or to one of the other boards
    (1, 2, ...), the commonest first. A cross is the usual start."""
    colours = theme(dark)
    most = 4  # other boards that get a shade of their own
    kinds = np.minimum(end_GG, most)
    shades = [colours.right, colours.wrong, colours.changed, colours.halting, colours.latent]
    names = ["solved", "the commonest wrong board", "the next", "the third", "another board"]
    scale = [[edge, c] for i, c in enumerate(shades) for edge in (i / 5, (i + 1) / 5)]
    heat = {
        "type": "heatmap",
        "x": at_G,
        "y": at_G,
        "z": kinds.astype(np.uint8),
        "zmin": -0.5,
        "zmax": most + 0.5,
        "colorscale": scale,
        "colorbar": {
            "tickvals": list(range(most + 1)),
            "ticktext": names,
            "tickfont": {"color": colours.soft_ink},
            "outlinewidth": 0,
            "thickness": 14,
        },
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "start moved by %{x:.1f} and %{y:.1f}<extra></extra>",
    }
    usual = {
        "type": "scatter",
        "mode": "markers",
        "x": [0],
        "y": [0],
        "marker": {"symbol": "x", "size": 11, "color": colours.page},
        "hovertemplate": "the usual start<extra></extra>",
    }
    bare = {"fixedrange": True, "zeroline": False, "showgrid": False, "constrain": "domain"}
    bare |= {"tickfont": {"color": colours.soft_ink}}
    layout = plain_layout(colours) | {
        "height": HEIGHT + 60,
        "margin": {"l": 48, "r": 16, "t": 12, "b": 48},
        "showlegend": False,
        "xaxis": bare | {"title": {"text": "moved along one direction of z", "font": {"size": 13}}},
        "yaxis": bare
        | {"title": {"text": "... another", "font": {"size": 13}}, "scaleanchor": "x"},
    }
    return go.Figure({"data": [heat, usual], "layout": layout})
