"""Every puzzle's outcome is kept, can be saved, and is what the evaluation is made of."""

import json

import numpy as np
import pytest

from tests.processes import forked
from trm_core.__main__ import main
from trm_core.domains import PuzzleError, domain
from trm_core.measuring.evaluate import Evaluation, Examination, evaluate, examine
from trm_core.record.outcomes import Outcomes
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import generated
from trm_core.weights import checkpoint


@pytest.fixture(scope="module", params=["sudoku-4x4", "maze-small"])
def asked(request):
    model, card = checkpoint.load(checkpoint.find(request.param))
    chosen = domain(card.domain)
    difficulty = "minimal" if request.param == "sudoku-4x4" else "ties"
    return model, chosen, generated(chosen, difficulty, 12, seed=5)


def test_outcomes_are_those_of_solving_one_by_one(asked):
    model, chosen, pairs = asked
    outcomes = examine(model, chosen, pairs, most_steps=5, stop="rules", capacity=5)
    solver = Solver(model, chosen)
    assert outcomes.index_N.tolist() == list(range(12))
    for i, (question_L, solution_L) in enumerate(pairs.tokens_N2L):
        alone = solver.solve(chosen.board(question_L), Settings(steps=5), chosen.board(solution_L))
        assert outcomes.left_at_N[i] == alone.steps
        assert outcomes.solved_NS[i, -1] == alone.solved
        assert outcomes.valid_N[i] == alone.valid
        assert np.array_equal(chosen.board(outcomes.answer_NL[i]), alone.answer_RC)
        assert outcomes.halt_N[i] == pytest.approx(alone.halt_probability, abs=1e-4)
        exact = [np.array_equal(a, solution_L) for a in alone.trace.answers("steps")[1:]]
        assert outcomes.exact_NS[i, : alone.steps].tolist() == exact
        halted = np.flatnonzero(alone.trace.halting("steps")[1:] > 0.5)
        assert outcomes.halted_at_N[i] == (halted[0] + 1 if len(halted) else 0)
        given_L = chosen.given(chosen.board(question_L)).reshape(-1)
        sure = alone.trace.confidence_CL[-1].astype(float)[~given_L].mean()
        assert outcomes.confidence_N[i] == pytest.approx(sure, abs=2e-3)
    first = outcomes.first_right_N
    assert ((first > 0) == outcomes.solved_NS.any(1)).all()
    assert not outcomes.lost_N.any()  # it stops as soon as the rules are obeyed


def test_the_evaluation_is_made_of_outcomes(asked):
    model, chosen, pairs = asked
    outcomes = examine(model, chosen, pairs, most_steps=4)
    found = Evaluation.of(outcomes, 2.0)
    assert found.puzzles_per_second == 6
    assert found.exact == {n: outcomes.exact_NS[:, n - 1].mean() for n in (1, 2, 4)}
    assert found.cells == pytest.approx(1 - outcomes.wrong_NL.mean())
    same = evaluate(model, chosen, pairs, most_steps=4)
    assert same.as_dict() | {"puzzles_per_second": 6} == found.as_dict()


def test_a_table_survives_a_file(asked, tmp_path):
    model, chosen, pairs = asked
    outcomes = examine(model, chosen, pairs, most_steps=3, checkpoint="small")
    path = tmp_path / "o.parquet"
    outcomes.save(path)
    again = Outcomes.load(path)
    assert (again.domain_name, again.checkpoint, again.most_steps) == (chosen.name, "small", 3)
    for name in ("question_NL", "solution_NL", "answer_NL", "exact_NS", "solved_NS", "halt_N"):
        found, expected = getattr(again, name), getattr(outcomes, name)
        if name == "answer_NL":  # padding reads as blank
            found, expected = chosen.board(found), chosen.board(expected)
        assert np.array_equal(found, expected), name
    assert np.array_equal(again.rating_N, outcomes.rating_N, equal_nan=True)
    header, *rows = outcomes.as_csv().splitlines()
    assert '"question"' in header and '"end"' in header and "solved_NS" not in header
    assert len(rows) == 12


def test_a_set_can_be_left_early_with_what_there_is(asked):
    model, chosen, pairs = asked
    examination = Examination(model, chosen, pairs, most_steps=2, capacity=4)
    told = []
    for done in examination:
        told.append(done)
        if done >= 4:
            examination.cancel()
    assert told == [0, 4]
    assert examination.outcomes.index_N.tolist() == [0, 1, 2, 3]


def test_foreign_files_are_no_outcomes(tmp_path):
    import pyarrow
    import pyarrow.parquet as parquet

    path = tmp_path / "x.parquet"
    path.write_bytes(b"hello")
    with pytest.raises(PuzzleError, match=r"x\.parquet is no Parquet file"):
        Outcomes.load(path)
    parquet.write_table(pyarrow.table({"a": [1]}), path)
    with pytest.raises(PuzzleError, match=r"x\.parquet is not a table of outcomes"):
        Outcomes.load(path)
    with pytest.raises(PuzzleError, match="not a table"):
        Outcomes.load(tmp_path / "missing.parquet")


def test_evaluate_writes_them_and_two_processes_share_a_set(tmp_path, capsys):
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    common = ["sudoku-4x4", "--puzzles", "9", "--steps", "2", "--device", "cpu", "--json"]
    assert main(["evaluate", *common, "--outcomes", str(one)]) == 0
    told = json.loads(capsys.readouterr().out)
    codes, printed = forked(tmp_path, ["evaluate", *common, "--outcomes", str(two)])
    assert codes == [0, 0], printed[-2000:]
    together = json.loads(printed)
    assert together["exact"] == told["exact"]
    a, b = Outcomes.load(one), Outcomes.load(two)
    assert np.array_equal(a.index_N, b.index_N)
    assert np.array_equal(a.answer_NL, b.answer_NL)
    assert main(["evaluate", *common, "--votes", "2", "--outcomes", str(one)]) == 2
    assert "does not go with --votes" in capsys.readouterr().err
