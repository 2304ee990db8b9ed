"""The one figure of a solve: board above, curves below, moving together at the chosen clock.

The figure plays by itself in any plotly viewer: play, pause, speeds and a slider are part of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.domains import Domain
from trm_core.figures.board import (
    LAYERS,
    BoardFrame,
    board_frames,
    board_shapes,
    board_traces,
    history_sentences,
    latent_dots,
    moving_parts,
    question_frame,
    question_sentences,
    rings,
)
from trm_core.figures.curves import panel_traces, panels
from trm_core.figures.theme import FONT, Theme, theme
from trm_core.record.trace import Trace

HEIGHT = 900  # pixels; the same with and without curves, so that nothing jumps
MOST_FRAMES = 400  # of one animation; a longer solve shows evenly spaced moments
SPEEDS = {"Slow": 1400, "Play": 600, "Fast": 150}  # milliseconds a frame
_BOARD = (0.475, 1.0)  # vertical share of the figure
_CURVES = (0.0, 0.36)
_GAP = 0.03
_CURVE_AXIS = 2  # number of the first vertical axis under the board; the cursor's is the last
_UNIT = {"steps": "step", "cycles": "cycle", "calls": "call"}


def solve_figure(trace: Trace, clock: str, *, dark: bool = False) -> go.Figure:
    """Board and curves of a solve, with one frame per tick of the clock."""
    colours = theme(dark)
    given_RC = trace.domain.given(trace.question_board)
    frames = board_frames(trace, clock)
    time_F = trace.moments(clock)
    shown = shown_frames(len(frames))

    layers = board_traces(
        trace.domain.drawing,
        frames[0],
        given_RC,
        colours,
        digit_size(trace.domain),
        history_sentences(trace),
    )
    stacked = panels(trace, clock, colours)
    cursor = _cursor(time_F[0]) | {
        "type": "scatter",
        "mode": "lines",
        "xaxis": "x2",
        "yaxis": f"y{_CURVE_AXIS + len(stacked)}",
        "line": {"color": colours.cursor, "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    curves, labels = [], []
    for i, panel in enumerate(stacked):
        lines, label = panel_traces(panel, time_F, _CURVE_AXIS + i, colours)
        curves += lines
        labels += label
    names = frame_names(trace, clock)
    layout = _layout(trace.domain, colours, [panel.top for panel in stacked], time_F[-1])
    layout["meta"]["moments"] = [float(time_F[i]) for i in shown]
    layout["annotations"] = labels
    layout["updatemenus"] = [_buttons(colours)]
    layout["sliders"] = [_slider([names[i] for i in shown], colours)]
    return go.Figure(
        {
            "data": [*layers, cursor, *curves],
            "layout": layout,
            "frames": _frames(trace, clock, frames, names, shown, len(layers)),
        }
    )


def _frames(
    trace: Trace,
    clock: str,
    frames: list[BoardFrame],
    names: list[str],
    shown: list[int],
    cursor: int,
) -> list[dict[str, Any]]:
    """The animation's frames. While the model only thinks, its answer stands still: such frames
    say what moves and take the rest from the last frame that wrote (plotly's base frame)."""
    given_RC = trace.domain.given(trace.question_board)
    time_F = trace.moments(clock)
    cycle_F = trace.cycle_of(trace.ticks(clock))
    built: list[dict[str, Any]] = []
    base = -1
    for i in shown:
        thinking = base >= 0 and cycle_F[i] == cycle_F[base]
        if thinking:
            moving = {LAYERS["moved"]: latent_dots(frames[i], given_RC), cursor: _cursor(time_F[i])}
            if frames[base].changed_RC.any():  # what changed then did not change just now
                moving[LAYERS["changed"]] = rings(frames[i], given_RC)
        else:
            base = i
            parts = dict(enumerate(moving_parts(trace.domain.drawing, frames[i], given_RC)))
            moving = {**parts, cursor: _cursor(time_F[i])}
        frame = {"name": names[i], "traces": list(moving), "data": list(moving.values())}
        built.append(frame | ({"baseframe": names[base]} if thinking else {}))
    return built


def question_figure(
    domain: Domain, board_RC: np.ndarray, note: str, *, dark: bool = False
) -> go.Figure:
    """A question before any solve: the same board in the same place, clashes outlined, and a
    note where the curves will be."""
    colours = theme(dark)
    layout = _layout(domain, colours, [], 1.0)
    layout["annotations"] = [
        {
            "text": note,
            "xref": "paper",
            "yref": "paper",
            "x": 0.5,
            "y": _CURVES[1],
            "showarrow": False,
            "font": {"size": 15, "color": colours.soft_ink, "family": FONT},
        }
    ]
    layers = board_traces(
        domain.drawing,
        question_frame(domain, board_RC),
        domain.given(board_RC),
        colours,
        digit_size(domain),
        question_sentences(domain, board_RC),
    )
    return go.Figure({"data": layers, "layout": layout})


def digit_size(domain: Domain) -> int:
    """Digits large enough to read from the back of a classroom, in pixels."""
    return max(8, min(44, 225 // max(domain.rows, domain.cols)))


def shown_frames(count: int) -> list[int]:
    """Frames an animation shows: all, or evenly spaced ones with the first and the last."""
    return np.unique(
        np.linspace(0, count - 1, min(count, MOST_FRAMES)).round().astype(int)
    ).tolist()


def frame_names(trace: Trace, clock: str) -> list[str]:
    """What each frame of a clock is called."""
    return [_name(i, clock, trace) for i in range(len(trace.ticks(clock)))]


def _name(frame: int, clock: str, trace: Trace) -> str:
    """What the slider says: the clock's own count, with the step it belongs to."""
    if frame == 0:
        return "question"
    if clock == "steps":
        return f"step {frame}"
    per_step = trace.cycles if clock == "cycles" else trace.cycles * (trace.latent_updates + 1)
    step, within = divmod(frame - 1, per_step)
    return f"step {step + 1}, {_UNIT[clock]} {within + 1} of {per_step}"


def _cursor(time: float) -> dict[str, Any]:
    return {"x": [float(time), float(time)], "y": [0, 1]}


def _layout(domain: Domain, colours: Theme, tops: list[float], end: float) -> dict[str, Any]:
    hidden = {"visible": False, "fixedrange": True}
    layout: dict[str, Any] = {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "color": colours.ink, "size": 13},
        "dragmode": False,
        "hoverlabel": {"font": {"family": FONT, "size": 14}},
        "shapes": board_shapes(domain, colours),
        # For whoever plays the figure: what its parts are called, and where they are.
        "meta": {
            "rows": domain.rows,
            "cols": domain.cols,
            "layers": LAYERS,
            "board_bottom": _BOARD[0],
            "under_board": [],  # axes that may move up under a smaller board
            "moments": [],  # of each frame, in supervision steps
        },
        "xaxis": hidden
        | {"range": [-0.52, domain.cols - 0.48], "domain": [0, 1], "constrain": "domain"},
        "yaxis": hidden
        | {
            "range": [domain.rows - 0.48, -0.52],
            "domain": list(_BOARD),
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
    }
    if not tops:
        return layout
    bottom, top = _CURVES
    height = (top - bottom - 0.035) / len(tops)
    for i, most in enumerate(tops):
        upper = top - i * height - _GAP
        layout[f"yaxis{_CURVE_AXIS + i}"] = {
            "domain": [upper - height + _GAP, upper],
            "anchor": "x2",
            "range": [-0.04 * most, 1.06 * most],
            "tickvals": [0, most],
            "ticktext": ["0", f"{most:.3g}"],
            "tickfont": {"size": 11, "color": colours.soft_ink},
            "gridcolor": colours.thin_line,
            "zeroline": False,
            "fixedrange": True,
        }
    layout["xaxis2"] = {
        "domain": [0.06, 0.86],
        "anchor": f"y{_CURVE_AXIS + len(tops) - 1}",
        "range": [0, max(end, 1e-6)],
        "title": {"text": "step", "font": {"size": 12, "color": colours.soft_ink}},
        "tickfont": {"size": 11, "color": colours.soft_ink},
        "dtick": max(1, round(end / 8)),
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    # The cursor's own axis spans all panels.
    axes = [f"yaxis{_CURVE_AXIS + i}" for i in range(len(tops) + 1)]
    layout["meta"]["under_board"] = axes
    layout[axes[-1]] = hidden | {
        "domain": [bottom + 0.035, top - _GAP],
        "anchor": "x2",
        "range": [0, 1],
    }
    return layout


def _animation(milliseconds: int) -> dict[str, Any]:
    return {
        "frame": {"duration": milliseconds, "redraw": True},
        "transition": {"duration": 0},
        "mode": "immediate",
        "fromcurrent": True,
    }


def _buttons(colours: Theme) -> dict[str, Any]:
    buttons = [
        {"label": label, "method": "animate", "args": [None, _animation(milliseconds)]}
        for label, milliseconds in SPEEDS.items()
    ]
    buttons.append({"label": "Pause", "method": "animate", "args": [[None], _animation(0)]})
    return {
        "type": "buttons",
        "direction": "right",
        "showactive": False,
        "buttons": buttons,
        "x": 0,
        "y": 0.405,
        "xanchor": "left",
        "yanchor": "middle",
        "pad": {"t": 0, "r": 0},
        "bgcolor": colours.button,
        "bordercolor": colours.thin_line,
        "font": {"size": 13, "color": colours.ink},
    }


def _slider(names: list[str], colours: Theme) -> dict[str, Any]:
    steps = [
        {"label": name, "method": "animate", "args": [[name], _animation(0)]} for name in names
    ]
    return {
        "steps": steps,
        "active": 0,
        "x": 0.6,
        "len": 0.4,
        "y": 0.405,
        "xanchor": "left",
        "yanchor": "middle",
        "pad": {"t": 0, "b": 0, "l": 8, "r": 8},
        "ticklen": 0,
        "minorticklen": 0,
        "bgcolor": colours.thin_line,
        "activebgcolor": colours.guess,
        "bordercolor": colours.thin_line,
        "font": {"color": "rgba(0,0,0,0)", "size": 1},
        "currentvalue": {
            "visible": True,
            "xanchor": "right",
            "font": {"size": 13, "color": colours.ink},
        },
    }
