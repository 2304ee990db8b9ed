"""From a question on a page to a run worth showing: the steps every puzzle page shares."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.shared import caches, model_card
from pages.shared.frame import ASSETS
from trm_core.card import CheckpointError
from trm_core.domains import Domain
from trm_core.trace import Trace
from trm_core.verdict import verdict


@dataclass(frozen=True, eq=False)
class PageRun:
    """A solve that a page shows, with what voting came to."""

    trace: Trace
    trace_id: str
    recorded: bool
    asked: str  # how long and how many ways, in words
    ways: int = 1
    ways_solved: int = 0

    def is_of(self, domain: Domain, board_RC: np.ndarray) -> bool:
        """Whether this run answers the question now on the page."""
        return self.trace.domain_name == domain.name and np.array_equal(
            self.trace.question_board, board_RC
        )


def recorded_run(domain_name: str) -> PageRun | None:
    """The bundled recording that a page opens with."""
    path = ASSETS / "traces" / f"{domain_name}.npz"
    if not path.exists():
        return None
    trace = caches.recorded_trace(path)
    return PageRun(trace, f"recorded-{domain_name}", recorded=True, asked="Recorded earlier")


def loaded_run(trace: Trace) -> PageRun:
    """A solve that a visitor saved earlier."""
    trace_id = hashlib.sha256(trace.answer_CL.tobytes() + trace.question_L.tobytes()).hexdigest()
    return PageRun(trace, f"loaded-{trace_id[:16]}", recorded=True, asked="From your file")


def settings_form(key: str, domain: Domain) -> dict[str, object]:
    """The settings of a solve, folded away; the defaults work."""
    with st.expander("Settings", icon=":material/tune:"):
        checkpoint = model_card.choose(key, domain)
        steps = st.slider(
            "Supervision steps at most",
            1,
            256,
            16,
            key=f"{key}_steps",
            help="How long it may think. It was trained with 8 to 16 steps; more can still help.",
        )
        stop = st.radio(
            "Stop",
            ["rules", "halt", "steps"],
            format_func={
                "rules": "when the board obeys all rules",
                "halt": "when the model says it is done",
                "steps": "never early",
            }.get,
            key=f"{key}_stop",
        )
        votes = st.slider(
            "Ask it several ways",
            1,
            16,
            1,
            key=f"{key}_votes",
            help="The same puzzle with digits renamed and rows and columns swapped. An answer that "
            "obeys the rules wins, else the one it is surest of.",
        )
    return {"checkpoint": checkpoint, "steps": steps, "stop": stop, "votes": votes}


def solve_on_page(
    domain: Domain, board_RC: np.ndarray, solution_RC: np.ndarray | None, settings: dict
) -> PageRun | None:
    """Run the real model, with a line of words for every step it takes.

    None, with a sentence on the page, where its checkpoint is missing or broken.
    """
    from trm_core.solver import Settings  # loads torch; only a page that solves pays for it

    progress = st.progress(0.0, "Loading the model …")
    try:
        solver = caches.solver(settings["checkpoint"])
    except CheckpointError as error:
        progress.empty()
        st.error(str(error), icon=":material/error:")
        return None
    thinking = {name: settings[name] for name in ("steps", "stop", "votes")}
    solving = solver.start(board_RC, Settings(**thinking), solution_RC)
    for step in solving:
        progress.progress(
            min(1.0, step.step / settings["steps"]),
            f"Step {step.step}: {step.changed} cells changed, "
            f"{100 * step.confidence:.0f} % sure of its cells",
        )
    progress.empty()
    solution = solving.solution
    content = repr(settings).encode() + solution.trace.answer_CL.tobytes() + board_RC.tobytes()
    return PageRun(
        solution.trace,
        f"{domain.name}-{hashlib.sha256(content).hexdigest()[:16]}",
        recorded=False,
        asked=_asked(domain, settings),
        ways=solution.ways,
        ways_solved=solution.ways_solved,
    )


def _asked(domain: Domain, settings: dict) -> str:
    asked = "1 step" if settings["steps"] == 1 else f"up to {settings['steps']} steps"
    if settings["votes"] > 1:
        asked = f"asked {settings['votes']} ways, {asked}"
    if settings["checkpoint"] != domain.name:
        asked += f", {settings['checkpoint']}"
    return asked[0].upper() + asked[1:]


def show_verdict(run: PageRun) -> None:
    """What the run came to, in words."""
    told = verdict(run.trace)
    words = f"**{told.headline}**  \n{told.details}"
    if run.ways > 1:
        words += f"  \nAsked {run.ways} ways, {run.ways_solved} of the answers were right; you see the best."
    if run.recorded:
        words += (
            f"  \nThis is a recording of a real run of the bundled model {run.trace.checkpoint}."
        )
    if told.solved:
        st.success(words, icon=":material/check_circle:")
    else:
        st.warning(words, icon=":material/close:")
