from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsync.store import Secrets, SqlStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(tmp_path / "mailsync.db", Secrets(tmp_path / "mailsync.key"))
    yield opened
    opened.close()
