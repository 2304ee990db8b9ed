"""The engine: solves are parked between turns, and share the machine fairly."""

import gc
import itertools
import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.conftest import small_model
from tests.training.test_training import SMALL
from trm_core.device import Gate
from trm_core.domains import domain
from trm_core.network.config import ConfigError
from trm_core.network.interventions import BlankLatent
from trm_core.network.model import State
from trm_core.network.slots import Occupant
from trm_core.solving import engine as engine_module
from trm_core.solving.engine import Engine
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import generated
from trm_core.training.learner import Learner

QUESTION = "1.....2..3.....4"


def submit(engine, sudoku4, visitor, steps, **asked):
    occupant = Occupant(tokens_L=sudoku4.tokens(sudoku4.parse(QUESTION)), **asked)
    return engine.submit(occupant, lambda result: result.step >= steps, visitor=visitor)


@pytest.fixture
def narrow(monkeypatch):
    """An engine of one place: every turn parks who had the last one."""
    monkeypatch.setattr(engine_module, "TURN", 0.0)
    clock = itertools.count()  # every step takes as long as any other
    monkeypatch.setattr(engine_module.time, "perf_counter", lambda: float(next(clock)))
    return Engine(small_model().for_inference(), gate=Gate())


def test_parking_changes_nothing(narrow, sudoku4):
    """A solve that was parked after every step says what it says alone."""
    tickets = [submit(narrow, sudoku4, f"visitor {i}", 5) for i in range(3)]
    streams = [narrow.steps(ticket) for ticket in tickets]
    steps = [[next(stream) for stream in streams] for _ in range(5)]
    alone_engine = Engine(small_model().for_inference(), gate=Gate())
    alone = list(alone_engine.steps(submit(alone_engine, sudoku4, "me", 5)))
    # Batches of other sizes round otherwise, which these random weights multiply from step to step.
    for step, expected in zip(steps, alone, strict=True):
        for found in step:
            assert found.step == expected.step
            assert (found.record.answer_TL == expected.record.answer_TL).mean() > 0.9
            np.testing.assert_allclose(
                found.record.residual_k, expected.record.residual_k, rtol=0.1
            )


def test_turns_are_shared_by_visitor_whatever_each_asks_for(narrow, sudoku4):
    """One visitor asks 8 ways for long, another once: both advance alike."""
    greedy = [submit(narrow, sudoku4, "greedy", 1000) for _ in range(8)]
    modest = submit(narrow, sudoku4, "modest", 4)
    assert len(list(narrow.steps(modest))) == 4
    had = sum(ticket.steps for ticket in greedy)
    assert 2 <= had <= 8
    for ticket in greedy:
        narrow.cancel(ticket)
    assert not narrow._open


def test_the_ways_of_one_visitor_advance_together(narrow, sudoku4):
    tickets = [submit(narrow, sudoku4, "me", 6) for _ in range(4)]
    for _ in narrow.steps(tickets[0]):
        steps = [ticket.steps for ticket in tickets if not ticket.done]
        assert max(steps) - min(steps) <= 1


def test_background_solves_wait_for_the_others(narrow, sudoku4):
    occupant = Occupant(tokens_L=sudoku4.tokens(sudoku4.parse(QUESTION)))
    slow = narrow.submit(occupant, lambda r: r.step >= 3, visitor="set", background=True)
    quick = submit(narrow, sudoku4, "me", 5)
    assert len(list(narrow.steps(quick))) == 5
    assert slow.steps == 0
    assert len(list(narrow.steps(slow))) == 3


def test_many_visitors_are_served_by_whoever_drives(sudoku4):
    solver = Solver(small_model().for_inference(), sudoku4, gate=Gate())
    question, settings = sudoku4.parse(QUESTION), Settings(steps=6, stop="steps", votes=3)
    found = [None] * 12

    def ask(i):
        found[i] = solver.solve(question, settings, visitor=i)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert all(solution is not None and solution.steps == 6 for solution in found)
    assert solver.engine._open == []


def test_a_failing_step_leaves_the_engine_usable(sudoku4, monkeypatch):
    solver = Solver(small_model().for_inference(), sudoku4, gate=Gate())
    question = sudoku4.parse(QUESTION)
    with monkeypatch.context() as patch:
        patch.setattr(solver.engine._slots, "step", lambda observe: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            solver.solve(question)
    assert solver.solve(question, Settings(steps=2)).steps <= 2


def test_a_solve_goes_on_from_a_state(sudoku4):
    """Two halves, the second started from where the first one was, are the whole."""
    solver = Solver(small_model().for_inference(), sudoku4)
    question, half = sudoku4.parse(QUESTION), Settings(steps=2, stop="steps")
    whole = solver.solve(question, Settings(steps=4, stop="steps"), keep_latents=True).trace
    first = solver.start(question, half)
    list(first)
    ticket = submit(solver.engine, sudoku4, "me", 2)
    list(solver.engine.steps(ticket))
    state = solver.engine._slots.state_of(0)
    second = solver.solve(question, half, start=state, keep_latents=True).trace
    np.testing.assert_allclose(second.z_SMD, whole.z_SMD[2:], atol=2e-2)
    assert np.array_equal(second.answer_CL, whole.answer_CL[4:])


def test_a_puzzle_id_chooses_the_embedding(sudoku4):
    model = small_model(puzzle_ids=3)
    torch.nn.init.normal_(
        model.puzzle_embedding, std=3.0, generator=torch.Generator().manual_seed(0)
    )
    solver = Solver(model.for_inference(), sudoku4)
    question, settings = sudoku4.parse(QUESTION), Settings(steps=2, stop="steps")
    found = [
        solver.solve(question, settings, puzzle_id=i).trace.distribution_SLV for i in (0, 1, 1)
    ]
    assert not np.allclose(found[0], found[1], atol=1e-2)
    assert np.array_equal(found[1], found[2])
    assert np.array_equal(found[0], solver.solve(question, settings).trace.distribution_SLV)


def test_a_solve_is_iterated_once(sudoku4):
    solving = Solver(small_model().for_inference(), sudoku4).start(
        sudoku4.parse(QUESTION), Settings(steps=2, stop="steps")
    )
    list(solving)
    with pytest.raises(RuntimeError, match="start another"):
        list(solving)
    assert solving.solution.steps == 2


def test_a_blanked_scratchpad_is_another_start_and_the_trace_says_so(sudoku4):
    solver = Solver(small_model().for_inference(), sudoku4)
    question, settings = sudoku4.parse(QUESTION), Settings(steps=4, stop="steps")
    plain = solver.solve(question, settings, keep_latents=True).trace
    blanked = solver.solve(
        question, settings, interventions=(BlankLatent(after_step=2),), keep_latents=True
    ).trace
    assert blanked.interventions == ("z blanked after step 2",)
    assert np.flatnonzero(blanked.intervened_K).tolist() == [2 * 8]
    assert plain.interventions == () and plain.intervened_K is None
    assert np.array_equal(blanked.answer_CL[:4], plain.answer_CL[:4])
    np.testing.assert_array_equal(blanked.z_SMD[:2], plain.z_SMD[:2])
    # By hand: z zero before the first call of step 3.
    model = solver.model
    tokens = torch.from_numpy(sudoku4.tokens(question))[None]
    with torch.no_grad():
        x, state = model.embed(tokens), model.start(1)
        for step in range(4):
            if step == 2:
                state = type(state)(state.y_BMD, torch.zeros_like(state.z_BMD))
            state = model.step(state, x).state
    np.testing.assert_allclose(blanked.z_SMD[-1], state.z_BMD[0], atol=2e-2)


def test_an_intervention_touches_its_own_slot_only(sudoku4):
    engine = Engine(small_model().for_inference(), gate=Gate())
    touched = submit(engine, sudoku4, "a", 3, interventions=(BlankLatent(after_step=1),))
    plain = submit(engine, sudoku4, "b", 3)
    streams = [engine.steps(touched), engine.steps(plain)]
    pairs = [(next(streams[0]), next(streams[1])) for _ in range(3)]
    assert [bool(a.record.intervened_k.any()) for a, _ in pairs] == [False, True, False]
    assert not any(b.record.intervened_k.any() for _, b in pairs)
    alone = Engine(small_model().for_inference(), gate=Gate())
    expected = list(alone.steps(submit(alone, sudoku4, "b", 3)))
    for (_, found), one in zip(pairs, expected, strict=True):
        assert np.array_equal(found.record.answer_TL, one.record.answer_TL)


def test_what_cannot_be_asked_is_refused_before_it_can_harm_others(sudoku4):
    model = small_model(puzzle_ids=3).for_inference()
    solver = Solver(model, sudoku4, gate=Gate())
    question, settings = sudoku4.parse(QUESTION), Settings(steps=2, stop="steps")
    other = solver.start(question, settings)
    steps = iter(other)
    next(steps)
    with pytest.raises(ConfigError, match=r"puzzle_id must lie in 0\.\.2"):
        solver.start(question, puzzle_id=3)
    with pytest.raises(ConfigError, match="start must be y and z of"):
        solver.start(question, start=State(torch.zeros(3, 16), torch.zeros(3, 16)))
    bad = Occupant(
        tokens_L=np.zeros(16, np.uint8), start=State(torch.zeros(3, 16), torch.zeros(3, 16))
    )
    with pytest.raises(RuntimeError):
        solver.engine._slots.add([bad])
    assert len(list(steps)) == 1 and other.solution.steps == 2


def test_a_learner_that_is_gone_is_not_kept_by_the_gate():
    gate = Gate()
    pairs = generated(domain("sudoku-4x4"), "minimal", 10, 0)
    learner = Learner(small_model(), pairs, replace(SMALL, updates=2), gate=gate)
    list(learner)
    assert [seconds > 0 for seconds in gate._served.values()] == [True]
    gone = weakref.ref(learner)
    del learner
    gc.collect()
    assert gone() is None
