"""Depth instead of size."""

from pages.shared import caches
from pages.shared.scene import Guess, Material, Scene
from trm_core.figures.lesson import shares_figure, sizes_figure
from trm_core.lesson.trials import UNSEEN

# As published; the third by its maker's word, where it says one.
PUBLISHED = {"TRM": 7e6, "HRM": 27e6, "DeepSeek-R1": 671e9}


def _shares(checkpoint_name: str, domain_name: str) -> dict[int, float]:
    """Exact answers by supervision step, as the card says of puzzles of that size."""
    [result] = caches.cards()[checkpoint_name].results_on(domain_name)
    return {int(step): share for step, share in result["exact"].items()}


def _figure(material: Material, dark: bool) -> object:
    lines = [
        ("taught 4×4, asked 6×6", "sudoku-any-4x4", "sudoku-6x6"),
        ("taught 4×4 and 6×6, asked 9×9", "sudoku-any", "sudoku-9x9"),
    ]
    measured = [(words, _shares(name, size)) for words, name, size in lines]
    return shares_figure(
        [(words, list(shares), list(shares.values())) for words, shares in measured],
        "supervision steps it may take",
        dark=dark,
        log=True,
    )


def _sizes(material: Material, dark: bool) -> object:
    own = {"this model": float(caches.parameters("sudoku-any-4x4"))}
    return sizes_figure(own | PUBLISHED, dark=dark)


def _answer(material: Material) -> int:
    return round(100 * list(_shares("sudoku-any-4x4", "sudoku-6x6").values())[-1])


def _seen(material: Material) -> str:
    small, large = _shares("sudoku-any-4x4", "sudoku-6x6"), _shares("sudoku-any", "sudoku-9x9")
    return (
        f"Right after the first step: {100 * small[1]:.0f} % of 1,000 puzzles; after 32 steps: "
        f"{100 * small[32]:.0f} %. A sister that was also taught 6×6 solves {100 * large[1]:.0f} % of 200 mixed "
        f"9×9 puzzles after one step and {100 * large[32]:.0f} % after 32. Thinking longer stands in for size."
    )


SCENE = Scene(
    name="depth",
    title="Depth instead of size",
    words=(
        "This model has 20 thousand numbers and was taught for half a minute, on 4 × 4 boards alone.",
        "Here it meets a 6 × 6 board, a size it never saw.",
        "It cannot grow, but it can go on thinking: up to 32 steps instead of the one that a 4 × 4 takes.",
    ),
    trials=(UNSEEN,),
    clock="steps",
    todo="Watch how long it wanders before it finds the answer.",
    guess=Guess(
        question="How many of 100 such 6 × 6 puzzles does it solve within 32 steps?",
        answer=_answer,
        low=0,
        high=100,
        unit="of 100",
    ),
    seen=_seen,
    figures=(_figure, _sizes),
    captions=(
        "Solved by the number of steps, on sizes that the model was never taught (from the models' cards).",
        "Numbers in each model, as areas of one scale: beside the large one the others are dots.",
    ),
    formally="""
The effective depth is $T(n+1)\\cdot n_\\text{layers}\\cdot N_\\text{sup}$: here 2 · 3 · 2 · 32 = 384 layers from a network of
two. A state for every (digit, cell) pair makes the same weights fit every board (`network/units.py`).

| | parameters | Sudoku-Extreme | Maze-Hard | ARC-AGI-1 |
| --- | --- | --- | --- | --- |
| TRM | 5 to 7 million | 87.4 % | 85.3 % | 44.6 % |
| HRM | 27 million | 55.0 % | 74.5 % | 40.3 % |
| direct prediction | 27 million | 0.0 % | 0.0 % | 21.0 % |
| DeepSeek-R1 | 671 billion | 0.0 % | 0.0 % | 15.8 % |
| o3-mini-high | not published | 0.0 % | 0.0 % | 34.5 % |
""",
    sources="The table: arXiv 2510.04871, tables 4 and 5. The figures of ours: their cards.",
)
