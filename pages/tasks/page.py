"""The page on which a network learns one task of ARC: which task, how it goes, what comes of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.stage import frame, player
from pages.stage.address import Part, Said, listen, number, open_link, say_ignored, write_link
from pages.stage.apart import apart
from pages.stage.files import as_plain, open_file
from pages.stage.frame import as_sentence, as_text
from pages.stage.layout import stage
from pages.stage.line import tell_place
from pages.stage.run import PageRun
from pages.stage.state import USUAL_MARKS
from pages.tasks import by_hand as by_hand
from pages.tasks import choice as choice
from pages.tasks import editor as editor
from pages.tasks import published as published
from pages.tasks.job import TaskJob
from pages.tasks.moments import follow, show_moment, show_replay, show_unlearnt
from pages.tasks.recorded import task_recordings, warm_learning
from pages.tasks.results import show_results
from pages.tasks.state import TasksState
from pages.tasks.titles import title
from trm_core.domains import PuzzleError, Task, learnable
from trm_core.domains.arc.domain import format_task, read_task
from trm_core.record.task_learning import TaskLearning

SECONDS = {30: "30 seconds", 60: "1 minute", 120: "2 minutes"}
LONGEST_LINK = 6000  # characters of a task in an address
MOST_NETWORKS = 8  # that learn one after the other, as in the table of how often it works
MOST_CANVAS = 20  # cells a side from which on a network this small is slow


def show() -> None:
    """The whole page."""
    state = TasksState("arc")
    frame.open_page("ARC")
    listen(state)
    state.marks = [*USUAL_MARKS, "wrong"]
    open_link(state, _parts(None))
    say_ignored(state)
    st.html(
        "<p class='trm-lead trm-wide'><b>A few examples, a rule that nobody writes down, and one grid to answer.</b> "
        "Such are the puzzles of ARC, easy for people and hard for machines. A network of five thousand numbers that "
        "knows nothing learns the rule of one of them from its examples alone, here, while you watch: an easy one in "
        "seconds, many not at all.</p>"
    )
    _take_opened(state)
    choice.choose(state)
    try:
        task = choice.chosen(state)
    except PuzzleError as error:
        task = None
        st.info(as_sentence(error), icon=":material/brush:")
        editor.edit(state)
    else:
        _controls(state, task)
        _stage(state, task)
    show_results()
    write_link(state, _parts(task))
    warm_learning()


def _stage(state: TasksState, task: Task) -> None:
    """What stands in the middle: somebody's answer, what learns, the editor, or what came of it."""
    job = state.job
    if by_hand.under_way(state, task):
        by_hand.show(state, task, _learning(state, task))
    elif job is not None and job.task is task and job.running:
        if job.place:
            tell_place(job, "networks learn")
        else:
            follow(state, job)
    elif choice.is_own(state, task) and (state.editing or _learning(state, task) is None):
        _tell_error(state, task)
        editor.edit(state)
    else:
        _seen(state, task)


def _learning(state: TasksState, task: Task) -> TaskLearning | None:
    """What is known of the learning of this task: the visitor's own, or a recording."""
    job = state.job
    if job is not None and job.task is task:
        return job.learning
    if state.kept is not None and state.kept.task is task:
        return state.kept
    return task_recordings().get(task.name)


# What to do
def _controls(state: TasksState, task: Task) -> None:
    job, found = state.job, learnable(task)
    busy = job is not None and job.task is task and job.running
    with st.container(horizontal=True, vertical_alignment="center", key="stage_arc_bar"):
        st.header(title(task), anchor=False)
        if busy:
            st.button(
                "Stop",
                icon=":material/stop:",
                key=state.key("stop_training"),
                on_click=job.stop,
            )
        else:
            st.button(
                "Learn it from nothing",
                type="primary",
                icon=":material/model_training:",
                key=state.key("start"),
                on_click=begin,
                args=(state, task),
                disabled=found is None,
            )
            if not choice.is_own(state, task):
                by_hand.button(state, task)
            elif _learning(state, task) is not None:
                st.button(
                    "Back to what it learnt" if state.editing else "Edit",
                    icon=":material/undo:" if state.editing else ":material/edit:",
                    key=state.key("back"),
                    on_click=setattr,
                    args=(state, "editing", not state.editing),
                )
            with st.popover("Settings", icon=":material/tune:"):
                st.segmented_control(
                    "How long it may take",
                    list(SECONDS),
                    format_func=SECONDS.get,
                    key=state.widget("seconds"),
                    required=True,
                    persist_state="session",
                    help="It ends sooner where nothing is left to learn.",
                )
                st.toggle(
                    "More networks while there is time",
                    key=state.widget("more"),
                    persist_state="session",
                    help="Once one has learnt the task, another begins from other random numbers. All of them vote: what "
                    "they agree on is more often right.",
                )
                st.number_input(
                    "Seed",
                    0,
                    100_000,
                    step=1,
                    key=state.widget("seed"),
                    persist_state="session",
                    help="Of the network's first numbers. Another one is another try: it may come to another rule.",
                )
                st.toggle(
                    "Numbers in the cells",
                    key=state.widget("numbers"),
                    persist_state="session",
                    help="For eyes that don't tell all ten colours apart.",
                )
        choice.neighbours(state, task)
    if by_hand.under_way(state, task):
        return  # it would tell what is asked
    if found is None:
        st.info(
            "The network can't learn this task. It paints a grid over, cell by cell, and here the answer is not as large as "
            "its question; none of our simple rules (such as cutting a piece out, or making every cell larger) gives the "
            "answers' sizes.",
            icon=":material/crop:",
        )
    elif found.rule:
        st.info(
            "Here the answer is not as large as its question, and the network only paints a grid over. So a simple rule of "
            f"ours comes first: **{found.rule}**. That gives the right size for every pair; what is left to change, it "
            "learns.",
            icon=":material/crop:",
        )
    if found is not None and found.task.largest > MOST_CANVAS and not busy:
        st.caption(
            f"Its grids have up to {found.task.largest} cells a side: an update takes a second or more, so that two "
            "minutes are short for it."
        )


def begin(state: TasksState, task: Task) -> None:
    """Learn, instead of whatever was learnt before."""
    state.playing, state.hand, state.editing = False, None, False
    if state.job is not None:
        state.job.stop()
    networks = MOST_NETWORKS if state.more else 1
    state.job = TaskJob(task, float(state.seconds), state.seed, networks)
    state.kept, state.look = None, None


# What came of it
def _seen(state: TasksState, task: Task) -> None:
    job = state.job
    mine = job is not None and job.task is task
    _tell_error(state, task)
    learning = _learning(state, task)
    if learning is None:
        _unseen(state, task)
        _think(state, task, None)
        return
    if not mine and state.kept is not learning:
        st.caption(
            "The recording of a real run, made on one core; another computer may be slower or faster.",
            help=f"`{learning.about.get('command', '')}`",
        )
    last = len(learning.glimpses) - 1
    if state.playing and last:
        show_replay(state, learning)
    else:
        show_moment(state, learning)
    _think(state, task, learning)
    _keep(state, task, learning)


def _tell_error(state: TasksState, task: Task) -> None:
    job = state.job
    if job is not None and job.task is task and job.error:
        st.error(f"It could not go on: {as_text(job.error)}.", icon=":material/error:")


def _unseen(state: TasksState, task: Task) -> None:
    """A task that nobody has learnt yet."""
    show_unlearnt(state, task)
    if learnable(task) is not None:
        st.caption("Can you see the rule? Press *Learn*, and see whether the network can.")


def _think(state: TasksState, task: Task, learning: TaskLearning | None) -> None:
    """The recursion on the tests, in the player: by the weights that have learnt, or by a published model."""
    runs = published.solved(state, task)
    if learning is not None:
        learnt_id = f"{task.name}-{learning.about.get('seed')}-{learning.glimpses[-1].seconds}"
        runs = [
            PageRun(trace, f"arc-{learnt_id}-{k}", False, f"test {k + 1}, as learnt", learnt_id)
            for k, trace in enumerate(learning.traces)
        ] + runs
    if runs:
        st.header("Watch it answer, step by step", anchor=False)
        which = len(runs) - 1 if len(runs) > len(task.tests) else 0
        if len(runs) > 1:
            which = st.segmented_control(
                "Which solve",
                range(len(runs)),
                format_func=lambda k: runs[k].asked,
                default=which,
                required=True,
                key=f"{state.key('which')}_{len(runs)}",
            )
        run = runs[min(which, len(runs) - 1)]
        parts = stage(lesson=1)
        with parts.act:
            st.html(
                "<p class='trm-lead'>One moment, slowed down: the network is asked for the answer. The one that learnt "
                "here, as it was when it last had all its pairs right (or else at the end), thinks twice on its "
                "scratchpad in every step, then writes.</p>"
            )
        player.play(state, parts, [run], tools=False)
        with parts.curves:
            player.curves(state, [run])
    if not choice.is_own(state, task):  # no published model can know it
        with st.expander("For experts: ask a published checkpoint"):
            published.ask(state, task)


def _keep(state: TasksState, task: Task, learning: TaskLearning) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Save this run",
            lambda: _as_file(learning),
            f"arc-{task.name or 'own'}-learning.npz",
            key=state.key("keep_run"),
            icon=":material/download:",
            on_click="ignore",
            help="Every answer on the way and the solve of the test; it opens again here.",
        )
        st.download_button(
            "Keep the task",
            task.as_json,
            f"{task.name or 'own'}.json",
            "application/json",
            key=state.key("keep_json"),
            icon=":material/download:",
            on_click="ignore",
            help="In the official form.",
        )
        with st.popover("Open a saved run", icon=":material/folder_open:"):
            _open_learning(state)


def _as_file(learning: TaskLearning) -> bytes:
    learning.save(out := io.BytesIO())
    return out.getvalue()


def _open_learning(state: TasksState) -> None:
    def read(file: Any) -> TaskLearning:
        found = apart(TaskLearning.load, file.getvalue(), file.name)
        about = {as_plain(name): as_plain(value) for name, value in found.about.items()}
        return replace(
            found, task=replace(found.task, name=as_plain(found.task.name, 40)), about=about
        )

    learning = open_file(
        state,
        "open_run",
        "A run (.npz), as it is saved here",
        read,
    )
    if learning is not None:
        state.opened = learning
        st.rerun()


def _take_opened(state: TasksState) -> None:
    """Show a run that was opened: before the choice of a task is drawn, which it changes."""
    learning = state.take("opened")
    if learning is None:
        return
    if state.job is not None:
        state.job.stop()
    state.job, state.look = None, None
    choice.take_own(state, learning.task)
    state.kept = learning


# The address
def _parts(task: Task | None) -> Sequence[Part]:
    """The address: one's own task as a text, or a published one's id; and the moment that is looked at."""

    def published(state: TasksState, said: Said) -> str:
        if not choice.known(said["task"]):
            raise ValueError(said["task"])
        return said["task"]

    def own_told(state: TasksState) -> str | None:
        if task is None or not choice.is_own(state, task):
            return None
        text = format_task(task)
        return text if len(text) <= LONGEST_LINK else None

    def task_told(state: TasksState) -> str | None:
        return None if task is None or choice.is_own(state, task) else task.name

    def look(state: TasksState, at: int) -> None:
        state.look, state.playing = at, False

    return (
        Part(
            name="task",
            read=published,
            take=choice.take,
            tell=task_told,
        ),
        Part(
            name="puzzle",
            read=lambda state, said: apart(read_task, said["puzzle"]),
            take=choice.take_own,
            tell=own_told,
        ),
        Part(
            name="at",
            read=lambda state, said: number(0, 99_999)(said["at"]),
            take=look,
            tell=lambda state: None if state.playing else state.look,
        ),
    )
