"""`python -m trm_core import FILE --domain NAME`: a published checkpoint to our format."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.domains import DOMAINS, PuzzleError, domain
from trm_core.domains.arc.domain import CANVAS
from trm_core.readers.data_folder import row_names
from trm_core.weights import checkpoint
from trm_core.weights.published import import_published


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    file: Path
    """A published checkpoint, such as step_65000."""
    _: KW_ONLY
    domain: Annotated[str, Parameter(help=f"one of {', '.join(DOMAINS)}, or {CANVAS} for ARC's")]
    cycles: int | None = None
    """T, their H_cycles."""
    latent_updates: int | None = None
    """n, their L_cycles."""
    heads: int | None = None
    """Attention heads (default: 8)."""
    puzzle_rows: str | None = None
    """Of the puzzle embeddings, those to keep, such as 0,7,12 or, for ARC, names such as 66e6c45b (default: all, up to
    4,096)."""
    identifiers: Path | None = None
    """The file that says those names (default: identifiers.json beside the checkpoint)."""
    dtype: Literal["fp16", "bf16", "fp32"] = "fp32"
    """On disk."""
    out: Path | None = None
    """File to write (default: beside the source)."""


def _rows(options: Options) -> list[int] | None:
    """The rows that are asked for, by their numbers or by names that a file says. Raises `PuzzleError`."""
    if options.puzzle_rows is None:
        return None
    parts = [part.strip() for part in options.puzzle_rows.split(",")]
    path = options.identifiers or options.file.with_name("identifiers.json")
    # A name of eight digits is none of a row: there are not so many.
    names = [part for part in parts if not part.isdecimal() or len(part) > 7]
    known = row_names(path) if names else {}
    for name in names:
        if name not in known:
            raise PuzzleError(f"{path} names no puzzle {name!r}")
    return [known[part] if part in names else int(part) for part in parts]


def _called(options: Options, out: Path) -> str:
    """The model's name: its file's, or, where that says no more than a step, its folder's before it."""
    plain = options.out is None and re.fullmatch(r"step_\d+", out.stem)
    folder = options.file.resolve().parent.name
    return f"{folder}-{out.stem}" if plain and folder else out.stem


def run(options: Options) -> int:
    chosen = domain(options.domain)
    model = import_published(
        options.file,
        rows=chosen.rows,
        cols=chosen.cols,
        cycles=options.cycles,
        latent_updates=options.latent_updates,
        heads=options.heads,
        puzzle_rows=_rows(options),
    )
    if model.config.vocab_size != chosen.vocab_size:
        raise checkpoint.CheckpointError(
            f"{options.file.name} knows {model.config.vocab_size} tokens, "
            f"{chosen.title} has {chosen.vocab_size}"
        )
    out = options.out or options.file.with_name(options.file.name + ".safetensors")
    config = model.config
    card = checkpoint.Card(
        name=_called(options, out),
        domain=chosen.name,
        model=config,
        command=f"python -m trm_core import {options.file.name} --domain {chosen.name} "
        f"--cycles {config.cycles} --latent-updates {config.latent_updates}",
        data="imported; see where the published checkpoint comes from",
    )
    checkpoint.save(out, model, card, options.dtype)
    print(f"wrote {out}: {model.parameter_count:,} parameters, {config.mixer} variant")
    return 0
