"""What a checkpoint says about itself: the card, JSON in the metadata of its safetensors file.

Read without loading torch, so that a page can show it. `checkpoint` reads and writes weights.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from trm_core.domains import Domain, domain
from trm_core.network.config import ConfigError, ModelConfig

FOLDER = Path(__file__).resolve().parents[2] / "checkpoints"
_PYTORCH = (b"PK", b"\x80\x02")  # how files of torch.save begin
_IN_BROWSER = ("sudoku-4x4", "sudoku-6x6", "sudoku-9x9")  # sizes that a page can ask
MOST_HEADER = 2 * 2**20  # bytes of a file's card and the names of its tensors
FORMAT = "trm-checkpoint-1"
PUBLISHED_STEPS, MARKS_STEPS = 16, 1000  # supervision steps of a usual solve at most


class CheckpointError(ValueError):
    """A file that can't be used as a checkpoint; the message says why, in one sentence."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a checkpoint says about itself."""

    name: str
    domain: str
    model: ModelConfig
    command: str = ""  # the exact command that made the weights
    data: str = ""  # what it was trained on, in a sentence
    seed: int | None = None
    hardware: str = ""
    minutes: float | None = None  # of training
    updates: int | None = None
    recipe: Mapping[str, Any] | None = None
    results: tuple[Mapping[str, Any], ...] = field(default=())  # tables `evaluate` measured

    @property
    def makes_marks(self) -> bool:
        """Whether the model's answers are made of pencil marks."""
        return self.model.answer == "candidates"

    @property
    def usual_steps(self) -> int:
        """Supervision steps at most of a solve where nobody says how many: the published number, but
        with pencil marks, where going wrong and starting again is the way, until nearly everything is solved."""
        return MARKS_STEPS if self.makes_marks else PUBLISHED_STEPS

    @property
    def browser_sizes(self) -> list[Domain]:
        """The sizes that a page which thinks by itself can ask it; none where it is of a form that pages don't run."""
        model = self.model
        fits = (
            model.mixer == "units" and model.feed_forward == "swiglu" and model.recursion == "trm"
        )
        return [domain(name) for name in _IN_BROWSER if fits and self.reading(domain(name))]

    def reading(self, asked: Domain) -> Card | None:
        """This card as the one of a model that can be asked the puzzle: itself where the puzzle fits on
        its canvas, sized for the puzzle where its weights know no size; None where it can't be asked."""
        if asked.fits_on(domain(self.domain)):
            return self
        boxes = asked.drawing.box_rows, asked.drawing.box_cols
        if not (self.model.knows_no_size and math.prod(boxes) == asked.rows == asked.cols):
            return None
        return replace(self, domain=asked.name, model=self.model.sized(*boxes))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"results": list(self.results)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Card:
        unknown = sorted(set(values) - {f.name for f in fields(cls)})
        if unknown:
            raise CheckpointError(f"the card has an unknown field {', '.join(map(repr, unknown))}")
        missing = sorted({"name", "domain", "model"} - set(values))
        if missing:
            raise CheckpointError(f"the card lacks the field {', '.join(map(repr, missing))}")
        try:
            config = ModelConfig.from_dict(values["model"])
        except (ConfigError, TypeError) as error:
            raise CheckpointError(f"the card's model can't be built: {error}") from None
        return cls(**values | {"model": config, "results": tuple(values.get("results") or ())})

    def results_on(self, domain_name: str) -> tuple[Mapping[str, Any], ...]:
        """What was measured on puzzles of that name; a result that names none is of the card's own."""
        return tuple(r for r in self.results if r.get("domain", self.domain) == domain_name)

    def headline(self, domain_name: str) -> Mapping[str, Any] | None:
        """The result that stands for it on puzzles of that name: the first that was measured, with all its steps."""
        return next(iter(self.results_on(domain_name)), None)

    def may_solve(self, domain_name: str) -> bool:
        """Whether it has solved any of the puzzles of that name that it was measured on, if it was."""
        results = self.results_on(domain_name)
        return not results or any(max(result["exact"].values()) for result in results)

    def with_result(self, result: Mapping[str, Any]) -> Card:
        """This card with one more result; a result with the same "set" is replaced."""
        others = tuple(r for r in self.results if r.get("set") != result.get("set"))
        return replace(self, results=(*others, result))


def read_card(path: Path) -> Card:
    """The card alone, without reading the weights."""
    with opened(path, "numpy") as file:
        return card_in(file, path)


def tensors(path: Path) -> dict[str, np.ndarray]:
    """All weights of a checkpoint as numpy has them, without torch. Raises `CheckpointError` where they are kept in a
    kind of number that numpy lacks."""
    with opened(path, "numpy") as file:
        try:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except TypeError:
            raise CheckpointError(f"{path.name} holds numbers that only torch reads") from None


def for_browser(path: Path, first: Domain | None = None) -> dict[str, Any]:
    """What a page that thinks by itself needs of a checkpoint (`figures.page.thinking_page`): its name, its configuration,
    its weights, and the sizes it can be asked, the one to begin with `first`. Raises `CheckpointError` where it has
    no state for every (symbol, cell): pages think with these."""
    card = read_card(path)
    sizes = card.browser_sizes
    if not sizes:
        raise CheckpointError(
            f"a page thinks with models that have a state for every (symbol, cell), such as sudoku-marks and sudoku-any; {card.name} has none"
        )
    begin = first or domain(card.domain)
    return {
        "name": card.name,
        "model": asdict(card.model),
        "tensors": tensors(path),
        "sizes": sorted(sizes, key=lambda each: each.name != begin.name),
    }


def parameter_count(path: Path) -> int:
    """How many numbers a checkpoint holds, without reading them."""
    with opened(path, "numpy") as file:
        return sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118


def bundled() -> dict[str, Path]:
    """The checkpoints that come with the project, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.safetensors"), key=lambda p: p.stem)}


def small() -> dict[str, Path]:
    """The small models that the command `watch` trained, by name: "small-" and that of their run."""
    return {path.stem: path for path in sorted((FOLDER / "small").glob("small-*.safetensors"))}


def fitting(cards: Mapping[str, Card], asked: Domain, *, marks_first: bool = True) -> list[str]:
    """The checkpoints among `cards` that can be asked this puzzle and may solve it: those that read least
    first, of equals those that were made for it, and of these those with pencil marks, which solve more;
    or, not `marks_first`, those of the published form."""
    readings = {name: card.reading(asked) for name, card in cards.items()}
    order = {
        name: (reading.model.cells, reading is not cards[name], reading.makes_marks != marks_first)
        for name, reading in readings.items()
        if reading is not None and cards[name].may_solve(reading.domain)
    }
    return sorted(order, key=order.__getitem__)


def find(name_or_path: str) -> Path:
    """The path of a bundled checkpoint, small ones too, or of a file. Says how to make what is missing."""
    known_paths = bundled() | small()
    if name_or_path in known_paths:
        return known_paths[name_or_path]
    path = Path(name_or_path)
    if path.is_file():
        return path
    known = ", ".join(bundled()) or "none"
    raise CheckpointError(
        f"no checkpoint {name_or_path!r} (bundled: {known}); "
        f"`python -m trm_core train NAME` makes one"
    )


def opened(path: Path, framework: str) -> Any:
    """A safetensors file, open. Raises `CheckpointError` if it is missing or broken."""
    begins = b""
    try:
        with path.open("rb") as file:
            begins = file.read(8)
        header = int.from_bytes(begins, "little")
        if MOST_HEADER < header <= path.stat().st_size:
            raise CheckpointError(
                f"{path.name} has a header of {header:,} bytes; it may have {MOST_HEADER:,}"
            )
        return safe_open(path, framework=framework)
    except FileNotFoundError:
        raise CheckpointError(f"there is no file {path}") from None
    except (SafetensorError, OSError) as error:
        reason = str(error).splitlines()[0]
        if begins.startswith(_PYTORCH):
            raise CheckpointError(
                f"{path.name} is a PyTorch checkpoint: `python -m trm_core import` makes one of ours of it"
            ) from None
        raise CheckpointError(f"{path.name} is not a whole safetensors file ({reason})") from None


def card_in(file: Any, path: Path) -> Card:
    """The card of an open file. Raises `CheckpointError` if it is not one of ours."""
    metadata = file.metadata() or {}
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"{path.name} is a safetensors file, but not one of ours: its format is "
            f"{metadata.get('format')!r}, expected {FORMAT!r}"
        )
    try:
        values = json.loads(metadata.get("card", ""))
    except json.JSONDecodeError:
        raise CheckpointError(f"{path.name}: the card is not readable JSON") from None
    if not isinstance(values, dict):
        raise CheckpointError(f"{path.name}: the card should be a JSON object")
    return Card.from_dict(values)
