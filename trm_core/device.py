"""The machine: which device computes, with how many threads, and whose turn it is.

One gate per process lets one piece of work through at a time, so that engines of different models,
evaluations and training share the cores instead of fighting over them. Whoever has had the least
comes first; background work comes after all that people wait for.
"""

from __future__ import annotations

import itertools
import os
import platform
import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist

from trm_core.network.config import ConfigError, ModelConfig

# Work of one network call, in multiply-adds for one puzzle, under which a second thread costs
# more than it brings: with another process busy, small models ran many times slower on two.
SMALL = 100e6
LOOK_EVERY = 0.25  # seconds between two looks at what else the machine does
AGAIN_EVERY = 0.05  # seconds; who waits may have changed without anybody telling the gate
MOST_REMEMBERED = 1000  # visitors


def pick_device(name: str | None = None) -> torch.device:
    """The device of that name, or the best there is: CUDA, then MPS, then CPU.

    Raises `ConfigError` for a device this machine lacks.
    """
    has = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name is None:
        return torch.device(next(kind for kind, there in has.items() if there))
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ConfigError("device", f"must be one of {', '.join(has)}", name) from None
    if not has.get(device.type, False):
        raise ConfigError("this machine", f"has no device {name!r}")
    return device


def cores() -> int:
    """CPU cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_for(config: ModelConfig, puzzles: int = 1) -> int:
    """CPU threads worth having for so many puzzles at a time: one where a call is little work, all cores where
    it is much. The gate gives fewer where cores are busy with other work."""
    per_position = config.layers * 3 * config.width * config.inner_width(config.width)
    return 1 if per_position * config.sequence_length * puzzles < SMALL else cores()


class _Elsewhere:
    """How many of our cores other processes keep busy, as measured since the last look."""

    def __init__(self) -> None:
        self._looked = -1.0
        self._before: tuple[float, float, float] | None = None
        self._busy = 0.0

    def busy_cores(self) -> float:
        """In cores; 0 where the machine does not tell."""
        now = time.monotonic()
        if now - self._looked < LOOK_EVERY:
            return self._busy
        read = _cpu_seconds()
        if read is None:
            return 0.0
        if self._before is not None:
            taken, everything, own = (
                a - b for a, b in zip((now, *read), self._before, strict=True)
            )
            self._busy = max(0.0, (everything - own) / taken)
        self._looked, self._before = now, (now, *read)
        return self._busy


def _cpu_seconds() -> tuple[float, float] | None:
    """CPU seconds spent so far on the cores this process may use by all processes, and by this one;
    None where psutil is missing."""
    try:
        import psutil
    except ImportError:  # training needs torch, numpy and safetensors only
        return None
    every = psutil.cpu_times(percpu=True)
    if hasattr(os, "sched_getaffinity"):
        own = os.sched_getaffinity(0)
        every = [times for i, times in enumerate(every) if i in own]
    busy = 0.0
    for times in every:
        # Time spent for guests is part of "user" already.
        idle = times.idle + getattr(times, "iowait", 0.0)
        guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
        busy += sum(times) - idle - guests
    return busy, time.process_time()


@dataclass(eq=False)
class _Waiting:
    """Work before the gate."""

    background: Callable[[], bool]
    visitors: Callable[[], Collection[Hashable]]
    arrival: int


class Gate:
    """Lets one piece of work through at a time, fairly by visitor, with threads set around it.

    A visitor's account is the seconds of work done for it. Someone new, or back, starts level with
    the least served of those who wait, and so waits for little more than the turn under way.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._arrivals = itertools.count()
        self._open = True
        self._served: dict[Hashable, float] = {}
        self._active: set[Hashable] = set()
        self._floor = 0.0
        self._elsewhere = _Elsewhere()
        self._elsewhere.busy_cores()  # the first look only starts the clock

    @contextmanager
    def turn(
        self,
        visitors: Callable[[], Collection[Hashable]],
        threads: int,
        *,
        exactly: bool = False,
        background: Callable[[], bool] = lambda: False,
    ) -> Iterator[None]:
        """Wait for a turn and hold it. `visitors` tells whom the work is for, `background` whether
        nobody waits for it; both are asked as long as it waits, since that may change.

        Inside, torch has `threads` CPU threads, or fewer where other processes keep cores busy
        (unless `exactly`); what it had before is set again afterwards. Turns don't nest.
        """
        me = _Waiting(background, visitors, next(self._arrivals))
        with self._changed:
            self._waiting.append(me)
            try:
                while not (self._open and self._first() is me):
                    self._changed.wait(AGAIN_EVERY)
                self._open = False
            finally:
                self._waiting.remove(me)
        before = torch.get_num_threads()
        try:
            torch.set_num_threads(threads if exactly else self._affordable(threads))
            yield
        finally:
            torch.set_num_threads(before)
            with self._changed:
                self._open = True
                self._changed.notify_all()

    def served(self, visitor: Hashable) -> float:
        """Seconds of work on a visitor's account."""
        with self._changed:
            return self._served.get(visitor, self._floor)

    def charge(self, visitor: Hashable, seconds: float) -> None:
        """Put work on a visitor's account."""
        with self._changed:
            self._served[visitor] = self._served.get(visitor, self._floor) + seconds

    def _affordable(self, threads: int) -> int:
        if threads == 1:
            return 1
        return max(1, min(threads, int(cores() - self._elsewhere.busy_cores() + 0.4)))

    def _first(self) -> _Waiting:
        """Whose turn it is; the accounts of those who are new here are opened."""
        wanted = {each: set(each.visitors()) for each in self._waiting}
        waiting = set().union(*wanted.values())
        staying = [self._served[v] for v in waiting & self._active if v in self._served]
        self._floor = max(self._floor, min(staying, default=self._floor))
        for visitor in waiting - self._active:
            self._served[visitor] = max(self._served.get(visitor, 0.0), self._floor)
        self._active = waiting
        if len(self._served) > MOST_REMEMBERED:
            # The least served are forgotten: they would start near the floor anyway.
            kept = sorted(self._served.items(), key=lambda account: -account[1])
            self._served = dict(kept[: MOST_REMEMBERED // 2]) | {
                visitor: self._served[visitor] for visitor in waiting
            }

        def rank(each: _Waiting) -> tuple[bool, float, int]:
            accounts = [self._served[visitor] for visitor in wanted[each]]
            return each.background(), min(accounts, default=self._floor), each.arrival

        return min(self._waiting, key=rank)


GATE = Gate()  # of this process


@contextmanager
def joined_processes(device: torch.device) -> Iterator[torch.device]:
    """Under torchrun, this process as one of several, with its own GPU; else nothing happens.

    Raises `ConfigError` where there are fewer GPUs than processes.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device
        return
    if device.type == "cuda":
        local_rank, count = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if local_rank >= count:
            raise ConfigError(
                "this machine",
                f"has {count} GPU(s), fewer than processes; start fewer, or add --device cpu",
            )
        torch.cuda.set_device(local_rank)
        device = torch.device("cuda", local_rank)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
        dist.barrier()  # who leaves while others still talk may break them
    finally:
        dist.destroy_process_group()


def describe(device: torch.device) -> str:
    """The device in words, such as "CPU (AMD EPYC 7B13, 2 cores)"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    return f"CPU ({_processor()}, {os.cpu_count()} cores)"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
