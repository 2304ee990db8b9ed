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
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.stage.state import own_names, remember_own
from trm_core.domains import Domain, PuzzleError, domain
from trm_core.network.config import ConfigError, ModelConfig
from trm_core.weights.card import Card, CheckpointError, read_card

if TYPE_CHECKING:  # loads torch
    from trm_core.network.model import TinyRecursiveModel

MOST_BYTES = 2**30  # of all visitors' models together; those that came longest ago go first
LARGEST_MODEL = 200 * 2**20  # bytes of a file
PREFIX = "own-"  # of the names of a visitor's own models
MOST_CALLS = 400  # a step: others wait for it
_lock = threading.Lock()


@st.cache_resource(max_entries=1, show_spinner=False)
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="trm-own-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


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
    results = tuple(r for r in card.results if {"set", "exact", "interval", "solved"} <= set(r))
    return replace(card, name=str(card.name)[:40], results=results)


def _check_depth(model: ModelConfig) -> None:
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
        paths.pop(0).unlink()
