"""A learning of a task, at any of its moments: while it goes on, replayed, or looked at."""

from __future__ import annotations

import html

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.stage import live_chart, player
from pages.stage.frame import is_dark
from pages.stage.work import while_running
from pages.tasks.job import TaskJob
from pages.tasks.recorded import arc_results
from pages.tasks.state import TasksState
from pages.tasks.titles import about
from pages.tasks.views import (
    gates_words,
    moment_words,
    network_words,
    pairs_html,
    test_html,
    votes_html,
)
from trm_core.domains import Task, as_asked, counted
from trm_core.figures import task_learning as views
from trm_core.record.task_learning import OUT_OF_TIME, STOPPED, TaskLearning
from trm_core.record.task_results import TaskResult, by_group

EVERY = 1.0  # seconds between two looks at a learning
REPLAY_EVERY, MOST_FRAMES = 0.5, 24  # seconds a frame of a replay, and how many it has


def follow(state: TasksState, job: TaskJob) -> None:
    """What it answers now, drawn anew every second."""
    while_running(EVERY, lambda: job.running, lambda: _now(state, job))


def _now(state: TasksState, job: TaskJob) -> None:
    learning = job.learning
    if learning is None:
        st.progress(0.0, "Getting ready: five thousand random numbers are drawn …")
        show_unlearnt(state, job.task)
        return
    share = min(1.0, job.elapsed / job.seconds)
    glimpse = learning.glimpses[-1]
    right = sum(learning.right())
    st.progress(
        share,
        f"{job.elapsed:.0f} of at most {job.seconds:.0f} seconds, {network_words(learning, -1)}"
        f"{counted(glimpse.update, 'update')}: "
        f"{right} of {counted(len(learning.task.pairs), 'pair')} right",
    )
    _boards(state, learning, len(learning.glimpses) - 1, over=False)
    _charts(state, learning, None, live=True)


def _boards(state: TasksState, learning: TaskLearning, at: int, *, over: bool) -> None:
    """The pairs at the left, the tests at the right, as the weights of a moment answer them."""
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.markdown("**The pairs it learns from**")
        st.html(pairs_html(learning, at, numbers=state.numbers))
    with right:
        st.markdown(
            "**What is asked**"
            if len(learning.task.tests) == 1
            else "**What is asked, twice or more**"
        )
        st.html(votes_html(learning, at, over=over, numbers=state.numbers))
        st.html(f"<p class='trm-says'>{gates_words(learning, at)}</p>")


def _charts(
    state: TasksState, learning: TaskLearning, at: int | None, *, live: bool = False
) -> None:
    dark = is_dark()
    drawn = {
        "What it gets right": ("pairs", views.pairs_figure(learning, at, dark=dark)),
        "How wrong it is": ("loss", views.loss_figure(learning, at, dark=dark)),
        "How far it looks": ("gates", views.gates_figure(learning, at, dark=dark)),
    }
    for column, (title, (name, figure)) in zip(st.columns(3), drawn.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            if live:
                live_chart.show(figure, f"{state.key(name)}_now")
            else:
                player.show(figure, state.key(name), f"{state.key(name)}_chart", height="content")


def show_moment(state: TasksState, learning: TaskLearning) -> None:
    """What came of it, and any moment on the way."""
    last = len(learning.glimpses) - 1
    at = last if state.look is None else min(state.look, last)
    st.html(f"<p class='trm-arc-verdict'>{_verdict(learning)}</p>")
    if last:
        state.look_at = at
        press, slide = _strip()
        press.button(
            "Watch it learn",
            icon=":material/replay:",
            key=state.key("replay"),
            on_click=_replay,
            args=(state,),
        )
        slide.select_slider(
            "Its answers after so many seconds of learning",
            range(last + 1),
            format_func=lambda k: f"{learning.glimpses[k].seconds:.1f} s",
            key=state.widget("look_at"),
            on_change=lambda: setattr(state, "look", state.look_at),
        )
    st.caption(moment_words(learning, at))
    _boards(state, learning, at, over=True)
    _charts(state, learning, at)


def _strip() -> tuple[DeltaGenerator, DeltaGenerator]:
    """A button, and beside it where one is: as high while it plays as after."""
    with st.container(key="stage_arc_strip"):
        press, slide = st.columns([1, 5], vertical_alignment="center")
    return press, slide


def _replay(state: TasksState) -> None:
    state.playing, state.look = True, 0


def show_replay(state: TasksState, learning: TaskLearning) -> None:
    """The moments of a learning, one after the other."""
    last = len(learning.glimpses) - 1

    def going() -> bool:
        if state.playing and (state.look or 0) < last:
            return True
        state.playing, state.look = False, None
        return False

    while_running(REPLAY_EVERY, going, lambda: _replayed(state, learning))


def _replayed(state: TasksState, learning: TaskLearning) -> None:
    last, at = len(learning.glimpses) - 1, state.look or 0
    glimpse = learning.glimpses[at]
    st.html(
        "<p class='trm-arc-verdict'><b>It is learning.</b> These are the answers of the network as it was then, to its "
        "own pairs and to the test.</p>"
    )
    press, slide = _strip()
    slide.progress(
        at / last,
        f"{glimpse.seconds:.1f} of {learning.glimpses[-1].seconds:.1f} seconds of learning",
    )
    press.button(
        "To the end",
        icon=":material/skip_next:",
        key=state.key("replay"),
        on_click=_to_the_end,
        args=(state,),
    )
    st.caption(moment_words(learning, at))
    _boards(state, learning, at, over=True)
    _charts(state, learning, at, live=True)
    state.look = at + max(1, round(last / MOST_FRAMES))


def _to_the_end(state: TasksState) -> None:
    state.playing, state.look = False, None


def show_unlearnt(state: TasksState, task: Task) -> None:
    """Its pairs and what is asked, before anything is learnt."""
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.markdown("**The pairs that show the rule**")
        st.html(pairs_html(task, numbers=state.numbers))
    with right:
        st.markdown("**What is asked**")
        tests = zip(task.tests, as_asked(task).tests, strict=True)
        for (question_RC, _), (begun_RC, _) in tests:
            st.html(test_html(question_RC, begun_RC, numbers=state.numbers))


def _verdict(learning: TaskLearning) -> str:
    """What a learning came to, in sentences."""
    task, seconds = learning.task, learning.glimpses[-1].seconds
    said = []
    if learning.fits:
        first = next(at for at in range(len(learning.glimpses)) if all(learning.right(at)))
        moment = learning.glimpses[first]
        pairs = f"<b>It learnt its {counted(len(task.pairs), 'pair')}</b>"
        said.append(
            f"{pairs} in {moment.seconds:.1f} seconds, {counted(moment.update, 'update')}."
            if moment.update
            else "<b>Nothing had to be learnt</b>: what it begins with is right in every pair."
        )
    else:
        best = max(
            range(len(learning.glimpses)),
            key=lambda at: (sum(learning.right(at)), -sum(learning.wrong_cells(at))),
        )
        wrong = learning.wrong_cells(best)
        worst = max(range(len(wrong)), key=lambda i: wrong[i])
        given = {OUT_OF_TIME: f"in {seconds:.0f} seconds", STOPPED: "before it was stopped"}
        when = given.get((learning.ended or [STOPPED])[0], "")
        said.append(
            f"<b>It did not learn this task</b> {when}: it got {sum(learning.right(best))} of "
            f"{counted(len(wrong), 'pair')} right at best. What it can't explain is pair {worst + 1}, of which "
            f"{counted(wrong[worst], 'cell')} {'was' if wrong[worst] == 1 else 'were'} wrong even then."
        )
    if learning.answered:
        share = 100 * learning.share
        right = learning.solved(1)
        whose = "Every moment"
        if learning.networks > 1:
            whose = (
                f"{learning.networks} networks learnt one after the other, and every moment of each"
            )
        voted = f"{whose} had a vote, the surer the more: the answer with the most votes ({share:.0f} %)"
        if right is None:
            said.append(f"{voted} is its guess. Nobody has said what is right.")
        elif right:
            said.append(f"{voted} is <b class='trm-right'>right</b>.")
        elif learning.solved(2):
            said.append(
                f"{voted} is <b class='trm-false'>wrong</b>; the runner-up is <b class='trm-right'>right</b>."
            )
        else:
            said.append(f"{voted} is <b class='trm-false'>wrong</b>, and so is the runner-up.")
    results = arc_results("same-size" if task.keeps_size else "other-size")
    if results:
        group = TaskResult.group_of(learning.fits, learning.share)
        of = by_group(results)[group]
        if of.of:
            said.append(
                f"Of the {len(results)} evaluation tasks that nobody had looked at, {of.of} ended like this one "
                f"({html.escape(group)}); {of.count} of these came out right."
            )
    said.append(about(task))
    return " ".join(said).strip()
