"""The page on which one trains: what is to be learnt, how it goes, what the weights of every moment can do, and what
becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.stage import frame
from pages.stage.address import (
    Part,
    Said,
    kept,
    listen,
    number,
    one_of,
    open_link,
    say_ignored,
    write_link,
)
from pages.stage.line import tell_place
from pages.stage.state import USUAL_MARKS
from pages.trainer import saved, variants
from pages.trainer.recorded import learnings
from pages.trainer.settings import OPENING, OWN, choose_settings
from pages.trainer.state import MINE, TrainerState
from pages.trainer.training import Training, TrainingAsked, left_behind
from pages.trainer.use import offer, open_here, recover, tell_recovered
from pages.trainer.watch import follow, follow_meanwhile, looked, own_heading, watch_moments
from trm_core.domains import counted
from trm_core.training.small import PRESETS, VARIANTS


def show() -> None:
    """The whole page."""
    state = TrainerState("train")
    frame.open_page("Train")
    listen(state)
    state.marks = [*USUAL_MARKS, "wrong"]
    open_link(state, _parts())
    say_ignored(state)
    st.html(
        "<p class='trm-lead trm-wide'><b>Make your own tiny model.</b> It begins with random numbers and learns from 1,000 "
        "puzzles, made for it, here, on this machine, while you watch.</p>"
    )
    asked = choose_settings(state)
    training = state.training
    _controls(state, training, asked)
    if training is not None and state.shown_run in (None, MINE):
        _own_run(state, training)
    else:
        _recorded_run(state)
    variants.show(state)
    _beyond(state)
    write_link(state, _parts())


def _controls(state: TrainerState, training: Training | None, asked: TrainingAsked | None) -> None:
    """Begin, pause, go on, stop."""
    busy = training is not None and (training.running or training.paused)
    with st.container(horizontal=True, vertical_alignment="center"):
        if not busy:
            st.button(
                "Train it from nothing",
                type="primary",
                icon=":material/model_training:",
                key=state.key("start"),
                disabled=asked is None,
                on_click=begin,
                args=(state, asked),
            )
        elif training.running:
            st.button(
                "Pause", icon=":material/pause:", key=state.key("pause"), on_click=training.pause
            )
        else:
            st.button(
                "Go on",
                type="primary",
                icon=":material/play_arrow:",
                key=state.key("pause"),
                on_click=_go_on,
                args=(state, training),
            )
        if busy:
            st.button(
                "Stop, and keep what it has learnt",
                icon=":material/stop:",
                key=state.key("stop_training"),
                on_click=training.stop,
            )
        with st.popover("Open", icon=":material/folder_open:"):
            open_here(state)
        if state.earlier_trainings:
            with st.popover("Earlier", icon=":material/history:"):
                st.caption("What you trained before. It stays until the tab is closed.")
                _earlier(state)
        own = training is not None or state.kept_run is not None
        if own and state.shown_run not in (None, MINE):
            st.button(
                "Back to your own run",
                icon=":material/undo:",
                key=state.key("back"),
                on_click=state.show_run,
                args=(MINE,),
            )


def _go_on(state: TrainerState, training: Training) -> None:
    training.go_on()
    state.show_run(MINE)


def begin(state: TrainerState, asked: TrainingAsked) -> None:
    """Train; what was trained before is put aside."""
    state.put_aside()
    state.training, state.kept_run = Training(asked), None
    state.show_run(MINE)


def _back_to(state: TrainerState, training: Training) -> None:
    state.earlier_trainings = [t for t in state.earlier_trainings if t is not training]
    state.put_aside()
    state.training, state.kept_run = training, None
    state.show_run(MINE)


def _earlier(state: TrainerState) -> None:
    """What was trained before, to go back to."""
    for training in state.earlier_trainings:
        run = training.learnings[0]
        st.button(
            f"{run.name}, {counted(run.looks[-1].update, 'update')}: {100 * run.looks[-1].solved_S[-1]:.0f} % solved",
            key=f"{state.key('earlier')}_{training.name}",
            on_click=_back_to,
            args=(state, training),
            type="tertiary",
        )


def _own_run(state: TrainerState, training: Training) -> None:
    if training.running and training.place:
        tell_place(training, "trainings run")
        return
    runs = training.learnings
    seen = looked(training)
    if training.running and (state.look is None or not seen):
        follow(state, training)
        return
    if training.running:
        follow_meanwhile(state, training)
    if training.error:
        kept = "What it had learnt by its last look stands." if seen else ""
        st.error(f"It could not go on: {training.error}. {kept}", icon=":material/error:")
    elif training.paused:
        words = "Look around among its moments, or go on." if seen else ""
        st.info(f"Paused. {words}", icon=":material/pause:")
    elif not seen:
        st.info("It was stopped before it had learnt anything. Here is a recording instead.")
    if not seen:
        if not training.running:
            _recording(state, state.preset)
        return
    own_heading(runs)
    watch_moments(state, runs, f"own-{training.name}")
    if training.finished or training.stopped or training.error:
        offer(state, training, runs)


def _recorded_run(state: TrainerState) -> None:
    """A run that was recorded: a bundled one, or one from a file."""
    name = state.shown_run or state.preset
    if name != MINE:
        _recording(state, name)
        return
    run = state.kept_run
    if run is None:
        return
    if state.recovered:
        tell_recovered(state, run)
    st.header(f"A run that was kept: {run.name}", anchor=False)
    watch_moments(state, [run], f"recorded-{name}-{state.file_of('open_model')}")


def _recording(state: TrainerState, name: str) -> None:
    """A bundled recording, or that of the first sight."""
    name = name if name in learnings() else OPENING
    run = learnings().get(name)
    if run is None:
        return
    title = PRESETS[name].title.split(": ")[1] if name in PRESETS else VARIANTS[name].title
    st.header(f"A recording: {title}", anchor=False)
    st.caption(
        f"The recording of a real run: {run.updates:,} updates, {run.ticks[-1].seconds:.0f} seconds of learning. Train your "
        "own above.",
        help=f"`{run.about['command']}`",
    )
    watch_moments(state, [run], f"recorded-{name}-")


def _beyond(state: TrainerState) -> None:
    """The same idea at full size."""
    if st.toggle("At full size: what a GPU would need", key=state.key("beyond")):
        variants.full_size(state)


def _parts() -> Sequence[Part]:
    runs = learnings()
    run, look = kept("run", one_of(runs), field="shown_run"), kept("look", number(0, 99_999))

    def training(state: TrainerState, said: Said) -> str:
        name = said["training"]
        if state.training is None and left_behind(name) is None and saved.load(name) is None:
            raise ValueError(name)
        return name

    def take_training(state: TrainerState, name: str) -> None:
        if state.training is not None:
            return
        found = left_behind(name)
        if found is not None:
            found.follow()
            state.training = found
            state.show_run(MINE)
        else:
            recover(state, name)

    def training_told(state: TrainerState) -> str | None:
        return state.training.name if state.training is not None else state.recovered or None

    def shown(part: Part) -> Part:
        """Only said where a bundled recording is shown."""
        return replace(
            part, tell=lambda state: part.tell(state) if state.shown_run in runs else None
        )

    return (
        kept("preset", one_of((*PRESETS, OWN))),
        Part(name="training", read=training, take=take_training, tell=training_told),
        replace(shown(run), take=TrainerState.show_run),
        shown(look),
    )
