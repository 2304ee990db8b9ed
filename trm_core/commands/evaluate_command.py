"""`python -m trm_core evaluate CHECKPOINT`: exact accuracy by depth on fresh or given puzzles."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

import torch
import torch.distributed as dist

from trm_core.commands.options import FLAT, Stop
from trm_core.device import describe, joined_processes, pick_device
from trm_core.domains import Domain, Pairs, PuzzleError, domain
from trm_core.measuring.evaluate import (
    Evaluation,
    VoteEvaluation,
    curve,
    evaluate_goes,
    evaluate_votes,
    examine,
)
from trm_core.measuring.throughput import step_work
from trm_core.record.outcomes import Outcomes
from trm_core.solving.settings import MOST_NOISE, MOST_VOTES
from trm_core.training.data import from_csv, generated
from trm_core.weights import checkpoint
from trm_core.weights.card import Card, read_card


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    checkpoint: str
    """A bundled checkpoint's name, or a file."""
    _: KW_ONLY
    puzzles: int | None = None
    """How many (default: 1000 fresh ones, or all of the CSV)."""
    seed: int = 7
    """Of the fresh puzzles."""
    difficulty: str | None = None
    """Of the fresh puzzles (default: minimal, or mixed where there is none)."""
    domain: str | None = None
    """Puzzles of another size, where the model's weights know none: sudoku-6x6."""
    csv: Path | None = None
    """Measure on this CSV (columns question, answer)."""
    steps: int = 16
    """Supervision steps at most."""
    stop: Stop = "steps"
    """End a puzzle when the model says it is done, when its answer obeys the rules, or never early."""
    votes: int | None = None
    """Measure asking every puzzle 1, 2, 4 ... K ways."""
    goes: int | None = None
    """Measure 1, 2, 4 ... K goes at once, for models with pencil marks: a puzzle is over when one go is right."""
    noise: float = 0.0
    """With --votes: noise on y before every step of each further way, its standard deviation."""
    device: str | None = None
    """cpu, cuda, mps (default: the best there is)."""
    json: bool = False
    """Print one JSON object."""
    curves: Path | None = None
    """Also keep the curve in this JSON file, for the app to plot."""
    outcomes: Path | None = None
    """Also keep what became of every puzzle in this table: .parquet (which the app opens), .csv, .json."""
    to_card: bool = False
    """Also write the result into the checkpoint's card."""


def run(options: Options) -> int:
    if options.goes is not None and options.votes is not None:
        raise PuzzleError("--goes and --votes both ask several times: give one of them")
    if (options.puzzles is not None and options.puzzles < 1) or not 1 <= options.steps <= 1024:
        raise PuzzleError("--puzzles must be at least 1 and --steps must lie in 1..1024")
    for name, ways in (("--votes", options.votes), ("--goes", options.goes)):
        if ways is None:
            continue
        if not 1 <= ways <= MOST_VOTES:
            raise PuzzleError(f"{name} must lie in 1..{MOST_VOTES}")
        if options.outcomes is not None:
            raise PuzzleError(f"--outcomes keeps one answer a puzzle and does not go with {name}")
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            raise PuzzleError(f"{name} is measured by one process")
    if not 0 <= options.noise <= MOST_NOISE or (options.noise and options.votes is None):
        raise PuzzleError(f"--noise must lie in 0..{MOST_NOISE:g} and goes with --votes")
    endings = (".parquet", ".csv", ".json")
    if options.outcomes is not None and options.outcomes.suffix not in endings:
        raise PuzzleError(f"--outcomes writes files that end in {', '.join(endings)}")
    with joined_processes(pick_device(options.device)) as device:
        return _evaluate(options, device)


def _evaluate(options: Options, device: torch.device) -> int:
    path = checkpoint.find(options.checkpoint)
    home = read_card(path).domain
    model, card = checkpoint.load(path, device, asked=domain(options.domain or home))
    chosen = domain(card.domain)
    if options.difficulty is None:
        maker = chosen.maker
        options.difficulty = "minimal" if "minimal" in maker.difficulties else maker.usual
    pairs, name = _test_set(options, chosen)
    if card.domain != home:
        name = name.replace("puzzles", f"{chosen.title}s")
    result: Evaluation | VoteEvaluation
    if options.goes is not None:
        kind, test_set = "votes", name
        name += f", up to {options.goes} goes at once of {options.steps} steps"
        result = evaluate_goes(model, chosen, pairs, goes=options.goes, most_steps=options.steps)
    elif options.votes is not None:
        kind, test_set = "votes", name
        name += f", up to {options.votes} ways of {options.steps} steps"
        if options.noise:
            name += f", noise {options.noise:g}"
        result = evaluate_votes(
            model,
            chosen,
            pairs,
            votes=options.votes,
            most_steps=options.steps,
            noise=options.noise,
        )
    else:
        kind, test_set = "depth", name
        name += _ENDED[options.stop].format(options.steps)
        began = time.perf_counter()
        outcomes = examine(
            model,
            chosen,
            pairs,
            _progress if sys.stderr.isatty() else None,
            most_steps=options.steps,
            stop=options.stop,
            checkpoint=card.name,
        )
        result = Evaluation.of(outcomes, time.perf_counter() - began)
    if dist.is_initialized() and dist.get_rank():
        return 0  # the first process speaks for all
    if options.outcomes is not None:
        _keep_outcomes(replace(outcomes, set_name=test_set), options.outcomes)
    if options.json:
        print(json.dumps({"checkpoint": card.name, "set": name} | result.as_dict()))
    else:
        print(f"{card.name} on {name}, {describe(device)}\n{result}")
    if options.curves is not None:
        _keep_curve(options, card, test_set, kind, result)
    if options.to_card:
        entry = {
            "set": name,
            "domain": chosen.name,
            "command": _command(options),
        } | result.as_dict()
        card = read_card(path)
        checkpoint.save_card(path, card.with_result(json.loads(json.dumps(entry))))
    return 0


def _keep_outcomes(outcomes: Outcomes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        path.write_text(outcomes.as_csv())
    elif path.suffix == ".json":
        path.write_text(outcomes.as_json() + "\n")
    else:
        outcomes.save(path)


def _progress(done: int, of: int) -> None:
    """On a terminal, how far it is."""
    print(f"\r{done} of {of} puzzles", end="\n" if done == of else "", file=sys.stderr, flush=True)


# What follows the name of the test set in a result's name.
_ENDED = {
    "steps": ", all {} steps",
    "halt": ", halting by itself",
    "rules": ", up to {} steps until the rules are obeyed",
}


def _keep_curve(options, card: Card, test_set: str, kind: str, result) -> None:
    """Put one curve into the file of this checkpoint and test set, with what one step costs; the other
    kinds stay."""
    about = {
        "checkpoint": card.name,
        "set": test_set,
        "puzzles": result.puzzles,
        "calls": card.model.calls_per_step,
        "mflop": round(step_work(card.model, learning=False) / 1e6, 1),
    }
    kept = json.loads(options.curves.read_text()) if options.curves.is_file() else {}
    if {name: kept.get(name) for name in about} != about:
        kept = about
    kept[kind] = {
        "command": _command(options),
        "steps": result.most_steps,
        "points": curve(result),
    }
    options.curves.parent.mkdir(parents=True, exist_ok=True)
    options.curves.write_text(json.dumps(kept, indent=1) + "\n")


def _test_set(options: Options, chosen: Domain) -> tuple[Pairs, str]:
    if options.csv is not None:
        pairs = from_csv(chosen, options.csv)[slice(options.puzzles)]
        return pairs, f"{len(pairs)} puzzles of {options.csv.name}"
    # Seeds of test sets are kept apart from the seeds of training sets.
    pairs = generated(chosen, options.difficulty, options.puzzles or 1000, 1_000_000 + options.seed)
    return pairs, f"{len(pairs)} fresh {options.difficulty} puzzles, seed {options.seed}"


def _command(options: Options) -> str:
    words = ["python -m trm_core evaluate", Path(options.checkpoint).stem]
    if options.domain is not None:
        words += ["--domain", options.domain]
    if options.csv is not None:
        words += ["--csv", options.csv.name]
    else:
        words += ["--difficulty", options.difficulty, "--seed", str(options.seed)]
    if options.puzzles is not None:
        words += ["--puzzles", str(options.puzzles)]
    words += ["--steps", str(options.steps)]
    if options.stop != "steps":
        words += ["--stop", options.stop]
    for flag, ways in (("--votes", options.votes), ("--goes", options.goes)):
        if ways is not None:
            words += [flag, str(ways)]
    if options.noise:
        words += ["--noise", f"{options.noise:g}"]
    return " ".join(words)
