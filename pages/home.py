"""Home: what this is in one sentence, a real solve already playing, and where to go."""

import streamlit as st

from pages.shared import frame, player, solving

frame.open_page(
    "Watch a tiny model think",
    "A Tiny Recursive Model is one small network applied to its own answer, again and again. "
    "Here you see every time it changes its mind.",
)

run = solving.recorded_run("sudoku-9x9")
board_column, text_column = st.columns([3, 2], gap="large")

with board_column:
    player.play(run.trace, run.trace_id, "home", "cycles", autoplay=True)

with text_column:
    st.subheader("What you are looking at", anchor=False)
    st.markdown(
        "A Sudoku, solved by a neural network and by nothing else. It keeps two things: its "
        "**answer**, which you see on the board, and a **scratchpad**, which you don't.\n\n"
        "- It *thinks*: refines the scratchpad, looking at the question and its answer.\n"
        "- It *writes*: refines the answer, looking at the scratchpad.\n"
        "- It asks itself: *am I done?* If not, it goes round again."
    )
    solving.show_verdict(run)
    st.page_link("pages/sudoku.py", label="Try it with your own Sudoku", icon=":material/grid_on:")

st.subheader("Less is more", anchor=False)
st.markdown(
    "Share of puzzles solved exactly, as published "
    "([arXiv 2510.04871](https://arxiv.org/abs/2510.04871), tables 4 and 5):"
)
st.table(
    {
        "": ["TRM", "HRM", "o3-mini-high", "DeepSeek-R1"],
        "Numbers in the model": ["5 to 7 million", "27 million", "not published", "671 billion"],
        "Sudoku-Extreme": ["87.4 %", "55.0 %", "0.0 %", "0.0 %"],
        "Maze-Hard": ["85.3 %", "74.5 %", "0.0 %", "0.0 %"],
        "ARC-AGI-1": ["44.6 %", "40.3 %", "34.5 %", "15.8 %"],
    }
)
st.caption(
    "The models bundled here are smaller still, and trained by this project; each one's card "
    "says on what, for how long, and how often it is right."
)
