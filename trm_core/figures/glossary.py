"""Pictures of the lesson's words, drawn from recorded solves: boards of one moment, and small curves."""

from __future__ import annotations

import numpy as np

from trm_core.figures.live import live_board
from trm_core.figures.theme import Theme, theme
from trm_core.record.trace import Trace

_WIDTH, _HEIGHT = 160, 64  # units of a small curve


def pictures(features: Trace, marks: Trace, *, dark: bool = False) -> dict[str, str]:
    """SVGs by word: of a solve in the published form, and of one with pencil marks."""
    colours = theme(dark)
    middle = max(1, features.steps // 3)
    blank_RC = np.zeros_like(features.question_board)
    answer_RC = features.domain.board(features.answers("steps")[middle])
    changed_RC = _on_board(features, features.changed("steps")[middle])
    moved_RC = _on_board(features, features.latent_moves("steps")[middle])
    second = min(2, marks.steps)  # the step that pencil marks are shown after
    return {
        "question x": _board(features, blank_RC, dark=dark),
        "answer y": _board(features, answer_RC, dark=dark),
        "scratchpad z": _shaded(moved_RC, colours),
        "changed": _board(features, answer_RC, changed_RC, dark=dark),
        "halting head": _curve(features.halting("steps")[1:], colours.halting, colours),
        "residual": _curve(features.latent_residuals("calls")[1:], colours.latent, colours),
        "pencil marks": live_board(
            marks.domain,
            marks.question_board,
            marks.domain.board(marks.answers("steps")[second]),
            np.zeros(marks.question_board.shape, bool),
            candidates_NL=marks.candidates_SNL[second - 1],
            dark=dark,
        ),
    }


def _on_board(trace: Trace, values_L: np.ndarray) -> np.ndarray:
    return np.asarray(values_L).reshape(trace.question_board.shape)


def _board(
    trace: Trace, answer_RC: np.ndarray, changed_RC: np.ndarray | None = None, *, dark: bool
) -> str:
    none_RC = np.zeros(answer_RC.shape, bool)
    changed_RC = none_RC if changed_RC is None else changed_RC
    return live_board(trace.domain, trace.question_board, answer_RC, changed_RC, dark=dark)


def _shaded(moved_RC: np.ndarray, colours: Theme) -> str:
    """Cells the stronger, the further their part of z has moved."""
    most = float(np.nanmax(moved_RC)) or 1.0
    rows, cols = moved_RC.shape
    cells = "".join(
        f'<rect x="{10 * c}" y="{10 * r}" width="9.5" height="9.5" fill="{colours.latent}" '
        f'fill-opacity="{0.08 + 0.92 * float(np.nan_to_num(moved_RC[r, c])) / most:.2f}"/>'
        for r, c in np.ndindex(rows, cols)
    )
    return _svg(10 * cols, 10 * rows, cells)


def _curve(values: np.ndarray, shade: str, colours: Theme) -> str:
    """Values over time, from 0 to the largest."""
    known = np.nan_to_num(np.asarray(values, dtype=float))
    most, last = float(known.max()) or 1.0, max(1, len(known) - 1)
    points = " ".join(
        f"{4 + (_WIDTH - 8) * k / last:.1f},{_HEIGHT - 4 - (_HEIGHT - 8) * v / most:.1f}"
        for k, v in enumerate(known)
    )
    line = f'<polyline points="{points}" fill="none" stroke="{shade}" stroke-width="2.5"/>'
    ground = f'<path d="M4 {_HEIGHT - 3}H{_WIDTH - 4}" stroke="{colours.thin_line}"/>'
    return _svg(_WIDTH, _HEIGHT, ground + line)


def _svg(width: int, height: int, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}">{content}</svg>'
    )
