"""The inspector: a set of outcomes, its slices, and views of it that all show the same selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.inspector import bar, gallery, remedies
from pages.inspector import set as inspected_set
from pages.inspector.comparison import FIELDS, compared, fourfold
from pages.inspector.headline import headline, rate
from pages.inspector.progress import progress
from pages.inspector.selection import selection_words, show_bars, show_chips, shown_rows
from pages.inspector.state import InspectorState
from pages.inspector.views import show_views
from pages.models.known import result_of, share_of
from pages.stage import frame
from pages.stage.address import (
    Part,
    kept,
    listen,
    number,
    one_of,
    open_link,
    say_ignored,
    write_link,
)
from trm_core.record.outcomes import Outcomes

# What the recorded sets of the bundled Extreme puzzles are called after.
BUNDLED_EXTREME = "sudoku-9x9-extreme.csv"


def show() -> None:
    """The whole page."""
    state = InspectorState("inspect")
    frame.open_page("Inspect")
    listen(state)
    notes = st.container()
    parts = _parts()
    if open_link(state, parts):
        state.linked = True
    outcomes, files = bar.choose(state)
    progress(state)
    if outcomes is None or not len(outcomes):
        if state.working is not None:
            st.info("No puzzle is done yet: the views fill as the first ones are.")
    else:
        _show_set(state, outcomes, files)
        if state.working is None:
            state.linked = False
    with notes:
        say_ignored(state)
    write_link(state, parts)


def _show_set(state: InspectorState, outcomes: Outcomes, files: DeltaGenerator) -> None:
    """All about a set, beginning with what it says at large."""
    whole = outcomes
    pair = compared(state, outcomes)
    if pair is not None and len(pair.first) < len(outcomes):
        st.caption(f"Shown are the {len(pair.first)} puzzles that both were asked.")
    if pair is not None:
        outcomes = pair.first
    rows_N = shown_rows(state, outcomes, pair)
    bar.keep(state, files, whole, outcomes[rows_N] if rows_N.any() else whole)
    st.html(f"<p class='trm-lead trm-wide'>{headline(outcomes)}</p>")
    if state.set != inspected_set.MINE and outcomes.set_name.endswith(BUNDLED_EXTREME):
        card = result_of(outcomes.checkpoint, "extreme")
        st.caption(
            f"These are the Extreme puzzles of the page Sudoku, easier on average than the {card['puzzles']:,} of its card, of which it "
            f"solves {share_of(outcomes.checkpoint, 'extreme')} in up to {card['most_steps']:,} steps."
        )
    if pair is not None:
        st.html(f"<p class='trm-lead trm-wide'>Beside it {rate(pair.second)}.</p>")
    show_bars(state, outcomes)
    show_chips(state, outcomes, rows_N)
    if pair is not None:
        fourfold(state, pair)
    if not rows_N.any():
        st.info("No puzzle is in all of these slices. Take one of them away.")
        return
    some = outcomes[rows_N]
    gallery.show(state, some, None if pair is None else pair.second[rows_N])
    remedies.show(state, some, selection_words(state))
    show_views(state, outcomes, rows_N)


def _clear(field: str, first: object) -> Callable[[InspectorState, bool], None]:
    """A link that says nothing of it means as it was at first."""
    return lambda state, went: setattr(state, field, first)


def _parts() -> Sequence[Part]:
    known = inspected_set.bundled()
    sort = kept("sort", one_of(gallery.SORTS), usual=gallery.USUAL_SORT)
    page = kept("page", number(0, 10**9), field="page_of")
    versus = kept("versus", one_of(known))
    field = kept("field", one_of(FIELDS))
    return (
        Part(
            name="set",
            read=inspected_set.read,
            take=inspected_set.take_over,
            tell=inspected_set.told,
        ),
        Part(
            name="slice",
            read=lambda state, said: [part for part in said["slice"].split("; ") if part],
            take=lambda state, shown: setattr(state, "shown", shown),
            tell=lambda state: "; ".join(state.shown) or None,
            absent=_clear("shown", []),
        ),
        replace(kept("row", number(0, 10**9)), absent=_clear("row", None)),
        replace(
            page,
            take=lambda state, at: setattr(state, "page_of", max(0, at - 1)),
            tell=lambda state: state.page_of + 1 if state.page_of else None,
            absent=_clear("page_of", 0),
        ),
        replace(
            versus,
            tell=lambda state: versus.tell(state) if state.versus in known else None,
            absent=_clear("versus", None),
        ),
        replace(
            field,
            tell=lambda state: field.tell(state) if state.versus in known else None,
            absent=_clear("field", None),
        ),
        replace(sort, absent=_clear("sort", "")),
    )
