"""`python -m trm_core record`: record a real solve into a trace file, for instant first screens."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np

from trm_core.commands.options import FLAT, Stop
from trm_core.device import pick_device
from trm_core.domains import Domain, domain, visitor_rng
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solution, Solver
from trm_core.weights import checkpoint


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    checkpoint: str
    """A bundled checkpoint's name, or a file."""
    puzzle: str | None = None
    """The cells in one string; default: search for one."""
    _: KW_ONLY
    out: Path
    """File to write (.npz)."""
    difficulty: str | None = None
    """Of the puzzles searched (default: the usual one)."""
    seed: int = 0
    """Of the puzzles searched."""
    search: int = 200
    """Puzzles to look at."""
    unsolved: bool = False
    """Look for a puzzle the model fails on."""
    aim_steps: int = 5
    """Look for a solve of about so many steps."""
    steps: int | None = None
    """Supervision steps at most (default: 16; with pencil marks 1000)."""
    votes: int = 1
    """Ask in so many ways."""
    stop: Stop = "rules"
    latents: bool = False
    """Keep y and z of every step, fp16."""
    device: str | None = None
    """cpu, cuda, mps (default: the best there is)."""


def run(options: Options) -> int:
    """Record the given puzzle, or the most telling one among the puzzles searched.

    Telling means: as many steps as `--aim-steps`, and then as many changed minds as possible.
    """
    model, card = checkpoint.load(checkpoint.find(options.checkpoint), pick_device(options.device))
    chosen = domain(card.domain)
    solver = Solver(model, chosen, checkpoint=card.name)
    steps = card.usual_steps if options.steps is None else options.steps
    settings = Settings(steps=steps, stop=options.stop, votes=options.votes)
    if options.puzzle:
        question = chosen.parse(options.puzzle)
        chosen.rules.check_question(question)
        best = solver.solve(
            question,
            settings,
            _only_solution(chosen, question),
            keep_latents=options.latents,
        )
    else:
        rng = visitor_rng(options.seed)
        puzzles = chosen.maker.generate_many(
            rng, options.difficulty or chosen.maker.usual, options.search
        )
        questions = [puzzle.question_RC for puzzle in puzzles]
        solved = [
            solver.solve(q, settings, _only_solution(chosen, q), keep_latents=options.latents)
            for q in questions
        ]
        fitting = [s for s in solved if s.solved is not options.unsolved]
        if not fitting:
            print("no such puzzle found; look at more with --search")
            return 1
        best = max(fitting, key=lambda s: (-abs(s.steps - options.aim_steps), _changes(s)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    best.trace.save(options.out)
    print(
        f"wrote {options.out}: {chosen.format(best.trace.question_board)}, "
        f"{'solved' if best.solved else 'not solved'} in {best.steps} steps"
    )
    return 0


def _only_solution(chosen: Domain, question_RC: np.ndarray) -> np.ndarray | None:
    """None where there are several: no cell is then wrong for differing from one of them."""
    solutions = chosen.rules.solutions(question_RC, limit=2)
    return solutions[0] if len(solutions) == 1 else None


def _changes(solution: Solution) -> int:
    return int(solution.trace.changed("cycles").sum())
