"""The database's revision: made and upgraded by Alembic, which is imported only where there is something to upgrade."""

from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from mailsync.errors import StoreError
from mailsync.store import tables as t
from mailsync.store.database import Database
from mailsync.store.engine import reading
from mailsync.store.places import open_database
from mailsync.store.tables import REVISION
from mailsync.telemetry import tell

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(place: str | Path) -> tuple[str, str]:
    """Upgrades the database of `mailsync db upgrade`; returns its revision before ("": new) and after.

    Raises StoreError: written by a newer mailsync, another program's database, can't be opened.
    """
    database = open_database(place)
    try:
        found = ensure_revision(database)
        return found, max(found, REVISION)  # a newer one that we can work with stays what it is
    finally:
        database.engine.dispose()


def ensure_revision(database: Database) -> str:
    """Brings the database to this program's revision, in one transaction; returns what it was. Raises StoreError."""
    with reading(database.engine) as connection:
        found = find_revision(connection)
        fits = found == REVISION or is_readable(connection, found)
    if not fits:
        with database.alone() as connection:
            # Looked at again: another process may have upgraded it while we waited for the writer's turn.
            if find_revision(connection) != REVISION:
                _migrate(connection, found)
        tell("store.upgraded", before=found, after=REVISION)
    return found


def is_readable(connection: Connection, found: str) -> bool:
    """Whether a database of a newer revision says that programs of ours can work with it (decision 0024)."""
    if found <= REVISION:
        return False
    columns = {column["name"] for column in inspect(connection).get_columns("installation")}
    if t.installation.c.readable_from.name not in columns:
        return False
    oldest = connection.execute(select(t.installation.c.readable_from)).scalar()
    return oldest is not None and oldest <= REVISION


def find_revision(connection: Connection) -> str:
    """The database's revision, "" where it is empty. Raises StoreError for another program's."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    if tables:
        raise StoreError("the store is another program's database", "give `store` another place")
    return ""


def _migrate(connection: Connection, found: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found and found not in known:
        raise StoreError(
            f"the store was written by a newer mailsync (its revision is {found}, ours is {REVISION})",
            "install that version, or put back the store from before its upgrade",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
