"""`python -m trm_core mix DOMAIN`: blend sources into a training set and sets held out from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.domains import DOMAINS, Domain, Puzzle, PuzzleError, domain
from trm_core.readers.data_folder import SPLITS, write_data_folder
from trm_core.readers.puzzle_file import write_puzzles
from trm_core.training.mixture import MOST, Part, blend


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    domain: Annotated[str, Parameter(help=f"one of {', '.join(DOMAINS)}")]
    _: KW_ONLY
    part: list[str]
    """Such as 40:listed.csv.gz or 25:minimal (a CSV, or a difficulty to generate)."""
    held_out: int = 2000
    """Puzzles of the test set."""
    validation: int = 500
    """Of the set to choose by."""
    training: int = MOST
    """Of the training set, at most."""
    apart: list[Path] = field(default_factory=list)
    """Take no puzzle that shares its answer with this file (may be given several times)."""
    seed: int = 0
    name: str = "mixture"
    """The files are NAME-train.csv, ...."""
    folder: Path = Path("data")
    """Where they go."""
    data: bool = False
    """Write a folder NAME in the published form instead: its halves train and test; validation is a folder of its own."""


def run(options: Options) -> int:
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
    if options.data:
        return _as_data(options, chosen, sets)
    for name, puzzles in sets.items():
        path = options.folder / f"{options.name}-{name}.csv"
        write_puzzles(chosen, puzzles, path)
        print(f"wrote {path}: {len(puzzles)} puzzles")
    return 0


def _as_data(options: Options, chosen: Domain, sets: Mapping[str, Sequence[Puzzle]]) -> int:
    """Write the sets as data folders; the one to choose by is the test half of its own."""
    folders = {options.name: {name: sets[name] for name in SPLITS if name in sets}}
    if "validation" in sets:
        folders[f"{options.name}-validation"] = {"test": sets["validation"]}
    for name, halves in folders.items():
        write_data_folder(chosen, halves, options.folder / name)
        told = ", ".join(f"{half} {len(puzzles)}" for half, puzzles in halves.items())
        print(f"wrote {options.folder / name}: {told} puzzles")
    return 0


def _part(text: str) -> Part:
    share, colon, source = text.partition(":")
    if not colon or not share.isdigit() or int(share) < 1 or not source:
        raise PuzzleError(f"--part must be SHARE:SOURCE such as 40:hard.csv, got {text!r}")
    if source.endswith((".csv", ".csv.gz")):
        return Part(int(share), Path(source))
    return Part(int(share), source)
