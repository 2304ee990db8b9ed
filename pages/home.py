"""Home: what this is in one sentence, a real solve already playing, and where to go."""

import streamlit as st

from pages.shared import frame, player, solving
from pages.shared.state import PageState

# Of the bundled extreme puzzles one that the bundled model does not solve; a test holds it.
FAILURE = 493

# Doors: demo (twice), learn, inspect.
DOORS = [
    (
        "pages/sudoku.py",
        "Try it",
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
        "pages/sudoku.py",
        "Learn",
        ":material/school:",
        "A small puzzle, one network call at a time: watch it think, then write.",
        {"size": "sudoku-4x4", "clock": "calls"},
    ),
    (
        "pages/sudoku.py",
        "See it fail",
        ":material/search:",
        "A puzzle too hard for it: where it goes wrong, and what more thinking buys.",
        {"size": "sudoku-9x9", "difficulty": "extreme", "seed": str(FAILURE), "solved": "1"},
    ),
]

frame.open_page(
    "Watch a tiny model think",
    "One small network improves its own answer, again and again. Watch it change its mind.",
)

run = solving.recorded_run("sudoku-9x9")
board_column, text_column = st.columns(2, gap="large")

with board_column:
    player.play([(run.trace, run.trace_id, run.asked)], PageState("home"), "cycles")

with text_column:
    columns = [*st.columns(2), *st.columns(2)]
    for column, (page, label, icon, help, query) in zip(columns, DOORS, strict=True):
        if column.button(label, icon=icon, help=help, type="primary", width="stretch"):
            st.switch_page(page, query_params=query)
    st.subheader("What you are looking at", anchor=False)
    st.markdown(
        "A Sudoku, solved by a neural network and by nothing else: a **Tiny Recursive Model**. "
        "It keeps an **answer**, which you see on the board, and a **scratchpad** of its own.\n\n"
        "1. **Think**: it updates its scratchpad, looking at the puzzle and at its answer.\n"
        "2. **Write**: it rewrites its answer. Orange rings show what changed.\n"
        "3. **Done?** It says how sure it is (the pink curve). If not, back to 1."
    )
    solving.show_verdict(run)

st.subheader("Less is more", anchor=False)
st.markdown(
    "Share of puzzles solved exactly, as published "
    "([arXiv 2510.04871](https://arxiv.org/abs/2510.04871), tables 4 and 5):"
)
st.table(
    {
        "": [
            "TRM: this idea",
            "HRM: two networks, its ancestor",
            "o3-mini-high: a language model",
            "DeepSeek-R1: a language model",
        ],
        "Numbers in the model": ["5 to 7 million", "27 million", "–", "671 billion"],
        "Sudoku-Extreme": ["87.4 %", "55.0 %", "0.0 %", "0.0 %"],
        "Maze-Hard": ["85.3 %", "74.5 %", "0.0 %", "0.0 %"],
        "ARC-AGI-1 (visual puzzles)": ["44.6 %", "40.3 %", "34.5 %", "15.8 %"],
    }
)
st.caption(
    "The models bundled here are smaller still, and trained by this project on a CPU; each one's "
    "card says on what, for how long, and how often it is right."
)
