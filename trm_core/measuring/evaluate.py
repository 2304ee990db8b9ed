"""A test set in; every puzzle's outcome out, and what they come to: accuracy by depth and by votes,
halting, speed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.distributed as dist

from trm_core.device import GATE, Gate, threads_for
from trm_core.domains import Domain, Pairs, vote_symmetries
from trm_core.network.config import ConfigError
from trm_core.network.interventions import Intervention, Noise
from trm_core.network.model import Marks, State, TinyRecursiveModel
from trm_core.network.slots import Occupant, Slots
from trm_core.record.outcomes import Outcomes
from trm_core.record.slices import doublings, wilson_interval
from trm_core.solving.endings import best_way, is_over, seed_of_way

# Depths at which goes are counted, besides the last.
MILESTONES = (16, 30, 60, 120, 256, 512)
MOST_STATES = 4 * 2**30  # bytes of y and z that are kept of a set
_COUNTS = ("goes_N", "pins_N", "dead_right_N", "dead_wrong_N", "strayed_at_N")


@dataclass(frozen=True)
class Evaluation:
    """What a checkpoint did on `puzzles` puzzles. Shares lie in 0..1."""

    puzzles: int
    most_steps: int
    stop: str  # how a puzzle's solve ended, as in `Settings`
    exact: dict[int, float]  # by supervision step: every cell right by then
    interval: tuple[float, float]  # 95 % for the last of them (Wilson)
    valid: float  # share that obeys the rules at the end, as `Rules.judge` says
    solved: float  # share that is as good as can be; where answers are not unique, exact or not
    solved_interval: tuple[float, float]
    solved_by_step: dict[int, float]
    spent: dict[int, float]  # by supervision step: steps a puzzle got by then, on average
    cells: float  # share of the cells right at the end
    mean_steps: float  # until the halting head said so, or the end
    # Share whose halting head told the truth in the end, of the puzzles that the rules did not end before it was waited
    # for; None where they ended all.
    halting_accuracy: float | None
    puzzles_per_second: float

    @classmethod
    def of(cls, outcomes: Outcomes, seconds: float) -> Evaluation:
        """What the outcomes of a set come to, which took so many seconds."""
        count, most = len(outcomes), outcomes.most_steps
        exact, solved = (
            {depth: float(right_NS[:, depth - 1].mean()) for depth in doublings(most)}
            for right_NS in (outcomes.exact_NS, outcomes.solved_NS)
        )
        halted_at_N = np.where(outcomes.halted_at_N, outcomes.halted_at_N, most)
        return cls(
            puzzles=count,
            most_steps=most,
            stop=outcomes.stop,
            exact=exact,
            interval=wilson_interval(exact[most], count),
            valid=float(outcomes.valid_N.mean()),
            solved=solved[most],
            solved_interval=wilson_interval(solved[most], count),
            solved_by_step=solved,
            spent={d: float(np.minimum(outcomes.left_at_N, d).mean()) for d in solved},
            cells=float(1 - outcomes.wrong_NL.mean()),
            mean_steps=float(np.minimum(halted_at_N, outcomes.left_at_N).mean()),
            halting_accuracy=_halting_accuracy(outcomes[~outcomes.unasked_N]),
            puzzles_per_second=count / seconds,
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{_table('steps', self.exact, self.solved_by_step, self.puzzles)}\n"
            f"at the end, by the rules: valid {100 * self.valid:.1f} %, solved {100 * self.solved:.1f} %\n"
            f"cells right {100 * self.cells:.2f} %, mean steps to halt {self.mean_steps:.2f}, "
            f"{self._halting_words()}{self.puzzles_per_second:.1f} puzzles/s"
        )

    def _halting_words(self) -> str:
        if self.halting_accuracy is None:
            return ""
        of = " of those that the rules did not end" if self.stop == "rules" else ""
        return f"halting head right {100 * self.halting_accuracy:.1f} %{of}, "


def _halting_accuracy(asked: Outcomes) -> float | None:
    if not len(asked):
        return None
    return float((asked.said_done_N == asked.exact_NS[:, -1]).mean())


def _table(counted: str, exact: dict[int, float], solved: dict[int, float], puzzles: int) -> str:
    """Accuracy by what is counted, a line each, and how far to trust the last one."""
    rows = [f"{counted:>8}    exact   solved"]
    rows += [f"{n:>8}  {100 * exact[n]:5.1f} %  {100 * solved[n]:5.1f} %" for n in exact]
    bounds = [wilson_interval(list(shares.values())[-1], puzzles) for shares in (exact, solved)]
    told = [f"{100 * low:.1f} to {100 * high:.1f} %" for low, high in bounds]
    rows.append(f"on {puzzles} puzzles (95 % interval at the end: {told[0]}; solved {told[1]})")
    return "\n".join(rows)


@dataclass(frozen=True, eq=False)
class _Moment:
    """One supervision step of the puzzles now in their slots."""

    owner_B: np.ndarray  # index of each slot's puzzle
    step_B: np.ndarray  # 1, 2, ...
    answer_BL: np.ndarray
    confidence_BL: np.ndarray  # probability of those tokens
    q_B: np.ndarray  # halting logits
    moved_B: np.ndarray  # |z - z before| / |z|
    latent_BD: np.ndarray  # the mean of z over all positions
    marks: Marks | None  # pencil marks, where the answers are made of them, as numpy
    state: State  # y and z, where the model is


def _moments(
    model: TinyRecursiveModel,
    occupants: Sequence[Occupant],
    is_done: Callable[[_Moment], np.ndarray],
    capacity: int,
    gate: Gate,
    background: bool,
) -> Iterator[_Moment]:
    """All puzzles through the slots; one leaves, and another takes its place, when it is done."""
    waiting = min(capacity, len(occupants))
    threads, visitor = threads_for(model.config, waiting), object()
    owner_B = np.arange(waiting)
    slots = Slots(model)
    slots.add(occupants[:waiting])
    while len(slots):
        # Grad mode and the turn end before the consumer is given the moment.
        with torch.no_grad(), gate.turn(lambda: (visitor,), threads, background=lambda: background):
            before, began = slots.state, time.perf_counter()
            output = slots.step()
            probability_BL, answer_BL = output.logits_BLV.float().softmax(-1).max(-1)
            moved_B, size_B = (
                part.float().flatten(1).norm(dim=1)
                for part in (slots.state.z_BMD - before.z_BMD, slots.state.z_BMD)
            )
            moment = _Moment(
                owner_B,
                slots.steps_B.cpu().numpy(),
                answer_BL.to(torch.uint8).cpu().numpy(),
                probability_BL.cpu().numpy(),
                output.q_B.float().cpu().numpy(),
                (moved_B / size_B.clamp(min=1e-6)).cpu().numpy(),
                slots.state.z_BMD.float().mean(1).cpu().numpy(),
                _as_numpy(model.marks(slots.state.y_BMD)),
                slots.state,
            )
        gate.charge(visitor, time.perf_counter() - began)
        yield moment
        done_B = is_done(moment)
        if done_B.any():
            fresh = np.arange(waiting, min(len(occupants), waiting + int(done_B.sum())))
            waiting += len(fresh)
            slots.keep(torch.from_numpy(~done_B).to(model.device))
            owner_B = np.concatenate([owner_B[~done_B], fresh])
            slots.add([occupants[i] for i in fresh])


def _as_numpy(marks: Marks | None) -> Marks | None:
    return None if marks is None else Marks(*(part.cpu().numpy() for part in marks))


class States:
    """y and z of every step of a set of puzzles: `y_NSMD` and `z_NSMD` in half precision, M positions of D features; NaN
    behind the step with which a puzzle left."""

    def __init__(self, puzzles: int, steps: int, model: TinyRecursiveModel) -> None:
        shape = (puzzles, steps, model.config.sequence_length, model.config.width)
        self.bytes = 4 * int(np.prod(shape, dtype=np.int64))
        if self.bytes > MOST_STATES:
            raise ConfigError(
                "states",
                f"of {puzzles} puzzles and {steps} steps would take {self.bytes / 2**30:.1f} GiB, more than "
                f"{MOST_STATES / 2**30:.0f}: choose fewer puzzles or steps",
            )
        self.y_NSMD, self.z_NSMD = np.full((2, *shape), np.nan, np.float16)

    def note(self, moment: _Moment) -> None:
        """Keep a step."""
        at = moment.owner_B, moment.step_B - 1
        state = moment.state
        self.y_NSMD[at] = state.y_BMD.float().cpu().numpy()
        self.z_NSMD[at] = state.z_BMD.float().cpu().numpy()


class Examination:
    """A model asked every puzzle of a set. Iterate it, once: after every step it tells how many
    puzzles are done. `outcomes` can be read at any time, and `cancel` keeps what there is.

    As published, every puzzle gets all its steps (`stop` "steps"). Otherwise a puzzle keeps the
    answer it stopped with and makes room for the next one: when the halting head says it is done
    ("halt"), or when the rules call it solved ("rules"). The accuracy at step s then counts what
    somebody who lets it stop so would have by then.

    `interventions` gives those of each puzzle, by its number and its tokens; `states` keeps y and z of every step.
    """

    def __init__(
        self,
        model: TinyRecursiveModel,
        domain: Domain,
        pairs: Pairs,
        *,
        most_steps: int = 16,
        stop: str = "steps",
        capacity: int = 64,
        checkpoint: str = "",
        interventions: Callable[[int, np.ndarray], tuple[Intervention, ...]] | None = None,
        states: States | None = None,
        gate: Gate = GATE,
        background: bool = False,
    ) -> None:
        self._interventions, self._states = interventions, states
        self.model, self.domain, self.pairs = model, domain, pairs
        self.most_steps, self.stop, self.checkpoint = most_steps, stop, checkpoint
        self._capacity, self._gate, self._background = capacity, gate, background
        self._cancelled = False
        count = len(pairs)
        self._done_N = np.zeros(count, dtype=bool)
        self._obeyed_N = np.zeros(count, dtype=bool)  # solved, as the rules alone can tell
        questions_NRC = domain.board(pairs.tokens_N2L[:, 0])
        self._given_NL = np.array([domain.given(q) for q in questions_NRC], dtype=bool)
        self._given_NL = self._given_NL.reshape(count, domain.cells)
        self._guessed_NL = np.zeros_like(self._given_NL)  # cells guessed in the present go
        self._columns = {
            "question_NL": pairs.tokens_N2L[:, 0],
            "solution_NL": pairs.tokens_N2L[:, 1],
            "answer_NL": pairs.tokens_N2L[:, 0].copy(),
            "rating_N": pairs.rating_N,
            "exact_NS": np.zeros((count, most_steps), dtype=bool),
            "solved_NS": np.zeros((count, most_steps), dtype=bool),
            "wrong_NS": np.zeros((count, most_steps), dtype=np.int16),
            "changed_NS": np.zeros((count, most_steps), dtype=np.int16),
            "said_NS": np.zeros((count, most_steps), dtype=np.float32),
            "latent_ND": np.zeros((count, model.config.width), dtype=np.float32),
            "valid_N": np.zeros(count, dtype=bool),
            "left_at_N": np.zeros(count, dtype=np.int32),
            "halted_at_N": np.zeros(count, dtype=np.int32),
            "halt_N": np.zeros(count, dtype=np.float32),
            "confidence_N": np.zeros(count, dtype=np.float32),
            "moved_N": np.zeros(count, dtype=np.float32),
            "strayed_cell_N": np.full(count, -1, dtype=np.int32),
            "strayed_by_guess_N": np.zeros(count, dtype=bool),
        } | {name: np.zeros(count, dtype=np.int32) for name in _COUNTS}

    @property
    def outcomes(self) -> Outcomes:
        """Those of the puzzles that are done so far. Where puzzles leave early the easy ones are done first: then
        only those before the first that is not, which are no choice."""
        chosen = np.flatnonzero(self._done_N)
        if self.stop != "steps":
            chosen = chosen[chosen == np.arange(len(chosen))]
        return Outcomes(
            domain_name=self.domain.name,
            checkpoint=self.checkpoint,
            most_steps=self.most_steps,
            stop=self.stop,
            index_N=chosen,
            **{name: column[chosen] for name, column in self._columns.items()},
        )

    def cancel(self) -> None:
        """Stop after the step under way."""
        self._cancelled = True

    def __iter__(self) -> Iterator[int]:
        occupants = [
            Occupant(
                tokens_L=tokens_L,
                puzzle_id=int(self.pairs.puzzle_ids_N[i]),
                interventions=()
                if self._interventions is None
                else self._interventions(i, tokens_L),
            )
            for i, tokens_L in enumerate(self.pairs.tokens_N2L[:, 0])
        ]
        for moment in _moments(
            self.model, occupants, self._is_done, self._capacity, self._gate, self._background
        ):
            self._note(moment)
            if self._states is not None:
                self._states.note(moment)
            yield int(self._done_N.sum())
            if self._cancelled:
                return

    def _is_done(self, moment: _Moment) -> np.ndarray:
        obeyed_B = self._obeyed_N[moment.owner_B]
        return is_over(self.stop, moment.step_B, self.most_steps, moment.q_B > 0, obeyed_B)

    def _note(self, moment: _Moment) -> None:
        """Write down what a step came to; an answer stands until the next one."""
        kept, owner_B, step_B = self._columns, moment.owner_B, moment.step_B
        says_done_B = moment.q_B > 0
        first_B = says_done_B & (kept["halted_at_N"][owner_B] == 0)
        kept["halted_at_N"][owner_B[first_B]] = step_B[first_B]
        blank_BL = ~self._given_NL[owner_B]
        changed_BL = (moment.answer_BL != kept["answer_NL"][owner_B]) & blank_BL
        same_B = (moment.answer_BL == kept["answer_NL"][owner_B]).all(1) & (step_B > 1)
        said_B = 1 / (1 + np.exp(-moment.q_B.astype(np.float64)))
        at_B = step_B - 1
        kept["changed_NS"][owner_B, at_B] = changed_BL.sum(1) * (step_B > 1)
        for owner, at, said in zip(owner_B, at_B, said_B, strict=True):
            kept["said_NS"][owner, at:] = said
        for owner, step, same, answer_L in zip(
            owner_B, step_B, same_B, moment.answer_BL, strict=True
        ):
            if same:
                continue
            solution_L = self.pairs.tokens_N2L[owner, 1]
            solved = self.domain.rules.is_solved(*self._boards(owner, answer_L))
            self._obeyed_N[owner] = solved and self.domain.rules.decide
            wrong_L = answer_L != solution_L
            kept["wrong_NS"][owner, step - 1 :] = int((wrong_L & ~self._given_NL[owner]).sum())
            kept["exact_NS"][owner, step - 1 :] = not wrong_L.any()
            kept["solved_NS"][owner, step - 1 :] = solved
            kept["answer_NL"][owner] = answer_L
        kept["left_at_N"][owner_B] = step_B
        kept["halt_N"][owner_B], kept["latent_ND"][owner_B] = said_B, moment.latent_BD
        kept["moved_N"][owner_B] = moment.moved_B
        if moment.marks is not None:
            self._note_marks(moment, moment.marks)
        blanks_B = np.maximum(1, blank_BL.sum(1))
        kept["confidence_N"][owner_B] = (moment.confidence_BL * blank_BL).sum(1) / blanks_B
        for owner in owner_B[self._is_done(moment)]:
            boards = self._boards(owner, kept["answer_NL"][owner])
            kept["valid_N"][owner] = self.domain.rules.judge(*boards).valid
            self._done_N[owner] = True

    def _note_marks(self, moment: _Moment, marks: Marks) -> None:
        """What pencil marks say: goes, guesses, contradictions seen rightly or wrongly, and where the first
        true candidate was lost."""
        kept, owner_B = self._columns, moment.owner_B
        symbol_BL = self.pairs.tokens_N2L[owner_B, 1].astype(int) - 2  # behind pad and blank
        possible_BL = np.take_along_axis(marks.candidates_BNL, symbol_BL[:, None], 1)[:, 0]
        fresh_B = marks.go_B > kept["goes_N"][owner_B]  # a go that began with this step
        self._guessed_NL[owner_B[fresh_B]] = False
        self._guessed_NL[owner_B] |= marks.pinned_BNL.any(1)
        gone_B, dead_B = ~possible_BL.all(1), marks.dead_B
        kept["goes_N"][owner_B] = marks.go_B
        kept["pins_N"][owner_B] += marks.pinned_BNL.sum((1, 2))
        kept["dead_right_N"][owner_B] += dead_B & gone_B
        kept["dead_wrong_N"][owner_B] += dead_B & ~gone_B
        first_B = gone_B & (kept["strayed_at_N"][owner_B] == 0)
        for b in np.flatnonzero(first_B):
            gone_L, guessed_L = ~possible_BL[b], self._guessed_NL[owner_B[b]]
            by_guess = gone_L & guessed_L
            kept["strayed_at_N"][owner_B[b]] = moment.step_B[b]
            kept["strayed_by_guess_N"][owner_B[b]] = by_guess.any()
            kept["strayed_cell_N"][owner_B[b]] = (by_guess if by_guess.any() else gone_L).argmax()

    def _boards(self, owner: int, answer_L: np.ndarray) -> np.ndarray:
        """Question, answer and solution of a puzzle, (3, R, C)."""
        question_L, solution_L = self.pairs.tokens_N2L[owner]
        return self.domain.board(np.stack([question_L, answer_L, solution_L]))


def examine(
    model: TinyRecursiveModel,
    domain: Domain,
    pairs: Pairs,
    progress: Callable[[int], None] | None = None,
    enough: Callable[[], bool] = lambda: False,
    *,
    most_steps: int = 16,
    stop: str = "steps",
    capacity: int = 64,
    checkpoint: str = "",
    interventions: Callable[[int, np.ndarray], tuple[Intervention, ...]] | None = None,
    states: States | None = None,
    background: bool = False,
) -> Outcomes:
    """The outcomes of the whole set, by `Examination` with these settings; under torchrun every
    process asks its share, and all return the same table. `progress` is told how many
    puzzles of this process are done; once it is `enough`, those that are done are all there are."""
    rank, world = 0, 1
    if dist.is_initialized():
        rank, world = dist.get_rank(), dist.get_world_size()
    own = np.arange(rank, len(pairs), world)
    examination = Examination(
        model,
        domain,
        pairs[own],
        most_steps=most_steps,
        stop=stop,
        capacity=capacity,
        checkpoint=checkpoint,
        interventions=interventions,
        states=states,
        background=background,
    )
    for done in examination:
        if progress is not None:
            progress(done)
        if enough():
            examination.cancel()
    outcomes = examination.outcomes
    outcomes = replace(outcomes, index_N=own[outcomes.index_N])
    if world == 1:
        return outcomes
    parts: list[Outcomes] = [outcomes] * world
    dist.all_gather_object(parts, outcomes)
    return Outcomes.joined(parts)


def evaluate(
    model: TinyRecursiveModel, domain: Domain, pairs: Pairs, **settings: Any
) -> Evaluation:
    """What `examine` with these settings comes to."""
    began = time.perf_counter()
    outcomes = examine(model, domain, pairs, **settings)
    return Evaluation.of(outcomes, time.perf_counter() - began)


@dataclass(frozen=True)
class VoteEvaluation:
    """Accuracy by the number of ways each puzzle is asked, all with `most_steps`."""

    puzzles: int
    most_steps: int
    exact: dict[int, float]
    interval: tuple[float, float]  # 95 % for the last of them (Wilson)
    solved: dict[int, float]  # by the rules; where answers are not unique, exact or not
    solved_interval: tuple[float, float]
    spent: dict[int, float]  # supervision steps of all those ways together: what it cost

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        table = _table("ways", self.exact, self.solved, self.puzzles)
        return f"{table}\n{self.spent[max(self.spent)]:.1f} steps a puzzle, all ways together"


def evaluate_votes(
    model: TinyRecursiveModel,
    domain: Domain,
    pairs: Pairs,
    *,
    votes: int,
    most_steps: int = 16,
    noise: float = 0.0,
    seed: int = 0,
    capacity: int = 64,
    background: bool = False,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[int], None] = lambda done: None,
    enough: Callable[[], bool] = lambda: False,
) -> VoteEvaluation:
    """Ask every puzzle as it is and rewritten by symmetries, with `noise` on y in every way but the
    first, and with chance of its own where the model draws any; a way ends when its answer obeys
    the rules. Which answer wins is the solver's rule. `check` is called after every step, and may raise to end it;
    `progress` is told how many puzzles are done, of those before the first that isn't; once it is `enough`, they alone count."""
    count = len(pairs)
    questions_NL = pairs.tokens_N2L[:, 0]
    ways = [vote_symmetries(domain, np.random.default_rng([seed, i]), votes) for i in range(count)]
    back = [way.inverse() for way in ways]
    occupants = [
        Occupant(
            tokens_L=tokens_L,
            puzzle_id=int(pairs.puzzle_ids_N[i]),
            start=model.seeded_start(seed_of_way(seed, k)),
            interventions=(Noise(noise, (seed, i, k)),) if noise and k else (),
        )
        for i in range(count)
        for k, tokens_L in enumerate(ways[i].apply(questions_NL[i]))
    ]
    obeyed_P, solved_P, exact_P, over_P = np.zeros((4, count * votes), dtype=bool)
    q_P, steps_P = np.zeros((2, count * votes))

    def is_done(moment: _Moment) -> np.ndarray:
        obeyed_B = obeyed_P[moment.owner_B]
        return is_over("rules", moment.step_B, most_steps, moment.q_B > 0, obeyed_B)

    for moment in _moments(model, occupants, is_done, capacity, GATE, background):
        for owner, answer_L in zip(moment.owner_B, moment.answer_BL, strict=True):
            n, k = divmod(int(owner), votes)
            answer_L = back[n][k].apply(answer_L)[0]
            boards = domain.board(np.stack([questions_NL[n], answer_L, pairs.tokens_N2L[n, 1]]))
            solved_P[owner] = domain.rules.is_solved(*boards)
            obeyed_P[owner] = solved_P[owner] and domain.rules.decide
            exact_P[owner] = np.array_equal(answer_L, pairs.tokens_N2L[n, 1])
        q_P[moment.owner_B], steps_P[moment.owner_B] = moment.q_B, moment.step_B
        over_P[moment.owner_B[is_done(moment)]] = True
        progress(done := _done_first(over_P, votes))
        if enough():
            count = done
            break
        check()
    obeyed_NK, solved_NK, exact_NK, q_NK, steps_NK = (
        column_P.reshape(-1, votes)[:count]
        for column_P in (obeyed_P, solved_P, exact_P, q_P, steps_P)
    )
    exact, solved, spent = {}, {}, {}
    for number in doublings(votes):
        spent[number] = float(steps_NK[:, :number].sum(1).mean())
        best_N = [
            best_way(obeyed_NK[n, :number], q_NK[n, :number], steps_NK[n, :number])
            for n in range(count)
        ]
        exact[number] = float(exact_NK[np.arange(count), best_N].mean())
        solved[number] = float(solved_NK[np.arange(count), best_N].mean())
    return VoteEvaluation(
        count,
        most_steps,
        exact,
        wilson_interval(exact[votes], count),
        solved,
        wilson_interval(solved[votes], count),
        spent,
    )


@dataclass(frozen=True, kw_only=True)
class GoesEvaluation(VoteEvaluation):
    """The same by the number of goes at once: chains that differ by their guesses, until one is right.

    A puzzle is over with the first of its chains that is, so that k goes spend k times the steps of their quickest.
    """

    solved_by_step: dict[int, dict[int, float]]  # by goes, and by steps of each
    spent_by_step: dict[int, dict[int, float]]

    @classmethod
    def of(cls, solved_at_NK: np.ndarray, exact_NK: np.ndarray, most_steps: int) -> GoesEvaluation:
        """`solved_at_NK`: the step after which each chain of each puzzle was solved, 0 for never in `most_steps`;
        `exact_NK`: whether it was, and its answer is exactly the one expected."""
        puzzles, goes = solved_at_NK.shape
        at_NK = np.where(solved_at_NK, solved_at_NK, most_steps + 1)
        steps = sorted({*(s for s in MILESTONES if s < most_steps), most_steps})
        exact, solved_by_step, spent_by_step = {}, {}, {}
        for number in doublings(goes):
            first_N = at_NK[:, :number].min(1)
            winner_N = at_NK[:, :number].argmin(1)
            exact[number] = float(exact_NK[np.arange(puzzles), winner_N].mean())
            solved_by_step[number] = {s: float((first_N <= s).mean()) for s in steps}
            spent_by_step[number] = {s: float(number * first_N.clip(max=s).mean()) for s in steps}
        solved = {number: shares[most_steps] for number, shares in solved_by_step.items()}
        return cls(
            puzzles=puzzles,
            most_steps=most_steps,
            exact=exact,
            interval=wilson_interval(exact[goes], puzzles),
            solved=solved,
            solved_interval=wilson_interval(solved[goes], puzzles),
            spent={number: spent[most_steps] for number, spent in spent_by_step.items()},
            solved_by_step=solved_by_step,
            spent_by_step=spent_by_step,
        )

    def __str__(self) -> str:
        depths = list(self.solved_by_step[1])
        rows = [
            "    goes" + "".join(f"{depth:>10}" for depth in depths) + "  steps of each at most"
        ]
        for number, shares in self.solved_by_step.items():
            told = "".join(f"{100 * shares[depth]:>8.1f} %" for depth in depths)
            rows.append(f"{number:>8}{told}  solved for {self.spent[number]:.1f} steps a puzzle")
        low, high = self.solved_interval
        rows.append(
            f"on {self.puzzles} puzzles (95 % interval at the end: {100 * low:.1f} to {100 * high:.1f} %)"
        )
        return "\n".join(rows)


def evaluate_goes(
    model: TinyRecursiveModel,
    domain: Domain,
    pairs: Pairs,
    *,
    goes: int,
    most_steps: int,
    seed: int = 0,
    capacity: int = 64,
    background: bool = False,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[int], None] = lambda done: None,
    enough: Callable[[], bool] = lambda: False,
) -> GoesEvaluation:
    """Ask every puzzle in `goes` chains, each until its own answer obeys the rules: so it is known of every number of
    them what they would have come to. `check`, `progress` and `enough` are as for `evaluate_votes`.

    Raises `ConfigError` for a model without pencil marks, which draws nothing.
    """
    if model.config.answer != "candidates":
        raise ConfigError("--goes", "is for models with pencil marks, which guess and begin again")
    count = len(pairs)
    occupants = [
        Occupant(
            tokens_L=tokens_L,
            puzzle_id=int(puzzle_id),
            start=model.seeded_start(seed_of_way(seed, k)),
        )
        for tokens_L, puzzle_id in zip(pairs.tokens_N2L[:, 0], pairs.puzzle_ids_N, strict=True)
        for k in range(goes)
    ]
    solved_at_P = np.zeros(count * goes, dtype=int)
    exact_P, over_P = np.zeros((2, count * goes), dtype=bool)

    def is_done(moment: _Moment) -> np.ndarray:
        solved_B = solved_at_P[moment.owner_B] > 0
        return is_over("rules", moment.step_B, most_steps, moment.q_B > 0, solved_B)

    for moment in _moments(model, occupants, is_done, capacity, GATE, background):
        for owner, step, answer_L in zip(
            moment.owner_B, moment.step_B, moment.answer_BL, strict=True
        ):
            question_L, solution_L = pairs.tokens_N2L[owner // goes]
            if domain.rules.obeyed(*domain.board(np.stack([question_L, answer_L]))):
                solved_at_P[owner] = step
                exact_P[owner] = np.array_equal(answer_L, solution_L)
        over_P[moment.owner_B[is_done(moment)]] = True
        progress(done := _done_first(over_P, goes))
        if enough():
            count = done
            break
        check()
    return GoesEvaluation.of(
        *(column_P.reshape(-1, goes)[:count] for column_P in (solved_at_P, exact_P)), most_steps
    )


def _done_first(over_P: np.ndarray, ways: int) -> int:
    """How many puzzles are done in all their ways, of those before the first that isn't: the easy ones are done sooner, and
    would be a choice."""
    whole_N = over_P.reshape(-1, ways).all(1)
    return len(whole_N) if whole_N.all() else int(whole_N.argmin())


def curve(result: Evaluation | VoteEvaluation) -> list[dict[str, float]]:
    """An accuracy curve as plain records: at what number (of steps, or of ways), the share of puzzles
    that were solved, its 95 % interval, the share whose answer is exactly the one expected, and how many
    steps that cost a puzzle."""
    shares = result.solved_by_step if isinstance(result, Evaluation) else result.solved
    points = []
    for number, share in shares.items():
        low, high = wilson_interval(share, result.puzzles)
        told = {"exact": result.exact[number], "spent": result.spent[number]}
        points.append({"at": number, "solved": share, "low": low, "high": high} | told)
    return points
