"""`python -m trm_core lesson`: make what the lesson shows anew: recordings of real runs, and measurements."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
from cyclopts import Parameter

from trm_core.commands.options import FLAT
from trm_core.domains import PuzzleError, domain
from trm_core.lesson.ablations import run_trial, solved_by, solver_for
from trm_core.lesson.basins import basins, renamed
from trm_core.lesson.depths import right_by_step
from trm_core.lesson.examples import (
    called_done_while_wrong,
    comes_right_at,
    least_missed,
    loses,
    picked,
    settled_by,
)
from trm_core.lesson.halting import halting
from trm_core.lesson.learning import MOMENTS, lesson_run, replay
from trm_core.lesson.signs import edges, signs
from trm_core.lesson.trials import FEATURES, PROBE, TAKEN, TESTS, TRIALS, UNSEEN, WHOLE
from trm_core.lesson.wounds import healing
from trm_core.training.data import generated
from trm_core.weights import checkpoint

WOUNDS = (1, 5, 10, 20, 30, 40, 50)  # cells
DEPTH = 64  # supervision steps
DEPTHS = {  # by name, whose: which model, asked which puzzles
    "recursion": ("sudoku-6x6", "sudoku-6x6", "minimal", 200),
    "direct": ("sudoku-6x6-direct", "sudoku-6x6", "minimal", 200),
    "two networks": ("sudoku-6x6-hrm", "sudoku-6x6", "minimal", 200),
    "unseen 6x6": ("sudoku-any-4x4", "sudoku-6x6", "minimal", 200),
    "unseen 9x9": ("sudoku-any", "sudoku-9x9", "mixed", 100),
}
WAYS = 24  # to rename the digits of a puzzle
SAID = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    _: KW_ONLY
    folder: Path = Path("assets/lesson")
    """Where to."""
    only: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = ()
    """Make these parts alone."""


def run(options: Options | None = None) -> int:
    options = options or Options()
    options.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    path = options.folder / "measured.json"
    measured = json.loads(path.read_text()) if path.exists() else {}
    unknown = sorted(set(options.only) - set(PARTS))
    if unknown:
        raise PuzzleError(f"--only must be of {', '.join(PARTS)}, got {unknown[0]!r}")
    for part in options.only or PARTS:
        found = PARTS[part](options.folder)
        if found is not None:
            measured[part] = found
            path.write_text(json.dumps(measured, indent=1) + "\n")
        print(f"made {part}", flush=True)
    return 0


def _recordings(folder: Path) -> None:
    for trial in TRIALS:
        run_trial(trial, solver_for(trial)).save(folder / f"{trial.name}.npz")


def _ablations(folder: Path) -> dict[str, Any]:
    pairs = generated(WHOLE.asked, "mixed", 100, TESTS)
    solved = solved_by(solver_for(WHOLE), (WHOLE, *TAKEN), pairs)
    shares = {name: float(solved_N.mean()) for name, solved_N in solved.items()}
    example = picked(WHOLE.asked, pairs, loses(solved, (WHOLE.name, least_missed(shares))))
    return {"set": "100 fresh mixed 9x9 puzzles", "solved": shares, "example": example}


def _wounds(folder: Path) -> dict[str, Any]:
    nine = domain("sudoku-9x9")
    model, _ = checkpoint.load(checkpoint.find("sudoku-9x9"))
    return healing(model, nine, generated(nine, "mixed", 50, TESTS), WOUNDS)


def _halting(folder: Path) -> dict[str, Any]:
    found = {}
    for name, difficulty, count in (("sudoku-6x6", "minimal", 300), ("sudoku-9x9", "mixed", 200)):
        model, card = checkpoint.load(checkpoint.find(name))
        pairs = generated(domain(card.domain), difficulty, count, TESTS)
        seen = halting(model, pairs)
        found[name] = {
            "set": f"{count} fresh {difficulty} puzzles",
            "reliability": seen.reliability(SAID),
            "lateness": seen.lateness(),
            "steps": seen.said_NS.shape[1],
            "mean_stop": seen.mean_stop,
            "example": picked(
                domain(card.domain), pairs, called_done_while_wrong(seen.said_NS, seen.right_NS)
            ),
        }
    return found


def _basins(folder: Path) -> dict[str, Any]:
    model, card = checkpoint.load(checkpoint.find(FEATURES.checkpoint))
    asked = domain(card.domain)
    found = basins(model, asked, asked.parse(FEATURES.puzzle))
    return {
        "puzzle": FEATURES.puzzle,
        "renamed": {
            "ways": WAYS,
            "solved": renamed(model, asked, asked.parse(FEATURES.puzzle), WAYS),
        },
        "at": found.at_G.tolist(),
        "end": found.end_GG.tolist(),
        "solved": found.solved,
        "ends": found.ends,
    }


def _learning(folder: Path) -> dict[str, Any]:
    told = []
    learner, tests, probe_RC = lesson_run()
    for look in replay(learner, PROBE.checkpoint, tests, probe_RC, MOMENTS):
        look.trace.save(folder / f"learnt-{look.update}.npz")
        told.append(
            {"update": look.update, "seconds": round(look.seconds, 1), "solved": look.solved}
        )
    return {"set": "100 fresh minimal 4x4 puzzles", "moments": told}


def _depths(folder: Path) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for words, (name, domain_name, difficulty, count) in DEPTHS.items():
        asked = domain(domain_name)
        model, _ = checkpoint.load(checkpoint.find(name), asked=asked)
        pairs = generated(asked, difficulty, count, TESTS)
        right_NS = right_by_step(model, pairs, DEPTH)
        shares = [float(share) for share in right_NS.mean(0)]
        found[words] = {
            "checkpoint": name,
            "set": f"{count} fresh {difficulty} {asked.rows}x{asked.rows} puzzles",
            "right": shares,
        }
        if name == UNSEEN.checkpoint:  # of this one a puzzle is shown
            typical_N = comes_right_at(right_NS, settled_by(shares))
            found[words]["example"] = picked(asked, pairs, typical_N)
    return found


def _signs(folder: Path) -> dict[str, Any]:
    model, card = checkpoint.load(checkpoint.find("sudoku-9x9"))
    pairs = generated(domain(card.domain), "mixed", 200, TESTS)
    asked = "200 fresh mixed 9x9 puzzles"
    return {"set": asked, "area": signs(model, pairs), "right": edges(model, pairs)}


PARTS: dict[str, Callable[[Path], dict[str, Any] | None]] = {
    "recordings": _recordings,
    "ablations": _ablations,
    "wounds": _wounds,
    "halting": _halting,
    "basins": _basins,
    "learning": _learning,
    "depths": _depths,
    "signs": _signs,
}
