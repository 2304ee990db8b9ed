"""The model's configuration: every number of a Tiny Recursive Model, named and checked.

The paper's symbol (arXiv 2510.04871) stands beside each field; the published code calls `y`
`z_H`, `z` `z_L`, `cycles` `H_cycles` and `latent_updates` `L_cycles`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

MIXERS = ("attention", "mlp", "convolution", "units", "colours")
ORIENTATIONS = 8  # of a square
POSITIONS = ("none", "rotary_1d", "rotary_2d", "learned")
PREFIXES = ("none", "puzzle", "register")
FEED_FORWARDS = ("swiglu", "gated_norm_swiglu")
RECURSIONS = ("trm", "hrm", "one_state", "single_z", "direct")
ANSWERS = ("features", "candidates")
GRADIENTS = ("last_cycle", "last_calls", "all_cycles")


_UNSAID = object()


class ConfigError(ValueError):
    """A setting that can't be: the name of its `field`, the `rule` that it breaks, and what it `got`, if that is said.

    Its words are "FIELD RULE, got GOT". Where several settings are wrong, the `parts` are an error each.
    """

    def __init__(self, field: str, rule: str, got: object = _UNSAID) -> None:
        self.field, self.rule, self.got = field, rule, got
        self.parts: tuple[ConfigError, ...] = (self,)
        super().__init__(self.called({}))

    @classmethod
    def of(cls, parts: Sequence[ConfigError]) -> ConfigError:
        """Several at once; their words stand one after the other."""
        error = cls(parts[0].field, parts[0].rule, parts[0].got)
        error.parts = tuple(parts)
        error.args = (error.called({}),)
        return error

    def called(self, labels: Mapping[str, str]) -> str:
        """Its words, with fields called as people know them."""
        return "; ".join(
            f"{labels.get(part.field, part.field)} {part.rule}"
            + ("" if part.got is _UNSAID else f", got {part.got!r}")
            for part in self.parts
        )


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """What a model is. Frozen, keyword-only; a bad value or unknown key raises `ConfigError`.

    The defaults are the published model, except what depends on the puzzle: the vocabulary
    and the grid.
    """

    vocab_size: int  # V: tokens a cell can hold
    rows: int  # R of the grid; L = R * C cells
    cols: int  # C of the grid

    width: int = 512  # D: features per position
    heads: int = 8  # N: attention heads (attention mixer only)
    layers: int = 2  # layers of the one small network
    expansion: float = 4.0  # inner width of SwiGLU = expansion * D * 2/3, rounded up
    inner_multiple: int = 256  # ... to a multiple of this
    mixer: str = "mlp"  # how positions exchange information: "attention", "mlp", "convolution",
    # or "units": a state for every (symbol, cell), which hears its row, column, box and cell
    messages: int = 12  # features of what a unit is told (units mixer only)
    box_rows: int = 0  # rows and columns of a box (units mixer only)
    box_cols: int = 0
    palette: tuple[int, ...] = ()  # colours that a cell can have (colours mixer only)
    kernel_size: int = 3  # side of the neighbourhood a cell sees (convolution mixer only)
    feed_forward: str = "swiglu"  # or "gated_norm_swiglu": sigmoid(gate) * norm(gate * up)
    positions: str = "none"  # "rotary_1d", "rotary_2d", "learned"
    rotary_base: float = 1e4
    norm_epsilon: float = 1e-5

    prefix: str = "puzzle"  # positions before the cells: "puzzle" embedding or learned "register"
    prefix_length: int = 16  # number of them; "puzzle" fills row 0 and leaves the rest zero
    puzzle_ids: int = 1  # rows of the puzzle embedding ("puzzle" prefix only)
    head_bias: bool = False  # a bias on the head that reads tokens off y
    halt_outputs: int = 2  # outputs of the halting head; output 0 is the halting logit q

    # What y is: "features", or the "candidates" still possible in each cell (units mixer only).
    answer: str = "features"
    # "hrm": a second network writes y; "one_state": y is z, with no state of its own; "single_z": the same as it
    # is published, where the call that writes doesn't see the question; "direct": one pass, no recursion.
    recursion: str = "trm"
    cycles: int = 3  # T: cycles per supervision step
    latent_updates: int = 6  # n: times z is refined before y is written, per cycle
    supervision_steps: int = 16  # N_sup: steps at most per puzzle during training
    gradient: str = "last_cycle"  # what carries gradient: "last_calls" (HRM), "all_cycles"

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_numbers()
        if self.recursion == "direct" and (self.cycles, self.latent_updates) != (1, 0):
            raise ConfigError("recursion", "'direct' needs cycles=1 and latent_updates=0")
        if self.recursion != "direct" and self.latent_updates < 1:
            raise ConfigError("latent_updates", "must be at least 1", self.latent_updates)
        if self.mixer == "attention" and self.width % (2 * self.heads):
            raise ConfigError("width", f"must be a multiple of 2 * heads={self.heads}", self.width)
        if self.positions == "rotary_2d" and self.width % (4 * self.heads):
            raise ConfigError(
                "positions", "'rotary_2d' needs a width that is a multiple of 4 * heads"
            )
        if self.mixer == "convolution" and self.kernel_size % 2 == 0:
            raise ConfigError("kernel_size", "must be odd", self.kernel_size)
        self._check_units()
        self._check_colours()
        if self.positions.startswith("rotary") and self.mixer != "attention":
            raise ConfigError("positions", f"{self.positions!r} need the attention mixer")

    def _check_units(self) -> None:
        if self.mixer != "units":
            if self.answer != "features":
                raise ConfigError("answer", f"{self.answer!r} needs the units mixer")
            return
        if not self.rows == self.cols == self.symbols == self.box_rows * self.box_cols:
            raise ConfigError(
                "mixer",
                "'units' needs as many rows, columns and symbols as a box has cells",
                (self.rows, self.cols, self.symbols, f"{self.box_rows}x{self.box_cols}"),
            )
        if self.prefix != "none" or self.positions != "none":
            raise ConfigError("mixer", "'units' goes with prefix 'none' and positions 'none'")
        if self.answer == "candidates" and (self.cycles, self.recursion) != (1, "trm"):
            raise ConfigError("answer", "'candidates' needs cycles=1 and recursion 'trm'")

    def _check_colours(self) -> None:
        if (self.mixer == "colours") != bool(self.palette):
            raise ConfigError("palette", "goes with the colours mixer, and only with it")
        if self.mixer != "colours":
            return
        if self.width % ORIENTATIONS:
            raise ConfigError(
                "width", f"must be a multiple of {ORIENTATIONS} for colours", self.width
            )
        last = self.vocab_size - 3
        if list(self.palette) != sorted(set(self.palette)) or not 0 <= self.palette[-1] <= last:
            raise ConfigError("palette", f"must rise within 0..{last}", self.palette)
        if (self.prefix, self.positions, self.recursion) != ("none", "none", "trm"):
            raise ConfigError(
                "mixer", "'colours' goes with prefix 'none', positions 'none' and recursion 'trm'"
            )

    def _check_choices(self) -> None:
        choices = {
            "mixer": MIXERS,
            "positions": POSITIONS,
            "prefix": PREFIXES,
            "feed_forward": FEED_FORWARDS,
            "recursion": RECURSIONS,
            "gradient": GRADIENTS,
            "answer": ANSWERS,
        }
        for name, allowed in choices.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ConfigError(name, f"must be one of {', '.join(allowed)}", value)

    def _check_numbers(self) -> None:
        at_least = {
            "vocab_size": 2,
            "rows": 1,
            "cols": 1,
            "width": 2,
            "heads": 1,
            "kernel_size": 1,
            "layers": 1,
            "messages": 1,
            "box_rows": 0,
            "box_cols": 0,
            "inner_multiple": 1,
            "prefix_length": 0,
            "puzzle_ids": 0,
            "halt_outputs": 1,
            "cycles": 1,
            "latent_updates": 0,
            "supervision_steps": 1,
        }
        for name, least in at_least.items():
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise ConfigError(name, f"must be a whole number >= {least}", value)
        for name in ("expansion", "rotary_base", "norm_epsilon"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 < value < math.inf:
                raise ConfigError(name, "must be a number > 0", value)
        if type(self.head_bias) is not bool:
            raise ConfigError("head_bias", "must be true or false", self.head_bias)
        if self.halt_outputs > 2:
            raise ConfigError("halt_outputs", "must be 1 or 2", self.halt_outputs)
        if (self.prefix == "none") != (self.prefix_length == 0):
            raise ConfigError("prefix", "'none' goes with prefix_length=0, and only with it")
        if self.prefix == "puzzle" and self.puzzle_ids < 1:
            raise ConfigError("prefix", "'puzzle' needs puzzle_ids >= 1")

    @property
    def knows_no_size(self) -> bool:
        """Whether the same weights serve boards of every size."""
        return self.mixer == "units"

    def sized(self, box_rows: int, box_cols: int) -> ModelConfig:
        """The same model for boards whose boxes have so many rows and columns; its weights fit it."""
        assert self.knows_no_size, self.mixer
        size = box_rows * box_cols
        return replace(
            self,
            vocab_size=size + 2,
            rows=size,
            cols=size,
            box_rows=box_rows,
            box_cols=box_cols,
        )

    @property
    def cells(self) -> int:
        """L, the number of cells."""
        return self.rows * self.cols

    @property
    def symbols(self) -> int:
        """N of the units mixer: tokens that can be answers; the vocabulary without pad and blank. K of the
        colours mixer: the colours of its palette."""
        return len(self.palette) if self.mixer == "colours" else self.vocab_size - 2

    @property
    def sequence_length(self) -> int:
        """M: prefix positions and cells, P + L; with the units mixer (symbol, cell) pairs, N * L."""
        if self.mixer in ("units", "colours"):
            return self.cells * self.symbols
        return self.prefix_length + self.cells

    def places(self, cell: int) -> list[int]:
        """Where in a state a cell's features stand: one position, or with the units mixer one for each symbol."""
        assert self.mixer != "colours", "its cells are those of two grids"
        if self.mixer == "units":
            return [n * self.cells + cell for n in range(self.symbols)]
        return [self.prefix_length + cell]

    @property
    def calls_per_step(self) -> int:
        """Network calls in one supervision step: T * (n + 1)."""
        return self.cycles * (self.latent_updates + 1)

    def inner_width(self, dim: int) -> int:
        """Inner width F of a SwiGLU over `dim` features."""
        multiple = self.inner_multiple
        return -(-round(self.expansion * dim * 2 / 3) // multiple) * multiple

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ModelConfig:
        """The configuration written by `as_dict`; unknown or missing keys are named."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError("unknown configuration field", ", ".join(map(repr, unknown)))
        missing = sorted({"vocab_size", "rows", "cols"} - set(values))
        if missing:
            raise ConfigError("missing configuration field", ", ".join(map(repr, missing)))
        if "palette" in values:
            values = {**values, "palette": tuple(values["palette"])}
        return cls(**values)
