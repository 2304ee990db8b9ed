"""`python -m trm_core train RECIPE`: train, in chunks if wished, and write the checkpoint."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import torch
import torch.distributed as dist
import yaml
from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.commands.sets import one_source
from trm_core.commands.waiting import STOPPED, stoppable, told_time
from trm_core.device import describe, joined_processes, pick_device
from trm_core.domains import PuzzleError, domain
from trm_core.network.config import ConfigError, ModelConfig
from trm_core.training.data import from_source
from trm_core.training.estimate import Estimate, memory_now
from trm_core.training.recipe import RECIPES, Recipe, recipe
from trm_core.training.run import Progress, Run, Validation
from trm_core.weights import checkpoint
from trm_core.weights.card import Card, read_card


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
    data: Path | None = None
    """Train on the train half of this folder, in the published form."""
    set: Annotated[list[str], Parameter(name="--set")] = field(default_factory=list)
    """Any other field of the recipe or of its model: --set model.width=128 (may be given several times)."""
    config: Path | None = None
    """Such fields from a YAML file."""
    weights: str | None = None
    """Begin with those of this checkpoint (name or file), and with its shape."""
    validate: Path | None = None
    """Measure on this file or data folder (its test half) while it learns, and keep the best weights."""
    validate_every: int = 1000
    """Updates between two of those."""
    keep: int = 3
    """Checkpoints of the last of those that are kept, besides the best."""
    tensorboard: bool = False
    """Write the metrics for TensorBoard, too."""
    dry_run: bool = False
    """Say what it will cost, and leave."""
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
    chosen = _recipe(options)
    folder = options.folder or Path("runs") / options.recipe
    with joined_processes(pick_device(options.device)) as device:
        return _train(chosen, folder, device, options)


def _recipe(options: Options) -> Recipe:
    """The recipe with all that is asked otherwise. Raises `ConfigError`, `PuzzleError`."""
    one_source(options.csv, options.data)
    if options.validate_every < 1 or options.keep < 1:
        raise PuzzleError("--validate-every and --keep must be at least 1")
    chosen = recipe(options.recipe)
    if options.weights is not None:
        card = read_card(checkpoint.find(options.weights))
        chosen = replace(chosen, model=_shaped(chosen, card))
    if options.config is not None:
        chosen = chosen.changed(_fields(options.config))
    pairs = [text.partition("=") for text in options.set]
    for name, equals, _ in pairs:
        if not equals:
            raise PuzzleError(f"--set takes NAME=VALUE such as model.width=128, got {name!r}")
    chosen = chosen.changed({name.strip(): value for name, _, value in pairs})
    changes = {
        name: getattr(options, name)
        for name in ("updates", "puzzles", "difficulty", "batch", "lr")
        if getattr(options, name) is not None
    }
    return replace(chosen, **changes)


def _shaped(chosen: Recipe, card: Card) -> ModelConfig:
    """The shape of the weights to begin with, for the recipe's puzzle, learnt as the recipe learns. Raises `ConfigError`
    where they are of another puzzle."""
    theirs, own = card.model, chosen.model
    if theirs.knows_no_size and own.knows_no_size:
        theirs = theirs.sized(own.box_rows, own.box_cols)
    if theirs.mixer == own.mixer == "convolution":  # as these learn on canvases of any size
        theirs = replace(theirs, rows=own.rows, cols=own.cols)
    puzzle = ("vocab_size", "rows", "cols")
    if any(getattr(theirs, name) != getattr(own, name) for name in puzzle):
        raise ConfigError(
            "the weights to start from",
            f"are for {theirs.rows}x{theirs.cols} cells of {theirs.vocab_size} tokens; {chosen.domain} has "
            f"{own.rows}x{own.cols} of {own.vocab_size}",
        )
    learnt = ("supervision_steps", "gradient", "cycles", "latent_updates")
    same = theirs.recursion == own.recursion and theirs.answer == own.answer
    return replace(theirs, **{name: getattr(own, name) for name in learnt}) if same else theirs


def _fields(path: Path) -> dict[str, Any]:
    """The fields that a YAML file names; those of the model under `model`. Raises `PuzzleError`."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        words = str(error).splitlines()[0]
        raise PuzzleError(f"{path} can't be read as YAML ({words})") from None
    if not isinstance(found, dict) or not isinstance(found.get("model", {}), dict):
        raise PuzzleError(f"{path} must hold fields of a recipe, such as lr: 0.001")
    of_model = {f"model.{name}": value for name, value in found.pop("model", {}).items()}
    return {str(name): value for name, value in found.items()} | of_model


def _train(chosen: Recipe, folder: Path, device: torch.device, options: Options) -> int:
    began = time.monotonic()
    leads = not dist.is_initialized() or dist.get_rank() == 0
    if leads:
        print(_cost(chosen, device, options.threads), flush=True)
    if options.dry_run:
        return 0
    source, start, validation = one_source(options.csv, options.data), None, None
    if options.weights is not None:
        asked = domain(chosen.domain) if chosen.model.knows_no_size else None
        path = checkpoint.find(options.weights)
        start, _ = checkpoint.load(path, device, to_learn=True, asked=asked)
    if options.validate is not None:
        pairs = from_source(domain(chosen.domain), options.validate, "test")
        validation = Validation(pairs=pairs, every=options.validate_every, keep=options.keep)
    training = Run(
        chosen,
        folder,
        seed=options.seed,
        device=device,
        source=source,
        start=start,
        compile_networks=options.compile,
        threads=options.threads,
        validation=validation,
        keep=lambda path, model: checkpoint.save(path, model, card(path)),
    )

    def card(path: Path) -> Card:
        data = (
            source.resolve().name
            if source
            else f"{chosen.puzzles} generated puzzles of difficulty {chosen.difficulty}"
        )
        return Card(
            name=path.stem,
            domain=chosen.domain,
            model=chosen.model,
            command=_command(training.finished),
            data=data + (", rewritten by random symmetries" if chosen.augment else ""),
            seed=options.seed,
            hardware=f"{describe(device)}, torch {torch.__version__}",
            minutes=round(training.seconds / 60, 1),
            updates=training.update,
            recipe=chosen.as_dict(),
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
    out = options.out or folder / f"{options.recipe}.safetensors"
    try:
        with stoppable(training.stop) as stop, _board(options, folder) as board:
            told = _Told(training, device, board)
            finished = training.train(options.minutes, report=told)
    except KeyboardInterrupt:  # the update under way would have taken too long
        if training.rank == 0:
            saved = training.saved_at
            words = (
                f"the same command goes on from update {saved}"
                if saved
                else "nothing is learnt yet"
            )
            print(f"stopped in the middle of an update: {words}", flush=True)
        return STOPPED
    if training.rank != 0:
        return 0
    checkpoint.save(out, training.averaged_model(), card(out))
    state = "finished" if finished else "not finished: the same command goes on"
    print(f"{state}; wrote {out} (update {training.update})", flush=True)
    return STOPPED if stop.pressed and not finished else 0


def _cost(chosen: Recipe, device: torch.device, threads: int) -> str:
    """What a run will take, before it begins."""
    cost = Estimate.of(chosen, device, threads)
    return (
        f"{chosen.updates:,} updates of {cost.work / 1e12:.3g} TFLOP each: at least {told_time(cost.seconds)} at the "
        f"{cost.rate / 1e12:.3g} TFLOP/s of a plain matrix product here, and {_gib(cost.memory)}"
    )


@contextmanager
def _board(options: Options, folder: Path) -> Iterator[Any]:
    """What writes for TensorBoard; None where that is not asked for. Raises `ConfigError`."""
    if not options.tensorboard:
        yield None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise ConfigError("--tensorboard", "needs a package: pip install tensorboard") from None
    with SummaryWriter(folder / "tensorboard") as board:
        yield board


def _gib(size: float) -> str:
    return f"{size / 2**30:.{0 if size >= 10 * 2**30 else 1}f} GiB"


class _Told:
    """Prints how a run goes; after its first update, also what that says of the whole."""

    def __init__(self, training: Run, device: torch.device, board: Any) -> None:
        self._training, self._device, self._board = training, device, board
        self._first = True

    def __call__(self, progress: Progress) -> None:
        print(progress, flush=True)
        if self._first:
            self._first = False
            left, memory = told_time(progress.eta_seconds), _gib(memory_now(self._device))
            print(f"at the pace of this update: {left} left; memory {memory}", flush=True)
        if self._board is not None:
            for name in ("loss", "exact", "steps"):
                self._board.add_scalar(name, getattr(progress, name), progress.update)


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
