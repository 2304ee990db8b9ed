"""Slices add up, and what is said of shares is what the formulas say."""

import json
from pathlib import Path

import numpy as np
import pytest

from trm_core.domains import domain
from trm_core.measuring.evaluate import Evaluation, Examination, examine
from trm_core.record.diagnosis import diagnosis
from trm_core.record.outcomes import SOLVED, Outcomes
from trm_core.record.slices import (
    GROUPS,
    mcnemar,
    plane,
    reliability,
    slices,
    wilson_interval,
)
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import generated
from trm_core.weights import checkpoint

BUNDLED = Path(__file__).resolve().parents[2] / "assets" / "outcomes"
PATHS = sorted(BUNDLED.glob("*.parquet"))


@pytest.fixture(scope="module", params=PATHS, ids=lambda path: path.stem)
def bundled(request):
    return Outcomes.load(request.param)


def test_the_page_has_sets_to_open_with():
    assert {path.stem for path in PATHS} == {
        "sudoku-9x9",
        "sudoku-marks",
        "sudoku-any-4x4",
        "maze-hard-small",
    }
    assert sum(path.stat().st_size for path in PATHS) < 1_500_000


def test_slices_divide_a_set(bundled):
    for group in GROUPS:
        found = slices(bundled, group)
        together = np.sum([each.rows_N for each in found], axis=0)
        assert (together == 1).all(), group
        assert sum(len(each) for each in found) == len(bundled)
        assert sum(each.share for each in found) == pytest.approx(1)
        for each in found:
            low, high = each.interval
            assert 0 <= low <= each.share <= high <= 1


def test_a_head_is_not_blamed_for_boards_that_the_rules_ended(bundled):
    said = {each.name: each.rows_N for each in slices(bundled, "says")}
    ended_N = said.pop("ended by the rules, not asked", np.zeros(len(bundled), bool))
    assert np.array_equal(ended_N, bundled.solved_N & (bundled.stop == "rules"))
    told = Evaluation.of(bundled, 1.0).halting_accuracy
    right_N = (bundled.said_done_N == bundled.exact_NS[:, -1])[~ended_N]
    assert told == (pytest.approx(right_N.mean()) if len(right_N) else None)


def test_outcomes_agree_with_themselves(bundled):
    assert ((bundled.end_N == SOLVED) == bundled.solved_N).all()
    assert (bundled.lost_N == ((bundled.lost_at_N > 0) & ~bundled.solved_N)).all()
    assert (bundled.first_right_N[bundled.solved_N] > 0).all()
    exact_N = bundled.exact_NS[:, -1]
    assert (bundled.wrong_NS[exact_N, -1] == 0).all()
    assert np.allclose(bundled.said_NS[:, -1], bundled.halt_N, atol=1e-3)
    rows = np.flatnonzero(~bundled.solved_N)[:3]
    assert np.array_equal(bundled[rows].index_N, bundled.index_N[rows])
    told = json.loads(bundled.as_json())
    assert len(told["rows"]) == len(bundled) and told["rows"][0]["end"] == bundled.end_N[0]


def test_some_of_the_bundled_outcomes_come_out_again(bundled):
    """The bundled weights on a few of the bundled puzzles, a plain loop over `Solver`."""
    chosen = domain(bundled.domain_name)
    model, _ = checkpoint.load(checkpoint.find(bundled.checkpoint), asked=chosen)
    solver = Solver(model, chosen)
    rows = np.linspace(0, len(bundled) - 1, 2 if chosen.cells > 100 else 5).astype(int)
    settings = Settings(steps=bundled.most_steps, stop=bundled.stop)
    same = 0
    for row in rows:
        question_RC, solution_RC = chosen.board(
            np.stack([bundled.question_NL[row], bundled.solution_NL[row]])
        )
        same += solver.solve(question_RC, settings, solution_RC).solved == bundled.solved_N[row]
    assert same >= len(rows) - 1  # rounding may turn one that is nearly even


def test_kinds_and_steps_are_those_of_solving_one_by_one():
    """50 puzzles, a plain loop over `Solver`."""
    six = domain("sudoku-6x6")
    model, card = checkpoint.load(checkpoint.find("sudoku-any-4x4"), asked=six)
    pairs = generated(six, "minimal", 50, seed=5)
    outcomes = examine(model, six, pairs, most_steps=12, capacity=16, checkpoint=card.name)
    solver = Solver(model, six)
    kinds = []
    for n, (question_L, solution_L) in enumerate(pairs.tokens_N2L):
        boards = six.board(np.stack([question_L, solution_L]))
        trace = solver.solve(boards[0], Settings(steps=12, stop="steps"), boards[1]).trace
        why = diagnosis(trace)
        kinds.append(SOLVED if why is None else why.kind)
        blank_L = ~six.given(boards[0]).reshape(-1)
        wrong_S = (trace.answers("steps")[1:] != solution_L)[:, blank_L].sum(1)
        assert outcomes.wrong_NS[n].tolist() == wrong_S.tolist()
        changed_S = trace.changed("steps")[1:, blank_L].sum(1)
        assert outcomes.changed_NS[n].tolist() == changed_S.tolist()
        assert outcomes.said_NS[n] == pytest.approx(trace.halting("steps")[1:], abs=1e-3)
    assert outcomes.end_N.tolist() == kinds
    assert len(set(kinds)) > 1


def test_pencil_marks_say_where_they_went_wrong():
    """Goes, contradictions and the first true candidate struck, against the traces."""
    nine = domain("sudoku-9x9")
    model, _ = checkpoint.load(checkpoint.find("sudoku-marks"))
    pairs = generated(nine, "hard", 12, seed=5)
    outcomes = examine(model, nine, pairs, most_steps=12, stop="rules")
    solver = Solver(model, nine)
    struck = 0
    for n, (question_L, solution_L) in enumerate(pairs.tokens_N2L):
        boards = nine.board(np.stack([question_L, solution_L]))
        trace = solver.solve(boards[0], Settings(steps=12), boards[1]).trace
        true_L = solution_L.astype(int) - 2
        possible_SL = np.take_along_axis(trace.candidates_SNL, true_L[None, None], 1)[:, 0]
        gone_S = ~possible_SL.all(1)
        assert outcomes.goes_N[n] == trace.takes_back
        at = int(gone_S.argmax()) if gone_S.any() else -1
        assert outcomes.strayed_at_N[n] == at + 1
        if gone_S.any():
            guessed_L = trace.pinned_SNL[: at + 1].any(
                (0, 1)
            )  # in the first go, or it had strayed before
            gone_L = ~possible_SL[at]
            assert outcomes.strayed_by_guess_N[n] == (gone_L & guessed_L).any()
            assert gone_L[outcomes.strayed_cell_N[n]]
        assert outcomes.dead_right_N[n] == (trace.dead_S & gone_S).sum()
        assert outcomes.dead_wrong_N[n] == (trace.dead_S & ~gone_S).sum()
        struck += gone_S.any()
    assert struck


def test_a_test_of_two_and_an_interval():
    assert mcnemar(0, 0) == 1
    assert mcnemar(5, 5) == 1
    assert mcnemar(1, 9) == pytest.approx(2 * (1 + 10) / 1024)
    assert mcnemar(9, 1) == mcnemar(1, 9)
    low, high = wilson_interval(0.5, 100)
    assert (low, high) == pytest.approx((0.4038, 0.5962), abs=1e-3)
    assert wilson_interval(0, 0) == (0, 1)


def test_reliability_and_the_plane(bundled):
    bins = reliability(bundled)
    assert sum(b["count"] for b in bins) == bundled.left_at_N.sum()
    assert all(0 <= b["right"] <= 1 and b["low"] <= b["said"] <= b["low"] + 0.11 for b in bins)
    points_N2 = plane(bundled.latent_ND)
    assert points_N2.shape == (len(bundled), 2)
    assert points_N2[:, 0].var() >= points_N2[:, 1].var()


def test_an_examination_that_is_left_keeps_its_rows():
    four = domain("sudoku-4x4")
    model, _ = checkpoint.load(checkpoint.find("sudoku-4x4"))
    examination = Examination(
        model, four, generated(four, "minimal", 12, seed=5), most_steps=2, capacity=4
    )
    for done in examination:
        if done >= 4:
            examination.cancel()
    found = examination.outcomes
    assert len(found) == 4
    assert sum(len(each) for each in slices(found, "end")) == 4
