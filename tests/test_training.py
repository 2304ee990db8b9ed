"""Training: it learns, it can be killed, it is repeatable, and it runs on several processes."""

import copy
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import small_config
from trm_core import checkpoint
from trm_core.__main__ import main
from trm_core.config import ConfigError
from trm_core.domains import PuzzleError, domain
from trm_core.evaluate import evaluate
from trm_core.loss import step_loss
from trm_core.slots import Slots
from trm_core.training.data import PuzzleStream, from_csv, generated
from trm_core.training.recipe import RECIPES, Recipe, recipe
from trm_core.training.run import Run

ROOT = Path(__file__).resolve().parents[1]
SMALL = Recipe(
    domain="sudoku-4x4",
    model=small_config(),
    difficulty="minimal",
    puzzles=50,
    updates=12,
    batch=4,
    warmup=2,
)


def weights(run):
    return torch.cat([p.flatten() for p in run.averaged_model().parameters()])


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
    before = evaluate(run.averaged_model(), run.stream.pairs_N2L.numpy(), most_steps=4)
    run.train()
    after = evaluate(run.averaged_model(), run.stream.pairs_N2L.numpy(), most_steps=4)
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


def test_a_run_in_chunks_is_the_run_in_one_go(tmp_path):
    whole = Run(SMALL, tmp_path / "whole")
    whole.train()
    while not (part := Run(SMALL, tmp_path / "parts")).finished:
        part.train(minutes=0)  # one update, then save
    assert part.update == 12
    assert torch.equal(weights(part), weights(whole))


def test_a_run_is_not_resumed_with_another_recipe(tmp_path):
    Run(SMALL, tmp_path).train(minutes=0)
    with pytest.raises(ConfigError, match="another lr;"):
        Run(replace(SMALL, lr=1.0), tmp_path)
    with pytest.raises(ConfigError, match="another puzzles, data;"):
        Run(replace(SMALL, puzzles=51), tmp_path)
    with pytest.raises(ConfigError, match="another seed, data;|another data, seed;"):
        Run(SMALL, tmp_path, seed=1)
    longer = Run(replace(SMALL, updates=20), tmp_path)
    assert longer.update == 1


def command(*arguments):
    return [sys.executable, "-m", "trm_core", "train", "sudoku-4x4", *map(str, arguments)]


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    """A process killed without warning leaves a state that the same command takes up."""
    arguments = ("--puzzles", 80, "--batch", 2, "--folder", tmp_path / "run", "--device", "cpu")
    code = (
        "import sys, trm_core.training.run as run; run.SAVE_EVERY = 0.2; "
        "from trm_core.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", code, *command(*arguments, "--updates", 100_000)[3:]],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    state = tmp_path / "run" / "state.pt"
    deadline = time.monotonic() + 120
    while not state.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    reached = torch.load(state, weights_only=True)["update"]
    assert reached > 0
    again = subprocess.run(
        command(*arguments, "--updates", reached + 30), cwd=ROOT, capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr
    assert f"update {reached} of {reached + 30}" in again.stdout
    card = checkpoint.read_card(tmp_path / "run" / "sudoku-4x4.safetensors")
    assert card.updates == reached + 30
    assert "--folder" not in card.command
    assert card.command.startswith("python -m trm_core train sudoku-4x4 --puzzles 80")


def test_two_processes_train_one_model_and_resume(tmp_path):
    """torchrun with gloo: different puzzles, averaged gradients, one state for all."""
    arguments = ("--puzzles", 80, "--batch", 4, "--device", "cpu", "--folder", tmp_path)

    def launch(updates):
        return subprocess.run(
            [
                *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
                *("--nproc-per-node=2", *command(*arguments, "--updates", updates)[1:]),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            timeout=240,
        )

    for updates in (4, 8):
        launched = launch(updates)
        assert launched.returncode == 0, launched.stderr[-2000:]
        state = torch.load(tmp_path / "state.pt", weights_only=True)
        assert state["update"] == updates
        one, two = state["processes"]
        assert not torch.equal(one["tokens"], two["tokens"])
    alone = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True)
    assert alone.returncode == 2
    assert "another number of processes" in alone.stderr


def test_averaging_over_processes_is_the_gradient_of_all_their_puzzles(tmp_path):
    """Two processes, as two runs whose gradients are averaged by hand, move one model alike."""
    runs = [Run(SMALL, tmp_path / str(i)) for i in range(2)]
    for run, seed in zip(runs, (1, 2), strict=True):
        run.generator.manual_seed(seed)
        questions_BL, run.labels_BL = run.stream.draw(SMALL.batch)
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
    questions_BL, solutions_BL = stream.draw(64)
    assert len(np.unique(questions_BL.numpy(), axis=0)) > 60
    for question_L, solution_L in zip(questions_BL.numpy(), solutions_BL.numpy(), strict=True):
        assert chosen.is_solved(chosen.board(question_L), chosen.board(solution_L))


def test_csv_files_are_read_and_faults_are_named_by_line(tmp_path, sudoku4):
    path = tmp_path / "p.csv"
    path.write_text("question,answer\n1...............,1234341221434321\n")
    assert from_csv(sudoku4, path).shape == (1, 2, 16)
    for text, message in (
        ("question,solution\n", "has no column answer"),
        (
            "question,answer\n1..,1234341221434321\n",
            "p.csv, line 2: a 4x4 Sudoku has 16 cells, got 3",
        ),
        ("question,answer\n", "holds no puzzle"),
        (f"question,answer\n{'1' + '.' * 15},{'.' * 16}\n", "line 2: the answer doesn't solve"),
    ):
        path.write_text(text)
        with pytest.raises(PuzzleError, match=message):
            from_csv(sudoku4, path)


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
        (dict(optimiser="sgd"), "optimiser must be one of adamw, adam_atan2, muon; got 'sgd'"),
        (dict(updates=0), "updates must be at least 1"),
        (dict(ema=1.5), "ema must lie in 0..1"),
        (dict(loss="stablemax", smoothing=0.1), "smoothing must be 0"),
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
