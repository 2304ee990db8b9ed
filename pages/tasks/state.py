"""What the page of ARC's tasks remembers: which task, what learns it, and what the visitor makes."""

from __future__ import annotations

from pages.stage.state import Kept, PageState, nothing


class TasksState(PageState):
    """The state of the page."""

    __slots__ = ()

    # Which task
    view = Kept[str](str)  # where tasks are chosen from
    task = Kept[str](str)  # id of the one on the page
    task_set = Kept[str](str)
    search = Kept[str](str)
    filters = Kept[list[str]](lambda: ["same size"])

    # The visitor's own
    own = Kept["Task | None"](nothing)
    draft = Kept["Draft | None"](nothing)  # that is being made
    editing = Kept[bool](bool)  # whether the editor stands on the stage though something was learnt
    typed = Kept[str](str)
    problem = Kept[str](str)  # with what was pasted last
    rows = Kept[int](int)
    cols = Kept[int](int)
    hand = Kept["Hand | None"](nothing)  # what the visitor answers to a task by hand

    # Learning
    seconds = Kept[int](lambda: 60)
    seed = Kept[int](int)
    more = Kept[bool](bool)  # whether further networks learn while there is time
    numbers = Kept[bool](bool)  # whether cells say their colour's number
    job = Kept["TaskJob | None"](nothing)
    kept = Kept["TaskLearning | None"](nothing)  # a learning from a file
    opened = Kept["TaskLearning | None"](nothing)  # the same, until the page shows it
    asked = Kept["tuple[Task, PageRun] | None"](nothing)  # a published model's solve, and of what
    playing = Kept[bool](lambda: True)  # whether a learning is replayed
    look = Kept["int | None"](nothing)  # which of its moments is watched; the last if none
    look_at = Kept[int](int)  # the same, as its slider stands
