"""`python -m trm_core generate DOMAIN`: fresh puzzles as CSV, each with exactly one solution."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from trm_core.domains import DOMAINS, PuzzleError, domain, visitor_rng
from trm_core.readers.puzzle_file import write_puzzles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("domain", help=f"one of {', '.join(DOMAINS)}")
    parser.add_argument("--difficulty", help="such as hard (default: the usual one, mostly mixed)")
    parser.add_argument(
        "--rating",
        metavar="LEAST-MOST",
        help="instead of a difficulty: as many guesses of an exact search, evenly spread",
    )
    parser.add_argument("--count", type=int, default=10, help="how many (default: 10)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--csv", type=Path, help="file to write (default: the terminal)")


def run(options: argparse.Namespace) -> int:
    chosen = domain(options.domain)
    if options.count < 1:
        raise PuzzleError("--count must be at least 1")
    rng = visitor_rng(options.seed)
    if options.rating is None:
        puzzles = chosen.maker.generate_many(
            rng, options.difficulty or chosen.maker.usual, options.count
        )
    else:
        bounds = re.fullmatch(r"(\d{1,4})-(\d{1,4})", options.rating)
        if bounds is None:
            raise PuzzleError(f"--rating must be such as 10-60, got {options.rating!r}")
        puzzles = chosen.maker.generate_rated(rng, options.count, *map(int, bounds.groups()))
    write_puzzles(chosen, puzzles, options.csv)
    if options.csv is not None:
        print(f"wrote {options.csv}: {len(puzzles)} puzzles")
    return 0
