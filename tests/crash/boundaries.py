"""Every boundary at which a program can be cut off from the world: a request before it is sent and after it was
carried out, a commit before and after it counts. `watched` shows each one to a visitor, in order.

One place for all vendors: whatever client library asks, its request passes requests' HTTPAdapter. One place for all
stores: whatever method writes, its transaction ends in SQLAlchemy's dialect.
"""

import re
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from sqlalchemy.engine.default import DefaultDialect

from mailsync.session import feeds

Visitor = Callable[[str, str], None]
"""Is told the phase, `before` or `after`, and what the boundary is of; it may end the process."""

ORDERS = ("crm first", "mailbox first")
"""Which side's feed answers first. Both are asked in parallel; here one waits until the other is done."""


@contextmanager
def watched(visit: Visitor) -> Generator[None]:
    """Shows every boundary of this process to the visitor while the context lasts."""
    send, commit = HTTPAdapter.send, DefaultDialect.do_commit
    written: dict[int, tuple[Any, int]] = {}  # with the connection itself, so that no other gets its id

    def watched_send(self: HTTPAdapter, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        what = _name_request(request)
        visit("before", what)
        response = send(self, request, *args, **options)
        visit("after", what)
        return response

    def watched_commit(self: DefaultDialect, connection: Any) -> None:
        # Only what changed a row is a boundary: SQLite counts the rows that a connection has changed.
        own = getattr(connection, "dbapi_connection", connection)  # past SQLAlchemy's pool, which lends a new proxy
        changed, known = own.total_changes, written.get(id(own), (None, 0))[1]
        written[id(own)] = (own, changed)
        if changed == known:
            return commit(self, connection)
        visit("before", "commit")
        commit(self, connection)
        return visit("after", "commit")

    HTTPAdapter.send = watched_send  # type: ignore[method-assign]
    DefaultDialect.do_commit = watched_commit  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPAdapter.send, DefaultDialect.do_commit = send, commit  # type: ignore[method-assign]


def _name_request(request: PreparedRequest) -> str:
    """What a request asks for, without values: EWS's operation, else the method and the path without ids."""
    body = request.body or b""
    text = body if isinstance(body, str) else bytes(body[:2000]).decode(errors="replace")
    operation = re.search(r"Body>\s*<(?:\w+:)?(\w+)", text) if "Envelope" in text else None
    path = re.sub(r"/[^/]{15,}", "/*", urlsplit(str(request.url)).path)
    return operation[1] if operation else f"{request.method} {path}"


class _InTurn(ThreadPoolExecutor):
    """One worker: what was submitted first is done before the second is begun."""

    def __init__(self, max_workers: int) -> None:
        super().__init__(max_workers=min(1, max_workers))


class _InReverse(ThreadPoolExecutor):
    """One worker, and of two that are submitted the second is done first."""

    def __init__(self, max_workers: int) -> None:
        super().__init__(max_workers=min(1, max_workers))
        self._waiting: tuple[Future[Any], Callable[[], Any]] | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        if self._waiting is None:
            self._waiting = (Future(), lambda: fn(*args, **options))
            return self._waiting[0]
        second = super().submit(fn, *args, **options)
        super().submit(_settle, *self._waiting)
        self._waiting = None
        return second


def _settle(future: Future[Any], work: Callable[[], Any]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
        future.set_exception(error)


@contextmanager
def ordered(order: str) -> Generator[None]:
    """Lets one side's feed answer before the other is asked, so that a run is the same each time."""
    before = feeds.ThreadPoolExecutor
    feeds.ThreadPoolExecutor = {"crm first": _InTurn, "mailbox first": _InReverse}[order]  # type: ignore[misc]
    try:
        yield
    finally:
        feeds.ThreadPoolExecutor = before  # type: ignore[misc]
