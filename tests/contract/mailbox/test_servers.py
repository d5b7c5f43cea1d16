"""Servers that differ, and what goes over the wire, on the sandbox."""

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from exchangelib import Account
from lxml import etree

from mailsync.core.changes import FolderMark, FolderState
from mailsync.core.person import Flow
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId
from mailsync.mailbox.exchange import ExchangeMailbox, changes, open_exchange, outside
from mailsync.mailbox.exchange.feed import Feed, read_feed
from mailsync.mailbox.exchange.search import write_equals
from mailsync.mapping.table import load
from mailsync.ports.mailbox import ItemEdit
from mailsync.sandbox.server import RunningSandbox
from tests.contract.mailbox import person
from tests.contract.mailbox.conftest import ANN, sandbox_login
from tests.contract.mailbox.drafts import FULL, make_draft, make_record, written
from tests.contract.mailbox.wire import LIMIT, forget_log, log_of, set_quirk, strike
from tests.contract.sandbox_exchange.oracle import check_valid

BODIES = {FieldName("Description"): Flow.BOTH}


@pytest.fixture
def opened(box: RunningSandbox, name: str) -> Iterator[ExchangeMailbox]:
    mailbox = open_exchange(sandbox_login(box), load(), patience=1.0)
    yield mailbox
    mailbox.close()


@pytest.fixture
def home(opened: ExchangeMailbox) -> FolderId:
    prepared = opened.prepare(None)
    assert prepared is not None
    return prepared.folder


@pytest.fixture
def ann(box: RunningSandbox) -> Account:
    return person.log_in(f"{box.url}/EWS/Exchange.asmx", ANN, ANN, "sandbox")


def operations(box: RunningSandbox) -> list[str]:
    return [entry["operation"] for entry in log_of(box)]


def test_A6_L3_no_value_of_a_personal_contact_is_ever_sent_by_the_server(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, ann: Account
) -> None:
    fields = {"email": "hush@home.example", "phone": "+1 212 555 0199", "street": "9 Quiet Lane"}
    person.create_contact(ann, surname="Hushname", **fields)
    similar = person.create_contact(ann, surname="Hushname", categories=["Salesforce Leads"], **fields)
    for searching in (True, False):
        set_quirk(box, "no_category_restriction", on=not searching)
        forget_log(box)
        cursor = opened.changes(home, None).cursor
        person.edit_contact(ann, similar, given_name="Hushgiven")
        forget_log(box)
        assert opened.changes(home, cursor).outside == ()
        told = "".join(str(entry["response"]) for entry in log_of(box, bodies=True))
        assert "SyncFolderItems" in told
        assert "Hush" not in told
        assert not any(text in told for text in fields.values())


def test_A6_a_server_that_overlooks_the_restriction_makes_nothing_personal_ours(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.create_contact(ann, surname="Personal")
    monkeypatch.setattr(outside, "MARKED", write_equals("contacts:Surname", "Personal"))
    assert opened.changes(home, None).outside == ()


def test_A6_A7_where_categories_cannot_be_searched_ids_and_marks_alone_are_read(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, ann: Account, name: str
) -> None:
    set_quirk(box, "no_category_restriction")
    other = person.create_folder(ann, f"{name} other")
    person.create_contact(ann, other, surname="Personal")
    marked = person.create_contact(ann, other, surname="Marked", categories=[CATEGORY], street="s" * 300)
    first = opened.changes(home, None)
    assert [(i.id, i.values["LastName"]) for i in first.outside] == [(marked, "Marked")]
    second = opened.changes(home, first.cursor)
    assert [i.id for i in second.outside] == [marked]  # always all of them
    person.categorise_contact(ann, marked)
    late = person.create_contact(ann, surname="Late", categories=[CATEGORY.lower()])
    third = opened.changes(home, second.cursor)
    assert [i.id for i in third.outside] == [late]
    person.delete_folder(ann, other)
    person.delete_contact(ann, late)
    fourth = opened.changes(home, third.cursor)
    assert fourth.outside == ()
    forget_log(box)
    assert opened.changes(home, fourth.cursor).outside == ()
    assert "FindItem" not in operations(box)


def test_A9_our_property_is_seen_outside_in_that_mode_too(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, ann: Account
) -> None:
    set_quirk(box, "no_category_restriction")
    made = written(opened.create([make_draft(1)], home)[0]).id
    cursor = opened.changes(home, None).cursor
    person.categorise_contact(ann, made)
    person.move_contact(ann, made)
    (item,) = opened.changes(home, cursor).outside
    assert (item.record, item.categories) == (make_record(1), ())


def test_a_forgotten_state_of_another_folder_is_read_anew_without_a_full_reading(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, ann: Account
) -> None:
    set_quirk(box, "no_category_restriction")
    marked = person.create_contact(ann, surname="Marked", categories=[CATEGORY])
    cursor = opened.changes(home, None).cursor
    strike(box, "SyncFolderItems", kind="invalid_sync_state", after=1)
    told = opened.changes(home, cursor)
    assert (told.complete, [i.id for i in told.outside]) == (False, [marked])


def test_a_server_that_takes_any_state_is_believed_as_a_delta(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId
) -> None:
    set_quirk(box, "lenient_sync_state")
    opened.create([make_draft(1)], home)
    first = opened.changes(home, None)
    garbage = first.cursor.replace('"states":{"' + home + '":"', '"states":{"' + home + '":"QUJD')
    told = opened.changes(home, garbage)
    assert (told.complete, len(told.seen), told.gone) == (False, 1, ())


def test_A3_a_server_that_is_silent_about_a_lost_folder(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, ann: Account
) -> None:
    set_quirk(box, "silent_folder_loss")
    opened.create([make_draft(1)], home)
    cursor = opened.changes(home, None).cursor
    person.delete_folder(ann, home, for_good=True)
    lost = opened.changes(home, cursor)
    assert (lost.folder, lost.gone) == (FolderState.LOST, ())


def test_an_item_that_a_feed_tells_of_twice_is_read_again(
    box: RunningSandbox, opened: ExchangeMailbox, home: FolderId, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, thrown = (ItemId(written(o).id) for o in opened.create([make_draft(1), make_draft(2)], home))
    cursor = opened.changes(home, None).cursor
    opened.remove([thrown])

    def tell_twice(*asked: object) -> Feed:
        feed = read_feed(*asked)
        return replace(feed, gone={kept: None}, readings={}, twice={kept, thrown})

    monkeypatch.setattr(changes, "read_feed", tell_twice)
    told = opened.changes(home, cursor)
    assert ([i.id for i in told.seen], told.gone) == ([kept], (thrown,))


def test_stamps_with_nine_digits(box: RunningSandbox, opened: ExchangeMailbox, home: FolderId) -> None:
    set_quirk(box, "nine_digit_stamps")
    opened.create([make_draft(1, Birthdate="2000-02-29")], home)
    (item,) = opened.changes(home, None).seen
    assert item.created is not None
    assert item.values["Birthdate"] == "2000-02-29"


def test_bodies_are_read_only_where_they_are_mapped(box: RunningSandbox, home: FolderId, ann: Account) -> None:
    """SyncFolderItems never returns a body (vendors/mailbox.md, traps of exchangelib, 7)."""
    table = load().with_flows(BODIES)
    mailbox = open_exchange(sandbox_login(box), table, patience=1.0)
    note = "first\nsecond " + "n" * 3000
    mailbox.create([make_draft(1, Description=note)], home)
    marked = person.create_contact(ann, surname="Marked", categories=[CATEGORY], body="outside")
    first = mailbox.changes(home, None)
    (item,) = first.seen
    assert item.values["Description"] == note
    assert [(i.id, i.values["Description"]) for i in first.outside] == [(marked, "outside")]
    (outcome,) = mailbox.update([ItemEdit(item.id, item.version, {FieldName("Description"): ""})])
    (cleared,) = mailbox.changes(home, first.cursor).seen
    assert (cleared.version, cleared.values["Description"]) == (written(outcome).version, "")
    mailbox.close()


def test_every_request_is_what_microsofts_schema_says_and_names_the_mailbox(
    box: RunningSandbox, opened: ExchangeMailbox, ann: Account
) -> None:
    prepared = opened.prepare(None)
    assert prepared is not None
    home = prepared.folder
    opened.sign(home, FolderMark("i", 1))
    outcomes = [written(o) for o in opened.create([make_draft(1, **FULL), make_draft(2)], home)]
    cursor = opened.changes(home, None).cursor
    blank = {FieldName(name): "" for name in FULL}
    opened.update([ItemEdit(ItemId(o.id), o.version, blank, categories=(), record="", web_page="") for o in outcomes])
    opened.changes(home, cursor)
    opened.find_keys([make_draft(1).key])
    opened.find([make_record(1), make_record(2)])
    person.delete_folder(ann, home)
    opened.prepare(home)
    (moved, _) = opened.move([ItemId(o.id) for o in outcomes], home)
    opened.remove([ItemId(written(moved).id)])
    ours = [entry for entry in log_of(box, bodies=True) if "mailsync" in entry["headers"].get("user-agent", "")]
    assert {entry["operation"] for entry in ours} == {
        *("GetFolder", "FindFolder", "CreateFolder", "UpdateFolder", "MoveFolder", "SyncFolderHierarchy"),
        *("SyncFolderItems", "FindItem", "CreateItem", "UpdateItem", "MoveItem", "DeleteItem"),
        *("GetUserConfiguration", "UpdateUserConfiguration"),
    }
    for entry in ours:
        check_valid(entry["request"].encode())
        assert entry["headers"]["x-anchormailbox"] == ANN
        assert 'Version="Exchange2016"' in entry["request"]


def test_requests_count_what_was_answered(box: RunningSandbox, opened: ExchangeMailbox, home: FolderId) -> None:
    strike(box, "SyncFolderHierarchy", kind="drop_after")
    opened.changes(home, None)
    assert opened.requests == len(log_of(box)) - 1


def test_the_time_is_the_vendors(box: RunningSandbox, opened: ExchangeMailbox) -> None:
    assert opened.now.year == 1970
    opened.check()
    before = opened.now
    requests.post(f"{box.url}/sandbox/clock", json={"advance": 7200}, timeout=LIMIT)
    opened.check()
    assert 7190 < (opened.now - before).total_seconds() < 7260


def read_categories(box: RunningSandbox) -> etree._Element:
    world = requests.get(f"{box.url}/sandbox/world", timeout=LIMIT).json()
    return etree.fromstring(base64.b64decode(_find_list(world)))


def _find_list(world: dict[str, object]) -> str:
    (mailbox,) = world["exchange"]["mailboxes"]  # type: ignore[index]
    listed = mailbox["categories"]
    return base64.b64encode(listed.encode()).decode() if listed.lstrip().startswith("<") else listed


def test_C1_A3_the_master_list_gets_both_categories_once_and_keeps_all_others(
    box: RunningSandbox, opened: ExchangeMailbox
) -> None:
    before = {e.get("name"): dict(e.attrib) for e in read_categories(box)}
    for _ in range(2):
        opened.prepare(None)
        after = {e.get("name"): dict(e.attrib) for e in read_categories(box)}
        assert {n: after[n]["color"] for n in ("Salesforce", "Sync Error")} == {"Salesforce": "7", "Sync Error": "0"}
        assert {n: after[n] for n in before} == before
        assert len(after) == len(before) + 2
    assert operations(box).count("UpdateUserConfiguration") == 1


def test_a_server_without_a_master_list_is_no_failure(box: RunningSandbox, opened: ExchangeMailbox) -> None:
    strike(box, "GetUserConfiguration", kind="refuse", code="ErrorItemNotFound")
    assert opened.prepare(None) is not None
    assert "UpdateUserConfiguration" not in operations(box)
