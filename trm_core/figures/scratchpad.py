"""The scratchpad z itself: how far each cell's part of it moves, and the way the whole of it goes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.board import board_shapes
from trm_core.figures.theme import Theme, plain_layout, theme
from trm_core.record.trace import Trace

_MOST = 1.0  # relative movement of the darkest cell


def movement_figure(trace: Trace, *, dark: bool = False) -> go.Figure:
    """How far each cell's part of z moved in the last refinement of every supervision step, relative
    to its length; one frame for each step."""
    domain, colours = trace.domain, theme(dark)
    shape = (-1, domain.rows, domain.cols)
    moved = np.nan_to_num(trace.latent_moves("steps")).reshape(shape)
    percent = np.clip(moved / _MOST * 100, 0, 100).round().astype(np.uint8)
    heat = {
        "type": "heatmap",
        "z": percent[0],
        "zmin": 0,
        "zmax": 100,
        "colorscale": [[0, colours.ground], [1, colours.latent]],
        "colorbar": _bar(colours, [0, 50, 100], ["0", "50", "100 % or more"]),
        "hovertemplate": "row %{y}, column %{x}: moved by %{z} %<extra></extra>",
        "x": list(range(1, domain.cols + 1)),
        "y": list(range(1, domain.rows + 1)),
    }
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    layout = _layout(colours) | {
        "meta": {"moments": list(range(trace.steps + 1))},
        "shapes": [
            shape | {k: shape[k] + 1 for k in ("x0", "x1", "y0", "y1")}
            for shape in board_shapes(domain, colours)
        ],
        "xaxis": hidden | {"range": [0.48, domain.cols + 0.52]},
        "yaxis": hidden | {"range": [domain.rows + 0.52, 0.48], "scaleanchor": "x"},
    }
    frames = [
        {"name": f"step {i}", "data": [{"type": "heatmap", "z": part}], "traces": [0]}
        for i, part in enumerate(percent)
    ]
    return go.Figure({"data": [heat], "layout": layout, "frames": frames})


def main_directions(traces: Sequence[Trace]) -> tuple[list[np.ndarray], np.ndarray]:
    """The whole z of every step of these solves, in the two directions in which it varies most over
    all of them: a list of (S, 2), and the shares of the variance that the two hold, (2,).

    Principal component analysis by the eigenvectors of the steps' Gram matrix (there are far fewer
    steps than numbers in a z). The traces must keep z, of the same shape.
    """
    rows = [trace.z_SMD.reshape(trace.steps, -1).astype(np.float32) for trace in traces]
    whole = np.concatenate(rows)
    whole -= whole.mean(0)
    values, vectors = np.linalg.eigh(whole @ whole.T)
    values, vectors = values[::-1].clip(min=0), vectors[:, ::-1]
    count = min(2, len(values))
    places = np.zeros((len(whole), 2), np.float32)
    places[:, :count] = vectors[:, :count] * np.sqrt(values[:count])
    shares = np.zeros(2)
    shares[:count] = values[:count] / max(float(values.sum()), 1e-12)
    return np.split(places, np.cumsum([len(part) for part in rows])[:-1]), shares


def path_figure(traces: Sequence[Trace], names: Sequence[str], *, dark: bool = False) -> go.Figure:
    """The path of z over the steps of every solve, in the two main directions; the frames move a
    marker along the first one."""
    colours = theme(dark)
    paths, shares = main_directions(traces)
    ways = []
    for trace, name, path_S2 in zip(traces, names, paths, strict=True):
        steps = np.arange(1, trace.steps + 1)
        ways.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": f"{name}: {'solved' if trace.solved else 'not solved'}",
                "x": path_S2[:, 0],
                "y": path_S2[:, 1],
                "line": {
                    "color": colours.right if trace.solved else colours.wrong,
                    "dash": "solid" if trace.solved else "dot",
                    "width": 1.5,
                },
                "marker": {"size": 5, "symbol": "circle" if trace.solved else "x"},
                "customdata": steps,
                "hovertemplate": "step %{customdata}<extra></extra>",
            }
        )
    here = {
        "type": "scatter",
        "mode": "markers",
        "marker": {"size": 14, "color": colours.cursor, "symbol": "circle-open"},
        "hoverinfo": "skip",
        "showlegend": False,
        "x": [],
        "y": [],
    }
    frames = [
        {
            "name": f"step {i}",
            "traces": [len(ways)],
            "data": [
                {"x": paths[0][i - 1 : i, 0] if i else [], "y": paths[0][i - 1 : i, 1] if i else []}
            ],
        }
        for i in range(traces[0].steps + 1)
    ]
    axis = {"zeroline": False, "showticklabels": False, "gridcolor": colours.thin_line}
    axis |= {"fixedrange": True}
    layout = _layout(colours) | {
        "meta": {"moments": list(range(traces[0].steps + 1))},
        "margin": {"l": 34, "r": 8, "t": 30, "b": 34},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": axis | {"title": _title("first", shares[0], colours)},
        "yaxis": axis | {"title": _title("second", shares[1], colours)},
    }
    return go.Figure({"data": [*ways, here], "layout": layout, "frames": frames})


def _title(which: str, share: float, colours: Theme) -> dict:
    words = f"{which} main direction ({100 * share:.0f} % of the movement)"
    return {"text": words, "font": {"size": 12, "color": colours.soft_ink}}


def _bar(colours: Theme, values: list[int], words: list[str]) -> dict:
    return {
        "thickness": 10,
        "tickvals": values,
        "ticktext": words,
        "tickfont": {"size": 11, "color": colours.soft_ink},
        "outlinewidth": 0,
    }


def _layout(colours: Theme) -> dict:
    return plain_layout(colours) | {
        "autosize": True,
        "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
    }
