"""`python -m trm_core mix DOMAIN`: blend sources into a training set and sets held out from it."""

from __future__ import annotations

import argparse
from pathlib import Path

from trm_core.domains import DOMAINS, PuzzleError, domain
from trm_core.readers.puzzle_file import write_puzzles
from trm_core.training.mixture import MOST, Part, blend


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("domain", help=f"one of {', '.join(DOMAINS)}")
    parser.add_argument(
        "--part",
        action="append",
        required=True,
        metavar="SHARE:SOURCE",
        help="such as 40:listed.csv.gz or 25:minimal (a CSV, or a difficulty to generate)",
    )
    parser.add_argument("--held-out", type=int, default=2000, help="puzzles of the test set")
    parser.add_argument("--validation", type=int, default=500, help="of the set to choose by")
    parser.add_argument("--training", type=int, default=MOST, help="of the training set, at most")
    parser.add_argument(
        "--apart",
        action="append",
        type=Path,
        default=[],
        metavar="CSV",
        help="take no puzzle that shares its answer with this file (may be given several times)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="mixture", help="the files are NAME-train.csv, ...")
    parser.add_argument("--folder", type=Path, default=Path("data"), help="where they go")


def run(options: argparse.Namespace) -> int:
    chosen = domain(options.domain)
    parts = [_part(text) for text in options.part]
    if min(options.held_out, options.validation) < 0 or options.training < 1:
        raise PuzzleError("--held-out and --validation must be 0 or more, --training at least 1")
    held_out = {"test": options.held_out, "validation": options.validation}
    sets = blend(
        chosen,
        parts,
        {name: size for name, size in held_out.items() if size},
        options.seed,
        most=options.training,
        apart=options.apart,
    )
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, puzzles in sets.items():
        path = options.folder / f"{options.name}-{name}.csv"
        write_puzzles(chosen, puzzles, path)
        print(f"wrote {path}: {len(puzzles)} puzzles")
    return 0


def _part(text: str) -> Part:
    share, colon, source = text.partition(":")
    if not colon or not share.isdigit() or int(share) < 1 or not source:
        raise PuzzleError(f"--part must be SHARE:SOURCE such as 40:hard.csv, got {text!r}")
    if source.endswith((".csv", ".csv.gz")):
        return Part(int(share), Path(source))
    return Part(int(share), source)
