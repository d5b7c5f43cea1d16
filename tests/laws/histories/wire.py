"""Histories over real HTTP: the sandbox, the real adapters, the real store; the same acts, the same laws.

Time there is real time plus what was advanced, so that a seed gives the same acts but not the same stamps: no digest is
compared. Wrong ways of a network are the sandbox's own faults; what Salesforce and the mailbox can't be made to do
here (SKIPPED) is left out.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from mailsync import retry
from mailsync.crm.salesforce import SalesforceLogin, open_salesforce
from mailsync.mailbox.exchange import ExchangeLogin, open_exchange
from mailsync.ports.bearer import FixedBearer
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from mailsync.sandbox.world import read_world
from tests.e2e.people import SalesforceError
from tests.fakes.clock import FakeClock
from tests.laws.histories.engines import Shelves, shelves
from tests.laws.histories.gate import Gate
from tests.laws.histories.people import BACK
from tests.laws.histories.play import Played, Player
from tests.laws.histories.script import Script, draw
from tests.laws.histories.wireorg import WireOrg
from tests.laws.histories.wirepost import WirePost
from tests.laws.histories.witness import secrets
from tests.laws.histories.world import TABLE, World

ANN = "ann@acme.example"
SKIPPED = frozenset(
    {
        *("lock_record", "secure_field", "switch_validation", "switch_duplicate_rule", "edit_view", "delete_view"),
        *("forget_deletions", "expire_cursor", "replay_feed", "skew_clock"),
    }
)
FAULTS: Mapping[str, Mapping[str, Any]] = {
    "unreachable": {"kind": "drop_before"},
    "throttled": {"kind": "throttle"},
    "login": {"kind": "expire_token"},
    "broken": {"kind": "truncate", "at": 0.5},
    "lost": {"kind": "drop_after"},
    "late": {"kind": "drop_after"},
    "cut": {"kind": "status", "status": 500, "carry_out": True},
}


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


class WireGate(Gate):
    """What goes wrong on the wire goes wrong in the sandbox."""

    running: RunningSandbox

    def _fail(
        self, trouble: str, port: str, name: str, carry: Callable[[tuple[Any, ...]], Any], args: tuple[Any, ...]
    ) -> Any:
        vendor = "salesforce" if port == "crm" else "exchange"
        sandbox = self.running.sandbox
        sandbox.add_fault({"vendor": vendor, "times": 1, **FAULTS[trouble]})
        try:
            return carry(args)
        finally:
            sandbox.lift_faults()


@dataclass
class WireWorld(World):
    """A world whose vendors are reached over HTTP."""

    running: RunningSandbox | None = None

    def make_gate(self, troubles: Mapping[int, str]) -> Gate:
        """See there."""
        assert self.running is not None
        gate = WireGate(**self.gate_parts(troubles))
        gate.running = self.running
        return gate

    def open_crm(self) -> Any:
        """The real adapter."""
        assert self.running is not None
        return open_salesforce(
            SalesforceLogin(self.running.url, FixedBearer("sandbox-ann"), "68.0", None), TABLE, sleep=_no_sleep
        )

    def open_mailbox(self) -> Any:
        """The real adapter."""
        assert self.running is not None
        login = ExchangeLogin(f"{self.running.url}/EWS/Exchange.asmx", ANN, ANN, "sandbox")
        return open_exchange(login, TABLE, patience=2.0)


def _no_sleep(_: float) -> None:
    pass


class WirePlayer(Player):
    """What Salesforce refuses a person is not done."""

    def act(self, name: str, numbers: tuple[int, int, int]) -> None:
        """As in any world, but for what can't be done here."""
        if name in SKIPPED:
            self.world.tell("    left out over HTTP")
            return
        try:
            super().act(name, numbers)
        except (SalesforceError, Refused) as refusal:
            self.world.tell(f"    refused: {refusal}")


@dataclass
class Wire:
    """One sandbox and one place for stores, for many histories one after the other."""

    running: RunningSandbox
    kept: Shelves

    @contextmanager
    def begin(self, seed: int) -> Generator[Player]:
        """An empty world and its player."""
        self.running.sandbox.reset(_empty())
        with self.kept.fresh() as store:
            random, running = Random(seed), self.running
            vendors = (WireClock(random, running), WireOrg(running), WirePost(running))
            world = WireWorld(random, *vendors, store, running=running)
            view = {"object": "Contact", "name": "L names", "where": f"LastName LIKE '{BACK.prefix}%'"}
            world.view = world.org.view = running.sandbox.act("ann", "create_view", view)["id"]
            yield WirePlayer(world)

    def play(self, seed: int, script: Script | None = None) -> Played:
        """One history."""
        with self.begin(seed) as player:
            for step in draw(seed) if script is None else script:
                player.perform(step)
                if player.wrong:
                    break
            else:
                player.wrong += self.leaks(player)
            return player.played()

    def leaks(self, player: Player) -> list[str]:
        """L3: no byte of any request to Salesforce, and none of any file, tells of a personal contact."""
        sent = [e.request.body for e in self.running.sandbox.log.entries() if e.vendor == "salesforce"]
        files = [p.read_bytes() for p in self.kept.latest.iterdir()]
        found = {s for data in (*sent, *files) for s in secrets(data.decode("latin-1"))} - player.witness.exposed
        return [f"L3: {s} of a personal contact is on the wire or in a file" for s in sorted(found)]


def _empty() -> Mapping[str, Any]:
    return read_world("empty")


@contextmanager
def wire() -> Generator[Wire]:
    """A sandbox that stands while the context lasts. What is tried again is tried at once."""
    waits = retry._wait
    retry._wait = lambda _state: 0.0
    try:
        with running_sandbox("empty") as running, shelves() as kept:
            yield Wire(running, kept)
    finally:
        retry._wait = waits
