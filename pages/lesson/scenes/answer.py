"""An answer that improves itself."""

import numpy as np

from pages.lesson.scene import Guess, Material, Scene
from trm_core.lesson.trials import ANSWER


def _setbacks(right: np.ndarray) -> int:
    """Steps after which fewer cells were right than before."""
    counts = right[1:].sum(1)
    return int((counts[1:] < counts[:-1]).sum())


def _seen(material: Material) -> str:
    trace = material.runs["answer"]
    right, cells = trace.right("steps"), len(trace.question_L)
    at = material.right_at("answer")
    if not at:
        return f"After {trace.steps} steps it is still not right: {material.wrong_at_end('answer')} cells differ."
    return (
        f"After the first step {int(right[1].sum())} of all {cells} cells were right; after step {at} all of them. "
        f"Not every step was for the better: {_setbacks(right)} of them made more cells wrong. On the way it changed "
        f"its mind {int(trace.changed('steps')[2:].sum())} times."
    )


SCENE = Scene(
    name="answer",
    title="An answer that improves itself",
    words=(
        "The network fills in <b>all</b> cells at once: that is its answer, called <b>y</b>.",
        "Then it reads the puzzle, its own answer and its own notes again, and writes a new answer, mostly a better one.",
        "Nobody tells it which cells are wrong: it only ever sees the puzzle and what it made itself.",
    ),
    trials=(ANSWER,),
    clock="steps",
    todo="Drag the slider: orange rings are cells in which it changed its mind.",
    guess=Guess(
        question="After which of at most 32 steps will all cells be right?",
        answer=lambda material: material.right_at("answer"),
        low=1,
        high=32,
        unit="steps",
    ),
    seen=_seen,
    formally="""
$$x:\\ \\text{question} \\qquad y:\\ \\text{answer} \\qquad z:\\ \\text{scratchpad} \\qquad \\hat y = \\arg\\max f_O(y)$$

*y* is not a board of digits but some numbers for every cell, from which a linear head reads a digit
(`TinyRecursiveModel.read`). A *supervision step* improves *y*; there are up to 16 in training
(`deep_recursion` in the pseudocode of arXiv 2510.04871; ours: `TinyRecursiveModel.step`).
""",
)
