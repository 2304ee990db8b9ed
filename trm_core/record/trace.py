"""Trace: everything one solve showed, as plain numpy. Frozen, saveable, playable without a model.

A solve has three clocks. A *step* is one supervision step; it consists of T *cycles*; a cycle
consists of n network *calls* that refine the latent z and one that writes the answer y. The
trace keeps the finest one and derives the others:

    step 1                                    step 2
    cycle 1            cycle 2                cycle 3 ...
    z z z ... z y      z z z ... z y          z z ...

Dimension key: S steps, C = S * T cycles, K = C * (n + 1) calls, L cells, V tokens, M = prefix
+ cells, D width. Frame 0 of every clock is the question alone, before the model has spoken.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from trm_core.domains import Domain, Judgement, PuzzleError, Symmetries, domain
from trm_core.record.archive import load_arrays, reading, save_arrays

CLOCKS = ("steps", "cycles", "calls")
# Why a solve ended.
HALTED, RULES, OUT_OF_STEPS, STOPPED = "halted", "rules", "steps", "stopped"
_ENDINGS = (HALTED, RULES, OUT_OF_STEPS, STOPPED)
_ENDINGS_BEFORE = {  # as traces said it until version 0.3
    "the model halted": HALTED,
    "the board obeys the rules": RULES,
    "out of steps": OUT_OF_STEPS,
    "stopped by hand": STOPPED,
}
FORMAT = "trm-trace-1"


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """One solve, watched. All arrays are indexed by time first.

    `moved_KL` and `residual_K` are relative: |new - old| / |new| of what the call changed, z or
    y, per cell and over all positions. `halt_C` is the halting probability sigma(q).
    """

    domain_name: str
    checkpoint: str
    cycles: int  # T
    latent_updates: int  # n
    stopped: str  # why the solve ended: one of the codes above
    device: str  # what computed it, in a few words
    question_L: np.ndarray  # tokens, uint8
    solution_L: np.ndarray | None  # tokens of the known solution
    answer_CL: np.ndarray  # decoded tokens after every cycle, uint8
    confidence_CL: np.ndarray  # probability of that token, fp16
    halt_C: np.ndarray  # fp32
    residual_K: np.ndarray  # fp32
    moved_KL: np.ndarray  # fp16
    distribution_SLV: np.ndarray  # probabilities at step ends, fp16
    seconds_S: np.ndarray  # since the start of the solve, at step ends
    y_SMD: np.ndarray | None = None  # features of the answer at step ends, fp16
    z_SMD: np.ndarray | None = None  # the latent at step ends, fp16
    prefix: int = 0  # positions of y and z before those of the cells
    interventions: tuple[str, ...] = ()  # what was done to y and z from outside, in words
    intervened_K: np.ndarray | None = None  # before which calls that changed something, bool
    # Pencil marks at step ends, where the answer is made of them; N symbols, in the order of tokens.
    candidates_SNL: np.ndarray | None = None  # still possible, bool
    pinned_SNL: np.ndarray | None = None  # guessed to be the one in that step, bool
    conflict_S: np.ndarray | None = None  # how sure that there is no solution any more, fp32
    dead_S: np.ndarray | None = None  # whether all is taken back before the next step, bool
    go_S: np.ndarray | None = None  # how often that had happened before, int16

    @property
    def domain(self) -> Domain:
        return domain(self.domain_name)

    @property
    def steps(self) -> int:
        return len(self.seconds_S)

    @property
    def nbytes(self) -> int:
        """What it weighs in memory, in bytes."""
        arrays = (getattr(self, f.name) for f in fields(self))
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    @property
    def takes_back(self) -> int:
        """How often it went back to the givens; 0 where answers aren't made of pencil marks."""
        return 0 if self.go_S is None else int(self.go_S[-1])

    def ticks(self, clock: str) -> np.ndarray:
        """Calls done at each frame of a clock: 0 for frame 0, K for the last one."""
        if clock not in CLOCKS:
            raise ValueError(f"clock must be one of {', '.join(CLOCKS)}; got {clock!r}")
        calls = self.latent_updates + 1
        every = {"steps": self.cycles * calls, "cycles": calls, "calls": 1}[clock]
        return np.arange(0, len(self.residual_K) + 1, every)

    def moments(self, clock: str) -> np.ndarray:
        """When each frame of a clock is, in supervision steps."""
        return self.ticks(clock) / (self.cycles * (self.latent_updates + 1))

    def cycle_of(self, ticks_F: np.ndarray) -> np.ndarray:
        """The cycle whose answer stands at each frame; -1 where nothing is written yet."""
        return ticks_F // (self.latent_updates + 1) - 1

    def answers(self, clock: str) -> np.ndarray:
        """Decoded tokens at every frame (F, L); the question until the first answer."""
        return self._of_cycles(self.answer_CL, self.question_L, clock)

    def confidences(self, clock: str) -> np.ndarray:
        """Probability of the shown token, (F, L) fp16; 0 until the first answer."""
        return self._of_cycles(self.confidence_CL, np.float16(0), clock)

    def halting(self, clock: str) -> np.ndarray:
        """Halting probability at every frame, (F,); 0 until the first answer."""
        return self._of_cycles(self.halt_C, np.float32(0), clock)

    def changed(self, clock: str) -> np.ndarray:
        """Cells whose answer differs from the frame before, (F, L) bool.

        The first answer changes nothing, since there was none before it; but where a question is painted over, it is
        what stood there.
        """
        answers_FL = self.answers(clock)
        written_F = (self.cycle_of(self.ticks(clock)) >= 0) | self.domain.paints_over
        changed_FL = np.zeros(answers_FL.shape, dtype=bool)
        changed_FL[1:] = (answers_FL[1:] != answers_FL[:-1]) & written_F[:-1, None]
        return changed_FL

    def latent_residuals(self, clock: str) -> np.ndarray:
        """How far z moved in the last refinement before each frame, relative; NaN at frame 0.

        Without latent updates (direct prediction) it is how far y moved.
        """
        return self._last_latent(self.residual_K, clock)

    def latent_moves(self, clock: str) -> np.ndarray:
        """The same for every cell, (F, L)."""
        return self._last_latent(self.moved_KL, clock)

    def right(self, clock: str) -> np.ndarray | None:
        """Cells that agree with the solution, (F, L) bool; None where no solution is known."""
        return None if self.solution_L is None else self.answers(clock) == self.solution_L

    @property
    def final_board(self) -> np.ndarray:
        return self.domain.board(self.answer_CL[-1])

    @property
    def question_board(self) -> np.ndarray:
        return self.domain.board(self.question_L)

    @property
    def solved(self) -> bool:
        return self.judgement.solved

    @property
    def judgement(self) -> Judgement:
        """What the rules, or where they can't tell the solution, say of the last answer."""
        solution = None if self.solution_L is None else self.domain.board(self.solution_L)
        return self.domain.rules.judge(self.question_board, self.final_board, solution)

    def _of_cycles(
        self, values_C: np.ndarray, before: np.ndarray | np.generic, clock: str
    ) -> np.ndarray:
        first = np.broadcast_to(before, values_C.shape[1:])[None].astype(values_C.dtype)
        return np.concatenate([first, values_C])[self.cycle_of(self.ticks(clock)) + 1]

    def _last_latent(self, values_K: np.ndarray, clock: str) -> np.ndarray:
        ticks_F = self.ticks(clock)
        last_F = ticks_F - 1
        if self.latent_updates:
            writes = last_F % (self.latent_updates + 1) == self.latent_updates
            last_F = last_F - writes
        values = values_K[np.maximum(last_F, 0)].astype(np.float32)
        values[ticks_F == 0] = np.nan
        return values

    def rewritten(self, way: Symmetries) -> Trace:
        """The same solve seen through a symmetry: cells moved, tokens renamed."""
        symbols_V = way.symbols_KV[0]
        moved = self.cropped(self.domain_name, way.cells_KL[0])
        return replace(
            moved,
            question_L=symbols_V[moved.question_L],
            solution_L=None if moved.solution_L is None else symbols_V[moved.solution_L],
            answer_CL=symbols_V[moved.answer_CL],
            distribution_SLV=moved.distribution_SLV[:, :, np.argsort(symbols_V)],
            candidates_SNL=renamed(moved.candidates_SNL, symbols_V),
            pinned_SNL=renamed(moved.pinned_SNL, symbols_V),
        )

    def cropped(self, domain_name: str, cells_L: np.ndarray) -> Trace:
        """The same solve, only at some of its cells, in that order: the board of `domain_name`.

        `residual_K` and `halt_C` stay what they were, over all positions.
        """

        def positions(features_SMD: np.ndarray | None) -> np.ndarray | None:
            if features_SMD is None:
                return None
            order = np.concatenate([np.arange(self.prefix), cells_L + self.prefix])
            return features_SMD[:, order]

        return replace(
            self,
            domain_name=domain_name,
            question_L=self.question_L[cells_L],
            solution_L=None if self.solution_L is None else self.solution_L[cells_L],
            answer_CL=self.answer_CL[:, cells_L],
            confidence_CL=self.confidence_CL[:, cells_L],
            moved_KL=self.moved_KL[:, cells_L],
            distribution_SLV=self.distribution_SLV[:, cells_L],
            y_SMD=positions(self.y_SMD),
            z_SMD=positions(self.z_SMD),
            candidates_SNL=_at(self.candidates_SNL, cells_L),
            pinned_SNL=_at(self.pinned_SNL, cells_L),
        )

    def _repr_html_(self) -> str:
        """The animation, where a notebook shows the trace as the last word of a cell."""
        import trm_core  # whose figures draw it: nothing here loads them before

        return trm_core.export.as_frame(self)

    def save(self, path: Path | IO[bytes]) -> None:
        """Write as compressed NPZ."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        told = {n: v for n, v in values.items() if n not in arrays and v is not None}
        save_arrays(path, FORMAT, told, arrays, key="meta")

    @classmethod
    def load(cls, source: Path | bytes) -> Trace:
        """Read what `save` wrote. Raises `PuzzleError` in one sentence for any other file."""
        with reading("this is not a readable trace file ({})"):
            told, arrays = load_arrays(source, "this trace", FORMAT, key="meta")
            trace = cls(**_brought_up({"solution_L": None} | arrays | told))
            trace._check()
        return trace

    def _check(self) -> None:
        """Shapes, types and ranges fit together, so that nothing later has to ask."""
        if not all(isinstance(t, str) for t in (self.checkpoint, self.device, *self.interventions)):
            raise PuzzleError("this trace's words are not as they should be")
        if not all(type(n) is int for n in (self.cycles, self.latent_updates, self.prefix)):
            raise PuzzleError("this trace's depth should be whole numbers")
        if self.stopped not in _ENDINGS:
            raise PuzzleError("this trace's ending is not as it should be")
        if self.seconds_S.ndim != 1:
            raise PuzzleError("this trace's times are not as they should be")
        if min(self.cycles, self.latent_updates + 1, self.steps) < 1 or self.prefix < 0:
            raise PuzzleError("this trace holds no step")
        marks = [getattr(self, name) is None for name in _MARKS]
        if any(marks) != all(marks):
            raise PuzzleError("this trace's pencil marks are not all there")
        S, L, V = self.steps, self.domain.cells, self.domain.vocab_size
        C = S * self.cycles
        sizes = dict(
            S=S, L=L, V=V, N=V - 2, C=C, K=C * (self.latent_updates + 1), M=self.prefix + L
        )
        for name, (holds, most) in _ARRAYS.items():
            array = getattr(self, name)
            if array is None:
                continue
            # Features are as wide as they are.
            wanted = tuple(
                sizes.get(a, array.shape[-1:][0] if array.ndim else 0) for a in _letters(name)
            )
            if array.shape != wanted:
                raise PuzzleError(f"this trace's {name} is {array.shape}, expected {wanted}")
            fault = _fault(array, holds, V if holds == TOKENS else most)
            if fault:
                raise PuzzleError(f"this trace's {name} {fault}")


TOKENS, NUMBERS, YES_OR_NO, COUNTS = range(4)
# What every array holds, and the most it may (none where there is no bound; where there is one, nothing is below 0).
# Its shape is said by the letters its name ends in.
_ARRAYS: dict[str, tuple[int, float | None]] = {
    "question_L": (TOKENS, None),
    "solution_L": (TOKENS, None),
    "answer_CL": (TOKENS, None),
    "confidence_CL": (NUMBERS, 1.001),  # rounded to 16 bits
    "halt_C": (NUMBERS, 1.0),
    "residual_K": (NUMBERS, np.inf),
    "moved_KL": (NUMBERS, np.inf),
    "distribution_SLV": (NUMBERS, 1.001),
    "seconds_S": (NUMBERS, np.inf),
    "y_SMD": (NUMBERS, None),
    "z_SMD": (NUMBERS, None),
    "intervened_K": (YES_OR_NO, None),
    "candidates_SNL": (YES_OR_NO, None),
    "pinned_SNL": (YES_OR_NO, None),
    "conflict_S": (NUMBERS, 1.0),
    "dead_S": (YES_OR_NO, None),
    "go_S": (COUNTS, None),
}
_MARKS = ("candidates_SNL", "pinned_SNL", "conflict_S", "dead_S", "go_S")


def _letters(name: str) -> str:
    return name.rsplit("_", 1)[1]


def _fault(array: np.ndarray, holds: int, most: float | None) -> str:
    """What is wrong with what an array holds, in words; nothing where it is as it should be."""
    kind = array.dtype.kind
    if holds == TOKENS and (array.dtype != np.uint8 or array.max() >= most):
        return "holds tokens outside the vocabulary"
    if holds == YES_OR_NO and kind != "b":
        return "should hold yes or no"
    if holds == COUNTS and (kind != "i" or array.min() < 0):
        return "should hold whole numbers from 0 on"
    if holds == NUMBERS and (kind != "f" or not np.isfinite(array).all()):
        return "should hold finite numbers"
    if holds == NUMBERS and most is not None and not (array.min() >= 0 and array.max() <= most):
        return f"should lie between 0 and {most:g}"
    return ""


def _at(marks_SNL: np.ndarray | None, cells_L: np.ndarray) -> np.ndarray | None:
    return None if marks_SNL is None else marks_SNL[:, :, cells_L]


def renamed(marks_SNL: np.ndarray | None, symbols_V: np.ndarray) -> np.ndarray | None:
    """Marks whose symbols are renamed as tokens are; the first two tokens are no symbols."""
    return None if marks_SNL is None else marks_SNL[:, np.argsort(symbols_V[2:])]


def _brought_up(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a file, older ones in today's terms."""
    values["stopped"] = _ENDINGS_BEFORE.get(values["stopped"], values["stopped"])
    values["interventions"] = tuple(values.get("interventions", ()))
    if "prefix" not in values and "z_SMD" in values:
        values["prefix"] = values["z_SMD"].shape[1] - len(values["question_L"])
    return values
