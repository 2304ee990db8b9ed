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
    """What changes one puzzle's state: any callable. Pure: the same arguments give the same state. What it does is told in
    the trace by its `words`, if it has some, or by its name."""

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        """y and z as call `call` (0, 1, ... within the step) of step `step` (1, 2, ...) gets them."""


def words_of(intervention: Intervention) -> str:
    """What an intervention does, in a few words for the trace."""
    named = getattr(intervention, "__name__", type(intervention).__name__)
    return str(getattr(intervention, "words", named))


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


@dataclass(frozen=True, eq=False)
class Reset:
    """From step `from_step` on, before its first call, the answer y or the scratchpad z (`part`) is put
    back to the value it is given, (M, D): so that nothing of it is carried from one step to the next."""

    part: str
    value_MD: Tensor
    from_step: int = 2

    @property
    def words(self) -> str:
        return f"{self.part} put back before every step from {self.from_step} on"

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        if step < self.from_step or call:
            return y_MD, z_MD
        value_MD = self.value_MD.to(y_MD)
        return (value_MD, z_MD) if self.part == "y" else (y_MD, value_MD)


@dataclass(frozen=True, eq=False)
class FreezeLatent:
    """From step `from_step` on the scratchpad z is what it is given, (M, D), before every call: what is
    thought in between is not kept."""

    value_MD: Tensor
    from_step: int = 2

    @property
    def words(self) -> str:
        return f"z frozen from step {self.from_step} on"

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        return (y_MD, z_MD) if step < self.from_step else (y_MD, self.value_MD.to(z_MD))


@dataclass(frozen=True, eq=False)
class HideQuestion:
    """From step `from_step` on the model is shown another question (a blank board) than its own.

    A call that refines z computes net(x + y + z), so that adding x' - x to z, `shift_MD`, gives it
    net(x' + y + z): as if the question were x'. `calls` of each cycle do so; the last one, which writes y,
    never sees the question.
    """

    shift_MD: Tensor
    calls: int  # n, those of a cycle that refine z
    from_step: int = 2

    @property
    def words(self) -> str:
        return f"question hidden from step {self.from_step} on"

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        if step < self.from_step or call % (self.calls + 1) == self.calls:
            return y_MD, z_MD
        return y_MD, z_MD + self.shift_MD.to(z_MD)


@dataclass(frozen=True, eq=False)
class Wound:
    """Once, before step `before_step`, y or z or both ("y", "z", "yz": `parts`) at some `positions` of the
    state, those of so many `cells`, are put back to the values they are given, (M, D): a part of what was written or
    thought is torn out."""

    parts: str
    cells: int
    positions: np.ndarray
    y_MD: Tensor
    z_MD: Tensor
    before_step: int

    @property
    def words(self) -> str:
        parts = " and ".join(self.parts)
        return f"{parts} of {_told(self.cells)} torn out before step {self.before_step}"

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        if (step, call) != (self.before_step, 0):
            return y_MD, z_MD
        at = torch.from_numpy(self.positions)
        torn = {"y": y_MD, "z": z_MD}
        for name, value_MD in (("y", self.y_MD), ("z", self.z_MD)):
            if name in self.parts:
                torn[name] = torn[name].clone()
                torn[name][at] = value_MD.to(torn[name])[at]
        return torn["y"], torn["z"]


@dataclass(frozen=True, eq=False)
class Transplant:
    """Once, before step `before_step`, y at `positions` becomes what it is at the `donors`, one for each: so
    that a cell says what another one says, in the model's own features; they are those of so many `cells`."""

    cells: int
    positions: np.ndarray
    donors: np.ndarray
    before_step: int

    @property
    def words(self) -> str:
        return f"y of {_told(self.cells)} rewritten before step {self.before_step}"

    def __call__(self, step: int, call: int, y_MD: Tensor, z_MD: Tensor) -> tuple[Tensor, Tensor]:
        if (step, call) != (self.before_step, 0):
            return y_MD, z_MD
        changed_MD = y_MD.clone()
        changed_MD[torch.from_numpy(self.positions)] = y_MD[torch.from_numpy(self.donors)]
        return changed_MD, z_MD


def _told(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"
