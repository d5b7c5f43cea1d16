"""The worlds in which histories are played: in memory, and on the real store."""

import gc
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from mailsync.core.changes import FolderMark
from mailsync.store import Secrets, SqlStore, open_store
from tests.laws.histories.play import Played, play
from tests.laws.histories.script import Script


@contextmanager
def many() -> Generator[None]:
    """Where many histories are played: a world is gone once it was played, and hardly anything in it refers back to
    what holds it, so that looking for cycles at every few hundred values (a fifth of the time) is for nothing."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def play_in_memory(seed: int, script: Script | None = None) -> Played:
    """With the store's fake."""
    return play(seed, script)


class Shelves:
    """SQLite stores for one history after the other: each starts as a copy of an empty one, which costs less than a new
    one."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._count = 0
        self.latest = home  # where the latest one lies
        open_store(home / "empty.db", Secrets(home / "empty.key")).close()

    @contextmanager
    def fresh(self) -> Generator[SqlStore]:
        """An empty store, and nothing left of it afterwards."""
        self._count += 1
        place = self._home / f"run{self._count}"
        place.mkdir()
        for name in ("empty.db", "empty.db.seq", "empty.key"):
            if (self._home / name).exists():
                shutil.copy(self._home / name, place / name)
        self.latest = place
        store = open_store(place / "empty.db", Secrets(place / "empty.key"))
        try:
            yield store
        finally:
            store.close()
            shutil.rmtree(place)


@contextmanager
def shelves() -> Generator[Shelves]:
    """In a directory of their own; in memory where the machine has such a one, for commits wait for the disk."""
    quick = Path("/dev/shm")  # noqa: S108 - a place for files of this process alone, made by mkdtemp
    with tempfile.TemporaryDirectory(prefix="mailsync-", dir=quick if quick.is_dir() else None) as home:
        yield Shelves(Path(home))


def play_on_sqlite(seed: int, script: Script | None, kept: Shelves) -> Played:
    """On the real store."""
    with kept.fresh() as store:

        def given(_: FolderMark) -> SqlStore:
            return store

        return play(seed, script, given)
