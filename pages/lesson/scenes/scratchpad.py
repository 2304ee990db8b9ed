"""What is the scratchpad for?"""

from pages.lesson.scene import Figure, Guess, Material, Scene
from pages.models.known import counted_on, width_of
from trm_core.domains import counted
from trm_core.figures.shares import bars_figure
from trm_core.lesson.examples import least_missed
from trm_core.lesson.trials import TAKEN, WHOLE
from trm_core.record.published import ONE_STATE, SUDOKU, TRM_MLP, said

_WORDS = {
    "blank-z": "z wiped",
    "freeze-z": "z frozen",
    "forget-y": "y forgotten",
    "hide-x": "question hidden",
}


def _least(material: Material) -> str:
    """The trial whose loss hurts the least, on many puzzles."""
    return least_missed(material.measured["ablations"]["solved"])


def _alone(material: Material) -> str:
    """What becomes of the puzzle where nothing is taken away."""
    if not material.wrong_at_end(WHOLE.name):
        return "Left alone, the model solves this puzzle."
    wrong = counted(material.wrong_at_end(WHOLE.name), "cell")
    return f"Left alone, the model does not solve this puzzle: {wrong} wrong after {WHOLE.steps} steps."


def _here(material: Material) -> str:
    """What became of the puzzle on the stage, and how many are like it."""
    told = []
    for name, words in _WORDS.items():
        wrong = material.wrong_of_filled(name)
        told.append(f"{words}: {f'{wrong} wrong' if material.wrong_at_end(name) else 'solved'}")
    _, blank = material.filled(WHOLE.name, -1)
    words = f"Here, in the end, of the {blank} cells to fill: {'; '.join(told)}. "
    if material.own:
        return words
    example = material.measured["ablations"]["example"]
    return words + f"{example['alike']} of the {example['of']} came out like this one. "


def _seen(material: Material) -> str:
    table = material.measured["ablations"]
    least = _least(material)
    return (
        f"The least is lost with {_WORDS[least]}: of {table['set']}, {100 * table['solved'][least]:.0f} % are solved then, and "
        f"{100 * table['solved']['whole']:.0f} % as it is. So z is for working within a step, more than for remembering: wiped, "
        "it is written anew; held still, nothing of the question comes through, for the answer hears of the question from z alone."
    )


def _more(material: Material) -> str:
    return (
        f"{_here(material)}While it works, y carries the board. (Once a "
        f"board is solved, z holds it too: the next scene. The card of sudoku-9x9: {counted_on('sudoku-9x9', 'mixed')}.)"
    )


def _figure(material: Material, dark: bool) -> object:
    solved = material.measured["ablations"]["solved"]
    words = {WHOLE.name: "as it is", **_WORDS}
    return bars_figure({words[name]: 100 * solved[name] for name in words}, unit=" %", dark=dark)


SCENE = Scene(
    name="scratchpad",
    title="What is the scratchpad for?",
    minutes=5,
    say="It keeps two things between two steps. Which of them would you rather lose? Let everyone commit before you reveal.",
    takeaway="y carries the board from step to step; z is where it is worked out.",
    words=(
        lambda material: (
            "Between two steps the network keeps two things, its answer <b>y</b> and its scratchpad <b>z</b>: "
            f"{width_of(WHOLE.checkpoint)} numbers each for every cell. A digit can be read off y; nobody tells z what to hold."
        ),
        "Four runs of one puzzle, all from the same start, with one thing taken away in each.",
        _alone,
    ),
    trials=TAKEN,
    unshown=(WHOLE,),
    clock="steps",
    todo="Play them side by side, and look at which boards still get better after step 2.",
    guess=Guess(
        question="Which loss hurts the least?",
        answer=lambda material: _WORDS[_least(material)],
        options=tuple(_WORDS.values()),
    ),
    seen=_seen,
    more=_more,
    marks=("wrong",),
    figures=(
        Figure(
            draw=_figure,
            caption="Solved within 16 steps, of the same fresh puzzles, with one thing taken away.",
        ),
    ),
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
