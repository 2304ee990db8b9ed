"""Home: what this is in one sentence, a real solve already playing, and where to go."""

import streamlit as st

from pages.models.field import field_table
from pages.models.known import steps_of
from pages.puzzle import show
from pages.puzzle.state import ShowState
from pages.stage import frame, player
from pages.stage.address import listen
from pages.stage.layout import stage
from pages.stage.run import recorded_run
from pages.stage.state import PageState

# Of the bundled extreme puzzles one that the bundled model does not solve; a test holds it.
FAILURE = 493

DOORS = [
    (
        "pages/sudoku.py",
        "Solve a Sudoku",
        ":material/grid_on:",
        "Draw, paste or photograph a Sudoku and let the model solve it.",
        {},
    ),
    (
        "pages/mazes.py",
        "Draw a maze",
        ":material/route:",
        "Draw walls, a start and a goal, and watch the path appear.",
        {},
    ),
    (
        "pages/learn.py",
        "Learn how it thinks",
        ":material/school:",
        "Nine short scenes with real runs: guess first, then watch.",
        {},
    ),
    (
        "pages/sudoku.py",
        "See it fail",
        ":material/search:",
        "A puzzle too hard for it: where it goes wrong, and what more thinking buys.",
        {
            "size": "sudoku-9x9",
            "difficulty": "extreme",
            "seed": str(FAILURE),
            "model": "sudoku-9x9",
            "solved": "1",
        },
    ),
    (
        "pages/train.py",
        "Train your own",
        ":material/model_training:",
        "A tiny model from random numbers, learning while you watch: one to five minutes.",
        {},
    ),
    (
        "pages/arc.py",
        "Give it an ARC task",
        ":material/lightbulb:",
        "A network from nothing learns one task's rule from its examples, while you watch.",
        {},
    ),
    (
        "pages/inspect.py",
        "Inspect its failures",
        ":material/troubleshoot:",
        "Whole sets of puzzles: which kind fails, whether the model knows it, and what brings them back.",
        {},
    ),
]

frame.open_page("Watch a tiny model think")
if show.asked_for():
    show.show(ShowState("show"))
    st.stop()
run = recorded_run("home")
state = PageState("home")
listen(state, bare=True)
parts = stage()
player.play(state, parts, [run], tools=False)

with parts.act:
    for page, label, icon, help, query in DOORS:
        kind = "primary" if label == DOORS[0][1] else "secondary"
        if st.button(label, icon=icon, help=help, type=kind):
            st.switch_page(page, query_params=query)
    help = "Recorded solves as large as the screen, for a room: from an easy puzzle to a failure and its rescue"
    st.button(
        "Demo", icon=":material/slideshow:", help=help, on_click=show.begin, key=state.key("show")
    )
with parts.curves:
    player.curves(state, [run])
with parts.verdict:
    st.html(
        "<p class='trm-lead'><b>One small network improves its own answer, again and again.</b> It "
        "thinks on a scratchpad, writes what it believes on the board, says how sure it is that it "
        "is done, and starts over. Orange rings show where it changed its mind. The digits are the "
        "network's alone; the rules of Sudoku only end the solve once nothing is broken.</p>"
    )
    st.html(player.marks_legend(state, run.trace.domain, False))

st.subheader("Less is more", anchor=False)
st.markdown(
    "Share of puzzles solved exactly, as published "
    "([arXiv 2510.04871](https://arxiv.org/abs/2510.04871), tables 4 and 5), and by the models bundled "
    "here, which are smaller still and were trained by this project on a CPU:"
)
st.table(field_table())
st.caption(
    "TRM is two networks, one for Sudoku and one for mazes and ARC. Ours: on puzzles of the same kinds that no model saw in training; more in "
    "each model's card (Model tab). With pencil marks it may take up to "
    f"{steps_of('sudoku-marks', 'extreme')} steps, until the rules accept its board; the others take 16."
)
