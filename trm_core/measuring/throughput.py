"""How much useful work an update is, and where its time goes."""

from __future__ import annotations

import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from trm_core.network.config import ModelConfig
from trm_core.network.forms import build_model


def step_work(config: ModelConfig, *, learning: bool) -> float:
    """Floating-point operations of the products in one supervision step of one puzzle, as torch
    counts them; with the way back if `learning`. What is computed again to save memory is no use
    and not counted.

    The step is only traced, on the "meta" device, where nothing is computed.
    """
    model = build_model(config).to("meta")
    tokens_1L = torch.zeros(1, config.cells, dtype=torch.long, device="meta")
    counter = FlopCounterMode(display=False)
    with counter, torch.set_grad_enabled(learning):
        output = model.step(model.start(1), model.embed(tokens_1L))
        if learning:
            answers = output.logits_BLV.sum() + output.halt_BH.sum()
            # Where the answer is written without gradient, what is learnt from is the latent.
            (answers if answers.requires_grad else output.state.z_BMD.sum()).backward()
    return float(counter.get_total_flops())


def profiled(update, device: torch.device, updates: int = 10, rows: int = 15) -> str:
    """A table of what costs most in some calls of `update`, after a few to warm up."""
    for _ in range(3):
        update()
    activities = [ProfilerActivity.CPU]
    order = "self_cpu_time_total"
    if device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
        order = "self_cuda_time_total"
    with profile(activities=activities) as found:
        for _ in range(updates):
            update()
    return found.key_averages().table(sort_by=order, row_limit=rows, max_name_column_width=50)
