"""How it learnt."""

import numpy as np

from pages.lesson.experiments import train_live
from pages.lesson.scene import Dial, Figure, Guess, Material, Scene
from trm_core.domains import counted
from trm_core.figures.live import live_board
from trm_core.figures.shares import shares_figure
from trm_core.figures.training import fan_figure

MOMENTS = (
    *("learnt-0", "learnt-100", "learnt-140", "learnt-150"),
    *("learnt-160", "learnt-170", "learnt-180", "learnt-200"),
)


def _moments(material: Material) -> list[dict]:
    return material.measured["learning"]["moments"]


def _figure(material: Material, dark: bool) -> object:
    solved = {
        moment["update"]: {int(step): share for step, share in moment["solved"].items()}
        for moment in _moments(material)
        if any(moment["solved"].values())
    }
    return fan_figure(solved, dark=dark)


def _over_time(material: Material, dark: bool) -> object:
    moments = _moments(material)
    seconds = [moment["seconds"] for moment in moments]
    shares = [max(moment["solved"].values()) for moment in moments]
    guess = material.guess
    return shares_figure(
        [("solved", seconds, shares)],
        "seconds of learning",
        up="solved",
        dark=dark,
        points=[] if guess is None else [("your guess", guess, 0.95)],
    )


def _done(material: Material) -> dict:
    """The first moment at which it solves nearly all."""
    return next(m for m in _moments(material) if max(m["solved"].values()) >= 0.95)


def _before(material: Material) -> dict:
    """The last moment before that one at which it was looked at."""
    moments = _moments(material)
    return moments[moments.index(_done(material)) - 1]


def _seen(material: Material) -> str:
    moments = _moments(material)
    blank = max(m["update"] for m in moments if max(m["solved"].values()) < 0.1)
    done = _done(material)
    return (
        f"Up to update {blank} it solved hardly any of {material.measured['learning']['set']}; at update "
        f"{done['update']}, after {done['seconds']:.0f} seconds, {100 * max(done['solved'].values()):.0f} %. It comes "
        "suddenly."
    )


def _more(material: Material) -> str:
    return (
        "What it needs several steps for at first it soon does in one. In the middle, thinking longer can even hurt: it "
        "has not yet learnt to leave a right board alone."
    )


def _moment(material: Material, place: int) -> str:
    """What the weights of a moment can do: of the recorded run, or of the visitor's own."""
    if material.looks:
        look = material.looks[place]
        solved, seconds = look.solved, look.seconds
    else:
        solved, seconds = (_moments(material)[place][name] for name in ("solved", "seconds"))
    return (
        f"{'Your run' if material.looks else 'It'} has learnt for {counted(round(seconds), 'second')} and solves "
        f"{100 * max(solved.values()):.0f} of 100 fresh puzzles. Of this one {_wrong(material.wrong_at_end(MOMENTS[place]))}."
    )


def _wrong(cells: int) -> str:
    if not cells:
        return "no cell is wrong"
    return f"{counted(cells, 'cell')} {'is' if cells == 1 else 'are'} wrong (brown)"


def _answered(material: Material, place: int, dark: bool) -> str:
    """The board that the weights of a moment come to, what breaks a rule in the colour of what is wrong."""
    trace = material.runs[MOMENTS[place]]
    question_RC = trace.question_board
    answer_RC, right = trace.domain.board(trace.answer_CL[-1]), trace.right("steps")
    unchanged_RC = np.zeros(question_RC.shape, bool)
    wrong_RC = unchanged_RC if right is None else ~right[-1].reshape(question_RC.shape)
    return live_board(
        trace.domain, question_RC, answer_RC, unchanged_RC, wrong_RC=wrong_RC, dark=dark
    )


SCENE = Scene(
    name="learning",
    title="How it learnt",
    minutes=6,
    say="None of this was programmed: it came from examples. Train one, live, while you talk.",
    takeaway="Nothing of this was programmed: it came from examples, and came suddenly.",
    words=(
        "A network with random numbers knows nothing: its first board is noise.",
        "After <b>every step</b> its answer is compared with the solution, and every weight (a number in the network) is "
        "moved a little towards a better one. One such move is an update; this way is called deep supervision.",
        "This is one real run on 4 × 4 boards, on one core; the same puzzle is asked again with the weights of "
        "each moment.",
    ),
    trials=(),
    steps=MOMENTS,
    clock="steps",
    todo="Move through the training, and play each moment. Then train one yourself, below.",
    guess=Guess(
        question="After how many seconds of learning does it solve 95 of 100 puzzles?",
        answer=lambda material: round(_done(material)["seconds"]),
        least=lambda material: round(_before(material)["seconds"]),
        low=1,
        high=120,
        unit="seconds",
    ),
    seen=_seen,
    more=_more,
    figures=(
        Figure(
            draw=_over_time,
            caption="Solved of 100 fresh puzzles within 1, 2, 4 or 8 steps, whichever serves best, by the seconds it had learnt.",
        ),
        Figure(
            draw=_figure,
            caption="Solved by the number of steps, after so many updates; the later, the stronger the line. Moments at "
            "which it solves none are left out.",
            further=True,
        ),
    ),
    curves=("cells right", "how sure"),
    dial=Dial(
        label="Weights after so many updates",
        places=tuple(name.removeprefix("learnt-") for name in MOMENTS),
        first=0,
        words=_moment,
        picture=_answered,
    ),
    live=train_live,
    formally="""
$$\\mathcal L_s = \\mathrm{CE}(f_O(y_s), y_\\text{true}) + \\tfrac12\\,\\mathrm{BCE}(q_s, [\\hat y_s = y_\\text{true}])$$
$$\\theta \\leftarrow \\theta - \\eta\\,\\nabla_\\theta \\mathcal L_s \\quad \\text{after each step } s$$

One update for every step, $(y_s, z_s)$ detached in between (in truth by AdamW; published: AdamATan2, and a stablemax loss).

The gradient sees the last of the *T* cycles of each step and nothing before it (`TinyRecursiveModel._gradient_at`); what came
before only sets the stage. The run is `train sudoku-any-4x4`, the weights are those of the moment, not averaged
(`lesson/learning.py`; `training/learner.py`: `Learner.learn`).
""",
)
