"""What is kept of a user's sessions: intents, parked changes, issues, holds, history; and the batch of a commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailsync.core.pair import Pair, Tombstone
from mailsync.core.refs import ItemId, Key, RecordId, Side, Version


@dataclass(frozen=True, slots=True)
class Intent:
    """A create that was announced before it was sent (B15). `pair` is the pair to be, lacking the new id."""

    key: Key
    side: Side  # where the create goes
    pair: Pair  # record "" for a create up; item None for a create down
    begun: datetime  # the vendor's time before the call
    session: int
    rule: str


@dataclass(frozen=True, slots=True)
class Parked:
    """An observed change that was not carried out (A21); not looked at before `due`, unless the feed names it."""

    side: Side
    ref: str  # record or item id
    rule: str
    reason: str
    due: datetime | None = None
    print: str = ""  # fingerprint of what was refused (B8)
    in_scope: bool = False  # a record that counts for the scope though it has no pair


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with one record or item, tried again by itself (B8)."""

    code: str
    rule: str
    message: str  # for a person: which field, what to do; no personal values
    record: RecordId | None = None
    item: ItemId | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class HoldMember:
    """One record and item that a hold is about, with the versions it was asked about and what is bound to them."""

    record: RecordId | None
    item: ItemId | None
    crm_version: Version = Version("")
    mailbox_version: Version = Version("")
    note: str = ""  # e.g. the candidate Account, the fields


@dataclass(frozen=True, slots=True)
class Hold:
    """A change that waits for a person's answer (C7). The same question has the same `name` in every session."""

    name: str
    rule: str
    question: str
    on_approve: str
    on_reject: str
    members: tuple[HoldMember, ...]
    answer: str = ""  # "", approve, reject


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a history entry."""

    before: str
    after: str
    lost: str = ""  # the value that lost a conflict, or stayed where it was


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written, with the values before (D9, undo)."""

    session: int
    time: datetime
    rule: str
    side: Side
    kind: str  # create, update, delete, remove, move, categorise, pair, unpair
    record: RecordId | None
    item: ItemId | None
    fields: Mapping[str, Change] = field(default_factory=dict[str, Change])
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that one transaction writes for a user. Empty parts are left alone."""

    pairs: tuple[Pair, ...] = ()  # inserted, or replaced by record
    ended: tuple[RecordId, ...] = ()  # pairs taken out of the table
    tombstones: tuple[Tombstone, ...] = ()
    intents: tuple[Intent, ...] = ()
    settled: tuple[Key, ...] = ()  # intents that are no longer open
    parked: tuple[Parked, ...] = ()  # inserted, or replaced by (side, ref, rule)
    unparked: tuple[tuple[Side, str], ...] = ()  # all entries of that reference
    issues: tuple[Issue, ...] = ()  # inserted, or replaced by (code, record, item, field)
    mended: tuple[tuple[RecordId | None, ItemId | None], ...] = ()  # issues of these are over
    holds: tuple[Hold, ...] = ()  # inserted, or replaced by name (an answer is kept unless members changed)
    released: tuple[str, ...] = ()  # holds that are over
    entries: tuple[Entry, ...] = ()
    state: Mapping[str, Any] | None = None  # keys of the user's state to set: cursors, folder, schedule (JSON values)
