"""Interventions: changing y and z on purpose, between two network calls, to see what they are for.

An intervention is a pure function of (step, call, y, z) that returns y and z. It is asked before
every call of every step; returning the very tensors it was given means "as it was". The trace says
which interventions a solve had, and before which calls they changed something.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor


class Intervention(Protocol):
    """What changes one puzzle's state. Pure: the same arguments give the same state."""

    @property
    def words(self) -> str:
        """What it does, in a few words for the trace."""

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        """y and z as call `call` (0, 1, ... within the step) of step `step` (1, 2, ...) gets them."""


@dataclass(frozen=True)
class Noise:
    """Small noise on the answer y before every step: normal, of standard deviation `size` (features
    of y have a mean square of 1). The same seeds give the same noise on every device, whoever
    shares the batch."""

    size: float
    seeds: tuple[int, ...]

    @property
    def words(self) -> str:
        return f"noise of {self.size:g} on y before every step"

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        if call:
            return y_MD, z_MD
        return y_MD + self.draw(tuple(y_MD.shape), step).to(y_MD), z_MD

    def draw(self, shape: tuple[int, ...], step: int) -> Tensor:
        """The noise of one step."""
        seed = np.random.SeedSequence((*self.seeds, step)).generate_state(1, np.uint64)[0]
        generator = torch.Generator().manual_seed(int(seed) % 2**63)
        return self.size * torch.randn(shape, generator=generator)


@dataclass(frozen=True)
class BlankLatent:
    """Once, after a step, the scratchpad z is wiped: all zeros."""

    after_step: int

    @property
    def words(self) -> str:
        return f"z blanked after step {self.after_step}"

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        if (step, call) != (self.after_step + 1, 0):
            return y_MD, z_MD
        return y_MD, torch.zeros_like(z_MD)
