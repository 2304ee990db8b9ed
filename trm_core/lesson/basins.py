"""Where solves end that begin elsewhere: a plane of starting scratchpads, coloured by where they lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from trm_core.domains import Domain
from trm_core.network.model import State, TinyRecursiveModel
from trm_core.network.slots import Occupant, Slots

REACH = 3.0  # of the plane from its middle, in units of the usual start's own length
SIDE = 17  # starts along each side of the plane
STEPS = 16


@dataclass(frozen=True, eq=False)
class Basins:
    """A plane of starts; its middle is the usual one."""

    at_G: np.ndarray  # places along each side, G of them
    # Where each start ends: 0 solved; 1, 2, ... other boards, the commonest first.
    end_GG: np.ndarray

    @property
    def solved(self) -> float:
        """Share of the starts that end solved."""
        return float((self.end_GG == 0).mean())

    @property
    def ends(self) -> int:
        """How many different boards they end at."""
        return len(np.unique(self.end_GG))


@torch.no_grad()
def basins(
    model: TinyRecursiveModel,
    domain: Domain,
    question_RC: np.ndarray,
    *,
    seed: int = 0,
    side: int = SIDE,
) -> Basins:
    """`STEPS` steps from every start z + a u + b v, with u and v drawn at random, a and b up to `REACH`."""
    y_BMD, z_BMD = model.start(1)
    generator = torch.Generator().manual_seed(seed)
    u_MD, v_MD = (torch.randn(z_BMD.shape[1:], generator=generator).to(z_BMD) for _ in range(2))
    at_G = np.linspace(-REACH, REACH, side)
    tokens_L = domain.tokens(question_RC)
    slots = Slots(model)
    slots.add(
        [
            Occupant(tokens_L=tokens_L, start=State(y_BMD[0], z_BMD[0] + a * u_MD + b * v_MD))
            for b in at_G
            for a in at_G
        ]
    )
    for _ in range(STEPS):
        output = slots.step()
    ends_NL = output.logits_BLV.argmax(-1).to(torch.uint8).cpu().numpy()
    boards, names_N, counts = np.unique(ends_NL, axis=0, return_inverse=True, return_counts=True)
    right = [domain.rules.is_solved(question_RC, domain.board(board_L)) for board_L in boards]
    others = [k for k in np.argsort(-counts) if not right[k]]
    rank = np.zeros(len(boards), dtype=int)
    rank[others] = np.arange(1, len(others) + 1)
    return Basins(at_G, rank[names_N.reshape(-1)].reshape(side, side))
