"""What is to be trained: a preset, or settings of one's own."""

from __future__ import annotations

import streamlit as st

from pages.models.known import small_cards
from pages.stage.frame import as_sentence
from pages.trainer.recorded import learnings
from pages.trainer.state import TrainerState
from pages.trainer.training import TrainingAsked
from trm_core.domains import domain
from trm_core.domains.maze.domain import maze_size
from trm_core.network.config import ConfigError
from trm_core.training.small import DOMAINS, FORMS, PRESETS, RANGES, small_recipe

OPENING = "6x6"  # the recording that the page opens with
OWN = "own"  # settings of one's own, instead of a preset
LABELS = {
    "width": ("Width", "Features of every state: the more, the more it can tell apart."),
    "latent_updates": ("n: refinements of z", "Network calls that refine the scratchpad, a cycle."),
    "cycles": ("T: cycles a step", "How often it thinks and writes before it is judged."),
    "supervision_steps": ("Supervision steps", "How long it may work on a puzzle in training."),
    "updates": ("Updates", "How often the weights move. This is the length of the training."),
    "batch": ("Puzzles at a time", "More are steadier, fewer are faster."),
    "lr": (
        "Learning rate",
        "How far an update moves the weights. Too much, and it forgets or diverges.",
    ),
}


def choose_settings(state: TrainerState) -> TrainingAsked | None:
    """A preset or settings of one's own; None, with a sentence, where they can't be."""
    names = [*PRESETS, OWN]
    if state.preset not in names:
        state.preset = OPENING
    st.segmented_control(
        "What it is to learn",
        names,
        format_func=lambda name: "your own settings" if name == OWN else PRESETS[name].title,
        key=state.widget("preset"),
        required=True,
        persist_state="session",
        on_change=_preset_chosen,
        args=(state,),
        disabled=state.training is not None and state.training.running,
    )
    if state.preset != OWN:
        preset = PRESETS[state.preset]
        st.caption(f"{preset.words} {_measured(state.preset)}")
        return TrainingAsked(recipes=((preset.title.split(": ")[1], preset.recipe),))
    return _own_settings(state)


def _preset_chosen(state: TrainerState) -> None:
    """Show the recording of what is chosen, also where a run of one's own is over."""
    if state.preset in PRESETS and (state.training is not None or state.kept_run is not None):
        state.show_run(state.preset)


def _measured(name: str) -> str:
    """What a preset came to when it was recorded."""
    run, card = learnings().get(name), small_cards().get(f"small-{name}")
    if run is None or card is None:
        return ""
    result = card.results[0]
    return (
        f"When it was recorded, on one core, it solved {100 * list(result['solved_by_step'].values())[-1]:.1f} % of "
        f"{result['set']} after {run.looks[-1].seconds:.0f} seconds of learning."
    )


def _own_settings(state: TrainerState) -> TrainingAsked | None:
    key, kept = state.key("train_form"), dict(state.tuned)

    def remembered(name: str, usual: object) -> object:
        return kept.get(name, usual)

    first, second = st.columns(2)
    size = first.selectbox(
        "Puzzle",
        DOMAINS,
        index=DOMAINS.index(remembered("domain", "sudoku-4x4")),
        format_func=lambda name: domain(name).title,
        key=f"{key}_domain",
    )
    forms = list(FORMS) if maze_size(size) is None else ["features"]
    form = second.selectbox(
        "Model",
        forms,
        index=forms.index(remembered("form", forms[0])) if kept.get("form") in forms else 0,
        format_func=FORMS.get,
        key=f"{key}_form_{len(forms)}",
    )
    usual = small_recipe(size, form)
    starts = {
        "width": usual.model.width,
        "latent_updates": 8 if form == "candidates" else usual.model.latent_updates,
        "cycles": usual.model.cycles,
        "supervision_steps": 32 if form == "candidates" else usual.model.supervision_steps,
        "updates": usual.updates,
        "batch": usual.batch,
    }
    values: dict[str, float] = {}
    places = st.columns(4)
    for k, (name, start) in enumerate(starts.items()):
        label, words = LABELS[name]
        values[name] = places[k % 4].number_input(
            label,
            value=remembered(f"{name} {size} {form}", start),
            step=1,
            key=f"{key}_{name}_{size}_{form}",
            help=f"{words} {RANGES[name][0]:g} to {RANGES[name][1]:,g}.",
            disabled=name == "cycles" and form == "candidates",
        )
    values["lr"] = places[2].number_input(
        LABELS["lr"][0],
        value=remembered(f"lr {size} {form}", usual.lr),
        format="%.4f",
        step=0.001,
        key=f"{key}_lr_{size}_{form}",
        help=LABELS["lr"][1],
    )
    low, high = RANGES["seed"]
    seed = places[3].number_input(
        "Seed",
        low,
        high,
        remembered("seed", 0),
        key=f"{key}_seed",
        help="Of the puzzles and of the first weights: the same seed learns alike.",
    )
    state.tuned = kept | {"domain": size, "form": form, "seed": seed}
    state.tuned |= {f"{name} {size} {form}": value for name, value in values.items()}
    missing = [LABELS[name][0] for name, value in values.items() if value is None]
    if missing or seed is None:
        st.error(f"A number is missing: {', '.join([*missing, *(['Seed'] * (seed is None))])}.")
        return None
    try:
        recipe = small_recipe(size, form, **values)
    except ConfigError as error:
        st.error(as_sentence(error.called({name: label for name, (label, _) in LABELS.items()})))
        return None
    return TrainingAsked(recipes=((domain(size).title, recipe),), seed=int(seed))
