"""Convergence, and failure."""

import numpy as np

from pages.lesson.experiments import map_starts
from pages.lesson.scene import Figure, Guess, Material, Scene
from trm_core.figures.lesson import basins_figure
from trm_core.lesson.trials import FEATURES, SETTLES


def _figure(material: Material, dark: bool) -> object:
    found = material.measured["basins"]
    return basins_figure(np.array(found["end"]), np.array(found["at"]), dark=dark)


def _moves(material: Material, name: str) -> float:
    """How far z moved, relatively, over the last step."""
    return float(material.runs[name].latent_residuals("steps")[-1])


def _failed(material: Material) -> str:
    """The run that the guess is about: that of another puzzle, where it failed too, or the recorded one."""
    own = material.own and not material.right_at(SETTLES.name)
    return SETTLES.name if own else FEATURES.name


def _own(material: Material) -> str:
    """Of another puzzle, which stands alone on the stage."""
    at = material.right_at("settles")
    became = f"is right from step {at} on" if at else f"is not solved in {SETTLES.steps} steps"
    about = " (the guess is about the recorded one that failed)" * bool(at)
    return (
        f"This puzzle {became}{about}; in the very last of its thinking calls the scratchpad moved by "
        f"{100 * _moves(material, 'settles'):.0f} % of its length. Draw a map of its starts under More numbers."
    )


def _seen(material: Material) -> str:
    if material.own:
        return _own(material)
    return (
        f"In its very last thinking call the scratchpad of the solved run moved by {100 * _moves(material, 'settles'):.0f} % of its "
        f"length, that of the failed one by {100 * _moves(material, 'features'):.0f} %."
    )


def _more(material: Material) -> str:
    found = material.measured["basins"]
    return (
        f"The recorded puzzle that failed is not out of its reach: from {100 * found['solved']:.0f} % of "
        f"{len(found['at']) ** 2} starts it is solved (the map), and with its digits renamed, which to you is the same "
        f"puzzle, in {found['renamed']['solved']} of {found['renamed']['ways']} cases."
    )


SCENE = Scene(
    name="failure",
    title="Convergence, and failure",
    minutes=5,
    say="Most demonstrations end with the solved board. This one begins where it fails: ask what it looks like to think without getting anywhere.",
    takeaway="What fails mostly keeps moving; what is solved comes to rest.",
    words=(
        "A run that solves its puzzle comes to rest: the scratchpad hardly moves any more.",
        "A run that fails mostly does not rest on a wrong answer: it wanders on (a model on sizes it never saw can be "
        "otherwise: it sits still and is sure).",
        "And whether it gets there can hang on the numbers that its scratchpad begins with: other starts, other boards.",
    ),
    trials=(SETTLES, FEATURES),
    titles=("A puzzle that it solves", "A puzzle that it does not"),
    clock="steps",
    own_trials=(SETTLES,),
    todo=lambda material: (
        "Play it, and follow the curve under the board: how far the scratchpad moves."
        if material.own
        else "Play both, and follow the two curves under the boards: how far each scratchpad moves."
    ),
    guess=Guess(
        question="The failed run gets 32 steps. Does its scratchpad come to rest?",
        answer=lambda material: _RESTS if _moves(material, _failed(material)) < 0.1 else _WANDERS,
        options=("It comes to rest, on a wrong board", "It goes on moving"),
    ),
    seen=_seen,
    more=_more,
    figures=(
        Figure(
            draw=_figure,
            caption="The recorded puzzle that failed, from 289 starts: the usual one (the cross), and others shifted in "
            "two random directions; coloured by the board after 16 steps.",
            further=True,
        ),
    ),
    curves=("scratchpad moves",),
    compared=True,
    live=map_starts,
    live_further=True,
    marks=("wrong",),
    formally="""
$$r_t = \\frac{\\lVert z_t - z_{t-1}\\rVert}{\\lVert z_t\\rVert}$$

is the *residual* of the curve (`Trace.latent_residuals`); *t* counts the calls that think. The map starts from $z_0 + a u + b v$ with two random
directions *u*, *v* and *a*, *b* up to 3 (`lesson/basins.py`). Nothing guarantees that the recursion converges, and TRM's
training does not need it to: its gradient goes through a whole cycle, where HRM's relied on a fixed point
(arXiv 2510.04871).
""",
)
_RESTS, _WANDERS = SCENE.guess.options
