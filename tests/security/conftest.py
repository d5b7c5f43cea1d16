"""The desk of the command line's tests, its store in a file."""

from collections.abc import Generator
from pathlib import Path

import pytest

from mailsync.sandbox.server import running_sandbox
from tests.e2e.cli.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Generator[Desk]:
    """Ann's desk in the world acme; nothing has been synced yet."""
    with running_sandbox("acme") as box:
        yield Desk(box, tmp_path, capsys)
