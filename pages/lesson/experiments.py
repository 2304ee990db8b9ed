"""Experiments of the lesson that a visitor runs live: a map of starts, a training from nothing. What comes is
drawn as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.lesson.recorded import lesson_solver
from pages.lesson.scene import Material, Scene
from pages.lesson.state import LessonState
from pages.stage import player
from pages.stage.frame import is_dark
from pages.stage.state import visitor
from trm_core.figures.lesson import basins_figure
from trm_core.figures.training import fan_figure
from trm_core.lesson.trials import FEATURES, PROBE, SETTLES, WHOLE

WOUNDED = 50  # puzzles of a curve measured live
SIZES = (1, 5, 10, 20, 30, 40, 50)  # cells torn out
WOUNDS_SEED = 500_000
SIDE = 11  # starts along each side of a live map


def _asked(state: LessonState, name: str, label: str, icon: str, help: str, words: str) -> bool:
    """The button of an experiment, and what it takes; whether it was pressed."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(label, key=state.key(name), icon=icon, help=help)
        st.caption(words)
    return pressed


def _draw(state: LessonState, figure: object, name: str, words: str) -> None:
    """What has come so far: a figure, under a name of its own at every stage, and a line."""
    key = f"{state.key('lesson_figure')}_{name}"
    player.show(figure, key, f"{key}_chart", height="content")
    st.caption(words)


def map_starts(state: LessonState, scene: Scene, material: Material) -> None:
    """Ask the puzzle on the stage from starts all over a plane, and colour the plane as they end."""
    pressed = _asked(
        state,
        "map",
        "Draw such a map now",
        ":material/scatter_plot:",
        f"{SIDE * SIDE} starts of the puzzle that failed (or yours), some half a minute.",
        f"{SIDE} by {SIDE} starts along other directions than the recorded ones, row by row as they end; "
        "some 30 seconds on two cores.",
    )
    place = st.empty()
    if pressed:
        from trm_core.lesson.basins import growing

        question_RC = material.runs[(SETTLES if material.own else FEATURES).name].question_board
        model = lesson_solver(FEATURES).model
        maps = growing(model, FEATURES.asked, question_RC, seed=1, side=SIDE, visitor=visitor())
        for row, found in enumerate(maps, 1):
            with place.container():
                figure = basins_figure(found.end_GG, found.at_G, dark=is_dark())
                _draw(state, figure, f"map_{row}", f"Row {row} of {SIDE} …")
        state.mapped = found
    if state.mapped is not None:
        found = state.mapped
        solved, count = found.solved, found.end_GG.size
        with place.container():
            _draw(
                state,
                basins_figure(found.end_GG, found.at_G, dark=is_dark()),
                "map_done",
                f"{round(solved * count)} of {count} starts lead to the solution; after their steps they "
                f"stand at {found.ends} different boards.",
            )


def train_live(state: LessonState, scene: Scene, material: Material) -> None:
    """Train the scene's model once more, from other random numbers, while one watches."""
    pressed = _asked(
        state,
        "train",
        "Train one now, from nothing",
        ":material/model_training:",
        "Another run with other random numbers, on this machine.",
        "200 updates from other random numbers; some 30 seconds on two cores.",
    )
    place = st.empty()
    if pressed:
        from trm_core.lesson.learning import MOMENTS, lesson_run, replay

        state.trainings += 1
        learner, tests, probe_RC = lesson_run(seed=state.trainings, puzzles=2000)
        looks = []
        for look in replay(learner, PROBE.checkpoint, tests, probe_RC, MOMENTS):
            looks.append(look)
            with place.container():
                _draw_training(
                    state,
                    looks,
                    f"_{len(looks)}",
                    f"Learning: update {look.update} of {MOMENTS[-1]} …",
                )
        state.trained = looks
        st.rerun()  # so that the stage shows this run
    if state.trained:
        with place.container():
            best = 100 * max(state.trained[-1].solved.values())
            _draw_training(
                state,
                state.trained,
                "_done",
                f"Your run: {best:.0f} % of 100 fresh puzzles after {state.trained[-1].seconds:.0f} seconds of "
                "learning.",
            )


def _draw_training(state: LessonState, looks: list, suffix: str, words: str) -> None:
    figure = fan_figure({look.update: look.solved for look in looks}, dark=is_dark())
    _draw(state, figure, f"run{suffix}", words)


def wound_live(state: LessonState, drawn: Callable[[Mapping[str, Any], bool], object]) -> None:
    """Measure on 50 fresh puzzles how large a wound heals within one step; `drawn` draws what there is."""
    pressed = _asked(
        state,
        "wound",
        "Measure the curve yourself",
        ":material/monitoring:",
        "50 fresh puzzles, others every time: solved, wounded, and looked at one step later.",
        "50 fresh puzzles, solved, wounded in three ways; some 20 seconds on two cores.",
    )
    place = st.empty()
    if pressed:
        from trm_core.lesson.wounds import growing
        from trm_core.training.data import generated

        state.wounded += 1
        with st.spinner("Making 50 puzzles, and solving them …"):
            pairs = generated(WHOLE.asked, "mixed", WOUNDED, WOUNDS_SEED + state.wounded)
            model = lesson_solver(WHOLE).model
            curves = growing(model, WHOLE.asked, pairs, SIZES, seed=state.wounded, after=1)
        for k, found in enumerate(curves, 1):
            with place.container():
                words = f"{found['sizes'][-1]} cells torn out: {k} of {len(SIZES)} sizes …"
                _draw(state, drawn(found, is_dark()), f"wound_{k}", words)
        state.healed = found
    if state.healed is not None:
        with place.container():
            words = f"Your own measurement, on the {state.healed['puzzles']} of {WOUNDED} fresh puzzles that it had solved."
            _draw(state, drawn(state.healed, is_dark()), "wound_done", words)
