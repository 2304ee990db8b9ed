"""Views of a set's outcomes: bars of slices, depth, halting, reliability, difficulty, latents, places of errors.

Every figure that can be clicked says in `customdata` what was clicked: a slice by its name, a puzzle by its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.domains import Domain
from trm_core.figures.shares import share_axis, shares_figure, top_legend
from trm_core.figures.theme import Theme, plain_layout, theme
from trm_core.record.outcomes import SOLVED, Outcomes
from trm_core.record.slices import ENDS, SAYS, Slice, plane, reliability, slices, wilson_interval

HEIGHT = 270  # pixels of a view
BAR = 34  # pixels of a slice's bar


def _colours_of_ends(colours: Theme) -> dict[str, str]:
    shades = (
        *(colours.right, colours.changed, colours.guess, colours.halting),
        *(colours.latent, colours.wrong, colours.soft_ink),
    )
    return dict(zip(ENDS, shades, strict=True))


def bars_figure(
    found: Sequence[Slice],
    chosen: str | None = None,
    failed_N: np.ndarray | None = None,
    *,
    dark: bool = False,
) -> go.Figure:
    """A bar for each slice: how many, which share of all, and its 95 % interval; with `failed_N` (bool, of all
    puzzles) the share of the slice that failed instead. `chosen` stands out."""
    colours = theme(dark)
    known = _colours_of_ends(colours) | dict(
        zip(
            SAYS,
            (colours.right, colours.guess, colours.changed, colours.wrong, colours.soft_ink),
            strict=True,
        )
    )
    names = [each.name for each in found]
    counts = [(len(each), len(each.rows_N)) for each in found]
    if failed_N is not None:
        counts = [(int((failed_N & each.rows_N).sum()), len(each)) for each in found]
    shares = [100 * part / max(1, of) for part, of in counts]
    ends = [wilson_interval(part / max(1, of), of) for part, of in counts]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": shares,
        "customdata": names,
        "marker": {
            "color": [known.get(name, colours.guess) for name in names],
            "opacity": [1 if chosen in (None, name) else 0.35 for name in names],
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [100 * high - share for (_, high), share in zip(ends, shares, strict=True)],
            "arrayminus": [share - 100 * low for (low, _), share in zip(ends, shares, strict=True)],
            "color": colours.soft_ink,
            "thickness": 1.5,
            "width": 3,
        },
        "hovertemplate": "%{customdata}: %{x:.1f} %<extra></extra>",
    }
    # The whole line of a bar can be clicked, however short it is.
    lines = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": [135] * len(names),
        "customdata": names,
        "marker": {"color": "rgba(0,0,0,0)"},
        "hoverinfo": "none",
    }
    words = [
        {
            "x": max(share, 100 * high) + 2,
            "y": name,
            "text": f"{part} · {share:.0f} %" if failed_N is None else f"{share:.0f} % of {of}",
            "showarrow": False,
            "xanchor": "left",
            "font": {"size": 12, "color": colours.ink},
        }
        for (part, of), name, share, (_, high) in zip(counts, names, shares, ends, strict=True)
    ]
    layout = plain_layout(colours) | {
        "height": BAR * len(found) + 16,
        "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
        "showlegend": False,
        "bargap": 0.35,
        "barmode": "overlay",
        "annotations": words,
        "xaxis": {"visible": False, "range": [0, 135], "fixedrange": True},
        "yaxis": {
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
            "tickfont": {"size": 13, "color": colours.ink},
            "ticksuffix": "  ",
        },
    }
    return go.Figure({"data": [bars, lines], "layout": layout})


def depth_view(every: Outcomes, some: Outcomes | None, *, dark: bool = False) -> go.Figure:
    """Solved after every number of steps: of the whole set, and of a part of it."""
    steps = list(range(1, every.most_steps + 1))
    parts = [("the whole set", every)] + ([("what is shown", some)] if some is not None else [])
    lines = [(words, steps, part.solved_NS.mean(0).tolist()) for words, part in parts]
    figure = shares_figure(lines, "supervision steps", up="solved", dark=dark, log=True)
    return _sized(figure)


def halting_view(outcomes: Outcomes, *, dark: bool = False) -> go.Figure:
    """At which step it first says that it is done, and whether all was right then; the last bar: never."""
    colours = theme(dark)
    most, at_N = outcomes.most_steps, outcomes.halted_at_N
    rows = np.arange(len(outcomes))
    right_N = np.where(
        at_N > 0, outcomes.solved_NS[rows, np.maximum(at_N, 1) - 1], outcomes.solved_N
    )
    never = most + max(1, round(most / 8))  # apart from the last step
    bins = np.where(at_N == 0, never, at_N)
    x = np.arange(1, never + 1)
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": x,
            "y": np.bincount(bins[rows_N], minlength=never + 1)[1:],
            "marker": {"color": colour},
            "hovertemplate": f"{name}: %{{y}}<extra></extra>",
        }
        for name, rows_N, colour in (
            ("right", right_N, colours.right),
            ("wrong", ~right_N, colours.wrong),
        )
    ]
    ticks = sorted({1, *range(max(1, most // 4), most + 1, max(1, most // 4))})
    ticks = [tick for tick in ticks if tick <= never - max(1, most // 8)]
    layout = _layout(colours) | {
        "barmode": "stack",
        "xaxis": _axis("step at which it first says “done”", colours)
        | {"tickvals": [*ticks, never], "ticktext": [*map(str, ticks), "never"]},
        "yaxis": _axis("puzzles", colours),
    }
    return go.Figure({"data": traces, "layout": layout})


def reliability_view(outcomes: Outcomes, *, dark: bool = False) -> go.Figure:
    """Said so sure, right how often, over all steps."""
    bins = reliability(outcomes)
    lines = [("after any step", [b["said"] for b in bins], [b["right"] for b in bins])]
    figure = shares_figure(
        lines, "how sure it said it is done", up="all right", dark=dark, diagonal=True
    )
    for trace in figure.data[:1]:
        trace.customdata = [b["count"] for b in bins]
        trace.hovertemplate = (
            "said %{x:.0f} %, right %{y:.0f} % of %{customdata} times<extra></extra>"
        )
    return _sized(figure)


def hardness_view(
    outcomes: Outcomes, rows_N: np.ndarray | None = None, *, dark: bool = False
) -> go.Figure:
    """How puzzles of every difficulty ended, in shares: all, or those of the rows (bool) alone."""
    colours = theme(dark)
    shown_N = np.ones(len(outcomes), dtype=bool) if rows_N is None else rows_N
    hard = [
        replace(each, rows_N=each.rows_N & shown_N)
        for each in slices(outcomes, "hard")
        if (each.rows_N & shown_N).any()
    ]
    names = [each.name.removeprefix("rated ").removeprefix("given ") for each in hard]
    traces = []
    for end, colour in _colours_of_ends(colours).items():
        shares = [100 * float((outcomes.end_N[each.rows_N] == end).mean()) for each in hard]
        if any(shares):
            traces.append(
                {
                    "type": "bar",
                    "name": end,
                    "x": names,
                    "y": shares,
                    "customdata": [each.name for each in hard],
                    "marker": {"color": colour},
                    "hovertemplate": f"{end}: %{{y:.0f}} %<extra></extra>",
                }
            )
    rated = any(each.name.startswith("rated") for each in hard)
    words = outcomes.domain.rules.rated_by if rated else "cells given"
    layout = _layout(colours) | {
        "barmode": "stack",
        "xaxis": _axis(words, colours) | {"type": "category"},
        "yaxis": share_axis("", colours) | {"range": [0, 100]},
    }
    return go.Figure({"data": traces, "layout": layout})


def latents_view(outcomes: Outcomes, at: int | None = None, *, dark: bool = False) -> go.Figure:
    """All last scratchpads in their two main directions, coloured by how the solve ended; row `at` ringed."""
    colours = theme(dark)
    points_N2 = plane(outcomes.latent_ND)
    return _points(outcomes, points_N2, ("first main direction of z", "second"), at, colours)


def residual_view(outcomes: Outcomes, at: int | None = None, *, dark: bool = False) -> go.Figure:
    """How far the scratchpad still moved in the last step, against the cells that were wrong then."""
    colours = theme(dark)
    jitter = np.random.default_rng(0).uniform(-0.3, 0.3, len(outcomes))
    wrong_N = np.where(
        outcomes.solved_N, 0, outcomes.wrong_NL.sum(1)
    )  # another right path is not wrong
    points_N2 = np.stack([100 * outcomes.moved_N, wrong_N + jitter], axis=1)
    return _points(
        outcomes, points_N2, ("scratchpad moved in the last step, %", "cells wrong"), at, colours
    )


def _points(
    outcomes: Outcomes,
    points_N2: np.ndarray,
    titles: tuple[str, str],
    at: int | None,
    colours: Theme,
) -> go.Figure:
    """A point for every puzzle, by how it ended."""
    traces: list[dict[str, Any]] = []
    for end, colour in _colours_of_ends(colours).items():
        rows = np.flatnonzero(outcomes.end_N == end)
        if len(rows):
            symbol = "circle" if end == SOLVED else "x"
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": end,
                    "x": points_N2[rows, 0],
                    "y": points_N2[rows, 1],
                    "customdata": outcomes.index_N[rows],
                    "marker": {"color": colour, "size": 7, "symbol": symbol, "opacity": 0.75},
                    "hovertemplate": f"puzzle %{{customdata}}: {end}<extra></extra>",
                }
            )
    here = np.flatnonzero(outcomes.index_N == (-1 if at is None else at))
    if len(here):
        ring = {"symbol": "circle-open", "size": 18, "color": colours.ink, "line": {"width": 3}}
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "the open one",
                "x": points_N2[here, 0],
                "y": points_N2[here, 1],
                "marker": ring,
                "hoverinfo": "skip",
            }
        )
    layout = _layout(colours) | {
        "xaxis": _axis(titles[0], colours),
        "yaxis": _axis(titles[1], colours),
    }
    return go.Figure({"data": traces, "layout": layout})


def places_view(outcomes: Outcomes, *, dark: bool = False) -> go.Figure:
    """Over the board, in which share of the failures each cell is wrong."""
    colours, chosen = theme(dark), outcomes.domain
    failed = outcomes[~outcomes.solved_N]
    shares_L = 100 * failed.wrong_NL.mean(0) if len(failed) else np.zeros(chosen.cells)
    heat = {
        "type": "heatmap",
        "z": shares_L.reshape(chosen.rows, chosen.cols),
        "zmin": 0,
        "zmax": max(1.0, float(shares_L.max())),
        "colorscale": [[0, colours.ground], [1, colours.wrong]],
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "row %{y}, column %{x}: wrong in %{z:.0f} % of the failures<extra></extra>",
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "ticksuffix": " %",
            "tickfont": {"color": colours.soft_ink},
        },
        "x": list(range(1, chosen.cols + 1)),
        "y": list(range(1, chosen.rows + 1)),
    }
    bare = {"fixedrange": True, "showgrid": False, "zeroline": False, "constrain": "domain"}
    bare |= {"showticklabels": False, "ticks": ""}
    layout = _layout(colours) | {
        "xaxis": bare | {"scaleanchor": "y"},
        "yaxis": bare | {"autorange": "reversed"},
        "shapes": _box_lines(chosen, colours),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return go.Figure({"data": [heat], "layout": layout})


def _box_lines(chosen: Domain, colours: Theme) -> list[dict[str, Any]]:
    """The thick lines of a board, cells counted from 1."""
    drawing, line = chosen.drawing, {"color": colours.line, "width": 1.5}
    rows, cols = chosen.rows + 0.5, chosen.cols + 0.5
    across = range(0, chosen.rows + 1, drawing.box_rows)
    down = range(0, chosen.cols + 1, drawing.box_cols)
    found = [dict(x0=0.5, x1=cols, y0=k + 0.5, y1=k + 0.5) for k in across]
    found += [dict(x0=k + 0.5, x1=k + 0.5, y0=0.5, y1=rows) for k in down]
    return [{"type": "line", "line": line, **each} for each in found]


def fourfold_figure(
    counts: Mapping[str, int], names: tuple[str, str], *, dark: bool = False
) -> go.Figure:
    """Puzzles that both solved, only the first, only the second, none: four fields, as large as they are
    clickable, coloured by how many."""
    colours = theme(dark)
    fields = [["both", "only the first"], ["only the second", "neither"]]
    z = [[counts[field] for field in row] for row in fields]
    first, second = names
    heat = {
        "type": "heatmap",
        "x": [f"{second}<br>solved", f"{second}<br>failed"],
        "y": [f"{first}<br>solved", f"{first}<br>failed"],
        "z": z,
        "text": [[f"<b>{counts[field]}</b><br>{field}" for field in row] for row in fields],
        "customdata": fields,
        "texttemplate": "%{text}",
        "textfont": {"size": 15, "color": colours.ink},
        "colorscale": [[0, colours.ground], [1, colours.sure_ground]],
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hovertemplate": "%{customdata}: %{z}<extra></extra>",
    }
    side = {"fixedrange": True, "showgrid": False, "tickfont": {"color": colours.ink}}
    # A heatmap's cells can't be chosen by a click, a point over each can.
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": [heat["x"][j] for i in range(2) for j in range(2)],
        "y": [heat["y"][i] for i in range(2) for j in range(2)],
        "customdata": [fields[i][j] for i in range(2) for j in range(2)],
        "marker": {"size": 70, "opacity": 0},
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    layout = _layout(colours) | {
        "showlegend": False,
        "height": 240,
        "xaxis": side | {"side": "top"},
        "yaxis": side | {"autorange": "reversed", "automargin": True},
        "margin": {"l": 8, "r": 8, "t": 44, "b": 8},
    }
    return go.Figure({"data": [heat, points], "layout": layout})


def _layout(colours: Theme) -> dict[str, Any]:
    return plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 48, "r": 12, "t": 8, "b": 44},
        "legend": top_legend(colours) | {"font": {"size": 12, "color": colours.ink}},
        "showlegend": True,
    }


def _axis(title: str, colours: Theme) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": 12, "color": colours.soft_ink}},
        "tickfont": {"color": colours.soft_ink},
        "gridcolor": colours.thin_line,
        "zeroline": False,
        "fixedrange": True,
    }


def _sized(figure: go.Figure) -> go.Figure:
    """A figure of shares as high as the other views."""
    figure.update_layout(height=HEIGHT, margin={"l": 52, "r": 12, "t": 8, "b": 44})
    return figure
