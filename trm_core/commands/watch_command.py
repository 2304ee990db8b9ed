"""`python -m trm_core watch`: train small models, record how they learn, and keep their weights: the presets, and
variants with one thing changed, which all learn for the same minutes. With `--seeds`, train the variants recorded
before once more from other random numbers, and keep what each came to."""

from __future__ import annotations

import json
import time
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.domains import domain
from trm_core.measuring.evaluate import Evaluation, examine
from trm_core.record.learning import Learning, Look
from trm_core.training.data import generated
from trm_core.training.small import PRESETS, VARIANTS, variant_recipe
from trm_core.training.watched import card_of, updates_in, watch
from trm_core.weights import checkpoint

KEPT = 12  # looks of a recording
SEEDS = "seeds.json"  # what variants came to from other random numbers
TESTED, TESTED_SEED = 1000, 1_000_000  # puzzles of the card's result, and as `evaluate` draws them


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    names: Annotated[
        tuple[str, ...], Parameter(help=f"which of them (all): {', '.join([*PRESETS, *VARIANTS])}")
    ] = ()
    _: KW_ONLY
    minutes: float = 2.0
    """Of learning, each variant."""
    threads: int = 1
    """CPU threads."""
    seed: int = 0
    puzzles: int = TESTED
    """Fresh ones it is tested on."""
    seeds: int = 1
    """How many random starts of each variant: with more than one, the recorded runs stay, and those of the other seeds
    that are not in seeds.json yet are trained for as many updates."""
    folder: Path = Path("assets/learning")
    """Of the recordings."""
    checkpoints: Path = Path("checkpoints/small")
    """Of the weights."""


def run(options: Options | None = None) -> int:
    options = options or Options()
    for folder in (options.folder, options.checkpoints):
        folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    if options.seeds > 1:
        for seed in range(1, options.seeds):
            for name in options.names or VARIANTS:
                _train_again(name, seed, options)
        return 0
    for name in options.names or [*PRESETS, *VARIANTS]:
        _train(name, options)
    return 0


def _train_again(name: str, seed: int, options: Options) -> None:
    """A recorded variant from other random numbers: what it solves by step goes to `SEEDS`."""
    path = options.folder / SEEDS
    kept = json.loads(path.read_text()) if path.exists() else {}
    runs = kept.setdefault(name, {})
    if str(seed) in runs:
        return
    recorded = Learning.load(options.folder / f"{name}.npz")
    recipe = variant_recipe(name, recorded.updates)
    watched = watch(recipe, name, seed=seed, threads=options.threads)
    for _ in watched.learner:
        pass
    asked = domain(recipe.domain)
    tests = generated(asked, recipe.difficulty, options.puzzles, TESTED_SEED)
    outcomes = examine(watched.weights().for_inference(), asked, tests, most_steps=watched.steps)
    runs[str(seed)] = Evaluation.of(outcomes, 1.0).as_dict()["solved_by_step"]
    path.write_text(json.dumps(kept, indent=1) + "\n")
    print(
        f"{name}, seed {seed}: {100 * outcomes.solved_N.mean():.1f} % of {options.puzzles}",
        flush=True,
    )


def _train(name: str, options: Options) -> None:
    seconds, threads = 60 * options.minutes, options.threads
    # On one core what counts is the time it computes, not that other work had the core.
    clock = time.thread_time if threads == 1 else time.perf_counter
    command = f"python -m trm_core watch {name} --threads {threads} --seed {options.seed}"
    if name in PRESETS:
        recipe = PRESETS[name].recipe
    else:
        recipe = variant_recipe(name)
        recipe = replace(recipe, updates=updates_in(recipe, seconds, threads, clock))
        command += f" --minutes {options.minutes:g}"
    about = {"command": command, "clock": "processor" if threads == 1 else "wall"}
    watched = watch(recipe, name, seed=options.seed, threads=threads, about=about, clock=clock)
    for learning in watched:
        if learning.looks and learning.ticks:
            look = learning.looks[-1]
            print(
                f"\r{name}: update {learning.ticks[-1].update} of {recipe.updates}, "
                f"{100 * look.solved_S[-1]:.0f} % solved",
                end="",
                flush=True,
            )
    model, card = card_of(watched, measured=False)
    asked, steps = domain(recipe.domain), watched.steps
    tests = generated(asked, recipe.difficulty, options.puzzles, TESTED_SEED)
    outcomes = examine(model, asked, tests, most_steps=steps)
    result = Evaluation.of(outcomes, 1.0).as_dict()
    result |= {"set": f"{options.puzzles:,} fresh {recipe.difficulty} puzzles"}
    card = replace(card, name=f"small-{name}", results=(result,))
    path = options.checkpoints / f"{card.name}.safetensors"
    checkpoint.save(path, model, card)
    path.chmod(0o644)
    thinned(learning).save(options.folder / f"{name}.npz")
    print(f"\r{name}: {recipe.updates} updates in {watched.seconds:.0f} s, ", end="")
    print(f"{100 * outcomes.solved_N.mean():.1f} % of {options.puzzles} fresh puzzles", flush=True)


def thinned(learning: Learning) -> Learning:
    """The run with `KEPT` of its looks, evenly spaced over its time, and a tick for each second or so."""
    looks: list[Look] = learning.looks
    at = np.unique(np.linspace(0, len(looks) - 1, KEPT).round().astype(int))
    step = max(1, len(learning.ticks) // 120)
    ticks = learning.ticks[::-step][::-1]
    return replace(learning, looks=[looks[k] for k in at], ticks=ticks)
