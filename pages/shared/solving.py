"""From a question on a page to a run worth showing: the steps every puzzle page shares."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import caches, model_card
from pages.shared.frame import ASSETS, data_url, is_dark
from pages.shared.state import PageState, visitor
from trm_core.domains import Domain, counted
from trm_core.figures.live import live_board
from trm_core.record.diagnosis import diagnosis
from trm_core.record.trace import STOPPED, Trace
from trm_core.record.verdict import verdict
from trm_core.solving.settings import Settings
from trm_core.weights.card import CheckpointError

if TYPE_CHECKING:  # loads torch; only a page that solves pays for it
    from trm_core.solving.solver import Solving

MOST_STEPS, MOST_VOTES = 256, 16
STOPS = {
    "rules": "when the board obeys all rules",
    "halt": "when the model says it is done",
    "steps": "never early",
}
FROM_FILE = "From your file"
LIVE_EVERY = 0.12  # seconds between two pictures of a solve under way


@dataclass(frozen=True)
class Ask:
    """What a visitor wants of a solve: which model, and how."""

    checkpoint: str
    settings: Settings


@dataclass(frozen=True, eq=False)
class PageRun:
    """A solve that a page shows, with what voting came to."""

    trace: Trace
    trace_id: str  # changes with the trace
    recorded: bool
    asked: str  # how long and how many ways, in words
    try_id: str  # the same for tries at one puzzle that were asked alike
    ask: Ask | None = None  # where it was solved here and now
    ways: int = 1
    ways_solved: int = 0

    def is_of(self, domain: Domain, board_RC: np.ndarray) -> bool:
        """Whether this run answers the question now on the page."""
        return self.trace.domain_name == domain.name and np.array_equal(
            self.trace.question_board, board_RC
        )


@dataclass(frozen=True, eq=False)
class UnderWay:
    """A solve that has begun, and what it is of."""

    domain: Domain
    board_RC: np.ndarray
    ask: Ask
    solving: Solving


def recorded_run(domain_name: str) -> PageRun | None:
    """The bundled recording that a page opens with."""
    path = ASSETS / "traces" / f"{domain_name}.npz"
    if not path.exists():
        return None
    trace = caches.recorded_trace(path)
    return PageRun(trace, f"recorded-{domain_name}", True, "Recorded earlier", "recorded")


def loaded_run(trace: Trace) -> PageRun:
    """A solve that a visitor saved earlier."""
    trace_id = hashlib.sha256(trace.answer_CL.tobytes() + trace.question_L.tobytes()).hexdigest()
    return PageRun(trace, f"loaded-{trace_id[:16]}", True, FROM_FILE, f"loaded-{trace_id[:16]}")


def settings_form(state: PageState, domain: Domain) -> Ask:
    """The settings of a solve, folded away; the defaults work."""
    with st.expander("Settings", icon=":material/tune:"):
        checkpoint = model_card.choose(state, domain)
        steps = st.slider(
            "Supervision steps at most",
            1,
            MOST_STEPS,
            key=state.widget("steps"),
            help="How long it may think. It was trained with 8 to 16 steps; more can still help.",
        )
        stop = st.radio("Stop", list(STOPS), format_func=STOPS.get, key=state.widget("stop"))
        votes = st.slider(
            "Ask it several ways",
            1,
            MOST_VOTES,
            key=state.widget("votes"),
            help="The same puzzle, turned around: to you the same, to the model a new one. An "
            "answer that obeys the rules wins, else the one it is surest of.",
        )
    return Ask(checkpoint, Settings(steps=steps, stop=stop, votes=votes))


def solve_on_page(
    state: PageState,
    domain: Domain,
    board_RC: np.ndarray,
    solution_RC: np.ndarray | None,
    ask: Ask,
    stage: DeltaGenerator,
) -> PageRun | None:
    """Run the real model: its steps appear on the `stage` as they come, and can be stopped.

    None, with a sentence on the page, where its checkpoint is missing or broken.
    """
    place = st.empty()
    progress = place.progress(0.0, "Loading the model …")
    try:
        solver = caches.solver(ask.checkpoint)
    except CheckpointError as error:
        progress.empty()
        st.error(str(error), icon=":material/error:")
        return None
    solving = solver.start(board_RC, ask.settings, solution_RC, domain, visitor=visitor())
    state.under_way = UnderWay(domain, board_RC, ask, solving)
    with place.container():
        progress = st.progress(0.0, "Thinking …")
        st.button(
            "Stop",
            key=state.key("stop_now"),
            icon=":material/stop:",
            on_click=_stop,
            args=(state,),
            help="Stop thinking and look at what there is.",
        )
    shown, before_RC = 0.0, board_RC
    for step in solving:
        if time.monotonic() - shown < LIVE_EVERY:
            continue
        shown = time.monotonic()
        changed_RC = (step.board_RC != before_RC) if step.step > 1 else np.zeros_like(board_RC)
        svg = live_board(domain, board_RC, step.board_RC, changed_RC, dark=is_dark())
        stage.html(_picture(svg, "The board while the model is thinking"))
        progress.progress(
            min(1.0, step.step / ask.settings.steps),
            f"Step {step.step}: {counted(step.changed, 'cell')} changed, "
            f"{100 * step.confidence:.0f} % sure of its cells",
        )
        before_RC = step.board_RC
    place.empty()
    stage.empty()
    return _finished(state)


def _picture(svg: str, words: str) -> str:
    """An SVG as an image: bare SVG is not let through to the page."""
    source = data_url(svg.encode(), "image/svg+xml")
    return f'<img class="trm-live" alt="{words}" src="{source}">'


def stopped_on_page(state: PageState) -> PageRun | None:
    """The solve that the visitor has just stopped, as far as it came."""
    if not state.take("stopped"):
        state.under_way = None  # of a run that something else has interrupted
        return None
    if state.under_way is None or not state.under_way.solving.started:
        return None
    return _finished(state)


def _stop(state: PageState) -> None:
    state.stopped = True


def _finished(state: PageState) -> PageRun:
    done: UnderWay = state.take("under_way")
    solution = done.solving.solution
    try_id = repr((done.ask, solution.stopped == STOPPED))
    content = try_id.encode() + solution.trace.answer_CL.tobytes() + done.board_RC.tobytes()
    return PageRun(
        solution.trace,
        f"{done.domain.name}-{hashlib.sha256(content).hexdigest()[:16]}",
        recorded=False,
        asked=_asked(done.domain, done.ask, solution.stopped),
        try_id=try_id,
        ask=done.ask,
        ways=solution.ways,
        ways_solved=solution.ways_solved,
    )


def _asked(domain: Domain, ask: Ask, stopped: str) -> str:
    """The settings in words, as far as they differ from the usual ones."""
    settings = ask.settings
    asked = "1 step" if settings.steps == 1 else f"up to {settings.steps} steps"
    if settings.votes > 1:
        asked = f"asked {settings.votes} ways, {asked}"
    if settings.stop != "rules":
        asked += f", stopping {STOPS[settings.stop]}"
    if stopped == STOPPED:
        asked += ", stopped by hand"
    if ask.checkpoint != model_card.usual(domain):
        asked += f", {ask.checkpoint}"
    return asked[0].upper() + asked[1:]


def show_verdict(run: PageRun) -> None:
    """What the run came to, in words."""
    told = verdict(run.trace)
    words = f"**{told.headline}**  \n{told.details}"
    why = diagnosis(run.trace)
    if why is not None:
        words += f"  \n{why.words}"
    if run.ways > 1:
        words += f"  \nAsked {run.ways} ways, {run.ways_solved} of the answers were right; you see the best."
    if run.asked == FROM_FILE:
        words += "  \nThis solve comes from your file."
    elif run.recorded:
        words += (
            f"  \nThis is a recording of a real run of the bundled model {run.trace.checkpoint}."
        )
    if told.solved:
        st.success(words, icon=":material/check_circle:")
    else:
        st.warning(words, icon=":material/close:")
