"""A visitor without a browser, who checks a running server as `docs/hosting.md` says."""

import socket
from pathlib import Path

import psutil
import pytest

from pages.stage import visit
from pages.stage.visit import Visit, check, load, main
from trm_core.measuring.waiting import served


def test_a_server_is_checked(server):
    said = []
    check(server, said.append)
    assert said[0] == "health: ok" and said[-1].startswith("a solve: ")
    assert len(said) == 2 + len(visit.PAGES) == 9
    assert all("with all 7 links" in line for line in said[1:-1])


def test_several_come_at_once(server):
    """How long they wait is told; every one of them gets what was asked for."""
    found = load(server, 4)
    assert len(found) == 4
    for typical, longest in found.values():
        assert 0 < typical <= longest


def test_what_is_wrong_is_said(server, capsys, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert main([nowhere]) == 1
    assert "refused" in capsys.readouterr().err
    monkeypatch.setattr(visit, "PAGES", (*visit.PAGES, "more"))
    assert main([server]) == 1
    assert "/ has 7 links to pages and not 8" in capsys.readouterr().err
    with Visit(server) as tab:
        tab.open("train")
        with pytest.raises(visit.VisitError, match="no button 'Solve'"):
            tab.press("Solve")


@pytest.mark.long
def test_the_second_hundred_solves_leave_nothing_behind():
    with served() as address, Visit(address) as tab:
        port = int(address.rsplit(":", 1)[1])
        running = psutil.process_iter(["cmdline"])
        process = next(p for p in running if str(port) in (p.info["cmdline"] or ()))

        def after_a_hundred() -> float:
            for _ in range(100):
                tab.press("New puzzle")
                tab.press("Solve")
            return process.memory_info().rss / 2**20

        tab.open("sudoku")
        first = after_a_hundred()
        assert after_a_hundred() - first <= 20


def test_the_guide_for_hosts_names_the_check():
    guide = (Path(__file__).parents[2] / "docs" / "hosting.md").read_text()
    assert "python -m pages.stage.visit" in guide
