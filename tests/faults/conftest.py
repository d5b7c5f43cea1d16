"""One busy world for each kind of mailbox, for a module's tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from typer import testing
from typer.main import get_command

from tests.crash.scene import playing
from tests.e2e.stage import Stage, stage
from tests.faults.busy import Busy, open_busy, skip_waits, take_small_pages


@pytest.fixture(scope="module")
def busy_with() -> Iterator[Callable[[str], Busy]]:
    """The busy world of a kind of mailbox, prepared when it is first asked for."""
    found: dict[str, Busy] = {}
    with ExitStack() as open_worlds, pytest.MonkeyPatch.context() as patched:
        take_small_pages(patched)
        patched.setattr(testing, "_get_command", cache(get_command))  # made anew it is a tenth of a cell's time

        def give(kind: str) -> Busy:
            if kind not in found:
                found[kind] = open_busy(open_worlds.enter_context(playing(kind)))
            return found[kind]

        yield give


@pytest.fixture
def busy(busy_with: Callable[[str], Busy]) -> Busy:
    """Ann's on Exchange."""
    return busy_with("exchange")


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
