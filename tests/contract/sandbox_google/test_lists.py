"""people.connections.list: pages, sync tokens, what they are bound to and how long they hold, and its lag."""

from typing import Any

import pytest

from mailsync.sandbox.google import Google
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_google.wire import Account, given_names

DAY = 86_400


def page_through(bob: Account, **query: Any) -> list[Any]:
    pages = [bob.list(**query)]
    while "nextPageToken" in pages[-1]:
        pages.append(bob.list(**query, pageToken=pages[-1]["nextPageToken"]))
    return pages


def test_pages_hold_all_once_and_the_last_one_has_the_sync_token(bob: Account) -> None:
    for at in range(5):
        bob.create(f"N{at}")
    pages = page_through(bob, pageSize=2)
    assert [given_names(page) for page in pages] == [["N0", "N1"], ["N2", "N3"], ["N4"]]
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]
    assert [(page["totalItems"], page["totalPeople"]) for page in pages] == [(5, 5)] * 3
    assert "nextSyncToken" not in bob.list(requestSyncToken="false")


def test_sizes_of_pages(bob: Account) -> None:
    for at in range(101):
        bob.create(f"N{at}", fields="names")
    assert len(bob.ask("GET", "people/me/connections", {"personFields": "names"})["connections"]) == 100
    assert len(bob.list(pageSize=0)["connections"]) == 100
    for size in (-1, 1001):
        error = bob.refused("GET", "people/me/connections", {"personFields": "names", "pageSize": size})
        assert error["message"] == "Page size must be between 1 and 1000, inclusive."


def test_a_page_is_of_when_the_list_began(bob: Account) -> None:
    made = [bob.create(f"N{at}") for at in range(4)]
    first = bob.list(pageSize=2)
    bob.update(made[0], "names", names=[{"givenName": "Late"}])
    bob.create("New")
    second = bob.list(pageSize=2, pageToken=first["nextPageToken"])
    assert (given_names(first), given_names(second)) == (["N0", "N1"], ["N2", "N3"])
    assert bob.names(pageSize=2, syncToken=second["nextSyncToken"]) == ["Late", "New"]


def test_a_sync_token_tells_what_changed_and_what_was_deleted(bob: Account) -> None:
    kept, gone, group = bob.create("Kept"), bob.create("Gone"), bob.group("Family")["resourceName"]
    token = bob.list()["nextSyncToken"]
    idle = bob.list(syncToken=token)
    assert set(idle) == {"nextSyncToken"}
    bob.ask("DELETE", f"{gone['resourceName']}:deleteContact")
    bob.modify(group, [kept["resourceName"]])
    bob.create("New")
    changes = bob.list(syncToken=token)
    assert given_names(changes) == ["deleted", "Kept", "New"]
    assert changes["connections"][0] == {
        "resourceName": gone["resourceName"],
        "metadata": {"deleted": True, "objectType": "PERSON"},
    }
    assert bob.names(syncToken=changes["nextSyncToken"]) == []
    assert bob.names(syncToken=token) == ["deleted", "Kept", "New"]


def test_several_changes_of_a_contact_are_one(bob: Account) -> None:
    token = bob.list()["nextSyncToken"]
    made = bob.create("A")
    made = bob.update(made, "names", names=[{"givenName": "B"}])
    bob.update(made, "names", names=[{"givenName": "C"}])
    assert bob.names(syncToken=token) == ["C"]


@pytest.mark.parametrize(
    "changed",
    [{"personFields": "names"}, {"pageSize": 500}, {"sources": "READ_SOURCE_TYPE_CONTACT"}],
)
def test_tokens_are_bound_to_the_parameters(bob: Account, changed: dict[str, Any]) -> None:
    bob.create("A")
    bob.create("B")
    small = bob.list(pageSize=1)
    token = bob.list()["nextSyncToken"]
    query = {"personFields": "names,memberships,metadata", "requestSyncToken": "true"}
    for extra in ({"pageSize": 1, "pageToken": small["nextPageToken"]}, {"pageSize": 1000, "syncToken": token}):
        error = bob.refused("GET", "people/me/connections", {**query, **extra, **changed})
        assert (error["status"], "must match" in error["message"]) == ("INVALID_ARGUMENT", True)


def test_tokens_that_are_none_or_anothers(bob: Account, google: Google, clock: Clock) -> None:
    bob.create("A")
    token = bob.list()["nextSyncToken"]
    eve = Account(google, clock, "sandbox-eve")
    query = {"personFields": "names,memberships,metadata", "requestSyncToken": "true", "pageSize": 1000}
    for who, text in ((eve, token), (bob, "garbage"), (bob, "W10"), (bob, "e30"), (bob, "WzEsMiwzLDQsNSw2LDdd")):
        assert who.refused("GET", "people/me/connections", {**query, "syncToken": text})["code"] == 400
    assert bob.refused("GET", "people/me/connections", {**query, "pageToken": token})["code"] == 400


@pytest.mark.parametrize("status", [400, 410])
def test_a_sync_token_ends_seven_days_after_the_full_sync(bob: Account, clock: Clock, status: int) -> None:
    bob.google.act("admin", "expired_token_status", {"status": status})
    token = bob.list()["nextSyncToken"]
    for _ in range(6):
        clock.advance(DAY)
        token = bob.list(syncToken=token)["nextSyncToken"]  # using it does not renew it
    clock.advance(DAY)
    query = {"personFields": "names,memberships,metadata", "requestSyncToken": "true", "pageSize": 1000}
    error = bob.refused("GET", "people/me/connections", {**query, "syncToken": token})
    assert (error["code"], error["status"]) == (status, "FAILED_PRECONDITION")
    assert error["message"] == "Sync token is expired. Clear local cache and retry call without the sync token."
    [info] = error["details"]
    assert (info["@type"], info["reason"]) == ("type.googleapis.com/google.rpc.ErrorInfo", "EXPIRED_SYNC_TOKEN")
    assert "nextSyncToken" in bob.list()


def test_writes_reach_sync_requests_late_and_reads_at_once(bob: Account, clock: Clock) -> None:
    bob.google.act("admin", "propagation_delay", {"seconds": 180})
    before = bob.list()["nextSyncToken"]
    made = bob.create("Ada")
    assert bob.get(made["resourceName"])["names"][0]["givenName"] == "Ada"
    assert bob.names(requestSyncToken="false") == ["Ada"]
    full = bob.list()
    assert (given_names(full), bob.names(syncToken=before)) == ([], [])
    clock.advance(100)
    bob.update(made, "names", names=[{"givenName": "Eve"}])
    clock.advance(80)
    assert bob.names() == bob.names(syncToken=before) == bob.names(syncToken=full["nextSyncToken"]) == ["Ada"]
    clock.advance(100)
    assert bob.names() == bob.names(syncToken=before) == ["Eve"]


def test_a_deletion_lags_too(bob: Account, clock: Clock) -> None:
    made = bob.create("Ada")
    token = bob.list()["nextSyncToken"]
    bob.google.act("admin", "propagation_delay", {"seconds": 60})
    bob.ask("DELETE", f"{made['resourceName']}:deleteContact")
    assert (bob.names(), bob.names(syncToken=token)) == (["Ada"], [])
    clock.advance(60)
    assert (bob.names(), bob.names(syncToken=token)) == ([], ["deleted"])


def test_the_delay_of_a_world_that_names_none_is_minutes(clock: Clock) -> None:
    google = Google(clock)
    google.load({"mailboxes": [{"user": "bob", "contacts": [{"names": [{"givenName": "Old"}]}]}]})
    bob = Account(google, clock)
    bob.create("New")
    assert bob.names() == ["Old"]
    clock.advance(180)
    assert bob.names() == ["Old", "New"]


def test_everything_may_be_told_again_though_nothing_changed(bob: Account) -> None:
    made = bob.create("A")
    bob.create("B")
    token = bob.list()["nextSyncToken"]
    assert bob.google.act("bob", "replay", {}) == {"contacts": 2}
    again = bob.list(syncToken=token)
    assert given_names(again) == ["A", "B"]
    assert again["connections"][0]["etag"] == made["etag"]


def test_merged_contacts_tell_their_former_names_to_sync_requests_alone(bob: Account) -> None:
    kept = bob.create("Ada", emailAddresses=[{"value": "a@x.example"}])
    lost = bob.create("Adah", emailAddresses=[{"value": "b@x.example"}], biographies=[{"value": "note"}])
    token = bob.list()["nextSyncToken"]
    bob.google.act("bob", "merge_contacts", {"keep": kept["resourceName"], "lose": lost["resourceName"]})
    [seen] = bob.list(syncToken=token)["connections"]
    assert seen["metadata"]["previousResourceNames"] == [lost["resourceName"]]
    assert "previousResourceNames" not in bob.list()["connections"][0]["metadata"]
    whole = bob.get(lost["resourceName"])
    assert whole["resourceName"] == kept["resourceName"]
    assert [each["value"] for each in whole["emailAddresses"]] == ["a@x.example", "b@x.example"]
    assert whole["biographies"][0]["value"] == "note"
    answer = bob.ask("GET", "people:batchGet", {"personFields": "names", "resourceNames": [lost["resourceName"]]})
    assert answer["responses"][0]["requestedResourceName"] == lost["resourceName"]


def test_a_resource_name_can_change(bob: Account) -> None:
    made = bob.create("Ada")
    token = bob.list()["nextSyncToken"]
    renamed = bob.google.act("bob", "rename_contact", {"contact": made["resourceName"]})
    assert renamed is not None
    [seen] = bob.list(syncToken=token)["connections"]
    assert (seen["resourceName"], seen["metadata"]["previousResourceNames"]) == (
        renamed["resourceName"],
        [made["resourceName"]],
    )


def test_a_contact_comes_back_from_the_bin_with_its_name(bob: Account) -> None:
    group = bob.group("Family")["resourceName"]
    made = bob.create("Ada")
    bob.modify(group, [made["resourceName"]])
    token = bob.list()["nextSyncToken"]
    bob.ask("DELETE", f"{made['resourceName']}:deleteContact")
    assert bob.google.act("bob", "restore_contact", {"contact": made["resourceName"]}) == {
        "resourceName": made["resourceName"]
    }
    [seen] = bob.list(syncToken=token)["connections"]
    assert (seen["names"][0]["givenName"], len(seen["memberships"])) == ("Ada", 2)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("LAST_MODIFIED_ASCENDING", ["Zed", "Ann", "Bea"]),
        ("LAST_MODIFIED_DESCENDING", ["Bea", "Ann", "Zed"]),
        ("FIRST_NAME_ASCENDING", ["Ann", "Bea", "Zed"]),
        ("LAST_NAME_ASCENDING", ["Zed", "Bea", "Ann"]),
    ],
)
def test_orders(bob: Account, order: str, names: list[str]) -> None:
    for given, family in (("Zed", "A"), ("Ann", "C"), ("Bea", "b")):
        bob.ask("POST", "people:createContact", None, {"names": [{"givenName": given, "familyName": family}]})
    query = {"personFields": "names", "sortOrder": order}
    assert given_names(bob.ask("GET", "people/me/connections", query)) == names
    if order != "LAST_MODIFIED_ASCENDING":
        assert bob.refused("GET", "people/me/connections", {**query, "requestSyncToken": "true"})["code"] == 400
    assert bob.refused("GET", "people/me/connections", {**query, "sortOrder": "NEWEST"})["code"] == 400


def test_only_ones_own_connections(bob: Account) -> None:
    assert bob.refused("GET", "people/c1/connections", {"personFields": "names"})["message"] == (
        "Resource name must be people/me."
    )
