"""The app in a browser, for the tests that need one."""

import pytest
from playwright.sync_api import Page

from trm_core.measuring.waiting import served


@pytest.fixture(scope="module")
def server():
    """The app on a free port."""
    with served() as address:
        yield address


@pytest.fixture
def problems(page: Page) -> list[str]:
    """Console errors, page errors and failed requests, as they come."""
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(f"failed: {request.url}"))
    return found
