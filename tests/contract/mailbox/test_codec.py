"""The codec alone: what is believed, what is refused, what is written."""

import base64
from datetime import UTC, datetime

import pytest
from lxml import etree

from mailsync.core.changes import FolderMark
from mailsync.errors import AnswerBroken, PermissionMissing, Throttled, Unreachable, VendorError
from mailsync.line import Reply, read_wait
from mailsync.mailbox.exchange.answers import Message, read_reply
from mailsync.mailbox.exchange.categories import add_categories
from mailsync.mailbox.exchange.cursor import Cursor, read_cursor, write_cursor
from mailsync.mailbox.exchange.feed import Feed
from mailsync.mailbox.exchange.items import make_wanted, read_instant, read_item
from mailsync.mailbox.exchange.login import ExchangeLogin
from mailsync.mailbox.exchange.properties import Unfit, write_path, write_values
from mailsync.mailbox.exchange.soap import MESSAGES, SOAP, TYPES, escape, make_envelope, parse
from mailsync.mailbox.exchange.transport import Transport
from mailsync.mailbox.exchange.tree import Folder, Tree, read_mark, read_page_end, read_sync_end
from mailsync.mapping.table import load


def envelope(content: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:m="{MESSAGES}" xmlns:t="{TYPES}"><s:Body>{content}</s:Body></s:Envelope>'
    ).encode()


def message(operation: str, content: str, kind: str = "Success") -> str:
    return f'<m:{operation}ResponseMessage ResponseClass="{kind}">{content}</m:{operation}ResponseMessage>'


def answer(operation: str, *messages: str) -> Reply:
    content = (
        f"<m:{operation}Response><m:ResponseMessages>{''.join(messages)}</m:ResponseMessages></m:{operation}Response>"
    )
    return Reply(200, {}, envelope(content))


WHOLE = envelope("<m:X>text</m:X>")


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_no_beginning_of_an_answer_is_believed(length: int) -> None:
    """measure.md §0.1."""
    with pytest.raises(AnswerBroken):
        parse(WHOLE[:length])


@pytest.mark.parametrize(
    "body",
    [
        WHOLE + WHOLE,
        WHOLE + b"</html>",
        b"<!DOCTYPE s:Envelope>" + WHOLE,
        b'<!DOCTYPE s:Envelope [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + WHOLE.replace(b"text", b"&b;"),
        b'<!DOCTYPE s:Envelope [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + WHOLE.replace(b"text", b"&x;"),
        WHOLE.replace(b"text", b"\x01"),
        WHOLE.replace(b"text", b"\xff"),
        b"<html><body>Sign in</body></html>",
        b'{"error": "no"}',
        b"<a>" * 300 + b"</a>" * 300,
        b"<s:Envelope/>",
        b"",
    ],
)
def test_only_one_whole_envelope_is_believed(body: bytes) -> None:
    with pytest.raises(AnswerBroken):
        parse(body)


def test_what_exchange_itself_writes_for_control_characters_is_left_out() -> None:
    body = WHOLE.replace(b"text", b"a&#x1;b&#11;c&#xB;d&#xFFFF;e&#xD800;f&#9;g&#x10000;h")
    assert parse(body)[0].text == "abcdef\tg\U00010000h"


def test_escaping_comes_back_from_a_parser() -> None:
    text = "a&b<c>\"d'\r\ne\tf]]>😀\u2028"
    root = etree.fromstring(
        make_envelope(f'<m:X a="{escape(text.replace(chr(13) + chr(10), " "))}">{escape(text)}</m:X>')
    )
    assert root[1][0].text == text
    assert escape("\x00\x1f\ufffe\ud800x") == "x"


def test_fewer_or_more_messages_than_asked_are_not_believed() -> None:
    reply = answer("GetItem", message("GetItem", "<m:ResponseCode>NoError</m:ResponseCode>"))
    assert len(read_reply(reply, "GetItem", 1)) == 1
    for count in (0, 2):
        with pytest.raises(AnswerBroken):
            read_reply(reply, "GetItem", count)
    with pytest.raises(AnswerBroken):
        read_reply(reply, "FindItem", 1)


def test_a_message_names_code_field_and_wait() -> None:
    content = (
        "<m:MessageText>no</m:MessageText><m:ResponseCode>ErrorInternalServerError</m:ResponseCode><m:MessageXml>"
        '<t:IndexedFieldURI FieldURI="contacts:PhoneNumber" FieldIndex="Pager"/>'
        '<t:Value Name="InnerErrorResponseCode">ErrorServerBusy</t:Value>'
        '<t:Value Name="BackOffMilliseconds">250</t:Value>'
        "</m:MessageXml>"
    )
    (found,) = read_reply(answer("GetItem", message("GetItem", content, "Error")), "GetItem", 1)
    assert (found.code, found.path, found.back_off, found.transient) == (
        "ErrorServerBusy",
        "contacts:PhoneNumber:Pager",
        0.25,
        True,
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ErrorServerBusy", Throttled),
        ("ErrorAccessDenied", PermissionMissing),
        ("ErrorTimeoutExpired", Unreachable),
        ("ErrorSchemaValidation", VendorError),
    ],
)
def test_faults_become_errors(code: str, kind: type[VendorError]) -> None:
    detail = (
        f'<detail><e:ResponseCode xmlns:e="errors">{code}</e:ResponseCode><t:MessageXml>'
        '<t:Value Name="BackOffMilliseconds">1500</t:Value></t:MessageXml></detail>'
    )
    body = envelope(f"<s:Fault><faultcode>a:{code}</faultcode><faultstring>why</faultstring>{detail}</s:Fault>")
    with pytest.raises(kind) as caught:
        read_reply(Reply(500, {}, body), "GetItem", 1)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert not isinstance(caught.value, Throttled) or caught.value.after == 1.5
    bare = envelope(f"<s:Fault><faultcode>a:{code}</faultcode><faultstring>why</faultstring></s:Fault>")
    with pytest.raises(kind):
        read_reply(Reply(500, {}, bare), "GetItem", 1)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("5", 5.0),
        ("3600", 3600.0),
        ("-1", None),
        ("", None),
        ("soon", None),
        ("Thu, 01 Jan 2026 00:00:10 GMT", 10.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
    ],
)
def test_waits(asked: str, seconds: float | None) -> None:
    headers = {"retry-after": asked, "date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    assert read_wait(headers) == seconds


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("i:1", FolderMark("i", 1)),
        ("a:b:12", FolderMark("a:b", 12)),
        ("", None),
        ("i", None),
        (":1", None),
        ("i:", None),
        ("i:x", None),
    ],
)
def test_marks(text: str, mark: FolderMark | None) -> None:
    assert read_mark(text) == mark


def test_instants() -> None:
    assert read_instant("2026-01-02T03:04:05.123456789Z") == datetime(2026, 1, 2, 3, 4, 5, 123456, UTC)
    assert read_instant("2026-01-02T03:04:05+02:00") == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert read_instant("") is None


CONTACT = '<t:Contact><t:ItemId Id="i" ChangeKey="c"/><t:ParentFolderId Id="f"/>{}</t:Contact>'


def read(content: str, **options: bool):
    element = parse(envelope(CONTACT.format(content)))[0]
    reading = read_item(element, make_wanted(load()), {"f"}, feed=options.get("feed", True))
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("text", "cut"), [("x" * 253, False), ("x" * 255, True), ("😀" * 127, True), ("😀" * 126, False)]
)
def test_B13_what_a_feed_may_have_cut_is_unknown_until_it_is_read(text: str, cut: bool) -> None:
    """Cut at 255 UTF-16 units; a pair that does not fit wholly leaves 254."""
    reading = read(f"<t:GivenName>{text}</t:GivenName>")
    assert (reading.cut != (), "FirstName" in reading.item.values) == (cut, not cut)
    whole = read(f"<t:GivenName>{text}</t:GivenName>", feed=False)
    assert whole.item.values["FirstName"] == text


def test_B13_an_address_with_a_cut_street_is_unknown_as_a_whole() -> None:
    entry = f'<t:Entry Key="Business"><t:Street>{"x" * 255}</t:Street><t:City>Ulm</t:City></t:Entry>'
    reading = read(f"<t:PhysicalAddresses>{entry}</t:PhysicalAddresses>")
    assert "MailingAddress" not in reading.item.values
    assert "OtherAddress" in reading.item.values


def test_an_address_of_a_directory_is_no_blank_e_mail() -> None:
    entry = '<t:Entry Key="EmailAddress1" RoutingType="EX">/o=Org/cn=Recipients/cn=jo</t:Entry>'
    reading = read(f"<t:EmailAddresses>{entry}</t:EmailAddresses>")
    assert "Email" not in reading.item.values
    assert reading.item.emails == ()
    assert read("").item.values["Email"] == ""


def test_things_that_are_no_contacts_are_none() -> None:
    for xml in ('<t:Message><t:ItemId Id="i"/></t:Message>', "<t:Contact/>"):
        assert read_item(parse(envelope(xml))[0], make_wanted(load()), (), feed=True) is None


def test_children_of_a_contact_stand_in_the_schemas_order() -> None:
    flat = {
        "contacts:Surname": "S",
        "contacts:PhysicalAddress:PostalCode:Business": "1",
        "contacts:PhysicalAddress:Street:Business": "2",
        "tag:0x3A45": "Dr.",
        "contacts:Birthday": "1980-02-29",
        "item:Body": "b",
        "contacts:GivenName": "",
    }
    root = etree.fromstring(envelope(f"<t:Contact>{write_values(flat)}</t:Contact>"))[0][0]
    assert [etree.QName(e).localname for e in root] == [
        *("Body", "ExtendedProperty", "PhysicalAddresses", "Birthday", "Surname")
    ]
    assert [etree.QName(e).localname for e in root[2][0]] == ["Street", "PostalCode"]
    assert root[3].text == "1980-02-29T11:59:00Z"


@pytest.mark.parametrize("day", ["1600-12-31", "2023-02-29", "29.02.1980", "1980-02-29T00:00:00Z", "１９８０-02-01"])
def test_no_day_no_birthday(day: str) -> None:
    with pytest.raises(Unfit):
        write_values({"contacts:Birthday": day})


def test_paths() -> None:
    assert write_path("contacts:PhysicalAddress:City:Home") == (
        '<t:IndexedFieldURI FieldURI="contacts:PhysicalAddress:City" FieldIndex="Home"/>'
    )
    assert write_path("item:Body") == '<t:FieldURI FieldURI="item:Body"/>'


def make_tree() -> Tree:
    rows = [
        *(("root", "top", False), ("contacts", "root", True), ("bin", "root", False), ("home", "contacts", True)),
        *(("below", "home", True), ("mail", "root", False), ("mail2", "mail", False), ("deep", "mail", True)),
        *(("thrown", "bin", True), ("a", "b", True), ("b", "a", True), ("lost", "unknown", True)),
    ]
    return Tree("root", "contacts", "bin", {i: Folder(i, parent, ours) for i, parent, ours in rows})


def test_trees() -> None:
    tree = make_tree()
    assert tree.list_inside("home") == {"home", "below"}
    assert tree.list_others({"home", "below"}) == ("contacts", "deep")
    assert [tree.is_live(f) for f in ("home", "thrown", "a", "lost", "nowhere")] == [True, False, False, False, False]


def test_cursors_come_back_without_the_mail() -> None:
    cursor = Cursor("home", make_tree(), "H", {"home": "1", "below": "2"}, {"contacts": "3"}, {"contacts": ("x",)})
    text = write_cursor(cursor)
    back = read_cursor(text, "home")
    assert back is not None
    assert (back.hierarchy, back.states, back.marks, back.marked) == ("H", cursor.states, cursor.marks, cursor.marked)
    assert back.tree.list_inside("home") == {"home", "below"}
    assert back.tree.list_others({"home", "below"}) == ("contacts", "deep")
    assert "mail2" not in back.tree.folders
    assert write_cursor(back) == text
    assert read_cursor(text, "other") is None
    assert read_cursor(text[:-5], "home") is None


def test_paging_that_leads_nowhere_is_broken() -> None:
    def page(attributes: str) -> Message:
        return Message("NoError", element=parse(envelope(f"<m:X><m:RootFolder {attributes}/></m:X>"))[0])

    assert read_page_end(page('IncludesLastItemInRange="true"'), 0, 0) == (True, 0)
    assert read_page_end(page('IncludesLastItemInRange="false" IndexedPagingOffset="250"'), 0, 250) == (False, 250)
    assert read_page_end(page('IncludesLastItemInRange="false" IndexedPagingOffset="0"'), 250, 3) == (False, 251)
    with pytest.raises(AnswerBroken):
        read_page_end(page('IncludesLastItemInRange="false" IndexedPagingOffset="9"'), 9, 0)

    def sync(state: str, last: str):
        content = f"<m:SyncState>{state}</m:SyncState><m:IncludesLastItemInRange>{last}</m:IncludesLastItemInRange>"
        return parse(envelope(f"<m:X>{content}</m:X>"))[0]

    assert read_sync_end(sync("b", "true"), "Item", "a")
    assert not read_sync_end(sync("b", "false"), "Item", "a")
    for state, last in (("a", "false"), ("", "false"), ("b", ""), ("b", "perhaps")):
        with pytest.raises(AnswerBroken):
            read_sync_end(sync(state, last), "Item", "a")


def test_ntlm_and_basic_log_in_by_their_own_schemes() -> None:
    kinds: set[str] = set()
    for auth in ("basic", "ntlm"):
        transport = Transport(ExchangeLogin("http://127.0.0.1:1/EWS", "a@x.example", "a@x.example", "p", auth))
        session = transport._protocol.get_session()
        kinds.add(type(session.auth).__name__)
        transport._protocol.release_session(session)
        transport.close()
    assert kinds == {"HTTPBasicAuth", "HttpNtlmAuth"}


LIST = (
    '<?xml version="1.0"?><categories default="Red" xmlns="CategoryList.xsd"><category name="Family" color="3" '
    'strange="1"/>{}<odd xmlns="other"><inner/></odd></categories>'
)


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_category_list_keeps_what_it_does_not_know() -> None:
    changed = add_categories(encode(LIST.format('<category name="SALESFORCE" color="2"/>')))
    assert changed is not None
    root = etree.fromstring(base64.b64decode(changed))
    ours = "{CategoryList.xsd}category"
    assert [(e.get("name"), e.get("color")) for e in root.iter(ours)] == [
        ("Family", "3"),
        ("SALESFORCE", "2"),
        ("Sync Error", "0"),
    ]
    assert root[0].get("strange") == "1"
    assert root.find("{other}odd/{other}inner") is not None
    assert add_categories(changed) is None


@pytest.mark.parametrize("text", ["", "no xml", "<other/>", "<!DOCTYPE categories><x/>"])
def test_a_category_list_that_is_not_understood_is_left_alone(text: str) -> None:
    assert add_categories(encode(text)) is None
    assert add_categories("no base64!") is None


def test_the_newest_word_on_an_item_counts_and_doubt_is_noted() -> None:
    from mailsync.mailbox.exchange.feed import _note

    def change(kind: str, surname: str = "", parent: str = "f"):
        if kind == "Delete":
            return parse(envelope('<t:Delete><t:ItemId Id="i"/></t:Delete>'))[0]
        item = (
            f'<t:Contact><t:ItemId Id="i" ChangeKey="c"/><t:ParentFolderId Id="{parent}"/>'
            f"<t:Surname>{surname}</t:Surname></t:Contact>"
        )
        return parse(envelope(f"<t:{kind}>{item}</t:{kind}>"))[0]

    wanted = make_wanted(load())
    feed = Feed("")
    for each in (change("Update", "New"), change("Create", "Old"), change("ReadFlagChange", "Read")):
        _note(feed, each, wanted, {"f"})
    assert [r.item.values["LastName"] for r in feed.readings.values()] == ["New"]
    assert feed.twice == {"i"}
    elsewhere = Feed("")
    _note(elsewhere, change("Update", "Away", "bin"), wanted, {"f"})
    assert (list(elsewhere.gone), elsewhere.readings) == (["i"], {})
