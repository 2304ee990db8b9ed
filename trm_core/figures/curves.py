"""The curves of a solve: what the model's numbers did over one time axis, with a cursor at the frame
shown, the numbers of that frame beside them, and flags where a solve may end."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trm_core.figures.board import board_frames
from trm_core.figures.theme import FONT, Theme
from trm_core.record.telling import sureness
from trm_core.record.trace import OUT_OF_STEPS, Trace

FIRST_AXIS = 2  # number of the panels' first pair of axes; the board's is the first
_LINE = 15  # characters of a name in a line
_GAP = 0.018  # between panels, as a share of the figure
_WORDS, _NUMBERS = 0.27, 0.86  # where the lines begin and end, as shares of the width


@dataclass(frozen=True, eq=False)
class Curve:
    """One line with its name, and what its number is at every frame."""

    label: str
    values_F: np.ndarray  # NaN where there is nothing to say
    color: str
    says: list[str]
    text_color: str = ""  # where the line's colour is too light for words
    dash: str = "solid"


@dataclass(frozen=True, eq=False)
class Panel:
    """A small plot with one curve or two."""

    curves: tuple[Curve, ...]
    top: float  # of the vertical axis, which starts at 0


@dataclass(frozen=True)
class Flag:
    """A moment at which a solve ends, or would have ended, or, without words, takes all back."""

    step: float
    words: str


def panels(trace: Trace, clock: str, theme: Theme, only: Sequence[str] = ()) -> list[Panel]:
    """The panels of a solve, top to bottom; `only` those with a curve of one of these names, if any are named."""
    return [
        panel
        for panel in _panels(trace, clock, theme)
        if not only or any(curve.label in only for curve in panel.curves)
    ]


def compared(stacks: Sequence[list[Panel]], names: Sequence[str], theme: Theme) -> list[Panel]:
    """The same panels of two solves as one stack: each panel has the curve of both, named after its solve, first the one
    that ends higher, as its number stands higher."""
    looks = ((theme.right, "solid"), (theme.wrong, "dash"))
    longest = max(len(stack[0].curves[0].values_F) for stack in stacks)
    return [
        Panel(
            tuple(
                sorted(
                    (
                        _longer(
                            replace(panel.curves[0], label=name, color=color, dash=dash), longest
                        )
                        for panel, name, (color, dash) in zip(alike, names, looks, strict=True)
                    ),
                    key=lambda curve: -curve.values_F[np.isfinite(curve.values_F)][-1],
                )
            ),
            max(float(np.nanmax(panel.curves[0].values_F)) for panel in alike),
        )
        for alike in zip(*stacks, strict=True)
    ]


def _longer(curve: Curve, frames: int) -> Curve:
    """A curve with nothing to say at further frames, so that it has so many."""
    more = frames - len(curve.values_F)
    values_F = np.pad(curve.values_F.astype(np.float32), (0, more), constant_values=np.nan)
    return replace(curve, values_F=values_F, says=[*curve.says, *[""] * more], text_color="")


def _panels(trace: Trace, clock: str, theme: Theme) -> list[Panel]:
    written_F = trace.cycle_of(trace.ticks(clock)) >= 0
    halt_F = trace.halting(clock).copy()
    halt_F[~written_F] = np.nan
    if trace.candidates_SNL is not None:
        return [
            *_marks(trace, clock, theme),
            _share("says it is done", halt_F, theme.halting),
        ]
    moved_F = trace.latent_residuals(clock)
    return [
        *_counts(trace, clock, theme),
        _share("how sure", sureness(trace, clock), theme.guess),
        Panel(
            (
                Curve(
                    "scratchpad moves",
                    moved_F,
                    theme.latent,
                    [_percent(value) for value in moved_F],
                ),
            ),
            max(1.0, float(np.nanmax(moved_F))),
        ),
        _share("says it is done", halt_F, theme.halting),
    ]


def _marks(trace: Trace, clock: str, theme: Theme) -> list[Panel]:
    """What is counted where answers are made of pencil marks: cells with one candidate left and,
    where a solution is known, how many of them are right; marks still open; cells pinned; how sure it
    is of a contradiction."""
    frames = board_frames(trace, clock)
    blank_RC = ~trace.domain.given(trace.question_board)
    blanks = int(blank_RC.sum())
    filled = [trace.domain.drawing.filled(frame.board_RC) & blank_RC for frame in frames]
    settled_F = np.array([each.sum() for each in filled], np.float32)
    open_F = np.array([frame.marks.open_NRC.sum() for frame in frames], np.float32)
    pinned_F = np.array([frame.marks.pinned_RC.sum() for frame in frames], np.float32)
    step_F = np.floor(trace.moments(clock) + 1e-9).astype(int)
    conflict_F = np.concatenate([[np.nan], trace.conflict_S])[step_F].astype(np.float32)
    says = [f"{count:.0f} of {blanks}" for count in settled_F]
    first = [Curve("cells decided", settled_F, theme.guess, says)]
    if trace.solution_L is not None:
        wrong_F = np.array([frame.wrong_RC.sum() for frame in frames], np.float32)
        right_F = settled_F - wrong_F
        says = [f"{count:.0f} right" for count in right_F]
        first.append(Curve("right", right_F, theme.right, says, "", "dash"))
    counts = ((open_F, "marks open", theme.guess), (pinned_F, "pinned", theme.halting))
    return [
        Panel(tuple(first), max(1, blanks)),
        *(
            Panel(
                (Curve(label, values_F, color, [f"{count:.0f}" for count in values_F]),),
                max(1.0, float(values_F.max())),
            )
            for values_F, label, color in counts
        ),
        _share("contradiction", conflict_F, theme.wrong),
    ]


def _share(label: str, values_F: np.ndarray, color: str) -> Panel:
    return Panel((Curve(label, values_F, color, [_percent(value) for value in values_F]),), 1)


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.0f} %"


def _counts(trace: Trace, clock: str, theme: Theme) -> list[Panel]:
    """What is counted in cells: how many are right, how many changed."""
    blank_L = ~trace.domain.given(trace.question_board).reshape(-1)
    changed_F = trace.changed(clock)[:, blank_L].sum(1).astype(np.float32)
    # Its first answer changes nothing: there was none.
    changed_F[: 1 + int((trace.cycle_of(trace.ticks(clock)) < 0).sum())] = np.nan
    changed = Curve(
        "cells changed",
        changed_F,
        theme.changed,
        ["" if np.isnan(value) else f"{value:.0f}" for value in changed_F],
        theme.changed_text,
    )
    right, most = _right(trace, clock, blank_L, theme)
    reached = _progress(trace, clock, theme)
    if reached is not None:
        right.append(reached)
        most = max(most, int(reached.values_F.max()), 1)
    panels = [Panel(tuple(right), most)] if right else []
    return [*panels, Panel((changed,), max(1.0, float(np.nanmax(changed_F, initial=1))))]


def _right(trace: Trace, clock: str, blank_L: np.ndarray, theme: Theme) -> tuple[list[Curve], int]:
    """How many of the telling cells are right, where a solution is known; and their number."""
    right = trace.right(clock)
    if right is None:
        return [], 0
    domain = trace.domain
    telling_RC = domain.drawing.told(domain.board(trace.solution_L))
    counted_L = blank_L & telling_RC.reshape(-1)
    count = int(counted_L.sum())
    if not count:
        return [], 0
    right_F = right[:, counted_L].sum(1).astype(np.float32)
    says = [f"{value:.0f} of {count}" for value in right_F]
    return [Curve(domain.drawing.telling_name, right_F, theme.right, says)], count


def _progress(trace: Trace, clock: str, theme: Theme) -> Curve | None:
    """The domain's own measure of how far the answer has come, if it has one."""
    domain, question_RC = trace.domain, trace.question_board
    boards = domain.board(trace.answer_CL)
    found = [domain.rules.progress(question_RC, board_RC) for board_RC in boards]
    if found[0] is None:
        return None
    reached_C = np.array([how_far for _, how_far in found], dtype=np.float32)
    reached_F = np.concatenate([[0], reached_C])[trace.cycle_of(trace.ticks(clock)) + 1]
    says = [f"{value:.0f}" for value in reached_F]
    return Curve(found[0][0], reached_F, theme.guess, says, "", "dash")


def flags(trace: Trace) -> list[Flag]:
    """Where the model itself would have stopped, where the rules would have ended the solve, and
    where its steps ran out."""
    found = []
    if trace.dead_S is not None:
        found += [Flag(int(step) + 1, "") for step in np.flatnonzero(trace.dead_S)]
    if trace.intervened_K is not None and trace.intervened_K.any():
        per_step = trace.cycles * (trace.latent_updates + 1)
        touched = np.flatnonzero(trace.intervened_K)
        if len(touched) == 1 and touched[0]:  # once on the way, not before every step
            found.append(Flag(touched[0] / per_step, "changed by hand"))
    says_done_S = trace.halting("steps")[1:] > 0.5
    if says_done_S.any():
        found.append(Flag(int(np.argmax(says_done_S)) + 1, "says it is done"))
    domain, question_RC = trace.domain, trace.question_board
    if domain.rules.decide:
        boards = domain.board(trace.answers("steps")[1:])
        for step, board_RC in enumerate(boards, 1):
            if domain.rules.obeyed(question_RC, board_RC):
                found.append(Flag(step, "rules obeyed"))
                break
    if trace.stopped == OUT_OF_STEPS:
        found.append(Flag(trace.steps, "out of steps"))
    return found


def curve_traces(stacked: list[Panel], time_F: np.ndarray) -> list[dict[str, Any]]:
    """The lines of all panels; they stand still."""
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": time_F.astype(np.float32),
            "y": np.round(curve.values_F.astype(np.float32), 3),
            "xaxis": f"x{FIRST_AXIS}",
            "yaxis": f"y{FIRST_AXIS + i}",
            "line": {"color": curve.color, "width": 2.5, "dash": curve.dash},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for i, panel in enumerate(stacked)
        for curve in panel.curves
    ]


def moving_traces(
    stacked: list[Panel], time_F: np.ndarray, end: float, theme: Theme
) -> list[dict[str, Any]]:
    """What follows the frame: the cursor through all panels, then every curve's dot and, where the
    axis ends, its number."""
    cursor = {
        "type": "scatter",
        "mode": "lines",
        "xaxis": f"x{FIRST_AXIS}",
        "yaxis": f"y{FIRST_AXIS + len(stacked)}",
        "line": {"color": theme.cursor, "width": 1},
    }
    numbers = [
        {
            "type": "scatter",
            "mode": "markers+text",
            "xaxis": f"x{FIRST_AXIS}",
            "yaxis": f"y{FIRST_AXIS + i}",
            "marker": {"size": [8, 0], "color": curve.color},
            "textposition": "middle right",
            "textfont": {"size": 13, "color": curve.text_color or curve.color, "family": FONT},
            "cliponaxis": False,
        }
        for i, panel in enumerate(stacked)
        for curve in panel.curves
    ]
    quiet = {"hoverinfo": "skip", "showlegend": False}
    parts = moving_parts(stacked, time_F, end, 0)
    return [style | quiet | part for style, part in zip([cursor, *numbers], parts, strict=True)]


def moving_parts(
    stacked: list[Panel], time_F: np.ndarray, end: float, frame: int
) -> list[dict[str, Any]]:
    """What one frame sets in the `moving_traces`."""
    now = float(time_F[frame])
    parts: list[dict[str, Any]] = [{"x": [now, now], "y": [0, 1]}]
    for panel in stacked:
        for curve, place in zip(panel.curves, _number_heights(panel), strict=True):
            value = float(curve.values_F[frame])
            known = None if np.isnan(value) else round(value, 3)
            number = f"  <b>{curve.says[frame]}</b>"
            parts.append({"x": [now, end], "y": [known, place], "text": ["", number]})
    return parts


def _number_heights(panel: Panel) -> list[float]:
    """Where the numbers stand, beside their panel: one in the middle, two apart."""
    return [0.5 * panel.top] if len(panel.curves) == 1 else [0.82 * panel.top, 0.18 * panel.top]


def curve_axes(
    stacked: list[Panel], end: float, theme: Theme, bottom: float, top: float
) -> dict[str, Any]:
    """The axes of all panels between two heights of the figure, and the cursor's over all."""
    hidden = {"visible": False, "fixedrange": True}
    height = (top - bottom) / len(stacked)
    layout: dict[str, Any] = {}
    for i, panel in enumerate(stacked):
        upper = top - i * height
        layout[f"yaxis{FIRST_AXIS + i}"] = {
            "domain": [upper - height + _GAP, upper],
            "anchor": f"x{FIRST_AXIS}",
            "range": [-0.06 * panel.top, 1.1 * panel.top],
            "tickvals": [0],
            "showticklabels": False,
            "gridcolor": theme.thin_line,
            "zeroline": False,
            "fixedrange": True,
        }
    layout[f"yaxis{FIRST_AXIS + len(stacked)}"] = hidden | {
        "domain": [bottom + _GAP, top],
        "anchor": f"x{FIRST_AXIS}",
        "range": [0, 1],
    }
    layout[f"xaxis{FIRST_AXIS}"] = {
        "domain": [_WORDS, _NUMBERS],
        "anchor": f"y{FIRST_AXIS + len(stacked) - 1}",
        "range": [0, max(end, 1e-6)],
        "tickfont": {"size": 11, "color": theme.soft_ink},
        "dtick": max(1, round(end / 8)),
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    return layout


def curve_words(stacked: list[Panel], theme: Theme) -> list[dict[str, Any]]:
    """The panels' names, to the left of their lines, and the time axis's under them."""
    common = {"showarrow": False, "xref": "paper", "align": "left"}
    words = [
        common
        | {
            "text": "<br>".join(
                f'<span style="color:{curve.text_color or curve.color}"><b>{_wrapped(curve.label)}</b></span>'
                for curve in panel.curves
            ),
            "yref": f"y{FIRST_AXIS + i} domain",
            "x": 0,
            "xanchor": "left",
            "y": 0.5,
            "yanchor": "middle",
            "font": {"size": 13, "family": FONT},
        }
        for i, panel in enumerate(stacked)
    ]
    last = f"y{FIRST_AXIS + len(stacked) - 1} domain"
    step = common | {
        "text": "step",
        "x": _WORDS,
        "xanchor": "right",
        "xshift": -12,
        "yref": last,
        "y": 0,
        "yanchor": "top",
        "yshift": -4,
        "font": {"size": 11, "color": theme.soft_ink, "family": FONT},
    }
    return [*words, step]


def _wrapped(label: str) -> str:
    """A name in lines short enough for a phone."""
    return "<br>".join(textwrap.wrap(label, _LINE))


def flag_marks(
    found: list[Flag], end: float, cursor_axis: int, theme: Theme
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lines through all panels at the flags, and their words above; flags at one moment share one."""
    together: dict[float, list[str]] = {}
    for flag in found:
        together.setdefault(flag.step, []).extend([flag.words] if flag.words else [])
    axes = {"xref": f"x{FIRST_AXIS}", "yref": f"y{cursor_axis}"}
    shapes, words = [], []
    for i, (step, said) in enumerate(sorted(together.items())):
        line = {"color": theme.soft_ink, "width": 1, "dash": "dot"}
        shapes.append(
            {"type": "line", "x0": step, "x1": step, "y0": 0, "y1": 1, "line": line} | axes
        )
        if not said:
            continue
        words.append(
            {
                "text": f"⚑ {', '.join(said)}",
                "x": step,
                "y": 1,
                "yshift": 13 * (i % 2),
                "xanchor": "left" if step < end / 3 else "center" if step < 0.8 * end else "right",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 11, "color": theme.soft_ink, "family": FONT},
            }
            | axes
        )
    return shapes, words
