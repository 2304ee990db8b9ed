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

Rooms, in reading order: network (the model), solving, record (what was seen), weights (files),
domains (the puzzles), readers (other people's files), figures, training, measuring, commands.

Importing this package does no work; its names are loaded when first used, so that figures and
pages that only play a trace never load torch.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.5.0.dev0"

# Public names, and the module each lives in; a name that is a module stands for itself.
_HOME = {
    "ModelConfig": "network.config",
    "TinyRecursiveModel": "network.model",
    "Slots": "network.slots",
    "Engine": "solving.engine",
    "Settings": "solving.settings",
    "Solution": "solving.solver",
    "Solver": "solving.solver",
    "Trace": "record.trace",
    "Outcomes": "record.outcomes",
    "examine": "measuring.evaluate",
    "evaluate": "measuring.evaluate",
    "States": "measuring.evaluate",
    "Learner": "training.learner",
    "Run": "training.run",
    "Recipe": "training.recipe",
    "recipe": "training.recipe",
    "generated": "training.data",
    "Pairs": "domains",
    "read_split": "readers.data_folder",
    "write_data_folder": "readers.data_folder",
    "Noise": "network.interventions",
    "BlankLatent": "network.interventions",
    "Reset": "network.interventions",
    "FreezeLatent": "network.interventions",
    "HideQuestion": "network.interventions",
    "Wound": "network.interventions",
    "ablation": "lesson.ablations",
    "board_figure": "figures.solve",
    "curves_figure": "figures.solve",
    "solve_figure": "figures.solve",
    "shares_figure": "figures.shares",
    "DOMAINS": "domains",
    "Domain": "domains",
    "Puzzle": "domains",
    "PuzzleError": "domains",
    "domain": "domains",
    "import_published": "weights.published",
}
_MODULES = {"checkpoint": "weights.checkpoint", "card": "weights.card", "export": "figures.export"}

__all__ = sorted([*_HOME, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = importlib.import_module(f"trm_core.{_MODULES[name]}")
    elif name in _HOME:
        value = getattr(importlib.import_module(f"trm_core.{_HOME[name]}"), name)
    else:
        raise AttributeError(f"module 'trm_core' has no attribute {name!r}")
    globals()[name] = value
    return value
