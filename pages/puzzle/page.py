"""A puzzle page, the same for every kind of puzzle: the question, the solve, what it shows.

A page says what is its own in a `PuzzlePage`; everything else is here.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from pages.models.card import show_card
from pages.models.inside import looked_into
from pages.models.known import playing, usual_settings
from pages.models.loaded import warm
from pages.puzzle import generator, keep, lens, link, question, scratchpad, solving, tries
from pages.puzzle.generator import named_puzzles
from pages.puzzle.state import PuzzleState
from pages.stage import frame, player
from pages.stage.address import listen, say_ignored
from pages.stage.embed import is_embedded
from pages.stage.layout import Stage, sentence, stage
from pages.stage.run import Ask, PageRun, recorded_run, verdict_html
from trm_core.domains import Domain, PuzzleError
from trm_core.readers.upload import Upload
from trm_core.record.trace import Trace


@dataclass(frozen=True, kw_only=True)
class PuzzlePage:
    """What one kind of puzzle has of its own."""

    name: str  # that all its widgets' names begin with
    title: str
    opening: str  # name of the domain it opens with
    is_ours: Callable[[Domain], bool]  # which domains belong here
    takes: str  # ... in words
    choose_size: Callable[[PuzzleState, Callable[[], None]], None]  # sets the size, then calls
    example: str  # of a puzzle as text
    difficulty_label: str
    difficulty_help: str
    seed_help: str
    examples: str = ""  # file of puzzles with a name, under assets/puzzles
    # By domain: the difficulty of the recorded puzzle, where it is not the usual one.
    recorded_kinds: Mapping[str, str] = field(default_factory=dict)
    again: bool = False  # whether a change of a solved puzzle is solved at once


def show(page: PuzzlePage) -> None:
    """The whole page."""
    state = PuzzleState(page.name)
    frame.open_page(page.title)
    if not state.opened:
        state.size = page.opening
        _change_size(page, state)
    listen(state)
    link.open_puzzle_link(state, page.is_ours, lambda: _change_size(page, state))
    say_ignored(state)
    if state.difficulty not in state.domain.maker.difficulties:  # of another size
        state.difficulty = state.domain.maker.usual

    chosen, on_found = state.domain, partial(_open, page, state)
    asked = question.check(state, chosen, *question.read(state, chosen))
    due, drawn = state.take("ask"), state.take("drawn")
    due = due if asked.ready else None
    beside_due = state.take("ask_beside") if due is not None else None
    stopped = solving.stopped_on_page(state)
    if stopped is not None or due is not None:
        state.editing = False
        state.beside = None
    if stopped is not None:
        state.add_try(stopped)
    painting = due is None and (state.editing or not _fits(state, asked))
    pair = beside_due is not None or (not painting and due is None and bool(tries.beside(state)))

    race = solving.will_race(state, chosen, due) or (
        due is None and not painting and tries.is_race(state.run)
    )
    parts = stage(painting=painting, pair=pair, race=race)
    with parts.act:
        slot = st.empty()
        ask = _popovers(page, state, chosen, on_found, painting)
    if due is not None:
        with slot:
            solving.stop_button(state)
        for change in (beside_due, due):
            if change is not None:
                changed = ask.but(**change)
                run = solving.solve_on_page(state, chosen, asked, changed, parts)
                if run is not None:
                    state.beside = state.run.try_id if change is due and beside_due else None
                    state.add_try(run)
    elif page.again and drawn and asked.ready and state.run is not None:
        run = solving.solve_on_page(state, chosen, asked, ask, parts, quiet=True)
        if run is not None:
            state.add_try(run)
    with slot:
        _solve_button(state, asked)

    fits = _fits(state, asked)
    other = tries.beside(state) if fits and not painting else None
    if painting or not fits:
        _paint(page, state, parts, chosen, asked, ask, on_found, fits)
    else:
        _play(state, parts, state.run, other)
        if not is_embedded():
            _tabs(state, state.run)
    state.leave()
    shown = state.run.ask if fits and state.run.ask else ask
    beside = None
    if other is not None:  # a recording is what its model does when asked as usual
        recorder = other.trace.checkpoint
        beside = other.ask or Ask(recorder, usual_settings(recorder))
    link.write_puzzle_link(link.OnPage(state, asked.board_RC, shown, fits, beside))
    warm(ask.checkpoint, chosen.name)


def _fits(state: PuzzleState, asked: question.Question) -> bool:
    """Whether the last solve is of the puzzle on the page."""
    run = state.run
    return (
        run is not None and asked.board_RC is not None and run.is_of(state.domain, asked.board_RC)
    )


def _solve_button(state: PuzzleState, asked: question.Question) -> None:
    def press() -> None:
        question.accept(state)
        state.ask = {}

    st.button(
        "Solve",
        type="primary",
        key=state.key("solve"),
        icon=":material/play_arrow:",
        disabled=not asked.ready,
        on_click=press,
    )


def _popovers(
    page: PuzzlePage,
    state: PuzzleState,
    chosen: Domain,
    on_found: Callable[[Upload | Trace], None],
    painting: bool,
) -> Ask:
    """What can be put on the stage, and how it is to be solved."""
    generator.next_puzzle(state)
    with st.popover(
        generator.kind_words(state), help="Which kind of puzzle, which size, which seed"
    ):
        page.choose_size(state, lambda: _change_size(page, state))
        generator.choose(state, chosen, page.difficulty_label, page.difficulty_help, page.seed_help)
        if page.examples:
            generator.choose_example(state, named_puzzles(page.examples), on_found)
    with st.popover("Open", icon=":material/upload_file:", help="A picture, a file or a text"):
        if not painting:
            question.choose_number(state, chosen, on_found)
        question.other_ways_in(state, chosen, on_found, page.example)
    with st.popover("Settings", icon=":material/tune:"):
        ask = solving.settings_form(state, chosen)
        player.mark_choice(state, chosen)
    return ask


def _paint(
    page: PuzzlePage,
    state: PuzzleState,
    parts: Stage,
    chosen: Domain,
    asked: question.Question,
    ask: Ask,
    on_found: Callable[[Upload | Trace], None],
    fits: bool,
) -> None:
    """The puzzle, to be changed, and what is to be said about it."""
    with parts.board:
        answer_RC = state.run.trace.final_board if fits and page.again else None
        question.draw(state, chosen, on_found, answer_RC)
    parts.now.html(sentence(html.escape(asked.words), kind=asked.kind))
    with parts.curves:
        question.show_reading(state, chosen, on_found)
        st.html(f"<p class='trm-lead'>{html.escape(playing(ask.checkpoint))}</p>")
        st.html(
            "<p class='trm-lead'>Write into the board, or take a new puzzle; then press "
            "<b>Solve</b>. Every step of the model plays here, on the same board.</p>"
        )
        if fits:
            st.html(verdict_html(state.run, playing=False))
            st.button(
                "Back to the solve",
                key=state.key("back"),
                icon=":material/undo:",
                on_click=lambda: setattr(state, "editing", False),
            )


def _play(state: PuzzleState, parts: Stage, run: PageRun, other: PageRun | None) -> None:
    """The solve, and what it came to."""
    race = other is None and tries.is_race(run)
    runs = tries.racers(run) if race else [run] if other is None else [run, other]

    def edit() -> None:
        state.editing = True

    player.play(
        state,
        parts,
        runs,
        frame=state.frame,
        on_edit=edit,
        on_write=lambda cell, value: question.write(state, cell, value),
    )
    cell = looked_into(state, run)
    with parts.curves:
        if race:
            player.curves(state, [run])
        elif cell is None or other is not None:
            player.curves(state, runs)
        else:
            lens.lens(state, run, cell)
    with parts.verdict:
        for each in [run] if race else runs:
            st.html(verdict_html(each))
        for name, marks in {
            each.trace.checkpoint: each.trace.candidates_SNL is not None for each in runs
        }.items():
            st.html(f"<p class='trm-plays'>{html.escape(playing(name, marks))}</p>")
        with st.container(horizontal=True, gap="small"):
            tries.ask_again(state, run)
        st.html(player.marks_legend(state, runs))


def _tabs(state: PuzzleState, run: PageRun) -> None:
    """What is under the stage; only the open tab is computed."""
    views = {
        "Lens": lambda: lens.show_calls(state, run),
        "Tries": lambda: tries.show(state, run),
        "Scratchpad": lambda: scratchpad.show(state, run),
        "Depth": lambda: tries.depth(state, run),
        "Model": lambda: show_card(run.trace.checkpoint),
        "Keep and share": lambda: keep.keep(state, run),
    }
    for tab, view in zip(
        st.tabs(list(views), key=state.key("tab"), on_change="rerun"), views.values(), strict=True
    ):
        if tab.open:
            with tab:
                view()


def _change_size(page: PuzzlePage, state: PuzzleState) -> None:
    """Open the size as it was left, with its recorded puzzle, or with a fresh one."""
    left = state.left.get(state.size)
    if left is None:
        run = recorded_run(state.size)
        text = run.trace.domain.format(run.trace.question_board) if run else ""
        left = {"text": text, "run": run, "tries": [run] if run else []}
        if run and state.size in page.recorded_kinds:
            left["difficulty"] = page.recorded_kinds[state.size]
    for name, value in left.items():
        setattr(state, name, value)
    if state.difficulty not in state.domain.maker.difficulties:
        state.difficulty = state.domain.maker.usual
    if state.text:
        question.replace(state, state.text)
    else:
        generator.new_puzzle(state)
    state.editing = False


def _open(page: PuzzlePage, state: PuzzleState, found: Upload | Trace) -> None:
    """Put what a text or file held on the page: a question, or a whole solve to watch."""
    chosen = found.domain
    if not page.is_ours(chosen):
        raise PuzzleError(f"this is a {chosen.title}; this page takes {page.takes}")
    if chosen.name != state.size:
        state.size = chosen.name
        _change_size(page, state)
    if isinstance(found, Upload):
        question.replace(state, chosen.format(found.board_RC), found)
        return
    question.replace(state, chosen.format(found.question_board))
    state.add_try(solving.loaded_run(found))
    state.editing = False
