"""Rooms: what a class votes for, scene by scene. A page that teaches opens one; phones find it by its code."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

ROOMS = 100  # at once; who was away longest loses theirs
VOTERS = 500  # in a room
HOURS = 4  # that a room is kept after its last word
_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is read for another
_LENGTH = 5


@dataclass
class Room:
    """What one class is asked and has voted."""

    code: str
    asked: str = ""  # the scene whose question stands there; none while nothing is asked
    votes: dict[str, dict[str, int]] = field(default_factory=dict)  # by scene and voter: a choice
    touched: float = 0.0

    def vote(self, scene: str, voter: str, choice: int) -> None:
        """A voter's word, or their other one; a scene that is not asked hears nothing any more."""
        votes = self.votes.setdefault(scene, {})
        if scene == self.asked and (voter in votes or len(votes) < VOTERS):
            votes[voter] = choice

    def counted(self, scene: str, choices: int) -> list[int]:
        """How many voted for each of so many choices."""
        given = list(self.votes.get(scene, {}).values())
        return [given.count(choice) for choice in range(choices)]


class Rooms:
    """All rooms of a server, the one used last at the end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._lock = threading.Lock()
        self._clock = clock

    def open(self, code: str = "") -> Room:
        """The room of that code, or a new one: of that code where it is one, for a server that began anew."""
        with self._lock:
            room = self._found(code) or Room(code if is_code(code) else self._fresh())
            self._rooms[room.code] = room
            self._touch(room)
            while len(self._rooms) > ROOMS:
                self._rooms.popitem(last=False)
            return room

    def find(self, code: str) -> Room | None:
        """The room of that code, if there is one."""
        with self._lock:
            room = self._found(code)
            if room is not None:
                self._touch(room)
            return room

    def _found(self, code: str) -> Room | None:
        late = self._clock() - HOURS * 3600
        for old in [each.code for each in self._rooms.values() if each.touched < late]:
            del self._rooms[old]
        return self._rooms.get(code)

    def _touch(self, room: Room) -> None:
        room.touched = self._clock()
        self._rooms.move_to_end(room.code)

    def _fresh(self) -> str:
        while True:
            code = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
            if code not in self._rooms:
                return code


def is_code(text: str) -> bool:
    """Whether that could be a room's code."""
    return len(text) == _LENGTH and set(text) <= set(_SIGNS)
