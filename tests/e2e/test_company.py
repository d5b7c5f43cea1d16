"""Three workers on PostgreSQL and a whole company, two rounds, while workers are killed and stopped (A2, L2).

MAILSYNC_COMPANY says how many people; 80 if it says nothing.
"""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from mailsync.bootstrap import Setup, SystemClock, open_setup
from mailsync.sandbox.log import Entry
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.worker.turn import home_of
from tests.e2e.company import INTERVAL, Process, make_world, name, write_config
from tests.services.postgres import running_postgres

USERS = int(os.environ.get("MAILSYNC_COMPANY", "80"))
WORKERS = 3
TAKEN_UP_WITHIN = timedelta(minutes=2)
ROUND_WITHIN = 120 + USERS * 2.0  # seconds, on a machine that is busy with other things


@dataclass
class Company:
    """The installation at work, and what was done to it."""

    box: RunningSandbox
    setup: Setup
    home: Path
    url: str
    workers: list[Process] = field(default_factory=list[Process])
    killed: list[datetime] = field(default_factory=list[datetime])

    def start(self, *words: str) -> Process:
        process = Process(self.setup.settings.path, words, self.home / f"{words[0]}-{time.monotonic_ns()}.log")
        if words[0] == "worker":
            self.workers.append(process)
        return process

    def ask(self, query: LiteralString, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            answer = connection.execute(query, values)
            return answer.fetchall() if answer.description else []

    def served(self, since: datetime) -> int:
        """Users who are due again at their next time: their sessions stored all that they did."""
        query = "SELECT count(*) FROM users WHERE next_run_at > %s AND queued IS NULL"
        return int(str(self.ask(query, since.replace(tzinfo=None) + timedelta(minutes=5))[0][0]))

    def await_share(self, since: datetime, share: float) -> None:
        until = time.monotonic() + ROUND_WITHIN
        while self.served(since) < share * USERS:
            said = [line for process in self.workers for line in process.said[-3:]]
            assert time.monotonic() < until, (self.served(since), self.setup.store.schedule.backlog(now()), said)
            time.sleep(0.2)

    def told_of(self, user: str) -> list[str]:
        """What the log of all processes says of a user: requests that were sent again, sessions that failed."""
        lines = [line for file in sorted(self.home.glob("*.log")) for line in file.read_text("utf-8").splitlines()]
        return [line for line in lines if f'"user": "{user}"' in line or f'"user":"{user}"' in line]

    def kill(self) -> None:
        """A worker is killed in the middle of its work; another one is started."""
        worker = self.workers.pop(0)
        until = time.monotonic() + 60
        mine = f"%/{worker.process.pid}/%"  # the holder of a lock names its process
        while self.ask("SELECT count(*) FROM users WHERE holder LIKE %s", mine) == [(0,)]:
            assert time.monotonic() < until, "it has no session under way"
        worker.process.send_signal(signal.SIGKILL)
        self.killed.append(now())
        assert worker.process.wait(10) == -signal.SIGKILL
        self.start("worker")

    def stop(self) -> None:
        """A worker is asked to stop, and is done soon after its grace period."""
        worker = self.workers.pop(0)
        worker.process.terminate()
        assert worker.process.wait(3 * self.setup.settings.worker.grace) == 0, worker.said[-5:]
        self.start("worker")


def now() -> datetime:
    return SystemClock().now()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    home = tmp_path_factory.mktemp("company")
    with running_postgres() as server, running_sandbox(make_world(USERS)) as box:
        url = server.fresh()
        write_config(home / "mailsync.toml", box.url, url, USERS)
        with open_setup(home / "mailsync.toml") as setup:
            everyone = {user: home_of(setup, user) for user in setup.users}
            setup.store.schedule.enrol(everyone, now)  # all are due at once
            scene = Company(box, setup, home, url)
            front = scene.start("serve", "--no-worker")
            for _ in range(WORKERS):
                scene.start("worker")
            yield scene
            for process in (front, *scene.workers):
                process.process.terminate()
            for process in (front, *scene.workers):
                assert process.process.wait(60) == 0, process.said[-5:]


@pytest.fixture(scope="module")
def rounds(company: Company) -> Sequence[datetime]:
    """Two rounds; when each of them began. In both a worker is killed and one is stopped."""
    begun: list[datetime] = []
    for _ in range(2):
        begun.append(now())
        company.ask("UPDATE users SET next_run_at = least(next_run_at, now() AT TIME ZONE 'UTC')")
        company.await_share(begun[-1], 0.2)
        company.kill()
        company.await_share(begun[-1], 0.5)
        company.stop()
        company.await_share(begun[-1], 1)
        until = time.monotonic() + 150
        while (backlog := company.setup.store.schedule.backlog(now())).queued or backlog.due:
            assert time.monotonic() < until, backlog
            time.sleep(0.5)
    return begun


@dataclass(frozen=True)
class Ran:
    """One session as the store knows it."""

    user: str
    begun: datetime
    ended: datetime | None
    reason: str


def sessions(company: Company) -> Mapping[str, list[Ran]]:
    query = (
        "SELECT u.name, s.begun, s.ended, s.report::json->>'reason' FROM sessions s JOIN users u ON u.id = s.user_id "
        "ORDER BY u.name, s.number"
    )
    found: dict[str, list[Ran]] = defaultdict(list)
    for user, begun, ended, reason in company.ask(query):
        assert isinstance(begun, datetime)
        found[str(user)].append(Ran(str(user), begun, ended if isinstance(ended, datetime) else None, str(reason)))
    return found


def of_user(entries: Sequence[Entry]) -> Mapping[str, list[Entry]]:
    """Requests by whose bearer they carry."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        headers = {key.lower(): value for key, value in entry.request.headers.items()}
        found[headers.get("authorization", "").rpartition("sandbox-")[2]].append(entry)
    return found


def spans(entries: Sequence[Entry], vendor: str) -> list[tuple[datetime, datetime]]:
    """From the first to the last request of each connection: each session has its own."""
    times: dict[int, list[datetime]] = defaultdict(list)
    for entry in entries:
        if entry.vendor == vendor:
            times[entry.request.connection].append(entry.time)
    return sorted((min(t), max(t)) for t in times.values())


def broken_off(ran: Ran) -> bool:
    """Killed, or stopped on request: both are gone on with at once."""
    return ran.ended is None or ran.reason.startswith("stopped on request")


def in_round(theirs: Sequence[Ran], begun: datetime, end: datetime) -> list[Ran]:
    return [ran for ran in theirs if begun.replace(tzinfo=None) <= ran.begun < end.replace(tzinfo=None)]


def windows(theirs: Sequence[Ran], end: datetime) -> list[tuple[datetime, datetime]]:
    """When each session ran; a killed one until the next one began."""
    later = [*(ran.begun for ran in theirs[1:]), end]
    return [(ran.begun, ran.ended or after) for ran, after in zip(theirs, later, strict=True)]


def test_A2_everybody_has_exactly_one_session_in_each_round(company: Company, rounds: Sequence[datetime]) -> None:
    """By the store; and by the log of requests, in which nobody asked anything outside of these sessions."""
    asked = of_user(company.box.sandbox.log.entries())
    ran = sessions(company)
    assert sorted(ran) == [name(n) for n in range(USERS)]
    again = 0
    for user, theirs in ran.items():
        for begun, end in pairwise((*rounds, now())):
            counted = in_round(theirs, begun, end)
            whole = [s for s in counted if not broken_off(s)]
            assert len(whole) == 1, (user, counted)
            again += len(counted) - 1
        whole = [s for s in theirs if not broken_off(s)]
        open_ = windows(theirs, now().replace(tzinfo=None))
        times = [entry.time.replace(tzinfo=None) for entry in asked[user]]
        feeds = [e.time.replace(tzinfo=None) for e in asked[user] if e.vendor == "salesforce"]
        assert [t for t in times if not any(begun <= t <= ended for begun, ended in open_)] == [], (user, theirs)
        undisturbed = len(whole) == len(theirs)
        for number, one in enumerate(whole):
            count = sum(one.begun <= t <= one.ended for t in feeds if one.ended)
            # Once, also where its own write of the round before comes back (L8), and which organisation it is in the
            # first session (D3); a recovery (B15) asks further.
            wanted = 1 if number else 2
            assert count == wanted if undisturbed else count, (user, theirs, feeds, company.told_of(user))
    assert again <= 4 * company.setup.settings.worker.sessions  # what four workers had in hand


def test_A2_never_two_at_once(company: Company, rounds: Sequence[datetime]) -> None:
    asked = of_user(company.box.sandbox.log.entries())
    for user, theirs in sessions(company).items():
        for vendor in ("salesforce", "google"):
            found = spans(asked[user], vendor)
            assert all(a[1] <= b[0] for a, b in pairwise(found)), (user, vendor, found)
        for one, next_one in pairwise(theirs):
            assert one.ended is None or one.ended <= next_one.begun


def test_L2_what_a_killed_worker_had_in_hand_is_taken_up_within_two_minutes(
    company: Company, rounds: Sequence[datetime]
) -> None:
    cut = [ran for theirs in sessions(company).values() for ran in theirs if ran.ended is None]
    for begun, end in pairwise((*rounds, now())):
        for theirs in sessions(company).values():
            for killed, follower in pairwise(in_round(theirs, begun, end)):
                after = [t.replace(tzinfo=None) for t in company.killed if t.replace(tzinfo=None) >= killed.begun]
                assert killed.ended or follower.begun - after[0] <= TAKEN_UP_WITHIN
    assert len(company.killed) == len(rounds)
    assert cut, "no session was cut off: the test says nothing"


def test_L2_nothing_is_lost_doubled_or_stuck(company: Company, rounds: Sequence[datetime]) -> None:
    world = company.box.sandbox.dump()
    for mailbox in world["google"]["mailboxes"]:
        names = [c["names"][0]["familyName"] for c in mailbox["contacts"]]
        assert names == [f"Doe {mailbox['user']}"]
    assert len(world["salesforce"]["records"]["Contact"]) == USERS
    assert company.ask("SELECT count(*) FROM users WHERE queued IS NOT NULL") == [(0,)]
    assert company.ask("SELECT count(*) FROM intents") == [(0,)]
    assert company.ask("SELECT count(*) FROM pairs") == [(USERS,)]
    assert company.ask("SELECT count(*) FROM issues") == [(0,)]
    backlog = company.setup.store.schedule.backlog(now())
    assert (backlog.users, backlog.due, dict(backlog.asleep)) == (USERS, 0, {})


def test_A2_the_next_time_is_an_interval_away_for_everybody(company: Company, rounds: Sequence[datetime]) -> None:
    for (due,) in company.ask("SELECT next_run_at FROM users"):
        assert isinstance(due, datetime)
        assert timedelta(0) < due - rounds[-1].replace(tzinfo=None) <= INTERVAL * 3 / 2 + now() - rounds[-1]
