"""Folders in the form that the published code reads: written, read back, and refused in one sentence."""

import io
import json
import zipfile

import numpy as np
import pytest

from trm_core.__main__ import main
from trm_core.domains import Pairs, PuzzleError, domain, visitor_rng
from trm_core.readers.data_folder import (
    kind_of,
    opened_zip,
    read_split,
    splits_in,
    write_data_folder,
)
from trm_core.readers.puzzle_file import listed_in

SUDOKU = domain("sudoku-4x4")


@pytest.fixture
def folder(tmp_path):
    made = SUDOKU.maker.generate_many(visitor_rng(0), "minimal", 12)
    write_data_folder(SUDOKU, {"train": made[:8], "test": made[8:]}, tmp_path / "data")
    return tmp_path / "data"


def plain_reader(half):
    """What the published code does with such a half, from the format's description: examples by puzzle, puzzles by
    group, token 0 ignored."""
    about = json.loads((half / "dataset.json").read_text())
    found = []
    for name in about["sets"]:
        arrays = {
            part: np.load(half / f"{name}__{part}.npy")
            for part in (
                "inputs",
                "labels",
                "puzzle_identifiers",
                "puzzle_indices",
                "group_indices",
            )
        }
        assert len(arrays["group_indices"]) - 1 == about["total_groups"]
        for group in range(about["total_groups"]):
            for puzzle in range(*arrays["group_indices"][group : group + 2]):
                assert arrays["puzzle_identifiers"][puzzle] < about["num_puzzle_identifiers"]
                for example in range(*arrays["puzzle_indices"][puzzle : puzzle + 2]):
                    found.append((arrays["inputs"][example], arrays["labels"][example]))
    inputs, labels = (np.stack(each) for each in zip(*found, strict=True))
    assert inputs.shape[1] == about["seq_len"] and inputs.dtype == labels.dtype == np.int32
    assert max(inputs.max(), labels.max()) < about["vocab_size"]
    assert (labels != about["ignore_label_id"]).all()  # every cell is learnt
    return inputs, labels


def test_what_is_written_here_is_read_there_and_back(folder):
    assert json.loads((folder / "identifiers.json").read_text()) == ["<blank>"]
    for name, count in (("train", 8), ("test", 4)):
        inputs, labels = plain_reader(folder / name)
        # Digits are moved by one, a blank is 1.
        assert set(np.unique(inputs)) == {1, 2, 3, 4, 5} and set(np.unique(labels)) == {2, 3, 4, 5}
        split = read_split(folder, name)
        assert (
            len(split) == split.puzzles == count and kind_of(split, domain("sudoku-9x9")) is SUDOKU
        )
        pairs = split.pairs(SUDOKU)
        assert np.array_equal(pairs.tokens_N2L, np.stack([inputs, labels], 1))
    # A half may be named itself, and a ZIP of the folder be opened.
    assert len(read_split(folder / "test", "test")) == 4
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, f"some/where/{path.relative_to(folder)}")
    place = opened_zip(content.getvalue())
    assert list(splits_in(place)) == ["train", "test"]
    listed = listed_in(SUDOKU, content.getvalue(), "data.zip")
    assert len(listed) == 4 and Pairs.of(SUDOKU, listed).tokens_N2L.shape == (4, 2, 16)


def test_rewritings_belong_to_their_puzzle(folder):
    half = folder / "train"
    np.save(half / "all__puzzle_indices.npy", np.array([0, 3, 8]))
    np.save(half / "all__puzzle_identifiers.npy", np.array([4, 9]))
    split = read_split(folder, "train")
    assert split.puzzles == 2 and split.ids_N.tolist() == [4] * 3 + [9] * 5


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda half: (half / "all__labels.npy").unlink(), "train lacks all__labels.npy"),
        (lambda half: (half / "all__inputs.npy").write_bytes(b"no"), "is broken"),
        (
            lambda half: (half / "dataset.json").write_text("{}"),
            "must name vocab_size, seq_len and sets",
        ),
        (
            lambda half: np.save(half / "all__puzzle_indices.npy", np.arange(5)),
            "must rise from 0 to the 8 examples",
        ),
        (
            lambda half: np.save(half / "all__inputs.npy", np.full((8, 16), 6)),
            "tokens that are not 0 to 5",
        ),
        (
            lambda half: np.save(half / "all__inputs.npy", np.ones((8, 16))),
            "must hold whole numbers",
        ),
        (
            lambda half: np.save(half / "all__labels.npy", np.full((8, 16), 2)),
            "doesn't solve the question",
        ),
    ],
)
def test_what_is_wrong_is_named(folder, spoil, words):
    spoil(folder / "train")
    with pytest.raises(PuzzleError, match=words):
        read_split(folder, "train").pairs(SUDOKU)


def test_folders_that_are_none_and_of_other_puzzles_are_refused(folder, tmp_path):
    with pytest.raises(PuzzleError, match="is no data folder"):
        read_split(tmp_path, "train")
    with pytest.raises(PuzzleError, match=r"16 cells of 6 tokens; a 9x9 Sudoku has 81 of 11"):
        read_split(folder, "train").pairs(domain("sudoku-9x9"))


def test_commands_write_and_read_such_folders(tmp_path, capsys):
    place = tmp_path / "made"
    assert main(["generate", "sudoku-4x4", "--count", "5", "--data", str(place)]) == 0
    assert main(["read", str(place), "--number", "2"]) == 0
    said = capsys.readouterr().out
    assert "train 5 examples of 5 puzzles" in said and "a 4x4 Sudoku" in said
    assert main(["read", str(tmp_path)]) == 2
    words = ["mix", "sudoku-4x4", "--part", "100:minimal", "--held-out", "6", "--validation", "4"]
    assert main([*words, "--training", "20", "--data", "--folder", str(tmp_path)]) == 0
    assert len(plain_reader(tmp_path / "mixture" / "train")[0]) == 20
    assert len(plain_reader(tmp_path / "mixture-validation" / "test")[0]) == 4
    data = str(tmp_path / "mixture")
    assert main(["evaluate", "sudoku-4x4", "--data", data, "--steps", "2", "--rows", "1-3,6"]) == 0
    assert "on 4 puzzles of mixture, rows 1-3,6" in capsys.readouterr().out
    folder = ["--folder", str(tmp_path / "run"), "--device", "cpu"]
    assert main(["train", "sudoku-4x4", "--data", data, "--updates", "2", *folder]) == 0
    assert main(["evaluate", "sudoku-9x9", "--data", data]) == 2
    assert main(["evaluate", "sudoku-4x4", "--data", data, "--rows", "7"]) == 2
    assert "--rows must be numbers of 1 to 6" in capsys.readouterr().err
