"""A trace as something to keep: a GIF, a picture of one frame, a page that works offline, data."""

from __future__ import annotations

import html
import io
import json
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from trm_core.domains import Drawing
from trm_core.figures.board import (
    BoardFrame,
    BoardMarks,
    board_frames,
    given_colours,
    path_lines,
    strength,
)
from trm_core.figures.solve import frame_names, shown_frames, solve_figure
from trm_core.figures.theme import Theme, theme
from trm_core.record.trace import Trace
from trm_core.record.verdict import verdict

BOARD = 432  # pixels, about; a whole number of them a cell
_MARGIN, _CAPTION = 12, 34
FRAME_MILLISECONDS, LAST_MILLISECONDS = 500, 2500


def as_npz(trace: Trace) -> bytes:
    """All of it; opened again by the app, or by `Trace.load`."""
    out = io.BytesIO()
    trace.save(out)
    return out.getvalue()


def as_json(trace: Trace) -> str:
    """The question, the answer after every cycle, and what the model said about it."""
    domain = trace.domain

    def text(tokens_L: np.ndarray) -> str:
        return domain.format(domain.board(tokens_L))

    return json.dumps(
        {
            "domain": trace.domain_name,
            "checkpoint": trace.checkpoint,
            "cycles_per_step": trace.cycles,
            "latent_updates_per_cycle": trace.latent_updates,
            "steps": trace.steps,
            "solved": trace.solved,
            "stopped": trace.stopped,
            "question": text(trace.question_L),
            "solution": None if trace.solution_L is None else text(trace.solution_L),
            "answers": [text(answer_L) for answer_L in trace.answer_CL],
            "confidence": np.round(trace.confidence_CL.astype(float), 3).tolist(),
            "halting_probability": np.round(trace.halt_C.astype(float), 4).tolist(),
            "latent_residual": np.round(trace.residual_K.astype(float), 4).tolist(),
            "seconds": np.round(trace.seconds_S.astype(float), 4).tolist(),
        },
        indent=1,
    )


def as_html(trace: Trace, clock: str = "cycles", *, dark: bool = False) -> str:
    """The animation as one page that needs no network."""
    figure = solve_figure(trace, clock, dark=dark)
    told = verdict(trace)
    colours = theme(dark)
    plot = figure.to_html(
        full_html=False, include_plotlyjs=True, auto_play=False, config={"displayModeBar": False}
    )
    title = f"{trace.domain.title}, solved step by step"
    words = html.escape(f"{told.headline} {told.details} Model: {trace.checkpoint}.")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>body{{max-width:560px;'
        f"margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;"
        f"color:{colours.ink};background:{colours.page}}}</style>"
        f"<h1>{html.escape(title)}</h1><p>{words}</p>{plot}</html>"
    )


def as_frame(trace: Trace) -> str:
    """The page of `as_html` as an `iframe`, for a notebook: some 5 MB, for plotly stands in it."""
    page = html.escape(as_html(trace), quote=True)
    return f'<iframe srcdoc="{page}" title="{html.escape(trace.domain.title)}" style="width: 100%; max-width: 620px; height: 900px; border: 0"></iframe>'


def as_gif(trace: Trace, clock: str = "cycles", *, dark: bool = False) -> bytes:
    """The board, frame by frame; at most as many frames as the animation shows."""
    shown = shown_frames(len(trace.ticks(clock)))
    pictures = [picture.quantize(64) for picture in _pictures(trace, clock, shown, dark)]
    durations = [FRAME_MILLISECONDS] * (len(pictures) - 1) + [LAST_MILLISECONDS]
    out = io.BytesIO()
    pictures[0].save(
        out, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0
    )
    return out.getvalue()


def as_png(trace: Trace, clock: str = "cycles", frame: int = -1, *, dark: bool = False) -> bytes:
    """One frame, by its number among those the animation shows; the last one if not said."""
    chosen = shown_frames(len(trace.ticks(clock)))[frame]
    out = io.BytesIO()
    _pictures(trace, clock, [chosen], dark)[0].save(out, "PNG")
    return out.getvalue()


def _pictures(trace: Trace, clock: str, chosen: list[int], dark: bool) -> list[Image.Image]:
    """These frames of a clock, each with its name under the board."""
    frames, names = board_frames(trace, clock), frame_names(trace, clock)
    given_RC = trace.domain.given(trace.question_board)
    return [_picture(trace, frames[i], given_RC, names[i], theme(dark)) for i in chosen]


@dataclass(frozen=True)
class _Pen:
    """What one board is drawn with."""

    draw: ImageDraw.ImageDraw
    cell: int  # pixels a side
    font: ImageFont.FreeTypeFont
    colours: Theme
    given: dict[int, tuple[str, str]]  # ground and ink of given cells, by value


def _picture(
    trace: Trace, frame: BoardFrame, given_RC: np.ndarray, name: str, colours: Theme
) -> Image.Image:
    domain = trace.domain
    cell = max(16, BOARD // max(domain.rows, domain.cols))
    width, height = domain.cols * cell, domain.rows * cell
    picture = Image.new("RGB", (width + 2 * _MARGIN, height + 2 * _MARGIN + _CAPTION), colours.page)
    drawing, font = domain.drawing, ImageFont.load_default(cell * 0.58)
    given = given_colours(drawing, colours)
    pen = _Pen(ImageDraw.Draw(picture), cell, font, colours, given)
    draw = pen.draw
    grounds = _grounds(pen, drawing, frame, given_RC)
    for r, c in np.ndindex(*given_RC.shape):
        _cell(pen, drawing, frame, (r, c), bool(given_RC[r, c]), grounds[r][c])
    if frame.marks is not None:
        _pencil(pen, drawing, frame.marks)
    if drawing.cells == "path":
        _path(pen, path_lines(drawing, frame.board_RC, given_RC))
    for k in range(0, domain.rows + 1, drawing.box_rows):
        y = _MARGIN + k * cell
        draw.line((_MARGIN, y, _MARGIN + width, y), colours.line, 2)
    for k in range(0, domain.cols + 1, drawing.box_cols):
        x = _MARGIN + k * cell
        draw.line((x, _MARGIN, x, _MARGIN + height), colours.line, 2)
    if frame.marks is not None and frame.marks.dead:
        draw.rectangle(
            (_MARGIN, _MARGIN, _MARGIN + width, _MARGIN + height),
            outline=colours.wrong,
            width=max(4, cell // 12),
        )
    words = f"{trace.checkpoint or 'TRM'} · {name}"
    place = (_MARGIN, height + 2 * _MARGIN + _CAPTION / 2 - 4)
    draw.text(place, words, colours.soft_ink, ImageFont.load_default(16), anchor="lm")
    return picture


def _grounds(
    pen: _Pen, drawing: Drawing, frame: BoardFrame, given_RC: np.ndarray
) -> list[list[tuple[int, ...] | str]]:
    """The colour of every cell's ground, as on the page."""
    colours, strength_RC = pen.colours, strength(drawing, frame, given_RC)

    def ground(r: int, c: int) -> tuple[int, ...] | str:
        if given_RC[r, c] or drawing.cells == "colour":
            return pen.given[frame.board_RC[r, c]][0]
        return _between(colours.ground, colours.sure_ground, float(strength_RC[r, c]))

    rows, cols = given_RC.shape
    return [[ground(r, c) for c in range(cols)] for r in range(rows)]


def _pencil(pen: _Pen, drawing: Drawing, marks: BoardMarks) -> None:
    """Candidates small in their places, those struck just now faint; a diamond around a guess."""
    cell, colours, wide = pen.cell, pen.colours, drawing.box_cols
    font = ImageFont.load_default(cell * 0.24)
    faint = _between(colours.ground, colours.guess, 0.35)
    high = -(-len(marks.open_NRC) // wide)
    symbols = drawing.answer_symbols
    for n, r, c in np.argwhere(marks.open_NRC | marks.struck_NRC):
        x = _MARGIN + (c + (n % wide + 0.5) / wide) * cell
        y = _MARGIN + (r + (n // wide + 0.5) / high) * cell
        ink = colours.guess if marks.open_NRC[n, r, c] else faint
        pen.draw.text((x, y), symbols[n].text, ink, font, anchor="mm")
    for r, c in np.argwhere(marks.pinned_RC):
        x, y, arm = _MARGIN + (c + 0.5) * cell, _MARGIN + (r + 0.5) * cell, 0.42 * cell
        corners = [(x, y - arm), (x + arm, y), (x, y + arm), (x - arm, y), (x, y - arm)]
        pen.draw.line(corners, colours.halting, max(2, cell // 20))


def _path(pen: _Pen, lines: list[np.ndarray]) -> None:
    """The path as lines with round ends."""
    draw, cell, colour = pen.draw, pen.cell, pen.colours.guess
    radius = max(1, cell // 10)
    for points_P2 in lines:
        middle = [tuple(_MARGIN + (point + 0.5) * cell)[::-1] for point in points_P2]
        draw.line(middle, colour, 2 * radius + 1, joint="curve")
        for x, y in (middle[0], middle[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)


def _cell(
    pen: _Pen,
    drawing: Drawing,
    frame: BoardFrame,
    at: tuple[int, int],
    given: bool,
    ground: tuple[int, ...] | str,
) -> None:
    """Ground, ring, cross and outline, then the symbol: as on the page."""
    draw, cell, colours = pen.draw, pen.cell, pen.colours
    x, y = _MARGIN + at[1] * cell, _MARGIN + at[0] * cell
    symbol = drawing.every_symbol[int(frame.board_RC[at])]
    # A path is a line; solid and coloured cells say it by their ground.
    lettered = bool(drawing.filled(frame.board_RC)[at]) and (given or drawing.cells != "path")
    draw.rectangle((x, y, x + cell, y + cell), ground, colours.thin_line)
    fine = max(1, cell // 20)  # how far in and how wide the outlines are
    for marked, inset, width, colour in (
        (frame.broken_RC[at], fine, fine, colours.wrong),
        (frame.changed_RC[at] and not given, 2 * fine, fine + 1, colours.changed),
    ):
        if marked:
            box = (x + inset, y + inset, x + cell - inset, y + cell - inset)
            draw.rectangle(box, outline=colour, width=width)
    if frame.wrong_RC[at]:
        left, top, arm = x + 0.72 * cell, y + 0.12 * cell, max(4, 0.16 * cell)
        draw.line((left, top, left + arm, top + arm), colours.wrong, 2)
        draw.line((left, top + arm, left + arm, top), colours.wrong, 2)
    if lettered and not symbol.solid and not symbol.colour:
        middle = (x + cell / 2, y + cell / 2)
        bold = 1 if given and cell >= 24 else 0
        ink = pen.given[symbol.value][1] if given else colours.guess
        draw.text(middle, symbol.text, ink, pen.font, anchor="mm", stroke_width=bold)


def _between(start: str, end: str, share: float) -> tuple[int, ...]:
    pairs = zip(ImageColor.getrgb(start), ImageColor.getrgb(end), strict=True)
    return tuple(round(a + (b - a) * share) for a, b in pairs)
