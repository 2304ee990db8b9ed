"""What a page remembers of its visitor: the only place that spells session keys.

`PageState("sudoku").seed` is a value; `PageState("sudoku").key("seed")` is the key of the widget that
sets it. Names are declared once, here: a misspelt one is an error at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from trm_core.domains import Domain, domain
from trm_core.figures.board import ASKED_FOR, DOUBT
from trm_core.weights.card import MARKS_STEPS, PUBLISHED_STEPS

if TYPE_CHECKING:
    from pages.shared.solving import PageRun

MOST_ADDRESSES = 200  # that are remembered
MOST_SIZES = 4  # of which a page remembers what was left on them
MOST_BYTES = 24 * 2**20  # of traces: of one puzzle, and of what was left on all sizes
LEFT = ("text", "made", "difficulty", "seed", "run", "tries")  # of a size, what is remembered

MOST_TRIES = 8  # at one puzzle
MOST_OWN = 8  # models of a visitor's own
# Marks on the board that can be shown: the layer of the figure that draws each, which is also its
# name in links, and its words. A board that shows all of them at once is hard to read.
MARKS = {
    "ground": "how sure it is",
    "changed": "just changed",
    "wrong": "wrong",
    "broken": "breaks a rule",
    "moved": "scratchpad moving",
    "doubts": f"every digit over {100 * DOUBT:.0f} %",  # not a layer: other texts in the cells
}
USUAL_MARKS = tuple(mark for mark in MARKS if mark not in (*ASKED_FOR, "doubts"))

T = TypeVar("T")


class Kept(Generic[T]):
    """A value in the visitor's session, under the page's name and its own."""

    def __init__(self, first: Callable[[], T]) -> None:
        self.first = first

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, state: PageState, owner: type | None = None) -> T:
        key = state.key(self.name)
        if key not in st.session_state:
            st.session_state[key] = self.first()
        return st.session_state[key]

    def __set__(self, state: PageState, value: T) -> None:
        st.session_state[state.key(self.name)] = value


def _none() -> Any:
    return None


# Widgets and figures that have a key and nothing to remember.
NAMELESS = {
    *(
        "accept",
        "longer",
        "ways",
        "other_form",
        "by_itself",
        "solve",
        "stop_now",
        "back",
        "painter",
        "player",
        "history",
    ),
    *(
        "lesson_figure",
        "lesson_own",
        "lesson_recording",
        "scene_before",
        "scene_next",
        "moment",
        "handout",
        "operate",
        "heal",
        "map",
        "wound",
        "train",
        "run_set",
        "stop_set",
        "set_form",
        "pin",
        "bars",
        "view",
        "thumb",
        "open_next",
        "open_before",
        "close",
        "earlier",
        "later",
        "fourfold",
        "rescue",
        "stop_rescue",
        "keep_outcomes",
        "keep_which",
        "outcomes_file",
        "compute",
    ),
    *(
        "start",
        "pause",
        "stop_training",
        "use",
        "keep_model",
        "keep_run",
        "train_form",
        "open_model",
    ),
    *("arc_pairs", "arc_loss", "arc_gates", "arc_new", "arc_grid", "arc_drop", "arc_add"),
    *("arc_copy", "arc_form", "arc_file", "arc_model", "arc_ask", "arc_replay", "arc_by_hand"),
    *("follow", "beyond", "which", "watch_variant", "run_variant"),
    *("progress", "loss", "fan", "halting", "variants", "film"),
    *("chart", "curves", "lens_figure", "movement", "path", "keep_latents", "depth", "deep"),
    *("named", "watch_beside", "size_of", "next", "leave_show", "show"),
    *("keep_gif", "keep_html", "keep_png", "keep_npz", "keep_json", "apart", "way"),
}


class PageState:
    """The state of the page whose keys begin with `page`."""

    __slots__ = ("page",)  # so that a name that is not declared can't be set either

    # What widgets set
    size = Kept[str](str)  # name of the domain on the page
    rows = Kept[int](int)
    cols = Kept[int](int)
    difficulty = Kept[str](str)
    seed = Kept[int](lambda: 1)
    example = Kept["str | None"](_none)
    typed = Kept[str](str)
    file = Kept[Any](_none)
    steps = Kept[int](lambda: PUBLISHED_STEPS)
    marks_steps = Kept[int](lambda: MARKS_STEPS)  # the same, of models with pencil marks
    stop = Kept[str](lambda: "rules")
    votes = Kept[int](lambda: 1)
    clock = Kept[str](lambda: "cycles")
    marks = Kept[list[str]](lambda: list(USUAL_MARKS))
    watched = Kept["str | None"](_none)  # id of the try that is watched
    number = Kept[int](lambda: 1)  # of the puzzle, among those of its file

    # The lesson
    scene = Kept[int](lambda: 1)  # counted from 1
    teacher = Kept[bool](bool)  # whether answers are shown without a guess
    large = Kept[bool](bool)  # whether its words are for a room
    guesses = Kept[dict[str, Any]](dict)  # by scene
    own = Kept[dict[str, Any]](dict)  # by scene, its runs with the visitor's own puzzle
    own_due = Kept["str | None"](_none)  # a scene that is to be run with it
    dial = Kept[int](int)  # where a scene's dial stands
    operate_step = Kept[int](lambda: 9)  # the step before which is operated
    operate_board = Kept[str](str)  # what y is to say there; empty while it is as it was
    operate_wipe = Kept[str](lambda: "nothing")
    unharmed = Kept["Trace | None"](_none)  # the visitor's own solve before an operation
    aftermath = Kept[str](str)  # what came of it, in words
    mapped = Kept["Basins | None"](_none)  # a map of starts drawn live
    wounded = Kept[int](int)  # how often the curve of wounds was measured live
    healed = Kept["dict[str, Any] | None"](_none)  # and what it came to last
    trainings = Kept[int](int)  # how many there were
    trained = Kept["list[Look]"](list)  # a training run live

    # The inspector
    set = Kept[str](str)  # the name of what is shown: a bundled set, or `MINE`
    wanted_set = Kept[str](str)  # the same, for the next run of the page
    mine = Kept["OwnSet | None"](_none)  # one that was run here, or is to be, or is of a file
    own_sets = Kept["dict[SetAsked, OwnSet]"](dict)  # those that were run before it
    pinned = Kept["Outcomes | None"](_none)  # kept to compare with
    versus = Kept["str | None"](_none)  # what it is compared with: a bundled set, or `PINNED`
    field = Kept["str | None"](_none)  # of the four-fold table, that is shown
    shown = Kept[list[str]](list)  # the slices that are shown, as "group: name"
    sort = Kept[str](str)
    page_of = Kept[int](int)  # of the gallery, from 0 on
    row = Kept["int | None"](_none)  # index in its set of the puzzle that is open
    working = Kept["Work | None"](_none)  # a set under way
    opened_file = Kept[str](str)  # id of the file of outcomes that was opened
    rescuing = Kept["Work | None"](_none)
    rescued = Kept[str](str)  # which slice of what the rescue is of

    # Training
    preset = Kept["str | None"](_none)
    tuned = Kept[dict[str, Any]](dict)  # the visitor's own settings
    variant = Kept["str | None"](
        lambda: "direct"
    )  # of those with one thing changed, that is looked at
    training = Kept["Training | None"](_none)  # under way, or over
    earlier_trainings = Kept["list[Training]"](list)
    recovered = Kept[str](str)  # name of a training whose server was stopped, that is looked at
    shown_run = Kept["str | None"](_none)  # a recording that is shown: a variant, or the visitor's
    kept_run = Kept["Learning | None"](_none)  # a recording from a file
    look = Kept["int | None"](_none)  # which of a run's moments is watched; the last if none
    look_at = Kept[int](int)  # the same, as its slider stands
    own_file = Kept[str](str)  # id of the file of a model or a run that was opened last
    own_problem = Kept[str](str)  # and what is wrong with it

    # ARC
    arc_view = Kept[str](str)  # where tasks are chosen from
    arc_task = Kept[str](str)  # id of the one on the page
    arc_own = Kept["Task | None"](_none)  # the visitor's own
    arc_draft = Kept["Draft | None"](_none)  # that is being made
    arc_text = Kept[str](str)
    arc_problem = Kept[str](str)  # with what was pasted last
    arc_set = Kept[str](str)
    arc_search = Kept[str](str)
    arc_filters = Kept[list[str]](lambda: ["same size"])
    arc_seconds = Kept[int](lambda: 30)
    arc_seed = Kept[int](int)
    arc_more = Kept[bool](bool)  # whether further networks learn while there is time
    arc_numbers = Kept[bool](bool)  # whether cells say their colour's number
    arc_asked = Kept["tuple[Task, PageRun] | None"](_none)  # a published model's solve, and of what
    arc_playing = Kept[bool](lambda: True)  # whether a learning is replayed
    arc_hand = Kept["Hand | None"](_none)  # what the visitor answers to a task by hand
    task_job = Kept["TaskJob | None"](_none)
    task_kept = Kept["TaskLearning | None"](_none)  # a learning from a file

    # The question
    text = Kept[str](str)  # the one truth of what is on the page
    made = Kept[str](str)  # the text that difficulty and seed came to
    readable = Kept["np.ndarray | None"](_none)  # the last board that could be read
    before = Kept["np.ndarray | None"](_none)  # the board that was replaced last
    editing = Kept[bool](bool)  # whether the painter stands on the stage though there is a solve
    version = Kept[int](int)  # counts boards that came from elsewhere than the painter
    reading = Kept["Upload | None"](_none)  # what was read from a text, a file or a picture
    source = Kept["str | bytes | None"](_none)  # that text or file, where it holds several puzzles
    file_problem = Kept["str | None"](_none)
    drawn = Kept[bool](bool)  # whether this run comes from a change in the painter

    # The solve
    run = Kept["PageRun | None"](_none)
    tries = Kept["list[PageRun]"](list)
    ask = Kept["Mapping[str, object] | None"](_none)  # settings to change for a solve that is due
    ask_beside = Kept["Mapping[str, object] | None"](_none)  # ... and of one to show beside it
    act = Kept[int](int)  # of the show, which one is played
    latents = Kept[bool](bool)  # whether solves keep their scratchpads
    tab = Kept["str | None"](_none)  # that is open under the stage
    under_way = Kept["UnderWay | None"](_none)
    stopped = Kept[bool](bool)
    solves = Kept[int](int)  # how many there were

    # What is looked at, and the address
    beside = Kept["str | None"](_none)  # id of the try that is shown beside the watched one
    cell = Kept["int | None"](_none)  # that the lens looks into
    frame = Kept["int | None"](_none)  # that a link asks for
    went = Kept["dict[str, str] | None"](_none)  # the address that the visitor went back to
    heard = Kept[int](
        int
    )  # how many presses of the browser's Back and Forward the page has heard of
    ignored = Kept[list[str]](list)  # what a link said badly
    linked = Kept[bool](bool)  # whether what is shown is still what a link said
    addresses = Kept["deque[dict[str, str]]"](lambda: deque(maxlen=MOST_ADDRESSES))

    left = Kept[dict[str, dict[str, Any]]](dict)  # by size, what was on it

    def __init__(self, page: str) -> None:
        self.page = page

    def key(self, name: str) -> str:
        """The session key of a declared name."""
        assert name in NAMELESS or isinstance(vars(PageState).get(name), Kept), name
        return f"{self.page}_{name}"

    def widget(self, name: str) -> str:
        """The same, for a widget that begins with what is remembered."""
        getattr(self, name)  # puts the first value there
        return self.key(name)

    def model_key(self, asked: Domain) -> str:
        """The key of the choice of a model for one kind and size of puzzle."""
        return f"{self.page}_model_{asked.name}"

    @property
    def opened(self) -> bool:
        """Whether the page has been opened before."""
        return bool(self.size)

    @property
    def domain(self) -> Domain:
        """What is on the page."""
        return domain(self.size)

    def take(self, name: str) -> Any:
        """A value that counts once: it is forgotten as it is read."""
        value = getattr(self, name)
        setattr(self, name, vars(PageState)[name].first())
        return value

    def leave(self) -> None:
        """Remember what is on the present size, and forget what was left longest ago; where the traces
        are too heavy, those of the other sizes go first."""
        left = {size: kept for size, kept in self.left.items() if size != self.size}
        left[self.size] = {name: getattr(self, name) for name in LEFT}
        left = dict(list(left.items())[-MOST_SIZES:])
        heavy = [size for size in left if size != self.size]
        while heavy and sum(_bytes(kept["tries"]) for kept in left.values()) > MOST_BYTES:
            size = heavy.pop(0)
            run = left[size]["run"]
            light = run is not None and run.recorded  # is shared by all visitors
            left[size] = left[size] | {"run": run if light else None, "tries": [run] * light}
        self.left = left

    def add_try(self, run: PageRun) -> None:
        """Keep a run beside the others of its puzzle, in place of one asked the same way, and watch
        it. The oldest go when they are too many or too heavy."""
        others = [
            other
            for other in self.tries
            if run.is_of(other.trace.domain, other.trace.question_board)
            and other.try_id != run.try_id
        ]
        tries = [*others, run][-MOST_TRIES:]
        while len(tries) > 1 and _bytes(tries) > MOST_BYTES:
            tries = tries[1:]
        self.tries, self.run = tries, run


def _bytes(tries: list[PageRun]) -> int:
    return sum(run.trace.nbytes for run in tries)


def arrive(title: str) -> None:
    """Note which page a visitor is on."""
    st.session_state["arrived"] = st.session_state.get("page") != title
    st.session_state["page"] = title


def arrived() -> bool:
    """Whether this run is the visitor's first on this page since another one."""
    return st.session_state["arrived"]


def visitor() -> str:
    """Who looks at the page: one name for each open tab."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else "nobody"


def own_names() -> list[str]:
    """The names of the visitor's own models, the newest first."""
    return st.session_state.get("own_models", [])


def remember_own(name: str) -> None:
    """Note that a model is the visitor's own."""
    st.session_state["own_models"] = [name, *(n for n in own_names() if n != name)][:MOST_OWN]
