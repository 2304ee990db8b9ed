"""The board while the model is still thinking: a light SVG that can change many times a second."""

from __future__ import annotations

import numpy as np

from trm_core.domains import Domain
from trm_core.figures.theme import theme

_CELL = 40  # units


def live_board(
    domain: Domain,
    question_RC: np.ndarray,
    answer_RC: np.ndarray,
    changed_RC: np.ndarray,
    *,
    dark: bool = False,
) -> str:
    """The answer as it stands: givens bold, guesses in their colour, fresh changes ringed."""
    colours = theme(dark)
    given_RC = domain.given(question_RC)
    width, height = domain.cols * _CELL, domain.rows * _CELL
    parts = []
    for r, c in np.ndindex(*question_RC.shape):
        x, y = c * _CELL, r * _CELL
        ground = colours.given_ground if given_RC[r, c] else colours.sure_ground
        opacity = 1 if given_RC[r, c] else 0.45
        parts.append(
            f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="{ground}" '
            f'fill-opacity="{opacity}" stroke="{colours.thin_line}"/>'
        )
        if changed_RC[r, c] and not given_RC[r, c]:
            parts.append(
                f'<rect x="{x + 3}" y="{y + 3}" width="{_CELL - 6}" height="{_CELL - 6}" '
                f'fill="none" stroke="{colours.changed}" stroke-width="3"/>'
            )
        value = question_RC[r, c] if given_RC[r, c] else answer_RC[r, c]
        if value:
            ink, weight = (colours.ink, 700) if given_RC[r, c] else (colours.guess, 400)
            parts.append(
                f'<text x="{x + _CELL / 2}" y="{y + _CELL * 0.68}" text-anchor="middle" '
                f'font-size="{_CELL * 0.55}" font-weight="{weight}" fill="{ink}">{value}</text>'
            )
    lines = [f"M0 {k * _CELL}H{width}" for k in range(0, domain.rows + 1, domain.box_rows)]
    lines += [f"M{k * _CELL} 0V{height}" for k in range(0, domain.cols + 1, domain.box_cols)]
    parts.append(f'<path d="{"".join(lines)}" stroke="{colours.line}" stroke-width="2"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" '
        f'font-family="system-ui, sans-serif">{"".join(parts)}</svg>'
    )
