"""The entry point. Every page stands alone; run with `streamlit run streamlit_app.py`."""

from pages.stage import routes

routes.run()
