"""From a question on a page to a run worth showing: the steps every puzzle page shares."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.models.choice import choose_model
from pages.models.known import called, makes_marks, usual_model
from pages.models.loaded import shared_solver
from pages.models.own import PREFIX
from pages.puzzle.question import Question
from pages.puzzle.state import PuzzleState
from pages.stage.frame import as_text, is_dark
from pages.stage.layout import Stage, sentence, show_live
from pages.stage.run import FROM_FILE, STOPS, Ask, PageRun
from pages.stage.state import visitor
from trm_core.domains import Domain, counted
from trm_core.figures.live import live_board, side_by_side
from trm_core.network.config import ConfigError
from trm_core.record.trace import RULES, STOPPED, Trace
from trm_core.solving.settings import Settings
from trm_core.weights.card import CheckpointError

if TYPE_CHECKING:  # loads torch; only a page that solves pays for it
    from trm_core.solving.solver import SolveStep, Solving

MOST_STEPS, MOST_VOTES = 1000, 16
RACERS = 4  # goes at once that are shown
LIVE_EVERY = 0.12  # seconds between two pictures of a solve under way


@dataclass(frozen=True, eq=False)
class UnderWay:
    """A solve that has begun, and what it is of."""

    domain: Domain
    board_RC: np.ndarray
    ask: Ask
    solving: Solving


def loaded_run(trace: Trace) -> PageRun:
    """A solve that a visitor saved earlier."""
    trace_id = hashlib.sha256(trace.answer_CL.tobytes() + trace.question_L.tobytes()).hexdigest()
    return PageRun(trace, f"loaded-{trace_id[:16]}", True, FROM_FILE, f"loaded-{trace_id[:16]}")


def settings_form(state: PuzzleState, domain: Domain) -> Ask:
    """The settings of a solve; the defaults work."""

    def opened() -> None:
        state.ask = {}  # what is opened is what plays
        st.rerun()

    checkpoint = choose_model(state, domain, opened)
    marks = makes_marks(checkpoint)
    steps = st.slider(
        "Supervision steps at most",
        1,
        MOST_STEPS,
        key=state.widget(steps_name(marks)),
        persist_state="session",
        help="How long it may think. Every step strikes candidates, then guesses; a contradiction takes "
        "everything back, and the next go begins."
        if marks
        else "How long it may think. It was trained with 8 to 16 steps; more can still help.",
    )
    stop = st.radio(
        "Stop",
        list(STOPS),
        format_func=STOPS.get,
        key=state.widget("stop"),
        persist_state="session",
        help="The rules may end a solve or choose among answers; they never fill in a cell.",
    )
    votes = st.slider(
        "Ask it several ways",
        1,
        MOST_VOTES,
        key=state.widget("votes"),
        persist_state="session",
        help="The same puzzle, turned around: to you the same, to the model a new one. An "
        "answer that obeys the rules wins, else the one it is surest of.",
    )
    return Ask(checkpoint, Settings(steps=steps, stop=stop, votes=votes))


def steps_name(marks: bool) -> str:
    """The name under which a page remembers how many steps a model may take, with pencil `marks` or
    without."""
    return "marks_steps" if marks else "steps"


def solve_on_page(
    state: PuzzleState,
    domain: Domain,
    asked: Question,
    ask: Ask,
    stage: Stage,
    *,
    quiet: bool = False,
) -> PageRun | None:
    """Run the real model: its steps appear on the `stage` as they come, unless it is `quiet`.

    None, with a sentence on the page, where its checkpoint is missing or broken.
    """
    board_RC = asked.board_RC
    if not quiet:
        stage.now.html(sentence("Thinking …"))
    try:
        solver = shared_solver(ask.checkpoint, domain)
    except (CheckpointError, ConfigError) as error:
        stage.says.error(as_text(error), icon=":material/error:")
        return None
    # Goes with pencil marks differ by their guesses: one that is right is enough.
    settings = replace(ask.settings, race=makes_marks(ask.checkpoint))
    solving = solver.start(
        board_RC,
        settings,
        asked.solution_RC,
        domain,
        keep_latents=state.latents,
        visitor=visitor(),
    )
    state.under_way = UnderWay(domain, board_RC, ask, solving)
    number = state.solves = state.solves + 1
    shown, before_RC = 0.0, board_RC
    for step in solving:
        if quiet or time.monotonic() - shown < LIVE_EVERY:
            continue
        shown = time.monotonic()
        changed_RC = (step.board_RC != before_RC) if step.step > 1 else np.zeros_like(board_RC)
        standing = solving.standing(RACERS) if settings.race else []
        if len(standing) < 2:
            standing = [(step.board_RC, step.candidates_NL)]
        pictures = [
            live_board(
                domain,
                board_RC,
                answer_RC,
                changed_RC & (len(standing) == 1),
                candidates_NL=candidates_NL,
                large=True,
                dark=is_dark(),
            )
            for answer_RC, candidates_NL in standing
        ]
        show_live(stage.live, side_by_side(pictures), number)
        stage.now.html(sentence(_live_words(step, ask.settings.steps, settings.votes)))
        before_RC = step.board_RC
    stage.now.empty()
    return _finished(state)


def _live_words(step: SolveStep, most: int, ways: int) -> str:
    words = f"Step {step.step} of at most {most}: "
    if ways > 1 and step.candidates_NL is not None:
        return f"{words}{ways} chains guess differently; the first that is right ends it."
    if step.candidates_NL is None:
        return (
            f"{words}{counted(step.changed, 'cell')} changed, "
            f"{100 * step.confidence:.0f} % sure of its cells."
        )
    left_L = step.candidates_NL.sum(0)
    words += f"{counted(int((left_L == 1).sum()), 'cell')} decided"
    return f"{words}, go {step.go + 1}." if step.go else f"{words}."


def will_race(state: PuzzleState, domain: Domain, due: Mapping[str, object] | None) -> bool:
    """Whether the solve that is `due` is one of several goes at once."""
    if due is None:
        return False
    name = due.get("checkpoint") or st.session_state.get(state.model_key(domain))
    return makes_marks(str(name or usual_model(domain))) and due.get("votes", state.votes) != 1


def stop_button(state: PuzzleState) -> None:
    """Stop thinking and look at what there is."""
    st.button(
        "Stop",
        key=state.key("stop_now"),
        icon=":material/stop:",
        on_click=_stop,
        args=(state,),
        help="Stop thinking and look at what there is.",
    )


def stopped_on_page(state: PuzzleState) -> PageRun | None:
    """The solve that the visitor has just stopped, as far as it came."""
    if not state.take("stopped"):
        state.under_way = None  # of a run that something else has interrupted
        return None
    if state.under_way is None or not state.under_way.solving.started:
        return None
    return _finished(state)


def _stop(state: PuzzleState) -> None:
    state.stopped = True


def _finished(state: PuzzleState) -> PageRun:
    done: UnderWay = state.take("under_way")
    solution = done.solving.solution
    try_id, name = repr((done.ask, solution.stopped == STOPPED)), done.ask.checkpoint
    content = try_id.encode() + solution.trace.answer_CL.tobytes() + done.board_RC.tobytes()
    return PageRun(
        solution.trace,
        f"{done.domain.name}-{hashlib.sha256(content).hexdigest()[:16]}",
        recorded=False,
        asked=_asked(done.domain, done.ask, solution.stopped),
        try_id=try_id,
        ask=done.ask,
        own_model=called(name) if name.startswith(PREFIX) else "",
        ways=solution.ways,
        ways_solved=solution.ways_solved,
        answers=tuple(done.solving.traces()) if solution.ways > 1 else (),
    )


def _asked(domain: Domain, ask: Ask, stopped: str) -> str:
    """The settings in words, as far as they differ from the usual ones."""
    settings = ask.settings
    asked = "1 step" if settings.steps == 1 else f"up to {settings.steps} steps"
    if settings.votes > 1 and makes_marks(ask.checkpoint):
        asked = f"{settings.votes} goes at once, {asked}"
    elif settings.votes > 1:
        asked = f"asked {settings.votes} ways, {asked}"
    if settings.stop != "rules":
        asked += f", stopping {STOPS[settings.stop]}"
    if stopped == STOPPED:
        asked += ", stopped by hand"
    if ask.checkpoint != usual_model(domain):
        asked += f", {called(ask.checkpoint)}"
    return asked[0].upper() + asked[1:]


def by_itself(run: PageRun) -> bool:
    """Whether it may be worth asking where the model alone would have stopped."""
    return run.trace.stopped == RULES
