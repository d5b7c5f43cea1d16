"""The store: the port's methods, each one transaction, on whichever database it was opened."""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from mailsync.core.changes import FolderMark
from mailsync.core.pair import Pair, Tombstone
from mailsync.core.refs import AccountId, ItemId, RecordId
from mailsync.ports.activity import Act
from mailsync.ports.ledger import Batch, Entry, Hold, Intent, Issue, Parked, Pending, Waiting
from mailsync.store import fence as fences
from mailsync.store import reading as read
from mailsync.store import writing as write
from mailsync.store.activity import SqlActivity, seal_act, write_acts
from mailsync.store.database import Database
from mailsync.store.engine import reading, writing
from mailsync.store.expiry import HISTORY, STONES, purge
from mailsync.store.feeds import SqlFeeds
from mailsync.store.gates import SqlGates
from mailsync.store.hand import Hand
from mailsync.store.inspection import SqlInspection
from mailsync.store.logins import SqlLogins
from mailsync.store.presets import SqlPresets, read_about
from mailsync.store.reading import Past
from mailsync.store.schedule import SqlSchedule
from mailsync.store.secrets import Secrets
from mailsync.store.waiting import read_notices, read_waiting


class SqlStore:
    """Implements mailsync.ports.store.Store; used by several threads at once. What is more than the port is for people.
    Every method raises StoreError where the database fails."""

    def __init__(self, database: Database, mark: FolderMark, secrets: Secrets) -> None:
        self._database = database
        self._engine = database.engine
        self._mark = mark
        self._secrets = secrets
        self._owners: dict[str, int] = {}  # users' own numbers, while a session of theirs lasts
        self.logins = SqlLogins(database, secrets, self._owner)  # by user and name, encrypted
        self.schedule = SqlSchedule(database)  # who is due, queued or asleep
        self.gates = SqlGates(database)  # what all workers know of the vendors' tenants
        self.feeds = SqlFeeds(database)  # what was touched in each organisation
        self.presets = SqlPresets(database)  # and groups of users
        self.activity = SqlActivity(database)  # what people did
        self.inspection = SqlInspection(database)  # what waits in all users' tables

    @property
    def installation(self) -> FolderMark:
        """The installation's id, and a generation that a restored database does not keep (A1)."""
        return self._mark

    def users(self) -> Sequence[str]:
        """The users of whom something is stored, but for removed ones."""
        with reading(self._engine) as c:
            return read.read_users(c)

    def settings(self, user: str) -> Mapping[str, str]:
        """What `set` has stored, as text by key."""
        with reading(self._engine) as c:
            return read.read_settings(c, self._owner(c, user))

    def save_settings(
        self,
        user: str,
        changed: Mapping[str, str | None],
        state: Mapping[str, Any] | None = None,
        due: datetime | None = None,
    ) -> None:
        """Stores settings with what they mean for the next session; one transaction: a deletion that new settings allow
        is never seen without its hold (D2)."""
        with self.acting() as hand:
            hand.save_settings(user, changed, state, due)

    @contextmanager
    def acting(self) -> Generator[Hand]:
        """What a person changes and the log's entries of it: one transaction, all of it or nothing."""
        with writing(self._engine) as c:
            yield Hand(c, self._secrets)

    def begin(self, user: str, now: datetime, act: Act | None = None) -> int:
        """Takes the user's lock; `act` is recorded with it. Raises StoreError while a live session holds it."""
        with writing(self._engine) as c:
            owner, fence = fences.take(c, user, now)
            write_acts(c, [act] if act else [])
            said = self._database.witness.count(c)
        self._owners[user] = owner
        self._database.witness.remember(said)
        return fence

    def renew(self, user: str, fence: int, now: datetime) -> None:
        """Says that the session lives. Raises FenceLost."""
        with writing(self._engine) as c:
            fences.renew(c, user, fence, now)

    def finish(
        self,
        user: str,
        fence: int,
        report: Mapping[str, Any],
        now: datetime,
        state: Mapping[str, Any] | None = None,
        act: Act | None = None,
    ) -> None:
        """Ends the session: its report, what its end means for the next one, and how the act that began it ended. One
        transaction, so that no session is over and yet unfinished. Raises FenceLost."""
        self._owners.pop(user, None)
        with writing(self._engine) as c:
            owner = fences.check(c, user, fence)
            write.write_state(c, owner, state or {})
            if act is not None:
                seal_act(c, act)
            fences.let_go(c, owner, fence, report, now)
            said = self._database.witness.count(c)
        self._database.witness.remember(said)

    def _owner(self, connection: Connection, user: str) -> int:
        """The user's own number; not asked for again while a session of theirs lasts. What a session writes goes by the
        fence alone."""
        return self._owners.get(user) or read.user_id(connection, user)

    def state(self, user: str, keys: Collection[str] | None = None) -> Mapping[str, Any]:
        """The user's state, or these keys of it; those that were never set are absent."""
        with reading(self._engine) as c:
            return read.read_state(c, self._owner(c, user), keys)

    def waiting(self, user: str, since: datetime | None) -> Waiting:
        """What is left for the next session, as of one moment."""
        with reading(self._engine) as c:
            return read_waiting(c, self._owner(c, user), since)

    def save_state(self, user: str, changed: Mapping[str, Any]) -> None:
        """Sets keys of the state outside of any session."""
        with self.acting() as hand:
            hand.save_state(user, changed)

    def commit(self, user: str, fence: int, batch: Batch, now: datetime) -> None:
        """One transaction: all of the batch, or nothing. An empty one only asks for the fence. Raises FenceLost."""
        if batch == Batch():
            with reading(self._engine) as c:
                fences.check(c, user, fence)
            return
        with writing(self._engine) as c:
            write.write_batch(c, fences.check(c, user, fence), batch, now)
            said = self._database.witness.count(c)
        self._database.witness.remember(said)

    def pairs(self, user: str) -> Iterator[Pair]:
        """All pairs, by record id, a page at a time. No transaction stays open between pages."""
        after = ""
        while True:
            with reading(self._engine) as c:
                page = read.read_page(c, self._owner(c, user), after)
            yield from page
            if len(page) < read.PAGE:
                return
            after = page[-1].record

    def paired(self, user: str) -> Mapping[RecordId, bool]:
        """The record of every pair, and whether the pair is at rest: active, and in scope as last read."""
        with reading(self._engine) as c:
            return read.read_paired(c, self._owner(c, user))

    def pairs_of(self, user: str, records: Collection[RecordId], items: Collection[ItemId]) -> Sequence[Pair]:
        """The pairs of these records and of these items, each once."""
        if not (records or items):
            return ()
        with reading(self._engine) as c:
            return read.read_pairs_of(c, self._owner(c, user), records, items)

    def pairs_in(self, user: str, accounts: Collection[AccountId]) -> Sequence[Pair]:
        """The pairs whose records belong to these Accounts."""
        if not accounts:
            return ()
        with reading(self._engine) as c:
            return read.read_pairs_in(c, self._owner(c, user), accounts)

    def mirrored_elsewhere(self, user: str, records: Collection[RecordId]) -> frozenset[RecordId]:
        """Those of the records that another user's mailbox mirrors too (D3)."""
        with reading(self._engine) as c:
            return read.read_mirrored_elsewhere(c, self._owner(c, user), records)

    def count(self, user: str) -> int:
        """How many pairs there are."""
        with reading(self._engine) as c:
            return read.count_pairs(c, self._owner(c, user))

    def count_in_scope(self, user: str) -> int:
        """What the scope's COUNT() should be (A18)."""
        with reading(self._engine) as c:
            return read.count_in_scope(c, self._owner(c, user))

    def tombstones(self, user: str, records: Collection[RecordId]) -> Sequence[Tombstone]:
        """The tombstones of these records."""
        with reading(self._engine) as c:
            return read.read_tombstones(c, self._owner(c, user), records)

    def intents(self, user: str) -> Sequence[Intent]:
        """Open intents, the oldest first."""
        with reading(self._engine) as c:
            return read.read_intents(c, self._owner(c, user))

    def pending(self, user: str) -> Sequence[Pending]:
        """Announced writes that were never settled, the oldest first."""
        with reading(self._engine) as c:
            return read.read_pending(c, self._owner(c, user))

    def parked(self, user: str, now: datetime | None = None) -> Sequence[Parked]:
        """Parked entries; with `now` only those that are due."""
        with reading(self._engine) as c:
            return read.read_parked(c, self._owner(c, user), now)

    def make_due(self, user: str, now: datetime, refs: Collection[str] | None = None) -> int:
        """Lets the next session try parked changes again (B8); returns how many."""
        with self.acting() as hand:
            return hand.make_due(user, now, refs)

    def issues(self, user: str) -> Sequence[Issue]:
        """Open issues."""
        with reading(self._engine) as c:
            return read.read_issues(c, self._owner(c, user))

    def holds(self, user: str) -> Sequence[Hold]:
        """Open holds, by name."""
        with reading(self._engine) as c:
            return read.read_holds(c, self._owner(c, user))

    def notices(self, user: str) -> tuple[Sequence[Hold], Sequence[Issue]]:
        """Open holds and issues, as of one moment."""
        with reading(self._engine) as c:
            return read_notices(c, self._owner(c, user))

    def answer(self, user: str, hold: str, answer: str, typed: str | None = None) -> None:
        """Stores a person's answer, with what they typed (B12). Raises StoreError when the hold is not open."""
        with self.acting() as hand:
            hand.answer(user, hold, answer, typed)

    def history(self, user: str, *, record: RecordId | None = None, item: ItemId | None = None) -> Sequence[Entry]:
        """Entries, oldest first; with references those that name the record or the item."""
        with reading(self._engine) as c:
            return read.read_history(c, self._owner(c, user), record, item)

    def guarded(self, user: str, since: datetime) -> Mapping[str, int]:
        """What D8 counts: delete, remove, blank; and blank by side ("blank salesforce", "blank mailbox")."""
        with reading(self._engine) as c:
            return read.read_guarded(c, self._owner(c, user), since)

    def sessions(self, user: str, limit: int = 1) -> Sequence[Past]:
        """The latest sessions with their reports, the last one first."""
        with reading(self._engine) as c:
            return read.read_sessions(c, self._owner(c, user), limit)

    def purge(
        self, now: datetime, *, history: timedelta = HISTORY, tombstones: timedelta = STONES, user: str = ""
    ) -> None:
        """Forgets history, reports and tombstones over these ages (D9); of one user, or of all ("")."""
        purge(self._engine, now, history, tombstones, user)

    def forget(self, user: str, *, keep_settings: bool) -> None:
        """Forgets what the port names."""
        with self.acting() as hand:
            hand.forget(user, keep_settings=keep_settings)

    def export(self, user: str) -> Mapping[str, Any]:
        """All that is stored of a user (D9), by table, as JSON values."""
        with reading(self._engine) as c:
            return {"user": user, **read.read_everything(c, self._owner(c, user)), **read_about(c, user)}

    def erase(self, user: str, acts: Sequence[Act] = ()) -> None:
        """Erases all that is stored of a user (D9), from the write-ahead log too."""
        self._owners.pop(user, None)
        with self.acting() as hand:
            hand.erase(user)
            hand.record(acts)
        self._database.scrub()

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()
