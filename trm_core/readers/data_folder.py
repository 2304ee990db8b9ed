"""Puzzles in the folders that the published code of HRM and TRM reads: `train/` and `test/`, in each

    dataset.json                      what the arrays are: seq_len (cells), vocab_size, sets (mostly "all"), ...
    SET__inputs.npy, SET__labels.npy  (N, cells) tokens of the questions and of their answers; 0 pads
    SET__puzzle_identifiers.npy       (P,) which row of the puzzle embeddings is each puzzle's
    SET__puzzle_indices.npy           (P + 1,) where each puzzle's examples begin; its rewritings are more than one
    SET__group_indices.npy            (G + 1,) where each group of puzzles begins (a task of ARC)

and beside them `identifiers.json`, the names of those rows. What is written here is read there, and the other way round.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trm_core.domains import DOMAINS, Domain, Pairs, Puzzle, PuzzleError, counted, domain

SPLITS = ("train", "test")
BLANK = "<blank>"  # the name of row 0 of the embeddings, of puzzles that have none of their own
CHECKED = 200  # answers that are held against the rules
_ABOUT = "dataset.json"
_ARRAYS = ("inputs", "labels", "puzzle_identifiers", "puzzle_indices", "group_indices")
Place = Path | zipfile.Path


@dataclass(frozen=True, eq=False)
class Split:
    """One half of such a folder."""

    name: str
    vocab_size: int
    inputs_NL: np.ndarray  # uint8
    labels_NL: np.ndarray  # uint8
    ids_N: np.ndarray  # int64, the row of the puzzle embeddings of each example
    puzzles: int

    def __len__(self) -> int:
        return len(self.inputs_NL)

    def pairs(self, asked: Domain) -> Pairs:
        """The examples as puzzles of a domain. Raises `PuzzleError` where they are of another."""
        if (self.vocab_size, self.inputs_NL.shape[1]) != (asked.vocab_size, asked.cells):
            raise PuzzleError(
                f"the folder's puzzles have {self.inputs_NL.shape[1]} cells of {self.vocab_size} tokens; a {asked.title} has "
                f"{asked.cells} of {asked.vocab_size}"
            )
        for number in np.unique(np.linspace(0, len(self) - 1, CHECKED).astype(int)):
            question_RC, answer_RC = (
                asked.board(tokens_NL[number]) for tokens_NL in (self.inputs_NL, self.labels_NL)
            )
            if not asked.rules.is_solved(question_RC, answer_RC, answer_RC):
                raise PuzzleError(
                    f"{self.name}, example {number + 1}: the answer doesn't solve the question"
                )
        nothing_N = np.full(len(self), np.nan)
        return Pairs(np.stack([self.inputs_NL, self.labels_NL], 1), self.ids_N, nothing_N)

    def puzzle(self, asked: Domain, number: int) -> Puzzle:
        """One example, counted from 0."""
        return Puzzle(
            asked.board(self.inputs_NL[number]),
            asked.board(self.labels_NL[number]),
            puzzle_id=int(self.ids_N[number]),
        )


def opened_zip(content: bytes) -> zipfile.Path | None:
    """Where such a folder lies in a ZIP archive; None where there is none."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError):
        return None
    found = [name for name in archive.namelist() if name.endswith(f"/{_ABOUT}") or name == _ABOUT]
    if not found:
        return None
    parent = min(found, key=len).rpartition(_ABOUT)[0].rstrip("/")
    above = parent.rpartition("/")[0] if parent.rpartition("/")[2] in SPLITS else parent
    return zipfile.Path(archive, f"{above}/" if above else "")


def read_split(place: Place, name: str) -> Split:
    """The half of that name ("train", "test") of a data folder; or the folder itself, if it is a half. Raises
    `PuzzleError` that names what is missing or doesn't fit."""
    halves = _halves(place)
    if name not in halves:
        raise PuzzleError(f"{_called(place)} holds {' and '.join(halves)}, but no {name}")
    half = halves[name]
    about = _json(half / _ABOUT)
    try:
        vocab_size, sets = int(about["vocab_size"]), [str(each) for each in about["sets"]]
        cells = int(about["seq_len"])
    except (KeyError, TypeError, ValueError):
        raise PuzzleError(f"{name}/{_ABOUT} must name vocab_size, seq_len and sets") from None
    parts = [_set(half, name, each, cells, vocab_size) for each in sets]
    if not parts or not sum(len(inputs_NL) for inputs_NL, *_ in parts):
        raise PuzzleError(f"{name} holds no puzzle")
    inputs_NL, labels_NL, ids_N = (
        np.concatenate(each) for each in list(zip(*parts, strict=True))[:3]
    )
    return Split(
        name=name,
        vocab_size=vocab_size,
        inputs_NL=inputs_NL,
        labels_NL=labels_NL,
        ids_N=ids_N,
        puzzles=sum(puzzles for *_, puzzles in parts),
    )


def splits_in(place: Place) -> dict[str, Split]:
    """All halves that a folder has. Raises as `read_split` does."""
    return {name: read_split(place, name) for name in _halves(place)}


def kind_of(split: Split, preferred: Domain) -> Domain:
    """Which puzzle the tokens are of: the `preferred` one, if it fits. Raises `PuzzleError`."""
    size = (split.vocab_size, split.inputs_NL.shape[1])
    for asked in (preferred, *map(domain, DOMAINS)):
        if (asked.vocab_size, asked.cells) == size:
            return asked
    raise PuzzleError(f"no puzzle here has {size[1]} cells of {size[0]} tokens")


def write_data_folder(asked: Domain, sets: Mapping[str, Sequence[Puzzle]], folder: Path) -> None:
    """Write puzzles, each with its answer, by the name of their half; each is a puzzle and a group of its own."""
    for name, puzzles in sets.items():
        half = folder / name
        half.mkdir(parents=True, exist_ok=True)
        pairs = Pairs.of(asked, puzzles)
        ends = np.arange(len(pairs) + 1, dtype=np.int32)
        arrays = {
            "inputs": pairs.tokens_N2L[:, 0].astype(np.int32),
            "labels": pairs.tokens_N2L[:, 1].astype(np.int32),
            "puzzle_identifiers": pairs.puzzle_ids_N.astype(np.int32),
            "puzzle_indices": ends,
            "group_indices": ends,
        }
        for part, array in arrays.items():
            np.save(half / f"all__{part}.npy", array)
        about = {
            "pad_id": 0,
            "ignore_label_id": 0,
            "blank_identifier_id": 0,
            "vocab_size": asked.vocab_size,
            "seq_len": asked.cells,
            "num_puzzle_identifiers": int(pairs.puzzle_ids_N.max(initial=0)) + 1,
            "total_groups": len(pairs),
            "mean_puzzle_examples": 1.0,
            "total_puzzles": len(pairs),
            "sets": ["all"],
        }
        (half / _ABOUT).write_text(json.dumps(about))
    (folder / "identifiers.json").write_text(json.dumps([BLANK]))


def row_names(path: Path) -> dict[str, int]:
    """The rows of the puzzle embeddings by their names, as an identifiers.json says them. Raises `PuzzleError`."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PuzzleError(f"there is no file {path}, which would say the puzzles' names") from None
    except (OSError, ValueError):
        raise PuzzleError(f"{path} can't be read as JSON") from None
    if not isinstance(found, list):
        raise PuzzleError(f"{path} must hold a list of names")
    return {str(name): row for row, name in enumerate(found)}


def held(splits: Mapping[str, Split]) -> str:
    """What such a folder holds, in words."""
    return ", ".join(
        f"{name} {counted(len(split), 'example')} of {counted(split.puzzles, 'puzzle')}"
        for name, split in splits.items()
    )


def _halves(place: Place) -> dict[str, Place]:
    """The halves of a folder, by name; a folder that is one counts as whatever is asked. Raises `PuzzleError` where there is
    none."""
    if (place / _ABOUT).is_file():
        name = place.name if isinstance(place, Path) else ""
        return dict.fromkeys([name] if name in SPLITS else SPLITS, place)
    found = {name: place / name for name in SPLITS if (place / name / _ABOUT).is_file()}
    if not found:
        raise PuzzleError(
            f"{_called(place)} is no data folder: it holds no {_ABOUT}, nor do {' and '.join(f'{s}/' for s in SPLITS)}"
        )
    return found


def _called(place: Place) -> str:
    return place.name if isinstance(place, Path) else "the archive"


def _json(path: Place) -> dict:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise PuzzleError(f"{path.name} can't be read") from None
    if not isinstance(found, dict):
        raise PuzzleError(f"{path.name} must be an object")
    return found


def _set(
    half: Place, name: str, part: str, cells: int, vocab_size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Inputs, labels and ids of the examples of one set, and how many puzzles they are of."""
    arrays = {each: _array(half / f"{part}__{each}.npy", name) for each in _ARRAYS}
    inputs, labels, ids_P, begins = (arrays[each] for each in _ARRAYS[:4])
    if inputs.ndim != 2 or inputs.shape != labels.shape or inputs.shape[1] != cells:
        raise PuzzleError(
            f"{name}: inputs {inputs.shape} and labels {labels.shape} must both be (examples, {cells}), as {_ABOUT} says"
        )
    fits = begins.ndim == 1 and len(begins) == len(ids_P) + 1 and (np.diff(begins) >= 0).all()
    if not fits or begins[0] != 0 or begins[-1] != len(inputs):
        raise PuzzleError(
            f"{name}: {part}__puzzle_indices must rise from 0 to the {len(inputs)} examples, with one more entry than "
            f"{part}__puzzle_identifiers"
        )
    for which, tokens in (("inputs", inputs), ("labels", labels)):
        if len(tokens) and not 0 <= tokens.min() <= tokens.max() < vocab_size:
            raise PuzzleError(
                f"{name}: {part}__{which} holds tokens that are not 0 to {vocab_size - 1}"
            )
    ids_N = np.repeat(ids_P.astype(np.int64), np.diff(begins))
    return inputs.astype(np.uint8), labels.astype(np.uint8), ids_N, len(ids_P)


def _array(path: Place, name: str) -> np.ndarray:
    """Whole numbers, mapped into memory where they lie on disk."""
    try:
        if isinstance(path, Path):
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        else:
            array = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
    except (FileNotFoundError, KeyError):
        raise PuzzleError(f"{name} lacks {path.name}") from None
    except (OSError, ValueError, EOFError):
        raise PuzzleError(
            f"{name}/{path.name} is broken, or holds more than plain numbers"
        ) from None
    if array.dtype.kind not in "iu":
        raise PuzzleError(f"{name}/{path.name} must hold whole numbers, not {array.dtype}")
    return array
