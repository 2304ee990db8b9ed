"""Views of a training run: what it solves and how wrong it still is, depth, the halting head, the probe; and of
several runs beside each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.figures.live import live_board
from trm_core.figures.shares import share_axis, shares_figure, top_legend
from trm_core.figures.theme import Theme, plain_layout, theme
from trm_core.record.learning import Learning, Look
from trm_core.record.trace import Trace

HEIGHT = 250  # pixels
MOST_FAN = 4  # moments in a fan


def progress_figure(
    learning: Learning, at: int | None = None, *, dark: bool = False, other: Learning | None = None
) -> go.Figure:
    """Solved of fresh puzzles and of puzzles trained on, over seconds of learning, with a line at the look `at`;
    beside an `other` run, what of fresh puzzles both solve."""
    colours = theme(dark)
    lines = [("fresh puzzles", learning, [look.solved_S[-1] for look in learning.looks])]
    if other is not None:
        lines = [
            (each.name, each, [look.solved_S[-1] for look in each.looks])
            for each in (learning, other)
        ]
    elif not all(math.isnan(look.seen) for look in learning.looks):
        lines.append(("seen in training", learning, [look.seen for look in learning.looks]))
    shades = (colours.guess, colours.wrong)
    traces = [
        time_line(
            name,
            [look.seconds for look in run.looks],
            [100 * share for share in shares],
            shade,
            "solid" if k == 0 else "dash",
            "%{y:.0f} % after %{x:.0f} s",
        )
        for k, ((name, run, shares), shade) in enumerate(zip(lines, shades, strict=False))
    ]
    most = max(_most(run) for _, run, _ in lines)
    layout = time_layout(colours, "seconds of learning", most) | {
        "yaxis": share_axis("solved", colours),
        "shapes": _marks(learning, at, colours),
    }
    return go.Figure({"data": traces, "layout": layout})


def loss_figure(
    learning: Learning, at: int | None = None, *, dark: bool = False, other: Learning | None = None
) -> go.Figure:
    """The loss over seconds of learning, on a logarithmic axis."""
    colours = theme(dark)
    runs = [("loss", learning, colours.latent)]
    if other is not None:
        runs = [(learning.name, learning, colours.guess), (other.name, other, colours.wrong)]
    traces = [
        time_line(
            name,
            [tick.seconds for tick in run.ticks],
            [max(tick.loss, 1e-4) for tick in run.ticks],
            shade,
            "solid",
            "%{y:.3g} after %{x:.0f} s",
            marked=False,
        )
        for name, run, shade in runs
    ]
    axis = loss_axis(colours, [loss for line in traces for loss in line["y"]])
    layout = time_layout(colours, "seconds of learning", max(_most(run) for _, run, _ in runs)) | {
        "yaxis": axis,
        "shapes": _marks(learning, at, colours),
        "showlegend": other is not None,
    }
    return go.Figure({"data": traces, "layout": layout})


def loss_axis(colours: Theme, losses: Sequence[float]) -> dict[str, Any]:
    """The axis of these losses, logarithmic, with names for a few of them at least."""
    real = [loss for loss in losses if loss is not None and math.isfinite(loss)]
    low, high = min(real, default=1.0), max(real, default=1.0)
    decades = [10.0**k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    named = [times * decade for decade in decades for times in (1, 2, 5)]
    within = [value for value in named if low <= value <= high]
    if len(within) < 2:  # those just outside, too: the axis reaches to them
        within = [max(v for v in named if v <= low), *within, min(v for v in named if v >= high)]
    ticks = within if len(within) < 7 else decades
    return {
        "type": "log",
        "title": {
            "text": "loss (lower is better)",
            "font": {"size": 13, "color": colours.soft_ink},
        },
        "tickfont": {"color": colours.soft_ink},
        "gridcolor": colours.thin_line,
        "tickvals": ticks,
        "ticktext": [f"{value:g}" for value in ticks],
        "fixedrange": True,
    }


def fan_figure(
    solved: Mapping[int, Mapping[int, float]], *, dark: bool = False, height: int | None = None
) -> go.Figure:
    """Solved by steps, a curve for each moment, by its updates: early it needs many steps, later few."""
    lines = [
        (f"{update}", list(shares), list(shares.values())) for update, shares in solved.items()
    ]
    figure = shares_figure(
        lines,
        "supervision steps it may take",
        up="solved, by updates",
        dark=dark,
        log=True,
        ordered=True,
    )
    return figure if height is None else figure.update_layout(height=height)


def looks_figure(learning: Learning, *, dark: bool = False) -> go.Figure:
    """That fan of some of a run's moments."""
    some = some_looks(learning.looks, MOST_FAN)
    solved = {look.update: dict(enumerate(look.solved_S.tolist(), 1)) for look in some}
    return fan_figure(solved, dark=dark, height=HEIGHT)


def halting_figure(learning: Learning, at: int | None = None, *, dark: bool = False) -> go.Figure:
    """How sure the halting head is, over seconds of learning: of boards that are right, of those that are not."""
    colours = theme(dark)
    traces = [
        time_line(
            name,
            [look.seconds for look in learning.looks],
            [100 * getattr(look, which) for look in learning.looks],
            shade,
            dash,
            "%{y:.0f} % sure after %{x:.0f} s",
        )
        for name, which, shade, dash in (
            ("of boards that are right", "said_right", colours.right, "solid"),
            ("of wrong ones", "said_wrong", colours.wrong, "dash"),
        )
    ]
    layout = time_layout(colours, "seconds of learning", _most(learning)) | {
        "yaxis": share_axis("says it is done", colours),
        "shapes": _marks(learning, at, colours),
    }
    return go.Figure({"data": traces, "layout": layout})


def variants_figure(
    runs: Mapping[str, Learning], chosen: Sequence[str] = (), *, dark: bool = False
) -> go.Figure:
    """What of fresh puzzles each run solves over seconds of learning, by the name it is shown under; those
    `chosen` stand out."""
    colours = theme(dark)
    shades = (
        *(colours.guess, colours.wrong, colours.right, colours.halting),
        *(colours.changed, colours.latent, colours.soft_ink, colours.ink),
    )
    dashes = ("solid", "dash", "dot", "dashdot")
    traces = []
    for k, (name, run) in enumerate(runs.items()):
        line = time_line(
            name,
            [look.seconds for look in run.looks],
            [100 * look.solved_S[-1] for look in run.looks],
            shades[k % len(shades)],
            dashes[k % 4],
            "%{y:.0f} % after %{x:.0f} s",
            marked=False,
        )
        traces.append(line | {"opacity": 1 if not chosen or name in chosen else 0.25})
    most = max((_most(run) for run in runs.values()), default=1.0)
    layout = time_layout(colours, "seconds of learning", most) | {
        "height": 360,
        "yaxis": share_axis("fresh puzzles solved", colours),
    }
    return go.Figure({"data": traces, "layout": layout})


def seeds_figure(
    percents: Mapping[str, Sequence[float]], chosen: Sequence[str] = (), *, dark: bool = False
) -> go.Figure:
    """What runs from several random starts solve, a dot each in a line for every name, the first ringed and the median
    a stroke; those `chosen` stand out."""
    colours = theme(dark)
    names = list(percents)
    traces: list[dict[str, Any]] = []
    for name, values in percents.items():
        opacity = 1.0 if not chosen or name in chosen else 0.3
        middle = float(np.median(values))
        ring = {"width": [2.5] + [0] * (len(values) - 1), "color": colours.ink}
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": list(values),
                "y": [name] * len(values),
                "marker": {"color": colours.guess, "size": 10, "line": ring},
                "opacity": opacity,
                "hovertemplate": "%{x:.1f} %<extra></extra>",
            }
        )
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": [middle],
                "y": [name],
                "marker": {
                    "symbol": "line-ns",
                    "size": 22,
                    "line": {"width": 2.5, "color": colours.ink},
                },
                "text": [f"{middle:.1f} %"],
                "textposition": "top center",
                "textfont": {"color": colours.ink, "size": 12},
                "cliponaxis": False,
                "opacity": opacity,
                "hoverinfo": "skip",
            }
        )
    layout = plain_layout(colours) | {
        "height": 80 + 40 * len(names),
        "margin": {"l": 8, "r": 28, "t": 20, "b": 44},
        "showlegend": False,
        "xaxis": share_axis("fresh puzzles solved", colours) | {"range": [-4, 104]},
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
            "gridcolor": colours.thin_line,
            "tickfont": {"size": 13, "color": colours.ink},
        },
    }
    return go.Figure({"data": traces, "layout": layout})


def probe_board(trace: Trace, *, dark: bool = False) -> str:
    """The probe as the weights of a moment left it, wrong cells filled, as SVG."""
    domain, question_RC = trace.domain, trace.question_board
    wrong_RC = np.zeros(question_RC.shape, dtype=bool)
    right = trace.right("steps")
    if right is not None and not trace.solved:
        wrong_RC = ~right[-1].reshape(question_RC.shape)
    return live_board(
        domain,
        question_RC,
        trace.final_board,
        np.zeros(question_RC.shape, dtype=bool),
        wrong_RC=wrong_RC,
        dark=dark,
    )


def some_looks(looks: Sequence[Look], most: int) -> list[Look]:
    """So many of the looks, the first and the last among them."""
    at = np.unique(np.linspace(0, len(looks) - 1, min(most, len(looks))).round().astype(int))
    return [looks[k] for k in at]


def _most(learning: Learning) -> float:
    times = [look.seconds for look in learning.looks] + [tick.seconds for tick in learning.ticks]
    return max(times, default=1.0) or 1.0


def time_line(
    name: str,
    xs: list[float],
    ys: list[float],
    shade: str,
    dash: str,
    hover: str,
    *,
    marked: bool = True,
) -> dict[str, Any]:
    """A curve over the seconds of a learning; what is NaN is left out."""
    return {
        "type": "scatter",
        "mode": "lines+markers" if marked else "lines",
        "name": name,
        "x": xs,
        "y": [None if math.isnan(y) else y for y in ys],
        "line": {"color": shade, "width": 2.5, "dash": dash},
        "marker": {"size": 5},
        "connectgaps": True,
        "hovertemplate": f"{name}: {hover}<extra></extra>",
    }


def _marks(learning: Learning, at: int | None, colours: Theme) -> list[dict[str, Any]]:
    """A line at the look that is watched."""
    if at is None or at >= len(learning.looks):
        return []
    return time_mark(learning.looks[at].seconds, colours)


def time_mark(seconds: float, colours: Theme) -> list[dict[str, Any]]:
    """An upright line at a moment."""
    line = {"color": colours.cursor, "width": 1.5, "dash": "dot"}
    return [
        {"type": "line", **dict(x0=seconds, x1=seconds, y0=0, y1=1, yref="paper"), "line": line}
    ]


def time_layout(colours: Theme, title: str, most: float) -> dict[str, Any]:
    """The layout of curves over so many seconds, 0 at the left."""
    return plain_layout(colours) | {
        "height": HEIGHT,
        "margin": {"l": 56, "r": 16, "t": 8, "b": 44},
        "legend": top_legend(colours) | {"font": {"size": 12, "color": colours.ink}},
        "showlegend": True,
        "xaxis": {
            "title": {"text": title, "font": {"size": 12, "color": colours.soft_ink}},
            "tickfont": {"color": colours.soft_ink},
            "gridcolor": colours.thin_line,
            "zeroline": False,
            "range": [-0.02 * most, 1.02 * most],
            "fixedrange": True,
        },
    }
