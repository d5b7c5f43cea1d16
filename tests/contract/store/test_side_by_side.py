"""Zero downtime: while the store is upgraded, programs of the revision before go on reading and writing their rows.

A program of an older revision is played by its own tables, as its migrations made them, and by rows that have its
columns: what it wrote before the upgrade and what it writes after it, beside programs of today.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, delete, insert, select, text, update

from mailsync.errors import StoreError
from mailsync.store import SqlStore, upgrade
from mailsync.store.database import Database
from mailsync.store.places import open_database
from mailsync.store.tables import READABLE_FROM, REVISION
from tests.contract.store.people import make_pair, reopen
from tests.contract.store.test_leaving import fill
from tests.contract.store.test_upgrades import RELEASED, make_old, place_of

OLD = [revision for revision in RELEASED if revision != REVISION]
Rows = Mapping[str, Sequence[dict[str, Any]]]


def write_with_old(connection: Connection, tables: MetaData, rows: Rows) -> None:
    """Inserts rows as a program does that knows these tables and columns alone."""
    for table in tables.sorted_tables:
        known = [{k: v for k, v in row.items() if k in table.c} for row in rows.get(table.name, ())]
        if known:
            connection.execute(insert(table), known)


def take_rows(database: Database) -> Rows:
    """Every row of a store of today, without SQLAlchemy's own types: as the database has them."""
    plain = MetaData()
    with database.engine.connect() as connection:
        plain.reflect(connection)
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in plain.sorted_tables
            if table.name != "alembic_version"
        }


def of_one(rows: Rows, user: str) -> Rows:
    """The rows of one user, the user's own among them."""
    (number,) = [row["id"] for row in rows["users"] if row["name"] == user]
    mine = {name: [r for r in found if r.get("user_id") == number] for name, found in rows.items()}
    return {**mine, "users": [r for r in rows["users"] if r["id"] == number], "installation": ()}


@pytest.fixture
def written(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What two users left in a store, whose key is the one at home."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    store = reopen(elsewhere)
    fill(store, "annelies", "quetzal")
    fill(store, "bertram", "marabou")
    store.close()
    (elsewhere / "mailsync.key").rename(home / "mailsync.key")
    database = open_database(place_of(elsewhere))
    rows = take_rows(database)
    database.engine.dispose()
    return rows


def told(store: SqlStore, user: str) -> dict[str, Any]:
    """All that today's program reads of a user, but for what older ones could not know."""
    exported = dict(store.export(user))
    for later in ("users", "activity", "members", "preset_targets"):
        exported.pop(later, None)
    for hold in exported["holds"]:
        hold.pop("typed", None)
    return exported


@pytest.mark.parametrize("revision", OLD)
def test_rows_of_an_old_program_are_read_today_whether_it_wrote_them_before_or_after(
    home: Path, written: Rows, revision: str
) -> None:
    make_old(home, revision)
    database, old = open_database(place_of(home)), MetaData()
    with database.alone() as connection:
        old.reflect(connection)
        installation = {"installation": written["installation"]}
        write_with_old(connection, old, {**of_one(written, "annelies"), **installation})
    assert upgrade(place_of(home)) == (revision, REVISION)
    with database.alone() as connection:
        write_with_old(connection, old, of_one(written, "bertram"))
    store = reopen(home)
    for user, other in (("annelies", "bertram"), ("bertram", "annelies")):
        kept = told(store, user)
        assert all(kept[name] for name in kept if name in old.tables), revision
        assert len(list(store.pairs(user))) == len(store.holds(user)) == len(store.history(user)) == 1
        assert other not in str(kept)
    store.close()
    database.engine.dispose()


@pytest.mark.parametrize("revision", OLD)
def test_an_old_program_goes_on_in_rows_of_todays(home: Path, written: Rows, revision: str) -> None:
    """It takes the lock, replaces a pair, ends its session and forgets a row, in what a program of today wrote."""
    make_old(home, revision)
    database, old = open_database(place_of(home)), MetaData()
    with database.alone() as connection:
        old.reflect(connection)
    upgrade(place_of(home))
    with database.alone() as connection:
        everything = MetaData()
        everything.reflect(connection)
        write_with_old(connection, everything, written)
        users, pairs, settings = (old.tables[name] for name in ("users", "pairs", "settings"))
        (number,) = connection.execute(select(users.c.id).where(users.c.name == "annelies")).one()
        connection.execute(update(users).where(users.c.id == number).values(fence=7, holder="old/worker"))
        (row,) = connection.execute(select(pairs).where(pairs.c.user_id == number)).mappings().all()
        connection.execute(delete(pairs).where(pairs.c.user_id == number))
        connection.execute(insert(pairs), [{**row, "record": make_pair(3).record}])
        connection.execute(delete(settings).where(settings.c.user_id == number))
        connection.execute(update(users).where(users.c.id == number).values(holder="", next_run_at=None))
    store = reopen(home)
    assert [pair.record for pair in store.pairs("annelies")] == [make_pair(3).record]
    assert store.settings("annelies") == {}
    assert store.settings("bertram") != {}
    assert len(list(store.pairs("bertram"))) == 1
    store.close()
    database.engine.dispose()


def make_newer(home: Path, readable_from: str) -> None:
    """The store as a program of a later revision leaves it: with more than this one knows of."""
    database = open_database(place_of(home))
    with database.alone() as connection:
        connection.execute(text("CREATE TABLE later (id INTEGER PRIMARY KEY)"))
        connection.execute(text("ALTER TABLE pairs ADD COLUMN later TEXT DEFAULT 'x' NOT NULL"))
        connection.execute(text("ALTER TABLE installation ADD COLUMN later TEXT"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE installation SET readable_from = :r"), {"r": readable_from})
    database.engine.dispose()


def test_a_program_can_be_started_on_a_newer_store_that_says_so(home: Path) -> None:
    store = reopen(home)
    fill(store, "annelies", "quetzal")
    mark, kept = store.installation, store.export("annelies")
    store.close()
    make_newer(home, READABLE_FROM)
    assert upgrade(place_of(home)) == ("9999", "9999")
    again = reopen(home)
    assert (again.installation, again.export("annelies")) == (mark, kept)
    fill(again, "bertram", "marabou")
    assert len(list(again.pairs("bertram"))) == 1
    again.close()


def test_a_program_is_not_started_on_a_store_that_became_another(home: Path) -> None:
    reopen(home).close()
    make_newer(home, "9998")
    with pytest.raises(StoreError, match="newer"):
        reopen(home)


@pytest.mark.parametrize("revision", OLD)
def test_what_is_upgraded_says_from_which_revision_on_it_can_be_read(home: Path, revision: str) -> None:
    make_old(home, revision)
    upgrade(place_of(home))
    reopen(home).close()
    database = open_database(place_of(home))
    with database.alone() as connection:
        oldest = connection.execute(text("SELECT readable_from FROM installation")).scalar()
    database.engine.dispose()
    assert oldest == READABLE_FROM
