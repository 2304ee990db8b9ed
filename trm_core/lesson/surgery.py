"""Surgery by hand: the board that y says, changed cell by cell before a step, and parts of z wiped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trm_core.domains import PuzzleError
from trm_core.lesson.trials import Trial
from trm_core.lesson.wounds import wound
from trm_core.network.interventions import Intervention, Transplant
from trm_core.network.model import TinyRecursiveModel
from trm_core.record.trace import Trace
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver


@dataclass(frozen=True, eq=False)
class Operation:
    """What is done to a solve before its step `before_step`."""

    before_step: int
    board_RC: np.ndarray  # what y is to say; a blank puts the cell's y back to its beginning
    wiped_RC: np.ndarray  # cells whose z is put back to its beginning, bool


def interventions(
    operation: Operation, trial: Trial, model: TinyRecursiveModel, says_RC: np.ndarray
) -> tuple[Intervention, ...]:
    """The operation on a solve whose y says this board before it. A changed cell gets the features of a cell
    that says the new symbol already. Raises `PuzzleError` where there is none to take it from."""
    places = model.config.places
    says_L, board_L = says_RC.reshape(-1), operation.board_RC.reshape(-1)
    changed = np.flatnonzero(says_L != board_L)
    filled_L = trial.asked.drawing.filled(operation.board_RC).reshape(-1)
    donors = {}
    for cell in changed[filled_L[changed]]:
        same = np.flatnonzero(says_L == board_L[cell])
        if not len(same):
            symbol = trial.asked.drawing.every_symbol[int(board_L[cell])].text
            raise PuzzleError(
                f"no cell says {symbol} at that step, so that there is nothing to write it with; "
                "operate before a later step"
            )
        donors[int(cell)] = int(same[0])
    found: list[Intervention] = []
    if donors:
        into, out = (
            np.array([places(cell) for cell in cells]).reshape(-1)
            for cells in (donors, donors.values())
        )
        found.append(Transplant(len(donors), into, out, operation.before_step))
    blanked = changed[~filled_L[changed]]
    if len(blanked):
        found.append(wound("y", blanked, model, operation.before_step))
    wiped = np.flatnonzero(operation.wiped_RC.reshape(-1))
    if len(wiped):
        found.append(wound("z", wiped, model, operation.before_step))
    return tuple(found)


def operated(trial: Trial, solver: Solver, before: Trace, operation: Operation) -> Trace:
    """The solve `before`, of the trial's model, once more, with the operation. Raises `PuzzleError`."""
    chosen = trial.asked
    says_RC = chosen.board(before.answers("steps")[operation.before_step - 1])
    solution_RC = None if before.solution_L is None else chosen.board(before.solution_L)
    done = interventions(operation, trial, solver.model, says_RC)
    settings = Settings(steps=trial.steps, stop="steps")
    return solver.solve(before.question_board, settings, solution_RC, interventions=done).trace
