"""A learner without a folder: an iterator of moments that can be stopped, read and gone on with."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.conftest import small_config, small_model
from tests.training.test_training import GROWING, SIGNPOSTED, SMALL
from trm_core.device import Gate
from trm_core.domains import Pairs, domain
from trm_core.measuring.evaluate import examine
from trm_core.network.model import TinyRecursiveModel
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import generated
from trm_core.training.learner import Learner
from trm_core.training.run import Run
from trm_core.weights import checkpoint
from trm_core.weights.card import Card


def learner(recipe=SMALL, **changes):
    pairs = generated(domain(recipe.domain), recipe.difficulty, recipe.puzzles, 0)
    model = TinyRecursiveModel(recipe.model, torch.Generator().manual_seed(0))
    return Learner(model, pairs, recipe, gate=Gate(), **changes)


def weights(model):
    return torch.cat([p.flatten() for p in model.parameters()])


def test_moments_come_one_by_one_and_it_can_be_stopped_and_gone_on_with():
    whole = learner()
    assert [moment.update for moment in whole] == list(range(1, 13))
    assert whole.finished
    parts = learner()
    for moment in parts:
        assert moment.loss.total.isfinite()
        assert moment.work > 0
        if moment.update == 5:
            parts.cancel()
    assert parts.update == 5 and not parts.finished
    for _ in parts:
        break  # leaving the loop is as good
    list(parts)
    assert parts.finished
    assert torch.equal(weights(parts.averaged()), weights(whole.averaged()))


@pytest.mark.parametrize("recipe", [SMALL, SIGNPOSTED, GROWING], ids=["plain", "signs", "depth"])
def test_its_state_is_all_it_is(recipe):
    whole, first = learner(recipe), learner(recipe)
    list(whole)
    for moment in first:
        if moment.update == 7:
            first.cancel()
    second = learner(recipe, seed=9)  # whatever it was before
    second.restore(first.shared_state(), first.own_state())
    list(second)
    assert torch.equal(weights(second.averaged()), weights(whole.averaged()))


def test_the_averaged_weights_can_be_used_at_any_moment():
    going = learner()
    sudoku4 = domain("sudoku-4x4")
    question_RC = sudoku4.parse("1.....2..3.....4")
    for moment in going:
        if moment.update % 4 == 0:
            model = TinyRecursiveModel(SMALL.model)
            model.load_state_dict(going.averaged().state_dict())
            solution = Solver(model.for_inference(), sudoku4).solve(question_RC, Settings(steps=2))
            assert solution.steps <= 2


def test_puzzle_ids_reach_the_embedding_they_name_and_the_saved_state(tmp_path):
    """Every embedding but the one that is asked for stays as it was."""
    config = small_config(puzzle_ids=4)
    recipe = replace(SMALL, model=config, weight_decay=0.0)
    pairs = generated(domain("sudoku-4x4"), "minimal", 20, 0)
    pairs = Pairs(pairs.tokens_N2L, np.full(20, 2), pairs.rating_N)
    model = TinyRecursiveModel(config, torch.Generator().manual_seed(0))
    # At first the halting head asks for nothing, and the cells hear the prefix in later cycles only.
    going = Learner(model, pairs, recipe, gate=Gate())
    list(going)
    moved_I = model.puzzle_embedding.detach().abs().sum(1)
    assert moved_I[2] > 0
    assert (moved_I[[0, 1, 3]] == 0).all()
    assert set(going.own_state()["puzzle_ids"].tolist()) == {2}


def test_evaluation_asks_every_puzzle_under_its_own_id():
    model = small_model(puzzle_ids=3)
    torch.nn.init.normal_(
        model.puzzle_embedding, std=3.0, generator=torch.Generator().manual_seed(0)
    )
    model.for_inference()
    sudoku4 = domain("sudoku-4x4")
    pairs = generated(sudoku4, "minimal", 6, 0)
    pairs = Pairs(pairs.tokens_N2L, np.array([0, 1, 2, 2, 1, 0]), pairs.rating_N)
    outcomes = examine(model, sudoku4, pairs, most_steps=2, capacity=4)
    solver = Solver(model, sudoku4)
    for i, (question_L, _) in enumerate(pairs.tokens_N2L):
        alone = solver.solve(
            sudoku4.board(question_L),
            Settings(steps=2, stop="steps"),
            puzzle_id=int(pairs.puzzle_ids_N[i]),
        )
        assert np.array_equal(outcomes.answer_NL[i], alone.trace.answer_CL[-1])


def test_a_checkpoint_is_loaded_to_solve_or_to_learn_on(tmp_path):
    path = tmp_path / "c.safetensors"
    card = Card(name="c", domain="sudoku-4x4", model=SMALL.model)
    checkpoint.save(path, small_model(), card, "fp32")
    frozen, _ = checkpoint.load(path)
    learning, _ = checkpoint.load(path, to_learn=True)
    assert not any(p.requires_grad for p in frozen.parameters())
    assert all(p.requires_grad for p in learning.parameters())
    pairs = generated(domain("sudoku-4x4"), "minimal", 20, 0)
    going = Learner(learning, pairs, replace(SMALL, updates=3), gate=Gate())
    list(going)
    assert not torch.equal(weights(learning), weights(frozen))


def test_states_saved_before_puzzles_had_ids_are_taken_up(tmp_path):
    Run(SMALL, tmp_path).train(minutes=0)
    path = tmp_path / "state.pt"
    state = torch.load(path, weights_only=True)
    for own in state["processes"]:
        del own["puzzle_ids"]
    torch.save(state, path)
    run = Run(SMALL, tmp_path)
    assert run.update == 1
    run.train()
    assert run.finished
