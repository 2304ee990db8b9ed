"""`python -m trm_core train RECIPE`: train, in chunks if wished, and write the checkpoint."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Annotated

import torch
from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.device import describe, joined_processes, pick_device
from trm_core.training.recipe import RECIPES, recipe
from trm_core.training.run import Progress, Run
from trm_core.weights import checkpoint


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    recipe: Annotated[str, Parameter(help=f"one of {', '.join(RECIPES)}")]
    _: KW_ONLY
    minutes: float | None = None
    """Stop after so long; the same command goes on from there."""
    updates: int | None = None
    """Length of the run (default: the recipe's)."""
    puzzles: int | None = None
    """Size of the training set."""
    difficulty: str | None = None
    """Of the training puzzles, such as mixed+hard."""
    batch: int | None = None
    """Puzzles per update and process."""
    lr: float | None = None
    """Learning rate."""
    csv: Path | None = None
    """Train on this CSV (columns question, answer)."""
    weights: str | None = None
    """Begin with those of this checkpoint (name or file)."""
    seed: int = 0
    device: str | None = None
    """cpu, cuda, mps (default: the best there is)."""
    threads: int = 1
    """CPU threads."""
    compile: bool | None = None
    """Torch.compile the network (default: on CUDA only)."""
    profile: bool = False
    """Show where an update's time goes, and leave."""
    folder: Path | None = None
    """Folder of the run (default: runs/RECIPE)."""
    out: Path | None = None
    """Checkpoint to write (default: RECIPE.safetensors in the folder)."""


def run(options: Options) -> int:
    chosen = recipe(options.recipe)
    changes = {
        name: getattr(options, name)
        for name in ("updates", "puzzles", "difficulty", "batch", "lr")
        if getattr(options, name) is not None
    }
    chosen = replace(chosen, **changes)
    folder = options.folder or Path("runs") / options.recipe
    with joined_processes(pick_device(options.device)) as device:
        return _train(chosen, folder, device, options)


@contextmanager
def _ending_at_once(training: Run) -> Iterator[None]:
    """While it lasts, Ctrl-C ends the training after the update under way, and what it has is kept."""

    def enough(*_: object) -> None:
        training.enough = True
        # A second time it is meant at once.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, enough)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _train(chosen, folder: Path, device: torch.device, options: Options) -> int:
    began = time.monotonic()
    start = None
    if options.weights is not None:
        start, _ = checkpoint.load(checkpoint.find(options.weights), device, to_learn=True)
    training = Run(
        chosen,
        folder,
        seed=options.seed,
        device=device,
        csv=options.csv,
        start=start,
        compile_networks=options.compile,
        threads=options.threads,
    )
    if training.rank == 0:
        print(
            f"{options.recipe}: {training.learner.model.parameter_count:,} parameters on "
            f"{describe(device)}; ready after {time.monotonic() - began:.0f} s, "
            f"update {training.update} of {chosen.updates}",
            flush=True,
        )
    if options.profile:
        print(training.profile())
        return 0
    with _ending_at_once(training):
        finished = training.train(options.minutes, report=_print)
    if training.rank != 0:
        return 0
    out = options.out or folder / f"{options.recipe}.safetensors"
    data = (
        f"{options.csv.name}"
        if options.csv
        else f"{chosen.puzzles} generated puzzles of difficulty {chosen.difficulty}"
    )
    card = checkpoint.Card(
        name=out.stem,
        domain=chosen.domain,
        model=chosen.model,
        command=_command(finished),
        data=data + (", rewritten by random symmetries" if chosen.augment else ""),
        seed=options.seed,
        hardware=f"{describe(device)}, torch {torch.__version__}",
        minutes=round(training.seconds / 60, 1),
        updates=training.update,
        recipe=chosen.as_dict(),
    )
    checkpoint.save(out, training.averaged_model(), card)
    state = "finished" if finished else "not finished: the same command goes on"
    print(f"{state}; wrote {out} (update {training.update})", flush=True)
    return 0


def _print(progress: Progress) -> None:
    print(progress, flush=True)


def _command(finished: bool) -> str:
    """The command without what only says where, and, once finished, in which chunks."""
    dropped = ("--folder", "--out", "--minutes")[: 3 if finished else 2]
    words, skip = ["python -m trm_core train"], False
    for word in sys.argv[2:]:
        if skip:
            skip = False
        elif word in dropped:
            skip = True
        elif not word.startswith(tuple(f"{name}=" for name in dropped)):
            words.append(Path(word).name if "/" in word else word)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world > 1:
        words[0] = f"torchrun --standalone --nproc-per-node {world} -m trm_core train"
    return " ".join(words)
