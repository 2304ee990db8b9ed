"""The cell lens: what the model thought one cell might hold, step by step."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.theme import FONT, theme
from trm_core.record.trace import Trace

_ROW = 24  # pixels a symbol


def lens_figure(trace: Trace, row: int, col: int, *, dark: bool = False) -> go.Figure:
    """Probability of every symbol at the end of every supervision step, for one cell.

    The answer, where it is known, is marked.
    """
    domain, colours = trace.domain, theme(dark)
    cell = row * domain.cols + col
    symbols = domain.drawing.answer_symbols
    tokens = [
        int(domain.tokens(np.full((domain.rows, domain.cols), symbol.value, np.uint8))[0])
        for symbol in symbols
    ]
    chance_SV = trace.distribution_SLV[:, cell].astype(np.float32)
    right = None if trace.solution_L is None else int(trace.solution_L[cell])
    labels = [
        f"<b>{symbol.name} ✓</b>" if token == right else symbol.name
        for symbol, token in zip(symbols, tokens, strict=True)
    ]
    percent_VS = np.round(100 * chance_SV[:, tokens].T).astype(np.uint8)
    heat = {
        "type": "heatmap",
        "z": percent_VS,
        "x": list(range(1, trace.steps + 1)),
        "y": labels,
        "zmin": 0,
        "zmax": 100,
        "colorscale": [[0, colours.ground], [1, colours.guess]],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "step %{x}: %{z} % for %{y}<extra></extra>",
    }
    layout = {
        "height": _ROW * len(symbols) + 60,
        "margin": {
            "l": 28 + 8 * max(len(symbol.name) for symbol in symbols),
            "r": 8,
            "t": 6,
            "b": 44,
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": colours.thin_line,
        "font": {"family": FONT, "color": colours.ink, "size": 13},
        "hoverlabel": {"font": {"family": FONT, "size": 14}},
        "dragmode": False,
        "xaxis": {
            "title": {"text": "step", "font": {"size": 12, "color": colours.soft_ink}},
            "dtick": max(1, round(trace.steps / 8)),
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
    return go.Figure({"data": [heat], "layout": layout})
