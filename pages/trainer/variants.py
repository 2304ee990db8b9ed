"""What happens if one thing is changed: recorded runs of the small model beside each other, and any of them live."""

from __future__ import annotations

import streamlit as st

from pages.models.known import small_cards, small_result, small_seeds, tell_broken
from pages.stage import player
from pages.stage.frame import is_dark
from pages.trainer.recorded import learnings
from pages.trainer.state import TrainerState
from pages.trainer.training import Training, TrainingAsked
from trm_core.domains import counted
from trm_core.figures.training import seeds_figure, variants_figure
from trm_core.record.learning import Learning
from trm_core.record.published import ONE_STATE, SUDOKU, TRM_MLP, said
from trm_core.training.recipe import recipe
from trm_core.training.small import VARIANTS, variant_recipe

PLAIN = "recursion"
LIVE_SECONDS = 60.0  # of learning, each of two side by side
FULL_SIZE = "sudoku-9x9-large"
FULL_SIZE_COMMAND = "python -m trm_core train sudoku-9x9-large --csv extreme.csv"


def show(state: TrainerState) -> None:
    """The recorded variants, and the way to run one."""
    tell_broken(of_small=True)
    recorded = _recorded()
    if PLAIN not in recorded:
        return
    runs = {VARIANTS[name].title: run for name, run in recorded.items()}
    st.header("What happens if", anchor=False)
    took = [run.ticks[-1].seconds for run in runs.values()]
    st.markdown(
        "The same network for 6 × 6, the same puzzles, the same seed, about as long on one core "
        f"({min(took):.0f} to {max(took):.0f} seconds of learning), and one thing changed."
    )
    names = [name for name in recorded if name != PLAIN]
    chosen = st.pills(
        "One thing changed",
        names,
        format_func=lambda name: VARIANTS[name].title,
        key=state.widget("variant"),
        persist_state="session",
    )
    chart, words = st.columns([3, 2], gap="large")
    with words:
        if chosen is not None:
            _tell(state, chosen)
        else:
            st.caption("Choose one: what it changes, how it went, and to run it yourself.")
    with chart:
        shown = [VARIANTS[name].title for name in (PLAIN, chosen) if name and chosen]
        figure = variants_figure(runs, shown, dark=is_dark())
        player.show(figure, state.key("variants"), height="content")
    seeds = {VARIANTS[name].title: small_seeds(name).percents for name in recorded}
    figure = seeds_figure(seeds, shown, dark=is_dark())
    player.show(figure, state.key("variant_seeds"), height="content")
    plain = small_result(PLAIN)
    st.caption(
        f"Curves: a quick check on {next(iter(runs.values())).tests} puzzles, of the recorded run alone. Dots: {plain['set']}, a dot "
        f"for each of {counted(len(seeds[VARIANTS[PLAIN].title]), 'seed')} (first numbers and puzzles to learn from), the recorded "
        "run ringed, the middle one a line. At "
        f"full size the paper finds one state worse ({said(ONE_STATE, SUDOKU)} instead of {said(TRM_MLP, SUDOKU)})."
    )
    st.table(table())


def table() -> dict[str, list[object]]:
    """What each variant came to."""
    runs = _recorded()
    return {
        "one thing changed": [VARIANTS[name].title for name in runs],
        "what that is": [VARIANTS[name].words for name in runs],
        "fresh puzzles solved": [small_seeds(name).words for name in runs],
        "after one step": [
            f"{100 * next(iter(small_result(name)['solved_by_step'].values())):.1f} %"
            for name in runs
        ],
        "updates": [f"{run.updates:,}" for run in runs.values()],
        "numbers in the network": [f"{run.parameters:,}" for run in runs.values()],
    }


def _recorded() -> dict[str, Learning]:
    """The variants' recordings, by name; those whose weights are there too."""
    runs, cards = learnings(), small_cards()
    return {name: runs[name] for name in VARIANTS if name in runs and f"small-{name}" in cards}


def _tell(state: TrainerState, name: str) -> None:
    found, plain = small_seeds(name), small_seeds(PLAIN)
    of = f"{small_result(name)['set']}, the middle of {counted(len(found.percents), 'seed')}"
    st.markdown(
        f"**{VARIANTS[name].title}.** {VARIANTS[name].words} It {found.against(plain)}: **{found.words}** of {of}; the recursion as "
        f"it is **{plain.words}**."
    )

    def watch() -> None:
        state.shown_run, state.look = name, None

    def run() -> None:
        state.put_aside()
        recipes = tuple((VARIANTS[each].title, variant_recipe(each)) for each in (PLAIN, name))
        asked = TrainingAsked(recipes=recipes, seconds=LIVE_SECONDS)
        state.training, state.kept_run = Training(asked), None
        state.shown_run, state.look = None, None

    with st.container(horizontal=True):
        st.button("Watch its recording", key=state.key("watch_variant"), on_click=watch)
        st.button(
            "Run both live, side by side",
            key=state.key("run_variant"),
            icon=":material/model_training:",
            on_click=run,
            help=f"From nothing, with the same first numbers, {LIVE_SECONDS:.0f} seconds of learning each, in turns, "
            "and looks at both in between: three to four minutes in all.",
        )


def full_size(state: TrainerState) -> None:
    """The command that trains at full size, and what it would take: an estimate from what was measured here."""
    from trm_core.measuring.throughput import step_work

    large, small = recipe(FULL_SIZE), variant_recipe(PLAIN)
    measured = learnings().get(PLAIN)
    work = large.updates * large.batch * step_work(large.model, learning=True)
    st.code(FULL_SIZE_COMMAND, language="bash")
    st.markdown(
        "After arXiv 2601.19085, which took 46.7 minutes on one RTX 5090 for 8,000 updates; this recipe, which this "
        f"project has never run: {large.updates:,} updates of {large.batch} puzzles, **{work / 1e15:,.0f} PFLOP** of "
        "useful work."
    )
    if measured is not None:
        tick = measured.ticks[-1]
        rate = tick.update * small.batch * step_work(small.model, learning=True) / tick.seconds
        days = work / rate / 86_400
        st.markdown(
            f"At the {rate / 1e9:.1f} GFLOP a second that one core made when the small model was recorded, that is an "
            f"estimated **{days:,.0f} days** of such a core. On several GPUs, `torchrun --nproc-per-node 8 -m trm_core "
            "train …` trains one model with so many times the puzzles in an update."
        )
    speed, price = st.columns(2)
    tflops = speed.number_input(
        "A GPU's useful TFLOP a second (an assumption)",
        1.0,
        1000.0,
        60.0,
        key=f"{state.key('train_form')}_tflops",
    )
    dollars = price.number_input(
        "Price of its hour, in dollars", 0.0, 100.0, 2.0, key=f"{state.key('train_form')}_price"
    )
    hours = work / (tflops * 1e12) / 3600
    st.markdown(
        f"On such a GPU: an estimated **{hours:.1f} hours** and **{hours * dollars:.2f} dollars**."
    )
