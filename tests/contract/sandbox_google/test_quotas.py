"""Quota buckets, the fixed quota of full syncs, and changes that overlap."""

from typing import Any

from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_google.wire import Account, person


def limit(bob: Account, **limits: int) -> None:
    bob.google.act("admin", "quotas", {"limits": limits})


def batch(count: int = 1) -> dict[str, Any]:
    return {"contacts": [{"contactPerson": person("A")}] * count, "readMask": "names"}


def to_minute(clock: Clock) -> None:
    """Windows are minutes of the clock: goes to the beginning of one."""
    clock.advance(60 - clock.now().timestamp() % 60 + 0.01)


def test_nothing_is_counted_unless_told(bob: Account) -> None:
    for _ in range(120):
        bob.create(fields="names")


def test_a_batch_costs_six_and_two_hundred(bob: Account, clock: Clock) -> None:
    to_minute(clock)
    limit(bob, critical_writes=12)
    for _ in range(2):
        bob.ask("POST", "people:batchCreateContacts", None, batch())
    error = bob.refused("POST", "people:batchCreateContacts", None, batch())
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"].startswith(
        "Quota exceeded for quota metric 'Critical write requests (Contact Creates and Updates)' and limit "
        "'Critical write requests (Contact Creates and Updates) per minute per user' of service 'people.googleapis.com'"
    )
    info = error["details"][0]
    assert (info["reason"], info["metadata"]["quota_limit"], info["metadata"]["quota_limit_value"]) == (
        "RATE_LIMIT_EXCEEDED",
        "CriticalWritesPerMinutePerProjectPerUser",
        "12",
    )
    clock.advance(60)
    bob.ask("POST", "people:batchCreateContacts", None, batch())


def test_a_creation_reads_too(bob: Account, clock: Clock) -> None:
    to_minute(clock)
    limit(bob, critical_reads=2)
    bob.create()
    bob.create()
    error = bob.refused("POST", "people:createContact", None, person("A"))
    assert error["details"][0]["metadata"]["quota_limit"] == "CriticalReadsPerMinutePerProjectPerUser"
    assert bob.refused("GET", "people/me", {"personFields": "names"})["code"] == 429
    bob.ask("GET", "contactGroups")


def test_deletions_are_writes_of_another_bucket(bob: Account, clock: Clock) -> None:
    names = [bob.create()["resourceName"] for _ in range(3)]
    to_minute(clock)
    limit(bob, writes=11)
    bob.ask("POST", "people:batchDeleteContacts", None, {"resourceNames": names[:1]})
    bob.ask("DELETE", f"{names[1]}:deleteContact")
    assert bob.refused("DELETE", f"{names[2]}:deleteContact")["code"] == 429


def test_writes_of_a_day(bob: Account, clock: Clock) -> None:
    limit(bob, daily_writes=250)
    bob.ask("POST", "people:batchCreateContacts", None, batch())
    error = bob.refused("POST", "people:batchCreateContacts", None, batch())
    assert error["details"][0]["metadata"]["quota_unit"] == "1/d/{project}"
    clock.advance(86_400)
    bob.ask("POST", "people:batchCreateContacts", None, batch())


def test_full_syncs_have_a_quota_of_their_own(bob: Account, clock: Clock) -> None:
    bob.create("A")
    bob.create("B")
    to_minute(clock)
    limit(bob, full_syncs=1)
    first = bob.list(pageSize=1)
    last = bob.list(pageSize=1, pageToken=first["nextPageToken"])
    bob.list(pageSize=1, syncToken=last["nextSyncToken"])
    query = {"personFields": "names", "requestSyncToken": "true"}
    error = bob.refused("GET", "people/me/connections", query)
    assert (error["code"], error["message"]) == (429, "Sync quota exceeded.")
    bob.ask("GET", "people/me/connections", {"personFields": "names"})
    clock.advance(60)
    bob.list()


def test_usual_sizes_and_none_again(bob: Account) -> None:
    on = bob.google.act("admin", "quotas", {"on": True})
    assert on is not None
    assert on["quotas"]["critical_writes"] == 90
    assert bob.google.act("admin", "quotas", {"on": False}) == {"quotas": {}}


def test_a_change_that_overlaps_another_is_aborted(bob: Account, clock: Clock) -> None:
    bob.google.act("admin", "sequential_mutates", {"seconds": 30})
    made = bob.create()
    other = Account(bob.google, clock, connection=2)
    error = other.refused("POST", "people:createContact", None, person("B"))
    assert (error["code"], error["status"]) == (409, "ABORTED")
    other.get(made["resourceName"])
    bob.create("C")
    clock.advance(31)
    other.create("D")
    assert sorted(bob.names()) == ["Ada", "C", "D"]
