"""A visitor without a browser, who speaks to a running server as its pages do: `python -m pages.stage.visit ADDRESS`
says whether pages come and a puzzle is solved, and with `--visitors 25` how long so many at once wait for it."""

from __future__ import annotations

import argparse
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from pages.stage.routes import NAMES

PATIENCE = 120.0  # seconds that an answer may take
BOARD = ("trm-question", "trm-first", "heatmap")  # what a board is drawn with, as it is sent
LIVE = "data-solve="  # the board of a solve under way
SOLVED = "Solved in"
PAGES = ("", *NAMES[1:])  # as addresses say them; the line over everything leads to all


class VisitError(Exception):
    """What was not as it should be, in one sentence."""


@dataclass(frozen=True, kw_only=True)
class Waited:
    """Seconds until what was asked for came: the first board (of a page, or that a solve changes), and everything."""

    board: float
    all: float


class Visit:
    """One visitor's connection: what stands on the page is `shown`, as the texts that were sent."""

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.shown: list[str] = []
        self.links = 0
        self._buttons: dict[str, str] = {}
        self._page = ""
        self._query = ""
        parts = urllib.parse.urlsplit(address)
        scheme = "wss" if parts.scheme == "https" else "ws"
        self._connection = connect(
            f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=patience,
        )

    def __enter__(self) -> Self:
        self._socket = self._connection.__enter__()
        return self

    def __exit__(self, *told: Any) -> None:
        self._connection.__exit__(*told)

    def open(self, page: str = "", query: str = "") -> Waited:
        """Go to a page, as its address says it."""
        self._page, self._query = page, query
        return self._ask(BackMsg(), BOARD)

    def press(self, label: str) -> Waited:
        """Press a button that stands on the page. Raises `VisitError` where there is none."""
        if label not in self._buttons:
            raise VisitError(f"there is no button {label!r}")
        asked = BackMsg()
        pressed = asked.rerun_script.widget_states.widgets.add()
        pressed.id, pressed.trigger_value = self._buttons[label], True
        return self._ask(asked, (LIVE,))

    def _ask(self, asked: BackMsg, board: Sequence[str]) -> Waited:
        asked.rerun_script.query_string = self._query
        asked.rerun_script.page_name = self._page
        self.shown, self._buttons, self.links = [], {}, 0
        began = time.monotonic()
        self._socket.send(asked.SerializeToString())
        first: float | None = None
        for message in self._answers(began + self.patience):
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self.links = len(message.navigation.app_pages)
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "delta":
                text = self._take(message.delta.new_element)
                if first is None and any(sign in text for sign in board):
                    first = time.monotonic() - began
        waited = time.monotonic() - began
        return Waited(board=waited if first is None else first, all=waited)

    def _answers(self, until: float) -> Iterator[ForwardMsg]:
        """What the server sends until the page stands."""
        while True:
            message = ForwardMsg()
            try:
                message.ParseFromString(self._socket.recv(timeout=max(until - time.monotonic(), 0)))
            except TimeoutError:
                raise VisitError(
                    f"the page was not there after {self.patience:.0f} seconds"
                ) from None
            yield message
            kind = message.WhichOneof("type")
            if (
                kind == "script_finished"
                and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            ):
                return

    def _take(self, element: Any) -> str:
        """Remember an element; the text of it."""
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise VisitError(f"the page shows an error: {element.exception.message}")
        if kind == "button":
            self._buttons[element.button.label] = element.button.id
        text = str(element)
        self.shown.append(text)
        return text


def check(address: str, say: Callable[[str], None] = print) -> None:
    """Health, every page by its own address, and one solve. Raises `VisitError` at the first that is not so."""
    url = f"{address.rstrip('/')}/_stcore/health"
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        said = answer.read().decode()
    if said != "ok":
        raise VisitError(f"{url} says {said[:40]!r} and not 'ok'")
    say("health: ok")
    for page in PAGES:
        with Visit(address) as visit:
            waited = visit.open(page)
            if visit.links != len(PAGES):
                raise VisitError(f"/{page} has {visit.links} links to pages and not {len(PAGES)}")
            say(f"/{page}: {waited.all:.1f} s, with all {len(PAGES)} links")
    with Visit(address) as visit:
        visit.open("sudoku")
        waited = visit.press("Solve")
        if not any(SOLVED in text for text in visit.shown):
            raise VisitError("the puzzle of the Sudoku page was not solved")
        say(f"a solve: {waited.all:.1f} s")


def load(address: str, visitors: int) -> dict[str, tuple[float, float]]:
    """The median and the longest wait in seconds of so many visitors who come at once: for the first board of the
    Sudoku page, for the whole page, for the first changed board after Solve and for the end of it."""
    waits: list[tuple[Waited, Waited]] = []
    failed: list[BaseException] = []
    together = threading.Barrier(visitors)

    def come() -> None:
        try:
            with Visit(address) as visit:
                together.wait()
                opened = visit.open("sudoku")
                together.wait()
                waits.append((opened, visit.press("Solve")))
        except BaseException as error:
            failed.append(error)
            together.abort()

    threads = [threading.Thread(target=come, daemon=True) for _ in range(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    real = [error for error in failed if not isinstance(error, threading.BrokenBarrierError)]
    if failed:
        raise VisitError(str((real or failed)[0]))

    def both(seconds: Sequence[float]) -> tuple[float, float]:
        return median(seconds), max(seconds)

    return {
        "the page's first board": both([opened.board for opened, _ in waits]),
        "the whole page": both([opened.all for opened, _ in waits]),
        "Solve to the first changed board": both([solved.board for _, solved in waits]),
        "Solve to its end": both([solved.all for _, solved in waits]),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where all is well, 1 where something is not, which stderr says in one sentence."""
    parser = argparse.ArgumentParser(prog="python -m pages.stage.visit", description=__doc__)
    parser.add_argument("address", help="such as http://localhost:8501")
    parser.add_argument("--visitors", type=int, default=1, help="so many at once (default: 1)")
    asked = parser.parse_args(arguments)
    try:
        check(asked.address)
        if asked.visitors > 1:
            for name, (typical, longest) in load(asked.address, asked.visitors).items():
                print(f"{asked.visitors} visitors, {name}: {typical:.1f} s, at most {longest:.1f}")
    except (VisitError, OSError, WebSocketException, urllib.error.URLError) as error:
        print(f"{asked.address}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
