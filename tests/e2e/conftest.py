"""Fixtures of the scenes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, stage


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    """The empty world, ann's mailbox and organisation, nothing synced yet."""
    with stage(tmp_path) as standing:
        yield standing


@pytest.fixture
def synced(scene: Stage) -> Stage:
    """The same after a first session: the folder and the category exist."""
    scene.sync()
    return scene
