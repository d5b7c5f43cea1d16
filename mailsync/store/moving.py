"""Moving a whole store to another database: pairs, cursors, history, log-ins, everything, under the same identity."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, update

from mailsync.errors import StoreError
from mailsync.store import tables as t
from mailsync.store.database import Database, Testimony
from mailsync.store.engine import reading
from mailsync.store.identity import identify
from mailsync.store.places import file_of, open_database
from mailsync.store.schema import ensure_revision
from mailsync.store.secrets import Secrets
from mailsync.store.sqlite import is_open_elsewhere

_ROWS = 2000
MOVED = ".moved"
"""What is added to the name of a SQLite file that was moved, so that nobody goes on with it."""


def move_store(source: str | Path, target: str, secrets: Secrets) -> Mapping[str, int]:
    """Copies everything of one store into an empty one, and puts a SQLite source aside. Returns the rows by table.

    The installation stays the same, so nothing is paired anew (A1). Raises StoreError: a session is running, another
    process has the file open, the target holds something, the key does not fit, either database can't be used. The
    source is as it was then.
    """
    old, new = open_database(source), open_database(target)
    try:
        ensure_revision(old)
        identify(old, secrets)
        _check_unused(old, file_of(str(source)))
        ensure_revision(new)
        moved = _copy_all(old, new)
    finally:
        old.engine.dispose()
        new.engine.dispose()
    _put_aside(str(source))
    return moved


def _copy_all(old: Database, new: Database) -> Mapping[str, int]:
    with reading(old.engine) as from_, new.alone() as to:
        _check_rest(from_)  # once more, in the transaction that is copied
        if to.execute(select(t.installation.c.id)).first() is not None:
            raise StoreError("the target holds a store already", "give an empty database or schema")
        moved = {table.name: _copy(from_, to, table) for table in t.metadata.sorted_tables}
        to.execute(update(t.installation).values(place=new.witness.place(to)))
        _set_counters(to)
        row = to.execute(select(t.installation.c.uuid, t.installation.c.changes)).one()
    new.witness.begin(Testimony(row.uuid, row.changes))
    return moved


def _check_unused(old: Database, file: Path | None) -> None:
    """Whoever had a file open would go on in it, put aside as it is: a second agent on the same folders."""
    with reading(old.engine) as connection:
        _check_rest(connection)
    old.engine.dispose()  # our own connections
    if file is not None and is_open_elsewhere(file):
        raise StoreError("another process has the store open", "stop serve and workers, then try again")


def _check_rest(connection: Connection) -> None:
    busy = connection.execute(select(t.users.c.name).where(t.users.c.holder != "")).scalars().all()
    if busy:
        raise StoreError(
            f"a session of {', '.join(busy)} is running, or was killed", "stop serve and workers; let one session end"
        )


def _copy(from_: Connection, to: Connection, table: Table) -> int:
    count = 0
    for rows in _pages(from_, table):
        to.execute(insert(table), rows)
        count += len(rows)
    return count


def _pages(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows, so many at a time: memory does not grow with the store."""
    found = connection.execution_options(yield_per=_ROWS).execute(select(table))
    for page in found.mappings().partitions(_ROWS):
        yield [dict(row) for row in page]


def _set_counters(connection: Connection) -> None:
    """PostgreSQL counts its ids apart from the rows; the next one must come after those that were copied."""
    if connection.dialect.name != "postgresql":
        return
    for table in (t.users, t.history, t.activity):
        highest = connection.execute(select(func.max(table.c.id))).scalar()
        if highest is not None:
            named = {"table": table.name, "highest": highest}
            connection.execute(text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :highest)"), named)


def _put_aside(source: str) -> None:
    """A SQLite file that somebody went on with would be a second agent on the same folders."""
    if "://" in source and not source.startswith("sqlite"):
        return
    path = Path(source.partition("///")[2] if source.startswith("sqlite") else source)
    for suffix in ("-wal", "-shm", ".seq"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.rename(path.with_name(path.name + MOVED))
