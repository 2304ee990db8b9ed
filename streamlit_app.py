"""The route table. Every page stands alone; run with `streamlit run streamlit_app.py`."""

import streamlit as st

ROUTES = [
    st.Page("pages/home.py", title="Home", default=True),
    st.Page("pages/sudoku.py", title="Sudoku"),
    st.Page("pages/mazes.py", title="Mazes"),
    st.Page("pages/learn.py", title="Learn"),
    st.Page("pages/inspect.py", title="Inspect"),
    st.Page("pages/train.py", title="Train"),
    st.Page("pages/arc.py", title="ARC"),
]

st.navigation(ROUTES, position="top").run()
with st.container(horizontal=True, key="phone_pages"):  # where the line over everything is short
    for route in ROUTES:
        st.page_link(route)
