"""Solver: a question and settings in, the model's steps out as they come, and a solution.

    solving = Solver(model, domain).start(question_RC, Settings(steps=16))
    for step in solving:          # every supervision step, while the model thinks
        print(step.board_RC)      # leave the loop, or call solving.cancel(), to stop
    print(solving.solution.solved)

The rules of the puzzle may stop a solve or choose among its answers; they never fill in a cell.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trm_core.device import GATE, Gate
from trm_core.domains import Domain, PuzzleError, vote_symmetries
from trm_core.network.config import ConfigError
from trm_core.network.interventions import Intervention, Noise, words_of
from trm_core.network.model import State, TinyRecursiveModel
from trm_core.network.slots import Occupant
from trm_core.record.trace import Trace, renamed
from trm_core.solving.endings import best_way, is_over, reason, seed_of_way
from trm_core.solving.engine import Engine, EngineStep
from trm_core.solving.recorder import StepRecord
from trm_core.solving.settings import Settings


@dataclass(frozen=True, eq=False)
class SolveStep:
    """What a watcher sees after each supervision step."""

    step: int
    board_RC: np.ndarray
    changed: int  # cells that differ from the step before; all blanks at the first step
    halt_probability: float
    confidence: float  # mean over the cells that are not given
    seconds: float
    ways_open: int  # ways of asking that are still being thought about
    go: int = 0  # how often it has gone back to the givens
    candidates_NL: np.ndarray | None = None  # still possible, bool, where it makes pencil marks


@dataclass(frozen=True, eq=False)
class Solution:
    """The outcome of a solve."""

    answer_RC: np.ndarray
    solved: bool  # what the rules ask for; see `Rules.judge`
    valid: bool  # complete and breaks no rule, if perhaps not the best, or of another question
    steps: int
    seconds: float
    halt_probability: float  # at the last step of the chosen way
    stopped: str  # a code of `record.trace`
    trace: Trace
    ways_solved: int  # of the ways of asking, how many ended in a solved board
    ways: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What few solves ask for besides their settings."""

    puzzle_id: int = 0  # whose embedding the question gets, where the model has several
    start: State | None = None  # y and z to go on from, (M, D) each, instead of the model's own
    interventions: tuple[Intervention, ...] = ()  # what is done to y and z on the way
    keep_latents: bool = False  # whether the trace keeps y and z of every step
    visitor: Hashable = None  # whose turn it counts as; a solve without one counts alone
    background: bool = False  # whether it only advances while nobody else waits


class Solver:
    """Solves puzzles with one model; share it between threads.

    `domain` is what the model reads; other sizes are asked on its canvas where they fit on it.
    """

    def __init__(
        self,
        model: TinyRecursiveModel,
        domain: Domain,
        *,
        checkpoint: str = "",
        threads: int | None = None,
        gate: Gate = GATE,
    ) -> None:
        config = model.config
        if (config.rows, config.cols, config.vocab_size) != (
            domain.rows,
            domain.cols,
            domain.vocab_size,
        ):
            raise ConfigError(
                "this model",
                f"reads {config.rows}x{config.cols} cells of {config.vocab_size} tokens, "
                f"{domain.title} has {domain.rows}x{domain.cols} of {domain.vocab_size}",
            )
        self.domain, self.checkpoint = domain, checkpoint
        self.model = model
        self.engine = Engine(model, threads=threads, gate=gate)

    def start(
        self,
        question_RC: np.ndarray,
        settings: Settings | None = None,
        solution_RC: np.ndarray | None = None,
        domain: Domain | None = None,
        **asked: Any,
    ) -> Solving:
        """Begin a solve; nothing is computed before the first step is asked for.

        `solution_RC`, if known, goes into the trace for comparison; the model never sees it. One of another size than
        the question, as some tasks of ARC have, can't be compared with what a model paints over it, and is left out.
        `domain` is the question's, where it is not the model's own. What else can be `asked` is
        said by `Asked`. Raises `PuzzleError` if the question is no board of its kind, or does not fit on the model's canvas.
        """
        own = domain or self.domain
        if not own.fits_on(self.domain):
            raise PuzzleError(f"a {own.title} does not fit on a {self.domain.title}")
        more = Asked(**asked)
        self._check(more)
        question_RC = _board(own, question_RC)
        if np.shape(solution_RC) != question_RC.shape:
            solution_RC = None
        return Solving(self, own, question_RC, settings or Settings(), solution_RC, more)

    def _check(self, asked: Asked) -> None:
        """Refuse here what would fail in a step that is shared with others."""
        config = self.model.config
        if not 0 <= asked.puzzle_id < max(1, config.puzzle_ids):
            raise ConfigError("puzzle_id", f"must lie in 0..{config.puzzle_ids - 1}")
        if asked.start is not None:
            expected = [part.shape[1:] for part in self.model.start(1)]
            if [part.shape for part in asked.start] != expected:
                raise ConfigError("start", f"must be y and z of {[tuple(e) for e in expected]}")

    def solve(
        self,
        question_RC: np.ndarray,
        settings: Settings | None = None,
        solution_RC: np.ndarray | None = None,
        domain: Domain | None = None,
        **asked: Any,
    ) -> Solution:
        """The whole solve at once, as `start` begins it."""
        solving = self.start(question_RC, settings, solution_RC, domain, **asked)
        for _ in solving:
            pass
        return solving.solution


def _board(asked: Domain, question_RC: object) -> np.ndarray:
    """A question as an array of (R, C) whole numbers. Raises `PuzzleError`."""
    found = np.asarray(question_RC)
    whole = found.dtype.kind in "iub"
    if not whole or found.shape != (asked.rows, asked.cols):
        what = f"shape {found.shape}" if whole else f"{found.dtype} of shape {found.shape}"
        raise PuzzleError(
            f"a {asked.title} is an array of {asked.rows} x {asked.cols} whole numbers, got {what}; `domain.parse` reads text"
        )
    least, most = int(found.min()), int(found.max())
    if least < 0 or most > 255 or asked.tokens(found.astype(np.uint8)).max() >= asked.vocab_size:
        raise PuzzleError(f"a {asked.title} has no such symbol as {most if least >= 0 else least}")
    return found


class Solving:
    """One solve under way: iterate it, once, for its steps, then read `solution`."""

    def __init__(
        self,
        solver: Solver,
        domain: Domain,
        question_RC: np.ndarray,
        settings: Settings,
        solution_RC: np.ndarray | None,
        asked: Asked,
    ) -> None:
        self.solver, self.settings, self.domain = solver, settings, domain
        self.question_RC, self.solution_RC, self.asked = question_RC, solution_RC, asked
        rng = np.random.default_rng(settings.seed)
        self._tokens_L = solver.domain.tokens(domain.onto(solver.domain, self.question_RC))
        self._cells_L = domain.cells_on(solver.domain)
        self._ways = vote_symmetries(solver.domain, rng, settings.votes)
        self._back = self._ways.inverse()
        self._steps: list[list[EngineStep]] = [[] for _ in range(settings.votes)]
        self._seconds: list[float] = []
        self._begun = self._cancelled = False

    def cancel(self) -> None:
        """Stop after the step under way; `solution` then tells what there is."""
        self._cancelled = True

    def __iter__(self) -> Iterator[SolveStep]:
        if self._begun:
            raise RuntimeError("this solve has been iterated; start another one")
        self._begun = True
        return self._run()

    def _run(self) -> Iterator[SolveStep]:
        began = time.perf_counter()
        engine, asked = self.solver.engine, self.asked
        visitor = object() if asked.visitor is None else asked.visitor
        tickets = [
            engine.submit(
                self._occupant(k), self._is_done(k), visitor=visitor, background=asked.background
            )
            for k in range(len(self._ways))
        ]
        open_ways = {k: engine.steps(ticket) for k, ticket in enumerate(tickets)}
        try:
            while open_ways and not self._cancelled:
                for k, stream in list(open_ways.items()):
                    result = next(stream, None)
                    if result is None:
                        del open_ways[k]
                    else:
                        self._steps[k].append(result)
                        if self._ends_the_race(k, result):
                            self._cancelled = True  # the others need not go on
                if open_ways:
                    self._seconds.append(time.perf_counter() - began)
                    yield self._describe(len(open_ways))
        finally:
            for ticket in tickets:
                engine.cancel(ticket)

    def _occupant(self, k: int) -> Occupant:
        """Way k of asking. The first one is asked as it is, without noise."""
        settings, asked = self.settings, self.asked
        interventions = asked.interventions
        if settings.noise and k:
            interventions = (Noise(settings.noise, (settings.seed, k)), *interventions)
        return Occupant(
            tokens_L=self._ways[k].apply(self._tokens_L)[0],
            puzzle_id=asked.puzzle_id,
            start=asked.start or self.solver.model.seeded_start(seed_of_way(settings.seed, k)),
            interventions=interventions,
            keep_latents=asked.keep_latents,
        )

    @property
    def started(self) -> bool:
        """Whether there is a step to look at."""
        return bool(self._steps[0])

    @property
    def solution(self) -> Solution:
        """The best way's answer (`endings.best_way`)."""
        if not self.started:
            raise RuntimeError("the solve has not taken a step yet; iterate it first")
        last = [steps[-1] for steps in self._steps]
        obeyed = [self._obeys(k, step.answer_L) for k, step in enumerate(last)]
        steps_K = [len(steps) for steps in self._steps]
        best = best_way(obeyed, [step.halt_probability for step in last], steps_K)
        answer_RC = self._board(best, last[best].answer_L)
        judged = self.domain.rules.judge(self.question_RC, answer_RC, self.solution_RC)
        return Solution(
            answer_RC=answer_RC,
            solved=judged.solved,
            valid=judged.valid,
            steps=steps_K[best],
            seconds=self._seconds[-1],
            halt_probability=last[best].halt_probability,
            stopped=self._why(best),
            trace=self._trace(best),
            ways_solved=sum(obeyed),
            ways=len(obeyed),
        )

    def traces(self) -> list[Trace]:
        """What every way showed, turned back to the question as it was asked."""
        return [self._trace(k) for k in range(len(self._steps)) if self._steps[k]]

    def _board(self, k: int, answer_L: np.ndarray) -> np.ndarray:
        return self.domain.board(self._back[k].apply(answer_L)[0][self._cells_L])

    def _obeys(self, k: int, answer_L: np.ndarray) -> bool:
        return self.domain.rules.obeyed(self.question_RC, self._board(k, answer_L))

    def _is_done(self, k: int) -> Callable[[EngineStep], bool]:
        """The rule by which way k ends."""
        settings = self.settings

        def is_done(result: EngineStep) -> bool:
            obeyed = settings.stop == "rules" and self._obeys(k, result.answer_L)
            return is_over(settings.stop, result.step, settings.steps, result.says_done, obeyed)

        return is_done

    def _ends_the_race(self, k: int, result: EngineStep) -> bool:
        """Whether one that is right ends all others; not where nothing is to end them."""
        settings = self.settings
        return settings.race and settings.stop != "steps" and self._obeys(k, result.answer_L)

    def _why(self, k: int) -> str:
        last = self._steps[k][-1]
        obeyed = self._obeys(k, last.answer_L)
        stop, most = self.settings.stop, self.settings.steps
        return reason(stop, last.step, most, last.says_done, obeyed)

    def _describe(self, ways_open: int) -> SolveStep:
        """The way asked as it is, or, once that one has ended, the one that goes on longest."""
        k = max(range(len(self._steps)), key=lambda k: (len(self._steps[k]), -k))
        steps = self._steps[k]
        board_RC = self._board(k, steps[-1].answer_L)
        before_RC = self._board(k, steps[-2].answer_L) if len(steps) > 1 else self.question_RC
        blank_RC = ~self.domain.given(self.question_RC)
        confidence_L = self._back[k].cells_KL[0][self._cells_L]
        confidence = steps[-1].record.confidence_TL[-1][confidence_L]
        marks = steps[-1].record.marks
        return SolveStep(
            go=0 if marks is None else marks.go,
            candidates_NL=self._candidates(k),
            step=steps[-1].step,
            board_RC=board_RC,
            changed=int((board_RC != before_RC).sum()),
            halt_probability=steps[-1].halt_probability,
            confidence=float(confidence[blank_RC.reshape(-1)].mean()) if blank_RC.any() else 1.0,
            seconds=self._seconds[-1],
            ways_open=ways_open,
        )

    def standing(self, most: int) -> list[tuple[np.ndarray, np.ndarray | None]]:
        """The board and the pencil marks, if any, of the first so many ways, as they stand."""
        return [
            (self._board(k, steps[-1].answer_L), self._candidates(k))
            for k, steps in enumerate(self._steps[:most])
            if steps
        ]

    def _candidates(self, k: int) -> np.ndarray | None:
        """Way k's pencil marks as they stand, if it makes any, turned back to the question as it was asked."""
        marks, back = self._steps[k][-1].record.marks, self._back[k]
        if marks is None:
            return None
        moved_1NL = marks.candidates_NL[None][..., back.cells_KL[0]]
        return renamed(moved_1NL, back.symbols_KV[0])[0][:, self._cells_L]

    def _trace(self, k: int) -> Trace:
        steps = self._steps[k]
        config, canvas = self.solver.model.config, self.solver.domain
        records = [step.record for step in steps]
        occupant = self._occupant(k)

        def joined(name: str) -> np.ndarray:
            return np.concatenate([getattr(record, name) for record in records])

        def stacked(name: str) -> np.ndarray | None:
            parts = [getattr(record, name) for record in records]
            return None if parts[0] is None else np.stack(parts)

        trace = Trace(
            domain_name=canvas.name,
            checkpoint=self.solver.checkpoint,
            cycles=config.cycles,
            latent_updates=config.latent_updates,
            stopped=self._why(k),
            device=self.solver.model.device.type.upper(),
            question_L=occupant.tokens_L,
            solution_L=None,
            answer_CL=joined("answer_TL"),
            confidence_CL=joined("confidence_TL"),
            halt_C=joined("halt_T"),
            residual_K=joined("residual_k"),
            moved_KL=joined("moved_kL"),
            distribution_SLV=stacked("distribution_LV"),
            seconds_S=np.array(self._seconds[: len(steps)], dtype=np.float32),
            y_SMD=stacked("y_MD"),
            z_SMD=stacked("z_MD"),
            prefix=config.prefix_length,
            interventions=tuple(map(words_of, occupant.interventions)),
            intervened_K=joined("intervened_k") if occupant.interventions else None,
            **_marks(records),
        ).rewritten(self._back[k])
        if self.domain is not canvas:
            trace = trace.cropped(self.domain.name, self._cells_L)
        if self.solution_RC is None:
            return trace
        return replace(trace, solution_L=self.domain.tokens(self.solution_RC))


def _marks(records: Sequence[StepRecord]) -> dict[str, np.ndarray]:
    """The pencil marks of a solve's steps, as a trace has them; none where there are none."""
    marks = [record.marks for record in records if record.marks is not None]
    if not marks:
        return {}
    return {
        "candidates_SNL": np.stack([each.candidates_NL for each in marks]),
        "pinned_SNL": np.stack([each.pinned_NL for each in marks]),
        "conflict_S": np.array([each.conflict for each in marks], np.float32),
        "dead_S": np.array([each.dead for each in marks]),
        "go_S": np.array([each.go for each in marks], np.int16),
    }
