"""What depth buys: the share of a set that is right after every number of steps."""

from __future__ import annotations

import numpy as np
import torch

from trm_core.domains import Pairs
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Slots

BATCH = 50


@torch.no_grad()
def right_by_step(model: TinyRecursiveModel, pairs: Pairs, steps: int) -> np.ndarray:
    """Whether every cell of a puzzle is right after 1, 2, ... `steps` steps, (N, S)."""
    right = []
    for first in range(0, len(pairs), BATCH):
        part = pairs[slice(first, first + BATCH)]
        slots = Slots(model, torch.from_numpy(part.tokens_N2L[:, 0]))
        answers_SNL = np.stack(
            [slots.step().logits_BLV.argmax(-1).cpu().numpy() for _ in range(steps)]
        )
        right.append((answers_SNL == part.tokens_N2L[:, 1]).all(-1).T)
    return np.concatenate(right)
