"""What is the scratchpad for?"""

from pages.lesson.scene import Guess, Material, Scene
from trm_core.lesson.trials import ABLATIONS, TAKEN
from trm_core.record.published import ONE_STATE, SUDOKU, TRM_MLP, said

_WORDS = {
    "blank-z": "z wiped",
    "freeze-z": "z frozen",
    "forget-y": "y forgotten",
    "hide-x": "question hidden",
}


def _survives(material: Material) -> str:
    solved = material.measured["ablations"]["solved"]
    return _WORDS[max(ABLATIONS, key=lambda name: solved[name])]


def _seen(material: Material) -> str:
    table = material.measured["ablations"]
    shares = "; ".join(f"{words}: {100 * table['solved'][n]:.0f} %" for n, words in _WORDS.items())
    ends = ", ".join(f"{words} {material.wrong_at_end(n)}" for n, words in _WORDS.items())
    return (
        f"On {table['set']}, solved of those: as it is {100 * table['solved']['whole']:.0f} %; {shares}. "
        f"Cells wrong in the end here: {ends}. So z may be wiped between steps at a small loss (if not on this puzzle), "
        "for y carries the board. Frozen, it costs nearly all: the question reaches y only through z."
    )


SCENE = Scene(
    name="scratchpad",
    title="What is the scratchpad for?",
    words=(
        "Between two steps the network keeps two things: its answer <b>y</b> and its scratchpad <b>z</b>.",
        "Four runs of one puzzle, all from the same start, with one thing taken away in each.",
        "Left alone, the model solves this puzzle.",
    ),
    trials=TAKEN,
    clock="steps",
    todo="Play them side by side, and look at which boards still get better after step 2.",
    guess=Guess(
        question="Which loss hurts the least?",
        answer=_survives,
        options=tuple(_WORDS.values()),
    ),
    seen=_seen,
    formally="""
Before call *c* of step *s* an *intervention* replaces the pair: $(y, z) \\leftarrow g(s, c, y, z)$
(`network/interventions.py`: `Reset`, `FreezeLatent`, `HideQuestion`; `lesson/ablations.py`). The question is hidden by
adding $x' - x$ to *z* before every call that reads *x*, which makes it $f(x' + y + z)$ with a blank board $x'$.

"""
    f"""That is surgery on a trained model. A model *trained* without a separate *z* (one state for both) solves {said(ONE_STATE, SUDOKU)} of
Sudoku-Extreme instead of {said(TRM_MLP, SUDOKU)}.
""",
    sources=f"{said(ONE_STATE, SUDOKU)} and {said(TRM_MLP, SUDOKU)}: arXiv 2510.04871, its ablations on Sudoku-Extreme.",
)
