"""Where a store is: a path, or a database's URL."""

from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from mailsync.errors import StoreError
from mailsync.store.database import Database

_REMEDY = 'give a path ("mailsync.db") or postgresql://USER@HOST/DATABASE'


def open_database(place: str | Path) -> Database:
    """The database at a path, a SQLite URL or a PostgreSQL URL. Nothing is made in it yet. Raises StoreError."""
    url = _parse(str(place))
    if url is None:
        from mailsync.store.sqlite import open_sqlite

        return open_sqlite(Path(place))
    if url.get_backend_name() == "postgresql":
        from mailsync.store.postgres import open_postgres

        return open_postgres(url)
    from mailsync.store.sqlite import open_sqlite

    return open_sqlite(Path(url.database or ""))


def file_of(place: str) -> Path | None:
    """The file of a SQLite store; None for a server. Raises StoreError for what is neither."""
    url = _parse(place)
    if url is None:
        return Path(place)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _parse(text: str) -> URL | None:
    """The URL; None for a path. Raises StoreError for what is neither, without the URL: it may hold a password."""
    if "://" not in text:
        return None
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError("store: this is neither a path nor a database's URL", _REMEDY) from None
    kind = url.get_backend_name()
    if kind == "postgresql" and url.database:
        return url
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url
    raise StoreError(f"store: {kind} is not supported as it stands here", _REMEDY)
