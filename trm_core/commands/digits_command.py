"""`python -m trm_core digits FOLDER`: train the network that reads digits in pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from trm_core.domains import PuzzleError
from trm_core.readers.digits import WEIGHTS
from trm_core.training.digits import font_digits, train


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="folder of fonts (.ttf, .otf), searched deeply")
    parser.add_argument(
        "--without", nargs="*", default=[], help="leave out fonts whose path contains such a word"
    )
    parser.add_argument("--samples", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="file to write")


def run(options: argparse.Namespace) -> int:
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
