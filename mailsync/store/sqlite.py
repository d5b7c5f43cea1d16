"""The store on SQLite: a file, its settings, its one writer, and the witness beside it."""

import os
import sqlite3
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from mailsync.errors import StoreError
from mailsync.store.database import Database
from mailsync.store.engine import translated, writing
from mailsync.store.turns import taking_turns
from mailsync.store.witness import FileWitness, beside

BUSY_SECONDS = 30
"""How long a writer waits for another one."""
_ALONE_SECONDS = 2.0  # for somebody who is just closing the file

_PRAGMAS = (
    "journal_mode=WAL",  # readers never wait for the writer
    # An intent is committed before its create is sent (B15); if the machine lost it with its power, the create would
    # be repeated. So every commit is on the disk before it counts, which NORMAL does not promise in WAL mode.
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "secure_delete=ON",  # what is forgotten is overwritten (A9, D9)
)


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """Implements database.Database."""

    path: Path
    engine: Engine
    witness: FileWitness

    def alone(self) -> AbstractContextManager[Connection]:
        """The one writer's transaction."""
        return writing(self.engine)

    def take_turns(self, what: str) -> AbstractContextManager[None]:
        """A lock on a file beside the store."""
        return taking_turns(self.path, what)

    def scrub(self) -> None:
        """Empties the write-ahead log; what was erased in the file itself is overwritten already (secure_delete).
        Raises StoreError where somebody goes on reading an older state, which is in the log alone."""
        with translated(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            busy, *_ = c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if busy:
            message = "what was erased is in the store's log still, for another process is reading it"
            raise StoreError(message, "wait until it is done, then run the same command again")


def open_sqlite(path: Path) -> SqliteDatabase:
    """The database in a file, which is made with mode 600 if there is none. Raises StoreError."""
    witness = FileWitness(beside(path))  # before the database, which another process may be writing
    return SqliteDatabase(path, connect(path), witness)


def connect(path: Path) -> Engine:
    """An engine on the file, which is made with mode 600 if there is none. Raises StoreError."""
    _touch(path)
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def is_open_elsewhere(path: Path) -> bool:
    """Whether anybody else has the file open, though they may be writing nothing: only who is alone may take it out of
    WAL mode (SQLite, Write-Ahead Logging, 3.2); whoever opens it next puts it back."""
    with closing(sqlite3.connect(path, timeout=_ALONE_SECONDS, isolation_level=None)) as connection:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError:
            return True
    return mode != "delete"


def _touch(path: Path) -> None:
    """SQLite gives -wal and -shm the mode of the file itself."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        message = f"the store {path} can't be opened: {error.strerror}"
        raise StoreError(message, "give `store` a path in a folder that exists and can be written") from None


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say so, not where sqlite3 guesses
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_is_a_database: type[Database] = SqliteDatabase  # proven by the type check
