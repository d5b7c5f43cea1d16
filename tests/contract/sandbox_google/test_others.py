"""Search with its cache, other contacts, and the directory that is closed to such accounts."""

import json

import pytest

from mailsync.sandbox.google import Google
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_google.wire import Account

OTHERS = [{"names": [{"givenName": f"O{at}"}], "emailAddresses": [{"value": f"o{at}@x.example"}]} for at in range(3)]


@pytest.fixture
def bob(google: Google, clock: Clock) -> Account:
    google.load({"propagation_seconds": 0, "mailboxes": [{"user": "bob", "other_contacts": OTHERS}]})
    return Account(google, clock)


def search(bob: Account, query: str, **more: str) -> list[str]:
    answer = bob.ask("GET", "people:searchContacts", {"query": query, "readMask": "names", **more})
    return [each["person"]["names"][0]["displayName"] for each in answer.get("results", [])]


def test_search_knows_what_the_last_warm_up_knew(bob: Account) -> None:
    bob.create("Ada", organizations=[{"name": "Overlook Hotel"}], phoneNumbers=[{"value": "+12125550101"}])
    assert search(bob, "ada") == []
    assert search(bob, "") == []
    assert search(bob, "ada") == ["Ada"]
    bob.create("Adam")
    assert search(bob, "ada") == ["Ada"]
    search(bob, "")
    assert search(bob, "ADA") == ["Ada", "Adam"]


@pytest.mark.parametrize(
    ("query", "found"), [("f", 1), ("foo n", 1), ("nam", 1), ("oo n", 0), ("over", 1), ("+1212", 1)]
)
def test_search_matches_beginnings_of_phrases(bob: Account, query: str, found: int) -> None:
    bob.create("foo name", organizations=[{"title": "Overlook"}], phoneNumbers=[{"value": "+12125550101"}])
    search(bob, "")
    assert len(search(bob, query)) == found


def test_search_gives_thirty_at_most(bob: Account) -> None:
    for at in range(40):
        bob.create(f"N{at}", fields="names")
    search(bob, "")
    assert [len(search(bob, "n", pageSize=size)) for size in ("0", "5", "100")] == [10, 5, 30]


def test_other_contacts_are_read_page_by_page(bob: Account) -> None:
    query = {"readMask": "names,emailAddresses,metadata", "pageSize": 2, "requestSyncToken": "true"}
    first = bob.ask("GET", "otherContacts", query)
    assert (len(first["otherContacts"]), first["totalSize"], "nextSyncToken" in first) == (2, 3, False)
    assert first["otherContacts"][0]["resourceName"].startswith("otherContacts/c")
    assert first["otherContacts"][0]["metadata"]["sources"][0]["type"] == "OTHER_CONTACT"
    rest = bob.ask("GET", "otherContacts", {**query, "pageToken": first["nextPageToken"]})
    assert len(rest["otherContacts"]) == 1
    assert set(bob.ask("GET", "otherContacts", {**query, "syncToken": rest["nextSyncToken"]})) == {"nextSyncToken"}
    assert bob.refused("GET", "otherContacts", {"readMask": "addresses"})["code"] == 400
    assert (
        bob.refused("GET", "otherContacts", {**query, "pageSize": 3, "syncToken": rest["nextSyncToken"]})["code"] == 400
    )
    assert bob.list().get("connections") is None


def test_an_other_contact_is_copied(bob: Account) -> None:
    [other] = bob.ask("GET", "otherContacts", {"readMask": "names", "pageSize": 1})["otherContacts"]
    path = f"{other['resourceName']}:copyOtherContactToMyContactsGroup"
    copied = bob.ask("POST", path, None, {"copyMask": "names"})
    assert (copied["names"][0]["givenName"], "emailAddresses" in copied) == ("O0", False)
    assert copied["memberships"][0]["contactGroupMembership"]["contactGroupId"] == "myContacts"
    assert bob.refused("POST", path, None, {"copyMask": "addresses"})["code"] == 400
    assert (
        bob.refused("POST", path.replace("otherContacts/c", "otherContacts/c9"), None, {"copyMask": "names"})["code"]
        == 404
    )


def test_other_contacts_are_searched(bob: Account) -> None:
    found = bob.ask("GET", "otherContacts:search", {"readMask": "names", "query": "o1"})["results"]
    assert [each["person"]["names"][0]["givenName"] for each in found] == ["O1"]


@pytest.mark.parametrize("path", ["people:listDirectoryPeople", "people:searchDirectoryPeople"])
def test_there_is_no_directory(bob: Account, path: str) -> None:
    query = {"readMask": "names", "sources": "DIRECTORY_SOURCE_TYPE_DOMAIN_PROFILE"}
    answer = json.loads(bob.send("GET", path, query).body)
    assert answer["error"]["message"] == "Must be a G Suite domain user."
