"""Fixtures of the scenes. A module says in KINDS on which kinds of mailboxes its scenes are played, a scene of one
vendor alone by `@pytest.mark.played_on(KIND, reason=…)`.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import pytest

from tests.e2e.stage import FEED, Stage, stage
from tests.services.postgres import STORES, Server, present_server, running_postgres, stores_on

EVERY = 4
"""Every so-manieth scene is played once more with its store on PostgreSQL; all are with `--store postgresql`."""


def pytest_configure(config: pytest.Config) -> None:
    os.environ[FEED] = "on" if config.getoption("--feed", default=False) else ""
    config.addinivalue_line("markers", "on_file(reason): the test is about a store in a file, wherever others are")
    config.addinivalue_line("markers", "played_on(kind, reason): the scene is about one kind of mailbox")
    config.addinivalue_line("markers", "row(hold, answer): the row of C7's table that the scene plays")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    test, names = metafunc.definition, metafunc.fixturenames
    own = any("kind" in str(mark.args[0]) for mark in test.iter_markers("parametrize"))
    kinds: Sequence[str] = ()
    if "kind" in names and not own:
        only = test.get_closest_marker("played_on")
        kinds = only.args if only else getattr(metafunc.module, "KINDS", ("exchange",))
    number = crc32(test.nodeid.encode())
    bound = own or "keeps" not in names or test.get_closest_marker("on_file") is not None
    if bound or number % EVERY or metafunc.config.getoption("--store") != STORES[0]:
        if kinds:
            metafunc.parametrize("kind", kinds)
    elif kinds:
        chosen = kinds[number // EVERY % len(kinds)]
        played = [*((kind, "") for kind in kinds), (chosen, "postgresql")]
        metafunc.parametrize(("kind", "placed"), played, ids=["-".join(filter(None, one)) for one in played])
    else:
        metafunc.parametrize("placed", ("", "postgresql"), ids=("sqlite", "postgresql"))


@pytest.fixture
def placed() -> str:
    """Where the test itself wants the store to be; "": where all are."""
    return ""


@pytest.fixture(scope="session")
def second_server() -> Iterator[Server]:
    """For scenes that are played on PostgreSQL, too."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def keeps(request: pytest.FixtureRequest, placed: str) -> Iterator[str]:
    """What the scene's store is on, one of postgres.STORES."""
    present = present_server()
    if request.node.get_closest_marker("on_file") or not (placed or present):
        yield "sqlite"
        return
    with stores_on("postgresql", present or request.getfixturevalue("second_server")):
        yield "postgresql"


@pytest.fixture
def scene(tmp_path: Path, kind: str, keeps: str) -> Iterator[Stage]:
    """The empty world, ann's mailbox and organisation, nothing synced yet."""
    with stores_on(keeps), stage(tmp_path, kind=kind) as standing:
        yield standing


@pytest.fixture
def synced(scene: Stage) -> Stage:
    """The same after a first session: the folder and the category exist."""
    scene.sync()
    return scene
