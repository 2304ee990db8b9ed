"""How records are kept: as arrays in an .npz, or as the columns of a Parquet file, with what is said about them as
JSON beside; written by us, and opened from anywhere with care."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from trm_core.domains import PuzzleError

LARGEST = 64 * 2**20  # bytes an archive may unpack to
PARQUET = b"PAR1"  # how such a file begins
# What reading a damaged or hostile file can raise.
UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, MemoryError),
    IndexError,
    *(RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error),
)


@contextmanager
def reading(words: str) -> Iterator[None]:
    """Around what reads a file: whatever is raised becomes one sentence, `words` with the reason for a "{}" in it; a
    `PuzzleError` stays as it is."""
    try:
        yield
    except PuzzleError:
        raise
    except UNREADABLE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PuzzleError(words.replace("{}", reason)) from error


def name_of(source: Path | bytes, name: str = "the file") -> str:
    """What a file is called."""
    return source.name if isinstance(source, Path) else name


def save_arrays(
    path: Path | IO[bytes],
    format: str,
    about: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    *,
    key: str = "about",
) -> None:
    """Write as compressed NPZ; what is said of the arrays lies under `key`."""
    told = np.array(json.dumps({**about, "format": format}))
    # Typed as if every keyword were a switch of numpy's own.
    np.savez_compressed(path, **{key: told}, **arrays)  # type: ignore[arg-type]


def load_arrays(
    source: Path | bytes, name: str, format: str, *, key: str = "about"
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What `save_arrays` wrote. Raises `PuzzleError` where it would be too large, and whatever a file that is damaged
    or of another format raises (`reading` makes a sentence of it)."""
    content = source.read_bytes() if isinstance(source, Path) else source
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST:
            raise PuzzleError(f"{name} unpacks to more than {LARGEST >> 20} MiB")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {each: file[each] for each in file.files}
    about = json.loads(str(arrays.pop(key)))
    if about.pop("format", None) != format:
        raise ValueError(f"expected {format}")
    return about, arrays


def nested(records: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Records that know how to `save` themselves, as arrays of bytes."""
    arrays = {}
    for name, record in records.items():
        record.save(out := io.BytesIO())
        arrays[name] = np.frombuffer(out.getvalue(), np.uint8)
    return arrays


def save_table(path: Path | IO[bytes], table: Any, about: Mapping[str, Any] | None = None) -> None:
    """Write a table of pyarrow as Parquet."""
    import pyarrow.parquet as parquet

    if about is not None:
        table = table.replace_schema_metadata({"trm": json.dumps(about)})
    parquet.write_table(table, path, compression="zstd")


def load_table(source: Path | bytes, name: str) -> tuple[dict[str, Any], Any]:
    """What `save_table` wrote: what is said about the table (nothing where nothing was), and the table. Raises
    `PuzzleError` for what is no Parquet file, and whatever pyarrow raises, all of which are `UNREADABLE`."""
    import pyarrow
    import pyarrow.parquet as parquet

    content = source.read_bytes() if isinstance(source, Path) else source
    if content[:4] != PARQUET:
        raise PuzzleError(f"{name} is no Parquet file; only such a one is opened again")
    try:
        table = parquet.read_table(pyarrow.BufferReader(content))
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from error
    return json.loads((table.schema.metadata or {}).get(b"trm", b"{}")), table
