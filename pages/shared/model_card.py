"""Which bundled model solves, and what is known about it: its card, and its measured curves."""

from __future__ import annotations

import streamlit as st

from pages.shared import caches, frame, own_models, player
from pages.shared.state import PageState
from trm_core.domains import Domain, domain
from trm_core.solving.settings import Settings
from trm_core.weights import card
from trm_core.weights.card import Card

_CURVE_WORDS = {
    False: "Extreme-class puzzles are among the hardest there are, and none was trained on.",
    True: "Dotted: the very path that the published tie-break chooses among the shortest.",
}


def fitting(asked: Domain) -> list[str]:
    """The models that can be asked a puzzle, the usual one first, the visitor's own last."""
    own = own_models.cards()
    return [
        *card.fitting(caches.cards(), asked),
        *(name for name, known in own.items() if known.reading(asked) is not None),
    ]


def makes_marks(checkpoint_name: str) -> bool:
    """Whether a model's answers are made of pencil marks."""
    known = caches.known_cards().get(checkpoint_name)
    return known is not None and known.makes_marks


def other_form(checkpoint_name: str, asked: Domain) -> str | None:
    """A checkpoint of the other form, pencil marks or the published one, that can be asked this
    puzzle, if there is one."""
    marks = makes_marks(checkpoint_name)
    return next((name for name in fitting(asked) if makes_marks(name) != marks), None)


def usual_settings(checkpoint_name: str) -> Settings:
    """How a model is asked where nobody says otherwise."""
    known = caches.known_cards().get(checkpoint_name)
    return Settings() if known is None else Settings(steps=known.usual_steps)


def usual(asked: Domain) -> str:
    """The checkpoint that solves a puzzle where nobody chooses another; its domain's name where
    none is bundled, so that solving says what is missing."""
    return next(iter(fitting(asked)), asked.name)


def choose(state: PageState, asked: Domain) -> str:
    """The name of the checkpoint to solve with; a choice only where several are bundled. Says so
    where it reads a larger canvas."""
    place = st.container()
    came = own_models.open_here(state, asked)
    names = fitting(asked)
    if came in names:
        st.session_state[state.model_key(asked)] = came
    elif came is not None:
        st.warning(f"This model can't be asked a {asked.title}.")
    with place:
        name = usual(asked) if len(names) < 2 else _choice(state, asked, names)
    known = caches.known_cards().get(name)
    reading = None if known is None else known.reading(asked)
    if reading is not None and reading.model.cells > asked.cells:
        st.caption(
            f"The model {name} reads {reading.model.rows} × {reading.model.cols} cells: to it, this "
            "puzzle stands in the middle of them, with walls around."
        )
    return name


def _choice(state: PageState, asked: Domain, names: list[str]) -> str:
    return st.radio(
        "Model",
        names,
        format_func=called,
        captions=[_in_short(name, asked) for name in names],
        help="The published form writes a digit into every cell at once, and mends it. The form with "
        "pencil marks strikes candidates, guesses, sees contradictions and takes back.",
        key=state.model_key(asked),
        persist_state="session",
    )


def called(checkpoint_name: str) -> str:
    """A model's name in words."""
    known = caches.known_cards().get(checkpoint_name)
    own = known is not None and checkpoint_name.startswith(own_models.PREFIX)
    return f"my own: {known.name} ({checkpoint_name[-4:]})" if own else checkpoint_name


def _in_short(name: str, asked: Domain) -> str:
    card = caches.known_cards()[name]
    results = card.results_on(card.reading(asked).domain)
    best = results[-1] if results else None
    form = "Pencil marks" if card.makes_marks else "Published form"
    words = f"{form}, {size(name)} numbers; "
    if card.reading(asked) is not card:
        words += f"made for a {domain(card.domain).title}; "
    if best is None:
        return f"{words}not measured yet"
    return f"{words}{100 * list(best['exact'].values())[-1]:.1f} % of {best['set']}"


def show(checkpoint_name: str) -> None:
    """What is known about a model."""
    known = caches.known_cards().get(checkpoint_name)
    if known is None:
        return
    st.markdown(f"**The card of {known.name}**, {size(checkpoint_name)} numbers. {_made(known)}")
    if known.results:
        st.table(_table(known))
    if known.command:
        st.code(known.command, language="bash")


def show_depth(state: PageState, checkpoint_name: str, steps: int) -> None:
    """What thinking longer and asking in more ways buys on many puzzles, with a marker at the depth
    that the board shows, of at most so many `steps`; nothing where that was not measured."""
    measured = caches.accuracy(checkpoint_name, frame.is_dark(), steps)
    if measured is None:
        return
    curves, figures = measured
    known = caches.known_cards()[checkpoint_name]
    for column, (kind, figure) in zip(st.columns(len(figures)), figures.items(), strict=True):
        with column:
            player.show(figure, state.key("depth") if kind == "depth" else f"accuracy_{kind}")
    st.caption(
        f"Share of the puzzles solved, in percent, of {curves['set']} (the card counts a larger "
        "sample where it says so); the band is the 95 % interval. "
        f"{_CURVE_WORDS[domain(known.domain).rules.ambiguous]} "
        "The rules may end a solve or choose among answers; they never fill in a cell."
    )
    compared = caches.work(checkpoint_name, frame.is_dark())
    if compared is not None:
        player.show(compared[1], "work")
        costs = [
            f"{c['checkpoint']} makes {c['calls']} network calls a step, {c['mflop']:.0f} MFLOP"
            for c in compared[0]
        ]
        st.caption(f"The same puzzles by the work they take. {'; '.join(costs)}.")


def size(checkpoint_name: str) -> str:
    """How many numbers a model has, rounded, in words."""
    count = caches.parameters(checkpoint_name)
    return f"{count / 1e6:.1f} million" if count >= 1e6 else f"{round(count, -3):,}"


def share_of(checkpoint_name: str, kind: str) -> str:
    """The share of the puzzles of a set that a bundled model solves exactly, as its card says: of the
    first of its sets whose name holds `kind`."""
    results = caches.known_cards()[checkpoint_name].results
    result = next(result for result in results if kind in result["set"])
    return f"{100 * list(result['exact'].values())[-1]:.1f} %"


def _made(card: Card) -> str:
    """How the weights came to be, as far as the card says."""
    words = f"Trained on {card.data}" if card.data else "Nothing is said about its training"
    if card.minutes is not None:
        words += f", for {card.minutes:g} minutes on one {card.hardware}"
    return f"{words}."


def _table(card: Card) -> dict[str, list[str]]:
    """The results, a row each; what the rules say only where that may differ from "exact"."""
    table = {
        "Measured on": [result["set"] for result in card.results],
        "Solved exactly": [_share(result) for result in card.results],
    }
    if domain(card.domain).rules.ambiguous:
        table["Any best answer"] = [
            _percent(result["solved"], result["solved_interval"]) for result in card.results
        ]
        table["Any valid answer"] = [f"{100 * result['valid']:.1f} %" for result in card.results]
    return table


def _share(result) -> str:
    return _percent(list(result["exact"].values())[-1], result["interval"])


def _percent(share: float, interval) -> str:
    low, high = (100 * bound for bound in interval)
    return f"{100 * share:.1f} % ({low:.1f} to {high:.1f})"
