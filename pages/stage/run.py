"""A solve that a page shows: what was asked for, what came of it, and what is said of that."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace

import numpy as np

from pages.stage.caches import recorded_trace
from pages.stage.frame import ASSETS
from trm_core.domains import Domain
from trm_core.record.diagnosis import diagnosis
from trm_core.record.trace import Trace
from trm_core.record.verdict import verdict
from trm_core.solving.settings import Settings

STOPS = {
    "rules": "when the board obeys all rules",
    "halt": "when the model says it is done",
    "steps": "never early",
}
FROM_FILE = "From your file"


@dataclass(frozen=True)
class Ask:
    """What a visitor wants of a solve: which model, and how."""

    checkpoint: str
    settings: Settings

    def but(self, *, checkpoint: str | None = None, **settings: object) -> Ask:
        """The same, with another checkpoint or other settings."""
        return Ask(checkpoint or self.checkpoint, replace(self.settings, **settings))


@dataclass(frozen=True, eq=False)
class PageRun:
    """A solve that a page shows, with what voting came to."""

    trace: Trace
    trace_id: str  # changes with the trace
    recorded: bool
    asked: str  # how long and how many ways, in words
    try_id: str  # the same for tries at one puzzle that were asked alike
    ask: Ask | None = None  # where it was solved here and now
    own_model: str = ""  # what the model is called, where it is one of the visitor's own
    ways: int = 1
    ways_solved: int = 0
    answers: tuple[Trace, ...] = ()  # what each of several ways came to

    def is_of(self, domain: Domain, board_RC: np.ndarray) -> bool:
        """Whether this run answers the question now on the page."""
        return self.trace.domain_name == domain.name and np.array_equal(
            self.trace.question_board, board_RC
        )


def recorded_run(name: str) -> PageRun | None:
    """The bundled recording that a page opens with."""
    path = ASSETS / "traces" / f"{name}.npz"
    if not path.exists():
        return None
    trace = recorded_trace(path)
    return PageRun(trace, f"recorded-{name}", True, "Recorded earlier", "recorded")


def with_moments(words: str, steps: int) -> str:
    """Words as HTML, in which the steps of a solve of so many `steps` lead to their moment (the player hears of it)."""

    def led(match: re.Match[str]) -> str:
        step = int(match[1] or 1)
        if not 1 <= step <= steps:
            return match[0]
        return f"<button class='trm-step' data-moment='{step}'>{match[0]}</button>"

    return re.sub(r"\bstep (\d+)\b|\bfirst step\b", led, html.escape(words))


def verdict_html(run: PageRun, *, playing: bool = True) -> str:
    """What the run came to, in words; where it failed, why, and a button to the moment while it is
    `playing`."""
    told = verdict(run.trace)
    words = f"{told.details}"
    if run.ways > 1 and run.trace.candidates_SNL is not None:
        words += f" {run.ways} goes ran side by side, until one was right or none had steps left."
    elif run.ways > 1:
        words += f" Asked {run.ways} ways; {run.ways_solved} of the {run.ways} answers {'was' if run.ways_solved == 1 else 'were'} right. You see the best."
    if run.own_model:
        words += f" The model is {run.own_model}; Settings has others."
    if run.asked == FROM_FILE:
        words += " This solve comes from your file."
    elif run.recorded:
        words += f" This is a recording of a real run of the bundled model {run.trace.checkpoint}."
    why = diagnosis(run.trace)
    said = ""
    if why is not None:
        show = f"<button data-moment='{why.step}'>Show {why.moment_words}</button>"
        said = f"<p>{html.escape(why.words)} {show * playing}</p>"
    kind = "good" if told.solved else "bad"

    def shown(said: str) -> str:
        return with_moments(said, run.trace.steps) if playing else html.escape(said)

    return (
        f"<div class='trm-verdict {kind}'><p><b>{shown(told.headline)}</b></p>{said}"
        f"<p>{shown(words)}</p></div>"
    )
