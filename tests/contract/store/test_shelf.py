"""Tests' own way of setting a store back (tests/services/shelf.py): unnoticed, or as an administrator does it (A1)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailsync.ports.ledger import Batch
from mailsync.session.agent import Keys
from mailsync.store import Secrets, SqlStore, open_store
from tests.services.postgres import STORES, stores_on
from tests.services.shelf import Shelf, open_shelf

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture(params=STORES)
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    with stores_on(request.param):
        yield open_shelf(tmp_path / "mailsync.db")


def opened(shelf: Shelf, home: Path) -> SqlStore:
    return open_store(shelf.place or home / "mailsync.db", Secrets(home / "mailsync.key"))


def play_session(shelf: Shelf, home: Path) -> int:
    """A session that stores something; its number."""
    store = opened(shelf, home)
    try:
        fence = store.begin("ann", NOW)
        store.commit("ann", fence, Batch(state={Keys.MAILBOX_CURSOR: f"cursor {fence}"}), NOW)
        store.finish("ann", fence, {"user": "ann"}, NOW)
        return fence
    finally:
        store.close()


def test_a_store_that_is_set_back_is_as_it_was_and_does_not_notice(shelf: Shelf, tmp_path: Path) -> None:
    first = play_session(shelf, tmp_path)
    kept = shelf.keep()
    assert [play_session(shelf, tmp_path) for _ in range(2)] == [first + 1, first + 2]
    shelf.set_back(kept)
    assert shelf.keep() == kept
    store = opened(shelf, tmp_path)
    assert store.state("ann")[Keys.MAILBOX_CURSOR] == f"cursor {first}"
    assert not store.state("ann").get(Keys.REPAIRING)
    assert [past.number for past in store.sessions("ann", 9)] == [first]
    store.close()
    assert play_session(shelf, tmp_path) == first + 1


def test_A1_a_backup_that_is_put_back_is_noticed(shelf: Shelf, tmp_path: Path) -> None:
    first = play_session(shelf, tmp_path)
    kept = shelf.keep()
    play_session(shelf, tmp_path)
    shelf.put_backup_back(kept)
    store = opened(shelf, tmp_path)
    assert [past.number for past in store.sessions("ann", 9)] == [first]
    assert store.state("ann")[Keys.REPAIRING] is True
    store.close()


def test_a_store_that_is_cleared_is_gone_and_is_set_back_to_nothing(shelf: Shelf, tmp_path: Path) -> None:
    nothing = shelf.keep()
    assert nothing == {}
    play_session(shelf, tmp_path)
    assert "pairs" in shelf.tables()
    assert b"cursor 1" in b"".join(content for _, content in shelf.contents())
    assert [row["name"] for row in shelf.rows("users")] == ["ann"]
    shelf.set_back(nothing)
    assert (shelf.keep(), list(shelf.rows("users")), list(shelf.tables())) == ({}, [], [])
