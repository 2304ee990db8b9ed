"""Training puzzles on the training device: drawn at random and rewritten by symmetries there."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from trm_core.domains import Domain, PuzzleError

POOL = 16_384  # symmetries kept ready; cells and symbols are drawn independently of each other


def generated(domain: Domain, difficulty: str, count: int, seed: int) -> np.ndarray:
    """`count` fresh puzzles as tokens, (count, 2, L) uint8: question and solution.

    `difficulty` may name several, such as "mixed+hard": each gets an equal share.
    """
    rng = np.random.default_rng(seed)
    names = difficulty.split("+")
    pairs = []
    for i, name in enumerate(names):
        share = count * (i + 1) // len(names) - count * i // len(names)
        for p in domain.generate_many(rng, name, share):
            pairs.append((domain.tokens(p.question_RC), domain.tokens(p.solution_RC)))
    return np.array(pairs, dtype=np.uint8)


def from_csv(domain: Domain, path: Path) -> np.ndarray:
    """Puzzles of a CSV (or CSV.GZ) with columns question and answer, as `generated` gives them.

    Raises `PuzzleError` that names the file and the line where something is off.
    """
    pairs = []
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        reader = csv.DictReader(file)
        missing = {"question", "answer"} - set(reader.fieldnames or ())
        if missing:
            raise PuzzleError(f"{path.name} has no column {' or '.join(sorted(missing))}")
        for row in reader:
            try:
                boards = [domain.parse(row["question"] or ""), domain.parse(row["answer"] or "")]
            except PuzzleError as error:
                raise PuzzleError(f"{path.name}, line {reader.line_num}: {error}") from None
            if not domain.is_solved(*boards):
                raise PuzzleError(
                    f"{path.name}, line {reader.line_num}: the answer doesn't solve the question"
                )
            pairs.append([domain.tokens(board) for board in boards])
    if not pairs:
        raise PuzzleError(f"{path.name} holds no puzzle")
    return np.array(pairs, dtype=np.uint8)


class PuzzleStream:
    """An endless stream of puzzles, each rewritten by a random symmetry, drawn on `device`."""

    def __init__(
        self,
        pairs_N2L: np.ndarray,
        domain: Domain,
        device: torch.device,
        generator: torch.Generator,
        augment: bool = True,
    ) -> None:
        self.generator = generator
        self.pairs_N2L = torch.from_numpy(pairs_N2L).to(device)
        self.symmetric = augment
        if augment:
            pool = domain.symmetries(np.random.default_rng(0), POOL)
            self.cells_KL = torch.from_numpy(pool.cells_KL.astype(np.int64)).to(device)
            self.symbols_KV = torch.from_numpy(pool.symbols_KV).to(device)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Questions and solutions, (count, L) uint8 each."""
        pairs = self.pairs_N2L[self._random(len(self.pairs_N2L), count)]
        if self.symmetric:
            cells_BL = self.cells_KL[self._random(POOL, count)]
            symbols_BV = self.symbols_KV[self._random(POOL, count)]
            moved = pairs.gather(2, cells_BL[:, None].expand(-1, 2, -1))
            flat = symbols_BV.gather(1, moved.flatten(1).long())
            pairs = flat.view_as(pairs)
        return pairs[:, 0], pairs[:, 1]

    def _random(self, below: int, count: int) -> Tensor:
        return torch.randint(
            below, (count,), generator=self.generator, device=self.generator.device
        )
