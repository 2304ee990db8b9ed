"""What a solve came to, in words a visitor understands. Everything is read off the trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trm_core.domains import counted
from trm_core.record.telling import named_cells
from trm_core.record.trace import HALTED, OUT_OF_STEPS, RULES, STOPPED, Trace

MOST_NAMED = 3  # cells a sentence names before it says "and 3 more"


# Why a solve ended, in words.
ENDED = {
    HALTED: "The model stopped by itself",
    RULES: "It ended because the board obeys all rules",
    OUT_OF_STEPS: "It used all its steps",
    STOPPED: "It was stopped by hand",
}


@dataclass(frozen=True)
class Verdict:
    solved: bool
    headline: str
    details: str


def verdict(trace: Trace) -> Verdict:
    """The outcome, why the solve ended, and how sure the model was."""
    steps, seconds = counted(trace.steps, "step"), _seconds(float(trace.seconds_S[-1]))
    effort = f"{steps} and {seconds} on {trace.device}"
    sure = f"the model was {100 * float(trace.halt_C[-1]):.0f}\u00a0% sure it was done"
    details = f"{ENDED[trace.stopped]}; {sure}."
    if trace.interventions:
        details += f" It was interfered with: {', '.join(trace.interventions)}."
    judged = trace.judgement
    if trace.takes_back and judged.solved:
        times = "once" if trace.takes_back == 1 else f"{trace.takes_back} times"
        details += f" It had guessed wrongly {times} and took it back."
    elif trace.takes_back:
        details += f" It was tried {trace.takes_back + 1} times, from the givens each time."
    if judged.solved:
        what = "" if judged.words == "solved" else f": {judged.words}"
        return Verdict(True, f"Solved in {effort}{what}.", details)
    return Verdict(False, f"Not solved: {_faults(trace)}, after {effort}.", details)


def outcome(trace: Trace) -> str:
    """The outcome in a few words, to stand beside those of other tries."""
    seconds = _seconds(float(trace.seconds_S[-1]))
    if trace.solved:
        return f"solved at step {trace.steps}, {seconds}"
    if trace.domain.rules.ambiguous:
        return f"{_faults(trace)}; {counted(trace.steps, 'step')}, {seconds}"
    right = trace.right("steps")
    if right is None:
        return f"not solved in {counted(trace.steps, 'step')}, {seconds}"
    wrong = counted(int((~right[-1]).sum()), "cell")
    return f"{wrong} wrong after {counted(trace.steps, 'step')}, {seconds}"


def _faults(trace: Trace) -> str:
    domain = trace.domain
    right = trace.right("steps")
    # Where several answers may be right, the rules say what is wrong, not one of the answers.
    if right is not None and not domain.rules.ambiguous:
        wrong = np.argwhere(~right[-1].reshape(trace.final_board.shape))
        return f"{counted(len(wrong), 'cell')} wrong ({named_cells(wrong, MOST_NAMED)})"
    return trace.judgement.words


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
