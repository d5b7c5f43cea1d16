from collections.abc import Generator
from pathlib import Path

import pytest

from mailsync.sandbox.server import running_sandbox
from tests.e2e.cli.desk import Desk
from tests.services.postgres import stores_on


@pytest.fixture
def desk(keeps: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Generator[Desk]:
    """Ann's desk in the world acme; nothing has been synced yet."""
    with stores_on(keeps), running_sandbox("acme") as box:
        yield Desk(box, tmp_path, capsys)


@pytest.fixture
def synced(desk: Desk) -> Desk:
    """The same after a first session."""
    assert desk.sync()["status"] == "done"
    return desk
