"""What lasts for longer than a call: clocks that are off, late commits, vendors that stay away, other hosts."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from mailsync.sandbox.server import running_sandbox
from tests.crash.ending import Picture, differences, take_picture
from tests.crash.scene import KINDS
from tests.e2e.stage import Stage
from tests.faults.busy import (
    Busy,
    converge,
    list_notices,
    list_requests,
    read_cursors,
    run_session,
    settle,
    show_vendors,
)

VENDORS = ("salesforce", *KINDS)
World = Callable[[str], Busy]


def beside(busy_with: World, vendor: str) -> Busy:
    """The busy world in which a vendor is met: Salesforce beside Exchange."""
    busy = busy_with("exchange" if vendor == "salesforce" else vendor)
    busy.scene.restore(busy.start)
    return busy


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("seconds", [-86400, -600, 600, 86400])
def test_L1_L5_a_clock_that_is_off(busy_with: World, vendor: str, seconds: int) -> None:
    busy = beside(busy_with, vendor)
    busy.scene.act("clock_skew", vendor=vendor, seconds=seconds)
    busy.scene.sync()
    converge(busy)


@pytest.mark.parametrize("seconds", [-600, 600])
@pytest.mark.parametrize("vendor", VENDORS)
def test_L1_L5_a_clock_that_is_set_right_afterwards(busy_with: World, vendor: str, seconds: int) -> None:
    busy = beside(busy_with, vendor)
    busy.scene.act("clock_skew", vendor=vendor, seconds=seconds)
    busy.scene.sync()
    busy.scene.act("clock_skew", vendor=vendor, seconds=0)
    converge(busy)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seconds", [30, 300])
def test_L5_L8_commits_that_show_late(busy_with: World, kind: str, seconds: int) -> None:
    """For a while all that anybody writes shows in queries later than its stamp says."""
    busy = beside(busy_with, kind)
    busy.scene.act("late_commit", seconds=seconds)
    for _ in range(3):
        run_session(busy.scene)
        busy.scene.advance(seconds / 2)
    busy.scene.act("late_commit", seconds=0)
    busy.scene.advance(seconds)
    settle(busy.scene)
    assert differences(leave_thrown_away(busy.end), leave_thrown_away(take_picture(busy.scene))) == []
    assert list_notices(busy.scene) == busy.notices


def leave_thrown_away(end: Picture) -> Picture:
    """All that vendors hold but what was thrown away: a record whose deletion did not show yet is mirrored again, and
    removed once it does."""
    thrown = ("/deleteditems", "/recoverableitemsdeletions", " deleted")
    return {
        part: lines for part, lines in show_vendors(end).items() if not part.removesuffix(" items").endswith(thrown)
    }


@pytest.mark.parametrize("seconds", [60, 180, 900])
def test_B15_L8_what_google_lists_late(busy_with: World, seconds: int) -> None:
    """What is written shows in lists minutes later (vendors/mailbox.md D1): no echo is taken for a change, no creation
    for one that was lost."""
    busy = beside(busy_with, "google")
    busy.scene.act("propagation_delay", seconds=seconds)
    for _ in range(3):
        run_session(busy.scene)
        busy.scene.advance(seconds / 2)
    converge(busy)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_before"},
        {"kind": "status", "status": 503},
        {"kind": "throttle", "status": 429, "retry_after": 3600},
        {"kind": "html"},
        {"kind": "expire_token"},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_L2_L5_a_vendor_that_stays_away(busy_with: World, vendor: str, fault: dict[str, Any]) -> None:
    """Each session ends in bounded time, says why, moves no cursor and writes nothing on the other side."""
    busy = beside(busy_with, vendor)
    scene = busy.scene
    before, world = read_cursors(scene), show_vendors(take_picture(scene))
    scene.box.sandbox.add_fault({"vendor": vendor, "times": None, **fault})
    for _ in range(3):
        report = run_session(scene)
        assert report["status"] in ("failed", "skipped"), report
        assert report["reason"]
        assert read_cursors(scene) == before
    assert len(list_requests(scene, vendor)) <= 3 * 12, "asked again without end"
    scene.box.sandbox.lift_faults()
    assert show_vendors(take_picture(scene)) == world
    scene.run("resume", scene.user)
    converge(busy)


ADDRESSES = {
    "salesforce": "/services/data/v68.0/limits",
    "exchange": "/EWS/Exchange.asmx",
    "google": "/v1/people/me/connections",
    "microsoft": "/v1.0/me/contacts",
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_never_takes_a_log_in_to_another_host(busy_with: World, vendor: str, status: int) -> None:
    busy = beside(busy_with, vendor)
    scene = busy.scene
    with running_sandbox() as other:
        location = other.url + ADDRESSES[vendor]
        scene.box.sandbox.add_fault({"vendor": vendor, "kind": "redirect", "status": status, "location": location})
        report = run_session(scene)
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
    synced.assert_settled()
    told = synced.run("issues", "ann")
    assert (told["issues"], told["holds"]) == ([], [])
