"""Which set the inspector shows: a bundled one, one that was run here, or one from a file; and running one."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import caches, model_card
from pages.shared.frame import as_sentence
from pages.shared.inspection import (
    EXTREME,
    FILE,
    MOST_PUZZLES,
    Progress,
    SetAsked,
    run_set,
)
from pages.shared.solving import STOPS
from pages.shared.state import PageState
from trm_core.domains import Domain, Puzzle, PuzzleError, counted, domain
from trm_core.record.outcomes import Outcomes
from trm_core.solving.settings import MOST_STEPS, Settings
from trm_core.weights.card import fitting

MINE = "mine"  # what was run or opened here
PINNED = "the pinned one"
REDRAW_EVERY = 4.0  # seconds between two looks at what has come of a set under way
MOST_OWN = 4  # sets of one's own that are remembered
SIZES = ("sudoku-4x4", "sudoku-6x6", "sudoku-9x9", "maze-13x13", "maze-30x30")


@dataclass(frozen=True, eq=False)
class OwnSet:
    """A set that was run here, or is to be (no outcomes yet), or came from a file (nothing asked)."""

    asked: SetAsked | None
    outcomes: Outcomes | None
    stopped: bool = False  # whether more puzzles were asked for than there are


def bundled() -> Mapping[str, Outcomes]:
    """The outcomes that come with the app, by the model that was asked."""
    return caches.bundled_outcomes()


def choose(state: PageState) -> tuple[Outcomes | None, DeltaGenerator]:
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
            format_func=_words,
            key=state.widget("set"),
            on_change=_afresh,
            args=(state,),
            persist_state="session",
        )
        _choose_versus(state)
        with st.popover("Run a set", icon=":material/play_arrow:"):
            _run_form(state)
        with st.popover("Open, keep", icon=":material/folder_open:"):
            _open_file(state)
            place = st.container()
    _say_due(state)
    return outcomes_of(state), place


def outcomes_of(state: PageState) -> Outcomes | None:
    """What is shown: while a set runs, what there is of it."""
    if state.set != MINE:
        return bundled().get(state.set)
    if state.working is not None:
        at = state.working.last
        return at.read() if isinstance(at, Progress) else None
    return None if state.mine is None else state.mine.outcomes


def versus(state: PageState) -> Outcomes | None:
    """What the set is compared with."""
    return state.pinned if state.versus == PINNED else bundled().get(state.versus or "")


def _words(name: str) -> str:
    if name == MINE:
        return "your own set"
    shown = bundled()[name]
    return f"{shown.checkpoint}: {shown.set_name}, {shown.most_steps} steps"


def _choose_versus(state: PageState) -> None:
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
    st.selectbox(
        "Compare with",
        others,
        index=None,
        placeholder="nothing" if others else "nothing of the same kind yet",
        disabled=not others,
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


def _run_form(state: PageState) -> None:
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
    chosen, models = domain(size), _models(size)
    checkpoint = st.selectbox(
        "Model",
        models,
        index=models.index(shown.checkpoint) if shown and shown.checkpoint in models else 0,
        key=f"{key}_model_{size}",
    )
    kinds = [kind for kind in chosen.maker.difficulties if kind != EXTREME]
    kinds += [EXTREME] * bool(caches.bundled_puzzles(size)) + [FILE]
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
    puzzles = _own_puzzles(chosen, f"{key}_file_{size}") if kind == FILE else None
    count = st.number_input(
        "How many, at most", 1, MOST_PUZZLES, 200, key=f"{key}_count", width="stretch"
    )
    seed = 1
    if kind not in (EXTREME, FILE):
        seed = st.number_input("Seed of the fresh ones", 0, 10**9, 1, key=f"{key}_seed")
    usual_steps = model_card.usual_settings(checkpoint).steps if checkpoint else 16
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
        _afresh(state)
        _start(state, asked, None if puzzles is None else puzzles[: asked.puzzles])


def _models(size: str) -> list[str]:
    """The bundled models that read such a puzzle as it is, not on a larger canvas; behind them the small ones that
    were trained to see what happens if, also those that solve nothing."""
    chosen, cards = domain(size), caches.cards()
    own_size = [n for n in fitting(cards, chosen) if cards[n].reading(chosen).domain == size]
    return own_size + [n for n, card in caches.small_cards().items() if card.domain == size]


def _own_puzzles(chosen: Domain, key: str) -> list[Puzzle] | None:
    """The puzzles of a visitor's file; what is wrong with it is said beside it."""
    file = st.file_uploader(
        "A list of puzzles: CSV, gzipped or not, or any text with many", key=key
    )
    if file is None:
        return None
    try:
        with st.spinner("Reading your puzzles …"):
            found = caches.own_puzzles(chosen.name, file.getvalue(), file.name)
    except PuzzleError as error:
        st.error(as_sentence(error))
        return None
    st.caption(f"{counted(len(found), 'puzzle')} in {file.name}.")
    return found


def _start(state: PageState, asked: SetAsked, puzzles: list[Puzzle] | None = None) -> None:
    if state.working is not None:
        state.working.cancel()
    _remember(state)
    state.mine, state.working = OwnSet(asked, None), run_set(asked, puzzles)
    state.wanted_set = MINE
    st.rerun()


def _remember(state: PageState) -> None:
    """Keep the last set of one's own, for the way back to it."""
    own = state.mine
    if own is not None and own.asked is not None and own.outcomes is not None:
        others = {key: each for key, each in state.own_sets.items() if key != own.asked}
        state.own_sets = dict([*others.items(), (own.asked, own)][-MOST_OWN:])


def _afresh(state: PageState) -> None:
    """Another set: nothing of the last one is chosen any more."""
    state.shown, state.row, state.page_of, state.field = [], None, 0, None


def progress(state: PageState) -> None:
    """How far the set under way is; the page is drawn anew while it comes in."""
    work = state.working
    if work is None:
        return
    if not work.running:
        _take_in(state)
        return

    drawn = time.monotonic()

    @st.fragment(run_every=1.0)
    def told() -> None:
        if not work.running:
            st.rerun()
        at = work.last
        done = at.done if isinstance(at, Progress) else 0
        words = _how_far(at, time.monotonic() - work.began)
        st.progress(done / at.of if done else 0.0, "Stopping …" if work.cancelled else words)
        st.button(
            "Stop, and keep what there is",
            key=state.key("stop_set"),
            on_click=work.cancel,
            disabled=work.cancelled,
        )
        if done and time.monotonic() - drawn > REDRAW_EVERY:
            st.rerun()

    told()


def _how_far(at: Progress | None, seconds: float) -> str:
    """A set under way, in words."""
    if at is None:
        return "Loading the model, making the puzzles …"
    if not at.done:
        return f"0 of {at.of} puzzles: the first are under way …"
    rate = at.done / seconds
    left = f"{(at.of - at.done) / rate:.0f} s left"
    return f"{at.done} of {at.of} puzzles, {rate:.1f} a second, {left}"


def _take_in(state: PageState) -> None:
    """What a set came to, once it is over."""
    work = state.take("working")
    found = work.last.read() if isinstance(work.last, Progress) else None
    if found is not None and len(found) and state.mine is not None:
        state.mine = OwnSet(state.mine.asked, found, stopped=len(found) < work.last.of)
        took = f"{counted(len(found), 'puzzle')} in {work.seconds:.0f} s, {len(found) / work.seconds:.1f} a second"
        st.toast(took, icon=":material/done:")
    if work.error:
        st.error(f"The set could not be run to its end: {work.error}.")
        return
    if found is None or not len(found):
        st.toast("Stopped before the first puzzle was done.", icon=":material/stop_circle:")
    st.rerun()


def _open_file(state: PageState) -> None:
    """Outcomes that were kept before."""
    file = st.file_uploader(
        "Outcomes kept before (Parquet, as this page and `evaluate --outcomes` write)",
        key=state.key("outcomes_file"),
    )
    if file is None or state.opened_file == file.file_id:
        return
    try:
        found = Outcomes.load(file.getvalue(), file.name)
        if not len(found):
            raise PuzzleError(f"{file.name} holds no puzzle")
        if found.most_steps > MOST_STEPS:
            raise PuzzleError(f"{file.name} has more than {MOST_STEPS} steps a puzzle")
    except PuzzleError as error:
        st.error(as_sentence(error))
        return
    state.opened_file = file.file_id
    _remember(state)
    state.mine, state.wanted_set = OwnSet(None, found), MINE
    _afresh(state)
    st.rerun()


def keep(state: PageState, place: DeltaGenerator, every: Outcomes, some: Outcomes) -> None:
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


def _downloads(state: PageState, shown: Outcomes) -> None:
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


def _say_due(state: PageState) -> None:
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
        _start(state, asked)  # and keep what the link chose of it


def told(state: PageState) -> dict[str, str]:
    """The set, as an address says it."""
    if state.set != MINE or state.mine is None or state.mine.asked is None:
        return {"set": state.set} if state.set in bundled() else {}
    asked = state.mine.asked
    return {
        "set": f"{asked.domain} {asked.difficulty} {asked.puzzles} {asked.seed}",
        "model": asked.checkpoint,
        "steps": str(asked.settings.steps),
        "stop": asked.settings.stop,
    }


def take_over(state: PageState, said: Mapping[str, str]) -> bool:
    """The set that an address says; False if it says one that can't be used, which leaves all as it is."""
    name = said.get("set", "")
    if name in bundled():
        state.set = name
    if name in bundled() or not name:
        return True
    try:
        size, difficulty, count, seed = name.split(" ")
        steps = int(said.get("steps", "16"))
        asked = SetAsked(
            domain=size,
            checkpoint=said.get("model", ""),
            difficulty=difficulty,
            puzzles=min(MOST_PUZZLES, max(1, int(count))),
            seed=int(seed),
            settings=Settings(steps=steps, stop=said.get("stop", "steps")),
        )
        known = size in SIZES and asked.checkpoint in _models(size)
        kinds = (*domain(size).maker.difficulties, FILE) if size in SIZES else ()
    except (ValueError, PuzzleError):
        return False
    if not known or difficulty not in kinds:
        return False
    if state.mine is None or state.mine.asked != asked:
        _remember(state)
        if state.working is not None:
            state.working.cancel()
            state.working = None
        state.mine = state.own_sets.get(asked, OwnSet(asked, None))
    state.set = MINE
    return True
