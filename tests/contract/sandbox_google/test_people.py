"""Contacts one by one: what is kept, derived, replaced, refused."""

import base64
from typing import Any

import pytest

from mailsync.sandbox.google import Google
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_google.wire import Account, etag_of, person

FULL: dict[str, Any] = {
    "names": [{"givenName": "Dick", "familyName": "Hallorann", "honorificPrefix": "Mr.", "honorificSuffix": "Jr."}],
    "emailAddresses": [{"value": "Dick@Overlook.example", "type": "work"}, {"value": "d@x.example", "type": "odd"}],
    "phoneNumbers": [{"value": "(212) 555-0101 ext. 7", "type": "workFax"}, {"value": "none yet"}],
    "addresses": [{"type": "home", "streetAddress": "1 Hotel Rd", "city": "Sidewinder", "region": "CO"}],
    "organizations": [{"name": "Overlook", "title": "Chef", "department": "Kitchen", "current": True}],
    "biographies": [{"value": "two\nlines"}],
    "birthdays": [{"date": {"month": 2, "day": 29}}],
    "clientData": [{"key": "salesforceId", "value": "003Ib0000000001IAA"}],
    "events": [{"type": "anniversary", "date": {"year": 1999, "month": 1, "day": 2}}],
    "imClients": [{"username": "dick", "protocol": "googleTalk"}],
    "genders": [{"value": "male"}],
    "nicknames": [{"value": "Doc"}],
    "relations": [{"person": "Danny", "type": "friend"}],
    "urls": [{"value": "https://overlook.example", "type": "homePage"}],
    "userDefined": [{"key": "Shine", "value": "yes"}],
    "externalIds": [{"value": "7", "type": "account"}],
    "miscKeywords": [{"value": "cook", "type": "OUTLOOK_KEYWORD"}],
}
EVERYTHING = ",".join([*FULL, "memberships", "metadata", "photos"])


def test_everything_is_kept_and_what_google_derives_is_added(bob: Account) -> None:
    made = bob.ask("POST", "people:createContact", None, FULL)
    assert made == bob.get(made["resourceName"], EVERYTHING) | {"etag": made["etag"]}
    [name] = made["names"]
    assert name["displayName"] == "Mr. Dick Hallorann, Jr."
    assert (name["displayNameLastFirst"], name["unstructuredName"]) == ("Hallorann, Dick", name["displayName"])
    first, second = made["phoneNumbers"]
    assert (first["canonicalForm"], first["value"], first["formattedType"]) == (
        "+12125550101",
        "(212) 555-0101 ext. 7",
        "Work Fax",
    )
    assert "canonicalForm" not in second
    assert [each["metadata"].get("primary") for each in made["emailAddresses"]] == [True, None]
    assert [each["formattedType"] for each in made["emailAddresses"]] == ["Work", "odd"]
    assert made["addresses"][0]["formattedValue"] == "1 Hotel Rd\nSidewinder, CO"
    assert made["biographies"][0] | {"metadata": None} == {
        "value": "two\nlines",
        "contentType": "TEXT_PLAIN",
        "metadata": None,
    }
    assert made["imClients"][0]["formattedProtocol"] == "Google Talk"
    assert made["birthdays"][0]["date"] == {"month": 2, "day": 29}
    for field, values in FULL.items():
        for given, kept in zip(values, made[field], strict=True):
            assert given.items() <= kept.items()


def test_the_resource_name_and_the_source_are_one_number(bob: Account) -> None:
    made = bob.create()
    [source] = made["metadata"]["sources"]
    assert made["resourceName"] == f"people/c{int(source['id'], 16)}"
    assert (source["type"], made["metadata"]["objectType"]) == ("CONTACT", "PERSON")
    assert made["names"][0]["metadata"]["source"] == {"type": "CONTACT", "id": source["id"]}


def test_a_mask_gives_only_what_it_names(bob: Account) -> None:
    made = bob.create(emailAddresses=[{"value": "a@x.example"}])
    assert set(bob.get(made["resourceName"], "names")) == {"resourceName", "etag", "names"}
    assert set(bob.get(made["resourceName"], "phoneNumbers")) == {"resourceName", "etag"}
    older = bob.ask("GET", made["resourceName"], {"requestMask.includeField": "person.emailAddresses"})
    assert "emailAddresses" in older
    only = bob.ask("GET", made["resourceName"], {"personFields": "names", "sources": "READ_SOURCE_TYPE_PROFILE"})
    assert "names" not in only


def test_output_only_parts_of_a_person_are_ignored(bob: Account) -> None:
    made = bob.create(
        phoneNumbers=[{"value": "+12125550101", "canonicalForm": "+1", "formattedType": "x", "metadata": {}}],
        photos=[{"url": "https://x.example"}],
        etag="anything",
        resourceName="people/c1",
    )
    assert made["phoneNumbers"][0]["canonicalForm"] == "+12125550101"
    assert made["photos"][0]["default"] is True
    assert made["resourceName"] != "people/c1"
    named = bob.ask("POST", "people:createContact", None, {"names": [{"displayName": "Ada Lovelace"}]})
    assert "names" not in named


def test_a_free_form_name_is_taken_apart(bob: Account) -> None:
    made = bob.ask("POST", "people:createContact", None, {"names": [{"unstructuredName": "Ada King Lovelace"}]})
    assert (made["names"][0]["givenName"], made["names"][0]["familyName"]) == ("Ada King", "Lovelace")


def test_empty_values_are_none(bob: Account) -> None:
    made = bob.create(emailAddresses=[{"value": "", "type": "home"}, {"value": "a@x.example"}], phoneNumbers=[])
    assert [each["value"] for each in made["emailAddresses"]] == ["a@x.example"]
    assert "phoneNumbers" not in made


def test_an_update_replaces_the_masks_fields_and_no_others(bob: Account) -> None:
    phones = [{"value": "+12125550101", "type": "work"}, {"value": "+12125550102", "type": "pager"}]
    made = bob.create(phoneNumbers=phones, emailAddresses=[{"value": "a@x.example"}], biographies=[{"value": "note"}])
    seen = bob.update(made, "phoneNumbers,biographies", phoneNumbers=phones[:1], names=[{"givenName": "Eve"}])
    assert [each["value"] for each in seen["phoneNumbers"]] == ["+12125550101"]
    assert "biographies" not in seen
    assert (seen["names"][0]["givenName"], seen["emailAddresses"][0]["value"]) == ("Ada", "a@x.example")


def test_an_update_needs_the_present_etag(bob: Account) -> None:
    made = bob.create()
    path, query = f"{made['resourceName']}:updateContact", {"updatePersonFields": "names"}
    again = bob.update(made, "names", names=[{"givenName": "Eve"}])
    assert again["etag"] != made["etag"]
    error = bob.refused("PATCH", path, query, {**etag_of(made), **person("Zoe")})
    assert (error["code"], error["status"], error["errors"][0]["reason"]) == (
        400,
        "FAILED_PRECONDITION",
        "failedPrecondition",
    )
    assert error["message"] == (
        "Request person.metadata.sources.etag is different than the current person.metadata.sources.etag. "
        "Clear local cache and get the latest person."
    )
    error = bob.refused("PATCH", path, query, {"etag": made["etag"], **person("Zoe")})
    assert "Request person.etag is different than the current person.etag." in error["message"]
    assert bob.ask("PATCH", path, query, {"etag": again["etag"], **person("Zoe")})["names"][0]["givenName"] == "Zoe"
    assert bob.refused("PATCH", path, query, person("Zoe"))["status"] == "INVALID_ARGUMENT"
    wrong = {"metadata": {"sources": [{"type": "PROFILE", "etag": "x"}]}}
    assert "no source of type CONTACT" in bob.refused("PATCH", path, query, {**wrong, **person("Zoe")})["message"]


def test_joining_a_group_moves_the_etag(bob: Account) -> None:
    made, group = bob.create(), bob.group("Family")["resourceName"]
    bob.modify(group, [made["resourceName"]])
    path = f"{made['resourceName']}:updateContact"
    body = {**etag_of(made), **person("Eve")}
    assert bob.refused("PATCH", path, {"updatePersonFields": "names"}, body)["status"] == "FAILED_PRECONDITION"


@pytest.mark.parametrize("field", ["names", "biographies", "birthdays", "genders"])
def test_singletons(bob: Account, field: str) -> None:
    value = {"birthdays": {"date": {"year": 2000}}, "names": {"givenName": "A"}}.get(field, {"value": "a"})
    error = bob.refused("POST", "people:createContact", None, {field: [value, value]})
    assert (error["status"], field in error["message"]) == ("INVALID_ARGUMENT", True)
    made = bob.create()
    body = {**etag_of(made), field: [value, value]}
    bob.refused("PATCH", f"{made['resourceName']}:updateContact", {"updatePersonFields": field}, body)
    assert bob.get(made["resourceName"])["etag"] == made["etag"]


@pytest.mark.parametrize(
    "date", [{"month": 13}, {"month": 2, "day": 30}, {"day": 3}, {"year": -1}, {"year": 2023, "month": 2, "day": 29}]
)
def test_dates_are_dates(bob: Account, date: dict[str, int]) -> None:
    assert "valid date" in bob.refused("POST", "people:createContact", None, {"birthdays": [{"date": date}]})["message"]


def test_limits_of_a_contact(bob: Account) -> None:
    long = "x" * 1024
    assert bob.create(biographies=[{"value": long}])
    for body in (
        {"biographies": [{"value": long + "x"}]},
        {"userDefined": [{"key": f"k{at}", "value": "v"} for at in range(501)]},
        {"userDefined": [{"key": f"k{at}", "value": long} for at in range(130)]},
    ):
        assert bob.refused("POST", "people:createContact", None, body)["status"] == "INVALID_ARGUMENT"


def test_an_account_holds_25000_contacts(google: Google, clock: Clock) -> None:
    contacts = [{"names": [{"givenName": f"N{at}"}]} for at in range(24_999)]
    google.load({"propagation_seconds": 0, "mailboxes": [{"user": "bob", "contacts": contacts}]})
    bob = Account(google, clock)
    last = bob.create()
    error = bob.refused("POST", "people:createContact", None, person("Late"))
    assert (error["code"], error["message"]) == (400, "MY_CONTACTS_OVERFLOW_COUNT")
    bob.ask("DELETE", f"{last['resourceName']}:deleteContact")
    bob.create()


def test_memberships(bob: Account) -> None:
    group = bob.group("Family")["resourceName"]
    assert [each["contactGroupMembership"]["contactGroupId"] for each in bob.create()["memberships"]] == ["myContacts"]
    both = [
        {"contactGroupMembership": {"contactGroupResourceName": name}} for name in ("contactGroups/myContacts", group)
    ]
    made = bob.create(memberships=both)
    assert [each["contactGroupMembership"] for each in made["memberships"]] == [
        {"contactGroupId": "myContacts", "contactGroupResourceName": "contactGroups/myContacts"},
        {"contactGroupId": group.partition("/")[2], "contactGroupResourceName": group},
    ]
    path, query = f"{made['resourceName']}:updateContact", {"updatePersonFields": "memberships"}
    error = bob.refused("PATCH", path, query, etag_of(made))
    assert (error["status"], "at least one" in error["message"]) == ("INVALID_ARGUMENT", True)
    for name in ("contactGroups/nothing", "contactGroups/friends"):
        wrong = {"memberships": [{"contactGroupMembership": {"contactGroupResourceName": name}}]}
        assert bob.refused("POST", "people:createContact", None, wrong)["status"] == "INVALID_ARGUMENT"
    only = bob.update(made, "memberships", memberships=both[1:])
    assert len(only["memberships"]) == 1


def test_deletion_asks_for_no_etag(bob: Account) -> None:
    made = bob.create()
    path = f"{made['resourceName']}:deleteContact"
    assert bob.ask("DELETE", path) == {}
    for verb, where, query in (("DELETE", path, None), ("GET", made["resourceName"], {"personFields": "names"})):
        error = bob.refused(verb, where, query)
        assert (error["code"], error["message"]) == (404, "Requested entity was not found.")


def test_people_me_is_the_account(bob: Account) -> None:
    me = bob.ask("GET", "people/me", {"personFields": "names,emailAddresses,metadata"})
    assert me["emailAddresses"][0]["value"] == "bob@acme.example"
    assert me["metadata"]["sources"][0]["type"] == "PROFILE"
    assert bob.ask("GET", me["resourceName"], {"personFields": "names"})["names"][0]["givenName"] == "Bob"


def test_masks_are_asked_for_in_googles_words(bob: Account) -> None:
    made = bob.create()
    error = bob.refused("GET", made["resourceName"])
    assert error["message"].startswith("personFields mask is required. Please specify one or more valid paths.")
    error = bob.refused("GET", made["resourceName"], {"personFields": "names,salary"})
    assert error["message"].startswith('Invalid personFields mask path: "salary".')
    path = f"{made['resourceName']}:updateContact"
    assert "updatePersonFields mask is required" in bob.refused("PATCH", path, None, etag_of(made))["message"]
    for field in ("photos", "metadata", "skills"):
        error = bob.refused("PATCH", path, {"updatePersonFields": field}, etag_of(made))
        assert f'Invalid updatePersonFields mask path: "{field}".' in error["message"]


def test_photos(bob: Account) -> None:
    made = bob.create()
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()
    path = f"{made['resourceName']}:updateContactPhoto"
    seen = bob.ask("PATCH", path, None, {"photoBytes": picture, "personFields": "photos,metadata"})["person"]
    assert "default" not in seen["photos"][0]
    assert seen["etag"] != made["etag"]
    assert bob.ask("PATCH", path, None, {"photoBytes": picture}) == {}
    assert bob.refused("PATCH", path, None, {"photoBytes": "AAAA"})["status"] == "INVALID_ARGUMENT"
    assert bob.refused("PATCH", path, None, {"photoBytes": "%"})["status"] == "INVALID_ARGUMENT"
    gone = bob.ask("DELETE", f"{made['resourceName']}:deleteContactPhoto", {"personFields": "photos"})["person"]
    assert gone["photos"][0]["default"] is True


def test_people_see_only_their_own(bob: Account, google: Google, clock: Clock) -> None:
    made = bob.create()
    eve = Account(google, clock, "sandbox-eve")
    assert eve.refused("GET", made["resourceName"], {"personFields": "names"})["code"] == 404
    assert eve.list().get("connections") is None
