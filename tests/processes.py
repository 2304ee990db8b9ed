"""Commands run by processes of their own, without the seconds that a fresh Python takes to load torch."""

import multiprocessing
import os
import socket
import sys
from pathlib import Path

from trm_core.__main__ import main
from trm_core.training import run

DEADLINE = 240  # seconds
FORK = multiprocessing.get_context("fork")


def started(arguments: list[str], save_every: float) -> multiprocessing.Process:
    """A command in a process that can be killed; a training in it is saved that often, in seconds."""
    process = FORK.Process(target=_alone, args=(arguments, save_every))
    process.start()
    return process


def _alone(arguments: list[str], save_every: float) -> None:
    run.SAVE_EVERY = save_every
    main(arguments)


def forked(folder: Path, arguments: list[str], processes: int = 2) -> tuple[list[int | None], str]:
    """Exit codes of that many processes that run one command as torchrun would have them do, and what the first
    printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = [
        FORK.Process(target=_child, args=(folder, arguments, rank, processes, port))
        for rank in range(processes)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(DEADLINE)
        process.kill()
    return [process.exitcode for process in started], (folder / "printed-0").read_text()


def _child(folder: Path, arguments: list[str], rank: int, processes: int, port: int) -> None:
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": processes, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in place.items()}, MASTER_ADDR="127.0.0.1")
    with (folder / f"printed-{rank}").open("w") as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        sys.stdout = sys.stderr = printed
        code = main(arguments)
        printed.flush()
    os._exit(code)
