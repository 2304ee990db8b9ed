"""Several tries at one puzzle: ask again for longer or in more ways, and see what each bought."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from pages.models.card import show_depth
from pages.models.known import known_cards, other_form
from pages.puzzle.solving import RACERS, by_itself, steps_name
from pages.puzzle.state import PuzzleState
from pages.stage.frame import is_dark
from pages.stage.run import PageRun
from pages.stage.shelf import Thumbnail, shelf, small_board
from trm_core.figures.live import live_board
from trm_core.record.verdict import outcome

LONGER = 256  # supervision steps
WAYS, GOES = 8, 4
DEEP = 64


def ask_again(state: PuzzleState, run: PageRun) -> None:
    """Buttons that ask the same puzzle again. The next run of the page finds the settings to
    change under `PuzzleState.ask`."""
    marks = run.trace.candidates_SNL is not None
    same: dict[str, object] = {"steps": getattr(state, steps_name(marks))}
    if run.trace.checkpoint in known_cards():
        same["checkpoint"] = run.trace.checkpoint
    if not marks:
        st.button(
            "Think longer",
            icon=":material/hourglass_top:",
            key=state.key("longer"),
            on_click=_ask,
            args=(state, same | {"steps": LONGER, "stop": "rules", "votes": 1}),
            disabled=run.trace.solved,
            help=f"Up to {LONGER} steps, until the board obeys all rules. A solved board needs none.",
        )
    _ask_other_form(state, run, marks)
    st.button(
        f"{GOES} goes at once" if marks else f"Ask it {WAYS} ways",
        icon=":material/shuffle:",
        key=state.key("ways"),
        on_click=_ask,
        args=(state, same | {"votes": GOES if marks else WAYS, "stop": "rules"}),
        help="Chains that guess differently race side by side, until one obeys every rule."
        if marks
        else "The same puzzle, turned around and its symbols renamed: to you it is the same "
        "puzzle, to the model a new one.",
    )
    if by_itself(run) and not marks:
        st.button(
            "Let it stop by itself",
            icon=":material/self_improvement:",
            key=state.key("by_itself"),
            on_click=_ask,
            args=(state, same | {"stop": "halt", "votes": 1}),
            help="Here the rules ended the solve, as soon as the board obeyed them. This asks "
            "again and lets only the model say when it is done.",
        )


def _ask_other_form(state: PuzzleState, run: PageRun, marks: bool) -> None:
    """A button that asks a model of the other form, where there is one."""
    other = other_form(run.trace.checkpoint, run.trace.domain)
    if other is None:
        return
    steps = getattr(state, steps_name(not marks))
    st.button(
        "As published" if marks else "With pencil marks",
        icon=":material/edit:" if marks else ":material/edit_note:",
        key=state.key("other_form"),
        on_click=_ask,
        args=(state, {"checkpoint": other, "steps": steps, "stop": "rules", "votes": 1}),
        help=f"Ask {other}, another model: it writes a digit into every cell at once, and mends it."
        if marks
        else f"Ask {other}, another model: its answer is what a person writes, the candidates of "
        "each cell. It strikes, guesses, sees contradictions and takes back.",
    )


def _ask(state: PuzzleState, changes: dict[str, object]) -> None:
    state.ask = changes


def show(state: PuzzleState, run: PageRun) -> None:
    """All tries at the puzzle: which is watched, which stands beside it, and every way's answer."""
    compare(state)
    choose_beside(state)
    all_answers(state, run)


def depth(state: PuzzleState, run: PageRun) -> None:
    """Recursion as a knob: one long run that never stops, and what depth buys on many puzzles."""
    steps = run.trace.steps
    if run.trace.steps < DEEP:
        st.markdown(
            f"**What if it had thought longer, or less?** One run of {DEEP} steps that nothing ends "
            "answers for every depth: the slider under the board then shows what the answer would "
            "have been, had it stopped there."
        )
        st.button(
            f"Think {DEEP} steps without stopping",
            key=state.key("deep"),
            icon=":material/all_inclusive:",
            on_click=_deepen,
            args=(state,),
        )
    else:
        st.markdown(
            f"**Drag the slider under the board**: every one of the {steps} steps shows what the answer "
            "would have been, had it stopped there. Flags on the curves: where the model itself "
            "would have stopped, and where the rules would have ended it."
        )
    show_depth(state, run.trace.checkpoint, max(steps, DEEP))


def _deepen(state: PuzzleState) -> None:
    state.clock = "steps"
    state.ask = {
        "checkpoint": state.run.trace.checkpoint,
        "steps": DEEP,
        "stop": "steps",
        "votes": 1,
    }


def compare(state: PuzzleState) -> None:
    """Choose which try to watch; each says what it bought."""
    kept = {run.try_id: run for run in state.tries}
    if len(kept) < 2:
        st.caption(
            "There is one try so far. Ask again, for longer or in more ways: the tries then stand here "
            "side by side."
        )
    else:
        state.watched = state.run.try_id
        st.radio(
            "What each try bought on this puzzle",
            list(kept),
            format_func=lambda try_id: kept[try_id].asked,
            captions=[_bought(run) for run in kept.values()],
            key=state.key("watched"),
            on_change=_watch,
            args=(state,),
        )


def beside(state: PuzzleState) -> PageRun | None:
    """The try that is shown beside the watched one, if the visitor wants two at once."""
    others = {run.try_id: run for run in state.tries if run.try_id != state.run.try_id}
    if state.beside not in others:
        state.beside = None
    return others.get(state.beside)


def is_race(run: PageRun | None) -> bool:
    """Whether a run is one of several goes at once, with what each of them came to."""
    return run is not None and len(run.answers) > 1 and run.trace.candidates_SNL is not None


def racers(run: PageRun) -> list[PageRun]:
    """The goes of a race that are shown: the first ones, and the one that was right."""
    won = next((k for k, trace in enumerate(run.answers) if trace.solved), 0)
    shown = sorted({won, *[k for k in range(len(run.answers)) if k != won][: RACERS - 1]})
    return [
        replace(
            run,
            trace=run.answers[k],
            trace_id=f"{run.trace_id}-{k}",
            asked=f"Chain {k + 1}" + ", right" * run.answers[k].solved,
        )
        for k in shown
    ]


def choose_beside(state: PuzzleState) -> None:
    """Which try to show beside the watched one; nothing while there is only one."""
    others = {run.try_id: run for run in state.tries if run.try_id != state.run.try_id}
    if not others:
        return
    key = state.key("watch_beside")
    st.session_state[key] = state.beside

    def watch() -> None:
        state.beside = st.session_state[key]

    st.selectbox(
        "Watch another try beside it",
        list(others),
        index=None,
        format_func=lambda try_id: others[try_id].asked,
        placeholder="choose one: both then move in step",
        key=key,
        on_change=watch,
    )


def all_answers(state: PuzzleState, run: PageRun) -> None:
    """What each of several ways came to, as small boards; any of them opens."""
    if not run.answers:
        return
    st.markdown(f"**All {len(run.answers)} answers**, turned back to how you see the puzzle")
    thumbnails = []
    for k, trace in enumerate(run.answers):
        question_RC = trace.question_board
        none_RC = np.zeros_like(question_RC, dtype=bool)
        svg = live_board(trace.domain, question_RC, trace.final_board, none_RC, dark=is_dark())
        words = f"Way {k + 1}: {outcome(trace)}"
        thumbnails.append(
            Thumbnail(
                small_board(svg, words),
                words,
                f"{state.key('way')}_{k}",
                _open_way,
                (state, run, k),
            )
        )
    shelf("ways", thumbnails, across=4)


def _open_way(state: PuzzleState, run: PageRun, k: int) -> None:
    asked = f"Way {k + 1} of: {run.asked[0].lower()}{run.asked[1:]}"
    state.add_try(
        replace(
            run,
            trace=run.answers[k],
            trace_id=f"{run.trace_id}-{k}",
            asked=asked,
            try_id=asked,
            ways=1,
            answers=(),
        )
    )


def _watch(state: PuzzleState) -> None:
    state.run = next(run for run in state.tries if run.try_id == state.watched)


def _bought(run: PageRun) -> str:
    words = outcome(run.trace)
    if run.ways > 1 and run.trace.candidates_SNL is None:
        words += f"; {run.ways_solved} of {run.ways} ways right"
    return words
