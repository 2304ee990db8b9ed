"""Learning with pencil marks: on the boards that the model itself comes to.

A pool of boards is learnt on in turn. After every update the model's own judgement moves the boards:
candidates are struck, and one cell is pinned, half the time a sure one and half the time any. So it
meets what it will meet when it solves: its own guesses, good and bad. A board leaves the pool when it is
solved, when the model rightly calls it a contradiction, or when it has grown old; the others are
rewritten by a fresh symmetry.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from trm_core.network.model import State
from trm_core.network.slots import Slots
from trm_core.network.units import (
    CANDIDATE,
    NEVER,
    CandidatesModel,
    Judged,
    likelihood,
    pin,
    strike,
)
from trm_core.training.learner import Learner, Moment
from trm_core.training.loss import StepLoss
from trm_core.training.recipe import Recipe

STRIKE = 0.1  # candidates kept with a lower probability are struck while learning
TRUE_WEIGHT, FALSE_WEIGHT = 4.0, 0.5  # of the candidates in the loss of `keep`
CONFLICT_WEIGHT = 0.1
SURE_POWER = 8  # a "sure" cell is drawn by this power of its likelihood


def learner_for(recipe: Recipe) -> type[Learner]:
    """The learner that a recipe asks for."""
    return PoolLearner if recipe.pool else Learner


class PoolLearner(Learner):
    """Teaches a model whose answers are candidates. `slots` hold the pool."""

    model: CandidatesModel

    def _begin(self) -> None:
        questions_BL, self.labels_BL, ids_B = self.stream.draw(self.recipe.pool)
        self.slots = Slots(self.model, questions_BL, ids_B)
        self.least_B = torch.ones_like(self.slots.steps_B)  # no board is held back
        self._order = torch.empty(0, dtype=torch.int64, device=self.device)

    def learn(self) -> Moment:
        recipe, slots = self.recipe, self.slots
        if recipe.depths:
            self.model.set_depth(*recipe.depth(self.update))
        chosen_B = self._next()
        tokens_BL, labels_BL = slots.tokens_BL[chosen_B], self.labels_BL[chosen_B]
        state = State(slots.state.y_BMD[chosen_B], slots.state.z_BMD[chosen_B])
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            judged, candidates_BNL = self._judgements(state, tokens_BL)
            loss = marks_loss(
                judged,
                candidates_BNL,
                self.model.named_pairs(labels_BL),
                self.model.named_pairs(tokens_BL),
            )
        self._move(loss.total)
        done_B, exact_B = self._write(chosen_B, candidates_BNL, judged[-1], labels_BL)
        self.update += 1
        return Moment(
            self.update,
            loss._replace(exact_B=exact_B),
            done_B,
            slots.steps_B[chosen_B],
            self._work(),
        )

    def _next(self) -> Tensor:
        """The boards of this update: every one has its turn before any has another."""
        if len(self._order) < self.recipe.batch:
            self._order = torch.randperm(
                self.recipe.pool, generator=self.generator, device=self.device
            )
        chosen_B, self._order = self._order.split(
            [self.recipe.batch, len(self._order) - self.recipe.batch]
        )
        return chosen_B

    def _judgements(self, state: State, tokens_BL: Tensor) -> tuple[list[Judged], Tensor]:
        """What the model says of the boards after every call of one step, with gradient, and the
        candidates it was given."""
        latents: list[Tensor] = []

        def collect(call: int, state: State) -> None:
            if call:
                latents.append(state.z_BMD)

        x_BM1 = self.model.embed(tokens_BL)
        self.model.step(state, x_BM1, None, collect)
        candidates_BNL = self.model.candidates(state.y_BMD * x_BM1)
        return [self.model.judge(z_BMD) for z_BMD in latents], candidates_BNL

    @torch.no_grad()
    def _write(
        self, chosen_B: Tensor, candidates_BNL: Tensor, judged: Judged, labels_BL: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Move the boards by what the model said of them; which left, and which were solved right."""
        written = strike(candidates_BNL, judged, torch.full_like(judged.conflict_B, STRIKE))
        moved_BNL = self._pinned(written.candidates_BNL, judged.pick_BNL)
        moves_B = ~(written.contradiction_B | written.solved_B)
        after_BNL = torch.where(moves_B[:, None, None], moved_BNL, written.candidates_BNL)
        alive_B = (after_BNL & self.model.named_pairs(labels_BL)).any(1).all(1)
        self.slots.steps_B[chosen_B] += 1
        old_B = self.slots.steps_B[chosen_B] > self.model.config.supervision_steps
        done_B = written.solved_B | (written.contradiction_B & ~alive_B) | old_B
        self._put(chosen_B, done_B, after_BNL)
        return done_B, written.solved_B & alive_B

    def _pinned(self, candidates_BNL: Tensor, pick_BNL: Tensor) -> Tensor:
        """One open cell of every board pinned: half of the boards a sure one, the others any."""
        B, _, L = candidates_BNL.shape
        sure_BL = likelihood(candidates_BNL, pick_BNL)
        any_B1 = self._chance(B, 1) < 0.5
        weight_BL = torch.where(any_B1, (sure_BL > 0).float(), sure_BL**SURE_POWER)
        noise_BL = -torch.log(-torch.log(self._chance(B, L)))
        best_B1 = (weight_BL.clamp(min=1e-9).log() + noise_BL).argmax(1, keepdim=True)
        cells_BL = (best_B1 == torch.arange(L, device=self.device)) & (sure_BL > 0)
        chance_BNL = self._chance(*candidates_BNL.shape)
        return pin(
            candidates_BNL, cells_BL, pick_BNL, chance_BNL, torch.ones(B, device=self.device)
        )

    def _chance(self, *shape: int) -> Tensor:
        """Uniform numbers in (0, 1)."""
        numbers = torch.rand(shape, generator=self.generator, device=self.device)
        return numbers.clamp(1e-7, 1 - 1e-7)

    def _put(self, chosen_B: Tensor, done_B: Tensor, candidates_BNL: Tensor) -> None:
        """Fresh puzzles in place of the boards that left; the others under a fresh symmetry."""
        slots, count = self.slots, len(chosen_B)
        tokens_BL, labels_BL = slots.tokens_BL[chosen_B], self.labels_BL[chosen_B]
        if self.stream.symmetric:
            cells_BL, symbols_BV = self.stream.ways(count)
            tokens_BL, labels_BL = (
                symbols_BV.gather(1, part_BL.gather(1, cells_BL).long())
                for part_BL in (tokens_BL, labels_BL)
            )
            place_BNL = (symbols_BV[:, 2:].long() - 2)[..., None].expand_as(candidates_BNL)
            moved_BNL = candidates_BNL.gather(2, cells_BL[:, None].expand_as(candidates_BNL))
            candidates_BNL = torch.zeros_like(moved_BNL).scatter(1, place_BNL, moved_BNL)
        fresh_BL, answers_BL, ids_B = self.stream.draw(count)
        gone_B1 = done_B[:, None]
        slots.tokens_BL[chosen_B] = torch.where(gone_B1, fresh_BL, tokens_BL)
        self.labels_BL[chosen_B] = torch.where(gone_B1, answers_BL, labels_BL)
        slots.puzzle_ids_B[chosen_B] = torch.where(done_B, ids_B, slots.puzzle_ids_B[chosen_B])
        slots.steps_B[chosen_B] = torch.where(done_B, 0, slots.steps_B[chosen_B])
        marks_BM = (candidates_BNL | done_B[:, None, None]).flatten(1).float()
        slots.state.y_BMD[chosen_B, :, CANDIDATE] = marks_BM

    # State: z is made anew in every step and need not be kept.

    def own_state(self) -> dict[str, Tensor]:
        own = {
            "generator": self.generator.get_state(),
            "tokens": self.slots.tokens_BL,
            "puzzle_ids": self.slots.puzzle_ids_B,
            "candidates": self.model.candidates(self.slots.state.y_BMD),
            "steps": self.slots.steps_B,
            "labels": self.labels_BL,
            "order": self._order,
        }
        return {name: tensor.cpu() for name, tensor in own.items()}

    def _restore_slots(self, kept: dict[str, Tensor]) -> None:
        self.slots = Slots(self.model, kept["tokens"], kept["puzzle_ids"])
        self.slots.state.y_BMD[..., CANDIDATE] = kept["candidates"].flatten(1).float()
        self.slots.steps_B = kept["steps"]
        self.labels_BL, self._order = kept["labels"], kept["order"]


def marks_loss(
    judgements: list[Judged], candidates_BNL: Tensor, true_BNL: Tensor, given_BNL: Tensor
) -> StepLoss:
    """The mean over the calls of: keep, for every candidate that is not given, the true ones weighted
    more; pick, for every cell that is not given, while the board still agrees with the solution;
    and whether it does."""
    open_BNL = candidates_BNL & ~given_BNL.any(1, keepdim=True)
    target_BNL = (candidates_BNL & true_BNL).float()
    weight_BNL = torch.where(target_BNL > 0, TRUE_WEIGHT, FALSE_WEIGHT) * open_BNL
    opened = open_BNL.sum().clamp(min=1)
    bad_B = ~target_BNL.any(1).all(1)
    asked_BL = (~given_BNL.any(1) & ~bad_B[:, None]).float()
    labels_BL = true_BNL.float().argmax(1)
    keep = pick = conflict = torch.zeros((), device=candidates_BNL.device)
    for judged in judgements:
        keep_BNL = F.binary_cross_entropy_with_logits(
            judged.keep_BNL.float(), target_BNL, reduction="none"
        )
        keep = keep + (keep_BNL * weight_BNL).sum() / opened
        logits_BNL = judged.pick_BNL.float().masked_fill(~candidates_BNL, NEVER)
        pick_BL = F.cross_entropy(logits_BNL, labels_BL, reduction="none")
        pick = pick + (pick_BL * asked_BL).sum() / asked_BL.sum().clamp(min=1)
        conflict = conflict + F.binary_cross_entropy_with_logits(judged.conflict_B, bad_B.float())
    calls = len(judgements)
    with torch.no_grad():
        logits_BNL = judgements[-1].pick_BNL.masked_fill(~candidates_BNL, NEVER)
        right_BL = (logits_BNL.argmax(1) == labels_BL).float()
    return StepLoss(
        total=(keep + pick + CONFLICT_WEIGHT * conflict) / calls,
        cells=pick / calls,
        halt=conflict / calls,
        exact_B=right_BL.all(1),
        accuracy_B=right_BL.mean(1),
    )
