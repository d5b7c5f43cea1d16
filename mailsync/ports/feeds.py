"""The shared feed of an organisation (decision 0028): what has changed since when, for anybody – ids, never values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from mailsync.core.refs import OwnerId, RecordId
from mailsync.ports.crm import Reach

LEASE = timedelta(minutes=2)
"""How long a reader has before another one may take its place."""
KEPT = timedelta(days=2)
"""How long a candidate is remembered; everybody sweeps once a day (A18)."""


class Kind(Enum):
    """What was touched. The description is that of Contact or Account, which concerns everybody (B8)."""

    CONTACT = "contact"
    ACCOUNT = "account"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that was created, changed or deleted. `stamp` is the vendor's, UTC."""

    kind: Kind
    ref: str
    stamp: datetime
    owner: OwnerId | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One reading. `cursor` is opaque; `date` the vendor's time of the answer, UTC; `fresh`: it goes on from nothing
    that was read before, so that nobody's number counts any more."""

    candidates: tuple[Candidate, ...]
    cursor: str
    date: datetime
    fresh: bool = False


class CandidateSource(Protocol):
    """The organisation, read by a log-in that sees all of its Contacts."""

    def read(self, cursor: str) -> Found:
        """What was touched since ("": from now on); one request where it fits a page. Raises VendorError."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read an organisation's feed on from a cursor, until LEASE is over."""

    fence: int
    cursor: str


@dataclass(frozen=True, slots=True)
class Position:
    """Up to which number, of which numbering, a user's candidates were looked at."""

    epoch: int
    number: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an organisation's feed has been read. Its times are ours, but for `since` and `mark`: the vendor's times
    of the numbering's first and last reading."""

    head: Position
    floor: int  # candidates up to this number may be forgotten
    read: datetime | None  # when the last reading began; None: never
    since: datetime | None
    mark: datetime | None
    doubted: datetime | None = None  # until then nobody goes by it: it does not see everything
    trouble: str = ""  # why the last reading failed; the kind of the error


@dataclass(frozen=True, slots=True)
class Described:
    """What a list view was found to select, as a digest, and when."""

    digest: str
    at: datetime


class Feeds(Protocol):
    """The shared feeds of all organisations. Every method raises StoreError."""

    def take(self, organisation: str, now: datetime) -> Lease | None:
        """The right to read, for one reader at a time; None where another one has it."""
        ...

    def keep(self, organisation: str, lease: Lease, found: Found, begun: datetime) -> bool:
        """Keeps a reading that was begun then, and ends the lease. False where the lease has passed to another reader:
        then nothing is kept."""
        ...

    def give_up(self, organisation: str, lease: Lease, trouble: str) -> None:
        """Ends a lease without a reading."""
        ...

    def standing(self, organisation: str) -> Standing | None:
        """How far it was read; None where it never was asked for."""
        ...

    def concerns(self, user: str, organisation: str, position: Position, reach: Reach) -> bool:
        """Whether anything since the position may concern the user: what they have a pair, a parked change, a question
        or a tombstone of, an Account of one of their pairs, or what may lie within their reach."""
        ...

    def lacks(self, organisation: str, records: Mapping[RecordId, datetime]) -> bool:
        """Whether one of these, which changed then, is no candidate since."""
        ...

    def doubt(self, organisation: str, until: datetime) -> None:
        """Nobody goes by it until then."""
        ...

    def describe_view(self, organisation: str, view: str, digest: str, now: datetime) -> None:
        """Somebody read what a list view selects."""
        ...

    def view(self, organisation: str, view: str) -> Described | None:
        """What was last said of a list view."""
        ...
