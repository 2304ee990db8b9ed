"""What one frame of a solve shows, in one sentence: what is said while the animation stands there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trm_core.domains import counted
from trm_core.record.trace import Trace

QUESTION = "The puzzle: the model has not written anything yet."
_UNIT = {"cycles": "cycle", "calls": "call"}
_GOES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def told_frames(trace: Trace, clock: str) -> list[str]:
    """A sentence for every frame of a clock; frame 0 is the question."""
    blank_L = ~trace.domain.given(trace.question_board).reshape(-1)
    cycle_F = trace.cycle_of(trace.ticks(clock))
    changed_F = trace.changed(clock)[:, blank_L].sum(1)
    moved_F, sure_F = trace.latent_residuals(clock), sureness(trace, clock)
    broken_F = broken_counts(trace, "cycles")  # while it thinks, its answer stands still
    sentences = [QUESTION]
    for i in range(1, len(cycle_F)):
        cycle = int(cycle_F[i])
        if cycle == cycle_F[i - 1]:
            what = f"it thinks, its scratchpad moves by {100 * moved_F[i]:.0f} %"
        elif trace.candidates_SNL is not None and (cycle + 1) % trace.cycles == 0:
            what = _marks(trace, (cycle + 1) // trace.cycles - 1)
        else:
            changed = "its first answer" if cycle_F[i - 1] < 0 else _changed(int(changed_F[i]))
            rules = int(broken_F[cycle + 1])
            broken = [f"{counted(rules, 'rule')} broken"] * bool(rules)
            what = ", ".join([changed, *broken, f"{100 * sure_F[i]:.0f} % sure of its cells"])
        sentences.append(f"{when(trace, clock, i)}: {what}.")
    return sentences


def when(trace: Trace, clock: str, frame: int) -> str:
    """The moment of a frame in the clock's own count, with the step it belongs to."""
    if clock == "steps":
        return f"Step {frame} of {trace.steps}"
    per_step = trace.cycles * (1 if clock == "cycles" else trace.latent_updates + 1)
    if per_step == 1:  # there is nothing to tell apart
        return f"Step {frame} of {trace.steps}"
    step, within = divmod(frame - 1, per_step)
    return f"Step {step + 1} of {trace.steps}, {_UNIT[clock]} {within + 1} of {per_step}"


def broken_counts(trace: Trace, clock: str) -> np.ndarray:
    """How many rules the board breaks at every frame, givens kept as they are, (F,) int."""
    rules = trace.domain.rules
    return np.array([len(rules.violations(board_RC)) for board_RC in shown_boards(trace, clock)])


def shown_boards(trace: Trace, clock: str) -> np.ndarray:
    """The board at every frame, (F, R, C): what the model wrote, but for the givens, which stay."""
    domain, question_RC = trace.domain, trace.question_board
    return np.where(domain.given(question_RC), question_RC, domain.board(trace.answers(clock)))


def sureness(trace: Trace, clock: str) -> np.ndarray:
    """The mean probability of what stands in the cells that are not given, (F,); NaN before
    anything is written. A complete grid has no such cell: then all count."""
    blank_L = ~trace.domain.given(trace.question_board).reshape(-1)
    counted_L = blank_L if blank_L.any() else ~blank_L
    sure_F = trace.confidences(clock)[:, counted_L].astype(np.float32).mean(1)
    sure_F[trace.cycle_of(trace.ticks(clock)) < 0] = np.nan
    return sure_F


def named_cells(cells: Sequence[Sequence[int]], most: int) -> str:
    """Cells by row and column, counted from 1, and how many more there are than `most`."""
    named = ", ".join(f"row {r + 1} column {c + 1}" for r, c in cells[:most])
    return named + (f" and {len(cells) - most} more" if len(cells) > most else "")


def go_words(go: int) -> str:
    """A go by its number, from 0 on: "first go", "go 12"."""
    return f"{_GOES[go]} go" if go < len(_GOES) else f"go {go + 1}"


def _changed(cells: int) -> str:
    return f"{counted(cells, 'cell')} changed" if cells else "nothing changed"


def _marks(trace: Trace, step: int) -> str:
    """What a step did to the pencil marks."""
    now_NL = trace.candidates_SNL[step]
    guesses = int(trace.pinned_SNL[step].any(0).sum())
    go = go_words(int(trace.go_S[step]))
    if trace.dead_S[step]:
        return f"{go}, a contradiction: it takes everything back to the givens"
    open_cells = int((now_NL.sum(0) > 1).sum())
    parts = [go]
    if guesses:
        parts.append(f"it pins {counted(guesses, 'cell')}")
    if open_cells and step == trace.steps - 1 and trace.solved:
        parts.append(
            f"{counted(open_cells, 'cell')} filled with the likeliest mark: all rules are obeyed"
        )
    else:
        parts.append(
            f"{counted(open_cells, 'cell')} still open" if open_cells else "no cell is open"
        )
    return ", ".join(parts)
