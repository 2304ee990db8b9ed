"""What the lesson remembers: the scene, guesses, and what a visitor did live."""

from __future__ import annotations

from typing import Any

from pages.stage.state import Kept, PageState, nothing
from trm_core.record.learning import Look


class LessonState(PageState):
    """The state of the lesson."""

    __slots__ = ()

    scene = Kept[int](lambda: 1)  # counted from 1
    short = Kept[bool](bool)  # whether only four scenes are on the way
    teacher = Kept[bool](bool)  # whether answers are shown without a guess
    large = Kept[bool](bool)  # whether its words are for a room
    classroom = Kept[bool](bool)  # whether a whole class is asked
    room = Kept[str](str)  # the code of its room
    hands = Kept[dict[str, list[int]]](dict)  # by scene, for each choice the hands counted
    revealed = Kept[list[str]](list)  # scenes whose answer the class has seen
    vote = Kept[str](str)  # on a phone: the code of the room that is voted in
    voter = Kept[str](str)  # ... and who it is
    guesses = Kept[dict[str, Any]](dict)  # by scene
    own = Kept[dict[str, Any]](dict)  # by scene, its runs with the visitor's own puzzle
    own_due = Kept["tuple[str, str] | None"](
        nothing
    )  # a scene to be run with another puzzle, and of which kind
    drawn = Kept[int](int)  # how many fresh puzzles were made for that
    dials = Kept[dict[str, int]](dict)  # by scene, the place at which its dial stands

    # Surgery
    operate_step = Kept[int](lambda: 9)  # the step before which is operated
    operate_board = Kept[str](str)  # what y is to say there; empty while it is as it was
    operate_wipe = Kept[str](lambda: "nothing")
    unharmed = Kept["Trace | None"](nothing)  # the visitor's own solve before an operation
    aftermath = Kept[str](str)  # what came of it, in words

    # Live experiments
    mapped = Kept["Basins | None"](nothing)  # a map of starts drawn live
    wounded = Kept[int](int)  # how often the curve of wounds was measured live
    healed = Kept["dict[str, Any] | None"](nothing)  # and what it came to last
    trainings = Kept[int](int)  # how many there were
    trained = Kept[list[Look]](list)  # a training run live
