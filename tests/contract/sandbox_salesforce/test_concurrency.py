"""The organisation's limit of requests that run for long at a time (vendors/salesforce.md §3)."""

from dataclasses import replace

import pytest

from mailsync.sandbox.vendor import Answer, Request
from tests.contract.sandbox_salesforce.desk import BASE, Office, open_office

REQUEST = Request("GET", f"{BASE}limits", "", {"authorization": "Bearer sandbox-ann"}, b"")


def post(office: Office, connection: int) -> Answer:
    return office.ann.vendor.answer(replace(REQUEST, connection=connection))


@pytest.mark.parametrize(("seconds", "limited"), [(19, False), (20, True)])
def test_long_requests_are_counted_and_short_ones_are_not(seconds: int, limited: bool) -> None:
    office = open_office({"organisation": {"request_seconds": seconds, "long_requests": 2}})
    assert [post(office, each).status for each in (1, 2, 1)] == [200, 200, 200]
    third = post(office, 3)
    assert (third.status == 403) is limited
    assert (b"ConcurrentRequests (Concurrent API Requests) Limit exceeded." in third.body) is limited
    office.clock.advance(seconds)
    assert post(office, 3).status == 200


def test_a_refused_request_is_no_call_and_the_limit_is_part_of_the_world() -> None:
    office = open_office({"organisation": {"request_seconds": 30, "long_requests": 0}})
    assert post(office, 1).status == 403
    assert "api-usage=0/" in post(office, 1).headers["Sforce-Limit-Info"]
    shown = office.ann.vendor.dump()["organisation"]
    assert (shown["request_seconds"], shown["long_requests"]) == (30, 0)
