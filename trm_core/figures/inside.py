"""One cell of a solve, opened: its x, y and z as they enter a call, whom it hears, what comes out, what y then says."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.board import board_shapes
from trm_core.figures.solve import rounded
from trm_core.figures.theme import FONT, Theme, plain_layout, theme
from trm_core.record.inside import Inside

HEIGHT = 400  # pixels
_STRIPS = (0.64, 0.88)  # vertical share of the cell's features
_UNDER = (0.04, 0.5)  # of whom it hears, and of what y says
_WIDEST = 3.0  # features are about as large as 1; what is larger is drawn as that
_GAP = 0.035


def inside_figure(inside: Inside, *, dark: bool = False) -> go.Figure:
    """A frame for each of `inside`, which the player moves with the board."""
    colours = theme(dark)
    shown = [_moving(inside, frame, colours) for frame in range(len(inside.ticks_F))]
    data = [*_still(inside, colours)]
    for trace, moving in zip(data, shown[0], strict=True):
        trace.update(moving)
    frames = [
        {"name": f"call {tick}", "traces": list(range(len(data))), "data": moving}
        for tick, moving in zip(inside.ticks_F, shown, strict=True)
    ]
    return go.Figure({"data": data, "layout": _layout(inside, colours), "frames": frames})


def _moving(inside: Inside, frame: int, colours: Theme) -> list[dict[str, Any]]:
    """What differs from frame to frame, for each trace."""
    wrote = bool(inside.wrote_F[frame])
    tables = (inside.x_FRW, inside.y_FRW, inside.z_FRW, inside.after_FRW)
    strips = [
        {"type": "heatmap", "z": np.round(table[frame], 3).astype(np.float32)} for table in tables
    ]
    domain = inside.domain
    heard_L = 100 * inside.heard_FL[frame] / max(float(inside.heard_FL[frame].sum()), 1e-9)
    heard_RC = np.round(heard_L, 2).astype(np.float32).reshape(domain.rows, domain.cols)
    chance_N = np.round(100 * inside.chance_FN[frame], 1)
    best = int(chance_N.argmax())
    bars = [colours.guess if n == best else colours.thin_line for n in range(len(chance_N))]
    made = "" if not inside.shown_F[frame] else "<b>y</b><br>new" if wrote else "<b>z</b><br>new"
    words = ["<b>x</b><br>question", "<b>y</b><br>answer", "<b>z</b><br>scratchpad", made]
    heard_board = {"type": "heatmap", "z": heard_RC}
    tops = [f"{chance_N[n]:.0f} %" if n == best else "" for n in range(len(chance_N))]
    says = {"type": "bar", "y": chance_N, "marker": {"color": bars}, "text": tops}
    return [*strips, heard_board, says, {"text": words}]


def _still(inside: Inside, colours: Theme) -> list[dict[str, Any]]:
    """The traces themselves: four tables of features, the board it hears, the bars, the words."""
    scale = [[0, colours.wrong], [0.5, colours.ground], [1, colours.guess]]
    strips = [
        {
            "type": "heatmap",
            "xaxis": f"x{i + 1}",
            "yaxis": f"y{i + 1}",
            "zmin": -_WIDEST,
            "zmax": _WIDEST,
            "colorscale": scale,
            "showscale": False,
            "hovertemplate": "%{z:.3f}<extra></extra>",
        }
        for i in range(4)
    ]
    heard = {
        "type": "heatmap",
        "xaxis": "x5",
        "yaxis": "y5",
        "zmin": 0,
        "zmax": max(0.5, _loudest(inside)),
        "colorscale": [[0, colours.ground], [1, colours.latent]],
        "showscale": False,
        "hovertemplate": "%{z:.1f} % of what it hears<extra></extra>",
    }
    bars = {
        "type": "bar",
        "xaxis": "x6",
        "yaxis": "y6",
        "x": [symbol.name for symbol in inside.domain.drawing.answer_symbols],
        "textposition": "outside",
        "textfont": {"size": 13, "color": colours.ink},
        "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
    }
    words = {
        "type": "scatter",
        "mode": "text",
        "xaxis": "x7",
        "yaxis": "y7",
        "x": [left for left, _ in _columns()],
        "y": [_STRIPS[1]] * 4,
        "textposition": "top right",
        "textfont": {"size": 13, "color": colours.ink, "family": FONT},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    return [*strips, heard, bars, words]


def _loudest(inside: Inside) -> float:
    """The largest share of one other cell, in per cent, over all frames."""
    sums_F = inside.heard_FL.sum(1)
    shares_F = inside.heard_FL.max(1) / np.where(sums_F > 0, sums_F, 1)
    return 100 * float(shares_F.max())


def _columns() -> list[tuple[float, float]]:
    """Where the four tables lie, from left to right."""
    wide = (1 - 3 * _GAP) / 4
    return [(i * (wide + _GAP), i * (wide + _GAP) + wide) for i in range(4)]


def _layout(inside: Inside, colours: Theme) -> dict[str, Any]:
    domain = inside.domain
    row, col = divmod(inside.cell, domain.cols)
    hidden: dict[str, Any] = {"visible": False, "fixedrange": True}
    layout = plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 4, "r": 4, "t": 4, "b": 20},
        "showlegend": False,
        "meta": {
            "moments": rounded(inside.moments_F),
            "told": [inside.sentence(frame) for frame in range(len(inside.ticks_F))],
        },
        "xaxis7": {**hidden, "domain": [0, 1], "range": [0, 1], "anchor": "y7"},
        "yaxis7": {**hidden, "domain": [0, 1], "range": [0, 1], "anchor": "x7"},
    }
    tables = (inside.x_FRW, inside.y_FRW, inside.z_FRW, inside.after_FRW)
    for i, (across, table_FRW) in enumerate(zip(_columns(), tables, strict=True)):
        _, rows, cols = table_FRW.shape
        layout[f"xaxis{i + 1}"] = {
            **hidden,
            "domain": list(across),
            "anchor": f"y{i + 1}",
            "range": [-0.5, cols - 0.5],
        }
        layout[f"yaxis{i + 1}"] = {
            **hidden,
            "domain": list(_STRIPS),
            "anchor": f"x{i + 1}",
            "range": [rows - 0.5, -0.5],
        }
    layout["xaxis5"] = {**hidden, "domain": [0, 0.47], "anchor": "y5", "constrain": "domain"}
    layout["yaxis5"] = {
        **hidden,
        "domain": list(_UNDER),
        "anchor": "x5",
        "autorange": "reversed",
        "scaleanchor": "x5",
        "constrain": "domain",
    }
    ticks: dict[str, Any] = {"showgrid": False, "zeroline": False, "fixedrange": True}
    ticks |= {"tickfont": {"size": 12, "color": colours.soft_ink}}
    layout["xaxis6"] = {**ticks, "domain": [0.55, 1.0], "anchor": "y6", "type": "category"}
    layout["yaxis6"] = {**hidden, "domain": list(_UNDER), "anchor": "x6", "range": [0, 118]}
    lines = [shape | {"xref": "x5", "yref": "y5"} for shape in board_shapes(domain, colours)]
    own = {
        "type": "rect",
        **dict(x0=col - 0.5, x1=col + 0.5, y0=row - 0.5, y1=row + 0.5, xref="x5", yref="y5"),
        "line": {"color": colours.cursor, "width": 3},
    }
    layout["shapes"] = [*lines, own]
    layout["annotations"] = [
        {
            **dict(
                x=x, y=_UNDER[1] + 0.015, xref="paper", yref="paper", text=text, showarrow=False
            ),
            **dict(xanchor="left", yanchor="bottom"),
            "font": {"size": 13, "color": colours.ink},
        }
        for x, text in ((0, "whom it hears"), (0.55, "what y then says"))
    ]
    return layout
