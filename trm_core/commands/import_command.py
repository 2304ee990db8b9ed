"""`python -m trm_core import FILE --domain NAME`: a published checkpoint to our format."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.domains import DOMAINS, PuzzleError, domain
from trm_core.domains.arc.domain import CANVAS
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
    """Of the puzzle embeddings, those to keep, such as 0,7,12 (default: all, up to 4,096)."""
    dtype: Literal["fp16", "bf16", "fp32"] = "fp16"
    """On disk."""
    out: Path | None = None
    """File to write (default: beside the source)."""


def _rows(text: str | None) -> list[int] | None:
    if text is None:
        return None
    if not all(part.strip().isdecimal() for part in text.split(",")):
        raise PuzzleError(f"--puzzle-rows must be numbers such as 0,7,12, got {text!r}")
    return [int(part) for part in text.split(",")]


def run(options: Options) -> int:
    chosen = domain(options.domain)
    model = import_published(
        options.file,
        rows=chosen.rows,
        cols=chosen.cols,
        cycles=options.cycles,
        latent_updates=options.latent_updates,
        heads=options.heads,
        puzzle_rows=_rows(options.puzzle_rows),
    )
    if model.config.vocab_size != chosen.vocab_size:
        raise checkpoint.CheckpointError(
            f"{options.file.name} knows {model.config.vocab_size} tokens, "
            f"{chosen.title} has {chosen.vocab_size}"
        )
    out = options.out or options.file.with_name(options.file.name + ".safetensors")
    config = model.config
    card = checkpoint.Card(
        name=out.stem,
        domain=chosen.name,
        model=config,
        command=f"python -m trm_core import {options.file.name} --domain {chosen.name} "
        f"--cycles {config.cycles} --latent-updates {config.latent_updates}",
        data="imported; see where the published checkpoint comes from",
    )
    checkpoint.save(out, model, card, options.dtype)
    print(f"wrote {out}: {model.parameter_count:,} parameters, {config.mixer} variant")
    return 0
