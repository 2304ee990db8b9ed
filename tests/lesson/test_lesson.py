"""The lesson's interventions against loops written by hand, and its claims against the bundled weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from pages.lesson.scene import Material
from pages.lesson.scenes import SCENES
from trm_core.domains import PuzzleError, domain
from trm_core.lesson.ablations import run_trial, solver_for
from trm_core.lesson.basins import STEPS, basins, growing, renamed
from trm_core.lesson.depths import right_by_step
from trm_core.lesson.examples import (
    called_done_while_wrong,
    comes_right_at,
    least_missed,
    loses,
    picked,
    settled_by,
)
from trm_core.lesson.halting import Halting, halting
from trm_core.lesson.learning import MOMENTS, lesson_run, replay
from trm_core.lesson.signs import edges, signs
from trm_core.lesson.surgery import Operation, interventions, operated
from trm_core.lesson.trials import (
    FEATURES,
    PREMATURE,
    PROBE,
    TAKEN,
    TESTS,
    TRIALS,
    UNHARMED,
    UNSEEN,
    WHOLE,
    WOUND,
    WOUNDED,
)
from trm_core.lesson.wounds import healing
from trm_core.record.diagnosis import SURE
from trm_core.record.outcomes import Outcomes
from trm_core.record.slices import share_higher
from trm_core.record.trace import Trace
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.training.data import generated
from trm_core.weights import checkpoint
from trm_core.weights.card import parameter_count

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "lesson"
MEASURED = json.loads((FOLDER / "measured.json").read_text())


@pytest.fixture(scope="module")
def whole():
    return solver_for(WHOLE)


def by_hand(model, trial, steps):
    """Answers after every step, by the paper's loop with the loss written into it."""
    chosen = trial.asked
    question_RC = chosen.parse(trial.puzzle)
    embed = {
        name: model.embed(torch.from_numpy(chosen.tokens(board_RC))[None])
        for name, board_RC in (("x", question_RC), ("blank", np.zeros_like(question_RC)))
    }
    y, z = model.start(1)
    answers = []
    for step in range(1, steps + 1):
        x = embed["blank" if trial.ablation == "hide-x" and step > 1 else "x"]
        if step > 1 and trial.ablation == "blank-z":
            z = torch.zeros_like(z)
        if step > 1 and trial.ablation == "forget-y":
            y = model.start(1).y_BMD
        for _ in range(model.config.cycles):
            for _ in range(model.config.latent_updates):
                kept = frozen if trial.ablation == "freeze-z" and step > 1 else z  # noqa: F821
                z = model.network(x + y + kept)
            kept = frozen if trial.ablation == "freeze-z" and step > 1 else z  # noqa: F821
            y = model.network(y + kept)
        if step == 1:
            frozen = z  # noqa: F841
        answers.append(model.read(y)[0].argmax(-1).numpy())
    return answers


@pytest.mark.parametrize("trial", TAKEN, ids=lambda trial: trial.name)
def test_what_is_taken_away_is_what_a_plain_loop_takes_away(trial, whole):
    with torch.no_grad():
        answers = by_hand(whole.model, trial, 4)
    trace = run_trial(trial, whole)
    for answer_L, shown_L in zip(answers, trace.answers("steps")[1:], strict=False):
        assert (answer_L == shown_L).mean() > 0.98  # rounding may turn a cell that is nearly even
    assert trace.interventions


def test_a_wound_tears_out_that_many_cells_once_and_heals(whole):
    trace = run_trial(WOUND, whole)
    steps = whole.model.config.cycles * (whole.model.config.latent_updates + 1)
    assert np.flatnonzero(trace.intervened_K).tolist() == [steps * (WOUNDED - 1)]
    assert trace.right("steps")[WOUNDED - 1].all()
    assert "50 cells torn out before step 9" in trace.interventions[0]
    assert trace.solved


def test_an_operation_is_what_a_plain_loop_does(whole):
    """One digit written over another, one blanked, one box of z wiped, before step 4."""
    nine, model = UNHARMED.asked, whole.model
    question_RC = nine.parse(UNHARMED.puzzle)
    before = run_trial(UNHARMED, whole)
    says_RC = nine.board(before.answers("steps")[3])
    board_RC, wiped_RC = says_RC.copy(), np.zeros((9, 9), dtype=bool)
    board_RC[0, 0] = says_RC[0, 0] % 9 + 1
    board_RC[4, 4], wiped_RC[3:6, 3:6] = 0, True
    trace = operated(UNHARMED, whole, before, Operation(4, board_RC, wiped_RC))
    with torch.no_grad():
        x = model.embed(torch.from_numpy(nine.tokens(question_RC))[None])
        (y, z), answers = model.start(1), []
        start_y, start_z = y[0, 0], z[0, 0]
        for step in range(1, 7):
            if step == 4:
                donor = int(np.flatnonzero(says_RC.reshape(-1) == board_RC[0, 0])[0])
                y, z = y.clone(), z.clone()
                y[0, 1] = y[0, 1 + donor]  # one register stands before the cells
                assert int(model.read(y)[0, 0].argmax()) == nine.tokens(board_RC)[0]
                y[0, 1 + 40] = start_y
                for cell in np.flatnonzero(wiped_RC.reshape(-1)):
                    z[0, 1 + cell] = start_z
            for _ in range(model.config.cycles):
                for _ in range(model.config.latent_updates):
                    z = model.network(x + y + z)
                y = model.network(y + z)
            answers.append(model.read(y)[0].argmax(-1).numpy())
    for answer_L, shown_L in zip(answers, trace.answers("steps")[1:7], strict=True):
        assert (answer_L == shown_L).mean() > 0.98
    assert trace.interventions == (
        "y of 1 cell rewritten before step 4",
        "y of 1 cell torn out before step 4",
        "z of 9 cells torn out before step 4",
    )
    assert not np.array_equal(trace.answers("steps")[4], before.answers("steps")[4])


def test_a_digit_that_no_cell_says_cannot_be_written(whole):
    ones_RC = np.ones((9, 9), np.uint8)
    twos_RC = ones_RC.copy()
    twos_RC[0, 0] = 2
    operation = Operation(4, twos_RC, ones_RC == 0)
    with pytest.raises(PuzzleError, match="no cell says 2"):
        interventions(operation, UNHARMED, whole.model, ones_RC)


def test_depth_is_counted_as_a_plain_loop_counts_it(whole):
    pairs = generated(WHOLE.asked, "mixed", 6, TESTS)
    right = np.zeros((6, 5))
    for n, (question_L, solution_L) in enumerate(pairs.tokens_N2L):
        trace = run_trial(WHOLE, whole, *WHOLE.asked.board(np.stack([question_L, solution_L])))
        right[n] = (trace.answers("steps")[1:6] == solution_L).all(1)
    assert right_by_step(whole.model, pairs, 5).mean(0) == pytest.approx(right.mean(0), abs=0.17)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_recordings_are_what_the_bundled_weights_do(trial):
    """The same puzzle, model and settings; where nothing is close to even, the same answers."""
    recorded = Trace.load(FOLDER / f"{trial.name}.npz")
    assert trial.asked.format(recorded.question_board) == trial.puzzle
    assert recorded.checkpoint == trial.checkpoint
    again = run_trial(trial, solver_for(trial))
    assert again.solved == recorded.solved
    first = min(2, recorded.steps)
    same = again.answers("steps")[: first + 1] == recorded.answers("steps")[: first + 1]
    assert same.mean() > 0.97


def test_the_measured_wounds_come_out_again():
    nine = domain("sudoku-9x9")
    model, _ = checkpoint.load(checkpoint.find("sudoku-9x9"))
    found = healing(model, nine, generated(nine, "mixed", 10, 4_000_000), (10, 50))
    assert found["puzzles"] >= 9
    for parts in ("y", "z"):  # either heals the other, whatever the size
        assert min(found[parts]["1"]) >= 0.9
        assert min(MEASURED["wounds"][parts]["1"]) >= 0.9
    assert found["yz"]["1"][1] < 0.6
    assert MEASURED["wounds"]["yz"]["1"][-1] < 0.6
    assert found["yz"]["8"][1] >= 0.9


def test_ablations_rank_as_the_scene_says():
    solved = MEASURED["ablations"]["solved"]
    assert (
        solved["whole"]
        > solved["blank-z"]
        > 2 * max(solved[name] for name in ("freeze-z", "forget-y", "hide-x"))
    )


def test_halting_counts_every_puzzle_once():
    said = np.array([[0.1, 0.9, 0.9], [0.9, 0.9, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1, 0.1], [0.1] * 3])
    right = np.array([[0, 1, 1], [0, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0]], dtype=bool)
    seen = Halting(said, right)
    counts = {"in time": 1, "late": 1, "too early": 1, "wrong": 1, "never": 1}
    assert seen.lateness() == counts
    bins = seen.reliability((0.0, 0.5, 1.0))
    assert [b["count"] for b in bins] == [7, 8]
    assert bins[1]["right"] == 6 / 8
    six = domain("sudoku-6x6")
    model, _ = checkpoint.load(checkpoint.find("sudoku-6x6"))
    seen = halting(model, generated(six, "minimal", 20, 4_000_000), steps=8)
    assert seen.right_NS[:, -1].mean() > 0.8
    assert sum(seen.lateness().values()) == 20


def test_starts_on_a_plane_lead_somewhere_and_the_middle_is_the_usual_one():
    four = domain("sudoku-4x4")
    model, _ = checkpoint.load(checkpoint.find("sudoku-4x4"))
    question_RC = four.parse("1.....2..3.....4")
    found = basins(model, four, question_RC, side=3)
    assert found.end_GG.shape == (3, 3)
    assert found.at_G[1] == 0
    assert (found.end_GG == 0).mean() == found.solved
    usual = run_trial(
        type(WHOLE)(
            name="x",
            title="",
            checkpoint="sudoku-4x4",
            domain="sudoku-4x4",
            puzzle="1.....2..3.....4",
            steps=STEPS,
            stop="steps",
        ),
        solver_for(
            type(WHOLE)(name="x", title="", checkpoint="sudoku-4x4", domain="sudoku-4x4", puzzle="")
        ),
    )
    assert usual.solved == (found.end_GG[1, 1] == 0)
    assert np.asarray(MEASURED["basins"]["end"]).shape == (17, 17)
    rows = list(growing(model, four, question_RC, side=3))
    assert [int((row.end_GG >= 0).sum()) for row in rows] == [3, 6, 9]
    assert np.array_equal(rows[-1].end_GG, found.end_GG)


def test_the_failed_puzzle_is_solved_from_elsewhere_and_under_other_names():
    measured = MEASURED["basins"]
    assert measured["puzzle"] == FEATURES.puzzle
    assert 0.1 < measured["solved"] < 0.35
    model = solver_for(FEATURES).model
    question_RC = FEATURES.asked.parse(FEATURES.puzzle)
    found = renamed(model, FEATURES.asked, question_RC, measured["renamed"]["ways"])
    assert abs(found - measured["renamed"]["solved"]) <= 2
    again = basins(model, FEATURES.asked, question_RC, side=5)  # 25 of the 289 starts
    assert again.ends >= 10 and 0 < again.solved < 0.6


def test_a_run_is_replayed_as_it_is_trained():
    """Looking changes nothing: the weights are those of a run that nobody looks at."""
    learner, tests, probe_RC = lesson_run(seed=3, puzzles=200)
    looks = list(replay(learner, PROBE.checkpoint, tests[:10], probe_RC, (0, 3, 6)))
    plain, *_ = lesson_run(seed=3, puzzles=200)
    for moment in plain:
        if moment.update == 6:
            break
    assert [look.update for look in looks] == [0, 3, 6]
    assert looks[0].trace.checkpoint == "sudoku-any-4x4, update 0"
    for name, weight in learner.model.state_dict().items():
        assert torch.equal(weight, plain.model.state_dict()[name])


def test_the_replayed_run_begins_with_nothing_and_ends_with_a_model():
    moments = MEASURED["learning"]["moments"]
    assert [m["update"] for m in moments] == list(MOMENTS)
    assert max(moments[0]["solved"].values()) == 0
    assert max(moments[-1]["solved"].values()) >= 0.95
    assert all((FOLDER / f"learnt-{update}.npz").exists() for update in MOMENTS)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_every_scene_tells_what_its_recordings_say(scene):
    runs = {trial.name: Trace.load(FOLDER / f"{trial.name}.npz") for trial in scene.runs}
    material = Material(runs, MEASURED)
    assert scene.said(material) and scene.task(material)
    answer = scene.guess.answer(material)
    if scene.guess.options:
        assert answer in scene.guess.options
    else:
        assert scene.guess.low <= answer <= scene.guess.high
    assert scene.seen(material).endswith((".", ".)"))
    for figure in scene.figures:
        for dark in (False, True):
            assert figure.draw(material, dark).data and figure.caption


def test_examples_are_picked_by_their_rules():
    """The puzzles on the stage are those that the rules picked, and their recordings show what they were picked for."""
    runs = {trial.name: Trace.load(FOLDER / f"{trial.name}.npz") for trial in TRIALS}
    material = Material(runs, MEASURED)
    examples = {
        WHOLE: MEASURED["ablations"]["example"],
        PREMATURE: MEASURED["halting"]["sudoku-9x9"]["example"],
        UNSEEN: MEASURED["depths"]["unseen 6x6"]["example"],
    }
    for trial, example in examples.items():
        assert trial.puzzle == example["puzzle"]
        assert 1 <= example["alike"] <= example["of"]
    solved = MEASURED["ablations"]["solved"]
    least = max((trial.name for trial in TAKEN), key=solved.__getitem__)
    assert least_missed(solved) == least
    assert sum(MEASURED["halting"]["sudoku-9x9"]["lateness"].values()) == 200  # as the scene asks
    assert [n for n in solved if not material.wrong_at_end(n)] == [WHOLE.name, least]
    assert material.right_at("unseen") == settled_by(MEASURED["depths"]["unseen 6x6"]["right"])
    trace = runs[PREMATURE.name]
    said_S = trace.halt_C[trace.cycles - 1 :: trace.cycles]
    right_S = trace.right("steps")[1:].all(1)
    assert called_done_while_wrong(said_S[None], right_S[None]).tolist() == [True]


def test_rules_for_examples_are_what_they_say():
    solved = {"whole": [True, True, False], "a": [True, True, False], "b": [True, False, False]}
    alike = loses({name: np.array(each) for name, each in solved.items()}, ("whole", "a"))
    assert alike.tolist() == [False, True, False]
    assert settled_by([0.1, 0.5, 0.795, 0.8]) == 3
    right = np.array([[0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1], [0, 0, 1, 0]], dtype=bool)
    assert comes_right_at(right, 3).tolist() == [True, False, False, False]
    said = np.array([[0.1, 0.9], [0.9, 0.9], [0.1, 0.1]])
    assert called_done_while_wrong(
        said, np.array([[0, 1], [0, 1], [0, 0]], dtype=bool)
    ).tolist() == [*(False, True, False)]
    nine = domain("sudoku-9x9")
    with pytest.raises(ValueError, match="no puzzle is like that"):
        picked(nine, generated(nine, "easy", 2, TESTS), np.zeros(2, bool))


def test_claims_of_the_scenes_hold():
    """Words that are no numbers, held to the recordings."""
    runs = {trial.name: Trace.load(FOLDER / f"{trial.name}.npz") for trial in TRIALS}
    assert runs["answer"].solved and runs["answer"].steps >= 8  # it takes many steps
    assert runs["settles"].solved and not runs["features"].solved
    assert runs["settles"].latent_residuals("steps")[-1] < 0.05  # comes to rest
    assert runs["features"].latent_residuals("steps")[-1] > 0.1  # wanders on
    assert runs["marks"].solved and runs["marks"].takes_back >= 1
    assert runs["unseen"].solved and runs["unseen"].steps >= 4
    cards = {name: checkpoint.read_card(path) for name, path in checkpoint.bundled().items()}
    assert cards["sudoku-any-4x4"].minutes == 0.5  # half a minute, 20 thousand numbers
    assert round(parameter_count(checkpoint.find("sudoku-any-4x4")), -4) == 20_000
    assert len(MEASURED["basins"]["at"]) ** 2 == 289
    depths = {name: each["right"] for name, each in MEASURED["depths"].items()}
    assert cards["sudoku-6x6"].model.width == cards["sudoku-6x6-direct"].model.width
    assert parameter_count(checkpoint.find("sudoku-6x6")) == parameter_count(
        checkpoint.find("sudoku-6x6-direct")
    )
    assert depths["recursion"][15] > 0.95 and max(depths["direct"]) < 0.3
    assert len(set(depths["direct"])) == 1  # more steps are the same answer
    # Two networks have twice the numbers, and solve less.
    more = parameter_count(checkpoint.find("sudoku-6x6-hrm"))
    assert more > 1.9 * parameter_count(checkpoint.find("sudoku-6x6"))
    assert depths["direct"][15] < depths["two networks"][15] < depths["recursion"][15]
    assert depths["unseen 6x6"][0] < 0.05 < 0.7 < depths["unseen 6x6"][31]
    assert depths["unseen 9x9"][0] < 0.05 < 0.7 < depths["unseen 9x9"][31]
    asked = Outcomes.load(FOLDER.parent / "outcomes" / "sudoku-any-4x4.parquet")
    failed = asked[~asked.solved_N]
    assert (failed.end_N == SURE).mean() > 0.8  # what fails then sits still, and is sure
    unseen = runs["unseen"].right("steps")
    assert unseen[-1].all()
    assert (WOUND.wound, WOUNDED) == (50, 9)


def test_a_sign_is_judged_by_pairs_of_boards():
    assert share_higher(np.array([0.9, 0.8]), np.array([0.1, 0.2, 0.3])) == 1.0
    assert share_higher(np.array([0.5]), np.array([0.5, 0.1])) == 0.75  # as high counts half
    rng = np.random.default_rng(0)
    high, low = rng.integers(0, 5, 40) / 4, rng.integers(0, 5, 30) / 4
    pairs = [(a > b) + 0.5 * (a == b) for a in high for b in low]
    assert share_higher(high, low) == pytest.approx(np.mean(pairs))


def test_signs_and_edges_are_those_of_the_model():
    """On a few puzzles, against a plain reading of the same solves."""
    model, card = checkpoint.load(checkpoint.find("sudoku-4x4"))
    four = domain(card.domain)
    pairs = generated(four, "minimal", 6, seed=5)
    found = edges(model, pairs, steps=2)
    solver = Solver(model, four)
    settings = Settings(steps=2, stop="steps")
    for k in range(2):
        right = [
            solver.solve(four.board(q), settings, four.board(a)).trace.right("steps")[k + 1].all()
            for q, a in pairs.tokens_N2L
        ]
        assert found["as it is"][k] == pytest.approx(np.mean(right))
    assert set(found) == {"none blank", "one blank", "as it is", "no prefix"}
    told = signs(model, pairs, steps=2)
    assert all(0 <= share <= 1 or np.isnan(share) for share in told.values())
