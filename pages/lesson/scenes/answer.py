"""An answer that improves itself."""

import numpy as np

from pages.lesson.scene import Guess, Material, Scene
from trm_core.domains import counted
from trm_core.lesson.trials import ANSWER


def _setbacks(right: np.ndarray) -> int:
    """Steps after which fewer cells were right than before."""
    counts = right[1:].sum(1)
    return int((counts[1:] < counts[:-1]).sum())


def _better(setbacks: int) -> str:
    if not setbacks:
        return "No step made more cells wrong than before."
    return f"Not every step was for the better: {setbacks} of them made more cells wrong."


def _seen(material: Material) -> str:
    trace = material.runs["answer"]
    right = trace.right("steps")
    at, (first, blank) = material.right_at("answer"), material.filled("answer", 1)
    if not at:
        wrong = counted(material.wrong_at_end("answer"), "cell")
        return (
            f"After the first step {first} of the {blank} cells it had to fill were right; after "
            f"{counted(trace.steps, 'step')} it is still not solved: {wrong} wrong."
        )
    return (
        f"After the first step {first} of the {blank} cells it had to fill were right; after step {at} all of them. "
        f"{_better(_setbacks(right))} On the way it changed its mind "
        f"{counted(int(trace.changed('steps')[2:].sum()), 'time')}."
    )


SCENE = Scene(
    name="answer",
    title="An answer that improves itself",
    minutes=5,
    say="Nobody tells it the rules of Sudoku. Watch what it does with its first answer: it does not throw it away, it mends it.",
    takeaway="It does not answer once: it mends its own answer, step by step.",
    words=(
        "The network fills in <b>all</b> cells at once: that is its answer, called <b>y</b>.",
        "Then it reads the puzzle, its own answer and its own notes again, and writes a new answer, mostly a better one.",
        "Nobody tells it which cells are wrong: it only ever sees the puzzle and what it made itself.",
    ),
    trials=(ANSWER,),
    clock="steps",
    todo="Drag the slider: orange rings are cells in which it changed its mind.",
    guess=Guess(
        question="How many steps, of at most 32, does it take until all cells are right?",
        answer=lambda material: material.right_at("answer"),
        low=1,
        high=32,
        unit="steps",
        never="\u201cnot within 32 steps\u201d",
    ),
    seen=_seen,
    curves=("cells right", "cells changed"),
    decisive=lambda material: material.right_at("answer"),
    formally="""
$$x:\\ \\text{question} \\qquad y:\\ \\text{answer} \\qquad z:\\ \\text{scratchpad} \\qquad \\hat y = \\mathrm{argmax}\\, f_O(y)$$

*y* is not a board of digits but some numbers for every cell, from which a linear head reads a digit
(`TinyRecursiveModel.read`). A *supervision step* improves *y*; there are up to 16 in training
(`deep_recursion` in the pseudocode of arXiv 2510.04871; ours: `TinyRecursiveModel.step`).
""",
)
