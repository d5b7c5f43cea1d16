"""Contacts: creating, reading, changing under a condition, deleting; types, limits and extended properties."""

import re
from typing import Any

import pytest

from mailsync.sandbox.microsoft import Microsoft
from mailsync.sandbox.vendor import Refused
from tests.contract.sandbox_microsoft.wire import OWN_ID, SET, Person

FULL: dict[str, Any] = {
    "givenName": "Dick",
    "middleName": "J.",
    "surname": "Hallorann",
    "title": "Mr.",
    "generation": "Sr.",
    "initials": "D.J.H.",
    "nickName": "Doc",
    "displayName": "Dick Hallorann",
    "fileAs": "Hallorann, D.",
    "companyName": "Overlook",
    "department": "Kitchen",
    "jobTitle": "Cook",
    "manager": "Ullman",
    "assistantName": "Danny",
    "officeLocation": "Room 1",
    "profession": "Chef",
    "spouseName": "Grace",
    "businessHomePage": "https://overlook.example",
    "mobilePhone": "(303) 555-0100",
    "businessPhones": ["(303) 555-0101", "(303) 555-0102"],
    "homePhones": ["(303) 555-0103", "(303) 555-0104"],
    "imAddresses": ["dick@im.example"],
    "children": ["Ann", "Bob"],
    "categories": ["Red category", "Kitchen"],
    "birthday": "1920-05-01T11:59:00Z",
    "personalNotes": "Shines.\nBrightly.",
    "emailAddresses": [
        {"address": "dick@overlook.example", "name": "Dick"},
        {"address": "dick@home.example", "name": "dick@home.example"},
    ],
    "businessAddress": {"street": "1 Mountain Rd", "city": "Sidewinder", "state": "CO", "postalCode": "80517",
                        "countryOrRegion": "United States"},
    "homeAddress": {"city": "Miami"},
    "otherAddress": {"street": "2 Beach"},
    "yomiGivenName": "y1",
    "yomiSurname": "y2",
    "yomiCompanyName": "y3",
}  # fmt: skip


def test_everything_filled_in_comes_back_as_written(cem: Person) -> None:
    made = cem.create(**FULL)
    assert {name: made[name] for name in FULL} == FULL
    read = cem.get(f"me/contacts/{made['id']}").body
    assert {name: read[name] for name in FULL} == FULL
    assert read["primaryEmailAddress"] == FULL["emailAddresses"][0]
    assert read["tertiaryEmailAddress"] is None
    assert read["@odata.etag"] == f'W/"{read["changeKey"]}"'


def test_what_is_empty_is_null_or_an_empty_list(cem: Person) -> None:
    made = cem.create(givenName="A")
    assert (made["surname"], made["birthday"], made["businessPhones"], made["homeAddress"]) == (None, None, [], {})
    assert made["fileAs"] == made["displayName"] == "A"


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ({"businessPhones": ["1", "2", "3"]}, "ErrorInvalidProperty",
         "The multi value property BusinessPhones has 3 entries, that exceeds the max allowed value of 2."),
        ({"homePhones": ["1", "2", "3"]}, "ErrorInvalidProperty",
         "The multi value property HomePhones has 3 entries, that exceeds the max allowed value of 2."),
        ({"emailAddresses": [{"address": f"{n}@a.example"} for n in range(4)]}, "ErrorInvalidProperty",
         "The multi value property EmailAddresses has 4 entries, that exceeds the max allowed value of 3."),
        ({"shoeSize": 9}, "RequestBodyRead",
         "The property 'shoeSize' does not exist on type 'microsoft.graph.contact'."),
        ({"emailAddresses": [{"mail": "x"}]}, "RequestBodyRead", "The property 'mail' does not exist on type "
         "'microsoft.graph.emailAddress'."),
        ({"surname": 5}, "RequestBodyRead", "Cannot read the value '5'"),
        ({"categories": None}, "RequestBodyRead", "A null value was found for the property named 'categories'"),
        ({"businessPhones": "1"}, "RequestBodyRead", "is no collection"),
        ({"birthday": "1920-05-01"}, "RequestBodyRead", "Cannot convert the literal '1920-05-01'"),
        ({"homeAddress": "here"}, "RequestBodyRead", "An object of type 'microsoft.graph.physicalAddress'"),
        ({"singleValueExtendedProperties": [{"id": "Nonsense", "value": "x"}]}, "ErrorInvalidProperty", "PropertyId"),
        ({"singleValueExtendedProperties": [{"id": "Integer 0x1234", "value": "x"}]},
         "ErrorInvalidExtendedPropertyValue", "value is invalid"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_type_is_refused_and_nothing_is_kept(
    cem: Person, content: Any, code: str, message: str
) -> None:
    reply = cem.ask("POST", "me/contacts", {"givenName": "x", **content})
    assert (reply.status, reply.code) == (400, code)
    assert message in reply.message
    assert cem.get("me/contacts").value == []
    made = cem.create(givenName="x")
    assert cem.patch(made["id"], content).status == 400
    assert cem.get(f"me/contacts/{made['id']}").body["changeKey"] == made["changeKey"]


def test_a_patch_sets_what_it_names_and_lists_as_a_whole(cem: Person) -> None:
    made = cem.create(**FULL)
    change = {"jobTitle": None, "businessPhones": ["9"], "emailAddresses": [], "homeAddress": {"street": "3 Palm"}}
    changed = cem.patch(made["id"], change).body
    expected = {**FULL, **change, "homeAddress": {"street": "3 Palm", "city": "Miami"}}
    assert {name: changed[name] for name in FULL} == expected
    assert cem.patch(made["id"], {"homeAddress": None}).body["homeAddress"] == {}


def test_a_display_name_that_is_left_out_is_made_anew(cem: Person) -> None:
    made = cem.create(givenName="Zz", surname="Test", displayName="Zz Test (temporary)")
    assert cem.patch(made["id"], {"jobTitle": "x"}).body["displayName"] == "Zz Test (temporary)"
    assert cem.patch(made["id"], {"givenName": "Qq"}).body["displayName"] == "Qq Test"
    assert cem.patch(made["id"], {"givenName": "R", "displayName": "Own"}).body["displayName"] == "Own"


def test_a_condition_holds_on_the_version_it_names_only(cem: Person) -> None:
    made = cem.create(givenName="A")
    changed = cem.patch(made["id"], {"surname": "B"}, if_match=made["@odata.etag"])
    assert changed.status == 200
    stale = cem.patch(made["id"], {"surname": "C"}, if_match=made["@odata.etag"])
    assert (stale.status, stale.code) == (412, "ErrorIrresolvableConflict")
    assert cem.ask("DELETE", f"me/contacts/{made['id']}", if_match=made["@odata.etag"]).status == 412
    assert cem.patch(made["id"], {"surname": "D"}, if_match="*").status == 200
    fresh = cem.get(f"me/contacts/{made['id']}").body
    assert fresh["surname"] == "D"
    assert cem.ask("DELETE", f"me/contacts/{made['id']}", if_match=fresh["@odata.etag"]).status == 204


def test_a_patch_of_the_same_values_is_a_new_version_as_in_ews(cem: Person) -> None:
    made = cem.create(**FULL)
    again = cem.patch(made["id"], FULL).body
    assert again["changeKey"] != made["changeKey"]
    assert {name: again[name] for name in FULL} == FULL


def test_deleted_contacts_lie_in_deleted_items_and_purged_ones_nowhere(cem: Person, graph: Microsoft) -> None:
    first, second = cem.create(givenName="A"), cem.create(givenName="B")
    assert cem.ask("DELETE", f"me/contacts/{first['id']}").status == 204
    assert cem.get(f"me/contacts/{first['id']}").code == "ErrorItemNotFound"
    (found,) = cem.get("me/contactFolders/deleteditems/contacts").value
    assert found["displayName"] == "A"
    assert cem.get(f"me/contacts/{found['id']}").body["parentFolderId"] != first["parentFolderId"]
    assert cem.ask("POST", f"me/contacts/{second['id']}/permanentDelete").status == 204
    assert cem.get("me/contactFolders/deleteditems/contacts").names() == ["A"]
    assert cem.ask("DELETE", f"me/contacts/{found['id']}").status == 204
    assert cem.get("me/contactFolders/deleteditems/contacts").value == []
    restored = graph.act("cem", "restore_contact", {"name": "A"})
    assert restored
    assert cem.get(f"me/contacts/{restored['id']}").status == 200


def test_immutable_ids_survive_what_changes_others(cem: Person) -> None:
    made = cem.create(givenName="A")
    cem.prefer = ['IdType="ImmutableId"']
    reply = cem.get("me/contacts")
    (told,) = reply.value
    assert 'IdType="ImmutableId"' in reply.headers["preference-applied"]
    assert told["id"] != made["id"]
    assert told["parentFolderId"] == made["parentFolderId"]
    assert cem.ask("DELETE", f"me/contacts/{made['id']}").status == 204
    assert cem.get(f"me/contacts/{made['id']}").code == "ErrorItemNotFound"
    assert cem.get(f"me/contacts/{told['id']}").body["id"] == told["id"]
    assert [c["id"] for c in cem.get("me/contactFolders/deleteditems/contacts").value] == [told["id"]]


def test_ids_are_translated_between_their_forms(cem: Person) -> None:
    made = cem.create(givenName="A")
    forms = {"restId": made["id"]}
    for form in ("ewsId", "restImmutableEntryId"):
        body = {"inputIds": [made["id"]], "sourceIdType": "restId", "targetIdType": form}
        (result,) = cem.ask("POST", "me/translateExchangeIds", body).value
        forms[form] = result["targetId"]
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", forms["ewsId"])
    back = {"inputIds": [forms["restImmutableEntryId"], "AAMkbroken"], "sourceIdType": "restImmutableEntryId"}
    good, bad = cem.ask("POST", "me/translateExchangeIds", {**back, "targetIdType": "restId"}).value
    assert good["targetId"] == made["id"]
    assert bad["errorDetails"]["code"] in ("ErrorItemNotFound", "ErrorInvalidIdMalformed")


@pytest.mark.parametrize(
    ("mode", "status", "moves"), [("ignored", 200, False), ("moves", 200, True), ("refused", 400, False)]
)
def test_what_a_patch_of_the_parent_folder_does_is_a_switch(
    cem: Person, graph: Microsoft, mode: str, status: int, moves: bool
) -> None:
    graph.act("admin", "tenant_quirk", {"parent_folder": mode})
    folder, made = cem.folder("F"), cem.create(givenName="A")
    cem.prefer = ['IdType="ImmutableId"']
    (told,) = cem.get("me/contacts").value
    reply = cem.patch(told["id"], {"parentFolderId": folder})
    assert reply.status == status
    read = cem.get(f"me/contacts/{told['id']}").body
    assert (read["parentFolderId"] == folder) is moves
    assert cem.get(f"me/contacts/{made['id']}").status == (404 if moves else 200)
    assert cem.ask("POST", f"me/contacts/{told['id']}/move", {"destinationId": folder}).message == (
        "Resource not found for the segment 'move'."
    )


def test_extended_properties_by_name_tag_and_number(cem: Person) -> None:
    fax, numbered = "String 0x3A24", f"Integer {{{SET}}} Id 0x8010"
    listed = f"StringArray {{{SET}}} Name Tags"
    made = cem.create(
        givenName="A",
        singleValueExtendedProperties=[
            {"id": OWN_ID, "value": "003Ab"},
            {"id": fax, "value": "55"},
            {"id": numbered, "value": "7"},
        ],
        multiValueExtendedProperties=[{"id": listed, "value": ["x", "y"]}],
    )
    assert "singleValueExtendedProperties" not in made
    wanted = " or ".join(f"id eq '{each}'" for each in (OWN_ID, fax, numbered))
    several = f"multiValueExtendedProperties($filter=id eq '{listed}')"
    expand = f"$expand=singleValueExtendedProperties($filter={wanted}),{several}"
    read = cem.get(f"me/contacts/{made['id']}?{expand}&$select=id").body
    assert read["singleValueExtendedProperties"] == [
        {"id": OWN_ID, "value": "003Ab"},
        {"id": "String 0x3a24", "value": "55"},
        {"id": numbered, "value": "7"},
    ]
    assert read["multiValueExtendedProperties"] == [{"id": listed, "value": ["x", "y"]}]
    gone = cem.patch(made["id"], {"singleValueExtendedProperties": [{"id": OWN_ID, "value": None}]})
    assert gone.status == 200
    assert cem.get(f"me/contacts?$filter=singleValueExtendedProperties/Any(e: e/id eq '{OWN_ID}')").value == []


def test_photos(cem: Person) -> None:
    made = cem.create(givenName="A")
    assert cem.get(f"me/contacts/{made['id']}/photo").code == "ErrorItemNotFound"
    picture = b"\x89PNG\r\n\x1a\n" + bytes(8) + (3).to_bytes(4, "big") + (2).to_bytes(4, "big")
    place = f"me/contacts/{made['id']}/photo/$value"
    assert cem.ask("PUT", place, picture, content_type="image/png").status == 200
    assert cem.get(place).raw == picture
    assert cem.get(f"me/contacts/{made['id']}/photo").body["width"] == 3
    assert cem.ask("PUT", place, b"x", content_type="text/plain").status == 415


def test_the_given_name_may_be_required(cem: Person, graph: Microsoft) -> None:
    graph.act("admin", "tenant_quirk", {"quirk": "given_name_required"})
    reply = cem.ask("POST", "me/contacts", {"surname": "B"})
    assert reply.message == "The property 'GivenName' is required when creating the entity."
    with pytest.raises(Refused, match="only admin"):
        graph.act("cem", "tenant_quirk", {"quirk": "given_name_required"})


@pytest.mark.parametrize("identifier", ["nonsense", "AAMkAD==", "%20", "AAkALgAAAAAAHYQDEapmEc2byACqAC_EWg0A"])
def test_what_is_no_id_is_refused(cem: Person, identifier: str) -> None:
    assert cem.get(f"me/contacts/{identifier}").status in (400, 404)
