"""Each property of a contact under all of its names, as DavMail writes it: elements, tags, named properties."""

import pytest

from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_exchange.wire import (
    NS,
    Mailbox,
    equals,
    extended,
    find_item,
    folder_ref,
    phone,
    set_field,
    shape,
    sort_by,
    tag,
    text,
)


def named(number: int, kind: str = "String", known: str = "Address") -> str:
    return f'<t:ExtendedFieldURI DistinguishedPropertySetId="{known}" PropertyId="{number}" PropertyType="{kind}"/>'


def place(kind: str, part: str, value: str) -> str:
    return f'<t:PhysicalAddresses><t:Entry Key="{kind}"><t:{part}>{value}</t:{part}></t:Entry></t:PhysicalAddresses>'


def mail(slot: str, value: str) -> str:
    return f'<t:EmailAddresses><t:Entry Key="{slot}">{value}</t:Entry></t:EmailAddresses>'


IM = '<t:ImAddresses><t:Entry Key="ImAddress1">v</t:Entry></t:ImAddresses>'
# A path of the schema, its extended name, and the element with a value (MS-OXPROPS; DavMail's fields).
ALIASES = [
    ("contacts:GivenName", tag("0x3A06"), "<t:GivenName>v</t:GivenName>"),
    ("contacts:Surname", tag("0x3A11"), "<t:Surname>v</t:Surname>"),
    ("contacts:MiddleName", tag("0x3A44"), "<t:MiddleName>v</t:MiddleName>"),
    ("contacts:Generation", tag("0x3A05"), "<t:Generation>v</t:Generation>"),
    ("contacts:Nickname", tag("0x3A4F"), "<t:Nickname>v</t:Nickname>"),
    ("contacts:DisplayName", tag("0x3001"), "<t:DisplayName>v</t:DisplayName>"),
    ("item:Subject", tag("0x0037"), "<t:Subject>v</t:Subject>"),
    ("contacts:CompanyName", tag("0x3A16"), "<t:CompanyName>v</t:CompanyName>"),
    ("contacts:Department", tag("0x3A18"), "<t:Department>v</t:Department>"),
    ("contacts:JobTitle", tag("0x3A17"), "<t:JobTitle>v</t:JobTitle>"),
    ("contacts:OfficeLocation", tag("0x3A19"), "<t:OfficeLocation>v</t:OfficeLocation>"),
    ("contacts:Profession", tag("0x3A46"), "<t:Profession>v</t:Profession>"),
    ("contacts:Manager", tag("0x3A4E"), "<t:Manager>v</t:Manager>"),
    ("contacts:AssistantName", tag("0x3A30"), "<t:AssistantName>v</t:AssistantName>"),
    ("contacts:SpouseName", tag("0x3A48"), "<t:SpouseName>v</t:SpouseName>"),
    ("contacts:BusinessHomePage", tag("0x3A51"), "<t:BusinessHomePage>v</t:BusinessHomePage>"),
    ("contacts:FileAs", named(0x8005), "<t:FileAs>v</t:FileAs>"),
    ("contacts:PhoneNumber/BusinessPhone", tag("0x3A08"), phone("BusinessPhone", "v")),
    ("contacts:PhoneNumber/HomePhone", tag("0x3A09"), phone("HomePhone", "v")),
    ("contacts:PhoneNumber/MobilePhone", tag("0x3A1C"), phone("MobilePhone", "v")),
    ("contacts:PhoneNumber/CarPhone", tag("0x3A1E"), phone("CarPhone", "v")),
    ("contacts:PhoneNumber/Pager", tag("0x3A21"), phone("Pager", "v")),
    ("contacts:PhoneNumber/BusinessFax", tag("0x3A24"), phone("BusinessFax", "v")),
    ("contacts:PhoneNumber/OtherTelephone", tag("0x3A1F"), phone("OtherTelephone", "v")),
    ("contacts:PhoneNumber/AssistantPhone", tag("0x3A2E"), phone("AssistantPhone", "v")),
    ("contacts:PhysicalAddress:Street/Business", named(0x8045), place("Business", "Street", "v")),
    ("contacts:PhysicalAddress:City/Business", named(0x8046), place("Business", "City", "v")),
    ("contacts:PhysicalAddress:State/Business", named(0x8047), place("Business", "State", "v")),
    ("contacts:PhysicalAddress:PostalCode/Business", named(0x8048), place("Business", "PostalCode", "v")),
    ("contacts:PhysicalAddress:CountryOrRegion/Business", named(0x8049), place("Business", "CountryOrRegion", "v")),
    ("contacts:PhysicalAddress:Street/Home", tag("0x3A5D"), place("Home", "Street", "v")),
    ("contacts:PhysicalAddress:City/Other", tag("0x3A5F"), place("Other", "City", "v")),
    ("contacts:ImAddress/ImAddress1", named(0x8062), IM),
    ("contacts:EmailAddress/EmailAddress1", named(0x8083), mail("EmailAddress1", "v")),
    ("contacts:EmailAddress/EmailAddress2", named(0x8093), mail("EmailAddress2", "v")),
    ("contacts:EmailAddress/EmailAddress3", named(0x80A3), mail("EmailAddress3", "v")),
    ("item:Body", tag("0x1000"), '<t:Body BodyType="Text">v</t:Body>'),
]  # fmt: skip


def find_one(ann: Mailbox, path: str, value: str) -> int:
    return len(ann.find("contacts", equals(path, value)))


@pytest.mark.parametrize(("path", "other", "content"), ALIASES)
def test_a_value_has_both_names_in_both_directions(ann: Mailbox, path: str, other: str, content: str) -> None:
    written = ann.get(ann.create(content), other)
    assert text(written, "t:ExtendedProperty/t:Value") == "v"
    ref = ann.create(extended(other, "v"))
    element = ann.get(ref, path)
    assert "v" in [each.text for each in element.iter()]
    if path != "item:Body":
        assert (find_one(ann, path, "v"), find_one(ann, other, "V")) == (2, 2)
    later = set_field(other, extended(other, "w"))
    ann.update(ref, later)
    assert "w" in [each.text for each in ann.get(ref, path).iter()]


@pytest.mark.parametrize("path", ["contacts:Surname", tag("0x3A11"), "contacts:PhoneNumber/Pager", tag("0x3A21")])
def test_either_name_sorts(ann: Mailbox, path: str) -> None:
    for letter in "bca":
        ann.create(phone("Pager", letter) + f"<t:Surname>{letter}</t:Surname>")
    message = ann.ask_one(find_item("contacts", "", "contacts:Surname", order=sort_by(path)))
    assert [each.text for each in message.iterfind(".//t:Surname", NS)] == ["a", "b", "c"]


def test_davmails_own_name_of_an_item(ann: Mailbox) -> None:
    ref = ann.create(extended(tag("0x10f3"), "5f1.EML"))
    (found,) = ann.find(
        "contacts", equals(tag("0x10F3"), "5f1.EML"), tag("0x0ff9", "Binary"), tag("0x3008", "SystemTime")
    )
    assert text(found, "t:ExtendedProperty/t:Value") == ref.id
    assert ann.codes(find_item("contacts", equals(tag("0x10f3"), "other.EML"))) == ["NoError"]


def test_an_address_is_its_original_too(ann: Mailbox) -> None:
    ref = ann.create(mail("EmailAddress2", "jo@doe.example"))
    assert text(ann.get(ref, named(0x8094)), "t:ExtendedProperty/t:Value") == "jo@doe.example"
    ann.update(ref, set_field(named(0x8094), extended(named(0x8094), "Jo (jo@doe.example)")))
    assert text(ann.get(ref, named(0x8094)), "t:ExtendedProperty/t:Value") == "Jo (jo@doe.example)"


def test_a_folder_says_when_it_last_changed(ann: Mailbox, clock: Clock) -> None:
    commit, deleted = tag("0x670A", "SystemTime"), tag("0x670B", "Integer")
    content = (
        f"<m:GetFolder>{shape(commit, deleted, what='Folder')}<m:FolderIds>{folder_ref('contacts')}</m:FolderIds>"
        f"</m:GetFolder>"
    )

    def read() -> list[str | None]:
        return [each.text for each in ann.ask_one(content).iterfind(".//t:Value", NS)]

    assert read() == ["0"]
    ref = ann.create("<t:GivenName>Jo</t:GivenName>")
    first = read()
    clock.advance(2)
    ann.delete(ref)
    second = read()
    assert (first[1], second[1]) == ("0", "1")
    assert second[0] > first[0]
