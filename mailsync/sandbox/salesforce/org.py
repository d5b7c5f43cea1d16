"""The organisation's storage: records, people, rules, and a journal by which a refused request is taken back.

A stored row is never changed in place: a write puts a new dictionary, so keeping the old one is a snapshot. A row
holds only the fields that are not null, plus keys in lower case that are the sandbox's own (`bin` = what it was
deleted with).
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mailsync.sandbox.salesforce.grants import Grants
from mailsync.sandbox.salesforce.ids import new_id
from mailsync.sandbox.salesforce.jobs import Jobs
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.schema import ObjectSpec, standard_objects
from mailsync.sandbox.vendor import Clock

Row = dict[str, Any]

LONG = 20.0  # seconds from which a request counts as long (vendors/salesforce.md §3: the concurrent limit)
BIN_LIFE = timedelta(days=15)  # vendors/salesforce.md §1: the Recycle Bin keeps 15 days


@dataclass(frozen=True, slots=True)
class Person:
    """A user: `name` is the sandbox's short name (ann), also the tail of the fixed bearer."""

    name: str
    id: str
    admin: bool
    active: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """A list view; `owner` is a user's id, and `public` views are everybody's."""

    id: str
    object: str
    name: str
    label: str
    where: str
    scope: str | None
    owner: str
    public: bool
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """Field security of one user on one field."""

    read: bool
    edit: bool


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """Refuses a record whose `field` matches the regular expression `pattern`."""

    object: str
    field: str
    pattern: str
    message: str


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """Compares one field exactly; `action` is alert (a header may override it) or block."""

    object: str
    field: str
    action: str


@dataclass(frozen=True, slots=True)
class Late:
    """A write that commits after its stamp: until then queries see `before` (None: nothing)."""

    until: datetime
    stamp: datetime
    before: Row | None


@dataclass(frozen=True, slots=True)
class Transaction:
    """A long transaction of somebody else: while it is open, feeds are complete up to its start only."""

    start: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to which `rollback` takes everything back. Requests replace `shares`, they never change it in place."""

    length: int
    shares: dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Cursor:
    """An open query: its records as they were, bound to the user who asked, for two days."""

    user: str
    records: Sequence[dict[str, Any]]
    size: int
    until: datetime


@dataclass(slots=True)
class Org:
    """One organisation. Keys by object use the object's exact name, field keys its lower-case name."""

    clock: Clock
    name: str = "Acme"
    id: str = ""
    daily_limit: int = 15000
    largest_page: int = 2000  # rows; real organisations give fewer than asked where rows are long (HELP:000386264)
    request_seconds: float = 0  # how long a request is taken to run, since the sandbox itself takes no time
    long_requests: int = 25  # how many requests may run for longer than LONG at a time (5 in a developer edition)
    session_life: float = 7200  # seconds: the session timeout, two hours where nobody sets it
    objects: dict[str, ObjectSpec] = field(default_factory=lambda: dict(standard_objects()))
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    records: dict[str, dict[str, Row]] = field(default_factory=dict[str, dict[str, Row]])
    views: dict[str, View] = field(default_factory=dict[str, View])
    shares: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    security: dict[tuple[str, str, str], Access] = field(default_factory=dict[tuple[str, str, str], Access])
    validation_rules: list[ValidationRule] = field(default_factory=list[ValidationRule])
    duplicate_rules: list[DuplicateRule] = field(default_factory=list[DuplicateRule])
    required: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    restricted: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    described: dict[str, datetime] = field(default_factory=dict[str, datetime])
    purged: dict[str, datetime] = field(default_factory=dict[str, datetime])
    lag: float = 0
    places: bool = False  # state and country picklists
    person_accounts: bool = False
    custom: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    transactions: list[Transaction] = field(default_factory=list[Transaction])
    locks: dict[str, datetime] = field(default_factory=dict[str, datetime])
    late: dict[tuple[str, str], Late] = field(default_factory=dict[tuple[str, str], Late])
    journal: list[tuple[str, str, Row | None]] = field(default_factory=list[tuple[str, str, "Row | None"]])
    numbers: dict[str, int] = field(default_factory=dict[str, int])
    cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    usage: deque[tuple[datetime, int]] = field(default_factory=deque[tuple[datetime, int]])
    grants: Grants = field(default_factory=Grants)
    jobs: Jobs = field(default_factory=Jobs)
    running: dict[int, datetime] = field(default_factory=dict[int, datetime])  # by connection: until when
    swept: datetime | None = None
    locked: bool = False  # somebody else holds every row: no write gets through

    def stamp(self) -> datetime:
        """The present second: Salesforce's stamps have no fractions (vendors/salesforce.md §1)."""
        return self.clock.now().replace(microsecond=0)

    def allot(self, prefix: str) -> str:
        """A record id that was never given before."""
        self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        return new_id(prefix, self.numbers[prefix])

    def spec(self, name: str) -> ObjectSpec | None:
        """The object of that name in any case."""
        return self.objects.get(name.lower())

    def find(self, table: str, record_id: str) -> Row | None:
        """The record as it is, live or in the recycle bin."""
        return self.records.get(table, {}).get(record_id)

    def put(self, table: str, row: Row) -> None:
        """Stores a new version of a record and remembers the one before. Raises ApiError where rows are locked."""
        if self.locked or self._holds(row):
            raise ApiError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", ())
        before = self.find(table, row["Id"])
        self.journal.append((table, row["Id"], before))
        self.records.setdefault(table, {})[row["Id"]] = row
        if self.lag:
            self._delay(table, row, before)

    def remove(self, table: str, record_id: str) -> None:
        """Takes a record out physically."""
        self.journal.append((table, record_id, self.records[table].pop(record_id)))
        self.late.pop((table, record_id), None)

    def mark(self) -> Mark:
        return Mark(len(self.journal), self.shares)

    def rollback(self, mark: Mark) -> None:
        """Takes back every write since the mark."""
        while len(self.journal) > mark.length:
            table, record_id, before = self.journal.pop()
            if before is None:
                del self.records[table][record_id]
                self.late.pop((table, record_id), None)
            else:
                self.records.setdefault(table, {})[record_id] = before
        self.shares = mark.shares

    def committed(self, table: str) -> Iterable[Row]:
        """The records as queries see them now: a late write shows only once it is committed."""
        rows = self.records.get(table, {})
        if not self.late:
            return rows.values()
        self._commit()
        hidden = {record_id: late for (name, record_id), late in self.late.items() if name == table}
        shown = (hidden[key].before if key in hidden else row for key, row in rows.items())
        return [row for row in shown if row is not None]

    def oldest_open(self) -> datetime | None:
        """The stamp of the oldest write that is not committed yet, or the start of an older open transaction."""
        self._commit()
        now = self.clock.now()
        self.transactions = [one for one in self.transactions if one.until > now]
        stamps = [*(late.stamp for late in self.late.values()), *(one.start for one in self.transactions)]
        return min(stamps, default=None)

    def sweep(self) -> None:
        """Empties the recycle bin of what lay there for 15 days, and forgets expired cursors; at most once an hour."""
        now = self.stamp()
        if self.swept is not None and now - self.swept < timedelta(hours=1):
            return
        self.swept = now
        for table, rows in self.records.items():
            old = [key for key, row in rows.items() if row.get("IsDeleted") and row["SystemModstamp"] < now - BIN_LIFE]
            for record_id in old:
                self.remove(table, record_id)
        self.cursors = {key: cursor for key, cursor in self.cursors.items() if cursor.until > now}

    def begin(self, connection: int) -> bool:
        """Lets a request begin, unless as many long ones as there may be are running on other connections."""
        if self.request_seconds < LONG:
            return True
        now = self.clock.now()
        self.running = {each: until for each, until in self.running.items() if until > now and each != connection}
        if len(self.running) >= self.long_requests:
            return False
        self.running[connection] = now + timedelta(seconds=self.request_seconds)
        return True

    def spend(self, calls: int) -> None:
        """Counts API calls against the rolling 24 hours, by the minute."""
        minute = self.stamp().replace(second=0)
        if self.usage and self.usage[-1][0] == minute:
            self.usage[-1] = (minute, self.usage[-1][1] + calls)
        else:
            self.usage.append((minute, calls))

    def used(self) -> int:
        """The API calls of the last 24 hours."""
        horizon = self.stamp() - timedelta(hours=24)
        while self.usage and self.usage[0][0] < horizon:
            self.usage.popleft()
        return sum(count for _, count in self.usage)

    def _holds(self, row: Row) -> bool:
        """Whether somebody else holds the row, or the Account that writing it locks, too (§4: UNABLE_TO_LOCK_ROW)."""
        if not self.locks:
            return False
        now = self.clock.now()
        self.locks = {key: until for key, until in self.locks.items() if until > now}
        return row["Id"] in self.locks or (row["Id"].startswith("003") and row.get("AccountId") in self.locks)

    def _delay(self, table: str, row: Row, before: Row | None) -> None:
        stamp: datetime = row["SystemModstamp"]
        waiting = self.late.get((table, row["Id"]))
        shown = waiting.before if waiting else before
        first = waiting.stamp if waiting else stamp
        self.late[table, row["Id"]] = Late(stamp + timedelta(seconds=self.lag), first, shown)

    def _commit(self) -> None:
        now = self.clock.now()
        self.late = {key: late for key, late in self.late.items() if late.until > now}
