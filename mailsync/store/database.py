"""What the two databases differ in, beyond SQL: a file with one writer, or a server with many clients."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine


@dataclass(frozen=True, slots=True)
class Testimony:
    """Which installation's database had committed how many transactions of sessions."""

    installation: str
    changes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the installation's row says of itself: transactions of sessions so far, and the place it was written at."""

    installation: str
    changes: int
    place: str


class Witness(Protocol):
    """How a restored or copied database is noticed (A1)."""

    def place(self, connection: Connection) -> str:
        """Where this database is, as far as it can tell; "" where it can't."""
        ...

    def doubts(self, standing: Standing, place: str) -> bool:
        """Whether the database at this place is not the one that it says it is."""
        ...

    def count(self, connection: Connection) -> Testimony | None:
        """Counts a transaction of a session, within it; what `remember` is given once it is committed."""
        ...

    def begin(self, said: Testimony) -> None:
        """Keeps outside how far the database is that was just opened."""
        ...

    def remember(self, said: Testimony | None) -> None:
        """Keeps what was counted outside the database. A failure is logged: it costs the detection, not the sync."""
        ...

    def ahead(self, installation: str) -> int:
        """How many transactions this installation had seen, as far as it is kept outside."""
        ...


class Database(Protocol):
    """One opened database."""

    @property
    def engine(self) -> Engine: ...
    @property
    def witness(self) -> Witness: ...

    def alone(self) -> AbstractContextManager[Connection]:
        """A writing transaction that no other process has beside it: to make or upgrade tables. Raises StoreError."""
        ...

    def take_turns(self, what: str) -> AbstractContextManager[None]:
        """One process or thread at a time is within the context for the same `what`. Raises StoreError."""
        ...

    def scrub(self) -> None:
        """Lets nothing of what was erased lie about beside the tables, as far as it can. Raises StoreError."""
        ...
