"""Small models that learn while one watches: what may be chosen, variants, looks, recordings."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch

from trm_core.domains import PuzzleError, domain
from trm_core.network.config import ConfigError
from trm_core.network.forms import build_model
from trm_core.record.learning import Learning
from trm_core.training import watched
from trm_core.training.recipe import Recipe
from trm_core.training.small import DOMAINS, PRESETS, RANGES, VARIANTS, small_recipe, variant_recipe
from trm_core.training.watched import DivergedError, card_of, updates_in, watch

TINY = dict(width=8, batch=8, updates=12)


@pytest.fixture(autouse=True)
def few_tests(monkeypatch):
    """A look asks fewer fresh puzzles than on the page."""
    monkeypatch.setattr(watched, "TESTS", 20)


@pytest.mark.parametrize("name", DOMAINS)
def test_every_kind_can_be_learnt_and_watched(name):
    run = watch(replace(small_recipe(name, **TINY), puzzles=20), "mine")
    for learning in run:
        assert learning.ticks == sorted(learning.ticks, key=lambda tick: tick.update)
    looks = learning.looks
    assert looks[0].update == 0 and looks[-1].update == 12
    assert all(len(look.solved_S) == 8 for look in looks)
    assert all(0 <= share <= 1 for look in looks for share in look.solved_S)
    assert looks[-1].trace.steps == 8 and looks[-1].trace.domain_name == name
    assert learning.ticks[-1].update == 12


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (dict(width=4), "width must lie between 8 and 128, got 4"),
        (dict(updates=10**6), "updates must lie between"),
        (dict(lr=3.0), "lr must lie between 1e-05 and 0.1, got 3"),
        (dict(domain="sudoku-25x25"), "domain must be one of"),
        (dict(domain="maze-7x7", form="candidates"), "a maze has no candidates"),
        (dict(form="odd"), "form must be one of"),
    ],
)
def test_bad_values_are_named(values, words):
    with pytest.raises(ConfigError, match=words):
        small_recipe(**{"domain": "sudoku-4x4"} | values)
    assert set(RANGES) > {"width", "updates", "lr"}


def test_variants_differ_from_the_plain_run_in_one_thing():
    plain = variant_recipe("recursion").as_dict()
    flat = plain | plain.pop("model")
    for name in VARIANTS:
        other = variant_recipe(name).as_dict()
        other = other | other.pop("model")
        changed = {key for key in flat if flat[key] != other[key]}
        expected = {
            "recursion": set(),
            "direct": {"recursion", "cycles", "latent_updates", "supervision_steps"},
            "two-networks": {"recursion", "gradient"},
            "one-state": {"recursion"},
            "last-step-only": {"supervised"},
            "all-cycles": {"gradient"},
            "no-average": {"ema"},
            "half-width": {"width"},
        }[name]
        assert changed == expected, name
    with pytest.raises(ConfigError, match="unknown variant"):
        variant_recipe("more magic")
    assert all(isinstance(preset.recipe, Recipe) for preset in PRESETS.values())


def test_one_state_is_its_own_loop():
    """y is z after every cycle, and no call reads a y of its own."""
    recipe = small_recipe("sudoku-4x4", width=8)
    config = recipe.model
    model = build_model(
        type(config)(**config.as_dict() | {"recursion": "one_state"}),
        torch.Generator().manual_seed(1),
    )
    tokens_BL = torch.from_numpy(domain("sudoku-4x4").tokens(np.eye(4, dtype=np.uint8)))[None]
    x_BMD, state = model.embed(tokens_BL), model.start(1)
    z_BMD = state.z_BMD
    for _ in range(config.calls_per_step):
        z_BMD = model.network(x_BMD + z_BMD, None)
    found = model.step(state, x_BMD).state
    assert torch.allclose(found.z_BMD, z_BMD)
    assert torch.equal(found.y_BMD, found.z_BMD)


def test_without_deep_supervision_only_last_steps_are_learnt_from():
    run = watch(variant_recipe("last-step-only", updates=20), "mine")
    learner = run.learner
    limit = learner.recipe.model.supervision_steps
    steps = learner.slots.steps_B
    assert set(steps.tolist()) == set(range(limit))  # staggered: some end in every update
    for moment in learner:
        learnt_B = moment.steps_B >= limit
        assert learnt_B.any() and torch.equal(moment.done_B, learnt_B)
        assert moment.loss.total.isfinite()
        if moment.update == 3:
            break


def test_watching_changes_nothing_and_a_second_run_is_alike():
    recipe = small_recipe("sudoku-4x4", **TINY)
    run, plain = watch(recipe, "mine", seed=5), watch(recipe, "mine", seed=5).learner
    for _ in run:
        pass
    for _ in plain:
        pass
    theirs = plain.averaged().state_dict()
    for name, weight in run.weights().state_dict().items():
        assert torch.equal(weight, theirs[name])


def test_a_recording_is_kept_and_opened_again():
    run = watch(small_recipe("sudoku-4x4", **TINY), "mine", about={"command": "by hand"})
    *_, learning = run
    learning.save(out := io.BytesIO())
    again = Learning.load(out.getvalue())
    assert again.name == "mine" and again.about["command"] == "by hand"
    assert again.ticks == learning.ticks and again.updates == learning.updates
    for look, other in zip(learning.looks, again.looks, strict=True):
        assert (look.update, look.seconds) == (other.update, other.seconds)
        assert np.allclose(look.solved_S, other.solved_S)
        assert np.array_equal(look.trace.answer_CL, other.trace.answer_CL)
    for broken in (b"", b"hello", out.getvalue()[:-200]):
        with pytest.raises(PuzzleError, match=r"^mine\.npz is not a training run of ours"):
            Learning.load(broken, "mine.npz")


def test_a_loss_that_is_no_number_ends_it_with_the_last_good_weights():
    run = watch(small_recipe("sudoku-4x4", **TINY), "mine")
    runs = iter(run)
    next(runs)
    with torch.no_grad():
        next(run.learner.model.parameters()).fill_(float("nan"))
    with pytest.raises(DivergedError, match="no number"):
        list(runs)
    model, card = card_of(run)
    assert all(weight.isfinite().all() for weight in model.state_dict().values())
    assert card.results[0]["puzzles"] == 20


def test_updates_fill_the_time_that_is_asked_for():
    recipe = small_recipe("sudoku-4x4", width=8, batch=8)
    short, long = updates_in(recipe, 1.0), updates_in(recipe, 100.0)
    assert 1 <= short < long


@pytest.mark.trained
def test_four_by_four_is_learnt_from_nothing():
    """With pencil marks some eight seconds are enough for nearly all; generous, since luck may be worse."""
    recipe = small_recipe(
        *("sudoku-4x4", "candidates"),
        **dict(latent_updates=4, supervision_steps=16, updates=150, batch=16),
    )
    *_, learning = watch(replace(recipe, puzzles=300), "mine", seed=0)
    assert learning.looks[0].solved_S[-1] < 0.05
    assert learning.looks[-1].solved_S[-1] > 0.7
