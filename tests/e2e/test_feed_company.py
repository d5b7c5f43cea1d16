"""The shared feed of a whole company, served: idle people cost Salesforce nothing (decision 0028), nobody is spared a
change, one reader reads (A2, A17).

MAILSYNC_FEED_COMPANY says how many people; 100 if it says nothing.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import requests

from mailsync.bootstrap import Setup, SystemClock, gate_of, open_setup, shared_feed
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.session.report import Report
from mailsync.store import tables as t
from mailsync.store.engine import writing
from mailsync.worker.feed import try_reading
from mailsync.worker.service import Service, open_engine
from mailsync.worker.turn import home_of
from tests.e2e.company import make_world, name, write_config
from tests.e2e.people import OrgPerson

USERS = int(os.environ.get("MAILSYNC_FEED_COMPANY", "100"))
FEED = '\n[feed]\ntoken = "sandbox-admin"\n'
MINUTES = 3
FEW = 8


@dataclass
class Company:
    """A company and its installation, which reads the feed as admin."""

    box: RunningSandbox
    setup: Setup
    told: list[Report] = field(default_factory=list[Report])
    warned: list[str] = field(default_factory=list[str])

    def round(self, count: int = USERS) -> Sequence[Report]:
        """The first so many people are due, and have a session of `serve`."""
        due = [name(n) for n in range(count)]
        self.told.clear()
        with writing(self.setup.store.feeds.database.engine) as c:
            c.execute(t.users.update().values(next_run_at=now() + timedelta(hours=1), queued=None))
            c.execute(t.users.update().where(t.users.c.name.in_(due)).values(next_run_at=now()))
        self.serve(lambda: {r.user for r in self.told} == set(due))
        return list(self.told)

    def serve(self, holds: Callable[[], bool]) -> None:
        stopping = threading.Event()
        engine = open_engine(self.setup, SystemClock())
        service = Service(self.setup, SystemClock(), engine, self.told.append, self.warned.append)
        thread = threading.Thread(target=service.serve, args=(stopping,))
        thread.start()
        end = time.monotonic() + 120 + 2 * USERS
        while not holds() and time.monotonic() < end:
            time.sleep(0.1)
        stopping.set()
        thread.join(60)
        assert holds(), (len(self.told), self.told[-3:], self.warned)
        assert self.warned == []

    def settle(self, count: int = USERS) -> None:
        """Rounds until nobody has anything to ask."""
        for _ in range(5):
            if not any(report.requests[0] for report in self.round(count)):
                return
        raise AssertionError(Counter(report.requests for report in self.told))

    def read(self) -> None:
        read, trouble = try_reading(
            self.setup, self.setup.settings.organisation_of(name(0)), SystemClock(), at_once=True
        )
        assert (read, trouble) == (True, "")

    def asked(self) -> Counter[str]:
        """Requests to Salesforce by whose bearer they carry."""
        found: Counter[str] = Counter()
        for entry in self.box.sandbox.log.entries():
            if entry.vendor == "salesforce":
                headers = {key.lower(): value for key, value in entry.request.headers.items()}
                found[headers.get("authorization", "").rpartition("sandbox-")[2]] += 1
        return found

    def forget(self) -> None:
        requests.delete(f"{self.box.url}/sandbox/requests", timeout=30)


def now() -> datetime:
    return SystemClock().now()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    home = tmp_path_factory.mktemp("company")
    with running_sandbox(make_world(USERS)) as box:
        write_config(home / "mailsync.toml", box.url, "mailsync.db", USERS)
        with (home / "mailsync.toml").open("a") as file:
            file.write(FEED)
        with open_setup(home / "mailsync.toml") as setup:
            setup.store.schedule.enrol({user: home_of(setup, user) for user in setup.users}, now)
            scene = Company(box, setup)
            scene.settle()
            yield scene


def test_idle_people_cost_salesforce_what_one_of_them_does(company: Company) -> None:
    company.forget()
    begun = time.monotonic()
    reports = company.round()
    assert sorted(r.user for r in reports) == [name(n) for n in range(USERS)]
    assert {(r.status, r.requests) for r in reports} == {("done", (0, 1))}
    asked = company.asked()
    readings = asked.pop("admin", 0)
    assert asked == {}
    assert readings <= 1 + (time.monotonic() - begun) // (MINUTES * 60)


def test_A17_who_has_a_change_gets_it_and_nobody_else_asks(company: Company) -> None:
    person = OrgPerson.log_in(company.box.url, name(7))
    (mine,) = person.all()
    person.update(mine["Id"], LastName="Changed")
    company.read()
    company.forget()
    reports = company.round()
    assert {r.user for r in reports if r.requests[0]} == {name(7)}
    assert {r.user: r.tally.updated for r in reports if r.tally.updated} == {name(7): 1}
    world = company.box.sandbox.dump()
    names = {m["user"]: m["contacts"][0]["names"][0]["familyName"] for m in world["google"]["mailboxes"]}
    assert names[name(7)] == "Changed"
    company.settle(FEW)


def test_A2_who_waits_for_a_session_is_not_told_by_the_feed(company: Company) -> None:
    asking = name(3)
    company.told.clear()
    with writing(company.setup.store.feeds.database.engine) as c:
        c.execute(t.users.update().values(next_run_at=now() + timedelta(hours=1)))
    assert company.setup.store.schedule.ask(asking, now())
    company.serve(lambda: bool(company.told))
    assert [(r.user, r.requests[0]) for r in company.told] == [(asking, 1)]
    slot = company.setup.store.schedule.slot(asking)
    assert slot
    assert slot.queued is None
    assert slot.next_run
    assert slot.next_run > now()  # once, not again and again until the planned time
    with writing(company.setup.store.feeds.database.engine) as c:
        c.execute(t.users.update().values(asked=None))


def test_an_old_feed_is_none(company: Company) -> None:
    shared = shared_feed(company.setup, name(0))
    assert shared
    assert shared.oldest == timedelta(minutes=2 * MINUTES)
    with writing(company.setup.store.feeds.database.engine) as c:
        c.execute(t.feeds.update().values(begun=now() - shared.oldest - timedelta(seconds=1), taken=now()))
    reports = company.round(FEW)  # another reader is at it, or was killed: nobody reads meanwhile
    assert {r.requests for r in reports} == {(1, 1)}
    with writing(company.setup.store.feeds.database.engine) as c:
        c.execute(t.feeds.update().values(taken=None))
    company.settle(FEW)


def test_two_readers_read_once(company: Company) -> None:
    company.read()
    company.forget()
    organisation = company.setup.settings.organisation_of(name(0))
    assert try_reading(company.setup, organisation, SystemClock()) == (False, "")
    assert company.asked() == {}
    lease = company.setup.store.feeds.take(gate_of(organisation), now())
    assert lease
    assert try_reading(company.setup, organisation, SystemClock(), at_once=True) == (False, "")
    company.setup.store.feeds.give_up(gate_of(organisation), lease, "")
    assert company.asked() == {}
