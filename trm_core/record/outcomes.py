"""Outcomes: what became of every puzzle of a set, as columns. Saved as Parquet, opened again.

Dimension key: N puzzles, S supervision steps, L cells.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from trm_core.domains import PuzzleError, domain

FORMAT = "trm-outcomes-1"
_BOARDS = ("question_NL", "solution_NL", "answer_NL")
_BY_STEP = ("exact_NS", "solved_NS")


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcomes:
    """One row for each puzzle that was asked, in the order of the set.

    An answer stands until the next one: the columns by step go on with the last answer where a
    puzzle left its slot before `most_steps`.
    """

    domain_name: str
    checkpoint: str
    most_steps: int  # S: supervision steps at most
    stop: str  # what ended a puzzle earlier, as in `Settings`

    index_N: np.ndarray  # of the puzzle in its set, int64
    question_NL: np.ndarray  # tokens, uint8
    solution_NL: np.ndarray  # tokens of the known solution, uint8
    answer_NL: np.ndarray  # tokens of the last answer, uint8
    rating_N: np.ndarray  # the puzzle's difficulty in the domain's own measure; NaN if unknown
    exact_NS: np.ndarray  # every cell as in the solution, after each step, bool
    solved_NS: np.ndarray  # as good as can be, by the rules, after each step, bool
    valid_N: np.ndarray  # the last answer breaks no rule, bool
    left_at_N: np.ndarray  # steps it was given, int32
    halted_at_N: np.ndarray  # the first step after which it said it was done; 0 for never, int32
    halt_N: np.ndarray  # how sure it was in the end that it was done, 0 to 1, fp32
    confidence_N: np.ndarray  # mean probability of its symbols in cells not given, fp32
    moved_N: np.ndarray  # |z - z before| / |z| over its last step, fp32

    def __len__(self) -> int:
        return len(self.index_N)

    @property
    def wrong_NL(self) -> np.ndarray:
        """Cells of the last answers that differ from the solutions, bool."""
        return self.answer_NL != self.solution_NL

    @property
    def first_right_N(self) -> np.ndarray:
        """The first step after which it was solved; 0 for never."""
        return np.where(self.solved_NS.any(1), self.solved_NS.argmax(1) + 1, 0)

    @property
    def lost_N(self) -> np.ndarray:
        """Whether it was solved at some step and was not any more in the end."""
        return self.solved_NS.any(1) & ~self.solved_NS[:, -1]

    @property
    def said_done_N(self) -> np.ndarray:
        """Whether it said in the end that it was done."""
        return self.halt_N > 0.5

    def save(self, path: Path) -> None:
        """Write as Parquet: boards as text, the columns by step as lists."""
        import pyarrow.parquet as parquet

        parquet.write_table(self._table(), path, compression="zstd")

    def as_csv(self) -> str:
        """The same without the columns by step, for a spreadsheet."""
        import pyarrow.csv as csv

        out = io.BytesIO()
        csv.write_csv(self._table().drop_columns([_plain(name) for name in _BY_STEP]), out)
        return out.getvalue().decode()

    def _table(self) -> Any:
        import pyarrow

        chosen = domain(self.domain_name)
        columns: dict[str, Any] = {}
        for name in _column_names():
            array = getattr(self, name)
            if name in _BOARDS:
                columns[_plain(name)] = [chosen.format(board) for board in chosen.board(array)]
            else:
                columns[_plain(name)] = list(array) if name in _BY_STEP else array
        meta = {name: getattr(self, name) for name in _about()} | {"format": FORMAT}
        return pyarrow.table(columns).replace_schema_metadata({"trm": json.dumps(meta)})

    @classmethod
    def load(cls, path: Path) -> Outcomes:
        """Read what `save` wrote. Raises `PuzzleError` in one sentence for any other file."""
        import pyarrow
        import pyarrow.parquet as parquet

        try:
            table = parquet.read_table(path)
            meta = json.loads((table.schema.metadata or {})[b"trm"])
            if meta.pop("format") != FORMAT:
                raise PuzzleError(f"{path.name} is not a table of outcomes of ours ({FORMAT})")
            chosen = domain(meta["domain_name"])
            columns: dict[str, np.ndarray] = {}
            for name in _column_names():
                column = table.column(_plain(name))
                if name in _BOARDS:
                    boards = [chosen.parse_answer(text) for text in column.to_pylist()]
                    tokens = [chosen.tokens(board_RC) for board_RC in boards]
                    columns[name] = np.array(tokens, np.uint8).reshape(-1, chosen.cells)
                elif name in _BY_STEP:
                    rows = np.array(column.to_pylist(), dtype=bool)
                    columns[name] = rows.reshape(-1, meta["most_steps"])
                else:
                    columns[name] = column.to_numpy()
            return cls(**meta, **columns)
        except PuzzleError:
            raise
        except (OSError, ValueError, KeyError, TypeError, pyarrow.ArrowException) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise PuzzleError(f"{path.name} is not a table of outcomes ({reason})") from None

    @classmethod
    def joined(cls, parts: Sequence[Outcomes]) -> Outcomes:
        """Parts of one set as one table, in the order of the set."""
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in _column_names()
        }
        order_N = columns["index_N"].argsort(kind="stable")
        return replace(parts[0], **{name: column[order_N] for name, column in columns.items()})


def _column_names() -> list[str]:
    return [f.name for f in fields(Outcomes) if f.name not in _about()]


def _about() -> tuple[str, ...]:
    return ("domain_name", "checkpoint", "most_steps", "stop")


def _plain(name: str) -> str:
    """A column's name in a file, without the letters of its shape."""
    return name.rsplit("_", 1)[0]
