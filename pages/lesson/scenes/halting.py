"""When to stop."""

from pages.lesson.scene import Figure, Guess, Material, Scene
from trm_core.domains import counted
from trm_core.figures.shares import bars_figure, shares_figure
from trm_core.lesson.trials import PREMATURE

_MODELS = {"sudoku-6x6": "6×6", "sudoku-9x9": "9×9"}


def _figure(material: Material, dark: bool) -> object:
    lines = []
    for name, words in _MODELS.items():
        bins = material.measured["halting"][name]["reliability"]
        lines.append((words, [b["said"] for b in bins], [b["right"] for b in bins]))
    return shares_figure(
        lines,
        "how sure it said it was that all is right",
        up="how often all was right",
        dark=dark,
        diagonal=True,
    )


def _answer(material: Material) -> int:
    counts = material.measured["halting"]["sudoku-9x9"]["lateness"]
    return int(counts["too early"] + counts["wrong"])


def _here(material: Material) -> str:
    """When the model called the board on the stage done, and whether it was."""
    trace, at = material.runs[PREMATURE.name], material.right_at(PREMATURE.name)
    first = material.said_done_at(PREMATURE.name)
    if not first:
        return "Here it never says that it is done. "
    wrong = int((~trace.right("steps")[first]).sum())
    if not wrong:
        return f"Here it says so first at step {first}, and all is right then. "
    later = f"all is right from step {at} on" if at else "it is not right in the end either"
    return f"Here it says so first at step {first}, with {counted(wrong, 'cell')} still wrong; {later}. "


def _seen(material: Material) -> str:
    return f"{_here(material)}Of 200 puzzles, it first says so on a wrong board on {_answer(material)}."


def _more(material: Material) -> str:
    table = material.measured["halting"]["sudoku-9x9"]
    return (
        f"Stopped as soon as it says more than 50 %, on {table['set']}, it would take {table['mean_stop']:.1f} steps instead of "
        f"{table['steps']}, on average."
    )


def _counts(material: Material, dark: bool) -> object:
    counts = material.measured["halting"]["sudoku-9x9"]["lateness"]
    return bars_figure({words: counts[name] for name, words in _KINDS.items()}, dark=dark)


_KINDS = {
    "in time": "at the first right board",
    "late": "some steps after it",
    "too early": "too early: it becomes right later",
    "wrong": "on a board that stays wrong",
    "never": "it never says so",
}


SCENE = Scene(
    name="halting",
    title="When to stop",
    minutes=4,
    say="It says by itself when it is done. Ask when you would believe it.",
    takeaway="It knows when it is done, mostly; not always.",
    words=(
        "After every step the network gives one number more: is it done?",
        "That is not how sure it is of each digit: it was taught to say how likely it is that <b>every</b> cell is right.",
        "Stopping at its word (where it says more than 50 %) saves work; stopping too early costs the answer.",
    ),
    trials=(PREMATURE,),
    clock="steps",
    todo="Compare the last curve (says it is done) with the first one (cells right).",
    guess=Guess(
        question="Of 200 puzzles, on how many does it first say that it is done while the board is still wrong?",
        answer=_answer,
        low=0,
        high=50,
        unit="of 200",
    ),
    seen=_seen,
    more=_more,
    decisive=lambda material: material.said_done_at(PREMATURE.name),
    figures=(
        Figure(draw=_counts, caption="When it first says that it is done, of 200 puzzles."),
        Figure(
            draw=_figure,
            caption="What it said against how often that was true, over all steps of all puzzles. On the dotted line "
            "it would be right exactly as often as it says.",
            further=True,
        ),
    ),
    curves=("cells right", "says it is done"),
    formally="""
$$q = f_Q(y),\\qquad \\mathcal L_\\text{halt} = \\mathrm{BCE}\\big(q,\\ [\\hat y = y_\\text{true}]\\big),\\qquad \\text{stop when } q > 0$$

`TinyRecursiveModel.halt`; the loss is `training/loss.py`. In training a puzzle leaves when *q* > 0; the published evaluation then gives every puzzle all 16 steps, and leaves *q* aside. So does
`lesson/halting.py`, which notes what stopping would have come to.
""",
)
