"""The board while the model is still thinking: a light SVG that can change many times a second."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from trm_core.domains import Domain
from trm_core.figures.board import (
    MARK_SHARE,
    PATH_SHARE,
    TEXT_SHARE,
    given_colours,
    path_lines,
    solid_cells,
)
from trm_core.figures.theme import theme

_CELL, _GAP = 40, 32  # units: a cell, and between boards


def live_board(
    domain: Domain,
    question_RC: np.ndarray,
    answer_RC: np.ndarray,
    changed_RC: np.ndarray,
    *,
    candidates_NL: np.ndarray | None = None,
    wrong_RC: np.ndarray | None = None,
    large: bool = False,
    dark: bool = False,
) -> str:
    """The answer as it stands: givens bold, guesses in their colour, fresh changes ringed. A cell
    with several `candidates_NL` (bool; N symbols that an answer may write) shows those instead;
    `wrong_RC` cells (bool) are filled in the colour of what is wrong. A `large` one stands in the place of an
    animated board: its lines are as thick as the lines there, however large it is."""
    colours, drawing = theme(dark), domain.drawing
    path = drawing.cells == "path"
    marks = _marks(domain, question_RC, candidates_NL)
    given_RC = domain.given(question_RC)
    solid_RC = solid_cells(drawing, question_RC)
    given = given_colours(drawing, colours)
    board_RC = np.where(given_RC, question_RC, answer_RC)
    filled_RC, symbols = drawing.filled(board_RC), drawing.every_symbol
    for r, c in marks:
        filled_RC[r, c] = False
    width, height = domain.cols * _CELL, domain.rows * _CELL
    fixed = 'vector-effect="non-scaling-stroke"' * large
    parts = []
    for r, c in np.ndindex(*question_RC.shape):
        x, y = c * _CELL, r * _CELL
        symbol = symbols[int(board_RC[r, c])]
        ground, ink, weight = colours.sure_ground, colours.guess, 400
        if given_RC[r, c]:
            ground, ink = given[symbol.value]
            weight = 700
        free = not filled_RC[r, c] and (path or (r, c) not in marks)
        opacity = 1 if given_RC[r, c] else 0 if free else 0.45
        if symbol.colour:
            ground, opacity = symbol.colour, 1
        parts.append(
            f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="{ground}" '
            f'fill-opacity="{opacity}" stroke="{colours.thin_line}" {fixed}/>'
        )
        if wrong_RC is not None and wrong_RC[r, c]:
            parts.append(
                f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="{colours.wrong}" '
                'fill-opacity="0.4"/>'
            )
        parts += [
            f'<text x="{x + px}" y="{y + py}" text-anchor="middle" '
            f'font-size="{_CELL * MARK_SHARE}" fill="{colours.guess}">{sign}</text>'
            for px, py, sign in marks.get((r, c), ())
        ]
        if changed_RC[r, c] and not given_RC[r, c] and (r, c) not in marks:
            parts.append(
                f'<rect x="{x + 3}" y="{y + 3}" width="{_CELL - 6}" height="{_CELL - 6}" '
                f'fill="none" stroke="{colours.changed}" stroke-width="3" {fixed}/>'
            )
        lettered = given_RC[r, c] or not path  # a path is a line
        if filled_RC[r, c] and lettered and not solid_RC[r, c] and not symbol.colour:
            parts.append(
                f'<text x="{x + _CELL / 2}" y="{y + _CELL * 0.68}" text-anchor="middle" '
                f'font-size="{_CELL * TEXT_SHARE}" font-weight="{weight}" fill="{ink}">{symbol.text}</text>'
            )
    if path:
        parts.append(_path(path_lines(drawing, board_RC, given_RC), colours.guess))
    lines = [f"M0 {k * _CELL}H{width}" for k in range(0, domain.rows + 1, drawing.box_rows)]
    lines += [f"M{k * _CELL} 0V{height}" for k in range(0, domain.cols + 1, drawing.box_cols)]
    parts.append(f'<path d="{"".join(lines)}" stroke="{colours.line}" stroke-width="2" {fixed}/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" width="{width + 2}" height="{height + 2}" '
        f'font-family="system-ui, sans-serif">{"".join(parts)}</svg>'
    )


def side_by_side(boards: Sequence[str], across: int = 2) -> str:
    """Boards as `live_board` draws them, all of one size, in rows of so many."""
    if len(boards) == 1:
        return boards[0]
    width, height = (
        float(side) for side in re.findall(r' (?:width|height)="(\d+)"', boards[0])[:2]
    )
    places = [divmod(k, across) for k in range(len(boards))]
    drawn = "".join(
        f'<g transform="translate({col * (width + _GAP):g} {row * (height + _GAP):g})">{board}</g>'
        for (row, col), board in zip(places, boards, strict=True)
    )
    whole = across * (width + _GAP) - _GAP, (places[-1][0] + 1) * (height + _GAP) - _GAP
    size = f'width="{whole[0]:g}" height="{whole[1]:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole[0]:g} {whole[1]:g}" {size}>{drawn}</svg>'


def _marks(
    domain: Domain, question_RC: np.ndarray, candidates_NL: np.ndarray | None
) -> dict[tuple[int, int], list[tuple[float, float, str]]]:
    """The pencil marks of the cells that have several: place in the cell and text of each."""
    if candidates_NL is None:
        return {}
    drawing = domain.drawing
    wide = drawing.box_cols
    high = -(-len(drawing.answer_symbols) // wide)
    places = [
        ((k % wide + 0.5) / wide * _CELL, ((k // wide + 0.5) / high + 0.08) * _CELL, symbol.text)
        for k, symbol in enumerate(drawing.answer_symbols)
    ]
    blank_RC = ~domain.given(question_RC)
    return {
        (r, c): [place for place, is_open in zip(places, open_N, strict=True) if is_open]
        for (r, c), open_N in zip(np.ndindex(*blank_RC.shape), candidates_NL.T, strict=True)
        if blank_RC[r, c] and open_N.sum() > 1
    }


def _path(lines: list[np.ndarray], colour: str) -> str:
    """The path as lines, their ends round."""
    drawn = "".join(
        "M" + "L".join(f"{(c + 0.5) * _CELL:.4g} {(r + 0.5) * _CELL:.4g}" for r, c in points_P2)
        for points_P2 in lines
    )
    return (
        f'<path d="{drawn}" stroke="{colour}" stroke-width="{_CELL * PATH_SHARE:g}" '
        f'stroke-linecap="round" fill="none"/>'
    )
