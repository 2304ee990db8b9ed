"""Rescue: what brings puzzles back that a model failed: more steps, other ways, noise, another model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from trm_core.domains import Domain, Pairs
from trm_core.measuring.evaluate import (
    Evaluation,
    VoteEvaluation,
    evaluate_goes,
    evaluate_votes,
    examine,
)
from trm_core.network.model import TinyRecursiveModel
from trm_core.record.slices import wilson_interval

LONGER, WAYS, NOISE = 4, 8, 0.3  # times as many steps; ways to ask; noise on y in all but the first
MOST_STEPS, MARKS_STEPS = 1024, 256
AT_ONCE = 16  # puzzles in a step, so that others wait no longer for their turn


@dataclass(frozen=True)
class Rescue:
    """What one remedy came to."""

    name: str
    words: str
    puzzles: int
    solved: int
    calls: float  # network calls a puzzle, on average, all its ways together
    numbers: int  # parameters of the network that is called

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of the share that is solved."""
        return wilson_interval(self.solved / self.puzzles if self.puzzles else 0.0, self.puzzles)


def rescues(
    model: TinyRecursiveModel,
    domain: Domain,
    pairs: Pairs,
    steps: int,
    marks: Callable[[], TinyRecursiveModel] | None = None,
    check: Callable[[], None] = lambda: None,
) -> list[Callable[[], Rescue]]:
    """Every remedy for these puzzles, which a model failed within so many steps, to be called one after the other;
    they work behind whatever people wait for. Solves end where the rules are obeyed, so the first remedy is only that: as many
    steps, ended so. Then four times the steps; eight ways (goes at once, where it makes pencil marks); the same
    with noise; and the model with pencil marks that `marks` loads, where there is one. `check` is called after
    every step, and may raise to end it all."""
    penciled = model.marks(model.start(1).y_BMD) is not None
    more = min(MOST_STEPS, LONGER * steps)
    told = f"as before, up to {steps} steps, but ended where the rules are obeyed"
    longer = partial(_longer, domain=domain, pairs=pairs, check=check)
    ways = partial(_ways, model=model, domain=domain, pairs=pairs, steps=steps, check=check)
    found: list[Callable[[], Rescue]] = [
        partial(longer, "end by the rules", told, lambda: model, steps=steps)
    ]
    if more > steps:
        found.append(
            partial(longer, "think longer", f"up to {more} steps", lambda: model, steps=more)
        )
    if penciled:
        found.append(
            partial(ways, "several ways", f"{WAYS} goes at once", ask=evaluate_goes, goes=WAYS)
        )
        return found
    ways = partial(ways, ask=evaluate_votes, votes=WAYS)
    words = f"asked {WAYS} ways, turned and renamed"
    found.append(partial(ways, "several ways", words, noise=0.0))
    words = f"the same {WAYS} ways, with noise on y in all but the first"
    found.append(partial(ways, "other starts", words, noise=NOISE))
    if marks is not None:
        words = f"another model, up to {MARKS_STEPS} steps of guessing and taking back"
        found.append(partial(longer, "pencil marks", words, marks, steps=MARKS_STEPS))
    return found


def _longer(
    name: str,
    words: str,
    load: Callable[[], TinyRecursiveModel],
    *,
    domain: Domain,
    pairs: Pairs,
    steps: int,
    check: Callable[[], None],
) -> Rescue:
    model = load()
    outcomes = examine(
        model,
        domain,
        pairs,
        lambda done: check(),
        most_steps=steps,
        stop="rules",
        capacity=AT_ONCE,
        background=True,
    )
    calls = Evaluation.of(outcomes, 1.0).spent[steps] * model.config.calls_per_step
    solved = int(outcomes.solved_N.sum())
    return Rescue(name, words, len(pairs), solved, calls, model.parameter_count)


def _ways(
    name: str,
    words: str,
    *,
    model: TinyRecursiveModel,
    domain: Domain,
    pairs: Pairs,
    steps: int,
    check: Callable[[], None],
    ask: Callable[..., VoteEvaluation],
    **asked: Any,
) -> Rescue:
    found = ask(
        model,
        domain,
        pairs,
        most_steps=steps,
        capacity=AT_ONCE,
        background=True,
        check=check,
        **asked,
    )
    calls = found.spent[WAYS] * model.config.calls_per_step
    solved = round(found.solved[WAYS] * len(pairs))
    return Rescue(name, words, len(pairs), solved, calls, model.parameter_count)
