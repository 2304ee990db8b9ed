"""`python -m trm_core solve PUZZLE`: the board changing in the terminal, or one line of JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from trm_core.commands.read_command import content_of
from trm_core.device import describe, pick_device
from trm_core.domains import DOMAINS, Domain, PuzzleError, counted, domain
from trm_core.readers.upload import read_text, read_upload
from trm_core.record.trace import Trace
from trm_core.record.verdict import ENDED
from trm_core.solving.settings import STOPS, Settings
from trm_core.solving.solver import Solution, Solver, SolveStep
from trm_core.weights import checkpoint
from trm_core.weights.card import bundled, fitting, read_card

BOLD, BLUE, PLAIN = "\033[1m", "\033[34m", "\033[0m"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "puzzle", help="the cells in one string, 0 or . for blanks; or a file; - reads stdin"
    )
    parser.add_argument("--domain", help=f"one of {', '.join(DOMAINS)} (default: by length)")
    parser.add_argument("--checkpoint", help="a bundled checkpoint's name, or a file")
    parser.add_argument(
        "--steps", type=int, help="supervision steps at most (default: 16; with pencil marks 256)"
    )
    parser.add_argument("--stop", choices=STOPS, default="rules", help="when to stop earlier")
    parser.add_argument("--vote", type=int, default=1, metavar="K", help="ask it K ways")
    parser.add_argument(
        "--goes",
        type=int,
        metavar="K",
        help="for models with pencil marks: so many goes at once, until one is right",
    )
    parser.add_argument(
        "--noise", type=float, default=0.0, help="on the answer of each further way, before a step"
    )
    parser.add_argument("--seed", type=int, default=0, help="of those ways and their noise")
    parser.add_argument("--device", help="cpu, cuda, mps (default: the best there is)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")


def run(options: argparse.Namespace) -> int:
    preferred = domain(options.domain) if options.domain else _preferred(options.checkpoint)
    if options.puzzle == "-" or _is_file(options.puzzle):
        found = read_upload(content_of(options.puzzle), preferred)
    else:
        found = read_text(options.puzzle, preferred)
    chosen = found.domain
    if options.domain and chosen.name != options.domain:
        raise PuzzleError(f"this is a {chosen.title}, and --domain says {options.domain}")
    question = found.question_board if isinstance(found, Trace) else found.board_RC
    chosen.rules.check_question(question)
    name = options.checkpoint or _usual(chosen)
    model, card = checkpoint.load(checkpoint.find(name), pick_device(options.device), asked=chosen)
    solver = Solver(model, domain(card.domain), checkpoint=card.name)
    settings = Settings(
        steps=card.usual_steps if options.steps is None else options.steps,
        stop=options.stop,
        votes=options.goes or options.vote,
        race=options.goes is not None,
        noise=options.noise,
        seed=options.seed,
    )
    solving = solver.start(question, settings, domain=chosen)
    for step in solving:
        if not options.json:
            _draw(chosen, question, step, redraw=step.step > 1 and sys.stdout.isatty())
    solution = solving.solution
    if options.json:
        print(json.dumps(_as_json(chosen, question, solution)))
    else:
        print(_verdict(solution, describe(model.device)))
    return 0 if solution.solved else 1


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name
        return False


def _preferred(checkpoint_name: str | None) -> Domain:
    """The domain to read the text as, if it can be: the checkpoint's."""
    if checkpoint_name:
        return domain(read_card(checkpoint.find(checkpoint_name)).domain)
    return domain("sudoku-9x9")  # the usual one explains what is wrong with the text


def _usual(chosen: Domain) -> str:
    """The bundled checkpoint that solves a puzzle where nobody chooses another."""
    cards = {name: read_card(path) for name, path in bundled().items()}
    return next(iter(fitting(cards, chosen)), chosen.name)


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
        f"step {step.step}: {counted(step.changed, 'cell')} changed, "
        f"{100 * step.confidence:.0f} % sure of its cells, "
        f"{100 * step.halt_probability:.0f} % sure to be done"
    ]
    written = {value: s.text for value, s in chosen.drawing.every_symbol.items()}
    for row_C, given_C in zip(step.board_RC, chosen.given(question), strict=True):
        cells = [written.get(int(v), "?") for v in row_C]
        if colours:
            pairs = zip(cells, given_C, strict=True)
            cells = [f"{BOLD if given else BLUE}{cell}{PLAIN}" for cell, given in pairs]
        lines.append(" ".join(cells))
    up = f"\033[{len(lines) + 1}A\033[J" if redraw else ""
    print(up + "\n".join(lines) + "\n")


def _verdict(solution: Solution, device: str) -> str:
    steps = counted(solution.steps, "step")
    outcome = "solved" if solution.solved else "not solved"
    ways = f", {solution.ways_solved} of {solution.ways} ways" if solution.ways > 1 else ""
    ended = ENDED[solution.stopped]
    return (
        f"{outcome} in {steps} and {solution.seconds:.2f} s on {device}{ways}; "
        f"{ended[0].lower()}{ended[1:]}; it was {100 * solution.halt_probability:.0f} % sure to be done"
    )
