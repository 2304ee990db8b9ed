"""The editor of tasks: pairs and tests, grids that are painted, resized, copied; or a task as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from pages.stage.apart import apart
from pages.stage.embed import uploader
from pages.stage.frame import as_sentence
from pages.stage.painter import painter, refresh
from pages.tasks.state import TasksState
from pages.tasks.views import grid_html
from trm_core.domains import PuzzleError, Task
from trm_core.domains.arc.domain import LARGEST, MOST_PAIRS, ArcGrid, read_grid, read_task
from trm_core.readers.arc_picture import read_grid_picture
from trm_core.readers.upload import decoded

Pair = list["np.ndarray | None"]  # a question, and its answer where there is one
LARGEST_TASK = 10  # MiB of a file
FIRST = 5  # cells a side of a grid that is new
PICTURES = (b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF", b"BM")  # how files of pictures begin


@dataclass
class Draft:
    """A task that is being made; and which of its grids is painted: (part, number, side)."""

    pairs: list[Pair] = field(default_factory=list)
    tests: list[Pair] = field(default_factory=list)
    at: tuple[str, int, int] = ("pairs", 0, 0)
    begun: str = ""  # id of the published task of which it was a copy

    @classmethod
    def of(cls, task: Task) -> Draft:
        pairs, tests = [list(pair) for pair in task.pairs], [list(test) for test in task.tests]
        return cls(pairs, tests, begun=task.name)

    @classmethod
    def empty(cls) -> Draft:
        new = _blank(FIRST, FIRST)
        return cls([[new, new], [new, new]], [[new, None]])

    @property
    def grid(self) -> np.ndarray:
        part, number, side = self.at
        return getattr(self, part)[number][side]

    def put(self, grid: np.ndarray) -> None:
        part, number, side = self.at
        getattr(self, part)[number][side] = grid

    def task(self) -> Task:
        """As a task. Raises `PuzzleError` where something is missing."""
        if not self.pairs or not self.tests:
            raise PuzzleError("a task needs a pair that shows the rule, and a test")
        if all(np.array_equal(question, answer) for question, answer in self.pairs):
            raise PuzzleError(
                "every pair's answer is like its question so far: paint what the rule makes of it"
            )
        return Task("", tuple(map(tuple, self.pairs)), tuple(map(tuple, self.tests)))


def _blank(rows: int, cols: int) -> np.ndarray:
    return np.zeros((rows, cols), np.uint8)


def begin(state: TasksState, task: Task) -> None:
    """Take a task to the editor."""
    state.draft = Draft.of(task)
    refresh(state)


def own_task(state: TasksState, first: Task) -> Task:
    """The visitor's own task, as it is drawn; a copy of the task `first`, to begin with.

    The same object for as long as it says the same, and again where it says what was learnt. Raises `PuzzleError`
    where something is missing.
    """
    if state.draft is None:
        begin(state, first)
    task = state.draft.task()
    learnt = [one.task for one in (state.job, state.kept) if one is not None]
    known = [state.own, *(each for each in learnt if not each.name)]
    same = (each for each in known if each is not None and _alike(each, task))
    state.own = next(same, task)
    return state.own


def edit(state: TasksState) -> None:
    """The editor of the visitor's own task."""
    draft: Draft = state.draft
    with st.container(horizontal=True, vertical_alignment="center"):
        begun = f"It begins as a copy of {draft.begun}: change it" if draft.begun else "Change it"
        st.caption(f"{begun}, or make a new one.", width="content")
        with st.popover("Open", icon=":material/folder_open:"):
            _open(state)
        st.button(
            "A new task",
            icon=":material/add:",
            key=state.key("new"),
            on_click=_new,
            args=(state,),
            type="tertiary",
        )
    with st.container(key="stage_arc_editor"):
        left, right = st.columns([4, 5], gap="large")
    with left, st.container(key="stage_arc_pairs"):
        _pairs(state, draft)
    with right:
        _grid(state, draft)


def _alike(a: Task, b: Task) -> bool:
    return a.as_json() == b.as_json()


def _new(state: TasksState) -> None:
    state.draft = Draft.empty()
    refresh(state)


def _pairs(state: TasksState, draft: Draft) -> None:
    """All grids; a click on one takes it to the painter."""
    for part, title, singular in (
        ("pairs", "Pairs that show the rule", "pair"),
        ("tests", "Tests", "test"),
    ):
        st.markdown(f"**{title}**")
        entries = getattr(draft, part)
        for number, entry in enumerate(entries):
            places = st.columns([3, 3, 1], vertical_alignment="center")
            for side, (place, grid) in enumerate(zip(places, entry, strict=False)):
                with place:
                    name = f"{singular} {number + 1}: {'question' if side == 0 else 'answer'}"
                    if grid is None:
                        st.button(
                            "Say the answer",
                            key=f"{state.key('grid')}_{part}_{number}_{side}",
                            on_click=_answer,
                            args=(state, draft, number),
                            help="Paint the answer yourself: then what the network says can be judged.",
                        )
                        continue
                    st.html(grid_html(grid, f"→ {name}" if side else name))
                    here = draft.at == (part, number, side)
                    st.button(
                        "painting" if here else "Paint",
                        key=f"{state.key('grid')}_{part}_{number}_{side}",
                        icon=":material/brush:",
                        disabled=here,
                        on_click=_go,
                        args=(state, draft, (part, number, side)),
                    )
            with places[2]:
                st.button(
                    "",
                    icon=":material/delete:",
                    key=f"{state.key('drop')}_{part}_{number}",
                    type="tertiary",
                    help=f"Remove this {singular}",
                    disabled=len(entries) < 2,
                    on_click=_drop,
                    args=(state, draft, part, number),
                )
        st.button(
            f"Add a {singular}",
            icon=":material/add:",
            key=f"{state.key('add')}_{part}",
            on_click=_add,
            args=(state, draft, part),
            disabled=len(entries) >= MOST_PAIRS,
            type="tertiary",
        )


def _go(state: TasksState, draft: Draft, at: tuple[str, int, int]) -> None:
    draft.at = at
    refresh(state)


def _answer(state: TasksState, draft: Draft, number: int) -> None:
    draft.tests[number][1] = draft.tests[number][0]
    _go(state, draft, ("tests", number, 1))


def _drop(state: TasksState, draft: Draft, part: str, number: int) -> None:
    del getattr(draft, part)[number]
    _go(state, draft, (part, 0, 0))


def _add(state: TasksState, draft: Draft, part: str) -> None:
    entries = getattr(draft, part)
    grid = _blank(*entries[-1][0].shape) if entries else _blank(FIRST, FIRST)
    entries.append([grid, grid if part == "pairs" else None])
    _go(state, draft, (part, len(entries) - 1, 0))


def _grid(state: TasksState, draft: Draft) -> None:
    """The grid of the task that is painted."""
    part, number, side = draft.at
    what = f"{'pair' if part == 'pairs' else 'test'} {number + 1}, {'question' if side == 0 else 'answer'}"
    st.markdown(f"**You paint: {what}**")
    question = getattr(draft, part)[number][0] if side == 1 else None
    paint(state, lambda: draft.grid, draft.put, what, question)


def paint(
    state: TasksState,
    get: Callable[[], np.ndarray],
    put: Callable[[np.ndarray], None],
    what: str,
    question: np.ndarray | None,
) -> None:
    """The painter of a grid, and what can be done to the whole of it: `get` says what it is now, `put` takes what it
    becomes. An answer has a `question`."""
    grid = get()

    def drawn(text: str) -> None:
        put(read_grid(text))

    def pasted(text: str) -> None:
        try:
            put(read_grid(text))
            state.problem = ""
        except PuzzleError as error:
            state.problem = as_sentence(error)
        refresh(state)

    with st.container(key="stage_arc_painter"):
        painter(state, ArcGrid(*grid.shape), grid, board=what, on_drawn=drawn, on_pasted=pasted)
    if state.problem:
        st.error(state.problem)
    rows, cols = st.columns(2)
    for column, name, label, size in (
        (rows, "rows", "Rows", grid.shape[0]),
        (cols, "cols", "Columns", grid.shape[1]),
    ):
        setattr(state, name, size)
        column.number_input(
            label,
            1,
            LARGEST,
            step=1,
            key=state.widget(name),
            on_change=_resize,
            args=(state, get, put),
        )
    if question is not None:
        st.button(
            "Take the question as it is",
            icon=":material/content_copy:",
            key=state.key("copy"),
            help="Most answers begin as a copy of their question.",
            on_click=_put_anew,
            args=(state, question, put),
        )


def _resize(
    state: TasksState, get: Callable[[], np.ndarray], put: Callable[[np.ndarray], None]
) -> None:
    """The same grid on another size: what no longer fits is cut off, what is new is black."""
    old, new = get(), _blank(state.rows, state.cols)
    rows, cols = min(len(old), len(new)), min(old.shape[1], new.shape[1])
    new[:rows, :cols] = old[:rows, :cols]
    _put_anew(state, new, put)


def _put_anew(state: TasksState, grid: np.ndarray, put: Callable[[np.ndarray], None]) -> None:
    put(grid)
    refresh(state)


def _open(state: TasksState) -> None:
    """A task as text or file."""
    with st.form(state.key("open_form"), border=False):
        text = st.text_area(
            "A task in the official JSON",
            key=state.widget("typed"),
            placeholder='{"train": [{"input": [[0, 1], [1, 0]], "output": [[1, 0], [0, 1]]}], "test": [...]}',
            height=140,
        )
        file = uploader(
            "or a file: a task (.json), or a picture of a grid, which takes the place of the one you paint",
            key=state.key("task_file"),
            max_upload_size=LARGEST_TASK,
        )
        sent = st.form_submit_button("Open it", type="primary")
    if not sent:
        return
    try:
        found = apart(read_task, text) if file is None else apart(opened, file.getvalue())
    except PuzzleError as error:
        st.error(as_sentence(error))
        return
    if isinstance(found, Task):
        state.look = None
        begin(state, found)
    else:
        state.draft.put(found)
        refresh(state)
    st.rerun()


def opened(content: bytes) -> Task | np.ndarray:
    """A file as a task, or as one grid where it is a picture or a grid's text. Raises `PuzzleError`."""
    if content.startswith(PICTURES):
        return read_grid_picture(content)
    text = decoded(content)
    if re.fullmatch(r"[\d\s,;/]+", text) or text.lstrip().startswith("[["):
        return read_grid(text)
    return read_task(text)
