"""Depth instead of size."""

from collections.abc import Mapping
from typing import Any

from pages.lesson.scene import Dial, Figure, Guess, Material, Scene
from pages.models.known import counted_on, parameters, result_of, share_of, size_of
from trm_core.domains.contract import in_words
from trm_core.figures.lesson import sizes_figure
from trm_core.figures.shares import shares_figure
from trm_core.lesson.examples import settled_by
from trm_core.lesson.trials import UNSEEN
from trm_core.record import published
from trm_core.record.published import ARC_1, MAZE, SUDOKU

LINES = {
    "unseen 6x6": "taught 4×4 alone, asked 6×6",
    "direct": "taught 6×6, answers once, without recursion",
}
OTHERS = {
    "unseen 9x9": "taught 4×4 and 6×6, asked 9×9",
    "recursion": "taught 6×6, with recursion",
    "two networks": "taught 6×6, two networks in turns, as in HRM",
    "direct": LINES["direct"],
}


CARDS = ("sudoku-6x6-direct", "sudoku-6x6", "sudoku-6x6-hrm")


def _right(material: Material, name: str) -> list[float]:
    """The share that is right after 1, 2, ... steps."""
    return material.measured["depths"][name]["right"]


def _figure(material: Material, dark: bool) -> object:
    guess = material.guess
    points = [] if guess is None else [("your guess", 32, guess / 100)]
    return _by_steps(material, LINES, dark, at=material.at + 1, points=points)


def _others(material: Material, dark: bool) -> object:
    return _by_steps(material, OTHERS, dark)


def _by_steps(material: Material, chosen: Mapping[str, str], dark: bool, **marks: Any) -> object:
    lines = [
        (words, list(range(1, len(right) + 1)), right)
        for words, right in ((words, _right(material, name)) for name, words in chosen.items())
    ]
    return shares_figure(
        lines, "supervision steps it may take", up="solved", dark=dark, log=True, **marks
    )


def _sizes(material: Material, dark: bool) -> object:
    own = {
        "ours, any size": float(parameters("sudoku-any-4x4")),
        "ours, 6×6": float(parameters("sudoku-6x6")),
    }
    hrm = {"HRM": published.parameters(published.HRM)}
    small = {"TRM": published.parameters(published.TRM_ATTENTION)} | hrm
    large = {"DeepSeek-R1": published.parameters(published.DEEPSEEK)} | hrm
    return sizes_figure([own | small, large], dark=dark)


def _table() -> str:
    """What is published, as Markdown."""
    lines = [f"| | parameters | {SUDOKU} | {MAZE} | {ARC_1} |", "| --- " * 5 + "|"]
    for model in (
        published.TRM_MLP,
        published.TRM_ATTENTION,
        published.HRM,
        published.DIRECT,
        published.DEEPSEEK,
    ):
        shares = " | ".join(published.said(model, each) for each in (SUDOKU, MAZE, ARC_1))
        lines.append(f"| {model} | {in_words(published.parameters(model))} | {shares} |")
    shares = " | ".join(published.said(published.O3_MINI, each) for each in (SUDOKU, MAZE, ARC_1))
    return "\n".join([*lines, f"| {published.O3_MINI} | not published | {shares} |", ""])


def _answer(material: Material) -> int:
    return round(100 * _right(material, "unseen 6x6")[31])


def _seen(material: Material) -> str:
    small = _right(material, "unseen 6x6")
    return f"{_here(material)}Of 200 such puzzles it solves {100 * small[0]:.0f} % with one step and {100 * small[31]:.0f} % with 32, nearly all of these by step {settled_by(small)}."


def _more(material: Material) -> str:
    direct = _right(material, "direct")
    whole, two = _right(material, "recursion"), _right(material, "two networks")
    return (
        f"({counted_on('sudoku-any-4x4', '6x6')}.) "
        f"Taught on 6×6 "
        f"itself, a network of {size_of(CARDS[0])} numbers solves {100 * direct[0]:.0f} % when it may answer once and "
        f"{100 * whole[15]:.0f} % when it may call itself again and again: that is what recursion buys, without "
        f"one more weight. Two networks taking turns, as in HRM, have twice as many and solve {100 * two[15]:.0f} %: less is more. "
        f"(Their cards, of {result_of(CARDS[0], 'minimal')['puzzles']:,} each within 16 steps: "
        f"{', '.join(share_of(name, 'minimal') for name in CARDS)}.)"
    )


def _here(material: Material) -> str:
    """What became of the puzzle on the board, and whether the model knew."""
    trace, at = material.runs["unseen"], material.right_at("unseen")
    words = (
        f"Here all is right from step {at} on. "
        if at
        else f"Here it is not all right within {trace.steps} steps. "
    )
    said = material.said_done_at("unseen")
    if said and (not at or said < at):
        words += f"It said that it was done at step {said} already: on a size it never saw, its word is worth little. "
    return words


def _turned(material: Material, place: int) -> str:
    at = material.right_at("unseen")
    puzzle = f"right from step {at} on" if at else "not right within 32 steps"
    told = "; ".join(
        f"{words}: {100 * _right(material, name)[place]:.0f} %" for name, words in LINES.items()
    )
    return f"Solved: {told}. The puzzle on the board is {puzzle}."


SCENE = Scene(
    name="depth",
    title="Depth instead of size",
    minutes=5,
    say="It was taught on 4 × 4 alone. Ask whether a larger board needs a larger network, or only more time.",
    takeaway="Thinking longer can do what a larger network would be wanted for.",
    words=(
        "This model has 20 thousand numbers and was taught for half a minute, on 4 × 4 boards alone.",
        "Here it meets a 6 × 6 board, a size it never saw.",
        "It cannot grow, but it can go on thinking: up to 32 steps, where a 4 × 4 takes one.",
    ),
    trials=(UNSEEN,),
    clock="steps",
    todo="Play it, then turn the dial below: what would fewer steps have bought, and what do more?",
    guess=Guess(
        question="How many of 100 such 6 × 6 puzzles does it solve within 32 steps?",
        answer=_answer,
        low=0,
        high=100,
        unit="of 100",
    ),
    seen=_seen,
    more=_more,
    decisive=lambda material: material.right_at("unseen"),
    figures=(
        Figure(
            draw=_figure,
            caption="Solved of 200 such 6×6 puzzles, by the number of steps: by this small model, which never saw a 6×6; and "
            "by a larger one that was taught on them but may answer only once.",
        ),
        Figure(
            draw=_others,
            caption="The same for a 9×9 that was never taught, and for 6×6 with recursion, with two networks in turns, and "
            "without recursion, once each. The network asked once had as much computing in training as the one that calls "
            "itself, the two networks had as many updates.",
            further=True,
        ),
        Figure(
            draw=_sizes,
            caption="Numbers in each model, as areas: ours; TRM, the published model of this kind; HRM, its ancestor of two "
            "networks; and, to another scale in which HRM is a dot, a language model. How many another one, o3-mini, has is not "
            "published. What each solves stands under Formally.",
            further=True,
        ),
    ),
    curves=("cells right", "says it is done"),
    dial=Dial(
        label="Steps it may take",
        places=tuple(str(steps) for steps in range(1, 65)),
        first=15,
        words=_turned,
    ),
    formally="""
The effective depth is $T(n+1)\\cdot n_\\text{layers}\\cdot N_\\text{sup}$: here 2 · 3 · 2 · 32 = 384 layers from a network of
two. A state for every (digit, cell) pair, which hears its row, column and box, lets the same weights run on every board, if not solve it
(`network/units.py`): so much of Sudoku is built into this small model, and not into the 6×6 one. The curves are
`lesson/depths.py`; direct prediction is the recipe `sudoku-6x6-direct`: $\\hat y = f_O(f(x))$, once; two networks are `sudoku-6x6-hrm`, $f_L$ for
z and $f_H$ for y, with gradient through the last call of each, no more. *Inspect* asks all three any set of 6×6 puzzles.

"""
    + _table()
    + """
TRM, HRM and direct prediction were trained for each kind of puzzle alone; the language models are general, and were merely
asked. ARC-AGI-1: two tries a task.
""",
    sources="The table: arXiv 2510.04871, tables 4 and 5; DeepSeek-R1's size: arXiv 2412.19437. Our curves: measured by "
    "the command lesson.",
)
