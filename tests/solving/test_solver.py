"""Slots, engine, solver and trace: the one loop, watched."""

import itertools
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import small_model
from trm_core.domains import PuzzleError, domain
from trm_core.measuring.evaluate import (
    VoteEvaluation,
    curve,
    evaluate,
    evaluate_goes,
    evaluate_votes,
    wilson_interval,
)
from trm_core.network.config import ConfigError
from trm_core.network.interventions import Noise
from trm_core.network.slots import Occupant, Slots
from trm_core.record.trace import CLOCKS, HALTED, OUT_OF_STEPS, RULES, STOPPED, Trace
from trm_core.solving.endings import seed_of_way
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import from_source, generated
from trm_core.weights import checkpoint

QUESTION = "1.....2..3.....4"
EXTREME = Path(__file__).parents[2] / "assets" / "puzzles" / "sudoku-9x9-extreme.csv"


@pytest.fixture
def solver(sudoku4):
    return Solver(small_model().for_inference(), sudoku4, checkpoint="small")


@pytest.fixture(scope="module")
def trained():
    model, card = checkpoint.load(checkpoint.find("sudoku-4x4"))
    return Solver(model, domain("sudoku-4x4"), checkpoint=card.name)


def test_puzzles_at_different_depths_share_a_batch():
    """A refilled slot goes on as if it had always been alone, but for what a batch of another size rounds otherwise."""
    close = partial(torch.testing.assert_close, atol=2e-3, rtol=1e-3)
    model = small_model()
    tokens = torch.randint(1, 6, (3, 16), generator=torch.Generator().manual_seed(0))
    late = torch.randint(1, 6, (3, 16), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        slots = Slots(model, tokens)
        slots.step()
        slots.refill(torch.tensor([False, True, False]), late, torch.zeros(3, dtype=torch.int64))
        slots.keep(torch.tensor([True, True, False]))
        slots.add([Occupant(tokens_L=late[2].numpy())])
        logits = slots.step().logits_BLV
        assert slots.steps_B.tolist() == [2, 1, 1]
        alone = Slots(model, tokens[:1])
        alone.step()
        close(logits[:1], alone.step().logits_BLV)
        close(logits[1:], Slots(model, late[1:]).step().logits_BLV)


def test_a_trace_tells_what_a_plain_loop_computes(solver, sudoku4):
    settings = Settings(steps=3, stop="steps")
    solution = solver.solve(sudoku4.parse(QUESTION), settings, keep_latents=True)
    trace, model = solution.trace, solver.model
    slots = Slots(model, torch.from_numpy(sudoku4.tokens(sudoku4.parse(QUESTION)))[None])
    zs = [slots.state.z_BMD]
    answers = []

    def observe(call):
        if call.writes_answer:
            answers.append(model.read(call.y_BMD).argmax(-1)[0].numpy())
        else:
            zs.append(call.z_BMD)

    with torch.no_grad():
        outputs = [slots.step(observe) for _ in range(3)]
    assert np.array_equal(trace.answer_CL, np.array(answers))
    expected = torch.stack([output.logits_BLV.softmax(-1)[0] for output in outputs])
    np.testing.assert_allclose(trace.distribution_SLV, expected, atol=2e-3)
    np.testing.assert_allclose(
        trace.halt_C[1::2], [output.q_B.sigmoid().item() for output in outputs], atol=1e-6
    )
    latent = [k for k in range(24) if k % 4 != 3]
    moves = [((b - a).norm() / b.norm()).item() for a, b in itertools.pairwise(zs)]
    np.testing.assert_allclose(trace.residual_K[latent], moves, rtol=1e-4)
    np.testing.assert_allclose(trace.z_SMD[-1], outputs[-1].state.z_BMD[0], atol=2e-2)


def test_the_three_clocks_fit_together(solver, sudoku4):
    trace = solver.solve(sudoku4.parse(QUESTION), Settings(steps=3, stop="steps")).trace
    steps, cycles, calls = (trace.answers(clock) for clock in CLOCKS)
    assert (len(steps), len(cycles), len(calls)) == (4, 7, 25)
    assert np.array_equal(steps, cycles[::2])
    assert np.array_equal(cycles, calls[::4])
    assert np.array_equal(steps[0], trace.question_L)
    assert not trace.changed("steps")[:2].any()
    assert np.isnan(trace.latent_residuals("calls")[0])
    with pytest.raises(ValueError, match="got 'minutes'"):
        trace.ticks("minutes")


def test_voting_answers_are_turned_back(trained, sudoku4):
    puzzle = sudoku4.maker.generate(np.random.default_rng(1), "minimal")
    solution = trained.solve(puzzle.question_RC, Settings(votes=6), puzzle.solution_RC)
    assert solution.solved and solution.valid
    assert solution.ways_solved >= 5
    assert np.array_equal(solution.answer_RC, puzzle.solution_RC)
    assert np.array_equal(solution.trace.final_board, puzzle.solution_RC)
    assert np.array_equal(solution.trace.question_board, puzzle.question_RC)
    assert solution.trace.right("steps")[-1].all()


def test_every_way_of_a_vote_is_traced_in_the_questions_own_frame(trained, sudoku4):
    """The trace of a rewritten puzzle, turned back, keeps its distributions beside its answers."""
    puzzle = sudoku4.maker.generate(np.random.default_rng(2), "minimal")
    ways = sudoku4.symmetries(np.random.default_rng(0), 5)
    for k in range(5):
        rewritten = sudoku4.board(ways[k].apply(sudoku4.tokens(puzzle.question_RC))[0])
        trace = trained.solve(rewritten, Settings(steps=2)).trace.rewritten(ways.inverse()[k])
        assert np.array_equal(trace.question_board, puzzle.question_RC)
        assert np.array_equal(trace.distribution_SLV[-1].argmax(-1), trace.answer_CL[-1])
        np.testing.assert_allclose(
            trace.distribution_SLV[-1].max(-1), trace.confidence_CL[-1], atol=1e-3
        )


@pytest.mark.parametrize(
    ("stop", "stopped"),
    [
        ("rules", RULES),
        ("halt", HALTED),
        ("steps", OUT_OF_STEPS),
    ],
)
def test_a_solve_ends_as_asked(trained, sudoku4, stop, stopped):
    puzzle = sudoku4.maker.generate(np.random.default_rng(3), "easy")
    solution = trained.solve(puzzle.question_RC, Settings(steps=7, stop=stop))
    assert solution.stopped == stopped
    assert (solution.steps == 7) == (stop == "steps")
    assert solution.trace.steps == solution.steps


def test_steps_come_one_by_one_and_a_solve_can_be_cancelled(solver, sudoku4):
    solving = solver.start(sudoku4.parse(QUESTION), Settings(steps=50, stop="steps"))
    seen = []
    for step in solving:
        seen.append(step)
        if step.step == 3:
            solving.cancel()
    assert [step.step for step in seen] == [1, 2, 3]
    assert solving.solution.stopped == STOPPED
    assert solving.solution.steps == 3
    assert 0 <= seen[-1].confidence <= 1
    for _ in solver.start(sudoku4.parse(QUESTION), Settings(steps=50, stop="steps")):
        break  # leaving the loop gives the place back too
    solver.solve(sudoku4.parse(QUESTION), Settings(steps=1))
    assert solver.engine._open == []


def test_many_threads_share_one_engine(trained, sudoku4, rng):
    puzzles = [sudoku4.maker.generate(rng, "minimal") for _ in range(12)]
    answers = [None] * len(puzzles)

    def work(i):
        answers[i] = trained.solve(puzzles[i].question_RC, Settings(steps=6)).answer_RC

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(puzzles))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    alone = [trained.solve(p.question_RC, Settings(steps=6)).answer_RC for p in puzzles]
    assert all(np.array_equal(a, b) for a, b in zip(answers, alone, strict=True))


def test_a_step_that_fails_leaves_no_trace_in_the_next_solve(sudoku4, monkeypatch):
    solver = Solver(small_model().for_inference(), sudoku4)
    good = solver.solve(sudoku4.parse(QUESTION), Settings(steps=2, stop="steps")).trace
    whole, calls = solver.model.halt_head.forward, []

    def fails_once(h):
        calls.append(h)
        if len(calls) == 1:
            raise RuntimeError("out of memory")
        return whole(h)

    monkeypatch.setattr(solver.model.halt_head, "forward", fails_once)
    with pytest.raises(RuntimeError, match="out of memory"):
        solver.solve(sudoku4.parse(QUESTION), Settings(steps=2, stop="steps"))
    again = solver.solve(sudoku4.parse(QUESTION), Settings(steps=2, stop="steps")).trace
    assert np.array_equal(again.answer_CL, good.answer_CL)
    assert again.residual_K.shape == good.residual_K.shape


def test_a_forgotten_solve_collected_during_a_step_does_not_block(solver, sudoku4):
    forgotten = iter(solver.start(sudoku4.parse(QUESTION), Settings(steps=9, stop="steps")))
    next(forgotten)
    holder = [forgotten]
    question = Occupant(tokens_L=sudoku4.tokens(sudoku4.parse(QUESTION)))
    ticket = solver.engine.submit(question, lambda result: bool(holder.clear()) or True)
    del forgotten  # is_done drops the last reference, in the middle of a step
    worker = threading.Thread(target=lambda: list(solver.engine.steps(ticket)), daemon=True)
    worker.start()
    worker.join(timeout=30)
    assert not worker.is_alive()


def test_more_solves_than_places_wait_their_turn(sudoku4, rng):
    solver = Solver(small_model().for_inference(), sudoku4)
    solver.engine.capacity = 2
    solution = solver.solve(sudoku4.parse(QUESTION), Settings(steps=3, stop="steps", votes=5))
    assert solution.ways == 5
    assert solution.steps == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(steps=0), "steps must lie in 1..1024, got 0"),
        (dict(votes=65), "votes must lie in 1..64"),
        (dict(stop="soon"), "halt, rules, steps, got 'soon'"),
        (dict(seed=-1), "seed must be 0 or more"),
        (dict(noise=1.5), "noise must lie in 0..1.0, got 1.5"),
    ],
)
def test_bad_settings_are_refused_by_name(changes, message):
    with pytest.raises(ConfigError, match=message):
        Settings(**changes)


def test_a_model_of_another_puzzle_is_refused():
    with pytest.raises(ConfigError, match="reads 4x4 cells of 6 tokens, 9x9 Sudoku has"):
        Solver(small_model(), domain("sudoku-9x9"))


def test_a_trace_survives_saving(solver, sudoku4, tmp_path):
    trace = solver.solve(sudoku4.parse(QUESTION), Settings(steps=2), keep_latents=True).trace
    trace.save(tmp_path / "t.npz")
    again = Trace.load(tmp_path / "t.npz")
    for name in ("answer_CL", "confidence_CL", "moved_KL", "residual_K", "z_SMD", "seconds_S"):
        assert np.array_equal(getattr(trace, name), getattr(again, name))
    assert (again.checkpoint, again.stopped, again.solution_L) == ("small", trace.stopped, None)


def test_foreign_and_broken_traces_get_one_sentence(solver, sudoku4, tmp_path):
    solver.solve(sudoku4.parse(QUESTION), Settings(steps=2)).trace.save(tmp_path / "t.npz")
    whole = (tmp_path / "t.npz").read_bytes()
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    for content in (b"", b"hello", whole[:200], whole[:-30], (tmp_path / "other.npz").read_bytes()):
        with pytest.raises(PuzzleError) as caught:
            Trace.load(content)
        assert "\n" not in str(caught.value)


def test_evaluation_agrees_with_solving_one_by_one(sudoku4):
    model, _ = checkpoint.load(checkpoint.find("sudoku-4x4"))
    pairs = generated(sudoku4, "minimal", 30, seed=5)
    solver = Solver(model, sudoku4)
    for stop in ("halt", "rules", "steps"):
        found = evaluate(model, sudoku4, pairs, most_steps=4, stop=stop, capacity=7)
        solutions = [
            solver.solve(sudoku4.board(q), Settings(steps=4, stop=stop))
            for q, _ in pairs.tokens_N2L
        ]
        exact = [
            np.array_equal(s.answer_RC, sudoku4.board(a))
            for s, (_, a) in zip(solutions, pairs.tokens_N2L, strict=True)
        ]
        assert found.exact[4] == pytest.approx(np.mean(exact))
        assert sorted(found.exact) == [1, 2, 4]
        assert found.solved_by_step[4] == pytest.approx(np.mean([s.solved for s in solutions]))
        if stop == "halt":
            assert found.mean_steps == pytest.approx(np.mean([s.steps for s in solutions]))


def test_vote_evaluation_agrees_with_voting_one_by_one(sudoku4):
    model = small_model().for_inference()  # random weights: the vote has to choose by q
    solver = Solver(model, sudoku4)
    pairs = generated(sudoku4, "easy", 12, seed=5)
    found = evaluate_votes(model, sudoku4, pairs, votes=4, most_steps=3, capacity=5)
    assert sorted(found.exact) == [1, 2, 4]
    alone = [
        solver.solve(sudoku4.board(question), Settings(steps=3, stop="rules"))
        for question, _ in pairs.tokens_N2L
    ]
    exact = [
        np.array_equal(s.answer_RC, sudoku4.board(a))
        for s, (_, a) in zip(alone, pairs.tokens_N2L, strict=True)
    ]
    assert found.exact[1] == pytest.approx(np.mean(exact))


def test_any_shortest_path_counts_as_solved_and_only_the_published_one_as_exact():
    model, card = checkpoint.load(checkpoint.find("maze-small"))
    maze = domain(card.domain)
    pairs = generated(maze, "ties", 20, seed=8)
    found = evaluate(model, maze, pairs, most_steps=8)
    asked = evaluate_votes(model, maze, pairs, votes=4, most_steps=8)
    for exact, solved in ((found.exact, found.solved_by_step), (asked.exact, asked.solved)):
        assert all(exact[number] <= solved[number] for number in exact)
    assert found.exact[8] < found.solved <= found.valid
    assert asked.solved[4] >= asked.solved[1]


def test_noise_disturbs_the_further_ways_only_and_repeats_itself(solver, sudoku4):
    question = sudoku4.parse(QUESTION)
    common = dict(steps=4, stop="steps", votes=3)

    def starts(**settings):
        return solver.start(question, Settings(**common | settings))

    def answers(solving):
        list(solving)
        return [np.stack([s.record.confidence_TL for s in way]) for way in solving._steps]

    still, noisy = answers(starts()), answers(starts(noise=0.3))
    assert np.array_equal(still[0], noisy[0])
    assert all(not np.array_equal(a, b) for a, b in zip(still[1:], noisy[1:], strict=True))
    others = iter(starts(noise=0.1, seed=5))
    next(others)  # somebody else's solve, in the same batch
    again = answers(starts(noise=0.3))
    # A batch of another size rounds otherwise, and these random weights multiply that from step to step.
    assert all(np.allclose(a[:2], b[:2], atol=5e-3) for a, b in zip(noisy, again, strict=True))
    elsewhere = answers(starts(noise=0.3, seed=1))
    assert not any(
        np.allclose(a[0], b[0], atol=5e-3) for a, b in zip(noisy[1:], elsewhere[1:], strict=True)
    )
    assert np.isclose(Noise(0.3, (1, 2)).draw((100, 100), 1).std(), 0.3, rtol=0.05)


def test_noise_may_find_what_asking_alone_does_not(sudoku4):
    """The first way has no noise, so that further ones can only add to what it solves."""
    model, _ = checkpoint.load(checkpoint.find("sudoku-4x4"))
    pairs = generated(sudoku4, "minimal", 40, seed=6)
    still, noisy = (
        evaluate_votes(model, sudoku4, pairs, votes=4, most_steps=1, noise=noise)
        for noise in (0.0, 0.2)
    )
    assert noisy.exact[1] == still.exact[1]
    assert list(noisy.exact.values()) == sorted(noisy.exact.values())


def test_asking_several_ways_never_loses_an_answer_the_rules_accept(sudoku4):
    model, _ = checkpoint.load(checkpoint.find("sudoku-4x4"))
    pairs = generated(sudoku4, "minimal", 60, seed=6)
    found = evaluate_votes(model, sudoku4, pairs, votes=8, most_steps=1)
    shares = list(found.exact.values())
    assert shares == sorted(shares)


def test_the_wilson_interval_by_hand():
    low, high = wilson_interval(0.9, 100)
    point = {"at": 2, "solved": 0.9, "low": low, "high": high, "exact": 0.8, "spent": 21.5}
    result = VoteEvaluation(100, 16, {2: 0.8}, (0, 1), {2: 0.9}, (0, 1), {2: 21.5})
    assert curve(result) == [point]
    assert (low, high) == (pytest.approx(0.8256, abs=1e-3), pytest.approx(0.9448, abs=1e-3))
    assert wilson_interval(1.0, 1000)[1] == 1.0


def test_a_race_is_over_when_one_way_is_right():
    model, card = checkpoint.load(checkpoint.find("maze-small"))
    maze = domain(card.domain)
    pairs = generated(maze, "loops", 4, seed=6)
    solver = Solver(model, maze)
    settings = Settings(votes=3, race=True)
    for question_L, _ in pairs.tokens_N2L:
        solving = solver.start(maze.board(question_L), settings)
        list(solving)
        if solving.solution.solved:
            assert max(map(len, solving._steps)) == solving.solution.steps
    assert solver.engine._open == []


def test_goes_are_counted_as_a_plain_loop_of_single_chains_counts_them():
    """Every number of goes at every number of steps: solved when the first of its chains is, for so many steps of each."""
    model, card = checkpoint.load(checkpoint.find("sudoku-marks"))
    sudoku, goes, most = domain(card.domain), 2, 17
    pairs = from_source(sudoku, EXTREME, "test")[:6]
    found = evaluate_goes(model, sudoku, pairs, goes=goes, most_steps=most, capacity=5)
    solver = Solver(model, sudoku)
    at_NK = np.zeros((len(pairs), goes))
    for n, (question_L, _) in enumerate(pairs.tokens_N2L):
        for k in range(goes):
            settings = Settings(steps=most, seed=seed_of_way(0, k))
            alone = solver.solve(sudoku.board(question_L), settings)
            at_NK[n, k] = alone.steps if alone.solved else np.inf
    assert list(found.solved_by_step) == [1, 2]
    for number, shares in found.solved_by_step.items():
        assert list(shares) == [16, 17]
        for steps, share in shares.items():
            first_N = at_NK[:, :number].min(1)
            assert share == pytest.approx(np.mean(first_N <= steps)), (number, steps)
            spent = number * np.minimum(first_N, steps).mean()
            assert found.spent_by_step[number][steps] == pytest.approx(spent)
    assert found.exact == found.solved  # their answers are unique
    assert 0 < found.solved[1] <= found.solved[2]
    with pytest.raises(ConfigError, match="for models with pencil marks"):
        evaluate_goes(small_model(), domain("sudoku-4x4"), pairs, goes=2, most_steps=1)
