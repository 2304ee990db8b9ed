"""The parts of the one small network: norm, SwiGLU, attention, rotary positions, a layer.

Shapes use the dimension key of `trm_core`: B puzzles, M = prefix + cells positions, D width,
N heads, K head width, F feed-forward width.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trm_core.network.config import ModelConfig

M = TypeVar("M", bound=nn.Module)
Rotary = tuple[Tensor, Tensor] | None  # cosines and sines, (M, K) each

# Standard deviation of a standard normal truncated at +-2: dividing by it gives weights whose
# real standard deviation is the one asked for.
_TRUNCATED_STD = 0.8796256610342398


@torch.no_grad()
def truncated_normal_(tensor: Tensor, std: float, generator: torch.Generator | None) -> Tensor:
    """Fill with a normal truncated at two standard deviations whose real deviation is `std`."""
    scale = std / _TRUNCATED_STD
    return nn.init.trunc_normal_(tensor, std=scale, a=-2 * scale, b=2 * scale, generator=generator)


def _unfilled(kind: type[M], *sizes: int, **settings: Any) -> M:
    """A layer with no weights drawn, on the device of now: without that it would be on the CPU, also where only
    shapes are asked for."""
    return nn.utils.skip_init(kind, *sizes, **settings, device=torch.get_default_device())


def linear(
    inputs: int, outputs: int, generator: torch.Generator | None, bias: bool = False
) -> nn.Linear:
    """A linear map, truncated normal with std 1/sqrt(fan in); its bias, if any, starts at 0."""
    here = (
        torch.get_default_device()
    )  # else it would be on the CPU, where only shapes are asked for
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias, device=here)
    truncated_normal_(layer.weight, inputs**-0.5, generator)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def rms_norm(h: Tensor, epsilon: float, dim: int = -1) -> Tensor:
    """Divide by the root mean square over an axis, in fp32; there is no weight."""
    wide = h.float()
    size = torch.linalg.vector_norm(wide, dim=dim, keepdim=True)
    return (wide * torch.rsqrt(size.square() / h.shape[dim] + epsilon)).to(h.dtype)


class SwiGLU(nn.Module):
    """`down(silu(gate) * up)`, gate and up in one product; or the gated-norm form,
    `down(sigmoid(gate) * norm(gate * up))` ("Speed is Confidence", arXiv 2601.19085).

    `along` maps the last axis, (..., dim); `across` maps the one before it, (..., dim, D).
    """

    def __init__(self, config: ModelConfig, dim: int, generator: torch.Generator | None) -> None:
        super().__init__()
        inner = config.inner_width(dim)
        self.gated_norm = config.feed_forward == "gated_norm_swiglu"
        self.epsilon = config.norm_epsilon
        self.gate_up = linear(dim, 2 * inner, generator)
        self.down = linear(inner, dim, generator)

    def along(self, h: Tensor) -> Tensor:
        return self.down(self._gate(self.gate_up(h), dim=-1))

    def across(self, h: Tensor) -> Tensor:
        """The same as transposing, calling and transposing back, in fewer moves."""
        return self.down.weight @ self._gate(self.gate_up.weight @ h, dim=-2)

    def _gate(self, gate_up: Tensor, dim: int) -> Tensor:
        gate, up = gate_up.chunk(2, dim=dim)
        if self.gated_norm:
            return torch.sigmoid(gate) * rms_norm(gate * up, self.epsilon, dim)
        return F.silu(gate) * up


class FeedForward(SwiGLU):
    """`norm(h + SwiGLU(h))`, every position by itself."""

    def __init__(self, config: ModelConfig, generator: torch.Generator | None) -> None:
        super().__init__(config, config.width, generator)

    def forward(self, h: Tensor) -> Tensor:
        return rms_norm(h + self.along(h), self.epsilon)


class Mixer(nn.Module):
    """How the positions of a state exchange information: `norm(h + heard(h))`. What axes the state has is its
    business."""

    epsilon: float
    norm_dim = -1

    def heard(self, h_BMD: Tensor, rotary: Rotary) -> Tensor:
        """What every position hears from all, (B, M, D)."""
        raise NotImplementedError

    def forward(self, h_BMD: Tensor, rotary: Rotary = None) -> Tensor:
        return rms_norm(h_BMD + self.heard(h_BMD, rotary), self.epsilon, dim=self.norm_dim)


class MlpMixer(SwiGLU, Mixer):
    """A SwiGLU across positions; as published, the norm after it runs over positions too."""

    norm_dim = 1

    def __init__(self, config: ModelConfig, generator: torch.Generator | None) -> None:
        super().__init__(config, config.sequence_length, generator)

    def heard(self, h_BMD: Tensor, rotary: Rotary) -> Tensor:
        return self.across(h_BMD)


class Attention(Mixer):
    """Non-causal self-attention over all positions, with rotary positions if it is given any."""

    def __init__(self, config: ModelConfig, generator: torch.Generator | None) -> None:
        super().__init__()
        self.heads, self.epsilon = config.heads, config.norm_epsilon
        self.qkv = linear(config.width, 3 * config.width, generator)
        self.out = linear(config.width, config.width, generator)

    def heard(self, h_BMD: Tensor, rotary: Rotary) -> Tensor:
        B, M, D = h_BMD.shape
        qkv = self.qkv(h_BMD).view(B, M, 3, self.heads, D // self.heads)
        q_BNMK, k_BNMK, v_BNMK = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        if rotary is not None:
            q_BNMK, k_BNMK = rotate(q_BNMK, *rotary), rotate(k_BNMK, *rotary)
        mixed_BNMK = F.scaled_dot_product_attention(q_BNMK, k_BNMK, v_BNMK)
        return self.out(mixed_BNMK.transpose(1, 2).reshape(B, M, D))


class Convolution(Mixer):
    """A SwiGLU over every cell's neighbourhood: each feature looks at the same feature of the
    neighbouring cells (a depthwise convolution), and `down` mixes the features.

    What a cell hears comes from next door, so news travels `kernel_size // 2` cells a call and
    layer, and the same weights fit a grid of any size. Prefix positions hear the mean of all cells.
    """

    def __init__(self, config: ModelConfig, generator: torch.Generator | None) -> None:
        super().__init__()
        self.prefix, self.rows, self.cols = config.prefix_length, config.rows, config.cols
        self.epsilon = config.norm_epsilon
        self.gate, self.up = (_depthwise(config, generator) for _ in range(2))
        self.down = linear(config.width, config.width, generator)

    def heard(self, h_BMD: Tensor, rotary: Rotary) -> Tensor:
        B, _, D = h_BMD.shape
        # The features stay last in memory, which the convolution calls "channels last".
        h_BDRC = h_BMD[:, self.prefix :].reshape(B, self.rows, self.cols, D).permute(0, 3, 1, 2)
        heard_BDRC = F.silu(self.gate(h_BDRC)) * self.up(h_BDRC)
        heard_BMD = heard_BDRC.permute(0, 2, 3, 1).reshape(B, -1, D)
        if self.prefix:
            mean_BPD = heard_BMD.mean(1, keepdim=True).expand(-1, self.prefix, -1)
            heard_BMD = torch.cat([mean_BPD, heard_BMD], dim=1)
        return self.down(heard_BMD)


def _depthwise(config: ModelConfig, generator: torch.Generator | None) -> nn.Conv2d:
    """Every feature of a cell, from the same feature around it."""
    D, kernel = config.width, config.kernel_size
    layer = _unfilled(nn.Conv2d, D, D, kernel, padding=kernel // 2, groups=D, bias=False)
    truncated_normal_(layer.weight, 1 / kernel, generator)
    return layer


def rotate(h_BNMK: Tensor, cos_MK: Tensor, sin_MK: Tensor) -> Tensor:
    """Rotary position embedding, rotate-half convention (arXiv 2104.09864), in fp32."""
    h = h_BNMK.float()
    left, right = h.chunk(2, dim=-1)
    return (h * cos_MK + torch.cat((-right, left), dim=-1) * sin_MK).to(h_BNMK.dtype)


def rotary_tables(config: ModelConfig) -> tuple[Tensor, Tensor]:
    """Cosines and sines, (M, K) each.

    "rotary_1d" counts positions with the prefix, as published. "rotary_2d" gives half of the
    frequencies to the row and half to the column of a cell; prefix positions do not rotate.
    """
    pairs = config.width // config.heads // 2
    if config.positions == "rotary_1d":
        position = torch.arange(config.sequence_length).float()
        frequency = config.rotary_base ** -(torch.arange(pairs).float() / pairs)
        angle = torch.outer(position, frequency)
    else:
        half = pairs // 2
        frequency = config.rotary_base ** -(torch.arange(half).float() / half)
        row, col = torch.meshgrid(
            torch.arange(config.rows), torch.arange(config.cols), indexing="ij"
        )
        cells = torch.cat(
            [torch.outer(axis.flatten().float(), frequency) for axis in (row, col)], dim=-1
        )
        angle = torch.cat([torch.zeros(config.prefix_length, pairs), cells])
    doubled = torch.cat((angle, angle), dim=-1)
    return doubled.cos(), doubled.sin()


class Units(Mixer):
    """States of (symbol, cell) pairs that hear the sums over their units: the same symbol in the row,
    in the column, in the box, and the other symbols of the cell.

    A SwiGLU makes 3 x K features of a state: K are summed over lines, K over boxes, K over cells,
    each sum divided by 3. Rows and columns share their features and their matrix, so that turning
    the board over turns the outcome over, as renaming symbols renames it. Nothing here knows the
    size of the board.
    """

    def __init__(self, config: ModelConfig, generator: torch.Generator | None) -> None:
        super().__init__()
        D, K = config.width, config.messages
        self.symbols, self.rows, self.cols = config.symbols, config.rows, config.cols
        self.box_rows, self.box_cols = config.box_rows, config.box_cols
        self.epsilon = config.norm_epsilon
        self.gate_up = linear(D, 6 * K, generator)
        self.line, self.box, self.cell = (linear(K, D, generator) for _ in range(3))

    def heard(self, h_BMD: Tensor, rotary: Rotary) -> Tensor:
        B, M, D = h_BMD.shape
        N, R, C, r, c = self.symbols, self.rows, self.cols, self.box_rows, self.box_cols
        gate, up = self.gate_up(h_BMD).chunk(2, dim=-1)
        told = (F.silu(gate) * up).view(B, N, R, C, -1) / 3
        line, box, cell = told.chunk(3, dim=-1)
        heard = self.line(line.sum(3))[:, :, :, None] + self.line(line.sum(2))[:, :, None]
        heard = heard + self.cell(cell.sum(1))[:, None]
        boxes = self.box(box.reshape(B, N, R // r, r, C // c, c, -1).sum((3, 5)))
        spread = boxes[:, :, :, None, :, None].expand(-1, -1, -1, r, -1, c, -1)
        heard = heard + spread.reshape(B, N, R, C, D)
        return heard.view(B, M, D)


MIXING: dict[str, Callable[..., Mixer]] = {
    "mlp": MlpMixer,
    "attention": Attention,
    "convolution": Convolution,
    "units": Units,
}


class Layer(nn.Module):
    """`h = norm(h + mix(h)); h = norm(h + SwiGLU(h))`, the norms after the sums."""

    def __init__(self, config: ModelConfig, generator: torch.Generator | None) -> None:
        super().__init__()
        self.mix = MIXING[config.mixer](config, generator)
        self.feed_forward = FeedForward(config, generator)

    def forward(self, h_BMD: Tensor, rotary: Rotary = None) -> Tensor:
        return self.feed_forward(self.mix(h_BMD, rotary))


class Network(nn.Module):
    """The small network that TRM applies again and again: a stack of layers."""

    def __init__(self, config: ModelConfig, generator: torch.Generator | None) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(config, generator) for _ in range(config.layers))

    def forward(self, h_BMD: Tensor, rotary: Rotary = None) -> Tensor:
        for layer in self.layers:
            h_BMD = layer(h_BMD, rotary)
        return h_BMD
