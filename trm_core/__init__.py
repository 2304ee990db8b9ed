"""Tiny Recursive Models: solve puzzles, watch every step, train and measure.

    from pathlib import Path
    from trm_core import Settings, Solver, checkpoint, domain

    sudoku = domain("sudoku-9x9")
    model, card = checkpoint.load(checkpoint.find("sudoku-9x9"))
    solution = Solver(model, sudoku).solve(sudoku.parse("53..7...."...), Settings(steps=16))
    solution.trace.answers("cycles")   # what it wrote, cycle by cycle

Dimension key, used as the ending of array names (`logits_BLV`, `board_RC`):

    B puzzles in a batch     L cells = R * C        M positions = prefix + L
    R rows, C columns        V tokens               D width
    N heads                  K head width           F feed-forward width
    S supervision steps      T cycles per step      n latent updates per cycle
    (in traces: C cycles and K calls of a whole solve; in symmetries: K ways)

Reading order: config, layers, model, loss, slots, engine, solver, trace, recorder, checkpoint,
published, evaluate, training, domains, figures.

Importing this package does no work; its names are loaded when first used, so that figures and
pages that only play a trace never load torch.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "ModelConfig": "config",
    "TinyRecursiveModel": "model",
    "Slots": "slots",
    "Engine": "engine",
    "Settings": "solver",
    "Solution": "solver",
    "Solver": "solver",
    "Trace": "trace",
    "DOMAINS": "domains",
    "Domain": "domains",
    "Puzzle": "domains",
    "PuzzleError": "domains",
    "domain": "domains",
    "import_published": "published",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'trm_core' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"trm_core.{_HOME[name]}"), name)
    globals()[name] = value
    return value
