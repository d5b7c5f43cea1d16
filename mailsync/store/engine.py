"""Transactions on either database, and what its errors mean to a person."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from mailsync.errors import StoreError

_MEANINGS = (
    ("locked", "another process is writing to the store", "wait until it is done, then try again"),
    ("full", "the disk is full", "make room, then try again: what was not written is planned again"),
    ("readonly", "the store can't be written", "give us the right to write the file and its folder"),
    ("unable to open", "the store can't be opened", "give us the right to write the file and its folder"),
    ("not a database", "the file is no mailsync store", "give `store` another path"),
    ("malformed", "the store is damaged", "put it back from a backup: contacts are matched again, nothing is deleted"),
    ("does not exist", "there is no such database or user", "make it, or correct `store`"),
    ("authentication failed", "the database refuses the log-in", "check user and password of `store`"),
    ("resolve host", "the database can't be reached", "check `store`, the network and whether the server is running"),
    ("connection", "the database can't be reached", "check `store`, the network and whether the server is running"),
    ("disk i/o", "the disk refuses to read or write", "check the disk, then try again"),
)


_STATES = (
    ("08", "the database can't be reached", "check `store`, the network and whether the server is running"),
    ("28", "the database refuses the log-in", "check user and password of `store`"),
    ("3D", "there is no such database", "make it, or correct `store`"),
    ("42501", "the database refuses the right to do this", "give the user of `store` all rights on its schema"),
    ("40", "two processes wrote the same at once", "try again: what was not written is planned again"),
    ("53100", "the database's disk is full", "make room, then try again: what was not written is planned again"),
    ("53", "the database has no room for another connection", "raise max_connections, or run fewer workers"),
    ("55P03", "another process holds a lock of the store", "wait until it is done, then try again"),
    ("57", "the database is being shut down or ended the connection", "start it again, then try again"),
    ("25006", "the database takes no writes (a standby)", "let `store` name the primary server"),
)
"""Beginnings of SQLSTATEs (PostgreSQL, appendix A). Its messages may hold values, so they are never shown."""


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A transaction that sees one state of the store. Raises StoreError."""
    with translated(), _transaction(engine, **_reading(engine)) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """A writing transaction, committed at the end, or rolled back as a whole. SQLite has one writer at a time; on
    PostgreSQL writers of one user take turns by the lock on the user's row (fence.py). Raises StoreError.
    """
    with translated(), _transaction(engine, writes=True) as connection:
        yield connection


@contextmanager
def _transaction(engine: Engine, **options: Any) -> Generator[Connection]:
    """Options of a connection: an engine with options is made anew each time, which costs as much as a statement."""
    with engine.connect() as connection:
        if options:
            connection.execution_options(**options)
        with connection.begin():
            yield connection


def _reading(engine: Engine) -> dict[str, str]:
    return {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}


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
    state = str(getattr(getattr(error, "orig", None), "sqlstate", "") or "")
    for beginning, message, remedy in _STATES:
        if state.startswith(beginning):
            return StoreError(message, remedy)
    said = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
    if state:
        return StoreError(f"the store failed: SQLSTATE {state}", "look into the database's log")
    for word, message, remedy in _MEANINGS:
        if word in said.lower():
            return StoreError(message, remedy)
    return StoreError(f"the store failed: {said}", "try again; if it comes back, put the store back from a backup")
