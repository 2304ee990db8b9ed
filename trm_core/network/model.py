"""TinyRecursiveModel: one small network, applied again and again to an answer and a scratchpad.

A puzzle's whole state is the pair (y, z):

    z <- net(x + y + z)     n times     think: refine the latent
    y <- net(y + z)         once        write: refine the answer

That is a *cycle*; T cycles are one *supervision step*; after every step a halting head says
whether the model believes it is done. The recursion is written once, in `_recurse`, and can be
watched there: an observer is shown every network call; it reads and leaves everything as it is.

Source: Jolicoeur-Martineau, "Less is More: Recursive Reasoning with Tiny Networks",
arXiv 2510.04871.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from trm_core.network.config import ConfigError, ModelConfig
from trm_core.network.layers import Network, linear, rotary_tables, truncated_normal_


class State(NamedTuple):
    """All a puzzle is between two supervision steps."""

    y_BMD: Tensor  # the current answer, still as features
    z_BMD: Tensor  # the latent: the scratchpad

    def detach(self) -> State:
        return State(self.y_BMD.detach(), self.z_BMD.detach())


class Marks(NamedTuple):
    """Pencil marks, where an answer is made of them: what y says besides the answer."""

    candidates_BNL: Tensor  # symbols still possible in each cell, bool
    pinned_BNL: Tensor  # ... that the last step guessed to be the one, bool
    conflict_B: Tensor  # how sure it is that the board has no solution any more, 0 to 1
    dead_B: Tensor  # whether it takes everything back before the next step, bool
    go_B: Tensor  # how often it has done so


class StepOutput(NamedTuple):
    """What one supervision step gives."""

    state: State
    logits_BLV: Tensor  # for every cell, a logit for every token
    halt_BH: Tensor  # logits of the halting head; column 0 is q, "I am done"

    @property
    def q_B(self) -> Tensor:
        return self.halt_BH[:, 0]


@dataclass(frozen=True)
class Call:
    """One network call, as an observer sees it. The tensors are detached; leave them as they are."""

    cycle: int  # 0 .. T-1 within the step
    index: int  # 0 .. n within the cycle
    writes_answer: bool  # True: y was written; False: z was refined
    y_BMD: Tensor
    z_BMD: Tensor
    before: State  # what the call was given
    intervened_B: Tensor | None = None  # in which slots that is not what the last call left, bool


Observer = Callable[[Call], None]
# What lies before a call (its number within the step, the state) to what it is given instead, and
# in which slots that differs; None where it stays as it is.
Intervene = Callable[[int, State], tuple[State, Tensor] | None]


class TinyRecursiveModel(nn.Module):
    """The model of `config`, with weights drawn from `generator`."""

    network: nn.Module
    answer_network: nn.Module
    head: nn.Module
    halt_head: nn.Linear
    y_start: Tensor
    z_start: Tensor
    rotary_cos: Tensor
    rotary_sin: Tensor

    def __init__(self, config: ModelConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        # Whether calls that carry gradient are computed again for it, to save memory.
        self.recomputes = False
        self._build_input(generator)
        self.network = self._build_network(generator)
        if config.recursion == "hrm":
            self.answer_network = Network(config, generator)
        self._build_output(generator)
        D = config.width
        self.register_buffer("y_start", truncated_normal_(torch.empty(D), 1.0, generator))
        self.register_buffer("z_start", truncated_normal_(torch.empty(D), 1.0, generator))
        if config.positions.startswith("rotary"):
            cos_MK, sin_MK = rotary_tables(config)
            self.register_buffer("rotary_cos", cos_MK, persistent=False)
            self.register_buffer("rotary_sin", sin_MK, persistent=False)

    def _build_input(self, generator: torch.Generator | None) -> None:
        """What the question becomes features by."""
        config, D = self.config, self.config.width
        self.token_embedding = nn.Parameter(
            truncated_normal_(torch.empty(config.vocab_size, D), D**-0.5, generator)
        )
        if config.prefix == "puzzle":
            self.puzzle_embedding = nn.Parameter(torch.zeros(config.puzzle_ids, D))
        elif config.prefix == "register":
            self.register = nn.Parameter(
                truncated_normal_(torch.empty(config.prefix_length, D), D**-0.5, generator)
            )
        if config.positions == "learned":
            self.position_embedding = nn.Parameter(
                truncated_normal_(torch.empty(config.sequence_length, D), D**-0.5, generator)
            )

    def _build_network(self, generator: torch.Generator | None) -> nn.Module:
        """The network that is applied again and again."""
        return Network(self.config, generator)

    def _build_output(self, generator: torch.Generator | None) -> None:
        """What the answer, and whether it is done, are read off y by."""
        config, D = self.config, self.config.width
        self.head = linear(D, config.vocab_size, generator, bias=config.head_bias)
        self.halt_head = nn.Linear(D, config.halt_outputs)
        nn.init.zeros_(self.halt_head.weight)
        nn.init.constant_(self.halt_head.bias, -5.0)

    @property
    def parameter_count(self) -> int:
        """Trained numbers; the fixed start vectors are not counted."""
        return sum(p.numel() for p in self.parameters())

    @property
    def device(self) -> torch.device:
        return self.y_start.device

    def compile_networks(self, **options: object) -> None:
        """Compile the small network once (`torch.compile` options); every call then uses it."""
        self.network.compile(**options)
        if self.config.recursion == "hrm":
            self.answer_network.compile(**options)

    def set_depth(self, cycles: int, latent_updates: int) -> None:
        """Recurse so deep from now on; the weights fit any depth."""
        self.config = replace(self.config, cycles=cycles, latent_updates=latent_updates)

    def for_inference(self) -> TinyRecursiveModel:
        """This model, ready to solve: nothing to learn, and on a CPU the feed-forward matrices laid
        out in memory by columns, which a product with one puzzle's few rows reads faster."""
        self.eval().requires_grad_(False)
        if self.device.type == "cpu":
            for name, parameter in self.named_parameters():
                if ".feed_forward." in name:
                    parameter.data = parameter.data.T.contiguous().T
        return self

    def start(self, batch: int) -> State:
        """The state before the first step: two fixed vectors, the same at all positions."""
        shape = (batch, self.config.sequence_length, self.config.width)
        return State(self.y_start.expand(shape), self.z_start.expand(shape))

    def embed(self, tokens_BL: Tensor, puzzle_ids_B: Tensor | None = None) -> Tensor:
        """The question as features: x_BMD = sqrt(D) * [prefix; embed(tokens)].

        `puzzle_ids_B` chooses the puzzle embedding; without it every puzzle has id 0. Raises `ConfigError` for another
        number of cells, and on a CPU for tokens that there aren't.
        """
        config = self.config
        if tokens_BL.ndim != 2 or tokens_BL.shape[1] != config.cells:
            raise ConfigError(
                "tokens", f"must be (puzzles, {config.cells})", tuple(tokens_BL.shape)
            )
        # Elsewhere, looking would hold up the device.
        if (
            tokens_BL.device.type == "cpu"
            and len(tokens_BL)
            and not 0 <= int(tokens_BL.min()) <= int(tokens_BL.max()) < config.vocab_size
        ):
            raise ConfigError(
                "tokens", f"must lie in 0..{config.vocab_size - 1}", int(tokens_BL.max())
            )
        x_BMD = self.token_embedding[tokens_BL.long()]
        if config.prefix_length:
            x_BMD = torch.cat([self._prefix(len(tokens_BL), puzzle_ids_B), x_BMD], dim=1)
        if config.positions == "learned":
            x_BMD = (x_BMD + self.position_embedding) * 0.5**0.5
        return x_BMD * config.width**0.5

    def _prefix(self, batch: int, puzzle_ids_B: Tensor | None) -> Tensor:
        config = self.config
        if config.prefix == "register":
            return self.register.expand(batch, -1, -1)
        if puzzle_ids_B is None:
            row_BD = self.puzzle_embedding[:1].expand(batch, -1)
        else:
            row_BD = self.puzzle_embedding[puzzle_ids_B.long()]
        rest = row_BD.new_zeros(batch, config.prefix_length - 1, config.width)
        return torch.cat([row_BD[:, None], rest], dim=1)

    def step(
        self,
        state: State,
        x_BMD: Tensor,
        observe: Observer | None = None,
        intervene: Intervene | None = None,
    ) -> StepOutput:
        """One supervision step: T cycles, then read the answer and ask whether to halt.

        `observe` is shown every call; `intervene` may change y and z before each of them.
        """
        state = self._recurse(state, x_BMD, observe, intervene)
        return StepOutput(state, self.read(state.y_BMD), self.halt(state.y_BMD))

    def cells(self, h: Tensor) -> Tensor:
        """The cells' share of features of all positions: (..., M, *) to (..., L, *)."""
        return h[..., self.config.prefix_length :, :]

    def per_position(self, h_BMD: Tensor) -> Tensor:
        """Features as a trace keeps them: one row for each prefix position and cell."""
        return h_BMD

    def marks(self, y_BMD: Tensor) -> Marks | None:
        """The pencil marks that y is made of; None where it is made of features."""
        return None

    def answer_features(self, y_BMD: Tensor) -> Tensor:
        """The part of y that says what the answer is, to measure how far it moved."""
        return y_BMD

    def seeded_start(self, seed: int) -> State | None:
        """The start of a solve that draws at random, (M, D) each; None where nothing is drawn."""
        return None

    def read(self, y_BMD: Tensor) -> Tensor:
        """Token logits of every cell, (B, L, V)."""
        return self.head(self.cells(y_BMD))

    def halt(self, y_BMD: Tensor) -> Tensor:
        """Logits of the halting head, (B, H); it looks at the first position."""
        return self.halt_head(y_BMD[:, 0])

    def _recurse(
        self,
        state: State,
        x_BMD: Tensor,
        observe: Observer | None,
        intervene: Intervene | None,
    ) -> State:
        updates = self.config.latent_updates
        for number in range(self.config.calls_per_step):
            cycle, index = divmod(number, updates + 1)
            writes = index == updates
            changed_B = None
            if intervene is not None and (changed := intervene(number, state)) is not None:
                state, changed_B = changed
            before = state
            with self._gradient_at(cycle, index):
                state = self._call(before, x_BMD, writes)
            if observe is not None:
                seen = state.detach()
                observe(Call(cycle, index, writes, *seen, before.detach(), changed_B))
        return state

    def _call(self, state: State, x_BMD: Tensor, writes: bool) -> State:
        """One call of the network: it writes y, or refines z."""
        y, z = state
        if self.config.recursion in ("one_state", "single_z"):
            blind = writes and self.config.recursion == "single_z"
            z = self._apply_network(self.network, z if blind else x_BMD + z)
            return State(z if writes else y, z)
        if not writes:
            return State(y, self._apply_network(self.network, x_BMD + y + z))
        if self.config.recursion == "direct":
            return State(self._apply_network(self.network, x_BMD), z)
        return State(self._apply_network(self._writer, y + z), z)

    @property
    def _writer(self) -> nn.Module:
        return self.answer_network if self.config.recursion == "hrm" else self.network

    def _apply_network(self, network: nn.Module, h_BMD: Tensor) -> Tensor:
        rotary = None
        if self.config.positions.startswith("rotary"):
            rotary = (self.rotary_cos, self.rotary_sin)
        if self.recomputes and torch.is_grad_enabled():
            return checkpoint(network, h_BMD, rotary, use_reentrant=False)
        return network(h_BMD, rotary)

    def _gradient_at(self, cycle: int, index: int) -> torch.set_grad_enabled:
        """Gradient on for this call, if the caller has it on and the configuration wants it."""
        last_cycle = cycle == self.config.cycles - 1
        wanted = {
            "last_cycle": last_cycle,
            "last_calls": last_cycle and index >= self.config.latent_updates - 1,
            "all_cycles": True,
        }[self.config.gradient]
        return torch.set_grad_enabled(wanted and torch.is_grad_enabled())
