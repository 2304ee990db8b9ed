"""Traces: old files open, bad ones are refused, and interventions are said."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import small_model
from trm_core.domains import PuzzleError, domain
from trm_core.network.interventions import BlankLatent, Noise
from trm_core.record import trace as trace_module
from trm_core.record.trace import Trace
from trm_core.record.verdict import verdict
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver

TRACES = Path(__file__).resolve().parents[2] / "assets" / "traces"


@pytest.fixture(scope="module")
def trace() -> Trace:
    sudoku4 = domain("sudoku-4x4")
    solver = Solver(small_model().for_inference(), sudoku4)
    question_RC = sudoku4.parse("1.....2..3.....4")
    settings = Settings(steps=3, stop="steps")
    blank = BlankLatent(after_step=1)
    return solver.solve(question_RC, settings, keep_latents=True, interventions=(blank,)).trace


def changed(trace: Trace, **changes) -> bytes:
    """The trace as a file, with some of its fields changed."""
    out = io.BytesIO()
    trace.save(out)
    with np.load(io.BytesIO(out.getvalue())) as file:
        arrays = {name: file[name] for name in file.files if name != "meta"}
        meta = json.loads(str(file["meta"]))
    for name, value in changes.items():
        if value is None:
            arrays.pop(name, None)
            meta.pop(name, None)
        elif isinstance(value, np.ndarray):
            arrays[name] = value
        else:
            meta[name] = value
    out = io.BytesIO()
    np.savez_compressed(out, meta=np.array(json.dumps(meta)), **arrays)
    return out.getvalue()


def test_interventions_survive_a_file_and_are_told(trace):
    again = Trace.load(changed(trace))
    assert again.interventions == ("z blanked after step 1",)
    assert np.array_equal(again.intervened_K, trace.intervened_K)
    assert again.prefix == trace.prefix == 2
    assert "interfered with: z blanked after step 1" in verdict(again).details


@pytest.mark.parametrize(
    ("old", "code"), trace_module._ENDINGS_BEFORE.items(), ids=trace_module._ENDINGS_BEFORE.values()
)
def test_traces_of_before_still_load(trace, old, code):
    """They said their ending in a sentence, and nothing of prefix and interventions."""
    content = changed(trace, stopped=old, prefix=None, interventions=None, intervened_K=None)
    again = Trace.load(content)
    assert again.stopped == code
    assert again.prefix == 2
    assert again.interventions == ()
    assert verdict(again).details


@pytest.mark.parametrize("path", sorted(TRACES.glob("*.npz")), ids=lambda path: path.stem)
def test_bundled_recordings_load(path):
    assert Trace.load(path).stopped in trace_module._ENDINGS


def test_what_does_not_belong_into_a_trace_is_refused(trace):
    C, K, L = 6, 24, 16
    bad = {
        "times of text": dict(seconds_S=np.array(["a", "b", "c"])),
        "times of no number": dict(seconds_S=np.array([0.1, np.nan, 0.2])),
        "times before the start": dict(seconds_S=np.array([-1.0, 0.1, 0.2])),
        "confidence of seven": dict(confidence_CL=np.full((C, L), 7.0)),
        "negative halting": dict(halt_C=np.full(C, -0.1)),
        "chances above one": dict(distribution_SLV=np.full((3, L, 6), 2.0)),
        "backward moves": dict(moved_KL=np.full((K, L), -1.0)),
        "latents of another shape": dict(z_SMD=np.zeros((3, 4, 16), np.float16)),
        "latents of no shape": dict(y_SMD=np.zeros(3, np.float16)),
        "latents of text": dict(y_SMD=np.full((3, 18, 16), "x")),
        "a strange ending": dict(stopped="tired"),
        "marks of numbers": dict(intervened_K=np.zeros(K)),
        "a prefix below nothing": dict(prefix=-1),
        "cycles of text": dict(cycles="two"),
        "cycles of fractions": dict(cycles=2.0),
        "a prefix of fractions": dict(prefix=2.0),
        "flat latents and no prefix": dict(z_SMD=np.zeros(3, np.float16), prefix=None),
        "tokens outside": dict(answer_CL=np.full((C, L), 77, np.uint8)),
        "words of numbers": dict(device=7),
    }
    assert Trace.load(changed(trace)).steps == 3
    for name, change in bad.items():
        with pytest.raises(PuzzleError) as caught:
            Trace.load(changed(trace, **change))
        assert "\n" not in str(caught.value), name


def test_noise_is_said_of_the_ways_that_had_it():
    sudoku4 = domain("sudoku-4x4")
    solving = Solver(small_model().for_inference(), sudoku4).start(
        sudoku4.parse("1.....2..3.....4"), Settings(steps=2, votes=2, noise=0.2, stop="steps")
    )
    list(solving)
    assert solving._trace(0).interventions == ()
    assert solving._trace(1).interventions == (Noise(0.2, (0, 1)).words,)
    assert np.flatnonzero(solving._trace(1).intervened_K).tolist() == [0, 8]
