"""Import of the published PyTorch checkpoints (github.com/SamsungSAILMontreal/TinyRecursiveModels).

Such a file is a bare state dict saved with `torch.save`. Its names are translated here and
nowhere else: their z_H is our y, z_L our z, `L_level` the one network. The number of cycles and
latent updates, and of attention heads, is not in the weights; it must be given, or stand in an
`all_config.yaml` beside the file. No pickled code is ever run.
"""

from __future__ import annotations

import pickle
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trm_core.network.config import ConfigError, ModelConfig
from trm_core.network.model import TinyRecursiveModel
from trm_core.weights.card import CheckpointError

MOST_PUZZLE_ROWS = 4096  # puzzle embeddings taken over without being named
_WRAPPERS = ("ema", "model", "state_dict", "model_state_dict")
_PREFIXES = ("_orig_mod.", "module.", "model.", "inner.")
_IGNORED = ("puzzle_emb.local_",)
_NAMES = {
    "H_init": "y_start",
    "L_init": "z_start",
    "embed_tokens.embedding_weight": "token_embedding",
    "embed_pos.embedding_weight": "position_embedding",
    "lm_head.weight": "head.weight",
    "q_head.weight": "halt_head.weight",
    "q_head.bias": "halt_head.bias",
    "puzzle_emb.weights": "puzzle_embedding",
}
_LAYER_NAMES = {
    "self_attn.qkv_proj.weight": "mix.qkv.weight",
    "self_attn.o_proj.weight": "mix.out.weight",
    "mlp_t.gate_up_proj.weight": "mix.gate_up.weight",
    "mlp_t.down_proj.weight": "mix.down.weight",
    "mlp.gate_up_proj.weight": "feed_forward.gate_up.weight",
    "mlp.down_proj.weight": "feed_forward.down.weight",
}
_SETTINGS = {"H_cycles": "cycles", "L_cycles": "latent_updates", "num_heads": "heads"}


def import_published(
    path: Path,
    *,
    rows: int,
    cols: int,
    cycles: int | None = None,
    latent_updates: int | None = None,
    heads: int | None = None,
    puzzle_rows: Sequence[int] | None = None,
) -> TinyRecursiveModel:
    """The model in a published checkpoint, in fp32, for a grid of `rows` x `cols`.

    What is None is read from `all_config.yaml` beside the file; heads default to 8.
    `puzzle_rows` chooses puzzle embeddings; the file is mapped, so the others are never read.
    Raises `CheckpointError` in one sentence for anything that isn't such a file.
    """
    settings = _settings(path, cycles, latent_updates, heads)
    tensors = _translated(_read(path), path)
    if "puzzle_embedding" in tensors:
        tensors["puzzle_embedding"] = _chosen_rows(tensors["puzzle_embedding"], puzzle_rows, path)
    try:
        config = _config(tensors, rows, cols, settings)
        model = TinyRecursiveModel(config)
    except (ConfigError, KeyError, IndexError, ValueError) as error:
        raise CheckpointError(f"{path.name} doesn't fit a {rows}x{cols} grid: {error}") from None
    expected = model.state_dict()
    for name in sorted(set(expected) ^ set(tensors)):
        problem = "lacks" if name in expected else "has an unknown"
        raise CheckpointError(f"{path.name} {problem} tensor (ours: {name!r})")
    for name, tensor in expected.items():
        if tensors[name].shape != tensor.shape:
            raise CheckpointError(
                f"{path.name}: {name!r} should be {tuple(tensor.shape)} for a {rows}x{cols} "
                f"grid, is {tuple(tensors[name].shape)}"
            )
        if not tensors[name].isfinite().all():
            raise CheckpointError(f"{path.name}: {name!r} holds values that aren't numbers")
    model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return model.for_inference()


def _read(path: Path) -> Mapping[str, Tensor]:
    """The state dict, mapped into memory, out of the wrappers some files have."""
    if not path.is_file():
        raise CheckpointError(f"there is no file {path}")
    if not zipfile.is_zipfile(path):
        raise CheckpointError(
            f"{path.name} is not a whole PyTorch checkpoint (not written by torch.save, or cut off)"
        )
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError:
        raise CheckpointError(
            f"{path.name} holds more than tensors; it was not opened, because such a file "
            "could run code"
        ) from None
    except Exception as error:  # a damaged pickle may raise anything
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"{path.name} can't be read as a checkpoint ({reason})") from None
    for _ in _WRAPPERS:
        wrapped = next(
            (k for k in _WRAPPERS if _is_dict(content) and _is_dict(content.get(k))), None
        )
        if wrapped is None:
            break
        content = content[wrapped]
    if not _is_dict(content) or not all(
        isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items()
    ):
        raise CheckpointError(f"{path.name} is not a state dict (names and tensors)")
    for name, tensor in content.items():
        if tensor.layout is not torch.strided or not tensor.is_floating_point():
            raise CheckpointError(f"{path.name}: tensor {name!r} does not hold plain numbers")
    return content


def _is_dict(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value)


def _translated(content: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Their names to ours. Raises on a name that a published model doesn't have."""
    tensors = {}
    for name, tensor in content.items():
        bare = name
        while bare.startswith(_PREFIXES):
            bare = bare.split(".", 1)[1]
        if bare.startswith(_IGNORED):
            continue
        layer = re.fullmatch(r"L_level\.layers\.(\d+)\.(.+)", bare)
        if layer and layer[2] in _LAYER_NAMES:
            tensors[f"network.layers.{layer[1]}.{_LAYER_NAMES[layer[2]]}"] = tensor
        elif bare in _NAMES:
            tensors[_NAMES[bare]] = tensor
        else:
            raise CheckpointError(
                f"{path.name} is not a published TRM checkpoint: it has a tensor {name!r}"
            )
    return tensors


def _chosen_rows(embedding: Tensor, rows: Sequence[int] | None, path: Path) -> Tensor:
    if rows is None and len(embedding) > MOST_PUZZLE_ROWS:
        raise CheckpointError(
            f"{path.name} has {len(embedding):,} puzzle embeddings; name the rows you need"
        )
    if rows is None:
        return embedding
    if not rows or not all(0 <= row < len(embedding) for row in rows):
        raise CheckpointError(f"puzzle rows must lie in 0..{len(embedding) - 1}, got {list(rows)}")
    return embedding[torch.tensor(rows)]


def _settings(
    path: Path, cycles: int | None, latent_updates: int | None, heads: int | None
) -> dict[str, int]:
    settings: dict[str, int] = {"heads": 8}
    beside = path.with_name("all_config.yaml")
    if beside.is_file():
        for line in beside.read_text(errors="replace").splitlines():
            match = re.fullmatch(r"\s*(\w+):\s*(\d+)\s*", line)
            if match and match[1] in _SETTINGS:
                settings[_SETTINGS[match[1]]] = int(match[2])
    given = {"cycles": cycles, "latent_updates": latent_updates, "heads": heads}
    settings |= {name: value for name, value in given.items() if value is not None}
    for name in ("cycles", "latent_updates"):
        if name not in settings:
            raise CheckpointError(
                f"the number of {name.replace('_', ' ')} is not in the weights: name it, or put "
                "the run's all_config.yaml beside the file"
            )
    return settings


def _config(
    tensors: Mapping[str, Tensor], rows: int, cols: int, settings: Mapping[str, int]
) -> ModelConfig:
    vocab_size, width = tensors["token_embedding"].shape
    layers = len({name.split(".")[2] for name in tensors if name.startswith("network.layers.")})
    has_puzzles = "puzzle_embedding" in tensors
    mixes_by_mlp = "network.layers.0.mix.gate_up.weight" in tensors
    if mixes_by_mlp:
        positions = "none"
        prefix_length = tensors["network.layers.0.mix.gate_up.weight"].shape[1] - rows * cols
        if prefix_length < 0:
            raise ConfigError(f"it mixes {prefix_length + rows * cols} positions")
    else:
        positions = "learned" if "position_embedding" in tensors else "rotary_1d"
        prefix_length = 16 if has_puzzles else 0
    return ModelConfig(
        vocab_size=vocab_size,
        rows=rows,
        cols=cols,
        width=width,
        layers=layers,
        mixer="mlp" if mixes_by_mlp else "attention",
        positions=positions,
        prefix="puzzle" if has_puzzles else "none",
        prefix_length=prefix_length,
        puzzle_ids=len(tensors["puzzle_embedding"]) if has_puzzles else 0,
        halt_outputs=tensors["halt_head.bias"].shape[0],
        **settings,
    )
