"""Training puzzles on the training device: drawn at random and rewritten by symmetries there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from trm_core.domains import Domain, Puzzle
from trm_core.readers.puzzle_file import read_puzzles

POOL = 16_384  # symmetries kept ready; cells and symbols are drawn independently of each other


def generated(domain: Domain, difficulty: str, count: int, seed: int) -> np.ndarray:
    """`count` fresh puzzles as tokens, (count, 2, L) uint8: question and solution.

    `difficulty` may name several, such as "mixed+hard": each gets an equal share.
    """
    rng = np.random.default_rng(seed)
    names = difficulty.split("+")
    puzzles: list[Puzzle] = []
    for i, name in enumerate(names):
        share = count * (i + 1) // len(names) - count * i // len(names)
        puzzles += domain.generate_many(rng, name, share)
    return as_tokens(domain, puzzles)


def from_csv(domain: Domain, path: Path) -> np.ndarray:
    """Puzzles of a file, as `generated` gives them. Raises as `read_puzzles` does."""
    return as_tokens(domain, read_puzzles(domain, path))


def as_tokens(domain: Domain, puzzles: Sequence[Puzzle]) -> np.ndarray:
    """Puzzles as question-solution pairs of tokens, (N, 2, L) uint8."""
    pairs = [(domain.tokens(p.question_RC), domain.tokens(p.solution_RC)) for p in puzzles]
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
