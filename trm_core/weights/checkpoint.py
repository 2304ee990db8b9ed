"""Our checkpoint format: one safetensors file holding the weights and a card.

The card (`card.py`) is JSON in the file's metadata: configuration, domain, how the weights were
made, and results on held-out puzzles. Weights are stored in fp16 or bf16 and computed with in fp32.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from trm_core.domains import Domain, domain
from trm_core.network.forms import build_model
from trm_core.network.model import TinyRecursiveModel
from trm_core.weights.card import (
    FORMAT,
    Card,
    CheckpointError,
    bundled,
    card_in,
    find,
    opened,
    read_card,
)

__all__ = ["Card", "CheckpointError", "bundled", "find", "load", "read_card", "save", "save_card"]

DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}


def save(path: Path, model: TinyRecursiveModel, card: Card, dtype: str = "fp16") -> None:
    """Write weights and card in one go: a reader never sees half a file. Raises `OSError` where that can't be."""
    tensors = {
        name: tensor.detach().to("cpu", DTYPES[dtype]).contiguous()
        for name, tensor in model.state_dict().items()
    }
    _write(path, tensors, card)


def save_card(path: Path, card: Card) -> None:
    """Replace the card of an existing checkpoint; its tensors stay bit for bit."""
    with opened(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    _write(path, tensors, card)


def load(
    path: Path,
    device: torch.device | str = "cpu",
    *,
    asked: Domain | None = None,
    to_learn: bool = False,
) -> tuple[TinyRecursiveModel, Card]:
    """The model, in fp32 and ready to solve, or `to_learn` on, and its card; both sized for the puzzle
    to be `asked`, where that is not the model's own (`Card.reading`).

    Raises `CheckpointError` in one sentence when the file is missing, broken, of another format,
    or when a tensor is missing, unknown or of another shape than the card's model has.
    """
    with opened(path, "pt") as file:
        card = card_in(file, path)
        if asked is not None:
            card = _reading(card, asked)
        with torch.device("meta"):  # shapes first: a card may claim any size
            expected = build_model(card.model).state_dict()
        names = set(file.keys())
        for problem, odd in (
            ("lacks the tensor", set(expected) - names),
            ("has an unknown tensor", names - set(expected)),
        ):
            if odd:
                raise CheckpointError(f"{path.name} {problem} {sorted(odd)[0]!r}")
        tensors = {}
        for name, tensor in expected.items():
            found = file.get_tensor(name)
            if found.shape != tensor.shape:
                raise CheckpointError(
                    f"{path.name}: tensor {name!r} should be {tuple(tensor.shape)}, "
                    f"is {tuple(found.shape)}"
                )
            found = found.float()  # of the smallest kinds of numbers torch can't tell it
            if not found.isfinite().all():
                raise CheckpointError(
                    f"{path.name}: tensor {name!r} holds values that aren't numbers"
                )
            tensors[name] = found
    model = build_model(card.model)
    model.load_state_dict(tensors)
    model = model.to(device)
    return (model if to_learn else model.for_inference()), card


def _reading(card: Card, asked: Domain) -> Card:
    reading = card.reading(asked)
    if reading is None:
        raise CheckpointError(
            f"{card.name} reads {domain(card.domain).title}s, not a {asked.title}"
        )
    return reading


def _write(path: Path, tensors: dict[str, torch.Tensor], card: Card) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        save_file(tensors, part, metadata={"format": FORMAT, "card": json.dumps(card.as_dict())})
    except SafetensorError as error:  # what it makes of a disk that is full or closed
        raise OSError(f"{path} could not be written: {error}") from error
    os.replace(part, path)
