"""The learnings of tasks that come with the app, and how often learning one works."""

from __future__ import annotations

import importlib
import threading

import streamlit as st

from pages.stage.frame import ASSETS
from trm_core.domains import learnable
from trm_core.readers import arc_tasks
from trm_core.record import task_results
from trm_core.record.task_learning import TaskLearning


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
    """What the command `arc` measured on held-out tasks that keep the grid's size ("same-size": up to 12 cells a side, "every-size": up to 30), on others
    ("other-size"), or on those of the gallery ("gallery"); empty where it did not."""
    path = ASSETS / "arc" / f"{which}.parquet"
    return task_results.load(path) if path.exists() else []


@st.cache_resource(max_entries=1, show_spinner=False)
def arc_ready() -> int:
    """Of those others, how many a rule brings to their size so that nothing is left to learn."""
    found = [learnable(arc_tasks.task(result.task)) for result in arc_results("other-size")]
    return sum(each is not None and not each.left for each in found)
