"""One busy world for a module's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, stage
from tests.faults.busy import WORLD, Busy, open_busy, skip_waits


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    with stage(tmp_path_factory.mktemp("busy"), WORLD) as scene:
        yield open_busy(scene)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits between two tries; how long each wait would have been."""
    return skip_waits(monkeypatch)


@pytest.fixture
def synced(tmp_path: Path) -> Iterator[Stage]:
    """A world of its own, after a first session."""
    with stage(tmp_path) as scene:
        scene.sync()
        yield scene
