"""The bar over the inspector: what is shown, compared, run, opened and kept."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.inspector.behind import (
    EXTREME,
    FILE,
    LARGEST_FILE,
    MOST_PUZZLES,
    SetAsked,
    read_list,
)
from pages.inspector.set import (
    MINE,
    PINNED,
    SIZES,
    OwnSet,
    afresh,
    bundled,
    models_reading,
    outcomes_of,
    remember,
    set_words,
    start,
)
from pages.inspector.state import InspectorState
from pages.models.known import called, usual_settings
from pages.stage.apart import apart
from pages.stage.caches import bundled_puzzles
from pages.stage.embed import uploader
from pages.stage.files import as_plain, open_file
from pages.stage.frame import as_sentence
from pages.stage.run import STOPS
from pages.stage.work import Work, while_running
from trm_core.domains import Domain, Puzzle, PuzzleError, counted, domain
from trm_core.record.outcomes import Outcomes
from trm_core.solving.settings import MOST_STEPS, Settings


def choose(state: InspectorState) -> tuple[Outcomes | None, DeltaGenerator]:
    """The bar that chooses what is shown, compared, run and opened: the outcomes shown, and the place for the
    files that they can be kept as."""
    names = [*bundled(), *([MINE] if state.mine is not None else [])]
    wanted = state.take("wanted_set")
    if wanted or state.set not in names:
        state.set = wanted if wanted in names else names[0]
    with st.container(horizontal=True, vertical_alignment="bottom", key="stage_inspect_bar"):
        st.selectbox(
            "Model and set",
            names,
            format_func=set_words,
            key=state.widget("set"),
            on_change=afresh,
            args=(state,),
            persist_state="session",
        )
        _choose_versus(state)
        with st.popover("Run a set", icon=":material/play_arrow:"):
            _run_form(state)
        with st.popover("Open, keep", icon=":material/folder_open:"):
            _open_outcomes(state)
            place = st.container()
    _say_due(state)
    return outcomes_of(state), place


def _choose_versus(state: InspectorState) -> None:
    shown = outcomes_of(state)
    if shown is None:
        return
    others = [
        name
        for name, other in bundled().items()
        if name != state.set and other.domain_name == shown.domain_name
    ]
    if state.pinned is not None and state.pinned is not shown:
        others.append(PINNED)
    if state.versus not in others:
        state.versus = None
    if others:
        st.selectbox(
            "Compare with",
            others,
            index=None,
            placeholder="nothing",
            key=state.widget("versus"),
            persist_state="session",
        )
    st.button(
        "Pin",
        key=state.key("pin"),
        icon=":material/keep:",
        help="Keep what is shown, to compare the next set with it: another model, or other settings.",
        on_click=lambda: setattr(state, "pinned", shown),
    )


def _run_form(state: InspectorState) -> None:
    """Which model is asked which puzzles, and how."""
    shown = outcomes_of(state)  # what the form begins with
    key = f"{state.key('set_form')}_{state.set}"
    size = st.selectbox(
        "Puzzles",
        SIZES,
        index=SIZES.index(shown.domain_name) if shown and shown.domain_name in SIZES else 2,
        format_func=lambda n: domain(n).title,
        key=f"{key}_size",
    )
    chosen, models = domain(size), models_reading(size)
    checkpoint = st.selectbox(
        "Model",
        models,
        index=models.index(shown.checkpoint) if shown and shown.checkpoint in models else 0,
        format_func=called,
        help="A model of your own is one of these once it is opened on the page of its puzzle, or trained.",
        key=f"{key}_model_{size}",
    )
    kinds = [kind for kind in chosen.maker.difficulties if kind != EXTREME]
    kinds += [EXTREME] * bool(bundled_puzzles(size)) + [FILE]
    usual = kinds.index(EXTREME if EXTREME in kinds else chosen.maker.usual)
    kind = st.selectbox(
        "Which of them",
        kinds,
        index=usual,
        format_func=lambda n: {EXTREME: "the bundled Extreme ones", FILE: "a file of mine"}.get(
            n, f"fresh ones, {n}"
        ),
        key=f"{key}_kind_{size}",
    )
    puzzles = _own_puzzles(state, chosen, f"{key}_file_{size}") if kind == FILE else None
    count = st.number_input(
        "How many, at most", 1, MOST_PUZZLES, 200, key=f"{key}_count", width="stretch"
    )
    seed = 1
    if kind not in (EXTREME, FILE):
        seed = st.number_input("Seed of the fresh ones", 0, 10**9, 1, key=f"{key}_seed")
    usual_steps = usual_settings(checkpoint).steps if checkpoint else 16
    steps = st.number_input(
        "Supervision steps at most",
        1,
        MOST_STEPS,
        min(60, usual_steps),
        key=f"{key}_steps_{checkpoint}",
    )
    stop = st.selectbox(
        "A solve ends",
        ["steps", "rules", "halt"],
        format_func=STOPS.get,
        key=f"{key}_stop",
        help="“Never early” shows what every step came to; the others are faster.",
    )
    if st.button(
        "Run",
        type="primary",
        key=state.key("run_set"),
        disabled=checkpoint is None or (kind == FILE and puzzles is None),
    ):
        settings = Settings(steps=int(steps), stop=stop)
        asked = SetAsked(
            domain=size,
            checkpoint=checkpoint,
            difficulty=kind,
            puzzles=int(count),
            seed=int(seed),
            settings=settings,
        )
        afresh(state)
        start(state, asked, None if puzzles is None else puzzles[: asked.puzzles])


def _own_puzzles(state: InspectorState, chosen: Domain, key: str) -> list[Puzzle] | None:
    """The puzzles of a visitor's file; what is wrong with it is said beside it."""
    file = uploader(
        "A list of puzzles: CSV, gzipped or not, any text with many, or a ZIP of a data folder",
        key=key,
        max_upload_size=LARGEST_FILE // 2**20,
    )
    if file is None:
        return None
    reading = state.reading
    if state.read_of != (chosen.name, file.file_id) or _broken_off(reading):
        if reading is not None:
            reading.cancel()
        state.read_of = (chosen.name, file.file_id)
        state.reading = reading = read_list(chosen, file.getvalue(), file.name)
    if reading.running:
        _follow(reading)
        return None
    if reading.error:
        st.error(as_sentence(reading.error))
        return None
    found = reading.last.puzzles
    st.caption(f"{counted(len(found), 'puzzle')} in {file.name}.")
    return found


def _broken_off(reading: Work) -> bool:
    """Whether a list is only read in part, since its visitor was away."""
    over = not reading.running and not reading.error
    return over and (reading.last is None or not reading.last.whole)


def _follow(reading: Work) -> None:
    """How far the reading of a list is."""

    def draw() -> None:
        at = reading.last
        if at is None:
            st.progress(0.0, "Reading your puzzles …")
        else:
            st.progress(len(at.puzzles) / at.of, f"{len(at.puzzles)} of {at.of} puzzles answered …")

    while_running(0.5, lambda: reading.running, draw)


def _open_outcomes(state: InspectorState) -> None:
    """Outcomes that were kept before."""

    def read(file: Any) -> Outcomes:
        found = apart(Outcomes.load, file.getvalue(), file.name)
        if not len(found):
            raise PuzzleError(f"{file.name} holds no puzzle")
        if found.most_steps > MOST_STEPS:
            raise PuzzleError(f"{file.name} has more than {MOST_STEPS} steps a puzzle")
        return replace(
            found, checkpoint=as_plain(found.checkpoint), set_name=as_plain(found.set_name)
        )

    found = open_file(
        state,
        "outcomes_file",
        "Outcomes kept before (Parquet, as this page and `evaluate --outcomes` write)",
        read,
    )
    if found is None:
        return
    remember(state)
    state.mine, state.wanted_set = OwnSet(None, found), MINE
    afresh(state)
    st.rerun()


def keep(state: InspectorState, place: DeltaGenerator, every: Outcomes, some: Outcomes) -> None:
    """Into its place: the outcomes as files, all of them or those that are shown."""
    parts = {f"all: {counted(len(every), 'puzzle')}": every, f"the {len(some)} shown": some}
    if len(some) == len(every):
        parts.popitem()
    with place:
        st.markdown("**Keep the outcomes**")
        which = st.segmented_control(
            "Which of them",
            list(parts),
            default=next(iter(parts)),
            key=f"{state.key('keep_which')}_{len(every)}_{len(some)}",
            required=True,
            persist_state="session",
        )
        _downloads(state, parts.get(which, every))


def _downloads(state: InspectorState, shown: Outcomes) -> None:
    def parquet() -> bytes:
        out = io.BytesIO()
        shown.save(out)
        return out.getvalue()

    made = {"parquet": parquet, "csv": shown.as_csv, "json": shown.as_json}
    with st.container(horizontal=True):
        for ending, make in made.items():
            st.download_button(
                ending.upper() if ending != "parquet" else "Parquet",
                make,
                f"{shown.checkpoint}-outcomes.{ending}",
                key=f"{state.key('keep_outcomes')}_{ending}",
                on_click="ignore",
                icon=":material/download:",
            )


def _say_due(state: InspectorState) -> None:
    """A link can name a set that is not computed here, and a run can be stopped: say so, and offer the whole."""
    own = state.mine
    if state.set != MINE or own is None or state.working is not None:
        return
    if own.outcomes is not None and not own.stopped:
        return
    asked = own.asked
    if asked.difficulty == FILE and own.stopped:
        st.info(f"It was stopped after {counted(len(own.outcomes), 'puzzle')} of your file.")
        return
    if asked.difficulty == FILE:
        st.info("The link is of a set from a file: run it, or open its outcomes, to see it.")
        return
    whole = asked.words(asked.puzzles)
    if own.stopped:
        st.info(
            f"It was stopped after {len(own.outcomes)} of {whole}. A link to it means all of them."
        )
    else:
        st.info(
            f"{asked.checkpoint} on {whole}, up to {counted(asked.settings.steps, 'step')}: not computed here yet."
        )
    if st.button("Compute it", key=state.key("compute"), type="primary"):
        start(state, asked)  # and keep what the link chose of it
