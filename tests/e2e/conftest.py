"""Fixtures of the scenes. A module says in KINDS on which kinds of mailboxes its scenes are played, a scene of one
vendor alone by `@pytest.mark.played_on(KIND, reason=…)`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, stage


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "played_on(kind, reason): the scene is about one kind of mailbox")
    config.addinivalue_line("markers", "row(hold, answer): the row of C7's table that the scene plays")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = any("kind" in str(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize"))
    if "kind" in metafunc.fixturenames and not own:
        only = metafunc.definition.get_closest_marker("played_on")
        kinds = only.args if only else getattr(metafunc.module, "KINDS", ("exchange",))
        metafunc.parametrize("kind", kinds)


@pytest.fixture
def scene(tmp_path: Path, kind: str) -> Iterator[Stage]:
    """The empty world, ann's mailbox and organisation, nothing synced yet."""
    with stage(tmp_path, kind=kind) as standing:
        yield standing


@pytest.fixture
def synced(scene: Stage) -> Stage:
    """The same after a first session: the folder and the category exist."""
    scene.sync()
    return scene
