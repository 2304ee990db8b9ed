"""What a solve came to, in words a visitor understands. Everything is read off the trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trm_core.record.trace import Trace

MOST_NAMED = 3  # cells a sentence names before it says "and 3 more"


@dataclass(frozen=True)
class Verdict:
    solved: bool
    headline: str
    details: str


def verdict(trace: Trace) -> Verdict:
    """The outcome, why the solve ended, and how sure the model was."""
    effort = f"{_count(trace.steps, 'step')} and {_seconds(float(trace.seconds_S[-1]))} on {trace.device}"
    sure = f"the model was {100 * float(trace.halt_C[-1]):.0f}\u00a0% sure it was done"
    ended = {
        "the model halted": "The model stopped by itself",
        "the board obeys the rules": "It ended because the board obeys all rules",
        "out of steps": "It used all its steps",
        "stopped by hand": "It was stopped by hand",
    }.get(trace.stopped, trace.stopped)
    if trace.solved:
        judged = trace.domain.judge(trace.question_board, trace.final_board).words
        what = "" if judged == "solved" else f": {judged}"
        return Verdict(True, f"Solved in {effort}{what}.", f"{ended}; {sure}.")
    return Verdict(False, f"Not solved: {_faults(trace)}, after {effort}.", f"{ended}; {sure}.")


def outcome(trace: Trace) -> str:
    """The outcome in a few words, to stand beside those of other tries."""
    seconds = _seconds(float(trace.seconds_S[-1]))
    if trace.solved:
        return f"solved at step {trace.steps}, {seconds}"
    if trace.domain.ambiguous:
        return f"{_faults(trace)}; {_count(trace.steps, 'step')}, {seconds}"
    right = trace.right("steps")
    if right is None:
        return f"not solved in {_count(trace.steps, 'step')}, {seconds}"
    wrong = _count(int((~right[-1]).sum()), "cell")
    return f"{wrong} wrong after {_count(trace.steps, 'step')}, {seconds}"


def _faults(trace: Trace) -> str:
    domain, question_RC = trace.domain, trace.question_board
    right = trace.right("steps")
    # Where several answers may be right, the rules say what is wrong, not one of the answers.
    if right is not None and not domain.ambiguous:
        wrong = np.argwhere(~right[-1].reshape(trace.final_board.shape))
        named = ", ".join(f"row {r + 1} column {c + 1}" for r, c in wrong[:MOST_NAMED])
        more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
        return f"{_count(len(wrong), 'cell')} wrong ({named}{more})"
    return domain.judge(question_RC, trace.final_board).words


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
