"""Contact groups: system ones and a user's, their members, their own sync token, and their end."""

from typing import Any

import pytest

from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_google.wire import Account

SYSTEM = ["myContacts", "starred", "friends", "family", "coworkers", "blocked", "chatBuddies", "all"]


def groups_of(bob: Account, name: str) -> list[str]:
    shown = bob.get(name, "memberships")
    return [each["contactGroupMembership"]["contactGroupId"] for each in shown["memberships"]]


def test_every_account_has_the_system_groups(bob: Account) -> None:
    bob.create()
    listed = bob.ask("GET", "contactGroups")
    assert [each["name"] for each in listed["contactGroups"]] == SYSTEM
    assert listed["contactGroups"][0] == {
        "resourceName": "contactGroups/myContacts",
        "groupType": "SYSTEM_CONTACT_GROUP",
        "name": "myContacts",
        "formattedName": "My Contacts",
        "memberCount": 1,
    }
    assert (listed["totalItems"], "memberCount" in listed["contactGroups"][1]) == (8, False)
    assert listed["contactGroups"][7]["memberCount"] == 1


def test_creates_renames_and_deletes_a_group(bob: Account) -> None:
    made = bob.group(" Family ")
    assert (made["name"], made["formattedName"], made["groupType"]) == ("Family", "Family", "USER_CONTACT_GROUP")
    path = made["resourceName"]
    stale = {"contactGroup": {"name": "Kin", "etag": "old"}}
    error = bob.refused("PUT", path, None, stale)
    assert (error["status"], "contactGroup.etag" in error["message"]) == ("FAILED_PRECONDITION", True)
    named = bob.ask("PUT", path, None, {"contactGroup": {"name": "Kin", "etag": made["etag"]}})
    assert named["name"] == "Kin"
    assert named["etag"] != made["etag"]
    data = {"clientData": [{"key": "k", "value": "v"}]}
    body = {"contactGroup": data, "updateGroupFields": "clientData", "readGroupFields": "clientData,name"}
    assert bob.ask("PUT", path, None, body)["clientData"] == data["clientData"]
    assert bob.ask("GET", path)["name"] == "Kin"
    assert bob.ask("DELETE", path) == {}
    assert bob.refused("GET", path)["code"] == 404
    assert bob.refused("DELETE", path)["code"] == 404


def test_names_are_unique(bob: Account) -> None:
    bob.group("Family")
    other = bob.group("Work")
    for name in ("Family", "family "):
        error = bob.refused("POST", "contactGroups", None, {"contactGroup": {"name": name}})
        assert (error["code"], error["status"]) == (409, "ALREADY_EXISTS")
        assert bob.refused("PUT", other["resourceName"], None, {"contactGroup": {"name": name}})["code"] == 409
    assert bob.ask("PUT", other["resourceName"], None, {"contactGroup": {"name": "WORK"}})["name"] == "WORK"
    assert bob.refused("POST", "contactGroups", None, {"contactGroup": {"name": " "}})["code"] == 400
    assert bob.refused("POST", "contactGroups", None, {})["code"] == 400


@pytest.mark.parametrize("name", SYSTEM)
def test_system_groups_stay_as_they_are(bob: Account, name: str) -> None:
    path = f"contactGroups/{name}"
    assert bob.refused("PUT", path, None, {"contactGroup": {"name": "Mine"}})["code"] == 400
    assert bob.refused("DELETE", path)["code"] == 400
    made = bob.create()["resourceName"]
    body = {"resourceNamesToAdd": [made]}
    if name in ("myContacts", "starred"):
        assert bob.ask("POST", f"{path}/members:modify", None, body) == {}
    else:
        assert bob.refused("POST", f"{path}/members:modify", None, body)["code"] == 400


def test_members_join_and_leave(bob: Account) -> None:
    group = bob.group("Family")["resourceName"]
    first, second = (bob.create(name)["resourceName"] for name in "AB")
    assert bob.modify(group, [first, second, "people/c1"]) == {"notFoundResourceNames": ["people/c1"]}
    shown = bob.ask("GET", group, {"maxMembers": 1})
    assert (shown["memberCount"], shown["memberResourceNames"]) == (2, [first])
    assert "memberResourceNames" not in bob.ask("GET", group)
    bob.modify("contactGroups/myContacts", remove=[first])
    assert groups_of(bob, first) == [group.partition("/")[2]]
    stuck = bob.modify(group, remove=[first, second])
    assert stuck == {"canNotRemoveLastContactGroupResourceNames": [first]}
    assert [len(groups_of(bob, each)) for each in (first, second)] == [1, 1]
    assert (
        bob.refused("POST", "contactGroups/none/members:modify", None, {"resourceNamesToAdd": [first]})["code"] == 404
    )


def test_a_thousand_members_a_request(bob: Account) -> None:
    group = bob.group("Family")["resourceName"]
    names = [f"people/c{at}" for at in range(1, 1001)]
    assert len(bob.modify(group, names[:500], names[500:])["notFoundResourceNames"]) == 1000
    for body in ({"resourceNamesToAdd": [*names, "people/c1001"]}, {}):
        assert bob.refused("POST", f"{group}/members:modify", None, body)["code"] == 400


def test_nothing_changes_for_who_is_in_already(bob: Account) -> None:
    made = bob.create()
    bob.modify("contactGroups/myContacts", [made["resourceName"]])
    assert bob.get(made["resourceName"])["etag"] == made["etag"]


def test_deleting_a_group_keeps_its_contacts_unless_told(bob: Account) -> None:
    group = bob.group("Family")["resourceName"]
    first, second = (bob.create(name)["resourceName"] for name in "AB")
    bob.modify(group, [first, second])
    bob.modify("contactGroups/myContacts", remove=[second])
    token = bob.list()["nextSyncToken"]
    bob.ask("DELETE", group)
    assert groups_of(bob, first) == groups_of(bob, second) == ["myContacts"]
    assert bob.names(syncToken=token) == ["A", "B"]
    again = bob.group("Family")["resourceName"]
    assert again != group
    bob.modify(again, [first])
    bob.ask("DELETE", again, {"deleteContacts": "true"})
    assert bob.names() == ["B"]


def test_groups_have_a_sync_token_of_their_own(bob: Account, clock: Clock) -> None:
    gone, kept = bob.group("Gone")["resourceName"], bob.group("Kept")["resourceName"]
    token = bob.ask("GET", "contactGroups")["nextSyncToken"]
    assert set(bob.ask("GET", "contactGroups", {"syncToken": token})) == {"nextSyncToken"}
    bob.ask("DELETE", gone)
    bob.ask("PUT", kept, None, {"contactGroup": {"name": "Renamed"}})
    bob.modify(kept, [bob.create()["resourceName"]])
    changed = bob.ask("GET", "contactGroups", {"syncToken": token})
    assert changed["contactGroups"][0] == {"resourceName": gone, "metadata": {"deleted": True}}
    assert [each.get("name") for each in changed["contactGroups"]] == [None, "Renamed"]
    assert "contactGroups" not in bob.ask("GET", "contactGroups", {"syncToken": changed["nextSyncToken"]})
    people = bob.list()["nextSyncToken"]
    assert bob.refused("GET", "contactGroups", {"syncToken": people})["code"] == 400
    assert bob.refused("GET", "contactGroups", {"syncToken": token, "groupFields": "name"})["code"] == 400
    clock.advance(7 * 86_400)
    assert bob.refused("GET", "contactGroups", {"syncToken": token})["details"][0]["reason"] == "EXPIRED_SYNC_TOKEN"


def test_groups_are_paged_by_thirty(bob: Account) -> None:
    for at in range(30):
        bob.group(f"G{at}")
    first = bob.ask("GET", "contactGroups")
    assert (len(first["contactGroups"]), "nextSyncToken" in first, first["totalItems"]) == (30, False, 38)
    rest = bob.ask("GET", "contactGroups", {"pageToken": first["nextPageToken"]})
    assert (len(rest["contactGroups"]), "nextSyncToken" in rest) == (8, True)
    assert len(bob.ask("GET", "contactGroups", {"pageSize": 1000})["contactGroups"]) == 38
    assert bob.refused("GET", "contactGroups", {"pageSize": 1001})["code"] == 400


def test_many_groups_at_once(bob: Account) -> None:
    group, made = bob.group("Family")["resourceName"], bob.create()["resourceName"]
    bob.modify(group, [made])
    asked: dict[str, Any] = {"resourceNames": [group, "contactGroups/none", "contactGroups/all"], "maxMembers": 5}
    found, missing, everyone = bob.ask("GET", "contactGroups:batchGet", asked)["responses"]
    assert found["contactGroup"]["memberResourceNames"] == everyone["contactGroup"]["memberResourceNames"] == [made]
    assert (missing["status"]["code"], missing["requestedResourceName"]) == (5, "contactGroups/none")
    names = [f"contactGroups/{at}" for at in range(201)]
    assert bob.refused("GET", "contactGroups:batchGet", {"resourceNames": names})["code"] == 400


def test_masks_of_groups(bob: Account) -> None:
    made = bob.group("Family")
    assert set(bob.ask("GET", made["resourceName"], {"groupFields": "groupType"})) == {
        "resourceName",
        "etag",
        "groupType",
    }
    assert bob.refused("GET", made["resourceName"], {"groupFields": "members"})["code"] == 400
    body = {"contactGroup": {"name": "X"}, "updateGroupFields": "groupType"}
    assert bob.refused("PUT", made["resourceName"], None, body)["code"] == 400
