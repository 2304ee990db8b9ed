"""Tasks of ARC whose answers have another size than their questions: simple rules that bring a question to the size of
its answer, so that what is left to learn keeps the size.

The rules are a list of ours; nothing of them is learnt. One is taken where it gives the right size for every pair and
can be applied to every test: of several one that leaves nothing to learn, or parts laid over each other, or else the one
that leaves the fewest cells wrong.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from trm_core.domains.arc.domain import COLOURS, LARGEST, Task

Bring = Callable[[np.ndarray], "np.ndarray | None"]
MOST_TIMES = 10  # as long, or as short, at most
MOST_PANELS = 3  # that are laid over each other


@dataclass(frozen=True, eq=False)
class Learnable:
    """A task as a network that keeps sizes can learn it: with questions as large as their answers."""

    task: Task
    rule: str  # how its questions were brought to that size, in words; "" where nothing had to be

    @property
    def left(self) -> int:
        """Cells of the pairs that are left to learn."""
        return sum(int((question != answer).sum()) for question, answer in self.task.pairs)


@functools.lru_cache(maxsize=64)
def learnable(task: Task) -> Learnable | None:
    """The task with its questions brought to the size of their answers; None where no rule does that."""
    if task.keeps_size:
        return Learnable(task, "")
    best = None
    for found in _fitting(task, _rules(task)):
        if not found.left:
            return found
        if best is None or found.left < best.left:
            best = found
    # Parts laid over each other hold all of the question, while a cut may lose what is asked about.
    return next(_fitting(task, _panels(task)), best)


def as_asked(task: Task) -> Task:
    """The task as the network sees it: with questions as large as their answers, where a rule brings them there."""
    found = learnable(task)
    return task if found is None else found.task


def _fitting(task: Task, rules: Iterator[tuple[str, Bring]]) -> Iterator[Learnable]:
    """What those of the rules come to that can be had for the whole task."""
    for words, bring in rules:
        brought = _brought(task, bring)
        if brought is not None:
            yield Learnable(brought, words)


def _brought(task: Task, bring: Bring) -> Task | None:
    """The task with other questions; None where these have not the size of their answers, or can't be had.
    What answers to the tests are known is not looked at."""
    pairs, tests = [], []
    for question, answer in task.pairs:
        brought = bring(question)
        if brought is None or brought.shape != answer.shape:
            return None
        pairs.append((brought, answer))
    for question, answer in task.tests:
        brought = bring(question)
        if brought is None or max(brought.shape) > LARGEST:
            return None
        tests.append((brought, answer))
    return Task(task.name, tuple(pairs), tuple(tests))


# The rules


def _rules(task: Task) -> Iterator[tuple[str, Bring]]:
    """Rules that may give the size of the first pair's answer, in words and as functions."""
    question, answer = task.pairs[0]
    (R, C), (rows, cols) = question.shape, answer.shape
    if rows % R == 0 and cols % C == 0:
        yield from _larger(rows // R, cols // C)
    for name, box in _BOXES.items():
        yield f"the smallest box around {name}", functools.partial(_cut, box=box)
    for colour, (name, _) in enumerate(COLOURS):
        box = functools.partial(_of_colour, colour=colour)
        yield f"the smallest box around all that is {name}", functools.partial(_cut, box=box)
        yield f"what lies inside the {name} frame", functools.partial(_cut, box=box, frame=True)
    if R % rows == 0 and C % cols == 0:
        yield from _smaller(R // rows, C // cols)


def _larger(down: int, across: int) -> Iterator[tuple[str, Bring]]:
    if max(down, across) > MOST_TIMES:
        return
    size = f"{down} by {across}"
    yield f"every cell made {size} cells", lambda q: q.repeat(down, 0).repeat(across, 1)
    yield f"the question repeated {size} times", lambda q: np.tile(q, (down, across))
    flips: dict[str, tuple[Bring, Bring]] = {  # of every other copy: along columns, along rows
        "each copy the mirror image of its neighbours": (np.flipud, np.fliplr),
        "every other row of copies upside down": (np.flipud, lambda q: q),
        "every other column of copies mirrored": (lambda q: q, np.fliplr),
    }
    for words, (below, beside) in flips.items():
        for first in (0, 1):
            bring = functools.partial(
                _tiled, down=down, across=across, below=below, beside=beside, first=first
            )
            order = ", starting with the first" if first else ""
            yield f"the question repeated {size} times, {words}{order}", bring


def _tiled(
    question: np.ndarray, down: int, across: int, below: Bring, beside: Bring, first: int
) -> np.ndarray:
    def copy(r: int, c: int) -> np.ndarray:
        grid = below(question) if (r + first) % 2 else question
        return beside(grid) if (c + first) % 2 else grid

    return np.block([[copy(r, c) for c in range(across)] for r in range(down)])


def _smaller(down: int, across: int) -> Iterator[tuple[str, Bring]]:
    def apart(q: np.ndarray) -> tuple[int, int] | None:
        R, C = q.shape
        return None if R % down or C % across else (R // down, C // across)

    def part(q: np.ndarray, r: int, c: int) -> np.ndarray | None:
        size = apart(q)
        return size and q[r * size[0] : (r + 1) * size[0], c * size[1] : (c + 1) * size[1]]

    if down * across <= MOST_TIMES:
        for r, c in itertools.product(range(down), range(across)):
            place = (
                f"part {r * across + c + 1} of the question, cut into {down} by {across} equal ones"
            )
            yield place, functools.partial(part, r=r, c=c)
    yield (
        f"one cell of every {down} by {across}",
        lambda q: q[::down, ::across] if apart(q) else None,
    )


# Cutting out


def _cut(question: np.ndarray, box: Bring, frame: bool = False) -> np.ndarray | None:
    """The smallest box around the cells that `box` marks; without its edge where that is a `frame` of such cells,
    None where it is none."""
    marked = box(question)
    if marked is None or not marked.any():
        return None
    rows, cols = np.flatnonzero(marked.any(1)), np.flatnonzero(marked.any(0))
    place = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
    if not frame:
        return question[place]
    marked = marked[place]
    edges = marked[0], marked[-1], marked[:, 0], marked[:, -1]
    if min(marked.shape) < 3 or not all(edge.all() for edge in edges):
        return None
    return question[place][1:-1, 1:-1]


def _of_colour(question: np.ndarray, colour: int) -> np.ndarray:
    return question == colour


def _of_rarest(question: np.ndarray) -> np.ndarray | None:
    """None where two colours tie."""
    values, counts = np.unique(question, return_counts=True)
    return question == values[counts.argmin()] if (counts == counts.min()).sum() == 1 else None


def _not_common(question: np.ndarray) -> np.ndarray | None:
    """None where two colours tie."""
    values, counts = np.unique(question, return_counts=True)
    return question != values[counts.argmax()] if (counts == counts.max()).sum() == 1 else None


def _object(question: np.ndarray, measure: Callable[[np.ndarray], int]) -> np.ndarray | None:
    """The object, of touching cells that are not black, of which this measure is largest; None where two tie."""
    labels = _objects(question)
    found = [labels == label for label in range(1, int(labels.max()) + 1)]
    sizes = [measure(each) for each in found]
    if not sizes or sizes.count(max(sizes)) > 1:
        return None
    return found[sizes.index(max(sizes))]


def _objects(question: np.ndarray) -> np.ndarray:
    """Objects of cells that are not black and touch, also at corners: 1, 2, ... on each, 0 elsewhere."""
    inside = np.pad(question != 0, 1)
    labels = np.where(inside, np.arange(1, inside.size + 1).reshape(inside.shape), 0)
    while True:
        spread = np.max([np.roll(labels, (r, c), (0, 1)) for r, c in _AROUND], axis=0) * inside
        if (spread == labels).all():
            break
        labels = spread
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape)[1:-1, 1:-1]


_AROUND = list(itertools.product((-1, 0, 1), repeat=2))
_BOXES: dict[str, Bring] = {
    "all that is not black": lambda q: q != 0,
    "all that has not the commonest colour": _not_common,
    "the rarest colour": _of_rarest,
    "the largest object": functools.partial(_object, measure=np.count_nonzero),
    "the smallest object": functools.partial(_object, measure=lambda m: -np.count_nonzero(m)),
}


# Laying parts over each other


def _panels(task: Task) -> Iterator[tuple[str, Bring]]:
    """A question of parts side by side, or one above the other, with or without a line between, each of one colour
    on black: they are laid over each other, and a colour that the task has not says where several paint."""
    for count, axis, line in itertools.product(range(2, MOST_PANELS + 1), (0, 1), (0, 1)):
        cut = functools.partial(_cut_panels, count=count, axis=axis, line=line)
        stacks = [cut(question) for question, _ in (*task.pairs, *task.tests)]
        paint = None if any(stack is None for stack in stacks) else _overlay(task, stacks)
        if paint is not None:
            where = "one above the other" if axis == 0 else "side by side"
            words = f"its {count} parts {where}, laid over each other"
            yield words, functools.partial(_laid_over, cut=cut, paint=paint)


def _cut_panels(question: np.ndarray, count: int, axis: int, line: int) -> np.ndarray | None:
    """The parts of a grid, (count, R, C)."""
    grid = question if axis == 0 else question.T
    size, rest = divmod(len(grid) - line * (count - 1), count)
    if rest or size < 1:
        return None
    between = grid[[size + k * (size + 1) for k in range(count - 1)]] if line else grid[:0]
    if len(np.unique(between)) > 1:
        return None
    parts = np.stack([grid[k * (size + line) :][:size] for k in range(count)])
    return parts if axis == 0 else parts.transpose(0, 2, 1)


def _overlay(task: Task, stacks: list[np.ndarray]) -> np.ndarray | None:
    """A colour for every set of parts that paint a cell (its number in binary, the first part lowest); None where a
    part has several colours, or there are not enough that the task has not."""
    count = len(stacks[0])
    seen = [
        set(np.concatenate([s[k].reshape(-1) for s in stacks]).tolist()) - {0} for k in range(count)
    ]
    if any(len(colours) != 1 for colours in seen):
        return None
    own = [colours.pop() for colours in seen]
    used = {colour for _, answer in task.pairs for colour in np.unique(answer).tolist()}
    free = [colour for colour in range(1, len(COLOURS)) if colour not in used | set(own)]
    paint = np.zeros(2**count, np.uint8)
    for which in range(1, len(paint)):
        alone = which.bit_count() == 1
        colour = own[which.bit_length() - 1]
        if alone and colour not in paint:
            paint[which] = colour
        elif free:
            paint[which] = free.pop(0)
        else:
            return None
    return paint


def _laid_over(question: np.ndarray, cut: Bring, paint: np.ndarray) -> np.ndarray:
    """What the parts of a question that can be cut into them come to."""
    return paint[sum((part != 0).astype(int) << k for k, part in enumerate(cut(question)))]
