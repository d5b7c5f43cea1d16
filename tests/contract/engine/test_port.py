"""What any engine does, and what it can't harm: a user has one turn for each time they are due."""

import threading
import time

import pytest

from mailsync.engine.embedded import AHEAD
from mailsync.ports.engine import Stats
from tests.contract.engine.conftest import Works, now, wait_until


def test_A2_each_due_user_has_one_turn(works: Works) -> None:
    users = [f"u{n}" for n in range(12)]
    works.enrol(*users)
    thread = works.start()
    wait_until(lambda: works.engine.enqueue_due(now()) == 0 and len(works.turns) == 12)
    time.sleep(0.5)
    assert works.engine.enqueue_due(now()) == 0
    assert works.stop(thread) == 0
    assert sorted(works.turns) == sorted(users)
    assert works.engine.stats() == Stats(0, 0)


def test_no_more_turns_run_at_once_than_there_are_sessions(works: Works) -> None:
    running: list[int] = []
    inside = threading.Semaphore(0)
    count = [0]
    lock = threading.Lock()

    def slow(user: str) -> None:
        with lock:
            count[0] += 1
            running.append(count[0])
        time.sleep(0.2)
        with lock:
            count[0] -= 1
        works.turn(user)
        inside.release()

    works.enrol(*(f"u{n}" for n in range(8)))
    thread = works.start(slow)
    wait_until(lambda: works.engine.enqueue_due(now()) == 0 and len(works.turns) == 8)
    works.stop(thread)
    assert max(running) == 2


def test_A2_who_is_waited_for_comes_first(works: Works) -> None:
    works.enrol("ann", "bob", "cem")
    assert works.store.schedule.ask("cem", now()) is True
    works.engine.enqueue_due(now())
    thread = works.start()
    wait_until(lambda: len(works.turns) == 3)
    works.stop(thread)
    assert works.turns[0] == "cem"


def test_stopping_waits_for_those_that_run_and_gives_the_others_back(works: Works) -> None:
    begun = threading.Event()

    def slow(user: str) -> None:
        begun.set()
        time.sleep(0.8)
        works.turn(user)

    works.enrol("ann")
    works.engine.enqueue_due(now())
    thread = works.start(slow)
    assert begun.wait(20)
    assert works.stop(thread) == 0
    assert works.turns == ["ann"]


def test_a_turn_that_does_not_end_in_time_is_told_of(works: Works) -> None:
    works.engine.grace = 0.3  # type: ignore[attr-defined]
    begun, free = threading.Event(), threading.Event()

    def stuck(user: str) -> None:
        begun.set()
        free.wait(30)
        works.turn(user)

    works.enrol("ann")
    works.engine.enqueue_due(now())
    thread = works.start(stuck)
    assert begun.wait(20)
    assert works.stop(thread) == 1
    assert works.turns == []
    free.set()
    wait_until(lambda: works.turns)


def test_a_turn_that_breaks_does_not_end_the_worker(works: Works) -> None:
    def broken(user: str) -> None:
        works.turn(user)
        if user == "ann":
            raise KeyError("Canary Name")

    works.enrol("ann", "bob")
    thread = works.start(broken)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", lambda _args: None)
        wait_until(lambda: works.engine.enqueue_due(now()) == 0 and len(works.turns) == 2)
    works.stop(thread)


def test_the_embedded_queue_takes_what_its_threads_can_do_soon(works: Works) -> None:
    works.enrol(*(f"u{n}" for n in range(30)))
    moved = works.engine.enqueue_due(now())
    assert moved == (30 if works.url else 2 * AHEAD)
    assert works.engine.stats() == Stats(moved, 0)
