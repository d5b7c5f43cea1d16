"""A world in memory: both vendors, an installation of mailsync for ann, and her sessions."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, TypeVar

from mailsync.bootstrap import policy_factory
from mailsync.core.changes import FolderMark
from mailsync.core.person import FieldType, Limits
from mailsync.core.policy import Policy
from mailsync.core.refs import FieldName, RecordId
from mailsync.mapping.interpreter import mailbox_limits
from mailsync.mapping.table import load
from mailsync.ports.crm import Scope
from mailsync.session.agent import Agent, Shared
from mailsync.session.drive import drive
from mailsync.session.report import Report
from mailsync.settings import UserSettings, resolve
from tests.fakes.clock import FakeClock
from tests.fakes.crm import FakeCrm
from tests.fakes.feeds import FakeFeeds, read_org
from tests.fakes.mailbox import FakeMailbox
from tests.fakes.org import Org, describe
from tests.fakes.post import Post
from tests.fakes.store import FakeStore
from tests.laws.histories.gate import Blind, Gate, Gated, Killed, Watcher

A = TypeVar("A")
B = TypeVar("B")
USER = "ann"
BACK_ID = "00B000000000001AAA"
ORGANISATION = "salesforce acme"
FEED_FOR = timedelta(minutes=6)
URL = "https://acme.my.salesforce.example"
TABLE = load("exchange")
FIELDS = tuple(row.field.name for row in TABLE.live)
ADDRESSES = frozenset(row.field.name for row in TABLE.live if row.field.type is FieldType.ADDRESS)
CRM_LIMITS = describe(FIELDS, ADDRESSES)
MAILBOX_LIMITS = mailbox_limits(TABLE)


@lru_cache(maxsize=4096)
def settings_of(stored: tuple[tuple[str, str], ...]) -> tuple[UserSettings, Callable[[Limits], Policy]]:
    """The settings in force, as `set` stored them, and the policy that they make."""
    found = resolve({}, {}, dict(stored))[0]
    return found, policy_factory(found, TABLE, URL)


class InTurn:
    """The scheduler of a simulation: one thing after the other, in an order drawn from the seed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def both(self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
        """In either order."""
        if self._random.random() < 0.5:
            one = first()
            return one, second()
        other = second()
        return first(), other

    @contextmanager
    def beating(self, name: str, seconds: float, beat: Callable[[], bool]) -> Generator[None]:
        """Once, at the beginning: simulated sessions are short."""
        beat()
        yield


@dataclass(frozen=True, slots=True)
class Ended:
    """How a session ended: its report (None: killed), and how many writes it tried."""

    report: Report | None
    writes: int
    calls: int
    spoilt: tuple[str, ...] = ()


@dataclass
class World:
    """Everything that there is, and a trace of what happened."""

    random: Random
    clock: FakeClock
    org: Org
    post: Post
    store: Any
    trace: list[str] = field(default_factory=list[str])
    sessions: int = 0
    replay: int = 0  # the next feed tells so many changes again
    unannounced: dict[RecordId, datetime] = field(default_factory=dict[RecordId, datetime])  # shared or not since
    view: str = BACK_ID  # the list view that there is
    tells_empty: bool = True  # whether the mailbox's feed tells that a folder went in which nothing was
    chosen: tuple[Mapping[str, str], tuple[UserSettings, Callable[[Limits], Policy]]] | None = None
    begun_with: UserSettings | None = None
    at_most: int = 10_000  # records that a round of a first session reads
    feeds: Any = None  # the organisation's shared feed; None: nobody reads it
    spared: int = 0  # sessions that asked Salesforce nothing
    watcher: Watcher | None = None
    on_act: Callable[[str], None] = lambda _: None

    @property
    def settings(self) -> UserSettings:
        """Those in force."""
        return self._settings()[0]

    @property
    def in_force(self) -> UserSettings:
        """Those that the session began with: what is set meanwhile is for the next one."""
        return self.begun_with or self.settings

    def _settings(self) -> tuple[UserSettings, Callable[[Limits], Policy]]:
        stored = self.store.settings(USER)
        if self.chosen is None or self.chosen[0] != stored:
            self.chosen = stored, settings_of(tuple(sorted(stored.items())))
        return self.chosen[1]

    def tell(self, line: str) -> None:
        """Adds to the trace."""
        self.trace.append(line)

    def session(self, troubles: Mapping[int, str] | None = None) -> Ended:
        """One session, driven as the worker drives it."""
        self.sessions += 1
        self.read_feed()
        gate = self.make_gate(troubles or {})
        chosen = self.settings
        try:
            report = drive(
                USER,
                Gated(self.store, "store", gate),
                lambda: self.agent(gate),
                enabled=chosen.contacts,
                interval=chosen.interval,
            )
        except Killed:
            report = None
        self.spared += report is not None and report.session > 0 and not report.requests[0]
        told = "killed" if report is None else f"{report.status} {report.reason}"
        self.tell(f"  session {self.sessions}: {told} ({gate.calls} calls, {gate.writes} writes)")
        return Ended(report, gate.writes, gate.calls, tuple(gate.spoilt))

    def agent(self, gate: Gate) -> Agent:
        """A new process's agent."""
        self.begun_with = self.settings
        crm, mailbox = Gated(self.open_crm(), "crm", gate), Gated(self.open_mailbox(), "mailbox", gate)
        return self.agent_of(crm, mailbox, Gated(self.store, "store", gate), self.random)

    def agent_of(self, crm: Any, mailbox: Any, store: Any, random: Random) -> Agent:
        """An agent with these ports, by the settings in force."""
        chosen, policy = self._settings()
        return Agent(
            USER,
            crm,
            mailbox,
            store,
            self.clock,
            Scope(chosen.view),
            policy,
            enabled=chosen.contacts,
            budget_calls=chosen.budget_calls,
            budget_percent=chosen.budget_percent,
            scheduler=InTurn(random),
            at_most=self.at_most,
            shared=Shared(self.feeds, ORGANISATION, FEED_FOR, lambda: False) if self.feeds is not None else None,
        )

    def read_feed(self) -> None:
        """Its reader reads the shared feed just before a session."""
        if self.feeds is not None and (lease := self.feeds.take(ORGANISATION, self.clock.now())):
            self.feeds.keep(ORGANISATION, lease, read_org(self.org, lease.cursor), self.clock.now())

    def make_gate(self, troubles: Mapping[int, str]) -> Gate:
        """A session's way to its ports."""
        return Gate(**self.gate_parts(troubles))

    def gate_parts(self, troubles: Mapping[int, str]) -> dict[str, Any]:
        """What any gate is made of."""
        return {
            "troubles": troubles,
            "tell": self.tell,
            "watcher": self.watcher or Blind(),
            "tick": self._tick,
            "between": self.on_act,
            "late": self._late,
        }

    def open_crm(self) -> Any:
        """A new process's."""
        return FakeCrm(self.org)

    def open_mailbox(self) -> Any:
        """A new process's."""
        mailbox = FakeMailbox(self.post, MAILBOX_LIMITS)
        mailbox.replay, self.replay = self.replay, 0
        return mailbox

    def _tick(self) -> None:
        self.clock.advance(0.3)

    def _late(self, carry: Callable[[], Any]) -> None:
        self.org.pending.append((self.clock.time + timedelta(seconds=self.random.randrange(5, 540)), carry))


def make_world(seed: int, store: Callable[[FolderMark], Any] = FakeStore) -> World:
    """An empty world. `store` makes the store of an installation."""
    random = Random(seed)
    clock = FakeClock(random)
    org = Org(tuple(n for n in FIELDS if n != FieldName("Company")), CRM_LIMITS, lambda: clock.time)
    post = Post(FIELDS, lambda: clock.time, keeps_ids=random.random() < 0.25)
    return World(random, clock, org, post, store(FolderMark("inst-1", 1)))


def share_feed(world: World) -> None:
    """The organisation has a shared feed from now on: the store's own, or its fake."""
    world.feeds = world.store.feeds if hasattr(world.store, "feeds") else FakeFeeds(world.store)
