"""The optimisers of the recipes, all from torch or a package; learning rates are set per update."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from trm_core.network.config import ConfigError
from trm_core.network.model import TinyRecursiveModel
from trm_core.training.recipe import Recipe

PUZZLES = "puzzle_embedding"  # the parameter that holds a row for each puzzle


class Optimisers:
    """One or two optimisers that step together under the recipe's schedule.

    `parameters` is all they move: the model's, and those of a head that serves training only.
    """

    def __init__(
        self, recipe: Recipe, model: TinyRecursiveModel, head: nn.Module | None = None
    ) -> None:
        self.recipe = recipe
        named = dict(model.named_parameters())
        if head is not None:
            named |= {f"signposts.{name}": p for name, p in head.named_parameters()}
        self.parameters = list(named.values())
        self._all = _build(recipe, named)
        self._base = [[group["lr"] for group in o.param_groups] for o in self._all]

    def step(self, update: int) -> None:
        """Apply the gradients with the learning rate of this update, and clear them."""
        factor = self.recipe.lr_factor(update)
        for optimiser, rates in zip(self._all, self._base, strict=True):
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict]:
        return [optimiser.state_dict() for optimiser in self._all]

    def load_state_dict(self, states: list[dict]) -> None:
        for optimiser, state in zip(self._all, states, strict=True):
            optimiser.load_state_dict(state)


class SignSGD(Optimizer):
    """w <- (1 - lr * decay) w - lr * sign(gradient), in the rows alone that have a gradient: what the published runs move
    the puzzle embedding by, of which a batch holds few rows."""

    def __init__(self, parameters: list[nn.Parameter], lr: float, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Move the rows."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                rows = weight.grad.flatten(1).any(1).nonzero()[:, 0]
                moved = weight[rows] * (1 - group["lr"] * group["weight_decay"])
                weight[rows] = moved - group["lr"] * weight.grad[rows].sign()


def _build(recipe: Recipe, parameters: dict[str, nn.Parameter]) -> list[Optimizer]:
    if recipe.puzzle_lr:
        own = [p for name, p in parameters.items() if name == PUZZLES]
        rest = {name: p for name, p in parameters.items() if name != PUZZLES}
        assert own, list(parameters)
        return [SignSGD(own, recipe.puzzle_lr, recipe.weight_decay), *_usual(recipe, rest)]
    return _usual(recipe, parameters)


def _usual(recipe: Recipe, parameters: dict[str, nn.Parameter]) -> list[Optimizer]:
    adam: dict[str, Any] = {
        "lr": recipe.lr,
        "betas": recipe.betas,
        "weight_decay": recipe.weight_decay,
    }
    if recipe.optimiser == "adam_atan2":
        # Not imported at the top: the package is only needed by this choice.
        try:
            from adam_atan2_pytorch import AdamAtan2
        except ImportError:
            raise ConfigError(
                "optimiser",
                "'adam_atan2' needs a package: pip install adam-atan2-pytorch==0.4.1, or --set optimiser=adamw",
            ) from None
        return [AdamAtan2(parameters.values(), decoupled_wd=False, **adam)]
    if recipe.optimiser == "muon":
        matrices = {name: p for name, p in parameters.items() if "network." in name and p.ndim == 2}
        rest = [p for name, p in parameters.items() if name not in matrices]
        muon = torch.optim.Muon(
            matrices.values(),
            lr=recipe.muon_lr,
            weight_decay=recipe.muon_weight_decay,
            momentum=recipe.muon_momentum,
            nesterov=True,
            ns_steps=3,
            adjust_lr_fn="original",
        )
        return [muon, torch.optim.AdamW(rest, **adam)]
    if not recipe.decay_vectors:
        decayed = [p for p in parameters.values() if p.ndim > 1]
        vectors = {"params": [p for p in parameters.values() if p.ndim <= 1], "weight_decay": 0.0}
        return [torch.optim.AdamW([{"params": decayed}, vectors], **adam)]
    return [torch.optim.AdamW(parameters.values(), **adam)]
