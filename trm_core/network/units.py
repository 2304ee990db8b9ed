"""Models whose state belongs to (symbol, cell) pairs: one set of weights for every symbol, every cell
and every size.

`UnitsModel` is the plain recursion over such states. `CandidatesModel` is the one whose answer is what a
person writes into the cells: pencil marks, the candidates that are still possible. One supervision step
of it: z starts from the embedded marks, n network calls refine it, and then y is written without a
further call: marks the model finds dead are struck, cells it is sure of are pinned, and so is one cell
more, drawn by how sure it is of it. A contradiction takes everything back to the givens, and the next go
draws its own daring. The rules of the puzzle have no say in any of this.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trm_core.network.layers import linear, truncated_normal_
from trm_core.network.model import (
    Intervene,
    Marks,
    Observer,
    State,
    StepOutput,
    TinyRecursiveModel,
)

STRUCK, OPEN, ONLY = range(3)  # what a (symbol, cell) pair may be in a question
NEVER = -30.0  # logit of what can't be
# Channels of a candidates model's y, for every (symbol, cell); the last five are the same in all.
CANDIDATE, PICK, PINNED, CONFLICT, DEAD, GO, AGE, SEED = range(8)
CHANNELS = 8
# A cell is drawn with the likelihood of its best candidate to this power, and a candidate at this temperature. Always
# the surest cell would lead every go into the same hole.
CELL_POWER, TEMPERATURE = 4.0, 1.0
# Of a board without an open cell, where no further step can help, a smaller doubt is enough to take it back.
FULL_DOUBT = -3.0  # logit of the conflict, some 5 %
SURE_DONE = 6.0  # halting logit of a board on which every cell has one candidate


class UnitsModel(TinyRecursiveModel):
    """The plain recursion with a state for every (symbol, cell); M = N * L, symbols first."""

    def _build_input(self, generator: torch.Generator | None) -> None:
        width = self.config.width
        self.mark_embedding = nn.Parameter(truncated_normal_(torch.empty(3, width), 1.0, generator))

    def _build_output(self, generator: torch.Generator | None) -> None:
        width = self.config.width
        self.head = linear(width, 1, generator)
        self.halt_hidden = linear(width, width, generator, bias=True)
        self.halt_head = nn.Linear(width, 1)
        nn.init.zeros_(self.halt_head.weight)
        nn.init.constant_(self.halt_head.bias, -5.0)

    def embed(self, tokens_BL: Tensor, puzzle_ids_B: Tensor | None = None) -> Tensor:
        """The question as marks: a given symbol is the only one, the others of its cell are struck."""
        marks_BNL = torch.where(self._open(tokens_BL), OPEN, STRUCK)
        marks_BNL = torch.where(self.named_pairs(tokens_BL), ONLY, marks_BNL)
        return self.mark_embedding[marks_BNL].flatten(1, 2)

    def named_pairs(self, tokens_BL: Tensor) -> Tensor:
        """The (symbol, cell) pairs that tokens name, those of blanks left out, (B, N, L) bool."""
        symbols_N1 = torch.arange(2, self.config.vocab_size, device=tokens_BL.device)[:, None]
        return tokens_BL.long()[:, None] == symbols_N1

    def _open(self, tokens_BL: Tensor) -> Tensor:
        """Pairs that the question leaves possible, (B, N, L) bool."""
        return (tokens_BL[:, None] < 2) | self.named_pairs(tokens_BL)

    def by_symbol(self, h_BMD: Tensor) -> Tensor:
        """Features of all pairs with their two axes apart: (..., M, D) to (..., N, L, D)."""
        return h_BMD.unflatten(-2, (self.config.symbols, self.config.cells))

    def cells(self, h: Tensor) -> Tensor:
        """The mean over a cell's symbols: (..., M, *) to (..., L, *)."""
        return self.by_symbol(h).mean(-3)

    def per_position(self, h_BMD: Tensor) -> Tensor:
        return self.cells(h_BMD)

    def read(self, y_BMD: Tensor) -> Tensor:
        return self._with_blanks(self.head(self.by_symbol(y_BMD))[..., 0])

    def _with_blanks(self, logits_BNL: Tensor) -> Tensor:
        """Token logits (B, L, V): pad and blank are never the answer."""
        return F.pad(logits_BNL.transpose(-1, -2), (2, 0), value=NEVER)

    def halt(self, y_BMD: Tensor) -> Tensor:
        return self.halt_head(F.silu(self.halt_hidden(y_BMD)).mean(1))


class Judged(NamedTuple):
    """What the three heads of a candidates model say of a state z."""

    keep_BNL: Tensor  # logit: this candidate is the true one
    pick_BNL: Tensor  # logit among the candidates of a cell
    conflict_B: Tensor  # logit: the board has no solution any more


class Daring(NamedTuple):
    """How boldly a board is written on; one number for each board."""

    strike_B: Tensor  # candidates whose probability to be kept is lower are struck
    pin_B: Tensor  # cells whose likeliest candidate is likelier are pinned
    temperature_B: Tensor  # of the draws of a cell and of its candidate; 0 takes the likeliest


class Written(NamedTuple):
    """Marks after a step was written."""

    candidates_BNL: Tensor  # bool
    pinned_BNL: Tensor  # candidates that were guessed to be the one in this step, bool
    contradiction_B: Tensor  # bool: a cell without candidates, or a conflict that was seen
    solved_B: Tensor  # bool: one candidate in every cell, and no contradiction


class CandidatesModel(UnitsModel):
    """y is the board of candidates, z is made anew in every step."""

    def _build_output(self, generator: torch.Generator | None) -> None:
        width = self.config.width
        self.keep = linear(width, 1, generator, bias=True)
        self.pick = linear(width, 1, generator)
        self.conflict_hidden = linear(width, 16, generator, bias=True)
        self.conflict = linear(16, 1, generator)
        # A sum over all pairs begins near the logarithm of their number.
        self.conflict_bias = nn.Parameter(torch.tensor(6.6))

    def start(self, batch: int) -> State:
        shape = (batch, self.config.sequence_length)
        y_BMC = self.y_start.new_zeros(*shape, CHANNELS)
        y_BMC[..., CANDIDATE] = 1.0
        return State(y_BMC, self.y_start.new_zeros(1).expand(*shape, self.config.width))

    def seeded_start(self, seed: int) -> State:
        y_BMC, z_BMD = self.start(1)
        y_BMC[..., SEED] = seed % 2**20
        return State(y_BMC[0], z_BMD[0])

    def embed(self, tokens_BL: Tensor, puzzle_ids_B: Tensor | None = None) -> Tensor:
        """What the question leaves possible, (B, M, 1); the marks are embedded in every step."""
        return self._open(tokens_BL).flatten(1)[..., None].float()

    def embed_marks(self, candidates_BNL: Tensor) -> Tensor:
        """Marks as features, (B, M, D)."""
        only_B1L = candidates_BNL.sum(1, keepdim=True) == 1
        marks_BNL = torch.where(candidates_BNL, torch.where(only_B1L, ONLY, OPEN), STRUCK)
        return self.mark_embedding[marks_BNL].flatten(1, 2)

    def step(
        self,
        state: State,
        x_BMD: Tensor,
        observe: Observer | None = None,
        intervene: Intervene | None = None,
    ) -> StepOutput:
        """n calls that refine z, then y is written. Gradient flows through the calls only."""
        y_BMC = _restarted(state.y_BMD, x_BMD)
        e_BMD = self.embed_marks(self.candidates(y_BMC))
        state = self._recurse(State(y_BMC, e_BMD), e_BMD, observe, intervene)
        return StepOutput(state, self.read(state.y_BMD), self.halt(state.y_BMD))

    def _call(self, state: State, x_BMD: Tensor, writes: bool) -> State:
        if not writes:
            return State(state.y_BMD, self._apply_network(self.network, x_BMD + state.z_BMD))
        with torch.no_grad():
            return State(self._write(state.y_BMD, self.judge(state.z_BMD.detach())), state.z_BMD)

    def judge(self, z_BMD: Tensor) -> Judged:
        """What the heads say of a state."""
        z_BNLD = self.by_symbol(z_BMD)
        conflict_BM = self.conflict(F.silu(self.conflict_hidden(z_BMD)))[..., 0]
        conflict_B = torch.logsumexp(conflict_BM.float(), 1) - self.conflict_bias
        return Judged(self.keep(z_BNLD)[..., 0], self.pick(z_BNLD)[..., 0], conflict_B)

    def candidates(self, y_BMC: Tensor) -> Tensor:
        """The marks that stand, (..., N, L) bool."""
        return self.by_symbol(y_BMC)[..., CANDIDATE] > 0.5

    def answer_features(self, y_BMD: Tensor) -> Tensor:
        return y_BMD[..., CANDIDATE : CANDIDATE + 1]

    def _write(self, y_BMC: Tensor, judged: Judged) -> Tensor:
        """y after a step of solving; a contradiction marks it as dead."""
        y_BNLC = self.by_symbol(y_BMC)
        go_B, age_B, seed_B = (y_BMC[:, 0, channel] for channel in (GO, AGE, SEED))
        pairs, cells = self.config.sequence_length, self.config.cells
        chance_BM, chance_BL = uniform(seed_B, go_B, age_B, count=pairs + cells).split(
            [pairs, cells], dim=1
        )
        written = write_marks(
            self.candidates(y_BMC),
            judged,
            daring(seed_B, go_B),
            chance_BM.view_as(judged.pick_BNL),
            chance_BL,
        )
        shape = judged.pick_BNL.shape
        channels = {
            CANDIDATE: written.candidates_BNL.float(),
            PICK: judged.pick_BNL.float(),
            PINNED: written.pinned_BNL.float(),
            CONFLICT: judged.conflict_B.float()[:, None, None].expand(shape),
            DEAD: written.contradiction_B.float()[:, None, None].expand(shape),
            GO: y_BNLC[..., GO],
            AGE: y_BNLC[..., AGE] + 1,
            SEED: y_BNLC[..., SEED],
        }
        return torch.stack([channels[i] for i in range(CHANNELS)], dim=-1).flatten(1, 2)

    def marks(self, y_BMD: Tensor) -> Marks:
        first_BC = y_BMD[:, 0]
        return Marks(
            self.candidates(y_BMD),
            self.by_symbol(y_BMD)[..., PINNED] > 0.5,
            torch.sigmoid(first_BC[:, CONFLICT]),
            first_BC[:, DEAD] > 0.5,
            first_BC[:, GO].to(torch.int16),
        )

    def read(self, y_BMD: Tensor) -> Tensor:
        """The likeliest of each cell's candidates; of a cell without any, the likeliest of all."""
        candidates_BNL = self.candidates(y_BMD)
        struck_BNL = ~candidates_BNL & candidates_BNL.any(-2, True)
        pick_BNL = self.by_symbol(y_BMD)[..., PICK]
        return self._with_blanks(pick_BNL.masked_fill(struck_BNL, NEVER))

    def halt(self, y_BMD: Tensor) -> Tensor:
        """It is done when every cell has one candidate: how near it is to that, as a logit."""
        alive_B1 = y_BMD[:, :1, DEAD] < 0.5
        single_BL = (self.candidates(y_BMD).sum(-2) == 1) & alive_B1
        share_B1 = single_BL.float().mean(-1, keepdim=True)
        return torch.where(share_B1 == 1, SURE_DONE, SURE_DONE * (share_B1 - 1) - 1)


def _restarted(y_BMC: Tensor, x_BM1: Tensor) -> Tensor:
    """Dead boards go back to the givens: the next go. The others keep to them."""
    candidate_BM = y_BMC[..., CANDIDATE] * x_BM1[..., 0]
    dead_B1 = y_BMC[:, :1, DEAD] > 0.5
    y_BMC = y_BMC.clone()
    y_BMC[..., CANDIDATE] = torch.where(dead_B1, x_BM1[..., 0], candidate_BM)
    y_BMC[..., GO] += dead_B1.float()
    y_BMC[..., AGE] = torch.where(dead_B1, 0.0, y_BMC[..., AGE])
    y_BMC[..., PINNED] = y_BMC[..., DEAD] = 0.0
    return y_BMC


def strike(candidates_BNL: Tensor, judged: Judged, below_B: Tensor) -> Written:
    """Strike the candidates that are kept with a lower probability than `below_B`, and see what is
    left. A cell with one candidate is never touched, so that no given is ever struck."""
    settled_B1L = candidates_BNL.sum(1, keepdim=True) == 1
    dead_BNL = torch.sigmoid(judged.keep_BNL) < below_B[:, None, None]
    candidates_BNL = candidates_BNL & ~(dead_BNL & ~settled_B1L)
    count_BL = candidates_BNL.sum(1)
    contradiction_B = (count_BL == 0).any(1) | (judged.conflict_B > 0)
    solved_B = (count_BL == 1).all(1) & ~contradiction_B
    return Written(candidates_BNL, torch.zeros_like(dead_BNL), contradiction_B, solved_B)


def pin(
    candidates_BNL: Tensor, cells_BL: Tensor, pick_BNL: Tensor, chance_BNL: Tensor, heat_B: Tensor
) -> Tensor:
    """In the cells of the mask, one candidate alone: drawn by `pick_BNL` at the temperatures
    `heat_B`, with uniform numbers in (0, 1); at 0 the likeliest."""
    drawn_BNL = pick_BNL.float() + heat_B[:, None, None] * _gumbel(chance_BNL)
    drawn_BNL = drawn_BNL.masked_fill(~candidates_BNL, -torch.inf)
    symbols_N1 = torch.arange(drawn_BNL.shape[1], device=drawn_BNL.device)[:, None]
    guess_BNL = (drawn_BNL.argmax(1, keepdim=True) == symbols_N1) & candidates_BNL
    return torch.where(cells_BL[:, None], guess_BNL, candidates_BNL)


def likelihood(candidates_BNL: Tensor, pick_BNL: Tensor) -> Tensor:
    """How likely each cell's likeliest candidate is, (B, L); 0 in cells that have but one or none."""
    logits_BNL = pick_BNL.float().masked_fill(~candidates_BNL, NEVER)
    return logits_BNL.softmax(1).amax(1) * (candidates_BNL.sum(1) > 1)


def _gumbel(chance: Tensor) -> Tensor:
    """Gumbel noise of uniform numbers in (0, 1): the largest of logits with it is a draw from their softmax."""
    return -torch.log(-torch.log(chance))


def drawn_cell(sure_BL: Tensor, chance_BL: Tensor, heat_B: Tensor) -> Tensor:
    """One open cell of every board, (B, L) bool: drawn by `CELL_POWER` of how likely its likeliest candidate is, with
    uniform numbers in (0, 1); where the heat is 0 the surest."""
    logits_BL = CELL_POWER * sure_BL.clamp(min=1e-9).log()
    logits_BL = logits_BL + (heat_B[:, None] > 0) * _gumbel(chance_BL)
    best_B1 = logits_BL.masked_fill(sure_BL == 0, -torch.inf).argmax(1, keepdim=True)
    place_L = torch.arange(sure_BL.shape[1], device=sure_BL.device)
    return (best_B1 == place_L) & (sure_BL > 0)


def write_marks(
    candidates_BNL: Tensor,
    judged: Judged,
    daring: Daring,
    chance_BNL: Tensor,
    chance_BL: Tensor,
) -> Written:
    """A step of solving: strike what seems dead, then pin every cell that is sure, and one that is drawn.

    Guesses are drawn from `chance_BNL`, and the cell from `chance_BL`: uniform numbers in (0, 1).
    """
    written = strike(candidates_BNL, judged, daring.strike_B)
    full_B = (candidates_BNL.sum(1) == 1).all(1)
    contradiction_B = written.contradiction_B | (full_B & (judged.conflict_B > FULL_DOUBT))
    written = written._replace(
        contradiction_B=contradiction_B, solved_B=written.solved_B & ~contradiction_B
    )
    sure_BL = likelihood(written.candidates_BNL, judged.pick_BNL)
    drawn_BL = drawn_cell(sure_BL, chance_BL, daring.temperature_B)
    moves_B1 = ~(written.contradiction_B | written.solved_B)[:, None]
    cells_BL = ((sure_BL > daring.pin_B[:, None]) | drawn_BL) & moves_B1
    after_BNL = pin(
        written.candidates_BNL, cells_BL, judged.pick_BNL, chance_BNL, daring.temperature_B
    )
    return written._replace(candidates_BNL=after_BNL, pinned_BNL=after_BNL & cells_BL[:, None])


def daring(seed_B: Tensor, go_B: Tensor) -> Daring:
    """The first go of seed 0 is calm and leaves nothing to chance; every other one draws its own
    thresholds, or a true candidate struck at the very first step would be struck in every go."""
    drawn_B2 = uniform(seed_B, go_B, torch.full_like(go_B, -1.0), count=2)
    calm_B = (go_B == 0) & (seed_B == 0)
    strike_B = torch.where(calm_B, 0.02, 10 ** (-1.3 - 2.7 * drawn_B2[:, 0]))
    pin_B = torch.where(calm_B, 0.95, 1 - 10 ** (-0.8 - 2.7 * drawn_B2[:, 1]))
    return Daring(strike_B, pin_B, torch.where(calm_B, 0.0, TEMPERATURE))


def uniform(*keys_B: Tensor, count: int) -> Tensor:
    """Numbers in (0, 1), (B, count), that depend on nothing but the keys (whole numbers, (B,) each)
    and their place: the same on every device, whoever shares the batch.

    A chain of splitmix64 finalisers (Steele et al., "Fast splittable pseudorandom number
    generators", OOPSLA 2014) over the keys and the place.
    """
    place_C = torch.arange(count, device=keys_B[0].device)
    mixed_BC = place_C[None].expand(len(keys_B[0]), -1)
    for key_B in keys_B:
        mixed_BC = _mix(mixed_BC + key_B.long()[:, None] * -7046029254386353131)
    return (
        ((mixed_BC >> 11 & (1 << 53) - 1).double() + 0.5).div(2**53).float().clamp(1e-7, 1 - 1e-7)
    )


def _mix(v: Tensor) -> Tensor:
    """One splitmix64 finaliser, in 64-bit arithmetic that wraps around."""
    v = (v ^ (v >> 30 & (1 << 34) - 1)) * -4658895280553007687
    v = (v ^ (v >> 27 & (1 << 37) - 1)) * -7723592293110705685
    return v ^ (v >> 31 & (1 << 33) - 1)
