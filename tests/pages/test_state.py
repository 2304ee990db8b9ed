"""The typed state of a page: names are declared, and what is kept is bounded."""

from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.puzzle.state import MOST_BYTES, MOST_SIZES, MOST_TRIES, PuzzleState
from pages.stage import state as state_module
from pages.stage.state import PageState


def scripted(script) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception, app.exception[0].value
    return app


def test_a_misspelt_name_is_an_error_at_once():
    assert PuzzleState("sudoku").key("seed") == "sudoku_seed"
    with pytest.raises(AssertionError, match="sead"):
        PuzzleState("sudoku").widget("sead")
    with pytest.raises(AttributeError, match="sead"):
        PuzzleState("sudoku").sead = 5
    with pytest.raises(AttributeError, match="seed"):
        PageState("home").seed = 5  # what only a puzzle page has


def test_values_begin_with_their_first_and_are_kept_by_page():
    def script():
        import streamlit as st

        from pages.puzzle.state import PuzzleState

        one, two = PuzzleState("one"), PuzzleState("two")
        assert (one.steps, one.clock, one.tries, one.run) == (16, "cycles", [], None)
        one.tries.append("x")
        assert two.tries == []
        one.ask = {"steps": 3}
        assert one.take("ask") == {"steps": 3} and one.ask is None
        st.slider("steps", 1, 256, key=one.widget("steps"))

    app = scripted(script)
    assert app.slider[0].value == 16
    assert not app.warning


def run_of(try_id, kilobytes=1):
    trace = SimpleNamespace(
        nbytes=1024 * kilobytes, domain="d", question_board=np.zeros(1), domain_name="d"
    )
    return SimpleNamespace(
        try_id=try_id, trace=trace, recorded=False, is_of=lambda domain, board: True, asked=try_id
    )


@pytest.fixture
def kept(monkeypatch):
    """A page's state in a plain dictionary."""
    session = {}
    monkeypatch.setattr(state_module.st, "session_state", session)
    return PuzzleState("p")


def test_tries_are_bounded_in_number_and_weight(kept):
    for i in range(MOST_TRIES + 5):
        kept.add_try(run_of(f"try {i}"))
    assert len(kept.tries) == MOST_TRIES
    assert kept.run is kept.tries[-1]
    kept.add_try(run_of("try 8"))  # asked the same way: it takes the other's place
    assert [run.try_id for run in kept.tries].count("try 8") == 1
    heavy = MOST_BYTES // 1024
    kept.add_try(run_of("heavy", heavy // 2))
    kept.add_try(run_of("heavier", heavy))
    assert [run.try_id for run in kept.tries] == ["heavier"]


def test_what_is_left_on_other_sizes_is_bounded(kept):
    heavy = MOST_BYTES // 1024 // 2
    for i in range(MOST_SIZES + 3):
        kept.size, kept.tries = f"size {i}", [run_of("a", heavy), run_of("b", heavy // 4)]
        kept.run = kept.tries[1]
        kept.leave()
    assert list(kept.left) == [f"size {i}" for i in range(3, MOST_SIZES + 3)]
    weights = [sum(run.trace.nbytes for run in left["tries"]) for left in kept.left.values()]
    assert sum(weights) <= MOST_BYTES
    assert len(kept.left[kept.size]["tries"]) == 2  # what is on the page stays whole
    assert all(left["run"] in (None, *left["tries"]) for left in kept.left.values())
