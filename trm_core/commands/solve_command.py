"""`python -m trm_core solve PUZZLE`: the board changing in the terminal, or one line of JSON."""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np

from trm_core import checkpoint
from trm_core.device import describe, pick_device
from trm_core.domains import DOMAINS, Domain, PuzzleError, domain
from trm_core.solver import STOPS, Settings, Solution, Solver, SolveStep

BOLD, BLUE, PLAIN = "\033[1m", "\033[34m", "\033[0m"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("puzzle", help="the cells in one string; 0 or . for blanks; - reads stdin")
    parser.add_argument("--domain", help=f"one of {', '.join(DOMAINS)} (default: by length)")
    parser.add_argument("--checkpoint", help="a bundled checkpoint's name, or a file")
    parser.add_argument("--steps", type=int, default=16, help="supervision steps at most")
    parser.add_argument("--stop", choices=STOPS, default="rules", help="when to stop earlier")
    parser.add_argument("--vote", type=int, default=1, metavar="K", help="ask it K ways")
    parser.add_argument("--seed", type=int, default=0, help="of those ways")
    parser.add_argument("--device", help="cpu, cuda, mps (default: the best there is)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")


def run(options: argparse.Namespace) -> int:
    text = sys.stdin.read() if options.puzzle == "-" else options.puzzle
    chosen = domain(options.domain) if options.domain else _by_length(text, options.checkpoint)
    question = chosen.parse(text)
    chosen.check_question(question)
    model, card = checkpoint.load(
        checkpoint.find(options.checkpoint or chosen.name), pick_device(options.device)
    )
    solver = Solver(model, chosen, checkpoint=card.name)
    settings = Settings(
        steps=options.steps, stop=options.stop, votes=options.vote, seed=options.seed
    )
    solving = solver.start(question, settings)
    for step in solving:
        if not options.json:
            _draw(chosen, question, step, redraw=step.step > 1 and sys.stdout.isatty())
    solution = solving.solution
    if options.json:
        print(json.dumps(_as_json(chosen, question, solution)))
    else:
        print(_verdict(solution, describe(model.device)))
    return 0 if solution.solved else 1


def _by_length(text: str, checkpoint_name: str | None) -> Domain:
    """The checkpoint's domain, else the one whose cells the text fills."""
    if checkpoint_name:
        return domain(checkpoint.read_card(checkpoint.find(checkpoint_name)).domain)
    for candidate in DOMAINS.values():
        try:
            candidate.parse(text)
        except PuzzleError:
            continue
        return candidate
    return domain("sudoku-9x9")  # the usual one explains what is wrong with the text


def _as_json(chosen: Domain, question: np.ndarray, solution: Solution) -> dict[str, object]:
    return {
        "question": chosen.format(question),
        "answer": chosen.format(solution.answer_RC),
        "solved": solution.solved,
        "valid": solution.valid,
        "steps": solution.steps,
        "seconds": round(solution.seconds, 4),
        "halting_probability": round(solution.halt_probability, 6),
    }


def _draw(chosen: Domain, question: np.ndarray, step: SolveStep, redraw: bool) -> None:
    """The board, givens bold, guesses blue; over the last one where a terminal is watching."""
    colours = sys.stdout.isatty()
    lines = [
        f"step {step.step}: {step.changed} cells changed, "
        f"{100 * step.confidence:.0f} % sure of its cells, "
        f"{100 * step.halt_probability:.0f} % sure to be done"
    ]
    for row_C, given_C in zip(step.board_RC, chosen.given(question), strict=True):
        cells = [str(v) if v else "." for v in row_C]
        if colours:
            pairs = zip(cells, given_C, strict=True)
            cells = [f"{BOLD if given else BLUE}{cell}{PLAIN}" for cell, given in pairs]
        lines.append(" ".join(cells))
    up = f"\033[{len(lines) + 1}A\033[J" if redraw else ""
    print(up + "\n".join(lines) + "\n")


def _verdict(solution: Solution, device: str) -> str:
    steps = "1 step" if solution.steps == 1 else f"{solution.steps} steps"
    outcome = "solved" if solution.solved else "not solved"
    ways = f", {solution.ways_solved} of {solution.ways} ways" if solution.ways > 1 else ""
    return (
        f"{outcome} in {steps} and {solution.seconds:.2f} s on {device}{ways}; "
        f"{solution.stopped}, {100 * solution.halt_probability:.0f} % sure to be done"
    )
