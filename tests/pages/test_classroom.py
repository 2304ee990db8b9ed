"""A class votes: rooms, the ballot of a phone, and what is revealed."""

import json

import pytest

from pages.lesson.room import HOURS, ROOMS, VOTERS, Rooms, is_code
from pages.lesson.scene import Material
from pages.lesson.scenes import SCENES
from tests.pages.test_learn import FOLDER, Trace, html_of, label, opened


def test_a_room_counts_one_vote_a_voter_while_it_asks():
    room = Rooms().open()
    assert is_code(room.code)
    room.asked = "answer"
    room.vote("answer", "a", 0)
    room.vote("answer", "a", 2)  # another word replaces the first
    room.vote("answer", "b", 2)
    room.vote("clocks", "b", 1)  # not asked
    assert room.counted("answer", 4) == [0, 0, 2, 0]
    assert room.counted("clocks", 4) == [0, 0, 0, 0]
    for k in range(2 * VOTERS):
        room.vote("answer", f"voter {k}", 1)
    assert sum(room.counted("answer", 4)) == VOTERS


def test_rooms_are_bounded_and_end_when_nobody_comes():
    now = [0.0]
    rooms = Rooms(lambda: now[0])
    first = rooms.open()
    assert rooms.open(first.code) is first and rooms.find(first.code) is first
    kept = [rooms.open() for _ in range(ROOMS)]
    assert rooms.find(first.code) is None
    assert rooms.find(kept[0].code) is kept[0]
    now[0] = HOURS * 3600 + 1
    assert rooms.find(kept[0].code) is None
    assert rooms.open("ABCDE").code == "ABCDE"  # a server that began anew
    assert rooms.open("not a code").code != "not a code"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_what_is_measured_is_a_choice_of_the_class(scene):
    measured = json.loads((FOLDER / "measured.json").read_text())
    runs = {trial.name: Trace.load(FOLDER / f"{trial.name}.npz") for trial in scene.runs}
    material, guess = Material(runs, measured), scene.guess
    right = [guess.holds_right(choice, material) for choice in range(len(guess.choices))]
    assert any(right) and not all(right)
    if not guess.options:
        parts = [value for part in guess._parts for value in part]
        assert parts == list(range(guess.low, guess.high + 1))


def test_a_class_is_asked_votes_by_hand_and_phone_and_sees_what_is_measured():
    teacher = opened(**{"scene": "scratchpad", "class": "ABCDE"})
    assert not teacher.exception
    assert not teacher.get("plotly_chart")  # nothing is given away
    phone = opened(vote="ABCDE")
    assert not phone.exception
    guess = SCENES[2].guess
    assert [button.label for button in phone.button] == list(guess.choices)
    phone.button[0].click().run()
    assert "Your vote is counted" in phone.caption[0].value
    teacher.run()
    assert f"<dt>{guess.choices[0]}</dt><dd><i class='' style='width:100%'></i><b>1</b>" in html_of(
        teacher
    )
    teacher.number_input[1].set_value(3).run()
    label(teacher, "Reveal").click().run()
    assert not teacher.exception and teacher.get("plotly_chart")
    assert "1 of 4 votes said what is measured: \u201cz wiped\u201d." in html_of(teacher)
    phone.run()
    assert "Nothing is asked right now" in phone.info[0].value
    # For the next class nothing is revealed, and its room is another one.
    end = opened(**{"scene": "known", "class": "ABCDE"})
    label(end, "Clear the votes").click().run()
    assert end.session_state["learn_room"] != "ABCDE"


def test_an_address_that_is_no_rooms_is_said():
    app = opened(vote="abc")
    assert "vote could not be used" in app.warning[0].value
    assert "This vote is over" in opened(vote="ZZZZZ").info[0].value
