"""The network of colours: what it can't tell apart, and where a grid lies on its canvas."""

import numpy as np
import pytest
import torch

from trm_core.domains.arc.domain import ArcGrid
from trm_core.network.colours import TURNS, ColoursModel
from trm_core.network.config import ConfigError, ModelConfig
from trm_core.network.forms import build_model
from trm_core.network.slots import Slots

CLOSE = 1e-5


def config(rows: int = 5, cols: int = 5, palette=(0, 1, 2, 5), **changes) -> ModelConfig:
    shape = dict(
        vocab_size=12,
        rows=rows,
        cols=cols,
        width=16,
        mixer="colours",
        palette=palette,
        prefix="none",
        prefix_length=0,
        halt_outputs=1,
        cycles=1,
        latent_updates=2,
        gradient="all_cycles",
    )
    return ModelConfig(**shape | changes)


def model(**changes) -> ColoursModel:
    """One whose gates are open, so that all it can hear of is heard."""
    made = build_model(config(**changes), torch.Generator().manual_seed(3))
    with torch.no_grad():
        made.network.gates.copy_(torch.tensor([0.7, -0.4]))
    return made


def answered(made: ColoursModel, grid_RC: np.ndarray, steps: int = 2) -> torch.Tensor:
    """Logits (R, C, V) of a grid that fits on the model's canvas."""
    canvas = ArcGrid(made.config.rows, made.config.cols)
    domain = ArcGrid(*grid_RC.shape)
    tokens_L = canvas.tokens(domain.onto(canvas, grid_RC))
    slots = Slots(made, torch.from_numpy(tokens_L)[None])
    with torch.no_grad():
        for _ in range(steps):
            output = slots.step()
    rows, cols = grid_RC.shape
    return output.logits_BLV[0].view(canvas.rows, canvas.cols, -1)[:rows, :cols]


def grid(rows: int = 5, cols: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice([0, 1, 2, 5], (rows, cols)).astype(np.uint8)


def turned(values, k: int, mirrored: bool):
    """The first two axes turned by k quarters, after the columns were mirrored."""
    values = np.flip(values, 1) if mirrored else np.asarray(values)
    return np.ascontiguousarray(np.rot90(values, k, (0, 1)))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("k", range(4))
def test_a_turned_grid_has_the_turned_answer(k, mirrored):
    made, question_RC = model(), grid()
    plain = turned(answered(made, question_RC).numpy(), k, mirrored)
    other = answered(made, turned(question_RC, k, mirrored)).numpy()
    assert np.abs(plain - other).max() < CLOSE


def test_an_orientation_that_matters_breaks_that():
    made, question_RC = model(), grid()
    with torch.no_grad():
        made.orientation_table[0] = 1.0
    plain = turned(answered(made, question_RC).numpy(), 1, False)
    other = answered(made, turned(question_RC, 1, False)).numpy()
    assert np.abs(plain - other).max() > 0.01


def test_colours_but_black_are_all_alike():
    made, question_RC = model(), grid()
    renamed = {0: 0, 1: 5, 2: 1, 5: 2}
    other_RC = np.vectorize(renamed.get)(question_RC).astype(np.uint8)
    plain, other = answered(made, question_RC), answered(made, other_RC)
    for old, new in renamed.items():
        assert (plain[..., old + 2] - other[..., new + 2]).abs().max() < CLOSE
    with torch.no_grad():
        made.colour_table[1] = 1.0
    assert (
        answered(made, question_RC)[..., 3] - answered(made, other_RC)[..., 7]
    ).abs().max() > 0.01


def test_a_grid_is_answered_alike_on_a_larger_canvas():
    small, large = model(rows=4, cols=3), model(rows=7, cols=6)
    large.load_state_dict(small.state_dict())
    question_RC = grid(4, 3)
    assert (answered(small, question_RC) - answered(large, question_RC)).abs().max() < CLOSE


def test_only_colours_of_the_palette_are_answers():
    logits = answered(model(), grid())
    assert set(logits.argmax(-1).unique().tolist()) <= {2, 3, 4, 7}


def test_the_first_guess_is_the_question():
    made = build_model(config(), torch.Generator().manual_seed(0))
    with torch.no_grad():
        made.head.weight.zero_()
    question_RC = grid()
    assert np.array_equal(answered(made, question_RC).argmax(-1).numpy() - 2, question_RC)


def test_the_orientations_are_a_group():
    names = {turn.tobytes() for turn in TURNS}
    assert len(names) == 8
    assert {(a @ b).tobytes() for a in TURNS for b in TURNS} == names


def test_nothing_is_heard_through_a_closed_gate():
    """While the gates are shut, news goes one cell a call."""
    made = build_model(config(rows=1, cols=9), torch.Generator().manual_seed(1))
    left = np.zeros((1, 9), np.uint8)
    right = left.copy()
    right[0, 8] = 1
    # The palette's colours are there or not: the grid must not say so, or all cells would know.
    left[0, 7] = 1
    difference = (answered(made, left, 1) - answered(made, right, 1)).abs().amax(-1)[0]
    assert difference[8] > 0 and difference[:4].max() < CLOSE


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(palette=()), "palette goes with the colours mixer"),
        (dict(mixer="mlp"), "palette goes with the colours mixer"),
        (dict(width=12), "multiple of 8"),
        (dict(palette=(2, 1)), "palette must rise"),
        (dict(palette=(0, 10)), "palette must rise"),
        (dict(recursion="hrm"), "recursion 'trm'"),
    ],
)
def test_a_bad_configuration_is_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        config(**changes)


def test_a_configuration_survives_json():
    import json

    made = config()
    assert ModelConfig.from_dict(json.loads(json.dumps(made.as_dict()))) == made
