"""Which models are known here, what each can be asked, and what it is called."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import streamlit as st

from pages.models.own import PREFIX, own_cards, own_path
from pages.stage.frame import ASSETS, as_text
from trm_core.domains import Domain, counted
from trm_core.domains.contract import in_words
from trm_core.record import published
from trm_core.record.published import TRM_MLP
from trm_core.record.slices import share_higher
from trm_core.solving.settings import Settings
from trm_core.weights import card
from trm_core.weights.card import (
    Card,
    CheckpointError,
    bundled,
    find,
    parameter_count,
    read_card,
    small,
    tensors,
)


@st.cache_resource(max_entries=2, show_spinner=False)
def _cards(of_small: bool) -> tuple[dict[str, Card], tuple[str, ...]]:
    """The cards of the bundled checkpoints, or of the small ones, by name; and what is wrong with those that can't be
    read."""
    found, problems = {}, []
    for name, path in (small() if of_small else bundled()).items():
        try:
            found[name] = read_card(path)
        except CheckpointError as error:
            problems.append(f"The bundled model {name} can't be asked: {error}.")
            logging.getLogger(__name__).warning(problems[-1])
    return found, tuple(problems)


def bundled_cards() -> dict[str, Card]:
    """The cards of all bundled checkpoints that can be read, by name."""
    return _cards(of_small=False)[0]


def tell_broken(of_small: bool = False) -> None:
    """Say which bundled files can't be read, where their models would be offered."""
    for problem in _cards(of_small)[1]:
        st.warning(as_text(problem), icon=":material/broken_image:")


def known_cards() -> dict[str, Card]:
    """The cards of all models that the visitor can ask: the bundled ones, small ones, and their own."""
    return bundled_cards() | small_cards() | own_cards()


def path_of(checkpoint_name: str) -> Path:
    """The file of a bundled model or a visitor's own. Raises `CheckpointError` where there is none."""
    own = own_path(checkpoint_name)
    if own is None and checkpoint_name.startswith(PREFIX):
        raise CheckpointError("this model of your own is no longer here: open it again")
    return own or find(checkpoint_name)


def tensors_of(checkpoint_name: str) -> dict[str, np.ndarray]:
    """All weights of a model, by name. Raises `CheckpointError`."""
    return tensors(path_of(checkpoint_name))


@st.cache_resource(max_entries=32, show_spinner=False)
def parameters(checkpoint_name: str) -> int:
    """How many numbers a checkpoint holds."""
    return parameter_count(path_of(checkpoint_name))


def width_of(checkpoint_name: str) -> int:
    """How many numbers y and z of a bundled model have for every cell."""
    return bundled_cards()[checkpoint_name].model.width


def largest_canvas(prefix: str) -> int:
    """Cells a side of the largest canvas that a bundled checkpoint of these domains reads."""
    sides = [
        min(card.model.rows, card.model.cols)
        for card in bundled_cards().values()
        if card.domain.startswith(prefix)
    ]
    return max(sides, default=13)


def small_cards() -> dict[str, Card]:
    """The cards of the small models of the page Train that can be read, by name."""
    return _cards(of_small=True)[0]


def small_result(name: str) -> Mapping[str, Any]:
    """What the weights of one of Train's recorded variants came to on fresh puzzles."""
    return small_cards()[f"small-{name}"].results[0]


SURE = 0.05  # how often chance may bring what is told as a difference


@dataclass(frozen=True)
class Seeds:
    """What one of Train's variants came to from several random starts, in per cent of fresh puzzles solved with all its
    steps; the recorded run first."""

    percents: tuple[float, ...]

    @property
    def middle(self) -> float:
        return median(self.percents)

    @property
    def words(self) -> str:
        """The median and the range, as they are told."""
        if len(self.percents) == 1:
            return f"{self.middle:.1f} %"
        return f"{self.middle:.1f} % ({min(self.percents):.1f} to {max(self.percents):.1f})"

    def against(self, plain: Seeds) -> str:
        """How it does beside another, in words that the figures bear out: a difference counts where chance would bring one
        as large in fewer than one of twenty cases (`chance`)."""
        if self.chance(plain) >= SURE:
            return "does as well, as far as these seeds tell"
        return "does better" if self._higher(plain) > 0.5 else "does worse"

    def chance(self, other: Seeds) -> float:
        """How often runs dealt at random to the two would lie as far apart: the exact test of Mann and Whitney, both
        sides."""
        every, count = np.array([*self.percents, *other.percents]), len(self.percents)
        apart = abs(self._higher(other) - 0.5)
        dealt = [
            abs(share_higher(every[list(mine)], np.delete(every, mine)) - 0.5)
            for mine in combinations(range(len(every)), count)
        ]
        return sum(each >= apart - 1e-9 for each in dealt) / len(dealt)

    def _higher(self, other: Seeds) -> float:
        return share_higher(np.array(self.percents), np.array(other.percents))


def small_seeds(name: str) -> Seeds:
    """What a variant of Train came to from every random start that was tried."""
    shares = [small_result(name)["solved_by_step"], *_other_seeds().get(name, {}).values()]
    return Seeds(tuple(100 * float(list(by_step.values())[-1]) for by_step in shares))


@st.cache_data(max_entries=1, show_spinner=False)
def _other_seeds() -> dict[str, dict[str, dict[str, float]]]:
    """By variant and seed, the shares solved by step, as `watch --seeds` wrote them."""
    path = ASSETS / "learning" / "seeds.json"
    return json.loads(path.read_text()) if path.exists() else {}


def models_for(asked: Domain) -> list[str]:
    """The models that can be asked a puzzle, the usual one first, the visitor's own last. On a page the published
    form comes before the one with pencil marks, which is another idea and needs the first."""
    own = own_cards()
    return [
        *card.fitting(bundled_cards(), asked, marks_first=False),
        *(name for name, known in own.items() if known.reading(asked) is not None),
    ]


def makes_marks(checkpoint_name: str) -> bool:
    """Whether a model's answers are made of pencil marks."""
    known = known_cards().get(checkpoint_name)
    return known is not None and known.makes_marks


# How a model comes to its answer, by its recursion.
FORMS = {
    "trm": "the published recursion: it writes all cells at once, then mends its own answer, again and again",
    "hrm": "the recursion of HRM, TRM's ancestor: two networks in turns write all cells at once, and mend that answer",
    "one_state": "the published recursion with one state for answer and scratchpad: it writes all cells at once, and mends them",
    "single_z": "the published recursion of a single z, answer and scratchpad in one: it writes all cells at once, and mends them",
    "direct": "without recursion: it writes all cells once, and that is its answer",
}
MARKS_FORM = (
    "not the published recursion: it strikes candidates it finds dead, pins what it is sure of and a guess, and "
    "begins again when it sees a contradiction"
)


def playing(checkpoint_name: str, marks: bool | None = None) -> str:
    """Who plays, in one sentence: the model, its size, and what it does. Of a model that isn't known here the trace says
    whether it makes pencil `marks`."""
    known = known_cards().get(checkpoint_name)
    if known is None:
        return f"Who thinks here: {checkpoint_name}, {MARKS_FORM if marks else FORMS['trm']}."
    form = MARKS_FORM if known.makes_marks else FORMS[known.model.recursion]
    if form is FORMS["trm"] and parameters(checkpoint_name) < published.parameters(TRM_MLP):
        form = form.replace(":", ", smaller:", 1)
    calls = counted(known.model.calls_per_step, "network call")
    return f"{_who(checkpoint_name)}, {calls} a step, {form}."


def thinks(checkpoint_name: str) -> str:
    """The same, in short: the model and its size."""
    return f"{_who(checkpoint_name)}."


def _who(checkpoint_name: str) -> str:
    return f"Who thinks here: {called(checkpoint_name)}, {size_of(checkpoint_name)} numbers"


def other_form(checkpoint_name: str, asked: Domain) -> str | None:
    """A checkpoint of the other form, pencil marks or the published one, that can be asked this
    puzzle, if there is one."""
    marks = makes_marks(checkpoint_name)
    return next((name for name in models_for(asked) if makes_marks(name) != marks), None)


def usual_settings(checkpoint_name: str) -> Settings:
    """How a model is asked where nobody says otherwise."""
    known = known_cards().get(checkpoint_name)
    return Settings() if known is None else Settings(steps=known.usual_steps)


def usual_model(asked: Domain) -> str:
    """The checkpoint that solves a puzzle where nobody chooses another; its domain's name where
    none is bundled, so that solving says what is missing."""
    return next(iter(models_for(asked)), asked.name)


def called(checkpoint_name: str) -> str:
    """A model's name in words."""
    known = known_cards().get(checkpoint_name)
    own = known is not None and checkpoint_name.startswith(PREFIX)
    return f"my own: {known.name} ({checkpoint_name[-4:]})" if own else checkpoint_name


def size_of(checkpoint_name: str) -> str:
    """How many numbers a model has, rounded, in words."""
    return in_words(parameters(checkpoint_name))


def share_of(checkpoint_name: str, kind: str) -> str:
    """The share of the puzzles of a set that a bundled model solves exactly, as its card says: of the
    first of its sets whose name holds `kind`."""
    return f"{100 * list(result_of(checkpoint_name, kind)['exact'].values())[-1]:.1f} %"


def result_of(checkpoint_name: str, kind: str) -> Mapping[str, Any]:
    """That result."""
    results = known_cards()[checkpoint_name].results
    return next(result for result in results if kind in result["set"])


def counted_on(checkpoint_name: str, kind: str) -> str:
    """What its card counts, which is a larger sample than a scene's or a curve's."""
    result = result_of(checkpoint_name, kind)
    return f"its card counts {share_of(checkpoint_name, kind)} of {result['puzzles']:,}"
