"""In front of a class: a question large, hands counted and votes from phones, then what is measured; and the ballot
that a phone shows."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

import segno
import streamlit as st

from pages.lesson.room import Room, Rooms, is_code
from pages.lesson.scene import Guess, Material, Scene
from pages.lesson.state import LessonState
from trm_core.domains import counted

EVERY = 2.0  # seconds between two looks at what has been voted
_HERE_ALONE = {"localhost", "127.0.0.1", "::1"}


@st.cache_resource(show_spinner=False)
def rooms() -> Rooms:
    """The rooms of this server."""
    return Rooms()


def code(text: str) -> str:
    """The check of a room's code in an address."""
    if not is_code(text):
        raise ValueError(text)
    return text


def voter(text: str) -> str:
    """The check of a voter's sign in an address."""
    if not re.fullmatch("[0-9a-f]{8}", text):
        raise ValueError(text)
    return text


def room_of(state: LessonState) -> Room:
    """The room of this page; its code stands in the address from then on."""
    room = rooms().open(state.room)
    state.room = room.code
    return room


def votes_of(state: LessonState, scene: Scene) -> list[int]:
    """How many are for each choice: hands and phones together."""
    choices = len(scene.guess.choices)
    hands = state.hands.get(scene.name, [0] * choices)
    phones = room_of(state).counted(scene.name, choices)
    return [a + b for a, b in zip(hands, phones, strict=True)]


def ask_class(state: LessonState, scene: Scene) -> None:
    """The question, large; the votes as they come; and the button that reveals."""
    room = room_of(state)
    room.asked = scene.name
    guess, name = scene.guess, scene.name
    st.html(f"<h3 class='trm-class'>{html.escape(guess.question)}</h3>")

    @st.fragment(run_every=EVERY)
    def tally() -> None:
        st.html(_bars(guess, votes_of(state, scene)))

    tally()
    if st.button(
        "Reveal", key=state.key("reveal"), type="primary", shortcut="v", help="Also by the key V."
    ):
        reveal(state, scene)
        st.rerun()
    hands = state.hands.get(name, [0] * len(guess.choices))
    with st.expander("Count hands"):
        for i, (column, words) in enumerate(
            zip(st.columns(len(guess.choices)), guess.choices, strict=True)
        ):
            with column:
                hands[i] = int(
                    st.number_input(
                        words, 0, 999, hands[i], key=state.key(f"hands_{name}_{i}"), width="stretch"
                    )
                )
        state.hands = state.hands | {name: hands}
    with st.expander("Vote by phone", icon=":material/qr_code_2:"):
        _invite(room)


def reveal(state: LessonState, scene: Scene) -> None:
    """Show what is measured, and take no more votes."""
    state.revealed = [*state.revealed, scene.name]
    room_of(state).asked = ""


def voted(state: LessonState, scene: Scene, material: Material) -> str:
    """What the class said, and who of it was right, as HTML; nothing where nobody voted."""
    votes = votes_of(state, scene)
    if not sum(votes):
        return ""
    guess = scene.guess
    right = [guess.holds_right(choice, material) for choice in range(len(votes))]
    count = sum(each for each, good in zip(votes, right, strict=True) if good)
    told = f"{count} of {counted(sum(votes), 'vote')} said what is measured: {guess.measured(material)}."
    return f"<p><b>{html.escape(told)}</b></p>{_bars(guess, votes, right)}"


def forget_class(state: LessonState) -> None:
    """For the next class: no votes, nothing revealed, another room."""
    state.hands, state.revealed = {}, []
    state.room = rooms().open().code


def show_ballot(state: LessonState, scenes: Sequence[Scene]) -> None:
    """A phone's page: the question that the class is asked now, and a button for each choice."""
    state.voter = state.voter or secrets.token_hex(4)

    @st.fragment(run_every=EVERY)
    def ballot() -> None:
        room = rooms().find(state.vote)
        if room is None:
            st.info("This vote is over, or its address is not complete. Ask for a new one.")
            return
        scene = next((each for each in scenes if each.name == room.asked), None)
        if scene is None:
            st.info("Nothing is asked right now. Look at the board; the next question comes here.")
            return
        st.html(f"<h3 class='trm-class'>{html.escape(scene.guess.question)}</h3>")
        mine = room.votes.get(scene.name, {}).get(state.voter)
        for i, words in enumerate(scene.guess.choices):
            st.button(
                words,
                key=state.key(f"vote_{scene.name}_{i}"),
                type="primary" if mine == i else "secondary",
                width="stretch",
                on_click=room.vote,
                args=(scene.name, state.voter, i),
            )
        st.caption(
            "Press one." if mine is None else "Your vote is counted; press another to change it."
        )

    ballot()


def _bars(guess: Guess, votes: Sequence[int], right: Sequence[bool] = ()) -> str:
    """The votes as bars, a line each; those that are `right` are marked."""
    most = max(1, *votes)
    rows = ""
    for i, (words, count) in enumerate(zip(guess.choices, votes, strict=True)):
        good = bool(right) and right[i]
        sign = " ✓" if good else ""
        rows += (
            f"<dt>{html.escape(words)}{sign}</dt><dd><i class='{'good' if good else ''}' "
            f"style='width:{100 * count / most:.0f}%'></i><b>{count}</b></dd>"
        )
    return f"<dl class='trm-votes'>{rows}</dl>"


def _invite(room: Room) -> None:
    """The address of the ballot, as a picture for phones and as text."""
    address = f"{(st.context.url or '').rstrip('/')}?vote={room.code}"
    picture = segno.make(address, micro=False).svg_data_uri(scale=6, border=2, light="#fff")
    picture_place, words = st.columns([1, 2], vertical_alignment="center")
    with picture_place:
        st.html(f"<img class='trm-qr' alt='The address of the vote, for phones' src=\"{picture}\">")
    with words:
        st.markdown(f"#### Room {room.code}\n\n`{address}`")
    if urlsplit(address).hostname in _HERE_ALONE:
        st.caption(
            "Phones can't reach this address, which is this computer's own name for itself: open the page by the "
            "computer's address in the network, and the picture will hold that one. Hands are counted either way."
        )
