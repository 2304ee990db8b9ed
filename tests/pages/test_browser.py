"""The app in a real browser: what a visitor sees and can do. Needs Debian's chromium."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import (
    CHART,
    FRAME_NAMES,
    LINE,
    ROOT,
    SAID,
    SHOWN,
    edit,
    open_sudoku,
    paste,
    popover,
    settle,
    solve,
    unfold,
    wait_for_cells,
    wait_for_chart,
)
from tests.pictures import FONTS, LOOKS, drawn, encoded, photographed
from trm_core.domains import domain

# Pixels by which a page can be scrolled sideways, as a whole or in its main part.
BEYOND = """[document.documentElement, document.querySelector('[data-testid=stMain]')]
    .map(part => part.scrollWidth - part.clientWidth).reduce((a, b) => Math.max(a, b))"""


# One frame back, and after so many turns of the event loop a new figure, as Streamlit gives one.
DRAWN_ANEW = """async (gd, turns) => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }));
    for (let turn = 0; turn < turns; turn++) await null;
    const { data, layout } = structuredClone({ data: gd.data, layout: gd.layout });
    await Plotly.react(gd, { data, layout, frames: gd._transitionData._frames });
}"""


@pytest.fixture
def recorded(watched):
    """The same tab, for a test that leaves it at that solve."""
    page, problems = watched
    page.bring_to_front()
    settle(page)
    yield page
    assert problems == []


def test_home_already_moves(moving: Page, server, problems):
    page = moving
    page.goto(server)
    chart = wait_for_chart(page)
    before = chart.evaluate(SHOWN)
    page.wait_for_function(f"before => ({SHOWN})({CHART}) > before", arg=before)
    assert problems == []


def test_a_pasted_puzzle_is_solved_and_plays(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_sudoku(page, server)
    paste(page, LINE)
    expect(page.get_by_text("30 givens, exactly one solution")).to_be_visible(timeout=60_000)
    solve(page)
    chart = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    expect(chart).to_have_count(1)
    names = chart.evaluate(FRAME_NAMES)
    assert names[0] == "question"
    assert names[1].startswith("step 1 of")
    page.get_by_role("button", name="First frame").click()
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 0")
    page.get_by_role("button", name="One frame on").click()
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 1")
    page.keyboard.press("Home")
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 0")
    page.get_by_label("Speed").select_option("fast")
    page.get_by_role("button", name="Play", exact=True).click()
    last = len(names) - 1
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === {last}")
    digits = chart.evaluate(
        "gd => gd.data[gd.layout.meta.layers.answer].text.join('').replace(/\\u00a0/g, '')"
    )
    givens = chart.evaluate("gd => gd.data.at(-1).text.length")
    assert givens == 30
    assert len(digits) == 51  # every blank is filled
    # Streamlit does not hear of it: it would give the chart its figure again, and the two answer each other without end.
    heard = "gd => ['redraw', 'restyle'].map(what => gd._ev.listenerCount(`plotly_${what}`))"
    assert chart.evaluate(heard) == [0, 0]
    # A chart may be given a new figure at any moment while a frame is being shown.
    for turns in range(4):
        chart.evaluate(DRAWN_ANEW, turns)
        page.wait_for_function(f"() => ({SHOWN})({CHART}) === {last - 1 - turns}")
    assert problems == []


def test_every_number_is_that_of_the_frame_shown(recorded: Page):
    page = recorded
    chart = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    curves = page.locator(".st-key-sudoku_curves .js-plotly-plot")
    page.get_by_role("button", name="First frame").click()
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 0")
    told = chart.evaluate("gd => gd.layout.meta.told")
    assert len(told) > 4 and len(set(told)) == len(told)
    for frame, words in enumerate(told):
        expect(page.locator(SAID)).to_have_text(words)
        wanted = curves.evaluate(
            f"gd => gd._transitionData._frames[{frame}].data.filter(part => part.text)"
            ".map(part => part.text[1].replace(/<[^>]*>/g, '').trim()).filter(Boolean)"
        )
        seen = "() => [...document.querySelectorAll('.st-key-sudoku_curves .textpoint')]"
        seen += ".map(text => text.textContent.trim()).filter(Boolean)"
        page.wait_for_function(
            f"wanted => JSON.stringify(({seen})()) === JSON.stringify(wanted)", arg=wanted
        )
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("route", ["sudoku", "mazes"])
def test_the_stage_is_all_in_view_and_nothing_jumps(page: Page, server, problems, route):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server}/{route}")
    expect(page.locator(f".st-key-{route}_chart")).to_be_visible(timeout=60_000)
    wait_for_chart(page)
    settle(page)
    names = ("board", "act", "bar", "says", "curves", "verdict")
    bottoms = page.evaluate(
        "names => names.map(name =>"
        " document.querySelector(`.st-key-stage_${name}`).getBoundingClientRect().bottom)",
        names,
    )
    assert max(bottoms) <= 720, dict(zip(names, bottoms, strict=True))
    legend = page.locator(".trm-legend").first.bounding_box()
    assert legend["y"] + legend["height"] <= 720
    board = page.locator(".js-plotly-plot").first.bounding_box()
    assert board["height"] >= 500
    page.evaluate(
        """() => {
            window.shifts = [];
            new PerformanceObserver(list => {
                for (const e of list.getEntries()) window.shifts.push(e.value);
            }).observe({ type: "layout-shift", buffered: false });
        }"""
    )
    solve(page)
    page.wait_for_timeout(1_000)
    assert sum(page.evaluate("window.shifts")) < 0.05
    assert page.evaluate("window.scrollY") == 0
    after = page.locator(".js-plotly-plot").first.bounding_box()
    assert after == pytest.approx(board, abs=1)
    assert problems == []


def test_on_a_phone_the_board_comes_first_and_solve_stays_in_sight(page: Page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/sudoku")
    wait_for_chart(page)
    settle(page)
    top = {
        name: page.locator(f".st-key-stage_{name}").bounding_box()["y"]
        for name in ("board", "bar", "act", "says", "curves", "verdict")
    }
    assert list(top) == sorted(top, key=top.get)
    for _ in range(2):
        box = page.get_by_role("button", name="Solve", exact=True).bounding_box()
        assert 0 <= box["y"] <= 844 - box["height"]
        page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 400)")
        page.wait_for_timeout(300)
    solve(page)
    page.wait_for_timeout(800)
    box = page.locator(".js-plotly-plot").first.bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 844  # the board is in view again


def test_a_link_brings_back_two_boards(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_sudoku(page, server)
    settle(page)
    page.get_by_role("button", name="Ask it 8 ways").click()
    expect(page.get_by_text("Asked 8 ways").first).to_be_visible(timeout=240_000)
    settle(page)
    page.get_by_role("tab", name="Tries").click()
    settle(page)
    other = page.get_by_role("combobox", name="Watch another try beside it")
    other.click()
    other.press("ArrowDown")
    page.get_by_role("option", name="Recorded earlier").click()
    second = page.locator(".st-key-sudoku_chart_1 .js-plotly-plot")
    expect(second).to_have_count(1, timeout=60_000)
    settle(page)
    bar = page.locator(".st-key-stage_bar").bounding_box()
    assert bar["y"] + bar["height"] <= 720  # both boards and what plays them, in view
    page.get_by_role("button", name="Last frame").click()
    shown = second.evaluate("gd => gd.shown")
    assert shown == second.evaluate("gd => gd._transitionData._frames.length") - 1
    assert problems == []
    page.goto(page.url)
    expect(second).to_have_count(1, timeout=60_000)
    expect(page.locator(".trm-heading")).to_have_count(2)


def test_keys_move_the_board_right_after_a_solve(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_sudoku(page, server)
    page.get_by_role("button", name="New puzzle").click()
    expect(page.locator(".painter")).to_be_visible(timeout=60_000)
    settle(page)
    solve(page)
    chart = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    page.wait_for_timeout(500)
    page.keyboard.press("End")
    last = len(chart.evaluate(FRAME_NAMES)) - 1
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === {last}")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === {last - 1}")
    assert problems == []


def test_clashes_are_shown_while_nothing_is_lost(page: Page, server, problems):
    open_sudoku(page, server)
    paste(page, "55" + LINE[2:])
    expect(page.get_by_text("two 5s in row 1")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Solve", exact=True)).to_be_disabled()
    unfold(page)
    expect(page.get_by_role("textbox", name="A puzzle as text")).to_have_value("55" + LINE[2:])
    assert problems == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nothing_overflows(page: Page, server, scheme, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    # Where there is room, another test looks at the stages.
    for route in ("", "sudoku", "mazes") if width == 390 else ("",):
        page.goto(f"{server}/{route}")
        chart = wait_for_chart(page)
        settle(page)
        assert page.evaluate(BEYOND) <= 0, route
        box = chart.bounding_box()
        assert box["x"] >= 0, route
        assert box["x"] + box["width"] <= width, route
        # A frame that plays replaces the image: look until one is there to measure.
        sides = page.wait_for_function(
            """() => {
                const image = document.querySelector(".js-plotly-plot .heatmaplayer image");
                const box = image?.getBoundingClientRect();
                return box?.width ? [box.width, box.height] : null;
            }"""
        ).json_value()
        assert sides[0] == pytest.approx(sides[1], abs=2), route
        assert sides[0] >= (420 if width == 1280 else 320), route
    for name in ("Learn", "Inspect", "Train", "ARC") * (width == 390):
        page.locator(".st-key-phone_pages").get_by_text(name, exact=True).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_attached()
        settle(page)
        assert page.evaluate(BEYOND) <= 0, name


def test_marks_come_and_go_and_leave_one_step_a_step(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server}/sudoku?size=sudoku-9x9&model=sudoku-marks")
    expect(page.get_by_text("Who thinks here: sudoku-marks")).to_be_visible(timeout=60_000)
    settle(page)
    edit(page)
    page.get_by_role("button", name="Back to the solve").click()
    wait_for_chart(page)
    settle(page)
    page.get_by_role("button", name="First frame").click()
    popover(page, "Settings")
    # What is first seen long after the page's first run still begins with what is remembered.
    steps = page.get_by_role("slider", name="Supervision steps at most")
    expect(steps).to_have_value("1000")
    for mark in ("wrong", "just changed"):
        page.get_by_test_id("stButtonGroup").get_by_text(mark, exact=True).click()
        page.wait_for_timeout(800)
    page.keyboard.press("Escape")
    seen = "gd => ['wrong', 'changed'].map(n => gd.data[gd.layout.meta.layers[n]].visible ?? true)"
    chart = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    assert chart.evaluate(seen) == [True, False]
    # Texts are as large as the cells want them, and three rows of pencil marks fit into one.
    sizes = chart.evaluate(
        """gd => gd.layout.meta.scaled.map(([layer, name, share]) =>
            gd.data[layer].textfont.size / (share * gd._fullLayout.yaxis._length / 9))"""
    )
    assert sizes == pytest.approx([1, 1, 1], abs=0.05)
    page.get_by_role("button", name="One frame on").click()
    page.wait_for_timeout(500)
    assert chart.evaluate(SHOWN) == 1
    assert problems == []


@pytest.mark.parametrize("kind", ["png", pytest.param("npz", marks=pytest.mark.long)])
def test_a_file_is_opened(page: Page, server, problems, tmp_path, kind):
    path = tmp_path / f"file.{kind}"
    board_RC = domain("sudoku-9x9").parse(LINE)
    if kind == "png":
        photo = photographed(drawn(board_RC, FONTS[2], LOOKS["print"]), np.random.default_rng(4))
        path.write_bytes(encoded(photo))
    else:
        path.write_bytes((ROOT / "assets" / "traces" / "sudoku-4x4.npz").read_bytes())
    open_sudoku(page, server)
    unfold(page)
    page.locator("input[type=file]").set_input_files(path)
    if kind == "npz":
        page.wait_for_function(f"() => {CHART}?.layout.meta.rows === 4", timeout=120_000)
    else:
        wait_for_cells(page, LINE)
    settle(page)
    page.keyboard.press("Escape")
    if kind == "png":
        expect(page.get_by_text("Read 30 digits from your picture")).to_be_visible()
        expect(page.locator(".painter .grid.picture")).to_be_visible()
        page.get_by_role("button", name="It is right: hide the picture").click()
        expect(page.locator(".painter .grid.picture")).to_have_count(0)
    assert problems == []


def test_the_copied_link_opens_the_same_frame(page: Page, server, problems):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 1280, "height": 900})
    open_sudoku(page, server)
    paste(page, LINE)
    expect(page.get_by_text("30 givens, exactly one solution")).to_be_visible(timeout=60_000)
    solve(page)
    page.wait_for_timeout(500)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 1")
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Embed").click()
    page.wait_for_function(
        "async () => (await navigator.clipboard.readText()).startsWith('<iframe')"
    )
    frame = page.evaluate("navigator.clipboard.readText()")
    assert problems == []
    page.goto(link)
    expect(page.get_by_text(re.compile("^Solved in"))).to_be_visible(timeout=60_000)
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 1", timeout=60_000)
    edit(page)
    wait_for_cells(page, LINE)
    # The frame holds that solve, board and curves, without the way to other pages; and a file can't be sent from it.
    page.set_content(f"<h1>Another page</h1>{frame}")
    inside = page.frame_locator("iframe")
    shown = inside.locator(".st-key-sudoku_chart .js-plotly-plot")
    expect(shown.locator(".heatmaplayer image").first).to_be_attached(timeout=60_000)
    expect(inside.locator(".st-key-sudoku_curves .js-plotly-plot").first).to_be_visible(
        timeout=60_000
    )
    for other in ("[data-testid=stHeader]", ".st-key-stage_act", ".st-key-stage_verdict"):
        expect(inside.locator(other)).to_be_hidden()
    expect(inside.get_by_role("tab")).to_have_count(0)
    page.set_content(frame.replace("curves", "tools").replace("play=1", ""))
    inside.get_by_role("button", name="Open").click(timeout=60_000)
    expect(inside.get_by_text("Files can't be opened in a page inside another one")).to_be_visible()
    expect(inside.locator(".st-key-sudoku_curves")).to_be_hidden()
    page.wait_for_timeout(600)
    assert (
        inside.locator(".js-plotly-plot").first.evaluate(SHOWN) == 0
    )  # it stands at its beginning


def test_a_click_on_the_board_opens_the_lens_and_escape_closes_it(recorded: Page):
    page = recorded
    chart = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    page.get_by_role("button", name="Last frame").click()
    box = chart.bounding_box()
    page.mouse.click(box["x"] + 40, box["y"] + 40)
    expect(page.locator(".st-key-stage_lens")).to_contain_text("Row 1, column 1:", timeout=60_000)
    last = len(chart.evaluate(FRAME_NAMES)) - 1
    assert chart.evaluate(SHOWN) == last  # the rerun left the animation where it was
    lens = page.locator(".st-key-sudoku_lens_figure .js-plotly-plot")
    expect(lens).to_be_visible(timeout=60_000)
    beside = lens.bounding_box()
    assert beside["x"] > box["x"] + box["width"] and beside["y"] + beside["height"] < 720
    settle(page)
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-stage_lens")).to_have_count(0, timeout=60_000)
    expect(page.locator(".st-key-sudoku_curves .js-plotly-plot")).to_be_visible()


def test_a_digit_typed_into_the_chosen_cell_goes_on_with_the_painter(recorded: Page):
    page = recorded
    chart = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    page.get_by_role("button", name="First frame").click()
    box = chart.bounding_box()
    page.mouse.click(box["x"] + 40, box["y"] + 40)
    expect(page.locator(".st-key-stage_lens")).to_contain_text("Row 1, column 1:", timeout=60_000)
    settle(page)
    page.keyboard.press("9")
    expect(page.locator(".painter .cell").first).to_have_text("9", timeout=60_000)
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    page.get_by_role("button", name="Back to the solve").click()
    expect(chart).to_have_count(1, timeout=60_000)


def test_a_click_on_the_curves_seeks(recorded: Page):
    page = recorded
    page.get_by_role("button", name="First frame").click()
    curves = page.locator(".st-key-sudoku_curves .js-plotly-plot")
    at = curves.evaluate(
        """gd => {
            const axis = gd._fullLayout.xaxis2;
            return gd.getBoundingClientRect().left + axis._offset + axis.d2p(4);
        }"""
    )
    box = curves.bounding_box()
    page.mouse.click(at, box["y"] + box["height"] / 2)
    board = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    steps = board.evaluate("gd => gd.layout.meta.moments.at(-1)")
    expect(page.locator(SAID)).to_contain_text(f"Step 4 of {steps}, cycle 2")


def test_a_long_solve_is_live_and_can_be_stopped(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_sudoku(page, server)
    assert problems == []
    # Several solutions: the published form wanders for as long as it may.
    page.goto(f"{server}/sudoku?puzzle={'.' * 80}1&model=sudoku-9x9")
    expect(page.get_by_text("several solutions")).to_be_visible(timeout=60_000)
    settle(page)
    problems.clear()  # a link that is opened first asks for what is not there
    solve(page)
    board = page.locator(".js-plotly-plot").first.bounding_box()
    page.get_by_role("button", name="Think longer").click()
    expect(page.locator(".trm-live")).to_be_visible(timeout=60_000)
    live = page.wait_for_function(
        """() => {
            const box = document.querySelector(".trm-live")?.getBoundingClientRect();
            return box?.width ? box.toJSON() : null;
        }"""
    ).json_value()
    # Exactly where the board stands.
    assert {side: live[side] for side in board} == pytest.approx(board, abs=3)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("It was stopped by hand")).to_be_visible(timeout=60_000)
    expect(page.locator(".trm-live")).to_be_hidden()
    assert problems == []


def test_a_solve_is_downloaded(recorded: Page):
    page = recorded
    page.wait_for_timeout(1_000)
    page.get_by_role("tab", name="Keep and share").click()
    expect(page.get_by_role("button", name="GIF")).to_be_visible()
    for ending in ("gif", "html", "png", "npz", "json"):
        with page.expect_download(timeout=60_000) as download:
            page.locator(f".st-key-sudoku_keep_{ending} button").first.click()
        assert download.value.suggested_filename.endswith(ending)
        assert download.value.path().stat().st_size > 1000


def test_the_show_runs_by_itself_and_obeys_a_presenter(moving: Page, server, problems):
    page = moving
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server}/?demo=1")
    title = page.locator(".trm-show h2")
    wait_for_chart(page)
    board = page.locator(".js-plotly-plot").first.bounding_box()
    assert board["height"] >= 680 and board["y"] + board["height"] <= 720
    first = title.text_content()
    expect(title).not_to_have_text(first, timeout=60_000)  # it goes on by itself
    second = title.text_content()
    settle(page)
    wait_for_chart(page)
    page.wait_for_function(f"() => ({SHOWN})({CHART}) >= 0")
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text(first, timeout=60_000)
    settle(page)
    page.wait_for_function(f"() => ({SHOWN})({CHART}) >= 0")
    page.keyboard.press(" ")
    page.keyboard.press("b")
    blank = "() => document.documentElement.classList.contains('trm-blank')"
    assert page.evaluate(blank)
    page.keyboard.press("PageDown")
    expect(title).to_have_text(second, timeout=60_000)
    assert not page.evaluate(blank)
    settle(page)
    page.wait_for_function(f"() => ({SHOWN})({CHART}) >= 0")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Show it a puzzle")).to_be_visible(timeout=60_000)
    assert problems == []


def test_a_model_that_a_link_names_stays_chosen_when_the_settings_are_opened(
    page: Page, server, problems
):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_sudoku(page, server)
    assert problems == []
    page.goto(f"{server}/sudoku?puzzle={LINE}&model=sudoku-marks")
    expect(page.locator(".painter .cell").first).to_be_visible(timeout=60_000)
    settle(page)
    popover(page, "Settings")
    expect(page.get_by_role("radio", name="sudoku-marks")).to_be_checked()
    settle(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Solve", exact=True).click()
    expect(page.locator(".trm-key .trm-pinned")).to_be_visible(timeout=60_000)
