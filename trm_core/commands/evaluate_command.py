"""`python -m trm_core evaluate CHECKPOINT`: exact accuracy by depth on fresh or given puzzles."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist

from trm_core.commands.options import FLAT, Stop
from trm_core.commands.sets import SetOptions
from trm_core.commands.waiting import STOPPED, Meter, stoppable
from trm_core.device import describe, joined_processes, pick_device
from trm_core.domains import Domain, Pairs, PuzzleError, domain
from trm_core.lesson.ablations import asked_for, done_to
from trm_core.measuring.evaluate import (
    Evaluation,
    States,
    VoteEvaluation,
    curve,
    evaluate_goes,
    evaluate_votes,
    examine,
)
from trm_core.measuring.throughput import step_work
from trm_core.network.model import TinyRecursiveModel
from trm_core.record.outcomes import Outcomes
from trm_core.solving.settings import MOST_NOISE, MOST_VOTES
from trm_core.weights import checkpoint
from trm_core.weights.card import Card, read_card


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    checkpoint: str
    """A bundled checkpoint's name, or a file."""
    _: KW_ONLY
    among: SetOptions = field(default_factory=SetOptions)
    domain: str | None = None
    """Puzzles of another size, where the model's weights know none: sudoku-6x6."""
    steps: int = 16
    """Supervision steps at most."""
    stop: Stop = "steps"
    """End a puzzle when the model says it is done, when its answer obeys the rules, or never early."""
    votes: int | None = None
    """Measure asking every puzzle 1, 2, 4 ... K ways."""
    goes: int | None = None
    """Measure 1, 2, 4 ... K goes at once, for models with pencil marks: a puzzle is over when one go is right."""
    noise: float = 0.0
    """Noise on y before every step, its standard deviation; with --votes, of each further way."""
    intervene: list[str] = field(default_factory=list)
    """What is done to y or z, from a step on: blank-z@3, freeze-z, forget-y, hide-x (may be given several times)."""
    device: str | None = None
    """cpu, cuda, mps (default: the best there is)."""
    json: bool = False
    """Print one JSON object."""
    curves: Path | None = None
    """Also keep the curve in this JSON file, for the app to plot."""
    outcomes: Path | None = None
    """Also keep what became of every puzzle in this table: .parquet (which the app opens), .csv, .json."""
    states: Path | None = None
    """Also keep y and z of every step in this .npz (y_NSMD and z_NSMD, half precision)."""
    to_card: bool = False
    """Also write the result into the checkpoint's card."""


def run(options: Options) -> int:
    _check(options)
    with joined_processes(pick_device(options.device)) as device:
        return _evaluate(options, device)


def _check(options: Options) -> None:
    """Raises `PuzzleError` for what doesn't go together."""
    if options.goes is not None and options.votes is not None:
        raise PuzzleError("--goes and --votes both ask several times: give one of them")
    options.among.check()
    if not 1 <= options.steps <= 1024:
        raise PuzzleError("--steps must lie in 1..1024")
    single = int(os.environ.get("WORLD_SIZE", "1")) == 1
    for name, ways in (("--votes", options.votes), ("--goes", options.goes)):
        if ways is None:
            continue
        if not 1 <= ways <= MOST_VOTES:
            raise PuzzleError(f"{name} must lie in 1..{MOST_VOTES}")
        for other in ("outcomes", "states", "intervene"):
            if getattr(options, other):
                raise PuzzleError(
                    f"--{other} is of one answer a puzzle and does not go with {name}"
                )
        if not single:
            raise PuzzleError(f"{name} is measured by one process")
    if options.states is not None and (options.states.suffix != ".npz" or not single):
        raise PuzzleError("--states writes a file that ends in .npz, by one process")
    if not 0 <= options.noise <= MOST_NOISE or (options.noise and options.goes is not None):
        raise PuzzleError(f"--noise must lie in 0..{MOST_NOISE:g} and does not go with --goes")
    endings = (".parquet", ".csv", ".json")
    if options.outcomes is not None and options.outcomes.suffix not in endings:
        raise PuzzleError(f"--outcomes writes files that end in {', '.join(endings)}")
    for text in options.intervene:
        asked_for(text)


def _evaluate(options: Options, device: torch.device) -> int:
    path = checkpoint.find(options.checkpoint)
    home = read_card(path).domain
    model, card = checkpoint.load(path, device, asked=domain(options.domain or home))
    chosen = domain(card.domain)
    pairs, name = options.among.pairs(chosen)
    if card.domain != home:
        name = name.replace("puzzles", f"{chosen.title}s")
    if options.goes is not None or options.votes is not None:
        return _several(options, path, card, device, model, pairs, name)
    done = [*options.intervene, *([f"noise {options.noise:g}"] if options.noise else [])]
    asked = name + "".join(f", {words}" for words in done)
    keeps = options.states is not None
    states = States(len(pairs), options.steps, model) if keeps else None
    meter, began = Meter(len(pairs), "puzzles"), time.perf_counter()
    with stoppable() as stop:
        outcomes = examine(
            model,
            chosen,
            pairs,
            meter,
            lambda: stop.pressed,
            most_steps=options.steps,
            stop=options.stop,
            checkpoint=card.name,
            interventions=done_to(options.intervene, options.noise, model, chosen),
            states=states,
        )
    if stop.pressed:
        if not len(outcomes):
            raise KeyboardInterrupt
        print(f"stopped: {len(outcomes)} of {len(pairs)} puzzles are done", file=sys.stderr)
        asked = f"{asked}, stopped after {len(outcomes)} of them"
    result = Evaluation.of(outcomes, time.perf_counter() - began)
    if dist.is_initialized() and dist.get_rank():
        return 0  # the first process speaks for all
    if options.outcomes is not None:
        _keep_outcomes(replace(outcomes, set_name=asked), options.outcomes)
    if states is not None and options.states is not None:
        kept = outcomes.index_N
        options.states.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            options.states,
            y_NSMD=states.y_NSMD[kept],
            z_NSMD=states.z_NSMD[kept],
            question_NL=outcomes.question_NL,
            solved_NS=outcomes.solved_NS,
        )
    if stop.pressed:  # a part of the set is shown, and kept nowhere as if it were the whole
        options = replace(options, curves=None, to_card=False)
    ended = _ENDED[options.stop].format(options.steps)
    _told(options, path, card, device, asked, "depth", ended, result)
    return STOPPED if stop.pressed else 0


def _several(
    options: Options,
    path: Path,
    card: Card,
    device: torch.device,
    model: TinyRecursiveModel,
    pairs: Pairs,
    name: str,
) -> int:
    """Each puzzle asked several times."""
    chosen, meter = domain(card.domain), Meter(len(pairs), "puzzles")
    asked: dict[str, Any] = {"most_steps": options.steps, "progress": meter}
    with stoppable() as stop:
        asked["enough"] = lambda: stop.pressed and meter.done > 0
        if options.goes is not None:
            words = f", up to {options.goes} goes at once of {options.steps} steps"
            asked["goes"] = options.goes
            found: VoteEvaluation = evaluate_goes(model, chosen, pairs, **asked)
        else:
            words = f", up to {options.votes} ways of {options.steps} steps"
            words += f", noise {options.noise:g}" if options.noise else ""
            asked |= {"votes": options.votes, "noise": options.noise}
            found = evaluate_votes(model, chosen, pairs, **asked)
    if stop.pressed and found.puzzles < len(pairs):
        print(f"stopped: the first {found.puzzles} of {len(pairs)} puzzles count", file=sys.stderr)
        name = f"{name}, stopped after {found.puzzles} of them"
        options = replace(options, curves=None, to_card=False)
    _told(options, path, card, device, name, "votes", words, found)
    return STOPPED if stop.pressed else 0


def _told(
    options: Options,
    path: Path,
    card: Card,
    device: torch.device,
    test_set: str,
    kind: str,
    words: str,
    result: Evaluation | VoteEvaluation,
) -> None:
    """Print what came of it, and keep it where that is asked for."""
    name = test_set + words
    if options.json:
        print(json.dumps({"checkpoint": card.name, "set": name} | result.as_dict()))
    else:
        print(f"{card.name} on {name}, {describe(device)}\n{result}")
    if options.curves is not None:
        _keep_curve(options, card, test_set, kind, result)
    if options.to_card:
        entry = {
            "set": name,
            "domain": card.domain,
            "command": _command(options, domain(card.domain)),
        } | result.as_dict()
        card = read_card(path)
        checkpoint.save_card(path, card.with_result(json.loads(json.dumps(entry))))


def _keep_outcomes(outcomes: Outcomes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        path.write_text(outcomes.as_csv())
    elif path.suffix == ".json":
        path.write_text(outcomes.as_json() + "\n")
    else:
        outcomes.save(path)


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
        "command": _command(options, domain(card.domain)),
        "steps": result.most_steps,
        "points": curve(result),
    }
    options.curves.parent.mkdir(parents=True, exist_ok=True)
    options.curves.write_text(json.dumps(kept, indent=1) + "\n")


def _command(options: Options, asked: Domain) -> str:
    words = ["python -m trm_core evaluate", Path(options.checkpoint).stem]
    if options.domain is not None:
        words += ["--domain", options.domain]
    if options.among.csv is not None:
        words += ["--csv", options.among.csv.name]
    elif options.among.data is not None:
        words += ["--data", options.among.data.resolve().name]
    else:
        words += ["--difficulty", options.among.kind(asked), "--seed", str(options.among.seed)]
    if options.among.puzzles is not None:
        words += ["--puzzles", str(options.among.puzzles)]
    words += ["--steps", str(options.steps)]
    if options.among.rows is not None:
        words += ["--rows", options.among.rows]
    for text in options.intervene:
        words += ["--intervene", text]
    if options.stop != "steps":
        words += ["--stop", options.stop]
    for flag, ways in (("--votes", options.votes), ("--goes", options.goes)):
        if ways is not None:
            words += [flag, str(ways)]
    if options.noise:
        words += ["--noise", f"{options.noise:g}"]
    return " ".join(words)
