"""The cell lens: what the model thought one cell might hold, step by step."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.theme import plain_layout, theme
from trm_core.record.trace import Trace


def lens_figure(trace: Trace, row: int, col: int, *, dark: bool = False) -> go.Figure:
    """Probability of every symbol at the end of every supervision step, for one cell; its frames move
    a window over the step that the board shows.

    The answer, where it is known, is marked.
    """
    domain, colours = trace.domain, theme(dark)
    cell = row * domain.cols + col
    symbols = domain.drawing.answer_symbols
    tokens_N = domain.answer_tokens
    chance_SV = trace.distribution_SLV[:, cell].astype(np.float32)
    right = None if trace.solution_L is None else int(trace.solution_L[cell])
    labels = [
        f"<b>{symbol.name} ✓</b>" if token == right else symbol.name
        for symbol, token in zip(symbols, tokens_N, strict=True)
    ]
    percent_VS = np.round(100 * chance_SV[:, tokens_N].T).astype(np.uint8)
    heat = {
        "type": "heatmap",
        "z": percent_VS,
        "x": list(range(1, trace.steps + 1)),
        "y": labels,
        "zmin": 0,
        "zmax": 100,
        "colorscale": [[0, colours.ground], [1, colours.guess]],
        "colorbar": {
            "thickness": 10,
            "len": 1,
            "tickvals": [0, 50, 100],
            "ticktext": ["0", "50", "100 % sure"],
            "tickfont": {"size": 11, "color": colours.soft_ink},
            "outlinewidth": 0,
        },
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "step %{x}: %{z} % for %{y}<extra></extra>",
    }
    window = {
        "type": "scatter",
        "mode": "lines",
        "yaxis": "y2",
        "line": {"color": colours.cursor, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    layout = plain_layout(colours) | {
        "autosize": True,
        "meta": {"moments": list(range(trace.steps + 1)), "seek": "xaxis"},
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        "margin": {
            "l": 28 + 8 * max(len(symbol.name) for symbol in symbols),
            "r": 8,
            "t": 6,
            "b": 40,
        },
        "plot_bgcolor": colours.thin_line,
        "xaxis": {
            "title": {"text": "step", "font": {"size": 12, "color": colours.soft_ink}},
            "dtick": max(1, round(trace.steps / 8)),
            "range": [0.5, trace.steps + 0.5],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "showgrid": False,
            "fixedrange": True,
        },
    }
    frames = [
        {"name": f"step {step}", "traces": [1], "data": [_window(step)]}
        for step in range(trace.steps + 1)
    ]
    return go.Figure({"data": [heat, window | _window(0)], "layout": layout, "frames": frames})


def _window(step: int) -> dict[str, list]:
    """Around one step; none before the first."""
    if not step:
        return {"x": [], "y": []}
    left, right = step - 0.5, step + 0.5
    return {"x": [left, right, right, left, left], "y": [0, 0, 1, 1, 0]}
