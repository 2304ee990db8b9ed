"""Outcomes: what became of every puzzle of a set, as columns. Saved as Parquet, CSV or JSON; Parquet is opened again.

Dimension key: N puzzles, S supervision steps, L cells, D features of z.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from trm_core.domains import Domain, Pairs, PuzzleError, domain
from trm_core.record.archive import load_table, name_of, reading, save_table
from trm_core.record.diagnosis import failure_kind

FORMAT = "trm-outcomes-2"
SOLVED = "solved"  # what `end_N` says of a puzzle that did not fail
_BOARDS = ("question_NL", "solution_NL", "answer_NL")
_LISTS = {  # columns that hold a list for every puzzle, and what the lists hold
    "exact_NS": np.bool_,
    "solved_NS": np.bool_,
    "wrong_NS": np.int16,
    "changed_NS": np.int16,
    "said_NS": np.float32,
    "latent_ND": np.float32,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcomes:
    """One row for each puzzle that was asked, in the order of the set.

    An answer stands until the next one: the columns by step go on with the last answer where a
    puzzle left its slot before `most_steps`. The columns of pencil marks are 0 for models without.
    """

    domain_name: str
    checkpoint: str
    most_steps: int  # S: supervision steps at most
    stop: str  # what ended a puzzle earlier, as in `Settings`
    set_name: str = ""  # what the set is called

    index_N: np.ndarray  # of the puzzle in its set, int64
    question_NL: np.ndarray  # tokens, uint8
    solution_NL: np.ndarray  # tokens of the known solution, uint8
    answer_NL: np.ndarray  # tokens of the last answer, uint8
    rating_N: np.ndarray  # the puzzle's difficulty in the domain's own measure; NaN if unknown
    exact_NS: np.ndarray  # every cell as in the solution, after each step, bool
    solved_NS: np.ndarray  # as good as can be, by the rules, after each step, bool
    wrong_NS: np.ndarray  # cells not given that are unlike the solution after each step, int16
    changed_NS: np.ndarray  # cells not given that changed in each step, none in the first, int16
    said_NS: np.ndarray  # how sure it was after each step that it was done, 0 to 1, fp32
    valid_N: np.ndarray  # the last answer breaks no rule, bool
    left_at_N: np.ndarray  # steps it was given, int32
    halted_at_N: np.ndarray  # the first step after which it said it was done; 0 for never, int32
    halt_N: np.ndarray  # how sure it was in the end that it was done, 0 to 1, fp32
    confidence_N: np.ndarray  # mean probability of its symbols in cells not given, fp32
    moved_N: np.ndarray  # |z - z before| / |z| over its last step, fp32
    latent_ND: np.ndarray  # the last z, its mean over all positions, fp32
    goes_N: np.ndarray  # how often it took everything back, int32
    pins_N: np.ndarray  # guesses it made, int32
    dead_right_N: np.ndarray  # contradictions it saw where a true candidate was gone, int32
    dead_wrong_N: np.ndarray  # ... and where none was, int32
    strayed_at_N: np.ndarray  # first step in which a true candidate was lost; 0 for never, int32
    strayed_cell_N: np.ndarray  # the cell (the first) it was lost in; -1 for none, int32
    strayed_by_guess_N: np.ndarray  # whether that cell was guessed otherwise, not struck, bool

    def __len__(self) -> int:
        return len(self.index_N)

    def __getitem__(self, rows: np.ndarray) -> Outcomes:
        """Those of some puzzles, by their rows (numbers or a mask)."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _column_names()})

    @property
    def domain(self) -> Domain:
        return domain(self.domain_name)

    @property
    def pairs(self) -> Pairs:
        """The puzzles themselves, to be asked again."""
        tokens_N2L = np.stack([self.question_NL, self.solution_NL], axis=1)
        return Pairs(tokens_N2L, np.zeros(len(self), np.int64), self.rating_N)

    @cached_property
    def wrong_NL(self) -> np.ndarray:
        """Cells of the last answers that differ from the solutions, givens that were written over too, bool."""
        return self.answer_NL != self.solution_NL

    @cached_property
    def given_NL(self) -> np.ndarray:
        """Cells that the questions fix, bool."""
        chosen = self.domain
        found = [chosen.given(board_RC).reshape(-1) for board_RC in chosen.board(self.question_NL)]
        return np.array(found, dtype=bool).reshape(len(self), chosen.cells)

    @property
    def givens_N(self) -> np.ndarray:
        """How many cells are given."""
        return self.given_NL.sum(1)

    @property
    def solved_N(self) -> np.ndarray:
        """As good as can be in the end, bool."""
        return self.solved_NS[:, -1]

    @property
    def first_right_N(self) -> np.ndarray:
        """The first step after which it was solved; 0 for never."""
        return np.where(self.solved_NS.any(1), self.solved_NS.argmax(1) + 1, 0)

    @property
    def lost_N(self) -> np.ndarray:
        """Whether it was solved at some step and was not any more in the end."""
        return self.solved_NS.any(1) & ~self.solved_NS[:, -1]

    @property
    def lost_at_N(self) -> np.ndarray:
        """The first step after which a solved board was lost again; 0 for never."""
        gone_NS = self.solved_NS[:, :-1] & ~self.solved_NS[:, 1:]
        padded_NS = np.pad(gone_NS, ((0, 0), (2, 0)))  # so that its numbers are those of the steps
        return padded_NS.argmax(1)

    @property
    def said_done_N(self) -> np.ndarray:
        """Whether it said in the end that it was done."""
        return self.halt_N > 0.5

    @property
    def unasked_N(self) -> np.ndarray:
        """Whether the rules ended the solve at once when its board was right: its halting head was not waited for."""
        return self.solved_N & (self.stop == "rules")

    @cached_property
    def end_N(self) -> np.ndarray:
        """How each solve ended: "solved", or the kind of its failure (`diagnosis.failure_kind`)."""
        filled_NRC = self.domain.drawing.filled(self.domain.board(self.answer_NL))
        filled_NL = filled_NRC.reshape(len(self), -1)
        kinds = [
            SOLVED
            if self.solved_NS[n, -1]
            else failure_kind(
                blank=not (filled_NL[n] & ~self.given_NL[n]).any(),
                faults_S=self.wrong_NS[n, : self.left_at_N[n]],
                wrong_cells=int(self.wrong_NL[n].sum()),
                changed_S=self.changed_NS[n, : self.left_at_N[n]],
                cells=int((~self.given_NL[n]).sum()),
                sure=float(self.confidence_N[n]),
            )
            for n in range(len(self))
        ]
        return np.array(kinds, dtype=str)

    def save(self, path: Path | io.BytesIO) -> None:
        """Write as Parquet: boards as text, the columns by step as lists."""
        about = {name: getattr(self, name) for name in _about()} | {"format": FORMAT}
        save_table(path, self._table(), about)

    def as_csv(self) -> str:
        """The same without the columns that hold lists, and with what is derived, for a spreadsheet."""
        import pyarrow.csv as csv

        out = io.BytesIO()
        csv.write_csv(self._told(), out)
        return out.getvalue().decode()

    def as_json(self) -> str:
        """What `as_csv` tells, as a JSON object with the settings and a list of rows."""
        about = {name: getattr(self, name) for name in _about()} | {"format": FORMAT}
        rows = self._told().to_pylist()
        for row in rows:  # NaN is no JSON
            row["rating"] = None if row["rating"] != row["rating"] else row["rating"]
        return json.dumps(about | {"rows": rows})

    def _told(self) -> Any:
        table = self._table().drop_columns([_plain(name) for name in _LISTS])
        for name in ("solved_N", "first_right_N", "lost_at_N", "givens_N", "end_N"):
            table = table.append_column(_plain(name), [getattr(self, name)])
        return table.append_column("wrong", [self.wrong_NL.sum(1)])

    def _table(self) -> Any:
        import pyarrow

        chosen = self.domain
        columns: dict[str, Any] = {}
        for name in _column_names():
            array = getattr(self, name)
            if name in _BOARDS:
                columns[_plain(name)] = [chosen.format(board) for board in chosen.board(array)]
            else:
                columns[_plain(name)] = list(array) if name in _LISTS else array
        return pyarrow.table(columns)

    @classmethod
    def load(cls, source: Path | bytes, name: str = "the file") -> Outcomes:
        """Read what `save` wrote, from a path or the file's bytes. Raises `PuzzleError` in one sentence for
        any other file, called by its `name`."""
        name = name_of(source, name)
        words = "is not a table of outcomes of ours"
        with reading(f"{name} {words}: a column is missing, or of another kind"):
            meta, table = load_table(source, name)
            if meta.pop("format") != FORMAT:
                raise PuzzleError(f"{name} {words} ({FORMAT})")
            return cls(**meta, **_columns(table, domain(meta["domain_name"])))

    @classmethod
    def joined(cls, parts: Sequence[Outcomes]) -> Outcomes:
        """Parts of one set as one table, in the order of the set."""
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in _column_names()
        }
        order_N = columns["index_N"].argsort(kind="stable")
        return replace(parts[0], **{name: column[order_N] for name, column in columns.items()})


def _columns(table: Any, chosen: Domain) -> dict[str, np.ndarray]:
    """The columns of a file's table."""
    columns: dict[str, np.ndarray] = {}
    for name in _column_names():
        column = table.column(_plain(name))
        if name in _BOARDS:
            boards = [chosen.parse_answer(text) for text in column.to_pylist()]
            tokens = [chosen.tokens(board_RC) for board_RC in boards]
            columns[name] = np.array(tokens, np.uint8).reshape(-1, chosen.cells)
        elif name in _LISTS:
            columns[name] = np.array(column.to_pylist(), dtype=_LISTS[name]).reshape(len(table), -1)
        else:
            columns[name] = column.to_numpy()
    return columns


def _column_names() -> list[str]:
    return [f.name for f in fields(Outcomes) if f.name not in _about()]


def _about() -> tuple[str, ...]:
    return ("domain_name", "checkpoint", "most_steps", "stop", "set_name")


def _plain(name: str) -> str:
    """A column's name in a file, without the letters of its shape."""
    return name.rsplit("_", 1)[0]
