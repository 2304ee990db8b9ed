"""Which task of ARC is on the page: one of the gallery, one of all that are published, or the visitor's own."""

from __future__ import annotations

import streamlit as st

from pages.shared import arc_editor, caches
from pages.shared.arc_views import thumbnail_html
from pages.shared.state import PageState
from trm_core.domains import PuzzleError, Task, counted
from trm_core.readers import arc_tasks
from trm_core.record.task_results import solved

GALLERY, ALL, OWN = "Learnt in seconds", "All tasks", "Your own"
VIEWS = (GALLERY, ALL, OWN)
# What the tasks of the gallery are about, in our words; they have none of their own.
TITLES = {
    "66e6c45b": "Corners fly out",
    "6f8cd79b": "Draw a frame",
    "3618c87e": "Blue falls down",
    "23581191": "Lines that cross",
    "b6afb2da": "Dress the blocks",
    "67385a82": "Only larger shapes",
    "bb43febb": "Red inside",
    "c8f0f002": "Orange turns grey",
    "b1948b0a": "Magenta turns red",
    "a699fb00": "Red between blues",
    "aabf363d": "Corner colour",
    "4258a5f9": "Blue around grey",
    "3aa6fb7a": "Fill the square",
    "d511f180": "Change places",
    "4347f46a": "Hollow out",
    "50cb2852": "Azure inside",
    "913fb3ed": "A frame each",
    "dc1df850": "Blue around red",
    "25d8a9c8": "Even rows",
    "ce22a75a": "A block for a dot",
    "e9afcf9a": "Weave two colours",
    "d037b0a7": "Colours run down",
    "25ff71a9": "One step down",
    "a79310a0": "Down, and red",
    "05269061": "Diagonals go on",
    "1bfc4729": "Two frames",
    "5582e5ca": "Most wins",
    "6150a2bd": "Half a turn",
    "67a423a3": "Ring the crossing",
    "794b24be": "Count at the top",
    "a9f96cdd": "Four neighbours",
    "aedd82e4": "Lone ones turn blue",
    "b60334d2": "Flowers",
    "99b1bc43": "One of two",
    "ce4f8723": "One or both",
    "94f9d214": "Neither of two",
    "0520fde7": "Both at once",
    "dae9d2b5": "Left or right",
    "1b2d62fb": "Blank on both sides",
    "6430c8c4": "Green in the gaps",
    "fafffa47": "Red in the gaps",
    "f2829549": "Gaps side by side",
    "a740d043": "Cut it out",
    "b94a9452": "Cut out, swapped",
    "445eab21": "The larger frame",
}
ACROSS = 12  # thumbnails in a row
EACH = 24  # of a page
SMALL, FEW = 10, 4  # cells a side, and colours, of what the filters call so
FILTERS = (
    "same size",
    f"up to {SMALL} cells a side",
    f"up to {FEW} colours",
    "solved by our runs",
)


def choose(state: PageState) -> None:
    """The choice, and what can be chosen from."""
    if state.arc_view not in VIEWS:
        state.arc_view = GALLERY
    st.segmented_control(
        "Which task",
        VIEWS,
        key=state.widget("arc_view"),
        required=True,
        label_visibility="collapsed",
        on_change=_turned_to,
        args=(state,),
        persist_state="session",
    )
    if state.arc_view == OWN:
        return  # it stands on the stage, in its editor
    if state.arc_view == ALL:
        _browse(state)
        return
    names = list(caches.task_recordings())
    if not names:
        st.caption("No recordings are here yet.")
    results = caches.arc_results("gallery")
    if results:
        right = solved(results)
        seeds = len({result.seed for result in results})
        took = sorted(result.took for result in results)
        st.caption(
            f"Chosen because they are learnt reliably: {len(names)} tasks, each from {seeds} seeds, {right.count} of "
            f"{right.of} answers right, in {took[0]:.0f} to {took[-1]:.0f} seconds of one core."
        )
    _thumbnails(state, [caches.task_recordings()[name].task for name in names])


def _turned_to(state: PageState) -> None:
    """The visitor chose another view: that of all tasks begins where the present one lies."""
    state.arc_playing = False
    if state.arc_view == ALL:
        take(state, _published(state).name)


def chosen(state: PageState) -> Task:
    """The task on the page. Raises `PuzzleError` where the visitor's own is none yet."""
    published = _published(state)
    return arc_editor.own_task(state, published) if state.arc_view == OWN else published


def _published(state: PageState) -> Task:
    """The task that is chosen of those that are published."""
    if state.arc_task:
        found = _named(state.arc_task)
        if found is not None:
            return found
    recordings = caches.task_recordings()
    if recordings:
        return next(iter(recordings.values())).task
    return next(iter(arc_tasks.tasks(next(iter(arc_tasks.SETS))).values()))


def _named(name: str) -> Task | None:
    recording = caches.task_recordings().get(name)
    if recording is not None:
        return recording.task
    try:
        return arc_tasks.task(name)
    except PuzzleError:
        return None


def take(state: PageState, name: str) -> bool:
    """Put a task on the page by its id; whether there is one."""
    if _named(name) is None:
        return False
    state.arc_task, state.look = name, None
    if state.arc_view == OWN:
        state.arc_view = GALLERY if name in caches.task_recordings() else ALL
    elif name not in caches.task_recordings():
        state.arc_view = ALL
    if state.arc_view == ALL:
        state.arc_set, state.arc_search = arc_tasks.set_of(name), ""
        if name not in _names(state):
            state.arc_filters = []
        state.page_of = _names(state).index(name) // EACH
    return True


def take_own(state: PageState, task: Task) -> None:
    """Put a visitor's own task on the page."""
    state.arc_own, state.arc_view, state.look, state.editing = task, OWN, None, False
    arc_editor.begin(state, task)


def is_own(state: PageState, task: Task) -> bool:
    return task is state.arc_own


def title(task: Task) -> str:
    """What a task is called on the page."""
    if not task.name:
        return "Your own task"
    words = TITLES.get(task.name)
    return task.name if words is None else f"{words} ({task.name})"


def neighbours(state: PageState, task: Task) -> None:
    """To the next task of those that can be chosen from, and back."""
    if state.arc_view == OWN:
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


def _take(state: PageState, name: str | None) -> None:
    if name is not None:
        state.arc_task, state.look = name, None
        state.arc_playing = name in caches.task_recordings()


def _names(state: PageState) -> list[str]:
    if state.arc_view == GALLERY:
        return list(caches.task_recordings())
    return [task.name for task in _found(state)]


# All that are published


def _browse(state: PageState) -> None:
    if state.arc_set not in arc_tasks.SETS:
        state.arc_set = next(iter(arc_tasks.SETS))
    which, search = st.columns([2, 1])
    which.segmented_control(
        "Set",
        list(arc_tasks.SETS),
        key=state.widget("arc_set"),
        required=True,
        on_change=_first_page,
        args=(state,),
        persist_state="session",
    )
    search.text_input(
        "Search by id",
        key=state.widget("arc_search"),
        placeholder="such as 66e6c45b",
        on_change=_searched,
        args=(state,),
        persist_state="session",
    )
    st.pills(
        "Only",
        FILTERS,
        selection_mode="multi",
        key=state.widget("arc_filters"),
        on_change=_first_page,
        args=(state,),
        persist_state="session",
    )
    found = _found(state)
    if not found:
        st.info("No task is like that: loosen a filter.")
        return
    pages = -(-len(found) // EACH)
    state.page_of = min(state.page_of, pages - 1)
    _thumbnails(state, found[state.page_of * EACH : (state.page_of + 1) * EACH])
    with st.container(horizontal=True, vertical_alignment="center"):
        for by, name, icon in ((-1, "earlier", "chevron_left"), (1, "later", "chevron_right")):
            there = state.page_of + by
            st.button(
                "Page before" if by < 0 else "Page after",
                icon=f":material/{icon}:",
                key=state.key(name),
                on_click=setattr,
                args=(state, "page_of", there),
                disabled=not 0 <= there < pages,
                type="tertiary",
            )
        st.caption(
            f"page {state.page_of + 1} of {pages}; {counted(len(found), 'task')}", width="content"
        )


def _first_page(state: PageState) -> None:
    state.page_of = 0


def _searched(state: PageState) -> None:
    """A search looks in all sets and past all filters; what is found alone is opened."""
    state.page_of = 0
    found = _found(state)
    if len(found) == 1:
        _take(state, found[0].name)


def _found(state: PageState) -> list[Task]:
    """The tasks of the chosen set that pass the filters; or those of all sets whose id begins as is searched for."""
    search = state.arc_search.strip().lower()
    results = [*caches.arc_results("same-size"), *caches.arc_results("other-size")]
    right = {result.task for result in results if result.first}
    same, small, few, ours = FILTERS
    tests = {
        same: lambda task: task.keeps_size,
        small: lambda task: task.largest <= SMALL,
        few: lambda task: len(task.palette) <= FEW,
        ours: lambda task: task.name in right or task.name in caches.task_recordings(),
    }
    wanted = [tests[name] for name in state.arc_filters if name in tests]
    if search:
        every = {
            name: task for kind in arc_tasks.SETS for name, task in arc_tasks.tasks(kind).items()
        }
        return [task for name, task in sorted(every.items()) if name.startswith(search)]
    return [
        task
        for task in arc_tasks.tasks(state.arc_set).values()
        if all(test(task) for test in wanted)
    ]


def _thumbnails(state: PageState, tasks: list[Task]) -> None:
    now = _published(state).name
    with st.container(key="stage_arc"):
        for begin in range(0, len(tasks), ACROSS):
            places = st.columns(ACROSS, gap="small")
            for place, task in zip(places, tasks[begin : begin + ACROSS], strict=False):
                with place:
                    st.html(thumbnail_html(task))
                    st.button(
                        TITLES.get(task.name, task.name)
                        if state.arc_view == GALLERY
                        else task.name,
                        key=f"{state.key('thumb')}_{task.name}",
                        type="primary" if task.name == now else "tertiary",
                        on_click=_take,
                        args=(state, task.name),
                    )
