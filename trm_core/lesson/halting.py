"""When a model says it is done, and when it is right: a halting head against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from trm_core.domains import Pairs
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Slots
from trm_core.record.slices import reliability_bins

BATCH = 64


@dataclass(frozen=True, eq=False)
class Halting:
    """What was said and what was true after every step of N puzzles."""

    said_NS: np.ndarray  # how sure that it is done, 0 to 1
    right_NS: np.ndarray  # every cell right, bool

    def reliability(self, edges: tuple[float, ...]) -> list[dict[str, float]]:
        """By what was said, in bins between these edges: how often, how sure on average, right how often."""
        return reliability_bins(self.said_NS.reshape(-1), self.right_NS.reshape(-1), edges)

    @property
    def mean_stop(self) -> float:
        """Steps until it first says that it is done, all of them where it never does, on average."""
        says_NS = self.said_NS > 0.5
        steps = says_NS.shape[1]
        return float(np.where(says_NS.any(1), says_NS.argmax(1) + 1, steps).mean())

    def lateness(self) -> dict[str, int]:
        """Puzzles by what stopping when it says so comes to: "in time" (at the first step that is right),
        "late" (right, some steps after), "too early" (wrong then, right later), "wrong" (wrong then
        and in the end) and "never" (it does not say so)."""
        counts = {"in time": 0, "late": 0, "too early": 0, "wrong": 0, "never": 0}
        for said_S, right_S in zip(self.said_NS > 0.5, self.right_NS, strict=True):
            if not said_S.any():
                counts["never"] += 1
                continue
            stop = int(said_S.argmax())
            if right_S[stop]:
                counts["in time" if stop == int(right_S.argmax()) else "late"] += 1
            else:
                counts["too early" if right_S[stop:].any() else "wrong"] += 1
        return counts


@torch.no_grad()
def halting(model: TinyRecursiveModel, pairs: Pairs, steps: int = 16) -> Halting:
    """Every puzzle gets all steps, whatever is said."""
    said, right = [], []
    for first in range(0, len(pairs), BATCH):
        part = pairs[slice(first, first + BATCH)]
        slots = Slots(model, torch.from_numpy(part.tokens_N2L[:, 0]))
        outputs = [slots.step() for _ in range(steps)]
        said.append(torch.stack([torch.sigmoid(o.q_B) for o in outputs], 1).cpu().numpy())
        answers = np.stack([o.logits_BLV.argmax(-1).cpu().numpy() for o in outputs], 1)
        right.append((answers == part.tokens_N2L[:, None, 1]).all(-1))
    return Halting(np.concatenate(said), np.concatenate(right))
