"""What is kept of a user's sessions: intents, parked changes, issues, holds, history; and the batch of a commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailsync.core.entries import ACCOUNT_ID, NEW_ID
from mailsync.core.entries import Change as Change
from mailsync.core.entries import Entry as Entry
from mailsync.core.merge import COMPANY
from mailsync.core.notices import Hold as Hold
from mailsync.core.notices import HoldMember as HoldMember
from mailsync.core.notices import Issue as Issue
from mailsync.core.notices import Parked as Parked
from mailsync.core.pair import Pair, Tombstone
from mailsync.core.person import Value, Values, is_blank
from mailsync.core.refs import AccountId, FieldName, ItemId, Key, RecordId, Side
from mailsync.core.undo import stands_for


@dataclass(frozen=True, slots=True)
class Intent:
    """A create that was announced before it was sent (B15). `pair` is the pair to be, lacking the new id."""

    key: Key
    side: Side  # where the create goes
    pair: Pair  # record "" for a create up; item None for a create down
    begun: datetime  # the vendor's time before the call
    session: int
    rule: str


def creation(intent: Intent, pair: Pair, time: datetime, reason: str) -> Entry:
    """The entry of a create whose answer was lost, under the session that announced it (D9, undo); `pair` lacks the new
    id where nobody knows it."""
    up = intent.side is Side.CRM
    base = pair.crm if up else pair.mailbox
    # The Account's name is in the base of Salesforce's side, but is never sent (B5).
    told = {n: v for n, v in base.values.items() if not is_blank(v) and not (up and n == COMPANY)}
    fields = {str(n): Change("", v) for n, v in told.items()}
    if up and pair.account:
        fields[ACCOUNT_ID] = Change("", pair.account)
    if up and pair.record and (old := stands_for(pair)):
        fields[NEW_ID] = Change(old, pair.record)
    record = pair.record or None
    return Entry(intent.session, time, intent.rule, intent.side, "create", record, pair.item, fields, reason)


@dataclass(frozen=True, slots=True)
class Pending:
    """A write that is not the creation of a contact, announced before it is sent: what is recorded once it is certain
    that it was carried out. Without it a lost answer would cost the history its entry, and the loser of a conflict
    (L5)."""

    key: Key
    ref: str  # the record or item that is written, by the entry's side; the name of an Account that is made (B7)
    entry: Entry
    values: Values = field(default_factory=dict[FieldName, Value])  # what an update sends
    account: AccountId | None = None  # the Account that an update sets; "" takes it off
    pair: Pair | None = None  # stored with it
    ended: RecordId | None = None  # the pair that is over with it
    stone: Tombstone | None = None
    begun: datetime | None = None  # of an Account that is made: the vendor's time before the call


@dataclass(frozen=True, slots=True)
class Waiting:
    """What earlier sessions and people left for the next session, as it was at one moment."""

    intents: tuple[Intent, ...] = ()  # the oldest first
    pending: tuple[Pending, ...] = ()  # the oldest first
    parked: tuple[Parked, ...] = ()
    holds: tuple[Hold, ...] = ()  # by name
    # Items that were created in, or moved into, the folder since a moment, or got their record: a feed must name them
    # once, or they are gone again (a server folds a creation and a deletion between two readings into nothing).
    placed: tuple[ItemId, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether the outcome of everything that was announced is recorded."""
        return not (self.intents or self.pending)


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that one transaction writes for a user. Empty parts are left alone."""

    pairs: tuple[Pair, ...] = ()  # inserted, or replaced by record
    ended: tuple[RecordId, ...] = ()  # pairs taken out of the table
    tombstones: tuple[Tombstone, ...] = ()
    intents: tuple[Intent, ...] = ()
    pending: tuple[Pending, ...] = ()
    settled: tuple[Key, ...] = ()  # intents and pending writes that are no longer open
    parked: tuple[Parked, ...] = ()  # inserted, or replaced by (side, ref, rule)
    unparked: tuple[tuple[Side, str], ...] = ()  # all entries of that reference
    issues: tuple[Issue, ...] = ()  # inserted, or replaced by (code, record, item, field)
    mended: tuple[tuple[RecordId | None, ItemId | None], ...] = ()  # issues of these are over
    holds: tuple[Hold, ...] = ()  # inserted, or replaced by name (an answer is kept unless members changed)
    released: tuple[str, ...] = ()  # holds that are over
    entries: tuple[Entry, ...] = ()
    state: Mapping[str, Any] | None = None  # keys of the user's state to set: cursors, folder, schedule (JSON values)
