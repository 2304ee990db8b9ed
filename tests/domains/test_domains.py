"""The contract, over every domain in the table: a new domain is tested by being listed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.toy.added import NAMES
from trm_core.domains import PuzzleError, domain

EVERY = pytest.mark.parametrize("name", NAMES)


@EVERY
def test_generated_puzzles_have_exactly_one_solution_unless_said_otherwise(name, rng):
    chosen = domain(name)
    for difficulty in chosen.maker.difficulties:
        puzzle = chosen.maker.generate(rng, difficulty)
        found = chosen.rules.solutions(puzzle.question_RC)
        if difficulty not in chosen.maker.ambiguous:
            assert len(found) == 1
            assert np.array_equal(found[0], puzzle.solution_RC)
        assert all(chosen.rules.is_solved(puzzle.question_RC, solution_RC) for solution_RC in found)
        assert chosen.rules.is_solved(puzzle.question_RC, puzzle.solution_RC)


@EVERY
def test_the_same_seed_gives_the_same_puzzle(name):
    chosen = domain(name)
    one, two = (
        chosen.maker.generate(np.random.default_rng(5), chosen.maker.usual) for _ in range(2)
    )
    assert np.array_equal(one.question_RC, two.question_RC)


@EVERY
def test_many_puzzles_are_the_same_as_one_by_one(name):
    """Also holds the compiled search to the plain one: from 64 puzzles on, it is compiled."""
    chosen = domain(name)
    difficulty = (
        "minimal" if "minimal" in chosen.maker.difficulties else chosen.maker.difficulties[0]
    )
    many = chosen.maker.generate_many(np.random.default_rng(3), difficulty, 64)
    rng = np.random.default_rng(3)
    for puzzle in many[:12]:
        alone = chosen.maker.generate(rng, difficulty)
        assert np.array_equal(puzzle.question_RC, alone.question_RC)
        assert puzzle.rating == alone.rating


@EVERY
def test_an_unknown_difficulty_is_refused_by_name(name, rng):
    usual = domain(name).maker.usual
    with pytest.raises(PuzzleError, match=f"{usual}.*got 'fiendish'"):
        domain(name).maker.generate(rng, "fiendish")


@EVERY
def test_tokens_and_boards_are_inverse(name, rng):
    chosen = domain(name)
    board_RC = chosen.maker.generate(rng, chosen.maker.usual).solution_RC
    tokens_L = chosen.tokens(board_RC)
    assert tokens_L.shape == (chosen.cells,)
    assert tokens_L.max() < chosen.vocab_size
    assert np.array_equal(chosen.board(tokens_L), board_RC)


@EVERY
def test_any_token_reads_as_a_board(name):
    chosen = domain(name)
    for token in range(chosen.vocab_size):
        assert chosen.board(np.full(chosen.cells, token, np.uint8)).shape == (
            chosen.rows,
            chosen.cols,
        )


@EVERY
def test_symmetries_map_solutions_to_solutions_and_back(name, rng):
    chosen = domain(name)
    puzzle = chosen.maker.generate(rng, chosen.maker.usual)
    ways = chosen.symmetries(rng, 40)
    questions_KL = ways.apply(chosen.tokens(puzzle.question_RC))
    solutions_KL = ways.apply(chosen.tokens(puzzle.solution_RC))
    back = ways.inverse()
    for k in range(40):
        assert chosen.rules.is_solved(chosen.board(questions_KL[k]), chosen.board(solutions_KL[k]))
        assert np.array_equal(back[k].apply(questions_KL[k])[0], chosen.tokens(puzzle.question_RC))
    assert len({tuple(question_L) for question_L in questions_KL}) > 10


@EVERY
def test_a_formatted_board_parses_back(name, rng):
    chosen = domain(name)
    board_RC = chosen.maker.generate(rng, chosen.maker.usual).question_RC
    assert np.array_equal(chosen.parse(chosen.format(board_RC)), board_RC)


@EVERY
def test_violations_name_cells_and_reasons(name, rng):
    """Whatever a cell of the answer is changed to, it is not solved any more; where the rules can
    tell by the board alone, they say where."""
    chosen = domain(name)
    puzzle = chosen.maker.generate(rng, chosen.maker.usual)
    assert chosen.rules.violations(puzzle.solution_RC) == []
    told = 0
    for r, c in np.argwhere(~chosen.given(puzzle.question_RC))[:20]:
        for symbol in chosen.drawing.answer_symbols:
            if symbol.value == puzzle.solution_RC[r, c]:
                continue
            broken_RC = puzzle.solution_RC.copy()
            broken_RC[r, c] = symbol.value
            assert not chosen.rules.is_solved(puzzle.question_RC, broken_RC)
            judged = chosen.rules.judge(puzzle.question_RC, broken_RC)
            assert chosen.rules.is_solved(puzzle.question_RC, broken_RC) is judged.solved
            assert not judged.solved
            assert judged.words
            for violation in chosen.rules.violations(broken_RC):
                told += 1
                assert violation.cells
                assert violation.reason
    assert told


@EVERY
@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=300), st.binary(max_size=300).map(lambda b: b.decode("latin-1"))
    )
)
def test_any_text_gives_a_board_or_one_sentence(name, text):
    chosen = domain(name)
    try:
        board_RC = chosen.parse(text)
    except PuzzleError as error:
        assert "\n" not in str(error)
    else:
        assert board_RC.shape == (chosen.rows, chosen.cols)


@EVERY
def test_symbols_write_every_cell_and_read_back(name):
    chosen = domain(name)
    blank, *others = chosen.drawing.symbols
    keys = [key for symbol in chosen.drawing.symbols for key in symbol.keys]
    assert len(set(keys)) == len(keys)
    assert len({symbol.text for symbol in chosen.drawing.symbols}) == len(chosen.drawing.symbols)
    board_RC = np.full((chosen.rows, chosen.cols), blank.value, np.uint8)
    assert not chosen.given(board_RC).any()
    for i, symbol in enumerate(others):
        board_RC.flat[i] = symbol.value
    text = "".join(
        {symbol.value: symbol.text for symbol in chosen.drawing.symbols}[value]
        for value in board_RC.flat
    )
    assert np.array_equal(chosen.parse(text), board_RC)
