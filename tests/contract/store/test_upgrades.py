"""Each released revision goes up to today's, on either database, with what it held."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from mailsync.ports.ledger import Batch
from mailsync.store import migrations, upgrade
from mailsync.store.places import open_database
from mailsync.store.tables import REVISION
from tests.contract.store.people import NOW, make_pair, reopen

SCRIPTS = Config()
SCRIPTS.set_main_option("script_location", str(Path(migrations.__file__).parent))
RELEASED = sorted(script.revision for script in ScriptDirectory.from_config(SCRIPTS).walk_revisions())


def place_of(home: Path) -> str:
    named = home / "store.url"
    return named.read_text() if named.exists() else str(home / "mailsync.db")


def make_old(home: Path, revision: str) -> None:
    """An installation as a program of that revision left it: today's with a pair, then its tables as they were."""
    database = open_database(place_of(home))
    with database.alone() as connection:
        config = Config()
        config.set_main_option("script_location", SCRIPTS.get_main_option("script_location") or "")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    database.engine.dispose()


def take_schedule_away(connection: Connection) -> None:
    """What the revisions 0004, 0007, 0008 and 0009 added."""
    for index in ("ix_users_due", "ix_users_queued", "ix_pairs_left"):
        connection.execute(text(f"DROP INDEX {index}"))
    for column in ("organisation", "priority", "asked", "asleep", "queued", "mailbox"):
        connection.execute(text(f"ALTER TABLE users DROP COLUMN {column}"))
    for table in ("organisations", "gates", "feeds", "feed_candidates", "feed_views"):
        connection.execute(text(f"DROP TABLE {table}"))
    connection.execute(text("CREATE INDEX ix_users_next_run_at ON users (next_run_at)"))


def take_administration_away(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE installation DROP COLUMN readable_from"))
    for table in ("presets", "preset_settings", "preset_targets", "members", "activity"):
        connection.execute(text(f"DROP TABLE {table}"))


@pytest.mark.parametrize("revision", RELEASED)
def test_a_store_of_each_revision_is_brought_up(home: Path, revision: str) -> None:
    make_old(home, revision)
    assert upgrade(place_of(home)) == (revision, REVISION)
    store = reopen(home)
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=(make_pair(1),)), NOW)
    mark = store.installation
    store.close()
    again = reopen(home)
    assert again.installation == mark
    assert list(again.pairs("ann")) == [make_pair(1)]
    again.close()


def test_A1_an_installation_of_the_first_revision_stays_the_same(home: Path) -> None:
    """It never knew where it was; that is learnt, not taken for a restored store."""
    store = reopen(home)
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(state={"repairing": False}), NOW)
    mark = store.installation
    store.close()
    database = open_database(place_of(home))
    with database.alone() as connection:
        connection.execute(text("ALTER TABLE installation DROP COLUMN place"))
        connection.execute(text("ALTER TABLE holds DROP COLUMN typed"))
        take_administration_away(connection)
        take_schedule_away(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    database.engine.dispose()
    again = reopen(home)
    assert again.installation == mark
    assert again.state("ann")["repairing"] is False
    again.close()


def test_C3_E5_who_slept_before_there_was_a_schedule_sleeps_on(home: Path) -> None:
    store = reopen(home)
    for user, state in (
        ("ann", {"paused": True, "suspended": "failing"}),
        ("bob", {"paused": False, "suspended": ""}),
        ("cem", {"suspended": "needs_login"}),
        ("dan", {"suspended": "failing"}),
    ):
        store.save_state(user, state)
    store.close()
    database = open_database(place_of(home))
    with database.alone() as connection:
        take_administration_away(connection)
        take_schedule_away(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    database.engine.dispose()
    again = reopen(home)
    asleep = {user: slot.asleep for user in again.users() if (slot := again.schedule.slot(user))}
    assert asleep == {"ann": "paused", "bob": "", "cem": "needs_login", "dan": "failing"}
    again.close()


def test_the_newest_migration_is_what_the_tables_say() -> None:
    assert RELEASED[-1] == REVISION
