"""Back, the lesson and the inspector in a real browser. Needs Debian's chromium."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from pages.lesson.hand import BEFORE, MODEL
from tests.pages.browsing import (
    CHART,
    ON_SCREEN,
    SHOWN,
    open_sudoku,
    settle,
    still,
    wait_for_chart,
    wait_for_player,
)
from trm_core.lesson.trials import WHOLE
from trm_core.lesson.wounds import torn
from trm_core.measuring.waiting import served
from trm_core.solving.settings import Settings
from trm_core.solving.solver import Solver
from trm_core.weights import checkpoint


def test_the_lesson_asks_shows_and_goes_on(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{server}/learn")
    expect(page.get_by_role("heading", name="An answer that improves")).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", name="One call, one cycle")).to_be_visible(timeout=60_000)
    settle(page)
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_role("button", name="That is my guess: show me").click()
    wait_for_chart(page)
    loop = page.locator(".st-key-learn_lesson_figure .js-plotly-plot")
    expect(loop).to_be_visible(timeout=60_000)
    wait_for_player(page)
    # What came of it is told once step 1 was watched, not before.
    told = page.evaluate("""() => {
        const verdict = document.querySelector('.trm-told [data-after="1"]');
        return [getComputedStyle(verdict).visibility === 'visible', verdict.classList.contains('trm-seen')];
    }""")
    assert told[0] == told[1]
    # The arrow of the diagram goes with the playhead.
    page.locator("[data-action=last]").click()
    page.wait_for_function(
        "document.querySelector('.st-key-learn_lesson_figure .js-plotly-plot')"
        ".data[3].text[0].startsWith('step 2')"
    )
    expect(page.get_by_text("You guessed")).to_be_visible()
    # So does what is inside the cell that is clicked.
    board = page.locator(".st-key-stage_board .js-plotly-plot")
    page.mouse.click(*still(page, board))
    inside = page.locator(".learn_inside_says")
    expect(inside).to_contain_text("Step 2, call 6 of 6: writes y from y and z", timeout=60_000)
    settle(page)
    page.keyboard.press("ArrowLeft")
    expect(inside).to_contain_text("Step 2, call 5 of 6: makes a new z from x, y and z. It hears")
    expect(page.locator(".learn_chart_says")).to_contain_text("Step 2 of 2, call 5 of 6")
    entries = page.evaluate("history.length")
    page.get_by_role("button", name="Next scene").click()
    expect(page.get_by_role("heading", name="What is the scratchpad for?")).to_be_visible()
    settle(page)
    assert "scene=scratchpad" in page.url
    assert page.evaluate("history.length") == entries + 1
    page.get_by_text("z wiped", exact=True).click()
    page.get_by_role("button", name="That is my guess: show me").click()
    boards = page.locator(".st-key-stage_board .js-plotly-plot")
    expect(boards).to_have_count(4, timeout=60_000)
    wait_for_player(page)
    page.locator("[data-action=last]").click()
    says = page.locator(".st-key-stage_board .trm-says")
    expect(says.first).to_contain_text("Step 16 of 16", timeout=60_000)
    expect(says.last).to_contain_text("Step 16 of 16")
    page.go_back()
    expect(page.get_by_role("heading", name="One call, one cycle")).to_be_visible(timeout=60_000)
    assert not problems


def test_scenes_play_in_turn_and_guesses_come_by_link(page: Page, server, problems):
    """Those of different kinds; what each of the nine shows is tested without a browser."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{server}/learn")
    expect(page.get_by_role("heading", name="An answer that improves")).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("button", name="That is my guess: show me").click()
    expect(page.get_by_text("You guessed")).to_be_visible(timeout=60_000)
    settle(page)
    assert "guesses=answer+16" in page.url
    # A step in the words leads to its moment.
    wait_for_player(page)
    step = page.locator(".trm-verdict .trm-step").first
    step.click()
    told = step.get_attribute("data-moment")
    expect(page.locator(".trm-says").first).to_contain_text(f"Step {told} of")
    page.get_by_role("button", name="Teaching").click()
    page.get_by_text("Teacher", exact=True).click()
    page.keyboard.press("Escape")
    for number in (1, 2, 3):
        heading = page.get_by_role("heading", name=re.compile(rf"^{number}\. "), level=2)
        expect(heading).to_be_visible(timeout=60_000)
        settle(page)
        wait_for_chart(page)
        page.wait_for_function(f"() => ({SHOWN})({CHART}) >= 0")
        if number in (1, 3):  # the player is the same in all
            page.locator("[data-action=first]").click()
            page.wait_for_function(f"() => ({SHOWN})({CHART}) === 0")
            page.locator("[data-action=next]").click()
            page.wait_for_function(f"() => ({SHOWN})({CHART}) === 1")
        page.get_by_role("button", name="Next scene").click()
    assert problems == []
    shared = page.context.new_page()
    shared.goto(page.url.replace("teacher=1", "teacher=0").replace("scene=", "was="))
    expect(shared.get_by_text("You guessed 16 steps")).to_be_visible(timeout=60_000)


def test_a_dial_answers_while_it_is_dragged_and_the_page_follows(page: Page, server, problems):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/learn?scene=learning&teacher=1")
    dial = page.locator(".dial input")
    expect(dial).to_be_visible(timeout=60_000)
    settle(page)
    wait_for_player(page)
    assert dial.evaluate("e => e.getBoundingClientRect().right <= innerWidth")
    words, picture = page.locator(".dial .words"), page.locator(".dial img")
    first = picture.get_attribute("src")
    dial.evaluate("e => { e.value = 7; e.dispatchEvent(new Event('input')); }")  # still held
    assert "solves 100 of 100" in words.inner_text() and picture.get_attribute("src") != first
    dial.dispatch_event("change")
    expect(page.locator(".trm-says").first).to_contain_text("100 % sure", timeout=60_000)
    settle(page)
    assert dial.input_value() == "7"
    assert not problems


def test_an_operation_is_made_by_hand_and_heals(page: Page, server):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{server}/learn?scene=surgery&teacher=1")
    cell = page.locator(".painter .cell").nth(40)
    page.get_by_text("Operate yourself: other digits").click(timeout=60_000)
    expect(cell).to_be_visible(timeout=60_000)
    settle(page)
    _tears_by_hand(page)
    digit = cell.inner_text().strip()[0]
    cell.click()
    page.keyboard.press(str(int(digit) % 9 + 1))
    expect(page.get_by_text("Changed so far: 1 cell of the answer y.")).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("button", name="Operate, and go on").click()
    expect(page.get_by_text("It healed.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Y of 1 cell rewritten before step 9")).to_be_visible()
    settle(page)
    page.wait_for_function(
        f"() => ({SHOWN})({CHART}) >= 16"
    )  # two cycles a step: where it was done


def _tears_by_hand(page: Page) -> None:
    """What the visitor's own browser answers to a slider is what torch answers."""
    hand = page.locator(".hand")
    expect(hand.locator(".says")).to_have_text(
        f"After step {BEFORE} all cells are right, and nothing is torn out."
    )
    slider = hand.locator(".cells")
    every = int(slider.get_attribute("max"))
    # Dragged and not let go, so that it stays at one step.
    slider.evaluate("(at, to) => { at.value = to; at.dispatchEvent(new Event('input')); }", every)
    expect(hand.locator(".says")).to_have_text(re.compile(f"^One step later .* {every} torn cells"))
    mended, others = right_after_a_wound(every)
    assert (
        abs(int(hand.get_attribute("data-mended")) - mended) <= 1
    )  # where two digits are as likely
    assert abs(int(hand.get_attribute("data-others")) - others) <= 1
    slider.dispatch_event("change")  # let go: it goes on, and heals
    expect(hand.locator(".says")).to_have_text(
        re.compile(rf" later {every} of {every} torn cells are right again\.$")
    )
    # A cell that is pressed is torn out while it goes on; a given one is not.
    hand.get_by_role("button", name="Heal all").click()
    expect(hand.locator(".count")).to_have_text(f"Cells torn out: 0 of {every}")
    for cell in (
        hand.locator(".board .given").first,
        hand.locator(".board button:not(.given)").first,
    ):
        cell.click()
    expect(hand.locator(".count")).to_have_text(f"Cells torn out: 1 of {every}")
    expect(hand.locator(".says")).to_have_text(
        re.compile(r"later 1 of 1 torn cell is right again\.$")
    )


def right_after_a_wound(size: int) -> tuple[int, int]:
    """As torch has it, with that many cells torn out of y and z, all that are not given: how many of them are right one
    step later, and how many others are wrong."""
    asked = WHOLE.asked
    model, _ = checkpoint.load(checkpoint.find(MODEL), asked=asked)
    question_RC = asked.parse(WHOLE.puzzle)
    wounded = torn("yz", size, model, asked, question_RC, BEFORE + 1, np.random.default_rng(0))
    settings = Settings(steps=BEFORE + 1, stop="steps")
    [solution_RC] = asked.rules.solutions(question_RC)
    trace = (
        Solver(model, asked)
        .solve(question_RC, settings, solution_RC, interventions=(wounded,))
        .trace
    )
    assert trace.right("steps")[BEFORE].all()
    right_L = trace.right("steps")[BEFORE + 1]
    given_L = asked.given(question_RC).reshape(-1)
    return int(right_L[~given_L].sum()), int((~right_L[given_L]).sum())


def test_a_set_is_run_sliced_opened_and_compared(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{server}/inspect")
    expect(page.get_by_text("% solved")).to_be_visible(timeout=60_000)
    settle(page)
    # A bar that is clicked is shown alone, in the chips and in the link.
    bar = page.locator(".st-key-inspect_bars_end .js-plotly-plot .barlayer .point").last
    page.mouse.click(*still(page, bar))
    page.wait_for_url(re.compile("slice=end"), timeout=60_000)
    settle(page)
    # Open the first board, go on by keyboard, close.
    page.locator(".st-key-stage_gallery button").first.click()
    expect(page.get_by_role("heading", name=re.compile(r"^Puzzle \d+"))).to_be_visible(
        timeout=60_000
    )
    expect(page.locator(".st-key-stage_board .heatmaplayer image").first).to_be_attached(
        timeout=60_000
    )
    settle(page)
    first = re.search(r"row=(\d+)", page.url)[1]
    page.keyboard.press("n")
    page.wait_for_function(f"() => !location.search.includes('row={first}')")
    settle(page)
    address = page.url
    # A set of one's own, run here.
    page.get_by_role("button", name="Run a set").click()
    page.get_by_label("How many, at most").fill("20")
    page.get_by_label("Supervision steps at most").fill("4")
    page.get_by_label("Supervision steps at most").press("Enter")
    settle(page)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text(re.compile("on 20 "))).to_be_visible(timeout=120_000)
    settle(page)
    page.get_by_role("button", name="Open, keep").click()
    with page.expect_download() as kept:
        page.get_by_role("button", name="CSV").click()
    assert kept.value.path().read_text().count("\n") == 21
    page.keyboard.press("Escape")
    assert problems == []
    # The link of before opens the same slice and puzzle, for somebody else.
    shared = page.context.new_page()
    shared.goto(address)
    number = re.search(r"row=(\d+)", address)[1]
    expect(shared.get_by_role("heading", name=f"Puzzle {number}")).to_be_visible(timeout=60_000)


def test_two_models_stand_side_by_side(page: Page, server):
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{server}/inspect?set=sudoku-9x9&versus=sudoku-marks&field=only+the+second&row=0")
    expect(page.get_by_text("exact McNemar test")).to_be_visible(timeout=60_000)
    settle(page)
    page.locator(".st-key-stage_gallery button").first.click()
    boards = page.locator(".st-key-stage_board .js-plotly-plot")
    expect(boards).to_have_count(2, timeout=60_000)
    wait_for_player(page)
    page.locator("[data-action=last]").click()
    says = page.locator(".st-key-stage_board .trm-says")
    expect(says.first).to_contain_text("Step 16 of 16", timeout=60_000)


def test_back_goes_to_what_was_on_screen_and_history_holds_puzzles_only(page: Page, server):
    open_sudoku(page, server)
    settle(page)

    def puzzle() -> str:
        return page.evaluate("new URLSearchParams(location.search).get('puzzle')")

    def entries() -> int:
        return page.evaluate("history.length")

    def generate() -> str:
        before = puzzle()
        page.get_by_role("button", name="New puzzle", exact=True).click()
        page.wait_for_function(
            "before => new URLSearchParams(location.search).get('puzzle') !== before", arg=before
        )
        settle(page)
        return puzzle()

    first, opened = puzzle(), entries()
    second = generate()
    assert entries() == opened + 1
    page.get_by_role("button", name="Solve", exact=True).click()
    wait_for_chart(page)
    settle(page)
    assert "solved=1" in page.url
    assert entries() == opened + 1  # solving it is no other place
    third = generate()
    assert len({first, second, third}) == 3
    page.go_back()
    page.wait_for_function(f"wanted => ({ON_SCREEN})() === wanted", arg=second)
    page.wait_for_timeout(1500)
    settle(page)
    assert puzzle() == second  # the page agreed: else it would have written its own again
    assert entries() == opened + 2
    wait_for_chart(page)  # it was solved, and is again


def test_two_quick_presses_of_back_end_at_one_puzzle(page: Page, server):
    """The first one's solve is still under way when the second comes."""
    open_sudoku(page, server)
    settle(page)
    address = "new URLSearchParams(location.search).get('puzzle')"
    first = page.evaluate(address)
    for _ in range(2):
        before = page.evaluate(address)
        page.get_by_role("button", name="New puzzle", exact=True).click()
        page.wait_for_function(f"before => {address} !== before", arg=before)
        settle(page)
        page.get_by_role("button", name="Solve", exact=True).click()
        wait_for_chart(page)
        settle(page)
    page.evaluate("history.back()")
    page.wait_for_timeout(600)
    page.evaluate("history.back()")
    page.wait_for_function(f"wanted => ({ON_SCREEN})() === wanted", arg=first, timeout=60_000)
    page.wait_for_timeout(2500)
    settle(page)
    assert page.evaluate(address) == first  # no late run wrote its own over it
    assert page.evaluate(ON_SCREEN) == first


def test_the_first_visitors_of_a_server_come_at_once_by_pages_own_addresses(page: Page):
    """Nobody has opened Home yet, and nothing is loaded: each sees the page and the line to all others."""
    with served() as fresh:
        tabs = {name: page.context.new_page() for name in ("sudoku", "mazes", "inspect", "learn")}
        for name, tab in tabs.items():
            tab.goto(f"{fresh}/{name}", wait_until="commit")
        for name, tab in tabs.items():
            drawn = ".js-plotly-plot .heatmaplayer image, .trm-question, [data-testid=stException]"
            tab.wait_for_selector(drawn, state="attached", timeout=60_000)
            expect(tab.get_by_test_id("stTopNavLink")).to_have_count(7)
            expect(tab.get_by_test_id("stException")).to_have_count(0)
            assert tab.url.split("?")[0] == f"{fresh}/{name}"


def test_the_first_press_of_back_on_a_page_leaves_it(page: Page, server):
    page.goto(server)
    page.get_by_test_id("stTopNavLink").filter(has_text="Sudoku").click()
    expect(page.get_by_role("heading", name="Sudoku")).to_be_visible(timeout=60_000)
    page.wait_for_url(re.compile("/sudoku.*puzzle="), timeout=60_000)
    wait_for_player(page)
    page.wait_for_timeout(500)
    # A run of the page that is left may be under way still, and write its address late.
    late = "() => setTimeout(() => history.replaceState({}, '', '?puzzle=late'))"
    page.evaluate(f"addEventListener('popstate', {late}, {{ once: true }})")
    page.go_back()
    expect(page.get_by_role("button", name="Show it a puzzle")).to_be_visible(timeout=60_000)
    settle(page)
    expect(page).to_have_url(re.compile(r"/$"), timeout=60_000)


def test_back_from_the_demo_is_home_again(page: Page, server):
    page.goto(server)
    wait_for_chart(page)
    settle(page)
    page.get_by_role("button", name="Demo", exact=True).click()
    expect(page.locator(".trm-show h2")).to_be_visible(timeout=60_000)
    settle(page)
    assert "demo=1" in page.url
    page.go_back()
    expect(page.get_by_role("button", name="Show it a puzzle")).to_be_visible(timeout=60_000)
    assert "demo" not in page.url


def test_a_model_is_trained_watched_used_kept_and_opened_again(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{server}/train")
    expect(page.get_by_text("Make your own tiny model.")).to_be_visible()
    settle(page)
    page.get_by_text("your own settings").click()
    for label, value in (("Width", 8), ("Updates", 20), ("Puzzles at a time", 8)):
        page.get_by_label(label, exact=True).fill(str(value))
        page.get_by_label(label, exact=True).press("Enter")
        settle(page)
    page.get_by_role("button", name="Train it from nothing").click()
    use = page.get_by_role("button", name="Solve with my model")
    expect(use).to_be_visible(timeout=240_000)
    settle(page)
    page.locator(".st-key-stage_film button").first.click()  # the weights of the first moment
    expect(page.locator(".dial .words")).to_contain_text("After 0 s of learning")
    settle(page)
    with page.expect_download() as kept:
        page.get_by_role("button", name="Keep the weights").click()
    weights = kept.value.path()
    with page.expect_download() as recorded:
        page.get_by_role("button", name="Keep the recording").click()
    assert recorded.value.path().stat().st_size > 1000
    use.click()
    page.wait_for_url(re.compile("model=own-"), timeout=60_000)
    expect(page.get_by_text(re.compile("^(Solved in|Not solved)"))).to_be_visible(timeout=60_000)
    settle(page)
    assert problems == []
    # A friend, who was sent the weights, opens them on the puzzle's page.
    friend = page.context.new_page()
    friend.goto(f"{server}/sudoku?size=sudoku-4x4")
    wait_for_chart(friend)
    settle(friend)
    friend.locator(".st-key-stage_act").get_by_test_id("stPopoverButton").filter(
        has_text="Settings", visible=True
    ).click()
    friend.locator("input[type=file]").set_input_files(
        {
            "name": "mine.safetensors",
            "mimeType": "application/octet-stream",
            "buffer": weights.read_bytes(),
        }
    )
    expect(friend.locator(".trm-plays").filter(has_text="my own: 4x4 Sudoku")).to_be_visible()
