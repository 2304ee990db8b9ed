"""A page that thinks by itself: its forward pass is torch's, and it needs nothing but a browser."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.browsing import ROOT
from trm_core.__main__ import main
from trm_core.domains import domain
from trm_core.figures.page import packed, thinking_page
from trm_core.network.forms import build_model
from trm_core.network.slots import Occupant, Slots
from trm_core.training.data import generated
from trm_core.training.small import small_recipe
from trm_core.weights import checkpoint
from trm_core.weights.card import for_browser

RUNTIME = (ROOT / "trm_core" / "figures" / "think" / "runtime.js").read_text()
STEPS = 3
# All boards of a size by one model: for each what stood after each step.
RUN = """([config, weights, questions, steps]) => {
    const model = tinyModel(config, unpacked(weights));
    return questions.map((question, i) => {
        let state = model.start(question, i % 3);
        return Array.from({ length: steps }, () => {
            state = model.step(state);
            const { logits, q, answer, candidates, pinned, dead, go, conflict } = state;
            const told = { logits, answer, candidates, pinned };
            const arrays = Object.entries(told).map(([name, all]) => [name, all && [...all]]);
            return { ...Object.fromEntries(arrays), q, dead, go, conflict };
        });
    });
}"""


def by_torch(model, questions_BL, seeds):
    """The same boards by the model itself, one by one: of every step, what comes of it. In double precision, in which
    every processor comes to the same."""
    model = model.double()
    for tokens_L, seed in zip(questions_BL, seeds, strict=True):
        slots = Slots(model)
        slots.add([Occupant(tokens_L=tokens_L, start=model.seeded_start(seed))])
        with torch.no_grad():
            yield [slots.step() for _ in range(STEPS)]


@pytest.mark.parametrize("name", ["sudoku-any", "sudoku-marks"])
def test_the_browser_computes_what_torch_computes(page: Page, name):
    """On 50 boards of three sizes: logits as single precision allows, and pencil marks move for move. (Where a number
    lies right at a threshold, rounding decides: one board may differ.)"""
    page.set_content(f"<script>{RUNTIME}</script>")
    alike = boards = 0
    for size, count in (("sudoku-4x4", 28), ("sudoku-6x6", 18), ("sudoku-9x9", 4)):
        asked = domain(size)
        pairs = generated(asked, "minimal", count, seed=77)
        questions_BL = [pair_2L[0] for pair_2L in pairs.tokens_N2L]
        model, card = checkpoint.load(checkpoint.find(name), asked=asked)
        config = asdict(card.model) | {"symbols": asked.rows}
        weights = {key: tensor.numpy() for key, tensor in model.state_dict().items()}
        values = [np.maximum(tokens_L.astype(int) - 1, 0).tolist() for tokens_L in questions_BL]
        found = page.evaluate(RUN, [json.loads(json.dumps(config)), packed(weights), values, STEPS])
        theirs = by_torch(model, questions_BL, [i % 3 for i in range(count)])
        for mine, expected in zip(found, theirs, strict=True):
            boards += 1
            if card.makes_marks:
                alike += all(_alike(model, a, b) for a, b in zip(mine, expected, strict=True))
                continue
            for step, output in zip(mine, expected, strict=True):
                logits_NL = output.logits_BLV[0, :, 2:].T.flatten().numpy()
                assert step["logits"] == pytest.approx(logits_NL, abs=1e-3)
                assert step["q"] == pytest.approx(float(output.q_B[0]), abs=1e-3)
            first = expected[0].logits_BLV[0, :, 2:].T.flatten().numpy()
            assert mine[0]["logits"] == pytest.approx(first, abs=1e-4)
            alike += 1
    assert boards == 50 and alike >= 49


def test_widths_that_no_four_divides_are_computed_too(page: Page):
    """As those of one's own models may be."""
    config = small_recipe("sudoku-4x4", width=10).model
    config = replace(config, messages=7)
    model = build_model(config, torch.Generator().manual_seed(0)).for_inference()
    four = domain("sudoku-4x4")
    tokens_L = four.tokens(four.parse("1.....2..3.....4"))
    weights = {key: tensor.numpy() for key, tensor in model.half().float().state_dict().items()}
    page.set_content(f"<script>{RUNTIME}</script>")
    told = json.loads(json.dumps(asdict(config) | {"symbols": 4}))
    question = np.maximum(tokens_L.astype(int) - 1, 0).tolist()
    [found] = page.evaluate(RUN, [told, packed(weights), [question], STEPS])
    [expected] = by_torch(model, [tokens_L], [0])
    logits_NL = expected[0].logits_BLV[0, :, 2:].T.flatten().numpy()
    assert found[0]["logits"] == pytest.approx(logits_NL, abs=1e-4)


def _alike(model, step, output) -> bool:
    """Whether a step of pencil marks is the same, but for how sure it is of a contradiction, which is close."""
    marks = model.marks(output.state.y_BMD)
    return (
        step["candidates"] == marks.candidates_BNL.int().flatten().tolist()
        and step["pinned"] == marks.pinned_BNL.int().flatten().tolist()
        and step["dead"] == bool(marks.dead_B[0])
        and step["go"] == int(marks.go_B[0])
        and abs(step["conflict"] - float(marks.conflict_B[0])) < 1e-3
        and np.array_equal(np.array(step["answer"]) + 1, output.logits_BLV[0].argmax(-1))
    )


@pytest.fixture
def alone(page: Page, tmp_path):
    """The page as a file, with a guard that sees every request and every error."""
    seen = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("console", lambda message: seen.append(message.text))
    path = tmp_path / "solve.html"
    assert main(["page", "sudoku-marks", "--out", str(path)]) == 0
    yield f"file://{path}"
    outside = [url for url in seen if not url.startswith(("file:", "blob:"))]
    assert outside == []


def test_a_page_solves_what_is_typed_without_any_network(page: Page, alone, tmp_path):
    assert (tmp_path / "solve.html").stat().st_size < 400_000
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(alone)
    assert Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"] == []
    page.get_by_label("Size").select_option("4")
    page.locator("#board div").first.click()
    page.keyboard.press("1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    expect(page.get_by_role("alert")).to_have_text(
        "A digit stands twice in a row, a column or a box."
    )
    expect(page.get_by_role("button", name="Solve")).to_be_disabled()
    page.keyboard.press("Backspace")
    area = page.get_by_label("Or paste a puzzle")
    area.fill("1.....2..3.....")
    expect(page.get_by_role("alert")).to_have_text(
        "A puzzle has 81 or 16 or 36 cells, this text has 15."
    )
    area.fill("1.....2..3.....4")
    page.get_by_role("button", name="Solve").click()
    expect(page.get_by_text("Solved in")).to_be_visible(timeout=60_000)
    four = domain("sudoku-4x4")
    solution = four.rules.solutions(four.parse("1.....2..3.....4"))[0]
    answer = page.evaluate("document.documentElement.dataset.answer")
    assert answer == "".join(map(str, solution.flat))
    page.get_by_role("button", name="One step back").click()
    expect(page.get_by_role("status")).not_to_have_text("")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0


def test_a_link_brings_a_puzzle_and_begins(page: Page, alone):
    nine = domain("sudoku-9x9")
    text = ".561...93.4..781.6...3..5....5......1....5..978..9.3.......7.....7931.8.9..8..4.."
    page.goto(f"{alone}#puzzle={text}&go=1")
    page.wait_for_function("document.documentElement.dataset.answer", timeout=60_000)
    told = page.evaluate("({...document.documentElement.dataset})")
    assert told["answer"] == "".join(map(str, nine.rules.solutions(nine.parse(text))[0].flat))
    assert told["solved"] == "true" and int(told["steps"]) >= 1
    page.goto("about:blank")
    page.goto(f"{alone}#puzzle=12")
    expect(page.get_by_role("alert")).to_contain_text("The link's puzzle could not be used")


def test_the_bundled_page_is_what_the_command_writes():
    made = thinking_page(**for_browser(checkpoint.find("sudoku-marks")))
    assert (ROOT / "assets" / "solve.html").read_text() == made


def test_models_of_another_form_are_refused_in_a_sentence(capsys):
    assert main(["page", "sudoku-9x9"]) == 2
    assert "such as sudoku-marks and sudoku-any; sudoku-9x9 has none" in capsys.readouterr().err
