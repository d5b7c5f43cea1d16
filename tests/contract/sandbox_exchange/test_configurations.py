"""User configurations: XML, bytes and dictionary, the master category list being one of them."""

import base64

import pytest

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_exchange.wire import NS, Mailbox, text, texts

CALENDAR = '<t:DistinguishedFolderId Id="calendar"/>'


def name(called: str, prefix: str = "m") -> str:
    return f'<{prefix}:UserConfigurationName Name="{called}">{CALENDAR}</{prefix}:UserConfigurationName>'


def get(called: str, parts: str = "All") -> str:
    return (
        f"<m:GetUserConfiguration>{name(called)}<m:UserConfigurationProperties>{parts}"
        f"</m:UserConfigurationProperties></m:GetUserConfiguration>"
    )


def write(operation: str, called: str, *parts: str) -> str:
    return (
        f"<m:{operation}UserConfiguration><m:UserConfiguration>{name(called, 't')}{''.join(parts)}"
        f"</m:UserConfiguration></m:{operation}UserConfiguration>"
    )


def as_bytes(element: str, content: bytes) -> str:
    return f"<t:{element}>{base64.b64encode(content).decode()}</t:{element}>"


def entry(key: str, kind: str, *values: str) -> str:
    shown = "".join(f"<t:Value>{value}</t:Value>" for value in values)
    return (
        f"<t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type><t:Value>{key}</t:Value></t:DictionaryKey>"
        f"<t:DictionaryValue><t:Type>{kind}</t:Type>{shown}</t:DictionaryValue></t:DictionaryEntry>"
    )


def test_the_category_list_has_xml_and_a_dictionary(ann: Mailbox) -> None:
    found = ann.ask_one(get("CategoryList"))
    xml = base64.b64decode(text(found, ".//t:XmlData") or "")
    assert b'name="Red Category"' in xml
    assert text(found, ".//t:DictionaryKey/t:Value") == "OLPrefsVersion"
    assert found.find(".//t:BinaryData", NS) is None
    first = found.find(".//t:ItemId", NS)
    ann.ask_one(write("Update", "CategoryList", as_bytes("XmlData", b"<categories/>")))
    second = ann.ask_one(get("CategoryList", "Id XmlData"))
    assert base64.b64decode(text(second, ".//t:XmlData") or "") == b"<categories/>"
    assert second.find(".//t:Dictionary", NS) is None
    assert second.find(".//t:ItemId", NS).get("Id") == first.get("Id")
    assert second.find(".//t:ItemId", NS).get("ChangeKey") != first.get("ChangeKey")
    # No condition: the one who saves last wins, and parts that are not sent stay.
    assert text(ann.ask_one(get("CategoryList", "Dictionary")), ".//t:DictionaryValue/t:Value") == "1"


def test_a_configuration_of_ones_own(ann: Mailbox, exchange: Exchange, clock: Clock) -> None:
    parts = (
        f"<t:Dictionary>{entry('one', 'StringArray', 'a', 'b')}{entry('two', 'Boolean', 'true')}</t:Dictionary>",
        as_bytes("BinaryData", b"\x00\xff"),
    )
    assert ann.codes(get("mine/own")) == ["ErrorItemNotFound"]
    assert ann.codes(write("Update", "mine/own", *parts)) == ["ErrorItemNotFound"]
    ann.ask_one(write("Create", "mine/own", *parts))
    assert ann.codes(write("Create", "mine/own", *parts)) == ["ErrorItemSave"]
    world = exchange.dump()
    again = Exchange(clock)
    again.load(world)
    assert again.dump() == world
    for box in (ann, Mailbox(again, "ann")):
        found = box.ask_one(get("mine/own"))
        assert texts(found, ".//t:DictionaryValue/t:Value") == ["a", "b", "true"]
        assert text(found, ".//t:BinaryData") == base64.b64encode(b"\x00\xff").decode()
        assert found.find(".//t:XmlData", NS) is None
    ann.ask_one(f"<m:DeleteUserConfiguration>{name('mine/own')}</m:DeleteUserConfiguration>")
    assert ann.codes(get("mine/own")) == ["ErrorItemNotFound"]


@pytest.mark.parametrize(
    "part", ["<t:XmlData>%</t:XmlData>", f"<t:Dictionary>{entry('a', 'Colour', 'red')}</t:Dictionary>"]
)
def test_what_no_configuration_holds(ann: Mailbox, part: str) -> None:
    assert ann.fault(write("Update", "CategoryList", part))[0] == "ErrorSchemaValidation"
