"""What the vendors' own faults have in common: how they are asked for, and clocks that are off."""

from collections.abc import Generator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.vendor import Refused
from tests.e2e.sandbox.vendors import VENDORS, WORLD, Desk


@pytest.fixture(scope="module")
def running() -> Generator[RunningSandbox]:
    with running_sandbox(WORLD) as box:
        yield box


@pytest.fixture
def desk(running: RunningSandbox, request: pytest.FixtureRequest) -> Desk:
    running.sandbox.reset(WORLD)
    return Desk(running, request.param)


@pytest.mark.parametrize("desk", VENDORS, indirect=True)
@pytest.mark.parametrize(
    ("details", "named"),
    [
        ({"kind": "reject"}, "code: "),
        ({"kind": "reject", "items": "all"}, "items: "),
        ({"kind": "reject", "items": {"first": "X"}}, "items: "),
        ({"kind": "reject", "items": [True], "code": "ErrorX"}, "items: "),
        ({"kind": "paging"}, "how: "),
        ({"kind": "paging", "how": "sideways"}, "how: "),
        ({"kind": "throttle", "retry_after": [1]}, "retry_after: "),
        ({"kind": "throttle", "retry_after": 10**12}, "retry_after: "),
        ({"kind": "throttle", "retry_after": 1, "retry_after_as": "moon"}, "retry_after_as: "),
        ({"kind": "throttle", "status": 200}, "status: "),
        ({"kind": "refuse", "carry_out": "yes"}, "carry_out: "),
        ({"kind": "expire_token", "soon": True}, "soon: "),
    ],
)
def test_a_fault_that_is_badly_asked_for_names_the_detail(desk: Desk, details: dict[str, Any], named: str) -> None:
    with pytest.raises(Refused, match=f"^{named}"):
        desk.box.sandbox.add_fault({"vendor": desk.vendor, **details})
    assert desk.box.sandbox.faults.describe() == []


@pytest.mark.parametrize("desk", VENDORS, indirect=True)
@pytest.mark.parametrize("seconds", [-600, 600])
def test_a_skewed_clock_is_in_stamps_dates_and_worlds(desk: Desk, seconds: int) -> None:
    answer = desk.box.sandbox.act("admin", "clock_skew", {"vendor": desk.vendor, "seconds": seconds})
    assert answer["seconds"] == seconds
    real = desk.box.sandbox.clock.now()
    created = desk.create()
    assert abs((parsedate_to_datetime(created.headers["Date"]) - real).total_seconds() - seconds) < 5
    world = desk.box.sandbox.dump()
    assert world["clock_skew"] == {desk.vendor: seconds}
    stamps = [row["SystemModstamp"] for row in world["salesforce"]["records"]["Contact"]]
    if desk.vendor == "google":
        stamps = [contact["updateTime"] for contact in world["google"]["mailboxes"][0]["contacts"]]
    if desk.vendor == "exchange":
        stamps = [item["LastModifiedTime"] for item in world["exchange"]["mailboxes"][0]["items"]]
    expected = real + timedelta(seconds=seconds)
    assert [stamp for stamp in stamps if abs(datetime.fromisoformat(stamp) - expected) < timedelta(seconds=5)]
    desk.box.sandbox.reset(world)
    assert desk.box.sandbox.dump() == world
    with pytest.raises(Refused, match="only admin"):
        desk.box.sandbox.act("ann", "clock_skew", {"vendor": desk.vendor, "seconds": 1})
    with pytest.raises(Refused, match=r"86400 seconds at most"):
        desk.box.sandbox.act("admin", "clock_skew", {"vendor": desk.vendor, "seconds": 10**6})
