"""Import of the published PyTorch checkpoints of TRM (github.com/SamsungSAILMontreal/TinyRecursiveModels) and HRM
(github.com/sapientinc/HRM).

Such a file is a bare state dict saved with `torch.save`. Its names are translated here and
nowhere else: their z_H is our y, z_L our z, `L_level` the one network (of HRM: the one that refines z, `H_level` the one
that writes y); a model of a single z has `net` and `z_init`, or no H_init. The number of cycles and
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
import yaml
from torch import Tensor

from trm_core.network.config import ConfigError, ModelConfig
from trm_core.network.model import TinyRecursiveModel
from trm_core.weights.card import CheckpointError

MOST_PUZZLE_ROWS = 4096  # puzzle embeddings taken over without being named
MOST_SETTINGS = 100_000  # bytes of an all_config.yaml
# Dicts that a state dict may lie in; averaged weights before others.
_WRAPPERS = (
    *("ema", "ema_state", "ema_state_dict", "ema_model", "shadow"),
    *("model", "state_dict", "model_state_dict", "module"),
)
_PREFIXES = ("module.", "model.", "inner.")
_IGNORED = ("puzzle_emb.local_",)
_NAMES = {
    "H_init": "y_start",
    "L_init": "z_start",
    "z_init": "z_start",
    "embed_tokens.embedding_weight": "token_embedding",
    "embed_pos.embedding_weight": "position_embedding",
    "lm_head.weight": "head.weight",
    "q_head.weight": "halt_head.weight",
    "q_head.bias": "halt_head.bias",
    "puzzle_emb.weights": "puzzle_embedding",
}
_NETWORKS = {"L_level": "network", "net": "network", "H_level": "answer_network"}
_LAYER_NAMES = {
    "self_attn.qkv_proj.weight": "mix.qkv.weight",
    "self_attn.o_proj.weight": "mix.out.weight",
    "mlp_t.gate_up_proj.weight": "mix.gate_up.weight",
    "mlp_t.down_proj.weight": "mix.down.weight",
    "mlp.gate_up_proj.weight": "feed_forward.gate_up.weight",
    "mlp.down_proj.weight": "feed_forward.down.weight",
}
# Settings of a run that are not in its weights, by our names, and of which type they are.
_SETTINGS = {
    "H_cycles": ("cycles", int),
    "L_cycles": ("latent_updates", int),
    "num_heads": ("heads", int),
    "halt_max_steps": ("supervision_steps", int),
    "puzzle_emb_len": ("prefix_length", int),
    "rope_theta": ("rotary_base", float),
    "rms_norm_eps": ("norm_epsilon", float),
    "expansion": ("expansion", float),
    "pos_encodings": ("positions", str),
}
_KINDS = {int: "a whole number", float: "a number", str: "a word"}
_POSITIONS = {"rope": "rotary_1d", "learned": "learned", "none": "none"}
# Settings that the weights show too, and what of a configuration they have to be.
_SHOWN = {"hidden_size": "width", "L_layers": "layers", "vocab_size": "vocab_size"}


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
    said = _said(path)
    settings = _settings(said, cycles, latent_updates, heads)
    tensors = _translated(_read(path), path)
    if "puzzle_embedding" in tensors:
        tensors["puzzle_embedding"] = _chosen_rows(tensors["puzzle_embedding"], puzzle_rows, path)
    try:
        config = _config(tensors, rows, cols, settings)
        with torch.device("meta"):  # shapes first: one tensor may claim a model of any size
            expected = TinyRecursiveModel(config).state_dict()
    except (ConfigError, KeyError, IndexError, ValueError) as error:
        raise CheckpointError(f"{path.name} doesn't fit a {rows}x{cols} grid: {error}") from None
    _check_shown(config, said)
    for name in sorted(set(expected) ^ set(tensors)):
        problem = "lacks" if name in expected else "has an unknown"
        raise CheckpointError(f"{path.name} {problem} tensor (ours: {name!r})")
    for name, tensor in expected.items():
        if tensors[name].shape != tensor.shape:
            raise CheckpointError(
                f"{path.name}: {name!r} should be {tuple(tensor.shape)} for a {rows}x{cols} "
                f"grid, is {tuple(tensors[name].shape)}"
            )
        tensors[name] = tensors[
            name
        ].float()  # of the smallest kinds of numbers torch can't tell it
        if not tensors[name].isfinite().all():
            raise CheckpointError(f"{path.name}: {name!r} holds values that aren't numbers")
    model = TinyRecursiveModel(config)
    model.load_state_dict(tensors)
    return model.for_inference()


def _read(path: Path) -> Mapping[str, Tensor]:
    """The state dict, mapped into memory, out of the wrappers some files have."""
    if not path.is_file():
        raise CheckpointError(f"there is no file {path}")
    mapped = zipfile.is_zipfile(path)  # else it is as torch.save wrote it before version 1.6
    if not mapped and not _is_legacy(path):
        raise CheckpointError(
            f"{path.name} is not a whole PyTorch checkpoint (not written by torch.save, or cut off)"
        )
    if mapped and _is_packed(path):
        raise CheckpointError(f"{path.name} is a compressed ZIP, which torch.save doesn't write")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
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
    return content


def _is_packed(path: Path) -> bool:
    """Whether a ZIP may hold more than its size."""
    with zipfile.ZipFile(path) as file:
        return any(entry.compress_type != zipfile.ZIP_STORED for entry in file.infolist())


def _is_legacy(path: Path) -> bool:
    """Whether a file begins as pickles do."""
    with path.open("rb") as file:
        return file.read(1) == b"\x80"


def _is_dict(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value)


def _translated(content: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Their names to ours. Raises on a name that a published model doesn't have."""
    tensors = {}
    for name, tensor in content.items():
        bare = name.replace("_orig_mod.", "")  # a compiled part may stand anywhere
        while bare.startswith(_PREFIXES):
            bare = bare.split(".", 1)[1]
        if bare.startswith(_IGNORED):
            continue
        if tensor.layout is not torch.strided or not tensor.is_floating_point():
            raise CheckpointError(f"{path.name}: tensor {name!r} does not hold plain numbers")
        if tensor.nbytes > tensor.untyped_storage().nbytes():
            raise CheckpointError(
                f"{path.name}: tensor {name!r} claims more numbers than the file holds"
            )
        layer = re.fullmatch(r"(L_level|H_level|net)\.layers\.(\d+)\.(.+)", bare)
        if layer and layer[3] in _LAYER_NAMES:
            tensors[f"{_NETWORKS[layer[1]]}.layers.{layer[2]}.{_LAYER_NAMES[layer[3]]}"] = tensor
        elif bare in _NAMES:
            tensors[_NAMES[bare]] = tensor
        else:
            raise CheckpointError(
                f"{path.name} is not a published checkpoint of TRM or HRM: it has a tensor {name!r}"
            )
    if (
        "z_start" in tensors and "y_start" not in tensors
    ):  # a single z: there is nothing to begin y with
        tensors["y_start"] = torch.zeros_like(tensors["z_start"])
    return tensors


def _chosen_rows(embedding: Tensor, rows: Sequence[int] | None, path: Path) -> Tensor:
    if rows is None and len(embedding) > MOST_PUZZLE_ROWS:
        raise CheckpointError(
            f"{path.name} has {len(embedding):,} puzzle embeddings; choose those you need "
            "(--puzzle-rows)"
        )
    if rows is None:
        return embedding
    if not rows or not all(0 <= row < len(embedding) for row in rows):
        raise CheckpointError(f"puzzle rows must lie in 0..{len(embedding) - 1}, got {list(rows)}")
    return embedding[torch.tensor(rows)]


def _said(path: Path) -> dict[str, Any]:
    """What the `all_config.yaml` beside a checkpoint says of its model; empty without one."""
    beside = path.with_name("all_config.yaml")
    if not beside.is_file():
        return {}
    if beside.stat().st_size > MOST_SETTINGS:
        raise CheckpointError(
            f"{beside.name} has {beside.stat().st_size:,} bytes; it may have {MOST_SETTINGS:,}"
        )
    try:
        config = yaml.load(beside.read_text(errors="replace"), _Plain)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise CheckpointError(
            f"{beside.name} beside {path.name} is no YAML that can be read"
        ) from None
    if not isinstance(config, dict):
        raise CheckpointError(f"{beside.name} beside {path.name} holds no settings")
    arch = config.get("arch")
    return config | arch if isinstance(arch, dict) else config


class _Plain(yaml.SafeLoader):
    """YAML without aliases, of which a few lines can hold more than a memory does."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def _settings(
    said: Mapping[str, Any], cycles: int | None, latent_updates: int | None, heads: int | None
) -> dict[str, Any]:
    settings: dict[str, Any] = {"heads": 8}
    for name, (ours, kind) in _SETTINGS.items():
        value = said.get(name)
        if value is None:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (isinstance(value, str) if kind is str else number and kind(value) == value):
            raise CheckpointError(
                f"all_config.yaml says {name}: {value!r}, which is not {_KINDS[kind]}"
            )
        settings[ours] = kind(value)
    if "positions" in settings:
        if settings["positions"] not in _POSITIONS:
            known = ", ".join(_POSITIONS)
            raise CheckpointError(
                f"all_config.yaml says pos_encodings: {settings['positions']}; {known} are known"
            )
        settings["positions"] = _POSITIONS[settings["positions"]]
    given = {"cycles": cycles, "latent_updates": latent_updates, "heads": heads}
    settings |= {name: value for name, value in given.items() if value is not None}
    for name in ("cycles", "latent_updates"):
        if name not in settings:
            raise CheckpointError(
                f"the number of {name.replace('_', ' ')} is not in the weights: name it, or put "
                "the run's all_config.yaml beside the file"
            )
    return settings


def _check_shown(config: ModelConfig, said: Mapping[str, Any]) -> None:
    """Raise where a run's settings and its weights tell different things."""
    shown = {name: (said.get(name), getattr(config, ours)) for name, ours in _SHOWN.items()}
    shown["mlp_t"] = said.get("mlp_t"), config.mixer == "mlp"
    for name, (told, seen) in shown.items():
        if told is not None and told != seen:
            raise CheckpointError(
                f"all_config.yaml says {name}: {told}, but the weights have {seen}"
            )


def _config(
    tensors: Mapping[str, Tensor], rows: int, cols: int, settings: Mapping[str, Any]
) -> ModelConfig:
    settings = dict(settings)
    told_prefix, told_positions = (
        settings.pop("prefix_length", None),
        settings.pop("positions", None),
    )
    vocab_size, width = tensors["token_embedding"].shape
    layers = len({name.split(".")[2] for name in tensors if name.startswith("network.layers.")})
    has_puzzles = "puzzle_embedding" in tensors
    recursion = "trm"
    if any(name.startswith("answer_network.") for name in tensors):
        recursion = "hrm"
    elif "y_start" in tensors and not tensors["y_start"].any():
        recursion = "single_z"
    mixes_by_mlp = "network.layers.0.mix.gate_up.weight" in tensors
    if mixes_by_mlp:
        positions = "none"
        prefix_length = tensors["network.layers.0.mix.gate_up.weight"].shape[1] - rows * cols
        if prefix_length < 0:
            raise ConfigError("it", f"mixes {prefix_length + rows * cols} positions")
        if told_prefix not in (None, prefix_length):
            raise ConfigError(
                "puzzle_emb_len", f"is {told_prefix}, its weights have {prefix_length}"
            )
    else:
        learned = "position_embedding" in tensors
        positions = told_positions or ("learned" if learned else "rotary_1d")
        if learned is not (positions == "learned"):
            has = "have some" if learned else "have none"
            raise ConfigError(
                "pos_encodings", f"says {positions}; of learned ones its weights {has}"
            )
        usual = 1 if recursion == "hrm" else 16
        prefix_length = (usual if told_prefix is None else told_prefix) if has_puzzles else 0
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
        recursion=recursion,
        gradient="last_calls" if recursion == "hrm" else "last_cycle",
        halt_outputs=tensors["halt_head.bias"].shape[0],
        **settings,
    )
