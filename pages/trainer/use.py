"""What becomes of a training: solve with it, keep it, open it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from pages.models.loaded import shared_solver
from pages.models.own import as_checkpoint, own_cards, take_in, take_in_file
from pages.stage.apart import apart
from pages.stage.files import as_plain, open_file
from pages.trainer import saved
from pages.trainer.state import MINE, TrainerState
from pages.trainer.training import Training
from trm_core.domains import Domain, counted, domain, visitor_rng
from trm_core.domains.maze.domain import maze_size
from trm_core.record.learning import Learning
from trm_core.solving.settings import Settings
from trm_core.weights.card import CheckpointError

# Boards of another size, on which a model that knows no size is asked for more steps instead of more weights.
LARGER = {"sudoku-4x4": "sudoku-6x6", "sudoku-6x6": "sudoku-9x9"}
STEPS = 32  # that it may take
TAXING = 12  # fresh puzzles, of which the one that takes longest is shown


def recover(state: TrainerState, name: str) -> None:
    """Take up what a training had learnt whose server was stopped."""
    found = saved.load(name)
    if found is not None:
        state.recovered, state.kept_run = name, found
        state.show_run(MINE)


def tell_recovered(state: TrainerState, run: Learning) -> None:
    """What is left of a training that went on elsewhere."""
    update = run.looks[-1].update
    if update >= run.updates:
        st.info("This run learnt to its end. Here it is again.", icon=":material/history:")
    else:
        st.warning(
            f"This run ended after {update:,} of {counted(run.updates, 'update')}. What it had learnt by then is here.",
            icon=":material/power_off:",
        )
    name = state.recovered
    with st.container(horizontal=True):
        if st.button(
            "Solve with what it had learnt",
            icon=":material/play_arrow:",
            key=state.key("use"),
        ):
            try:
                _solve_with(take_in(*saved.model(name)), run.domain_name)
            except CheckpointError:
                st.error("Its weights were kept for a day, and are gone now: train it again.")
        st.download_button(
            "Keep the weights",
            lambda: as_checkpoint(*saved.model(name)),  # where no session is
            f"my-{run.domain_name}.safetensors",
            key=state.key("keep_model"),
            icon=":material/download:",
            on_click="ignore",
        )


def offer(state: TrainerState, training: Training, runs: list[Learning]) -> None:
    """Solve with it, keep it."""
    st.header("Use it", anchor=False)
    which = 0
    if len(runs) > 1:
        which = st.segmented_control(
            "Which of them",
            range(len(runs)),
            format_func=lambda k: runs[k].name,
            default=0,
            required=True,
            key=state.key("which"),
        )
    run = runs[which]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Solve with my model",
            type="primary",
            icon=":material/play_arrow:",
            key=state.key("use"),
        ):
            _solve_with(_taken_in(training, which), run.domain_name)
        larger = LARGER.get(run.domain_name, "")
        offered = bool(larger) and training.asked.recipes[which][1].model.knows_no_size
        if offered and st.button(
            f"Give it a {domain(larger).title}, which it never saw",
            icon=":material/open_in_full:",
            key=state.key("use_larger"),
            help="Depth instead of size: the same weights, and more steps.",
        ):
            _solve_with(_taken_in(training, which), larger)
        st.download_button(
            "Keep the weights",
            lambda: as_checkpoint(*training.result(which)),
            f"my-{run.domain_name}.safetensors",
            key=state.key("keep_model"),
            icon=":material/download:",
            on_click="ignore",
            help="A checkpoint as those of this project: send it to a friend, who opens it on a puzzle's page "
            "(Settings) or here.",
        )
        st.download_button(
            "Keep the recording",
            run.as_bytes,
            f"my-{run.domain_name}-learning.npz",
            key=state.key("keep_run"),
            icon=":material/download:",
            on_click="ignore",
        )


def _taken_in(training: Training, which: int) -> str:
    """The model as it is now, among the visitor's own; its name there."""
    with st.spinner("Testing it on fresh puzzles, to write its card …"):
        return take_in(*training.result(which))


def _solve_with(name: str, asked_name: str) -> None:
    """Go to the puzzle's page with a model of one's own and the one of some fresh puzzles that takes it longest."""
    asked = domain(asked_name)
    page = "pages/mazes.py" if maze_size(asked_name) else "pages/sudoku.py"
    with st.spinner("Looking for a puzzle that takes it several steps …"):
        puzzle = asked.format(_taxing(name, asked))
    query = {
        "size": asked_name,
        "model": name,
        "puzzle": puzzle,
        "solved": "1",
        "steps": str(STEPS),
    }
    st.switch_page(page, query_params=query)


def _taxing(name: str, asked: Domain) -> np.ndarray:
    """Of some fresh puzzles the one that the model solves in most steps; the first one where it solves none."""
    solver = shared_solver(name, asked)
    rng = visitor_rng(TAXING)
    questions = [asked.maker.generate(rng, asked.maker.usual).question_RC for _ in range(TAXING)]
    settings = Settings(steps=STEPS)
    traces = [solver.solve(question_RC, settings, domain=asked).trace for question_RC in questions]
    return questions[int(np.argmax([trace.steps * trace.solved for trace in traces]))]


def open_here(state: TrainerState) -> None:
    """A recording kept before; or a model, which then solves."""

    def read(file: Any) -> str | Learning:
        if file.name.endswith(".safetensors"):
            return take_in_file(file.getvalue())
        run = apart(Learning.load, file.getvalue(), file.name)
        return replace(run, name=as_plain(run.name, 60))

    found = open_file(
        state,
        "open_model",
        "A recording of a training (.npz), or a model (.safetensors), as they are kept here",
        read,
    )
    if isinstance(found, str):
        size = own_cards()[found].domain
        page = "pages/mazes.py" if maze_size(size) else "pages/sudoku.py"
        st.switch_page(page, query_params={"size": size, "model": found})
    if found is not None:
        state.put_aside()
        state.kept_run = found
        state.show_run(MINE)
        st.rerun()
