"""UpdateItem: one property per change, change keys, and what the vendor refuses."""

import pytest

from mailsync.sandbox.exchange import Exchange
from tests.contract.sandbox_exchange.wire import (
    NS,
    OWN_ID,
    Mailbox,
    Ref,
    delete_field,
    extended,
    set_field,
    tag,
    text,
    texts,
    update_item,
)

JO = "<t:DisplayName>Jo</t:DisplayName><t:GivenName>Jo</t:GivenName>"


def test_set_append_and_delete(ann: Mailbox) -> None:
    ref = ann.create(JO)
    new = ann.update(
        ref,
        set_field("contacts:Surname", "<t:Surname>Doe</t:Surname>"),
        set_field("contacts:PhoneNumber/Pager", '<t:PhoneNumbers><t:Entry Key="Pager">1</t:Entry></t:PhoneNumbers>'),
        set_field(
            "contacts:PhysicalAddress:City/Home",
            '<t:PhysicalAddresses><t:Entry Key="Home"><t:City>Ulm</t:City></t:Entry></t:PhysicalAddresses>',
        ),
        set_field(
            "contacts:EmailAddress/EmailAddress1",
            '<t:EmailAddresses><t:Entry Key="EmailAddress1">jo@doe.example</t:Entry></t:EmailAddresses>',
        ),
        set_field("item:Categories", "<t:Categories><t:String>Salesforce</t:String></t:Categories>"),
        set_field("item:Body", '<t:Body BodyType="Text">one</t:Body>'),
        set_field(OWN_ID, extended(OWN_ID, "003A")),
        delete_field("contacts:GivenName"),
        set_field("item:Body", '<t:Body BodyType="Text"> two</t:Body>', action="AppendToItemField"),
    )
    assert new.id == ref.id
    assert new.key != ref.key
    contact = ann.get(new, OWN_ID, base="AllProperties")
    assert contact.find("t:GivenName", NS) is None
    assert [text(contact, f"t:{name}") for name in ("Surname", "Body", "ExtendedProperty/t:Value")] == [
        "Doe",
        "one two",
        "003A",
    ]
    assert text(contact, "t:PhoneNumbers/t:Entry[@Key='Pager']") == "1"
    assert text(contact, "t:PhysicalAddresses/t:Entry[@Key='Home']/t:City") == "Ulm"
    assert texts(contact, "t:Categories/t:String") == ["Salesforce"]
    last = ann.update(
        new,
        delete_field("contacts:EmailAddress/EmailAddress1"),
        delete_field("contacts:PhoneNumber/Pager"),
        delete_field("item:Categories"),
        delete_field(OWN_ID),
    )
    left = ann.get(last, OWN_ID, base="AllProperties")
    for name in ("EmailAddresses", "PhoneNumbers", "Categories", "ExtendedProperty"):
        assert left.find(f"t:{name}", NS) is None


def test_a_stale_change_key_changes_nothing(ann: Mailbox) -> None:
    first = ann.create(JO)
    second = ann.update(first, set_field("contacts:GivenName", "<t:GivenName>Al</t:GivenName>"))
    late = set_field("contacts:Surname", "<t:Surname>Late</t:Surname>")
    assert ann.update_code(first, late) == "ErrorIrresolvableConflict"
    assert ann.update_code(Ref(first.id, ""), late) == "ErrorChangeKeyRequired"
    assert ann.update_code(Ref(first.id, "abc"), late) == "ErrorInvalidChangeKey"
    assert ann.get(second, "contacts:Surname").find("t:Surname", NS) is None
    third = ann.update(first, late, resolution="AutoResolve")
    fourth = ann.update(Ref(first.id, ""), late, resolution="AlwaysOverwrite")
    assert len({first.key, second.key, third.key, fourth.key}) == 4


def test_a_batch_is_carried_out_item_by_item(ann: Mailbox) -> None:
    stale, fresh = ann.create(JO), ann.create(JO)
    ann.update(stale, set_field("contacts:Surname", "<t:Surname>A</t:Surname>"))
    change = set_field("contacts:Surname", "<t:Surname>B</t:Surname>")
    changes = "".join(
        f"<t:ItemChange>{ref.xml}<t:Updates>{change}</t:Updates></t:ItemChange>" for ref in (stale, fresh)
    )
    request = (
        f'<m:UpdateItem ConflictResolution="NeverOverwrite"><m:ItemChanges>{changes}</m:ItemChanges></m:UpdateItem>'
    )
    assert ann.codes(request) == ["ErrorIrresolvableConflict", "NoError"]
    assert text(ann.get(fresh, "contacts:Surname"), "t:Surname") == "B"


@pytest.mark.parametrize(
    ("update", "code"),
    [
        (set_field("contacts:Surname", ""), "ErrorIncorrectUpdatePropertyCount"),
        (
            set_field("contacts:Surname", "<t:GivenName>a</t:GivenName><t:Surname>b</t:Surname>"),
            "ErrorIncorrectUpdatePropertyCount",
        ),
        (set_field("contacts:Surname", "<t:GivenName>a</t:GivenName>"), "ErrorUpdatePropertyMismatch"),
        (
            set_field("contacts:PhoneNumber/Pager", '<t:PhoneNumbers><t:Entry Key="Isdn">1</t:Entry></t:PhoneNumbers>'),
            "ErrorUpdatePropertyMismatch",
        ),
        (
            set_field("contacts:PhoneNumber/Pager", '<t:PhoneNumbers><t:Entry Key="Pager"/></t:PhoneNumbers>'),
            "ErrorIncorrectUpdatePropertyCount",
        ),
        (
            set_field(
                "contacts:EmailAddress/EmailAddress1",
                '<t:EmailAddresses><t:Entry Key="EmailAddress1"></t:Entry></t:EmailAddresses>',
            ),
            "ErrorIncorrectUpdatePropertyCount",
        ),
        (
            set_field(
                "contacts:EmailAddresses",
                '<t:EmailAddresses><t:Entry Key="EmailAddress1">a@b.example</t:Entry></t:EmailAddresses>',
            ),
            "ErrorInvalidPropertySet",
        ),
        (set_field("contacts:CompleteName", "<t:CompleteName/>"), "ErrorInvalidPropertySet"),
        (
            set_field("item:DateTimeCreated", "<t:DateTimeCreated>2026-01-01T00:00:00Z</t:DateTimeCreated>"),
            "ErrorInvalidPropertySet",
        ),
        (set_field(OWN_ID, extended(tag("0x3A06"), "x")), "ErrorUpdatePropertyMismatch"),
        (
            set_field("contacts:Surname", "<t:DisplayName>x</t:DisplayName>", "DistributionList"),
            "ErrorObjectTypeChanged",
        ),
        (
            set_field("contacts:Surname", "<t:Surname>x</t:Surname>", action="AppendToItemField"),
            "ErrorInvalidPropertyAppend",
        ),
        (delete_field("item:Size"), "ErrorInvalidPropertyDelete"),
    ],
)
def test_what_an_update_may_not_do(ann: Mailbox, update: str, code: str) -> None:
    ref = ann.create(JO)
    good = set_field("contacts:Manager", "<t:Manager>x</t:Manager>")
    assert ann.update_code(ref, good, update) == code
    assert ann.get(ref, "contacts:Manager").find("t:Manager", NS) is None
    assert ann.codes(update_item(ref, good)) == ["NoError"]


def test_file_as_follows_the_names_until_it_is_written(ann: Mailbox) -> None:
    ref = ann.create(
        "<t:FileAsMapping>LastCommaFirst</t:FileAsMapping><t:GivenName>Jo</t:GivenName><t:Surname>Doe</t:Surname>"
    )
    ref = ann.update(ref, set_field("contacts:Surname", "<t:Surname>Roe</t:Surname>"))
    assert text(ann.get(ref, "contacts:FileAs"), "t:FileAs") == "Roe, Jo"
    ref = ann.update(ref, set_field("contacts:FileAs", "<t:FileAs>Own</t:FileAs>"))
    ref = ann.update(ref, set_field("contacts:Surname", "<t:Surname>Zoe</t:Surname>"))
    assert text(ann.get(ref, "contacts:FileAs"), "t:FileAs") == "Own"


def test_a_server_without_change_keys(ann: Mailbox, exchange: Exchange) -> None:
    exchange.act("admin", "server_quirk", {"quirk": "no_change_key_check", "on": True})
    ref = ann.create(JO)
    for name in ("A", "B"):
        ann.update(ref, set_field("contacts:Surname", f"<t:Surname>{name}</t:Surname>"))
    assert text(ann.get(ref, "contacts:Surname"), "t:Surname") == "B"
