"""Google's part of a world: what a dump holds, and what is refused by its key."""

from typing import Any

import pytest

from mailsync.sandbox.google import Google
from mailsync.sandbox.vendor import Clock, Refused
from tests.contract.sandbox_google.test_people import FULL
from tests.contract.sandbox_google.wire import Account


def test_a_lived_in_world_goes_on_where_it_was(bob: Account, clock: Clock) -> None:
    made = bob.ask("POST", "people:createContact", None, FULL)
    gone, lost = bob.create("Gone"), bob.create("Lost")
    group = bob.group("Family")["resourceName"]
    old = bob.group("Old")["resourceName"]
    bob.modify(group, [made["resourceName"]])
    people, groups = bob.list()["nextSyncToken"], bob.ask("GET", "contactGroups")["nextSyncToken"]
    bob.ask("DELETE", f"{gone['resourceName']}:deleteContact")
    bob.ask("DELETE", old)
    bob.google.act("bob", "merge_contacts", {"keep": made["resourceName"], "lose": lost["resourceName"]})
    tokens = bob.google.act("bob", "consent", {})
    assert tokens is not None
    bob.google.act("admin", "service_account_key", {})
    dumped = bob.google.dump()
    other = Google(clock)
    other.load(dumped)
    assert other.dump() == dumped
    again = Account(other, clock, tokens["access_token"])
    assert again.list(syncToken=people) == bob.list(syncToken=people)
    assert again.ask("GET", "contactGroups", {"syncToken": groups}) == bob.ask(
        "GET", "contactGroups", {"syncToken": groups}
    )
    assert again.get(lost["resourceName"]) == bob.get(lost["resourceName"])


def test_people_of_a_world_are_there_at_once_with_their_groups(clock: Clock) -> None:
    google = Google(clock)
    part = {"names": [{"givenName": "Ada"}], "groups": ["Family", "starred"]}
    google.load({"mailboxes": [{"user": "bob", "groups": [{"name": "Family"}], "contacts": [part, {}]}]})
    first, second = Account(google, clock).list()["connections"]
    ids = [[each["contactGroupMembership"]["contactGroupId"] for each in one["memberships"]] for one in (first, second)]
    assert (ids[0][1], ids[1]) == ("starred", ["myContacts"])


def test_a_world_without_the_part_has_no_accounts(clock: Clock) -> None:
    google = Google(clock)
    google.load({})
    assert google.dump()["mailboxes"] == []


def mailbox(**part: Any) -> dict[str, Any]:
    return {"mailboxes": [{"user": "bob", **part}]}


@pytest.mark.parametrize(
    ("world", "key"),
    [
        ({"boxes": []}, "google.boxes"),
        ({"mailboxes": {}}, "google.mailboxes"),
        ({"mailboxes": [{}]}, "google.mailboxes[0].user"),
        ({"mailboxes": [{"user": "bob"}, {"user": "bob"}]}, "google.mailboxes[1].address"),
        (mailbox(name="x"), "google.mailboxes[0].name"),
        (mailbox(contacts=[{"salary": 1}]), "google.mailboxes[0].contacts[0].salary"),
        (mailbox(contacts=[{"names": [{"nick": 1}]}]), "google.mailboxes[0].contacts[0]"),
        (mailbox(contacts=[{"groups": ["None"]}]), "google.mailboxes[0].contacts[0].groups"),
        (mailbox(contacts=[{"groups": []}]), "google.mailboxes[0].contacts[0].groups"),
        (mailbox(contacts=[{"id": "x"}]), "google.mailboxes[0].contacts[0].id"),
        (mailbox(contacts=[{"id": "7"}, {"id": "7"}]), "google.mailboxes[0].contacts[1].id"),
        (mailbox(contacts=[{"updateTime": "now"}]), "google.mailboxes[0].contacts[0].updateTime"),
        (mailbox(groups=[{"name": "A"}, {"name": "a"}]), "google.mailboxes[0].groups[1].name"),
        (mailbox(log={"number": -1}), "google.mailboxes[0].log.number"),
        ({"propagation_seconds": "soon"}, "google.propagation_seconds"),
        ({"expired_token_status": 404}, "google.expired_token_status"),
        ({"mutate_seconds": -1}, "google.mutate_seconds"),
        ({"quotas": {"lunches": 1}}, "google.quotas.lunches"),
        ({"quotas": {"reads": "many"}}, "google.quotas.reads"),
        ({"applications": [{"client_id": "x", "client_secret": "y", "kind": "z"}]}, "google.applications[0].kind"),
        ({"service_accounts": [{"email": "x", "keys": {"k": "no key"}}]}, "google.service_accounts[0].keys.k"),
        ({"refresh_tokens": [{"token": "t", "user": "eve", "client_id": "x"}]}, "google.refresh_tokens[0].user"),
        ({"access_tokens": [{"token": "t", "user": "eve", "client_id": "x"}]}, "google.access_tokens[0].until"),
    ],
)
def test_a_wrong_world_is_refused_by_its_key(clock: Clock, world: dict[str, Any], key: str) -> None:
    with pytest.raises(Refused) as refused:
        Google(clock).load(world)
    assert str(refused.value).partition(": ")[0] == key


@pytest.mark.parametrize(
    ("user", "op", "details", "key"),
    [
        ("bob", "propagation_delay", {"seconds": 1}, "propagation_delay"),
        ("admin", "propagation_delay", {}, "seconds"),
        ("admin", "expired_token_status", {"status": 500}, "status"),
        ("admin", "quotas", {"limits": {"x": 1}}, "limits.x"),
        ("ann", "replay", {}, "user"),
        ("admin", "replay", {}, "user"),
        ("bob", "merge_contacts", {"keep": "people/c1", "lose": "people/c2"}, "keep"),
        ("bob", "restore_contact", {"contact": "people/c1"}, "contact"),
        ("bob", "consent", {"client_id": "x"}, "client_id"),
        ("bob", "consent", {"scopes": ["mail"]}, "scopes"),
        ("bob", "consent", {"url": "/o/oauth2/v2/auth"}, "url"),
        ("bob", "enter_code", {"user_code": "X"}, "user_code"),
        ("admin", "service_account_key", {"account": "x"}, "account"),
        ("admin", "delegate", {"scopes": ["mail"]}, "scopes"),
    ],
)
def test_acts_that_cannot_be_done_name_the_key(google: Google, user: str, op: str, details: Any, key: str) -> None:
    with pytest.raises(Refused) as refused:
        google.act(user, op, details)
    assert str(refused.value).partition(": ")[0] == key


def test_acts_of_others_are_left_to_them(google: Google) -> None:
    assert google.act("admin", "share", {}) is None
