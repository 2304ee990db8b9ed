"""The inspector: a set of outcomes, its slices, and views of it that all show the same selection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import frame, gallery, inspected_set, link, player, remedies
from pages.shared.frame import is_dark
from pages.shared.state import PageState
from trm_core.domains import counted
from trm_core.figures import inspect as views
from trm_core.record.diagnosis import MEANINGS
from trm_core.record.outcomes import Outcomes
from trm_core.record.slices import GROUPS, mcnemar, slices, wilson_interval

FIELDS = ("both", "only the first", "only the second", "neither")


@dataclass(frozen=True, eq=False)
class Pair:
    """The set that is shown beside another model's or other settings' outcomes of the same puzzles."""

    first: Outcomes
    second: Outcomes  # row by row the same puzzles

    @property
    def fields_N(self) -> np.ndarray:
        """Of every puzzle, which of `FIELDS` it is in."""
        first_N, second_N = self.first.solved_N, self.second.solved_N
        every = (first_N & second_N, first_N & ~second_N, ~first_N & second_N)
        return np.select(every, FIELDS[:3], FIELDS[3])


def show() -> None:
    """The whole page."""
    state = PageState("inspect")
    frame.open_page("Inspect")
    link.listen(state)
    notes = st.container()
    _open_link(state)
    outcomes, files = inspected_set.choose(state)
    inspected_set.progress(state)
    if outcomes is None or not len(outcomes):
        if state.working is not None:
            st.info("No puzzle is done yet: the views fill as the first ones are.")
    else:
        _show_set(state, outcomes, files)
        if state.working is None:
            state.linked = False
    with notes:
        link.say_ignored(state)
    _write_link(state)


def _show_set(state: PageState, outcomes: Outcomes, files: DeltaGenerator) -> None:
    """All about a set, beginning with what it says at large."""
    whole = outcomes
    pair = _compared(state, outcomes)
    if pair is not None and len(pair.first) < len(outcomes):
        st.caption(f"Shown are the {len(pair.first)} puzzles that both were asked.")
    if pair is not None:
        outcomes = pair.first
    rows_N = _shown(state, outcomes, pair)
    inspected_set.keep(state, files, whole, outcomes[rows_N] if rows_N.any() else whole)
    st.html(f"<p class='trm-lead trm-wide'>{headline(outcomes)}</p>")
    if pair is not None:
        st.html(f"<p class='trm-lead trm-wide'>Beside it {rate(pair.second)}.</p>")
    _bars(state, outcomes)
    _chips(state, outcomes, rows_N)
    if pair is not None:
        _fourfold(state, pair)
    if not rows_N.any():
        st.info("No puzzle is in all of these slices. Take one of them away.")
        return
    some = outcomes[rows_N]
    gallery.show(state, some, None if pair is None else pair.second[rows_N])
    remedies.show(state, some, _words(state))
    _views(state, outcomes, rows_N)


def rate(outcomes: Outcomes) -> str:
    """Who was asked what, and how many of them it solved."""
    count, solved = len(outcomes), int(outcomes.solved_N.sum())
    low, high = (100 * bound for bound in wilson_interval(solved / count, count))
    return (
        f"<b>{outcomes.checkpoint}</b> on {_named(outcomes)}, up to "
        f"{counted(outcomes.most_steps, 'step')}: <b>{100 * solved / count:.1f} % solved</b> "
        f"(95 % interval {low:.1f} to {high:.1f})"
    )


def headline(outcomes: Outcomes) -> str:
    """The set in a few sentences: how many are solved, how most of the others end, whether the model knows."""
    told = f"{rate(outcomes)}."
    failed = outcomes[~outcomes.solved_N]
    if not len(failed):
        return f"{told} None failed."
    if len(failed) == 1:
        said = (
            "says that it is done"
            if failed.said_done_N[0]
            else "knows: it does not say that it is done"
        )
        return f"{told} One failed, “{failed.end_N[0]}”; it {said}."
    kinds, counts = np.unique(failed.end_N, return_counts=True)
    most = int(counts.argmax())
    unsaid = int((~failed.said_done_N).sum())
    knows = f"It knows of {unsaid} of the {len(failed)} failures: there it does not say that it is done."
    return (
        f"{told} The commonest kind of failure is “{kinds[most]}” ({counts[most]} of {len(failed)}). {knows} "
        f"{hardest(outcomes)}"
    )


def hardest(outcomes: Outcomes) -> str:
    """Where it fails most often, as far as the numbers tell; nothing where there is one difficulty."""
    found = slices(outcomes, "hard")
    if len(found) < 2:
        return ""
    failed_N = ~outcomes.solved_N
    shares = [float(failed_N[each.rows_N].mean()) for each in found]
    bounds = [wilson_interval(share, len(e)) for share, e in zip(shares, found, strict=True)]
    worst, best = int(np.argmax(shares)), int(np.argmin(shares))
    if bounds[worst][0] > max(high for k, (_, high) in enumerate(bounds) if k != worst):
        return f"Hardest for it: {found[worst].name}, where {100 * shares[worst]:.0f} % fail."
    if bounds[worst][0] > bounds[best][1]:
        return (
            f"It fails more often where puzzles are {found[worst].name} ({100 * shares[worst]:.0f} %) than where "
            f"they are {found[best].name} ({100 * shares[best]:.0f} %)."
        )
    return "How hard a puzzle is rated makes no clear difference: the intervals overlap."


def _named(outcomes: Outcomes) -> str:
    """The set in words; where this is a part of it, how many of it."""
    count = counted(len(outcomes), "puzzle")
    if not outcomes.set_name:
        return count
    whole = outcomes.set_name.startswith(f"{len(outcomes)} ")
    return outcomes.set_name if whole else f"{count} of the {outcomes.set_name}"


def _compared(state: PageState, outcomes: Outcomes) -> Pair | None:
    """What the set is compared with, where that holds the same puzzles."""
    other = inspected_set.versus(state)
    pair = None if other is None else matched(outcomes, other)
    if other is not None and pair is None:
        st.caption(
            "There is nothing to compare: it was asked other puzzles. Run it on the same ones (*Run a set*)."
        )
    return pair


def matched(first: Outcomes, second: Outcomes) -> Pair | None:
    """Both, cut to the puzzles that both were asked; None where there are none."""
    if first.domain_name != second.domain_name:
        return None
    at = {question.tobytes(): n for n, question in enumerate(second.question_NL)}
    found = [(n, at[q.tobytes()]) for n, q in enumerate(first.question_NL) if q.tobytes() in at]
    if not found:
        return None
    mine, others = np.array(found).T
    return Pair(first[mine], second[others])


def _shown(state: PageState, outcomes: Outcomes, pair: Pair | None) -> np.ndarray:
    """Which puzzles are in all slices that were chosen, bool."""
    rows_N = np.ones(len(outcomes), dtype=bool)
    every = _slices(outcomes)
    if state.working is None:  # else a slice may still come
        known = [name for name in state.shown if name in every]
        if known != state.shown and state.linked:
            state.ignored = [*state.ignored, "slice"]
        if known != state.shown:
            state.shown = known
    for name in state.shown:
        rows_N &= every.get(name, ~rows_N)
    if pair is not None and state.field in FIELDS:
        rows_N &= pair.fields_N == state.field
    return rows_N


def _slices(outcomes: Outcomes) -> dict[str, np.ndarray]:
    """All slices by the names that links and chips say."""
    found = {
        f"{group}: {each.name}": each.rows_N for group in GROUPS for each in slices(outcomes, group)
    }
    return found | {"end: failed": ~outcomes.solved_N}


def _bars(state: PageState, outcomes: Outcomes) -> None:
    """The three ways to cut the set; a bar that is clicked is shown alone, clicked again no more."""
    kinds = "\n".join(f"- **{kind}**: {words}" for kind, words in MEANINGS.items())
    helps = {
        "end": f"How a solve that failed ended, decided by its last quarter of steps:\n{kinds}",
        "says": "After every step the halting head says how sure it is that all is right. Over 50 % counts as “done”.",
        "hard": f"Rated in {outcomes.domain.rules.rated_by}, in bins of about as many puzzles each; where ratings tell "
        "nothing apart, by how many cells are given.",
    }
    for column, group in zip(st.columns(len(GROUPS), gap="large"), GROUPS, strict=True):
        with column:
            title = f"By {GROUPS[group]}" + ": share that fails" * (group == "hard")
            st.markdown(f"**{title}**", help=helps[group])
            prefix = f"{group}: "
            chosen = [n.removeprefix(prefix) for n in state.shown if n.startswith(prefix)]
            figure = views.bars_figure(
                slices(outcomes, group),
                chosen[0] if chosen else None,
                ~outcomes.solved_N if group == "hard" else None,
                dark=is_dark(),
            )
            _clickable(
                figure,
                state.key("bars") + f"_{group}",
                lambda name, group=group: _toggle(state, group, str(name)),
            )


def _clickable(
    figure: object,
    key: str,
    on_click: Callable[[object], None],
    on_nothing: Callable[[], None] | None = None,
) -> None:
    """A figure whose points tell what they are when they are clicked."""
    chart = f"{key}_chart"

    def told() -> None:
        points = st.session_state[chart]["selection"]["points"]
        said = [point["customdata"] for point in points if point.get("customdata") is not None]
        if said:
            on_click(said[0][0] if isinstance(said[0], list) else said[0])
        elif not points and on_nothing is not None:  # a second click takes the choice away
            on_nothing()

    player.show(figure, key, chart, height="content", on_select=told, selection_mode="points")


def _toggle(state: PageState, group: str, name: str) -> None:
    """Show one slice of a group, instead of another one of it; or all again."""
    others = [each for each in state.shown if not each.startswith(f"{group}: ")]
    wanted = f"{group}: {name}"
    state.shown = others if wanted in state.shown else [*others, wanted]
    state.page_of, state.row = 0, None


def _chips(state: PageState, outcomes: Outcomes, rows_N: np.ndarray) -> None:
    """The slices that are shown; also the way to choose them without a mouse."""
    every = _slices(outcomes)
    counts = {name: int(chosen_N.sum()) for name, chosen_N in every.items()}

    def changed() -> None:
        state.page_of, state.row = 0, None

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Only puzzles that are in all of",
            [*every, *(name for name in state.shown if name not in every)],
            format_func=lambda name: f"{name.split(': ', 1)[1]} ({counts.get(name, 0)})",
            key=state.widget("shown"),
            on_change=changed,
            placeholder="all puzzles: click a bar, or choose slices here",
            persist_state="session",
        )
        low, high = wilson_interval(float(rows_N.mean()), len(rows_N))
        told = f"**{counted(int(rows_N.sum()), 'puzzle')}** of {len(rows_N)}: {100 * rows_N.mean():.1f} % "
        told += f"({100 * low:.1f} to {100 * high:.1f})"
        st.markdown(f"**All {len(rows_N)} puzzles**" if rows_N.all() else told)


def _words(state: PageState) -> str:
    """The selection, in words."""
    chosen = [name.split(": ", 1)[1] for name in state.shown]
    return (
        ", ".join([*chosen, *([f"solved by {state.field}"] if state.field else [])])
        or "all puzzles"
    )


def _fourfold(state: PageState, pair: Pair) -> None:
    """Both models on the same puzzles, and whether the difference can be chance."""
    fields_N = pair.fields_N
    counts = {field: int((fields_N == field).sum()) for field in FIELDS}
    first, second = (f"{each.checkpoint}" for each in (pair.first, pair.second))
    if first == second:
        first, second = (f"{o.checkpoint}, {o.most_steps} steps" for o in (pair.first, pair.second))
    table, words = st.columns([1, 1], gap="large")
    with table:
        figure = views.fourfold_figure(counts, (first, second), dark=is_dark())

        def chosen(field: object) -> None:
            state.field = None if state.field == field else str(field)
            state.page_of, state.row = 0, None

        def lift() -> None:
            state.field = None

        _clickable(figure, state.key("fourfold"), chosen, lift)
    with words:
        chance = mcnemar(counts["only the first"], counts["only the second"])
        likely = "less than 1 in 10,000" if chance < 1e-4 else f"{chance:.3g}"
        st.markdown(
            f"**{first}** alone solves {counts['only the first']}, **{second}** alone "
            f"{counts['only the second']}. If both were equally good, so uneven a split would have a chance of {likely} "
            "(exact McNemar test)."
        )
        st.segmented_control(
            "Show only",
            FIELDS,
            format_func=lambda field: f"{field} ({counts[field]})",
            key=state.widget("field"),
            persist_state="session",
        )
        if chance > 0.05:
            st.caption("A difference like this can well be chance.")


def _views(state: PageState, every: Outcomes, rows_N: np.ndarray) -> None:
    """What the puzzles of these rows have in common, beside the whole set."""
    some = None if rows_N.all() else every[rows_N]
    shown, dark, at = every if some is None else some, is_dark(), state.row

    def open_row(index: object) -> None:
        state.row = int(str(index))

    drawn: Mapping[str, tuple[object, Callable[[object], None] | None]] = {
        "What thinking longer buys": (views.depth_view(every, some, dark=dark), None),
        "When it says it is done": (views.halting_view(shown, dark=dark), None),
        "Whether that is true": (views.reliability_view(shown, dark=dark), None),
        "How they ended, by difficulty": (
            views.hardness_view(every, rows_N, dark=dark),
            lambda name: _toggle(state, "hard", str(name)),
        ),
        "Last scratchpads (click one to open it)": (
            views.latents_view(shown, at, dark=dark),
            open_row,
        ),
        "At rest, or still moving (click one)": (
            views.residual_view(shown, at, dark=dark),
            open_row,
        ),
        "Where errors sit": (views.places_view(shown, dark=dark), None),
    }
    st.subheader("What they have in common", anchor=False)
    columns = st.columns(3, gap="large")
    for k, (title, (figure, on_click)) in enumerate(drawn.items()):
        with columns[k % 3]:
            st.markdown(f"**{title}**")
            key = state.key("view") + f"_{k}"
            if on_click is None:
                player.show(figure, key, height="content")
            else:
                _clickable(figure, key, on_click)
    if shown.pins_N.any():
        with columns[len(drawn) % 3]:
            st.markdown("**What its pencil marks did**")
            st.table(marks_table(shown))


def marks_table(outcomes: Outcomes) -> dict[str, list[str]]:
    """What pencil marks came to, on average: solved and failed puzzles side by side."""
    parts = {"solved": outcomes[outcomes.solved_N], "failed": outcomes[~outcomes.solved_N]}
    parts = {name: part for name, part in parts.items() if len(part)}
    rows = {
        "goes": lambda o: f"{o.goes_N.mean() + 1:.1f}",
        "guesses": lambda o: f"{o.pins_N.mean():.1f}",
        "contradictions seen rightly": lambda o: f"{o.dead_right_N.mean():.2f}",
        "contradictions seen wrongly": lambda o: f"{o.dead_wrong_N.mean():.2f}",
        "lost a true candidate at first by a guess": lambda o: (
            f"{100 * o.strayed_by_guess_N.mean():.0f} %"
        ),
        "... by striking it": lambda o: (
            f"{100 * ((o.strayed_at_N > 0) & ~o.strayed_by_guess_N).mean():.0f} %"
        ),
        "step of the first such, median": lambda o: (
            f"{np.median(o.strayed_at_N[o.strayed_at_N > 0]):.0f}"
            if (o.strayed_at_N > 0).any()
            else "–"
        ),
    }
    return {"per puzzle": list(rows)} | {
        name: [tell(part) for tell in rows.values()] for name, part in parts.items()
    }


def _open_link(state: PageState) -> None:
    said, _ = link.wish(state)
    if said is None:
        return
    ignored = [] if inspected_set.take_over(state, said) else ["set"]
    state.shown = [part for part in said.get("slice", "").split("; ") if part]
    state.row = _number(said, "row", ignored)
    state.page_of = max(0, (_number(said, "page", ignored) or 1) - 1)
    state.versus = _one_of(said, "versus", inspected_set.bundled(), ignored)
    state.field = _one_of(said, "field", FIELDS, ignored)
    state.sort = _one_of(said, "sort", gallery.SORTS, ignored) or ""
    state.ignored, state.linked = ignored, True
    link.granted(state)


def _number(said: Mapping[str, str], name: str, ignored: list[str]) -> int | None:
    text = said.get(name)
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 9:
        return int(text)
    ignored.append(name)
    return None


def _one_of(
    said: Mapping[str, str], name: str, known: Collection[str], ignored: list[str]
) -> str | None:
    text = said.get(name)
    if text is not None and text not in known:
        ignored.append(name)
        return None
    return text


def _write_link(state: PageState) -> None:
    said = inspected_set.told(state)
    if state.shown:
        said["slice"] = "; ".join(state.shown)
    if state.versus in inspected_set.bundled():
        said["versus"] = state.versus
        if state.field:
            said["field"] = state.field
    if state.sort and state.sort != gallery.USUAL_SORT:
        said["sort"] = state.sort
    if state.page_of:
        said["page"] = str(state.page_of + 1)
    if state.row is not None:
        said["row"] = str(state.row)
    link.write(state, said)
