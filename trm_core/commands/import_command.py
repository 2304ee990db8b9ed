"""`python -m trm_core import FILE --domain NAME`: a published checkpoint to our format."""

from __future__ import annotations

import argparse
from pathlib import Path

from trm_core.domains import DOMAINS, domain
from trm_core.domains.arc.domain import CANVAS
from trm_core.weights import checkpoint
from trm_core.weights.published import import_published


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a published checkpoint, such as step_65000")
    parser.add_argument(
        "--domain", required=True, help=f"one of {', '.join(DOMAINS)}, or {CANVAS} for ARC's"
    )
    parser.add_argument("--cycles", type=int, help="T, their H_cycles")
    parser.add_argument("--latent-updates", type=int, help="n, their L_cycles")
    parser.add_argument("--heads", type=int, help="attention heads (default: 8)")
    parser.add_argument(
        "--puzzle-rows",
        type=lambda text: [int(row) for row in text.split(",")],
        metavar="0,7,...",
        help="of the puzzle embeddings, those to keep (default: all, up to 4,096)",
    )
    parser.add_argument("--dtype", choices=checkpoint.DTYPES, default="fp16", help="on disk")
    parser.add_argument("--out", type=Path, help="file to write (default: beside the source)")


def run(options: argparse.Namespace) -> int:
    chosen = domain(options.domain)
    model = import_published(
        options.file,
        rows=chosen.rows,
        cols=chosen.cols,
        cycles=options.cycles,
        latent_updates=options.latent_updates,
        heads=options.heads,
        puzzle_rows=options.puzzle_rows,
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
