"""Recorder: the observer that turns one supervision step of a batch into plain numpy.

It keeps references while the step runs and computes at its end, in a few large operations, so
that watching costs little; and it only ever reads, so that watching changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trm_core.network.model import Call, StepOutput, TinyRecursiveModel

MOST_MOVED = 1000.0  # times its own size; what vanished moved infinitely far


@dataclass(frozen=True, eq=False)
class StepMarks:
    """Pencil marks as a step left them."""

    candidates_NL: np.ndarray
    pinned_NL: np.ndarray
    conflict: float
    dead: bool
    go: int


@dataclass(frozen=True, eq=False)
class StepRecord:
    """One puzzle's share of one recorded step; T cycles, k = T * (n + 1) calls."""

    answer_TL: np.ndarray
    confidence_TL: np.ndarray
    halt_T: np.ndarray
    residual_k: np.ndarray
    moved_kL: np.ndarray
    distribution_LV: np.ndarray
    intervened_k: np.ndarray
    marks: StepMarks | None
    y_MD: np.ndarray | None
    z_MD: np.ndarray | None


class Recorder:
    """Pass it to `Slots.step` as the observer, then ask `finish` for the records."""

    def __init__(self, model: TinyRecursiveModel) -> None:
        self.model = model
        self._calls: list[Call] = []

    def __call__(self, call: Call) -> None:
        self._calls.append(call)

    @torch.no_grad()
    def finish(self, output: StepOutput, keep_latents: Sequence[bool] = ()) -> list[StepRecord]:
        """The records of the step just watched, one per slot; `keep_latents` says whose y and z
        are wanted (nobody's if not said)."""
        calls, self._calls = self._calls, []
        moved_BkL, residual_Bk = self._moves(calls)
        y_TBMD = torch.stack([call.y_BMD for call in calls if call.writes_answer])
        y_TB_MD = y_TBMD.flatten(0, 1)
        probability_BTLV = self.model.read(y_TB_MD).float().softmax(-1)
        probability_BTLV = probability_BTLV.unflatten(0, y_TBMD.shape[:2]).transpose(0, 1)
        confidence_BTL, answer_BTL = probability_BTLV.max(-1)
        halt_BT = self.model.halt(y_TB_MD)[..., 0].float().sigmoid().view(y_TBMD.shape[:2]).T
        count = len(answer_BTL)
        columns = [
            _numpy(answer_BTL.to(torch.uint8)),
            _numpy(confidence_BTL.half()),
            _numpy(halt_BT),
            _numpy(residual_Bk),
            _numpy(moved_BkL.half()),
            _numpy(probability_BTLV[:, -1].half()),
            _numpy(self._intervened(calls, count)),
            self._marks(output, count),
        ]
        wanted = list(keep_latents) or [False] * count
        latents = [
            [
                _numpy(part_MD.half()) if kept else None
                for part_MD, kept in zip(part, wanted, strict=True)
            ]
            for part in map(self.model.per_position, output.state)
        ]
        return [StepRecord(*row) for row in zip(*columns, *latents, strict=True)]

    def _moves(self, calls: list[Call]) -> tuple[Tensor, Tensor]:
        """|new - old| / |new| of every call, per cell (B, k, L) and over all positions (B, k)."""
        steps, sizes = [], []
        for call in calls:
            old, new = call.before.z_BMD, call.z_BMD
            if call.writes_answer:
                old, new = map(self.model.answer_features, (call.before.y_BMD, call.y_BMD))
            steps.append((new - old).float().square().sum(-1))
            sizes.append(new.float().square().sum(-1))
        step_kBM, size_kBM = torch.stack(steps), torch.stack(sizes).clamp(min=1e-12)
        moved_kBM = (step_kBM / size_kBM).sqrt().clamp(max=MOST_MOVED)
        residual_kB = (step_kBM.sum(-1) / size_kBM.sum(-1)).sqrt().clamp(max=MOST_MOVED)
        cells_kBL = self.model.cells(moved_kBM[..., None])[..., 0]
        return cells_kBL.transpose(0, 1), residual_kB.T

    def _marks(self, output: StepOutput, count: int) -> list[StepMarks | None]:
        marks = self.model.marks(output.state.y_BMD)
        if marks is None:
            return [None] * count
        arrays = [_numpy(part) for part in marks]
        return [
            StepMarks(candidates, pinned, float(conflict), bool(dead), int(go))
            for candidates, pinned, conflict, dead, go in zip(*arrays, strict=True)
        ]

    @staticmethod
    def _intervened(calls: list[Call], count: int) -> Tensor:
        """Before which calls y or z was changed from outside, (B, k) bool."""
        none_B = torch.zeros(count, dtype=torch.bool)
        marks = [none_B if c.intervened_B is None else c.intervened_B.cpu() for c in calls]
        return torch.stack(marks, dim=1)


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.cpu().numpy()
