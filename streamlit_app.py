"""The route table. Every page stands alone; run with `streamlit run streamlit_app.py`."""

import streamlit as st

ROUTES = [
    st.Page("pages/home.py", title="Home", default=True),
    st.Page("pages/sudoku.py", title="Sudoku"),
    st.Page("pages/mazes.py", title="Mazes"),
]

st.navigation(ROUTES, position="top").run()
