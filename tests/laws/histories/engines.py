"""The worlds in which histories are played: in memory, and on the real store."""

import gc
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mailsync.core.changes import FolderMark
from mailsync.store import Secrets, SqlStore, open_store
from tests.laws.histories.play import Played, play
from tests.laws.histories.script import Script
from tests.services.shelf import open_shelf


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


def play_in_memory(seed: int, script: Script | None = None, *, feed: bool = False) -> Played:
    """With the store's fake; with `feed`, by the organisation's shared feed."""
    return play(seed, script, feed=feed)


class Shelves:
    """Stores for one history after the other, where stores are kept now (postgres.stores_on): each starts as the same
    empty one, which costs less than a new one."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._shelf = open_shelf(home / "mailsync.db")
        self._open().close()
        self._empty = self._shelf.keep()

    @contextmanager
    def fresh(self) -> Generator[SqlStore]:
        """An empty store."""
        self._shelf.set_back(self._empty)
        store = self._open()
        try:
            yield store
        finally:
            store.close()

    def contents(self) -> Mapping[str, bytes]:
        """Every byte of the installation, by file or table."""
        kept = self._shelf.keep()
        others = (path for path in self._home.iterdir() if path.name not in kept)
        return {**kept, **{path.name: path.read_bytes() for path in others}}

    def _open(self) -> SqlStore:
        return open_store(self._shelf.place or self._home / "mailsync.db", Secrets(self._home / "mailsync.key"))


@contextmanager
def shelves() -> Generator[Shelves]:
    """In a directory of their own; in memory where the machine has such a one, for commits wait for the disk."""
    quick = Path("/dev/shm")  # noqa: S108 - a place for files of this process alone, made by mkdtemp
    with tempfile.TemporaryDirectory(prefix="mailsync-", dir=quick if quick.is_dir() else None) as home:
        yield Shelves(Path(home))


def play_on_store(seed: int, script: Script | None, kept: Shelves, *, feed: bool = False) -> Played:
    """On the real store."""
    with kept.fresh() as store:

        def given(_: FolderMark) -> SqlStore:
            return store

        return play(seed, script, given, feed=feed)
