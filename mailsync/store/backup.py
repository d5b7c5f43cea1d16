"""A copy of a SQLite store while others go on writing it, whole and checked. Servers have tools of their own."""

import os
import re
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from mailsync.errors import StoreError
from mailsync.store.places import file_of

_NAME = re.compile(r"mailsync-\d{8}T\d{6}Z\.db")
"""A copy's; the store itself may lie in the same folder, and be called mailsync-….db as well."""
_DUMP = "make it with pg_dump, whose dumps are whole however much is written meanwhile (docs/operations.md)"


def back_up(store: str, folder: Path, now: datetime, keep: int) -> Path:
    """Copies the store into a new file of the folder, mode 600, and takes older copies away until `keep` are left (0:
    none is). The key is no part of it, nor is the witness, or a restored copy would not be noticed (A1).

    Raises StoreError: a PostgreSQL store, no store yet, a folder that can't be written, a copy that is not whole.
    """
    source = file_of(store)
    if source is None:
        raise StoreError("a PostgreSQL store is not backed up by mailsync", _DUMP)
    if not source.is_file():
        raise StoreError(f"there is no store {source} yet", "run a session first")
    target = folder / f"mailsync-{now:%Y%m%dT%H%M%SZ}.db"
    unfinished = target.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        _copy(source, unfinished)
        unfinished.replace(target)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StoreError(
            f"no backup was made in {folder}: {reason}", "see that it can be written and has room"
        ) from None
    _take_away(folder, keep)
    return target


def _copy(source: Path, target: Path) -> None:
    """Page by page (SQLite's backup API): the copy is the store as it was at one moment, write-ahead log included."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new, pages=1000, sleep=0.01)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        (verdict,) = new.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError("the store is damaged")


def _take_away(folder: Path, keep: int) -> None:
    """The oldest copies beyond so many; their names are in the order of their age."""
    if keep:
        for old in sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))[:-keep]:
            with suppress(OSError):
                old.unlink()
