"""Training: it learns, it can be killed, it is repeatable, and it runs on several processes."""

import copy
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import small_config
from tests.processes import forked, started
from trm_core.__main__ import main
from trm_core.domains import Pairs, Puzzle, PuzzleError, domain, visitor_rng
from trm_core.domains.maze.domain import GOAL, START, WALL
from trm_core.domains.maze.search import NEIGHBOURS, distances
from trm_core.measuring.evaluate import evaluate
from trm_core.measuring.throughput import step_work
from trm_core.network.config import ConfigError
from trm_core.network.forms import build_model
from trm_core.network.slots import Slots
from trm_core.readers.puzzle_file import read_puzzles, write_puzzles
from trm_core.training.data import PuzzleStream, from_source, generated
from trm_core.training.estimate import PER_NUMBER, Estimate
from trm_core.training.loss import step_loss
from trm_core.training.mixture import Part, blend
from trm_core.training.optimisers import Optimisers, SignSGD
from trm_core.training.recipe import RECIPES, Recipe, recipe
from trm_core.training.run import Run
from trm_core.training.signposts import SIGNS, signs
from trm_core.weights import checkpoint

ROOT = Path(__file__).resolve().parents[2]
SMALL = Recipe(
    domain="sudoku-4x4",
    model=small_config(),
    difficulty="minimal",
    puzzles=50,
    updates=12,
    batch=4,
    warmup=2,
)

SIGNPOSTED = replace(
    SMALL,
    domain="maze-5x5",
    model=small_config(rows=5, cols=5, mixer="convolution", gradient="all_cycles"),
    difficulty="mixed",
    signpost_weight=4.0,
)

GROWING = replace(SMALL, depths=((0.0, 1, 1), (0.5, 2, 3)))


def pairs_of(run):
    """What a run learns, before it is rewritten."""
    stream = run.learner.stream
    tokens_N2L = stream.pairs_N2L.numpy()
    return Pairs(tokens_N2L, stream.puzzle_ids_N.numpy(), np.full(len(tokens_N2L), np.nan))


def weights(run):
    return torch.cat([p.flatten() for p in run.averaged_model().parameters()])


@pytest.mark.trained
def test_it_learns_a_handful_of_puzzles_by_heart(tmp_path):
    tight = replace(
        SMALL,
        model=small_config(width=32, latent_updates=2),
        puzzles=6,
        augment=False,
        updates=250,
        batch=16,
        lr=4e-3,
        ema=0.9,
    )
    run = Run(tight, tmp_path)
    before = evaluate(run.averaged_model(), domain("sudoku-4x4"), pairs_of(run), most_steps=4)
    run.train()
    after = evaluate(run.averaged_model(), domain("sudoku-4x4"), pairs_of(run), most_steps=4)
    assert before.exact[4] == 0
    assert after.exact[4] == 1


@pytest.mark.parametrize("optimiser", ["adamw", "adam_atan2", "muon"])
def test_the_same_seed_gives_the_same_run(tmp_path, optimiser):
    runs = []
    for i, seed in enumerate((0, 0, 1)):
        run = Run(replace(SMALL, optimiser=optimiser, updates=4), tmp_path / str(i), seed=seed)
        start = weights(run).clone()
        run.train()
        assert not torch.equal(weights(run), start)
        runs.append(weights(run))
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


@pytest.mark.parametrize(
    "small",
    [SMALL, SIGNPOSTED, pytest.param(GROWING, marks=pytest.mark.long)],
    ids=["plain", "signs", "depth"],
)
def test_a_run_in_chunks_is_the_run_in_one_go(tmp_path, small):
    whole = Run(small, tmp_path / "whole")
    whole.train()
    while not (part := Run(small, tmp_path / "parts")).finished:
        part.train(minutes=0)  # one update, then save
    assert part.update == 12
    assert torch.equal(weights(part), weights(whole))


def test_a_run_is_not_resumed_with_another_recipe(tmp_path):
    Run(SMALL, tmp_path).train(minutes=0)
    with pytest.raises(ConfigError, match="another lr;"):
        Run(replace(SMALL, lr=1.0), tmp_path)
    with pytest.raises(ConfigError, match="a run on other puzzles"):
        Run(replace(SMALL, puzzles=51), tmp_path)
    with pytest.raises(ConfigError, match="a run on other puzzles"):
        Run(SMALL, tmp_path, seed=1)
    longer = Run(replace(SMALL, updates=20), tmp_path)
    assert longer.update == 1


@pytest.mark.parametrize("difficulty", ["mixed", "walls", "rooms"])
def test_signs_point_to_the_neighbours_that_are_nearer(difficulty):
    """The signs against the distances that the rules use, cell by cell."""
    maze = domain("maze-9x9")
    tokens_BL = torch.from_numpy(generated(maze, difficulty, 20, seed=5).tokens_N2L[:, 0])
    signs_BLS, counted_BL = signs(tokens_BL, maze.rows, maze.cols)
    signs_BRCS = signs_BLS.view(-1, maze.rows, maze.cols, SIGNS)
    for b, board_RC in enumerate(maze.board(tokens_BL.numpy())):
        open_RC = board_RC != WALL
        ends = [tuple(np.argwhere(board_RC == end)[0]) for end in (GOAL, START)]
        to_goal_RC, to_start_RC = (distances(open_RC, end) for end in ends)
        assert np.array_equal(counted_BL[b].view(9, 9), to_goal_RC >= 0)
        for r, c in np.argwhere(to_goal_RC >= 0):
            wanted = []
            for distance_RC in (to_goal_RC, to_start_RC):
                wide_RC = np.pad(distance_RC, 1, constant_values=-1)
                near = [wide_RC[1 + r + dr, 1 + c + dc] for dr, dc in NEIGHBOURS]
                wanted += [0 <= there < distance_RC[r, c] for there in near]
            assert signs_BRCS[b, r, c].tolist() == wanted
    assert not signs_BLS[~counted_BL].any()


def test_signs_teach_the_network_and_are_no_part_of_the_model(tmp_path):
    plain = replace(SIGNPOSTED, signpost_weight=0.0, updates=1)
    runs = [Run(each, tmp_path / str(i)) for i, each in enumerate((plain, SIGNPOSTED))]
    assert torch.equal(weights(runs[0]), weights(runs[1]))
    head = [p.detach().clone() for p in runs[1].learner.signposts.parameters()]
    for run in runs:
        run.train(minutes=0)
    assert not torch.equal(weights(runs[0]), weights(runs[1]))
    moved = zip(head, runs[1].learner.signposts.parameters(), strict=True)
    assert all(not torch.equal(before, after) for before, after in moved)
    assert runs[1].averaged_model().state_dict().keys() == runs[0].learner.model.state_dict().keys()


def test_depth_grows_with_the_run(tmp_path):
    assert [GROWING.depth(update) for update in (0, 5, 6, 11)] == [(1, 1), (1, 1), (2, 3), (2, 3)]
    assert SMALL.depth(0) == (2, 3)
    run = Run(GROWING, tmp_path)
    calls = []
    run.learner.model.network.register_forward_hook(lambda *_: calls.append(run.update))
    run.train()
    assert [calls.count(update) for update in range(12)] == [2] * 6 + [8] * 6
    assert run.averaged_model().config == GROWING.model


def test_useful_work_is_the_products_of_a_step():
    """Against the formula for the MLP variant: 2 operations for each weight and position."""
    config = small_config()
    M, D = config.sequence_length, config.width
    mix = 3 * M * config.inner_width(M) * D
    feed_forward = 3 * D * config.inner_width(D) * M
    call = 2.0 * config.layers * (mix + feed_forward)
    heads = 2.0 * D * (config.cells * config.vocab_size + config.halt_outputs)
    forward = step_work(config, learning=False)
    assert forward == config.calls_per_step * call + heads
    learning = step_work(config, learning=True)
    graded = config.latent_updates + 1  # calls of the last cycle: twice the work on the way back
    assert learning == pytest.approx(forward + 2 * (graded * call + heads), rel=0.02)


def command(*arguments):
    return [sys.executable, "-m", "trm_core", "train", "sudoku-4x4", *map(str, arguments)]


def test_a_killed_run_goes_on_where_it_was(tmp_path, capsys, monkeypatch):
    """A process killed without warning leaves a state that the same command takes up."""
    arguments = ("--puzzles", 80, "--batch", 2, "--folder", tmp_path / "run", "--device", "cpu")
    killed = started(command(*arguments, "--updates", 100_000)[3:], save_every=0.2)
    state = tmp_path / "run" / "state.pt"
    deadline = time.monotonic() + 120
    while not state.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.3)
    killed.kill()
    killed.join()
    reached = torch.load(state, weights_only=True)["update"]
    assert reached > 0
    again = command(*arguments, "--updates", reached + 30)[3:]
    monkeypatch.setattr(sys, "argv", ["trm_core", *again])
    assert main(again) == 0
    assert f"update {reached} of {reached + 30}" in capsys.readouterr().out
    card = checkpoint.read_card(tmp_path / "run" / "sudoku-4x4.safetensors")
    assert card.updates == reached + 30
    assert "--folder" not in card.command
    assert card.command.startswith("python -m trm_core train sudoku-4x4 --puzzles 80")


def test_two_processes_train_one_model_and_resume(tmp_path, capsys):
    """torchrun with gloo: different puzzles, averaged gradients, one state for all."""
    arguments = ("--puzzles", 80, "--batch", 4, "--device", "cpu", "--folder", tmp_path)

    launched = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node=2", *command(*arguments, "--updates", 4)[1:]),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=240,
    )
    assert launched.returncode == 0, launched.stderr[-2000:]
    for updates in (4, 8):
        if updates == 8:
            codes, printed = forked(tmp_path, command(*arguments, "--updates", 8)[3:])
            assert codes == [0, 0], printed[-2000:]
        state = torch.load(tmp_path / "state.pt", weights_only=True)
        assert state["update"] == updates
        one, two = state["processes"]
        assert not torch.equal(one["tokens"], two["tokens"])
    assert main(command(*arguments)[3:]) == 2
    assert "another number of processes" in capsys.readouterr().err


def test_averaging_over_processes_is_the_gradient_of_all_their_puzzles(tmp_path):
    """Two processes, as two runs whose gradients are averaged by hand, move one model alike."""
    runs = [Run(SMALL, tmp_path / str(i)).learner for i in range(2)]
    for run, seed in zip(runs, (1, 2), strict=True):
        run.generator.manual_seed(seed)
        questions_BL, run.labels_BL, _ = run.stream.draw(SMALL.batch)
        run.slots = Slots(run.model, questions_BL)
    together = copy.deepcopy(runs[0].model)
    batch = Slots(together, torch.cat([run.slots.tokens_BL for run in runs]))
    step_loss(batch.step(), torch.cat([run.labels_BL for run in runs])).total.backward()
    for run in runs:
        step_loss(run.slots.step(), run.labels_BL).total.backward()
    for whole, one, two in zip(
        together.parameters(), runs[0].model.parameters(), runs[1].model.parameters(), strict=True
    ):
        torch.testing.assert_close(whole.grad, (one.grad + two.grad) / 2)


def test_a_stream_draws_rewritten_puzzles_whose_answers_still_fit():
    chosen = domain("sudoku-6x6")
    pairs = generated(chosen, "minimal+easy", 21, seed=1)
    assert len(pairs) == 21
    generator = torch.Generator().manual_seed(0)
    stream = PuzzleStream(pairs, chosen, torch.device("cpu"), generator)
    questions_BL, solutions_BL, _ = stream.draw(64)
    assert len(np.unique(questions_BL.numpy(), axis=0)) > 60
    for question_L, solution_L in zip(questions_BL.numpy(), solutions_BL.numpy(), strict=True):
        assert chosen.rules.is_solved(chosen.board(question_L), chosen.board(solution_L))


def test_csv_files_are_read_and_faults_are_named_by_line(tmp_path, sudoku4):
    path = tmp_path / "p.csv"
    path.write_text("question,answer\n1...............,1234341221434321\n")
    assert from_source(sudoku4, path, "test").tokens_N2L.shape == (1, 2, 16)
    for text, message in (
        ("question,rating\n", "p.csv: "),
        (
            "question,answer\n1..,1234341221434321\n",
            "p.csv, line 2: a 4x4 Sudoku has 16 cells, got 3",
        ),
        ("question,answer\n", "holds no puzzle"),
        (f"question,answer\n{'1' + '.' * 15},{'.' * 16}\n", "line 2: the answer doesn't solve"),
    ):
        path.write_text(text)
        with pytest.raises(PuzzleError, match=message):
            from_source(sudoku4, path, "test")


def test_schedules_by_hand():
    constant = replace(SMALL, updates=100, warmup=10, schedule="constant")
    assert constant.lr_factor(4) == 0.5
    assert constant.lr_factor(50) == 1
    cosine = replace(constant, schedule="cosine")
    assert cosine.lr_factor(50) == pytest.approx(0.5)
    tail = replace(constant, schedule="linear_tail", tail=0.2)
    assert tail.lr_factor(79) == 1
    assert tail.lr_factor(90) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(optimiser="sgd"), "optimiser must be one of adamw, adam_atan2, muon, got 'sgd'"),
        (dict(updates=0), "updates must be at least 1"),
        (dict(ema=1.5), "ema must lie in 0..1"),
        (dict(loss="stablemax", smoothing=0.1), "smoothing must be 0"),
        (dict(signpost_weight=1.0), "sudoku-4x4: only mazes have signs"),
        (dict(depths=((0.5, 2, 3),)), "depths must begin at share 0"),
        (dict(depths=((0.0, 2, 3), (1.0, 2, 3))), "and rise below 1"),
        (dict(depths=((0.0, 1, 1),)), "depths must end with the model's own 2, 3"),
    ],
)
def test_a_bad_recipe_is_refused_by_name(changes, message):
    with pytest.raises(ConfigError, match=message):
        replace(SMALL, **changes)


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_fit_their_domain_and_survive_json(name):
    chosen = recipe(name)
    config, puzzle = chosen.model, domain(chosen.domain)
    assert (config.rows, config.cols, config.vocab_size) == (
        puzzle.rows,
        puzzle.cols,
        puzzle.vocab_size,
    )
    assert Recipe.from_dict(json.loads(json.dumps(chosen.as_dict()))) == chosen


def test_the_training_path_needs_torch_numpy_and_safetensors_only():
    """So that it runs on machines without Streamlit, plotly or a compiler."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys("
        "['streamlit', 'plotly', 'numba', 'PIL', 'pandas', 'adam_atan2_pytorch'])); "
        "from trm_core.commands import train_command, evaluate_command"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_command_tells_bad_input_in_one_sentence(tmp_path, capsys):
    for arguments, message in (
        (["nothing"], "unknown recipe 'nothing'"),
        (["sudoku-4x4", "--csv", "nowhere.csv"], "there is no file nowhere.csv"),
        (["sudoku-4x4", "--device", "abacus"], "device"),
        (["sudoku-4x4", "--updates", "0"], "updates must be at least 1"),
    ):
        assert main(["train", *arguments, "--folder", str(tmp_path)]) == 2
        assert message in capsys.readouterr().err


def test_a_run_can_start_from_given_weights(tmp_path):
    first = Run(SMALL, tmp_path / "first")
    first.train(minutes=0)
    given = first.averaged_model()
    second = Run(replace(SMALL, lr=0.5), tmp_path / "second", start=given)
    assert torch.equal(weights(second), torch.cat([p.flatten() for p in given.parameters()]))
    second.train(minutes=0)
    resumed = Run(replace(SMALL, lr=0.5), tmp_path / "second", start=given)
    assert torch.equal(weights(resumed), weights(second))
    with pytest.raises(ConfigError, match="another start;"):
        Run(replace(SMALL, lr=0.5), tmp_path / "second")
    wider = replace(SMALL, model=replace(SMALL.model, width=32))
    with pytest.raises(ConfigError, match="don't fit the recipe at token_embedding"):
        Run(wider, tmp_path / "third", start=given)


@pytest.fixture
def sources(tmp_path, sudoku4):
    """Two files whose puzzles share answers, as neighbours of one puzzle do."""
    rng = np.random.default_rng(0)
    near, far = [], []
    for puzzle in sudoku4.maker.generate_many(rng, "minimal", 40):
        near.append(puzzle)
        way = sudoku4.symmetries(rng, 1)
        symbols_V = np.concatenate([[0, 1], rng.permutation(4) + 2])
        renamed = [symbols_V[sudoku4.tokens(b)] for b in (puzzle.question_RC, puzzle.solution_RC)]
        far.append(Puzzle(*(sudoku4.board(tokens) for tokens in renamed)))
        moved = [way.apply(sudoku4.tokens(b))[0] for b in (puzzle.question_RC, puzzle.solution_RC)]
        far.append(Puzzle(*(sudoku4.board(tokens) for tokens in moved)))
    write_puzzles(sudoku4, near, tmp_path / "near.csv")
    write_puzzles(sudoku4, far, tmp_path / "far.csv")
    return [Part(50, tmp_path / "near.csv"), Part(30, tmp_path / "far.csv"), Part(20, "easy")]


def answers(domain, puzzles):
    """Solution grids with their digits renamed in order of appearance."""
    found = set()
    for p in puzzles:
        names = {}
        found.add(tuple(names.setdefault(int(v), len(names)) for v in p.solution_RC.flat))
    return found


def test_a_mixture_keeps_the_shares_and_holds_sets_out_by_answer(sources, sudoku4):
    sets = blend(sudoku4, sources[:2], {"test": 8, "validation": 4}, seed=0)
    assert [len(sets[name]) for name in ("test", "validation")] == [8, 4]
    own = {name: answers(sudoku4, puzzles) for name, puzzles in sets.items()}
    assert not own["test"] & own["train"]
    assert not own["test"] & own["validation"]
    assert not own["validation"] & own["train"]
    near = {sudoku4.format(p.question_RC) for p in read_puzzles(sudoku4, sources[0].source)}
    from_near = sum(sudoku4.format(p.question_RC) in near for p in sets["train"])
    assert from_near / len(sets["train"]) == pytest.approx(50 / 80, abs=0.1)
    again = blend(sudoku4, sources[:2], {"test": 8, "validation": 4}, seed=0)
    for name in sets:
        for one, other in zip(sets[name], again[name], strict=True):
            assert np.array_equal(one.question_RC, other.question_RC)


def test_a_mixture_keeps_apart_from_other_files_and_below_a_limit(sources, sudoku4, tmp_path):
    first = blend(sudoku4, sources[:2], {"test": 8}, seed=0)
    write_puzzles(sudoku4, first["test"], tmp_path / "test.csv")
    second = blend(sudoku4, sources, {}, seed=5, apart=[tmp_path / "test.csv"], most=20)
    assert list(second) == ["train"]
    assert len(second["train"]) == 20
    from_files = [p for p in second["train"] if (p.question_RC > 0).sum() < 7]
    assert not answers(sudoku4, first["test"]) & answers(sudoku4, from_files)


def test_a_mixture_generates_the_parts_that_are_no_files(sources, sudoku4):
    sets = blend(sudoku4, sources, {"test": 10}, seed=1)
    givens = sorted(int((p.question_RC > 0).sum()) for p in sets["test"])
    assert givens[-2:] == [7, 7]  # "easy" gives 45 % of the cells, minimal puzzles fewer
    assert len(sets["test"]) == 10
    with pytest.raises(PuzzleError, match=r"near.csv has \d+ different answers left, too few"):
        blend(sudoku4, sources, {"test": 1000}, seed=0)


def test_a_written_file_is_read_back(tmp_path, sudoku4):
    puzzles = sudoku4.maker.generate_many(np.random.default_rng(0), "minimal", 3)
    write_puzzles(sudoku4, puzzles, tmp_path / "p.csv")
    back = read_puzzles(sudoku4, tmp_path / "p.csv")
    for one, other in zip(puzzles, back, strict=True):
        assert np.array_equal(one.question_RC, other.question_RC)
        assert np.array_equal(one.solution_RC, other.solution_RC)
        assert one.rating == other.rating


def test_fields_of_a_recipe_are_changed_by_name(tmp_path, capsys):
    changed = recipe("sudoku-4x4").changed(
        {
            "lr": "1e-3",
            "model.width": "64",
            "augment": "false",
            "betas": "[0.9, 0.99]",
            "optimiser": "muon",
        }
    )
    assert (changed.lr, changed.model.width, changed.augment) == (1e-3, 64, False)
    assert (changed.betas, changed.optimiser) == ((0.9, 0.99), "muon")
    for name, value, words in (
        ("model.widht", "3", "'model.widht'; model.width\\?"),
        ("model", "3", "unknown field"),
        ("batch", "2.5", "batch must be a whole number, got 2.5"),
        ("lr", "fast", "lr must be a number, got 'fast'"),
        ("augment", "1", "augment must be true or false"),
        ("optimiser", "sgd", "optimiser must be one of"),
    ):
        with pytest.raises(ConfigError, match=words):
            recipe("sudoku-4x4").changed({name: value})
    (tmp_path / "c.yaml").write_text("lr: 1e-3\nmodel:\n  width: 48\n")
    words = ["train", "sudoku-4x4", "--config", str(tmp_path / "c.yaml"), "--dry-run"]
    assert main([*words, "--set", "batch=4", "--folder", str(tmp_path / "none")]) == 0
    assert re.match(r"1,500 updates of \S+ TFLOP each: at least ", capsys.readouterr().out)
    assert not (tmp_path / "none").exists()
    assert main([*words, "--set", "batch"]) == 2


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("trm-sudoku", 5.03),
        ("trm-maze", 6.82),
        ("trm-arc", 6.83),
        pytest.param("hrm-sudoku", 27.28, marks=pytest.mark.long),
    ],
)
def test_the_published_recipes_have_the_published_sizes(name, millions):
    chosen = recipe(name)
    model = build_model(chosen.model)
    assert round(model.parameter_count / 1e6, 2) == millions
    optimisers = Optimisers(chosen, model)
    assert {type(o).__name__ for o in optimisers._all} == {"SignSGD", "AdamAtan2"}


def test_a_run_is_estimated_from_below():
    chosen = recipe("sudoku-6x6")
    found = Estimate.of(chosen, torch.device("cpu"), 1)
    assert found.memory > PER_NUMBER * build_model(chosen.model).parameter_count
    assert found.work == chosen.batch * step_work(chosen.model, learning=True)
    twice = Estimate.of(replace(chosen, batch=2 * chosen.batch), torch.device("cpu"), 1)
    assert twice.memory > 1.5 * found.memory


def test_only_rows_that_were_asked_are_moved_by_the_sign():
    weight = torch.nn.Parameter(torch.full((3, 2), 2.0))
    weight.grad = torch.tensor([[0.0, 0.0], [3.0, -0.1], [0.0, 0.0]])
    SignSGD([weight], lr=0.1, weight_decay=0.5).step()
    torch.testing.assert_close(weight.data, torch.tensor([[2.0, 2.0], [1.8, 2.0], [2.0, 2.0]]))


def test_a_run_is_measured_on_the_way_and_keeps_its_best_weights(tmp_path, sudoku4, capsys):
    write_puzzles(
        sudoku4, sudoku4.maker.generate_many(visitor_rng(3), "easy", 30), tmp_path / "v.csv"
    )
    folder = tmp_path / "run"
    words = [
        "train",
        "sudoku-4x4",
        "--set",
        "model.width=32",
        "--set",
        "batch=4",
        "--puzzles",
        "50",
    ]
    words += ["--updates", "6", "--device", "cpu", "--folder", str(folder)]
    validate = ["--validate", str(tmp_path / "v.csv"), "--validate-every", "2", "--keep", "2"]
    assert main([*words, *validate]) == 0
    said = capsys.readouterr().out
    assert "at the pace of this update:" in said and "finished; wrote" in said
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    measured = [line["update"] for line in lines if "validation_exact" in line]
    assert measured == [2, 4, 6] and any("loss" in line for line in lines)
    assert len(list(folder.glob("update-*.safetensors"))) == 2
    model, card = checkpoint.load(folder / "best.safetensors")
    assert card.name == "best" and model.config.width == 32
    # What is gone on with brings its shape.
    again = ["train", "sudoku-4x4", "--weights", str(folder / "best.safetensors"), "--updates", "1"]
    assert (
        main([*again, "--puzzles", "50", "--device", "cpu", "--folder", str(tmp_path / "on")]) == 0
    )
    assert checkpoint.load(tmp_path / "on" / "sudoku-4x4.safetensors")[0].config.width == 32
    assert main(["train", "sudoku-6x6", "--weights", str(folder / "best.safetensors")]) == 2
    assert "are for 4x4 cells of 6 tokens" in capsys.readouterr().err
