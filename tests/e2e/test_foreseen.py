"""Every scenario once more, uninterrupted: `plan` is what `sync` then does (E7), and `undo` takes it back for good (L1,
L4, L5). A few of them by default, all of them where the proof suite gives the time."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.catalogue import SCENARIOS
from tests.crash.scene import Scene, playing
from tests.prove.selection import SECONDS

Shape = Mapping[str, Any]

USUAL = 9
"""Every so-manieth scenario is tried by default."""
NOT_RUN = frozenset({"paused_and_resumed", "contacts_switched_off_and_on", "taken_over_after_the_store_was_lost"})
"""Scenarios whose next session does not run at all."""
ASTRAY = frozenset({"folder_in_the_bin"})
"""Scenarios whose plan says itself that it can't be known before the folder is back (A3)."""


def chosen() -> list[str]:
    names = [n for n in SCENARIOS if n not in NOT_RUN]
    return names if SECONDS in os.environ else names[::USUAL]


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with playing("exchange") as standing:
        yield standing


def prepare(scene: Scene, name: str) -> None:
    scene.clear()
    scene.configure(**SCENARIOS[name].settings)
    SCENARIOS[name].prepare(scene)


def written(scene: Scene, session: int) -> list[Shape]:
    """What a session wrote, by its history; edits that were left where they are are no writing."""
    entries = scene.run("history", scene.user)["entries"]
    return [e for e in entries if e["session"] == session and e["kind"] != "left"]


def outline(shapes: Sequence[Shape]) -> Counter[tuple[str, str, str, str | None]]:
    """By side, kind, rule and record; a record that is only being created has no id in the plan."""
    creates = {("salesforce", "create")}
    return Counter(
        (s["side"], s["kind"], s["rule"], None if (s["side"], s["kind"]) in creates else s["salesforce_id"])
        for s in shapes
    )


def holds(shapes: Sequence[Shape]) -> list[tuple[str, int]]:
    return sorted((h["hold"], h["count"]) for h in shapes)


@pytest.mark.parametrize("name", chosen())
def test_E7_the_plan_is_what_the_session_does_or_a_refusal_is_named(scene: Scene, name: str):
    """Equal are side, kind, rule and record of every action, and names and counts of every hold. Only where a vendor
    refused something – which no plan can know – may the two differ, and then an issue names it."""
    prepare(scene, name)
    plan = scene.run("plan", scene.user)
    if name in ASTRAY:
        assert any(n.startswith("A3") for n in plan["notes"])
        return
    report = scene.sync()
    entries = written(scene, report["session"])
    foreseen, done = outline(plan["actions"]), outline(entries)
    refused = [i for i in report["issues"] if i not in plan["issues"]]
    if not refused:
        assert foreseen == done
    else:
        assert sum((foreseen - done).values()) <= 2 * len(refused), (foreseen - done, refused)
        assert sum((done - foreseen).values()) <= len(refused), (done - foreseen, refused)
    assert holds(plan["holds"]) == holds(report["holds"])
    assert [i for i in plan["issues"] if i not in report["issues"]] == []


@pytest.mark.parametrize("name", chosen())
def test_L1_what_is_undone_stays_undone_and_an_undo_run_twice_writes_once(scene: Scene, name: str):
    prepare(scene, name)
    number = scene.run("sync", scene.user, code=None)["users"][0]["session"]
    if not written(scene, number):
        return
    before = scene.run("plan", scene.user)
    words = ("undo", scene.user, str(number), "--delete", "--yes")
    report = scene.run(*words)
    assert report["status"] in ("done", "held"), report["reason"]
    again = scene.run(*words)
    assert again["actions"] == [], "nothing is taken back twice"
    after = scene.run("plan", scene.user)
    new = Counter((a["side"], a["kind"], a["rule"]) for a in after["actions"])
    new -= Counter((a["side"], a["kind"], a["rule"]) for a in before["actions"])
    if not scene.run("issues", scene.user)["issues"]:  # what was refused is tried again once something changed (B8)
        assert new == Counter(), after["actions"]


@pytest.mark.parametrize("name", chosen())
def test_L2_the_undo_of_an_undo_settles(scene: Scene, name: str):
    """After it sync goes on: at most two sessions until one writes nothing."""
    prepare(scene, name)
    number = scene.run("sync", scene.user, code=None)["users"][0]["session"]
    undone = scene.run("undo", scene.user, str(number), "--delete", "--yes", code=None)
    if undone.get("session"):
        report = scene.run("undo", scene.user, str(undone["session"]), "--delete", "--yes", code=None)
        assert report.get("status") in ("done", "held"), report
    for _ in range(3):
        scene.sync()
        scene.forget_requests()
        scene.sync()
        if not scene.writes():
            return
    assert scene.writes() == []
