"""Every boundary at which a program can be cut off from the world: a request before it is sent and after it was
carried out, a commit before and after it counts. `watched` shows each one to a visitor, in order.

One place for all vendors: whatever client library asks, its request passes requests' HTTPAdapter. One place for all
stores: whatever method writes, its transaction ends in SQLAlchemy's dialect.
"""

import re
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from mailsync.session.threads import Threads

Visitor = Callable[[str, str], None]
"""Is told the phase, `before` or `after`, and what the boundary is of; it may end the process."""

ORDERS = ("crm first", "mailbox first")
"""Which side's feed answers first. Both are asked in parallel; here one waits until the other is done."""


@contextmanager
def watched(visit: Visitor) -> Generator[None]:
    """Shows every boundary of this process to the visitor while the context lasts."""
    send, commit = HTTPAdapter.send, DefaultDialect.do_commit
    has_written = _Writes()

    def watched_send(self: HTTPAdapter, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        what = _name_request(request)
        visit("before", what)
        response = send(self, request, *args, **options)
        visit("after", what)
        return response

    def watched_commit(self: DefaultDialect, connection: Any) -> None:
        own = getattr(connection, "dbapi_connection", connection)  # past SQLAlchemy's pool, which lends a new proxy
        if not has_written(own) or _is_heartbeat():
            return commit(self, connection)
        visit("before", "commit")
        commit(self, connection)
        return visit("after", "commit")

    event.listen(Engine, "after_cursor_execute", has_written.note)
    HTTPAdapter.send = watched_send  # type: ignore[method-assign]
    DefaultDialect.do_commit = watched_commit  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPAdapter.send, DefaultDialect.do_commit = send, commit  # type: ignore[method-assign]
        event.remove(Engine, "after_cursor_execute", has_written.note)


def _is_heartbeat() -> bool:
    """How often a lock is renewed is a matter of time: on a busy machine it would shift all boundaries after it."""
    return threading.current_thread().name.startswith("heartbeat")


_ASSIGNED = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
_WRITING = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER")


@dataclass
class _Writes:
    """Whether the open transaction of a connection has changed a row: only that is a boundary."""

    counted: dict[int, tuple[Any, int]] = field(default_factory=dict[int, tuple[Any, int]])
    wrote: set[int] = field(default_factory=set[int])

    def note(self, _: Any, cursor: Any, statement: str, *__: Any) -> None:
        """A statement was executed (SQLAlchemy's after_cursor_execute)."""
        if cursor.rowcount and statement.lstrip().startswith(_WRITING):
            self.wrote.add(id(cursor.connection))

    def __call__(self, connection: Any) -> bool:
        """SQLite counts the rows that a connection has changed. PostgreSQL says whether there is anything to commit, be
        it only a lock (FOR UPDATE): so it counts with a statement that has changed a row."""
        if isinstance(connection, psycopg.Connection):
            wrote = id(connection) in self.wrote
            self.wrote.discard(id(connection))
            return wrote and bool(connection.execute(_ASSIGNED).fetchone()[0])
        # With the connection itself, so that no other gets its id.
        known, changed = self.counted.get(id(connection), (None, 0))[1], int(connection.total_changes)
        self.counted[id(connection)] = (connection, changed)
        return changed != known


def _name_request(request: PreparedRequest) -> str:
    """What a request asks for, without values: EWS's operation, else the method and the path without ids."""
    body = request.body or b""
    text = body if isinstance(body, str) else bytes(body[:2000]).decode(errors="replace")
    operation = re.search(r"Body>\s*<(?:\w+:)?(\w+)", text) if "Envelope" in text else None
    path = re.sub(r"/[^/]{15,}", "/*", urlsplit(str(request.url)).path)
    return operation[1] if operation else f"{request.method} {path}"


def _in_turn(_self: Threads, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    one, other = _attempt(first), _attempt(second)
    return one.result(), other.result()


def _in_reverse(_self: Threads, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    other, one = _attempt(second), _attempt(first)
    return one.result(), other.result()


def _attempt(work: Callable[[], Any]) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 - it belongs to whoever asks for the result, as with threads
        future.set_exception(error)
    return future


@contextmanager
def ordered(order: str) -> Generator[None]:
    """Lets one side's feed answer before the other is asked, so that a run is the same each time."""
    before = Threads.both
    Threads.both = {"crm first": _in_turn, "mailbox first": _in_reverse}[order]  # type: ignore[method-assign]
    try:
        yield
    finally:
        Threads.both = before  # type: ignore[method-assign]
