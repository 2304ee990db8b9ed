"""Asked and answered: what people ask of such models, each answered by what was measured here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from pages.models.known import bundled_cards, small_result, small_seeds
from pages.stage.frame import ASSETS
from trm_core.domains import counted
from trm_core.record.learning import Learning
from trm_core.record.published import HRM, ONE_STATE, SUDOKU, TRM_ATTENTION, TRM_MLP, said

NINE = "sudoku-9x9"
Measured = Mapping[str, Any]  # what the command `lesson` measured


def show_asked(measured: Measured) -> None:
    """All questions, folded away; without those whose answer needs the card of a model that can't be read."""
    with st.expander("Asked and answered"):
        for question, answer in QUESTIONS:
            with suppress(KeyError):
                st.markdown(f"**{question}**\n\n{answer(measured)}")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _against(name: str) -> str:
    """How one of Train's variants compares with the recursion as it is."""
    found, plain = small_seeds(name), small_seeds("recursion")
    puzzles = small_result("recursion")["set"]
    seeds = counted(len(found.percents), "seed")
    return f"{found.against(plain)}: {found.words} instead of {plain.words} of {puzzles} (the middle of {seeds}, and their range)"


def _carry(measured: Measured) -> str:
    model = bundled_cards()[NINE].model
    return (
        "In y and z, and nowhere else. Between two steps the model for 9×9 keeps "
        f"{model.sequence_length} × {model.width} numbers for each of the two; the question is read anew in every call that "
        "thinks. Nothing else is remembered: whoever knows y and z can go on from there, which is how scene 4 operates."
    )


def _two_states(measured: Measured) -> str:
    solved = measured["ablations"]["solved"]
    return (
        f"They do different work. Wiped before every step, z costs little ({_percent(solved['blank-z'])} solved instead of "
        f"{_percent(solved['whole'])}), y nearly all ({_percent(solved['forget-y'])}): y carries the board, z is where it thinks. Trained "
        f"with one state for both, the small model of *Train* {_against('one-state')}; at full size the paper finds "
        f"one state worse, {said(ONE_STATE, SUDOKU)} of Sudoku-Extreme instead of {said(TRM_MLP, SUDOKU)}."
    )


def _recursion(measured: Measured) -> str:
    whole, direct = (measured["depths"][name]["right"] for name in ("recursion", "direct"))
    return (
        f"It does. A network trained to recurse and asked for a single step solves {_percent(whole[0])} of "
        f"{measured['depths']['recursion']['set']}; the same network trained to answer once {_percent(direct[0])}; and with all its "
        f"16 steps the first one solves {_percent(whole[15])}. So recursion helps twice: in learning, and in answering."
    )


def _halting(measured: Measured) -> str:
    table = measured["halting"][NINE]
    counts = table["lateness"]
    early = counts["too early"] + counts["wrong"]
    return (
        "It is for learning: a puzzle that says that it is done makes room for a fresh one, so that easy ones don't take the time of "
        f"hard ones. In answering it would save work ({table['mean_stop']:.1f} steps on average instead of {table['steps']}), and cost "
        f"answers: on {early} of {sum(counts.values())} puzzles it first says so on a wrong board. So evaluation takes all steps."
    )


def _reasons(measured: Measured) -> str:
    renamed = measured["basins"]["renamed"]
    return (
        f"Some of both. A puzzle that it fails was asked again with its digits renamed, the same puzzle to anybody: {renamed['solved']} of "
        f"{counted(renamed['ways'], 'way')} came out solved. What it does depends on more than the logic of the puzzle. Yet it "
        "was never shown these puzzles, and takes back its own mistakes, as scene 1 shows. The form with pencil marks guesses "
        "openly, and counts its guesses (scene 9)."
    )


def _others(measured: Measured) -> str:
    return (
        f"Because different things were run. Published on Sudoku-Extreme, whole boards: mixing cells by an MLP {said(TRM_MLP, SUDOKU)}, by "
        f"attention {said(TRM_ATTENTION, SUDOKU)}, with one state {said(ONE_STATE, SUDOKU)}, its ancestor HRM {said(HRM, SUDOKU)}. So "
        "ask of a number which of them it is of, how many puzzles it learnt from, and whether cells or whole boards are counted."
    )


def _average(measured: Measured) -> str:
    return (
        "A running average of the weights (EMA) is what answers; the paper uses it to keep long trainings on few puzzles "
        f"steady. Without it, in a training of a minute, the small model of *Train* {_against('no-average')}."
    )


def _gradient(measured: Measured) -> str:
    return (
        f"Through the last cycle of a step. Where it goes through all cycles, the small model of *Train* {_against('all-cycles')}; where "
        f"only the last step is learnt from, without deep supervision, it {_against('last-step-only')}."
    )


def _done(measured: Measured) -> str:
    signs = measured["signs"]
    area = signs["area"]
    return (
        "Three signs are at hand after every step: what the halting head says, how little the scratchpad moved, how sure all cells "
        f"are. Of two boards from the runs of {signs['set']}, one right and one wrong, the right one has the higher sign in "
        f"{100 * area['head']:.2f} % (head), {100 * area['stillness']:.1f} % (little movement), and {100 * area['certainty']:.2f} % "
        "(sure cells). So the head says little more than how sure the cells are; a scratchpad at rest says least, for it rests on "
        "wrong boards, too (scene 7)."
    )


def _prefix(measured: Measured) -> str:
    right = measured["signs"]["right"]
    return (
        "A learnt vector for each task, put before the cells; where tasks have rules of their own, as in ARC, it says which of them is "
        "asked. In Sudoku there is one task, and one vector for all puzzles. Wiped, "
        f"{100 * right['no prefix'][-1]:.1f} % of {measured['signs']['set']} are solved; as it is, {100 * right['as it is'][-1]:.1f} %."
    )


def _edge(measured: Measured) -> str:
    right = measured["signs"]["right"]
    return (
        f"It was asked the solutions of {measured['signs']['set']} with one cell blank, which it was never taught: "
        f"{_percent(right['one blank'][0])} are right after the first step. And asked the whole solution it stays with it: "
        f"{_percent(right['none blank'][-1])} are unchanged after {len(right['none blank'])} steps."
    )


def _by_heart(measured: Measured) -> str:
    learning = Learning.load(ASSETS / "learning" / "6x6.npz")
    grown = next(look for look in learning.looks if look.solved_S[-1] > 0.3)
    last = learning.looks[-1]
    return (
        "Not these small ones, which meet every puzzle in ever other symmetries. In *Train*'s recording for 6 × 6, of puzzles it learns from "
        f"and of {learning.tests} fresh ones it solves {_percent(grown.seen)} and {_percent(grown.solved_S[-1])} after {grown.seconds:.0f} "
        f"seconds, {_percent(last.seen)} and {_percent(last.solved_S[-1])} after {last.seconds:.0f}: both come at the same time, and a gap, "
        "where there is one, opens at the end."
    )


def _tested_on(measured: Measured) -> str:
    card = bundled_cards()[NINE]
    return (
        f"No. What the 9×9 model learnt from: {card.data}. What it is measured on was made apart from it, or taken out of it before; its "
        "card says which command did it, and the *Model* tab of every puzzle page shows the card."
    )


QUESTIONS: tuple[tuple[str, Callable[[Measured], str]], ...] = (
    ("Where is the carry: what goes from one step to the next?", _carry),
    ("Why two states?", _two_states),
    ("Does recursion matter, or would one call do?", _recursion),
    ("Why a halting head, if evaluation does not use it?", _halting),
    ("Does it reason, or does it guess?", _reasons),
    ("Why do others report less on Sudoku-Extreme?", _others),
    ("What is the average of the weights for?", _average),
    ("How far back does the gradient go?", _gradient),
    ("By what does one see that it is done?", _done),
    ("What is a puzzle embedding, and what if it is wiped?", _prefix),
    ("Does it still know what to do with one blank, or none?", _edge),
    ("Does it learn its puzzles by heart?", _by_heart),
    ("Is test data in the training?", _tested_on),
)
