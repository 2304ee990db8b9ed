"""`python -m trm_core digits FOLDER`: train the network that reads digits in pictures."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.domains import PuzzleError
from trm_core.readers.digits import WEIGHTS
from trm_core.training.digits import font_digits, train


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    folder: Path
    """Folder of fonts (.ttf, .otf), searched deeply."""
    _: KW_ONLY
    without: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = ()
    """Leave out fonts whose path contains such a word."""
    samples: int = 60_000
    epochs: int = 30
    seed: int = 0
    out: Path = WEIGHTS
    """File to write."""


def run(options: Options) -> int:
    fonts = [
        path
        for path in sorted(options.folder.rglob("*"))
        if path.suffix.lower() in (".ttf", ".otf")
        and not any(word.lower() in str(path).lower() for word in options.without)
    ]
    if not fonts:
        raise PuzzleError(f"there are no fonts under {options.folder}")
    digits = font_digits(fonts)
    weights = train(digits, options.samples, options.epochs, options.seed)
    np.savez_compressed(options.out, **weights)
    print(f"wrote {options.out}: trained on {len(digits)} of {len(fonts)} fonts")
    return 0
