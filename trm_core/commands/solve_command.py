"""`python -m trm_core solve PUZZLE`: the board changing in the terminal, or one line of JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import KW_ONLY, dataclass
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from trm_core.commands.options import FLAT, HYPHEN, Stop, is_file
from trm_core.commands.read_command import content_of
from trm_core.device import describe, pick_device
from trm_core.domains import DOMAINS, Domain, PuzzleError, SearchLimitError, counted, domain
from trm_core.readers.upload import read_text, read_upload
from trm_core.record.trace import Trace
from trm_core.record.verdict import ENDED
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solution, Solver, SolveStep
from trm_core.weights import checkpoint
from trm_core.weights.card import bundled, fitting, read_card

BOLD, BLUE, PLAIN = "\033[1m", "\033[34m", "\033[0m"


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    puzzle: Annotated[str, HYPHEN]
    """The cells in one string, 0 or . for blanks; or a file; - reads stdin."""
    _: KW_ONLY
    domain: Annotated[
        str | None, Parameter(help=f"one of {', '.join(DOMAINS)} (default: by length)")
    ] = None
    checkpoint: str | None = None
    """A bundled checkpoint's name, or a file."""
    steps: int | None = None
    """Supervision steps at most (default: 16; with pencil marks 1000)."""
    stop: Stop = "rules"
    """When to stop earlier."""
    vote: int = 1
    """Ask it K ways."""
    goes: int | None = None
    """For models with pencil marks: so many goes at once, until one is right."""
    noise: float = 0.0
    """On the answer of each further way, before a step."""
    seed: int = 0
    """Of those ways and their noise."""
    device: str | None = None
    """cpu, cuda, mps (default: the best there is)."""
    json: bool = False
    """Print one JSON object, nothing else."""


def run(options: Options) -> int:
    preferred = domain(options.domain) if options.domain else _preferred(options.checkpoint)
    if options.puzzle == "-" or is_file(options.puzzle):
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
    if options.goes is not None and not card.makes_marks:
        raise PuzzleError(f"--goes is for models with pencil marks, and {card.name} makes none")
    solver = Solver(model, domain(card.domain), checkpoint=card.name)
    settings = Settings(
        steps=card.usual_steps if options.steps is None else options.steps,
        stop=options.stop,
        votes=options.goes or options.vote,
        race=options.goes is not None,
        noise=options.noise,
        seed=options.seed,
    )
    solutions = _solutions(chosen, question)
    if solutions not in (None, 1) and not options.json:
        print(chosen.rules.summary(question, solutions))
    solving = solver.start(question, settings, domain=chosen)
    for step in solving:
        if not options.json:
            _draw(chosen, question, step, redraw=step.step > 1 and sys.stdout.isatty())
    solution = solving.solution
    if options.json:
        print(json.dumps(_as_json(chosen, question, solution) | {"solutions": solutions}))
    else:
        print(_verdict(solution, describe(model.device)))
    return 0 if solution.solved else 1


def _solutions(chosen: Domain, question: np.ndarray) -> int | None:
    """How many solutions the puzzle has, 2 for several; None where a search for them was given up."""
    try:
        return len(chosen.rules.solutions(question, limit=2))
    except SearchLimitError:
        return None


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
