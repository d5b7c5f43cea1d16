"""FindItem: restrictions, order, pages; FindFolder."""

import pytest
from lxml import etree

from mailsync.sandbox.exchange import Exchange
from tests.contract.sandbox_exchange.wire import (
    NS,
    OWN_ID,
    Mailbox,
    create_item,
    equals,
    extended,
    find_item,
    read_ref,
    set_field,
    shape,
    sort_by,
    tag,
    text,
    uri,
)


def names(items: list[etree._Element]) -> list[str | None]:
    return [text(item, "t:GivenName") for item in items]


@pytest.fixture
def people(ann: Mailbox) -> Mailbox:
    ann.create("<t:Categories><t:String>Salesforce</t:String></t:Categories><t:GivenName>Ada</t:GivenName>")
    ann.create(
        "<t:Categories><t:String>Salesforce Leads</t:String></t:Categories>"
        f"{extended(OWN_ID, '003B')}{extended(tag('0x6001', 'Integer'), '6')}<t:GivenName>Béla</t:GivenName>"
    )
    ann.create(
        "<t:Categories><t:String>Friends</t:String><t:String>SALESFORCE</t:String></t:Categories>"
        f"{extended(OWN_ID, '003C')}<t:GivenName>Cleo</t:GivenName>"
        '<t:EmailAddresses><t:Entry Key="EmailAddress1">cleo@x.example</t:Entry></t:EmailAddresses>'
        '<t:PhoneNumbers><t:Entry Key="MobilePhone">5</t:Entry></t:PhoneNumbers>'
    )
    return ann


def contains(path: str, value: str, mode: str = "Substring", comparison: str = "IgnoreCase") -> str:
    return (
        f'<t:Contains ContainmentMode="{mode}" ContainmentComparison="{comparison}">{uri(path)}'
        f'<t:Constant Value="{value}"/></t:Contains>'
    )


def not_(inner: str) -> str:
    return f"<t:Not>{inner}</t:Not>"


@pytest.mark.parametrize(
    ("restriction", "found"),
    [
        (equals("item:Categories", "Salesforce"), ["Cleo", "Ada"]),
        (contains("item:Categories", "sales"), ["Cleo", "Béla", "Ada"]),
        (contains("item:Categories", "Salesforce", "FullString", "Exact"), ["Ada"]),
        (equals(OWN_ID, "003B"), ["Béla"]),
        (f"<t:Exists>{OWN_ID}</t:Exists>", ["Cleo", "Béla"]),
        (not_(f"<t:Exists>{OWN_ID}</t:Exists>"), ["Ada"]),
        (equals("contacts:GivenName", "Ada", "IsNotEqualTo"), ["Cleo", "Béla"]),
        (equals("contacts:GivenName", "b", "IsGreaterThan"), ["Cleo", "Béla"]),
        (equals("contacts:GivenName", "cleo", "IsLessThan"), ["Béla", "Ada"]),
        (equals("contacts:GivenName", "cleo", "IsGreaterThanOrEqualTo"), ["Cleo"]),
        (equals("contacts:GivenName", "ada", "IsLessThanOrEqualTo"), ["Ada"]),
        (contains("contacts:GivenName", "be", "Prefixed", "IgnoreCaseAndNonSpacingCharacters"), ["Béla"]),
        (contains("contacts:GivenName", "be", "Prefixed"), []),
        (equals("contacts:EmailAddress/EmailAddress1", "CLEO@x.example"), ["Cleo"]),
        (equals("contacts:PhoneNumber/MobilePhone", "5"), ["Cleo"]),
        (f"<t:And>{equals('item:Categories', 'salesforce')}<t:Exists>{OWN_ID}</t:Exists></t:And>", ["Cleo"]),
        (f"<t:Or>{equals(OWN_ID, '003B')}{equals('contacts:GivenName', 'Ada')}</t:Or>", ["Béla", "Ada"]),
        (
            f"<t:And><t:Exists>{tag('0x6001', 'Integer')}</t:Exists>"
            f'<t:Excludes>{tag("0x6001", "Integer")}<t:Bitmask Value="1"/></t:Excludes></t:And>',
            ["Béla"],
        ),
        (equals("item:DateTimeCreated", "2099-01-01T00:00:00Z", "IsLessThan"), ["Cleo", "Béla", "Ada"]),
        (equals("item:ItemClass", "IPM.Contact"), ["Cleo", "Béla", "Ada"]),
    ],
)
def test_restrictions(people: Mailbox, restriction: str, found: list[str]) -> None:
    assert names(people.find("contacts", restriction, "contacts:GivenName")) == found


def test_what_cannot_be_searched(ann: Mailbox, exchange: Exchange) -> None:
    for path in ("contacts:PhoneNumbers", "contacts:CompleteName", "item:ItemId"):
        assert ann.codes(find_item("contacts", equals(path, "x"))) == ["ErrorUnsupportedPathForQuery"]
    assert ann.codes(find_item("contacts", contains("item:Sensitivity", "x"))) == ["ErrorContainsFilterWrongType"]
    exchange.act("admin", "server_quirk", {"quirk": "no_category_restriction", "on": True})
    assert ann.codes(find_item("contacts", equals("item:Categories", "x"))) == ["ErrorUnsupportedPathForQuery"]
    assert ann.codes(find_item("contacts", contains("item:Categories", "x"))) == ["ErrorContainsFilterWrongType"]
    exchange.act("admin", "server_quirk", {"quirk": "no_category_restriction", "on": False})
    assert ann.codes(find_item("contacts", equals("item:Categories", "x"))) == ["NoError"]


def test_several_folders_in_one_request(people: Mailbox) -> None:
    folder = people.create_folder("More")
    people.create("<t:GivenName>Dora</t:GivenName>", folder)
    gone = folder[:-12] + "ZZZZ" + folder[-8:]
    messages = people.ask(find_item(f"contacts {folder} {gone}", "", "contacts:GivenName"))
    assert [names(list(each.iterfind(".//t:Contact", NS))) for each in messages] == [
        ["Cleo", "Béla", "Ada"],
        ["Dora"],
        [],
    ]
    assert [text(each, "m:ResponseCode") for each in messages] == ["NoError", "NoError", "ErrorFolderNotFound"]


def view(offset: int, size: int, base: str = "Beginning") -> str:
    return f'<m:IndexedPageItemView MaxEntriesReturned="{size}" Offset="{offset}" BasePoint="{base}"/>'


def test_pages_and_order(people: Mailbox) -> None:
    order = sort_by("contacts:GivenName")
    request = find_item("contacts", "", "contacts:GivenName", view=view(0, 2), order=order)
    first = people.ask_one(request).find("m:RootFolder", NS)
    assert names(list(first.iterfind(".//t:Contact", NS))) == ["Ada", "Béla"]
    assert dict(first.attrib) == {
        "IndexedPagingOffset": "2",
        "TotalItemsInView": "3",
        "IncludesLastItemInRange": "false",
    }
    second = people.ask_one(find_item("contacts", "", "contacts:GivenName", view=view(2, 2), order=order)).find(
        "m:RootFolder", NS
    )
    assert names(list(second.iterfind(".//t:Contact", NS))) == ["Cleo"]
    assert second.get("IncludesLastItemInRange") == "true"
    assert people.codes(find_item("contacts", "", view=view(-1, 2))) == ["ErrorInvalidIndexedPagingParameters"]
    by_list = sort_by("item:Categories")
    assert people.codes(find_item("contacts", "", order=by_list)) == ["ErrorUnsupportedPathForSortGroup"]


def test_a_restriction_is_answered_with_250_items_at_most(ann: Mailbox) -> None:
    ann.ask(create_item("<t:GivenName>Jo</t:GivenName>", count=1010))
    page = ann.ask_one(find_item("contacts", "", view=view(0, 2000))).find("m:RootFolder", NS)
    assert (len(page[0]), page.get("IncludesLastItemInRange")) == (1000, "false")
    page = ann.ask_one(find_item("contacts", equals("contacts:GivenName", "Jo"), view=view(0, 2000))).find(
        "m:RootFolder", NS
    )
    assert (len(page[0]), page.get("TotalItemsInView"), page.get("IndexedPagingOffset")) == (250, "1010", "250")


def test_strings_of_lists_are_cut(ann: Mailbox) -> None:
    ann.create(extended(tag("0x6001"), "x" * 300))
    (item,) = ann.find("contacts", "", tag("0x6001"), "item:Body")
    assert text(item, "t:ExtendedProperty/t:Value") == "x" * 255


def test_folders_by_name(ann: Mailbox) -> None:
    folder = ann.create_folder("Salesforce Contacts")

    def find(traversal: str, parent: str, restriction: str) -> list[str]:
        message = ann.ask_one(
            f'<m:FindFolder Traversal="{traversal}">{shape("folder:DisplayName", what="Folder")}'
            f"<m:Restriction>{restriction}</m:Restriction>"
            f'<m:ParentFolderIds><t:DistinguishedFolderId Id="{parent}"/></m:ParentFolderIds></m:FindFolder>'
        )
        return [each.get("Id") for each in message.iterfind(".//t:Folders//t:FolderId", NS)]

    by_name = equals("folder:DisplayName", "salesforce contacts")
    assert find("Shallow", "contacts", by_name) == [folder]
    assert find("Shallow", "msgfolderroot", by_name) == []
    assert find("Deep", "root", by_name) == [folder]
    recipient_cache = find("Deep", "root", equals("folder:FolderClass", "IPF.Contact.RecipientCache"))
    assert len(recipient_cache) == 1


def test_an_item_that_was_updated_is_found_by_its_new_value(ann: Mailbox) -> None:
    ref = ann.create("<t:GivenName>Jo</t:GivenName>")
    ann.update(ref, set_field(OWN_ID, extended(OWN_ID, "003A")))
    assert [read_ref(item).id for item in ann.find("contacts", equals(OWN_ID, "003A"))] == [ref.id]
