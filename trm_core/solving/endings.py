"""When a solve ends, and which answer wins: said here once, for the app, evaluation and training."""

from __future__ import annotations

from typing import Any

import numpy as np

from trm_core.record.trace import HALTED, OUT_OF_STEPS, RULES, STOPPED


def is_over(stop: str, steps: Any, most_steps: int, says_done: Any, solved: Any) -> Any:
    """Whether a solve ends after a step; for one solve, or for arrays or tensors of them.

    It ends after `most_steps`; with `stop` "halt" as soon as the model says it is done, with
    "rules" as soon as the rules call its answer solved, with "steps" never earlier.
    """
    over = steps >= most_steps
    if stop == "halt":
        return over | says_done
    return over | solved if stop == "rules" else over


def reason(stop: str, steps: int, most_steps: int, says_done: bool, solved: bool) -> str:
    """Why a solve that is over has ended: one of the codes of `trm_core.record.trace`."""
    if stop == "halt" and says_done:
        return HALTED
    if stop == "rules" and solved:
        return RULES
    return OUT_OF_STEPS if steps >= most_steps else STOPPED


def seed_of_way(seed: int, way: int) -> int:
    """Of what one way of asking draws at random; the first one's is the seed itself, so that with
    seed 0 it begins without chance."""
    return int(np.random.SeedSequence([seed, way]).generate_state(1)[0]) if way else seed


def best_way(solved_K: Any, halt_K: Any, steps_K: Any) -> int:
    """Of several answers to one question, the one that wins: one that the rules accept, else the
    one its model is surest of (`halt_K`: any measure that grows with it), then the quickest."""
    # Of equals, max takes the first.
    return max(range(len(solved_K)), key=lambda k: (solved_K[k], halt_K[k], -steps_K[k]))
