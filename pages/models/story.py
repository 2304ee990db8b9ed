"""The story that Home tells, in order: the published idea, what depth buys, where a tiny model made on a CPU fails,
and what pencil marks do about it. Every figure is a card's, or a published one."""

from __future__ import annotations

from pages.models.known import bundled_cards, result_of, share_of, size_of
from trm_core.record import published
from trm_core.record.published import ARC_1, MAZE, SUDOKU
from trm_core.record.trace import Trace

OURS, MARKS = "sudoku-9x9", "sudoku-marks"


def claim(trace: Trace) -> str:
    """What a visitor sees, in one line."""
    known = trace.checkpoint in bundled_cards()
    size = f" of {size_of(trace.checkpoint)} numbers" if known else ""
    return (
        f"A network{size} solves a Sudoku by improving its own answer, again and again. "
        "This is a recording of a real run."
    )


def idea() -> str:
    """What the published recursion is."""
    return (
        "**The published idea.** One small network fills in all cells at once, reads the puzzle, its own answer and its own "
        "notes again, and writes a better answer. It goes round like this up to 16 times; nobody tells it which cells "
        "are wrong. Published as the Tiny Recursive Model "
        "([arXiv 2510.04871](https://arxiv.org/abs/2510.04871)): "
        f"{published.said(published.TRM_MLP, SUDOKU)} of Sudoku-Extreme by the network that mixes cells by an MLP, and, by another "
        f"that mixes them by attention, {published.said(published.TRM_ATTENTION, MAZE)} of Maze-Hard and "
        f"{published.said(published.TRM_ATTENTION, ARC_1)} of ARC-AGI-1, each trained for its kind of puzzle alone."
    )


def depth() -> str:
    """What going round again buys."""
    exact = result_of(OURS, "mixed")["exact"]
    told = ", ".join(f"{100 * exact[at]:.0f} % after {at}" for at in ("2", "4", "8"))
    return (
        f"**What depth buys.** The model on this page has {size_of(OURS)} numbers. Of {result_of(OURS, 'mixed')['puzzles']:,} everyday "
        f"Sudokus that it never saw it solves {100 * exact['1']:.0f} % after one step, {told} and "
        f"{100 * exact['16']:.1f} % after all 16, without one number more."
    )


def failure() -> str:
    """Where a tiny one, made on a CPU, fails."""
    result = result_of(OURS, "extreme")
    return (
        f"**Where it fails.** It was trained by this project on a CPU, on easier puzzles. Of {result['puzzles']:,} Sudokus "
        f"of the hardest kind it solves {share_of(OURS, 'extreme')}; on the others it wanders on, and more steps seldom help."
    )


def marks() -> str:
    """What pencil marks do about it."""
    result = result_of(MARKS, "extreme")
    return (
        f"**What pencil marks do about it.** Another model, {size_of(MARKS)} numbers, and not the published recursion: what it "
        "writes are the digits still possible in each cell. It strikes, guesses, sees that it went wrong, and begins again. "
        f"Of the same {result['puzzles']:,} it solves {share_of(MARKS, 'extreme')}, in up to {result['most_steps']:,} steps until "
        "the rules accept its board."
    )


def table_words() -> str:
    """What the figures of the table are."""
    most = result_of(MARKS, "extreme")["most_steps"]
    return (
        "Share of puzzles solved exactly; others as published (arXiv 2510.04871, tables 4 and 5). TRM is two networks, one for "
        "Sudoku and one for mazes and ARC. Ours: on puzzles of the same kinds that no model saw in training; more in each "
        f"model's card (Model tab). With pencil marks it may take up to {most:,} steps, until the rules accept its board; the "
        "others take 16."
    )
