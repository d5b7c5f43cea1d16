"""A store is opened: made or upgraded as needed, and known again (A1)."""

from pathlib import Path

from mailsync.errors import StoreError
from mailsync.store.identity import identify
from mailsync.store.places import open_database
from mailsync.store.schema import ensure_revision
from mailsync.store.secrets import Secrets
from mailsync.store.store import SqlStore


def open_store(place: str | Path, secrets: Secrets) -> SqlStore:
    """Opens the store at a path or a database's URL, made or upgraded as needed; the key file is made with a new store.
    Raises StoreError: can't be opened or written, newer than this program, damaged, wrong or missing key."""
    database = open_database(place)
    try:
        ensure_revision(database)
        return SqlStore(database, identify(database, secrets), secrets)
    except StoreError:
        database.engine.dispose()
        raise
