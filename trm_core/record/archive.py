"""Archives of arrays (.npz) from anywhere, opened with care."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from trm_core.domains import PuzzleError

LARGEST = 64 * 2**20  # bytes an archive may unpack to


def unpacked(source: Path | bytes, name: str) -> dict[str, np.ndarray]:
    """The arrays of an archive. Raises `PuzzleError` where it would be too large, and whatever a damaged file raises
    (`trace.UNREADABLE`)."""
    content = source.read_bytes() if isinstance(source, Path) else source
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST:
            raise PuzzleError(f"{name} unpacks to more than {LARGEST >> 20} MiB")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {key: file[key] for key in file.files}
