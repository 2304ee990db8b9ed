"""The machine: threads are set around work and restored, and turns are shared fairly."""

import threading
import time

import pytest
import torch

from tests.conftest import small_config
from trm_core import device
from trm_core.device import Gate, cores, threads_for
from trm_core.measuring.benchmark import PUBLISHED, PUBLISHED_MAZE


def test_threads_are_set_for_a_turn_and_restored():
    gate = Gate()
    torch.set_num_threads(1)
    with gate.turn(lambda: ("me",), 2, exactly=True):
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == 1
    with pytest.raises(ZeroDivisionError), gate.turn(lambda: ("me",), 2, exactly=True):
        raise ZeroDivisionError
    assert torch.get_num_threads() == 1
    with gate.turn(lambda: ("me",), 1):  # and the gate opens again
        pass


def test_cores_that_others_keep_busy_are_left_to_them(monkeypatch):
    monkeypatch.setattr(device, "cores", lambda: 4)
    gate = Gate()
    for busy, wanted, expected in ((0.1, 4, 4), (1.0, 4, 3), (2.9, 4, 1), (9.0, 4, 1), (0.0, 1, 1)):
        monkeypatch.setattr(gate._elsewhere, "busy_cores", lambda busy=busy: busy)
        assert gate._affordable(wanted) == expected


def test_what_others_do_is_counted_without_our_own_work(monkeypatch):
    """In two seconds the machine worked for 3.5, of which 1.5 were our own: one core elsewhere."""
    clock = iter([10.0, 12.0])
    monkeypatch.setattr(device.time, "monotonic", lambda: next(clock))
    seconds = iter([(100.0, 7.0), (103.5, 8.5)])
    monkeypatch.setattr(device, "_cpu_seconds", lambda: next(seconds))
    elsewhere = device._Elsewhere()
    assert elsewhere.busy_cores() == 0
    assert elsewhere.busy_cores() == 1.0


def test_the_machine_tells_what_its_cores_do():
    before = device._cpu_seconds()
    sum(range(10**6))
    after = device._cpu_seconds()
    assert after[0] >= before[0] > 0
    assert after[1] > before[1]


def test_small_models_get_one_thread_and_large_ones_all_cores():
    assert threads_for(small_config()) == 1
    assert threads_for(small_config(), 100_000) == cores()
    assert threads_for(PUBLISHED) == threads_for(PUBLISHED_MAZE) == cores()


def order(gate, people, turns, seconds=1.0):
    """Who would have the next turns if all of them waited all the time."""
    gate._waiting = [
        device._Waiting(lambda unhurried=unhurried: unhurried, lambda name=name: (name,), i)
        for i, (name, unhurried) in enumerate(people)
    ]
    had = []
    for _ in range(turns):
        (name,) = gate._first().visitors()
        gate.charge(name, seconds)
        had.append(name)
    return had


def test_turns_go_round():
    had = order(Gate(), [("a", False), ("b", False), ("c", False)], 9)
    assert had == ["a", "b", "c"] * 3


def test_whoever_takes_longer_comes_less_often():
    gate = Gate()
    gate._active = {"light", "heavy"}
    gate._served = {"light": 0.0, "heavy": 2.5}
    assert order(gate, [("light", False), ("heavy", False)], 5) == ["light"] * 3 + [
        "heavy",
        "light",
    ]


def test_background_work_comes_after_what_people_wait_for():
    assert order(Gate(), [("training", True), ("a", False), ("b", False)], 4) == ["a", "b"] * 2
    assert order(Gate(), [("training", True), ("set", True)], 4) == ["training", "set"] * 2


def test_threads_that_wait_are_let_through_one_at_a_time():
    gate, inside, most = Gate(), [], []

    def work(name):
        for _ in range(5):
            with gate.turn(lambda: (name,), 1):
                inside.append(name)
                most.append(len(inside))
                time.sleep(0.001)
                inside.remove(name)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert most == [1] * 20


def test_who_is_new_starts_level_with_the_least_served():
    gate = Gate()
    gate._served = {"old": 100.0, "older": 140.0}
    gate._active = {"old", "older"}
    with gate.turn(lambda: ("old", "older", "new"), 1):
        pass
    assert gate.served("new") == 100.0
    # Whoever comes back has saved nothing up.
    gate.charge("new", 1.0)
    with gate.turn(lambda: ("old",), 1):
        pass
    with gate.turn(lambda: ("old", "new"), 1):
        pass
    assert gate.served("new") == 101.0


def test_accounts_of_those_long_gone_are_closed(monkeypatch):
    monkeypatch.setattr(device, "MOST_REMEMBERED", 10)
    gate = Gate()
    for i in range(100):
        with gate.turn(lambda i=i: (f"visitor {i}",), 1):
            gate.charge(f"visitor {i}", 1.0)
    assert len(gate._served) <= 12
    assert "visitor 99" in gate._served


def test_a_waiting_piece_of_work_notices_that_its_people_changed():
    """Who waits may change without anybody telling the gate: it looks again by itself."""
    gate, crowd, had = Gate(), ["heavy"], []
    gate._active = {"heavy", "light", "newcomer"}
    gate._served = {"heavy": 50.0, "light": 40.0, "newcomer": 30.0}

    def work(name, people):
        with gate.turn(lambda: tuple(people), 1):
            had.append(name)

    with gate.turn(lambda: ("opener",), 1):
        threads = [
            threading.Thread(target=work, args=args, daemon=True)
            for args in (("crowd", crowd), ("light", ["light"]))
        ]
        for thread in threads:
            thread.start()
        while len(gate._waiting) < 2:
            time.sleep(0.001)
        assert gate._first().visitors() == ("light",)
        crowd.append("newcomer")
    for thread in threads:
        thread.join(timeout=30)
    assert had == ["crowd", "light"]
