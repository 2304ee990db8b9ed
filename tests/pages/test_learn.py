"""The lesson's page: a guess first, then what was seen; the visitor's own puzzle; links."""

import html
import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.scenes import SCENES
from pages.shared import lesson
from pages.shared.handout import handout
from pages.shared.scene import Material
from tests.pages.test_pages import ROOT
from trm_core.record.trace import Trace


def opened(**params):
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.switch_page("pages/learn.py")
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def html_of(app):
    return " ".join(block.proto.body for block in app.get("html"))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_scene_asks_first_and_tells_then(scene):
    app = opened(scene=scene.name)
    assert not app.exception
    assert scene.title.split(",")[0] in html_of(app)
    assert not app.get("plotly_chart")  # nothing is given away
    if scene.guess.options:
        app.radio[0].set_value(scene.guess.options[0])
    app.button[0].click().run()
    assert not app.exception
    assert "You guessed" in html_of(app)
    assert app.get("plotly_chart")
    assert (
        dict(app.query_params)["scene"] == [scene.name] or app.query_params["scene"] == scene.name
    )


def test_a_guess_of_nothing_is_asked_again():
    app = opened(scene="scratchpad")
    app.button[0].click().run()
    assert any("Choose one first" in caption.value for caption in app.caption)


def test_a_teacher_sees_at_once_and_next_goes_on():
    app = opened(scene="answer", teacher="1")
    assert not app.exception
    assert "You guessed" not in html_of(app)
    assert app.get("plotly_chart")
    next(b for b in app.button if b.label == "Next scene").click().run()
    assert not app.exception
    assert SCENES[1].title.split(",")[0] in html_of(app)


def test_a_wrong_link_opens_the_first_scene():
    app = opened(scene="nothing")
    assert not app.exception
    assert SCENES[0].title in html_of(app)


def test_a_scene_runs_live_with_the_visitors_own_puzzle():
    app = opened(scene="answer", teacher="1")
    own = next(b for b in app.button if b.label == "With my own puzzle")
    assert own.disabled  # there is none yet
    app.session_state["sudoku_size"] = "sudoku-9x9"
    app.session_state["sudoku_text"] = (
        "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
    )
    app.run()
    next(b for b in app.button if b.label == "With my own puzzle").click().run()
    assert not app.exception
    runs = app.session_state["learn_own"]["answer"]
    assert runs["answer"].domain.format(runs["answer"].question_board).startswith("53..7")
    next(b for b in app.button if b.label == "The recording again").click().run()
    assert app.session_state["learn_own"] == {}


@pytest.mark.parametrize("answers", [False, True])
def test_the_hand_out_holds_all_scenes_and_needs_no_network(answers):
    """Answers only where they are asked for."""
    measured = json.loads((lesson.FOLDER / "measured.json").read_text())
    scenes = [
        (
            s,
            Material(
                {t.name: Trace.load(lesson.FOLDER / f"{t.name}.npz") for t in s.trials}, measured
            ),
        )
        for s in SCENES
    ]
    page = handout(scenes, answers=answers)
    for scene, material in scenes:
        assert html.escape(scene.title) in page
        assert (html.escape(scene.seen(material)) in page) == answers
    assert page.count("<img alt='' src='data:image/png") == sum(
        len(scene.trials) for scene in SCENES
    )
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=['\"]https?:", page)


def test_large_words_and_the_glossary():
    app = opened(scene="answer", large="1")
    assert not app.exception
    assert "trm-large" in html_of(app)
    assert "scratchpad z" in html_of(app)
    assert app.query_params["large"] in ("1", ["1"])
