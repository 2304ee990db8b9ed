"""A training run: a learner with a folder, which resumes, on one process or several.

It is saved every `SAVE_EVERY` seconds in one atomic write, so a run killed at any moment goes on
from there, exactly as if nothing happened.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from trm_core.domains import Pairs
from trm_core.domains import domain as domain_named
from trm_core.measuring.evaluate import examine
from trm_core.measuring.throughput import profiled
from trm_core.network.config import ConfigError
from trm_core.network.forms import build_model
from trm_core.network.model import TinyRecursiveModel
from trm_core.training.data import from_source, generated
from trm_core.training.learner import WEIGHTS, Moment
from trm_core.training.pool import learner_for
from trm_core.training.recipe import Recipe

SAVE_EVERY = 45.0  # seconds
REPORT_EVERY, REPORT_AFTER = 20, 10.0  # updates, or so many seconds where they are slow
METRICS = "metrics.jsonl"


@dataclass(frozen=True, kw_only=True)
class Validation:
    """A set that a run is measured on while it learns: what its averaged weights solve."""

    pairs: Pairs
    every: int = 1000  # updates
    keep: int = 3  # checkpoints of the last measurements; the best one is kept besides


@dataclass(frozen=True)
class Progress:
    """A moment of a run, averaged over the updates since the last one."""

    update: int
    updates: int
    loss: float
    exact: float  # share of the puzzles that left their slot with every cell right
    steps: float  # supervision steps those puzzles took
    puzzles_per_second: float
    tflops: float  # useful work a second, 1e12 operations: see `throughput`
    eta_seconds: float

    def __str__(self) -> str:
        minutes = self.eta_seconds / 60
        return (
            f"update {self.update:>6}/{self.updates}  loss {self.loss:6.4f}  "
            f"exact {100 * self.exact:5.1f} %  steps {self.steps:4.1f}  "
            f"{self.puzzles_per_second:7.1f} puzzles/s  {self.tflops:6.3g} TFLOP/s  "
            f"{minutes:5.1f} min left"
        )


class Run:
    """One process of a training run in `folder`; resumes by itself if the folder holds a state.

    `source`, a file or a data folder, replaces the generated puzzles; `start` gives weights to begin with instead of random
    ones (a `ConfigError` says where their shapes differ from the recipe's). Under torchrun every
    process has its own slots and the gradients are averaged. `rank` 0 alone reports. What it reports, and what a
    `validation` finds, is also a line each of `metrics.jsonl` in the folder; `keep` writes weights worth keeping to a
    path, which is best.safetensors for those that solve most.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        *,
        seed: int = 0,
        device: torch.device | str = "cpu",
        source: Path | None = None,
        start: TinyRecursiveModel | None = None,
        compile_networks: bool | None = None,
        threads: int = 1,
        validation: Validation | None = None,
        keep: Callable[[Path, TinyRecursiveModel], None] | None = None,
    ) -> None:
        self.recipe, self.folder, self.seed = recipe, folder, seed
        self._validation, self._keep = validation, keep
        self.device = torch.device(device)
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.world = dist.get_world_size() if dist.is_initialized() else 1
        folder.mkdir(parents=True, exist_ok=True)
        weights = torch.Generator().manual_seed(seed * 1000 + WEIGHTS)
        model = build_model(recipe.model, weights).to(self.device)
        self.start = _take_weights(model, start) if start is not None else ""
        pairs = self._puzzles(source)
        highest = int(pairs.puzzle_ids_N.max(initial=0))
        if recipe.model.prefix == "puzzle" and highest >= recipe.model.puzzle_ids:
            raise ConfigError(
                "model.puzzle_ids",
                f"must be {highest + 1} at least for these puzzles: --set model.puzzle_ids={highest + 1}",
                recipe.model.puzzle_ids,
            )
        self.data = hashlib.sha256(pairs.tokens_N2L.tobytes()).hexdigest()[:16]
        self.learner = learner_for(recipe)(
            model,
            pairs,
            recipe,
            seed=seed,
            rank=self.rank,
            threads=threads,
            average=self._average_gradients if self.world > 1 else None,
        )
        self.seconds = 0.0  # spent in training, over all chunks
        self.saved_at = 0  # the update of the last state on disk
        self.enough = False  # whether to end after the update under way
        self._resume()
        if compile_networks is None:
            compile_networks = self.device.type == "cuda"
        if compile_networks:
            model.compile_networks()

    @property
    def update(self) -> int:
        return self.learner.update

    @property
    def finished(self) -> bool:
        return self.learner.finished

    def stop(self) -> None:
        """End after the update under way, and save."""
        self.enough = True

    def train(
        self, minutes: float | None = None, report: Callable[[Progress], None] | None = None
    ) -> bool:
        """Train until the recipe's updates are done, the minutes are over or it is `enough`; saves at the end.

        Returns whether the run is finished.
        """
        began = saved = reported = time.monotonic()
        seconds_before = self.seconds
        meter = _Meter(self.device)
        for moment in self.learner:
            meter.add(moment)
            now = time.monotonic()
            self.seconds = seconds_before + now - began
            first = reported == began
            due = first or self.update % REPORT_EVERY == 0 or now - reported > REPORT_AFTER
            if due or self.finished:
                if report is not None and self.rank == 0:
                    progress = self._progress(meter, now - reported)
                    report(progress)
                    self._note(asdict(progress))
                meter, reported = _Meter(self.device), now
            spent = self._validate()
            began, reported = began + spent, reported + spent
            # Every process must leave, or save, after the same update: rank 0's clock decides.
            over = minutes is not None and now - began > 60 * minutes
            save, stop = self._agree(now - saved > SAVE_EVERY, over or self.enough)
            if save:
                self.save()
                saved = time.monotonic()
            if stop:
                self.learner.cancel()
        self.save()
        return self.finished

    def profile(self) -> str:
        """What costs most in an update, as a table. It trains a little, and saves nothing."""
        return profiled(self.learner.learn, self.device)

    def averaged_model(self) -> TinyRecursiveModel:
        """What is evaluated and kept, as `Learner.averaged` gives it."""
        return self.learner.averaged()

    def _validate(self) -> float:
        """Measure the averaged weights, if it is time to. Returns the seconds that it took."""
        asked, began = self._validation, time.monotonic()
        if asked is None or self.rank or not (self.update % asked.every == 0 or self.finished):
            return 0.0
        steps = self.recipe.model.supervision_steps
        chosen = domain_named(self.recipe.domain)
        model = copy.deepcopy(self.averaged_model()).for_inference()
        outcomes = examine(model, chosen, asked.pairs, most_steps=steps)
        exact, solved = (
            float(each[:, -1].mean()) for each in (outcomes.exact_NS, outcomes.solved_NS)
        )
        self._note({"update": self.update, "validation_exact": exact, "validation_solved": solved})
        if self._keep is None:
            return time.monotonic() - began
        kept = self.folder / f"update-{self.update:07d}.safetensors"
        self._keep(kept, self.averaged_model())
        for old in sorted(self.folder.glob("update-*.safetensors"))[: -asked.keep]:
            old.unlink()
        if exact >= self._best():
            self._keep(self.folder / "best.safetensors", self.averaged_model())
        return time.monotonic() - began

    def _best(self) -> float:
        """The highest share that a measurement has found before the last one."""
        lines = (self.folder / METRICS).read_text().splitlines()
        found = [json.loads(line).get("validation_exact") for line in lines]
        return max([share for share in found if share is not None][:-1], default=0.0)

    def _note(self, values: dict[str, Any]) -> None:
        """A line of the metrics."""
        line = values | {"seconds": round(self.seconds, 1), "seed": self.seed}
        with (self.folder / METRICS).open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _average_gradients(self, gradients: list[Tensor]) -> None:
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        flat /= self.world
        parts = flat.split([g.numel() for g in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def _agree(self, *flags: bool) -> list[bool]:
        if self.world == 1:
            return list(flags)
        shared = torch.tensor([int(flag) for flag in flags], device=self.device)
        dist.broadcast(shared, src=0)
        return [bool(flag) for flag in shared.tolist()]

    def _progress(self, meter: _Meter, seconds: float) -> Progress:
        left = self.recipe.updates - self.update
        loss, exact, steps, puzzles = meter.read()
        return Progress(
            update=self.update,
            updates=self.recipe.updates,
            loss=loss,
            exact=exact,
            steps=steps,
            puzzles_per_second=puzzles * self.world / seconds,
            tflops=meter.work * self.world / seconds / 1e12,
            eta_seconds=left * self.seconds / max(1, self.update),
        )

    # Data and state on disk

    def _puzzles(self, source: Path | None) -> Pairs:
        """The training set. Generated ones are made once, then kept beside the state."""
        recipe = self.recipe
        domain = domain_named(recipe.domain)
        if source is not None:
            return from_source(domain, source, "train")
        asked = f"{recipe.difficulty} {recipe.puzzles} seed {self.seed}"
        kept = self.folder / "puzzles.npz"
        if kept.exists():
            with np.load(kept) as file:
                there = str(file["source"])
                if there == asked and set(_PAIRS) <= set(file.files):
                    return Pairs(*(file[name] for name in _PAIRS))
            if self._state_path.exists():  # its puzzles are not to be lost
                raise ConfigError(
                    str(self.folder),
                    f"holds a run on other puzzles ({there}, not {asked}); choose another with --folder, or delete it",
                )
        pairs = generated(domain, recipe.difficulty, recipe.puzzles, self.seed)
        if self.rank == 0:
            part = self.folder / "puzzles.part.npz"
            columns = {name: getattr(pairs, name) for name in _PAIRS}
            np.savez_compressed(part, **columns, source=np.array(asked))
            os.replace(part, kept)
        return pairs

    @property
    def _state_path(self) -> Path:
        return self.folder / "state.pt"

    def save(self) -> None:
        """Write the whole state in one file; the old one stays until the new one is complete."""
        own = self.learner.own_state()
        processes: list[Any] = [own]
        if self.world > 1:
            processes = [None] * self.world
            dist.all_gather_object(processes, own)
        if self.rank != 0:
            return
        state = self.learner.shared_state() | {
            "run": self._identity(),
            "seconds": self.seconds,
            "processes": processes,
        }
        part = self._state_path.with_suffix(".part")
        torch.save(state, part)
        os.replace(part, self._state_path)
        self.saved_at = self.update

    def _resume(self) -> None:
        """Take up the state in the folder, if there is one; it must be of this very run.

        Only the length of the run may differ: the schedule follows the new length.
        """
        if not self._state_path.exists():
            return
        # On the CPU first: optimisers keep their step counts there.
        state = torch.load(self._state_path, map_location="cpu", weights_only=True)
        now, then = self._identity(), state["run"]
        changed = [name for name in now if now[name] != then.get(name)]
        if changed:
            raise ConfigError(
                str(self.folder),
                f"holds a run with another {', '.join(changed)}; choose another with --folder, or delete it",
            )
        self.seconds = state["seconds"]
        self.learner.restore(state, state["processes"][self.rank])
        self.saved_at = self.update

    def _identity(self) -> dict[str, Any]:
        """What makes a run this run: its recipe (but for the length), data, seed, processes."""
        recipe = json.loads(json.dumps(self.recipe.as_dict()))
        del recipe["updates"]
        return recipe | {
            "seed": self.seed,
            "data": self.data,
            "start": self.start,
            "number of processes": self.world,
        }


def _take_weights(model: TinyRecursiveModel, start: TinyRecursiveModel) -> str:
    """Copy the weights of `start`; returns a digest of them."""
    theirs = start.state_dict()
    for name, tensor in model.state_dict().items():
        if name not in theirs or theirs[name].shape != tensor.shape:
            raise ConfigError("the weights to start from", f"don't fit the recipe at {name}")
    model.load_state_dict(theirs)
    digest = hashlib.sha256()
    for tensor in theirs.values():
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


_PAIRS = ("tokens_N2L", "puzzle_ids_N", "rating_N")  # as kept on disk


class _Meter:
    """Sums on the device; reading them is the only moment that waits for it."""

    def __init__(self, device: torch.device) -> None:
        self.sums = torch.zeros(4, device=device)
        self.updates = 0
        self.work = 0.0  # floating-point operations

    def add(self, moment: Moment) -> None:
        exact = (moment.loss.exact_B & moment.done_B).sum()
        steps = (moment.steps_B * moment.done_B).sum()
        self.sums += torch.stack([moment.loss.total.detach(), exact, steps, moment.done_B.sum()])
        self.updates += 1
        self.work += moment.work

    def read(self) -> tuple[float, float, float, int]:
        """Mean loss, exact share and mean steps of the finished puzzles, and their number."""
        loss, exact, steps, done = self.sums.tolist()
        return loss / self.updates, exact / max(1, done), steps / max(1, done), int(done)
