"""Signposts: something to learn in every cell of a maze, while a path is learnt in few.

Beside the answer, a second linear head is asked for every free cell which neighbours lie one move
nearer to the goal, and which to the start. It reads the latent z, whose business this is: the
answer is then a matter of following the signs. The head serves training only; what is kept and
run is the model, which never sees a sign and solves by itself.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trm_core.domains.maze.domain import FREE_TOKEN, GOAL_TOKEN, START_TOKEN
from trm_core.domains.maze.search import NEIGHBOURS
from trm_core.network.config import ModelConfig
from trm_core.network.layers import linear

SIGNS = 2 * len(NEIGHBOURS)  # of a cell: towards the goal, then towards the start
_FAR = 2**14  # farther than any cell; fits int16 with a move added
_LOOK_EVERY = 16  # moves between two looks whether a flood has ended: a look waits for the device


class SignpostHead(nn.Module):
    """Reads the signs of every cell off the latent; used in training only."""

    def __init__(self, config: ModelConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.read = linear(config.width, SIGNS, generator, bias=True)

    def forward(self, z_BLD: Tensor, tokens_BL: Tensor) -> Tensor:
        """Mean binary cross-entropy over the signs of all cells that have any, one number; the
        latent is that of the cells alone."""
        config = self.config
        wanted_BLS, counted_BL = signs(tokens_BL, config.rows, config.cols)
        logits_BLS = self.read(z_BLD).float()
        loss_BLS = F.binary_cross_entropy_with_logits(
            logits_BLS, wanted_BLS.float(), reduction="none"
        )
        return (loss_BLS * counted_BL[..., None]).sum() / (SIGNS * counted_BL.sum()).clamp(min=1)


def signs(tokens_BL: Tensor, rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """For questions in tokens: which neighbours, in the order of `NEIGHBOURS`, lie nearer to the
    goal and then to the start, (B, L, SIGNS) bool; and the cells with a way to both, (B, L)."""
    distances_2BRC = torch.stack(
        [_flood(tokens_BL, rows, cols, t) for t in (GOAL_TOKEN, START_TOKEN)]
    )
    nearer = [_beside(distances_2BRC, move) < distances_2BRC for move in NEIGHBOURS]
    nearer_BRC2N = torch.stack(nearer, dim=-1).permute(1, 2, 3, 0, 4)
    counted_BRC = (distances_2BRC < _FAR).all(0)
    wanted_BRC2N = nearer_BRC2N & counted_BRC[..., None, None]
    return wanted_BRC2N.reshape(*tokens_BL.shape, SIGNS), counted_BRC.flatten(1)


def _flood(tokens_BL: Tensor, rows: int, cols: int, token: int) -> Tensor:
    """Moves from every cell to the one that holds `token`, (B, R, C) int16; `_FAR` without a way."""
    tokens_BRC = tokens_BL.view(-1, rows, cols)
    open_BRC = tokens_BRC >= FREE_TOKEN
    distance_BRC = torch.where(tokens_BRC == token, 0, _FAR).to(torch.int16)
    while True:
        before_BRC = distance_BRC
        for _ in range(_LOOK_EVERY):
            near_BRC = torch.stack([_beside(distance_BRC, move) for move in NEIGHBOURS]).amin(0) + 1
            found_BRC = torch.minimum(distance_BRC, near_BRC)
            distance_BRC = torch.where(open_BRC, found_BRC, distance_BRC)
        if torch.equal(before_BRC, distance_BRC):
            return distance_BRC


def _beside(distance: Tensor, move: tuple[int, int]) -> Tensor:
    """The distance of the cell one move away, for every cell of (..., R, C)."""
    rows, cols = distance.shape[-2:]
    wide = F.pad(distance, (1, 1, 1, 1), value=_FAR)
    return wide[..., 1 + move[0] : 1 + move[0] + rows, 1 + move[1] : 1 + move[1] + cols]
