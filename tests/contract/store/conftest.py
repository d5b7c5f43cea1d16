"""The store's suite runs on both databases: SQLite in a file, PostgreSQL on a server of the tests' own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsync.store import SqlStore
from tests.contract.store.people import reopen
from tests.services.postgres import Server, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server; each test takes an empty schema of it."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An installation's folder, with a place for its store on either database."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        (tmp_path / "store.url").write_text(server.fresh())
    return tmp_path


@pytest.fixture
def store(home: Path) -> Iterator[SqlStore]:
    opened = reopen(home)
    yield opened
    opened.close()
