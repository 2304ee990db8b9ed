"""Home: what this is in one line, a real solve already playing, three doors, and the story in order."""

import streamlit as st

from pages.models.card import map_of_the_field
from pages.models.field import field_table
from pages.models.known import bundled_cards, tell_broken
from pages.models.story import MARKS, OURS, claim, depth, failure, idea, marks, table_words
from pages.puzzle import show
from pages.puzzle.state import ShowState
from pages.stage import frame, player
from pages.stage.address import listen
from pages.stage.layout import stage
from pages.stage.run import recorded_run
from pages.stage.state import PageState

# Of the bundled extreme puzzles one that the published form does not solve, and the one with pencil marks does after
# going back; a test holds it.
FAILURE = {"size": "sudoku-9x9", "difficulty": "extreme", "seed": "464", "solved": "1"}

DOORS = [  # the three uses: page, label, icon, words, and what the address says
    (
        "sudoku",
        "Show it a puzzle",
        ":material/grid_on:",
        "Draw, paste or photograph a Sudoku, and watch it think.",
        {},
    ),
    (
        "learn",
        "Learn how it thinks",
        ":material/school:",
        "Nine short scenes with real runs: guess first, then watch.",
        {},
    ),
    (
        "inspect",
        "Inspect its failures",
        ":material/troubleshoot:",
        "Whole sets of puzzles: which kind fails, whether the model knows it, and what brings them back.",
        {"set": OURS},
    ),
]
MORE = [
    ("mazes", "Mazes", "Draw walls, a start and a goal."),
    ("train", "Train your own", "A tiny model from random numbers, learning while you watch."),
    ("arc", "ARC", "A network from nothing learns one task's rule from its examples."),
]

frame.open_page("Watch a tiny model think")
if show.asked_for():
    show.show(ShowState("show"))
    st.stop()
run = recorded_run("home")
state = PageState("home")
listen(state, bare=True)
st.html(f"<p class='trm-claim'>{claim(run.trace)}</p>")
parts = stage()
player.play(state, parts, [run], tools=False)

with parts.act:
    for name, label, icon, help, query in DOORS:
        kind = "primary" if name == DOORS[0][0] else "secondary"
        if st.button(label, icon=icon, help=help, type=kind):
            st.switch_page(f"pages/{name}.py", query_params=query)
    with st.container(horizontal=True, key=state.key("more"), vertical_alignment="center"):
        for name, label, help in MORE:
            st.page_link(f"pages/{name}.py", label=label, help=help)
        help = "Recorded solves as large as the screen, for a room: from an easy puzzle to a failure and its rescue"
        st.button(
            "Demo",
            icon=":material/slideshow:",
            help=help,
            on_click=show.begin,
            key=state.key("show"),
            type="tertiary",
        )
with parts.curves:
    player.curves(state, [run])
with parts.verdict:
    st.html(
        "<p class='trm-lead'>It thinks on a scratchpad, writes what it believes on the board, says how sure it is that it is "
        "done, and goes round again. Orange rings show where it changed its mind. The digits are the network's alone; the "
        "rules of Sudoku only end the solve once nothing is broken.</p>"
    )
    st.html(player.marks_legend(state, [run]))

tell_broken()
if not {OURS, MARKS} <= bundled_cards().keys():
    st.stop()  # the story is theirs
st.header("Less is more", anchor=False)
doors = [
    ("Learn how it thinks", "pages/learn.py", {}),
    ("Turn the depth of a smaller one", "pages/learn.py", {"scene": "depth"}),
    ("See it fail", "pages/sudoku.py", FAILURE | {"model": OURS}),
    ("The same puzzle with pencil marks", "pages/sudoku.py", FAILURE | {"model": MARKS}),
]
told = (idea(), depth(), failure(), marks())
for column, words, (label, page, query) in zip(
    st.columns(4, gap="medium"), told, doors, strict=True
):
    with column:
        st.markdown(words)
        st.page_link(page, label=label, icon=":material/arrow_forward:", query_params=query)
map_of_the_field()
with st.expander("The figures, as a table"):
    st.table(field_table())
    st.caption(table_words())
