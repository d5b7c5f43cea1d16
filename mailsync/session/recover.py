"""Recovery (B15): creates that were announced but whose outcome was never recorded are found, or stay in doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mailsync.core.changes import Record
from mailsync.core.entries import UNFOUND, Entry
from mailsync.core.match import address, folded_name
from mailsync.core.notices import Parked
from mailsync.core.pair import Base, Pair, PairState, Tombstone
from mailsync.core.person import is_blank
from mailsync.core.refs import AccountId, ItemId, Key, RecordId, Side
from mailsync.ports.ledger import Batch, Intent, Pending, Waiting, creation
from mailsync.session.agent import Agent, Keys

SETTLED_AFTER = timedelta(minutes=10)
"""What was created may become visible late; only a read this long after the intent proves that nothing was."""


@dataclass(slots=True)
class Recovered:
    """What became of the open intents and pending writes. `pairs` are adopted or as they are after a write, `ended`
    are over with one; what is `settled` is no longer open. `waiting`: as it was before."""

    waiting: Waiting = field(default_factory=Waiting)
    pairs: list[Pair] = field(default_factory=list[Pair])
    ended: list[RecordId] = field(default_factory=list[RecordId])
    stones: list[Tombstone] = field(default_factory=list[Tombstone])
    leaving: dict[ItemId, Pending] = field(default_factory=dict[ItemId, Pending])  # removals still to be finished
    hidden: dict[ItemId, Pending] = field(default_factory=dict[ItemId, Pending])  # removals of what is not shown now
    parked: list[Parked] = field(default_factory=list[Parked])  # what is to be looked at though nothing was done
    moving: list[Pending] = field(default_factory=list[Pending])  # moves that may be half done
    awaited: set[str] = field(default_factory=set[str])  # folded names of Accounts whose creation is in doubt (B7)
    settled: list[Key] = field(default_factory=list[Key])
    in_doubt: frozenset[ItemId] = frozenset()
    in_doubt_down: frozenset[RecordId] = frozenset()
    unexplained: tuple[Record, ...] = ()
    entries: list[Entry] = field(default_factory=list[Entry])

    @property
    def batch(self) -> Batch:
        """What is to be committed before planning."""
        return Batch(pairs=tuple(self.pairs), settled=tuple(self.settled), entries=tuple(self.entries))


def read_waiting(agent: Agent, state: Mapping[str, Any]) -> Waiting:
    """What earlier sessions and people left for this one. Raises StoreError."""
    since = state.get(Keys.MAILBOX_READ)
    return agent.store.waiting(agent.user, datetime.fromisoformat(since) if since else None)


def recover(agent: Agent, state: Mapping[str, Any]) -> Recovered:
    """Looks all open intents up on both sides. Reads only; the caller commits. Raises VendorError."""
    found = Recovered(read_waiting(agent, state))
    intents = found.waiting.intents
    _recover_items(agent, [i for i in intents if i.side is Side.MAILBOX], found)
    _recover_records(agent, [i for i in intents if i.side is Side.CRM], found)
    return found


def _recover_items(agent: Agent, intents: Sequence[Intent], found: Recovered) -> None:
    """An item that is not found by its key was not created, at once where the mailbox reads its own writes, else by a
    reading so much later; it is told of then, since a person may have taken it out of the folder meanwhile."""
    if not intents:
        return
    items = agent.mailbox.find_keys([i.key for i in intents])
    lags = not agent.mailbox.capabilities.own_writes
    doubtful: set[RecordId] = set()
    for intent in intents:
        item = items.get(intent.key)
        if item is not None:
            mailbox = Base(intent.pair.mailbox.values, item.version)
            _take(agent, found, intent, replace(intent.pair, item=item.id, mailbox=mailbox))
        elif lags and agent.mailbox.now - intent.begun < SETTLED_AFTER:
            doubtful.add(intent.pair.record)
            continue
        elif lags:
            found.entries.append(creation(intent, intent.pair, agent.clock.now(), UNFOUND))
        found.settled.append(intent.key)
    found.in_doubt_down = frozenset(doubtful)


def _take(agent: Agent, found: Recovered, intent: Intent, pair: Pair) -> None:
    """The create is told of as if its answer had not been lost, under the session that made it (D9, undo)."""
    entry = creation(intent, pair, agent.clock.now(), "found again after its answer was lost")
    # A pair that rests has no item; the one in its intent is only told of (undo).
    found.pairs.append(replace(pair, item=None) if pair.state is PairState.DORMANT else pair)
    found.entries.append(entry)


def _recover_records(agent: Agent, intents: Sequence[Intent], found: Recovered) -> None:
    """Own creates since the first intent are matched one to one by e-mail address or folded name; of several, as where
    the user made one by hand meanwhile, it is the one that holds most of what was sent. What is not found is made
    again, and told of all the same: it may have been given away meanwhile, out of this user's sight."""
    if not intents:
        return
    created = sorted(agent.crm.own_creates(min(i.begun for i in intents)), key=lambda r: (r.created, r.id))
    known = {p.record for p in agent.store.pairs_of(agent.user, [r.id for r in created], [])}
    free = [r for r in created if r.id not in known]
    doubtful: set[ItemId] = set()
    for intent in sorted(intents, key=lambda i: (i.begun, i.key)):
        alike = [r for r in free if _is_create_of(r, intent)]
        record = max(alike, key=lambda r: _count_sent(r, intent), default=None)
        if record is not None:
            free.remove(record)
            _take(agent, found, intent, adopt(intent, record))
            found.settled.append(intent.key)
        elif agent.crm.now - intent.begun >= SETTLED_AFTER:
            found.entries.append(creation(intent, intent.pair, agent.clock.now(), UNFOUND))
            found.settled.append(intent.key)
        elif intent.pair.item:
            doubtful.add(intent.pair.item)
    found.in_doubt = frozenset(doubtful)
    found.unexplained = tuple(free)


def _is_create_of(record: Record, intent: Intent) -> bool:
    """Salesforce dates to the second: what is of the very second of the intent may have been there before, and is the
    one that was sent only if it has its name, too."""
    sent, second = intent.pair.crm.values, intent.begun.replace(microsecond=0)
    named = folded_name(sent) == folded_name(record.values)
    if record.created < second or (record.created == second and not named):
        return False
    if address(sent) or address(record.values):
        return address(sent) == address(record.values)
    return named


def _count_sent(record: Record, intent: Intent) -> int:
    return sum(record.values.get(n) == v for n, v in intent.pair.crm.values.items() if not is_blank(v))


def adopt(intent: Intent, record: Record) -> Pair:
    """The pair that the create was to become, with the record that was found."""
    account = AccountId(record.account) if record.account else intent.pair.account
    crm = Base(intent.pair.crm.values, record.version)
    return replace(intent.pair, record=RecordId(record.id), crm=crm, account=account, in_scope=record.in_scope)
