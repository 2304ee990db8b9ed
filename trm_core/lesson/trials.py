"""The runs that the lesson shows, as data: which model, which puzzle, and what is done to it. The command
`lesson` records them; a page asks them anew with a visitor's puzzle. Never loads torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trm_core.domains import Domain, domain

# What is taken away in a run, in words.
ABLATIONS = {
    "blank-z": "z wiped before every step",
    "freeze-z": "z frozen after step 1",
    "forget-y": "y forgotten before every step",
    "hide-x": "question hidden after step 1",
}


WOUNDED = 9  # the step before which cells are torn out
TESTS = 4_000_000  # seed of the puzzles that the lesson measures on; no card counts them


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One solve of the lesson."""

    name: str  # of its recording, under assets/lesson
    title: str  # over its board
    checkpoint: str
    domain: str
    puzzle: str
    steps: int = 16
    stop: str = "rules"
    ablation: str = ""  # one of `ABLATIONS`
    wound: int = 0  # cells torn out of y and z before step `WOUNDED`

    @property
    def asked(self) -> Domain:
        return domain(self.domain)


_EXTREME = "2.6.3...7.....1...153.8....7....5.9...987.3.1...9..........27.8.48...6..3........"
_SMALL = "....6.5....4..5......28..76.1....36....7.98...83......2...7...45.....1....14....."
# Picked by the rules of `lesson/examples.py` among the puzzles that the lesson measures on (`lesson` says which).
_TYPICAL = "..5..96...7....4.83..714..91.29.8..585.....6.6.45..1...2...1.9..61.9.....4..32..1"
_PREMATURE = "7....23.1.4.8.75.6.38.......8.5...62..7.6.9.89.3..81543.4.....927..168458...74..."
_UNSEEN = "1......3.6...2...5.1...3......345..."
_NINE: dict[str, Any] = dict(checkpoint="sudoku-9x9", domain="sudoku-9x9")

_FAILED = "...7..1...........28..5...6..73...2.8...2.54...4..1..7.3...9...9..2..85..4......."
_CLOCKS = "2...51...2..5.3....1.....4......61.."
_SIX: dict[str, Any] = dict(domain="sudoku-6x6")

ANSWER = Trial(name="answer", title="One Extreme puzzle", puzzle=_EXTREME, steps=32, **_NINE)
SETTLES = Trial(name="settles", title="Solved", puzzle=_EXTREME, steps=32, stop="steps", **_NINE)
WHOLE = Trial(name="whole", title="As it is", puzzle=_TYPICAL, stop="steps", **_NINE)
TAKEN = tuple(
    Trial(name=name, title=words, puzzle=_TYPICAL, stop="steps", ablation=name, **_NINE)
    for name, words in ABLATIONS.items()
)
PREMATURE = Trial(name="premature", title="Called done", puzzle=_PREMATURE, stop="steps", **_NINE)
UNHARMED = Trial(name="unharmed", title="As it is", puzzle=_SMALL, stop="steps", **_NINE)
WOUND = Trial(
    name="wound", title="Torn out before step 9", puzzle=_SMALL, stop="steps", wound=50, **_NINE
)
CLOCKS = Trial(
    name="clocks", title="A small puzzle", checkpoint="sudoku-any", puzzle=_CLOCKS, **_SIX
)
UNSEEN = Trial(
    name="unseen",
    title="Taught on 4 × 4, asked 6 × 6",
    checkpoint="sudoku-any-4x4",
    steps=32,
    puzzle=_UNSEEN,
    **_SIX,
)
FEATURES = Trial(name="features", title="Published form", puzzle=_FAILED, steps=32, **_NINE)
# The first of the bundled extreme puzzles that the published form fails and the other one takes back twice or more, and
# solves within 32 steps.
_BOTH = "7...4..2..4..5..7....62....5.....4....69....8...78.6...1.......4.....3..9.7..1.4."
EXTREME = Trial(name="features-extreme", title="Published form", puzzle=_BOTH, steps=32, **_NINE)
MARKS = Trial(
    name="marks",
    title="With pencil marks",
    checkpoint="sudoku-marks",
    domain="sudoku-9x9",
    puzzle=_BOTH,
    steps=1000,
)
# Not recorded with the others: the one that is asked while a model learns.
PROBE = Trial(
    name="probe",
    title="",
    checkpoint="sudoku-any-4x4",
    domain="sudoku-4x4",
    puzzle="1.....2..3.....4",
)
TRIALS = (
    ANSWER,
    SETTLES,
    CLOCKS,
    WHOLE,
    *TAKEN,
    PREMATURE,
    UNHARMED,
    WOUND,
    UNSEEN,
    FEATURES,
    EXTREME,
    MARKS,
)  # those that are recorded
