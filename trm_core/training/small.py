"""Small models that learn while one watches: what of them can be chosen, presets, and variants of one of them
with one thing changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from trm_core.domains.maze.domain import maze_size
from trm_core.network.config import ConfigError
from trm_core.training.recipe import SMALL_MAZE, Recipe, small_maze, units_sudoku

BOXES = {"sudoku-4x4": (2, 2), "sudoku-6x6": (2, 3), "sudoku-9x9": (3, 3)}
MAZES = ("maze-5x5", "maze-7x7", "maze-9x9")
DOMAINS = (*BOXES, *MAZES)
FORMS = {"features": "published recursion, in small", "candidates": "with pencil marks"}
PUZZLES = 1000  # that are generated to learn from; symmetries make many more of each
# Features times calls that one update computes, at most: some seconds of one core, half a gigabyte.
MOST_WORK = 8_000_000
# What may be chosen, from least to most.
RANGES = {
    "width": (8, 128),
    "cycles": (1, 6),
    "latent_updates": (1, 12),
    "supervision_steps": (1, 32),
    "updates": (10, 20_000),
    "batch": (4, 256),
    "lr": (1e-5, 0.1),
    "seed": (0, 100_000),
}


def small_recipe(
    domain: str,
    form: str = "features",
    *,
    width: int = 32,
    cycles: int = 2,
    latent_updates: int = 2,
    supervision_steps: int = 8,
    lr: float = 3e-3,
    batch: int = 32,
    updates: int = 600,
) -> Recipe:
    """The recipe of a small model for one of `DOMAINS`: for Sudoku a state for every (digit, cell), for mazes
    convolution. Raises `ConfigError` that says which value may not be so, and what it may be."""
    values: dict[str, float] = dict(
        width=width, cycles=cycles, latent_updates=latent_updates, updates=updates
    )
    values |= dict(supervision_steps=supervision_steps, batch=batch, lr=lr)
    _check(domain, form, values)
    depth: dict[str, Any] = dict(
        width=width,
        cycles=cycles,
        latent_updates=latent_updates,
        supervision_steps=supervision_steps,
    )
    common: dict[str, Any] = dict(domain=domain, updates=updates, batch=batch, lr=lr)
    _check_work(domain, form, values)
    size = maze_size(domain)
    if size is not None:
        rest = SMALL_MAZE | dict(difficulty="corridors+loops+walls", puzzles=PUZZLES, tail=0.5)
        return Recipe(**rest | common, model=small_maze(size[0], **depth))
    boxes = BOXES[domain]
    common |= dict(difficulty="minimal", puzzles=PUZZLES, warmup=50)
    if form == "candidates":
        marks = dict(cycles=1, answer="candidates", gradient="all_cycles")
        model = units_sudoku(boxes[0] * boxes[1], boxes, **depth | marks)
        return Recipe(
            **common,
            model=model,
            pool=max(256, batch),
            schedule="cosine",
            decay_vectors=False,
            ema=0.99,
        )
    return Recipe(
        **common, model=units_sudoku(boxes[0] * boxes[1], boxes, **depth), tail=0.5, ema=0.99
    )


def _check(domain: str, form: str, values: dict[str, float]) -> None:
    if domain not in DOMAINS:
        raise ConfigError("domain", f"must be one of {', '.join(DOMAINS)}", domain)
    if form not in FORMS:
        raise ConfigError("form", f"must be one of {', '.join(FORMS)}", form)
    if form == "candidates" and domain not in BOXES:
        raise ConfigError("form", "'candidates' is for Sudoku: a maze has no candidates to strike")
    wrong = [
        ConfigError(name, f"must lie between {low:g} and {high:g}", value)
        for name, value in values.items()
        for low, high in (RANGES[name],)
        if not low <= value <= high
    ]
    if wrong:
        raise ConfigError.of(wrong)


def _check_work(domain: str, form: str, values: dict[str, float]) -> None:
    """One update must be over before anybody wonders."""
    size = maze_size(domain)
    side = math.prod(BOXES[domain]) if size is None else size[0]
    positions = side**3 if size is None else side**2
    cycles = 1 if form == "candidates" else values["cycles"]
    calls = cycles * (values["latent_updates"] + 1)
    work = positions * values["batch"] * values["width"] * calls
    if work > MOST_WORK:
        raise ConfigError(
            "one update",
            f"would be {work / MOST_WORK:.1f} times as much as is allowed here: lower the width, the puzzles at a "
            "time, T or n",
        )


@dataclass(frozen=True)
class Preset:
    """A small model that is worth the wait."""

    title: str
    words: str
    recipe: Recipe


PRESETS: dict[str, Preset] = {
    "4x4": Preset(
        "1 minute: 4 × 4",
        "A Sudoku of four by four: the published recursion, over a network that knows rows, columns and boxes. There are so few kinds of them that it meets nearly all "
        "while it learns.",
        small_recipe("sudoku-4x4", updates=400, batch=64),
    ),
    "6x6": Preset(
        "2 minutes: 6 × 6",
        "A Sudoku of six by six, by the published recursion over a network that knows rows, columns and boxes. A plateau first, and then, suddenly, it solves most.",
        small_recipe("sudoku-6x6", updates=600),
    ),
    "9x9": Preset(
        "5 minutes: 9 × 9 with pencil marks",
        "It learns to strike candidates, to guess, and to see contradictions, on easy puzzles: about 36 clues, and no "
        "guess is needed.",
        replace(
            small_recipe(
                "sudoku-9x9",
                "candidates",
                width=24,
                latent_updates=8,
                supervision_steps=32,
                batch=16,
                updates=420,
            ),
            difficulty="easy",
        ),
    ),
}


@dataclass(frozen=True)
class Variant:
    """The small model for 6x6 with one thing changed."""

    title: str
    words: str  # what is changed, and what that asks
    change: Callable[[Recipe], Recipe]


def _of_model(**changes: Any) -> Callable[[Recipe], Recipe]:
    return lambda recipe: replace(recipe, model=replace(recipe.model, **changes))


VARIANTS: dict[str, Variant] = {
    "recursion": Variant(
        "The recursion",
        "As published: one network, an answer y and a scratchpad z, every step learnt from.",
        lambda recipe: recipe,
    ),
    "direct": Variant(
        "Direct prediction",
        "This network asked once: each cell hears its row, column and box twice, and then must answer.",
        _of_model(recursion="direct", cycles=1, latent_updates=0, supervision_steps=1),
    ),
    "two-networks": Variant(
        "Two networks, as in HRM",
        "One network refines z, another writes y: twice the numbers. Only the last call of each is corrected.",
        _of_model(recursion="hrm", gradient="last_calls"),
    ),
    "one-state": Variant(
        "One state",
        "No answer apart from the scratchpad: y is read off z.",
        _of_model(recursion="one_state"),
    ),
    "last-step-only": Variant(
        "No deep supervision",
        "Only a puzzle's last step is learnt from; what its first steps did, nobody says.",
        lambda recipe: replace(recipe, supervised="last"),
    ),
    "all-cycles": Variant(
        "Gradient through all cycles",
        "The calls of every cycle of a step are corrected (the gradient flows through all), not only those of the last.",
        _of_model(gradient="all_cycles"),
    ),
    "no-average": Variant(
        "No average of weights",
        "The weights of now are used, instead of their running average (EMA).",
        lambda recipe: replace(recipe, ema=0.0),
    ),
    "half-width": Variant(
        "Half the width",
        "16 features for every (digit, cell) instead of 32.",
        _of_model(width=16),
    ),
}


def variant_recipe(name: str, updates: int = 600) -> Recipe:
    """The recipe of a variant. Raises `ConfigError` that lists the names there are."""
    if name not in VARIANTS:
        raise ConfigError("unknown variant", f"{name!r}; there are {', '.join(VARIANTS)}")
    return VARIANTS[name].change(small_recipe("sudoku-6x6", updates=updates))
