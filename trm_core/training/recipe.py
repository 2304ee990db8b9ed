"""Recipes: everything a training run depends on, as data. `python -m trm_core train NAME`."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Any

from trm_core.domains.maze.domain import maze_size
from trm_core.network.config import ConfigError, ModelConfig

OPTIMISERS = ("adamw", "adam_atan2", "muon")
SCHEDULES = ("cosine", "constant", "linear_tail")
LOSSES = ("softmax", "stablemax")
SUPERVISED = ("every", "last")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one model is trained. Frozen; a bad value raises `ConfigError` that names the field."""

    domain: str  # name in the table of domains
    model: ModelConfig
    difficulty: str = "mixed"  # of the puzzles generated for training; "a+b" mixes both
    # Depth that grows: (from which share of the run, cycles T, latent updates n); the model's own
    # depth, which is also the one it ends with, throughout if there are none.
    depths: tuple[tuple[float, int, int], ...] = ()
    puzzles: int = 60_000  # how many are generated
    augment: bool = True  # rewrite every drawn puzzle by a random symmetry

    # For answers of candidates: boards that are learnt on in turn, `batch` of them in an update.
    pool: int = 0

    updates: int = 3000  # length of the run; the schedule is a function of it
    batch: int = 64  # slots per process
    optimiser: str = "adamw"
    lr: float = 2e-3
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.1
    decay_vectors: bool = True  # whether biases and other vectors decay as matrices do
    muon_lr: float = 0.02  # for the network's matrices when the optimiser is "muon"
    muon_weight_decay: float = 0.005
    muon_momentum: float = 0.6
    puzzle_lr: float = 0.0  # of the puzzle embedding, by the sign of its gradient; 0: as all else
    warmup: int = 200  # updates
    schedule: str = "linear_tail"
    tail: float = 0.3  # share of the run over which "linear_tail" falls to 0
    clip: float = 1.0  # largest gradient norm; 0 clips nothing
    ema: float = 0.999  # decay of the averaged weights, per update; kept in fp32

    loss: str = "softmax"
    smoothing: float = 0.0
    halt_weight: float = 0.5
    signpost_weight: float = 0.0  # of the signs in every cell; for mazes only
    supervised: str = "every"  # deep supervision; "last": only a puzzle's last step is learnt from
    exploration: float = 0.1  # chance that a puzzle may not halt before a random step

    def __post_init__(self) -> None:
        choices = {
            "optimiser": OPTIMISERS,
            "schedule": SCHEDULES,
            "loss": LOSSES,
            "supervised": SUPERVISED,
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ConfigError(name, f"must be one of {', '.join(allowed)}", getattr(self, name))
        for name in ("puzzles", "updates", "batch"):
            if getattr(self, name) < 1:
                raise ConfigError(name, "must be at least 1", getattr(self, name))
        if not 0 < self.lr < math.inf:
            raise ConfigError("lr", "must be more than 0", self.lr)
        if not 0 <= self.puzzle_lr < math.inf:
            raise ConfigError("puzzle_lr", "must be 0 or more", self.puzzle_lr)
        if self.puzzle_lr and self.model.prefix != "puzzle":
            raise ConfigError("puzzle_lr", "needs a model with prefix 'puzzle'", self.puzzle_lr)
        for name in ("ema", "exploration", "smoothing", "tail"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(name, "must lie in 0..1", getattr(self, name))
        if self.depths:
            shares = [share for share, *_ in self.depths]
            if shares[0] != 0 or shares != sorted(set(shares)) or shares[-1] >= 1:
                raise ConfigError("depths", "must begin at share 0 and rise below 1", shares)
            own = (self.model.cycles, self.model.latent_updates)
            if tuple(self.depths[-1][1:]) != own:
                raise ConfigError("depths", f"must end with the model's own {own[0]}, {own[1]}")
        if self.signpost_weight and maze_size(self.domain) is None:
            raise ConfigError(
                "signpost_weight", f"must be 0 for {self.domain}: only mazes have signs"
            )
        if (self.model.answer == "candidates") != (self.pool > 0):
            raise ConfigError("pool", "goes with answers of candidates and only so", self.pool)
        if self.pool and self.supervised == "last":
            raise ConfigError("supervised", "must be 'every' for answers of candidates")
        if self.pool and self.pool < self.batch:
            raise ConfigError("pool", f"must be at least the batch of {self.batch}", self.pool)
        if self.loss == "stablemax" and self.smoothing:
            raise ConfigError("smoothing", "must be 0 with the stablemax loss")

    def lr_factor(self, update: int) -> float:
        """What the learning rates are multiplied by at this update (0-based)."""
        warm = min(1.0, (update + 1) / self.warmup) if self.warmup else 1.0
        progress = min(1.0, update / self.updates)
        if self.schedule == "cosine":
            return warm * 0.5 * (1 + math.cos(math.pi * progress))
        if self.schedule == "linear_tail" and self.tail:
            return warm * min(1.0, (1 - progress) / self.tail)
        return warm

    def depth(self, update: int) -> tuple[int, int]:
        """Cycles and latent updates at this update (0-based)."""
        reached = [depth for share, *depth in self.depths if update >= share * self.updates]
        return (
            (reached[-1][0], reached[-1][1])
            if reached
            else (self.model.cycles, self.model.latent_updates)
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def changed(self, changes: Mapping[str, Any]) -> Recipe:
        """The same with other values, by the names of its fields ("lr") and of its model's ("model.width"); text is read
        as what stands there. Raises `ConfigError` for a name that there isn't, or a value of another kind."""
        values = self.as_dict()
        for name, value in changes.items():
            part, dot, field = name.rpartition(".")
            place = values if not dot else values["model"] if part == "model" else {}
            if field not in place or field == "model":
                known = [*values, *(f"model.{each}" for each in values["model"])]
                near = get_close_matches(name, known, 1)
                raise ConfigError(
                    "unknown field of a recipe", repr(name) + (f"; {near[0]}?" if near else "")
                )
            place[field] = _like(place[field], value, name)
        return Recipe.from_dict(values)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        unknown = sorted(set(values) - {f.name for f in fields(cls)})
        if unknown:
            raise ConfigError("unknown recipe field", ", ".join(map(repr, unknown)))
        values = dict(values) | {"model": ModelConfig.from_dict(values["model"])}
        for name in {"betas", "depths"} & set(values):
            values[name] = tuple(tuple(v) if isinstance(v, list) else v for v in values[name])
        return cls(**values)


def _like(now: Any, value: Any, name: str) -> Any:
    """A value, of the kind of the one that stands there now."""
    if isinstance(value, str) and not isinstance(now, str):
        words = {"true": True, "false": False}
        with suppress(ValueError, SyntaxError):  # what can't be read is told below
            value = words[value] if value in words else ast.literal_eval(value.strip())
    if isinstance(now, bool):
        fits = isinstance(value, bool)
    elif isinstance(now, int):
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif isinstance(now, float):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        value = float(value) if fits else value
    elif isinstance(now, tuple):
        fits = isinstance(value, list | tuple)
    else:
        fits = isinstance(value, str)
    if not fits:
        kinds = {
            bool: "true or false",
            int: "a whole number",
            float: "a number",
            tuple: "a list",
            str: "a word",
        }
        raise ConfigError(name, f"must be {kinds[type(now)]}", value)
    return value


def _small_sudoku(size: int, **changes: Any) -> ModelConfig:
    """The shape a CPU can train: width 128, one register, T = n = 2."""
    shape: dict[str, Any] = dict(
        vocab_size=size + 2,
        rows=size,
        cols=size,
        width=128,
        inner_multiple=128,
        mixer="mlp",
        prefix="register",
        prefix_length=1,
        halt_outputs=1,
        cycles=2,
        latent_updates=2,
        supervision_steps=8,
    )
    return ModelConfig(**shape | changes)


def small_maze(side: int, **changes: Any) -> ModelConfig:
    """Convolution instead of attention: news travels from cell to cell, and the same weights fit a
    canvas of any size, so that a run can begin on a small one."""
    shape: dict[str, Any] = dict(
        vocab_size=6,
        rows=side,
        cols=side,
        width=96,
        inner_multiple=64,
        mixer="convolution",
        prefix="register",
        prefix_length=1,
        halt_outputs=1,
        cycles=2,
        latent_updates=2,
        gradient="all_cycles",
    )
    return ModelConfig(**shape | changes)


# Signposts teach to find a path, exploration to hold it: no puzzle leaves its slot early.
SMALL_MAZE: dict[str, Any] = dict(
    difficulty="corridors+loops+loops+walls+mixed",
    batch=32,
    betas=(0.9, 0.99),
    exploration=1.0,
    ema=0.995,
    signpost_weight=4.0,
)


def units_sudoku(size: int, boxes: tuple[int, int], **changes: Any) -> ModelConfig:
    """A state for every (digit, cell): 20 to 22 thousand parameters for any size."""
    shape: dict[str, Any] = dict(
        vocab_size=size + 2,
        rows=size,
        cols=size,
        box_rows=boxes[0],
        box_cols=boxes[1],
        width=32,
        expansion=3.0,
        inner_multiple=64,
        mixer="units",
        messages=12,
        prefix="none",
        prefix_length=0,
        halt_outputs=1,
    )
    return ModelConfig(**shape | changes)


def _any_sudoku(size: int, boxes: tuple[int, int], updates: int) -> Recipe:
    """The plain recursion over such states, taught on one size."""
    return Recipe(
        domain=f"sudoku-{size}x{size}",
        model=units_sudoku(size, boxes, cycles=2, latent_updates=2, supervision_steps=8),
        difficulty="minimal",
        puzzles=20_000,
        updates=updates,
        batch=64,
        lr=3e-3,
        warmup=50,
        tail=0.5,
        ema=0.99,
    )


# What the published runs have in common (arXiv 2510.04871).
PUBLISHED: dict[str, Any] = dict(
    batch=768,
    optimiser="adam_atan2",
    lr=1e-4,
    warmup=2000,
    schedule="constant",
    clip=0.0,
    loss="stablemax",
)
PUBLISHED_ATTENTION: dict[str, Any] = dict(
    mixer="attention", positions="rotary_1d", latent_updates=4
)


RECIPES: dict[str, Recipe] = {
    "sudoku-4x4": Recipe(
        domain="sudoku-4x4",
        model=_small_sudoku(4, width=96),
        difficulty="minimal",
        puzzles=20_000,
        updates=1500,
        batch=32,
        lr=1.5e-3,
        ema=0.995,
    ),
    "sudoku-6x6": Recipe(
        domain="sudoku-6x6",
        model=_small_sudoku(6),
        difficulty="minimal",
        updates=6000,
        batch=32,
        lr=1.5e-3,
        exploration=0.5,
    ),
    # The same network, asked once: direct prediction. An update costs a quarter of one of sudoku-6x6,
    # so that four times as many are the same amount of computing.
    "sudoku-6x6-direct": Recipe(
        domain="sudoku-6x6",
        model=_small_sudoku(6, recursion="direct", cycles=1, latent_updates=0, supervision_steps=1),
        difficulty="minimal",
        updates=24_000,
        batch=32,
        lr=1.5e-3,
    ),
    # Two networks, one that refines z and one that writes y, and gradient through the last call of each
    # alone, as in HRM; all else as sudoku-6x6.
    "sudoku-6x6-hrm": Recipe(
        domain="sudoku-6x6",
        model=_small_sudoku(6, recursion="hrm", gradient="last_calls"),
        difficulty="minimal",
        updates=6000,
        batch=32,
        lr=1.5e-3,
        exploration=0.5,
    ),
    "sudoku-9x9": Recipe(
        domain="sudoku-9x9",
        model=_small_sudoku(9, supervision_steps=12),
        difficulty="mixed+minimal+hard",
        updates=9000,
        batch=64,
        lr=2e-3,
        exploration=0.5,
    ),
    # Pencil marks: y is the board of candidates, learnt on the boards that the model itself comes to.
    # Give it Extreme-class puzzles with --csv.
    "sudoku-marks": Recipe(
        domain="sudoku-9x9",
        model=units_sudoku(
            9,
            (3, 3),
            answer="candidates",
            cycles=1,
            latent_updates=12,
            supervision_steps=100,
            gradient="all_cycles",
        ),
        difficulty="minimal+hard",
        pool=256,
        updates=12_000,
        batch=32,
        lr=3e-3,
        warmup=100,
        schedule="cosine",
        decay_vectors=False,
        ema=0.997,
    ),
    # The plain recursion over the same states; what it learns on one size serves every size. This one
    # takes half a minute, and then meets boards of a size it never saw.
    "sudoku-any-4x4": _any_sudoku(4, (2, 2), updates=600),
    # Goes on from sudoku-any-4x4: add --weights.
    "sudoku-any": _any_sudoku(6, (2, 3), updates=3000),
    # A start on small boards, where paths are short: the weights then go on to larger ones.
    "maze-9x9": Recipe(
        **SMALL_MAZE,
        domain="maze-9x9",
        model=small_maze(9),
        puzzles=60_000,
        updates=2400,
        lr=1e-3,
        tail=0.5,
    ),
    # Goes on from maze-9x9: add --weights.
    "maze-small": Recipe(
        **SMALL_MAZE,
        domain="maze-13x13",
        model=small_maze(13),
        puzzles=80_000,
        updates=6000,
        lr=7e-4,
        tail=1.0,
    ),
    # Goes on from maze-small: add --weights. Of several shortest paths it learns the published
    # tie-break's, which symmetries would not keep: where the way forks, down before left before
    # right before up.
    "maze-ties": Recipe(
        **SMALL_MAZE | dict(difficulty="ties"),
        domain="maze-13x13",
        model=small_maze(13),
        puzzles=60_000,
        augment=False,
        updates=2000,
        lr=5e-4,
        tail=1.0,
    ),
    # Goes on from maze-ties: add --weights.
    "maze-hard-small": Recipe(
        **SMALL_MAZE | dict(difficulty="hard", batch=8),
        domain="maze-30x30",
        model=small_maze(30),
        puzzles=6000,
        augment=False,
        updates=11_300,
        lr=3e-4,
        tail=1.0,
    ),
    # As published, for a GPU. Give them the published data with --data.
    "trm-sudoku": Recipe(
        **PUBLISHED,
        domain="sudoku-9x9",
        model=ModelConfig(vocab_size=11, rows=9, cols=9),
        difficulty="hard",
        updates=65_000,
        weight_decay=1.0,
        puzzle_lr=1e-4,
    ),
    "trm-maze": Recipe(
        **PUBLISHED | dict(augment=False),
        domain="maze-30x30",
        model=ModelConfig(**PUBLISHED_ATTENTION, vocab_size=6, rows=30, cols=30),
        difficulty="hard",
        updates=65_000,
        weight_decay=1.0,
        puzzle_lr=1e-4,
    ),
    # A hundred thousand epochs of some four thousand pairs, in batches of 768. The data say how many puzzles
    # there are: --set model.puzzle_ids=N.
    "trm-arc": Recipe(
        **PUBLISHED | dict(augment=False),
        domain="arc-canvas",
        model=ModelConfig(**PUBLISHED_ATTENTION, vocab_size=12, rows=30, cols=30),
        updates=520_000,
        weight_decay=0.1,
        puzzle_lr=1e-2,
    ),
    # HRM (arXiv 2506.21734): two networks of four layers, gradient through the last call of each, no average.
    "hrm-sudoku": Recipe(
        **PUBLISHED | dict(batch=384, lr=7e-5, ema=0.0),
        domain="sudoku-9x9",
        model=ModelConfig(
            **PUBLISHED_ATTENTION | dict(layers=4, latent_updates=2, cycles=2, prefix_length=1),
            vocab_size=11,
            rows=9,
            cols=9,
            recursion="hrm",
            gradient="last_calls",
        ),
        difficulty="hard",
        updates=52_000,
        weight_decay=1.0,
        puzzle_lr=7e-5,
    ),
    # For a GPU. "Speed is Confidence" (arXiv 2601.19085): Muon, a register, deep cycles. Give it
    # Extreme-class puzzles with --csv.
    "sudoku-9x9-large": Recipe(
        domain="sudoku-9x9",
        model=ModelConfig(
            vocab_size=11,
            rows=9,
            cols=9,
            feed_forward="gated_norm_swiglu",
            prefix="register",
            prefix_length=1,
            head_bias=True,
            halt_outputs=1,
            cycles=6,
            latent_updates=9,
        ),
        difficulty="hard",
        updates=10_000,
        batch=384,
        optimiser="muon",
        lr=1e-4,
        weight_decay=1.0,
        warmup=0,
        schedule="cosine",
        ema=0.9,
        smoothing=0.2,
        halt_weight=0.05,
    ),
}


def recipe(name: str) -> Recipe:
    """The recipe of that name. Raises `ConfigError` that lists the names there are."""
    if name not in RECIPES:
        raise ConfigError("unknown recipe", f"{name!r}; there are {', '.join(RECIPES)}")
    return RECIPES[name]
