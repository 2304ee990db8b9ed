"""How large a wound heals: cells of y, of z, or of both torn out of solved boards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from trm_core.device import GATE
from trm_core.domains import Domain, Pairs
from trm_core.network.interventions import Wound
from trm_core.network.model import State, TinyRecursiveModel
from trm_core.network.slots import Occupant, Slots

BEFORE, AFTER = 8, 8  # supervision steps before the wound, and to heal it


def healing(
    model: TinyRecursiveModel, domain: Domain, pairs: Pairs, sizes: tuple[int, ...], seed: int = 0
) -> dict[str, Any]:
    """The last of `growing`: all sizes."""
    *_, found = growing(model, domain, pairs, sizes, seed)
    return found


@torch.no_grad()
def growing(
    model: TinyRecursiveModel,
    domain: Domain,
    pairs: Pairs,
    sizes: tuple[int, ...],
    seed: int = 0,
    after: int = AFTER,
) -> Iterator[dict[str, Any]]:
    """After every further size of wound, what was found so far. Of the puzzles that are solved after `BEFORE` steps, the share that is solved again one step, and
    `after` steps, after so many cells were torn out of y, of z, of both: {"puzzles": n, "sizes": [...],
    "y": {"1": [...], "8": [...]}, ...}. The cells are drawn at random, of those that are not given."""
    slots = Slots(model, torch.from_numpy(pairs.tokens_N2L[:, 0]))
    for _ in range(BEFORE):
        with GATE.turn(lambda: (slots,), 1):
            output = slots.step()
    solved_N = (output.logits_BLV.argmax(-1).cpu().numpy() == pairs.tokens_N2L[:, 1]).all(1)
    chosen = np.flatnonzero(solved_N)
    states = {n: slots.state_of(int(n)) for n in chosen}
    shares: dict[str, dict[str, list[float]]] = {
        parts: {str(steps): [] for steps in sorted({1, after})} for parts in ("y", "z", "yz")
    }
    for k, size in enumerate(sizes, 1):
        for parts, by_steps in shares.items():
            healed = _healed(model, domain, pairs, states, parts, size, seed, after)
            for steps, found in by_steps.items():
                found.append(healed[int(steps) - 1])
        yield {"puzzles": len(chosen), "sizes": list(sizes[:k])} | shares


def torn(
    parts: str,
    cells: int,
    model: TinyRecursiveModel,
    domain: Domain,
    question_RC: np.ndarray,
    before_step: int,
    rng: np.random.Generator,
) -> Wound:
    """So many cells that are not given, drawn at random, torn out of y, z or both (`parts`)."""
    blank = np.flatnonzero(~domain.given(question_RC).reshape(-1))
    return wound(parts, rng.permutation(blank)[:cells], model, before_step)


def wound(parts: str, cells: np.ndarray, model: TinyRecursiveModel, before_step: int) -> Wound:
    """These cells torn out of y, z or both."""
    positions = np.array([place for cell in cells for place in model.config.places(int(cell))])
    begin = [part[0] for part in model.start(1)]
    return Wound(parts, len(cells), positions, *begin, before_step)


def _healed(
    model: TinyRecursiveModel,
    domain: Domain,
    pairs: Pairs,
    states: dict[int, State],
    parts: str,
    size: int,
    seed: int,
    after: int,
) -> list[float]:
    """The share that is right after 1, 2, ... `after` further steps."""
    occupants = []
    for n, state in states.items():
        question_L = pairs.tokens_N2L[n, 0]
        rng = np.random.default_rng([seed, int(n)])
        wound = torn(parts, size, model, domain, domain.board(question_L), BEFORE + 1, rng)
        occupants.append(
            Occupant(tokens_L=question_L, start=state, steps=BEFORE, interventions=(wound,))
        )
    slots = Slots(model)
    slots.add(occupants)
    solutions_NL = pairs.tokens_N2L[list(states), 1]
    answers = []
    for _ in range(after):
        with GATE.turn(lambda: (slots,), 1):
            answers.append(slots.step().logits_BLV.argmax(-1).cpu().numpy())
    return [float((answers_NL == solutions_NL).all(1).mean()) for answers_NL in answers]
