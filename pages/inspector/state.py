"""What the inspector remembers: which set, which part of it, and what is under way."""

from __future__ import annotations

from pages.stage.state import Kept, PageState, nothing


class InspectorState(PageState):
    """The state of the inspector."""

    __slots__ = ()

    # Sets
    set = Kept[str](str)  # the name of what is shown: a bundled set, or `MINE`
    wanted_set = Kept[str](str)  # the same, for the next run of the page
    mine = Kept["OwnSet | None"](nothing)  # one that was run here, or is to be, or is of a file
    own_sets = Kept["dict[SetAsked, OwnSet]"](dict)  # those that were run before it
    pinned = Kept["Outcomes | None"](nothing)  # kept to compare with
    versus = Kept["str | None"](nothing)  # what it is compared with: a bundled set, or `PINNED`

    # What is shown of one
    field = Kept["str | None"](nothing)  # of the four-fold table
    shown = Kept[list[str]](list)  # the slices, as "group: name"
    sort = Kept[str](str)
    row = Kept["int | None"](nothing)  # index in its set of the puzzle that is open
    linked = Kept[bool](bool)  # whether what is shown is still what a link said

    # Under way
    working = Kept["Work | None"](nothing)  # a set
    rescuing = Kept["Work | None"](nothing)
    reading = Kept["Work | None"](nothing)  # a list of puzzles
    read_of = Kept["tuple[str, str] | None"](nothing)  # which one: the kind of puzzle, the file
    rescued = Kept[str](str)  # which slice of what the rescue is of
