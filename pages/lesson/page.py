"""The lesson: one scene at a time, with a guess before the answer. Scenes are data (`pages/scenes`)."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from pages.lesson.classroom import ask_class, code, show_ballot, voted, voter
from pages.lesson.handout import handout
from pages.lesson.known import KNOWN, TITLE, show_known
from pages.lesson.recorded import (
    lesson_measured,
    lesson_solver,
    on_desk,
    open_call,
    recorded,
    visitors_puzzle,
    word_pictures,
)
from pages.lesson.scene import Figure, Guess, Material, Scene
from pages.lesson.state import LessonState
from pages.models.inside import choose_cell, looked_into, show_inside
from pages.models.known import makes_marks, playing, thinks
from pages.stage import frame, painter, player
from pages.stage.address import Part, Said, kept, listen, open_link, say_ignored, write_link, yes
from pages.stage.caches import question_of
from pages.stage.dial import Place, dial
from pages.stage.frame import as_sentence, as_text, data_url, is_dark
from pages.stage.layout import Stage, stage
from pages.stage.run import PageRun, with_moments
from pages.stage.state import USUAL_MARKS
from trm_core.domains import Domain, PuzzleError, visitor_rng
from trm_core.record.trace import Trace

SHORT = ("answer", "clocks", "surgery", "learning")  # scenes for a quarter of an hour
DESK = "desk"
KINDS = {  # other puzzles for a scene, by the difficulty
    DESK: "The one on my Sudoku page",
    "easy": "An easy one",
    "medium": "A medium one",
    "mixed": "A mixed one",
    "minimal": "One with fewest clues",
    "hard": "A hard one",
}


def show(scenes: Sequence[Scene], words: Sequence[tuple[str, str, str, str]]) -> None:
    """The whole page: the scenes, and the `words` of the lesson (word, meaning, look and sign)."""
    state = LessonState("learn")
    frame.open_page("Learn")
    listen(state)
    open_link(state, _parts(scenes))
    say_ignored(state)
    if state.vote:
        show_ballot(state, scenes)
        write_link(state, _parts(scenes))
        return
    path = _path(state, scenes)
    number = _choose(state, scenes, path)
    if number > len(scenes):
        show_known(state, scenes, _recorded(scenes))
        _move(state, path, ahead=False)
        write_link(state, _parts(scenes))
        return
    scene = scenes[number - 1]
    told = state.teacher or scene.name in (state.revealed if state.classroom else state.guesses)
    runs = _runs(state, scene)
    own = scene.name in state.own
    value = None if state.classroom else state.guesses.get(scene.name)
    looks = state.trained if scene.steps else ()
    material = Material(runs, lesson_measured(), _dialled(state, scene), own, value, looks)
    decisive = _decisive(scene, material)
    shown = _shown(state, scene, material)
    state.clock = scene.clock
    state.marks = [*USUAL_MARKS, *scene.marks]
    parts = stage(lesson=max(1, len(shown)))
    with parts.act, st.container():
        st.html(_words(scene, number, material, told, state.large))
        if scene.steps:
            _turn(state, scene, material)
    with parts.says:
        if not told:
            (ask_class if state.classroom else _ask)(state, scene)
    if told:
        player.play(
            state,
            parts,
            shown,
            frame=state.take("frame"),
            tools=False,
            lens=not scene.steps,
            until=None if state.teacher else decisive,
            differing=False,
        )
        with parts.bar:
            st.html(player.marks_legend(state, shown, differing=False))
        _tell(state, scene, material, parts, shown, decisive)
        if len(shown) == 1:
            _beside(state, scene, material, parts, shown)
    else:
        _still(parts, shown)
    _under(state, scene, material, shown, told, path)
    with st.expander("Words"):
        st.html(_glossary(words))
    write_link(state, _parts(scenes))


def _path(state: LessonState, scenes: Sequence[Scene]) -> list[int]:
    """The numbers of the scenes on the visitor's way, and of what one knows behind them."""
    short = [i for i, scene in enumerate(scenes, 1) if not state.short or scene.name in SHORT]
    return [*short, len(scenes) + 1]


def _choose(state: LessonState, scenes: Sequence[Scene], path: Sequence[int]) -> int:
    """Which scene, by its number; and how the page is shown."""
    names = [*(scene.name for scene in scenes), TITLE]
    if state.scene not in path:  # a link, or the long way, led to it
        path = sorted({*path, state.scene})
    with st.container(horizontal=True, vertical_alignment="center", key="stage_scene_bar"):
        chosen = st.segmented_control(
            "Scene",
            path,
            format_func=lambda number: f"{number} {names[number - 1]}",
            key=state.widget("scene"),
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        with st.popover("Teaching", icon=":material/school:", type="tertiary"):
            _teaching(state, scenes)
    return int(chosen or 1)


def _teaching(state: LessonState, scenes: Sequence[Scene]) -> None:
    """What whoever stands in front of others needs."""
    switches = {
        "Class": (
            "classroom",
            "Asks a whole class: hands are counted, phones vote, and you reveal.",
        ),
        "Teacher": ("teacher", "Shows what is seen without asking for a guess first."),
        "Large": ("large", "Words that a room can read."),
    }
    for label, (name, words) in switches.items():
        st.toggle(label, key=state.widget(name), persist_state="session")
        st.caption(words)
    st.download_button(
        "Hand-out",
        partial(_handout, scenes, state.teacher),
        "how-a-tiny-model-thinks.html",
        "text/html",
        key=state.key("handout"),
        on_click="ignore",
        icon=":material/print:",
        help="All scenes in one file to print; with a plan of the lesson and what was seen while Teacher is on.",
    )


def _handout(scenes: Sequence[Scene], answers: bool) -> str:
    return handout(list(zip(scenes, _recorded(scenes), strict=True)), answers=answers)


def _recorded(scenes: Sequence[Scene]) -> list[Material]:
    """What each scene speaks of, as it was recorded."""
    measured = lesson_measured()
    return [
        Material(
            {trial.name: recorded(trial.name) for trial in scene.runs},
            measured,
            scene.dial.first if scene.dial else 0,
        )
        for scene in scenes
    ]


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


def _words(scene: Scene, number: int, material: Material, told: bool, large: bool) -> str:
    todo = f"<p class='trm-todo'>{html.escape(scene.task(material))}</p>" * told
    size = " trm-large" * large
    return (
        f"<div class='trm-scene{size}'><h2>{number}. {html.escape(scene.title)}</h2>"
        f"<p>{scene.said(material)}</p>{todo}<p class='trm-plays'>{html.escape(_players(scene, number == 1))}</p></div>"
    )


def _players(scene: Scene, first: bool) -> str:
    """Which models play in a scene; what they do is said in the first one, and where two do different things."""
    names = dict.fromkeys(trial.checkpoint for trial in scene.trials)
    whole = first or len({makes_marks(name) for name in names}) > 1
    return " ".join(map(playing if whole else thinks, names))


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
    """The place at which the scene's dial stands."""
    return state.dials.get(scene.name, scene.dial.first) if scene.dial else 0


def _turn(state: LessonState, scene: Scene, material: Material) -> None:
    """The scene's dial, if it has one."""
    if scene.dial is None:
        return
    places = [
        Place(
            value,
            scene.dial.words(material, place),
            scene.dial.picture(material, place, is_dark()),
        )
        for place, value in enumerate(scene.dial.places)
    ]

    def turned(place: int) -> None:
        state.dials = state.dials | {scene.name: place}

    key = state.key(f"dial_{scene.name}")
    dial(key, scene.dial.label, places, material.at, turned, large=state.large)


def _decisive(scene: Scene, material: Material) -> float | None:
    """The supervision step after which is told what was seen; None for the end of what plays."""
    return None if scene.decisive is None else scene.decisive(material) or None


def _tell(
    state: LessonState,
    scene: Scene,
    material: Material,
    parts: Stage,
    shown: Sequence[PageRun],
    decisive: float | None,
) -> None:
    """What was seen, beside what was guessed, once it was watched as far as the step that decides."""
    seen = scene.seen(material)
    # Where it speaks of other runs too, a step is not one of those on the stage.
    steps = max(run.trace.steps for run in shown)
    words = html.escape(seen) if scene.unshown or scene.steps else with_moments(seen, steps)
    value = material.guess
    right = value is not None and scene.guess.is_right(value, material)
    kind = "good" if right else "plain"
    guessed = (
        voted(state, scene, material) if state.classroom else _guessed(value, scene.guess, material)
    )
    after = 0.0 if state.teacher or scene.steps else decisive or steps
    wait = (
        f"<p class='trm-verdict trm-wait'>Watch it first; then it stands here what came of it. "
        f"<button data-moment='{after}'>Tell me now</button></p>"
    ) * bool(after)
    with parts.verdict:
        st.html(
            f"<div class='trm-told'><div class='trm-verdict {kind}' data-after='{after}'>{guessed}<p>{words}</p></div>"
            f"{wait}</div>"
        )


def _guessed(value: Any, guess: Guess, material: Material) -> str:
    if value is None:
        return ""
    said = f"You guessed {guess.words(value)}"
    if guess.is_right(value, material):
        said += ", and so it is."
    else:
        said += f"; what is measured is {guess.measured(material)}."
    return f"<p>{html.escape(guess.question)}</p><p><b>{html.escape(said)}</b></p>"


def _beside(
    state: LessonState, scene: Scene, material: Material, parts: Stage, shown: Sequence[PageRun]
) -> None:
    """What moves along beside a board that stands alone."""
    with parts.curves:
        if scene.aside:
            player.show(scene.figures[0].draw(material, is_dark()), state.key("lesson_figure"))
            st.caption(scene.figures[0].caption)
        else:
            pinned = material.guess if scene.guess.unit == "steps" else None
            player.curves(state, shown, pinned, scene.curves)


def _under(
    state: LessonState,
    scene: Scene,
    material: Material,
    shown: Sequence[PageRun],
    told: bool,
    path: Sequence[int],
) -> None:
    """What is under the stage: curves, the scene's figures, the formal side, and where to go."""
    if told:
        if len(shown) == 2:
            with st.container(key="stage_scene_curves"):
                if scene.compared:
                    player.compared_curves(state, shown, scene.curves)
                else:
                    player.curves(state, shown, only=scene.curves)
        if not scene.steps:
            _turn(state, scene, material)
        with st.container(key="stage_scene_found"):
            _figures(state, scene, material)
        if scene.live is not None and not scene.live_further:
            scene.live(state, scene, material)
        _further(state, scene, material)
        _calls(state, scene, shown)
    with st.container(horizontal=True, vertical_alignment="center"):
        if told and scene.trials:
            _own_puzzle(state, scene)
        _move(state, path, ahead=True, told=told)
    with st.expander("Formally"):
        st.markdown(scene.formally)
        if scene.sources:
            st.caption(f"Sources: {scene.sources}")


def _figures(state: LessonState, scene: Scene, material: Material) -> None:
    """What was measured on many puzzles."""
    for i, figure in enumerate(scene.figures):
        if not figure.further and (i or not scene.aside):
            _figure(state, figure, material, i)


def _further(state: LessonState, scene: Scene, material: Material) -> None:
    """Further numbers, for whoever wants them."""
    figures = [(i, figure) for i, figure in enumerate(scene.figures) if figure.further]
    if scene.more is None and not figures:
        return
    with st.expander("More numbers", expanded=bool(scene.live_further and state.mapped)):
        if scene.more is not None:
            st.markdown(as_text(scene.more(material)))
        for i, figure in figures:
            _figure(state, figure, material, i)
        if scene.live is not None and scene.live_further:
            scene.live(state, scene, material)


def _figure(state: LessonState, figure: Figure, material: Material, number: int) -> None:
    key = f"{state.key('lesson_figure')}_{number + 1}"
    player.show(figure.draw(material, is_dark()), key, height="content")
    st.caption(figure.caption)


def _calls(state: LessonState, scene: Scene, shown: Sequence[PageRun]) -> None:
    """A cell of the board, opened down to its numbers; not of models that are gone once they have learnt on."""
    if scene.steps:
        return
    trials = scene.shown(scene.name in state.own)
    place = 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_cell(state, shown[0])
        if len(shown) > 1:
            place = st.selectbox(
                "Of which board",
                range(len(shown)),
                format_func=lambda i: shown[i].asked,
                key=state.key(f"opened_{scene.name}"),
                width=320,
            )
    cell = looked_into(state, shown[place])
    if cell is not None:
        question_RC = shown[place].trace.question_board
        show_inside(state, shown[place], cell, partial(open_call, trials[place], question_RC))


def _move(state: LessonState, path: Sequence[int], *, ahead: bool, told: bool = True) -> None:
    """To the scene before on the way, and `ahead` to the next."""
    before = [number for number in path if number < state.scene]
    after = [number for number in path if number > state.scene]
    if before:
        st.button("Back", key=state.key("scene_before"), on_click=_go, args=(state, before[-1]))
    if ahead and after:
        st.button(
            "Next scene" if told else "Skip",
            key=state.key("scene_next"),
            icon=":material/arrow_forward:",
            on_click=_go,
            args=(state, after[0]),
            type="primary" if told else "secondary",
        )
        st.toggle(
            "The short way",
            key=state.widget("short"),
            help="A quarter of an hour: four of the scenes, and what you then know.",
            persist_state="session",
        )


def _go(state: LessonState, number: int) -> None:
    state.scene = number


def _own_puzzle(state: LessonState, scene: Scene) -> None:
    """The same with the puzzle that stands on the visitor's Sudoku page, or a fresh one, live."""
    if scene.name in state.own:
        st.button(
            "The recording again",
            key=state.key("lesson_recording"),
            on_click=_forget,
            args=(state, scene),
        )
        return
    with st.popover("With another puzzle", icon=":material/edit:", help="Runs this scene live"):
        st.caption(
            "The scene is run with it, live, by the same model; what is said is then of that puzzle."
        )
        asked = scene.trials[0].asked
        with st.container(horizontal=True):
            for name in _kinds(asked):
                st.button(
                    KINDS[name],
                    key=state.key(f"lesson_own_{name}"),
                    on_click=_want,
                    args=(state, scene, name),
                    disabled=name == DESK and not on_desk(asked),
                )
        if not on_desk(asked):
            st.caption(
                f"Your own: put a Sudoku of {asked.rows} × {asked.cols} cells on the page Sudoku first."
            )


def _kinds(asked: Domain) -> list[str]:
    """Which other puzzles a scene can be run with: the one on the visitor's desk, or a fresh one."""
    return [DESK, *(name for name in KINDS if name in asked.maker.difficulties)]


def _forget(state: LessonState, scene: Scene) -> None:
    _another_puzzle(state, scene)
    state.own = {name: runs for name, runs in state.own.items() if name != scene.name}


def _another_puzzle(state: LessonState, scene: Scene) -> None:
    """What was done live in this scene was done to the puzzle of before."""
    if scene.live is not None:
        state.aftermath, state.operate_board, state.mapped = "", "", None
        painter.refresh(state)


def _want(state: LessonState, scene: Scene, kind: str) -> None:
    state.own_due = scene.name, kind


def _try_own(state: LessonState, scene: Scene, kind: str) -> None:
    """Run the scene with the visitor's own puzzle or a fresh one of a kind, or say why it can't be asked."""
    from trm_core.lesson.ablations import run_trial

    asked = scene.trials[0].asked
    try:
        if kind == DESK:
            question_RC = visitors_puzzle(asked)
        else:
            state.drawn += 1
            question_RC = asked.maker.generate(visitor_rng(state.drawn), kind).question_RC
    except PuzzleError as error:
        st.warning(as_sentence(error))
        return
    _another_puzzle(state, scene)
    runs = {
        trial.name: run_trial(trial, lesson_solver(trial), question_RC)
        for trial in (*scene.shown(own=True), *scene.unshown)
    }
    state.own = {**state.own, scene.name: runs}


def _runs(state: LessonState, scene: Scene) -> dict[str, Trace]:
    """The scene's runs by name: of the visitor's own puzzle, or recorded."""
    name, kind = state.take("own_due") or ("", "")
    if name == scene.name:
        with st.spinner("The model is thinking about that puzzle …"):
            _try_own(state, scene, kind)
    usual = {name: recorded(name) for name in (*(trial.name for trial in scene.runs), *scene.steps)}
    live = {n: look.trace for n, look in zip(scene.steps, state.trained, strict=False)}
    return usual | live | state.own.get(scene.name, {})


def _shown(state: LessonState, scene: Scene, material: Material) -> list[PageRun]:
    own = scene.name in state.own
    if scene.steps:
        name = scene.steps[material.at]
        return [_page_run(material.runs[name], name, name, bool(state.trained))]
    trials = scene.shown(own)
    titles = scene.titles or [trial.title for trial in trials]
    if own and scene.titles:  # they say what became of the recorded puzzles
        titles = [f"That puzzle, {trial.steps} steps at most" for trial in trials]
    return [
        _page_run(material.runs[trial.name], trial.name, title, own)
        for trial, title in zip(trials, titles, strict=True)
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
            picture = question_of(trace, is_dark())
            with column:
                if len(runs) > 1:
                    st.html(f"<p class='trm-heading'>{html.escape(run.asked)}</p>")
                source = data_url(picture.encode(), "image/svg+xml")
                st.html(f"<img class='trm-question' alt='The puzzle' src='{source}'>")


def _parts(scenes: Sequence[Scene]) -> Sequence[Part]:
    """The address of the lesson: the scene, how the page is shown, and the guesses made so far."""
    names = [*(scene.name for scene in scenes), KNOWN]

    def guesses(state: LessonState, said: Said) -> dict[str, Any]:
        found = {}
        for pair in said["guesses"].split(", "):
            name, _, text = pair.partition(" ")
            guess = next((scene.guess for scene in scenes if scene.name == name), None)
            value = None if guess is None else guess.read(text)
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
            tell=lambda state: None if state.vote else names[state.scene - 1],
        ),
        switch("short"),
        switch("teacher"),
        switch("large"),
        Part(
            name="class",
            read=lambda state, said: code(said["class"]),
            take=lambda state, found: (
                setattr(state, "classroom", True),
                setattr(state, "room", found),
            ),
            tell=lambda state: state.room if state.classroom and state.room else None,
        ),
        kept("vote", code),
        Part(
            name="as",
            read=lambda state, said: voter(said["as"]),
            take=lambda state, found: setattr(state, "voter", found),
            tell=lambda state: state.voter or None,
        ),
        Part(
            name="guesses",
            read=guesses,
            take=lambda state, found: setattr(state, "guesses", found | state.guesses),
            tell=told,
        ),
    )
