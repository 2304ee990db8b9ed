"""How often learning a task from nothing works, as it was measured."""

from __future__ import annotations

import streamlit as st

from pages.tasks.recorded import arc_ready, arc_results
from trm_core.record.published import ARC_1, ARC_2, HRM, TRM_ATTENTION, said
from trm_core.record.task_results import GROUPS, SIZES, TaskResult, by_group, by_size, solved


def show_results() -> None:
    results = arc_results("same-size")
    if not results:
        return
    st.header("How often does this work?", anchor=False)
    seconds = results[0].seconds
    st.markdown(
        f"Measured on {len(results)} tasks of ARC-AGI-1's evaluation set that nobody looked at while this network was "
        f"made: those that keep the grid's size, up to {max(r.size for r in results)} cells a side, "
        f"{seconds:.0f} seconds of one core each, in which several networks learn one after the other. First guess right: **{solved(results).words}**. One of two guesses: "
        f"**{solved(results, 2).words}**."
    )
    groups = by_group(results)
    st.table(
        {
            "how it ended": list(GROUPS),
            "tasks": [str(groups[group].of) for group in GROUPS],
            "first guess right": [str(groups[group].count) for group in GROUPS],
        }
    )
    st.caption(
        "So it can be told before the answer is known how far to believe it: compare the rows. Published, on all 400 evaluation tasks, two guesses: TRM "
        f"{said(TRM_ATTENTION, ARC_1)} (ARC-AGI-2: {said(TRM_ATTENTION, ARC_2)}), HRM {said(HRM, ARC_1)} ({said(HRM, ARC_2)}), after training on all tasks and a thousand rewritings of each, "
        "TRM for three days on four H100 (arXiv 2510.04871). That is another, larger exam: these figures stand beside ours, not "
        "against them."
    )
    every = arc_results("every-size")
    if every:
        _show_sizes(every)
    other = arc_results("other-size")
    if other:
        st.markdown(
            f"Where answers have **another size** and a simple rule gives it, {other[0].seconds:.0f} seconds of one core each: first guess right "
            f"{solved(other).words}, one of two guesses {solved(other, 2).words}. In {arc_ready()} of the {len(other)} the rule alone "
            "leaves nothing to learn."
        )
    with st.expander("All of them"):
        st.dataframe(_table([*results, *every, *other]), hide_index=True, width="stretch")


def _show_sizes(every: list[TaskResult]) -> None:
    """How it falls off with the size of the grids."""
    first, second = by_size(every), by_size(every, 2)
    st.markdown(
        f"**Larger grids** it mostly does not learn in that time. All {len(every)} tasks of that set that keep the grid's size, "
        f"{every[0].seconds:.0f} seconds of one core each, on another machine; first guess right: {solved(every).words}."
    )
    st.table(
        {
            "longest side": [f"{low} to {high} cells" for low, high in SIZES],
            "tasks": [str(first[size].of) for size in SIZES],
            "first guess right": [str(first[size].count) for size in SIZES],
            "one of two guesses": [str(second[size].count) for size in SIZES],
        }
    )


def _table(results: list[TaskResult]) -> dict[str, list[object]]:
    ordered = sorted(results, key=lambda r: (not r.first, not r.second, -r.share))
    return {
        "task": [r.task for r in ordered],
        "first guess": ["right" if r.first else "wrong" for r in ordered],
        "two guesses": ["right" if r.second else "wrong" for r in ordered],
        "pairs right": [f"{r.pairs_right} of {r.pairs}" for r in ordered],
        "share of the votes": [f"{100 * r.share:.0f} %" for r in ordered],
        "seconds": [r.took for r in ordered],
        "of": [r.seconds for r in ordered],
        "updates": [r.updates for r in ordered],
    }
