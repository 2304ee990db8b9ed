"""The page on which a network learns one task of ARC: which task, how it goes, what comes of it."""

from __future__ import annotations

import html
import io

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import (
    arc_by_hand,
    arc_choice,
    arc_editor,
    arc_published,
    caches,
    frame,
    link,
    live_chart,
    player,
)
from pages.shared.arc_views import (
    gates_words,
    moment_words,
    network_words,
    pairs_html,
    test_html,
    votes_html,
)
from pages.shared.frame import as_sentence, is_dark
from pages.shared.solving import PageRun
from pages.shared.stage import stage
from pages.shared.state import USUAL_MARKS, PageState
from pages.shared.task_job import TaskJob
from pages.shared.training import tell_place
from trm_core.domains import PuzzleError, Task, as_asked, counted, learnable
from trm_core.domains.arc import format_task, read_task
from trm_core.figures import task_learning as views
from trm_core.record.task_learning import OUT_OF_TIME, STOPPED, TaskLearning
from trm_core.record.task_results import GROUPS, TaskResult, by_group, solved

EVERY = 1.0  # seconds between two looks at a learning
REPLAY_EVERY, MOST_FRAMES = 0.5, 24  # seconds a frame of a replay, and how many it has
SECONDS = {30: "30 seconds", 60: "1 minute", 120: "2 minutes"}
LONGEST_LINK = 6000  # characters of a task in an address
MOST_NETWORKS = 8  # that learn one after the other, as in the table of how often it works
MOST_CANVAS = 20  # cells a side from which on a network this small is slow


def show() -> None:
    """The whole page."""
    state = PageState("arc")
    frame.open_page("ARC")
    link.listen(state)
    state.marks = [*USUAL_MARKS, "wrong"]
    _open_link(state)
    st.html(
        "<p class='trm-lead trm-wide'><b>A few examples, a rule that nobody writes down, and one grid to answer.</b> "
        "Such are the puzzles of ARC, easy for people and hard for machines. A network of five thousand numbers that "
        "knows nothing learns the rule of one of them from its examples alone, here, while you watch: an easy one in "
        "seconds, many not at all.</p>"
    )
    caches.warm_learning()
    arc_choice.choose(state)
    try:
        task = arc_choice.chosen(state)
    except PuzzleError as error:
        task = None
        st.info(as_sentence(error), icon=":material/brush:")
        arc_editor.edit(state)
    else:
        _controls(state, task)
        _stage(state, task)
    _results()
    _write_link(state, task)


def _stage(state: PageState, task: Task) -> None:
    """What stands in the middle: somebody's answer, what learns, the editor, or what came of it."""
    job = state.task_job
    if arc_by_hand.under_way(state, task):
        arc_by_hand.show(state, task, _learning(state, task))
    elif job is not None and job.task is task and job.running:
        if job.place:
            tell_place(job, "networks learn")
        else:
            _under_way(state, job)
    elif arc_choice.is_own(state, task) and (state.editing or _learning(state, task) is None):
        _tell_error(state, task)
        arc_editor.edit(state)
    else:
        _seen(state, task)


def _learning(state: PageState, task: Task) -> TaskLearning | None:
    """What is known of the learning of this task: the visitor's own, or a recording."""
    job = state.task_job
    if job is not None and job.task is task:
        return job.learning
    if state.task_kept is not None and state.task_kept.task is task:
        return state.task_kept
    return caches.task_recordings().get(task.name)


# What to do


def _controls(state: PageState, task: Task) -> None:
    job, found = state.task_job, learnable(task)
    busy = job is not None and job.task is task and job.running
    with st.container(horizontal=True, vertical_alignment="center", key="stage_arc_bar"):
        st.subheader(arc_choice.title(task), anchor=False)
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
            if not arc_choice.is_own(state, task):
                arc_by_hand.button(state, task)
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
                    key=state.widget("arc_seconds"),
                    required=True,
                    persist_state="session",
                    help="It ends sooner where nothing is left to learn.",
                )
                st.toggle(
                    "More networks while there is time",
                    key=state.widget("arc_more"),
                    persist_state="session",
                    help="Once one has learnt the task, another begins from other random numbers. All of them vote: what "
                    "they agree on is more often right.",
                )
                st.number_input(
                    "Seed",
                    0,
                    100_000,
                    step=1,
                    key=state.widget("arc_seed"),
                    persist_state="session",
                    help="Of the network's first numbers. Another one is another try: it may come to another rule.",
                )
                st.toggle(
                    "Numbers in the cells",
                    key=state.widget("arc_numbers"),
                    persist_state="session",
                    help="For eyes that don't tell all ten colours apart.",
                )
        arc_choice.neighbours(state, task)
    if arc_by_hand.under_way(state, task):
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


def begin(state: PageState, task: Task) -> None:
    """Learn, instead of whatever was learnt before."""
    state.arc_playing, state.arc_hand, state.editing = False, None, False
    if state.task_job is not None:
        state.task_job.stop()
    networks = MOST_NETWORKS if state.arc_more else 1
    state.task_job = TaskJob(task, float(state.arc_seconds), state.arc_seed, networks)
    state.task_kept, state.look = None, None


# While it learns


@st.fragment(run_every=EVERY)
def _under_way(state: PageState, job: TaskJob) -> None:
    """What it answers now, drawn anew every second."""
    if not job.running:
        st.rerun()
    learning = job.learning
    if learning is None:
        st.progress(0.0, "Getting ready: five thousand random numbers are drawn …")
        _unlearnt(state, job.task)
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


def _boards(state: PageState, learning: TaskLearning, at: int, *, over: bool) -> None:
    """The pairs at the left, the tests at the right, as the weights of a moment answer them."""
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.markdown("**The pairs it learns from**")
        st.html(pairs_html(learning, at, numbers=state.arc_numbers))
    with right:
        st.markdown(
            "**What is asked**"
            if len(learning.task.tests) == 1
            else "**What is asked, twice or more**"
        )
        st.html(votes_html(learning, at, over=over, numbers=state.arc_numbers))
        st.html(f"<p class='trm-says'>{gates_words(learning, at)}</p>")


def _charts(
    state: PageState, learning: TaskLearning, at: int | None, *, live: bool = False
) -> None:
    dark = is_dark()
    drawn = {
        "What it gets right": ("arc_pairs", views.pairs_figure(learning, at, dark=dark)),
        "How wrong it is": ("arc_loss", views.loss_figure(learning, at, dark=dark)),
        "How far it looks": ("arc_gates", views.gates_figure(learning, at, dark=dark)),
    }
    for column, (title, (name, figure)) in zip(st.columns(3), drawn.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            if live:
                live_chart.show(figure, f"{state.key(name)}_now")
            else:
                player.show(figure, state.key(name), f"{state.key(name)}_chart", height="content")


# What came of it


def _seen(state: PageState, task: Task) -> None:
    job = state.task_job
    mine = job is not None and job.task is task
    _tell_error(state, task)
    learning = _learning(state, task)
    if learning is None:
        _unseen(state, task)
        _think(state, task, None)
        return
    if not mine and state.task_kept is not learning:
        st.caption(
            "The recording of a real run, made on one core; another computer may be slower or faster.",
            help=f"`{learning.about.get('command', '')}`",
        )
    last = len(learning.glimpses) - 1
    if state.arc_playing and last:
        _playing(state, learning)
    else:
        _moment(state, learning)
    _think(state, task, learning)
    _keep(state, task, learning)


def _tell_error(state: PageState, task: Task) -> None:
    job = state.task_job
    if job is not None and job.task is task and job.error:
        st.error(f"It could not go on: {job.error}.", icon=":material/error:")


def _moment(state: PageState, learning: TaskLearning) -> None:
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
            key=state.key("arc_replay"),
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


def _replay(state: PageState) -> None:
    state.arc_playing, state.look = True, 0


@st.fragment(run_every=REPLAY_EVERY)
def _playing(state: PageState, learning: TaskLearning) -> None:
    """The moments of a learning, one after the other."""
    last = len(learning.glimpses) - 1
    at = state.look or 0
    if at >= last or not state.arc_playing:
        state.arc_playing, state.look = False, None
        st.rerun()
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
        key=state.key("arc_replay"),
        on_click=_to_the_end,
        args=(state,),
    )
    st.caption(moment_words(learning, at))
    _boards(state, learning, at, over=True)
    _charts(state, learning, at, live=True)
    state.look = at + max(1, round(last / MOST_FRAMES))


def _to_the_end(state: PageState) -> None:
    state.arc_playing, state.look = False, None


def _unseen(state: PageState, task: Task) -> None:
    """A task that nobody has learnt yet."""
    _unlearnt(state, task)
    if learnable(task) is not None:
        st.caption("Can you see the rule? Press *Learn*, and see whether the network can.")


def _unlearnt(state: PageState, task: Task) -> None:
    """Its pairs and what is asked, before anything is learnt."""
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.markdown("**The pairs that show the rule**")
        st.html(pairs_html(task, numbers=state.arc_numbers))
    with right:
        st.markdown("**What is asked**")
        tests = zip(task.tests, as_asked(task).tests, strict=True)
        for (question_RC, _), (begun_RC, _) in tests:
            st.html(test_html(question_RC, begun_RC, numbers=state.arc_numbers))


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
        best = max(range(len(learning.glimpses)), key=lambda at: sum(learning.right(at)))
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
    results = caches.arc_results("same-size" if task.keeps_size else "other-size")
    if results:
        group = TaskResult.group_of(learning.fits, learning.share)
        of = by_group(results)[group]
        if of.of:
            said.append(
                f"Of {of.of} tasks never met before whose learning ended like this one ({html.escape(group)}), "
                f"{of.count} came out right."
            )
    return " ".join(said)


def _think(state: PageState, task: Task, learning: TaskLearning | None) -> None:
    """The recursion on the tests, in the player: by the weights that have learnt, or by a published model."""
    runs = arc_published.solved(state, task)
    if learning is not None:
        learnt_id = f"{task.name}-{learning.about.get('seed')}-{learning.glimpses[-1].seconds}"
        runs = [
            PageRun(trace, f"arc-{learnt_id}-{k}", False, f"test {k + 1}, as learnt", learnt_id)
            for k, trace in enumerate(learning.traces)
        ] + runs
    if runs:
        st.subheader("Watch it answer, step by step", anchor=False)
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
    if not arc_choice.is_own(state, task):  # no published model can know it
        with st.expander("For experts: ask a published checkpoint"):
            arc_published.ask(state, task)


def _keep(state: PageState, task: Task, learning: TaskLearning) -> None:
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


def _open_learning(state: PageState) -> None:
    file = st.file_uploader("A run (.npz), as it is saved here", key=state.key("open_model"))
    if file is None:
        return
    if state.own_file != file.file_id:
        state.own_file, state.own_problem = file.file_id, ""
        try:
            learning = TaskLearning.load(file.getvalue(), file.name)
            if state.task_job is not None:
                state.task_job.stop()
            state.task_job, state.look = None, None
            arc_choice.take_own(state, learning.task)
            state.task_kept = learning
            st.rerun()
        except PuzzleError as error:
            state.own_problem = as_sentence(error)
    if state.own_problem:
        st.error(state.own_problem)


# How often it works


def _results() -> None:
    results = caches.arc_results("same-size")
    if not results:
        return
    st.subheader("How often does this work?", anchor=False)
    seconds = results[0].seconds
    st.markdown(
        f"Measured on {len(results)} tasks of ARC-AGI-1's evaluation set that nobody looked at while this network was "
        f"made: those that keep the grid's size, up to {max(r.size for r in results)} cells a side, "
        f"{seconds:.0f} seconds of one core each, in which several networks learn one after the other. First guess right: **{solved(results).words}**. One of two guesses: "
        f"**{solved(results, 2).words}**."
    )
    groups = by_group(results)
    st.table(
        {
            "how it ended": list(GROUPS),
            "tasks": [str(groups[group].of) for group in GROUPS],
            "first guess right": [str(groups[group].count) for group in GROUPS],
        }
    )
    st.caption(
        "So it can be told before the answer is known how far to believe it: compare the rows. Published, on all 400 evaluation tasks, two guesses: TRM "
        "44.6 % (ARC-AGI-2: 7.8 %), HRM 40.3 % (5.0 %), after training on all tasks and a thousand rewritings of each, "
        "three days on four H100 (arXiv 2510.04871). That is another, larger exam: these figures stand beside ours, not "
        "against them."
    )
    other = caches.arc_results("other-size")
    if other:
        st.markdown(
            f"Where answers have **another size** and a simple rule gives it, {other[0].seconds:.0f} seconds of one core each: "
            f"{solved(other).words}, two guesses {solved(other, 2).words}. In {caches.arc_ready()} of these the rule alone "
            "leaves nothing to learn."
        )
    with st.expander("All of them"):
        st.dataframe(_table([*results, *other]), hide_index=True, width="stretch")


def _table(results: list[TaskResult]) -> dict[str, list[object]]:
    ordered = sorted(results, key=lambda r: (not r.first, not r.second, -r.share))
    return {
        "task": [r.task for r in ordered],
        "first guess": ["right" if r.first else "wrong" for r in ordered],
        "two guesses": ["right" if r.second else "wrong" for r in ordered],
        "pairs right": [f"{r.pairs_right} of {r.pairs}" for r in ordered],
        "share of the votes": [f"{100 * r.share:.0f} %" for r in ordered],
        "seconds": [r.took for r in ordered],
        "updates": [r.updates for r in ordered],
    }


# The address


def _open_link(state: PageState) -> None:
    said, _ = link.wish(state)
    if said is None:
        return
    if "puzzle" in said:
        try:
            arc_choice.take_own(state, read_task(said["puzzle"]))
        except PuzzleError:
            state.ignored = ["puzzle"]
    elif "task" in said and not arc_choice.take(state, said["task"]):
        state.ignored = ["task"]
    look = said.get("at", "")
    if look.isascii() and look.isdigit() and len(look) < 6:
        state.look, state.arc_playing = int(look), False
    link.granted(state)
    link.say_ignored(state)


def _write_link(state: PageState, task: Task | None) -> None:
    said = {}
    if task is not None and arc_choice.is_own(state, task):
        text = format_task(task)
        if len(text) <= LONGEST_LINK:
            said["puzzle"] = text
    elif task is not None:
        said["task"] = task.name
    if state.look is not None and not state.arc_playing:
        said["at"] = str(state.look)
    link.write(state, said)
