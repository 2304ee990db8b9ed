"""The end of the lesson: what was guessed and what is measured, what surprised, and ways on."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from pages.lesson.asked import show_asked
from pages.lesson.classroom import forget_class
from pages.lesson.recorded import lesson_measured
from pages.lesson.scene import Material, Scene
from pages.lesson.state import LessonState

KNOWN, TITLE = "known", "recap"
PAPER = "https://arxiv.org/abs/2510.04871"


def show_known(state: LessonState, scenes: Sequence[Scene], materials: Sequence[Material]) -> None:
    """The whole view, of the recorded runs."""
    made = [
        (scene, material, state.guesses[scene.name])
        for scene, material in zip(scenes, materials, strict=True)
        if scene.name in state.guesses
    ]
    right = [scene.guess.is_right(value, material) for scene, material, value in made]
    size = " trm-large" * state.large
    st.html(
        f"<div class='trm-scene{size}'><h2>{len(scenes) + 1}. What you now know</h2><p>{_summed(len(made), sum(right))}</p></div>"
    )
    if made:
        st.html(f"<div class='trm-known{size}'>{''.join(map(_row, made, right))}</div>")
        surprised = [each for each, good in zip(made, right, strict=True) if not good]
        if surprised:
            told = "".join(
                f"<li><b>{html.escape(scene.title)}{'' if scene.title.endswith('?') else ':'}</b> {html.escape(scene.seen(material))}</li>"
                for scene, material, _ in surprised
            )
            st.html(
                f"<div class='trm-scene{size}'><h3>What surprised you</h3><ul>{told}</ul></div>"
            )
    home = "".join(f"<li>{html.escape(scene.takeaway)}</li>" for scene in scenes)
    st.html(f"<div class='trm-scene{size}'><h3>What to take home</h3><ol>{home}</ol></div>")
    _missing(state, scenes)
    show_asked(lesson_measured())
    st.html("<h3>Where to go from here</h3>")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Train one yourself", type="primary", icon=":material/model_training:"):
            st.switch_page("pages/train.py")
        if st.button("Find what it fails on", icon=":material/search:"):
            st.switch_page("pages/inspect.py")
        st.link_button("Read the paper", PAPER, icon=":material/article:")
        if made:
            st.button(
                "Clear the guesses",
                key=state.key("clear_guesses"),
                icon=":material/restart_alt:",
                help="For the next class, or to guess again.",
                on_click=lambda: setattr(state, "guesses", {}),
            )
        if state.classroom:
            st.button(
                "Clear the votes",
                key=state.key("clear_votes"),
                icon=":material/restart_alt:",
                help="For the next class: nothing is revealed, and its room is another one.",
                on_click=forget_class,
                args=(state,),
            )


def _summed(made: int, right: int) -> str:
    if not made:
        return "You have not guessed anything yet: every scene asks for one guess before it shows what is measured."
    rest = "" if right == made else " The others are worth more: there you learnt something."
    return f"{right} of {made} {'guess' if made == 1 else 'guesses'} {'is' if right == 1 else 'are'} what is measured.{rest}"


def _row(made: tuple[Scene, Material, object], right: bool) -> str:
    scene, material, value = made
    measured = html.escape(scene.guess.measured(material))
    sign = "<b class='trm-right'>as measured</b>" if right else f"measured: <b>{measured}</b>"
    return (
        f"<p><b>{html.escape(scene.guess.question)}</b><br>"
        f"you guessed {html.escape(scene.guess.words(value))}; {sign}</p>"
    )


def _missing(state: LessonState, scenes: Sequence[Scene]) -> None:
    """The scenes whose guess was not made."""
    left = [(i, scene) for i, scene in enumerate(scenes, 1) if scene.name not in state.guesses]
    if not left:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Not guessed yet:", width="content")
        for number, scene in left:
            st.button(
                f"{number} {scene.name}",
                key=state.key(f"guess_{scene.name}"),
                type="tertiary",
                on_click=lambda number=number: setattr(state, "scene", number),
            )
