"""Shared by the pages: frame, caches, player. The only Streamlit code that is shared."""
