"""serve: the schedule on one machine, and a program that stops when it is asked to."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from mailsync.bootstrap import Setup, SystemClock
from mailsync.session.report import Report
from mailsync.worker.service import Service, enrol, open_engine, rules_of
from mailsync.worker.signs import Signs
from mailsync.worker.turn import take_claimed_turn
from tests.e2e.cli.desk import Desk


@pytest.fixture
def two(desk: Desk) -> Desk:
    """A second user, who shares ann's log-ins."""
    text = desk.config.read_text()
    block = text[text.index("[users.ann]") :]
    desk.config.write_text(text + block.replace("users.ann", "users.bob"))
    return desk


def signs(setup: Setup) -> Signs:
    return Signs(setup.store.gates, rules_of(setup.settings))


def claim(setup: Setup, later: float = 0) -> list[str]:
    now = SystemClock().now() + timedelta(seconds=later)
    return [due.user for due in setup.store.schedule.claim(now, 9)]


def test_A2_first_sessions_are_spread_over_five_seconds_a_user(two: Desk) -> None:
    with two.setup() as setup:
        assert enrol(setup, SystemClock()) == 2
        slots = [setup.store.schedule.slot(user) for user in setup.users]
        times = [slot.next_run for slot in slots if slot and slot.next_run]
        assert all(-1 <= (when - SystemClock().now()).total_seconds() < 5 for when in times)
        assert len(set(times)) == 2
        assert sorted(claim(setup, later=5)) == ["ann", "bob"]


@pytest.fixture
def served(two: Desk) -> Iterator[tuple[Setup, list[str], threading.Event]]:
    """A service that runs, and what it tells."""
    told: list[str] = []
    stopping = threading.Event()

    def tell(report: Report) -> None:
        told.append(f"{report.user} {report.status}")

    with two.setup() as setup:
        setup.store.save_state("ann", {"paused": True})
        setup.store.save_settings("bob", {"contacts": "off"})
        clock = SystemClock()
        service = Service(setup, clock, open_engine(setup, clock), tell, told.append)
        thread = threading.Thread(target=service.serve, args=(stopping,))
        thread.start()
        yield setup, told, stopping
        stopping.set()
        thread.join(10)
        assert not thread.is_alive()


def wait_until(holds: Callable[[], object], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.1)


def test_A15_E5_paused_and_switched_off_users_wait_in_silence(
    served: tuple[Setup, list[str], threading.Event],
) -> None:
    setup, told, _ = served

    def asleep() -> dict[str, int]:
        return dict(setup.store.schedule.backlog(SystemClock().now()).asleep)

    wait_until(lambda: asleep() == {"paused": 1, "off": 1})
    assert told == []
    setup.store.save_settings("bob", {"contacts": None})
    wait_until(lambda: told)
    assert told == ["bob done"]
    setup.store.save_state("ann", {"paused": False, "next_run": None})
    wait_until(lambda: len(told) == 2)
    assert told[1].startswith("ann ")
    time.sleep(1.5)
    assert len(told) == 2  # each is due again in half an hour


def test_a_turn_that_begins_no_session_is_not_repeated_at_once(desk: Desk) -> None:
    with desk.setup() as setup:
        enrol(setup, SystemClock())
        setup.store.save_settings("ann", {"conflict.NoSuchField": "mailbox"})
        told: list[Report] = []
        clock, stopping = SystemClock(), threading.Event()
        service = Service(setup, clock, open_engine(setup, clock), told.append, print)
        thread = threading.Thread(target=service.serve, args=(stopping,))
        thread.start()
        wait_until(lambda: told)
        time.sleep(2.5)
        stopping.set()
        thread.join(10)
        assert [(r.user, r.status) for r in told] == [("ann", "failed")]
        assert claim(setup, later=25 * 60) == []
        assert claim(setup, later=31 * 60) == ["ann"]


def test_a_locked_user_is_tried_again_soon(desk: Desk) -> None:
    with desk.setup() as setup:
        enrol(setup, SystemClock())
        assert claim(setup, later=1) == ["ann"]
        fence = setup.store.begin("ann", SystemClock().now())
        report = take_claimed_turn(setup, "ann", threading.Event(), signs(setup))
        assert report is not None
        assert (report.status, "is running" in report.reason) == ("skipped", True)
        assert claim(setup, later=15) == []
        assert claim(setup, later=21) == ["ann"]
        setup.store.finish("ann", fence, {}, SystemClock().now())


def test_L2_a_session_that_was_asked_to_stop_is_taken_up_at_once(desk: Desk) -> None:
    class Late(threading.Event):
        """Set once the session has begun."""

        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 1

    with desk.setup() as setup:
        enrol(setup, SystemClock())
        assert claim(setup, later=1) == ["ann"]
        report = take_claimed_turn(setup, "ann", Late(), signs(setup))
        assert report is not None
        assert report.reason.startswith("stopped on request")
        assert claim(setup, later=1) == ["ann"]
        stopped = threading.Event()
        stopped.set()
        assert take_claimed_turn(setup, "ann", stopped, signs(setup)) is None
        assert claim(setup, later=1) == ["ann"]


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


def test_A2_a_person_asks_the_service_for_a_session_once_a_minute(desk: Desk) -> None:
    assert "no service" in desk.json("sync", "ann", "--soon", code=1)["users"][0]["reason"]
    with desk.setup() as setup:
        enrol(setup, SystemClock())
        fence = setup.store.begin("ann", SystemClock().now())
        due = (SystemClock().now() + timedelta(minutes=30)).isoformat()
        setup.store.save_state("ann", {"next_run": due})
        setup.store.finish("ann", fence, {}, SystemClock().now())
        assert claim(setup) == []
        assert desk.json("sync", "ann", "--soon") == {"users": [{"user": "ann", "asked": True, "reason": ""}]}
        assert claim(setup) == ["ann"]
        assert "a minute ago" in desk.json("sync", "ann", "--soon", code=1)["users"][0]["reason"]
        setup.store.save_state("ann", {"paused": True})
        assert "paused" in desk.json("sync", "ann", "--soon", code=1)["users"][0]["reason"]


@pytest.mark.on_file(reason="that is what they are refused for")
@pytest.mark.parametrize("words", [("worker",), ("serve", "--no-worker")])
def test_many_workers_need_a_server_as_store(desk: Desk, words: tuple[str, ...]) -> None:
    result = desk.run(*words)
    assert result.code == 2
    assert "mailsync db move" in result.err
