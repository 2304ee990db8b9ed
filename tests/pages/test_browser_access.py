"""What axe finds on pages (contrast, order of headings, names of controls), and what they may fetch. Needs Debian's
chromium."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from pages.stage.routes import NAMES
from tests.pages.browsing import ROOT, open_sudoku, settle, wait_for_player

AXE = Axe()
# In the dark only contrast can differ.
LOOKS = {"light": {}, "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}}}


def test_axe_finds_nothing_on_any_page(page: Page, server):
    page.set_viewport_size({"width": 1280, "height": 900})
    found = []
    for name in ("", *NAMES[1:]):
        page.emulate_media(color_scheme="light")
        page.goto(f"{server}/{name}")
        page.locator("h1").first.wait_for(state="attached")
        settle(page)
        if name in ("", "sudoku", "mazes"):
            wait_for_player(page)
        for scheme, rules in LOOKS.items():
            page.emulate_media(color_scheme=scheme)
            expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
            settle(page)
            options = {"resultTypes": ["violations"], **rules}
            seen = AXE.run(page, options=options).response["violations"]
            found += [
                (name, scheme, each["id"], [node["html"][:120] for node in each["nodes"]])
                for each in seen
            ]
    assert found == []


def test_a_page_solves_under_the_policy_that_the_guide_for_hosts_names(page: Page, server):
    guide = (ROOT / "docs" / "hosting.md").read_text()
    policy = re.search(r"Content-Security-Policy: (.+)", guide)[1]
    refused = []
    page.on(
        "console",
        lambda said: refused.append(said.text) if "Security Policy" in said.text else None,
    )

    def under_policy(route: Route) -> None:
        answer = route.fetch()
        headers = answer.headers | {"content-security-policy": policy}
        route.fulfill(response=answer, headers=headers)

    page.route(re.compile("/sudoku"), under_policy)
    open_sudoku(page, server)
    settle(page)
    page.get_by_role("button", name="Solve", exact=True).click()
    expect(page.get_by_text(re.compile("^Solved in"))).to_be_visible()
    assert refused == []
    # It is in force: what is from elsewhere is refused.
    page.evaluate(
        "document.body.append(Object.assign(new Image(), { src: 'https://example.org/x.png' }))"
    )
    page.wait_for_timeout(300)
    assert any("example.org" in words for words in refused)
