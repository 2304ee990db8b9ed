"""Slots: the one loop behind training, evaluation and the app.

`y, z` at a step boundary is a puzzle's whole state, so puzzles at different depths can share a
batch. Every slot holds a puzzle and its (y, z, steps); `step()` advances all of them by one
supervision step; a slot whose puzzle is done is refilled, or dropped when nothing waits:

- training refills from a stream of puzzles, and learns after every step;
- evaluation refills from a test set until it is empty;
- the app refills from the requests of all open browsers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from trm_core.network.model import Observer, State, StepOutput, TinyRecursiveModel


class Noise:
    """Small noise for the answer y of one puzzle: normal, of standard deviation `size` (features of
    y have a mean square of 1). The same seeds give the same noise on every device."""

    def __init__(self, size: float, *seeds: int) -> None:
        self.size = size
        seed = int(np.random.SeedSequence(seeds).generate_state(1, np.uint64)[0])
        self.generator = torch.Generator().manual_seed(seed % 2**63)

    def draw(self, shape: tuple[int, ...]) -> Tensor:
        return self.size * torch.randn(shape, generator=self.generator)


class Slots:
    """Puzzles advancing together. All tensors live on the model's device.

    `tokens_BL` are the questions, `steps_B` counts the supervision steps each has had.
    """

    def __init__(
        self, model: TinyRecursiveModel, tokens_BL: Tensor, puzzle_ids_B: Tensor | None = None
    ) -> None:
        self.model = model
        self.tokens_BL = tokens_BL.to(model.device)
        self.puzzle_ids_B = self._ids(puzzle_ids_B, len(tokens_BL))
        self.state = model.start(len(tokens_BL))
        self.steps_B = torch.zeros(len(tokens_BL), dtype=torch.int32, device=model.device)

    def __len__(self) -> int:
        return len(self.tokens_BL)

    def step(self, observe: Observer | None = None) -> StepOutput:
        """Advance every slot by one supervision step. Gradient flows within the step only."""
        x_BMD = self.model.embed(self.tokens_BL, self.puzzle_ids_B)
        output = self.model.step(self.state, x_BMD, observe)
        self.state = output.state.detach()
        self.steps_B = self.steps_B + 1
        return output

    def disturb(self, noises: Sequence[Noise | None]) -> None:
        """Add noise to the answers before the next step, in the slots that have any."""
        y_BMD = self.state.y_BMD.clone(memory_format=torch.contiguous_format)
        for b, noise in enumerate(noises):
            if noise is not None:
                y_BMD[b] += noise.draw(tuple(y_BMD.shape[1:])).to(y_BMD)
        self.state = State(y_BMD, self.state.z_BMD)

    def refill(self, done_B: Tensor, tokens_BL: Tensor, puzzle_ids_B: Tensor | None = None) -> None:
        """Where `done_B`, start afresh with that row of `tokens_BL`. Never waits for the device."""
        fresh = self.model.start(len(self))
        gone_B11 = done_B[:, None, None]
        self.tokens_BL = torch.where(done_B[:, None], tokens_BL, self.tokens_BL)
        ids_B = self._ids(puzzle_ids_B, len(self))
        self.puzzle_ids_B = torch.where(done_B, ids_B, self.puzzle_ids_B)
        self.state = State(
            torch.where(gone_B11, fresh.y_BMD.to(self.state.y_BMD.dtype), self.state.y_BMD),
            torch.where(gone_B11, fresh.z_BMD.to(self.state.z_BMD.dtype), self.state.z_BMD),
        )
        self.steps_B = torch.where(done_B, 0, self.steps_B)

    def keep(self, kept_B: Tensor) -> None:
        """Drop every slot outside the mask, so that nothing is computed for them."""
        self.tokens_BL, self.puzzle_ids_B = self.tokens_BL[kept_B], self.puzzle_ids_B[kept_B]
        self.state = State(self.state.y_BMD[kept_B], self.state.z_BMD[kept_B])
        self.steps_B = self.steps_B[kept_B]

    def add(self, tokens_BL: Tensor, puzzle_ids_B: Tensor | None = None) -> None:
        """Open further slots for these puzzles, behind the ones there are."""
        new = Slots(self.model, tokens_BL, puzzle_ids_B)
        self.tokens_BL = torch.cat([self.tokens_BL, new.tokens_BL])
        self.puzzle_ids_B = torch.cat([self.puzzle_ids_B, new.puzzle_ids_B])
        self.state = State(*(torch.cat(pair) for pair in zip(self.state, new.state, strict=True)))
        self.steps_B = torch.cat([self.steps_B, new.steps_B])

    def _ids(self, puzzle_ids_B: Tensor | None, count: int) -> Tensor:
        if puzzle_ids_B is None:
            return torch.zeros(count, dtype=torch.int64, device=self.model.device)
        return puzzle_ids_B.to(self.model.device, torch.int64)
