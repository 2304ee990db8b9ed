"""Our checkpoint format: one safetensors file holding the weights and a card.

The card is JSON in the file's metadata: configuration, domain, how the weights were made, and
results on held-out puzzles. Weights are stored in fp16 or bf16 and computed with in fp32.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from trm_core.config import ConfigError, ModelConfig
from trm_core.model import TinyRecursiveModel

FOLDER = Path(__file__).resolve().parent.parent / "checkpoints"
FORMAT = "trm-checkpoint-1"
DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}


class CheckpointError(ValueError):
    """A file that can't be used as a checkpoint; the message says why, in one sentence."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a checkpoint says about itself."""

    name: str
    domain: str
    model: ModelConfig
    command: str = ""  # the exact command that made the weights
    data: str = ""  # what it was trained on, in a sentence
    seed: int | None = None
    hardware: str = ""
    minutes: float | None = None  # of training
    updates: int | None = None
    recipe: Mapping[str, Any] | None = None
    results: tuple[Mapping[str, Any], ...] = field(default=())  # tables `evaluate` measured

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"results": list(self.results)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Card:
        unknown = sorted(set(values) - {f.name for f in fields(cls)})
        if unknown:
            raise CheckpointError(f"the card has an unknown field {', '.join(map(repr, unknown))}")
        missing = sorted({"name", "domain", "model"} - set(values))
        if missing:
            raise CheckpointError(f"the card lacks the field {', '.join(map(repr, missing))}")
        try:
            config = ModelConfig.from_dict(values["model"])
        except (ConfigError, TypeError) as error:
            raise CheckpointError(f"the card's model can't be built: {error}") from None
        return cls(**values | {"model": config, "results": tuple(values.get("results") or ())})

    def with_result(self, result: Mapping[str, Any]) -> Card:
        """This card with one more result; a result with the same "set" is replaced."""
        others = tuple(r for r in self.results if r.get("set") != result.get("set"))
        return replace(self, results=(*others, result))


def save(path: Path, model: TinyRecursiveModel, card: Card, dtype: str = "fp16") -> None:
    """Write weights and card in one go: a reader never sees half a file."""
    tensors = {
        name: tensor.detach().to("cpu", DTYPES[dtype]).contiguous()
        for name, tensor in model.state_dict().items()
    }
    _write(path, tensors, card)


def save_card(path: Path, card: Card) -> None:
    """Replace the card of an existing checkpoint; its tensors stay bit for bit."""
    with _opened(path) as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    _write(path, tensors, card)


def load(path: Path, device: torch.device | str = "cpu") -> tuple[TinyRecursiveModel, Card]:
    """The model, in fp32 and ready to solve, and its card.

    Raises `CheckpointError` in one sentence when the file is missing, broken, of another format,
    or when a tensor is missing, unknown or of another shape than the card's model has.
    """
    with _opened(path) as file:
        card = _card(file, path)
        with torch.device("meta"):  # shapes first: a card may claim any size
            expected = TinyRecursiveModel(card.model).state_dict()
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
            if not found.isfinite().all():
                raise CheckpointError(
                    f"{path.name}: tensor {name!r} holds values that aren't numbers"
                )
            tensors[name] = found.float()
    model = TinyRecursiveModel(card.model)
    model.load_state_dict(tensors)
    return model.to(device).for_inference(), card


def read_card(path: Path) -> Card:
    """The card alone, without reading the weights."""
    with _opened(path) as file:
        return _card(file, path)


def bundled() -> dict[str, Path]:
    """The checkpoints that come with the project, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.safetensors"))}


def find(name_or_path: str) -> Path:
    """The path of a bundled checkpoint, or of a file. Says how to make what is missing."""
    if name_or_path in bundled():
        return bundled()[name_or_path]
    path = Path(name_or_path)
    if path.is_file():
        return path
    known = ", ".join(bundled()) or "none"
    raise CheckpointError(
        f"no checkpoint {name_or_path!r} (bundled: {known}); "
        f"`python -m trm_core train NAME` makes one"
    )


def _write(path: Path, tensors: dict[str, torch.Tensor], card: Card) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    save_file(tensors, part, metadata={"format": FORMAT, "card": json.dumps(card.as_dict())})
    os.replace(part, path)


def _opened(path: Path) -> Any:
    try:
        return safe_open(path, framework="pt")
    except FileNotFoundError:
        raise CheckpointError(f"there is no file {path}") from None
    except (SafetensorError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise CheckpointError(f"{path.name} is not a whole safetensors file ({reason})") from None


def _card(file: Any, path: Path) -> Card:
    metadata = file.metadata() or {}
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"{path.name} is a safetensors file, but not one of ours: its format is "
            f"{metadata.get('format')!r}, expected {FORMAT!r}"
        )
    try:
        values = json.loads(metadata.get("card", ""))
    except json.JSONDecodeError:
        raise CheckpointError(f"{path.name}: the card is not readable JSON") from None
    if not isinstance(values, dict):
        raise CheckpointError(f"{path.name}: the card should be a JSON object")
    return Card.from_dict(values)
