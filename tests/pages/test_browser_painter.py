"""The painter in a real browser: keys, strokes, the clipboard. Needs Debian's chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import (
    CHART,
    LINE,
    SHOWN,
    cells,
    edit,
    middle,
    paste,
    popover,
    settle,
    wait_for_cells,
    wait_for_chart,
)


def cell(page: Page, row: int, col: int):
    """The middle of a cell of the painter of 9x9 cells, for the mouse."""
    return middle(page.locator(".painter .cell").nth(9 * row + col))


@pytest.fixture
def grid(painted):
    """The same tab with an empty grid, and no tool but the keyboard."""
    page, problems = painted
    page.bring_to_front()
    edit(page)
    brush = page.get_by_role("button", name="Paint by dragging with the chosen symbol")
    if brush.get_attribute("aria-pressed") == "true":
        brush.click()
    page.get_by_role("button", name="Empty the whole grid").click()
    wait_for_cells(page, "." * 81)
    settle(page)
    page.mouse.click(*cell(page, 0, 0))
    yield page
    assert problems == []


def test_a_puzzle_is_typed_at_speed_and_no_key_is_lost(grid: Page):
    page = grid
    page.keyboard.type(LINE, delay=8)
    wait_for_cells(page, LINE)
    expect(page.get_by_text("30 givens, exactly one solution")).to_be_visible(timeout=60_000)
    wait_for_cells(page, LINE)  # what the page said back changed nothing


def test_keys_move_erase_undo_and_redo(grid: Page):
    page = grid
    page.keyboard.type("12")
    for key in ("ArrowDown", "ArrowLeft", "3", "Home", "Backspace"):
        page.keyboard.press(key)
    drawn = "12......." + ".3......." + "." * 63
    wait_for_cells(page, drawn)
    page.keyboard.press("Control+z")
    wait_for_cells(page, "12......." + "." * 72)
    page.keyboard.press("Control+Shift+z")
    wait_for_cells(page, drawn)
    page.keyboard.press("Control+Home")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Delete")
    wait_for_cells(page, "." * 9 + ".3......." + "." * 63)
    # Streamlit's own keys, r to rerun and c to clear the cache, stay out.
    page.keyboard.press("c")
    expect(page.get_by_text("Clear caches")).to_have_count(0)


def test_a_new_puzzle_is_undone_for_the_whole_page(grid: Page):
    page = grid
    page.keyboard.type(LINE, delay=8)
    expect(page.get_by_text("30 givens, exactly one solution")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="New puzzle").click()
    expect(page.get_by_text("30 givens, exactly one solution")).to_have_count(0, timeout=60_000)
    settle(page)
    assert cells(page) != LINE
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    wait_for_cells(page, LINE)
    expect(page.get_by_text("30 givens, exactly one solution")).to_be_visible(timeout=60_000)


def test_clashes_are_lit_with_their_reason_while_typing(grid: Page):
    page = grid
    page.keyboard.type("7..7")
    expect(page.get_by_text("two 7s in row 1")).to_be_visible(timeout=60_000)
    expect(page.locator(".painter .cell.clash")).to_have_count(2)


def test_a_drag_paints_and_a_drag_on_its_own_digit_erases(grid: Page):
    page = grid
    page.get_by_role("button", name="Paint by dragging with the chosen symbol").click()
    page.locator(".painter .bar button").filter(has_text=re.compile("^4$")).click()
    for expected in ("444......" + "." * 72, "." * 81):
        page.mouse.move(*cell(page, 0, 0))
        page.mouse.down()
        page.mouse.move(*cell(page, 0, 2), steps=3)
        page.mouse.up()
        wait_for_cells(page, expected)


def test_text_is_pasted_into_the_grid_and_copied_out(grid: Page):
    page = grid
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    rows = "\\n".join(LINE[i : i + 9] for i in range(0, 81, 9))
    page.evaluate(f"navigator.clipboard.writeText('{rows}')")
    page.keyboard.press("Control+v")
    wait_for_cells(page, LINE)
    page.evaluate("navigator.clipboard.writeText('')")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == LINE
    page.keyboard.press("Control+z")
    wait_for_cells(page, "." * 81)


def open_mazes(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/mazes")
    expect(page.get_by_role("heading", name="Mazes")).to_be_visible(timeout=60_000)
    wait_for_chart(page)
    settle(page)
    edit(page)


def ends(page: Page) -> dict[str, int]:
    """Where the painter shows start and goal."""
    texts = page.locator(".painter .cell").all_text_contents()
    return {letter: texts.index(letter) for letter in "SG" if letter in texts}


def drag(page: Page, start: int, end: int) -> None:
    settle(page)  # a change solves at once, and the page moves while it does
    # In the middle: at the top of the window, the page's header would take the pointer.
    page.locator(".painter .grid").evaluate("grid => grid.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(300)
    boxes = page.locator(".painter .cell")
    page.mouse.move(*middle(boxes.nth(start)))
    page.mouse.down()
    page.mouse.move(*middle(boxes.nth(end)), steps=6)
    page.mouse.up()


def moves(page: Page) -> int:
    """Length of the shortest path, as the page tells it."""
    told = page.get_by_text(re.compile(r"shortest paths?(,| of) \d+ moves")).first
    return int(re.search(r"(\d+) moves", told.text_content()).group(1))


def test_a_maze_is_drawn_on_a_phone_and_solved_again_when_the_goal_moves(page: Page, server):
    open_mazes(page, server)
    page.get_by_role("button", name="Empty the whole grid").click()
    expect(page.locator(".painter .cell.solid")).to_have_count(0)
    assert set(ends(page)) == {"S", "G"}  # kept, to be dragged
    drag(page, ends(page)["S"], 0)
    drag(page, ends(page)["G"], 4)
    settle(page)
    drag(page, 2, 2 + 13 * 3)  # a wall of four cells between them
    expect(page.locator(".painter .cell.solid")).to_have_count(4)
    expect(page.locator(".painter .cell.end")).to_have_text(["S", "G"])
    settle(page)
    assert ends(page) == {"S": 0, "G": 4}
    assert moves(page) == 12
    page.get_by_role("button", name="Solve", exact=True).click()
    settle(page)
    told = page.get_by_text(re.compile("^(Solved in|Not solved)")).first
    expect(told).to_be_visible(timeout=60_000)
    edit(page)
    drag(page, 4, 3)  # the goal moves, and the maze is solved at once
    settle(page)
    assert moves(page) == 11
    expect(page.get_by_text(re.compile("^(Solved in|Not solved)")).first).to_be_visible()
    page.get_by_role("button", name="Back to the solve").click()
    chart = page.locator(".st-key-mazes_chart .js-plotly-plot")
    expect(chart).to_have_count(1, timeout=60_000)
    page.wait_for_function(f"() => ({SHOWN})({CHART}) >= 0")
    letters = chart.evaluate("gd => gd.data.at(-1).text.join('')")
    assert letters == "<b>S</b><b>G</b>"


def test_painting_goes_around_start_and_goal_and_undo_brings_walls_back(page: Page, server):
    open_mazes(page, server)
    page.get_by_role("button", name="Empty the whole grid").click()
    drag(page, ends(page)["S"], 1)
    drag(page, 0, 5)
    expect(page.locator(".painter .cell.solid")).to_have_count(5 if ends(page)["G"] > 5 else 4)
    assert ends(page)["S"] == 1
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    expect(page.locator(".painter .cell.solid")).to_have_count(0)


def test_a_maze_of_another_size_is_pasted_and_copied_by_rows(page: Page, server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_mazes(page, server)
    rows = ["S..#...", ".#.#.#.", ".#...#G", ".#####.", "......."]
    paste(page, "\n".join(rows))
    expect(page.locator(".painter .cell")).to_have_count(35, timeout=60_000)
    settle(page)
    popover(page, "Settings")
    expect(
        page.get_by_text("13 × 13 cells: to it, this puzzle stands in the middle")
    ).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".painter .grid").focus()
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.split() == rows


def test_a_task_is_painted_and_another_learns_until_it_is_stopped(page: Page, server, problems):
    """ARC: brush, fill, a piece that is copied and pasted, undo; then a network learns, live. That one gets a task is
    tested without a browser."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{server}/arc")
    expect(page.get_by_text("It learnt its")).to_be_visible()
    settle(page)
    page.locator("[data-action=first]").click()
    page.wait_for_function(
        f"() => ({SHOWN})(document.querySelector('.st-key-arc_chart .js-plotly-plot')) === 0"
    )
    page.get_by_text("Your own", exact=True).click()
    boxes = page.locator(".painter .cell")
    expect(boxes).to_have_count(16)
    settle(page)

    def colours() -> str:
        """What the painter shows, colour numbers in reading order."""
        names = ["black", "blue", "red", "green", "yellow", "grey", "magenta", "orange"]
        labels = boxes.evaluate_all("all => all.map(one => one.ariaLabel.split(': ')[1])")
        return "".join(str(names.index(label)) for label in labels)

    page.get_by_role("button", name="Empty the whole grid").click()
    page.get_by_role("button", name="red", exact=True).click()
    page.mouse.move(*middle(boxes.nth(0)))
    page.mouse.down()
    page.mouse.move(*middle(boxes.nth(1)), steps=4)
    page.mouse.up()
    settle(page)
    assert colours() == "22" + "0" * 14
    page.get_by_role("button", name="Fill a whole area").click()
    page.get_by_role("button", name="grey", exact=True).click()
    page.mouse.click(*middle(boxes.nth(15)))
    settle(page)
    assert colours() == "22" + "5" * 14
    page.get_by_role("button", name="Select by dragging").click()
    page.mouse.move(*middle(boxes.nth(0)))
    page.mouse.down()
    page.mouse.move(*middle(boxes.nth(5)), steps=4)
    page.mouse.up()
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()").split() == ["22", "55"]
    page.mouse.click(*middle(boxes.nth(10)))
    page.keyboard.press("Control+v")
    settle(page)
    assert colours() == "2255" + "5" * 6 + "22" + "5" * 4
    page.keyboard.press("Control+z")
    settle(page)
    assert colours() == "22" + "5" * 14
    page.get_by_role("button", name="A new task").click()
    settle(page)
    assert problems == []
    # A task whose pairs contradict each other, and not in colours alone: of two that it does not tell apart yet,
    # rounding would choose.
    page.goto(f"{server}/arc?puzzle=11/00-11/11_11/00-00/00~00/11")
    expect(page.get_by_text("You paint: pair 1, question")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Learn it from nothing").click()
    # Its curves grow where they stand: the very chart has more points later on.
    page.wait_for_function(
        """() => {
            const chart = document.querySelector('.st-key-arc_loss_now .js-plotly-plot');
            const points = chart?.data?.[0]?.x?.length ?? 0;
            if (points) chart.first ??= points;
            return points > chart?.first;
        }""",
        timeout=60_000,
    )
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("It did not learn this task before it was stopped")).to_be_visible(
        timeout=30_000
    )
