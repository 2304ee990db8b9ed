"""`python -m trm_core rescue CHECKPOINT`: what brings the puzzles back that a model failed, and what it costs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import KW_ONLY, asdict, dataclass, field

import numpy as np

from trm_core.commands.options import FLAT
from trm_core.commands.sets import SetOptions
from trm_core.device import pick_device
from trm_core.domains import PuzzleError, domain
from trm_core.measuring.evaluate import examine
from trm_core.measuring.rescue import Rescue, rescues
from trm_core.network.model import TinyRecursiveModel
from trm_core.weights import checkpoint


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    checkpoint: str
    """A bundled checkpoint's name, or a file."""
    _: KW_ONLY
    among: SetOptions = field(default_factory=SetOptions)
    most: int = 40
    """Failures that are tried, drawn at random."""
    steps: int = 16
    """Supervision steps at most, the first time."""
    marks: str | None = None
    """A model with pencil marks to ask besides."""
    device: str | None = None
    """cpu, cuda, mps (default: the best there is)."""
    json: bool = False
    """Print one JSON object a remedy, in a line."""


def run(options: Options) -> int:
    """Exit status 1 if nothing failed, so that there is nothing to bring back."""
    options.among.check()
    if options.most < 1 or not 1 <= options.steps <= 1024:
        raise PuzzleError("--most must be at least 1 and --steps must lie in 1..1024")
    device = pick_device(options.device)
    model, card = checkpoint.load(checkpoint.find(options.checkpoint), device)
    asked = domain(card.domain)
    pairs, name = options.among.pairs(asked)
    outcomes = examine(model, asked, pairs, most_steps=options.steps)
    failed = np.flatnonzero(~outcomes.solved_N)
    if not len(failed):
        print(f"{card.name} failed none of {name}", file=sys.stderr)
        return 1
    tried = np.sort(np.random.default_rng(options.among.seed).permutation(failed)[: options.most])
    if not options.json:
        print(
            f"{card.name} failed {len(failed)} of {name}; tried on {len(tried)}, rows {_listed(tried)}"
        )

    marks: Callable[[], TinyRecursiveModel] | None = None
    if options.marks is not None:
        path = checkpoint.find(options.marks)

        def marks() -> TinyRecursiveModel:
            return checkpoint.load(path, device, asked=asked)[0]

    for remedy in rescues(model, asked, pairs[tried], options.steps, marks):
        print(_told(remedy(), options.json), flush=True)
    return 0


def _listed(rows: np.ndarray) -> str:
    return ",".join(f"{row + 1}" for row in rows)


def _told(found: Rescue, as_json: bool) -> str:
    low, high = found.interval
    if as_json:
        return json.dumps(asdict(found) | {"interval": [low, high]})
    return (
        f"{found.name:<20} {found.solved:>3} of {found.puzzles} ({100 * low:.0f} to {100 * high:.0f} %)  "
        f"{found.calls:>8.0f} calls a puzzle  {found.words}"
    )
