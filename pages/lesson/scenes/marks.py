"""A y that one can read."""

from pages.lesson.scene import Guess, Material, Scene
from pages.models.known import size_of
from trm_core.domains import counted
from trm_core.lesson.trials import EXTREME, MARKS


def _seen(material: Material) -> str:
    features, marks = material.runs[EXTREME.name], material.runs[MARKS.name]
    back = marks.takes_back
    went = f"after taking everything back {counted(back, 'time')}" if back else "at its first go"
    told = (
        f"solved it in {counted(marks.steps, 'step')}, {went}"
        if marks.solved
        else f"did not solve it in {counted(marks.steps, 'step')}"
    )
    other = "solved it too" if features.solved else "did not solve it"
    return (
        f"With pencil marks it {told}. The published form {other}, in {counted(features.steps, 'step')}. (The one with marks was "
        "taught on harder puzzles; how both do on many is under Depth and Model, on the page Sudoku.)"
    )


SCENE = Scene(
    name="marks",
    title="A y that one can read",
    minutes=4,
    say="Here y is what a person would pencil into a cell. Ask where they would guess, before it does.",
    takeaway="A y that one can read can also be taken back, and tried again.",
    words=(
        "Another idea, out of the same parts: its y is what a person writes, <b>the digits still possible</b> in each cell.",
        "In every step it strikes digits it finds dead, pins the cells it is sure of and one more, drawn by how sure it is of it; if it sees that it went wrong, it starts again from the clues: another go.",
        lambda material: (
            f"Left sudoku-9x9 ({size_of('sudoku-9x9')} numbers), of the published kind; right sudoku-marks "
            f"({size_of('sudoku-marks')}, and taught on harder puzzles); the same {'' if material.own else 'Extreme '}puzzle."
        ),
    ),
    trials=(EXTREME, MARKS),
    clock="steps",
    todo="Follow the right board: small digits are not yet struck, diamonds are cells it pins, sure of them or as a guess, a thick frame round the board is a contradiction it saw.",
    guess=Guess(
        question="How often will it take everything back?",
        answer=lambda material: material.runs[MARKS.name].takes_back,
        low=0,
        high=20,
        unit="times",
    ),
    seen=_seen,
    curves=("cells right", "cells decided"),
    formally="""
$$C \\leftarrow C \\setminus \\{(i,d): \\sigma(\\text{keep}_{i,d}) < \\tau_s\\};\\qquad i \\sim \\max_d p_{i,d}^{\\,4};\\qquad \\text{pin } i \\text{ to } d \\sim p_i = \\mathrm{softmax}(\\text{pick}_i);\\qquad \\text{conflict} > 0 \\Rightarrow C \\leftarrow C_0$$

`CandidatesModel` in `network/units.py`. No rule decides what is struck or guessed (rules only end the solve), though who
hears whom, row, column and box, is built in. It is not the published recursion: *z* begins anew in every step, *y* is written without a call of the network,
guesses are drawn at random from the second go on, and it was trained on harder puzzles (424 thousand numbers left, 20 thousand right). What is
gained: one can read what it tried. What is lost: it needs a puzzle whose answer is a set of candidates.
""",
)
