"""What lasts for longer than a call: clocks that are off, late commits, vendors that stay away, other hosts."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from mailsync.sandbox.server import running_sandbox
from tests.crash.world import picture
from tests.e2e.stage import Stage
from tests.faults.busy import Busy, converge, cursors, notices, settle


@pytest.mark.parametrize("vendor", ["salesforce", "exchange"])
@pytest.mark.parametrize("seconds", [-86400, -600, 600, 86400])
def test_L1_L5_a_clock_that_is_off(busy: Busy, vendor: str, seconds: int) -> None:
    busy.start.restore(busy.scene)
    busy.scene.act("clock_skew", vendor=vendor, seconds=seconds)
    busy.scene.sync()
    converge(busy)


@pytest.mark.parametrize("seconds", [-600, 600])
@pytest.mark.parametrize("vendor", ["salesforce", "exchange"])
def test_L1_L5_a_clock_that_is_set_right_afterwards(busy: Busy, vendor: str, seconds: int) -> None:
    busy.start.restore(busy.scene)
    busy.scene.act("clock_skew", vendor=vendor, seconds=seconds)
    busy.scene.sync()
    busy.scene.act("clock_skew", vendor=vendor, seconds=0)
    converge(busy)


@pytest.mark.parametrize("seconds", [30, 300])
def test_L5_L8_commits_that_show_late(busy: Busy, seconds: int) -> None:
    """For a while all that anybody writes shows in queries later than its stamp says."""
    busy.start.restore(busy.scene)
    busy.scene.act("late_commit", seconds=seconds)
    for _ in range(3):
        busy.scene.sync(None)
        busy.scene.advance(seconds / 2)
    busy.scene.act("late_commit", seconds=0)
    busy.scene.advance(seconds)
    settle(busy.scene)
    assert live(busy.scene) == {place: people for place, people in busy.end.items() if place != "deleteditems"}
    assert notices(busy.scene) == busy.notices


def live(scene: Stage) -> Mapping[str, list[str]]:
    """All but Deleted Items: a record whose deletion did not show yet is mirrored again, and removed once it does."""
    return {place: people for place, people in picture(scene).items() if place != "deleteditems"}


@pytest.mark.parametrize("vendor", ["salesforce", "exchange"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_before"},
        {"kind": "throttle", "status": 503},
        {"kind": "throttle", "status": 429, "retry_after": 3600},
        {"kind": "html"},
        {"kind": "expire_token"},
    ],
    ids=lambda fault: str(fault),
)
def test_L2_L5_a_vendor_that_stays_away(busy: Busy, vendor: str, fault: dict[str, Any]) -> None:
    """Each session ends in bounded time, says why, moves no cursor and writes nothing on the other side."""
    scene = busy.scene
    busy.start.restore(scene)
    before, world = cursors(scene), picture(scene)
    scene.fault(vendor=vendor, times=None, **fault)
    for _ in range(3):
        report = scene.sync(None)
        assert report["status"] in ("failed", "skipped"), report
        assert report["reason"]
        assert cursors(scene) == before
    assert picture(scene) == world
    assert len(scene.requests(vendor=vendor)) <= 3 * 12, "asked again without end"
    scene.box.sandbox.lift_faults()
    scene.run("resume", "ann")
    converge(busy)


@pytest.mark.parametrize("vendor", ["salesforce", "exchange"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_never_takes_a_log_in_to_another_host(busy: Busy, vendor: str, status: int) -> None:
    scene = busy.scene
    busy.start.restore(scene)
    with running_sandbox() as other:
        location = other.url + ("/services/data/v68.0/limits" if vendor == "salesforce" else "/EWS/Exchange.asmx")
        scene.fault(vendor=vendor, kind="redirect", status=status, location=location)
        report = scene.sync(None)
        assert other.sandbox.log.entries() == ()
    assert report["status"] == "failed", report
    converge(busy)


@pytest.mark.parametrize("length", [2, 3, 5])
@pytest.mark.parametrize("sessions_between", [False, True])
def test_B16_a_chain_of_merges(synced: Stage, length: int, sessions_between: bool) -> None:
    """Each record merged into the next: one record, one item, one pair; no D1, nothing in doubt."""
    ids = [synced.org.create(FirstName="Kim", LastName=f"Chain{n}", Email=f"k{n}@x.example") for n in range(length)]
    synced.sync()
    for loser, winner in pairwise(ids):
        synced.admin.merge(winner, loser)
        if sessions_between:
            synced.sync()
    synced.sync()
    assert [item.sf_id for item in synced.ann.all_in()] == [ids[-1]]
    assert [row["Id"] for row in synced.org.all()] == [ids[-1]]
    settle(synced)
    assert notices(synced) == {"issues": [], "holds": []}
