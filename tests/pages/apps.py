"""Pages run by AppTest, for the tests that share how."""

import json

from streamlit.testing.v1 import AppTest

from tests.pages.browsing import ROOT


def opened_at(page: str, /, **params: str) -> AppTest:
    """A page, opened by a link that says this."""
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120)
    app.switch_page(f"pages/{page}.py")
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def dial_of(app: AppTest) -> dict:
    """What the dial of a page holds (`pages/stage/dial.js`)."""
    parts = app.get("bidi_component")
    return json.loads(next(p.proto.json for p in parts if p.proto.component_name == "trm_dial"))


def button(app: AppTest, label: str):
    """The first button whose words begin so."""
    return next(b for b in app.button if b.label.startswith(label))
