"""Taking away what a model carries from step to step, to see what it is for.

Each is an intervention on a solve that is otherwise the usual one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from trm_core.domains import Domain, Pairs, PuzzleError
from trm_core.lesson.trials import ABLATIONS, WOUNDED, Trial
from trm_core.lesson.wounds import torn
from trm_core.network.interventions import FreezeLatent, HideQuestion, Intervention, Noise, Reset
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Slots
from trm_core.record.inside import Inside
from trm_core.record.trace import Trace
from trm_core.solving.inside import look_inside
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights import checkpoint


def solver_for(trial: Trial) -> Solver:
    """A solver with the trial's model, sized for its puzzle."""
    asked = trial.asked
    model, card = checkpoint.load(checkpoint.find(trial.checkpoint), asked=asked)
    return Solver(model, asked, checkpoint=card.name)


def run_trial(
    trial: Trial,
    solver: Solver,
    question_RC: np.ndarray | None = None,
    solution_RC: np.ndarray | None = None,
) -> Trace:
    """What becomes of a trial, with its own puzzle or another of the same size."""
    chosen = trial.asked
    if question_RC is None:
        question_RC = chosen.parse(trial.puzzle)
    if solution_RC is None:
        found = chosen.rules.solutions(question_RC, limit=2)
        solution_RC = found[0] if len(found) == 1 else None
    settings = Settings(steps=trial.steps, stop=trial.stop)
    done = _done_to(trial, solver.model, question_RC)
    return solver.solve(question_RC, settings, solution_RC, interventions=done).trace


def opened(
    trial: Trial, solver: Solver, question_RC: np.ndarray, cell: int, ticks_F: Sequence[int]
) -> Inside:
    """One cell of a trial with its own puzzle or another, at frames behind so many calls."""
    done = _done_to(trial, solver.model, question_RC)
    return look_inside(solver, trial.asked, question_RC, cell, ticks_F, interventions=done)


def _done_to(
    trial: Trial, model: TinyRecursiveModel, question_RC: np.ndarray
) -> tuple[Intervention, ...]:
    """What is done to y and z in a trial."""
    if trial.ablation:
        return (ablation(trial.ablation, model, trial.asked, question_RC),)
    if trial.wound:
        rng = np.random.default_rng(0)
        return (torn("yz", trial.wound, model, trial.asked, question_RC, WOUNDED, rng),)
    return ()


@torch.no_grad()
def ablation(
    name: str,
    model: TinyRecursiveModel,
    domain: Domain,
    question_RC: np.ndarray,
    from_step: int = 2,
) -> Intervention:
    """One of `ABLATIONS` from a step on, for a question to this model, whose canvas is the question's own."""
    assert name in ABLATIONS, name
    tokens_1L = torch.from_numpy(domain.tokens(question_RC))[None]
    y_BMD, z_BMD = model.start(1)
    if name == "forget-y":
        return Reset("y", y_BMD[0], from_step)
    if name == "blank-z":
        return Reset("z", torch.zeros_like(z_BMD[0]), from_step)
    if name == "freeze-z":
        slots = Slots(model, tokens_1L)
        for _ in range(from_step - 1):
            slots.step()
        return FreezeLatent(slots.state.z_BMD[0], from_step)
    blank_1L = torch.from_numpy(domain.tokens(np.zeros_like(question_RC)))[None]
    shift_BMD = model.embed(blank_1L.to(model.device)) - model.embed(tokens_1L.to(model.device))
    return HideQuestion(shift_BMD[0], model.config.latent_updates, from_step)


def asked_for(text: str) -> tuple[str, int]:
    """What "freeze-z@3" names: one of `ABLATIONS`, and the step from which on it is done. Raises `PuzzleError`."""
    name, at, step = text.partition("@")
    known = name in ABLATIONS and (not at or (step.isascii() and step.isdigit()))
    if not known or not 1 <= int(step or 2) <= 1024:
        raise PuzzleError(
            f"an intervention is NAME or NAME@STEP such as blank-z@3, with {', '.join(ABLATIONS)}; got {text!r}"
        )
    return name, int(step or 2)


def done_to(
    texts: Sequence[str], noise: float, model: TinyRecursiveModel, domain: Domain
) -> Callable[[int, np.ndarray], tuple[Intervention, ...]] | None:
    """What is done to each puzzle of a set, by its number and tokens, as `texts` name it (`asked_for`), with `noise` on y
    besides; None for nothing."""
    if not texts and not noise:
        return None
    wanted = [asked_for(text) for text in texts]

    def of(number: int, tokens_L: np.ndarray) -> tuple[Intervention, ...]:
        question_RC = domain.board(tokens_L)
        done = [ablation(name, model, domain, question_RC, step) for name, step in wanted]
        return (*done, *([Noise(noise, (0, number))] if noise else []))

    return of


def solved_by(solver: Solver, trials: tuple[Trial, ...], pairs: Pairs) -> dict[str, np.ndarray]:
    """By trial, which of these puzzles are solved in the end, (N,)."""
    return {
        trial.name: np.array(
            [
                run_trial(trial, solver, *trial.asked.board(pair_2L)).solved
                for pair_2L in pairs.tokens_N2L
            ]
        )
        for trial in trials
    }
