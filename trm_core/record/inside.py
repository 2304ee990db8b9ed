"""One cell of a solve, opened: what its network calls read there, whom they heard, and what they left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trm_core.domains import Domain, domain


@dataclass(frozen=True, eq=False, kw_only=True)
class Inside:
    """A cell at the frames of a clock; frame 0 is the start, before any call. Features of a cell are a small table
    (rows, columns): one row for each symbol where the state belongs to (symbol, cell) pairs, else folded."""

    domain_name: str
    cell: int
    cycles: int  # T
    latent_updates: int  # n
    ticks_F: np.ndarray  # calls done at each frame
    shown_F: np.ndarray  # the call that a frame opens, from 1; 0 for none
    x_FRW: np.ndarray  # the question, as that call reads it
    y_FRW: np.ndarray  # the answer it was given
    z_FRW: np.ndarray  # the scratchpad it was given
    after_FRW: np.ndarray  # what it made: a new z, or a new y where it wrote
    wrote_F: np.ndarray  # whether it wrote the answer, bool
    heard_FL: (
        np.ndarray
    )  # by how much the cell hears otherwise without each other cell; 0 where it hears nothing
    chance_FN: np.ndarray  # what y says after the frame: probability of each answer symbol

    @property
    def domain(self) -> Domain:
        return domain(self.domain_name)

    @property
    def moments_F(self) -> np.ndarray:
        """When each frame is, in supervision steps."""
        return self.ticks_F / (self.cycles * (self.latent_updates + 1))

    def shares(self, frame: int) -> dict[str, float]:
        """How much of what it hears comes from where, as shares of 1: its box, then its row and its column outside
        that box, then the rest; without boxes the cells around it and the rest. Nothing where it hears nothing."""
        chosen = self.domain
        row, col = divmod(self.cell, chosen.cols)
        at_L = np.arange(chosen.cells)
        rows_L, cols_L = at_L // chosen.cols, at_L % chosen.cols
        own_L = at_L == self.cell
        rest_L = ~own_L
        groups = {}
        high, wide = chosen.drawing.box_rows, chosen.drawing.box_cols
        if high < chosen.rows:
            box_L = (rows_L // high == row // high) & (cols_L // wide == col // wide)
            groups["its box"] = box_L & rest_L
            rest_L = rest_L & ~box_L
            groups["its row"] = (rows_L == row) & rest_L
            groups["its column"] = (cols_L == col) & rest_L
            groups["elsewhere"] = rest_L & (rows_L != row) & (cols_L != col)
        else:
            near_L = np.maximum(abs(rows_L - row), abs(cols_L - col)) == 1
            groups["the cells around it"] = near_L
            groups["further away"] = rest_L & ~near_L
        heard_L = self.heard_FL[frame]
        whole = float(heard_L.sum())
        if not whole:
            return {}
        return {name: float(heard_L[group_L].sum()) / whole for name, group_L in groups.items()}

    def sentence(self, frame: int) -> str:
        """A frame in words: which call it opens, whom the cell hears, and what its answer says then."""
        row, col = divmod(self.cell, self.domain.cols)
        names = [symbol.name for symbol in self.domain.drawing.answer_symbols]
        best = int(self.chance_FN[frame].argmax())
        says = f"y then says {names[best]}, with {100 * self.chance_FN[frame, best]:.0f} %."
        if self.chance_FN[frame].sum() < 0.5:  # a wall or a start, which nothing is said of
            says = "y says what is given there."
        number = int(self.shown_F[frame])
        if not number:
            return f"Row {row + 1}, column {col + 1}, before the first call. {says}"
        calls = self.latent_updates + 1
        step, within = divmod(number - 1, self.cycles * calls)
        does = "writes y from y and z" if self.wrote_F[frame] else "makes a new z from x, y and z"
        call = f"Step {step + 1}, call {within + 1} of {self.cycles * calls}: {does}."
        shares = self.shares(frame)
        if not shares:
            return f"{call} Marks are written by heads alone, so that it hears nobody. {says}"
        heard = ", ".join(
            f"{100 * share:.0f} % from {name}" for name, share in shares.items() if share > 0.005
        )
        return f"{call} It hears {heard}. {says}"
