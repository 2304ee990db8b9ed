"""A training run that is watched: live, or at any of its moments."""

from __future__ import annotations

import html

import streamlit as st

from pages.stage import live_chart, player
from pages.stage.dial import Place, dial
from pages.stage.frame import data_url, is_dark
from pages.stage.layout import stage
from pages.stage.run import PageRun, verdict_html
from pages.stage.shelf import Thumbnail, shelf, small_board
from pages.stage.work import while_running
from pages.trainer.state import TrainerState
from pages.trainer.training import Training
from trm_core.domains import counted
from trm_core.figures import training as views
from trm_core.record.learning import Learning, Look

EVERY = 1.5  # seconds between two looks at a training
FILM = 8  # boards of the film


def own_heading(runs: list[Learning]) -> None:
    st.header(f"Your run: {' beside '.join(run.name for run in runs)}", anchor=False)


def follow(state: TrainerState, training: Training) -> None:
    """What a training is at, drawn anew every second or two."""
    while_running(
        EVERY,
        lambda: (
            training.running and not training.place and (state.look is None or not looked(training))
        ),
        lambda: _now(state, training),
    )


def looked(training: Training) -> bool:
    """Whether all runs of a training have been looked at."""
    runs = training.learnings
    return bool(runs) and all(run.looks for run in runs)


def _now(state: TrainerState, training: Training) -> None:
    runs = training.learnings
    if not looked(training):
        with st.container(key="stage_train_begin"):  # as high as what comes, so that nothing jumps
            st.progress(0.0, "Making the puzzles to learn from, and the ones to be tested on …")
        return
    own_heading(runs)
    run = runs[0]
    done = sum(map(_done, runs)) / len(runs)
    st.progress(done, _how_far(runs))
    board, charts = st.columns([2, 3], gap="large")
    with board:
        look = run.looks[-1]
        source = data_url(views.probe_board(look.trace, dark=is_dark()).encode(), "image/svg+xml")
        words = (
            f"A puzzle it never learns from, as it solves it after {counted(look.update, 'update')}"
        )
        st.html(f"<p class='trm-says'>{words}: {_outcome(look)}.</p>")
        st.html(f"<img class='trm-probe' alt='{html.escape(words)}' src='{source}'>")
        st.caption("Brown cells are wrong: clues too, where it has written over them.")
    with charts:
        _charts(state, runs, None)
    _film(state, run)


def follow_meanwhile(state: TrainerState, training: Training) -> None:
    """How far it is, while one looks at a moment of before."""

    def draw() -> None:
        runs = training.learnings
        st.progress(sum(_done(each) for each in runs) / len(runs), _how_far(runs))
        if st.button("Follow it live", icon=":material/visibility:", key=state.key("follow")):
            state.look = None
            st.rerun()

    while_running(EVERY, lambda: training.running, draw)


def _done(run: Learning) -> float:
    return run.ticks[-1].update / run.updates if run.ticks else 0.0


def _how_far(runs: list[Learning]) -> str:
    """How far a training is, and how fast."""
    words = []
    for run in runs:
        if not run.ticks:
            return "The first updates are under way …"
        tick = run.ticks[-1]
        rate = tick.update / max(tick.seconds, 1e-9)
        left = (run.updates - tick.update) / rate
        told = f"update {tick.update:,} of {run.updates:,}, {rate:.1f} updates and "
        told += f"{tick.puzzles / max(tick.seconds, 1e-9):.0f} puzzles finished a second, {left:.0f} s left"
        words.append(f"{run.name}: {told}" if len(runs) > 1 else told[0].upper() + told[1:])
    return "; ".join(words)


def _outcome(look: Look) -> str:
    right = look.trace.right("steps")
    if look.trace.solved:
        return "solved"
    wrong = int((~right[-1]).sum()) if right is not None else 0
    return f"{counted(wrong, 'cell')} wrong"


def _charts(state: TrainerState, runs: list[Learning], at: int | None) -> None:
    """The four views of a run; of two, those that can be compared."""
    run, dark = runs[0], is_dark()
    other = runs[1] if len(runs) > 1 else None
    drawn = {
        "What it solves": ("progress", views.progress_figure(run, at, dark=dark, other=other)),
        "How wrong it is": ("loss", views.loss_figure(run, at, dark=dark, other=other)),
        "How long it must think": ("fan", views.looks_figure(run, dark=dark)),
        "Whether it knows": ("halting", views.halting_figure(run, at, dark=dark)),
    }
    columns = st.columns(2, gap="medium")
    for k, (title, (name, figure)) in enumerate(drawn.items()):
        with columns[k % 2]:
            st.markdown(f"**{title}**" + (f" ({run.name})" if other and k > 1 else ""))
            if at is None:
                live_chart.show(figure, f"{state.key(name)}_now")
            else:
                player.show(figure, state.key(name), f"{state.key(name)}_chart", height="content")


def _film(state: TrainerState, run: Learning) -> None:
    """The probe at some moments of the run; a click on one watches its solve."""
    st.markdown("**The same puzzle, by the weights of every moment**: click one to watch it think")
    thumbnails = []
    for look in views.some_looks(run.looks, FILM):
        words = f"after {look.update:,}: {_outcome(look)}"
        thumbnails.append(
            Thumbnail(
                small_board(views.probe_board(look.trace, dark=is_dark()), words),
                words,
                f"{state.key('film')}_{look.update}",
                setattr,
                (state, "look", run.looks.index(look)),
            )
        )
    shelf("film", thumbnails, FILM)
    st.caption("Cells wrong: clues too, where it has written over them.")


def watch_moments(state: TrainerState, runs: list[Learning], run_id: str) -> None:
    """A run that goes on no more: any of its moments, and what its weights make of the probe."""
    run = runs[0]
    last = len(run.looks) - 1
    at = last if state.look is None else min(state.look, last)
    shown = []
    for each in runs:
        look = min(each.looks, key=lambda one: abs(one.seconds - run.looks[at].seconds))
        told = f"{each.name}, after {counted(look.update, 'update')}"
        shown.append(
            PageRun(look.trace, f"{run_id}-{each.name}-{look.update}", False, told, run_id)
        )
    state.clock = "steps"
    parts = stage(lesson=len(shown))
    with parts.act, st.container():
        dial(
            state.key("moments"),
            "Weights after so many updates",
            [_place(run, look) for look in run.looks],
            at,
            lambda place: setattr(state, "look", place),
        )
        st.caption(
            f"A quick check on the same {run.tests} at every moment; what a card says is counted on others."
        )
    player.play(state, parts, shown, tools=False)
    with parts.verdict:
        for each in shown:
            st.html(_verdict_html(each))
    if len(shown) == 1:
        with parts.curves:
            player.curves(state, shown)
    _charts(state, runs, at)
    _film(state, run)


def _place(run: Learning, look: Look) -> Place:
    """A moment of a run, on its dial."""
    return Place(
        f"{look.update:,}",
        f"After {look.seconds:.0f} s of learning it solves {100 * look.solved_S[-1]:.0f} % of {run.tests} fresh puzzles. "
        f"This one: {_outcome(look)}.",
        views.probe_board(look.trace, dark=is_dark()),
    )


def _verdict_html(run: PageRun) -> str:
    """What a solve came to that was given all its steps, whatever it answered."""
    right = run.trace.right("steps")
    if not run.trace.solved or right is None:
        return verdict_html(run)
    settled = 1 + max(step for step, each in enumerate(right) if not each.all())
    words = f"Right from step {settled} on"
    return (
        f"<div class='trm-verdict good'><p><b>{words}</b></p><p>It was given {counted(run.trace.steps, 'step')}, and "
        "stays with its answer.</p></div>"
    )
