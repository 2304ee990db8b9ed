"""The scenes of the lesson, a file each, in the order in which they are told."""

from pages.lesson.scenes import (
    answer,
    clocks,
    depth,
    failure,
    halting,
    learning,
    marks,
    scratchpad,
    surgery,
)

SCENES = (
    answer.SCENE,
    clocks.SCENE,
    scratchpad.SCENE,
    surgery.SCENE,
    depth.SCENE,
    halting.SCENE,
    failure.SCENE,
    learning.SCENE,
    marks.SCENE,
)
