"""Recorder: the observer that turns one supervision step of a batch into plain numpy.

It keeps references while the step runs and computes at its end, in a few large operations, so
that watching costs little; and it only ever reads, so that watching changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trm_core.network.model import Call, State, StepOutput, TinyRecursiveModel


@dataclass(frozen=True, eq=False)
class StepRecord:
    """One puzzle's share of one recorded step; T cycles, k = T * (n + 1) calls."""

    answer_TL: np.ndarray
    confidence_TL: np.ndarray
    halt_T: np.ndarray
    residual_k: np.ndarray
    moved_kL: np.ndarray
    distribution_LV: np.ndarray
    y_MD: np.ndarray | None
    z_MD: np.ndarray | None


class Recorder:
    """Pass it to `Slots.step` as the observer, then ask `finish` for the records."""

    def __init__(self, model: TinyRecursiveModel, keep_latents: bool = False) -> None:
        self.model = model
        self.keep_latents = keep_latents
        self._calls: list[Call] = []

    def __call__(self, call: Call) -> None:
        self._calls.append(call)

    @torch.no_grad()
    def finish(self, before: State, output: StepOutput) -> list[StepRecord]:
        """The records of the step just watched, one per slot; `before` is where it started."""
        calls, self._calls = self._calls, []
        moved_BkL, residual_Bk = self._moves(before, calls)
        y_TBMD = torch.stack([call.y_BMD for call in calls if call.writes_answer])
        probability_BTLV = self.model.read(y_TBMD.flatten(0, 1)).float().softmax(-1)
        probability_BTLV = probability_BTLV.unflatten(0, y_TBMD.shape[:2]).transpose(0, 1)
        confidence_BTL, answer_BTL = probability_BTLV.max(-1)
        halt_BT = self.model.halt_head(y_TBMD[:, :, 0])[..., 0].float().sigmoid().T
        columns = [
            _numpy(answer_BTL.to(torch.uint8)),
            _numpy(confidence_BTL.half()),
            _numpy(halt_BT),
            _numpy(residual_Bk),
            _numpy(moved_BkL.half()),
            _numpy(probability_BTLV[:, -1].half()),
        ]
        latents = [[None] * len(answer_BTL)] * 2
        if self.keep_latents:
            latents = [_numpy(part.half()) for part in output.state]
        return [StepRecord(*row) for row in zip(*columns, *latents, strict=True)]

    def _moves(self, before: State, calls: list[Call]) -> tuple[Tensor, Tensor]:
        """|new - old| / |new| of every call, per cell (B, k, L) and over all positions (B, k)."""
        y, z = before
        old, new = [], []
        for call in calls:
            old.append(y if call.writes_answer else z)
            y, z = call.y_BMD, call.z_BMD
            new.append(y if call.writes_answer else z)
        new_kBMD = torch.stack(new)
        step_kBM = (new_kBMD - torch.stack(old)).float().square().sum(-1)
        size_kBM = new_kBMD.float().square().sum(-1).clamp(min=1e-12)
        moved_kBM = (step_kBM / size_kBM).sqrt()
        residual_kB = (step_kBM.sum(-1) / size_kBM.sum(-1)).sqrt()
        cells_kBL = moved_kBM[:, :, self.model.config.prefix_length :]
        return cells_kBL.transpose(0, 1), residual_kB.T


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.cpu().numpy()
