"""Lists: paging, selecting, filtering, ordering, counting; folders and categories."""

from typing import Any

import pytest

from mailsync.sandbox.microsoft import Microsoft
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_microsoft.wire import OWN_ID, Person


@pytest.fixture
def five(cem: Person) -> Person:
    for at, name in enumerate(("Ada", "Ben", "Cleo", "Dan", "Eve")):
        cem.create(
            givenName=name,
            companyName="Acme" if at % 2 else "Overlook",
            categories=["Salesforce"] if at < 2 else ["Salesforce Leads"],
            emailAddresses=[{"address": f"{name.lower()}@acme.example", "name": name}],
            singleValueExtendedProperties=[{"id": OWN_ID, "value": f"003X{at}"}],
        )
    return cem


def test_pages_follow_each_other_by_links(five: Person) -> None:
    names, url, sizes = list[str](), "me/contacts?$top=2&$select=displayName&$orderby=displayName", list[int]()
    while url:
        reply = five.get(url)
        names += reply.names()
        sizes.append(len(reply.value))
        url = reply.body.get("@odata.nextLink", "")
    assert (names, sizes) == (["Ada", "Ben", "Cleo", "Dan", "Eve"], [2, 2, 1])
    assert set(reply.value[0]) == {"@odata.etag", "id", "displayName"}


def test_a_page_has_ten_unless_asked_otherwise(cem: Person) -> None:
    for at in range(12):
        cem.create(givenName=f"n{at}")
    assert len(cem.get("me/contacts").value) == 10
    assert len(cem.get("me/contacts?$top=999").value) == 12
    assert len(cem.get("me/contacts", prefer="odata.maxpagesize=11").value) == 11


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("categories/any(c:c eq 'salesforce')", "Ada Ben"),
        ("emailAddresses/any(a:a/address eq 'EVE@acme.example')", "Eve"),
        (f"singleValueExtendedProperties/Any(ep: ep/id eq '{OWN_ID}' and ep/value eq '003x2')", "Cleo"),
        (f"singleValueExtendedProperties/any(ep: ep/id eq '{OWN_ID}' and ep/value ne null)", "Ada Ben Cleo Dan Eve"),
        (f"singleValueExtendedProperties/Any(ep: ep/id eq '{OWN_ID.replace('SalesforceId', 'salesforceid')}')", ""),
        ("startswith(displayName,'d') or givenName eq 'Ben'", "Ben Dan"),
        ("companyName eq 'acme' and not (displayName eq 'Ben')", "Dan"),
        ("createdDateTime gt 2020-01-01T00:00:00Z", "Ada Ben Cleo Dan Eve"),
        ("lastModifiedDateTime lt 2020-01-01T00:00:00Z", ""),
    ],
)
def test_filters(five: Person, text: str, names: str) -> None:
    assert sorted(five.get(f"me/contacts?$filter={text}&$top=50").names()) == names.split()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('$search="ada"', "ErrorInvalidUrlQuery"),
        ("$filter=contains(displayName,'a')", "ErrorInvalidUrlQueryFilter"),
        ("$filter=homeAddress/city eq 'x'", "ErrorInvalidUrlQueryFilter"),
        ("$filter=displayName eq", "ErrorInvalidUrlQueryFilter"),
        ("$filter=displayName eq 'a", "BadRequest"),
        ("$select=shoeSize", "BadRequest"),
        ("$expand=photo", "BadRequest"),
        ("$expand=singleValueExtendedProperties", "BadRequest"),
        ("$orderby=shoeSize", "ErrorInvalidUrlQuery"),
        ("$top=0", "BadRequest"),
        ("$top=1001", "ErrorInvalidUrlQuery"),
        ("$skip=x", "BadRequest"),
        ("$apply=x", "BadRequest"),
    ],
)
def test_options_that_graph_refuses(five: Person, query: str, code: str) -> None:
    reply = five.get(f"me/contacts?{query}")
    assert (reply.status, reply.code) == (400, code)


def test_distribution_lists_are_counted_and_never_told(clock: Clock) -> None:
    graph = Microsoft(clock)
    member = {"Name": "x", "EmailAddress": "x@acme.example"}
    items: list[dict[str, Any]] = [
        {"DisplayName": "List", "Kind": "DistributionList", "Members": [member]},
        {"GivenName": "A"},
    ]
    graph.load({"mailboxes": [{"user": "cem", "items": items}]})
    cem = Person(graph)
    reply = cem.get("me/contacts?$count=true")
    assert (reply.body["@odata.count"], reply.names()) == (2, ["A"])
    assert [c["givenName"] for c in cem.drain("me/contacts/delta")[0]] == ["A"]


def test_contacts_of_the_person_are_those_of_the_default_folder_alone(five: Person) -> None:
    folder = five.folder("Other")
    made = five.create(f"me/contactFolders/{folder}/contacts", givenName="Zoe")
    assert "Zoe" not in five.get("me/contacts?$top=50").names()
    assert five.get(f"me/contactFolders/{folder}/contacts").names() == ["Zoe"]
    assert five.get(f"me/contacts/{made['id']}").body["parentFolderId"] == folder
    default = five.get("me/contactFolders/contacts").body
    assert five.get(f"me/contactFolders/{default['id']}/contacts/{made['id']}").code == "ErrorItemNotFound"


def test_folders(five: Person) -> None:
    folder = five.folder("Salesforce Contacts")
    assert five.get("me/contactFolders").names() == ["Salesforce Contacts"]
    assert five.ask("POST", "me/contactFolders", {"displayName": "salesforce contacts"}).code == "ErrorFolderExists"
    child = five.folder("Inner", f"me/contactFolders/{folder}/childFolders")
    assert five.get(f"me/contactFolders/{folder}/childFolders").names() == ["Inner"]
    assert five.get(f"me/contactFolders/{folder}/childFolders/{child}").body["displayName"] == "Inner"
    assert five.get("me/contactFolders?$filter=displayName eq 'salesforce contacts'").value[0]["id"] == folder
    renamed = five.ask("PATCH", f"me/contactFolders/{folder}", {"displayName": "New"})
    assert (renamed.body["id"], renamed.body["displayName"]) == (folder, "New")
    assert five.ask("DELETE", f"me/contactFolders/{folder}").status == 204
    assert five.get("me/contactFolders").value == []
    bin_id = five.get("me/contactFolders/deleteditems").body["id"]
    assert five.get(f"me/contactFolders/{folder}").body["parentFolderId"] == bin_id
    assert five.get("me/contactFolders/deleteditems/childFolders").names() == ["New"]
    assert five.ask("POST", f"me/contactFolders/{folder}/permanentDelete").status == 204
    assert five.get(f"me/contactFolders/{folder}").code == "ErrorItemNotFound"
    assert five.ask("DELETE", "me/contactFolders/contacts").status == 403
    assert five.ask("POST", "me/contactFolders", {"displayName": "x", "colour": "red"}).code == "RequestBodyRead"


def test_categories(cem: Person) -> None:
    place = "me/outlook/masterCategories"
    assert len(cem.get(place).value) == 6
    made = cem.create(place, displayName="Salesforce", color="preset4")
    assert cem.ask("POST", place, {"displayName": "salesforce", "color": "preset1"}).status == 409
    assert cem.ask("POST", place, {"displayName": "x", "color": "preset25"}).code == "RequestBodyRead"
    changed = cem.ask("PATCH", f"{place}/{made['id']}", {"color": "none"})
    assert changed.body["color"] == "none"
    assert cem.ask("PATCH", f"{place}/{made['id']}", {"displayName": "Other"}).status == 400
    assert cem.get(f"{place}/{made['id']}").body["displayName"] == "Salesforce"
    assert cem.ask("DELETE", f"{place}/{made['id']}").status == 204
    assert len(cem.get(place).value) == 6
