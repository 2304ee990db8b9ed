"""Models of a visitor's own: taken in when they are what they say, asked like any other, told apart."""

from dataclasses import replace

import psutil
import pytest
import torch

from pages.inspector.behind import SetAsked, run_set
from pages.inspector.set import models_reading
from pages.models import known
from pages.models import own as own_models
from pages.models.known import called, models_for, path_of, playing
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
from trm_core.solving.settings import Settings
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


def test_a_model_of_one_s_own_is_asked_a_set(names):
    name = take_in(*made())
    assert name in models_reading("sudoku-4x4") and name not in models_reading("maze-13x13")
    settings = Settings(steps=2, stop="steps")
    asked = SetAsked(
        domain="sudoku-4x4",
        checkpoint=name,
        difficulty="minimal",
        puzzles=5,
        seed=1,
        settings=settings,
    )
    work = run_set(asked, None)
    work.join()
    assert work.error == "" and work.last.read().checkpoint == name
    assert called(name).startswith("my own: mine (")


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
        (dict(model=replace(CONFIG, layers=100_000)), "has 100000 layers; here it may be 64"),
        (dict(results=({"set": 3},)), None),  # left out
        (dict(results=({"set": "x", "exact": "y", "interval": 1, "solved": []},)), None),
        (
            dict(results=({"set": "x", "exact": {"1": 7}, "interval": [0, 1], "solved": None},)),
            None,
        ),
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


def test_one_visitor_pushes_out_nobody_elses_models(monkeypatch, tmp_path):
    who = ["somebody"]
    monkeypatch.setattr(own_models, "visitor", lambda: who[0])
    monkeypatch.setattr(own_models, "_folder", lambda: tmp_path)
    theirs = take_in(*made(100))
    monkeypatch.setattr(own_models, "MOST_BYTES", 4 * own_path(theirs).stat().st_size)
    who[0] = "greedy"
    greedy = [take_in(*made(seed)) for seed in range(101, 107)]
    assert own_path(theirs) is not None
    assert [own_path(name) is not None for name in greedy] == [False] * 3 + [True] * 3


def test_what_a_killed_server_left_is_swept(monkeypatch, tmp_path):
    me = psutil.Process()
    mine = f"{own_models.FOLDER}{me.pid}-{me.create_time():.0f}-a"
    # Of a server that is gone, and of one that had our number before us, as in a container.
    for name in (mine, f"{own_models.FOLDER}4000000-1-b", f"{own_models.FOLDER}{me.pid}-1-c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own-0123456789.safetensors").touch()
    monkeypatch.setattr(own_models.tempfile, "gettempdir", lambda: str(tmp_path))
    own_models._sweep()
    assert [path.name for path in tmp_path.iterdir()] == [mine]


def test_words_of_a_card_are_plain_words():
    """What HTML or Markdown would take for a sign of theirs is gone; what is a result stays one."""
    mark = "<img src=https://example.org/x>**[here](https://example.org)**"
    result = {"set": mark, "exact": {"1": 0.5, "16": 0.75}, "interval": [0.7, 0.8], "solved": 0.75}
    name = take_in_file(as_checkpoint(*made(name=mark, data=mark, results=(result,))))
    card = own_cards()[name]
    for words in (card.name, card.data, card.results[0]["set"]):
        assert words and not set(words) & set("<>*[]`$")
    assert card.results[0]["exact"] == {"1": 0.5, "16": 0.75}


def test_who_plays_is_called_smaller_only_where_it_is(monkeypatch):
    """Than the published model of the same recursion."""
    assert "6 network calls a step, the published recursion, smaller: it writes" in playing(
        "sudoku-9x9"
    )
    assert "not the published recursion" in playing("sudoku-marks")
    monkeypatch.setattr(known, "parameters", lambda name: 5_028_866)
    assert "the published recursion: it writes" in playing("sudoku-9x9")
    assert playing("somebody's", marks=False).startswith(
        "Who thinks here: somebody's, the published recursion: "
    )
