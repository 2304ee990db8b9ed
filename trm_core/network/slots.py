"""Slots: the one loop behind training, evaluation and the app.

`y, z` at a step boundary is a puzzle's whole state, so puzzles at different depths can share a
batch. Every slot holds an occupant and its (y, z, steps); `step()` advances all of them by one
supervision step; a slot whose puzzle is done is refilled, or dropped when nothing waits:

- training refills from a stream of puzzles, and learns after every step;
- evaluation refills from a test set until it is empty;
- the app refills from the requests of all open browsers, and parks some while others have a turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trm_core.network.interventions import Intervention
from trm_core.network.model import Observer, State, StepOutput, TinyRecursiveModel


@dataclass(frozen=True, eq=False, kw_only=True)
class Occupant:
    """All there is to say about what stands in one slot."""

    tokens_L: np.ndarray  # the question
    puzzle_id: int = 0  # which puzzle embedding it gets
    start: State | None = None  # y and z to go on from, (M, D) each; the model's own start if None
    steps: int = 0  # supervision steps it has had
    interventions: tuple[Intervention, ...] = ()
    keep_latents: bool = False  # whether its record keeps y and z of every step


class Slots:
    """Puzzles advancing together. All tensors live on the model's device.

    `tokens_BL` are the questions, `puzzle_ids_B` choose their embeddings (0 if not given),
    `steps_B` counts the supervision steps each has had.
    """

    def __init__(
        self,
        model: TinyRecursiveModel,
        tokens_BL: Tensor | None = None,
        puzzle_ids_B: Tensor | None = None,
    ) -> None:
        self.model = model
        if tokens_BL is None:
            tokens_BL = torch.zeros(0, model.config.cells, dtype=torch.uint8)
        count = len(tokens_BL)
        self.tokens_BL = tokens_BL.to(model.device)
        self.puzzle_ids_B = torch.zeros(count, dtype=torch.int64, device=model.device)
        if puzzle_ids_B is not None:
            self.puzzle_ids_B = puzzle_ids_B.to(model.device, torch.int64)
        self.state = model.start(count)
        self.steps_B = torch.zeros(count, dtype=torch.int32, device=model.device)
        self._interventions: list[tuple[Intervention, ...]] = [()] * count
        self.keep_latents: list[bool] = [False] * count  # whose y and z a record keeps

    def __len__(self) -> int:
        return len(self.tokens_BL)

    def step(self, observe: Observer | None = None) -> StepOutput:
        """Advance every slot by one supervision step. Gradient flows within the step only."""
        x_BMD = self.model.embed(self.tokens_BL, self.puzzle_ids_B)
        intervene = self._intervene if any(self._interventions) else None
        output = self.model.step(self.state, x_BMD, observe, intervene)
        self.state = output.state.detach()
        self.steps_B = self.steps_B + 1
        return output

    def _intervene(self, call: int, state: State) -> tuple[State, Tensor] | None:
        """Every slot's own interventions, in order, on its row of the state."""
        steps = self.steps_B.tolist()
        changed_B = torch.zeros(len(self), dtype=torch.bool, device=self.model.device)
        y_BMD, z_BMD = state
        for b, interventions in enumerate(self._interventions):
            y_MD, z_MD = state.y_BMD[b], state.z_BMD[b]
            new_y_MD, new_z_MD = y_MD, z_MD
            for intervention in interventions:
                new_y_MD, new_z_MD = intervention(steps[b] + 1, call, new_y_MD, new_z_MD)
            if new_y_MD is y_MD and new_z_MD is z_MD:
                continue
            if not changed_B.any():  # the rows of a start state share their memory
                y_BMD, z_BMD = (
                    y_BMD.clone(memory_format=torch.contiguous_format),
                    z_BMD.clone(memory_format=torch.contiguous_format),
                )
            y_BMD[b], z_BMD[b], changed_B[b] = new_y_MD, new_z_MD, True
        return (State(y_BMD, z_BMD), changed_B) if changed_B.any() else None

    def refill(self, done_B: Tensor, tokens_BL: Tensor, puzzle_ids_B: Tensor) -> None:
        """Where `done_B`, start afresh with that row of the arguments; for slots without
        interventions. Never waits for the device."""
        fresh = self.model.start(len(self))
        gone_B11 = done_B[:, None, None]
        self.tokens_BL = torch.where(done_B[:, None], tokens_BL, self.tokens_BL)
        self.puzzle_ids_B = torch.where(done_B, puzzle_ids_B, self.puzzle_ids_B)
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
        kept = kept_B.nonzero().flatten().tolist()
        self._interventions = [self._interventions[b] for b in kept]
        self.keep_latents = [self.keep_latents[b] for b in kept]

    def add(self, occupants: Sequence[Occupant]) -> None:
        """Open further slots for these, behind the ones there are."""
        if not occupants:
            return
        tokens_BL = torch.from_numpy(np.stack([o.tokens_L for o in occupants]))
        ids_B = torch.tensor([o.puzzle_id for o in occupants])
        new = Slots(self.model, tokens_BL, ids_B)
        if any(o.start is not None for o in occupants):
            own = self.model.start(1)
            starts = [o.start or State(own.y_BMD[0], own.z_BMD[0]) for o in occupants]
            new.state = State(*(torch.stack(part) for part in zip(*starts, strict=True)))
        steps_B = torch.tensor([o.steps for o in occupants], dtype=torch.int32)
        new.steps_B = steps_B.to(self.model.device)
        # All is computed before anything is taken over: a failure leaves the slots as they were.
        state = State(*(torch.cat(pair) for pair in zip(self.state, new.state, strict=True)))
        tokens_BL = torch.cat([self.tokens_BL, new.tokens_BL])
        ids_B = torch.cat([self.puzzle_ids_B, new.puzzle_ids_B])
        self.steps_B = torch.cat([self.steps_B, new.steps_B])
        self.tokens_BL, self.puzzle_ids_B, self.state = tokens_BL, ids_B, state
        self._interventions += [o.interventions for o in occupants]
        self.keep_latents += [o.keep_latents for o in occupants]

    def state_of(self, slot: int) -> State:
        """A slot's y and z at the step boundary it stands at, (M, D) each, to go on from later."""
        return State(self.state.y_BMD[slot].clone(), self.state.z_BMD[slot].clone())
