"""A test set in, a table of outcomes out: exact accuracy by depth and by votes, halting, speed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from trm_core.device import threads_for
from trm_core.domains import Domain, Judgement, vote_symmetries
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Noise, Slots


@dataclass(frozen=True)
class Evaluation:
    """What a checkpoint did on `puzzles` puzzles. Shares lie in 0..1."""

    puzzles: int
    most_steps: int
    stop: str  # how a puzzle's solve ended, as in `solver.Settings`
    exact: dict[int, float]  # by supervision step: every cell right by then
    interval: tuple[float, float]  # 95 % for the last of them (Wilson)
    valid: float  # share that obeys the rules at the end, as `Domain.judge` says
    solved: float  # share that is as good as can be; where answers are not unique, exact or not
    solved_interval: tuple[float, float]
    solved_by_step: dict[int, float]
    cells: float  # share of the cells right at the end
    mean_steps: float  # until the halting head said so, or the end
    halting_accuracy: float  # share of puzzles whose halting head, at its end, told the truth
    puzzles_per_second: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{_table('steps', self.exact, self.solved_by_step, self.puzzles)}\n"
            f"at the end, by the rules: valid {100 * self.valid:.1f} %, solved {100 * self.solved:.1f} %\n"
            f"cells right {100 * self.cells:.2f} %, mean steps to halt {self.mean_steps:.2f}, "
            f"halting head right {100 * self.halting_accuracy:.1f} %, "
            f"{self.puzzles_per_second:.1f} puzzles/s"
        )


def _table(counted: str, exact: dict[int, float], solved: dict[int, float], puzzles: int) -> str:
    """Accuracy by what is counted, a line each, and how far to trust the last one."""
    rows = [f"{counted:>8}    exact   solved"]
    rows += [f"{n:>8}  {100 * exact[n]:5.1f} %  {100 * solved[n]:5.1f} %" for n in exact]
    bounds = [wilson_interval(list(shares.values())[-1], puzzles) for shares in (exact, solved)]
    told = [f"{100 * low:.1f} to {100 * high:.1f} %" for low, high in bounds]
    rows.append(f"on {puzzles} puzzles (95 % interval at the end: {told[0]}; solved {told[1]})")
    return "\n".join(rows)


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """95 % confidence interval of a share of `count` trials (Wilson, 1927)."""
    z = 1.959964
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, eq=False)
class _Moment:
    """One supervision step of the puzzles now in their slots."""

    owner_B: np.ndarray  # index of each slot's puzzle
    step_B: np.ndarray  # 1, 2, ...
    answer_BL: np.ndarray
    q_B: np.ndarray  # halting logits


@torch.no_grad()
def _moments(
    model: TinyRecursiveModel,
    tokens_NL: np.ndarray,
    is_done: Callable[[_Moment], np.ndarray],
    capacity: int,
    noises: Sequence[Noise | None] = (),
) -> Iterator[_Moment]:
    """All puzzles through the slots; one leaves, and another takes its place, when it is done.

    `noises` has one for every puzzle, if there are any.
    """
    if model.device.type == "cpu":
        torch.set_num_threads(threads_for(model.config))
    waiting = min(capacity, len(tokens_NL))
    owner_B = np.arange(waiting)
    slots = Slots(model, torch.from_numpy(tokens_NL[:waiting]))
    while len(slots):
        if noises:
            slots.disturb([noises[owner] for owner in owner_B])
        output = slots.step()
        answer_BL = output.logits_BLV.argmax(-1).to(torch.uint8).cpu().numpy()
        moment = _Moment(
            owner_B, slots.steps_B.cpu().numpy(), answer_BL, output.q_B.float().cpu().numpy()
        )
        yield moment
        done_B = is_done(moment)
        if done_B.any():
            fresh = np.arange(waiting, min(len(tokens_NL), waiting + int(done_B.sum())))
            waiting += len(fresh)
            slots.keep(torch.from_numpy(~done_B).to(model.device))
            owner_B = np.concatenate([owner_B[~done_B], fresh])
            if len(fresh):
                slots.add(torch.from_numpy(tokens_NL[fresh]))


def evaluate(
    model: TinyRecursiveModel,
    domain: Domain,
    pairs_N2L: np.ndarray,
    *,
    most_steps: int = 16,
    stop: str = "steps",
    capacity: int = 64,
) -> Evaluation:
    """Measure on question-solution pairs of tokens, (N, 2, L) uint8, of the model's domain.

    As published, every puzzle gets all its steps (`stop` "steps"). Otherwise a puzzle keeps the
    answer it stopped with and makes room for the next one: when the halting head says it is done
    ("halt"), or when the rules call it solved ("rules"). The accuracy at step s then counts what
    somebody who lets it stop so would have by then.
    """
    began = time.perf_counter()
    count = len(pairs_N2L)
    exact_NS = np.zeros((count, most_steps), dtype=bool)
    solved_NS = np.zeros((count, most_steps), dtype=bool)
    judged: list[Judgement | None] = [None] * count
    cells_N = np.zeros(count)
    halted_at_N = np.full(count, most_steps)
    left_at_N = np.zeros(count, dtype=int)
    told_truth_N = np.zeros(count, dtype=bool)
    answers_NL = np.zeros_like(pairs_N2L[:, 0])

    def is_done(moment: _Moment) -> np.ndarray:
        done_B = moment.step_B >= most_steps
        if stop == "halt":
            done_B |= moment.q_B > 0
        elif stop == "rules":
            done_B |= [judged[owner].solved for owner in moment.owner_B]
        return done_B

    for moment in _moments(model, pairs_N2L[:, 0], is_done, capacity):
        owner_B, step_B, says_done_B = moment.owner_B, moment.step_B, moment.q_B > 0
        right_BL = moment.answer_BL == pairs_N2L[owner_B, 1]
        exact_B = right_BL.all(-1)
        halted_at_N[owner_B[says_done_B]] = np.minimum(
            halted_at_N[owner_B[says_done_B]], step_B[says_done_B]
        )
        for owner, step, exact, answer_L in zip(
            owner_B, step_B, exact_B, moment.answer_BL, strict=True
        ):
            if judged[owner] is None or not np.array_equal(answer_L, answers_NL[owner]):
                question_L = pairs_N2L[owner, 0]
                judged[owner] = domain.judge(domain.board(question_L), domain.board(answer_L))
                answers_NL[owner] = answer_L
            # An answer stands until the next one.
            exact_NS[owner, step - 1 :] = exact
            solved_NS[owner, step - 1 :] = judged[owner].solved
        left_at_N[owner_B] = step_B
        cells_N[owner_B] = right_BL.mean(-1)
        told_truth_N[owner_B] = says_done_B == exact_B
    exact, solved = (
        {depth: float(right_NS[:, depth - 1].mean()) for depth in doublings(most_steps)}
        for right_NS in (exact_NS, solved_NS)
    )
    return Evaluation(
        puzzles=count,
        most_steps=most_steps,
        stop=stop,
        exact=exact,
        interval=wilson_interval(exact[most_steps], count),
        valid=float(np.mean([each.valid for each in judged])),
        solved=solved[most_steps],
        solved_interval=wilson_interval(solved[most_steps], count),
        solved_by_step=solved,
        cells=float(cells_N.mean()),
        mean_steps=float(np.minimum(halted_at_N, left_at_N).mean()),
        halting_accuracy=float(told_truth_N.mean()),
        puzzles_per_second=count / (time.perf_counter() - began),
    )


@dataclass(frozen=True)
class VoteEvaluation:
    """Accuracy by the number of ways each puzzle is asked, all with `most_steps`."""

    puzzles: int
    most_steps: int
    exact: dict[int, float]
    interval: tuple[float, float]  # 95 % for the last of them (Wilson)
    solved: dict[int, float]  # by the rules; where answers are not unique, exact or not
    solved_interval: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return _table("ways", self.exact, self.solved, self.puzzles)


def evaluate_votes(
    model: TinyRecursiveModel,
    domain: Domain,
    pairs_N2L: np.ndarray,
    *,
    votes: int,
    most_steps: int = 16,
    noise: float = 0.0,
    seed: int = 0,
    capacity: int = 64,
) -> VoteEvaluation:
    """Ask every puzzle as it is and rewritten by symmetries, with `noise` on y in every way but the
    first; a way ends when its answer obeys the rules. As in the solver, such an answer wins, else
    the one with the highest halting logit."""
    count = len(pairs_N2L)
    ways = [vote_symmetries(domain, np.random.default_rng([seed, i]), votes) for i in range(count)]
    tokens_PL = np.concatenate(
        [way.apply(question_L) for way, question_L in zip(ways, pairs_N2L[:, 0], strict=True)]
    )
    back = [way.inverse() for way in ways]
    solved_P = np.zeros(count * votes, dtype=bool)
    exact_P = np.zeros(count * votes, dtype=bool)
    q_P = np.zeros(count * votes)

    def is_done(moment: _Moment) -> np.ndarray:
        return (moment.step_B >= most_steps) | solved_P[moment.owner_B]

    noises = [
        Noise(noise, seed, i, k) if k else None for i in range(count) for k in range(votes) if noise
    ]
    for moment in _moments(model, tokens_PL, is_done, capacity, noises):
        for owner, answer_L, q in zip(moment.owner_B, moment.answer_BL, moment.q_B, strict=True):
            n, k = divmod(int(owner), votes)
            answer_L = back[n][k].apply(answer_L)[0]
            question_RC = domain.board(pairs_N2L[n, 0])
            solved_P[owner] = domain.is_solved(question_RC, domain.board(answer_L))
            exact_P[owner] = np.array_equal(answer_L, pairs_N2L[n, 1])
            q_P[owner] = q
    rank_NK = (q_P + 1e6 * solved_P).reshape(count, votes)
    best_NV = [rank_NK[:, :number].argmax(1) for number in doublings(votes)]
    exact, solved = (
        {
            number: float(right_P.reshape(count, votes)[np.arange(count), best_N].mean())
            for number, best_N in zip(doublings(votes), best_NV, strict=True)
        }
        for right_P in (exact_P, solved_P)
    )
    return VoteEvaluation(
        count,
        most_steps,
        exact,
        wilson_interval(exact[votes], count),
        solved,
        wilson_interval(solved[votes], count),
    )


def curve(shares: dict[int, float], exact: dict[int, float], puzzles: int) -> list[dict]:
    """An accuracy curve as plain records: at what number, the share of puzzles that were solved,
    its 95 % interval, and the share whose answer is exactly the one expected."""
    points = []
    for number, share in shares.items():
        low, high = wilson_interval(share, puzzles)
        point = {"at": number, "solved": share, "low": low, "high": high, "exact": exact[number]}
        points.append(point)
    return points


def doublings(most: int) -> list[int]:
    """1, 2, 4, ... and `most`."""
    return sorted({*(2**k for k in range(most.bit_length()) if 2**k < most), most})
