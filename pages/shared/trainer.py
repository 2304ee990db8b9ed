"""The page on which one trains: what is to be learnt, how it goes, what the weights of every moment can do, and what
becomes of them."""

from __future__ import annotations

import html

import streamlit as st

from pages.shared import caches, frame, link, live_chart, own_models, player, saved, variants
from pages.shared.frame import as_sentence, data_url, is_dark
from pages.shared.solving import PageRun, verdict_html
from pages.shared.stage import stage
from pages.shared.state import USUAL_MARKS, PageState
from pages.shared.training import Training, TrainingAsked, put_aside, tell_place
from trm_core.domains import PuzzleError, counted, domain
from trm_core.domains.maze import maze_size
from trm_core.figures import training as views
from trm_core.network.config import ConfigError
from trm_core.record.learning import Learning, Look
from trm_core.training.small import DOMAINS, FORMS, PRESETS, RANGES, VARIANTS, small_recipe
from trm_core.weights.card import CheckpointError

OWN = "own"  # settings of one's own, instead of a preset
MINE = "mine"  # the run that was trained or opened here
OPENING = "6x6"  # the recording that the page opens with
EVERY = 1.5  # seconds between two looks at a training
FILM = 8  # boards of the film
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


def show() -> None:
    """The whole page."""
    state = PageState("train")
    frame.open_page("Train")
    link.listen(state)
    state.marks = [*USUAL_MARKS, "wrong"]
    _open_link(state)
    st.html(
        "<p class='trm-lead trm-wide'><b>Make your own tiny model.</b> It begins with random numbers and learns from 1,000 "
        "puzzles, made for it, here, on this machine, while you watch.</p>"
    )
    asked = _choose(state)
    training = state.training
    _controls(state, training, asked)
    if training is not None and state.shown_run in (None, MINE):
        _own_run(state, training)
    else:
        _recorded_run(state)
    variants.show(state)
    _beyond(state)
    _write_link(state)


# What is to be trained


def _choose(state: PageState) -> TrainingAsked | None:
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


def _preset_chosen(state: PageState) -> None:
    """Show the recording of what is chosen, also where a run of one's own is over."""
    if state.preset in PRESETS and (state.training is not None or state.kept_run is not None):
        _show_run(state, state.preset)


def _measured(name: str) -> str:
    """What a preset came to when it was recorded."""
    run, card = caches.learnings().get(name), caches.small_cards().get(f"small-{name}")
    if run is None or card is None:
        return ""
    result = card.results[0]
    return (
        f"When it was recorded, on one core, it solved {100 * list(result['solved_by_step'].values())[-1]:.1f} % of "
        f"{result['set']} after {run.looks[-1].seconds:.0f} seconds of learning."
    )


def _own_settings(state: PageState) -> TrainingAsked | None:
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
        words = str(error)
        for name, (label, _) in LABELS.items():
            words = words.replace(f"{name} must", f"{label} must")
        st.error(as_sentence(words))
        return None
    return TrainingAsked(recipes=((domain(size).title, recipe),), seed=int(seed))


def _controls(state: PageState, training: Training | None, asked: TrainingAsked | None) -> None:
    """Begin, pause, go on, stop."""
    busy = training is not None and (training.running or training.paused)
    with st.container(horizontal=True, vertical_alignment="center"):
        if not busy:
            st.button(
                "Train it from nothing",
                type="primary",
                icon=":material/model_training:",
                key=state.key("start"),
                disabled=asked is None,
                on_click=begin,
                args=(state, asked),
            )
        elif training.running:
            st.button(
                "Pause", icon=":material/pause:", key=state.key("pause"), on_click=training.pause
            )
        else:
            st.button(
                "Go on",
                type="primary",
                icon=":material/play_arrow:",
                key=state.key("pause"),
                on_click=_go_on,
                args=(state, training),
            )
        if busy:
            st.button(
                "Stop, and keep what it has learnt",
                icon=":material/stop:",
                key=state.key("stop_training"),
                on_click=training.stop,
            )
        with st.popover("Open", icon=":material/folder_open:"):
            _open_file(state)
        if state.earlier_trainings:
            with st.popover("Earlier", icon=":material/history:"):
                st.caption("What you trained before. It stays until the tab is closed.")
                _earlier(state)
        own = training is not None or state.kept_run is not None
        if own and state.shown_run not in (None, MINE):
            st.button(
                "Back to your own run",
                icon=":material/undo:",
                key=state.key("back"),
                on_click=_show_run,
                args=(state, MINE),
            )


def _go_on(state: PageState, training: Training) -> None:
    training.go_on()
    _show_run(state, MINE)


def _show_run(state: PageState, name: str | None) -> None:
    """Another run, from its last moment; one under way is followed live."""
    state.shown_run, state.look = name, None


def begin(state: PageState, asked: TrainingAsked) -> None:
    """Train; what was trained before is put aside."""
    put_aside(state)
    state.training, state.kept_run = Training(asked), None
    _show_run(state, MINE)


def _back_to(state: PageState, training: Training) -> None:
    state.earlier_trainings = [t for t in state.earlier_trainings if t is not training]
    put_aside(state)
    state.training, state.kept_run = training, None
    _show_run(state, MINE)


def _earlier(state: PageState) -> None:
    """What was trained before, to go back to."""
    for training in state.earlier_trainings:
        run = training.learnings[0]
        st.button(
            f"{run.name}, {counted(run.looks[-1].update, 'update')}: {100 * run.looks[-1].solved_S[-1]:.0f} % solved",
            key=f"{state.key('earlier')}_{training.name}",
            on_click=_back_to,
            args=(state, training),
            type="tertiary",
        )


# How it goes


def _own_run(state: PageState, training: Training) -> None:
    if training.running and training.place:
        tell_place(training, "trainings run")
        return
    runs = training.learnings
    looked = bool(runs) and all(run.looks for run in runs)
    if training.running and (state.look is None or not looked):
        _under_way(state, training)
        return
    if training.running:
        _meanwhile(state, training)
    if training.error:
        kept = "What it had learnt by its last look stands." if looked else ""
        st.error(f"It could not go on: {training.error}. {kept}", icon=":material/error:")
    elif training.paused:
        words = "Look around among its moments, or go on." if looked else ""
        st.info(f"Paused. {words}", icon=":material/pause:")
    elif not looked:
        st.info("It was stopped before it had learnt anything. Here is a recording instead.")
    if not looked:
        if not training.running:
            _recording(state, state.preset)
        return
    _own_heading(runs)
    _watch(state, runs, f"own-{training.name}")
    if training.finished or training.stopped or training.error:
        _use(state, training, runs)


def _own_heading(runs: list[Learning]) -> None:
    st.subheader(f"Your run: {' beside '.join(run.name for run in runs)}", anchor=False)


@st.fragment(run_every=EVERY)
def _under_way(state: PageState, training: Training) -> None:
    """What a training is at, drawn anew every second or two."""
    runs = training.learnings
    looked = bool(runs) and all(run.looks for run in runs)
    if not training.running or training.place or (state.look is not None and looked):
        st.rerun()
    if not looked:
        with st.container(key="stage_train_begin"):  # as high as what comes, so that nothing jumps
            st.progress(0.0, "Making the puzzles to learn from, and the ones to be tested on …")
        return
    _own_heading(runs)
    run = runs[0]
    done = sum(map(_done, runs)) / len(runs)
    st.progress(done, _how_far(runs))
    board, charts = st.columns([2, 3], gap="large")
    with board:
        look = run.looks[-1]
        source = data_url(views.probe_board(look.trace, dark=is_dark()).encode(), "image/svg+xml")
        words = (
            f"A puzzle it never learns from, as it solves it after {counted(look.update, 'update')}"
        )
        st.html(f"<p class='trm-says'>{words}: {_outcome(look)}.</p>")
        st.html(f"<img class='trm-probe' alt='{html.escape(words)}' src='{source}'>")
        st.caption("Brown cells are wrong: clues too, where it has written over them.")
    with charts:
        _charts(state, runs, None)
    _film(state, run)


@st.fragment(run_every=EVERY)
def _meanwhile(state: PageState, training: Training) -> None:
    """How far it is, while one looks at a moment of before."""
    if not training.running:
        st.rerun()
    runs = training.learnings
    st.progress(sum(_done(each) for each in runs) / len(runs), _how_far(runs))
    if st.button("Follow it live", icon=":material/visibility:", key=state.key("follow")):
        state.look = None
        st.rerun()


def _done(run: Learning) -> float:
    return run.ticks[-1].update / run.updates if run.ticks else 0.0


def _how_far(runs: list[Learning]) -> str:
    """How far a training is, and how fast."""
    words = []
    for run in runs:
        if not run.ticks:
            return "The first updates are under way …"
        tick = run.ticks[-1]
        rate = tick.update / max(tick.seconds, 1e-9)
        left = (run.updates - tick.update) / rate
        told = f"update {tick.update:,} of {run.updates:,}, {rate:.1f} updates and "
        told += f"{tick.puzzles / max(tick.seconds, 1e-9):.0f} puzzles finished a second, {left:.0f} s left"
        words.append(f"{run.name}: {told}" if len(runs) > 1 else told[0].upper() + told[1:])
    return "; ".join(words)


def _outcome(look: Look) -> str:
    right = look.trace.right("steps")
    if look.trace.solved:
        return "solved"
    wrong = int((~right[-1]).sum()) if right is not None else 0
    return f"{counted(wrong, 'cell')} wrong"


def _charts(state: PageState, runs: list[Learning], at: int | None) -> None:
    """The four views of a run; of two, those that can be compared."""
    run, dark = runs[0], is_dark()
    other = runs[1] if len(runs) > 1 else None
    drawn = {
        "What it solves": ("progress", views.progress_figure(run, at, dark=dark, other=other)),
        "How wrong it is": ("loss", views.loss_figure(run, at, dark=dark, other=other)),
        "How long it must think": ("fan", views.looks_figure(run, dark=dark)),
        "Whether it knows": ("halting", views.halting_figure(run, at, dark=dark)),
    }
    columns = st.columns(2, gap="medium")
    for k, (title, (name, figure)) in enumerate(drawn.items()):
        with columns[k % 2]:
            st.markdown(f"**{title}**" + (f" ({run.name})" if other and k > 1 else ""))
            if at is None:
                live_chart.show(figure, f"{state.key(name)}_now")
            else:
                player.show(figure, state.key(name), f"{state.key(name)}_chart", height="content")


def _film(state: PageState, run: Learning) -> None:
    """The probe at some moments of the run; a click on one watches its solve."""
    looks = views.some_looks(run.looks, FILM)
    st.markdown("**The same puzzle, by the weights of every moment**: click one to watch it think")
    with st.container(key="stage_film"):
        for column, look in zip(st.columns(FILM), looks, strict=False):
            with column:
                source = data_url(
                    views.probe_board(look.trace, dark=is_dark()).encode(), "image/svg+xml"
                )
                words = f"after {look.update:,}: {_outcome(look)}"
                st.html(f"<img class='trm-small-board' alt='{words}' src='{source}'>")
                st.button(
                    words,
                    key=f"{state.key('film')}_{look.update}",
                    type="tertiary",
                    on_click=setattr,
                    args=(state, "look", run.looks.index(look)),
                )


# What the weights of a moment can do


def _recover(state: PageState, name: str) -> None:
    """Take up what a training had learnt whose server was stopped."""
    found = saved.load(name)
    if found is not None:
        state.recovered, state.kept_run = name, found
        _show_run(state, MINE)


def _recovered(state: PageState, run: Learning) -> None:
    """What is left of a training that went on elsewhere."""
    update = run.looks[-1].update
    if update >= run.updates:
        st.info("This run learnt to its end. Here it is again.", icon=":material/history:")
    else:
        st.warning(
            f"This run ended after {update:,} of {counted(run.updates, 'update')}. What it had learnt by then is here.",
            icon=":material/power_off:",
        )
    name = state.recovered
    with st.container(horizontal=True):
        if st.button(
            "Solve with what it had learnt",
            icon=":material/play_arrow:",
            key=state.key("use"),
        ):
            try:
                _solve_with(own_models.add(*saved.model(name)), run)
            except CheckpointError:
                st.error("Its weights were kept for a day, and are gone now: train it again.")
        st.download_button(
            "Keep the weights",
            lambda: own_models.as_file(*saved.model(name)),  # where no session is
            f"my-{run.domain_name}.safetensors",
            key=state.key("keep_model"),
            icon=":material/download:",
            on_click="ignore",
        )


def _recorded_run(state: PageState) -> None:
    """A run that was recorded: a bundled one, or one from a file."""
    name = state.shown_run or state.preset
    if name != MINE:
        _recording(state, name)
        return
    run = state.kept_run
    if run is None:
        return
    if state.recovered:
        _recovered(state, run)
    st.subheader(f"A run that was kept: {run.name}", anchor=False)
    _watch(state, [run], f"recorded-{name}-{state.own_file}")


def _recording(state: PageState, name: str) -> None:
    """A bundled recording, or that of the first sight."""
    name = name if name in caches.learnings() else OPENING
    run = caches.learnings().get(name)
    if run is None:
        return
    title = PRESETS[name].title.split(": ")[1] if name in PRESETS else VARIANTS[name].title
    st.subheader(f"A recording: {title}", anchor=False)
    st.caption(
        f"The recording of a real run: {run.updates:,} updates, {run.ticks[-1].seconds:.0f} seconds of learning. Train your "
        "own above.",
        help=f"`{run.about['command']}`",
    )
    _watch(state, [run], f"recorded-{name}-")


def _watch(state: PageState, runs: list[Learning], run_id: str) -> None:
    """A run that goes on no more: any of its moments, and what its weights make of the probe."""
    run = runs[0]
    last = len(run.looks) - 1
    at = last if state.look is None else min(state.look, last)
    shown = []
    for each in runs:
        look = min(each.looks, key=lambda one: abs(one.seconds - run.looks[at].seconds))
        told = f"{each.name}, after {counted(look.update, 'update')}"
        shown.append(
            PageRun(look.trace, f"{run_id}-{each.name}-{look.update}", False, told, run_id)
        )
    state.clock = "steps"
    parts = stage(lesson=len(shown))
    with parts.act:
        if last:
            state.look_at = at
            st.select_slider(
                "Weights after so many updates",
                range(last + 1),
                format_func=lambda k: f"{run.looks[k].update:,}",
                key=state.widget("look_at"),
                on_change=lambda: setattr(state, "look", state.look_at),
            )
        look = run.looks[at]
        st.html(
            f"<p class='trm-lead'>After <b>{counted(look.update, 'update')}</b> ({look.seconds:.0f} s of learning) it "
            f"solves <b>{100 * look.solved_S[-1]:.0f} %</b> of {run.tests} fresh puzzles, a quick check. This one: {_outcome(look)}.</p>"
        )
    player.play(state, parts, shown, tools=False)
    with parts.verdict:
        for each in shown:
            st.html(_verdict_html(each))
    if len(shown) == 1:
        with parts.curves:
            player.curves(state, shown)
    _charts(state, runs, at)
    _film(state, run)


def _verdict_html(run: PageRun) -> str:
    """What a solve came to that was given all its steps, whatever it answered."""
    right = run.trace.right("steps")
    if not run.trace.solved or right is None:
        return verdict_html(run)
    settled = 1 + max(step for step, each in enumerate(right) if not each.all())
    words = f"Right from step {settled} on"
    return (
        f"<div class='trm-verdict good'><p><b>{words}</b></p><p>It was given {counted(run.trace.steps, 'step')}, and "
        "stays with its answer.</p></div>"
    )


# What becomes of it


def _use(state: PageState, training: Training, runs: list[Learning]) -> None:
    """Solve with it, keep it."""
    st.subheader("Use it", anchor=False)
    which = 0
    if len(runs) > 1:
        which = st.segmented_control(
            "Which of them",
            range(len(runs)),
            format_func=lambda k: runs[k].name,
            default=0,
            required=True,
            key=state.key("which"),
        )
    run = runs[which]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Solve with my model",
            type="primary",
            icon=":material/play_arrow:",
            key=state.key("use"),
        ):
            with st.spinner("Testing it on fresh puzzles, to write its card …"):
                name = own_models.add(*training.result(which))
            _solve_with(name, run)
        st.download_button(
            "Keep the weights",
            lambda: own_models.as_file(*training.result(which)),
            f"my-{run.domain_name}.safetensors",
            key=state.key("keep_model"),
            icon=":material/download:",
            on_click="ignore",
            help="A checkpoint as those of this project: send it to a friend, who opens it on a puzzle's page "
            "(Settings) or here.",
        )
        st.download_button(
            "Keep the recording",
            run.as_bytes,
            f"my-{run.domain_name}-learning.npz",
            key=state.key("keep_run"),
            icon=":material/download:",
            on_click="ignore",
        )


def _solve_with(name: str, run: Learning) -> None:
    """Go to the puzzle's page with a model of one's own and the run's probe."""
    look = run.looks[-1].trace
    page = "pages/mazes.py" if maze_size(run.domain_name) else "pages/sudoku.py"
    puzzle = look.domain.format(look.question_board)
    query = {"size": run.domain_name, "model": name, "puzzle": puzzle, "solved": "1"}
    st.switch_page(page, query_params=query)


def _open_file(state: PageState) -> None:
    """A recording kept before; or a model, which then solves."""
    file = st.file_uploader(
        "A recording of a training (.npz), or a model (.safetensors), as they are kept here",
        key=state.key("open_model"),
    )
    if file is None:
        return
    if state.own_file == file.file_id:
        if state.own_problem:
            st.error(state.own_problem)
        return
    state.own_file, state.own_problem = file.file_id, ""
    try:
        if file.name.endswith(".safetensors"):
            name = own_models.add_file(file.getvalue())
            card = own_models.cards()[name]
            page = "pages/mazes.py" if maze_size(card.domain) else "pages/sudoku.py"
            st.switch_page(page, query_params={"size": card.domain, "model": name})
        state.kept_run = Learning.load(file.getvalue(), file.name)
    except (PuzzleError, CheckpointError) as error:
        state.own_problem = as_sentence(error)
        st.error(state.own_problem)
        return
    put_aside(state)
    _show_run(state, MINE)
    st.rerun()


def _beyond(state: PageState) -> None:
    """The same idea at full size."""
    if st.toggle("At full size: what a GPU would need", key=state.key("beyond")):
        variants.full_size(state)


def _open_link(state: PageState) -> None:
    said, _ = link.wish(state)
    if said is None:
        return
    if "training" in said and state.training is None:
        _recover(state, said["training"])
    if said.get("preset") in (*PRESETS, OWN):
        state.preset = said["preset"]
    if said.get("run") in caches.learnings():
        look = said.get("look", "")
        state.shown_run = said["run"]
        state.look = int(look) if look.isascii() and look.isdigit() and len(look) < 6 else None
    link.granted(state)


def _write_link(state: PageState) -> None:
    said = {"preset": state.preset}
    if state.training is not None or state.recovered:
        said["training"] = state.training.name if state.training is not None else state.recovered
    if state.shown_run in caches.learnings():
        said["run"] = state.shown_run
        if state.look is not None:
            said["look"] = str(state.look)
    link.write(state, said)
