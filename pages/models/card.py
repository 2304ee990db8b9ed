"""What is known about a model: its card, and its measured curves."""

from __future__ import annotations

import json

import streamlit as st

from pages.models.field import field_places
from pages.models.known import known_cards, size_of
from pages.stage import frame, player
from pages.stage.frame import ASSETS
from pages.stage.state import PageState
from trm_core.domains import domain
from trm_core.figures.accuracy import KINDS, accuracy_figure, work_figure
from trm_core.figures.field import AXES, field_figure
from trm_core.weights.card import Card

_CURVE_WORDS = {
    False: "Extreme-class puzzles are among the hardest there are, and none was trained on.",
    True: "Dotted: the very path that the published tie-break chooses among the shortest.",
}


def show_card(checkpoint_name: str) -> None:
    """What is known about a model."""
    known = known_cards().get(checkpoint_name)
    if known is None:
        return
    st.markdown(f"**The card of {known.name}**, {size_of(checkpoint_name)} numbers. {_made(known)}")
    if known.results:
        st.table(_table(known))
    if known.command:
        st.code(known.command, language="bash")


def show_depth(state: PageState, checkpoint_name: str, steps: int) -> None:
    """What thinking longer and asking in more ways buys on many puzzles, with a marker at the depth
    that the board shows, of at most so many `steps`; nothing where that was not measured."""
    measured = accuracy_figures(checkpoint_name, frame.is_dark(), steps)
    if measured is None:
        return
    curves, figures = measured
    known = known_cards()[checkpoint_name]
    for column, (kind, figure) in zip(st.columns(len(figures)), figures.items(), strict=True):
        with column:
            player.show(figure, state.key("depth") if kind == "depth" else f"accuracy_{kind}")
    st.caption(
        f"Share of the puzzles solved, in percent, of {curves['set']} (the card counts a larger "
        "sample where it says so); the band is the 95 % interval. "
        f"{_CURVE_WORDS[domain(known.domain).rules.ambiguous]} "
        "The rules may end a solve or choose among answers; they never fill in a cell."
    )
    compared = work_of(checkpoint_name, frame.is_dark())
    if compared is not None:
        player.show(compared[1], "work")
        costs = [
            f"{c['checkpoint']} makes {c['calls']} network calls a step, {c['mflop']:.0f} MFLOP"
            for c in compared[0]
        ]
        st.caption(f"The same puzzles by the work they take. {'; '.join(costs)}.")
        _show_field(compared[0])


def map_of_the_field() -> None:
    """What models solve of the hardest Sudokus, others' and ours, against their size and their work."""
    compared = work_of("sudoku-9x9", frame.is_dark())
    if compared is not None:
        _show_field(compared[0])


def _show_field(compared: list[dict]) -> None:
    """The map of the field, with our models that were measured on the same puzzles."""
    st.markdown("**A map of the field**")
    places = field_places(compared)
    for column, axis in zip(st.columns(2), AXES, strict=True):
        with column:
            player.show(field_figure(places, axis, dark=frame.is_dark()), f"field_{axis}")
    st.caption(
        "Hollow: what others publish on Sudoku-Extreme's own test file (sources under the pointer; operations are our count "
        f"for the published shape, 16 steps of 21 calls). Filled: ours, measured on {compared[0]['set']}, puzzles of the same "
        "kind but not of the same file, with the 95 % interval; the line is one model at growing depth. Ours end once the "
        "rules accept the board (sudoku-9x9 after at most 256 steps), which the published ones did not."
    )


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


@st.cache_resource(max_entries=1, show_spinner=False)
def measured() -> dict[str, dict]:
    """The curves under assets/curves, by checkpoint."""
    paths = sorted((ASSETS / "curves").glob("*.json"))
    return {path.stem: json.loads(path.read_text()) for path in paths}


@st.cache_resource(max_entries=16, show_spinner=False)
def work_of(checkpoint_name: str, dark: bool) -> tuple[list[dict], object] | None:
    """The curves of a checkpoint and of others measured on the same puzzles, and the figure that
    compares what they cost; None where there is nothing to compare with."""
    own = measured().get(checkpoint_name)
    costed = [curves for curves in measured().values() if "calls" in curves]
    same = [curves for curves in costed if own is not None and curves["set"] == own["set"]]
    if len(same) < 2:
        return None
    compared = sorted(same, key=lambda curves: curves is not own)
    return compared, work_figure(compared, dark=dark)


@st.cache_resource(max_entries=16, show_spinner=False)
def accuracy_figures(
    checkpoint_name: str, dark: bool, steps: int
) -> tuple[dict, dict[str, object]] | None:
    """The curves measured for a checkpoint, and a figure of each kind; a marker moves along that of
    depths, up to so many `steps`."""
    curves = measured().get(checkpoint_name)
    if curves is None:
        return None
    figures = {
        kind: accuracy_figure(curves, kind, dark=dark, steps=steps if kind == "depth" else 0)
        for kind in KINDS
        if kind in curves
    }
    return curves, figures
