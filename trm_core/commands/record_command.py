"""`python -m trm_core record`: record a real solve into a trace file, for instant first screens."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from trm_core.device import pick_device
from trm_core.domains import Domain, domain, visitor_rng
from trm_core.solving.settings import STOPS, Settings
from trm_core.solving.solver import Solution, Solver
from trm_core.weights import checkpoint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", help="a bundled checkpoint's name, or a file")
    parser.add_argument(
        "puzzle", nargs="?", help="the cells in one string; default: search for one"
    )
    parser.add_argument("--difficulty", help="of the puzzles searched (default: the usual one)")
    parser.add_argument("--seed", type=int, default=0, help="of the puzzles searched")
    parser.add_argument("--search", type=int, default=200, help="puzzles to look at (default: 200)")
    parser.add_argument(
        "--unsolved", action="store_true", help="look for a puzzle the model fails on"
    )
    parser.add_argument(
        "--aim-steps", type=int, default=5, help="look for a solve of about so many steps"
    )
    parser.add_argument(
        "--steps", type=int, help="supervision steps at most (default: 16; with pencil marks 256)"
    )
    parser.add_argument("--votes", type=int, default=1, help="ask in so many ways (default: 1)")
    parser.add_argument("--stop", choices=STOPS, default="rules")
    parser.add_argument("--latents", action="store_true", help="keep y and z of every step, fp16")
    parser.add_argument("--device", help="cpu, cuda, mps (default: the best there is)")
    parser.add_argument("--out", type=Path, required=True, help="file to write (.npz)")


def run(options: argparse.Namespace) -> int:
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
