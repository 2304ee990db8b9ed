"""The figures of a solve: the board with a frame for every tick of the chosen clock, and the curves
with a cursor that moves through the same frames. The app shows them apart and its player moves
both; `solve_figure` is both in one, with plotly's own buttons, and plays in any viewer.

What their layers, frames and sentences are, they say in `layout.meta`, and the player reads that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trm_core.domains import Domain
from trm_core.figures.board import (
    ASKED_FOR,
    GIVENS,
    LAYERS,
    MARK_SHARE,
    PATH_SHARE,
    TEXT_SHARE,
    BoardFrame,
    board_frames,
    board_shapes,
    board_traces,
    hover_texts,
    latent_dots,
    moving_parts,
    rings,
)
from trm_core.figures.curves import (
    FIRST_AXIS,
    Flag,
    Panel,
    compared,
    curve_axes,
    curve_traces,
    curve_words,
    flag_marks,
    flags,
    moving_traces,
    panels,
)
from trm_core.figures.curves import moving_parts as curve_parts
from trm_core.figures.theme import Theme, plain_layout, theme
from trm_core.record.telling import QUESTION, told_frames, when
from trm_core.record.trace import Trace

HEIGHT = 900  # pixels of the whole in one
MOST_FRAMES = 400  # of one animation; a longer solve shows evenly spaced moments
SPEEDS = {"Slow": 1400, "Play": 600, "Fast": 150}  # milliseconds a frame
_BOARD = (0.475, 1.0)  # vertical share of the board in the whole in one
_CURVES = (0.02, 0.355)
_BUTTONS = 0.42
# Room in pixels under and over the curves alone: the axis's numbers, two rows of flags.
_UNDER, _OVER = 18, 30


def board_figure(
    trace: Trace,
    clock: str,
    *,
    dark: bool = False,
    other: Trace | None = None,
    doubts: bool = False,
) -> go.Figure:
    """The board of a solve alone, as large as its place, with one frame per tick of the clock.

    `other` is a solve of the same question that is shown beside it; `doubts` as for `board_frames`.
    """
    frames, shown = board_frames(trace, clock, other, doubts), _shown(trace, clock)
    layout = _board_layout(trace.domain, theme(dark))
    told = told_frames(trace, clock)
    # Its place is a square: the longer side fills it, the other stands in the middle or on top.
    longest = max(trace.domain.rows, trace.domain.cols)
    wide, high = trace.domain.cols / longest, trace.domain.rows / longest
    layout["xaxis"] |= {"domain": [0.5 - wide / 2, 0.5 + wide / 2]}
    layout["yaxis"] |= {"domain": [1 - high, 1]}
    layout["meta"] |= {
        "moments": moments(trace, clock, shown),
        "told": [told[i] for i in shown],
    }
    layers = _layers(trace, frames[0], theme(dark))
    for name in ASKED_FOR:
        layers[LAYERS[name]]["visible"] = False
    return go.Figure(
        {
            "data": layers,
            "layout": layout,
            "frames": _board_frames(trace, clock, frames, shown),
        }
    )


def curves_figure(
    trace: Trace,
    clock: str,
    *,
    dark: bool = False,
    last: int | None = None,
    guess: int | None = None,
    only: Sequence[str] = (),
    others: Mapping[str, Trace] | None = None,
) -> go.Figure:
    """The curves of a solve alone, as large as their place; their frames move cursor and numbers.

    The time axis goes to step `last`, if one is named: that of a longer solve beside it. A step that somebody
    guessed is marked. `only` some curves, by their names; or the first curve of each panel of two solves, `others` by
    their names, in one, of which `trace` is the longer one.
    """
    colours, shown = theme(dark), _shown(trace, clock)
    stacked, time_F = panels(trace, clock, colours, only), trace.moments(clock)
    if others:
        stacks = [panels(other, clock, colours, only) for other in others.values()]
        stacked = compared(stacks, list(others), colours)
    still = curve_traces(stacked, time_F)
    layout = _plain_layout(colours)
    layout["margin"] |= {"t": _OVER, "b": _UNDER}
    end = max(float(time_F[-1]), last or 0, guess or 0)
    layout |= curve_axes(stacked, end, colours, 0.0, 1.0)
    found = [] if others else flags(trace)
    if guess is not None:
        found.append(Flag(guess, "your guess"))
    shapes, words = flag_marks(found, end, FIRST_AXIS + len(stacked), colours)
    layout["shapes"], layout["annotations"] = shapes, [*curve_words(stacked, colours), *words]
    layout["meta"] = {"moments": moments(trace, clock, shown), "seek": f"xaxis{FIRST_AXIS}"}
    names = frame_names(trace, clock)
    return go.Figure(
        {
            "data": [*still, *moving_traces(stacked, time_F, end, colours)],
            "layout": layout,
            "frames": [
                {"name": names[i], **_curve_frame(stacked, time_F, end, i, len(still))}
                for i in shown
            ],
        }
    )


def solve_figure(trace: Trace, clock: str, *, dark: bool = False) -> go.Figure:
    """Board and curves of a solve in one figure that plays by itself."""
    colours, shown = theme(dark), _shown(trace, clock)
    frames, time_F = board_frames(trace, clock), trace.moments(clock)
    stacked = panels(trace, clock, colours)
    layers = _layers(trace, frames[0], colours)
    still = curve_traces(stacked, time_F)
    built = _board_frames(trace, clock, frames, shown)
    first, end = len(layers) + len(still), float(time_F[-1])
    for frame, i in zip(built, shown, strict=True):
        moving = _curve_frame(stacked, time_F, end, i, first)
        frame["traces"] = [*frame["traces"], *moving["traces"]]
        frame["data"] = [*frame["data"], *moving["data"]]
    layout = _board_layout(trace.domain, colours)
    layout |= {"height": HEIGHT, "margin": {"l": 8, "r": 8, "t": 8, "b": 8}}
    layout["xaxis"] |= {"constrain": "domain"}
    layout["yaxis"] |= {"domain": list(_BOARD), "constrain": "domain", "scaleanchor": "x"}
    layout["yaxis"] |= {"constraintoward": "top"}
    layout |= curve_axes(stacked, end, colours, *_CURVES)
    layout["annotations"] = curve_words(stacked, colours)
    layout["updatemenus"] = [_buttons(colours)]
    layout["sliders"] = [_slider([frame["name"] for frame in built], colours)]
    return go.Figure(
        {
            "data": [*layers, *still, *moving_traces(stacked, time_F, end, colours)],
            "layout": layout,
            "frames": built,
        }
    )


def _layers(trace: Trace, frame: BoardFrame, colours: Theme) -> list[dict[str, Any]]:
    given_RC = trace.domain.given(trace.question_board)
    drawing, size = trace.domain.drawing, digit_size(trace.domain)
    return board_traces(drawing, frame, given_RC, colours, size, hover_texts(trace))


def _board_frames(
    trace: Trace, clock: str, frames: list[BoardFrame], shown: list[int]
) -> list[dict[str, Any]]:
    """The animation's frames. While the model only thinks, its answer stands still: such frames
    say what moves and take the rest from the last frame that wrote (plotly's base frame)."""
    given_RC = trace.domain.given(trace.question_board)
    cycle_F, names = trace.cycle_of(trace.ticks(clock)), frame_names(trace, clock)
    away = _never_used(frames)
    built: list[dict[str, Any]] = []
    base = -1
    for i in shown:
        thinking = base >= 0 and cycle_F[i] == cycle_F[base]
        if thinking:
            moving = {LAYERS["moved"]: latent_dots(frames[i], given_RC)}
            if frames[base].changed_RC.any():  # what changed then did not change just now
                moving[LAYERS["changed"]] = rings(frames[i], given_RC)
        else:
            base = i
            parts = moving_parts(trace.domain.drawing, frames[i], given_RC)
            moving = {LAYERS[n]: part for n, part in parts.items() if LAYERS[n] not in away}
        frame = {"name": names[i], "traces": list(moving), "data": list(moving.values())}
        built.append(frame | ({"baseframe": names[base]} if thinking else {}))
    return built


def _never_used(frames: list[BoardFrame]) -> set[int]:
    """Layers that hold nothing in any frame, so that no frame needs to say so."""
    names = {"marks", "pinned", "dead"} if frames[0].marks is None else set()
    if not any(frame.differs_RC.any() for frame in frames):
        names.add("differs")
    return {LAYERS[name] for name in names}


def _curve_frame(
    stacked: list[Panel], time_F: np.ndarray, end: float, frame: int, first: int
) -> dict[str, Any]:
    """What a frame moves in the curves, whose moving traces begin at number `first`."""
    parts = curve_parts(stacked, time_F, end, frame)
    return {"traces": list(range(first, first + len(parts))), "data": parts}


def _shown(trace: Trace, clock: str) -> list[int]:
    return shown_frames(len(trace.ticks(clock)))


def moments(trace: Trace, clock: str, shown: Sequence[int] | None = None) -> list[float]:
    """When the frames (all, or those `shown`) are, in supervision steps, rounded alike in every figure of a
    solve: the player compares them."""
    every_F = trace.moments(clock)
    return rounded(every_F if shown is None else every_F[shown])


def rounded(moments_F: np.ndarray) -> list[float]:
    """Moments as every figure tells them to the player."""
    return [round(float(moment), 4) for moment in moments_F]


def digit_size(domain: Domain) -> int:
    """Digits as large as fit the board of the whole in one, in pixels."""
    return max(8, min(44, 225 // max(domain.rows, domain.cols)))


def shown_frames(count: int, most: int = MOST_FRAMES) -> list[int]:
    """Frames an animation shows: all, or evenly spaced ones with the first and the last."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist()


def frame_names(trace: Trace, clock: str) -> list[str]:
    """What each frame of a clock is called."""
    count = len(trace.ticks(clock))
    return ["question", *(when(trace, clock, i).lower() for i in range(1, count))]


def _plain_layout(colours: Theme) -> dict[str, Any]:
    """What all figures of a solve have in common; they fill their place."""
    layout = plain_layout(colours)
    layout["hoverlabel"]["align"] = "left"
    return layout | {
        "autosize": True,
        "margin": {"l": 2, "r": 2, "t": 2, "b": 2},
        "showlegend": False,
    }


def _board_layout(domain: Domain, colours: Theme) -> dict[str, Any]:
    hidden = {"visible": False, "fixedrange": True}
    answer = "line.width" if domain.drawing.cells == "path" else "textfont.size"
    share = PATH_SHARE if domain.drawing.cells == "path" else TEXT_SHARE
    return _plain_layout(colours) | {
        "shapes": board_shapes(domain, colours),
        "meta": {
            "rows": domain.rows,
            "cols": domain.cols,
            "layers": LAYERS,
            "told": [QUESTION],
            "moments": [0.0],
            # Sizes that are shares of a cell's, by layer: plotly knows pixels only.
            "scaled": [
                [LAYERS["answer"], answer, share],
                [GIVENS, "textfont.size", TEXT_SHARE],
                [LAYERS["marks"], "textfont.size", MARK_SHARE],
            ],
        },
        "xaxis": hidden | {"range": [-0.52, domain.cols - 0.48]},
        "yaxis": hidden | {"range": [domain.rows - 0.48, -0.52]},
    }


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
        "y": _BUTTONS,
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
        "y": _BUTTONS,
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
