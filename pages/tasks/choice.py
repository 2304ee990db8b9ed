"""Which task of ARC is on the page: one of the gallery, one of all that are published, or the visitor's own."""

from __future__ import annotations

import streamlit as st

from pages.stage.shelf import Thumbnail, page_of, shelf, turn_pages
from pages.tasks import editor as editor
from pages.tasks.recorded import arc_results, task_recordings
from pages.tasks.state import TasksState
from pages.tasks.views import thumbnail_html
from trm_core.domains import PuzzleError, Task, counted
from trm_core.readers import arc_tasks
from trm_core.record.task_results import solved

GALLERY, ALL, OWN = "Learnt in seconds", "All tasks", "Your own"
VIEWS = (GALLERY, ALL, OWN)
ACROSS = 12  # thumbnails in a row
EACH = 24  # of a page
SMALL, FEW = 10, 4  # cells a side, and colours, of what the filters call so
FILTERS = (
    "same size",
    f"up to {SMALL} cells a side",
    f"up to {FEW} colours",
    "solved by our runs",
)


def choose(state: TasksState) -> None:
    """The choice, and what can be chosen from."""
    if state.view not in VIEWS:
        state.view = GALLERY
    st.segmented_control(
        "Which task",
        VIEWS,
        key=state.widget("view"),
        required=True,
        label_visibility="collapsed",
        on_change=_turned_to,
        args=(state,),
        persist_state="session",
    )
    if state.view == OWN:
        return  # it stands on the stage, in its editor
    if state.view == ALL:
        _browse(state)
        return
    names = list(task_recordings())
    if not names:
        st.caption("No recordings are here yet.")
    results = arc_results("gallery")
    if results:
        right = solved(results)
        seeds = len({result.seed for result in results})
        took = sorted(result.took for result in results)
        st.caption(
            f"Chosen because they are learnt reliably: {len(names)} tasks, each from {seeds} seeds, {right.count} of "
            f"{right.of} answers right, in whole runs of {took[0]:.0f} to {took[-1]:.0f} seconds of one core."
        )
    _thumbnails(state, [task_recordings()[name].task for name in names])


def _turned_to(state: TasksState) -> None:
    """The visitor chose another view: that of all tasks begins where the present one lies."""
    state.playing = False
    if state.view == ALL:
        take(state, _published(state).name)


def chosen(state: TasksState) -> Task:
    """The task on the page. Raises `PuzzleError` where the visitor's own is none yet."""
    published = _published(state)
    return editor.own_task(state, published) if state.view == OWN else published


def _published(state: TasksState) -> Task:
    """The task that is chosen of those that are published."""
    if state.task:
        found = _named(state.task)
        if found is not None:
            return found
    recordings = task_recordings()
    if recordings:
        return next(iter(recordings.values())).task
    return next(iter(arc_tasks.tasks(next(iter(arc_tasks.SETS))).values()))


def _named(name: str) -> Task | None:
    recording = task_recordings().get(name)
    if recording is not None:
        return recording.task
    try:
        return arc_tasks.task(name)
    except PuzzleError:
        return None


def known(name: str) -> bool:
    """Whether there is a task of that id."""
    return _named(name) is not None


def take(state: TasksState, name: str) -> None:
    """Put a task that is known on the page by its id."""
    state.task, state.look = name, None
    if state.view == OWN:
        state.view = GALLERY if name in task_recordings() else ALL
    elif name not in task_recordings():
        state.view = ALL
    if state.view == ALL:
        state.task_set, state.search = arc_tasks.set_of(name), ""
        if name not in _names(state):
            state.filters = []
        state.page_of = _names(state).index(name) // EACH


def take_own(state: TasksState, task: Task) -> None:
    """Put a visitor's own task on the page."""
    state.own, state.view, state.look, state.editing = task, OWN, None, False
    editor.begin(state, task)


def is_own(state: TasksState, task: Task) -> bool:
    return task is state.own


def neighbours(state: TasksState, task: Task) -> None:
    """To the next task of those that can be chosen from, and back."""
    if state.view == OWN:
        return
    names = _names(state)
    at = names.index(task.name) if task.name in names else -1
    for by, label, shortcut in ((-1, "Previous", "p"), (1, "Next", "n")):
        there = at + by
        name = names[there] if 0 <= there < len(names) else None
        st.button(
            label,
            key=state.key("open_next" if by > 0 else "open_before"),
            icon=":material/arrow_forward:" if by > 0 else ":material/arrow_back:",
            type="tertiary",
            on_click=_take,
            args=(state, name),
            disabled=name is None,
            shortcut=shortcut,
        )


def _take(state: TasksState, name: str | None) -> None:
    if name is not None:
        state.task, state.look = name, None
        state.playing = name in task_recordings()


def _names(state: TasksState) -> list[str]:
    if state.view == GALLERY:
        return list(task_recordings())
    return [task.name for task in _found(state)]


# All that are published
def _browse(state: TasksState) -> None:
    if state.task_set not in arc_tasks.SETS:
        state.task_set = next(iter(arc_tasks.SETS))
    which, search = st.columns([2, 1])
    which.segmented_control(
        "Set",
        list(arc_tasks.SETS),
        key=state.widget("task_set"),
        required=True,
        on_change=_first_page,
        args=(state,),
        persist_state="session",
    )
    search.text_input(
        "Search by id",
        key=state.widget("search"),
        placeholder="such as 66e6c45b",
        on_change=_searched,
        args=(state,),
        persist_state="session",
    )
    st.pills(
        "Only",
        FILTERS,
        selection_mode="multi",
        key=state.widget("filters"),
        on_change=_first_page,
        args=(state,),
        persist_state="session",
    )
    found = _found(state)
    if not found:
        st.info("No task is like that: loosen a filter.")
        return
    _thumbnails(state, found[page_of(state, len(found), EACH)])
    turn_pages(state, len(found), EACH, counted(len(found), "task"))


def _first_page(state: TasksState) -> None:
    state.page_of = 0


def _searched(state: TasksState) -> None:
    """A search looks in all sets and past all filters; what is found alone is opened."""
    state.page_of = 0
    found = _found(state)
    if len(found) == 1:
        _take(state, found[0].name)


def _found(state: TasksState) -> list[Task]:
    """The tasks of the chosen set that pass the filters; or those of all sets whose id begins as is searched for."""
    search = state.search.strip().lower()
    results = [*arc_results("same-size"), *arc_results("other-size")]
    right = {result.task for result in results if result.first}
    same, small, few, ours = FILTERS
    tests = {
        same: lambda task: task.keeps_size,
        small: lambda task: task.largest <= SMALL,
        few: lambda task: len(task.palette) <= FEW,
        ours: lambda task: task.name in right or task.name in task_recordings(),
    }
    wanted = [tests[name] for name in state.filters if name in tests]
    if search:
        every = {
            name: task for kind in arc_tasks.SETS for name, task in arc_tasks.tasks(kind).items()
        }
        return [task for name, task in sorted(every.items()) if name.startswith(search)]
    return [
        task
        for task in arc_tasks.tasks(state.task_set).values()
        if all(test(task) for test in wanted)
    ]


def _thumbnails(state: TasksState, tasks: list[Task]) -> None:
    now = _published(state).name
    thumbnails = [
        Thumbnail(
            thumbnail_html(task),
            task.name,
            f"{state.key('thumb')}_{task.name}",
            _take,
            (state, task.name),
            chosen=task.name == now,
        )
        for task in tasks
    ]
    shelf("arc", thumbnails, ACROSS)
