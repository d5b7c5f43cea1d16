"""The codec alone: what is believed, what is refused, what is written."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mailsync.core.changes import FolderMark, Sensitivity
from mailsync.core.person import Address
from mailsync.core.refs import FieldName, ItemId, Version
from mailsync.errors import (
    AnswerBroken,
    CursorInvalid,
    FolderLost,
    LoginRefused,
    PermissionMissing,
    SettingsError,
    Throttled,
    Unreachable,
    VendorError,
)
from mailsync.line import read_wait
from mailsync.mailbox.microsoft import MicrosoftLogin, open_microsoft
from mailsync.mailbox.microsoft.answers import Answer, as_error, read_answer, read_json
from mailsync.mailbox.microsoft.channel import Channel, Part, encode, escape, escape_id
from mailsync.mailbox.microsoft.copying import copy_of, list_lost
from mailsync.mailbox.microsoft.cursor import Cursor, read_cursor, write_cursor
from mailsync.mailbox.microsoft.items import find_version, is_marked, make_wanted, read_item
from mailsync.mailbox.microsoft.moving import choose_key, make_keys
from mailsync.mailbox.microsoft.pages import PREFER_PAGE, read_pages
from mailsync.mailbox.microsoft.properties import EXTENDED, Unfit, name_id, read_extended, write_properties
from mailsync.mailbox.microsoft.transport import Transport
from mailsync.mailbox.microsoft.tree import Folder, Tree, read_mark
from mailsync.mapping.table import load
from mailsync.ports.bearer import FixedBearer

URL = "https://graph.example"
WHOLE = b'{"value": [], "@odata.deltaLink": "https://graph.example/v1.0/me/x"}'


def make_channel(url: str = URL) -> Channel:
    login = MicrosoftLogin(url, FixedBearer("t"))
    return Channel(Transport(login), login, 1.0)


def test_halves_of_surrogate_pairs_are_read_and_written_as_escapes() -> None:
    """JSON can hold them, UTF-8 can't: what others left in an array is sent along as it was (L7)."""
    assert read_json(b'{"a": "\\ud83d", "b": "\xc3\xb6"}') == {"a": "\ud83d", "b": "\xf6"}
    assert json.loads(encode({"a": ["\ud83d"]})) == {"a": ["\ud83d"]}


@pytest.mark.parametrize("length", range(0, len(WHOLE), 5))
def test_no_beginning_of_an_answer_is_believed(length: int) -> None:
    """measure.md §0.1."""
    with pytest.raises(AnswerBroken):
        read_json(WHOLE[:length])


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"1", b'"x"', b"{} {}", b'{"a": NaN}', b"\xff{}", b"<html></html>", b"[" * 100_000]
)
def test_only_one_whole_object_is_believed(body: bytes) -> None:
    with pytest.raises(AnswerBroken):
        read_json(body)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "InvalidAuthenticationToken", LoginRefused),
        (403, "ErrorAccessDenied", PermissionMissing),
        (404, "MailboxNotEnabledForRESTAPI", PermissionMissing),
        (404, "ErrorItemNotFound", FolderLost),
        (410, "SyncStateNotFound", CursorInvalid),
        (410, "resyncRequired", CursorInvalid),
        (400, "SyncStateInvalid", CursorInvalid),
        (429, "ApplicationThrottled", Throttled),
        (503, "ServiceUnavailable", Unreachable),
        (500, "UnknownError", Unreachable),
        (400, "ErrorInvalidProperty", VendorError),
    ],
)
def test_every_refusal_has_its_kind(status: int, code: str, kind: type[VendorError]) -> None:
    answer = read_answer(status, {}, {"error": {"code": code, "message": "m"}})
    error = as_error(answer)
    assert type(error) is kind
    assert error.code == code


def test_D7_only_microsofts_own_word_on_an_item_is_its_absence() -> None:
    assert read_answer(404, {}, {"error": {"code": "ErrorItemNotFound"}}).absent
    for code in ("MailboxNotEnabledForRESTAPI", "ResourceNotFound", "UnknownError", ""):
        assert not read_answer(404, {}, {"error": {"code": code}}).absent
    assert not read_answer(404, {}, None).absent


def test_waits_are_seconds_or_a_date() -> None:
    assert read_wait({"retry-after": "7"}) == 7.0
    moment = {"retry-after": "Fri, 27 Nov 2026 00:00:30 GMT", "date": "Fri, 27 Nov 2026 00:00:00 GMT"}
    assert read_wait(moment) == 30.0
    assert read_wait({"retry-after": "soon"}) is None


def test_links_are_followed_on_this_host_only() -> None:
    channel = make_channel()
    assert channel.relative(f"{URL}/v1.0/me/contacts/delta?$deltatoken=a%20b") == "/me/contacts/delta?$deltatoken=a%20b"
    for link in (
        "https://evil.example/v1.0/me/x",
        "http://graph.example/v1.0/me/x",
        "https://graph.example:444/v1.0/me/x",
        "https://graph.example/beta/me/x",
        "https://user@graph.example/v1.0/me/x",
        "https://graph.example.evil.example/v1.0/me/x",
        "https://graph.example/v1.0/../x",
        "/v1.0/me/x",
    ):
        with pytest.raises(AnswerBroken):
            channel.relative(link)


class Script:
    """A transport that answers what was written down, and keeps what it was asked."""

    def __init__(self, *bodies: dict[str, Any]) -> None:
        self.bodies = list(bodies)
        self.asked: list[tuple[str, str]] = []

    def ask(self, part: Part) -> Answer:
        self.asked.append((part.method, part.path))
        return Answer(200, self.bodies.pop(0))

    def relative(self, link: str) -> str:
        return link.removeprefix(f"{URL}/v1.0")


@pytest.mark.parametrize(
    "bodies",
    [
        [{"value": []}],  # a feed without an end
        [{}],
        [{"value": {}}],
        [{"value": [1], "@odata.deltaLink": f"{URL}/v1.0/d"}],
        [{"value": [], "@odata.nextLink": f"{URL}/v1.0/n"}] * 2,  # in a circle
        [{"value": [], "@odata.nextLink": f"{URL}/v1.0/n", "@odata.deltaLink": f"{URL}/v1.0/d"}],
        [{"value": [], "@odata.nextLink": f"{URL}/v1.0/{n}"} for n in range(30)],
    ],
)
def test_pages_that_do_not_end_are_not_believed(bodies: list[dict[str, Any]]) -> None:
    script: Any = Script(*bodies)
    with pytest.raises(AnswerBroken):
        read_pages(script, {"a": Part("GET", "/start", prefer=PREFER_PAGE)})


def test_pages_are_followed_to_the_link_that_goes_on() -> None:
    bodies = [{"value": [{"id": str(n)}], "@odata.nextLink": f"{URL}/v1.0/{n}"} for n in range(3)]
    script: Any = Script(*bodies, {"value": [], "@odata.deltaLink": f"{URL}/v1.0/end"})
    pages, _ = read_pages(script, {"a": Part("GET", "/start", prefer=PREFER_PAGE)})
    assert ([v["id"] for v in pages["a"].values], pages["a"].delta) == (["0", "1", "2"], "/end")
    assert script.asked == [("GET", path) for path in ("/start", "/0", "/1", "/2")]


def test_every_part_asks_for_immutable_ids() -> None:
    assert Part("GET", "/x").headers == {"Prefer": 'IdType="ImmutableId"'}
    assert Part("PATCH", "/x", {}, PREFER_PAGE, "v").headers == {
        "Prefer": f'IdType="ImmutableId", {PREFER_PAGE}',
        "Content-Type": "application/json",
        "If-Match": 'W/"v"',
    }


def test_ids_keep_their_ends_in_paths() -> None:
    assert escape_id("AAMk-_x=") == "AAMk-_x="
    assert escape_id("a/b+c") == "a%2Fb%2Bc"
    assert escape("a b/{c}?#%") == "a%20b/%7Bc%7D%3F%23%25"


def test_L7_arrays_are_sent_with_what_nobody_maps() -> None:
    current = {
        "emailAddresses": [{"address": "1@x", "name": "One"}, {"address": "2@x", "name": "Two"}],
        "businessPhones": ["1", "2"],
        "homePhones": ["3", "4"],
    }
    flat = {"emailAddresses:0": "new@x", "businessPhones:0": "9", "homePhones:0": ""}
    assert write_properties(flat, current, "Jo") == {
        "emailAddresses": [{"address": "new@x", "name": "Jo"}, {"address": "2@x", "name": "Two"}],
        "businessPhones": ["9", "2"],
        "homePhones": ["4"],
    }
    assert write_properties({"businessPhones:0": "9"}, {}, "") == {"businessPhones": ["9"]}
    assert write_properties({"emailAddresses:0": ""}, {"emailAddresses": [{}, {"address": None}]}, "") == {
        "emailAddresses": []
    }


def test_what_is_written() -> None:
    flat = {
        "givenName": "A\x00da",
        "surname": "",
        "birthday": "1980-02-29",
        "businessAddress:street": "1 Main",
        "businessAddress:city": "",
        "tag:0x3A24": "+1",
        "own:SalesforceId": "",
        "own:Excluded": "true",
    }
    assert write_properties(flat, {}, "Ada") == {
        "givenName": "Ada",
        "surname": None,
        "birthday": "1980-02-29T11:59:00Z",
        "businessAddress": {"street": "1 Main", "city": None},
        EXTENDED: [
            {"id": "String 0x3A24", "value": "+1"},
            {"id": "String {6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41} Name SalesforceId", "value": None},
            {"id": "Boolean {6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41} Name Excluded", "value": "true"},
        ],
    }


@pytest.mark.parametrize("day", ["1600-12-31", "soon", "1980-02-30", "1980-2-3", "1980-02-03T00:00:00Z"])
def test_a_day_that_exchange_cannot_hold_is_refused(day: str) -> None:
    with pytest.raises(Unfit):
        write_properties({"birthday": day}, {}, "")


def test_extended_ids_are_told_in_other_letters() -> None:
    body = {
        EXTENDED: [{"id": "String 0x3a24", "value": "1"}, {"id": name_id("own:SalesforceId").lower(), "value": "2"}]
    }
    names = ("tag:0x3A24", "own:SalesforceId", "tag:0x3A1F")
    assert read_extended(body, names) == {"tag:0x3A24": "1", "own:SalesforceId": "2"}


def make_contact(**more: Any) -> dict[str, Any]:
    return {"id": "i", "changeKey": "k", "parentFolderId": "f", "@odata.etag": 'W/"e"', **more}


def test_an_item_is_read_by_meaning() -> None:
    body = make_contact(
        givenName="Ada",
        surname=None,
        emailAddresses=[{"address": None}, {"address": "a@x", "name": "A"}, {"address": "b@x"}],
        businessPhones=["1", "2"],
        homePhones=None,
        businessAddress={"street": "1 Main\r\n2", "city": "Ulm"},
        otherAddress=None,
        birthday="1980-02-29T11:59:00Z",
        categories=["x", "salesforce"],
        createdDateTime="2026-11-27T00:00:00Z",
        **{EXTENDED: [{"id": "Integer 0x36", "value": "3"}]},
    )
    item = read_item(body, make_wanted(load("microsoft")), {"f"}).item
    values = {str(n): v for n, v in item.values.items() if v}
    assert values == {
        "FirstName": "Ada",
        "Email": "a@x",
        "Phone": "1",
        "MailingAddress": Address("1 Main\n2", "Ulm"),
        "OtherAddress": Address(),
        "Birthdate": "1980-02-29",
    }
    assert (item.id, item.version, item.inside, item.emails) == (ItemId("i"), Version("e"), True, ("a@x", "b@x"))
    assert (item.sensitivity, item.created) == (Sensitivity.CONFIDENTIAL, datetime(2026, 11, 27, tzinfo=UTC))
    assert is_marked(item)


def test_no_birthday_in_dotnets_words() -> None:
    body = make_contact(birthday="0001-01-01T00:00:00Z")
    assert read_item(body, make_wanted(load("microsoft")), ()).item.values[FieldName("Birthdate")] == ""


@pytest.mark.parametrize(
    "more",
    [
        {"givenName": 1},
        {"emailAddresses": {}},
        {"emailAddresses": ["a@x"]},
        {"businessPhones": [1]},
        {"businessAddress": "x"},
        {"categories": "Salesforce"},
        {EXTENDED: [{"id": 1}]},
        {"id": ""},
        {"id": None},
    ],
)
def test_a_contact_of_another_shape_is_not_believed(more: dict[str, Any]) -> None:
    with pytest.raises(AnswerBroken):
        read_item(make_contact(**more), make_wanted(load("microsoft")), ())


def test_versions_are_etags() -> None:
    assert find_version({"@odata.etag": 'W/"a+b/c="', "changeKey": "k"}) == "a+b/c="
    assert find_version({"changeKey": "k"}) == "k"
    assert find_version({}) == ""


def test_folder_marks() -> None:
    assert read_mark("inst:1:7") == FolderMark("inst:1", 7)
    assert [read_mark(text) for text in ("", "x", ":1", "x:", "x:-1", "x:1.0")] == [None] * 6


TREE = Tree(
    "root",
    "contacts",
    "bin",
    {
        "contacts": Folder("contacts", "root"),
        "bin": Folder("bin", "root"),
        "home": Folder("home", "contacts"),
        "sub": Folder("sub", "home"),
        "other": Folder("other", "contacts"),
        "thrown": Folder("thrown", "bin"),
        "lost": Folder("lost", "nobody"),
    },
)


def test_where_folders_lie() -> None:
    assert TREE.list_inside("home") == {"home", "sub"}
    assert TREE.list_others({"home", "sub"}) == ("contacts", "lost", "other")
    assert not TREE.is_live("thrown")
    assert not TREE.is_live("absent")
    assert TREE.list_unknown() == {"nobody"}
    changed = TREE.with_changes([{"id": "sub", "parentFolderId": "bin"}, {"id": "other", "@removed": {}}])
    assert changed.list_inside("home") == {"home"}
    assert "other" not in changed.folders


def test_a_cursor_comes_back_and_anothers_does_not() -> None:
    cursor = Cursor("home", TREE, "/h", {"home": "/s"}, split=True)
    text = write_cursor(cursor)
    assert read_cursor(text, "home") == cursor
    assert read_cursor(text, "other") is None
    content = json.loads(text)
    for broken in ({"states": {"home": 1}}, {"states": {"home": "https://x"}}, {"hierarchy": None}, {"roots": []}):
        assert read_cursor(json.dumps({**content, **broken}), "home") is None


def test_A7_a_copy_has_everything_but_its_own() -> None:
    first = make_contact(
        givenName="Ada",
        surname=None,
        children=[],
        homeAddress={"city": "Ulm"},
        otherAddress={"city": None},
        primaryEmailAddress={"address": "a@x"},
        **{EXTENDED: [{"id": "String 0x3a21", "value": "9"}, {"id": name_id("own:CorrelationKey"), "value": "old"}]},
    )
    copy = copy_of(first, choose_key("i", first))
    assert copy == {
        "givenName": "Ada",
        "homeAddress": {"city": "Ulm"},
        EXTENDED: [
            {"id": "String 0x3a21", "value": "9"},
            {"id": name_id("own:CorrelationKey"), "value": make_keys("i")[1]},
        ],
    }
    assert list_lost(first, {**first, EXTENDED: copy[EXTENDED]}) == []
    assert list_lost(first, {**copy, "givenName": "A", EXTENDED: []}) == ["String 0x3a21", "givenName"]


@pytest.mark.parametrize(("key", "ours"), [("", 0), (make_keys("before")[0], 0), ("k", 1), (make_keys("before")[1], 1)])
def test_A14_B16_a_copy_is_whose_its_first_one_was(key: str, ours: int) -> None:
    first = make_contact(**{EXTENDED: [{"id": name_id("own:CorrelationKey"), "value": key}] if key else []})
    assert choose_key("i", first) == make_keys("i")[ours]
    copy = read_item({**first, **copy_of(first, choose_key("i", first))}, make_wanted(load("microsoft")), ())
    assert (copy.item.key is not None, copy.copied) == (bool(ours), make_keys("i")[ours])


@pytest.mark.parametrize("login", [("ftp://x", ""), ("https://", ""), (URL, "nobody")])
def test_a_login_that_cannot_be_used_is_named(login: tuple[str, str]) -> None:
    with pytest.raises(SettingsError):
        open_microsoft(MicrosoftLogin(login[0], FixedBearer("t"), login[1]), load("microsoft"))
