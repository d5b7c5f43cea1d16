"""Sessions that end before their time: the hour (A2), the budget (C4), refused log-ins and failures (C3), bugs, a lock
or a store that can't be written; and what the next one makes of it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from mailsync.bootstrap import Setup, SystemClock, open_agent, open_setup
from mailsync.core.refs import Key
from mailsync.session.agent import Agent, Keys
from mailsync.session.drive import drive
from mailsync.session.report import Report
from mailsync.session.run import Progress, silent
from tests.e2e.stage import Stage, stage

HALF_HOUR = timedelta(minutes=30)


@dataclass
class HandClock:
    """A clock that stands until it is moved."""

    time: datetime = field(default_factory=SystemClock().now)

    def now(self) -> datetime:
        return self.time

    def key(self) -> Key:
        return Key(uuid4().hex)

    def spread(self) -> float:
        return 0.5


@dataclass
class Bench:
    """Sessions of ann without the command line, under a clock of our own."""

    setup: Setup
    clock: HandClock

    def session(self, progress: Progress = silent, change: Callable[[Agent], Agent] = lambda a: a) -> Report:
        def ready() -> Agent:
            return change(replace(open_agent(self.setup, "ann"), clock=self.clock))

        return drive("ann", self.setup.store, ready, enabled=True, interval=HALF_HOUR, progress=progress)

    def state(self, key: str) -> object:
        return self.setup.store.state("ann").get(key)

    @property
    def pause(self) -> timedelta:
        """Until the next session."""
        return datetime.fromisoformat(str(self.state(Keys.NEXT_RUN))) - self.clock.now()


@contextmanager
def bench(scene: Stage) -> Iterator[Bench]:
    with open_setup(scene.config) as setup:
        yield Bench(setup, HandClock())


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as standing:
        yield standing


def fill(scene: Stage, count: int) -> None:
    for start in range(0, count, 200):
        numbers = range(start, min(count, start + 200))
        records = [{"attributes": {"type": "Contact"}, "LastName": f"Doe{n}"} for n in numbers]
        scene.org.client.restful("composite/sobjects", method="POST", json={"allOrNone": True, "records": records})


def test_A2_a_session_stops_after_its_hour_and_the_next_one_goes_on(scene: Stage):
    fill(scene, 250)
    with bench(scene) as desk:

        def slow(what: str, _done: int, _all: int) -> None:
            desk.clock.time += timedelta(minutes=61 if what == "creating in the mailbox" else 0)

        first = desk.session(slow)
        assert (first.status, first.tally.created) == ("done", 100)
        assert "hour" in first.reason
        assert desk.state(Keys.CRM_CURSOR) is None
        second = desk.session()
        assert (second.status, second.reason, second.tally.created) == ("done", "", 150)
        third = desk.session()
        assert (third.tally.created, third.requests) == (0, (1, 3))
    assert sorted(i.surname for i in scene.ann.all_in()) == sorted(f"Doe{n}" for n in range(250))


def test_C4_the_interval_grows_while_the_budget_is_short_and_returns_by_itself(tmp_path: Path):
    with stage(tmp_path) as scene:
        scene.org.create(LastName="Doe")
        with bench(scene) as desk:

            def poor(agent: Agent) -> Agent:
                return replace(agent, budget_calls=10**9)

            for hours in (2.5, 4.5, 6.5, 6.5):
                report = desk.session(change=poor)
                assert (report.status, report.tally.created) == ("skipped", 0)
                assert report.reason.startswith("budget: only")
                assert desk.pause == timedelta(hours=hours)
            assert (desk.state(Keys.FAILURES), desk.state(Keys.REFUSED_LOGINS)) == (0, 0)
            report = desk.session()
            assert (report.status, report.tally.created) == ("done", 1)
            assert desk.pause == HALF_HOUR
            desk.session(change=poor)
            assert desk.pause == timedelta(hours=2.5)


def test_C3_six_refused_logins_in_a_row_need_a_person(scene: Stage):
    scene.org.create(LastName="Doe")
    scene.sync()
    with bench(scene) as desk:
        for n in range(5):
            scene.fault(vendor="salesforce", kind="expire_token")
            report = desk.session()
            assert (report.status, desk.state(Keys.REFUSED_LOGINS)) == ("failed", n + 1)
            assert "refused" in report.reason
        assert desk.session().status == "done"
        assert (desk.state(Keys.REFUSED_LOGINS), desk.state(Keys.FAILURES)) == (0, 0)
        for _ in range(6):
            scene.fault(vendor="exchange", kind="status", status=401)
            assert desk.session().status == "failed"
        assert desk.state(Keys.SUSPENDED) == "needs_login"
        scene.forget_requests()
        report = desk.session()
        assert (report.status, scene.requests()) == ("skipped", [])
        assert "resume" in report.reason
    assert [i.surname for i in scene.ann.all_in()] == ["Doe"]
    scene.run("resume", "ann")
    scene.assert_settled()


def test_C3_ten_failed_sessions_in_a_row_suspend(scene: Stage):
    scene.sync()
    with bench(scene) as desk:
        for n in range(10):
            assert desk.state(Keys.SUSPENDED) in (None, "")
            scene.fault(vendor="salesforce", kind="html")
            report = desk.session()
            assert (report.status, desk.state(Keys.FAILURES)) == ("failed", n + 1)
        assert desk.state(Keys.SUSPENDED) == "failing"
        scene.forget_requests()
        assert (desk.session().status, scene.requests()) == ("skipped", [])
    scene.run("resume", "ann")
    scene.assert_settled()


def test_E5_a_paused_user_is_left_alone_and_goes_on_after(scene: Stage):
    scene.sync()
    scene.run("pause", "ann")
    scene.org.create(LastName="Doe")
    scene.forget_requests()
    report = scene.sync("skipped")
    assert ("paused" in report["reason"], scene.requests()) == (True, [])
    scene.run("resume", "ann")
    assert scene.sync()["mailbox"]["created"] == 1


def test_a_bug_ends_its_session_as_a_failure_with_its_work_counted_and_frees_the_lock(scene: Stage):
    fill(scene, 150)
    with bench(scene) as desk:

        def broken(what: str, _done: int, _all: int) -> None:
            if what == "creating in the mailbox":
                raise KeyError("Canary Name")

        report = desk.session(broken)
        assert (report.status, report.tally.created, desk.state(Keys.FAILURES)) == ("failed", 100, 1)
        assert report.reason.startswith("internal error KeyError at ")
        assert "Canary" not in report.reason
        assert desk.pause == HALF_HOUR
        report = desk.session()
        assert (report.status, report.tally.created, desk.state(Keys.FAILURES)) == ("done", 50, 0)


@pytest.mark.parametrize(
    ("table", "event"),
    [("sessions", "INSERT"), ("history", "INSERT"), ("pairs", "INSERT"), ("sessions", "UPDATE"), ("state", "INSERT")],
)
def test_a_store_that_cannot_be_written_is_a_failure_and_nothing_is_lost(scene: Stage, table: str, event: str):
    scene.sync()
    scene.org.create(LastName="Doe")
    database = scene.home / "mailsync.db"
    with sqlite3.connect(database) as connection:
        connection.execute(f"CREATE TRIGGER full BEFORE {event} ON {table} BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    report = scene.sync("failed")
    assert report["reason"]
    assert "Traceback" not in report["reason"]
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER full")
        connection.execute("UPDATE users SET renewed = NULL, holder = ''")
    scene.sync()
    assert [i.surname for i in scene.ann.all_in()] == ["Doe"]
    scene.assert_settled()


def test_A2_only_a_lock_that_is_held_is_skipped(scene: Stage):
    scene.sync()
    with open_setup(scene.config) as setup:
        fence = setup.store.begin("ann", SystemClock().now())
        assert "is running" in scene.sync("skipped")["reason"]
        setup.store.finish("ann", fence, {}, SystemClock().now())
    scene.sync()


def test_D2_what_a_person_sets_while_a_session_runs_counts_for_the_next_one(scene: Stage):
    scene.sync()
    scene.org.create(LastName="Doe")
    with bench(scene) as desk:

        def meanwhile(what: str, _done: int, _all: int) -> None:
            if what == "creating in the mailbox":
                desk.setup.store.save_state("ann", {Keys.HOLD_DELETIONS: True})

        assert desk.session(meanwhile).tally.created == 1
        assert desk.state(Keys.HOLD_DELETIONS) is True
        desk.session()
        assert desk.state(Keys.HOLD_DELETIONS) is False


def test_A1_a_copy_of_the_installation_takes_the_folder_and_the_first_one_stops(scene: Stage, tmp_path: Path):
    scene.org.create(LastName="Doe")
    scene.sync()
    copy = Stage(scene.box, tmp_path / "copy")
    copy.home.mkdir()
    copy.configure()
    for name in ("mailsync.db", "mailsync.key"):  # without its witness, which is no part of a backup
        (copy.home / name).write_bytes((scene.home / name).read_bytes())
        (copy.home / name).chmod(0o600)
    assert copy.sync()["salesforce"]["deleted"] == 0
    copy.assert_settled()
    report = scene.sync("skipped")
    assert "takeover" in report["reason"]
    scene.run("takeover", "ann", "--yes")
    scene.sync()
    scene.assert_settled()
    assert "takeover" in copy.sync("skipped")["reason"]
    assert [i.surname for i in scene.ann.all_in()] == ["Doe"]
