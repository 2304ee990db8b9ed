"""Which device computes, and with how many threads."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from trm_core.network.config import ConfigError, ModelConfig

# Work of one network call, in multiply-adds for one puzzle, under which a second thread costs
# more than it brings: with another process busy, small models ran many times slower on two.
SMALL = 100e6


def pick_device(name: str | None = None) -> torch.device:
    """The device of that name, or the best there is: CUDA, then MPS, then CPU.

    Raises `ConfigError` for a device this machine lacks.
    """
    has = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name is None:
        return torch.device(next(kind for kind, there in has.items() if there))
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ConfigError(f"device must be one of {', '.join(has)}; got {name!r}") from None
    if not has.get(device.type, False):
        raise ConfigError(f"this machine has no device {name!r}")
    return device


def threads_for(config: ModelConfig) -> int:
    """CPU threads for one puzzle at a time: one for small models, all cores for large ones."""
    per_position = config.layers * 3 * config.width * config.inner_width(config.width)
    return 1 if per_position * config.sequence_length < SMALL else os.cpu_count() or 1


def describe(device: torch.device) -> str:
    """The device in words, such as "CPU (AMD EPYC 7B13, 2 cores)"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    return f"CPU ({_processor()}, {os.cpu_count()} cores)"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
