"""The app in a browser, for the tests that need one."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import LISTEN, complaints, open_sudoku
from trm_core.measuring.waiting import served

expect.set_options(
    timeout=60_000
)  # a busy machine may take its time; what comes is not slower for it


@pytest.fixture(scope="session")
def server():
    """The app on a free port, for all tests of a worker."""
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def context(browser, browser_context_args):
    """One browser for all tests of a worker: what it has loaded once, it needn't load for every test. Its visitor
    wants no motion, since drawing a solve that plays all the time takes what the other tests need."""
    context = browser.new_context(**browser_context_args, reduced_motion="reduce")
    context.add_init_script(LISTEN)
    yield context
    context.close()


@pytest.fixture(scope="session")
def watched(context, server):
    """A tab with the Sudoku page as it opens, for all tests that leave it at that solve; and what its console
    complains of."""
    yield from _sudoku_tab(context, server)


@pytest.fixture(scope="session")
def painted(context, server):
    """Another one, for all tests that paint."""
    yield from _sudoku_tab(context, server)


def _sudoku_tab(context, server):
    page = context.new_page()
    problems = complaints(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    open_sudoku(page, server)
    yield page, problems
    page.close()


@pytest.fixture
def page(context):
    """A tab, with the settings of a fresh browser."""
    before = set(context.pages)
    page = context.new_page()
    yield page
    for each in set(context.pages) - before:
        each.close()
    context.clear_permissions()


@pytest.fixture
def moving(page: Page) -> Page:
    """The same tab for a visitor who likes motion: solves play by themselves."""
    page.emulate_media(reduced_motion="no-preference")
    return page


@pytest.fixture
def problems(page: Page) -> list[str]:
    """Console errors, page errors and failed requests, as they come."""
    return complaints(page)
