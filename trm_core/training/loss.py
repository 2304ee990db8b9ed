"""What a supervision step is asked to get right: every cell, and whether it is done.

loss = cross-entropy over the cells + halt_weight * BCE(q, "every cell is right")
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from trm_core.network.model import StepOutput

PAD = 0  # the label of cells that don't count


class StepLoss(NamedTuple):
    total: Tensor  # what is minimised, one number
    cells: Tensor  # its cross-entropy part
    halt: Tensor  # its halting part, before the weight
    exact_B: Tensor  # every counted cell right, bool
    accuracy_B: Tensor  # share of counted cells right


def softmax_cross_entropy(logits_BLV: Tensor, labels_BL: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of every cell (B, L) in fp32, with label smoothing over the vocabulary."""
    return F.cross_entropy(
        logits_BLV.float().transpose(1, 2), labels_BL, reduction="none", label_smoothing=smoothing
    )


def stablemax_cross_entropy(logits_BLV: Tensor, labels_BL: Tensor) -> Tensor:
    """Cross-entropy of every cell (B, L) with stablemax in place of softmax, in fp64.

    s(v) = v + 1 for v >= 0 and 1 / (1 - v) below; p = s / sum(s) (arXiv 2501.04697).
    """
    v = logits_BLV.double()
    # The branch not taken is computed too: keep its denominator away from 0.
    s_BLV = torch.where(v >= 0, v + 1, 1 / (1 - v.clamp(max=0)))
    chosen_BL = s_BLV.gather(-1, labels_BL[..., None]).squeeze(-1)
    return s_BLV.sum(-1).log() - chosen_BL.log()


def step_loss(
    output: StepOutput,
    labels_BL: Tensor,
    *,
    kind: str = "softmax",
    smoothing: float = 0.0,
    halt_weight: float = 0.5,
    learnt_B: Tensor | None = None,
) -> StepLoss:
    """The loss of one supervision step, averaged over a puzzle's cells, then over puzzles: all, or those of
    the mask `learnt_B`, 0 where there are none.

    `kind` is "softmax" or "stablemax"; cells labelled `PAD` don't count.
    """
    labels_BL = labels_BL.long()
    counted_BL = labels_BL != PAD
    if kind == "stablemax":
        if smoothing:
            raise ValueError("stablemax cross-entropy has no label smoothing")
        cells_BL = stablemax_cross_entropy(output.logits_BLV, labels_BL)
    elif kind == "softmax":
        cells_BL = softmax_cross_entropy(output.logits_BLV, labels_BL, smoothing)
    else:
        raise ValueError(f"kind must be softmax or stablemax, got {kind!r}")
    count_B = counted_BL.sum(-1).clamp(min=1)
    cells = _mean((cells_BL * counted_BL).sum(-1) / count_B, learnt_B).float()
    with torch.no_grad():
        right_BL = (output.logits_BLV.argmax(-1) == labels_BL) & counted_BL
        exact_B = (right_BL | ~counted_BL).all(-1)
        accuracy_B = right_BL.sum(-1) / count_B
    halt_B = F.binary_cross_entropy_with_logits(
        output.halt_BH[:, 0].float(), exact_B.float(), reduction="none"
    )
    halt = _mean(halt_B, learnt_B)
    return StepLoss(cells + halt_weight * halt, cells, halt, exact_B, accuracy_B)


def _mean(loss_B: Tensor, learnt_B: Tensor | None) -> Tensor:
    if learnt_B is None:
        return loss_B.mean()
    return (loss_B * learnt_B).sum() / learnt_B.sum().clamp(min=1)
