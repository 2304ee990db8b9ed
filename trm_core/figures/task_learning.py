"""Views of the learning of one task: what it gets right of every pair, its loss, and what it looks at."""

from __future__ import annotations

import itertools
import math
from typing import Any

import plotly.graph_objects as go

from trm_core.figures.shares import share_axis
from trm_core.figures.theme import Theme, theme
from trm_core.figures.training import loss_axis, time_layout, time_line, time_mark
from trm_core.record.task_learning import TaskLearning

HEIGHT = 220  # pixels
LEGEND_ROW = 20  # pixels of each further row of names
GATES = ("rows and columns", "the whole grid")


def pairs_figure(learning: TaskLearning, at: int | None = None, *, dark: bool = False) -> go.Figure:
    """Cells right of every pair, and of the tests where that is known, over seconds; a line at glimpse `at`."""
    colours, task = theme(dark), learning.task
    seconds = _apart(learning, [glimpse.seconds for glimpse in learning.glimpses])
    shades = (colours.guess, colours.halting, colours.changed, colours.latent)
    known = [(f"pair {i + 1}", i, answer) for i, (_, answer) in enumerate(task.pairs)]
    known += [
        ("the test" if len(task.tests) == 1 else f"test {k + 1}", len(task.pairs) + k, answer)
        for k, (_, answer) in enumerate(task.tests)
        if answer is not None
    ]
    lines = []
    for k, (name, place, answer) in enumerate(known):
        test = place >= len(task.pairs)
        shares = [
            100 * float((glimpse.answers[place] == answer).mean())
            if glimpse.answers[place].shape == answer.shape
            else 0.0
            for glimpse in learning.glimpses
        ]
        shade = colours.right if test else shades[k % len(shades)]
        line = time_line(
            name,
            seconds,
            _apart(learning, shares),
            shade,
            "dash" if test else "solid",
            "%{y:.0f} % after %{x:.1f} s",
        )
        lines.append(line | {"marker": {"size": 4}})
    figure = _figure(lines, learning, at, colours, share_axis("cells right", colours))
    return figure.update_layout(margin_t=8 + LEGEND_ROW * ((len(lines) - 1) // 4))


def loss_figure(learning: TaskLearning, at: int | None = None, *, dark: bool = False) -> go.Figure:
    """The loss over seconds, on a logarithmic axis."""
    colours, steps = theme(dark), learning.steps
    first = [step.update <= before.update for before, step in itertools.pairwise(steps)]
    line = time_line(
        "loss",
        _parted([step.seconds for step in steps], first),
        _parted([max(step.loss, 1e-4) for step in steps], first),
        colours.latent,
        "solid",
        "%{y:.3g} after %{x:.1f} s",
        marked=False,
    )
    return _figure([line], learning, at, colours, loss_axis(colours, line["y"])).update_layout(
        showlegend=False
    )


def gates_figure(learning: TaskLearning, at: int | None = None, *, dark: bool = False) -> go.Figure:
    """How far the gates stand open through which it hears of rows, columns and the whole grid, over seconds."""
    colours = theme(dark)
    seconds = _apart(learning, [glimpse.seconds for glimpse in learning.glimpses])
    lines = [
        time_line(
            name,
            seconds,
            _apart(learning, [abs(glimpse.gates[k]) for glimpse in learning.glimpses]),
            shade,
            dash,
            "%{y:.2f} after %{x:.1f} s",
            marked=False,
        )
        for k, (name, shade, dash) in enumerate(
            zip(GATES, (colours.guess, colours.halting), ("solid", "dash"), strict=True)
        )
    ]
    axis = {
        "title": {"text": "how much it uses them", "font": {"size": 13, "color": colours.soft_ink}},
        "tickfont": {"color": colours.soft_ink},
        "gridcolor": colours.thin_line,
        "rangemode": "tozero",
        "fixedrange": True,
    }
    return _figure(lines, learning, at, colours, axis)


def _apart(learning: TaskLearning, values: list[float]) -> list[float]:
    """A value for every glimpse, with a gap before each further network."""
    pairs = itertools.pairwise(learning.glimpses)
    return _parted(values, [after.learner > before.learner for before, after in pairs])


def _parted(values: list[float], first: list[bool]) -> list[float]:
    """The values, with NaN before each after the first with which something else begins."""
    parted = values[:1]
    for value, begins in zip(values[1:], first, strict=True):
        parted += [math.nan, value] if begins else [value]
    return parted


def _figure(
    lines: list[dict[str, Any]],
    learning: TaskLearning,
    at: int | None,
    colours: Theme,
    axis: dict[str, Any],
) -> go.Figure:
    most = max((glimpse.seconds for glimpse in learning.glimpses), default=1.0) or 1.0
    marks = [] if at is None else time_mark(learning.glimpses[at].seconds, colours)
    layout = time_layout(colours, "seconds of learning", most)
    lines = [line | {"connectgaps": False} for line in lines]  # a network's curves are its own
    return go.Figure(
        {"data": lines, "layout": layout | {"height": HEIGHT, "yaxis": axis, "shapes": marks}}
    )
