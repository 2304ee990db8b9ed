"""The door: `python -m trm_core`, as a shell sees it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from trm_core.__main__ import COMMANDS, main
from trm_core.commands import benchmark_command, waiting
from trm_core.domains import domain, visitor_rng
from trm_core.readers.puzzle_file import read_puzzles, write_puzzles
from trm_core.record import task_results
from trm_core.record.outcomes import Outcomes
from trm_core.record.task_learning import TaskLearning
from trm_core.record.trace import Trace

ROOT = Path(__file__).resolve().parents[2]
FOUR = "1.....2..3.....4"


def test_solve_prints_the_board_and_says_solved_by_its_status(capsys):
    assert main(["solve", FOUR]) == 0
    printed = capsys.readouterr().out
    assert "step 1:" in printed
    assert "solved in" in printed
    assert "\033" not in printed  # colours are for terminals only


def test_solve_as_json(capsys):
    assert main(["solve", FOUR, "--json", "--vote", "3", "--steps", "4"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["question"] == FOUR
    assert len(told["answer"]) == 16
    assert told["solved"] is True and told["valid"] is True
    assert 1 <= told["steps"] <= 4
    assert 0 <= told["halting_probability"] <= 1
    assert told["seconds"] > 0


def test_a_puzzle_that_cannot_be_solved_has_status_1(capsys):
    assert main(["solve", "123........4....", "--steps", "2"]) == 1  # row 1 has no place for 4
    assert "not solved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["arc"], "no task is left"),
        (["arc", "nothing"], "no task of ARC-AGI-1 or -2 has the id 'nothing'"),
        (["arc", "66e6c45b", "--tasks", "training"], "not both"),
        (["arc", "66e6c45b", "--seeds", "0"], "must be more than 0"),
        (["solve", "12"], "has 81 cells, got 2"),
        (["solve", "11.............."], "the givens clash: two 1s in row 1"),
        (["solve", FOUR, "--checkpoint", "nowhere"], "no checkpoint 'nowhere'"),
        (["solve", FOUR, "--steps", "0"], "steps must lie in 1..1024"),
        (["solve", FOUR, "--domain", "chess"], "unknown puzzle 'chess'"),
        (["evaluate", "sudoku-4x4", "--puzzles", "0"], "--puzzles must be at least 1"),
        (["evaluate", "sudoku-4x4", "--csv", "nowhere.csv"], "there is no file nowhere.csv"),
    ],
)
def test_bad_input_has_status_2_and_one_sentence(arguments, message, capsys):
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_evaluate_as_json(capsys):
    arguments = ["evaluate", "sudoku-4x4", "--puzzles", "40", "--steps", "4", "--json"]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told["exact"]) == ["1", "2", "4"]
    assert told["exact"]["4"] > 0.9
    assert told["puzzles"] == 40


def test_evaluate_on_a_csv(capsys, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(f"question,answer\n{FOUR},1243342143122134\n")
    assert main(["evaluate", "sudoku-4x4", "--csv", str(path)]) == 0
    assert "1 puzzles of mine.csv" in capsys.readouterr().out


def test_record_writes_a_trace_that_plays(tmp_path, capsys):
    out = tmp_path / "t.npz"
    arguments = ["record", "sudoku-4x4", "--difficulty", "minimal", "--search", "20"]
    assert main([*arguments, "--out", str(out)]) == 0
    trace = Trace.load(out)
    assert trace.solved
    assert trace.solution_L is not None
    assert trace.checkpoint == "sudoku-4x4"
    assert trace.z_SMD is None
    assert main(["record", "sudoku-4x4", FOUR, "--latents", "--out", str(out)]) == 0
    assert Trace.load(out).z_SMD.shape == (Trace.load(out).steps, 17, 96)
    assert Trace.load(out).domain.format(Trace.load(out).question_board) == FOUR


def test_generated_puzzles_can_be_evaluated(tmp_path, capsys):
    path = tmp_path / "fresh.csv"
    arguments = ["generate", "sudoku-4x4", "--difficulty", "easy", "--count", "5", "--seed", "2"]
    assert main([*arguments, "--csv", str(path)]) == 0
    assert main(arguments) == 0
    assert path.read_text() in capsys.readouterr().out
    assert main(["evaluate", "sudoku-4x4", "--csv", str(path), "--votes", "4"]) == 0
    printed = capsys.readouterr().out
    assert "up to 4 ways" in printed
    assert "on 5 puzzles" in printed


def test_curves_of_depth_and_of_votes_share_a_file(tmp_path, capsys):
    path = tmp_path / "curves" / "small.json"
    common = ["evaluate", "sudoku-4x4", "--puzzles", "20", "--curves", str(path)]
    assert main([*common, "--steps", "4", "--stop", "rules"]) == 0
    assert main([*common, "--steps", "2", "--votes", "2"]) == 0
    kept = json.loads(path.read_text())
    assert kept["set"] == "20 fresh minimal puzzles, seed 7"
    assert [point["at"] for point in kept["depth"]["points"]] == [1, 2, 4]
    assert [point["at"] for point in kept["votes"]["points"]] == [1, 2]
    assert kept["depth"]["command"].endswith("--steps 4 --stop rules")
    last = kept["depth"]["points"][-1]
    assert 0 <= last["low"] <= last["solved"] <= last["high"] <= 1
    assert last["exact"] == last["solved"]  # these puzzles have one answer
    # Another set starts the file anew: curves of two sets are not shown as one.
    assert main([*common, "--steps", "2", "--seed", "8"]) == 0
    assert "votes" not in json.loads(path.read_text())
    capsys.readouterr()


def test_mix_writes_three_files(tmp_path, capsys, sudoku4):
    puzzles = sudoku4.maker.generate_many(np.random.default_rng(0), "minimal", 60)
    write_puzzles(sudoku4, puzzles, tmp_path / "own.csv")
    arguments = ["mix", "sudoku-4x4", "--part", f"3:{tmp_path / 'own.csv'}", "--part", "1:easy"]
    arguments += ["--held-out", "8", "--validation", "4", "--folder", str(tmp_path / "out")]
    assert main(arguments) == 0
    sizes = {
        name: len(read_puzzles(sudoku4, tmp_path / "out" / f"mixture-{name}.csv"))
        for name in ("test", "validation", "train")
    }
    assert (sizes["test"], sizes["validation"]) == (8, 4)
    assert sizes["train"] > 8
    for part, message in (
        ("own.csv", "--part must be SHARE:SOURCE"),
        ("0:minimal", "--part must be SHARE:SOURCE"),
        ("1:nowhere.csv", "there is no file nowhere.csv"),
        ("1:dreadful", "got 'dreadful'"),
    ):
        capsys.readouterr()
        assert main(["mix", "sudoku-4x4", "--part", part, "--folder", str(tmp_path)]) == 2
        assert message in capsys.readouterr().err


def test_generate_to_a_rating(tmp_path, capsys):
    path = tmp_path / "rated.csv"
    arguments = ["generate", "sudoku-9x9", "--count", "3", "--csv", str(path)]
    assert main([*arguments, "--rating", "4-9"]) == 0
    nine = domain("sudoku-9x9")
    puzzles = read_puzzles(nine, path)
    ratings = [p.rating for p in puzzles]
    assert ratings == [nine.rules.rate(p.question_RC) for p in puzzles]
    assert all(4 <= rating <= 9 for rating in ratings)
    for rating, message in (("hard", "--rating must be such as"), ("9-4", "the rating 9 to 4")):
        assert main([*arguments, "--rating", rating]) == 2
        assert message in capsys.readouterr().err
    assert main(["generate", "sudoku-4x4", "--rating", "10-60"]) == 2


def test_the_benchmark_measures_what_it_says(capsys, monkeypatch):
    """One round of the quick parts: sizes are exact, and ratios hold whatever the machine does."""
    for part in ("_training", "_task"):  # what learns beside the clicks does nothing here
        monkeypatch.setattr(benchmark_command, part, lambda name: lambda check: None)
    arguments = ["benchmark", "--threads", "1", "--repeats", "1", "--json"]
    assert main([*arguments, "--only", "halting", "figures", "marks", "learning"]) == 0
    told = json.loads(capsys.readouterr().out)
    # Trained weights halt long before all 16 steps, which is most of what is saved.
    assert 1 < told["halting_steps"] < 8
    assert told["halting_speedup"] > 1.2
    sizes = told["figure_kb"]
    assert list(sizes) == ["steps", "cycles", "calls"]
    assert sizes["steps"] < 300
    assert sizes["steps"] < sizes["cycles"] < sizes["calls"]
    assert told["maze_figure_kb"] < 2000
    assert told["step_ms"] is None
    work = told["work"]
    assert set(work) == {"sudoku-marks", "sudoku-9x9"}
    assert all(found["calls"] > found["steps"] >= 1 for found in work.values())
    assert work["sudoku-marks"]["solved"] > 0.5
    clicks = told["click_s"]
    assert list(clicks) == ["nobody", "two trainings", "two tasks of ARC"]
    assert all(0 < usual <= longest for usual, longest in clicks.values())


def test_tasks_of_arc_are_learnt_counted_and_gone_on_with(tmp_path, capsys):
    table, folder = tmp_path / "t.parquet", tmp_path / "learnt"
    asked = ["arc", "66e6c45b", "--seconds", "60", "--out", str(table), "--record", str(folder)]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "66e6c45b seed 0: 2 of 2 pairs" in said and "of 1 (" in said
    (result,) = task_results.load(table)
    learning = TaskLearning.load(folder / "66e6c45b.npz")
    assert result.fits and learning.solved() == result.first
    assert main(asked) == 0
    assert "1 are done already" in capsys.readouterr().out
    assert main([*asked, "--networks", "2"]) == 2
    assert "made with --seconds 60 --networks 1" in capsys.readouterr().err


def test_goes_are_for_models_with_pencil_marks(capsys, tmp_path):
    asked = ["evaluate", "sudoku-marks", "--domain", "sudoku-4x4", "--puzzles", "10"]
    asked += ["--steps", "20", "--goes", "2"]
    assert main([*asked, "--curves", str(tmp_path / "c.json")]) == 0
    printed = capsys.readouterr().out
    assert "up to 2 goes at once of 20 steps" in printed
    assert re.search(r"goes +16 +20  steps of each at most\n +1 .*\n +2 .* steps a puzzle", printed)
    points = json.loads((tmp_path / "c.json").read_text())["votes"]["points"]
    assert [point["at"] for point in points] == [1, 2]
    assert main([*asked, "--votes", "2"]) == 2
    assert "give one of them" in capsys.readouterr().err
    assert main(["evaluate", "sudoku-4x4", "--puzzles", "10", "--goes", "2"]) == 2
    assert "--goes is for models with pencil marks" in capsys.readouterr().err
    assert main(["solve", FOUR, "--goes", "3", "--checkpoint", "sudoku-marks"]) == 0
    assert main(["solve", FOUR, "--goes", "3", "--checkpoint", "sudoku-4x4"]) == 2
    assert "sudoku-4x4 makes none" in capsys.readouterr().err


def test_an_unknown_part_of_the_benchmark_is_refused(capsys):
    assert main(["benchmark", "--only", "luck"]) == 2
    assert "--only must be of step, " in capsys.readouterr().err


def test_commands_explain_themselves(capsys):
    for arguments in (["--help"], ["solve", "--help"], ["train", "--help"]):
        assert main(arguments) == 0
    told = capsys.readouterr().out
    assert "--steps INT" in told and "upervision steps at most" in told
    for arguments in ([], ["dance"], ["solve"], ["solve", FOUR, "--stop", "soon"]):
        assert main(arguments) == 2
    assert '"halt", "rules", "steps"' in capsys.readouterr().err


def interrupted(*words: str, once: str) -> tuple[int, str, str, float]:
    """A command that is stopped by Ctrl-C once it has said a word: its status, what it said, and how long it took."""
    command = [sys.executable, "-u", "-m", "trm_core", *words]
    pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes) as process:
        said = ""
        while once not in said:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            said += line
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
        return process.returncode, said + rest, errors, time.monotonic() - began


def test_a_training_that_is_stopped_keeps_what_it_has(tmp_path, capsys):
    words = (
        "train",
        "sudoku-4x4",
        "--puzzles",
        "200",
        "--device",
        "cpu",
        "--folder",
        str(tmp_path),
    )
    status, said, errors, _ = interrupted(*words, once="exact")
    assert status == 130 and "Traceback" not in errors
    assert "the same command goes on" in said
    assert (tmp_path / "sudoku-4x4.safetensors").is_file()
    assert main([*words, "--minutes", "0.001"]) == 0
    assert "update 0 of" not in capsys.readouterr().out


@pytest.fixture
def pressed(monkeypatch):
    """Ctrl-C, pressed when something is done for the first time."""

    def press(meter, done):
        meter.done = done
        if done:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(waiting.Meter, "__call__", press)


def test_a_measurement_that_is_stopped_keeps_what_is_done(tmp_path, capsys, pressed):
    out = tmp_path / "out.parquet"
    words = ["evaluate", "sudoku-4x4", "--puzzles", "200", "--steps", "2", "--device", "cpu"]
    assert main([*words, "--outcomes", str(out)]) == 130
    printed = capsys.readouterr()
    assert printed.err == "stopped: 64 of 200 puzzles are done\n"
    assert "200 fresh minimal puzzles, seed 7, stopped after 64 of them" in printed.out
    kept = Outcomes.load(out)
    assert len(kept) == 64 and kept.set_name.endswith("stopped after 64 of them")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_vote_that_is_stopped_counts_the_first_puzzles_alone(capsys, pressed):
    words = [
        "evaluate",
        "sudoku-4x4",
        "--puzzles",
        "100",
        "--steps",
        "2",
        "--device",
        "cpu",
        "--votes",
        "2",
    ]
    assert main([*words, "--json"]) == 130
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert 1 <= told["puzzles"] < 100 and told["exact"]["2"] > 0.9
    assert printed.err == f"stopped: the first {told['puzzles']} of 100 puzzles count\n"
    assert f"stopped after {told['puzzles']} of them" in told["set"]


def test_puzzles_that_were_made_before_it_was_stopped_are_kept(tmp_path, capsys, pressed):
    words = ["generate", "sudoku-4x4", "--count", "500", "--csv", str(tmp_path / "p.csv")]
    assert main(words) == 130
    assert "p-partial.csv: 64 puzzles of 500" in capsys.readouterr().out
    kept = read_puzzles(domain("sudoku-4x4"), tmp_path / "p-partial.csv")
    assert len(kept) == 64 and not (tmp_path / "p.csv").exists()
    # They are the first of those that it would have made.
    whole = domain("sudoku-4x4").maker.generate_many(visitor_rng(0), "mixed", 500)
    assert all(
        np.array_equal(a.question_RC, b.question_RC) for a, b in zip(kept, whole, strict=False)
    )


def test_how_far_a_long_command_is_is_said_every_ten_seconds(capsys):
    clock = iter([0.0, 4.0, 11.0, 12.0, 22.0])
    meter = waiting.Meter(1000, "puzzles", clock=lambda: next(clock))
    for done in (100, 250, 300, 1000):
        meter(done)
    assert capsys.readouterr().err == "250 of 1,000 puzzles, 33 s left\n1,000 of 1,000 puzzles\n"


def test_y_and_z_are_changed_and_kept_over_a_set(tmp_path, capsys):
    words = ["evaluate", "sudoku-6x6", "--puzzles", "20", "--steps", "4", "--device", "cpu"]
    path = tmp_path / "states.npz"
    shares, kept = [], []
    for more in ([], ["--intervene", "hide-x@2"], ["--noise", "1"]):
        assert main([*words, *more, "--json", "--states", str(path)]) == 0
        told = json.loads(capsys.readouterr().out)
        shares.append(told["exact"]["4"])
        assert all(word in told["set"] for word in (more[-1:] or ["fresh"]))
        with np.load(path) as file:
            y_NSMD, z_NSMD = file["y_NSMD"], file["z_NSMD"]
            assert y_NSMD.shape == z_NSMD.shape == (20, 4, 37, 128)
            kept.append(y_NSMD)
            assert np.isfinite(y_NSMD).all() and file["solved_NS"][:, -1].mean() == shares[-1]
    assert shares[0] > 0.8 and shares[1] < shares[0]
    assert np.array_equal(kept[0][:, 0], kept[1][:, 0])  # until step 2 nothing was hidden
    assert not np.array_equal(kept[0], kept[2])
    for more in (
        ["--intervene", "blank-w"],
        ["--intervene", "blank-z@0"],
        ["--votes", "2", "--states", "s.npz"],
    ):
        assert main([*words, *more]) == 2
    assert main([*words, "--puzzles", "100000", "--steps", "512", "--states", str(path)]) == 2


def test_what_the_bench_for_researchers_promises_is_so(capsys):
    """Its flags are the commands' own, its keys those of their JSON."""
    text = (ROOT / "docs" / "research.md").read_text()
    for line in re.findall(
        r"^    (?:python -m trm_core|torchrun .*trm_core) (.*)$", text, re.MULTILINE
    ):
        command, *words = line.split("#")[0].split()
        if command not in COMMANDS:
            continue
        assert main([command, "--help"]) == 0
        shown = capsys.readouterr().out
        assert all(word in shown for word in words if word.startswith("--")), line
    told = text.split("`evaluate`: ")[1].split(";")[0]
    main(["evaluate", "sudoku-4x4", "--puzzles", "5", "--json", "--device", "cpu"])
    assert set(re.findall(r"`(\w+)`", told)) <= set(json.loads(capsys.readouterr().out))
    told = text.split("`rescue`, a line each remedy: ")[1].split(".")[0]
    words = ["rescue", "sudoku-9x9", "--puzzles", "6", "--most", "1", "--steps", "1", "--json"]
    assert main([*words, "--device", "cpu"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"end by the rules", "think longer", "several ways", "other starts"} == {
        r["name"] for r in lines
    }
    assert set(re.findall(r"`(\w+)`", told)) == set(lines[0])


def test_tasks_that_are_stopped_leave_nobody_learning(tmp_path):
    out = tmp_path / "out.parquet"
    words = ("arc", "66e6c45b", "--seconds", "1", "--seeds", "60", "--out", str(out))
    status, _, errors, seconds = interrupted(*words, once="of 60")
    assert status == 130 and "stopped" in errors.splitlines()
    assert "Traceback" not in errors and out.is_file()
    assert seconds < 20  # sixty would take a minute


def test_raw_errors_of_commands_are_sentences(tmp_path, capsys):
    assert main(["train", "sudoku-4x4", "--lr", "-1"]) == 2
    assert capsys.readouterr().err == "lr must be more than 0, got -1.0\n"
    (tmp_path / "step_65000").write_bytes(b"PK\x03\x04" + bytes(40))
    assert main(["evaluate", str(tmp_path / "step_65000")]) == 2
    assert "`python -m trm_core import` makes one of ours" in capsys.readouterr().err
