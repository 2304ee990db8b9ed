"""What others have published: one table, from which every page and README take these figures.

Percentages are of puzzles solved exactly; for ARC, of tasks with one of two guesses right.
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER = "arXiv 2510.04871"
SUDOKU, MAZE, ARC_1, ARC_2 = "Sudoku-Extreme", "Maze-Hard", "ARC-AGI-1", "ARC-AGI-2"
# Models of the table; of TRM two variants: what mixes the cells is an MLP, or attention.
TRM_MLP, TRM_ATTENTION, HRM, DIRECT = "TRM (MLP)", "TRM (attention)", "HRM", "direct prediction"
O3_MINI, DEEPSEEK, CLAUDE, GEMINI = "o3-mini-high", "DeepSeek-R1", "Claude 3.7", "Gemini 2.5 Pro"
RSM = "RSM"  # a layer of TRM (MLP) whose depth grows while it learns
ONE_STATE = "TRM (MLP), one state instead of y and z"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One published result."""

    model: str
    set: str
    percent: float
    parameters: float | None = None  # numbers in the model, where somebody says how many
    # Floating-point operations a puzzle, as our own count (`measuring.throughput.step_work`) has them for that shape:
    # 16 supervision steps of 21 network calls.
    operations: float | None = None
    source: str = f"{PAPER}, tables 4 and 5"

    @property
    def words(self) -> str:
        return f"{self.percent:.1f} %"


def _row(model: str, parameters: float | None, **percents: float) -> list[Figure]:
    sets = {"sudoku": SUDOKU, "maze": MAZE, "arc1": ARC_1, "arc2": ARC_2}
    return [
        Figure(model=model, set=sets[name], percent=percent, parameters=parameters)
        for name, percent in percents.items()
    ]


PUBLISHED: tuple[Figure, ...] = (
    Figure(model=TRM_MLP, set=SUDOKU, percent=87.4, parameters=5e6, operations=410e9),
    Figure(model=TRM_ATTENTION, set=SUDOKU, percent=74.7, parameters=7e6, operations=457e9),
    *_row(TRM_ATTENTION, 7e6, maze=85.3, arc1=44.6, arc2=7.8),
    *_row(HRM, 27e6, sudoku=55.0, maze=74.5, arc1=40.3, arc2=5.0),
    *_row(DIRECT, 27e6, sudoku=0.0, maze=0.0, arc1=21.0, arc2=0.0),
    *_row(DEEPSEEK, 671e9, sudoku=0.0, maze=0.0, arc1=15.8, arc2=1.3),
    *_row(CLAUDE, None, sudoku=0.0, maze=0.0, arc1=28.6, arc2=0.7),
    *_row(O3_MINI, None, sudoku=0.0, maze=0.0, arc1=34.5, arc2=3.0),
    *_row(GEMINI, None, arc1=37.0, arc2=4.9),
    Figure(
        model=RSM,
        set=SUDOKU,
        percent=97.5,
        parameters=2.5e6,
        source="arXiv 2603.15641, with more depth than it learnt with",
    ),
    Figure(
        model=ONE_STATE, set=SUDOKU, percent=71.9, source=f"{PAPER}, ablations on Sudoku-Extreme"
    ),
)


def figure(model: str, set: str) -> Figure:
    """The published result of a model on a set. Raises `KeyError` where there is none."""
    for found in PUBLISHED:
        if (found.model, found.set) == (model, set):
            return found
    raise KeyError(f"nothing is published of {model} on {set}")


def said(model: str, set: str) -> str:
    """The same in words, such as "87.4 %"; a dash where nothing is published."""
    return next((f.words for f in PUBLISHED if (f.model, f.set) == (model, set)), "–")


def parameters(model: str) -> float:
    """Numbers in a published model, where somebody says how many. Raises `KeyError` where nobody does."""
    known = [f.parameters for f in PUBLISHED if f.model == model and f.parameters is not None]
    if not known:
        raise KeyError(f"nobody says how large {model} is")
    return known[0]
