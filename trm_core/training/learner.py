"""A learner: a model that learns from puzzles, one update at a time, and knows nothing of files.

    learner = Learner(model, pairs, recipe)
    for moment in learner:            # deep supervision with adaptive halting
        print(moment.update, moment.loss.total.item())
        if enough:
            learner.cancel()          # or leave the loop; iterate again to go on
    learner.averaged()                # the weights worth keeping, at any moment

Every update advances all slots by one supervision step, learns from it, and refills the slots whose
puzzle has halted.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import get_ema_multi_avg_fn

from trm_core.device import GATE, Gate
from trm_core.domains import Pairs
from trm_core.domains import domain as domain_named
from trm_core.measuring.throughput import step_work
from trm_core.network.model import State, TinyRecursiveModel
from trm_core.network.slots import Slots
from trm_core.solving.endings import is_over
from trm_core.training.data import PuzzleStream
from trm_core.training.loss import StepLoss, step_loss
from trm_core.training.optimisers import Optimisers
from trm_core.training.recipe import Recipe
from trm_core.training.signposts import SignpostHead

# Generators of one learner that must not be alike: each gets the seed and one of these.
WEIGHTS, STREAM, SIGNPOSTS = 1, 2, 3


@dataclass(frozen=True, eq=False)
class Moment:
    """One update. The tensors are on the learner's device: reading them waits for it."""

    update: int  # 1, 2, ...
    loss: StepLoss
    done_B: Tensor  # slots whose puzzle left
    steps_B: Tensor  # supervision steps each slot's puzzle had
    work: float  # useful floating-point operations


class Learner:
    """Teaches `model` the puzzles of `pairs` by `recipe`. Iterating goes on where it stopped.

    `seed` and `rank` choose the order of the puzzles, `average` averages gradients over processes.
    Updates run behind whatever people wait for, with exactly `threads` CPU threads.
    """

    def __init__(
        self,
        model: TinyRecursiveModel,
        pairs: Pairs,
        recipe: Recipe,
        *,
        seed: int = 0,
        rank: int = 0,
        threads: int = 1,
        average: Callable[[list[Tensor]], None] | None = None,
        gate: Gate = GATE,
    ) -> None:
        self.model, self.recipe = model, recipe
        self.device = device = model.device
        self._threads, self._average_gradients, self._gate = threads, average, gate
        # On a CPU, memory is plenty and computing twice only costs time.
        model.recomputes = recipe.model.gradient == "all_cycles" and device.type == "cuda"
        self._average = copy.deepcopy(model).requires_grad_(False)
        self._move_average = get_ema_multi_avg_fn(recipe.ema)
        self.signposts: SignpostHead | None = None
        if recipe.signpost_weight:
            signs = torch.Generator().manual_seed(seed * 1000 + SIGNPOSTS)
            self.signposts = SignpostHead(recipe.model, signs).to(device)
        self.optimisers = Optimisers(recipe, model, self.signposts)
        self.generator = torch.Generator(device)
        self.generator.manual_seed((seed * 1000 + STREAM) * 64 + rank)
        self.stream = PuzzleStream(
            pairs, domain_named(recipe.domain), device, self.generator, recipe.augment
        )
        self.update = 0
        self.visitor = object()  # whose turns its updates are; the gate must not keep the learner
        self._cancelled = False
        self._work_at: dict[tuple[int, int], float] = {}
        self._begin()

    def _begin(self) -> None:
        """Fill the slots for the first time."""
        questions_BL, self.labels_BL, ids_B = self.stream.draw(self.recipe.batch)
        self.slots = Slots(self.model, questions_BL, ids_B)
        if self.recipe.supervised == "last":  # so that some slot ends in every update
            self.slots.steps_B = torch.arange(len(ids_B), device=self.device, dtype=torch.int32)
            self.slots.steps_B %= self.recipe.model.supervision_steps
        self.least_B = self._least_steps()

    @property
    def finished(self) -> bool:
        return self.update >= self.recipe.updates

    def cancel(self) -> None:
        """Stop after the update under way. Iterating again goes on."""
        self._cancelled = True

    def __iter__(self) -> Iterator[Moment]:
        self._cancelled = False
        while not self.finished and not self._cancelled:
            turn = self._gate.turn(
                lambda: (self.visitor,), self._threads, exactly=True, background=lambda: True
            )
            with turn:
                began = time.perf_counter()
                moment = self.learn()
                self._gate.charge(self.visitor, time.perf_counter() - began)
            yield moment

    def averaged(self) -> TinyRecursiveModel:
        """The EMA of the weights, in fp32, which is what is evaluated and kept. It moves on with
        the learning; copy it to keep a moment."""
        return self._average

    def learn(self) -> Moment:
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
                learnt_B=self._learnt(),
            )
            if self.signposts is not None:
                signposts = self.signposts(self.model.cells(output.state.z_BMD), questions_BL)
                loss = loss._replace(total=loss.total + recipe.signpost_weight * signposts)
        self._move(loss.total)

        steps_B = self.slots.steps_B
        says_done_B = (output.q_B.detach() > 0) & (steps_B >= self.least_B)
        done_B = is_over("halt", steps_B, recipe.model.supervision_steps, says_done_B, None)
        questions_BL, labels_BL, ids_B = self.stream.draw(recipe.batch)
        self.slots.refill(done_B, questions_BL, ids_B)
        self.labels_BL = torch.where(done_B[:, None], labels_BL, self.labels_BL)
        self.least_B = torch.where(done_B, self._least_steps(), self.least_B)
        self.update += 1
        return Moment(self.update, loss, done_B, steps_B, self._work())

    def _learnt(self) -> Tensor | None:
        """Slots whose step is learnt from; None for all."""
        if self.recipe.supervised == "every":
            return None
        return self.slots.steps_B >= self.recipe.model.supervision_steps

    def _move(self, loss: Tensor) -> None:
        """One update of the weights, and of their average, down this loss."""
        loss.backward()
        if self._average_gradients is not None:
            self._average_gradients(
                [p.grad for p in self.optimisers.parameters if p.grad is not None]
            )
        if self.recipe.clip:
            clip_grad_norm_(self.optimisers.parameters, self.recipe.clip)
        self.optimisers.step(self.update)
        self._average_weights()

    def _work(self) -> float:
        """Useful operations of one update, at the depth of now."""
        config = self.model.config
        depth = (config.cycles, config.latent_updates)
        if depth not in self._work_at:
            self._work_at[depth] = self.recipe.batch * step_work(config, learning=True)
        return self._work_at[depth]

    @torch.no_grad()
    def _average_weights(self) -> None:
        """Move the EMA towards the weights; it starts at the first weights learnt."""
        average, weights = list(self._average.parameters()), list(self.model.parameters())
        if self.update == 0:
            for averaged, weight in zip(average, weights, strict=True):
                averaged.copy_(weight)
        else:
            self._move_average(average, weights, self.update)

    def _least_steps(self) -> Tensor:
        """Per slot, the steps before which it may not halt: mostly 1, sometimes 2..limit."""
        recipe, batch = self.recipe, self.recipe.batch
        limit = recipe.model.supervision_steps
        if recipe.supervised == "last":  # nobody leaves before
            return torch.full((batch,), limit, device=self.device)
        common: dict[str, Any] = {"generator": self.generator, "device": self.device}
        explore_B = torch.rand(batch, **common) < recipe.exploration
        random_B = torch.randint(min(2, limit), limit + 1, (batch,), **common)
        return torch.where(explore_B, random_B, 1)

    # State: what all processes share, and what each has of its own

    def shared_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            "update": self.update,
            "model": self.model.state_dict(),
            "average": self._average.state_dict(),
            "optimisers": self.optimisers.state_dict(),
        }
        if self.signposts is not None:
            state["signposts"] = self.signposts.state_dict()
        return state

    def own_state(self) -> dict[str, Tensor]:
        """On the CPU."""
        own = {
            "generator": self.generator.get_state(),
            "tokens": self.slots.tokens_BL,
            "puzzle_ids": self.slots.puzzle_ids_B,
            "y": self.slots.state.y_BMD.contiguous(),
            "z": self.slots.state.z_BMD.contiguous(),
            "steps": self.slots.steps_B,
            "labels": self.labels_BL,
            "least": self.least_B,
        }
        return {name: tensor.cpu() for name, tensor in own.items()}

    def restore(self, shared: dict[str, Any], own: dict[str, Tensor]) -> None:
        """Go on exactly where a learner of the same kind was."""
        self.update = shared["update"]
        self.model.load_state_dict(shared["model"])
        self._average.load_state_dict(shared["average"])
        self.optimisers.load_state_dict(shared["optimisers"])
        if self.signposts is not None:
            self.signposts.load_state_dict(shared["signposts"])
        self.generator.set_state(own["generator"])
        kept = {name: own[name].to(self.device) for name in own if name != "generator"}
        self._restore_slots(kept)

    def _restore_slots(self, kept: dict[str, Tensor]) -> None:
        self.slots = Slots(self.model, kept["tokens"], kept.get("puzzle_ids"))
        self.slots.state = State(kept["y"], kept["z"])
        self.slots.steps_B = kept["steps"]
        self.labels_BL, self.least_B = kept["labels"], kept["least"]
