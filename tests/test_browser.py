"""The app in a real browser: what a visitor sees and can do. Needs Debian's chromium."""

import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[1]
LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
FRAME_NAMES = "gd => gd._transitionData._frames.map(frame => frame.name)"
CHART = "document.querySelector('.js-plotly-plot')"
SHOWN = "gd => gd.layout.sliders[0].active"


@pytest.fixture(scope="module")
def server():
    """The app on a free port, as `streamlit run` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
            *("--server.port", str(port), "--server.address", "127.0.0.1"),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            break
        except OSError:
            time.sleep(0.5)
    yield address
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def problems(page: Page) -> list[str]:
    """Console errors, page errors and failed requests, as they come."""
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(f"failed: {request.url}"))
    return found


def open_sudoku(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_test_id("stTopNavLink").filter(has_text="Sudoku").click()
    expect(page.get_by_role("heading", name="Sudoku")).to_be_visible(timeout=30_000)
    wait_for_chart(page)


def wait_for_chart(page: Page):
    chart = page.locator(".js-plotly-plot").first
    expect(chart.locator(".heatmaplayer image").first).to_be_attached(timeout=40_000)
    return chart


def paste(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="The puzzle: edit it or paste yours")
    box.fill(text)
    box.press("Control+Enter")


def test_home_already_moves(page: Page, server, problems):
    page.goto(server)
    chart = wait_for_chart(page)
    before = chart.evaluate(SHOWN)
    page.wait_for_function(f"before => ({SHOWN})({CHART}) > before", arg=before)
    assert problems == []


def test_a_pasted_puzzle_is_solved_and_plays(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 1100})
    open_sudoku(page, server)
    paste(page, LINE)
    expect(page.get_by_text("30 givens, exactly one solution")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Solve", exact=True).click()
    expect(page.get_by_text(re.compile("^Solved in"))).to_be_visible(timeout=60_000)
    chart = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    expect(chart).to_have_count(1, timeout=20_000)  # the stale one leaves when the run is over
    expect(chart.locator(".heatmaplayer image").first).to_be_attached(timeout=40_000)
    page.wait_for_function(f"() => ({FRAME_NAMES})({CHART}).length > 0")
    names = chart.evaluate(FRAME_NAMES)
    assert names[0] == "question"
    assert names[1] == "step 1, cycle 1 of 2"

    expect(page.get_by_role("button", name="First frame")).to_be_visible()
    page.get_by_role("button", name="First frame").click()
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 0")
    page.get_by_role("button", name="One frame on").click()
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 1")
    page.keyboard.press("Home")
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === 0")
    chart.locator(".updatemenu-button").filter(has_text="Fast").click()
    last = len(names) - 1
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === {last}")

    digits = chart.evaluate("gd => gd.data[1].text.join('')")
    givens = chart.evaluate("gd => gd.data[6].text.length")
    assert givens == 30
    assert len(digits) == 51  # every blank is filled
    assert problems == []


def test_keys_move_the_board_right_after_a_solve(page: Page, server, problems):
    page.set_viewport_size({"width": 1280, "height": 1100})
    open_sudoku(page, server)
    page.get_by_role("button", name="Solve a new puzzle").click()
    chart = page.locator(".st-key-sudoku_chart .js-plotly-plot")
    expect(page.get_by_text("This is a recording")).to_have_count(0, timeout=60_000)
    expect(chart).to_have_count(1, timeout=20_000)
    page.wait_for_function(f"() => ({FRAME_NAMES})({CHART}).length > 2")
    page.wait_for_timeout(1_500)  # the player has attached and begun
    page.keyboard.press("End")
    last = len(chart.evaluate(FRAME_NAMES)) - 1
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === {last}")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => ({SHOWN})({CHART}) === {last - 1}")
    assert problems == []


def test_clashes_are_shown_while_nothing_is_lost(page: Page, server, problems):
    open_sudoku(page, server)
    paste(page, "55" + LINE[2:])
    expect(page.get_by_text("two 5s in row 1")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Solve", exact=True)).to_be_disabled()
    expect(page.get_by_role("textbox", name="The puzzle: edit it or paste yours")).to_have_value(
        "55" + LINE[2:]
    )
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("route", ["", "sudoku"])
def test_nothing_overflows(browser, server, scheme, width, route):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{server}/{route}")
    chart = wait_for_chart(page)
    page.wait_for_timeout(500)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    box = chart.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    board = chart.locator(".heatmaplayer image").first.bounding_box()
    assert board["width"] == pytest.approx(board["height"], abs=2)
    assert board["width"] >= (420 if width == 1280 else 320)
    context.close()
