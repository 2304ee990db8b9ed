"""Models of a visitor's own: taken in when they are what they say, asked like any other, told apart."""

from dataclasses import replace

import pytest
import torch

from pages.shared import caches, model_card, own_models
from trm_core.domains import domain
from trm_core.network.config import ConfigError
from trm_core.network.model import build_model
from trm_core.training.small import small_recipe
from trm_core.weights.card import Card, CheckpointError

FOUR = domain("sudoku-4x4")
CONFIG = small_recipe("sudoku-4x4", width=8).model


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """The names that a visitor knows, without a session."""
    known: list[str] = []
    monkeypatch.setattr(own_models, "own_names", lambda: known)
    monkeypatch.setattr(own_models, "remember_own", lambda name: known.insert(0, name))
    return known


def made(seed=0, **changes):
    model = build_model(CONFIG, torch.Generator().manual_seed(seed))
    return model, replace(Card(name="mine", domain="sudoku-4x4", model=CONFIG), **changes)


def test_a_kept_model_is_opened_again_and_solves_as_it_did(names):
    name = own_models.add_file(own_models.as_file(*made()))
    assert names == [name] and name.startswith("own-")
    solver = caches.solver(name, FOUR)
    again = own_models.add_file(own_models.path_of(name).read_bytes())
    assert again == name  # called by what is in it
    for parameter, other in zip(solver.model.parameters(), made()[0].parameters(), strict=True):
        assert torch.allclose(parameter, other, atol=1e-3)
    assert model_card.fitting(FOUR)[-1] == name
    assert model_card.fitting(FOUR)[0] == "sudoku-4x4"  # the usual model stays the usual one


def test_two_models_of_one_name_are_told_apart():
    one, two = (own_models.add(*made(seed)) for seed in (1, 2))
    assert one != two
    assert model_card.called(one) != model_card.called(two)
    assert model_card.called(one).startswith("my own: mine (")
    assert model_card.called("sudoku-4x4") == "sudoku-4x4"


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (dict(domain="chess"), "chess"),
        (dict(domain="sudoku-9x9"), "does not read a 9x9 Sudoku"),
        (dict(model=replace(CONFIG, cycles=10_000)), "network calls a step"),
        (dict(results=({"set": 3},)), None),  # left out
    ],
)
def test_a_card_that_says_what_is_not_so_is_refused(card, words, names):
    content = own_models.as_file(*made(**card))
    if words is None:
        name = own_models.add_file(content)
        assert own_models.cards()[name].results == ()
        return
    with pytest.raises(CheckpointError, match=words):
        own_models.add_file(content)
    assert names == []


def test_other_files_say_what_they_are_not(names):
    for content in (b"", b"hello", own_models.as_file(*made())[:-100]):
        with pytest.raises(CheckpointError, match="the file"):
            own_models.add_file(content)
    with pytest.raises((CheckpointError, ConfigError)):
        own_models.add_published(b"hello", "..", None, FOUR)
    assert names == []


def test_a_link_recalls_what_is_still_here(names):
    name = own_models.add(*made())
    names.clear()
    own_models.recall("own-0000000000")
    own_models.recall("../../etc/passwd")
    assert names == []
    own_models.recall(name)
    assert names == [name]
    with pytest.raises(CheckpointError, match="no longer here"):
        caches.path_of("own-0000000000")
