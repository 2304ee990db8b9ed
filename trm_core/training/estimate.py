"""What a run will cost, told before it begins: useful work, time at the best rate of this machine, memory."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil
import torch

from trm_core.measuring.throughput import step_work
from trm_core.network.forms import build_model
from trm_core.network.model import TinyRecursiveModel
from trm_core.training.recipe import Recipe

TRIED = 0.3  # seconds in which the rate of a plain product is measured
SIDE = 1024  # rows and columns of its matrices
# Bytes a trained number: itself, its gradient, two moments of the optimiser, its average.
PER_NUMBER = 5 * 4


@dataclass(frozen=True)
class Estimate:
    """Both are bounds from below: no run is as fast as a plain matrix product, or as spare as its tensors."""

    work: float  # floating-point operations of an update
    rate: float  # ... a second, of a plain product here
    updates: int
    memory: float  # bytes

    @property
    def seconds(self) -> float:
        """Of the whole run, at least."""
        return self.updates * self.work / self.rate

    @classmethod
    def of(cls, recipe: Recipe, device: torch.device, threads: int) -> Estimate:
        """Of a recipe on this device."""
        work = recipe.batch * step_work(recipe.model, learning=True)
        with torch.device("meta"):  # shapes alone
            model = build_model(recipe.model)
        wide = 2 if device.type == "cuda" else 4  # bytes of what is kept for the way back
        memory = PER_NUMBER * model.parameter_count + wide * recipe.batch * _kept(model)
        return cls(work, _rate(device, threads), recipe.updates, memory)


def memory_now(device: torch.device) -> int:
    """Bytes that this process has taken."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return psutil.Process().memory_info().rss


def _kept(model: TinyRecursiveModel) -> int:
    """Numbers that one puzzle's step keeps for the way back; `model` is on the "meta" device, where nothing is
    computed."""
    own = {id(p) for p in model.parameters()}
    seen: dict[int, torch.Tensor] = {}  # held, so that no two have one id

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        base = tensor if tensor._base is None else tensor._base
        if id(base) not in own:
            seen[id(base)] = base
        return tensor

    tokens_1L = torch.zeros(1, model.config.cells, dtype=torch.long, device="meta")
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model.step(model.start(1), model.embed(tokens_1L))
    kept = sum(tensor.numel() for tensor in seen.values())
    del output
    return kept


def _rate(device: torch.device, threads: int) -> float:
    """Operations a second of a plain product of two matrices."""
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    one, other = torch.ones(2, SIDE, SIDE, device=device, dtype=dtype)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        _ = float((one @ other)[0, 0])  # warm
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < TRIED:
            for _ in range(1 if device.type == "cpu" else 50):
                product = one @ other
                done += 1
            _ = float(product[0, 0])  # waits for it
        return done * 2.0 * SIDE**3 / (time.perf_counter() - began)
    finally:
        torch.set_num_threads(before)
