"""What the store in memory keeps of one user, and how a batch changes it: removals before insertions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mailsync.core.pair import Pair, Tombstone
from mailsync.core.refs import ItemId, Key, RecordId, Side
from mailsync.errors import StoreError
from mailsync.ports.ledger import Batch, Entry, Hold, Intent, Issue, Parked, Pending

IssueKey = tuple[str, str, str, str]


@dataclass(slots=True)
class Shelf:
    """What is kept of one user."""

    fence: int = 0
    holder: bool = False
    renewed: datetime | None = None
    removed: bool = False
    settings: dict[str, str] = field(default_factory=dict[str, str])
    state: dict[str, Any] = field(default_factory=dict[str, Any])
    pairs: dict[RecordId, Pair] = field(default_factory=dict[RecordId, Pair])
    by_item: dict[ItemId, RecordId] = field(default_factory=dict[ItemId, RecordId])
    tombstones: dict[RecordId, tuple[Tombstone, datetime]] = field(
        default_factory=dict[RecordId, tuple[Tombstone, datetime]]
    )
    intents: dict[Key, Intent] = field(default_factory=dict[Key, Intent])
    pending: dict[Key, Pending] = field(default_factory=dict[Key, Pending])
    parked: dict[tuple[Side, str, str], Parked] = field(default_factory=dict[tuple[Side, str, str], Parked])
    issues: dict[IssueKey, Issue] = field(default_factory=dict[IssueKey, Issue])
    holds: dict[str, Hold] = field(default_factory=dict[str, Hold])
    history: list[Entry] = field(default_factory=list[Entry])
    reports: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])


def put_batch(shelf: Shelf, batch: Batch, now: datetime) -> None:
    """All or nothing. Raises StoreError where two pairs would share an item."""
    _check_items(shelf, batch)
    for record in batch.ended:
        _drop_pair(shelf, record)
    for key in batch.settled:
        shelf.intents.pop(key, None)
        shelf.pending.pop(key, None)
    gone = set(batch.unparked)
    shelf.parked = {k: p for k, p in shelf.parked.items() if k[:2] not in gone} if gone else shelf.parked
    shelf.issues = {k: i for k, i in shelf.issues.items() if not _is_mended(i, batch)}
    for name in batch.released:
        shelf.holds.pop(name, None)
    _put_in(shelf, batch, now)


def _check_items(shelf: Shelf, batch: Batch) -> None:
    """One pair for an item: what leaves the table, or is replaced, makes room first."""
    if not batch.pairs:
        return
    leaving = {*batch.ended, *(p.record for p in batch.pairs)}
    taken = set[ItemId]()
    for pair in {p.record: p for p in batch.pairs}.values():
        holder = shelf.by_item.get(pair.item) if pair.item else None
        if pair.item and (pair.item in taken or (holder is not None and holder not in leaving)):
            told = "two pairs of a user would share one mailbox item; nothing of this step was stored"
            raise StoreError(told, "run the session again, or: mailsync reset USER")
        taken |= {pair.item} if pair.item else set()


def _drop_pair(shelf: Shelf, record: RecordId) -> None:
    pair = shelf.pairs.pop(record, None)
    if pair is not None and pair.item and shelf.by_item.get(pair.item) == record:
        del shelf.by_item[pair.item]


def _put_in(shelf: Shelf, batch: Batch, now: datetime) -> None:
    for pair in batch.pairs:
        _drop_pair(shelf, pair.record)
    for pair in batch.pairs:
        shelf.pairs[pair.record] = pair
        shelf.by_item |= {pair.item: pair.record} if pair.item else {}
    shelf.tombstones |= {s.record: (s, now) for s in batch.tombstones}
    shelf.intents |= {i.key: i for i in batch.intents}
    shelf.pending |= {p.key: p for p in batch.pending}
    shelf.parked |= {(p.side, p.ref, p.rule): p for p in batch.parked}
    shelf.issues |= {(i.code, i.record or "", i.item or "", i.field): i for i in batch.issues}
    shelf.holds |= {h.name: _with_answer(h, shelf.holds.get(h.name)) for h in batch.holds}
    shelf.history += batch.entries
    shelf.state.update(batch.state or {})


def _with_answer(hold: Hold, known: Hold | None) -> Hold:
    if known is None or hold.answer or not known.answer or set(known.members) != set(hold.members):
        return hold
    return replace(hold, answer=known.answer, typed=known.typed)


def _is_mended(issue: Issue, batch: Batch) -> bool:
    if (None, None) in batch.mended and not issue.record and not issue.item:
        return True
    return any((r and issue.record == r) or (i and issue.item == i) for r, i in batch.mended)
