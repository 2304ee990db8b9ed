"""Blending files and generated puzzles, with sets held out by answer: of the files, no solution grid
is both learnt and tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trm_core.domains import Domain, Puzzle, PuzzleError
from trm_core.readers.puzzle_file import read_puzzles

MOST = 100_000  # puzzles in a training set, unless another limit is given


@dataclass(frozen=True)
class Part:
    """A source and its share of the mixture, in parts of the sum of all shares."""

    share: int
    source: Path | str  # a file of puzzles, or a difficulty to generate


def blend(
    domain: Domain,
    parts: Sequence[Part],
    held_out: Mapping[str, int],
    seed: int,
    *,
    most: int = MOST,
    apart: Sequence[Path] = (),
) -> dict[str, list[Puzzle]]:
    """The sets named in `held_out`, of these sizes, and "train", as large as the files and `most`
    allow.

    Every set holds the parts in their shares, shuffled. Of a file's puzzles that share their
    answer, up to the names of the symbols, a held-out set takes at most one a part, and no other
    set takes any; no set takes any that share their answer with the files `apart`. Generated
    puzzles are fresh random ones: on 9x9 none will meet another, on small grids they do. Raises
    `PuzzleError` if a file has too few different answers.
    """
    rng = np.random.default_rng(seed)
    shares = np.array([part.share for part in parts])
    by_answer = [
        _by_answer(read_puzzles(domain, part.source)) if isinstance(part.source, Path) else None
        for part in parts
    ]
    answers = sorted({answer for source in by_answer if source for answer in source})
    barred = {answer for path in apart for answer in _by_answer(read_puzzles(domain, path))}
    waiting = [answers[i] for i in rng.permutation(len(answers)) if answers[i] not in barred]

    def shuffled(puzzles: Sequence[Puzzle]) -> list[Puzzle]:
        return [puzzles[i] for i in rng.permutation(len(puzzles))]

    sets: dict[str, list[Puzzle]] = {}
    for name, size in held_out.items():
        chosen: list[Puzzle] = []
        used: set[bytes] = set()
        for part, source, count in zip(parts, by_answer, _split(size, shares), strict=True):
            if source is None:
                chosen += domain.maker.generate_many(rng, str(part.source), count)
                continue
            taken = [answer for answer in waiting if answer in source][:count]
            if len(taken) < count:
                raise PuzzleError(
                    f"{Path(part.source).name} has {len(taken)} different answers left, "
                    f"too few for {count} puzzles of the {name} set"
                )
            chosen += [source[answer][0] for answer in taken]
            used.update(taken)
        waiting = [answer for answer in waiting if answer not in used]
        sets[name] = shuffled(chosen)

    left = [
        None if source is None else [p for answer in waiting for p in source.get(answer, ())]
        for source in by_answer
    ]
    limits = [
        len(puzzles) * shares.sum() // part.share
        for part, puzzles in zip(parts, left, strict=True)
        if puzzles is not None
    ]
    chosen = []
    counts = _split(int(min([*limits, most])), shares)
    for part, puzzles, count in zip(parts, left, counts, strict=True):
        if puzzles is None:
            chosen += domain.maker.generate_many(rng, str(part.source), count)
        else:
            chosen += shuffled(puzzles)[:count]
    sets["train"] = shuffled(chosen)
    return sets


def _split(size: int, shares: np.ndarray) -> list[int]:
    """`size` in whole numbers, in proportion to the shares."""
    ends = size * shares.cumsum() // shares.sum()
    return np.diff(ends, prepend=0).tolist()


def _by_answer(puzzles: Sequence[Puzzle]) -> dict[bytes, list[Puzzle]]:
    """Puzzles by their answer, its symbols renamed in order of appearance."""
    found: dict[bytes, list[Puzzle]] = {}
    for puzzle in puzzles:
        _, first, inverse = np.unique(puzzle.solution_RC, return_index=True, return_inverse=True)
        rank = first.argsort().argsort().astype(np.uint8)
        found.setdefault(rank[inverse.reshape(-1)].tobytes(), []).append(puzzle)
    return found
