"""The engine's suite runs on both: threads over SQLite, PgQueuer over PostgreSQL."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from mailsync.bootstrap import SystemClock
from mailsync.engine.embedded import EmbeddedEngine
from mailsync.engine.pgqueue import PgQueueEngine
from mailsync.ports.engine import Engine
from mailsync.ports.ledger import Batch
from mailsync.ports.schedule import Home
from mailsync.store import Secrets, SqlStore, open_store
from tests.services.postgres import Server, running_postgres

ORG = Home("salesforce acme", "google acme")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with running_postgres() as server:
        yield server


def now() -> datetime:
    return SystemClock().now()


@dataclass
class Works:
    """A store with its engine, and what became of the turns."""

    store: SqlStore
    engine: Engine
    url: str = ""
    turns: list[str] = field(default_factory=list[str])
    stopping: threading.Event = field(default_factory=threading.Event)
    left: list[int] = field(default_factory=list[int])

    def enrol(self, *users: str) -> None:
        """All due by now."""
        self.store.schedule.enrol(dict.fromkeys(users, ORG), now)

    def turn(self, user: str) -> None:
        """A session: begun, ended, due again in half an hour."""
        self.turns.append(user)
        fence = self.store.begin(user, now())
        later = now().replace(year=now().year + 1).isoformat()
        self.store.commit(user, fence, Batch(state={"next_run": later}), now())
        self.store.finish(user, fence, {}, now())

    def start(self, turn: Callable[[str], None] | None = None) -> threading.Thread:
        """A worker in a thread."""

        def work() -> None:
            self.left.append(self.engine.run_worker(turn or self.turn, self.stopping))

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def stop(self, thread: threading.Thread) -> int:
        """Asks it to stop; how many turns had not ended."""
        self.stopping.set()
        thread.join(60)
        assert not thread.is_alive()
        return self.left[-1]


def wait_until(holds: Callable[[], object], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


def make_pgqueue(url: str, store: SqlStore, sessions: int = 2, grace: float = 5) -> PgQueueEngine:
    engine = PgQueueEngine(url, store.schedule, sessions, grace)
    engine.install()
    return engine


@pytest.fixture
def shared(postgres: Server, tmp_path: Path) -> Iterator[Works]:
    """Works on PostgreSQL."""
    url = postgres.fresh()
    store = open_store(url, Secrets(tmp_path / "key"))
    works = Works(store, make_pgqueue(url, store), url)
    yield works
    works.engine.close()
    store.close()


@pytest.fixture(params=["embedded", "pgqueuer"])
def works(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Works]:
    if request.param == "pgqueuer":
        yield request.getfixturevalue("shared")
        return
    store = open_store(tmp_path / "mailsync.db", Secrets(tmp_path / "key"))
    yield Works(store, EmbeddedEngine(store.schedule, 2, 5, now))
    store.close()
