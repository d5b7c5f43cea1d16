"""Performs a script in a world, and says what did not hold."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from mailsync.core.changes import FolderMark
from mailsync.core.entries import Entry
from mailsync.core.pair import Base, Pair
from mailsync.session.agent import Keys
from tests.fakes.store import FakeStore
from tests.laws.histories import agents
from tests.laws.histories.laws import check
from tests.laws.histories.orders import disorder
from tests.laws.histories.people import BACK
from tests.laws.histories.script import ACTS, QUIET, SESSION, Script, Step, draw
from tests.laws.histories.witness import Witness
from tests.laws.histories.world import Ended, World, make_world, share_feed

MOST = 2
"""Sessions after which a world in which nobody does anything is in step (I4)."""
MOST_AFTER_TROUBLE = 3
IDLE = 2
"""Sessions in a row without a write that make a world quiet (L1, I5): while re-pairing (A1) the first may only look."""
BETWEEN = 1800
MIXED = 20
"""In every so manieth history each plan is made in other orders, too."""
IN_ROUNDS = 4
"""The histories among them (modulo MIXED) whose first sessions read a record or two a round (decision 0036)."""
UNANNOUNCED = frozenset({"switch_sharing", "edit_view", "delete_view"})
"""What a shared feed learns nothing of (A18); each session's own count does without one."""
ALLOWED = ("LISTING_FAULT", "can't be believed")


def records_a_round(seed: int) -> int:
    """What a first session of this history reads at once; of more, parts of one or two."""
    return 1 + seed // MIXED % 2 * 2 if seed % MIXED == IN_ROUNDS else 10_000


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a history. `digest` names it: the same script always gives the same one."""

    wrong: tuple[str, ...]
    trace: tuple[str, ...]
    digest: str
    sessions: int
    acts: int
    spared: int = 0  # sessions that asked Salesforce nothing


def play(
    seed: int,
    script: Script | None = None,
    store: Callable[[FolderMark], Any] = FakeStore,
    *,
    feed: bool = False,
) -> Played:
    """Plays a history to its end, or to the first quiet point at which something does not hold; with `feed` sessions go
    by the organisation's shared feed."""
    script = draw(seed) if script is None else script
    player = Player(make_world(seed, store))
    player.mixed = seed if seed % MIXED == 0 else None
    if feed:
        share_feed(player.world)
    player.world.at_most = records_a_round(seed)
    player.world.org.views[BACK.id] = BACK
    for step in script:
        player.perform(step)
        if player.wrong:
            break
    else:
        player.wrong += player.witness.leaks()
    return player.played()


class Player:
    """A world, its witness, and what was wrong so far."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.witness = Witness(world)
        world.watcher = self.witness
        world.on_act = self._between
        self.wrong: list[str] = []
        self.troubled = False
        self.acts = 0
        self.mixed: int | None = None  # what draws the other orders in which a session is told of the same (L6)

    def perform(self, step: Step) -> None:
        """One step."""
        self.world.tell(str(step))
        match step.name:
            case "session":
                self._session(step)
            case "quiet":
                self._quiet()
            case _:
                self.world.clock.advance(1 + sum(step.numbers) % 90)
                self.act(step.name, step.numbers)
        self.wrong += self.witness.wrong
        self.witness.wrong = []

    def act(self, name: str, numbers: tuple[int, int, int]) -> None:
        """An act of somebody, now."""
        self.acts += 1
        if name in ("expire_cursor", "forget_deletions", "wait", "reset", "take_over", "delete_folder"):
            self.troubled = True
        if name in ("reset", "take_over"):
            self.witness.edits.part()
        ACTS[name][0](self.world, *numbers)
        if name in UNANNOUNCED and self.world.feeds is not None:
            self.world.store.save_state("ann", {Keys.SWEPT: None})  # a day goes by: what no event tells, a sweep finds
        self.witness.expose()

    def _between(self, text: str) -> None:
        """An act in the middle of a session."""
        name, *numbers = text.split()
        self.world.tell(f"    meanwhile {text}")
        self.world.clock.advance(1)
        self.witness.edits.pass_by()
        self.act(name, (int(numbers[0]), int(numbers[1]), int(numbers[2])))
        self.world.clock.advance(1)

    def _session(self, step: Step) -> None:
        self.world.clock.advance(BETWEEN)
        ended = self._run(dict(step.troubles))
        if ended.report is None:
            self.world.clock.advance(61)

    def _run(self, troubles: dict[int, str] | None = None) -> Ended:
        self.world.org.settle()
        self.witness.begin()
        if self.mixed is not None:
            self.wrong += disorder(self.world, self.mixed)
        ended = self.world.session(troubles)
        if ended.spoilt:
            self.troubled = True
        if ended.report is not None and "internal error" in ended.report.reason:
            self.wrong.append(f"bug: {ended.report.reason}")
        return ended

    def _quiet(self) -> None:
        """Nobody does anything, and nothing goes wrong: the world comes to rest, and then the laws hold."""
        world = self.world
        agents.resume(world)
        world.clock.advance(600)
        most = MOST_AFTER_TROUBLE if self.troubled else MOST
        writing, idle = 0, 0
        for number in range(1, most + IDLE + 1):
            world.clock.advance(BETWEEN)
            ended = self._run()
            if self.wrong or not self._is_well(ended, number):
                return
            writing, idle = (number, 0) if ended.writes else (writing, idle + 1)
            if idle == IDLE:
                break
        if writing > most:
            self.wrong.append(f"I4: still writing in session {writing} of a quiet time")
            return
        self.wrong += check(world, self.witness)
        self.troubled = False

    def _is_well(self, ended: Ended, number: int) -> bool:
        """A quiet session ends well, but for A3: an implausible listing is a fault once."""
        assert ended.report is not None
        well = ended.report.status in ("done", "held")
        if not well and not (number == 1 and any(a in ended.report.reason for a in ALLOWED)):
            self.wrong.append(f"a quiet session {ended.report.status}: {ended.report.reason}")
            return False
        return True

    def played(self) -> Played:
        """The end."""
        world = self.world
        entries = [order_entry(entry) for entry in world.store.history("ann")]
        pairs = [order_pair(pair) for pair in world.store.pairs("ann")]
        state = (world.trace, world.org.rows, world.post.items, entries, pairs, world.store.holds("ann"))
        ending = [repr(s) for s in state]
        digest = blake2b("\n".join(ending).encode(errors="replace"), digest_size=16).hexdigest()
        return Played(tuple(self.wrong), tuple(world.trace), digest, world.sessions, self.acts, world.spared)


def order_pair(pair: Pair) -> Pair:
    """A pair with the values of its bases in one order: a store need not write what is equal but for that."""
    crm, mailbox = (Base(dict(sorted(base.values.items())), base.version) for base in (pair.crm, pair.mailbox))
    return replace(pair, crm=crm, mailbox=mailbox)


def order_entry(entry: Entry) -> Entry:
    """An entry with its fields in one order, for they come in that of a base."""
    return replace(entry, fields=dict(sorted(entry.fields.items())))


assert {SESSION, QUIET}.isdisjoint(ACTS)
