"""The board as plotly traces: digits, confidence as colour, rings, crosses, outlines.

Everything but the two text layers is drawn in cell coordinates, so that it scales with the
board from a phone to a projector. x is the column, y the row, counted downwards.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np

from trm_core.domains import Domain, Drawing, Symbol
from trm_core.figures.theme import FONT, Theme
from trm_core.record.telling import shown_boards
from trm_core.record.trace import Trace

_SURE = 200  # heat value of probability 1; above it lie the grounds of given cells
_GIVEN, _END, _SOLID = 220, 238, 255
_EDGES = (210, 229, 247)  # below each of the three
_BAND = 20  # heat values a colour, where cells are colours: up to 12 of them
# The layers of a board that change with time, by name: their numbers in a figure.
LAYERS = {
    name: i
    for i, name in enumerate(
        (
            *("ground", "answer", "moved", "changed", "wrong", "broken", "differs"),
            *("marks", "pinned", "dead"),
        )
    )
}
DOUBT = 0.02  # a symbol that is likelier than this is one the model has not ruled out
# Layers that come to be seen when asked for: all at once no board can be read.
ASKED_FOR = ("moved", "wrong", "broken")
GIVENS = len(LAYERS)  # the number of the layer that never changes
_SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) - 0.5
_DIAMOND = np.array([[0, -0.42], [0.42, 0], [0, 0.42], [-0.42, 0], [0, -0.42]])
# The four corners of a cell, like those of a viewfinder.
_CORNERS = np.array(
    [
        [x, y]
        for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        for x, y in (
            (sx * 0.2, sy * 0.42),
            (sx * 0.42, sy * 0.42),
            (sx * 0.42, sy * 0.2),
            (np.nan,) * 2,
        )
    ]
)
_SMALLEST_DOT = 2.5  # pixels; less looks like dirt
_LARGEST_DOT = 13  # pixels, for a latent that moved by its whole length or more
_PATH_WIDTH = 5  # pixels
_SHORT = 0.36  # of a cell, between the middle of a start or goal and the path's line
_BEND = 0.42  # of a cell, from a corner of the path to where it begins to turn
_LINE = 34  # characters of a hover text in a line, so that it stays inside the board
# Of a cell: the height of its text, of its pencil marks, the width of the path.
TEXT_SHARE, MARK_SHARE, PATH_SHARE = 0.5, 0.23, 0.17
_MONOSPACE = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace"
_SPACE = "\u00a0"  # plotly drops plain ones, and loses count of texts that come and go


@dataclass(frozen=True, eq=False)
class BoardMarks:
    """The pencil marks of a board at one moment; N symbols, those that an answer may write."""

    open_NRC: np.ndarray  # candidates of the cells that have several, bool
    struck_NRC: np.ndarray  # ... and those that were struck just now, bool
    pinned_RC: np.ndarray  # cells that were guessed just now, bool
    dead: bool  # a contradiction was seen: all is taken back
    empty_RC: np.ndarray  # cells that have no candidate left, bool


@dataclass(frozen=True, eq=False)
class BoardFrame:
    """What the board shows at one moment; masks are (R, C) bool."""

    board_RC: np.ndarray
    confidence_RC: np.ndarray
    moved_RC: np.ndarray  # relative movement of each cell's latent
    changed_RC: np.ndarray
    wrong_RC: np.ndarray  # of the cells not given
    broken_RC: np.ndarray  # cells that break a rule, or hold what no answer can
    differs_RC: np.ndarray  # from the solve that is shown beside this one
    marks: BoardMarks | None = None  # where answers are made of them


def board_frames(
    trace: Trace, clock: str, other: Trace | None = None, doubts: bool = False
) -> list[BoardFrame]:
    """The board at every frame of a clock. `other` is a solve of the same question shown beside it:
    where the two differ at the same moment is marked. With `doubts`, an answer that is not made of
    pencil marks is shown as if it were: cells in which several symbols have over `DOUBT` show these."""
    domain = trace.domain
    shape = (-1, domain.rows, domain.cols)
    given_RC = domain.given(trace.question_board)
    # Givens stay on the board, whatever the model thinks of them: the hover text tells.
    boards = shown_boards(trace, clock)
    confidences = trace.confidences(clock).reshape(shape)
    moves = np.nan_to_num(trace.latent_moves(clock)).reshape(shape)
    changed = trace.changed(clock).reshape(shape)
    cycle_F = trace.cycle_of(trace.ticks(clock))
    wrong_FL = np.zeros_like(trace.answers(clock), dtype=bool)
    if trace.solution_L is not None:
        wrong_FL = ~trace.right(clock) & (cycle_F >= 0)[:, None] & ~given_RC.reshape(-1)
    differs = _differences(trace, other, clock).reshape(shape)
    marks = _marks(trace, clock, doubts and domain.drawing.cells == "symbol")
    if marks[0] is not None:  # a cell says what it is once one candidate is left
        opened = np.stack([each.open_NRC.any(0) for each in marks])
        blank = domain.drawing.symbols[0].value
        boards = np.where(opened, blank, boards)
        if trace.candidates_SNL is None:
            changed = changed & ~opened
        else:
            changed = np.zeros_like(changed)
            changed[1:] = (boards[1:] != boards[:-1]) & domain.drawing.filled(boards[1:])
    wrong, frames, broken_RC = wrong_FL.reshape(shape), [], None
    if marks[0] is not None:
        wrong = wrong & ~opened
    for i, board_RC in enumerate(boards):
        if i == 0 or cycle_F[i] != cycle_F[i - 1]:
            broken_RC = broken_cells(domain, board_RC)
            broken_RC |= _impossible(domain.drawing, board_RC, given_RC)
        frames.append(
            BoardFrame(
                *(board_RC, confidences[i], moves[i], changed[i], wrong[i], broken_RC, differs[i]),
                marks[i],
            )
        )
    return frames


def _marks(trace: Trace, clock: str, doubts: bool) -> list[BoardMarks | None]:
    """The pencil marks of every frame; while a step goes on, those that the one before it left."""
    step_F = np.floor(trace.moments(clock) + 1e-9).astype(int) - 1
    if trace.candidates_SNL is None and not doubts:
        return [None] * len(step_F)
    domain = trace.domain
    shape = (-1, domain.rows, domain.cols)
    blank_RC = ~domain.given(trace.question_board)
    if trace.candidates_SNL is None:
        left_SNL = trace.distribution_SLV.transpose(0, 2, 1)[:, domain.answer_tokens] > DOUBT
        pinned_SNL, dead_S = np.zeros_like(left_SNL), np.zeros(trace.steps, dtype=bool)
    else:
        left_SNL, pinned_SNL, dead_S = trace.candidates_SNL, trace.pinned_SNL, trace.dead_S
    left_SNRC = left_SNL.reshape(trace.steps, *shape)
    pinned_SRC = pinned_SNL.any(1).reshape(shape) & blank_RC
    every_NRC = np.broadcast_to(blank_RC, left_SNRC.shape[1:])
    frames: list[BoardMarks | None] = []
    for i, step in enumerate(step_F):
        if step < 0:
            none = np.zeros_like(blank_RC)
            frames.append(BoardMarks(every_NRC, np.zeros_like(every_NRC), none, False, none))
            continue
        fresh = step == 0 or dead_S[step - 1]
        before_NRC = every_NRC if fresh else left_SNRC[step - 1]
        now_NRC = left_SNRC[step] & blank_RC
        several_RC = now_NRC.sum(0) > 1
        if step == trace.steps - 1 and trace.solved:  # the likeliest of them are the answer
            several_RC = np.zeros_like(several_RC)
        new = step_F[i - 1] != step  # the frame in which the step ends
        struck_NRC = before_NRC & ~now_NRC & several_RC if new else np.zeros_like(now_NRC)
        frames.append(
            BoardMarks(
                now_NRC & several_RC,
                struck_NRC,
                pinned_SRC[step] if new else np.zeros_like(blank_RC),
                bool(dead_S[step]),
                blank_RC & ~now_NRC.any(0),
            )
        )
    return frames


def _differences(trace: Trace, other: Trace | None, clock: str) -> np.ndarray:
    """Cells whose answer is not that of the other solve at the same moment, or at its end, (F, L)."""
    answers_FL = trace.answers(clock)
    if other is None:
        return np.zeros(answers_FL.shape, dtype=bool)
    moments_F = trace.moments(clock)
    shown_F = np.searchsorted(other.moments(clock), moments_F + 1e-6, side="right") - 1
    return answers_FL != other.answers(clock)[shown_F]


def _impossible(drawing: Drawing, board_RC: np.ndarray, given_RC: np.ndarray) -> np.ndarray:
    """Cells not given that hold what no answer can, such as a wall in a maze's answer."""
    possible = [symbol.value for symbol in (drawing.symbols[0], *drawing.answer_symbols)]
    return ~given_RC & ~np.isin(board_RC, possible)


def broken_cells(domain: Domain, board_RC: np.ndarray) -> np.ndarray:
    """The cells of all violations, (R, C) bool."""
    broken_RC = np.zeros(board_RC.shape, dtype=bool)
    for violation in domain.rules.violations(board_RC):
        for cell in violation.cells:
            broken_RC[cell] = True
    return broken_RC


def board_traces(
    drawing: Drawing,
    frame: BoardFrame,
    given_RC: np.ndarray,
    theme: Theme,
    text_size: int,
    hover_RC: np.ndarray,
) -> list[dict[str, Any]]:
    """The layers of a board, bottom to top: those of `LAYERS`, which change with time
    (`moving_parts`), and the texts of given cells.

    `hover_RC` holds what hovering over each cell says.
    """
    rows, cols = given_RC.shape
    moving = moving_parts(drawing, frame, given_RC)
    colours = given_colours(drawing, theme)
    lettered_RC = given_RC & ~solid_cells(drawing, frame.board_RC)
    if drawing.cells == "colour":
        lettered_RC = np.zeros_like(given_RC)
    y, x = np.mgrid[:rows, :cols].reshape(2, -1)
    quiet = {"hoverinfo": "skip", "showlegend": False}
    lines = {"type": "scatter", "mode": "lines", **quiet}
    heat = {
        "type": "heatmap",
        "zmin": 0,
        "zmax": 255,
        "showscale": False,
        "colorscale": _colours(drawing, theme),
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
    moving["moved"]["marker"] |= {"color": theme.latent, "line": {"width": 0}}
    if drawing.cells == "path":
        # Plotly would straighten what it takes for noise, and bend straight lines by it.
        line = {"color": theme.guess, "width": _PATH_WIDTH, "simplify": False}
        guesses = lines | {"line": line}
    small = {
        "size": round(text_size * MARK_SHARE / TEXT_SHARE, 1),
        "color": theme.guess,
        "family": _MONOSPACE,
    }

    def line(colour: str, width: float, **more: str) -> dict[str, Any]:
        return lines | {"line": {"color": colour, "width": width} | more}

    styles = {
        "ground": heat,
        "answer": guesses,
        "moved": dots,
        "changed": line(theme.changed, 3.5),
        "wrong": line(theme.wrong, 2.5),
        "broken": line(theme.wrong, 2.5, dash="dot"),
        "differs": line(theme.halting, 3),
        "marks": {"type": "scatter", "mode": "text", "x": x, "y": y, "textfont": small, **quiet},
        "pinned": line(theme.halting, 2.5),
        "dead": line(theme.wrong, 5),
    }
    symbols = drawing.every_symbol
    givens = {
        "type": "scatter",
        "mode": "text",
        "x": x[lettered_RC.flat],
        "y": y[lettered_RC.flat],
        "text": [f"<b>{symbols[int(v)].text}</b>" for v in frame.board_RC[lettered_RC]],
        "textfont": {
            "size": text_size,
            "color": [colours[int(v)][1] for v in frame.board_RC[lettered_RC]],
            "family": FONT,
        },
        **quiet,
    }
    return [*(styles[name] | moving[name] for name in LAYERS), givens]


def moving_parts(
    drawing: Drawing, frame: BoardFrame, given_RC: np.ndarray
) -> dict[str, dict[str, Any]]:
    """What one frame sets in each of the `LAYERS`, by name, small enough to send often."""
    corner = np.array([[0.2, -0.37], [0.37, -0.2], [np.nan, np.nan], [0.37, -0.37], [0.2, -0.2]])
    if drawing.cells == "path":
        answer = path_line(drawing, frame.board_RC, given_RC)
    else:
        answer = {"text": _texts(drawing, frame.board_RC, given_RC)}
    pinned_RC = np.zeros_like(given_RC) if frame.marks is None else frame.marks.pinned_RC
    return {
        "ground": {"type": "heatmap", "z": _heat(drawing, frame, given_RC)},
        "answer": answer,
        "moved": latent_dots(frame, given_RC),
        "changed": rings(frame, given_RC),
        "wrong": _path(frame.wrong_RC, corner),
        "broken": _path(frame.broken_RC, _SQUARE * 0.94),
        "differs": _path(frame.differs_RC & ~given_RC, _CORNERS),
        "marks": {"text": _mark_texts(drawing, frame.marks)},
        "pinned": _path(pinned_RC, _DIAMOND),
        "dead": _dead(frame.marks, given_RC.shape),
    }


def _mark_texts(drawing: Drawing, marks: BoardMarks | None) -> list[str]:
    """What is written small into each cell: a place for every symbol, in rows of a box."""
    if marks is None:
        return []
    texts = []
    for r, c in np.ndindex(*marks.pinned_RC.shape):
        open_N, struck_N = marks.open_NRC[:, r, c], marks.struck_NRC[:, r, c]
        if not open_N.any():
            texts.append(_SPACE)
            continue
        signs = [
            symbol.text
            if still
            else f'<span style="opacity:0.35">{symbol.text}</span>'
            if struck
            else _SPACE
            for symbol, still, struck in zip(drawing.answer_symbols, open_N, struck_N, strict=True)
        ]
        wide = drawing.box_cols
        rows = [_SPACE.join(signs[k : k + wide]) for k in range(0, len(signs), wide)]
        texts.append("<br>".join(rows))
    return texts


def _dead(marks: BoardMarks | None, shape: tuple[int, ...]) -> dict[str, Any]:
    """A contradiction: around the whole board, and around the cells that have no candidate left."""
    if marks is None or not marks.dead:
        return _path(np.zeros(shape, bool), _SQUARE)
    rows, cols = shape
    around = (_SQUARE + 0.5) * (cols - 0.1, rows - 0.1) - 0.45
    cells = _path(marks.empty_RC, _SQUARE * 0.9)
    gap = np.full(1, np.nan, np.float32)
    return {
        "x": np.concatenate([around[:, 0].astype(np.float32), gap, cells["x"]]),
        "y": np.concatenate([around[:, 1].astype(np.float32), gap, cells["y"]]),
    }


def _texts(drawing: Drawing, board_RC: np.ndarray, given_RC: np.ndarray) -> list[str]:
    """What is written in the cells that are not given, in reading order."""
    if drawing.cells == "colour":
        return [""] * board_RC.size
    symbols, guessed_RC = drawing.every_symbol, drawing.filled(board_RC) & ~given_RC
    pairs = zip(board_RC.flat, guessed_RC.flat, strict=True)
    return [symbols[int(value)].text if guessed else _SPACE for value, guessed in pairs]


def _heat(drawing: Drawing, frame: BoardFrame, given_RC: np.ndarray) -> np.ndarray:
    """The ground of every cell as a number on the board's colour scale, (R, C) uint8."""
    if drawing.cells == "colour":
        place = {symbol.value: i for i, symbol in enumerate(drawing.symbols)}
        band_RC = np.vectorize(place.get, otypes=[np.uint8])(frame.board_RC, 0)
        return (band_RC * _BAND + _BAND // 2).astype(np.uint8)
    ground_RC = np.where(solid_cells(drawing, frame.board_RC), _SOLID, _GIVEN)
    ground_RC[end_cells(drawing, frame.board_RC)] = _END
    heat_RC = np.where(given_RC, ground_RC, strength(drawing, frame, given_RC) * _SURE)
    return heat_RC.round().astype(np.uint8)


def solid_cells(drawing: Drawing, board_RC: np.ndarray) -> np.ndarray:
    """Cells that are drawn filled, such as walls, (R, C) bool."""
    return drawing.holds(board_RC, lambda symbol: symbol.solid)


def end_cells(drawing: Drawing, board_RC: np.ndarray) -> np.ndarray:
    """Cells of which a board has one, such as start and goal: a path's ends, (R, C) bool."""
    return drawing.holds(board_RC, lambda symbol: symbol.single)


def given_colours(drawing: Drawing, theme: Theme) -> dict[int, tuple[str, str]]:
    """Ground and ink of given cells, by value; a path's ends stand out, in the path's colour."""

    def colours(symbol: Symbol) -> tuple[str, str]:
        if symbol.colour:
            return symbol.colour, theme.ink
        if symbol.solid:
            return theme.solid, theme.ground
        return (theme.guess, theme.ground) if symbol.single else (theme.given_ground, theme.ink)

    return {symbol.value: colours(symbol) for symbol in drawing.symbols}


def strength(drawing: Drawing, frame: BoardFrame, given_RC: np.ndarray) -> np.ndarray:
    """How strongly each cell is coloured, 0 to 1, (R, C): how likely its symbol is; where answers
    are paths, how likely it is that the cell is on the path, that is, not free."""
    guessed_RC = drawing.filled(frame.board_RC) & ~given_RC
    if drawing.cells != "path":
        return np.where(guessed_RC, frame.confidence_RC, 0)
    written = frame.confidence_RC > 0
    return np.where(guessed_RC, frame.confidence_RC, np.where(written, 1 - frame.confidence_RC, 0))


def on_path(drawing: Drawing, board_RC: np.ndarray, given_RC: np.ndarray) -> np.ndarray:
    """Cells that an answer marks as path, (R, C) bool: what it may write, but for the blank."""
    marks = [symbol.value for symbol in drawing.answer_symbols]
    return np.isin(board_RC, marks) & drawing.filled(board_RC) & ~given_RC


Point = tuple[float, float]  # row and column


def path_segments(
    drawing: Drawing, board_RC: np.ndarray, given_RC: np.ndarray
) -> list[tuple[Point, Point]]:
    """The path as lines between neighbouring cells that are on it; a cell alone is a dot.

    A line ends beside the letter of a start or goal.
    """
    path_RC = on_path(drawing, board_RC, given_RC)
    on_RC = path_RC | end_cells(drawing, board_RC)
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


def path_lines(drawing: Drawing, board_RC: np.ndarray, given_RC: np.ndarray) -> list[np.ndarray]:
    """The path as few lines as it takes, each (P, 2) rows and columns: straight runs have no points
    between, corners are round, and a cell alone is a short dash."""
    lines = []
    for points in _chains(path_segments(drawing, board_RC, given_RC)):
        if points[0] == points[-1] and len(points) == 2:
            (r, c), _ = points
            lines.append(np.array([(r, c - 0.12), (r, c + 0.12)]))
        else:
            lines.append(_rounded(np.array(points, dtype=float)))
    return lines


def _chains(segments: list[tuple[Point, Point]]) -> list[list[Point]]:
    """Segments joined end to end, as long as no more than two meet."""
    near: dict[Point, list[Point]] = {}
    for a, b in segments:
        near.setdefault(a, []).append(b)
        if a != b:
            near.setdefault(b, []).append(a)
    left = {frozenset(segment) for segment in segments}
    chains = []
    # Ends and forks first: what is left then are rings.
    for start in sorted(near, key=lambda point: len(near[point]) == 2):
        for after in near[start]:
            chain = [start]
            while frozenset((chain[-1], after)) in left:
                left.remove(frozenset((chain[-1], after)))
                chain.append(after)
                if len(near[after]) != 2:
                    break
                after = next(point for point in near[after] if point != chain[-2])
            if len(chain) > 1:
                chains.append(chain)
    return chains


def _rounded(points_P2: np.ndarray) -> np.ndarray:
    """A line through points with its corners round (quadratic Bezier curves)."""
    bent = [points_P2[:1]]
    for before, here, after in zip(points_P2, points_P2[1:], points_P2[2:], strict=False):
        back, on = (side / np.linalg.norm(side) for side in (before - here, after - here))
        if back @ on > -0.99:  # not straight on
            t = np.array([0, 0.25, 0.5, 0.75, 1])[:, None]
            from_2, to_2 = here + _BEND * back, here + _BEND * on
            bent.append((1 - t) ** 2 * from_2 + 2 * t * (1 - t) * here + t**2 * to_2)
    return np.concatenate([*bent, points_P2[-1:]])


def path_line(drawing: Drawing, board_RC: np.ndarray, given_RC: np.ndarray) -> dict[str, Any]:
    """The path as one line trace, in cell coordinates."""
    gap = np.full((1, 2), np.nan)
    parts = [part for line in path_lines(drawing, board_RC, given_RC) for part in (line, gap)]
    array = np.concatenate(parts or [np.empty((0, 2))]).astype(np.float32)
    return {"x": array[:, 1], "y": array[:, 0]}


def latent_dots(frame: BoardFrame, given_RC: np.ndarray) -> dict[str, Any]:
    """The layer "moved" alone: a dot per cell, as large as its latent moved."""
    size = np.clip(frame.moved_RC * _LARGEST_DOT, 0, _LARGEST_DOT)
    size[(size < _SMALLEST_DOT) | given_RC] = 0
    return {"marker": {"size": size.round().astype(np.uint8).reshape(-1)}}


def rings(frame: BoardFrame, given_RC: np.ndarray) -> dict[str, Any]:
    """The layer "changed" alone: a ring in every cell that has just changed."""
    return _path(frame.changed_RC & ~given_RC, _SQUARE * 0.86)


def board_shapes(domain: Domain, theme: Theme) -> list[dict[str, Any]]:
    """Thin lines at cells, thick ones at boxes (where the domain has boxes) and around."""
    rows, cols = domain.rows, domain.cols
    shapes = []
    for count, other, box, names in (
        (rows, cols, domain.drawing.box_rows, ("y0", "y1", "x0", "x1")),
        (cols, rows, domain.drawing.box_cols, ("x0", "x1", "y0", "y1")),
    ):
        for i in range(count + 1):
            thick = i % box == 0
            position = dict(zip(names, (i - 0.5, i - 0.5, -0.5, other - 0.5), strict=True))
            line = {"color": theme.line if thick else theme.thin_line, "width": 2 if thick else 1}
            shapes.append({"type": "line", "line": line, "xref": "x", "yref": "y", **position})
    return sorted(shapes, key=lambda shape: shape["line"]["width"])


def _colours(drawing: Drawing, theme: Theme) -> list[list[Any]]:
    """The board's colour scale: `_heat` says what lies where on it."""
    if drawing.cells == "colour":
        bands = [(i * _BAND / 255, symbol.colour) for i, symbol in enumerate(drawing.symbols)]
        ends = [at for at, _ in bands[1:]] + [1.0]
        return [[edge, c] for (at, c), end in zip(bands, ends, strict=True) for edge in (at, end)]
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


def _in_lines(text_RC: np.ndarray) -> np.ndarray:
    """Sentences broken where plotly needs it."""
    lines = [
        "<br>".join(textwrap.wrap(words, _LINE, break_on_hyphens=False)) for words in text_RC.flat
    ]
    return np.array(lines, dtype=object).reshape(text_RC.shape)


def _question_words(domain: Domain, board_RC: np.ndarray) -> np.ndarray:
    given_RC = domain.given(board_RC)
    names = {value: symbol.name for value, symbol in domain.drawing.every_symbol.items()}
    text = np.empty(board_RC.shape, dtype=object)
    for r, c in np.ndindex(*board_RC.shape):
        what = names[int(board_RC[r, c])] + (", given" if given_RC[r, c] else "")
        text[r, c] = f"row {r + 1}, column {c + 1}: {what}"
    return text


def hover_texts(trace: Trace) -> np.ndarray:
    """What hovering over a cell says after a solve: its story, (R, C) of str, in lines."""
    return _in_lines(history_sentences(trace))


def history_sentences(trace: Trace) -> np.ndarray:
    """Each cell's story in words after a solve, (R, C) of str."""
    domain = trace.domain
    text = _question_words(domain, trace.question_board)
    boards_CRC = domain.board(trace.answer_CL)
    confidence_RC = trace.confidence_CL[-1].reshape(text.shape)
    names = {value: symbol.name for value, symbol in domain.drawing.every_symbol.items()}
    given_RC = domain.given(trace.question_board)
    for r, c in np.argwhere(given_RC & (boards_CRC[-1] != trace.question_board)):
        text[r, c] += f"; the model wrote {names[int(boards_CRC[-1, r, c])]} over it"
    for r, c in np.argwhere(~given_RC):
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
