"""L2, L5: what our own machine does wrong – a full disk, a database that somebody else holds – at every step."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mailsync.sandbox.log import Entry, RequestLog
from mailsync.store import fence, sqlite
from tests.crash.ending import take_picture
from tests.faults.busy import Busy, converge, read_cursors, run_session, show_vendors
from tests.services.postgres import stores_on

PAGES = range(7)
"""How many pages more the database may have: with none the session stops at its first step, with some near its end."""


@pytest.fixture(scope="module", autouse=True)
def on_file() -> Iterator[None]:
    """These faults are SQLite's own, wherever others keep their stores."""
    with stores_on("sqlite"):
        yield


@pytest.mark.parametrize("pages", PAGES)
def test_L2_L5_the_disk_is_full(
    busy: Busy, monkeypatch: pytest.MonkeyPatch, pages: int, record_property: Callable[[str, object], None]
) -> None:
    """SQLite says SQLITE_FULL where max_page_count is reached, as it does where a write finds no room."""
    scene = busy.scene
    scene.restore(busy.start)
    before = read_cursors(scene)
    with sqlite3.connect(scene.home / "mailsync.db") as opened:
        opened.execute("VACUUM")
        (count,) = opened.execute("PRAGMA page_count").fetchone()
    opened.close()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "_PRAGMAS", (*sqlite._PRAGMAS, f"max_page_count={count + pages}"))
        report = run_session(scene)
    assert pages or report["status"] == "failed", "the disk was not full"
    if report["status"] == "failed":
        assert "the disk is full" in report["reason"], report
        assert read_cursors(scene) == before
    else:
        assert show_vendors(take_picture(scene)) == show_vendors(busy.end)
    monkeypatch.setattr(fence, "is_dead", lambda _holder: True)  # the lock of a session that could not be ended
    converge(busy)
    record_property("figure", ["fault cells", 1, 1])


@contextmanager
def held_from(busy: Busy, request: int) -> Iterator[None]:
    """Another process holds the database from the answer to the n-th request on, until the session has ended."""
    other = sqlite3.connect(busy.scene.home / "mailsync.db", isolation_level=None, check_same_thread=False, timeout=30)
    add, count = RequestLog.add, 0

    def watch(log: RequestLog, entry: Entry) -> None:
        nonlocal count
        add(log, entry)
        if count == request:
            other.execute("BEGIN IMMEDIATE")
        count += 1

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(RequestLog, "add", watch)
        try:
            yield
        finally:
            assert other.in_transaction, "the session has ended before"
            other.execute("ROLLBACK")
            other.close()


@pytest.mark.parametrize("request_number", range(0, 23, 2))
def test_L2_L5_another_process_holds_the_database(
    busy: Busy, monkeypatch: pytest.MonkeyPatch, request_number: int, record_property: Callable[[str, object], None]
) -> None:
    scene = busy.scene
    scene.restore(busy.start)
    before = read_cursors(scene)
    monkeypatch.setattr(sqlite, "_PRAGMAS", (*sqlite._PRAGMAS, "busy_timeout=50"))
    with held_from(busy, request_number):
        report = run_session(scene)
    assert report["status"] == "failed", report
    assert "another process is writing to the store" in report["reason"], report
    assert read_cursors(scene) == before
    # What could not be stored is the session's end, too: its lock falls with its process, or within a minute.
    monkeypatch.setattr(fence, "is_dead", lambda _holder: True)
    converge(busy)
    record_property("figure", ["fault cells", 1, 1])
