"""Engine: one model, many solves at once (continuous batching over the slots), each in its turn.

Whoever waits for a step drives: it advances the slots of the solves whose turn it is and leaves the
others' results for them to pick up. There is no thread of its own to start or to stop.

Fairness: between two turns a solve is parked as its (y, z), which at a step boundary is all it is.
A turn takes one solve of every visitor first, those who have had the least before the others, then
a second one of each, as many as `TURN` seconds are likely to hold. So somebody new waits for about
one turn, whatever the others asked for.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from trm_core.device import GATE, Gate, threads_for
from trm_core.network.model import TinyRecursiveModel
from trm_core.network.slots import Occupant, Slots
from trm_core.solving.recorder import Recorder, StepRecord

CAPACITY = 64  # solves that advance together; further ones wait for their turn
TURN = 0.15  # seconds that a turn should last at most, where one solve's step is no longer
_FIRST_TURN = 4  # solves in the first turn, before it is known how long one takes


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

    @property
    def says_done(self) -> bool:
        return self.halt_probability > 0.5


@dataclass(eq=False)
class Ticket:
    """A solve's place in the engine; iterate `Engine.steps(ticket)` to get its steps."""

    occupant: Occupant  # as it was parked last
    is_done: Callable[[EngineStep], bool]
    visitor: Hashable
    background: bool
    arrival: int
    steps: int  # supervision steps it has had
    results: deque[EngineStep] = field(default_factory=deque)
    done: bool = False


class Engine:
    """Advances all submitted puzzles together. Safe to share between threads; all are recorded."""

    def __init__(
        self,
        model: TinyRecursiveModel,
        *,
        capacity: int = CAPACITY,
        threads: int | None = None,
        gate: Gate = GATE,
    ) -> None:
        self.model = model
        self.capacity = capacity
        self.threads = threads or threads_for(model.config)
        self._exactly = threads is not None
        self._gate = gate
        # Reentrant: a forgotten solve may be closed by the garbage collector during a step.
        self._changed = threading.Condition(threading.RLock())
        self._driven = False  # somebody advances everybody
        self._open: list[Ticket] = []
        self._seated: list[Ticket] = []  # those in the slots, in their order
        self._slots = Slots(model)
        self._arrivals = 0
        self._seconds_each: float | None = None  # of a step of one solve, as measured lately

    def submit(
        self,
        occupant: Occupant,
        is_done: Callable[[EngineStep], bool],
        *,
        visitor: Hashable = None,
        background: bool = False,
    ) -> Ticket:
        """Queue a puzzle. `is_done` is asked after each of its steps; nothing runs yet.

        Turns are shared by visitor (without one, the ticket is its own); `background` solves
        advance only while no other waits.
        """
        with self._changed:
            self._arrivals += 1
            if visitor is None:
                visitor = (id(self), self._arrivals)
            ticket = Ticket(occupant, is_done, visitor, background, self._arrivals, occupant.steps)
            self._open.append(ticket)
        return ticket

    def steps(self, ticket: Ticket) -> Iterator[EngineStep]:
        """The ticket's steps as they come, until it is done. Closing the iterator cancels it."""
        try:
            while True:
                with self._changed:
                    while not ticket.results and not ticket.done and self._driven:
                        self._changed.wait()
                    if ticket.results:
                        result = ticket.results.popleft()
                    elif ticket.done:
                        return
                    else:
                        self._driven, result = True, None
                if result is None:
                    self._drive()
                else:
                    yield result
        finally:
            self.cancel(ticket)

    def cancel(self, ticket: Ticket) -> None:
        """Give the ticket's place back; its results so far stay."""
        with self._changed:
            ticket.done = True
            if ticket in self._open:
                self._open.remove(ticket)
            self._changed.notify_all()

    def _drive(self) -> None:
        """One turn for those whose turn it is, then let others drive."""
        try:
            with self._gate.turn(
                self._visitors, self.threads, exactly=self._exactly, background=self._unhurried
            ):
                self._advance()
        finally:
            with self._changed:
                self._driven = False
                self._changed.notify_all()

    def _visitors(self) -> set[Hashable]:
        return {ticket.visitor for ticket in list(self._open)}

    def _unhurried(self) -> bool:
        """Whether nobody waits for what is open here."""
        return all(ticket.background for ticket in list(self._open))

    @torch.no_grad()
    def _advance(self) -> None:
        """Seat the solves whose turn it is, and advance them by one step."""
        # The accounts are read first: the gate's lock is never asked for inside the engine's.
        served = {visitor: self._gate.served(visitor) for visitor in self._visitors()}
        with self._changed:
            chosen = self._choose(served)
        if not chosen:
            return
        began = time.perf_counter()
        self._seat(chosen)
        recorder = Recorder(self.model)
        output = self._slots.step(recorder)
        records = recorder.finish(output, self._slots.keep_latents)
        steps = self._slots.steps_B.tolist()
        seconds = (time.perf_counter() - began) / len(chosen)
        lately = self._seconds_each
        self._seconds_each = seconds if lately is None else (lately + seconds) / 2
        for ticket, record, step in zip(chosen, records, steps, strict=True):
            self._gate.charge(ticket.visitor, seconds)
            ticket.steps = step
            result = EngineStep(step, record)
            ticket.results.append(result)
            if not ticket.done and ticket.is_done(result):
                self.cancel(ticket)

    def _choose(self, served: Mapping[Hashable, float]) -> list[Ticket]:
        """The solves whose turn it is by what their visitors were `served`; those already in the slots
        keep their order."""
        people = [ticket for ticket in self._open if not ticket.background] or self._open
        least = min(served.values(), default=0.0)  # of those who came since
        turns: dict[Hashable, int] = {}
        ranked = []
        # Of one visitor's solves, those that are behind come first.
        for ticket in sorted(people, key=lambda t: (t.steps, t.arrival)):
            turn = turns[ticket.visitor] = turns.get(ticket.visitor, -1) + 1
            account = served.get(ticket.visitor, least)
            ranked.append((turn, account, ticket.arrival, ticket))
        chosen = [t for *_, t in sorted(ranked, key=lambda row: row[:3])[: self._width()]]
        staying = [ticket for ticket in self._seated if ticket in chosen]
        return staying + [ticket for ticket in chosen if ticket not in staying]

    def _width(self) -> int:
        if self._seconds_each is None:
            return min(self.capacity, _FIRST_TURN)
        return max(1, min(self.capacity, int(TURN / max(self._seconds_each, 1e-6))))

    def _seat(self, chosen: list[Ticket]) -> None:
        """Park who has to leave the slots, and seat who is new."""
        kept = [ticket in chosen for ticket in self._seated]
        for b, ticket in enumerate(self._seated):
            if not kept[b] and not ticket.done:
                ticket.occupant = replace(
                    ticket.occupant, start=self._slots.state_of(b), steps=ticket.steps
                )
        if not all(kept):
            self._slots.keep(torch.tensor(kept, device=self.model.device))
            self._seated = [t for t, stays in zip(self._seated, kept, strict=True) if stays]
        new = chosen[len(self._seated) :]
        self._slots.add([ticket.occupant for ticket in new])
        self._seated = self._seated + new
