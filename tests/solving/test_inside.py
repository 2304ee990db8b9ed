"""A cell of a solve, opened call by call."""

import numpy as np
import pytest
import torch

from pages.lesson.recorded import FOLDER
from pages.models.loaded import shared_solver
from tests.conftest import small_model
from tests.pages.browsing import ROOT
from trm_core.domains import domain
from trm_core.figures.inside import inside_figure
from trm_core.lesson.ablations import opened, solver_for
from trm_core.lesson.trials import CLOCKS, MARKS, TAKEN, WOUND
from trm_core.network.slots import Slots
from trm_core.record.trace import Trace
from trm_core.solving.inside import look_inside
from trm_core.solving.solver import Solver

FOUR = "1.....2..3.....4"


def recorded(trial) -> Trace:
    return Trace.load(FOLDER / f"{trial.name}.npz")


@pytest.mark.parametrize("trial", [CLOCKS, WOUND, *TAKEN, MARKS], ids=lambda trial: trial.name)
def test_what_is_opened_is_the_solve_that_was_recorded(trial):
    """With all that is done to it; for a blank cell, at the ends of its first steps."""
    trace = recorded(trial)
    question_RC = trace.question_board
    cell = int(np.flatnonzero(question_RC.reshape(-1) == 0)[5])
    ticks_F = trace.ticks("steps")[: 1 + (11 if trial is WOUND else 4)]
    inside = opened(trial, solver_for(trial), question_RC, cell, ticks_F.tolist())
    said_SV = trace.distribution_SLV[: len(ticks_F) - 1, cell].astype(np.float32)
    assert inside.chance_FN[1:] == pytest.approx(said_SV[:, trace.domain.answer_tokens], abs=0.05)
    assert inside.moments_F.tolist() == list(range(len(ticks_F)))
    assert not inside.wrote_F.any()  # between two steps the last thinking call is opened
    frames = inside_figure(inside).frames
    assert len(frames) == len(ticks_F)
    assert frames[0].name == "call 0" and not inside.heard_FL[0].any()


def test_calls_hand_on_what_they_made():
    trace = recorded(CLOCKS)
    ticks_F = trace.ticks("calls").tolist()
    inside = opened(CLOCKS, solver_for(CLOCKS), trace.question_board, 1, ticks_F)
    writes_F = [tick > 0 and tick % 3 == 0 for tick in ticks_F]
    assert inside.shown_F.tolist() == ticks_F and inside.wrote_F.tolist() == writes_F
    for k in range(1, len(ticks_F) - 1):
        given_FRW = inside.y_FRW if inside.wrote_F[k] else inside.z_FRW
        assert given_FRW[k + 1] == pytest.approx(inside.after_FRW[k], abs=1e-5)
        assert np.isnan(inside.x_FRW[k]).all() == inside.wrote_F[k]
    # By this form of the network it hears its own row, column and box, and nobody else.
    for k in range(1, len(ticks_F)):
        shares = inside.shares(k)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5) and not shares["elsewhere"]
    assert "makes a new z from x, y and z. It hears" in inside.sentence(1)
    assert "writes y from y and z" in inside.sentence(3)
    assert inside.sentence(0).startswith("Row 1, column 2, before the first call. y then says")


@pytest.mark.parametrize("mixer", ["mlp", "attention"])
def test_whom_a_cell_hears_is_who_is_missed_when_silent(mixer):
    """Held against a plain look at the first layer of the second call."""
    four = domain("sudoku-4x4")
    model = small_model(
        mixer=mixer, **({"positions": "rotary_1d", "heads": 2} if mixer == "attention" else {})
    )
    inside = look_inside(Solver(model, four), four, four.parse(FOUR), 6, list(range(7)))
    slots = Slots(model, torch.from_numpy(four.tokens(four.parse(FOUR)))[None])
    calls = []
    with torch.no_grad():
        x_BMD = model.embed(slots.tokens_BL)
        slots.step(calls.append)
        y_BMD, z_BMD = calls[1].before
        h_BMD = x_BMD + y_BMD + z_BMD
        mix, at = model.network.layers[0].mix, model.config.prefix_length
        rotary = (model.rotary_cos, model.rotary_sin) if mixer == "attention" else None
        whole_D = mix.heard(h_BMD, rotary)[0, at + 6]
        for cell in (0, 5, 15):
            without_BMD = h_BMD.clone()
            without_BMD[0, at + cell] = 0
            less_D = mix.heard(without_BMD, rotary)[0, at + 6]
            expected = float((less_D - whole_D).norm() / whole_D.norm())
            assert inside.heard_FL[2][cell] == pytest.approx(expected, rel=1e-3)
    assert not inside.heard_FL[2][6]


def test_the_model_that_others_use_is_not_listened_to():
    four, model = domain("sudoku-4x4"), small_model()
    look_inside(Solver(model, four), four, four.parse(FOUR), 0, [0, model.config.calls_per_step])
    assert not any(part._forward_pre_hooks for part in model.modules())


def test_a_maze_on_its_models_canvas_hears_its_neighbourhood():
    trace = Trace.load(ROOT / "assets" / "traces" / "maze-13x13.npz")
    solver = shared_solver(trace.checkpoint, trace.domain)
    inside = look_inside(
        solver, trace.domain, trace.question_board, 84, trace.ticks("steps").tolist()
    )
    said_SN = trace.distribution_SLV[:, 84, trace.domain.answer_tokens].astype(np.float32)
    assert inside.chance_FN[1:] == pytest.approx(said_SN, abs=0.05)
    heard_RC = inside.heard_FL[1].reshape(13, 13)
    reach = solver.model.config.kernel_size // 2
    assert heard_RC[6 - reach : 7 + reach, 6 - reach : 7 + reach].sum() == heard_RC.sum() > 0
    assert set(inside.shares(1)) == {"the cells around it", "further away"}
