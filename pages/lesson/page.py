"""The lesson: one scene at a time, with a guess before the answer. Scenes are data (`pages/scenes`)."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from pages.lesson.handout import handout
from pages.lesson.recorded import (
    lesson_measured,
    lesson_solver,
    recorded,
    visitors_puzzle,
    word_pictures,
)
from pages.lesson.scene import Guess, Material, Scene
from pages.lesson.state import LessonState
from pages.stage import frame, painter, player
from pages.stage.address import Part, Said, kept, listen, open_link, say_ignored, write_link, yes
from pages.stage.frame import as_sentence, data_url, is_dark
from pages.stage.layout import Stage, stage
from pages.stage.run import PageRun
from trm_core.domains import PuzzleError
from trm_core.figures.live import live_board
from trm_core.record.trace import Trace


def show(scenes: Sequence[Scene], words: Sequence[tuple[str, str, str, str]]) -> None:
    """The whole page: the scenes, and the `words` of the lesson (word, meaning, look and sign)."""
    state = LessonState("learn")
    frame.open_page("Learn")
    listen(state)
    open_link(state, _parts(scenes))
    say_ignored(state)
    number = _choose(state, scenes)
    scene = scenes[number - 1]
    told = state.teacher or scene.name in state.guesses
    runs = _runs(state, scene)
    own = scene.name in state.own
    material = Material(runs, lesson_measured(), _dialled(state, scene), own)
    shown = _shown(state, scene, material)
    state.clock = scene.clock
    parts = stage(lesson=max(1, len(shown)))
    with parts.act:
        st.html(_words(scene, number, told, state.large))
    with parts.says:
        if not told:
            _ask(state, scene)
    if told:
        player.play(state, parts, shown, frame=state.take("frame"), tools=False)
        _tell(state, scene, material, parts)
        if len(shown) == 1:
            _beside(state, scene, material, parts, shown)
    else:
        _still(parts, shown)
    _under(state, scene, material, shown, told, len(scenes))
    with st.expander("Words"):
        st.html(_glossary(words))
    write_link(state, _parts(scenes))


def _choose(state: LessonState, scenes: Sequence[Scene]) -> int:
    """Which scene, by its number; and how the page is shown."""
    with st.container(horizontal=True, vertical_alignment="center", key="stage_scene_bar"):
        chosen = st.segmented_control(
            "Scene",
            range(1, len(scenes) + 1),
            format_func=lambda number: f"{number} {scenes[number - 1].name}",
            key=state.widget("scene"),
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.toggle(
            "Teacher",
            key=state.widget("teacher"),
            help="Shows what is seen without asking for a guess first.",
            persist_state="session",
        )
        st.toggle(
            "Large",
            key=state.widget("large"),
            help="Words that a room can read.",
            persist_state="session",
        )
        st.download_button(
            "Hand-out",
            partial(_handout, scenes, state.teacher),
            "how-a-tiny-model-thinks.html",
            "text/html",
            key=state.key("handout"),
            on_click="ignore",
            icon=":material/print:",
            type="tertiary",
            help="All scenes in one file to print; with what was seen while Teacher is on.",
        )
    return int(chosen or 1)


def _handout(scenes: Sequence[Scene], answers: bool) -> str:
    measured = lesson_measured()
    runs = [
        Material(
            {trial.name: recorded(trial.name) for trial in scene.trials},
            measured,
            scene.dial.first if scene.dial else 0,
        )
        for scene in scenes
    ]
    return handout(list(zip(scenes, runs, strict=True)), answers=answers)


def _glossary(words: Sequence[tuple[str, str, str, str]]) -> str:
    drawn = word_pictures(is_dark())
    rows = "".join(
        f"<dt><span class='trm-key'>{f'<i class=trm-{look}>{sign}</i>' if look else ''}{word}</span></dt>"
        f"<dd>{html.escape(meaning)}{_picture(drawn.get(word))}</dd>"
        for word, meaning, look, sign in words
    )
    return f"<dl class='trm-words trm-{'dark' if is_dark() else 'light'}'>{rows}</dl>"


def _picture(svg: str | None) -> str:
    """A word's picture, beside what it means."""
    if svg is None:
        return ""
    return f"<img alt='' src='{data_url(svg.encode(), 'image/svg+xml')}'>"


def _words(scene: Scene, number: int, told: bool, large: bool) -> str:
    said = " ".join(scene.words)
    todo = f"<p class='trm-todo'>{html.escape(scene.todo)}</p>" * told
    large = " trm-large" * large
    return f"<div class='trm-scene{large}'><h2>{number}. {html.escape(scene.title)}</h2><p>{said}</p>{todo}</div>"


def _ask(state: LessonState, scene: Scene) -> None:
    """The guess, to be made before anything is shown."""
    guess = scene.guess
    with st.form(f"{state.page}_guess_{scene.name}", border=True):
        if guess.options:
            value: Any = st.radio(guess.question, guess.options, index=None)
        else:
            value = st.slider(guess.question, guess.low, guess.high, (guess.low + guess.high) // 2)
        if st.form_submit_button("That is my guess: show me", type="primary"):
            if value is None:
                st.caption("Choose one first.")
            else:
                state.guesses = state.guesses | {scene.name: value}
                st.rerun()


def _dialled(state: LessonState, scene: Scene) -> int:
    """Where the scene's dial stands; nowhere before it is shown."""
    if scene.dial is None:
        return 0
    if not scene.dial.low <= state.dial <= scene.dial.high:
        state.dial = scene.dial.first
    return state.dial


def _tell(state: LessonState, scene: Scene, material: Material, parts: Stage) -> None:
    """What was seen, beside what was guessed."""
    words = html.escape(scene.seen(material))
    guessed = _guessed(state.guesses.get(scene.name), scene.guess, material)
    with parts.verdict:
        st.html(f"<div class='trm-verdict good'>{guessed}<p>{words}</p></div>")


def _guessed(value: Any, guess: Guess, material: Material) -> str:
    if value is None:
        return ""
    answer = guess.answer(material)
    said = f"You guessed {guess.words(value)}"
    said += ", and so it was." if value == answer else f"; it was {guess.words(answer)}."
    return f"<p><b>{html.escape(said)}</b></p>"


def _beside(
    state: LessonState, scene: Scene, material: Material, parts: Stage, shown: Sequence[PageRun]
) -> None:
    """What moves along beside a board that stands alone."""
    with parts.curves:
        if scene.aside:
            player.show(scene.figures[0](material, is_dark()), state.key("lesson_figure"))
            st.caption(scene.captions[0])
        else:
            player.curves(state, shown)


def _under(
    state: LessonState,
    scene: Scene,
    material: Material,
    shown: Sequence[PageRun],
    told: bool,
    count: int,
) -> None:
    """What is under the stage: curves, the scene's figures, the formal side, and where to go."""
    if told:
        if len(shown) == 2:
            with st.container(key="stage_scene_curves"):
                player.curves(state, shown)
        if scene.dial is not None:
            st.slider(
                scene.dial.label,
                scene.dial.low,
                scene.dial.high,
                key=state.widget("dial"),
                persist_state="session",
            )
            st.markdown(scene.dial.words(material))
        figures = list(zip(scene.figures, scene.captions, strict=True))[int(scene.aside) :]
        for i, (figure, caption) in enumerate(figures):
            player.show(
                figure(material, is_dark()),
                state.key("lesson_figure") + f"_{i + 1}",
                height="content",
            )
            st.caption(caption)
        if scene.live is not None:
            scene.live(state, scene, material)
    with st.container(horizontal=True, vertical_alignment="center"):
        if told and scene.trials:
            _own_puzzle(state, scene)
        if state.scene > 1:
            st.button("Back", key=state.key("scene_before"), on_click=_go, args=(state, -1, count))
        st.button(
            "Next scene" if told else "Skip",
            key=state.key("scene_next"),
            icon=":material/arrow_forward:",
            on_click=_go,
            args=(state, 1, count),
            type="primary" if told else "secondary",
        )
    with st.expander("Formally"):
        st.markdown(scene.formally)
        if scene.sources:
            st.caption(f"Sources: {scene.sources}")


def _go(state: LessonState, by: int, count: int) -> None:
    state.scene = (state.scene - 1 + by) % count + 1


def _own_puzzle(state: LessonState, scene: Scene) -> None:
    """The same with the puzzle that stands on the visitor's Sudoku page, live."""
    if scene.name in state.own:
        st.button(
            "The recording again",
            key=state.key("lesson_recording"),
            on_click=_forget,
            args=(state, scene),
        )
        return
    try:
        fits = visitors_puzzle(scene.trials[0].asked) is not None
    except PuzzleError:
        fits = True  # pressing says what is wrong with it
    st.button(
        "With my own puzzle",
        key=state.key("lesson_own"),
        icon=":material/edit:",
        on_click=_want_own,
        args=(state, scene),
        disabled=not fits,
        help="Runs it live with the puzzle on your Sudoku page, if that is of "
        f"{scene.trials[0].asked.rows} × {scene.trials[0].asked.cols} cells.",
    )


def _forget(state: LessonState, scene: Scene) -> None:
    _another_puzzle(state, scene)
    state.own = {name: runs for name, runs in state.own.items() if name != scene.name}


def _another_puzzle(state: LessonState, scene: Scene) -> None:
    """What was done live in this scene was done to the puzzle of before."""
    if scene.live is not None:
        state.aftermath, state.operate_board, state.mapped = "", "", None
        painter.refresh(state)


def _want_own(state: LessonState, scene: Scene) -> None:
    state.own_due = scene.name


def _try_own(state: LessonState, scene: Scene) -> None:
    """Run the scene with the visitor's own puzzle, or say why it can't be asked."""
    from trm_core.lesson.ablations import run_trial

    try:
        question_RC = visitors_puzzle(scene.trials[0].asked)
    except PuzzleError as error:
        st.warning(as_sentence(error))
        return
    _another_puzzle(state, scene)
    runs = {
        trial.name: run_trial(trial, lesson_solver(trial), question_RC) for trial in scene.trials
    }
    state.own = {**state.own, scene.name: runs}


def _runs(state: LessonState, scene: Scene) -> dict[str, Trace]:
    """The scene's runs by name: of the visitor's own puzzle, or recorded."""
    if state.take("own_due") == scene.name:
        with st.spinner("The model is thinking about your puzzle …"):
            _try_own(state, scene)
    usual = {trial.name: recorded(trial.name) for trial in scene.trials}
    return usual | state.own.get(scene.name, {})


def _shown(state: LessonState, scene: Scene, material: Material) -> list[PageRun]:
    own = scene.name in state.own
    if scene.steps:
        names = {scene.step_words(name): name for name in scene.steps}
        live = dict(zip(names, (look.trace for look in state.trained), strict=False))
        with st.container(key="stage_scene_steps"):
            words = st.select_slider(
                "Weights of your run" if live else "Weights",
                list(names),
                key=state.key("moment"),
                label_visibility="visible" if live else "collapsed",
            )
        trace = live[words] if live else recorded(names[words])
        return [_page_run(trace, words, words, bool(live))]
    titles = scene.titles or [trial.title for trial in scene.trials]
    if own and scene.titles:  # they say what became of the recorded puzzles
        titles = [f"Your puzzle, {trial.steps} steps at most" for trial in scene.trials]
    return [
        _page_run(material.runs[trial.name], trial.name, title, own)
        for trial, title in zip(scene.trials, titles, strict=True)
    ]


def _page_run(trace: Trace, name: str, title: str, own: bool) -> PageRun:
    trace_id = f"lesson-{name}"
    if own:
        content = trace.question_L.tobytes() + trace.answer_CL.tobytes()
        trace_id += f"-{hashlib.sha256(content).hexdigest()[:16]}"
    return PageRun(trace, trace_id, not own, title, trace_id)


def _still(parts: Stage, runs: Sequence[PageRun]) -> None:
    """The questions alone, while nothing is to be given away."""
    with parts.board:
        for column, run in zip(st.columns(len(runs)), runs, strict=True):
            trace = run.trace
            board_RC = trace.question_board
            picture = live_board(
                trace.domain, board_RC, board_RC, board_RC != board_RC, dark=is_dark()
            )
            with column:
                if len(runs) > 1:
                    st.html(f"<p class='trm-heading'>{html.escape(run.asked)}</p>")
                source = data_url(picture.encode(), "image/svg+xml")
                st.html(f"<img class='trm-question' alt='The puzzle' src='{source}'>")


def _parts(scenes: Sequence[Scene]) -> Sequence[Part]:
    """The address of the lesson: the scene, how the page is shown, and the guesses made so far."""
    names = [scene.name for scene in scenes]

    def guesses(state: LessonState, said: Said) -> dict[str, Any]:
        found = {}
        for pair in said["guesses"].split(", "):
            name, _, text = pair.partition(" ")
            value = scenes[names.index(name)].guess.read(text) if name in names else None
            if value is not None:
                found[name] = value
        if not found:
            raise ValueError(said["guesses"])
        return found

    def told(state: LessonState) -> str | None:
        made = [
            f"{each.name} {each.guess.written(state.guesses[each.name])}"
            for each in scenes
            if each.name in state.guesses
        ]
        return ", ".join(made) or None

    def switch(name: str) -> Part:
        part = kept(name, yes)
        return replace(part, tell=lambda state: "1" if part.tell(state) else None)

    return (
        Part(
            name="scene",
            read=lambda state, said: names.index(said["scene"]) + 1,
            take=lambda state, number: setattr(state, "scene", number),
            tell=lambda state: names[state.scene - 1],
        ),
        switch("teacher"),
        switch("large"),
        Part(
            name="guesses",
            read=guesses,
            take=lambda state, found: setattr(state, "guesses", found | state.guesses),
            tell=told,
        ),
    )
