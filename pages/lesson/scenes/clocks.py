"""One call, one cycle, one step."""

from pages.lesson.scene import Figure, Guess, Material, Scene
from trm_core.figures.lesson import loop_figure
from trm_core.lesson.trials import CLOCKS


def _calls(material: Material) -> int:
    trace = material.runs["clocks"]
    return trace.cycles * (trace.latent_updates + 1)


def _seen(material: Material) -> str:
    trace = material.runs["clocks"]
    n, cycles = trace.latent_updates, trace.cycles
    return (
        f"This model thinks {n} times and writes once, {cycles} times a step: {_calls(material)} calls of the "
        f"same small network. Here it took {trace.steps} steps, {len(trace.residual_K)} calls in all."
    )


SCENE = Scene(
    name="clocks",
    title="One call, one cycle, one step",
    minutes=5,
    say="All that you will see is one small network, called again and again. Count the calls aloud.",
    takeaway="One small network does all the work, called again and again.",
    words=(
        "There is only <b>one</b> small network, and it is called again and again.",
        "Some calls <b>think</b>: they change the scratchpad <b>z</b>, and the board stands still.",
        "After two thinking calls one <b>writes</b>: a new answer y from y and z. That is a cycle; two cycles are a step.",
    ),
    trials=(CLOCKS,),
    clock="calls",
    todo="Press the arrow keys: one network call at a time. The diagram shows which one it was.",
    guess=Guess(
        question="How many network calls are in one step of this small model?",
        answer=_calls,
        low=1,
        high=24,
        unit="calls",
    ),
    seen=_seen,
    decisive=lambda material: 1,
    figures=(
        Figure(
            draw=lambda material, dark: loop_figure(material.runs["clocks"], dark=dark),
            caption="The recursion as a loop; the arrows of the last call are lit. f is the network.",
        ),
    ),
    aside=True,
    formally="""
$$z \\leftarrow f(x + y + z)\\ \\ (n\\ \\text{times}), \\qquad y \\leftarrow f(y + z)\\ \\ (\\text{once}), \\qquad \\text{all of it}\\ T\\ \\text{times}$$

Published: *T* = 3, and *n* = 6 for Sudoku (21 calls a step), 4 for mazes and ARC; this model has *n* = *T* = 2. The whole recursion is
`TinyRecursiveModel._recurse` and `_call`, written once for training, evaluation and this page
(`latent_recursion` in the pseudocode of arXiv 2510.04871).
""",
)
