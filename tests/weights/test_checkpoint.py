"""Our checkpoint format: what goes in comes out, and what doesn't fit is refused by name."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tests.conftest import small_model
from trm_core.domains import Pairs, domain
from trm_core.measuring.evaluate import evaluate
from trm_core.network.model import State
from trm_core.network.slots import Slots
from trm_core.network.units import CANDIDATE
from trm_core.readers.puzzle_file import read_puzzles
from trm_core.weights import checkpoint
from trm_core.weights.card import bundled, fitting, read_card
from trm_core.weights.checkpoint import Card, CheckpointError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def saved(tmp_path):
    model = small_model()
    card = Card(name="small", domain="sudoku-4x4", model=model.config, command="x", seed=3)
    path = tmp_path / "small.safetensors"
    checkpoint.save(path, model, card, "fp32")
    return path


def change(path, tensors=None, metadata=None):
    """Rewrite a checkpoint with its tensors or metadata changed."""
    with safe_open(path, "pt") as file:
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        meta = file.metadata()
    save_file((tensors or (lambda t: t))(kept), path, (metadata or (lambda m: m))(meta))


def test_a_model_survives_saving(saved):
    model, card = checkpoint.load(saved)
    assert (card.name, card.seed) == ("small", 3)
    tokens = torch.randint(1, 6, (2, 16))
    with torch.no_grad():
        one, two = (Slots(m, tokens).step().logits_BLV for m in (model, small_model()))
    torch.testing.assert_close(one, two)


@pytest.mark.parametrize("dtype", ["fp16", "bf16"])
def test_weights_are_half_as_large_on_disk_and_fp32_in_memory(saved, tmp_path, dtype):
    model = small_model()
    path = tmp_path / "half.safetensors"
    checkpoint.save(path, model, Card(name="h", domain="sudoku-4x4", model=model.config), dtype)
    loaded, _ = checkpoint.load(path)
    assert loaded.head.weight.dtype == torch.float32
    torch.testing.assert_close(loaded.head.weight, model.head.weight.data, atol=0.01, rtol=0.01)
    with safe_open(path, "pt") as file:
        assert file.get_tensor("head.weight").element_size() == 2


def test_changed_tensors_are_refused_by_name(saved):
    cases = [
        (lambda t: t | {"extra": torch.zeros(1)}, "unknown tensor 'extra'"),
        (lambda t: {n: v for n, v in t.items() if n != "head.weight"}, "lacks the tensor 'head.w"),
        (lambda t: t | {"head.weight": torch.zeros(2, 2)}, "'head.weight' should be \\(6, 16\\)"),
        (lambda t: t | {"head.weight": torch.full((6, 16), torch.nan)}, "'head.weight' holds"),
    ]
    content = saved.read_bytes()
    for tensors, message in cases:
        saved.write_bytes(content)
        change(saved, tensors=tensors)
        with pytest.raises(CheckpointError, match=message):
            checkpoint.load(saved)


def test_changed_cards_are_refused_by_name(saved):
    def with_card(**changes):
        return lambda meta: meta | {"card": json.dumps(json.loads(meta["card"]) | changes)}

    cases = [
        (with_card(colour="red"), "unknown field 'colour'"),
        (with_card(model={"vocab_size": 6}), "missing configuration field 'cols', 'rows'"),
        (lambda meta: meta | {"card": "{"}, "not readable JSON"),
        (lambda meta: meta | {"format": "other"}, "not one of ours"),
    ]
    content = saved.read_bytes()
    for metadata, message in cases:
        saved.write_bytes(content)
        change(saved, metadata=metadata)
        with pytest.raises(CheckpointError, match=message):
            checkpoint.load(saved)


def test_broken_and_missing_files_get_one_sentence(saved):
    saved.write_bytes(saved.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        checkpoint.load(saved)
    with pytest.raises(CheckpointError, match="python -m trm_core train NAME"):
        checkpoint.find("nothing-of-that-name")


def test_a_card_may_claim_any_size(saved):
    """A model of it would take terabytes: nothing is made before the shapes are seen."""

    def claimed(meta):
        card = json.loads(meta["card"])
        card["model"]["width"] = 2**22
        return meta | {"card": json.dumps(card)}

    change(saved, metadata=claimed)
    with pytest.raises(CheckpointError, match=r"should be \(.*4194304"):
        checkpoint.load(saved)


def test_a_card_longer_than_any_card_is_not_read(saved):
    long = json.dumps({"__metadata__": {"card": " " * 3 * 2**20}}).encode()
    saved.write_bytes(len(long).to_bytes(8, "little") + long)
    with pytest.raises(CheckpointError, match="header of 3,145,7"):
        checkpoint.load(saved)


def test_results_are_added_to_the_card_without_touching_weights(saved):
    before = checkpoint.load(saved)[0].state_dict()
    card = checkpoint.read_card(saved)
    for exact in (0.1, 0.2):
        card = card.with_result({"set": "easy", "exact": exact})
    checkpoint.save_card(saved, card)
    assert checkpoint.read_card(saved).results == ({"set": "easy", "exact": 0.2},)
    after = checkpoint.load(saved)[0].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("name", checkpoint.bundled())
def test_bundled_checkpoints_carry_a_full_card(name):
    card = checkpoint.read_card(checkpoint.find(name))
    assert card.name == name
    assert re.match(r"(python|torchrun --standalone .*) -m trm_core train ", card.command)
    assert card.data and card.hardware and card.minutes and card.seed is not None
    assert card.results, "no held-out result on the card"
    for result in card.results:
        # Sizes it never saw are solved for the story, and some of them slowly.
        own = result.get("domain", card.domain) == card.domain
        assert result["puzzles"] >= (1000 if own else 40)
        assert result["command"].startswith("python -m trm_core evaluate")


@pytest.mark.parametrize(
    ("name", "difficulty", "least"),
    [
        ("sudoku-4x4", "minimal", 0.995),
        ("sudoku-6x6", "minimal", 0.99),
        ("sudoku-9x9", "medium", 0.95),
        ("sudoku-9x9", "mixed", 0.85),
    ],
)
def test_bundled_checkpoints_are_as_good_as_promised(name, difficulty, least):
    results = checkpoint.read_card(checkpoint.find(name)).results
    wanted = f"1000 fresh {difficulty} puzzles, seed 7, all 16 steps"
    [result] = [result for result in results if result["set"] == wanted]
    assert result["exact"]["16"] >= least


def test_all_bundled_checkpoints_together_stay_small():
    assert sum(path.stat().st_size for path in checkpoint.bundled().values()) < 15 * 2**20


@pytest.fixture(scope="module")
def marks():
    """The bundled model with pencil marks, and some of the bundled extreme puzzles."""
    model, card = checkpoint.load(checkpoint.find("sudoku-marks"))
    chosen = domain(card.domain)
    puzzles = read_puzzles(chosen, ROOT / "assets" / "puzzles" / "sudoku-9x9-extreme.csv")
    return model, chosen, puzzles


def test_pencil_marks_solve_extreme_puzzles(marks):
    """A floor: 88 of 100 puzzles of the validation set took up to 60 steps."""
    model, chosen, puzzles = marks
    pairs = Pairs.of(chosen, puzzles[::40])
    assert evaluate(model, chosen, pairs, most_steps=40, stop="rules").solved >= 0.6


def test_pencil_marks_see_a_contradiction_made_by_hand(marks):
    """25 cells filled in rightly are none; two of them exchanged are one. It sees 98 % of 50 with its 12 calls, all with 8."""
    model, chosen, puzzles = marks
    puzzles = puzzles[::10]
    rng = np.random.default_rng(0)
    tokens = [
        torch.from_numpy(np.stack([chosen.tokens(board_RC) for board_RC in boards]))
        for boards in zip(*((p.question_RC, p.solution_RC) for p in puzzles), strict=True)
    ]
    true_BNL, opened_BNL = model.named_pairs(tokens[1]), model._open(tokens[0])
    right_BNL, wrong_BNL = opened_BNL.clone(), opened_BNL.clone()
    for b, puzzle in enumerate(puzzles):
        blanks = rng.permutation(np.flatnonzero(puzzle.question_RC == 0))[:25]
        right_BNL[b][:, blanks] = wrong_BNL[b][:, blanks] = true_BNL[b][:, blanks]
        one = blanks[0]
        other = next(
            c for c in blanks if puzzle.solution_RC.flat[c] != puzzle.solution_RC.flat[one]
        )
        wrong_BNL[b][:, [one, other]] = true_BNL[b][:, [other, one]]

    def conflict(candidates_BNL):
        y_BMC, z_BMD = model.start(len(puzzles))
        y_BMC[..., CANDIDATE] = candidates_BNL.flatten(1).float()
        with torch.no_grad():
            state = model.step(State(y_BMC, z_BMD), model.embed(tokens[0])).state
        return model.marks(state.y_BMD).conflict_B

    usual = model.config.latent_updates
    try:
        for calls, floor in ((8, 0.95), (usual, 0.9)):
            model.set_depth(1, calls)
            assert (conflict(opened_BNL) < 0.5).all()
            assert (conflict(right_BNL) < 0.5).all()
            assert (conflict(wrong_BNL) > 0.5).float().mean() >= floor
    finally:
        model.set_depth(1, usual)


def test_weights_that_know_no_size_serve_every_size():
    """Trained on 9x9 alone, asked smaller and larger boards; mazes, and models of one size, refuse."""
    path = checkpoint.find("sudoku-marks")
    own = read_card(path)
    for name, size in (("sudoku-4x4", 4), ("sudoku-6x6", 6), ("sudoku-16x16", 16)):
        model, card = checkpoint.load(path, asked=domain(name))
        assert (card.domain, card.name) == (name, "sudoku-marks")
        assert (model.config.rows, model.config.symbols) == (size, size)
    assert own.reading(domain("sudoku-9x9")) is own
    assert own.reading(domain("maze-13x13")) is None
    with pytest.raises(CheckpointError, match="sudoku-9x9 reads 9x9 Sudokus, not a 6x6 Sudoku"):
        checkpoint.load(checkpoint.find("sudoku-9x9"), asked=domain("sudoku-6x6"))


def test_what_was_made_for_a_puzzle_is_offered_first():
    cards = {name: read_card(path) for name, path in bundled().items()}
    assert fitting(cards, domain("sudoku-9x9"))[0] == "sudoku-marks"
    assert fitting(cards, domain("sudoku-6x6"))[0] == "sudoku-6x6"
    assert "sudoku-marks" in fitting(cards, domain("sudoku-6x6"))
    assert fitting(cards, domain("maze-9x9"))[0] == "maze-small"
