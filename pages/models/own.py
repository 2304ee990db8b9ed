"""Models of a visitor's own: trained here or opened from a file. They lie in a folder of the running server, and each
visitor knows the names of their own."""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import streamlit as st

from pages.stage.files import as_plain
from pages.stage.state import own_names, remember_own, visitor
from trm_core.domains import Domain, PuzzleError, domain
from trm_core.network.config import ConfigError, ModelConfig
from trm_core.weights.card import Card, CheckpointError, read_card

if TYPE_CHECKING:  # loads torch
    from trm_core.network.model import TinyRecursiveModel

# Of all visitors' models together; beyond, whoever has the most loses what came longest ago.
MOST_BYTES = 2**30
LARGEST_MODEL = 200 * 2**20  # bytes of a file
PREFIX = "own-"  # of the names of a visitor's own models
MOST_LAYERS = 64  # of a network; the published one has 2
MOST_CALLS = 400  # a step: others wait for it
FOLDER = "trm-own-"  # how the folder of a server begins; then who the server is
_lock = threading.Lock()
_whose: dict[str, str] = {}  # who took in a model last, by its name


@st.cache_resource(max_entries=1, show_spinner=False)
def _folder() -> Path:
    _sweep()
    me = psutil.Process()
    folder = tempfile.mkdtemp(prefix=f"{FOLDER}{me.pid}-{me.create_time():.0f}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _sweep() -> None:
    """Remove what servers left that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*-*-*"):
        pid, began, *_ = folder.name.removeprefix(FOLDER).split("-")
        try:
            alive = f"{psutil.Process(int(pid)).create_time():.0f}" == began
        except (psutil.Error, ValueError):
            alive = False
        if not alive:
            shutil.rmtree(folder, ignore_errors=True)


def own_path(name: str) -> Path | None:
    """The file of a model that was added here, if it is still there."""
    if not re.fullmatch(rf"{PREFIX}[0-9a-f]{{10}}", name):
        return None
    path = _folder() / f"{name}.safetensors"
    return path if path.is_file() else None


def recall(name: str) -> None:
    """Let a visitor who knows a model's name ask it: after a reload the address still says it."""
    if own_path(name) is not None:
        remember_own(name)


def own_cards() -> dict[str, Card]:
    """The visitor's own models, by the names they have here."""
    paths = {name: own_path(name) for name in own_names()}
    return {name: _card(path) for name, path in paths.items() if path is not None}


@st.cache_resource(max_entries=64, show_spinner=False)
def _card(path: Path) -> Card:
    return read_card(path)


def take_in(model: TinyRecursiveModel, card: Card) -> str:
    """Take a model in; the name it has here."""
    content = as_checkpoint(model, card)
    digest = hashlib.sha256(json.dumps(card.as_dict(), sort_keys=True).encode())
    for _, tensor in sorted(model.state_dict().items()):  # a file's bytes may be in any order
        digest.update(tensor.detach().cpu().half().contiguous().numpy().tobytes())
    name = PREFIX + digest.hexdigest()[:10]
    folder = _folder()
    with _lock:
        part = folder / "part"
        part.write_bytes(content)
        part.replace(folder / f"{name}.safetensors")
        _whose[name] = visitor()
        _make_room(folder)
    remember_own(name)
    return name


def as_checkpoint(model: TinyRecursiveModel, card: Card) -> bytes:
    """A model as the bytes of a checkpoint."""
    from trm_core.weights import checkpoint

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        checkpoint.save(path, model, card)
        return path.read_bytes()


def take_in_file(content: bytes) -> str:
    """Take in a checkpoint in our format, checked as every checkpoint is, and its card too. Raises
    `CheckpointError` in one sentence for any other file."""
    from trm_core.weights import checkpoint

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "this.safetensors"
        path.write_bytes(content)
        try:
            _check_depth(read_card(path).model)  # before anything is built of it
            model, card = checkpoint.load(path)
            card = _checked(card)
        except (CheckpointError, ConfigError, PuzzleError) as error:
            raise CheckpointError(str(error).replace(path.name, "the file")) from None
        except Exception as error:  # a card may say anything
            raise CheckpointError(
                "the file's card does not say what a model's card says"
            ) from error
    return take_in(model, card)


def _checked(card: Card) -> Card:
    """The card, where it is of a model that can be asked what it says; results that are none are left out."""
    asked, model = domain(card.domain), card.model
    if (model.rows, model.cols, model.vocab_size) != (asked.rows, asked.cols, asked.vocab_size):
        raise CheckpointError(f"the file's model does not read a {asked.title}, as its card says")
    _check_depth(model)
    results = tuple(r for r in map(_result, card.results) if r is not None)
    words = {name: as_plain(getattr(card, name)) for name in ("data", "hardware", "command")}
    return replace(card, name=as_plain(card.name, 40), results=results, **words)


def _share(told: Any) -> float | None:
    """A share, where one is told."""
    share = None if told is None else float(told)
    if share is not None and not 0 <= share <= 1:
        raise ValueError(f"{share} is no share")
    return share


def _by_step(told: Any) -> dict[str, float | None]:
    return {str(int(step)): _share(share) for step, share in told.items()}


def _bounds(told: Any) -> list[float | None]:
    low, high = told
    return [_share(low), _share(high)]


# What pages show of a result, and how each part of it is read.
PARTS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("set", "domain", "stop"), as_plain),
    **dict.fromkeys(("puzzles", "most_steps"), int),
    **dict.fromkeys(("solved", "valid"), _share),
    **dict.fromkeys(("exact", "solved_by_step"), _by_step),
    **dict.fromkeys(("interval", "solved_interval"), _bounds),
}
NEEDED = {"set", "exact", "interval", "solved"}


def _result(told: Any) -> dict[str, Any] | None:
    """A card's result as far as pages show it; None where it isn't one."""
    try:
        result = {name: read(told[name]) for name, read in PARTS.items() if name in told}
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        return None
    return result if result.keys() >= NEEDED and result["exact"] else None


def _check_depth(model: ModelConfig) -> None:
    if model.layers > MOST_LAYERS:
        raise CheckpointError(
            f"the file's model has {model.layers} layers; here it may be {MOST_LAYERS}"
        )
    if model.calls_per_step > MOST_CALLS:
        raise CheckpointError(
            f"the file's model makes {model.calls_per_step} network calls a step; here it may be {MOST_CALLS}"
        )


def take_in_published(content: bytes, name: str, settings: bytes | None, asked: Domain) -> str:
    """Take in a checkpoint as the published code saves it, with its `all_config.yaml`, for a kind of puzzle.
    Raises `CheckpointError` or `ConfigError` in one sentence where it can't be one."""
    from trm_core.weights.published import import_published

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (re.sub(r"[^\w.-]", "_", name).strip(".") or "checkpoint")
        path.write_bytes(content)
        if settings is not None:
            path.with_name("all_config.yaml").write_bytes(settings)
        model = import_published(path, rows=asked.rows, cols=asked.cols)
    if model.config.vocab_size != asked.vocab_size:
        raise CheckpointError(
            f"{name} knows {model.config.vocab_size} tokens, a {asked.title} has {asked.vocab_size}"
        )
    _check_depth(model.config)
    card = Card(
        name=Path(name).stem[:40],
        domain=asked.name,
        model=model.config,
        data="(a published checkpoint)",
    )
    return take_in(model, card)


def _make_room(folder: Path) -> None:
    paths = sorted(folder.glob(f"{PREFIX}*.safetensors"), key=lambda p: p.stat().st_mtime)
    while len(paths) > 1 and sum(p.stat().st_size for p in paths) > MOST_BYTES:
        held: Counter[str] = Counter()
        for path in paths:
            held[_whose.get(path.stem, "")] += path.stat().st_size
        most = held.most_common(1)[0][0]
        oldest = next(path for path in paths if _whose.get(path.stem, "") == most)
        paths.remove(oldest)
        oldest.unlink()
        _whose.pop(oldest.stem, None)
