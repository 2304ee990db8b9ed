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

import json
import zipfile
import zlib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from trm_core.domains import Domain, Judgement, PuzzleError, Symmetries, domain
from trm_core.record.archive import unpacked

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
# What reading a damaged or hostile file can raise.
UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, MemoryError),
    IndexError,
    *(RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error),
)


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

    def _of_cycles(self, values_C: np.ndarray, before: np.ndarray, clock: str) -> np.ndarray:
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

    def save(self, path: Path | IO[bytes]) -> None:
        """Write as compressed NPZ."""
        arrays, texts = {}, {"format": FORMAT}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, np.ndarray):
                arrays[f.name] = value
            elif value is not None:
                texts[f.name] = value
        np.savez_compressed(path, meta=np.array(json.dumps(texts)), **arrays)

    @classmethod
    def load(cls, source: Path | bytes) -> Trace:
        """Read what `save` wrote. Raises `PuzzleError` in one sentence for any other file."""
        try:
            values = unpacked(source, "this trace")
            values |= json.loads(str(values.pop("meta")))
            if values.pop("format", None) != FORMAT:
                raise PuzzleError(f"this is not a trace file of ours (expected {FORMAT})")
            trace = cls(**_brought_up({"solution_L": None} | values))
            trace._check()
        except PuzzleError:
            raise
        except UNREADABLE as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise PuzzleError(f"this is not a readable trace file ({reason})") from None
        return trace

    def _check(self) -> None:
        """Shapes, types and ranges fit together, so that nothing later has to ask."""
        if not all(isinstance(t, str) for t in (self.checkpoint, self.device, *self.interventions)):
            raise PuzzleError("this trace's words are not as they should be")
        if not all(type(n) is int for n in (self.cycles, self.latent_updates, self.prefix)):
            raise PuzzleError("this trace's depth should be whole numbers")
        if self.stopped not in _ENDINGS:
            raise PuzzleError("this trace's ending is not as it should be")
        L, V = self.domain.cells, self.domain.vocab_size
        if self.seconds_S.ndim != 1:
            raise PuzzleError("this trace's times are not as they should be")
        if min(self.cycles, self.latent_updates + 1, self.steps) < 1:
            raise PuzzleError("this trace holds no step")
        C, K = self.steps * self.cycles, self.steps * self.cycles * (self.latent_updates + 1)
        shapes = {
            "question_L": (L,),
            "solution_L": (L,),
            "answer_CL": (C, L),
            "confidence_CL": (C, L),
            "halt_C": (C,),
            "residual_K": (K,),
            "moved_KL": (K, L),
            "distribution_SLV": (self.steps, L, V),
            "seconds_S": (self.steps,),
            "intervened_K": (K,),
            "candidates_SNL": (self.steps, V - 2, L),
            "pinned_SNL": (self.steps, V - 2, L),
            "conflict_S": (self.steps,),
            "dead_S": (self.steps,),
            "go_S": (self.steps,),
        }
        marks = [getattr(self, name) is None for name in _MARKS]
        if any(marks) != all(marks):
            raise PuzzleError("this trace's pencil marks are not all there")
        for name in ("y_SMD", "z_SMD"):
            array = getattr(self, name)
            if array is not None and array.ndim == 3 and self.prefix >= 0:
                shapes[name] = (self.steps, self.prefix + L, array.shape[2])
            elif array is not None:
                raise PuzzleError(f"this trace's {name} is not as it should be")
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise PuzzleError(f"this trace's {name} is {array.shape}, expected {shape}")
        for name, most in _NUMBERS.items():
            array = getattr(self, name)
            if array is None:
                continue
            if array.dtype.kind != "f" or not np.isfinite(array).all():
                raise PuzzleError(f"this trace's {name} should hold finite numbers")
            if most is not None and not (array.min() >= 0 and array.max() <= most):
                raise PuzzleError(f"this trace's {name} should lie between 0 and {most:g}")
        for name in ("intervened_K", "candidates_SNL", "pinned_SNL", "dead_S"):
            array = getattr(self, name)
            if array is not None and array.dtype != bool:
                raise PuzzleError(f"this trace's {name} should hold yes or no")
        if self.go_S is not None and (self.go_S.dtype.kind != "i" or self.go_S.min() < 0):
            raise PuzzleError("this trace's go_S should hold whole numbers from 0 on")
        for name in ("question_L", "solution_L", "answer_CL"):
            array = getattr(self, name)
            if array is not None and (array.dtype != np.uint8 or array.max() >= V):
                raise PuzzleError(f"this trace's {name} holds tokens outside the vocabulary")


# Arrays of numbers, and the most each may hold (none where it has no bound); those with one hold
# nothing below 0.
_NUMBERS: dict[str, float | None] = {
    "confidence_CL": 1.001,  # rounded to 16 bits
    "halt_C": 1.0,
    "distribution_SLV": 1.001,
    "residual_K": np.inf,
    "moved_KL": np.inf,
    "seconds_S": np.inf,
    "y_SMD": None,
    "z_SMD": None,
    "conflict_S": 1.0,
}
_MARKS = ("candidates_SNL", "pinned_SNL", "conflict_S", "dead_S", "go_S")


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
