"""Models of a visitor's own: taken in when they are what they say, asked like any other, told apart."""

from dataclasses import replace

import pytest
import torch

from pages.models import own as own_models
from pages.models.known import called, models_for, path_of
from pages.models.loaded import shared_solver
from pages.models.own import (
    as_checkpoint,
    own_cards,
    own_path,
    recall,
    take_in,
    take_in_file,
    take_in_published,
)
from trm_core.domains import domain
from trm_core.network.config import ConfigError
from trm_core.network.forms import build_model
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
    name = take_in_file(as_checkpoint(*made()))
    assert names == [name] and name.startswith("own-")
    solver = shared_solver(name, FOUR)
    again = take_in_file(own_path(name).read_bytes())
    assert again == name  # called by what is in it
    for parameter, other in zip(solver.model.parameters(), made()[0].parameters(), strict=True):
        assert torch.allclose(parameter, other, atol=1e-3)
    assert models_for(FOUR)[-1] == name
    assert models_for(FOUR)[0] == "sudoku-4x4"  # the usual model stays the usual one


def test_two_models_of_one_name_are_told_apart():
    one, two = (take_in(*made(seed)) for seed in (1, 2))
    assert one != two
    assert called(one) != called(two)
    assert called(one).startswith("my own: mine (")
    assert called("sudoku-4x4") == "sudoku-4x4"


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
    content = as_checkpoint(*made(**card))
    if words is None:
        name = take_in_file(content)
        assert own_cards()[name].results == ()
        return
    with pytest.raises(CheckpointError, match=words):
        take_in_file(content)
    assert names == []


def test_other_files_say_what_they_are_not(names):
    for content in (b"", b"hello", as_checkpoint(*made())[:-100]):
        with pytest.raises(CheckpointError, match="the file"):
            take_in_file(content)
    with pytest.raises((CheckpointError, ConfigError)):
        take_in_published(b"hello", "..", None, FOUR)
    assert names == []


def test_a_link_recalls_what_is_still_here(names):
    name = take_in(*made())
    names.clear()
    recall("own-0000000000")
    recall("../../etc/passwd")
    assert names == []
    recall(name)
    assert names == [name]
    with pytest.raises(CheckpointError, match="no longer here"):
        path_of("own-0000000000")
