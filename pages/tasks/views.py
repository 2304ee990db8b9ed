"""Grids, pairs and votes of a task of ARC, as HTML."""

from __future__ import annotations

import html

import numpy as np

from pages.stage.frame import data_url
from trm_core.domains import Task, counted
from trm_core.domains.arc.domain import same
from trm_core.figures.grids import grid_png, pair_png
from trm_core.record.task_learning import LEAST_SHARE, TaskLearning

SIDE, LARGE = 132, 190  # pixels of a grid's longer side, about
OPEN = 0.1  # a gate counts as open from here on
MOST_GUESSES = 4


def grid_html(
    grid_RC: np.ndarray,
    words: str,
    *,
    wrong_RC: np.ndarray | None = None,
    large: bool = False,
    numbers: bool = False,
    note: str = "",
) -> str:
    """One grid, with a line under it."""
    cell = int(np.clip((LARGE if large else SIDE) // max(grid_RC.shape), 4, 26))
    source = data_url(
        grid_png(grid_RC, wrong_RC, cell=cell, numbers=numbers and cell > 7), "image/png"
    )
    rows, cols = grid_RC.shape
    alt = html.escape(f"{words}, {rows} by {cols}")
    return (
        f"<figure class='trm-grid'><img alt='{alt}' src='{source}'>"
        f"<figcaption>{note or html.escape(words)}</figcaption></figure>"
    )


def thumbnail_html(task: Task) -> str:
    """A task as its first pair."""
    question_RC, answer_RC = task.pairs[0]
    cell = max(1, 60 // max(*question_RC.shape, *answer_RC.shape))
    source = data_url(pair_png(question_RC, answer_RC, cell=cell), "image/png")
    words = f"the first pair of {html.escape(task.name)}"
    return (
        f"<div class='trm-thumb-place'><img class='trm-thumb' alt='{words}' src='{source}'></div>"
    )


def pairs_html(shown: TaskLearning | Task, at: int = -1, *, numbers: bool = False) -> str:
    """The pairs, a row each; of a learning also what the weights of a moment answer, wrong cells crossed."""
    task = shown if isinstance(shown, Task) else shown.task
    rows = []
    for i, (question_RC, answer_RC) in enumerate(task.pairs):
        grids = grid_html(question_RC, f"pair {i + 1}", numbers=numbers)
        grids += "<span class='trm-to'>→</span>" + grid_html(
            answer_RC, "the answer", numbers=numbers
        )
        if isinstance(shown, TaskLearning):
            own_RC = shown.glimpses[at].answers[i]
            wrong_RC = own_RC != answer_RC
            wrong = int(wrong_RC.sum())
            note = (
                "<b class='trm-right'>right</b>" if not wrong else f"{counted(wrong, 'cell')} wrong"
            )
            grids += "<span class='trm-to'></span>"
            grids += grid_html(
                own_RC,
                "what the network says",
                wrong_RC=wrong_RC,
                numbers=numbers,
                note=f"it says: {note}",
            )
        rows.append(f"<div class='trm-pair'>{grids}</div>")
    return f"<div class='trm-pairs'>{''.join(rows)}</div>"


def votes_html(learning: TaskLearning, at: int, *, over: bool, numbers: bool = False) -> str:
    """Every test with the answer of a moment and, from the votes until then, the leading guesses. Once it is `over`,
    the known answer stands beside, and what is wrong is crossed."""
    task, parts = learning.task, []
    until = learning.until(at)
    for k, (question_RC, known_RC) in enumerate(task.tests):
        own_RC = learning.glimpses[at].answers[len(task.pairs) + k]
        judged = over and known_RC is not None
        sure = 100 * learning.glimpses[at].sure_T[k]
        note = f"it says, on average {sure:.0f} % sure of a cell"
        wrong_RC = None
        if judged and known_RC.shape != own_RC.shape:
            note += ": wrong, another size is right"
        elif judged:
            wrong_RC = own_RC != known_RC
            wrong = int(wrong_RC.sum())
            note += (
                f": {counted(wrong, 'cell')} wrong" if wrong else ": <b class='trm-right'>right</b>"
            )
        row = test_html(question_RC, learning.asked.tests[k][0], numbers=numbers)
        row += "<span class='trm-to'>→</span>"
        row += grid_html(
            own_RC, "its answer", wrong_RC=wrong_RC, large=True, numbers=numbers, note=note
        )
        if judged and not same(own_RC, known_RC):
            row += grid_html(known_RC, "what is right", large=True, numbers=numbers)
        parts.append(f"<div class='trm-pair'>{row}</div>")
        guesses = [g for g in until.guesses(k)[:MOST_GUESSES] if g.share > LEAST_SHARE]
        if guesses:
            tiles = []
            for number, guess in enumerate(guesses):
                words = f"guess {number + 1}"
                told = f"{100 * guess.share:.0f} % of the votes"
                if over and known_RC is not None:
                    right = same(guess.grid_RC, known_RC)
                    told += ", <b class='trm-right'>right</b>" if right else ", wrong"
                bar = f"<i class='trm-share' style='width:{100 * guess.share:.0f}%'></i>"
                tiles.append(grid_html(guess.grid_RC, words, numbers=False, note=f"{bar}{told}"))
            parts.append(f"<div class='trm-guesses'>{''.join(tiles)}</div>")
    return f"<div class='trm-pairs'>{''.join(parts)}</div>"


def test_html(question_RC: np.ndarray, begun_RC: np.ndarray, *, numbers: bool = False) -> str:
    """What a test asks; and what the network begins with, where that is not the question itself."""
    row = grid_html(question_RC, "the test", large=True, numbers=numbers)
    if not same(begun_RC, question_RC):
        begun = grid_html(begun_RC, "what it begins with", large=True, numbers=numbers)
        row += f"<span class='trm-to'>→</span>{begun}"
    return row


def gates_words(learning: TaskLearning, at: int) -> str:
    """What the network of a moment has begun to hear of, by how far its gates stood open."""
    network = learning.glimpses[at].learner
    seen = [glimpse.gates for glimpse in learning.glimpses[: at + 1] if glimpse.learner == network]
    lines, whole = (max(map(abs, each)) > OPEN for each in zip(*seen, strict=True))
    further = [
        name
        for open_, name in ((lines, "along rows and columns"), (whole, "at the whole grid"))
        if open_
    ]
    if not further:
        moved = any(max(map(abs, each)) > OPEN / 2 for each in zip(*seen, strict=True))
        return "So far it hears of neighbouring cells" + (
            ", and a little of what lies further." if moved else " alone."
        )
    return f"It has begun to look {' and '.join(further)} too, not at neighbouring cells only."


def network_words(learning: TaskLearning, at: int) -> str:
    """Which network it is, where several learn; to be followed by what it did."""
    several = learning.networks > 1
    return f"network {learning.glimpses[at].learner + 1}: " if several else ""


def moment_words(learning: TaskLearning, at: int) -> str:
    """A moment in a sentence."""
    glimpse = learning.glimpses[at]
    if not glimpse.update:
        return "Before any learning its numbers are random, but for one habit: it leaves a cell as it is."
    right = sum(learning.right(at))
    whose = network_words(learning, at).capitalize()
    after = f"after {counted(glimpse.update, 'update')}"
    words = f"{whose}{after if whose else after.capitalize()}, {right} of {counted(len(learning.task.pairs), 'pair')} right"
    test = learning.right_at(at)
    if test is not None:
        words += ", and the test " + (
            "too." if test and right == len(learning.task.pairs) else "right." if test else "wrong."
        )
    else:
        words += "."
    return words
