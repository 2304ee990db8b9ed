"""What the page Train remembers: what is to be trained, what is trained, and which run is looked at."""

from __future__ import annotations

from typing import Any

from pages.stage.state import Kept, PageState, nothing
from pages.trainer.training import Training

MINE = "mine"  # the run that was trained or opened here
MOST_EARLIER = 4  # trainings that a visitor has beside the one of now


class TrainerState(PageState):
    """The state of the page."""

    __slots__ = ()

    preset = Kept["str | None"](nothing)
    tuned = Kept[dict[str, Any]](dict)  # the visitor's own settings
    # Of the variants with one thing changed, the one that is looked at.
    variant = Kept["str | None"](lambda: "direct")
    training = Kept["Training | None"](nothing)  # under way, or over
    earlier_trainings = Kept[list[Training]](list)
    recovered = Kept[str](str)  # name of a training whose server was stopped, that is looked at
    # A recording that is shown: a variant, or the visitor's.
    shown_run = Kept["str | None"](nothing)
    kept_run = Kept["Learning | None"](nothing)  # a recording from a file
    look = Kept["int | None"](nothing)  # which of a run's moments is watched; the last if none

    def show_run(self, name: str | None) -> None:
        """Another run, from its last moment; one under way is followed live."""
        self.shown_run, self.look = name, None

    def put_aside(self) -> None:
        """Stop the training of now, and keep what it has learnt among the earlier ones."""
        old, self.training, self.recovered = self.training, None, ""
        if old is None:
            return
        old.stop()
        if old.learnings and all(run.looks for run in old.learnings):
            self.earlier_trainings = [old, *self.earlier_trainings][:MOST_EARLIER]
