"""Reading what comes from outside, in a process of its own with a limit on memory and time: no file stops the others."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as TooLongError
from typing import Any, TypeVar

from loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

from trm_core.domains import PuzzleError

T = TypeVar("T")

SECONDS = 5.0  # that reading may take
MEBIBYTES = 1024  # that it may take beyond what a reader needs before it reads anything
READERS = 2  # so many files are read at once; others wait
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
# Loaded before the first file comes.
AHEAD = ("trm_core.readers.upload", "trm_core.record.outcomes")


def apart(read: Callable[..., T], *arguments: Any, seconds: float = SECONDS) -> T:
    """What `read(*arguments)` returns or raises, in another process. Raises `PuzzleError` too where it takes longer
    than so many `seconds` or more memory than `MEBIBYTES`."""
    with _reader() as reader:
        return reader.read(read, *arguments, seconds=seconds)


class Reader:
    """A process that reads, kept for the next file, and replaced after one that was too much for it."""

    def __init__(self, mebibytes: int = MEBIBYTES) -> None:
        self.mebibytes = mebibytes
        self._process: ProcessPoolExecutor | None = None

    def read(self, read: Callable[..., T], *arguments: Any, seconds: float = SECONDS) -> T:
        """What `read(*arguments)` returns or raises there."""
        try:
            return self._begun().submit(read, *arguments).result(seconds)
        except TooLongError:
            words = f"reading it took more than {seconds:g} seconds, and was given up"
        except MemoryError:
            words = f"reading it takes more than {self.mebibytes} MiB of memory, and was given up"
        except BrokenProcessPool:  # some of what reads ends its process where there is no memory
            words = (
                "what reads it broke off, as it may where it would take more than "
                f"{self.mebibytes} MiB of memory, and was given up"
            )
        self.end()
        raise PuzzleError(words)

    def _begun(self) -> ProcessPoolExecutor:
        """The process, ready to read: what it loads is no time of a file's."""
        if self._process is None:
            limit = (self.mebibytes,)
            self._process = ProcessPoolExecutor(
                1, initializer=_begin, initargs=limit, env=ONE_THREAD
            )
            self._process.submit(len, ()).result()
        return self._process

    def end(self) -> None:
        """Stop the process, whatever it does."""
        if self._process is not None:
            self._process.shutdown(wait=False, kill_workers=True)
            self._process = None


def _begin(mebibytes: int) -> None:
    """In the new process: load what readers need, then limit what further memory it gets, where the system can."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    for name in AHEAD:
        importlib.import_module(name)
    with contextlib.suppress(ImportError):
        import resource

        import psutil

        held = psutil.Process().memory_info().data
        limit = held + mebibytes * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _end_with(parent: int) -> None:
    """Stay no longer than the server, however that ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


_READERS: queue.Queue[Reader] = queue.Queue()
for _ in range(READERS):
    _READERS.put(Reader())


@contextlib.contextmanager
def _reader() -> Iterator[Reader]:
    """One of the readers, once one is free."""
    reader = _READERS.get()
    try:
        yield reader
    finally:
        _READERS.put(reader)


@atexit.register
def _end_all() -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            _READERS.get_nowait().end()
