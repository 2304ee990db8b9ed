"""The curves under a board: what the model's numbers did over the same time axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from trm_core.figures.theme import FONT, Theme
from trm_core.record.telling import sureness
from trm_core.record.trace import Trace


@dataclass(frozen=True, eq=False)
class Curve:
    """One line: its value at every frame, and a label that carries its meaning."""

    label: str
    values_F: np.ndarray  # NaN where there is nothing to say
    color: str
    end: str  # the last value, as it stands at the curve's end
    text_color: str = ""  # where the line's colour is too light for words
    dash: str = "solid"


@dataclass(frozen=True, eq=False)
class Panel:
    """A small plot with one or two curves."""

    curves: tuple[Curve, ...]
    top: float  # of the vertical axis, which starts at 0


def panels(trace: Trace, clock: str, theme: Theme) -> list[Panel]:
    """The panels of a solve, top to bottom."""
    blank_L = ~trace.domain.given(trace.question_board).reshape(-1)
    blanks = max(1, int(blank_L.sum()))
    changed_F = trace.changed(clock)[:, blank_L].sum(1).astype(np.float32)
    changed = Curve(
        "cells changed",
        changed_F,
        theme.changed,
        f"{changed_F[-1]:.0f}",
        theme.changed_text,
        "dot",
    )
    right, counted = _right(trace, clock, blank_L, theme)
    reached = _progress(trace, clock, theme)
    if reached is None:
        counts = [Panel((*right, changed), blanks)]
    else:
        most = max(counted, int(reached.values_F.max()), 1)
        counts = [Panel((*right, reached), most), Panel((changed,), max(1, int(changed_F.max())))]
    sure_F = sureness(trace, clock)
    halt_F = trace.halting(clock).copy()
    written_F = trace.cycle_of(trace.ticks(clock)) >= 0
    halt_F[~written_F] = np.nan
    moved_F = trace.latent_residuals(clock)
    return [
        *counts,
        Panel(
            (Curve("how sure of its cells", sure_F, theme.guess, f"{100 * sure_F[-1]:.0f} %"),), 1
        ),
        Panel(
            (Curve("how far its scratchpad moved", moved_F, theme.latent, f"{moved_F[-1]:.2f}"),),
            max(1.0, float(np.nanmax(moved_F))),
        ),
        Panel(
            (Curve("how sure it is done", halt_F, theme.halting, f"{100 * halt_F[-1]:.0f} %"),), 1
        ),
    ]


def _right(trace: Trace, clock: str, blank_L: np.ndarray, theme: Theme) -> tuple[list[Curve], int]:
    """How many of the telling cells are right, where a solution is known; and their number."""
    right = trace.right(clock)
    if right is None:
        return [], 0
    domain = trace.domain
    telling_RC = domain.drawing.told(domain.board(trace.solution_L))
    counted_L = blank_L & telling_RC.reshape(-1)
    count = int(counted_L.sum())
    right_F = right[:, counted_L].sum(1).astype(np.float32)
    parting = " of " if count < 100 else "/"  # or a phone would cut it off
    return [
        Curve(
            domain.drawing.telling_name, right_F, theme.right, f"{right_F[-1]:.0f}{parting}{count}"
        )
    ], count


def _progress(trace: Trace, clock: str, theme: Theme) -> Curve | None:
    """The domain's own measure of how far the answer has come, if it has one."""
    domain, question_RC = trace.domain, trace.question_board
    boards = domain.board(trace.answer_CL)
    found = [domain.rules.progress(question_RC, board_RC) for board_RC in boards]
    if found[0] is None:
        return None
    reached_C = np.array([how_far for _, how_far in found], dtype=np.float32)
    reached_F = np.concatenate([[0], reached_C])[trace.cycle_of(trace.ticks(clock)) + 1]
    return Curve(found[0][0], reached_F, theme.guess, f"{reached_F[-1]:.0f}", "", "dash")


def panel_traces(
    panel: Panel, time_F: np.ndarray, axis: int, theme: Theme
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The lines of a panel on axes `axis`, and its words: names above, last values at the ends."""
    traces = []
    for curve in panel.curves:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": time_F.astype(np.float32),
                "y": np.round(curve.values_F.astype(np.float32), 3),
                "xaxis": "x2",
                "yaxis": f"y{axis}",
                "line": {"color": curve.color, "width": 2.5, "dash": curve.dash},
                "hovertemplate": f"{curve.label}: %{{y:.3~g}} at step %{{x:.3~g}}<extra></extra>",
                "showlegend": False,
            }
        )
    words = "     ".join(
        f'<span style="color:{curve.text_color or curve.color}"><b>{curve.label}</b></span>'
        for curve in panel.curves
    )
    common = {"showarrow": False, "xanchor": "left", "xref": "x2 domain"}
    name = common | {
        "text": words,
        "yref": f"y{axis} domain",
        "x": 0,
        "y": 1.02,
        "yanchor": "bottom",
        "bgcolor": theme.page,
        "borderpad": 0,
        "font": {"size": 13, "family": FONT},
    }
    ends = [
        common
        | {
            "text": f"<b>{curve.end}</b>",
            "yref": f"y{axis}",
            "x": 1.012,
            "y": height,
            "yanchor": "middle",
            "font": {"size": 13, "color": curve.text_color or curve.color, "family": FONT},
        }
        for curve, height in zip(panel.curves, _end_heights(panel), strict=True)
    ]
    return traces, [name, *ends]


def _end_heights(panel: Panel) -> list[float]:
    """Where the end values stand: at the curves' ends, apart from each other."""
    heights = [float(curve.values_F[-1]) for curve in panel.curves]
    apart = 0.4 * panel.top
    if len(heights) == 2 and abs(heights[0] - heights[1]) < apart:
        middle = min(max(sum(heights) / 2, apart / 2), panel.top - apart / 2)
        up = 1 if heights[0] >= heights[1] else -1
        heights = [middle + up * apart / 2, middle - up * apart / 2]
    return heights
