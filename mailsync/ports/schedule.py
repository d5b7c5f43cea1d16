"""The schedule port: who is due, who is queued, and who sleeps. One row for each user, whatever engine runs them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from mailsync.core.gate import Gate, Sign


class Home(NamedTuple):
    """Where a user belongs: the keys of the gates of their Salesforce organisation and of their mailbox's tenant."""

    organisation: str
    mailbox: str = ""


NOWHERE = Home("", "")
"""Where a user belongs who is not scheduled."""


@dataclass(frozen=True, slots=True)
class Due:
    """A user whose time has come. `number` stands for the name wherever names don't belong."""

    number: int
    user: str
    organisation: str
    waited_for: bool  # by a person (A2)
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One user's row. `next_run` is None where it is nobody's turn yet, or theirs at once. `asleep` is "", or why there
    are no sessions: paused, off, needs_login, failing."""

    next_run: datetime | None
    asked: datetime | None
    asleep: str
    queued: datetime | None
    organisation: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """All users' rows in numbers."""

    users: int  # enrolled
    due: int  # whose time has come, not queued yet
    queued: int  # given to the engine; their sessions have not ended
    oldest: datetime | None  # since when the longest waiting one is due
    asleep: Mapping[str, int]  # by reason


class Schedule(Protocol):
    """The schedule. Every method raises StoreError where the database fails."""

    def enrol(self, users: Mapping[str, Home], first: Callable[[], datetime]) -> int:
        """Makes exactly these users the scheduled ones; `first` says when a new one is due
        first. Whoever slept because contacts were off is looked at again. Returns how many are new."""
        ...

    def claim(self, now: datetime, limit: int) -> Sequence[Due]:
        """Takes so many due users for the engine, as far as the gates let them through: organisations in turns, people
        who wait first. Each is given once until `put_back`, `release_lost` or the end of their session."""
        ...

    def claimed(self, number: int) -> str | None:
        """The user's name while they are claimed; None where that claim has been served."""
        ...

    def put_back(self, user: str, until: datetime) -> None:
        """Ends a claim without a session: the user is due then, or at once if a person waits."""
        ...

    def rest(self, user: str, reason: str) -> None:
        """Ends a claim, and all sessions until whatever is the reason changes."""
        ...

    def release_lost(self, now: datetime) -> int:
        """Ends the claims older than LOST whose sessions don't live, so that they are given out again; how many."""
        ...

    def ask(self, user: str, now: datetime) -> bool:
        """A person's "sync now" (A2): due at once, before all others, and again if a session is running. False where
        the last one was taken less than a minute ago."""
        ...

    def slot(self, user: str) -> Slot | None:
        """One user's row; None for one of whom nothing is stored."""
        ...

    def backlog(self, now: datetime) -> Backlog:
        """All rows in numbers."""
        ...


class Gates(Protocol):
    """What all workers know of the vendors' tenants. Every method raises StoreError."""

    def note(self, key: str, sign: Sign, now: datetime) -> None:
        """What a session met."""
        ...

    def spend(self, key: str, requests: int) -> None:
        """Requests beyond those that were counted when the sessions were let through."""
        ...

    def find(self, key: str) -> Gate:
        """What is known; an open gate where nothing is."""
        ...

    def closed(self, now: datetime) -> Sequence[tuple[str, Gate]]:
        """Those that let nobody through now."""
        ...


LOST = timedelta(seconds=30)
"""A claim that is older than this and whose session does not live is given out again."""
