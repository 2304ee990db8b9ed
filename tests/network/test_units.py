"""States of (symbol, cell) pairs: symmetric by construction, and pencil marks as an answer."""

import numpy as np
import pytest
import torch

from tests.conftest import small_config
from trm_core.domains import domain
from trm_core.measuring.marks_speed import plain_marks_step
from trm_core.network.config import ConfigError
from trm_core.network.forms import build_model
from trm_core.network.slots import Occupant, Slots
from trm_core.network.units import (
    AGE,
    CELL_POWER,
    DEAD,
    GO,
    TEMPERATURE,
    Daring,
    Judged,
    daring,
    drawn_cell,
    pin,
    strike,
    uniform,
    write_marks,
)
from trm_core.record.trace import Trace
from trm_core.record.verdict import verdict
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights import checkpoint

FOUR = "1.....2..3.....4"
UNITS = dict(
    mixer="units",
    box_rows=2,
    box_cols=2,
    messages=4,
    prefix="none",
    prefix_length=0,
    halt_outputs=1,
)
MARKS = UNITS | dict(answer="candidates", cycles=1, latent_updates=3, gradient="all_cycles")


def model(form=UNITS, seed=0, **changes):
    return build_model(small_config(**form | changes), torch.Generator().manual_seed(seed))


def tokens(text=FOUR):
    sudoku4 = domain("sudoku-4x4")
    return torch.from_numpy(sudoku4.tokens(sudoku4.parse(text)))[None]


FORMS = pytest.mark.parametrize("form", [UNITS, MARKS], ids=["plain", "marks"])


@FORMS
def test_a_step_has_the_promised_shapes_and_calls(form):
    asked = model(form)
    calls = []
    output = Slots(asked, tokens().repeat(3, 1)).step(calls.append)
    assert output.logits_BLV.shape == (3, 16, 6)
    assert output.halt_BH.shape == (3, 1)
    assert len(calls) == asked.config.calls_per_step
    assert [call.writes_answer for call in calls].count(True) == asked.config.cycles
    assert (output.logits_BLV.argmax(-1) >= 2).all()  # pad and blank are never the answer


@FORMS
def test_rewriting_the_puzzle_rewrites_the_outcome(form):
    """Renamed digits, bands, stacks, rows, columns and the board turned over: nothing has to be
    learnt for them."""
    asked, sudoku4 = model(form), domain("sudoku-4x4")
    ways = sudoku4.symmetries(np.random.default_rng(0), 24)
    own_L = tokens().numpy()[0]
    with torch.no_grad():
        states = [
            Slots(asked, torch.from_numpy(questions)).step().state
            for questions in (ways.apply(own_L), own_L[None])
        ]
    found_KNLD, (expected_NLD,) = (asked.by_symbol(state.z_BMD) for state in states)
    for k in range(24):
        renamed_N = torch.from_numpy(ways.symbols_KV[k, 2:].astype(np.int64)) - 2
        cells_L = torch.from_numpy(ways.cells_KL[k].astype(np.int64))
        torch.testing.assert_close(
            found_KNLD[k][renamed_N], expected_NLD[:, cells_L], atol=1e-4, rtol=1e-3
        )
        if form is MARKS:
            heads = [asked.judge(state.z_BMD).conflict_B for state in states]
            torch.testing.assert_close(heads[0][k], heads[1][0], atol=1e-4, rtol=1e-3)


def test_the_mixer_is_its_sums_written_out():
    asked = model()
    mix = asked.network.layers[0].mix
    h = torch.randn(2, 64, 16, generator=torch.Generator().manual_seed(1))
    gate, up = (h @ mix.gate_up.weight.T).chunk(2, dim=-1)
    told = (torch.nn.functional.silu(gate) * up).view(2, 4, 4, 4, 12)
    expected = torch.zeros(2, 4, 4, 4, 16)
    for n, r, c in np.ndindex(4, 4, 4):
        line = told[:, n, r, :, :4].sum(1) + told[:, n, :, c, :4].sum(1)
        top, left = r // 2 * 2, c // 2 * 2
        box = told[:, n, top : top + 2, left : left + 2, 4:8].sum((1, 2))
        cell = told[:, :, r, c, 8:].sum(1)
        expected[:, n, r, c] = (mix.line(line) + mix.box(box) + mix.cell(cell)) / 3
    summed = h + expected.view(2, 64, 16)
    size = (summed.square().mean(-1, keepdim=True) + asked.config.norm_epsilon).sqrt()
    torch.testing.assert_close(mix(h), summed / size, atol=1e-5, rtol=1e-4)


def test_the_same_weights_read_another_size():
    small, large = model(), model(vocab_size=8, rows=6, cols=6, box_cols=3)
    large.load_state_dict(small.state_dict())
    six = domain("sudoku-6x6")
    question = six.maker.generate(np.random.default_rng(0), "easy").question_RC
    solution = Solver(large.for_inference(), six).solve(question, Settings(steps=2))
    assert solution.answer_RC.shape == (6, 6)


def marks(*candidates):
    """A 2x1 board of candidates, (1, N, L) bool: for every cell a string of its symbols."""
    return torch.tensor([[[str(n) in cell for cell in candidates] for n in (1, 2, 3)]])


def judged(keep, pick=None, conflict=-9.0):
    keep = torch.tensor([keep], dtype=torch.float).mT
    pick = keep if pick is None else torch.tensor([pick], dtype=torch.float).mT
    return Judged(keep, pick, torch.tensor([conflict]))


def calm(pin_at=0.95):
    return Daring(torch.tensor([0.02]), torch.tensor([pin_at]), torch.tensor([0.0]))


CHANCE = torch.full((1, 3, 2), 0.5), torch.full((1, 2), 0.5)


def test_what_is_kept_with_little_hope_is_struck_but_never_the_last_candidate():
    before = marks("123", "2")
    written = strike(before, judged([[5, -9, 5], [5, -9, 5]]), torch.tensor([0.02]))
    assert torch.equal(written.candidates_BNL, marks("13", "2"))
    assert not written.contradiction_B and not written.solved_B
    emptied = strike(before, judged([[-9, -9, -9], [5, 5, 5]]), torch.tensor([0.02]))
    assert emptied.contradiction_B
    seen = strike(before, judged([[5, 5, 5], [5, 5, 5]], conflict=1.0), torch.tensor([0.02]))
    assert seen.contradiction_B
    assert strike(marks("1", "2"), judged([[5, 5, 5]] * 2), torch.tensor([0.02])).solved_B


def test_sure_cells_are_pinned_and_where_none_is_the_surest():
    keep = [[5, 5, 5], [5, 5, 5]]
    both = write_marks(marks("123", "123"), judged(keep, [[9, 0, 0], [0, 0, 9]]), calm(), *CHANCE)
    assert torch.equal(both.candidates_BNL, marks("1", "3"))
    one = write_marks(marks("123", "123"), judged(keep, [[1, 0, 0], [0, 2, 0]]), calm(), *CHANCE)
    assert torch.equal(one.candidates_BNL, marks("123", "2"))
    still = write_marks(
        marks("123", "123"), judged(keep, [[9, 0, 0], [0, 0, 9]], conflict=1.0), calm(), *CHANCE
    )
    assert torch.equal(still.candidates_BNL, marks("123", "123"))


def test_of_a_full_board_a_smaller_doubt_is_enough_to_take_it_back():
    keep = [[5, 5, 5], [5, 5, 5]]
    for board, conflict, taken_back in (
        (marks("1", "2"), -1.0, True),
        (marks("1", "2"), -8.0, False),
        (marks("1", "23"), -1.0, False),
    ):
        written = write_marks(board, judged(keep, conflict=conflict), calm(), *CHANCE)
        assert bool(written.contradiction_B) == taken_back
        assert bool(written.solved_B) == (conflict == -8.0)


def test_a_cell_is_drawn_by_a_power_of_how_sure_it_is_and_pinned_beside_the_sure_ones():
    sure = torch.tensor([0.9, 0.6, 0.0, 0.3])
    chance = uniform(torch.arange(8000), count=4)
    drawn = drawn_cell(sure.expand(8000, 4), chance, torch.ones(8000))
    assert (drawn.sum(1) == 1).all()
    expected = sure**CELL_POWER / (sure**CELL_POWER).sum()
    torch.testing.assert_close(drawn.float().mean(0), expected, atol=0.02, rtol=0)
    assert drawn_cell(sure[None], chance[:1], torch.zeros(1)).tolist() == [
        [True, False, False, False]
    ]
    # The first cell is sure, the second one is drawn: the chance of its number is the greater.
    likes = judged([[5, 5, 5], [5, 5, 5]], [[9, 0, 0], [0, 0, 1]])
    bold = calm()._replace(temperature_B=torch.tensor([1e-3]))
    both = write_marks(marks("123", "123"), likes, bold, CHANCE[0], torch.tensor([[1e-6, 0.999]]))
    assert torch.equal(both.candidates_BNL, marks("1", "3"))


def test_a_guess_is_drawn_as_often_as_it_is_likely():
    pick = torch.log(torch.tensor([0.7, 0.2, 0.1]))[None, :, None].expand(4000, 3, 1)
    chance = uniform(torch.arange(4000), count=3)[..., None]
    cells = torch.ones(4000, 1, dtype=torch.bool)
    drawn = pin(torch.ones(4000, 3, 1, dtype=torch.bool), cells, pick, chance, torch.ones(4000))
    assert (drawn.sum(1) == 1).all()
    torch.testing.assert_close(
        drawn.float().mean(0)[:, 0], torch.tensor([0.7, 0.2, 0.1]), atol=0.03, rtol=0
    )


def test_chance_depends_on_its_keys_and_on_nothing_else():
    keys = torch.tensor([0.0, 1, 2, 3])
    together = uniform(keys, keys * 0, keys * 0 + 7, count=50)
    for i in range(4):
        alone = uniform(keys[i : i + 1], torch.zeros(1), torch.tensor([7.0]), count=50)
        assert torch.equal(together[i], alone[0])
    many = uniform(torch.arange(400), count=100)
    assert abs(float(many.mean()) - 0.5) < 0.01
    assert len(many.unique()) > 39_000
    drawn = daring(torch.tensor([0.0, 0, 5]), torch.tensor([0.0, 1, 0]))
    assert drawn.temperature_B.tolist() == [0.0, TEMPERATURE, TEMPERATURE]
    assert len(set(drawn.strike_B.tolist())) == 3


def test_a_contradiction_goes_back_to_the_givens_for_the_next_go():
    asked = model(MARKS)
    with torch.no_grad():
        asked.conflict_bias.fill_(-1e3)  # sees a contradiction everywhere
        slots = Slots(asked, tokens())
        for go in range(3):
            slots.step()
            y = slots.state.y_BMD[0]
            assert (y[:, DEAD] == 1).all()
            assert (y[:, GO] == go).all()
            assert (y[:, AGE] == 1).all()


def test_givens_stay_and_marks_only_vanish_within_a_go():
    asked = model(MARKS)
    with torch.no_grad():
        asked.conflict_bias.fill_(1e3)  # never sees one
        slots = Slots(asked, tokens())
        given_NL = asked.named_pairs(tokens())[0]
        before, go = torch.ones(4, 16, dtype=torch.bool), 0
        for _ in range(12):
            slots.step()
            marks = asked.marks(slots.state.y_BMD)
            now = marks.candidates_BNL[0]
            assert (now[:, given_NL.any(0)] == given_NL[:, given_NL.any(0)]).all()
            if int(marks.go_B) == go:
                assert not (now & ~before).any()
            assert (marks.pinned_BNL[0].sum(0) <= 1).all()
            assert (marks.pinned_BNL[0] <= now).all()
            before, go = now, int(marks.go_B)


def test_goes_are_reproducible_by_seed_and_differ_between_seeds():
    asked = model(MARKS).for_inference()
    solver, sudoku4 = Solver(asked, domain("sudoku-4x4")), domain("sudoku-4x4")
    question = sudoku4.parse(FOUR)

    def answers(seed):
        settings = Settings(steps=10, stop="steps", seed=seed)
        return solver.solve(question, settings).trace.distribution_SLV

    assert np.array_equal(answers(3), answers(3))
    assert not np.array_equal(answers(3), answers(4))


def test_parked_marks_go_on_as_if_nothing_had_happened():
    asked = model(MARKS).for_inference()
    start = asked.seeded_start(5)
    occupant = Occupant(tokens_L=tokens()[0].numpy(), start=start)
    with torch.no_grad():
        whole, half = Slots(asked), Slots(asked)
        whole.add([occupant])
        half.add([occupant])
        for _ in range(4):
            whole.step()
        for _ in range(2):
            half.step()
        later = Slots(asked)
        later.add([Occupant(tokens_L=occupant.tokens_L, start=half.state_of(0), steps=2)])
        for _ in range(2):
            later.step()
    assert torch.equal(later.state.y_BMD, whole.state.y_BMD)


@FORMS
def test_a_solve_is_traced_stopped_and_saved(form, tmp_path):
    sudoku4 = domain("sudoku-4x4")
    solver = Solver(model(form).for_inference(), sudoku4)
    solving = solver.start(
        sudoku4.parse(FOUR), Settings(steps=30, stop="steps", votes=2), keep_latents=True
    )
    for step in solving:
        if step.step == 3:
            solving.cancel()
    trace = solving.solution.trace
    assert trace.steps == 3
    assert trace.z_SMD.shape[1] == 16
    trace.save(tmp_path / "t.npz")
    again = Trace.load(tmp_path / "t.npz")
    assert np.array_equal(again.answer_CL, trace.answer_CL)
    assert (trace.go_S is None) == (form is UNITS)
    if form is MARKS:
        for name in ("candidates_SNL", "pinned_SNL", "conflict_S", "dead_S", "go_S"):
            assert np.array_equal(getattr(again, name), getattr(trace, name))


def test_a_trace_tells_goes_and_turns_its_marks_back():
    """A model that sees contradictions everywhere takes everything back after every step. A way that
    was rewritten by a symmetry is told in the question's own cells and symbols."""
    sudoku4 = domain("sudoku-4x4")
    asked = model(MARKS)
    with torch.no_grad():
        asked.conflict_bias.fill_(-1e3)
    solver = Solver(asked.for_inference(), sudoku4)
    question_RC = sudoku4.parse(FOUR)
    solving = solver.start(question_RC, Settings(steps=4, votes=3, stop="steps"))
    list(solving)
    for k in range(3):
        trace = solving._trace(k)
        assert trace.go_S.tolist() == [0, 1, 2, 3]
        assert trace.dead_S.all() and (trace.conflict_S > 0.99).all()
        assert trace.takes_back == 3
        assert "It was tried 4 times, from the givens each time." in verdict(trace).details
        for r, c in np.argwhere(question_RC > 0):
            symbols_SN = trace.candidates_SNL[:, :, 4 * r + c]
            assert (symbols_SN == (np.arange(1, 5) == question_RC[r, c])).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(answer="candidates"), "answer 'candidates' needs the units mixer"),
        (UNITS | dict(box_rows=3), "as many rows, columns and symbols as a box has cells"),
        (UNITS | dict(prefix="register", prefix_length=1), "goes with prefix 'none'"),
        (MARKS | dict(cycles=2), "needs cycles=1"),
    ],
)
def test_bad_units_are_refused_by_name(changes, message):
    with pytest.raises(ConfigError, match=message):
        small_config(**changes)


def test_the_plain_form_of_the_benchmark_judges_the_same():
    """The calls of a first step and the three heads, against a restatement that shares nothing."""
    model, _ = checkpoint.load(checkpoint.find("sudoku-marks"))
    sudoku = domain("sudoku-9x9")
    puzzle = sudoku.maker.generate(np.random.default_rng(3), "hard")
    tokens = torch.from_numpy(sudoku.tokens(puzzle.question_RC))[None]
    seen = []
    with torch.no_grad():
        plain = plain_marks_step(model, tokens)()
        model.step(model.start(1), model.embed(tokens), observe=seen.append)
        judged = model.judge(seen[-1].z_BMD)
    for name in ("keep", "pick"):
        torch.testing.assert_close(
            plain[name], getattr(judged, f"{name}_BNL"), atol=2e-3, rtol=1e-3
        )
    torch.testing.assert_close(plain["conflict"], judged.conflict_B, atol=2e-3, rtol=1e-3)
