"""A test set in, a table of outcomes out: exact accuracy by depth, halting, speed."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from trm_core.device import threads_for
from trm_core.model import TinyRecursiveModel
from trm_core.slots import Slots


@dataclass(frozen=True)
class Evaluation:
    """What a checkpoint did on `puzzles` puzzles. Shares lie in 0..1."""

    puzzles: int
    most_steps: int
    halting: bool  # puzzles left when the halting head said so; False: all ran to the end
    exact: dict[int, float]  # by supervision step: every cell right by then
    interval: tuple[float, float]  # 95 % for the last of them (Wilson)
    cells: float  # share of the cells right at the end
    mean_steps: float  # until the halting head said so, or the end
    halting_accuracy: float  # share of puzzles whose halting head, at its end, told the truth
    puzzles_per_second: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        rows = [f"{'steps':>8}  exact"]
        rows += [f"{step:>8}  {100 * share:5.1f} %" for step, share in self.exact.items()]
        low, high = (100 * bound for bound in self.interval)
        rows += [
            f"on {self.puzzles} puzzles (95 % interval at the end: {low:.1f} to {high:.1f} %)",
            f"cells right {100 * self.cells:.2f} %, mean steps to halt {self.mean_steps:.2f}, "
            f"halting head right {100 * self.halting_accuracy:.1f} %, "
            f"{self.puzzles_per_second:.1f} puzzles/s",
        ]
        return "\n".join(rows)


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """95 % confidence interval of a share of `count` trials (Wilson, 1927)."""
    z = 1.959964
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return max(0.0, centre - half), min(1.0, centre + half)


@torch.no_grad()
def evaluate(
    model: TinyRecursiveModel,
    pairs_N2L: np.ndarray,
    *,
    most_steps: int = 16,
    halting: bool = True,
    capacity: int = 64,
) -> Evaluation:
    """Measure on question-solution pairs of tokens, (N, 2, L) uint8.

    With `halting` a puzzle keeps the answer it halted with and makes room for the next one, so
    the accuracy at step s counts what a user who lets the model halt would have by then.
    """
    if model.device.type == "cpu":
        torch.set_num_threads(threads_for(model.config))
    began = time.perf_counter()
    pairs = torch.from_numpy(pairs_N2L).to(model.device)
    count = len(pairs)
    exact_NS = np.zeros((count, most_steps), dtype=bool)
    cells_N = np.zeros(count)
    halted_at_N = np.full(count, most_steps)
    told_truth_N = np.zeros(count, dtype=bool)

    slots = Slots(model, pairs[:capacity, 0])
    owner_B = np.arange(len(slots))
    waiting = len(slots)
    while len(slots):
        output = slots.step()
        right_BL = output.logits_BLV.argmax(-1) == pairs[owner_B, 1]
        exact_B = right_BL.all(-1).cpu().numpy()
        says_done_B = (output.q_B > 0).cpu().numpy()
        step_B = slots.steps_B.cpu().numpy()
        first_B = says_done_B & (halted_at_N[owner_B] == most_steps) & (step_B < most_steps)
        halted_at_N[owner_B[first_B]] = step_B[first_B]
        exact_NS[owner_B, step_B - 1] = exact_B
        cells_N[owner_B] = right_BL.float().mean(-1).cpu().numpy()
        told_truth_N[owner_B] = says_done_B == exact_B
        done_B = (step_B >= most_steps) | (says_done_B & halting)
        for row in np.flatnonzero(done_B):  # a halted puzzle keeps its answer
            exact_NS[owner_B[row], step_B[row] :] = exact_B[row]
        if done_B.any():
            fresh = np.arange(waiting, min(count, waiting + int(done_B.sum())))
            waiting += len(fresh)
            slots.keep(torch.from_numpy(~done_B).to(model.device))
            owner_B = np.concatenate([owner_B[~done_B], fresh])
            if len(fresh):
                slots.add(pairs[fresh, 0])
    by_step = exact_NS.mean(0)
    depths = sorted({*(2**k for k in range(11) if 2**k < most_steps), most_steps})
    return Evaluation(
        puzzles=count,
        most_steps=most_steps,
        halting=halting,
        exact={depth: float(by_step[depth - 1]) for depth in depths},
        interval=wilson_interval(float(by_step[-1]), count),
        cells=float(cells_N.mean()),
        mean_steps=float(halted_at_N.mean()),
        halting_accuracy=float(told_truth_N.mean()),
        puzzles_per_second=count / (time.perf_counter() - began),
    )
