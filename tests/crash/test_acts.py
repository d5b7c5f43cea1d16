"""Who changed what is stored with the change: a command that is killed between two commits, or between what it writes
at a vendor and its end, leaves no change of which the log of activity says nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.catalogue import SCENARIOS
from tests.crash.ending import take_picture
from tests.crash.killing import run_cut
from tests.crash.scene import WRITES, Scene, playing
from tests.crash.trial import Start, begin, find_effects

ORDER = "crm first"
ACTIONS = {
    "paused": "pause",
    "paused_and_resumed": "resume",
    "reset": "reset",
    "taken_over_after_the_store_was_lost": "takeover",
    "removed": "remove",
    "removed_and_reverted": "remove",
    "contacts_switched_off_and_on": "set",
    "many_marked_at_first_approved": "approve",
    "match_rejected": "reject",
    "undone_mirrors": "undo",
}
"""Scenarios, each with the action of its first command line."""


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with playing("exchange") as standing:
        yield standing


def told(scene: Scene, action: str) -> list[dict[str, Any]]:
    acts: list[dict[str, Any]] = scene.run("activity", "--action", action)["activity"]
    return acts


def telling_points(scene: Scene, start: Start) -> tuple[str, ...]:
    """The boundaries of the whole first command; its end is in the world."""
    scene.restore(start.moment)
    cut = run_cut(scene.config, start.commands[:1], ORDER, None)
    assert cut.code == 0, cut.output
    return cut.boundaries


@pytest.mark.parametrize("name", ACTIONS)
def test_L2_a_command_that_is_killed_changes_nothing_unrecorded(scene: Scene, name: str) -> None:
    action, start = ACTIONS[name], begin(scene, SCENARIOS[name])
    scene.restore(start.moment)
    known, before = len(told(scene, action)), take_picture(scene)
    start = replace(start, moment=scene.moment())  # there is a store by now, whoever lost it before
    boundaries = telling_points(scene, start)
    assert len(told(scene, action)) == known + 1
    assert told(scene, action)[0]["details"].get("status", "done") == "done"
    assert take_picture(scene) != before, "the command changes nothing: the scenario proves nothing"
    changed = 0
    for point in sorted(find_effects(scene, boundaries)):
        scene.restore(start.moment)
        assert run_cut(scene.config, start.commands[:1], ORDER, point).killed
        if take_picture(scene) == before:
            continue
        changed += 1
        acts = told(scene, action)
        assert len(acts) == known + 1, f"point {point}, {boundaries[point - 1]}: changed and not told of"
        assert acts[0]["user"] == scene.user
    assert changed, "no point has anything changed before the command's end"


def test_L2_an_undo_says_that_it_was_begun_until_it_has_ended(scene: Scene) -> None:
    """Killed when all is taken back, but before the session's end: run again nothing is left, and the log has it."""
    start = begin(scene, SCENARIOS["undone_mirrors"])
    boundaries = telling_points(scene, start)
    writes = [n for n, e in enumerate(scene.box.sandbox.log.entries(), 1) if WRITES & set(e.call.actions)]
    last = [p for p, b in enumerate(boundaries, 1) if b.startswith("after ") and b != "after commit"][max(writes) - 1]
    statuses: set[str] = set()
    for point in range(last, len(boundaries) + 1):
        scene.restore(start.moment)
        assert run_cut(scene.config, start.commands[:1], ORDER, point).killed
        (act,) = told(scene, "undo")
        statuses.add(act["details"]["status"])
        assert act["details"]["session"] == int(start.commands[0][2])
    assert statuses == {"begun", "done"}
