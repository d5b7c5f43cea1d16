"""Looking at a store from outside: what waits in it, and whether it is what it should be. Writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from mailsync.errors import StoreError
from mailsync.store import tables as t
from mailsync.store.database import Database
from mailsync.store.engine import reading
from mailsync.store.identity import is_doubted
from mailsync.store.places import open_database
from mailsync.store.schema import find_revision, is_readable
from mailsync.store.secrets import Secrets
from mailsync.store.tables import REVISION


@dataclass(frozen=True, slots=True)
class Condition:
    """A store as it was found. Nothing of it is known beyond what failed first."""

    kind: str  # sqlite, postgresql
    revision: str = ""  # "": empty
    expected: str = REVISION
    key: StoreError | None = None  # why what is encrypted can't be read
    clock: datetime | None = None  # the database server's, where it has one of its own
    readable: bool = False  # newer than this program, which can work with it all the same
    doubted: bool = False  # a restored or copied database (A1)
    broken: tuple[str, ...] = ()  # what SQLite says of a damaged file


@dataclass(frozen=True, slots=True)
class SqlInspection:
    """What is asked of an opened store from outside."""

    database: Database

    def waiting(self) -> Mapping[str, int]:
        """Open holds, issues and parked changes of all users."""
        with reading(self.database.engine) as c:
            tables = (t.holds, t.issues, t.parked)
            return {table.name: c.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def inspect_store(place: str | Path, secrets: Secrets) -> Condition:
    """The condition of a store, which is neither made nor upgraded. Raises StoreError where it can't be reached."""
    database = open_database(place)
    try:
        with reading(database.engine) as connection:
            return _inspect(connection, database, secrets)
    finally:
        database.engine.dispose()


def _inspect(connection: Connection, database: Database, secrets: Secrets) -> Condition:
    kind = connection.dialect.name
    revision = find_revision(connection)
    clock: datetime | None = connection.execute(text("SELECT now()")).scalar() if kind == "postgresql" else None
    if not revision:
        return Condition(kind, clock=clock)
    row = connection.execute(select(t.installation.c.uuid, t.installation.c.key_check)).first()
    key = _find_key_problem(secrets, row.uuid, row.key_check) if row else None
    doubted = revision == REVISION and is_doubted(connection, database)
    broken = tuple(connection.execute(text("PRAGMA quick_check(5)")).scalars()) if kind == "sqlite" else ()
    return Condition(
        kind,
        revision,
        key=key,
        clock=clock,
        readable=is_readable(connection, revision),
        doubted=doubted,
        broken=tuple(b for b in broken if b != "ok"),
    )


def _find_key_problem(secrets: Secrets, identity: str, token: str) -> StoreError | None:
    try:
        if secrets.decrypt(token) == identity:
            return None
    except StoreError as error:
        return error
    return StoreError(f"the key file {secrets.path} does not belong to this store", "put the store's own key file back")
