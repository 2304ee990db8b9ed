"""Experiments of the lesson that a visitor runs live: a map of starts, a training from nothing. What comes is
drawn as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.shared import caches, player
from pages.shared.frame import is_dark
from pages.shared.scene import Material, Scene
from pages.shared.state import PageState, visitor
from trm_core.figures.lesson import basins_figure
from trm_core.figures.shares import shares_figure
from trm_core.lesson.trials import FEATURES, PROBE, WHOLE

if TYPE_CHECKING:  # loads torch
    from trm_core.lesson.basins import Basins

WOUNDED = 50  # puzzles of a curve measured live
SIZES = (1, 5, 10, 20, 30, 40, 50)  # cells torn out
WOUNDS_SEED = 500_000
SIDE = 11  # starts along each side of a live map


def map_starts(state: PageState, scene: Scene, material: Material) -> None:
    """Ask the puzzle on the stage from starts all over a plane, and colour the plane as they end."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Draw such a map now",
            key=state.key("map"),
            icon=":material/scatter_plot:",
            help=f"{SIDE * SIDE} starts of the puzzle that failed (or yours), some half a minute.",
        )
        st.caption(
            f"{SIDE} by {SIDE} starts along other directions than the recorded ones, row by row as they end; "
            "some 30 seconds on two cores."
        )
    place = st.empty()
    if pressed:
        from trm_core.lesson.basins import growing

        question_RC = material.runs[FEATURES.name].question_board
        model = caches.lesson_solver(FEATURES).model
        maps = growing(model, FEATURES.asked, question_RC, seed=1, side=SIDE, visitor=visitor())
        for row, found in enumerate(maps, 1):
            with place.container():
                _draw_map(state, found, f"_{row}", f"Row {row} of {SIDE} …")
        state.mapped = found
    if state.mapped is not None:
        solved, count = state.mapped.solved, state.mapped.end_GG.size
        with place.container():
            _draw_map(
                state,
                state.mapped,
                "_done",
                f"{round(solved * count)} of {count} starts lead to the solution; after their steps they "
                f"stand at {state.mapped.ends} different boards.",
            )


def _draw_map(state: PageState, found: Basins, suffix: str, words: str) -> None:
    figure = basins_figure(found.end_GG, found.at_G, dark=is_dark())
    key = state.key("lesson_figure") + "_map" + suffix
    player.show(figure, key, f"{key}_chart", height="content")
    st.caption(words)


def train_live(state: PageState, scene: Scene, material: Material) -> None:
    """Train the scene's model once more, from other random numbers, while one watches."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Train one now, from nothing",
            key=state.key("train"),
            icon=":material/model_training:",
            help="Another run with other random numbers, on this machine.",
        )
        st.caption("200 updates from other random numbers; some 30 seconds on two cores.")
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


def _draw_training(state: PageState, looks: list, suffix: str, words: str) -> None:
    lines = [(f"{look.update}", list(look.solved), list(look.solved.values())) for look in looks]
    figure = shares_figure(
        lines,
        "supervision steps it may take",
        up="solved, by updates",
        dark=is_dark(),
        log=True,
        ordered=True,
    )
    key = state.key("lesson_figure") + "_run" + suffix
    player.show(figure, key, f"{key}_chart", height="content")
    st.caption(words)


def wound_live(state: PageState, drawn: Callable[[Mapping[str, Any], bool], object]) -> None:
    """Measure on 50 fresh puzzles how large a wound heals within one step; `drawn` draws what there is."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Measure the curve yourself",
            key=state.key("wound"),
            icon=":material/monitoring:",
            help="50 fresh puzzles, others every time: solved, wounded, and looked at one step later.",
        )
        st.caption("50 fresh puzzles, solved, wounded in three ways; some 20 seconds on two cores.")
    place = st.empty()
    if pressed:
        from trm_core.lesson.wounds import growing
        from trm_core.training.data import generated

        state.wounded += 1
        with st.spinner("Making 50 puzzles, and solving them …"):
            pairs = generated(WHOLE.asked, "mixed", WOUNDED, WOUNDS_SEED + state.wounded)
            model = caches.lesson_solver(WHOLE).model
            curves = growing(model, WHOLE.asked, pairs, SIZES, seed=state.wounded, after=1)
        for k, found in enumerate(curves, 1):
            with place.container():
                words = f"{found['sizes'][-1]} cells torn out: {k} of {len(SIZES)} sizes …"
                _draw_wounds(state, drawn(found, is_dark()), f"_{k}", words)
        state.healed = found
    if state.healed is not None:
        with place.container():
            words = f"Your own measurement, on the {state.healed['puzzles']} of {WOUNDED} fresh puzzles that it had solved."
            _draw_wounds(state, drawn(state.healed, is_dark()), "_done", words)


def _draw_wounds(state: PageState, figure: object, suffix: str, words: str) -> None:
    key = state.key("lesson_figure") + "_wound" + suffix
    player.show(figure, key, f"{key}_chart", height="content")
    st.caption(words)
