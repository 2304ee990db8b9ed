"""A training run: deep supervision with adaptive halting, over slots that are always full.

Every update advances all slots by one supervision step, learns from it, and refills the slots
whose puzzle has halted. A run lives in a folder; it is saved every `SAVE_EVERY` seconds in one
atomic write, so a run killed at any moment goes on from there, exactly as if nothing happened.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import get_ema_multi_avg_fn

from trm_core.domains import domain as domain_named
from trm_core.measuring.throughput import profiled, step_work
from trm_core.network.config import ConfigError
from trm_core.network.model import State, TinyRecursiveModel
from trm_core.network.slots import Slots
from trm_core.training.data import PuzzleStream, from_csv, generated
from trm_core.training.loss import StepLoss, step_loss
from trm_core.training.optimisers import Optimisers
from trm_core.training.recipe import Recipe
from trm_core.training.signposts import SignpostHead

SAVE_EVERY = 45.0  # seconds
REPORT_EVERY = 20  # updates

# Generators of one run that must not be alike: each gets the run's seed and one of these.
_WEIGHTS, _STREAM = 1, 2


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

    `csv` replaces the generated puzzles; `start` gives weights to begin with instead of random
    ones (a `ConfigError` says where their shapes differ from the recipe's). Under torchrun every process has its own slots and
    the gradients are averaged. `rank` 0 alone reports.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        *,
        seed: int = 0,
        device: torch.device | str = "cpu",
        csv: Path | None = None,
        start: TinyRecursiveModel | None = None,
        compile_networks: bool | None = None,
    ) -> None:
        self.recipe, self.folder, self.seed = recipe, folder, seed
        self.device = torch.device(device)
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.world = dist.get_world_size() if dist.is_initialized() else 1
        folder.mkdir(parents=True, exist_ok=True)

        weights = torch.Generator().manual_seed(seed * 1000 + _WEIGHTS)
        self.model = TinyRecursiveModel(recipe.model, weights).to(self.device)
        # On a CPU, memory is plenty and computing twice only costs time.
        many = recipe.model.gradient == "all_cycles"
        self.model.recomputes = many and self.device.type == "cuda"
        self.start = _take_weights(self.model, start) if start is not None else ""
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self._move_average = get_ema_multi_avg_fn(recipe.ema)
        self.signposts: SignpostHead | None = None
        if recipe.signpost_weight:
            self.signposts = SignpostHead(recipe.model, weights).to(self.device)
        self.optimisers = Optimisers(recipe, self.model, self.signposts)
        self.generator = torch.Generator(self.device)
        self.generator.manual_seed((seed * 1000 + _STREAM) * 64 + self.rank)
        domain = domain_named(recipe.domain)
        pairs = self._puzzles(csv)
        self.data = hashlib.sha256(pairs.tobytes()).hexdigest()[:16]
        self.stream = PuzzleStream(pairs, domain, self.device, self.generator, recipe.augment)
        self.update = 0
        self.seconds = 0.0  # spent in training, over all chunks
        self._work_at: dict[tuple[int, int], float] = {}
        if not self._resume():
            questions_BL, self.labels_BL = self.stream.draw(recipe.batch)
            self.slots = Slots(self.model, questions_BL)
            self.least_B = self._least_steps()
        if compile_networks is None:
            compile_networks = self.device.type == "cuda"
        if compile_networks:
            self.model.compile_networks()

    @property
    def finished(self) -> bool:
        return self.update >= self.recipe.updates

    def train(
        self, minutes: float | None = None, report: Callable[[Progress], None] | None = None
    ) -> bool:
        """Train until the recipe's updates are done or the minutes are over; saves at the end.

        Returns whether the run is finished.
        """
        began = saved = reported = time.monotonic()
        seconds_before = self.seconds
        meter = _Meter(self.device)
        while not self.finished:
            meter.add(*self._learn(), self._work())
            self.update += 1
            now = time.monotonic()
            self.seconds = seconds_before + now - began
            if self.update % REPORT_EVERY == 0 or self.finished:
                if report is not None and self.rank == 0:
                    report(self._progress(meter, now - reported))
                meter, reported = _Meter(self.device), now
            # Every process must leave, or save, after the same update: rank 0's clock decides.
            save, stop = self._agree(
                now - saved > SAVE_EVERY, minutes is not None and now - began > 60 * minutes
            )
            if save:
                self.save()
                saved = time.monotonic()
            if stop:
                break
        self.save()
        return self.finished

    def profile(self) -> str:
        """What costs most in an update, as a table. It trains a little, and saves nothing."""
        return profiled(self._learn, self.device)

    def averaged_model(self) -> TinyRecursiveModel:
        """The EMA of the weights, in fp32, which is what is evaluated and kept."""
        return self.average

    def _learn(self) -> tuple[StepLoss, Tensor, Tensor]:
        """One supervision step of all slots, one update of the weights, then refill."""
        recipe = self.recipe
        questions_BL = self.slots.tokens_BL
        if recipe.depths:
            self.model.set_depth(*recipe.depth(self.update))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            output = self.slots.step()
            loss = step_loss(
                output,
                self.labels_BL,
                kind=recipe.loss,
                smoothing=recipe.smoothing,
                halt_weight=recipe.halt_weight,
            )
            if self.signposts is not None:
                signposts = self.signposts(output.state, questions_BL)
                loss = loss._replace(total=loss.total + recipe.signpost_weight * signposts)
        loss.total.backward()
        self._average_gradients()
        if recipe.clip:
            clip_grad_norm_(self.optimisers.parameters, recipe.clip)
        self.optimisers.step(self.update)
        self._average_weights()

        steps_B = self.slots.steps_B
        limit = recipe.model.supervision_steps
        done_B = ((output.q_B.detach() > 0) & (steps_B >= self.least_B)) | (steps_B >= limit)
        questions_BL, labels_BL = self.stream.draw(recipe.batch)
        self.slots.refill(done_B, questions_BL)
        self.labels_BL = torch.where(done_B[:, None], labels_BL, self.labels_BL)
        self.least_B = torch.where(done_B, self._least_steps(), self.least_B)
        return loss, done_B, steps_B

    def _work(self) -> float:
        """Useful operations of one update of this process, at the depth of now."""
        config = self.model.config
        depth = (config.cycles, config.latent_updates)
        if depth not in self._work_at:
            self._work_at[depth] = self.recipe.batch * step_work(config, learning=True)
        return self._work_at[depth]

    @torch.no_grad()
    def _average_weights(self) -> None:
        """Move the EMA towards the weights; it starts at the first weights learnt."""
        average, weights = list(self.average.parameters()), list(self.model.parameters())
        if self.update == 0:
            for averaged, weight in zip(average, weights, strict=True):
                averaged.copy_(weight)
        else:
            self._move_average(average, weights, self.update)

    def _least_steps(self) -> Tensor:
        """Per slot, the steps before which it may not halt: mostly 1, sometimes 2..limit."""
        recipe, batch = self.recipe, self.recipe.batch
        limit = recipe.model.supervision_steps
        common = {"generator": self.generator, "device": self.device}
        explore_B = torch.rand(batch, **common) < recipe.exploration
        random_B = torch.randint(min(2, limit), limit + 1, (batch,), **common)
        return torch.where(explore_B, random_B, 1)

    def _average_gradients(self) -> None:
        if self.world > 1:
            gradients = [p.grad for p in self.optimisers.parameters if p.grad is not None]
            flat = torch.cat([g.flatten() for g in gradients])
            dist.all_reduce(flat)
            flat /= self.world
            for gradient, part in zip(
                gradients, flat.split([g.numel() for g in gradients]), strict=True
            ):
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

    def _puzzles(self, csv: Path | None) -> np.ndarray:
        """The training set. Generated ones are made once, then kept beside the state."""
        recipe = self.recipe
        source = f"{recipe.difficulty} {recipe.puzzles} seed {self.seed}"
        domain = domain_named(recipe.domain)
        if csv is not None:
            return from_csv(domain, csv)
        kept = self.folder / "puzzles.npz"
        if kept.exists():
            with np.load(kept) as file:
                if str(file["source"]) == source:
                    return file["pairs_N2L"]
        pairs = generated(domain, recipe.difficulty, recipe.puzzles, self.seed)
        if self.rank == 0:
            part = self.folder / "puzzles.part.npz"
            np.savez_compressed(part, pairs_N2L=pairs, source=np.array(source))
            os.replace(part, kept)
        return pairs

    @property
    def _state_path(self) -> Path:
        return self.folder / "state.pt"

    def save(self) -> None:
        """Write the whole state in one file; the old one stays until the new one is complete."""
        own = {
            "generator": self.generator.get_state(),
            "tokens": self.slots.tokens_BL,
            "y": self.slots.state.y_BMD.contiguous(),
            "z": self.slots.state.z_BMD.contiguous(),
            "steps": self.slots.steps_B,
            "labels": self.labels_BL,
            "least": self.least_B,
        }
        own = {name: tensor.cpu() for name, tensor in own.items()}
        processes: list[Any] = [own]
        if self.world > 1:
            processes = [None] * self.world
            dist.all_gather_object(processes, own)
        if self.rank != 0:
            return
        state = {
            "run": self._identity(),
            "update": self.update,
            "seconds": self.seconds,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimisers": self.optimisers.state_dict(),
            "processes": processes,
        }
        if self.signposts is not None:
            state["signposts"] = self.signposts.state_dict()
        part = self._state_path.with_suffix(".part")
        torch.save(state, part)
        os.replace(part, self._state_path)

    def _resume(self) -> bool:
        """Take up the state in the folder, if there is one; it must be of this very run.

        Only the length of the run may differ: the schedule follows the new length.
        """
        if not self._state_path.exists():
            return False
        # On the CPU first: optimisers keep their step counts there.
        state = torch.load(self._state_path, map_location="cpu", weights_only=True)
        now, then = self._identity(), state["run"]
        changed = [name for name in now if now[name] != then.get(name)]
        if changed:
            raise ConfigError(
                f"{self.folder} holds a run with another {', '.join(changed)}; "
                "choose another with --folder, or delete it"
            )
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        if self.signposts is not None:
            self.signposts.load_state_dict(state["signposts"])
        self.optimisers.load_state_dict(state["optimisers"])
        self.update, self.seconds = state["update"], state["seconds"]
        own = state["processes"][self.rank]
        self.generator.set_state(own["generator"])
        kept = {name: own[name].to(self.device) for name in own if name != "generator"}
        self.slots = Slots(self.model, kept["tokens"])
        self.slots.state = State(kept["y"], kept["z"])
        self.slots.steps_B = kept["steps"]
        self.labels_BL, self.least_B = kept["labels"], kept["least"]
        return True

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
            raise ConfigError(f"the weights to start from don't fit the recipe at {name}")
    model.load_state_dict(theirs)
    digest = hashlib.sha256()
    for tensor in theirs.values():
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


class _Meter:
    """Sums on the device; reading them is the only moment that waits for it."""

    def __init__(self, device: torch.device) -> None:
        self.sums = torch.zeros(4, device=device)
        self.updates = 0
        self.work = 0.0  # floating-point operations

    def add(self, loss: StepLoss, done_B: Tensor, steps_B: Tensor, work: float) -> None:
        exact = (loss.exact_B & done_B).sum()
        steps = (steps_B * done_B).sum()
        self.sums += torch.stack([loss.total.detach(), exact, steps, done_B.sum()])
        self.updates += 1
        self.work += work

    def read(self) -> tuple[float, float, float, int]:
        """Mean loss, exact share and mean steps of the finished puzzles, and their number."""
        loss, exact, steps, done = self.sums.tolist()
        return loss / self.updates, exact / max(1, done), steps / max(1, done), int(done)
