"""A store looked at from outside, on both databases: what is found, and that nothing is changed by it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailsync.errors import StoreError
from mailsync.ports.ledger import Batch
from mailsync.store import Secrets, SqlStore
from mailsync.store.inspection import inspect_store
from mailsync.store.places import file_of, open_database
from mailsync.store.tables import REVISION
from tests.contract.store.people import NOW, make_hold, reopen
from tests.contract.store.test_upgrades import make_old, place_of


def test_a_store_that_is_well(home: Path) -> None:
    reopen(home).close()
    found = inspect_store(place_of(home), Secrets(home / "mailsync.key"))
    assert (found.revision, found.key, found.doubted, found.broken) == (REVISION, None, False, ())
    assert found.kind == ("sqlite" if file_of(place_of(home)) else "postgresql")
    if found.kind == "postgresql":
        assert found.clock is not None
        assert abs(datetime.now(UTC) - found.clock) < timedelta(minutes=1)  # noqa: TID251 - the server's clock is real


def test_an_empty_database_and_one_of_before(home: Path) -> None:
    secrets = Secrets(home / "mailsync.key")
    assert inspect_store(place_of(home), secrets).revision == ""
    make_old(home, "0001")
    assert inspect_store(place_of(home), secrets).revision == "0001"
    assert inspect_store(place_of(home), secrets).revision == "0001"  # it was not upgraded by being looked at


def test_a_key_that_does_not_fit(home: Path) -> None:
    reopen(home).close()
    (home / "mailsync.key").unlink()
    Secrets(home / "mailsync.key").create()
    problem = inspect_store(place_of(home), Secrets(home / "mailsync.key")).key
    assert problem is not None
    assert "does not belong" in str(problem)


def test_another_programs_database(home: Path) -> None:
    database = open_database(place_of(home))
    with database.alone() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
    database.engine.dispose()
    with pytest.raises(StoreError, match="another program"):
        inspect_store(place_of(home), Secrets(home / "mailsync.key"))


def test_what_waits_of_all_users_is_counted(store: SqlStore) -> None:
    assert store.inspection.waiting() == {"holds": 0, "issues": 0, "parked": 0}
    for user in ("ann", "bob"):
        fence = store.begin(user, NOW)
        store.commit(user, fence, Batch(holds=(make_hold(f"B12-{user}"),)), NOW)
    assert store.inspection.waiting() == {"holds": 2, "issues": 0, "parked": 0}
