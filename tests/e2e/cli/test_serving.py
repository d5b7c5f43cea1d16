"""serve: the schedule, and a program that stops when it is asked to."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from mailsync.core.refs import Key
from mailsync.session.agent import Keys
from mailsync.session.report import Report
from mailsync.worker.schedule import Schedule, pick_due, serve
from tests.e2e.cli.desk import Desk

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def key(self) -> Key:
        return Key("key")

    def spread(self) -> float:
        return 0.5


@pytest.fixture
def two(desk: Desk) -> Desk:
    """A second user, who shares ann's log-ins."""
    text = desk.config.read_text()
    block = text[text.index("[users.ann]") :]
    desk.config.write_text(text + block.replace("users.ann", "users.bob"))
    return desk


def test_A2_first_sessions_are_spread_and_later_ones_follow_the_store(two: Desk) -> None:
    clock, schedule = Clock(), Schedule()
    with two.setup() as setup:
        assert pick_due(setup, schedule, clock, NOW) == []
        clock.time = NOW + timedelta(seconds=2.5)
        assert pick_due(setup, schedule, clock, clock.now()) == ["ann", "bob"]
        setup.store.save_state("ann", {Keys.NEXT_RUN: (NOW + timedelta(minutes=30)).isoformat()})
        assert pick_due(setup, schedule, clock, clock.now()) == ["bob"]
        assert pick_due(setup, schedule, clock, NOW + timedelta(minutes=31)) == ["bob", "ann"]


def test_paused_and_switched_off_users_wait(two: Desk) -> None:
    clock, schedule = Clock(), Schedule()
    with two.setup() as setup:
        setup.store.save_state("ann", {Keys.PAUSED: True})
        setup.store.save_settings("bob", {"contacts": "off"})
        assert pick_due(setup, schedule, clock, NOW + timedelta(hours=1)) == []
        setup.store.save_state("ann", {Keys.PAUSED: False})
        pick_due(setup, schedule, clock, NOW)
        assert pick_due(setup, schedule, clock, NOW + timedelta(minutes=1)) == ["ann"]


def test_a_turn_that_stores_no_next_time_is_not_repeated_at_once(desk: Desk) -> None:
    clock, stopping, turns = Clock(), threading.Event(), list[str]()
    reports: list[Report] = []

    def turn(user: str) -> Report:
        turns.append(user)
        threading.Timer(0.2, stopping.set).start()
        return Report(user, 0, "failed", "the server is down")

    with desk.setup() as setup:
        serve(setup, clock, stopping, reports.append, turn)
    assert turns == ["ann"]
    assert [r.status for r in reports] == ["failed"]


def test_serve_runs_sessions_and_stops_on_sigterm(desk: Desk) -> None:
    serving = desk.spawn("serve")
    assert serving.stdout is not None
    assert "serving 1 users" in serving.stdout.readline()
    assert "ann: done; mailbox: 12 created" in serving.stdout.readline()
    begun = time.monotonic()
    serving.terminate()
    out, err = serving.communicate(timeout=15)
    assert (serving.returncode, out.strip(), err) == (0, "stopped", "")
    assert time.monotonic() - begun < 5
