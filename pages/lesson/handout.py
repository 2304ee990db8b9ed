"""The lesson on paper: all scenes in one HTML file, with their boards and figures inside."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from pages.lesson.scene import Material, Scene
from trm_core.record.trace import Trace

RECAP = 1  # minutes for what one knows at the end
_STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #1A1C23; }
section { break-inside: avoid-page; break-after: page; }
.boards { display: flex; flex-wrap: wrap; gap: 12px; } figure { margin: 0; } .boards img { width: 210px; display: block; }
.ask { border: 1px solid #C9CDD6; padding: .5rem .8rem; } .seen { border-left: 4px solid #007F5F; padding-left: .8rem; }
.formally { font-size: .9rem; background: #F3F4F7; padding: .1rem .8rem; overflow-x: auto; }
code { font: .85em ui-monospace, monospace; } table { border-collapse: collapse; } td, th { padding: .3rem .6rem; text-align: left; vertical-align: top; }
"""


def handout(scenes: Sequence[tuple[Scene, Material]], *, answers: bool) -> str:
    """A page to print, a scene a sheet; with `answers`, for who teaches: a plan of the time, and what was seen."""
    plots = iter(["inline", *[False] * 100])  # plotly itself stands in it once
    parts = [_section(number, *each, answers, plots) for number, each in enumerate(scenes, 1)]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>How a tiny model thinks</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>How a tiny model thinks</h1>{_plan([scene for scene, _ in scenes]) * answers}{''.join(parts)}</html>"
    )


def _plan(scenes: Sequence[Scene]) -> str:
    """What to say and when, a line a scene."""
    rows, begun = "", 0
    for number, scene in enumerate(scenes, 1):
        rows += (
            f"<tr><td>{begun}–{begun + scene.minutes}</td><td><b>{number}. {html.escape(scene.title)}</b><br>"
            f"{html.escape(scene.say)}</td><td>{html.escape(scene.guess.question)}</td></tr>"
        )
        begun += scene.minutes
    return (
        f"<section><h2>A plan of {begun + RECAP} minutes</h2><p>For each scene: say it, ask it, count the votes (switch on "
        "<i>Class</i> under <i>Teaching</i>), reveal, play it to the step that decides.</p><table><tr><th>minutes</th>"
        f"<th>what to say</th><th>what to ask</th></tr>{rows}<tr><td>{begun}–{begun + RECAP}</td><td><b>What you now know</b>"
        "<br>What surprised you most?</td><td></td></tr></table></section>"
    )


def _section(number: int, scene: Scene, material: Material, answers: bool, plots) -> str:
    boards = "".join(
        f"<figure>{_board(material.runs[trial.name], answers)}<figcaption>{html.escape(trial.title)}"
        "</figcaption></figure>"
        for trial in scene.trials
    )
    figures = "".join(
        figure.draw(material, False).to_html(
            full_html=False,
            include_plotlyjs=next(plots),
            config={"displayModeBar": False, "staticPlot": True},
        )
        + f"<p>{html.escape(figure.caption)}</p>"
        for figure in scene.figures
        if answers
    )
    told = scene.seen(material) + (f" {scene.more(material)}" if scene.more else "")
    seen = f"<p class='seen'>{html.escape(told)}</p>" * answers
    options = f" ({', '.join(scene.guess.options)})" if scene.guess.options else ""
    return (
        f"<section><h2>{number}. {html.escape(scene.title)}</h2><p>{scene.said(material)}</p>"
        f"<p><b>To do:</b> {html.escape(scene.task(material))}</p><div class='boards'>{boards}</div>"
        f"<p class='ask'>{html.escape(scene.guess.question + options)} ______</p>"
        f"{seen}{figures}<div class='formally'>{_formally(scene)}</div></section>"
    )


def _formally(scene: Scene) -> str:
    """The formal side with its formulas as MathML, which every browser shows without help."""
    markdown = MarkdownIt("commonmark").enable("table")
    dollarmath_plugin(
        markdown,
        renderer=lambda tex, options: convert(
            tex, display="block" if options["display_mode"] else "inline"
        ),
    )
    sources = (
        f"<p><small>Sources: {html.escape(scene.sources)}</small></p>" if scene.sources else ""
    )
    return markdown.render(scene.formally) + sources


def _board(trace: Trace, answers: bool) -> str:
    """The board as it ended, or as it was asked."""
    from trm_core.figures import export

    content = export.as_png(trace, "steps", -1 if answers else 0)
    return f"<img alt='' src='data:image/png;base64,{base64.b64encode(content).decode()}'>"
