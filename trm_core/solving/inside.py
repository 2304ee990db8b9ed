"""Opening one cell of a solve: the solve is run again, and its network calls are looked into at that cell.

What a cell *hears* is what the first mixing of a call adds to it. How much of that is another cell's is measured alike
for every form of the network: that cell is silenced (its features put to 0), and what is heard then is compared.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from trm_core.domains import Domain
from trm_core.network.interventions import Intervention
from trm_core.network.layers import Mixer, Rotary
from trm_core.network.model import Call, State, TinyRecursiveModel
from trm_core.network.slots import Occupant, Slots
from trm_core.network.units import CandidatesModel
from trm_core.record.inside import Inside
from trm_core.solving.solver import Solver

FOLD = 32  # features in a row of a cell's table, where it has no symbols to be the rows
_CHUNK = 9  # cells that are silenced at once


class _Opened(NamedTuple):
    """One call at one cell: what it read, what it made, and by how much each other cell counted for it."""

    x_RW: Tensor
    y_RW: Tensor
    z_RW: Tensor
    after_RW: Tensor
    heard_L: Tensor
    wrote: bool


@torch.no_grad()
def look_inside(
    solver: Solver,
    asked: Domain,
    question_RC: np.ndarray,
    cell: int,
    ticks_F: Sequence[int],
    *,
    start: State | None = None,
    interventions: tuple[Intervention, ...] = (),
) -> Inside:
    """What happens in a cell of this solve, at frames that stand behind so many calls: 0 first, the end of a step
    last. A frame opens the call before it, or the last one that thinks where several lie between two frames.
    `start` and `interventions` are the solve's own."""
    # The solver's model is shared with others, whose calls are not to be overheard.
    model, canvas = copy.deepcopy(solver.model), solver.domain
    config = model.config
    slots = Slots(model)
    tokens_L = canvas.tokens(asked.onto(canvas, question_RC))
    slots.add([Occupant(tokens_L=tokens_L, start=start, interventions=interventions)])
    shown_F = [0] + [_shown(*pair, config.latent_updates + 1) for pair in pairwise(ticks_F)]
    watch = _Watch(model, asked.cells_on(canvas), cell, slots, set(shown_F), set(ticks_F))
    for _ in range(-(-int(ticks_F[-1]) // config.calls_per_step)):
        slots.step(watch)
    opened = [watch.opened[number] for number in shown_F]
    chance_FV = _stacked(watch.chance[int(tick)] for tick in ticks_F)
    return Inside(
        domain_name=asked.name,
        cell=cell,
        cycles=config.cycles,
        latent_updates=config.latent_updates,
        ticks_F=np.asarray(ticks_F),
        shown_F=np.array(shown_F),
        x_FRW=_stacked(each.x_RW for each in opened),
        y_FRW=_stacked(each.y_RW for each in opened),
        z_FRW=_stacked(each.z_RW for each in opened),
        after_FRW=_stacked(each.after_RW for each in opened),
        heard_FL=_stacked(each.heard_L for each in opened),
        wrote_F=np.array([each.wrote for each in opened]),
        chance_FN=chance_FV[:, asked.answer_tokens],
    )


def _shown(before: int, tick: int, calls: int) -> int:
    """The call, counted from 1, that a frame opens."""
    thinks = tick % calls != 0 or calls == 1
    return tick if tick - before == 1 or thinks else tick - 1


def _stacked(parts: Iterable[Tensor]) -> np.ndarray:
    return torch.stack(list(parts)).float().cpu().numpy()


class _Watch:
    """The observer of the solve. Frame 0 is opened at once: the start, with nothing made."""

    def __init__(
        self,
        model: TinyRecursiveModel,
        cells_L: np.ndarray,
        cell: int,
        slots: Slots,
        shown: set[int],
        ticks: set[int],
    ) -> None:
        """`cells_L` says where the board's cells lie on what the model reads; `shown` are the calls to open, `ticks`
        those after which the answer counts."""
        self.model, self.cells_L, self.cell = model, cells_L, int(cells_L[cell])
        self.shown, self.ticks = shown, ticks
        self.done = 0
        self.read_BMD: Tensor | None = None  # what the network is given in the call of now
        self.mix: Mixer | None = None
        self.rotary: Rotary = None
        for name, part in model.named_modules():
            if isinstance(part, Mixer) and name.endswith("network.layers.0.mix"):
                part.register_forward_pre_hook(self._hear)
        x_BMD = model.embed(slots.tokens_BL, slots.puzzle_ids_B)
        y_BMD, z_BMD = slots.state
        if isinstance(model, CandidatesModel):
            x_BMD = model.embed_marks(model.candidates(y_BMD))
        self.x_BMD = x_BMD
        nothing = torch.full_like(self._at(z_BMD), torch.nan)
        heard_L = torch.zeros(len(cells_L))
        self.opened = {
            0: _Opened(
                self._at(x_BMD), self._answer(y_BMD), self._at(z_BMD), nothing, heard_L, False
            )
        }
        self.chance = {0: self._chance(y_BMD)}

    def _hear(self, mix: Mixer, args: tuple[Tensor, Rotary]) -> None:
        self.mix, self.read_BMD, self.rotary = mix, args[0], args[1]

    def __call__(self, call: Call) -> None:
        self.done += 1
        if self.done in self.ticks:
            self.chance[self.done] = self._chance(call.y_BMD)
        if self.done in self.shown:
            self.opened[self.done] = self._open(call)
        self.read_BMD = None

    def _open(self, call: Call) -> _Opened:
        y_BMD, z_BMD = call.before
        nothing = torch.full_like(self._at(z_BMD), torch.nan)
        x_RW = nothing if call.writes_answer else self._at(self._question(z_BMD))
        after = self._answer(call.y_BMD) if call.writes_answer else self._at(call.z_BMD)
        if after.shape != nothing.shape:  # pencil marks, which are no features
            after = torch.nn.functional.pad(after, (0, nothing.shape[1] - 1), value=torch.nan)
        return _Opened(
            x_RW, self._answer(y_BMD), self._at(z_BMD), after, self._heard(), call.writes_answer
        )

    def _question(self, z_BMD: Tensor) -> Tensor:
        """What stands for the question: its features, or the marks that stand in this step."""
        if isinstance(self.model, CandidatesModel):
            assert self.read_BMD is not None
            return self.read_BMD - z_BMD
        return self.x_BMD

    def _heard(self) -> Tensor:
        heard_L = torch.zeros(len(self.cells_L))
        read_BMD = self.read_BMD
        # Marks are written by heads: nothing is asked of the network then.
        if read_BMD is None or self.mix is None:
            return heard_L
        own = self.model.config.places(self.cell)
        whole = self.mix.heard(read_BMD, self.rotary)[0, own]
        others = [i for i, cell in enumerate(self.cells_L.tolist()) if self._may_hear(cell)]
        for first in range(0, len(others), _CHUNK):
            some = others[first : first + _CHUNK]
            silenced_KMD = read_BMD.repeat(len(some), 1, 1)
            for k, i in enumerate(some):
                silenced_KMD[k, self.model.config.places(int(self.cells_L[i]))] = 0
            less = self.mix.heard(silenced_KMD, self.rotary)[:, own]
            heard_L[some] = ((less - whole).norm(dim=(1, 2)) / whole.norm()).float().cpu()
        return heard_L

    def _may_hear(self, cell: int) -> bool:
        """Whether the cell is another one, and near enough where a form hears its neighbourhood alone."""
        config = self.model.config
        if config.mixer != "convolution":
            return cell != self.cell
        apart = np.subtract(divmod(cell, config.cols), divmod(self.cell, config.cols))
        return cell != self.cell and abs(apart).max() <= config.kernel_size // 2

    def _at(self, h_BMD: Tensor) -> Tensor:
        """The table of the cell's features."""
        table = h_BMD[0, self.model.config.places(self.cell)]
        return table.reshape(-1, FOLD) if len(table) == 1 and table.numel() % FOLD == 0 else table

    def _answer(self, y_BMD: Tensor) -> Tensor:
        return self._at(self.model.answer_features(y_BMD))

    def _chance(self, y_BMD: Tensor) -> Tensor:
        return self.model.read(y_BMD)[0, self.cell].float().softmax(-1)
