"""Signs that a solve is done, beside each other; and questions at the edge: one blank, none, no prefix."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from trm_core.domains import Pairs
from trm_core.lesson.depths import right_by_step
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Slots
from trm_core.record.slices import share_higher

BATCH = 50


def signs(model: TinyRecursiveModel, pairs: Pairs, steps: int = 16) -> dict[str, float]:
    """How well three signs tell right boards from wrong ones, over all steps of all puzzles: what the halting head says, how
    little z moved in the step, how sure all cells are (little entropy). Each as the chance that of one board of either
    kind the right one has the higher sign (the area under the ROC curve)."""
    found = list(_looks(model, pairs, steps))
    right_P, head_P, still_P, sure_P = (np.concatenate(each) for each in zip(*found, strict=True))
    named = {"head": head_P, "stillness": still_P, "certainty": sure_P}
    return {name: share_higher(sign_P[right_P], sign_P[~right_P]) for name, sign_P in named.items()}


@torch.no_grad()
def _looks(
    model: TinyRecursiveModel, pairs: Pairs, steps: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """After every step of a batch: which boards are right, and the three signs, (B,) each."""
    for first in range(0, len(pairs), BATCH):
        part = pairs[slice(first, first + BATCH)]
        slots = Slots(model, torch.from_numpy(part.tokens_N2L[:, 0]))
        solutions_BL = torch.from_numpy(part.tokens_N2L[:, 1].astype(np.int64))
        for _ in range(steps):
            z_BMD = slots.state.z_BMD
            output = slots.step()
            moved_BM = (output.state.z_BMD - z_BMD).norm(dim=-1)
            still_B = -(moved_BM / output.state.z_BMD.norm(dim=-1)).mean(-1)
            log_BLV = output.logits_BLV.float().log_softmax(-1)
            sure_B = (log_BLV.exp() * log_BLV).sum(-1).mean(-1)
            right_B = (output.logits_BLV.argmax(-1) == solutions_BL).all(-1)
            yield tuple(each.numpy() for each in (right_B, output.q_B, still_B, sure_B))  # type: ignore[misc]


def edges(model: TinyRecursiveModel, pairs: Pairs, steps: int = 16) -> dict[str, list[float]]:
    """Shares that are right after each step: of the solutions themselves as questions ("none blank"), of solutions with one
    cell drawn at random blank ("one blank"), of the questions ("as it is"), and of the questions with the prefix, which
    stands before the cells, wiped ("no prefix")."""
    questions_NL, solutions_NL = pairs.tokens_N2L[:, 0], pairs.tokens_N2L[:, 1]
    rows = np.arange(len(pairs))
    blanked_NL = solutions_NL.copy()
    cells_N = np.random.default_rng(0).integers(0, solutions_NL.shape[1], len(pairs))
    blanked_NL[rows, cells_N] = questions_NL.min()  # the token of a blank
    wiped = copy.deepcopy(model)
    with torch.no_grad():
        wiped.register.zero_()

    def asked(by: TinyRecursiveModel, tokens_NL: np.ndarray) -> list[float]:
        both = replace(pairs, tokens_N2L=np.stack([tokens_NL, solutions_NL], 1))
        return [float(share) for share in right_by_step(by, both, steps).mean(0)]

    return {
        "none blank": asked(model, solutions_NL),
        "one blank": asked(model, blanked_NL),
        "as it is": asked(model, questions_NL),
        "no prefix": asked(wiped, questions_NL),
    }
