"""The board as plotly traces: digits, confidence as colour, rings, crosses, outlines.

Everything but the two text layers is drawn in cell coordinates, so that it scales with the
board from a phone to a projector. x is the column, y the row, counted downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from trm_core.domains import Domain, Symbol
from trm_core.figures.theme import FONT, Theme
from trm_core.record.trace import Trace

_SURE = 200  # heat value of probability 1; above it lie the grounds of given cells
_GIVEN, _END, _SOLID = 220, 238, 255
_EDGES = (210, 229, 247)  # below each of the three
_SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) - 0.5
_SMALLEST_DOT = 2.5  # pixels; less looks like dirt
_LARGEST_DOT = 13  # pixels, for a latent that moved by its whole length or more
_PATH_WIDTH = 5  # pixels
_SHORT = 0.36  # of a cell, between the middle of a start or goal and the path's line


@dataclass(frozen=True, eq=False)
class BoardFrame:
    """What the board shows at one moment; masks are (R, C) bool."""

    board_RC: np.ndarray
    confidence_RC: np.ndarray
    moved_RC: np.ndarray  # relative movement of each cell's latent
    changed_RC: np.ndarray
    wrong_RC: np.ndarray
    broken_RC: np.ndarray  # cells that break a rule


def board_frames(trace: Trace, clock: str) -> list[BoardFrame]:
    """The board at every frame of a clock."""
    domain = trace.domain
    shape = (-1, domain.rows, domain.cols)
    boards = domain.board(trace.answers(clock))
    confidences = trace.confidences(clock).reshape(shape)
    moves = np.nan_to_num(trace.latent_moves(clock)).reshape(shape)
    changed = trace.changed(clock).reshape(shape)
    written = trace.cycle_of(trace.ticks(clock)) >= 0
    right = trace.right(clock)
    question_RC, given_RC = trace.question_board, domain.given(trace.question_board)
    frames = []
    for i, answer_RC in enumerate(boards):
        wrong_RC = given_RC & (answer_RC != question_RC)  # a given it wrote over
        if right is not None and written[i]:
            wrong_RC = ~right[i].reshape(answer_RC.shape)
        board_RC = np.where(given_RC, question_RC, answer_RC)  # givens stay on the board
        broken_RC = broken_cells(domain, board_RC)
        frames.append(
            BoardFrame(board_RC, confidences[i], moves[i], changed[i], wrong_RC, broken_RC)
        )
    return frames


def question_frame(domain: Domain, board_RC: np.ndarray) -> BoardFrame:
    """A question before any solve; clashing givens are outlined."""
    none = np.zeros(board_RC.shape, dtype=bool)
    zero = np.zeros(board_RC.shape)
    return BoardFrame(board_RC, zero, zero, none, none, broken_cells(domain, board_RC))


def broken_cells(domain: Domain, board_RC: np.ndarray) -> np.ndarray:
    """The cells of all violations, (R, C) bool."""
    broken_RC = np.zeros(board_RC.shape, dtype=bool)
    for violation in domain.violations(board_RC):
        for cell in violation.cells:
            broken_RC[cell] = True
    return broken_RC


def board_traces(
    domain: Domain,
    frame: BoardFrame,
    given_RC: np.ndarray,
    theme: Theme,
    text_size: int,
    hover_RC: np.ndarray,
) -> list[dict[str, Any]]:
    """The layers of a board, bottom to top. The first six change with time (`moving_parts`).

    `hover_RC` holds what hovering over each cell says.
    """
    rows, cols = given_RC.shape
    moving = moving_parts(domain, frame, given_RC)
    written = {symbol.value: symbol.text for symbol in domain.symbols}
    colours = given_colours(domain, theme)
    lettered_RC = given_RC & ~solid_cells(domain, frame.board_RC)
    y, x = np.mgrid[:rows, :cols].reshape(2, -1)
    quiet = {"hoverinfo": "skip", "showlegend": False}
    lines = {"type": "scatter", "mode": "lines", **quiet}
    heat = {
        "type": "heatmap",
        "zmin": 0,
        "zmax": 255,
        "showscale": False,
        "colorscale": _colours(theme),
        "text": hover_RC,
        "hovertemplate": "%{text}<extra></extra>",
        "x": list(range(cols)),
        "y": list(range(rows)),
    }
    guesses = {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "textfont": {"size": text_size, "color": theme.guess, "family": FONT},
        **quiet,
    }
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y + 0.38,
        **quiet,
    }
    moving[2]["marker"] |= {"color": theme.latent, "line": {"width": 0}}
    if domain.draws_paths:
        guesses = lines | {"line": {"color": theme.guess, "width": _PATH_WIDTH}}
    styled = [
        heat,
        guesses,
        dots,
        lines | {"line": {"color": theme.changed, "width": 3.5}},
        lines | {"line": {"color": theme.wrong, "width": 2.5}},
        lines | {"line": {"color": theme.wrong, "width": 2.5, "dash": "dot"}},
    ]
    givens = {
        "type": "scatter",
        "mode": "text",
        "x": x[lettered_RC.flat],
        "y": y[lettered_RC.flat],
        "text": [f"<b>{written[v]}</b>" for v in frame.board_RC[lettered_RC]],
        "textfont": {
            "size": text_size,
            "color": [colours[v][1] for v in frame.board_RC[lettered_RC]],
            "family": FONT,
        },
        **quiet,
    }
    return [style | part for style, part in zip(styled, moving, strict=True)] + [givens]


def moving_parts(domain: Domain, frame: BoardFrame, given_RC: np.ndarray) -> list[dict[str, Any]]:
    """What one frame sets in the first six layers of `board_traces`, small enough to send often."""
    guessed_RC = (frame.board_RC > 0) & ~given_RC
    ground_RC = np.where(solid_cells(domain, frame.board_RC), _SOLID, _GIVEN)
    ground_RC[end_cells(domain, frame.board_RC)] = _END
    heat = np.where(given_RC, ground_RC, strength(domain, frame, given_RC) * _SURE)
    corner = np.array([[0.2, -0.37], [0.37, -0.2], [np.nan, np.nan], [0.37, -0.37], [0.2, -0.2]])
    return [
        {"type": "heatmap", "z": heat.round().astype(np.uint8)},
        path_line(domain, frame.board_RC, given_RC)
        if domain.draws_paths
        else {
            "text": [
                str(v) if guess else ""
                for v, guess in zip(frame.board_RC.flat, guessed_RC.flat, strict=True)
            ]
        },
        latent_dots(frame, given_RC),
        rings(frame, given_RC),
        _path(frame.wrong_RC, corner),
        _path(frame.broken_RC, _SQUARE * 0.94),
    ]


def solid_cells(domain: Domain, board_RC: np.ndarray) -> np.ndarray:
    """Cells that are drawn filled, such as walls, (R, C) bool."""
    return np.isin(board_RC, [symbol.value for symbol in domain.symbols if symbol.solid])


def end_cells(domain: Domain, board_RC: np.ndarray) -> np.ndarray:
    """Cells of which a board has one, such as start and goal: a path's ends, (R, C) bool."""
    return np.isin(board_RC, [symbol.value for symbol in domain.symbols if symbol.single])


def given_colours(domain: Domain, theme: Theme) -> dict[int, tuple[str, str]]:
    """Ground and ink of given cells, by value; a path's ends stand out, in the path's colour."""

    def colours(symbol: Symbol) -> tuple[str, str]:
        if symbol.solid:
            return theme.solid, theme.ground
        return (theme.guess, theme.ground) if symbol.single else (theme.given_ground, theme.ink)

    return {symbol.value: colours(symbol) for symbol in domain.symbols}


def strength(domain: Domain, frame: BoardFrame, given_RC: np.ndarray) -> np.ndarray:
    """How strongly each cell is coloured, 0 to 1, (R, C): how likely its symbol is; where answers
    are paths, how likely it is that the cell is on the path, that is, not free."""
    guessed_RC = (frame.board_RC > 0) & ~given_RC
    if not domain.draws_paths:
        return np.where(guessed_RC, frame.confidence_RC, 0)
    written = frame.confidence_RC > 0
    return np.where(guessed_RC, frame.confidence_RC, np.where(written, 1 - frame.confidence_RC, 0))


Point = tuple[float, float]  # row and column


def path_segments(
    domain: Domain, board_RC: np.ndarray, given_RC: np.ndarray
) -> list[tuple[Point, Point]]:
    """The path as lines between neighbouring cells that are on it; a cell alone is a dot.

    A line ends beside the letter of a start or goal.
    """
    path_RC = (board_RC > 0) & ~given_RC
    on_RC = path_RC | end_cells(domain, board_RC)
    segments = []
    linked_RC = np.zeros_like(on_RC)
    for dr, dc in ((0, 1), (1, 0)):
        rows, cols = on_RC.shape
        here, there = (slice(rows - dr), slice(cols - dc)), (slice(dr, None), slice(dc, None))
        both_RC = on_RC[here] & on_RC[there] & (path_RC[here] | path_RC[there])
        linked_RC[here] |= both_RC
        linked_RC[there] |= both_RC
        for r, c in np.argwhere(both_RC):
            near = 0.0 if path_RC[r, c] else _SHORT
            far = 1.0 if path_RC[r + dr, c + dc] else 1 - _SHORT
            segments.append(((r + near * dr, c + near * dc), (r + far * dr, c + far * dc)))
    alone = [(float(r), float(c)) for r, c in np.argwhere(path_RC & ~linked_RC)]
    return segments + [(cell, cell) for cell in alone]


def path_line(domain: Domain, board_RC: np.ndarray, given_RC: np.ndarray) -> dict[str, Any]:
    """The path as one line trace, in cell coordinates."""
    points = []
    for (r0, c0), (r1, c1) in path_segments(domain, board_RC, given_RC):
        stub = 0.12 if (r0, c0) == (r1, c1) else 0.0
        points += [(c0 - stub, r0), (c1 + stub, r1), (np.nan, np.nan)]
    array = np.array(points, dtype=np.float32).reshape(-1, 2)
    return {"x": array[:, 0], "y": array[:, 1]}


def latent_dots(frame: BoardFrame, given_RC: np.ndarray) -> dict[str, Any]:
    """The third layer alone: a dot per cell, as large as its latent moved."""
    size = np.clip(frame.moved_RC * _LARGEST_DOT, 0, _LARGEST_DOT)
    size[(size < _SMALLEST_DOT) | given_RC] = 0
    return {"marker": {"size": size.round().astype(np.uint8).reshape(-1)}}


def rings(frame: BoardFrame, given_RC: np.ndarray) -> dict[str, Any]:
    """The fourth layer alone: a ring in every cell that has just changed."""
    return _path(frame.changed_RC & ~given_RC, _SQUARE * 0.86)


def board_shapes(domain: Domain, theme: Theme) -> list[dict[str, Any]]:
    """Thin lines at cells, thick ones at boxes (where the domain has boxes) and around."""
    rows, cols = domain.rows, domain.cols
    shapes = []
    for count, other, box, names in (
        (rows, cols, domain.box_rows, ("y0", "y1", "x0", "x1")),
        (cols, rows, domain.box_cols, ("x0", "x1", "y0", "y1")),
    ):
        for i in range(count + 1):
            thick = i % box == 0
            position = dict(zip(names, (i - 0.5, i - 0.5, -0.5, other - 0.5), strict=True))
            line = {"color": theme.line if thick else theme.thin_line, "width": 2 if thick else 1}
            shapes.append({"type": "line", "line": line, "xref": "x", "yref": "y", **position})
    return sorted(shapes, key=lambda shape: shape["line"]["width"])


def _colours(theme: Theme) -> list[list[Any]]:
    given, end, solid = (edge / 255 for edge in _EDGES)
    return [
        [0, theme.ground],
        [_SURE / 255, theme.sure_ground],
        [given, theme.sure_ground],
        [given, theme.given_ground],
        [end, theme.given_ground],
        [end, theme.guess],
        [solid, theme.guess],
        [solid, theme.solid],
        [1, theme.solid],
    ]


def _path(mask_RC: np.ndarray, outline_P2: np.ndarray) -> dict[str, Any]:
    """One line trace that draws the outline in every cell of the mask."""
    cells_N2 = np.argwhere(mask_RC)[:, ::-1]
    gap = np.full((len(cells_N2), 1, 2), np.nan)
    points = np.concatenate([cells_N2[:, None] + outline_P2, gap], axis=1).reshape(-1, 2)
    points = points.astype(np.float32)
    return {"x": points[:, 0], "y": points[:, 1]}


def question_sentences(domain: Domain, board_RC: np.ndarray) -> np.ndarray:
    """What hovering over a cell of a question says, (R, C) of str."""
    given_RC = domain.given(board_RC)
    names = {symbol.value: symbol.name for symbol in domain.symbols}
    text = np.empty(board_RC.shape, dtype=object)
    for r, c in np.ndindex(*board_RC.shape):
        what = names[int(board_RC[r, c])] + (", given" if given_RC[r, c] else "")
        text[r, c] = f"row {r + 1}, column {c + 1}: {what}"
    return text


def history_sentences(trace: Trace) -> np.ndarray:
    """What hovering over a cell says after a solve: its story in words, (R, C) of str."""
    domain = trace.domain
    text = question_sentences(domain, trace.question_board)
    boards_CRC = domain.board(trace.answer_CL)
    confidence_RC = trace.confidence_CL[-1].reshape(text.shape)
    names = {symbol.value: symbol.name for symbol in (*domain.symbols, *domain.answer_symbols)}
    for r, c in np.argwhere(~domain.given(trace.question_board)):
        values = boards_CRC[:, r, c]
        changes = np.flatnonzero(values[1:] != values[:-1]) + 1
        said = [names[int(value)] for value in values]
        runs = [f"{said[0]} first"]
        runs += [f"{said[i]} from step {i // trace.cycles + 1}" for i in changes[:4]]
        if len(changes) > 4:
            runs.append(f"{len(changes) - 4} more changes, {said[-1]} in the end")
        sure = f"{100 * float(confidence_RC[r, c]):.0f} % sure"
        text[r, c] = f"row {r + 1}, column {c + 1}: {', then '.join(runs)}; {sure}"
    return text
