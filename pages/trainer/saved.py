"""What trainings have learnt by their last look, on disk: a server that is stopped takes nothing with it."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pages.models.own import as_checkpoint
from trm_core.domains import PuzzleError
from trm_core.record.learning import Learning

if TYPE_CHECKING:  # loads torch
    from trm_core.network.model import TinyRecursiveModel
    from trm_core.training.watched import Watched
    from trm_core.weights.card import Card

FOLDER = Path(tempfile.gettempdir()) / "trm-trainings"
KEPT = 24 * 3600.0  # seconds
MOST_FILES = 400  # two of a run
MOST_BYTES = 512 * 2**20  # of all together; those that were written longest ago go first


def save(name: str, watched: Watched) -> None:
    """Write the run so far and its weights. A disk that is full or closed to us costs only this."""
    from trm_core.training.watched import card_of

    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        _forget_old()
        for path, content in (
            (_path(name, "safetensors"), as_checkpoint(*card_of(watched, measured=False))),
            (_path(name, "npz"), watched.learning.so_far().as_bytes()),
        ):
            part = path.with_suffix(".part")
            part.write_bytes(content)
            part.replace(path)
    except OSError:
        pass


def load(name: str) -> Learning | None:
    """The run of that name, if it is still there."""
    path = _path(name, "npz")
    if path is None or not path.is_file():
        return None
    try:
        return Learning.load(path)
    except (PuzzleError, OSError):
        return None


def model(name: str) -> tuple[TinyRecursiveModel, Card]:
    """The weights of a run that `load` found. Raises `CheckpointError`."""
    from trm_core.weights import checkpoint

    return checkpoint.load(_path(name, "safetensors"))


def _path(name: str, ending: str) -> Path | None:
    """Where a training lies; None for a name that is none."""
    return FOLDER / f"{name}.{ending}" if re.fullmatch(r"[0-9a-f]{10}", name) else None


def _forget_old() -> None:
    """What is too old, or too much."""
    written = [(path.stat().st_mtime, path.stat().st_size, path) for path in FOLDER.iterdir()]
    held = 0
    for count, (when, size, path) in enumerate(sorted(written, reverse=True), start=1):
        held += size
        if time.time() - when > KEPT or count > MOST_FILES or held > MOST_BYTES:
            path.unlink(missing_ok=True)
