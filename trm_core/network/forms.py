"""The forms a model can have: its configuration says which; they are told apart here and nowhere else."""

from __future__ import annotations

import torch

from trm_core.network.colours import ColoursModel
from trm_core.network.config import ModelConfig
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.units import CandidatesModel, UnitsModel


def form_of(config: ModelConfig) -> type[TinyRecursiveModel]:
    """The class that a configuration asks for."""
    if config.mixer == "colours":
        return ColoursModel
    if config.mixer == "units":
        return CandidatesModel if config.answer == "candidates" else UnitsModel
    return TinyRecursiveModel


def build_model(
    config: ModelConfig, generator: torch.Generator | None = None
) -> TinyRecursiveModel:
    """The model of a configuration, whichever form it has, with weights drawn from `generator`."""
    return form_of(config)(config, generator)
