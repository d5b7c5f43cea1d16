"""Histories over real HTTP: the sandbox, the real adapters, the real store; the same acts, the same laws.

Time there is real time plus what was advanced, so that a seed gives the same acts but not the same stamps: no digest is
compared. Wrong ways of a network are the sandbox's own faults (wirefaults); what a kind of mailbox can't do is left out
by what its adapter declares, and what Salesforce can't be made to do here is SKIPPED.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from googleapiclient.errors import HttpError
from tenacity import RetryCallState

from mailsync import retry
from mailsync.crm.salesforce import SalesforceLogin, open_salesforce
from mailsync.errors import Throttled
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from tests.e2e.people import SalesforceError
from tests.fakes.clock import FakeClock
from tests.laws.histories.engines import Shelves, shelves
from tests.laws.histories.gate import Gate
from tests.laws.histories.play import BETWEEN, Played, Player, records_a_round
from tests.laws.histories.script import Script, Step, draw
from tests.laws.histories.wirefaults import Fault, WireGate
from tests.laws.histories.wirekinds import BEARER, KINDS, Kind
from tests.laws.histories.wireleaks import Leaks, listening
from tests.laws.histories.wireorg import WireOrg
from tests.laws.histories.wirerest import Rest
from tests.laws.histories.world import World

SKIPPED = frozenset({"lock_record", "delete_view", "skew_clock"})
TRIES = 4
"""How often something is asked again, at once; then the session gives up."""


class WireClock(FakeClock):
    """The sandbox's clock is everybody's."""

    def __init__(self, random: Random, running: RunningSandbox) -> None:
        super().__init__(random)
        self._running = running

    @property
    def time(self) -> Any:  # type: ignore[override]
        """The vendors' time."""
        return self._running.sandbox.clock.now()

    @time.setter
    def time(self, _: Any) -> None:
        """Set by nobody."""

    def advance(self, seconds: float) -> None:
        """For all."""
        self._running.sandbox.advance(seconds)


@dataclass
class WireWorld(World):
    """A world whose vendors are reached over HTTP."""

    running: RunningSandbox | None = None
    kind: Kind = field(default_factory=lambda: KINDS["exchange"])
    epoch: int = 0  # the mailbox's, when its feed was read last

    def make_gate(self, troubles: Mapping[int, str]) -> Gate:
        """See there."""
        assert self.running is not None
        gate = WireGate(**self.gate_parts(troubles))
        gate.running, gate.vendor, gate.take_feed = self.running, self.kind.name, self._take_feed
        return gate

    def _take_feed(self, port: str) -> Sequence[Fault]:
        """What is wrong with the next feed: its cursors have expired, or it tells everything once more."""
        if port == "crm":
            forgotten, self.org.forgotten = self.org.forgotten, None
            return [{"vendor": "salesforce", "kind": "expire_cursor", "times": 1}] if forgotten else []
        expired, replayed = self.post.epoch != self.epoch, self.replay > 0
        self.epoch, self.replay = self.post.epoch, 0
        feed = self.kind.feeds[self.epoch % len(self.kind.feeds)]
        if expired:
            return [{"operation": feed, "kind": "expire_cursor", "times": 1}]
        return [{"operation": feed, "kind": "replay", "times": 1}] if replayed and self.kind.replays else []

    def open_crm(self) -> Any:
        """The real adapter."""
        assert self.running is not None
        login = SalesforceLogin(self.running.url, FixedBearer(BEARER), "68.0", None)
        return open_salesforce(login, load(self.kind.name), sleep=_no_sleep)

    def open_mailbox(self) -> Any:
        """The real adapter."""
        assert self.running is not None
        return self.kind.open(self.running.url)


def _no_sleep(_: float) -> None:
    pass


def _wait(state: RetryCallState) -> float:
    """What is tried again is tried at once, but not for ever, and not where a vendor asks for an hour."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, Throttled) else None
    return 0.0 if state.attempt_number < TRIES and (asked or 0) < BETWEEN else 100_000.0


class WirePlayer(Player):
    """What a kind of mailbox can't do, and what Salesforce refuses a person, is not done."""

    world: WireWorld

    def __init__(self, world: WireWorld, leaks: Leaks) -> None:
        super().__init__(world)
        self.leaks = leaks
        leaks.witness = self.witness
        self.rest = Rest(world)

    def perform(self, step: Step) -> None:
        """One step, and what it left on the wire and in files."""
        self._note()
        super().perform(step)
        self._check()
        if step.name == "quiet":
            self.leaks.renew()

    def _note(self) -> None:
        self.leaks.note()
        self.rest.note()

    def _check(self) -> None:
        self.wrong += [*self.leaks.search(), *self.rest.check()]

    def act(self, name: str, numbers: tuple[int, int, int]) -> None:
        """As in any world, but for what can't be done here. What people themselves send is not the agent's."""
        reason = "left out over HTTP" if name in SKIPPED else self.world.kind.leaves_out(name)
        if reason:
            self.world.tell(f"    {reason}")
            return
        self._check()
        try:
            super().act(name, numbers)
        except (SalesforceError, Refused, HttpError) as refusal:
            self.world.tell(f"    refused: {refusal}")
        self.leaks.skip()
        self._note()

    def _session(self, step: Step) -> None:
        """Where lists lag, sessions come soon after acts, too."""
        if self.world.kind.can.own_writes:
            super()._session(step)
            return
        self.world.clock.advance(self.world.random.choice((10, 120, 600, BETWEEN)))
        if self._run(dict(step.troubles)).report is None:
            self.world.clock.advance(61)


@dataclass
class Wire:
    """One sandbox and one place for stores, for many histories of one kind of mailbox one after the other."""

    running: RunningSandbox
    kept: Shelves
    kind: Kind

    @contextmanager
    def begin(self, seed: int) -> Generator[Player]:
        """An empty world and its player."""
        random, running = Random(seed), self.running
        running.sandbox.reset(self.kind.world(random))
        with self.kept.fresh() as store:
            vendors = (WireClock(random, running), WireOrg(running), self.kind.post(running))
            told = bool(self.kind.can.mark_in_feed)  # Gmail: an empty label is made again when it is needed (0015)
            world = WireWorld(random, *vendors, store, running=running, kind=self.kind, tells_empty=told)
            world.view, world.at_most = world.org.view, records_a_round(seed)
            with listening() as heard:
                yield WirePlayer(world, Leaks(running, self.kept.contents, world, heard))

    def play(self, seed: int, script: Script | None = None) -> Played:
        """One history."""
        with self.begin(seed) as player:
            for step in draw(seed) if script is None else script:
                player.perform(step)
                if player.wrong:
                    break
            return player.played()


@contextmanager
def wire(kind: str = "exchange") -> Generator[Wire]:
    """A sandbox that stands while the context lasts."""
    waits = retry._wait
    retry._wait = _wait
    try:
        with running_sandbox("empty") as running, shelves() as kept:
            yield Wire(running, kept, KINDS[kind])
    finally:
        retry._wait = waits
