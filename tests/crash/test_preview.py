"""The plan that is shown is the plan that is carried out: `mailsync plan` against the session after it."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.crash.world import prepare_busy
from tests.e2e.stage import stage

COUNTED = {"create": "created", "update": "updated", "delete": "deleted", "remove": "removed", "move": "moved"}
COUNTED |= {"categorise": "categorised"}


def counts(actions: list[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """A plan's actions as a session counts them; pairings and their ends are no effect on either side."""
    found = Counter((a["side"], COUNTED[a["kind"]]) for a in actions if a["kind"] in COUNTED)
    return {side: {kind: n for (s, kind), n in found.items() if s == side} for side in ("salesforce", "mailbox")}


def done(report: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {side: {k: n for k, n in report[side].items() if n} for side in ("salesforce", "mailbox")}


def known(actions: list[Mapping[str, Any]], ids: set[str]) -> Counter[tuple[str, ...]]:
    """What was done to the records and items that were there before."""
    named = [(a["side"], a["kind"], a["rule"], a["salesforce_id"]) for a in actions]
    return Counter(n for n in named if n[3] in ids)


def test_E7_a_plan_writes_nothing_and_is_what_the_next_session_does(tmp_path: Path):
    with stage(tmp_path) as scene:
        prepare_busy(scene)
        before = {r["Id"] for r in scene.org.all()}
        scene.forget_requests()
        plan = scene.run("plan", "ann")
        assert scene.writes() == []
        assert scene.run("plan", "ann") == plan
        report = scene.sync()
        assert counts(plan["actions"]) == done(report)
        history = [e for e in scene.run("history", "ann")["entries"] if e["session"] == report["session"]]
        assert known(plan["actions"], before) == known(history, before)
        assert plan["holds"] == report["holds"] == []
        assert plan["issues"] == report["issues"] == []
        assert scene.run("plan", "ann")["actions"] == []


def test_B15_a_plan_after_a_lost_answer_repeats_no_create(tmp_path: Path):
    """The plan looks creates in doubt up as the session does, though it may not store what it finds."""
    with stage(tmp_path) as scene:
        scene.sync()
        scene.ann.create(scene.ann.folder, "Zoe", "Up", email="zoe@x.example")
        scene.fault(vendor="salesforce", operation="create", kind="drop_after")
        assert [i["code"] for i in scene.sync()["issues"]] == ["IN_DOUBT"]
        plan = scene.run("plan", "ann")
        assert [a["kind"] for a in plan["actions"] if a["side"] == "salesforce"] == []
        report = scene.sync()
        assert report["salesforce"]["created"] == 0
        assert counts(plan["actions"]) == done(report)
        assert [r["LastName"] for r in scene.org.all()] == ["Up"]
