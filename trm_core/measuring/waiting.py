"""How long a visitor waits for the page, measured in a real browser: Debian's Chromium, driven by
playwright, which only the tests' requirements bring."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median

from trm_core.domains import domain, visitor_rng
from trm_core.figures.page import packed, runtime
from trm_core.weights.card import find, read_card, tensors

_ROOT = Path(__file__).resolve().parents[2]
_BOARD = "document.querySelector('.st-key-stage_board .js-plotly-plot')"
_RUN = f"{_BOARD}?.layout?.meta?.run"
_IDLE = "document.querySelector('[data-test-script-state=notRunning]')"
_LIVE = "[...document.querySelectorAll('.trm-live')].some(i => i.complete && i.offsetWidth > 0)"
# Milliseconds of a step, the first one left out.
_STEPS = """([config, weights, question, repeats]) => {
    const model = tinyModel(config, unpacked(weights));
    let state = model.step(model.start(question, 0));
    const took = Array.from({ length: 4 * repeats }, () => {
        const began = performance.now();
        state = model.step(state);
        return performance.now() - began;
    });
    return took.sort((a, b) => a - b)[Math.floor(took.length / 2)];
}"""


def _chromium() -> str | None:
    """Debian's browser, without a window where that is there."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


def available() -> bool:
    """Whether there is a browser to measure in."""
    return bool(_chromium() and importlib.util.find_spec("playwright"))


def waits(repeats: int) -> dict[str, float]:
    """Seconds, medians of so many rounds, from a click on: to the first board that changes after Solve
    ("changed"), to the replay playing ("playing"), to another page with its board ("page"), to what a
    tab holds, which is computed as it opens ("rerun")."""
    from playwright.sync_api import sync_playwright

    rounds: dict[str, list[float]] = {"changed": [], "playing": [], "page": [], "rerun": []}
    with served() as address, sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=_chromium(), args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(address)

        def timed(click, *conditions: str) -> list[float]:
            """Seconds from a click to each condition, as they are seen in the page's own frames."""
            page.wait_for_function(f"{_IDLE} && {_BOARD}?.current > 0", timeout=60_000)
            page.evaluate(
                """conditions => {
                    const tests = conditions.map(words => new Function(`return ${words}`));
                    window.seen = conditions.map(() => null);
                    window.addEventListener("click", () => {
                        const start = performance.now();
                        const look = () => {
                            tests.forEach((test, i) => {
                                if (window.seen[i] === null && test()) {
                                    window.seen[i] = (performance.now() - start) / 1000;
                                }
                            });
                            if (window.seen.includes(null)) requestAnimationFrame(look);
                        };
                        requestAnimationFrame(look);
                    }, { capture: true, once: true });
                }""",
                list(conditions),
            )
            click()
            page.wait_for_function("!window.seen.includes(null)", timeout=60_000)
            return page.evaluate("window.seen")

        def link(name: str):
            return page.get_by_test_id("stTopNavLink").filter(has_text=name).click

        for _ in range(repeats):
            shown = f"{_RUN}?.includes('sudoku') && {_BOARD}.closest('.st-key-sudoku_chart')"
            rounds["page"] += timed(link("Sudoku"), shown)
            before = page.evaluate(_RUN)
            new = f"{_RUN} && {_RUN} !== {before!r}"
            solve = page.get_by_role("button", name="Solve", exact=True).click
            changed, playing = timed(solve, f"{_LIVE} || {new}", f"{new} && {_BOARD}.current > 0")
            rounds["changed"].append(changed)
            rounds["playing"].append(playing)
            tab = page.get_by_role("tab", name="Tries")
            rounds["rerun"] += timed(tab.click, "document.querySelector('.st-key-sudoku_watched')")
            # A visitor from elsewhere: the page opens with its recording again.
            page.goto(address)
        browser.close()
    return {name: round(median(seconds), 3) for name, seconds in rounds.items()}


def steps_in_browser(repeats: int) -> dict[str, float]:
    """Seconds of a supervision step, medians, by the model and the board that a page thinks about by itself."""
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(f"<script>{runtime()}</script>")
        for name in ("sudoku-any", "sudoku-marks"):
            path = find(name)
            known, weights = read_card(path), packed(tensors(path))
            for size in ("sudoku-6x6", "sudoku-9x9"):
                asked = domain(size)
                drawing = asked.drawing
                config = asdict(known.model.sized(drawing.box_rows, drawing.box_cols))
                question_RC = asked.maker.generate(visitor_rng(0), asked.maker.usual).question_RC
                question = question_RC.reshape(-1).tolist()
                told = [config | {"symbols": asked.rows}, weights, question, repeats]
                found[f"{name} {asked.rows}x{asked.cols}"] = page.evaluate(_STEPS, told) / 1000
        browser.close()
    return found


@contextmanager
def served() -> Iterator[str]:
    """The app, as `streamlit run` starts it, on a free port: its address, while it is up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port), "--server.address", "127.0.0.1"],
        cwd=_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
