"""Engine: one model, many solves at once (continuous batching over the slots).

Whoever waits for a step drives: it advances the slots of all open solves together and leaves
the others' results for them to pick up. There is no thread of its own to start or to stop.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch

from trm_core.device import threads_for
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Noise, Slots
from trm_core.solving.recorder import Recorder, StepRecord

CAPACITY = 64  # solves that advance together; further ones wait for a place


@dataclass(frozen=True, eq=False)
class EngineStep:
    """One supervision step of one solve."""

    step: int  # 1, 2, ...
    record: StepRecord

    @property
    def answer_L(self) -> np.ndarray:
        return self.record.answer_TL[-1]

    @property
    def halt_probability(self) -> float:
        return float(self.record.halt_T[-1])


@dataclass(eq=False)
class Ticket:
    """A solve's place in the engine; iterate `Engine.steps(ticket)` to get its steps."""

    tokens_L: np.ndarray
    is_done: Callable[[EngineStep], bool]
    noise: Noise | None = None
    results: deque[EngineStep] = field(default_factory=deque)
    steps: int = 0
    done: bool = False


class Engine:
    """Advances all submitted puzzles together. Safe to share between threads.

    All tickets of one engine are recorded; latents are kept when `keep_latents` is set.
    """

    def __init__(
        self,
        model: TinyRecursiveModel,
        *,
        capacity: int = CAPACITY,
        keep_latents: bool = False,
        threads: int | None = None,
    ) -> None:
        self.model = model
        self.capacity = capacity
        self.threads = threads or threads_for(model.config)
        self.keep_latents = keep_latents
        # Reentrant: a forgotten solve may be closed by the garbage collector during a step.
        self._lock = threading.RLock()
        self._waiting: deque[Ticket] = deque()
        self._active: list[Ticket] = []
        self._slots = Slots(model, torch.zeros(0, model.config.cells, dtype=torch.uint8))

    def submit(
        self,
        tokens_L: np.ndarray,
        is_done: Callable[[EngineStep], bool],
        noise: Noise | None = None,
    ) -> Ticket:
        """Queue a puzzle. `is_done` is asked after each of its steps; nothing runs yet.

        `noise`, if given, is added to its answer before every step.
        """
        ticket = Ticket(np.asarray(tokens_L, dtype=np.uint8), is_done, noise)
        with self._lock:
            self._waiting.append(ticket)
        return ticket

    def steps(self, ticket: Ticket) -> Iterator[EngineStep]:
        """The ticket's steps as they come, until it is done. Closing the iterator cancels it."""
        try:
            while True:
                with self._lock:
                    while not ticket.results and not ticket.done:
                        self._advance()
                    if not ticket.results:
                        return
                    result = ticket.results.popleft()
                yield result
        finally:
            self.cancel(ticket)

    def cancel(self, ticket: Ticket) -> None:
        """Give the ticket's place back; its results so far stay."""
        with self._lock:
            ticket.done = True

    @torch.no_grad()
    def _advance(self) -> None:
        """Drop what is done, admit what waits, advance everything by one step."""
        self._vacate()
        self._admit()
        if not self._active:
            return
        if self.model.device.type == "cpu":
            torch.set_num_threads(self.threads)
        if any(ticket.noise for ticket in self._active):
            self._slots.disturb([ticket.noise for ticket in self._active])
        before = self._slots.state
        recorder = Recorder(self.model, self.keep_latents)
        output = self._slots.step(recorder)
        for ticket, record in zip(self._active, recorder.finish(before, output), strict=True):
            ticket.steps += 1
            result = EngineStep(ticket.steps, record)
            ticket.results.append(result)
            if ticket.is_done(result):
                ticket.done = True

    def _vacate(self) -> None:
        kept = [not ticket.done for ticket in self._active]
        if not all(kept):
            self._slots.keep(torch.tensor(kept, device=self.model.device))
            self._active = [ticket for ticket in self._active if not ticket.done]

    def _admit(self) -> None:
        """Take in what waits, as far as there are places. A ticket leaves the queue only once it
        has its slot, so a failure on the way loses none."""
        waiting = [ticket for ticket in self._waiting if not ticket.done]
        new = waiting[: max(0, self.capacity - len(self._active))]
        if new:
            self._slots.add(torch.from_numpy(np.stack([ticket.tokens_L for ticket in new])))
            self._active += new
        self._waiting = deque(waiting[len(new) :])
