"""The lesson's page: a guess first, then what was seen; the visitor's own puzzle; links."""

import html
import json
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.lesson import experiments
from pages.lesson.asked import QUESTIONS
from pages.lesson.handout import handout
from pages.lesson.recorded import FOLDER
from pages.lesson.scene import Material
from pages.lesson.scenes import SCENES
from pages.models.known import Seeds, small_seeds
from pages.stage.run import with_moments
from tests.pages.test_pages import ROOT
from trm_core.figures.theme import theme
from trm_core.lesson import learning
from trm_core.record.telling import told_frames
from trm_core.record.trace import Trace

MEASURED = json.loads((FOLDER / "measured.json").read_text())


def opened(**params):
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.switch_page("pages/learn.py")
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def html_of(app):
    """All that is shown as HTML; a step that leads to its moment as plain words."""
    whole = " ".join(block.proto.body for block in app.get("html"))
    return re.sub(r"<button class='trm-step'[^>]*>(.*?)</button>", r"\1", whole)


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


def test_a_guess_is_judged_by_what_was_measured():
    """Where only moments were measured, all that lies between two of them is right; one is one."""
    scenes = {scene.name: scene for scene in SCENES}
    material = Material({}, json.loads((FOLDER / "measured.json").read_text()))
    guess = scenes["learning"].guess
    done, before = guess.answer(material), guess.least(material)
    assert before < done
    assert [guess.is_right(each, material) for each in (before, before + 1, done, done + 1)] == [
        *(False, True, True, False)
    ]
    assert guess.measured(material) == f"more than {before}, at most {done} seconds"
    assert scenes["clocks"].guess.words(1) == "1 call"
    assert scenes["failure"].guess.words("It rests") == "\u201cIt rests\u201d"


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


def test_a_step_in_the_words_leads_to_its_moment():
    app = opened(scene="answer", teacher="1")
    [said] = [
        block.proto.body
        for block in app.get("html")
        if "<div class='trm-verdict" in block.proto.body
    ]
    trace = Trace.load(FOLDER / "answer.npz")
    right = Material({"answer": trace}, {}).right_at("answer")
    assert f"data-moment='{right}'>step {right}</button>" in said
    assert "data-moment='1'>first step</button>" in said
    assert "<button class='trm-step' data-moment='3'>step 3</button> of 2 &lt;" in with_moments(
        "step 3 of 2 <", 3
    )
    assert with_moments("step 3", 2) == "step 3"  # not one of that solve


def test_a_cell_is_opened_in_every_scene_but_of_models_that_have_learnt_on():
    app = opened(scene="scratchpad", teacher="1")
    named = next(box for box in app.selectbox if box.label.startswith("Look into a cell"))
    named.set_value(40).run()
    assert not app.exception
    assert "Row 5, column 5, before the first call." in html_of(app)
    board = next(box for box in app.selectbox if box.label == "Of which board")
    board.set_value(3).run()  # hidden question: another run of the same cell
    assert not app.exception and "Row 5, column 5, before the first call." in html_of(app)
    app = opened(scene="learning", teacher="1")
    assert not [box for box in app.selectbox if box.label.startswith("Look into a cell")]


def label(app, start):
    return next(b for b in app.button if b.label.startswith(start))


def test_the_end_sums_up_guesses_and_clears_them_for_the_next_class():
    materials = {
        scene.name: Material(
            {trial.name: Trace.load(FOLDER / f"{trial.name}.npz") for trial in scene.runs},
            json.loads((FOLDER / "measured.json").read_text()),
            scene.dial.first if scene.dial else 0,
        )
        for scene in SCENES
    }
    answer, scratchpad = SCENES[0], SCENES[2]
    right = answer.guess.answer(materials["answer"])
    options = scratchpad.guess.options
    wrong = next(o for o in options if not scratchpad.guess.is_right(o, materials["scratchpad"]))
    guesses = f"answer {answer.guess.written(right)}, scratchpad {scratchpad.guess.written(wrong)}"
    app = opened(scene="known", guesses=guesses)
    assert not app.exception
    told = html_of(app)
    assert "10. What you now know" in told and "1 of 2 guesses is what is measured" in told
    assert "as measured" in told and html.escape(scratchpad.guess.question) in told
    surprised = told.split("What surprised you")[1]
    assert scratchpad.title in surprised and answer.title not in surprised
    assert html.escape(scratchpad.seen(materials["scratchpad"])) in surprised
    label(app, "4 surgery")  # not guessed yet
    label(app, "Clear the guesses").click().run()
    assert "You have not guessed anything yet" in html_of(app)
    assert "guesses" not in app.query_params
    label(app, "1 answer").click().run()
    assert SCENES[0].title in html_of(app)


def test_questions_are_answered_by_what_was_measured():
    """Numbers of the answers are those of the measurements, and claims in their words hold there."""
    told = {question: answer(MEASURED) for question, answer in QUESTIONS}
    assert len(told) == 13 and all(answer.endswith((".", ").")) for answer in told.values())
    depths = MEASURED["depths"]
    whole, direct = (depths[name]["right"] for name in ("recursion", "direct"))
    assert direct[0] < whole[0] < whole[15]  # "recursion helps twice"
    recursion = told["Does recursion matter, or would one call do?"]
    for share in (whole[0], direct[0], whole[15]):
        assert f"{100 * share:.0f} %" in recursion
    renamed = MEASURED["basins"]["renamed"]
    assert 0 < renamed["solved"] < renamed["ways"]  # "some of both"
    solved = MEASURED["ablations"]["solved"]
    assert solved["forget-y"] < solved["blank-z"]  # "z costs little, y nearly all"
    plain = small_seeds("recursion")
    for name, question in (
        ("one-state", "Why two states?"),
        ("no-average", "What is the average of the weights for?"),
        ("last-step-only", "How far back does the gradient go?"),
    ):
        found = small_seeds(name)
        words = f"{found.against(plain)}: {found.words} instead of {plain.words}"
        assert words in told[question]
    area, right = MEASURED["signs"]["area"], MEASURED["signs"]["right"]
    assert (
        area["stillness"] < area["certainty"] < area["head"] < area["certainty"] + 0.01
    )  # "says least", "little more"
    assert right["one blank"][0] > 0.95 and right["none blank"][-1] > 0.95  # "stays with it"
    app = opened(scene="known")
    assert "Asked and answered" in [each.label for each in app.expander]
    assert any(recursion in each.value for each in app.markdown)


def test_what_chance_brings_is_no_difference_between_seeds():
    plain = Seeds((90.0, 94.0, 92.0, 91.0, 93.0))
    assert plain.words == "92.0 % (90.0 to 94.0)"
    below, above = Seeds((80.0, 89.0, 70.0, 60.0, 90.5)), Seeds((95.0, 99.0, 98.0, 97.0, 93.5))
    assert plain.chance(Seeds((80.0, 81.0, 82.0, 83.0, 84.0))) == pytest.approx(
        2 / 252
    )  # of 252 deals
    assert below.against(plain) == "does worse" and above.against(plain) == "does better"
    for values in ((80.0, 91.0, 95.0, 92.0, 93.0), plain.percents, (50.0,)):
        assert Seeds(values).against(plain).startswith("does as well")
    assert len(small_seeds("recursion").percents) == 5  # recorded, and four others


def test_the_short_way_has_four_scenes_and_the_end():
    app = opened(scene="answer", teacher="1", short="1")
    seen = []
    while any(b.label == "Next scene" for b in app.button):
        seen.append(app.session_state["learn_scene"])
        label(app, "Next scene").click().run()
        assert not app.exception
    assert seen == [1, 2, 4, 8] and app.session_state["learn_scene"] == 10
    label(app, "Back").click().run()
    assert app.session_state["learn_scene"] == 8
    assert "short=1" in str(app.query_params) or app.query_params["short"] in ("1", ["1"])


EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"


def with_puzzle(app: AppTest, label: str) -> None:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception


def test_a_scene_runs_live_with_the_visitors_own_puzzle():
    app = opened(scene="answer", teacher="1")
    own = next(b for b in app.button if b.label == "The one on my Sudoku page")
    assert own.disabled  # there is none yet
    app.session_state["sudoku_size"] = "sudoku-9x9"
    app.session_state["sudoku_text"] = EASY
    app.run()
    with_puzzle(app, "The one on my Sudoku page")
    runs = app.session_state["learn_own"]["answer"]
    assert runs["answer"].domain.format(runs["answer"].question_board).startswith("53..7")
    with_puzzle(app, "The recording again")
    assert app.session_state["learn_own"] == {}


def test_what_is_said_of_another_puzzle_is_that_puzzles():
    """Words are made from the runs on the stage, recorded or not; a hard puzzle is not said to be solved."""
    scenes = {scene.name: scene for scene in SCENES}
    for kind in ("A medium one", "A hard one"):
        for name in ("scratchpad", "surgery", "failure", "halting", "answer"):
            app = opened(scene=name, teacher="1")
            with_puzzle(app, kind)
            runs = app.session_state["learn_own"][name]
            question = next(iter(runs.values())).question_L
            assert all(np.array_equal(run.question_L, question) for run in runs.values())
            told = html_of(app)
            if name == "scratchpad":
                solved = bool(runs["whole"].right("steps")[-1].all())
                assert ("Left alone, the model solves this puzzle" in told) == solved
                assert "came out like this one" not in told  # that is of the recorded one
            if name == "surgery":
                whole = bool(runs["wound"].right("steps")[8].all())
                assert ("A solved board, and then" in told) == whole
                assert ("the board breaks and mends" in told) == (
                    whole and bool(runs["wound"].right("steps")[-1].all())
                )
            if name == "failure":
                assert list(runs) == ["settles"] and "of both" not in told
            if name in ("halting", "answer"):
                material = Material(
                    runs, json.loads((FOLDER / "measured.json").read_text()), own=True
                )
                assert html.escape(scenes[name].seen(material)) in told


def test_a_map_is_drawn_and_a_model_trained_live(monkeypatch):
    """Small ones of the same kind; both stay on the page."""
    monkeypatch.setattr(experiments, "SIDE", 2)
    app = opened(scene="failure", teacher="1")
    next(b for b in app.button if b.label == "Draw such a map now").click().run()
    assert not app.exception
    assert any("of 4 starts lead to the solution" in c.value for c in app.caption)
    monkeypatch.setattr(learning, "MOMENTS", tuple(range(8)))
    app = opened(scene="learning", teacher="1")
    next(b for b in app.button if b.label == "Train one now, from nothing").click().run()
    assert not app.exception
    assert [look.update for look in app.session_state["learn_trained"]] == list(range(8))
    app.run()
    assert any("Your run:" in c.value for c in app.caption)


def test_the_curve_of_wounds_is_measured_live(monkeypatch):
    monkeypatch.setattr(experiments, "SIZES", (1, 50))
    monkeypatch.setattr(experiments, "WOUNDED", 6)
    app = opened(scene="surgery", teacher="1")
    next(b for b in app.button if b.label == "Measure the curve yourself").click().run()
    assert not app.exception
    healed = app.session_state["learn_healed"]
    assert healed["sizes"] == [1, 50] and healed["puzzles"] >= 1
    assert healed["y"]["1"][0] == 1.0  # a single cell is whole again at once
    assert healed["yz"]["1"][1] <= healed["y"]["1"][1]
    app.run()
    assert any("of 6 fresh puzzles that it had solved" in c.value for c in app.caption)


def test_an_operation_on_the_answer_is_told_and_can_be_undone():
    app = opened(scene="surgery", teacher="1")
    operate = next(b for b in app.button if b.label == "Operate, and go on")
    assert operate.disabled  # nothing is changed yet
    app.selectbox(key="learn_operate_wipe").set_value("box 5").run()
    next(b for b in app.button if b.label == "Operate, and go on").click().run()
    assert not app.exception
    assert "Z of 9 cells torn out before step 9" in html_of(app)
    assert "healed" in html_of(app)
    app.slider[0].set_value(3).run()  # another step: the operation of before is over
    assert "Z of 9 cells" not in html_of(app)
    next(b for b in app.button if b.label == "The recording again").click().run()
    assert app.session_state["learn_own"] == {}


def test_the_dial_of_depth_tells_what_so_many_steps_buy():
    measured = MEASURED["depths"]
    scene = SCENES[4]
    material = Material({"unseen": Trace.load(FOLDER / "unseen.npz")}, MEASURED)
    for steps in (1, 16, 64):
        told = scene.dial.words(material, scene.dial.places.index(f"{steps}"))
        for name in ("unseen 6x6", "direct"):
            assert f": {100 * measured[name]['right'][steps - 1]:.0f} %" in told


def test_the_dial_of_learning_shows_what_the_weights_of_each_moment_can_do():
    scene = SCENES[7]
    runs = {name: Trace.load(FOLDER / f"{name}.npz") for name in scene.steps}
    moments = MEASURED["learning"]["moments"]
    assert scene.dial.places == tuple(f"{moment['update']}" for moment in moments)
    for place, moment in enumerate(moments):
        material = Material(runs, MEASURED, place)
        told = scene.dial.words(material, place)
        assert f"solves {100 * max(moment['solved'].values()):.0f} of 100" in told
        wrong = int((~runs[scene.steps[place]].right("steps")[-1]).sum())
        # A cell that is wrong is filled in the colour of what is wrong.
        colour = theme(False).wrong
        assert scene.dial.picture(material, place, False).count(f'fill="{colour}"') == wrong
    # The page plays the moment at which it stands.
    app = opened(scene="learning", teacher="1")
    app.session_state["learn_dials"] = {"learning": 7}
    app.run()
    assert not app.exception
    board = next(json.loads(each.proto.spec) for each in app.get("plotly_chart"))
    assert board["layout"]["meta"]["told"] == told_frames(runs["learnt-200"], "steps")


def test_guesses_are_in_the_link_and_come_back():
    app = opened(guesses="scratchpad 2, answer 7, halting 99, nothing 1", scene="answer")
    assert "You guessed 7 steps" in html_of(app)
    assert app.session_state["learn_guesses"] == {"scratchpad": "z frozen", "answer": 7}
    said = app.query_params["guesses"]
    assert (said if isinstance(said, str) else said[0]) == "answer 7, scratchpad 2"


@pytest.mark.parametrize("answers", [False, True])
def test_the_hand_out_holds_all_scenes_and_needs_no_network(answers):
    """Answers only where they are asked for."""
    measured = json.loads((FOLDER / "measured.json").read_text())
    scenes = [
        (
            s,
            Material({t.name: Trace.load(FOLDER / f"{t.name}.npz") for t in s.runs}, measured),
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
    assert ("A plan of 45 minutes" in page) == answers
    assert page.count("To do:</b>") == len(SCENES)
    assert page.count("<math") > 9 and "$" not in re.sub(
        r"<script.*?</script>", "", page, flags=re.S
    )
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=['\"]https?:", page)


def test_large_words_and_the_glossary():
    app = opened(scene="answer", large="1")
    assert not app.exception
    assert "trm-large" in html_of(app)
    assert "scratchpad z" in html_of(app)
    assert app.query_params["large"] in ("1", ["1"])
