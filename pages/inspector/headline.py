"""What a set says at large, in sentences."""

from __future__ import annotations

import html

import numpy as np

from pages.models.known import called
from trm_core.domains import counted
from trm_core.record.outcomes import Outcomes
from trm_core.record.slices import slices, wilson_interval


def rate(outcomes: Outcomes) -> str:
    """Who was asked what, and how many of them it solved."""
    count, solved = len(outcomes), int(outcomes.solved_N.sum())
    low, high = (100 * bound for bound in wilson_interval(solved / count, count))
    return (
        f"<b>{html.escape(called(outcomes.checkpoint))}</b> on {html.escape(_named(outcomes))}, up to "
        f"{counted(outcomes.most_steps, 'step')}: <b>{100 * solved / count:.1f} % solved</b> "
        f"({'any shortest path counts; ' * outcomes.domain.rules.ambiguous}95 % interval {low:.1f} to {high:.1f})"
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
    knows = f"It knows of {unsaid} of the {len(failed)} failures: there it does not say, after its last step, that it is done."
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
