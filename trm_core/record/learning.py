"""A training run as it was watched: its loss, and what the weights of some moments could do.

Dimension key: S supervision steps.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from trm_core.record.archive import load_arrays, name_of, nested, reading, save_arrays
from trm_core.record.slices import doublings
from trm_core.record.trace import Trace

FORMAT = "trm-learning-1"


@dataclass(frozen=True)
class Tick:
    """What a run had come to by some update."""

    update: int
    seconds: float  # of learning, looks not counted
    loss: float  # mean over the updates since the last tick
    puzzles: int  # that have left their slot, since the beginning


@dataclass(frozen=True, eq=False)
class Look:
    """What the weights of one moment of a run can do."""

    update: int
    seconds: float  # of learning
    solved_S: np.ndarray  # share of fresh puzzles that are solved after each step
    seen: float  # share of puzzles trained on that are solved after the last step; NaN if not asked
    said_right: (
        float  # how sure the halting head was after the last step, where the board was solved
    )
    said_wrong: float  # ... and where it was not; NaN where there are none of a kind
    trace: Trace  # of the probe, with the weights as they were

    @property
    def solved(self) -> dict[int, float]:
        """The same shares by steps, at 1, 2, 4, ... and the last."""
        most = len(self.solved_S)
        return {steps: float(self.solved_S[steps - 1]) for steps in doublings(most)}


@dataclass(frozen=True, eq=False)
class Learning:
    """A training run: what was trained how (`about`), and what was seen on the way. It grows while a run is
    watched: its lists are only added to."""

    name: str
    domain_name: str
    recipe: Mapping[str, Any]  # as `Recipe.as_dict`
    parameters: int  # trained numbers
    tests: int  # fresh puzzles of every look
    about: Mapping[str, Any] = field(default_factory=dict)  # seed, threads, command, clock
    ticks: list[Tick] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    @property
    def updates(self) -> int:
        """Length of the whole run."""
        return self.recipe["updates"]

    def so_far(self) -> Learning:
        """A copy that grows no more."""
        return replace(self, ticks=list(self.ticks), looks=list(self.looks))

    def save(self, path: Path | io.BytesIO) -> None:
        """Write as .npz."""
        arrays: dict[str, np.ndarray] = {
            "ticks": np.array([list(asdict(tick).values()) for tick in self.ticks], np.float64),
            "looks": np.array([[getattr(look, n) for n in _NUMBERS] for look in self.looks]),
            "solved": np.array([look.solved_S for look in self.looks], np.float32),
        }
        arrays |= nested({f"trace_{k}": look.trace for k, look in enumerate(self.looks)})
        save_arrays(path, FORMAT, {name: getattr(self, name) for name in _ABOUT}, arrays)

    def as_bytes(self) -> bytes:
        """What `save` writes."""
        self.save(out := io.BytesIO())
        return out.getvalue()

    @classmethod
    def load(cls, source: Path | bytes, name: str = "the file") -> Learning:
        """Read what `save` wrote. Raises `PuzzleError` in one sentence for any other file."""
        name = name_of(source, name)
        with reading(f"{name} is not a training run of ours ({FORMAT})"):
            about, arrays = load_arrays(source, name, FORMAT)
            ticks = [Tick(int(u), s, loss, int(p)) for u, s, loss, p in arrays["ticks"].tolist()]
            looks = []
            for k, numbers in enumerate(arrays["looks"].tolist()):
                update, seconds, seen, said_right, said_wrong = numbers
                trace = Trace.load(arrays[f"trace_{k}"].tobytes())
                solved_S = arrays["solved"][k]
                looks.append(
                    Look(int(update), seconds, solved_S, seen, said_right, said_wrong, trace)
                )
            found = cls(**about, ticks=ticks, looks=looks)
            found._check()
        return found

    def _check(self) -> None:
        """So that no view has to ask. Raises `ValueError`."""
        updates = [look.update for look in self.looks]
        fits = (
            updates
            and self.ticks
            and updates == sorted(set(updates))
            and all(look.solved_S.ndim == 1 and len(look.solved_S) for look in self.looks)
            and all(((look.solved_S >= 0) & (look.solved_S <= 1)).all() for look in self.looks)
            and all(look.trace.domain_name == self.domain_name for look in self.looks)
            and type(self.tests) is type(self.parameters) is type(self.updates) is int
            and isinstance(self.name, str)
            and isinstance(self.about, Mapping)
        )
        if not fits:
            raise ValueError("the parts of the run do not fit together")


_ABOUT = ("name", "domain_name", "recipe", "parameters", "tests", "about")
_NUMBERS = ("update", "seconds", "seen", "said_right", "said_wrong")
