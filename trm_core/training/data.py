"""Training puzzles on the training device: drawn at random and rewritten by symmetries there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from trm_core.domains import Domain, Pairs, Puzzle
from trm_core.readers.data_folder import read_split
from trm_core.readers.puzzle_file import read_puzzles

POOL = 16_384  # symmetries kept ready; cells and symbols are drawn independently of each other


def generated(domain: Domain, difficulty: str, count: int, seed: int) -> Pairs:
    """`count` fresh puzzles.

    `difficulty` may name several, such as "mixed+hard": each gets an equal share.
    """
    rng = np.random.default_rng(seed)
    names = difficulty.split("+")
    puzzles: list[Puzzle] = []
    for i, name in enumerate(names):
        share = count * (i + 1) // len(names) - count * i // len(names)
        puzzles += domain.maker.generate_many(rng, name, share)
    return Pairs.of(domain, puzzles)


def from_source(domain: Domain, path: Path, half: str) -> Pairs:
    """Puzzles of a file, or of that half ("train", "test") of a data folder, as `generated` gives them. Raises as
    `read_puzzles` and `read_split` do."""
    if path.is_dir():
        return read_split(path, half).pairs(domain)
    return Pairs.of(domain, read_puzzles(domain, path))


class PuzzleStream:
    """An endless stream of puzzles, each rewritten by a random symmetry, drawn on `device`."""

    def __init__(
        self,
        pairs: Pairs,
        domain: Domain,
        device: torch.device,
        generator: torch.Generator,
        augment: bool = True,
    ) -> None:
        self.generator = generator
        self.pairs_N2L = torch.from_numpy(pairs.tokens_N2L).to(device)
        self.puzzle_ids_N = torch.from_numpy(pairs.puzzle_ids_N).to(device)
        self.symmetric = augment
        if augment:
            pool = domain.symmetries(np.random.default_rng(0), POOL)
            self.cells_KL = torch.from_numpy(pool.cells_KL.astype(np.int64)).to(device)
            self.symbols_KV = torch.from_numpy(pool.symbols_KV).to(device)

    def draw(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Questions and solutions, (count, L) uint8 each, and their puzzle ids, (count,) int64."""
        drawn_B = self._random(len(self.pairs_N2L), count)
        pairs = self.pairs_N2L[drawn_B]
        if self.symmetric:
            cells_BL, symbols_BV = self.ways(count)
            moved = pairs.gather(2, cells_BL[:, None].expand(-1, 2, -1))
            flat = symbols_BV.gather(1, moved.flatten(1).long())
            pairs = flat.view_as(pairs)
        return pairs[:, 0], pairs[:, 1], self.puzzle_ids_N[drawn_B]

    def ways(self, count: int) -> tuple[Tensor, Tensor]:
        """Random symmetries, as `Symmetries` has them: (count, L) int64 and (count, V) uint8."""
        cells_BL = self.cells_KL[self._random(POOL, count)]
        return cells_BL, self.symbols_KV[self._random(POOL, count)]

    def _random(self, below: int, count: int) -> Tensor:
        return torch.randint(
            below, (count,), generator=self.generator, device=self.generator.device
        )
