"""Speed and work of the model with pencil marks: a step of it against a plain re-statement, how many
boards a second alone and together, and what a solve costs it and the published form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from trm_core.domains import Domain, Pairs, domain
from trm_core.measuring.evaluate import examine
from trm_core.measuring.throughput import step_work
from trm_core.measuring.timing import in_turn
from trm_core.network.slots import Slots
from trm_core.network.units import CandidatesModel
from trm_core.weights import checkpoint

BOARDS = 64  # solved together


@torch.no_grad()
def marks_speed(pairs: Pairs, repeats: int) -> dict[str, Any]:
    """Milliseconds of a step of sudoku-marks, plainly and ours, boards a second, and by checkpoint what
    solving these 9x9 puzzles comes to."""
    model, card = checkpoint.load(checkpoint.find("sudoku-marks"))
    tokens_NL = torch.from_numpy(pairs.tokens_N2L[:, 0])
    one, many = (Slots(model, tokens_NL[torch.arange(n) % len(pairs)]) for n in (1, BOARDS))
    plain_ms, one_ms, many_ms = in_turn(
        [plain_marks_step(model, tokens_NL[:1]), one.step, many.step], repeats
    )
    return dict(
        marks_plain_step_ms=plain_ms,
        marks_step_ms=one_ms,
        marks_step_speedup=plain_ms / one_ms,
        boards_per_second={1: 1e3 / one_ms, BOARDS: BOARDS * 1e3 / many_ms},
        work={name: _work(name, domain(card.domain), pairs) for name in (card.name, "sudoku-9x9")},
    )


def _work(name: str, chosen: Domain, pairs: Pairs) -> dict[str, float]:
    """Of usual solves by that checkpoint: the share solved, and on average the supervision steps,
    network calls and GFLOP a puzzle."""
    model, card = checkpoint.load(checkpoint.find(name))
    outcomes = examine(model, chosen, pairs, most_steps=card.usual_steps, stop="rules")
    steps = float(outcomes.left_at_N.mean())
    return {
        "solved": float(outcomes.solved_NS[:, -1].mean()),
        "steps": steps,
        "calls": steps * card.model.calls_per_step,
        "gflop": steps * step_work(card.model, learning=False) / 1e9,
    }


def plain_marks_step(model: CandidatesModel, tokens_BL: Tensor) -> Callable[[], dict[str, Tensor]]:
    """The calls of a first step and what the three heads then say, written down plainly from the
    definition: who hears whom is a matrix of cells."""
    config = model.config
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    place = torch.arange(config.cells)
    row, col = place // config.cols, place % config.cols
    box = row // config.box_rows * config.cols + col // config.box_cols
    same_row, same_col, same_box = ((a[:, None] == a).float() for a in (row, col, box))

    def norm(h):
        return h * torch.rsqrt(h.square().mean(-1, keepdim=True) + config.norm_epsilon)

    def swiglu(h, name):
        gate, up = (h @ weights[name].T).chunk(2, dim=-1)
        return F.silu(gate) * up

    def layer(h, name):
        told = swiglu(h, f"{name}.mix.gate_up.weight") / 3
        line, in_box, in_cell = told.chunk(3, dim=-1)
        heard = (same_row @ line + same_col @ line) @ weights[f"{name}.mix.line.weight"].T
        heard = heard + same_box @ in_box @ weights[f"{name}.mix.box.weight"].T
        heard = heard + in_cell.sum(1, keepdim=True) @ weights[f"{name}.mix.cell.weight"].T
        h = norm(h + heard)
        inner = swiglu(h, f"{name}.feed_forward.gate_up.weight")
        return norm(h + inner @ weights[f"{name}.feed_forward.down.weight"].T)

    def step():
        digits = torch.arange(config.symbols)[:, None] + 2
        open_BNL = (tokens_BL[:, None] < 2) | (tokens_BL[:, None] == digits)
        mark_BNL = open_BNL.long() * (1 + (open_BNL.sum(1, keepdim=True) == 1).long())
        e = weights["mark_embedding"][mark_BNL]
        z = e
        for _ in range(config.latent_updates):
            z = e + z
            for number in range(config.layers):
                z = layer(z, f"network.layers.{number}")
        seen = F.silu(z @ weights["conflict_hidden.weight"].T + weights["conflict_hidden.bias"])
        conflict = (seen @ weights["conflict.weight"].T)[..., 0].flatten(1).logsumexp(1)
        return {
            "keep": (z @ weights["keep.weight"].T + weights["keep.bias"])[..., 0],
            "pick": (z @ weights["pick.weight"].T)[..., 0],
            "conflict": conflict - weights["conflict_bias"],
        }

    return step
