"""The store port in memory: the same order of everything as on SQLite, and the same refusals."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mailsync.core.changes import FolderMark
from mailsync.core.entries import APART, FORGOTTEN, doubt
from mailsync.core.pair import UNDONE, Pair, PairState, Tombstone
from mailsync.core.person import is_blank
from mailsync.core.refs import AccountId, ItemId, RecordId, Side
from mailsync.errors import FenceLost, LockHeld, StoreError
from mailsync.ports.activity import Act
from mailsync.ports.ledger import Batch, Entry, Hold, Intent, Issue, Parked, Pending, Waiting, creation
from tests.fakes.shelf import Shelf, put_batch

FALLS = timedelta(seconds=60)
STONES = timedelta(days=30)
KEPT_BY_RESET = ("folder", "paused")


class FakeStore:
    """Implements ports.store.Store, and what the command line needs beside it."""

    def __init__(self, mark: FolderMark) -> None:
        self._mark = mark
        self._shelves: dict[str, Shelf] = {}
        self.acts: list[Act] = []

    @property
    def installation(self) -> FolderMark:
        """As given."""
        return self._mark

    def shelf(self, user: str) -> Shelf:
        """What is kept of a user; an empty one of nobody."""
        found = self._shelves.get(user)
        if found is None:
            found = self._shelves[user] = Shelf()
        return found

    def users(self) -> Sequence[str]:
        """By name."""
        return sorted(u for u, s in self._shelves.items() if not s.removed)

    def settings(self, user: str) -> Mapping[str, str]:
        """As stored."""
        return dict(self.shelf(user).settings)

    def save_settings(
        self,
        user: str,
        changed: Mapping[str, str | None],
        state: Mapping[str, Any] | None = None,
        due: datetime | None = None,
    ) -> None:
        """None forgets one."""
        kept = {**self.shelf(user).settings, **changed}
        self.shelf(user).settings = {k: v for k, v in kept.items() if v is not None}
        self.save_state(user, state or {})
        if due is not None:
            self.make_due(user, due)

    # The lock

    def begin(self, user: str, now: datetime, act: Act | None = None) -> int:
        """Raises LockHeld."""
        shelf = self.shelf(user)
        shelf.removed = False
        if shelf.holder and shelf.renewed is not None and abs(now - shelf.renewed) <= FALLS:
            raise LockHeld(f"session {shelf.fence} of {user} is running", "wait until it has ended")
        shelf.fence, shelf.holder, shelf.renewed = shelf.fence + 1, True, now
        self.acts += [act] if act else []
        return shelf.fence

    def _check(self, user: str, fence: int) -> Shelf:
        shelf = self.shelf(user)
        if shelf.fence != fence or not shelf.holder:
            raise FenceLost(f"session {fence} of {user} is over or was overtaken")
        return shelf

    def renew(self, user: str, fence: int, now: datetime) -> None:
        """Raises FenceLost."""
        self._check(user, fence).renewed = now

    def finish(
        self,
        user: str,
        fence: int,
        report: Mapping[str, Any],
        now: datetime,
        state: Mapping[str, Any] | None = None,
        act: Act | None = None,
    ) -> None:
        """Raises FenceLost."""
        shelf = self._check(user, fence)
        shelf.state.update(state or {})
        shelf.holder, shelf.renewed = False, None
        shelf.reports.append(report)
        self.acts = [act if act and (a.time, a.user) == (act.time, act.user) else a for a in self.acts]

    def state(self, user: str, keys: Collection[str] | None = None) -> Mapping[str, Any]:
        """A copy."""
        return {k: v for k, v in self.shelf(user).state.items() if keys is None or k in keys}

    def waiting(self, user: str, since: datetime | None) -> Waiting:
        """One by one: nobody else is there."""
        open_writes = tuple(self.intents(user)), tuple(self.pending(user))
        placed = tuple(self._placed(user, since)) if since else ()
        return Waiting(*open_writes, tuple(self.parked(user)), tuple(self.holds(user)), placed)

    def save_state(self, user: str, changed: Mapping[str, Any]) -> None:
        """What people say."""
        self.shelf(user).state.update(changed)

    def commit(self, user: str, fence: int, batch: Batch, now: datetime) -> None:
        """All or nothing. Raises FenceLost; StoreError where two pairs would share an item."""
        shelf = self._check(user, fence)
        put_batch(shelf, batch, now)

    # What is read

    def pairs(self, user: str) -> Iterator[Pair]:
        """By record id."""
        found = self.shelf(user).pairs
        return iter([found[r] for r in sorted(found)])

    def paired(self, user: str) -> Mapping[RecordId, bool]:
        """Active and in scope."""
        return {r: p.state is PairState.ACTIVE and p.in_scope for r, p in self.shelf(user).pairs.items()}

    def pairs_of(self, user: str, records: Collection[RecordId], items: Collection[ItemId]) -> Sequence[Pair]:
        """By record id, each once."""
        shelf = self.shelf(user)
        wanted = {r for r in records if r in shelf.pairs} | {shelf.by_item[i] for i in items if i in shelf.by_item}
        return [shelf.pairs[r] for r in sorted(wanted)]

    def pairs_in(self, user: str, accounts: Collection[AccountId]) -> Sequence[Pair]:
        """By record id."""
        return [p for p in self.pairs(user) if p.account in accounts] if accounts else []

    def mirrored_elsewhere(self, user: str, records: Collection[RecordId]) -> frozenset[RecordId]:
        """Of all other users."""
        others = [s.pairs for u, s in self._shelves.items() if u != user]
        return frozenset(r for r in records if any(r in pairs for pairs in others))

    def count(self, user: str) -> int:
        """All pairs."""
        return len(self.shelf(user).pairs)

    def count_in_scope(self, user: str) -> int:
        """Pairs, and parked records that have none, each once."""
        shelf = self.shelf(user)
        parked = {
            p.ref for p in shelf.parked.values() if p.in_scope and p.side is Side.CRM and p.ref not in shelf.pairs
        }
        return sum(1 for p in shelf.pairs.values() if p.in_scope) + len(parked)

    def tombstones(self, user: str, records: Collection[RecordId]) -> Sequence[Tombstone]:
        """Of these records."""
        stones = self.shelf(user).tombstones
        return [stones[r][0] for r in records if r in stones]

    def intents(self, user: str) -> Sequence[Intent]:
        """The oldest first."""
        return sorted(self.shelf(user).intents.values(), key=lambda i: (i.begun, i.key))

    def pending(self, user: str) -> Sequence[Pending]:
        """The oldest first."""
        return sorted(self.shelf(user).pending.values(), key=lambda p: (p.entry.time, p.key))

    def parked(self, user: str, now: datetime | None = None) -> Sequence[Parked]:
        """Salesforce's first."""
        found = self.shelf(user).parked
        ordered = [found[k] for k in sorted(found, key=lambda k: (k[0] is not Side.CRM, k[1], k[2]))]
        return [p for p in ordered if now is None or (p.due is not None and p.due <= now)]

    def make_due(self, user: str, now: datetime, refs: Collection[str] | None = None) -> int:
        """Returns how many there are."""
        shelf = self.shelf(user)
        due = {k: replace(p, due=now) for k, p in shelf.parked.items() if refs is None or p.ref in refs}
        shelf.parked |= due
        return len(due)

    def issues(self, user: str) -> Sequence[Issue]:
        """By rule, record, item, code."""
        return sorted(self.shelf(user).issues.values(), key=lambda i: (i.rule, i.record or "", i.item or "", i.code))

    def holds(self, user: str) -> Sequence[Hold]:
        """By name."""
        found = self.shelf(user).holds
        return [found[n] for n in sorted(found)]

    def notices(self, user: str) -> tuple[Sequence[Hold], Sequence[Issue]]:
        """Both."""
        return self.holds(user), self.issues(user)

    def answer(self, user: str, hold: str, answer: str, typed: str | None = None) -> None:
        """Raises StoreError where it is not open, or this is no answer."""
        holds = self.shelf(user).holds
        if answer not in ("approve", "reject"):
            raise StoreError(f"{hold}: {answer!r} is no answer", "answer approve or reject")
        if hold not in holds:
            raise StoreError(f"{user} has no open hold {hold}", f"see the open ones: mailsync issues {user}")
        holds[hold] = replace(holds[hold], answer=answer, typed=typed)

    def history(self, user: str, *, record: RecordId | None = None, item: ItemId | None = None) -> Sequence[Entry]:
        """The oldest first."""
        found = self.shelf(user).history
        if not record and not item:
            return list(found)
        return [e for e in found if (record and e.record == record) or (item and e.item == item)]

    def _placed(self, user: str, since: datetime) -> Sequence[ItemId]:
        """Created or moved there, or paired."""
        told = (e for e in self.shelf(user).history if e.time >= since and e.kind in ("create", "move", "pair"))
        return [e.item for e in told if e.item is not None]

    def guarded(self, user: str, since: datetime) -> Mapping[str, int]:
        """Also blanks by side."""
        told = [e for e in self.shelf(user).history if e.time >= since and e.rule != UNDONE]
        deleted = sum(1 for e in told if e.kind == "delete" and e.side is Side.CRM)
        removed = sum(1 for e in told if e.kind == "remove" and e.side is Side.MAILBOX)
        blanks = {f"blank {s.value}": sum(_blanks(e) for e in told if e.side is s) for s in Side}
        return {"delete": deleted, "remove": removed, "blank": sum(blanks.values()), **blanks}

    def purge(self, now: datetime, *, history: timedelta = timedelta(days=90), tombstones: timedelta = STONES) -> None:
        """History over 90 days, tombstones over 30."""
        for shelf in self._shelves.values():
            shelf.history = [e for e in shelf.history if e.time >= now - history]
            shelf.tombstones = {r: s for r, s in shelf.tombstones.items() if s[1] >= now - tombstones}

    def forget(self, user: str, *, keep_settings: bool) -> None:
        """A session that runs meanwhile loses its lock."""
        old = self.shelf(user)
        told = [doubt(w.entry, FORGOTTEN) for w in self.pending(user) if w.entry.fields]
        made = [creation(i, i.pair, i.begun, FORGOTTEN) for i in self.intents(user)]
        new = Shelf(old.fence, history=[*old.history, *made, *told], reports=old.reports)
        if keep_settings:
            new.settings, new.tombstones = old.settings, old.tombstones
            kept = {k: v for k, v in old.state.items() if k in KEPT_BY_RESET}
            new.state = {**kept, **_known_of_pairs(old), "repairing": True}
        else:
            new.removed = True
        self._shelves[user] = new

    def close(self) -> None:
        """Nothing is held."""


def _known_of_pairs(shelf: Shelf) -> Mapping[str, list[RecordId]]:
    """Which items were edited, and which are a person's though the agent made them; with what an earlier reset knew."""
    known: dict[str, set[RecordId]] = {k: set(shelf.state.get(k) or ()) for k in ("edited", "theirs")}
    for pair in shelf.pairs.values():
        if pair.edited:
            known["edited"].add(pair.record)
        if (pair.pinned or not pair.made_item) and (pair.origin is Side.CRM or pair.made_item):
            known["theirs"].add(pair.record)
    return {key: sorted(records) for key, records in known.items() if records}


def _blanks(entry: Entry) -> int:
    if entry.kind != "update":
        return 0
    valued = [c for name, c in entry.fields.items() if name not in APART]
    return sum(1 for c in valued if not is_blank(c.before) and is_blank(c.after))
