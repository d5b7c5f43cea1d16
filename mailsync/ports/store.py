"""The store port: what is kept of all users."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from mailsync.core.changes import FolderMark
from mailsync.core.pair import Pair, Tombstone
from mailsync.core.refs import AccountId, ItemId, RecordId
from mailsync.ports.activity import Act
from mailsync.ports.ledger import Batch, Entry, Hold, Intent, Issue, Parked, Pending, Waiting


class Store(Protocol):
    """What is kept of all users. Every write carries the fence of the session it belongs to (FenceLost)."""

    @property
    def installation(self) -> FolderMark:
        """This installation's id and the store's generation (A1)."""
        ...

    def users(self) -> Sequence[str]: ...
    def settings(self, user: str) -> Mapping[str, str]:
        """What `set` has stored, as text by key."""
        ...

    def save_settings(
        self,
        user: str,
        changed: Mapping[str, str | None],
        state: Mapping[str, Any] | None = None,
        due: datetime | None = None,
    ) -> None:
        """Stores settings, None forgets one; in the same transaction the keys of the state that they set, and when all
        that is parked is due."""
        ...

    def begin(self, user: str, now: datetime, act: Act | None = None) -> int:
        """Takes the user's lock and returns a new fence, which is the session's number too; `act`, by which a person
        began the session, is recorded in the same transaction. Raises LockHeld when a
        live session holds it; a lock whose holder has not renewed it for 60 s falls."""
        ...

    def renew(self, user: str, fence: int, now: datetime) -> None: ...
    def finish(
        self,
        user: str,
        fence: int,
        report: Mapping[str, Any],
        now: datetime,
        state: Mapping[str, Any] | None = None,
        act: Act | None = None,
    ) -> None:
        """Ends the session: keeps its report, and stores with it what its end means for the next one (keys of the
        state), and the act of `begin` as it ended. One transaction. Raises FenceLost."""
        ...

    def state(self, user: str, keys: Collection[str] | None = None) -> Mapping[str, Any]:
        """The user's state, or these keys of it; those that were never set are absent."""
        ...

    def waiting(self, user: str, since: datetime | None) -> Waiting:
        """What is left for the next session, as of one moment; `placed` since then (None: nothing)."""
        ...

    def commit(self, user: str, fence: int, batch: Batch, now: datetime) -> None:
        """One transaction: all of the batch, or nothing. Raises FenceLost."""
        ...

    def pairs(self, user: str) -> Iterator[Pair]:
        """All pairs, by record id, streamed."""
        ...

    def paired(self, user: str) -> Mapping[RecordId, bool]:
        """The record of every pair, and whether the pair is at rest: active, and in scope as last read."""
        ...

    def pairs_of(self, user: str, records: Collection[RecordId], items: Collection[ItemId]) -> Sequence[Pair]: ...
    def pairs_in(self, user: str, accounts: Collection[AccountId]) -> Sequence[Pair]: ...
    def mirrored_elsewhere(self, user: str, records: Collection[RecordId]) -> frozenset[RecordId]:
        """Those of the records that another user's mailbox mirrors too (D3)."""
        ...

    def count(self, user: str) -> int:
        """How many pairs there are."""
        ...

    def count_in_scope(self, user: str) -> int:
        """Pairs in scope plus parked records in scope: what the scope's COUNT() should be (A18)."""
        ...

    def tombstones(self, user: str, records: Collection[RecordId]) -> Sequence[Tombstone]: ...
    def intents(self, user: str) -> Sequence[Intent]: ...
    def pending(self, user: str) -> Sequence[Pending]:
        """Writes that were announced and never settled, the oldest first."""
        ...

    def parked(self, user: str, now: datetime | None = None) -> Sequence[Parked]:
        """Parked entries; with `now` only those that are due."""
        ...

    def issues(self, user: str) -> Sequence[Issue]: ...
    def holds(self, user: str) -> Sequence[Hold]: ...
    def notices(self, user: str) -> tuple[Sequence[Hold], Sequence[Issue]]:
        """Holds and issues, as of one moment."""
        ...

    def answer(self, user: str, hold: str, answer: str, typed: str | None = None) -> None:
        """Stores a person's answer, with what they typed in place of both sides' values (B12). Raises StoreError,
        naming the hold, when it is not open."""
        ...

    def history(self, user: str, *, record: RecordId | None = None, item: ItemId | None = None) -> Sequence[Entry]:
        """Entries, oldest first."""
        ...

    def guarded(self, user: str, since: datetime) -> Mapping[str, int]:
        """Deletions, removals and blankings that sync (no undo) carried out since then (D8), as {"delete": n,
        "remove": n, "blank": n}; blankings also by side."""
        ...

    def purge(self, now: datetime) -> None:
        """Forgets history older than 90 days and tombstones older than 30 (D9)."""
        ...

    def forget(self, user: str, *, keep_settings: bool) -> None:
        """Forgets pairs, cursors, holds, issues, parked changes and intents (`reset`, `remove`). Creates, and other
        pending writes that carry values, go to the history, which says that they may not have been carried out (L5). A
        reset keeps which items were edited, and which are a person's, in the state (decision 0037)."""
        ...

    def close(self) -> None: ...
