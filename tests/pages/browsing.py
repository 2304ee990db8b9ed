"""What the browser tests share: words for what a visitor does, and where things are on a page."""

import re
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).resolve().parents[2]
LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
FRAME_NAMES = "gd => gd._transitionData._frames.map(frame => frame.name)"
CHART = "document.querySelector('.js-plotly-plot')"
SHOWN = "gd => gd?.current"  # undefined until the player has it
SAID = ".sudoku_chart_says"
# The puzzle on the stage, from its painter or from the texts of its given cells.
ON_SCREEN = """() => {
    const painted = [...document.querySelectorAll('.painter .cell')];
    if (painted.length) return painted.map((cell) => cell.textContent.trim()[0] ?? '.').join('');
    const given = document.querySelector('.st-key-sudoku_chart .js-plotly-plot')?._fullData?.at(-1);
    const cells = Array(81).fill('.');
    given?.text.forEach((text, i) => cells[9 * given.y[i] + given.x[i]] = text.replace(/<.?b>/g, ''));
    return cells.join('');
}"""


# Noted in every tab: when the page last sent something to its server or heard from it, and whether the last run is
# over: a ForwardMsg with field 4 begins one, with field 6 ends it.
LISTEN = """(() => {
    const log = (window.wire = { at: performance.now(), over: false });
    const varint = (bytes, at) => {
        let value = 0, shift = 1;
        for (;; at++, shift *= 128) {
            value += (bytes[at] & 127) * shift;
            if (bytes[at] < 128) return [value, at + 1];
        }
    };
    const hear = (bytes) => {
        for (let at = 0; at < bytes.length; ) {
            let tag, size;
            [tag, at] = varint(bytes, at);
            if (tag >> 3 === 4) log.over = false;
            if (tag >> 3 === 6) log.over = true;
            [size, at] = varint(bytes, at);
            if ((tag & 7) === 2) at += size;
        }
    };
    const Plain = window.WebSocket;
    window.WebSocket = class extends Plain {
        constructor(...args) {
            super(...args);
            this.addEventListener("message", ({ data }) => {
                log.at = performance.now();
                if (data instanceof ArrayBuffer) hear(new Uint8Array(data));
            });
        }
        send(data) {
            log.at = performance.now();
            log.over = false;
            super.send(data);
        }
    };
})();"""
QUIET = 300  # milliseconds without a word to or from the server
SETTLED = f"""() => {{
    const {{ at, over }} = window.wire ?? {{}};
    return over && performance.now() - at > {QUIET}
        && document.querySelector('[data-test-script-state="notRunning"]') !== null;
}}"""


def open_sudoku(page: Page, server: str) -> None:
    page.goto(f"{server}/sudoku")
    expect(page.get_by_role("heading", name="Sudoku")).to_be_visible(timeout=60_000)
    wait_for_chart(page)


def wait_for_chart(page: Page):
    chart = page.locator(".js-plotly-plot").first
    expect(chart.locator(".heatmaplayer image").first).to_be_attached(timeout=60_000)
    return chart


def settle(page: Page) -> None:
    """Wait until the page's run is over: what was sent to the server is answered, and nothing further is said."""
    page.wait_for_timeout(50)  # what was pressed is sent
    page.wait_for_function(SETTLED, timeout=60_000, polling=50)


def wait_for_player(page: Page) -> None:
    """Wait until the page's run is over and the player has the first board of the stage: what is pressed before is
    undone by what the run brings."""
    settle(page)
    board = "document.querySelector('.st-key-stage_board .js-plotly-plot')"
    page.wait_for_function(f"() => ({SHOWN})({board}) >= 0")


def middle(found: Locator) -> tuple[float, float]:
    """The middle of what is drawn there, for the mouse."""
    box = found.bounding_box()
    assert box is not None, f"{found} is not drawn"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def still(page: Page, found: Locator) -> tuple[float, float]:
    """The middle of what is drawn there, once it moves no more: a chart may be drawn again, or be moved by what comes
    above it, after the page's run is over."""
    found.scroll_into_view_if_needed(timeout=60_000)
    before, since, deadline = None, time.monotonic(), time.monotonic() + 60
    while time.monotonic() < deadline:
        box = found.bounding_box()
        if box is None or box != before:
            before, since = box, time.monotonic()
        elif time.monotonic() - since > 1:
            break
        page.wait_for_timeout(100)
    return middle(found)


def edit(page: Page) -> None:
    """Let the painter stand on the stage."""
    if page.locator(".painter").count() == 0:
        page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator(".painter .cell").first).to_be_visible(timeout=60_000)
    settle(page)


def popover(page: Page, name: str) -> None:
    """Open one of those beside Solve."""
    buttons = page.locator(".st-key-stage_act").get_by_test_id("stPopoverButton")
    buttons.filter(has_text=name, visible=True).click()


def unfold(page: Page) -> None:
    """The other ways in: text, pictures, files."""
    if not page.get_by_role("textbox", name="A puzzle as text").is_visible():
        popover(page, "Open")


def paste(page: Page, text: str) -> None:
    unfold(page)
    box = page.get_by_role("textbox", name="A puzzle as text")
    box.fill(text)
    box.press("Control+Enter")
    settle(page)
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def solve(page: Page) -> None:
    """Press Solve and wait for the replay of it."""
    page.get_by_role("button", name="Solve", exact=True).click()
    expect(page.get_by_text("This is a recording")).to_have_count(0, timeout=240_000)
    expect(page.get_by_text(re.compile("^(Solved in|Not solved)"))).to_be_visible(timeout=240_000)
    settle(page)
    page.wait_for_function(f"() => ({SHOWN})({CHART}) >= 0")


def cells(page: Page) -> str:
    """What the painter shows, in reading order."""
    return page.locator(".painter .cell").evaluate_all(
        "boxes => boxes.map(box => box.textContent || '.').join('')"
    )


def wait_for_cells(page: Page, wanted: str) -> None:
    deadline = time.monotonic() + 60
    while cells(page) != wanted and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert cells(page) == wanted


def complaints(page: Page) -> list[str]:
    """Console errors, page errors and failed requests, as they come; but for what Streamlit itself asks in vain where a
    page's own address is opened."""
    found: list[str] = []

    def hear(message) -> None:
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            found.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: found.append(f"{error}\n{error.stack}"))
    page.on("requestfailed", lambda request: found.append(f"failed: {request.url}"))
    return found
