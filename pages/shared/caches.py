"""What is kept between reruns: loaded models, recorded traces, built figures. All bounded."""

from __future__ import annotations

import contextlib
import importlib
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.shared import own_models
from pages.shared.frame import ASSETS
from trm_core.domains import Domain, Puzzle, SearchLimitError, domain, learnable
from trm_core.figures.accuracy import KINDS, accuracy_figure, work_figure
from trm_core.figures.board import history_sentences
from trm_core.figures.glossary import pictures
from trm_core.figures.lens import lens_figure
from trm_core.figures.scratchpad import movement_figure, path_figure
from trm_core.figures.solve import board_figure, curves_figure
from trm_core.lesson.trials import FEATURES, MARKS, Trial
from trm_core.readers import arc_tasks
from trm_core.readers.puzzle_file import puzzles_in, read_puzzles
from trm_core.record import task_results
from trm_core.record.learning import Learning
from trm_core.record.outcomes import Outcomes
from trm_core.record.task_learning import TaskLearning
from trm_core.record.trace import Trace
from trm_core.solving.settings import Settings
from trm_core.weights.card import (
    Card,
    CheckpointError,
    bundled,
    find,
    parameter_count,
    read_card,
    small,
)

OUTCOMES = ASSETS / "outcomes"
LEARNING = ASSETS / "learning"
LARGEST_FILE = 64 * 2**20  # bytes that a file of puzzles may unpack to


def solver(checkpoint_name: str, asked: Domain):
    """A solver for a checkpoint that can be asked this puzzle; one is shared by all visitors, who then
    share batches. Raises `CheckpointError` where there is none."""
    known = known_cards().get(checkpoint_name)
    reading = None if known is None else known.reading(asked)
    return _solver(checkpoint_name, asked.name if reading is None else reading.domain)


@st.cache_resource(max_entries=8, show_spinner=False)
def _solver(checkpoint_name: str, domain_name: str):
    # Imported here, so that a page that only plays a trace never waits for torch.
    from trm_core.device import pick_device
    from trm_core.solving.solver import Solver
    from trm_core.weights import checkpoint

    model, card = checkpoint.load(
        path_of(checkpoint_name), pick_device(), asked=domain(domain_name)
    )
    return Solver(model, domain(card.domain), checkpoint=checkpoint_name)


@st.cache_resource(max_entries=4, show_spinner=False)
def lesson_solver(trial: Trial):
    """A solver for a trial of the lesson."""
    from trm_core.lesson.ablations import solver_for

    return solver_for(trial)


@st.cache_resource(max_entries=16, show_spinner=False)
def warm(checkpoint_name: str, domain_name: str) -> None:
    """Load torch, and the model that a page may soon ask, beside the page; once for all visitors."""

    def load() -> None:
        importlib.import_module("trm_core.weights.checkpoint")
        importlib.import_module("trm_core.solving.solver")
        if checkpoint_name in cards():
            solver(checkpoint_name, domain(domain_name))

    threading.Thread(target=load, daemon=True).start()


@st.cache_resource(max_entries=1, show_spinner=False)
def cards() -> dict[str, Card]:
    """The cards of all bundled checkpoints that can be read, by name."""
    found = {}
    for name, path in bundled().items():
        with contextlib.suppress(CheckpointError):  # solving with it says what is wrong
            found[name] = read_card(path)
    return found


def known_cards() -> dict[str, Card]:
    """The cards of all models that the visitor can ask: the bundled ones, small ones, and their own."""
    return cards() | small_cards() | own_models.cards()


def path_of(checkpoint_name: str) -> Path:
    """The file of a bundled model or a visitor's own. Raises `CheckpointError` where there is none."""
    own = own_models.path_of(checkpoint_name)
    if own is None and checkpoint_name.startswith(own_models.PREFIX):
        raise CheckpointError("this model of your own is no longer here: open it again")
    return own or find(checkpoint_name)


@st.cache_resource(max_entries=32, show_spinner=False)
def parameters(checkpoint_name: str) -> int:
    """How many numbers a checkpoint holds."""
    return parameter_count(path_of(checkpoint_name))


def largest_canvas(prefix: str) -> int:
    """Cells a side of the largest canvas that a bundled checkpoint of these domains reads."""
    sides = [
        min(card.model.rows, card.model.cols)
        for card in cards().values()
        if card.domain.startswith(prefix)
    ]
    return max(sides, default=13)


@st.cache_resource(max_entries=32, show_spinner=False)
def recorded_trace(path: Path) -> Trace:
    """A trace bundled under assets/traces."""
    return Trace.load(path)


@st.cache_resource(max_entries=2, show_spinner=False)
def word_pictures(dark: bool) -> dict[str, str]:
    """Pictures of the lesson's words, as SVG."""
    features, marks = (
        recorded_trace(ASSETS / "lesson" / f"{t.name}.npz") for t in (FEATURES, MARKS)
    )
    return pictures(features, marks, dark=dark)


@st.cache_resource(max_entries=1, show_spinner=False)
def lesson_measured() -> dict[str, Any]:
    """What the command `lesson` measured."""
    return json.loads((ASSETS / "lesson" / "measured.json").read_text())


@st.cache_resource(max_entries=8, show_spinner=False)
def bundled_puzzles(domain_name: str) -> list[Puzzle]:
    """The puzzles under assets/puzzles, easiest first; none for a puzzle that has no such file."""
    path = ASSETS / "puzzles" / f"{domain_name}-extreme.csv"
    return read_puzzles(domain(domain_name), path) if path.exists() else []


@st.cache_resource(max_entries=4, show_spinner=False)
def own_puzzles(domain_name: str, content: bytes, name: str) -> list[Puzzle]:
    """The puzzles of a visitor's file. Raises `PuzzleError` where one can't be read."""
    return puzzles_in(domain(domain_name), content, name, largest=LARGEST_FILE)


@st.cache_resource(max_entries=4, show_spinner=False)
def examples(file: str) -> dict[str, str]:
    """The puzzles with a name in a file under assets/puzzles, as texts."""
    named = json.loads((ASSETS / "puzzles" / file).read_text())
    return {name: "\n".join(rows) for name, rows in named.items()}


@st.cache_resource(max_entries=1, show_spinner=False)
def measured() -> dict[str, dict]:
    """The curves under assets/curves, by checkpoint."""
    paths = sorted((ASSETS / "curves").glob("*.json"))
    return {path.stem: json.loads(path.read_text()) for path in paths}


@st.cache_resource(max_entries=1, show_spinner=False)
def bundled_outcomes() -> dict[str, Outcomes]:
    """What became of every puzzle of the bundled sets, by the model that was asked."""
    return {path.stem: Outcomes.load(path) for path in sorted(OUTCOMES.glob("*.parquet"))}


@st.cache_resource(max_entries=1, show_spinner=False)
def learnings() -> dict[str, Learning]:
    """The recorded training runs, by name."""
    return {path.stem: Learning.load(path) for path in sorted(LEARNING.glob("*.npz"))}


@st.cache_resource(max_entries=1, show_spinner=False)
def warm_learning() -> None:
    """Load what learns a task beside the page, so that pressing *Learn* begins at once."""
    threading.Thread(
        target=importlib.import_module, args=("trm_core.training.task",), daemon=True
    ).start()


@st.cache_resource(max_entries=1, show_spinner=False)
def task_recordings() -> dict[str, TaskLearning]:
    """The recorded learnings of tasks of ARC, by the task's id: those that keep the grid's size before others, what
    is learnt soonest first."""
    found = [TaskLearning.load(path) for path in sorted((ASSETS / "arc").glob("*.npz"))]
    found.sort(key=lambda one: (not one.task.keeps_size, one.glimpses[-1].seconds))
    return {one.task.name: one for one in found}


@st.cache_resource(max_entries=3, show_spinner=False)
def arc_results(which: str) -> list[task_results.TaskResult]:
    """What the command `arc` measured on held-out tasks that keep the grid's size ("same-size"), on others
    ("other-size"), or on those of the gallery ("gallery"); empty where it did not."""
    path = ASSETS / "arc" / f"{which}.parquet"
    return task_results.load(path) if path.exists() else []


@st.cache_resource(max_entries=1, show_spinner=False)
def arc_ready() -> int:
    """Of those others, how many a rule brings to their size so that nothing is left to learn."""
    found = [learnable(arc_tasks.task(result.task)) for result in arc_results("other-size")]
    return sum(each is not None and not each.left for each in found)


@st.cache_resource(max_entries=1, show_spinner=False)
def small_cards() -> dict[str, Card]:
    """The cards of the small models of the page Train, by name."""
    return {name: read_card(path) for name, path in small().items()}


@st.cache_resource(max_entries=32, show_spinner=False)
def inspected(
    checkpoint_name: str,
    domain_name: str,
    cells: bytes,
    settings: Settings,
    _solution_RC: np.ndarray,
    _visitor: str,
) -> Trace:
    """One puzzle of a set, asked again and watched."""
    chosen = domain(domain_name)
    return (
        solver(checkpoint_name, chosen)
        .solve(_board(chosen, cells), settings, _solution_RC, visitor=_visitor)
        .trace
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def work(checkpoint_name: str, dark: bool) -> tuple[list[dict], object] | None:
    """The curves of a checkpoint and of others measured on the same puzzles, and the figure that
    compares what they cost; None where there is nothing to compare with."""
    own = measured().get(checkpoint_name)
    costed = [curves for curves in measured().values() if "calls" in curves]
    same = [curves for curves in costed if own is not None and curves["set"] == own["set"]]
    if len(same) < 2:
        return None
    compared = sorted(same, key=lambda curves: curves is not own)
    return compared, work_figure(compared, dark=dark)


@st.cache_resource(max_entries=16, show_spinner=False)
def accuracy(checkpoint_name: str, dark: bool, steps: int) -> tuple[dict, dict[str, object]] | None:
    """The curves measured for a checkpoint, and a figure of each kind; a marker moves along that of
    depths, up to so many `steps`."""
    curves = measured().get(checkpoint_name)
    if curves is None:
        return None
    figures = {
        kind: accuracy_figure(curves, kind, dark=dark, steps=steps if kind == "depth" else 0)
        for kind in KINDS
        if kind in curves
    }
    return curves, figures


@st.cache_resource(max_entries=48, show_spinner=False)
def board(
    trace_id: str,
    group: str,
    clock: str,
    dark: bool,
    doubts: bool,
    _trace: Trace,
    _other: Trace | None = None,
):
    """The board of a solve. Byte-identical across reruns, or the browser would start it anew; `group`
    names all solves that are shown together, and the figure says it to the player."""
    figure = board_figure(_trace, clock, dark=dark, other=_other, doubts=doubts)
    figure.layout.meta |= {"run": group}
    return figure


@st.cache_resource(max_entries=48, show_spinner=False)
def curves(trace_id: str, clock: str, dark: bool, last: int, _trace: Trace):
    """The curves of a solve, on an axis that goes to step `last`."""
    return curves_figure(_trace, clock, dark=dark, last=last)


@st.cache_resource(max_entries=64, show_spinner=False)
def lens(trace_id: str, cell: int, dark: bool, _trace: Trace) -> tuple[str, object]:
    """A cell's story in words, and the figure of the cell lens."""
    place = divmod(cell, _trace.domain.cols)
    return str(history_sentences(_trace)[place]), lens_figure(_trace, *place, dark=dark)


@st.cache_resource(max_entries=16, show_spinner=False)
def movement(trace_id: str, dark: bool, _trace: Trace):
    """How far the scratchpad of every cell moved."""
    return movement_figure(_trace, dark=dark)


@st.cache_resource(max_entries=16, show_spinner="Looking for the main directions …")
def path(trace_ids: tuple[str, ...], dark: bool, _traces: list[Trace], _names: list[str]):
    """The ways of whole scratchpads in their two main directions."""
    return path_figure(_traces, _names, dark=dark)


@st.cache_data(max_entries=1024, show_spinner=False)
def solutions(domain_name: str, cells: bytes) -> list[np.ndarray] | str:
    """None, one or two solutions of a question; two stand for several. Where the search was given
    up, a sentence says so."""
    chosen = domain(domain_name)
    try:
        return chosen.rules.solutions(_board(chosen, cells), limit=2)
    except SearchLimitError as error:
        return str(error)


@st.cache_data(max_entries=1024, show_spinner=False)
def summary(domain_name: str, cells: bytes, found: int) -> str:
    """What is to be said about a question (`Rules.summary`)."""
    chosen = domain(domain_name)
    return chosen.rules.summary(_board(chosen, cells), found)


def _board(chosen: Domain, cells: bytes) -> np.ndarray:
    """A board from what it is cached by."""
    return np.frombuffer(cells, dtype=np.uint8).reshape(chosen.rows, chosen.cols)
