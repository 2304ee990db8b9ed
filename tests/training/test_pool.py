"""The pool: boards are moved by the model's own judgement, retired as they should, and kept on disk."""

from dataclasses import replace

import pytest
import torch

from tests.network.test_units import FOUR, MARKS, tokens
from tests.training.test_training import SMALL, small_config, weights
from trm_core.device import Gate
from trm_core.domains import domain
from trm_core.network.config import ConfigError
from trm_core.network.forms import build_model
from trm_core.network.units import CANDIDATE, Judged
from trm_core.training.data import generated
from trm_core.training.pool import PoolLearner, marks_loss
from trm_core.training.run import Run

RECIPE = replace(SMALL, model=small_config(**MARKS), pool=12, decay_vectors=False)


@pytest.fixture
def learner():
    pairs = generated(domain("sudoku-4x4"), "minimal", 50, 0)
    model = build_model(RECIPE.model, torch.Generator().manual_seed(0))
    return PoolLearner(model, pairs, RECIPE, gate=Gate())


def consistent(learner):
    """Every board's marks keep its givens, and its givens are part of its solution."""
    given_BNL = learner.model.named_pairs(learner.slots.tokens_BL)
    true_BNL = learner.model.named_pairs(learner.labels_BL)
    marks_BNL = learner.model.candidates(learner.slots.state.y_BMD)
    assert (given_BNL <= true_BNL).all()
    assert (given_BNL <= marks_BNL).all()
    sudoku4 = domain("sudoku-4x4")
    for question_L, solution_L in zip(learner.slots.tokens_BL, learner.labels_BL, strict=True):
        boards = (sudoku4.board(part.numpy()) for part in (question_L, solution_L))
        assert sudoku4.rules.is_solved(*boards)


def test_boards_stay_whole_through_symmetries_and_refills(learner):
    for _ in range(4):
        before = learner.slots.tokens_BL.clone()
        learner.learn()
        consistent(learner)
        assert not torch.equal(before, learner.slots.tokens_BL)


def test_every_board_has_its_turn_before_any_has_another(learner):
    seen = torch.cat([learner._next() for _ in range(3)])
    assert sorted(seen.tolist()) == list(range(12))
    assert len(learner._next()) == 4


def said(keep_BNL, conflict):
    shape = keep_BNL.shape
    return Judged(keep_BNL.float() * 20 - 10, torch.zeros(shape), torch.full((shape[0],), conflict))


def test_boards_leave_when_solved_when_rightly_contradicted_and_when_old(learner):
    chosen_B = torch.arange(4)
    true_BNL = learner.model.named_pairs(learner.labels_BL[chosen_B])
    all_open = torch.ones_like(true_BNL)
    # Solved: every false candidate is struck.
    done_B, exact_B = learner._write(
        chosen_B, all_open, said(true_BNL, -9.0), learner.labels_BL[chosen_B]
    )
    assert done_B.all() and exact_B.all()
    assert (learner.slots.steps_B[chosen_B] == 0).all()
    consistent(learner)
    # A contradiction that is none: the board stays.
    labels_BL = learner.labels_BL[chosen_B]
    done_B, exact_B = learner._write(chosen_B, all_open, said(all_open, 9.0), labels_BL)
    assert not done_B.any() and not exact_B.any()
    # One that is: a true candidate is gone.
    true_BNL = learner.model.named_pairs(learner.labels_BL[chosen_B])
    without = all_open & ~true_BNL
    done_B, _ = learner._write(chosen_B, without, said(without, 9.0), learner.labels_BL[chosen_B])
    assert done_B.all()
    # Old.
    learner.slots.steps_B[chosen_B] = RECIPE.model.supervision_steps
    all_open = torch.ones_like(true_BNL)
    done_B, _ = learner._write(
        chosen_B, all_open, said(all_open, -9.0), learner.labels_BL[chosen_B]
    )
    assert done_B.all()


def test_one_cell_is_pinned_and_only_where_several_are_possible(learner):
    open_BNL = learner.model.candidates(
        learner.slots.state.y_BMD * learner.model.embed(learner.slots.tokens_BL)
    )
    pick_BNL = torch.randn(open_BNL.shape, generator=torch.Generator().manual_seed(0))
    after_BNL = learner._pinned(open_BNL, pick_BNL)
    changed_BL = (after_BNL != open_BNL).any(1)
    assert (changed_BL.sum(1) == 1).all()
    assert (after_BNL.sum(1)[changed_BL] == 1).all()
    assert (open_BNL.sum(1)[changed_BL] > 1).all()


def test_the_loss_by_hand():
    given = tokens()
    sudoku4 = domain("sudoku-4x4")
    solution = sudoku4.rules.solutions(sudoku4.parse(FOUR))[0]
    symbols = torch.arange(2, 6)[:, None]
    true = torch.from_numpy(sudoku4.tokens(solution)).long()[None, None] == symbols
    given_pairs = given.long()[:, None] == symbols
    candidates = torch.ones(1, 4, 16, dtype=torch.bool)
    sure = Judged(true.float() * 40 - 20, true.float() * 40, torch.tensor([-20.0]))
    right = marks_loss([sure, sure], candidates, true, given_pairs)
    assert right.total < 1e-3 and right.exact_B.all()
    # Nothing known: log 2 for every candidate by its weight, log 4 for every pick.
    nothing = Judged(torch.zeros(1, 4, 16), torch.zeros(1, 4, 16), torch.zeros(1))
    loss = marks_loss([nothing], candidates, true, given_pairs)
    log2 = torch.tensor(2.0).log()
    keep = log2 * (12 * 4.0 + 36 * 0.5) / 48
    torch.testing.assert_close(loss.cells, 2 * log2)
    torch.testing.assert_close(loss.total, keep + 2 * log2 + 0.1 * log2)
    # A board that lost a true candidate teaches no pick, and is a conflict.
    lost = candidates & ~(true & (torch.arange(16) == 5))
    assert marks_loss([nothing], lost, true, given_pairs).cells == 0


def test_a_run_with_a_pool_in_chunks_is_the_run_in_one_go(tmp_path):
    whole = Run(RECIPE, tmp_path / "whole")
    whole.train()
    while not (part := Run(RECIPE, tmp_path / "parts")).finished:
        part.train(minutes=0)
    assert torch.equal(weights(part), weights(whole))
    assert torch.equal(
        part.learner.slots.state.y_BMD[..., CANDIDATE],
        whole.learner.slots.state.y_BMD[..., CANDIDATE],
    )


def test_a_pool_belongs_to_candidates():
    with pytest.raises(ConfigError, match="pool goes with answers of candidates"):
        replace(SMALL, pool=12)
    with pytest.raises(ConfigError, match="pool must be at least the batch"):
        replace(RECIPE, pool=2)
