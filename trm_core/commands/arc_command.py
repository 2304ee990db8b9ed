"""`python -m trm_core arc`: learn tasks of ARC from their own pairs, and count how often that works."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Literal

import torch
from cyclopts import Parameter
from loky.process_executor import ProcessPoolExecutor

from trm_core.commands.options import FLAT, is_file
from trm_core.domains import PuzzleError, Task, learnable
from trm_core.readers import arc_tasks
from trm_core.record.task_results import TaskResult, by_group, load, save, solved
from trm_core.training.task import TaskRun
from trm_core.training.watched import DivergedError

PARTS = ("training", "evaluation")


@FLAT
@dataclass
class Options:
    """What the command is asked."""

    ids: tuple[str, ...] = ()
    """Ids such as 66e6c45b, or files of tasks in JSON."""
    _: KW_ONLY
    tasks: Literal["training", "evaluation"] | None = None
    """Instead of ids: a set of ARC-AGI-1 or -2."""
    version: Literal[1, 2] = 1
    """Of ARC-AGI."""
    same_size: bool = False
    """Those that keep the grids' size."""
    other_size: bool = False
    """Those that don't, where a simple rule gives it."""
    largest: int = 30
    """Longest side of a grid."""
    without: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = ()
    """Of a set, those to leave out."""
    seconds: float = 30.0
    """For each task at most."""
    networks: int = 1
    """That may learn in that time."""
    seed: int = 0
    """Of the first one."""
    seeds: int = 1
    """How many seeds, from that one on."""
    jobs: int = 1
    """Tasks at once, a core each."""
    out: Path | None = None
    """A table (.parquet); goes on where it stopped."""
    record: Path | None = None
    """A folder, for a recording of each task."""


def run(options: Options | None = None) -> int:
    options = options or Options()
    if options.same_size and options.other_size:
        raise PuzzleError("--same-size and --other-size are two sets: choose one")
    tasks = _chosen(options)
    if not tasks:
        raise PuzzleError("no task is left: name some, or choose a set with --tasks")
    if min(options.seconds, options.networks, options.seeds, options.jobs) <= 0:
        raise PuzzleError("--seconds, --networks, --seeds and --jobs must be more than 0")
    for folder in (options.record, options.out and options.out.parent):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    results = load(options.out) if options.out and options.out.exists() else []
    for result in results:
        if (result.seconds, result.most_networks) != (options.seconds, options.networks):
            raise PuzzleError(
                f"{options.out} was made with --seconds {result.seconds:g} --networks {result.most_networks}; choose "
                "another --out"
            )
    done = {(result.task, result.seed) for result in results}
    seeds = range(options.seed, options.seed + options.seeds)
    asked = [(task, seed) for task in tasks for seed in seeds if (task.name, seed) not in done]
    if results:
        print(f"{len(results)} are done already")
    began = time.monotonic()
    # A process each: learning is many small operations, which threads of one process would hold up.
    with _workers(options.jobs) as pool:
        jobs = [
            pool.submit(learn, task, seed, options.seconds, options.networks, options.record)
            for task, seed in asked
        ]
        for number, job in enumerate(as_completed(jobs), 1):
            result = job.result()
            results.append(result)
            if options.out:
                save(results, options.out)
            left = (time.monotonic() - began) / number * (len(jobs) - number)
            print(f"{_told(result)}  [{number} of {len(jobs)}, {left:.0f} s left]", flush=True)
    print(_summary(results))
    return 0


@contextmanager
def _workers(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that learn; they end with what they are for, also when that is broken off."""
    pool = ProcessPoolExecutor(
        jobs, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, kill_workers=True)


def _chosen(options: Options) -> list[Task]:
    if options.ids and options.tasks:
        raise PuzzleError("name tasks, or choose a set with --tasks, not both")
    if options.tasks:
        every = list(arc_tasks.tasks(f"ARC-AGI-{options.version} {options.tasks}").values())
    else:
        every = [
            task
            for key in options.ids
            for task in (arc_tasks.in_file(Path(key)) if is_file(key) else [arc_tasks.task(key)])
        ]
    wanted = {task: learnable(task) for task in every if task.name not in options.without}
    if options.ids and None in wanted.values():
        name = next(task.name for task, found in wanted.items() if found is None)
        raise PuzzleError(f"no simple rule gives the size of the answers of task {name}")
    return [
        task
        for task, found in wanted.items()
        if found is not None
        and found.task.largest <= options.largest
        and not (options.same_size and not task.keeps_size)
        and not (options.other_size and task.keeps_size)
    ]


def learn(task: Task, seed: int, seconds: float, networks: int, record: Path | None) -> TaskResult:
    """Learn one task, on one core, and say what became of it."""
    torch.set_num_threads(1)
    command = f"python -m trm_core arc {task.name} --seed {seed} --seconds {seconds:g}"
    if networks > 1:
        command += f" --networks {networks}"
    # What counts is the time it computes, not that other work had the core.
    learning_run = TaskRun(
        task,
        seed=seed,
        seconds=seconds,
        networks=networks,
        clock=time.thread_time,
        about={"command": command, "clock": "processor"},
    )
    learning = learning_run.learning
    try:
        for _ in learning_run:
            pass
    except DivergedError:
        pass  # its votes so far stand
    if record is not None:
        path = record / f"{task.name}.npz"
        learning.save(path)
    return TaskResult.of(learning, learning_run.seconds)


def _told(result: TaskResult) -> str:
    verdict = "right" if result.first else "second guess right" if result.second else "wrong"
    return (
        f"{result.task} seed {result.seed}: {result.pairs_right} of {result.pairs} pairs, "
        f"{result.share:.0%} of the votes, {verdict}, {result.took:.1f} s, {result.updates} updates"
    )


def _summary(results: Sequence[TaskResult]) -> str:
    lines = [
        f"first guess right: {solved(results).words}",
        f"one of two guesses right: {solved(results, 2).words}",
    ]
    lines += [f"  {group}: {share.words}" for group, share in by_group(results).items()]
    return "\n".join(lines)
