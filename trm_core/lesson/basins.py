"""Where solves end that begin elsewhere: a plane of starting scratchpads, coloured by where they lead."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from trm_core.device import GATE
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
    # Where each start ends: 0 solved; 1, 2, ... other boards, the commonest first; -1 not known yet.
    end_GG: np.ndarray

    @property
    def solved(self) -> float:
        """Share of the starts that end solved, of those that are known."""
        return float((self.end_GG[self.end_GG >= 0] == 0).mean())

    @property
    def ends(self) -> int:
        """How many different boards they end at."""
        return len(np.unique(self.end_GG[self.end_GG >= 0]))


def basins(
    model: TinyRecursiveModel,
    domain: Domain,
    question_RC: np.ndarray,
    *,
    seed: int = 0,
    side: int = SIDE,
) -> Basins:
    """`STEPS` steps from every start z + a u + b v, with u and v drawn at random, a and b up to `REACH`."""
    *_, last = growing(model, domain, question_RC, seed=seed, side=side)
    return last


def growing(
    model: TinyRecursiveModel,
    domain: Domain,
    question_RC: np.ndarray,
    *,
    seed: int = 0,
    side: int = SIDE,
    visitor: Hashable = None,
) -> Iterator[Basins]:
    """The map of `basins`, row by row as it is computed, in turns with whatever others wait for."""
    y_BMD, z_BMD = model.start(1)
    generator = torch.Generator().manual_seed(seed)
    u_MD, v_MD = (torch.randn(z_BMD.shape[1:], generator=generator).to(z_BMD) for _ in range(2))
    at_G = np.linspace(-REACH, REACH, side)
    tokens_L = domain.tokens(question_RC)
    ends_NL = np.zeros((0, domain.cells), np.uint8)
    for b in at_G:
        slots = Slots(model)
        slots.add(
            [
                Occupant(tokens_L=tokens_L, start=State(y_BMD[0], z_BMD[0] + a * u_MD + b * v_MD))
                for a in at_G
            ]
        )
        ends_NL = np.concatenate([ends_NL, _ends(slots, visitor or slots)])
        unknown = np.full(side * side - len(ends_NL), -1)
        end_N = np.concatenate([_ranks(domain, question_RC, ends_NL), unknown])
        yield Basins(at_G, end_N.reshape(side, side))


def renamed(
    model: TinyRecursiveModel, domain: Domain, question_RC: np.ndarray, ways: int, seed: int = 0
) -> int:
    """Of so many ways to rename the symbols of a puzzle, how many end solved after `STEPS` steps. To a person
    all of them are the same puzzle."""
    rng = np.random.default_rng(seed)
    tokens_L = domain.tokens(question_RC)
    first = domain.vocab_size - domain.rows  # token of the first symbol
    names_KV = np.array(
        [[*range(first), *(first + rng.permutation(domain.rows))] for _ in range(ways)], np.uint8
    )
    questions_KL = names_KV[:, tokens_L]
    slots = Slots(model, torch.from_numpy(questions_KL))
    boards = zip(domain.board(questions_KL), domain.board(_ends(slots, slots)), strict=True)
    return sum(domain.rules.is_solved(question, answer) for question, answer in boards)


@torch.no_grad()
def _ends(slots: Slots, visitor: Hashable) -> np.ndarray:
    """The answers, as tokens, after `STEPS` steps."""
    for _ in range(STEPS):
        began = time.perf_counter()
        with GATE.turn(lambda: (visitor,), 1):
            output = slots.step()
        GATE.charge(visitor, time.perf_counter() - began)
    return output.logits_BLV.argmax(-1).to(torch.uint8).cpu().numpy()


def _ranks(domain: Domain, question_RC: np.ndarray, ends_NL: np.ndarray) -> np.ndarray:
    """0 for a solution; 1, 2, ... for other boards, the commonest first."""
    boards, names_N, counts = np.unique(ends_NL, axis=0, return_inverse=True, return_counts=True)
    right = [domain.rules.is_solved(question_RC, domain.board(board_L)) for board_L in boards]
    others = [k for k in np.argsort(-counts, kind="stable") if not right[k]]
    rank = np.zeros(len(boards), dtype=int)
    rank[others] = np.arange(1, len(others) + 1)
    return rank[names_N.reshape(-1)]
