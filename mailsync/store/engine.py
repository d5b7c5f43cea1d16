"""Connections: how the database is opened, how transactions begin, and what its errors mean to a person."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from mailsync.errors import StoreError

BUSY_SECONDS = 30
"""How long a writer waits for another one."""

_PRAGMAS = (
    "journal_mode=WAL",  # readers never wait for the writer
    # An intent is committed before its create is sent (B15); if the machine lost it with its power, the create would
    # be repeated. So every commit is on the disk before it counts, which NORMAL does not promise in WAL mode.
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "secure_delete=ON",  # what is forgotten is overwritten (A9, D9)
)

_MEANINGS = (
    ("locked", "another process is writing to the store", "wait until it is done, then try again"),
    ("full", "the disk is full", "make room, then try again: what was not written is planned again"),
    ("readonly", "the store can't be written", "give us the right to write the file and its folder"),
    ("unable to open", "the store can't be opened", "give us the right to write the file and its folder"),
    ("not a database", "the file is no mailsync store", "give `store` another path"),
    ("malformed", "the store is damaged", "put it back from a backup: contacts are matched again, nothing is deleted"),
    ("disk i/o", "the disk refuses to read or write", "check the disk, then try again"),
)


def locate(place: str | Path) -> Path:
    """The file of a SQLite URL or path. Raises StoreError for what is neither."""
    text = str(place)
    if "://" not in text:
        return Path(text)
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError("store: this is neither a path nor a database's URL", 'give a path: "mailsync.db"') from None
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise StoreError(
            f"store: {url.get_backend_name()} is not supported as it stands here", 'give a path: "mailsync.db"'
        )
    return Path(url.database)


def connect(path: Path) -> Engine:
    """An engine on the file, which is made with mode 600 if there is none. Raises StoreError."""
    _touch(path)
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


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


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A transaction that sees one state of the store. Raises StoreError."""
    with translated(), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """The one writer's transaction; committed at the end, or rolled back as a whole. Raises StoreError."""
    with translated(), engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def translated() -> Generator[None]:
    """Turns the database's errors into StoreError, without statements or values in them."""
    try:
        yield
    except SQLAlchemyError as error:
        raise meaning(error) from None


def meaning(error: SQLAlchemyError) -> StoreError:
    """What an error of the database means to a person."""
    if isinstance(error, IntegrityError):
        return StoreError(
            "two pairs of a user would share one mailbox item; nothing of this step was stored",
            "run the session again; if it comes back: mailsync reset USER (nothing is deleted by that)",
        )
    said = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
    for word, message, remedy in _MEANINGS:
        if word in said.lower():
            return StoreError(message, remedy)
    return StoreError(f"the store failed: {said}", "try again; if it comes back, put the store back from a backup")
