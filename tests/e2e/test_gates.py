"""C4 and outages across a whole organisation: what one session meets, the others need not meet, too."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from mailsync.bootstrap import Setup, SystemClock, open_setup
from mailsync.core.gate import AskedToWait, Away, Short, Sign, Well, Why
from mailsync.errors import (
    BudgetSpent,
    CertificateRefused,
    LoginRefused,
    MailsyncError,
    StoreError,
    Throttled,
    Unreachable,
)
from mailsync.ports.crm import Budget
from mailsync.ports.schedule import Home
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.session.report import Report
from mailsync.worker.service import Service, open_engine
from mailsync.worker.signs import Rules, list_signs, wait_of
from mailsync.worker.turn import STOPPED, home_of
from tests.e2e.company import make_world, write_config
from tests.faults.busy import skip_waits

USERS = 24
HOME = Home("salesforce acme", "google acme")
ORG, BOX = HOME
PLENTY, LITTLE = Budget(5, 15_000), Budget(14_500, 15_000)


def ended(status: str, trouble: MailsyncError | None = None, budget: Budget | None = None) -> Report:
    return Report("ann", 7, status, trouble=trouble, budget=budget)


@pytest.mark.parametrize(
    ("report", "signs"),
    [
        (ended("done", budget=PLENTY), [(ORG, Well(5, 15_000)), (BOX, Well())]),
        (ended("held", budget=PLENTY), [(ORG, Well(5, 15_000)), (BOX, Well())]),
        (ended("done", budget=LITTLE), [(ORG, Short(14_500, 15_000)), (BOX, Well())]),
        (ended("failed", Unreachable("salesforce", "away")), [(ORG, Away())]),
        (ended("failed", Unreachable("google", "away")), [(BOX, Away())]),
        (ended("failed", CertificateRefused("salesforce", "expired")), []),
        (ended("failed", Throttled("salesforce", "busy", after=90.0)), [(ORG, AskedToWait(timedelta(seconds=90)))]),
        (ended("failed", Throttled("salesforce", "busy")), []),
        (ended("failed", Throttled("google", "busy", after=90.0)), []),
        (ended("skipped", BudgetSpent("salesforce", "spent", code="REQUEST_LIMIT_EXCEEDED")), [(ORG, Short())]),
        # by a limit of the user's own: the organisation has enough
        (ended("skipped", BudgetSpent("salesforce", "few", code="BUDGET"), PLENTY), [(ORG, Well(5, 15_000))]),
        (ended("skipped", BudgetSpent("salesforce", "few", code="BUDGET"), LITTLE), [(ORG, Short(14_500, 15_000))]),
        (ended("failed", LoginRefused("google", "no"), PLENTY), []),
        (ended("failed", StoreError("full"), PLENTY), [(ORG, Well(5, 15_000))]),
        (Report("ann", 0, "skipped", "paused"), []),
    ],
)
def test_C4_what_a_session_says_of_the_vendors(report: Report, signs: list[tuple[str, Sign]]) -> None:
    assert list_signs(report, HOME, Rules(1000, 10)) == signs


def test_a_mailbox_that_asks_for_a_pause_is_one_users_affair() -> None:
    assert wait_of(ended("failed", Throttled("google", "busy", after=90.0))) == timedelta(seconds=90)
    assert wait_of(ended("failed", Throttled("salesforce", "busy", after=90.0))) is None
    assert wait_of(ended("done")) is None


@dataclass
class Scene:
    """A company, served by one process; everybody is due."""

    box: RunningSandbox
    setup: Setup
    told: list[Report] = field(default_factory=list[Report])
    warned: list[str] = field(default_factory=list[str])

    def fault(self, **fault: object) -> None:
        answer = requests.post(f"{self.box.url}/sandbox/faults", json={"times": None, **fault}, timeout=10)
        assert answer.ok, answer.text

    def until(self, holds: Callable[[], object], seconds: float = 120) -> None:
        """Serves until it is so."""
        stopping, clock = threading.Event(), SystemClock()
        engine = open_engine(self.setup, clock)
        service = Service(self.setup, clock, engine, self.told.append, self.warned.append)
        thread = threading.Thread(target=service.serve, args=(stopping,))
        thread.start()
        end = time.monotonic() + seconds
        while not holds() and time.monotonic() < end:
            time.sleep(0.1)
        stopping.set()
        thread.join(60)
        assert holds(), (self.told[-3:], self.warned)
        assert self.warned == []


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    skip_waits(monkeypatch)
    with running_sandbox(make_world(USERS)) as box:
        write_config(tmp_path / "mailsync.toml", box.url, "mailsync.db", USERS)
        with open_setup(tmp_path / "mailsync.toml") as setup:
            homes = {user: home_of(setup, user) for user in setup.users}
            setup.store.schedule.enrol(homes, SystemClock().now)
            yield Scene(box, setup)


def test_an_outage_of_salesforce_stops_the_organisation_and_suspends_nobody(scene: Scene) -> None:
    organisation = home_of(scene.setup, "u00000").organisation
    scene.fault(vendor="salesforce", kind="status", status=503)
    scene.until(lambda: scene.setup.store.gates.closed(SystemClock().now()) and len(scene.told) >= 5)
    tried = {report.user for report in scene.told if report.status == "failed"}
    assert 5 <= len(tried) < USERS
    assert not [report for report in scene.told if report.status != "failed" and not report.reason.startswith(STOPPED)]
    asked = len(scene.box.sandbox.log.entries())
    later = time.monotonic() + 3
    scene.until(lambda: time.monotonic() > later)
    assert len(scene.box.sandbox.log.entries()) == asked  # nobody knocks at a closed gate
    requests.delete(f"{scene.box.url}/sandbox/faults", timeout=10)
    scene.setup.store.gates.note(organisation, Well(), SystemClock().now())
    scene.until(lambda: len(synced(scene)) == USERS - len(tried))
    assert synced(scene) == set(scene.setup.users) - tried


def synced(scene: Scene) -> set[str]:
    return {report.user for report in scene.told if report.status == "done" and not report.reason}


def test_C4_one_session_finds_the_calls_short_and_all_others_are_spared(scene: Scene) -> None:
    limit = {"as": "admin", "op": "daily_limit", "used": 14_900, "limit": 15_000}
    assert requests.post(f"{scene.box.url}/sandbox/act", json=limit, timeout=10).ok
    scene.until(lambda: scene.setup.store.gates.closed(SystemClock().now()) and scene.told)
    ((key, gate),) = scene.setup.store.gates.closed(SystemClock().now())
    assert (key, gate.why) == (home_of(scene.setup, "u00000").organisation, Why.BUDGET)
    assert gate.allowed == 15_000
    assert len(scene.told) < USERS
