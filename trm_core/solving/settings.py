"""How to solve, as a value that says when it is wrong. Loads no torch, so that pages can carry it."""

from __future__ import annotations

from dataclasses import dataclass

from trm_core.network.config import ConfigError

STOPS = ("halt", "rules", "steps")
MOST_STEPS = 1024
MOST_VOTES = 64
MOST_NOISE = 1.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to solve. A bad value raises `ConfigError` that names it."""

    steps: int = 16  # supervision steps at most
    stop: str = "rules"  # valid and complete; "halt": the model says so; "steps": never early
    votes: int = 1  # ways the puzzle is asked, each rewritten by a symmetry; the first is as it is
    race: bool = False  # whether all ways end as soon as the rules accept the answer of one
    noise: float = 0.0  # added to y before every step of each further way: its standard deviation
    seed: int = 0  # of those symmetries and of the noise

    def __post_init__(self) -> None:
        if self.stop not in STOPS:
            raise ConfigError("stop", f"must be one of {', '.join(STOPS)}", self.stop)
        for name, most in (("steps", MOST_STEPS), ("votes", MOST_VOTES)):
            if not 1 <= getattr(self, name) <= most:
                raise ConfigError(name, f"must lie in 1..{most}", getattr(self, name))
        if not 0 <= self.noise <= MOST_NOISE:
            raise ConfigError("noise", f"must lie in 0..{MOST_NOISE}", self.noise)
        if self.seed < 0:
            raise ConfigError("seed", "must be 0 or more", self.seed)
