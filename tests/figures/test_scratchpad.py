"""The scratchpad's figures show the z that the trace kept."""

import numpy as np
import pytest

from tests.conftest import small_model
from trm_core.figures.scratchpad import main_directions, movement_figure, path_figure
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver


@pytest.fixture
def traces(sudoku4):
    """Two solves of one question that kept their z."""
    question_RC = sudoku4.parse("1.....2..3.....4")
    solvers = [Solver(small_model(seed).for_inference(), sudoku4) for seed in range(2)]
    asked = Settings(steps=6, stop="steps")
    return [solver.solve(question_RC, asked, keep_latents=True).trace for solver in solvers]


def test_main_directions_hold_the_most_variance(traces):
    """The same as a singular value decomposition of all steps, whatever the signs."""
    paths, shares = main_directions(traces)
    whole = np.concatenate([t.z_SMD.reshape(t.steps, -1).astype(np.float64) for t in traces])
    whole -= whole.mean(0)
    left, values, _ = np.linalg.svd(whole, full_matrices=False)
    assert [path.shape for path in paths] == [(6, 2), (6, 2)]
    found = np.abs(np.concatenate(paths))
    assert np.allclose(found, np.abs(left[:, :2] * values[:2]), rtol=1e-2, atol=1e-2)
    assert np.allclose(shares, values[:2] ** 2 / (values**2).sum(), atol=1e-3)


def test_one_step_has_a_place_too(traces, sudoku4):
    solver = Solver(small_model().for_inference(), sudoku4)
    one = solver.solve(
        sudoku4.parse("1.....2..3.....4"), Settings(steps=1), keep_latents=True
    ).trace
    paths, shares = main_directions([one])
    assert paths[0].shape == (1, 2) and np.isfinite(paths[0]).all() and np.isfinite(shares).all()


def test_the_marker_stands_at_the_step_shown(traces):
    figure = path_figure(traces, ["one", "two"])
    first = figure.data[0]
    assert len(figure.frames) == 7 and len(figure.frames[0].data[0].x) == 0
    for step, frame in enumerate(figure.frames[1:]):
        assert (frame.data[0].x[0], frame.data[0].y[0]) == (first.x[step], first.y[step])
    assert [way.name for way in figure.data[:2]] == ["one: not solved", "two: not solved"]


def test_movement_is_that_of_the_trace(traces):
    moved = np.nan_to_num(traces[0].latent_moves("steps"))
    for frame, moved_L in zip(movement_figure(traces[0]).frames, moved, strict=True):
        percent = np.clip(100 * moved_L.reshape(4, 4), 0, 100).round()
        assert np.array_equal(np.asarray(frame.data[0].z), percent)
