"""L2, B15: killed with SIGKILL before and after every journal step of a session that creates on both sides."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.e2e.stage import Stage, stage

STEPS = 24
"""More than the session has; a step beyond its last one lets it end by itself (checked below)."""


def prepare(scene: Stage) -> None:
    """A world whose next session creates on both sides, moves an item in, updates both ways and removes one."""
    gone = scene.org.create(FirstName="Old", LastName="Gone")
    both = scene.org.create(FirstName="Kim", LastName="Both")
    scene.sync()
    scene.org.create(FirstName="Mia", LastName="Down", Email="mia@x.example")
    scene.ann.create(scene.ann.folder, "Zoe", "Up", email="zoe@x.example")
    scene.ann.create(scene.ann.folder, "Noe", "Mail")
    scene.ann.mark(scene.ann.create(scene.ann.contacts, "Max", "Moved", email="max@x.example"))
    scene.org.update(both, Title="CTO")
    scene.ann.edit(scene.ann.get("Kim Both"), department="R&D")
    scene.org.delete(gone)


def picture(scene: Stage) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Both sides as people see them."""
    org = [
        (r["FirstName"], r["LastName"], r["Title"], r["Department"])
        for r in scene.org.all("FirstName", "LastName", "Title", "Department")
    ]
    items = [
        (i.given_name, i.surname, i.job_title, i.department, tuple(i.categories or ()), bool(i.sf_id))
        for i in scene.ann.all_in()
    ]
    return sorted(org, key=str), sorted(items, key=str)


def run_killed(scene: Stage, phase: str, step: int) -> tuple[int, int]:
    """One session in a process of its own, killed at a step; its return code and the number of steps it told."""
    words = [
        sys.executable,
        "-m",
        "tests.crash.killer",
        phase,
        str(step),
        "--",
        "--config",
        str(scene.config),
        "sync",
        "ann",
        "--json",
    ]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=env, check=False)
    told = re.search(r"steps (\d+)", done.stderr)
    return done.returncode, int(told.group(1)) if told else 0


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, int]:
    """The end of the uninterrupted session, and how many steps it has."""
    with stage(tmp_path_factory.mktemp("whole")) as scene:
        prepare(scene)
        code, steps = run_killed(scene, "before", 0)
        assert code == 0
        return picture(scene), steps


def test_the_steps_below_cover_the_whole_session(expected: tuple[object, int]):
    assert 6 <= expected[1] <= STEPS


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_L2_B15_killed_at_a_journal_step(tmp_path: Path, expected: tuple[object, int], phase: str, step: int):
    with stage(tmp_path) as scene:
        prepare(scene)
        code, _ = run_killed(scene, phase, step)
        assert code == (-signal.SIGKILL if step <= expected[1] else 0)
        scene.advance(600)
        scene.sync()
        assert picture(scene) == expected[0]
        scene.assert_settled()
        assert picture(scene) == expected[0]
        assert requests.get(f"{scene.url}/sandbox/clock", timeout=5).ok
