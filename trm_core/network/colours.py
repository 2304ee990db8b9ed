"""A model for grids of colours: a state for every (colour, cell), made of 8 orientations of the square.

The weights are the same for all colours, and turning or mirroring the grid turns or mirrors the outcome: neither has to
be learnt. Two small tables, which start at zero, break that where a task asks for it: one says what is particular to a
colour, one what is particular to an orientation.

What a cell hears: its neighbourhood in its own colour, the mean and the largest of all colours there, and, behind
gates that start at zero, its row and column, and the whole grid. So a rule that is local is tried first.

The group convolution is that of Cohen and Welling, "Group Equivariant Convolutional Networks" (arXiv 1602.07576), for
the group p4m.

Shapes: B grids, K colours of the palette, R rows, C columns, L = R * C, M = K * L, G = 8 orientations, I channels of
each, D = G * I features, orientation first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trm_core.network.config import ORIENTATIONS, ModelConfig
from trm_core.network.layers import linear, rms_norm
from trm_core.network.model import Intervene, Observer, State, StepOutput, TinyRecursiveModel

NEVER = -30.0  # logit of what can't be
FIRST_COLOUR = 2  # token of colour 0; below it what is no cell of the grid
TABLE_PENALTY, GATE_PENALTY = 3e-3, 1e-2
COPY = 2.0  # logit that a cell stays as it is, to begin with
GAIN = 0.7  # of what is no neighbourhood, to begin with
BACKGROUND = 0  # the colour that tasks are drawn on


def _turns() -> np.ndarray:
    """The 8 orientations of the square as (8, 2, 2) matrices: 4 turns, then those of the mirror image."""
    turn = np.array([[0, -1], [1, 0]])
    return np.stack(
        [
            np.linalg.matrix_power(turn, k) @ np.diag([1, mirror])
            for mirror in (1, -1)
            for k in range(4)
        ]
    )


TURNS = _turns()
_NEIGHBOURS = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]


def _which(matrix: np.ndarray) -> int:
    return next(g for g in range(len(TURNS)) if (TURNS[g] == matrix).all())


# For orientation g, what stands at h of the plain kernel: g^-1 h; and the neighbour that stands at p: g^-1 p.
RELATIVE_GH = np.array([[_which(TURNS[g].T @ h) for h in TURNS] for g in range(len(TURNS))])
NEIGHBOUR_GP = np.array(
    [[_NEIGHBOURS.index(tuple(TURNS[g].T @ p)) for p in _NEIGHBOURS] for g in range(len(TURNS))]
)
SIDEWAYS_G = np.array(
    [turn[0, 0] == 0 for turn in TURNS]
)  # orientations that swap rows and columns


class GroupConvolution(nn.Module):
    """A convolution over cells and orientations, of one or more states side by side (`parts`).

    Its weights are those of one orientation, (I, parts, I, 8, P); `expanded` turns them into all of an ordinary
    convolution, (D, parts * D, k, k), and its biases, (D,).
    """

    def __init__(
        self,
        channels: int,
        parts: int,
        kernel: int,
        generator: torch.Generator | None,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        P = kernel * kernel
        drawn = torch.randn(channels, parts, channels, ORIENTATIONS, P, generator=generator)
        fan_in = parts * channels * ORIENTATIONS * P
        self.weight = nn.Parameter(drawn * gain / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(channels))
        self.shape = (ORIENTATIONS * channels, parts * ORIENTATIONS * channels, kernel, kernel)
        at_GP = NEIGHBOUR_GP if kernel == 3 else np.zeros((ORIENTATIONS, 1), int)
        # Where the weight from part q, orientation h, channel i, neighbour p to orientation g, channel o stands.
        o, q, i = np.ogrid[:channels, :parts, :channels]
        first_oqi = ((o * parts + q) * channels + i) * ORIENTATIONS * P
        of_GHP = RELATIVE_GH[:, :, None] * P + at_GP[:, None, :]
        places = first_oqi[None, :, :, None, :, None] + of_GHP[:, None, None, :, None, :]
        self.register_buffer("places", torch.from_numpy(places.reshape(-1)), persistent=False)

    def expanded(self) -> tuple[Tensor, Tensor]:
        weight = self.weight.reshape(-1)[self.places].view(self.shape)
        return weight, self.bias.repeat(ORIENTATIONS)


class ColourNetwork(nn.Module):
    """What one call adds to a state."""

    def __init__(self, config: ModelConfig, generator: torch.Generator | None) -> None:
        super().__init__()
        channels = config.width // ORIENTATIONS
        self.epsilon = config.norm_epsilon
        self.own = GroupConvolution(channels, 1, 3, generator)  # the neighbourhood, same colour
        self.colours = GroupConvolution(
            channels, 2, 3, generator
        )  # mean and largest of all colours
        self.ahead = GroupConvolution(
            channels, 2, 1, generator, GAIN
        )  # of a line along which it looks
        self.aside = GroupConvolution(channels, 2, 1, generator, GAIN)  # of the line across
        self.whole = GroupConvolution(
            channels, 4, 1, generator, GAIN
        )  # of the grid, own and all colours
        self.down = GroupConvolution(channels, 1, 1, generator, GAIN)
        self.gates = nn.Parameter(torch.zeros(2))  # of lines, and of the whole grid
        sideways = torch.from_numpy(SIDEWAYS_G).repeat_interleave(channels).repeat(2)
        self.register_buffer("sideways", sideways, persistent=False)

    def expanded(self) -> Weights:
        """The weights as those of ordinary layers, made once for all calls of a step."""
        (own, own_bias), (colours, bias) = self.own.expanded(), self.colours.expanded()
        (ahead, lines_bias), (aside, _) = self.ahead.expanded(), self.aside.expanded()
        (whole, whole_bias), (down, down_bias) = self.whole.expanded(), self.down.expanded()
        ahead, aside = ahead[:, :, 0, 0], aside[:, :, 0, 0]
        lines_gate, whole_gate = self.gates
        return Weights(
            own,
            own_bias + bias,
            colours,
            lines_gate * torch.where(self.sideways, aside, ahead),
            lines_gate * torch.where(self.sideways, ahead, aside),
            whole_gate * whole[:, :, 0, 0],
            lines_gate * lines_bias + whole_gate * whole_bias,
            down[:, :, 0, 0],
            down_bias,
        )

    def forward(self, u_BKRCD: Tensor, inside: Inside, weights: Weights) -> Tensor:
        B, K, R, C, D = u_BKRCD.shape
        flat_NRCD = u_BKRCD.reshape(B * K, R, C, D)
        heard = _convolved(flat_NRCD, weights.own, weights.own_bias).view(B, K, R, C, D)
        both_BRCD = torch.cat([u_BKRCD.mean(1), u_BKRCD.amax(1)], -1)
        heard = heard + _convolved(both_BRCD, weights.colours)[:, None]
        row_mean, col_mean = u_BKRCD.sum(3) * inside.per_row, u_BKRCD.sum(2) * inside.per_col
        if inside.outside is not None:  # never the largest
            u_BKRCD = u_BKRCD + inside.outside
        row_max, col_max = u_BKRCD.amax(3), u_BKRCD.amax(2)
        grid_mean, grid_max = (row_mean * inside.rows).sum(2), row_max.amax(2)
        grid_BKD = torch.cat([grid_mean, grid_max], -1)
        grid_BKD = torch.cat([grid_BKD, grid_BKD.mean(1, keepdim=True).expand_as(grid_BKD)], -1)
        rows = F.linear(torch.cat([row_mean, row_max], -1), weights.rows)
        cols = F.linear(torch.cat([col_mean, col_max], -1), weights.cols)
        rows = rows + F.linear(grid_BKD, weights.whole, weights.lines_bias)[:, :, None]
        # Normed: four channels that all look one way on plain ground would else die on it together.
        heard = rms_norm(heard + rows[:, :, :, None] + cols[:, :, None], self.epsilon)
        return F.linear(F.silu(heard), weights.down, weights.down_bias)


class Weights(NamedTuple):
    """A network's weights as those of ordinary layers; what stands behind a gate is multiplied by it."""

    own: Tensor
    own_bias: Tensor
    colours: Tensor
    rows: Tensor
    cols: Tensor
    whole: Tensor
    lines_bias: Tensor
    down: Tensor
    down_bias: Tensor


def _convolved(h_NRCD: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    # Features last in memory, which the convolution calls "channels last".
    h_NDRC = h_NRCD.permute(0, 3, 1, 2)
    return F.conv2d(h_NDRC, weight, bias, padding=1).permute(0, 2, 3, 1)


class Inside(NamedTuple):
    """Where the grids lie on their canvas."""

    outside: (
        Tensor | None
    )  # (B, 1, R, C, 1): 0.0 in the grid, `NEVER` outside; None where nothing is
    per_row: Tensor  # (B, 1, R, 1): one over the cells of a row
    per_col: Tensor  # (B, 1, C, 1)
    rows: Tensor  # (B, 1, R, 1): a row's share of the grid


class ColoursModel(TinyRecursiveModel):
    """The recursion over states of (colour, cell); M = K * L, colours first.

    y has two channels more than features: what the question shows, and where its grid lies. A y of zeros is one that
    has not seen its question.
    """

    def _build_input(self, generator: torch.Generator | None) -> None:
        config = self.config
        channels = config.width // ORIENTATIONS
        self.look = nn.Parameter(torch.randn(4, channels, generator=generator) * 0.7)
        self.colour_table = nn.Parameter(torch.zeros(config.symbols, 2, channels))
        self.orientation_table = nn.Parameter(torch.zeros(ORIENTATIONS, channels))

    def _build_network(self, generator: torch.Generator | None) -> nn.Module:
        return ColourNetwork(self.config, generator)

    def _build_output(self, generator: torch.Generator | None) -> None:
        channels = self.config.width // ORIENTATIONS
        self.head = linear(channels, 1, generator)
        self.copy = nn.Parameter(torch.tensor(COPY))
        self.halt_head = nn.Linear(channels, 1)
        nn.init.zeros_(self.halt_head.weight)
        nn.init.zeros_(self.halt_head.bias)

    def start(self, batch: int) -> State:
        shape = (batch, self.config.sequence_length)
        return State(
            self.y_start.new_zeros(1).expand(*shape, self.config.width + 2),
            self.y_start.new_zeros(1).expand(*shape, self.config.width),
        )

    def embed(self, tokens_BL: Tensor, puzzle_ids_B: Tensor | None = None) -> Tensor:
        """The question as features, and behind them its two channels: (B, M, D + 2)."""
        config = self.config
        palette_K = torch.tensor(config.palette, device=tokens_BL.device)
        shown_BKL1 = (tokens_BL[:, None] == palette_K[:, None] + FIRST_COLOUR)[..., None].float()
        inside_BKL1 = (tokens_BL >= FIRST_COLOUR)[:, None, :, None].float().expand_as(shown_BKL1)
        background_K11 = (palette_K == BACKGROUND)[:, None, None].float()
        here, inside, anywhere, background = self.look
        colour_K2I = self.colour_table[:, :, None]
        x_BKLI = shown_BKL1 * (here + colour_K2I[:, 0])
        x_BKLI = x_BKLI + inside_BKL1 * (
            inside
            + colour_K2I[:, 1]
            + shown_BKL1.amax(2, True) * anywhere
            + background_K11 * background
        )
        x_BKLGI = x_BKLI[..., None, :] + inside_BKL1[..., None] * self.orientation_table
        x_BKLC = torch.cat([x_BKLGI.flatten(-2), shown_BKL1, inside_BKL1], -1)
        return x_BKLC.flatten(1, 2)

    @property
    def tables(self) -> list[nn.Parameter]:
        """What is particular to a colour or an orientation."""
        return [self.colour_table, self.orientation_table]

    def penalty(self) -> Tensor:
        """What is added to the loss so that nothing particular to a colour, a direction or the whole grid is used
        without need."""
        tables = sum(table.square().sum() for table in self.tables)
        return TABLE_PENALTY * tables + GATE_PENALTY * self.network.gates.square().sum()

    def step(
        self,
        state: State,
        x_BMD: Tensor,
        observe: Observer | None = None,
        intervene: Intervene | None = None,
    ) -> StepOutput:
        """T cycles, as in the plain recursion; a y that has not seen its question begins as the question."""
        fresh_B11 = (state.y_BMD == 0).all(-1, keepdim=True).all(1, keepdim=True)
        y_BMC = torch.where(fresh_B11, self._normed(x_BMD[..., :-2], x_BMD), state.y_BMD[..., :-2])
        y_BMC = torch.cat([y_BMC, x_BMD[..., -2:]], -1)
        question = _Question(x_BMD, self._inside(x_BMD), self.network.expanded())
        state = self._recurse(State(y_BMC, state.z_BMD), question, observe, intervene)
        return StepOutput(state, self.read(state.y_BMD), self.halt(state.y_BMD))

    def _inside(self, x_BMC: Tensor) -> Inside:
        config = self.config
        inside_BRC = x_BMC[:, : config.cells, -1].view(-1, config.rows, config.cols)
        rows_BR = inside_BRC.amax(2)
        per_row = 1 / inside_BRC.sum(2).clamp(min=1)
        per_col = 1 / inside_BRC.sum(1).clamp(min=1)
        some_outside = inside_BRC.is_meta or not inside_BRC.all()
        return Inside(
            (NEVER * (1 - inside_BRC))[:, None, :, :, None] if some_outside else None,
            per_row[:, None, :, None],
            per_col[:, None, :, None],
            (rows_BR / rows_BR.sum(1, keepdim=True).clamp(min=1))[:, None, :, None],
        )

    def _normed(self, h_BMD: Tensor, x_BMC: Tensor) -> Tensor:
        return rms_norm(h_BMD, self.config.norm_epsilon) * x_BMC[..., -1:]

    def _call(self, state: State, question: _Question, writes: bool) -> State:
        y_BMC, z_BMD = state
        x_BMC, inside, weights = question
        u_BMD = y_BMC[..., :-2] + z_BMD
        if not writes:
            u_BMD = u_BMD + x_BMC[..., :-2]
        config = self.config
        u_BKRCD = u_BMD.unflatten(1, (config.symbols, config.rows, config.cols))
        heard_BMD = self.network(u_BKRCD, inside, weights).flatten(1, 3)
        new_BMD = self._normed(u_BMD + heard_BMD, x_BMC)
        if writes:
            return State(torch.cat([new_BMD, y_BMC[..., -2:]], -1), z_BMD)
        return State(y_BMC, new_BMD)

    def cells(self, h: Tensor) -> Tensor:
        """The mean over a cell's colours: (..., M, *) to (..., L, *)."""
        return h.unflatten(-2, (self.config.symbols, self.config.cells)).mean(-3)

    def per_position(self, h_BMD: Tensor) -> Tensor:
        return self.cells(h_BMD)

    def answer_features(self, y_BMD: Tensor) -> Tensor:
        return y_BMD[..., :-2]

    def read(self, y_BMD: Tensor) -> Tensor:
        """Token logits (B, L, V): those of colours that the palette lacks are never the answer."""
        config = self.config
        features = self.answer_features(y_BMD).unflatten(-1, (ORIENTATIONS, -1)).mean(-2)
        logits_BM = self.head(features)[..., 0] * ORIENTATIONS**0.5 + self.copy * y_BMD[..., -2]
        logits_BKL = logits_BM.unflatten(-1, (config.symbols, config.cells))
        logits_BLV = logits_BKL.new_full(
            (*logits_BKL.shape[:-2], config.cells, config.vocab_size), NEVER
        )
        at_K = torch.tensor(config.palette, device=logits_BKL.device) + FIRST_COLOUR
        return logits_BLV.index_copy(-1, at_K, logits_BKL.transpose(-1, -2))

    def halt(self, y_BMD: Tensor) -> Tensor:
        features = self.answer_features(y_BMD).detach().unflatten(-1, (ORIENTATIONS, -1)).mean(-2)
        return self.halt_head(features.mean(1))


class _Question(NamedTuple):
    """What all calls of a step are told."""

    x_BMC: Tensor
    inside: Inside
    weights: Weights
