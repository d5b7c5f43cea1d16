"""The words of the core: ids, names of people, marks, what an action is about (A8, A9, A12, A22, C1)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailsync.core.account import Link, Step
from mailsync.core.actions import (
    Action,
    CreateItem,
    CreateRecord,
    DeleteRecord,
    EndPair,
    MoveIn,
    PairUp,
    RemoveItem,
    Stamp,
    UpdateItem,
    UpdateRecord,
    Why,
    ids,
)
from mailsync.core.entries import Entry, doubt
from mailsync.core.person import display_name, file_as, is_nobody
from mailsync.core.refs import ItemId, RecordId, Side, widen
from mailsync.core.stamps import Marks, apply, change_nothing
from tests.unit.core.builders import make_item, make_pair, make_record, own_item, record_id, values

WHY = Why("A7", "")


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("0015000000Gv7qJ", "0015000000Gv7qJAAR"),  # Salesforce's own example
        ("ABCDEABCDEABCDE", "ABCDEABCDEABCDE555"),
        ("abcdeabcdeabcde", "abcdeabcdeabcdeAAA"),
        ("Azzzzzzzz9zzZzz", "Azzzzzzzz9zzZzzBAE"),
        ("aZaaaaaaaA00A0a", "aZaaaaaaaA00A0aCQE"),
    ],
)
def test_an_id_is_widened_by_the_case_of_its_letters(short: str, long: str) -> None:
    assert widen(short) == long
    assert widen(long) == long
    assert widen(short + "A") == short + "A", "no id of Salesforce's"


@pytest.mark.parametrize(
    ("given", "shown", "filed"),
    [
        ({"FirstName": " Ann ", "MiddleName": "B.", "LastName": "Lee", "Company": "Acme"}, "Ann B. Lee", "Lee, Ann B."),
        ({"FirstName": "Ann", "LastName": "Lee"}, "Ann Lee", "Lee, Ann"),
        ({"MiddleName": "B.", "LastName": "Lee"}, "B. Lee", "Lee, B."),
        ({"FirstName": "Ann", "Company": "Acme"}, "Ann", "Ann"),
        ({"LastName": "Lee", "Company": "Acme"}, "Lee", "Lee"),
        ({"Company": " Acme ", "Email": "a@x.example"}, "Acme", "Acme"),
        ({"Email": "a@x.example", "Phone": "1"}, "a@x.example", "a@x.example"),
        ({"Phone": "1", "MobilePhone": "2"}, "1", "1"),
        ({"Fax": "6"}, "6", "6"),
        ({"FirstName": " ", "Company": " "}, "", ""),
    ],
)
def test_A22_how_a_person_is_shown_and_filed(given: dict[str, str], shown: str, filed: str) -> None:
    person = values(**given)
    assert (display_name(person), file_as(person)) == (shown, filed)
    assert is_nobody(person) is (shown == ""), "A12: nothing to know the person by"


@pytest.mark.parametrize(
    ("stamp", "before", "after"),
    [
        ({"category": True}, ("Family",), ("Family", "Salesforce")),
        ({"category": True}, ("SALESFORCE", "Family"), ("SALESFORCE", "Family")),
        ({"category": False}, ("Family", "salesforce", "Friends"), ("Family", "Friends")),
        ({}, ("Family", "Salesforce", "Sync Error"), ("Family", "Salesforce", "Sync Error")),
        ({"error": ""}, ("Sync Error", "Family", "Sync Error: Email", "Sync Errors of mine"),
         ("Family", "Sync Errors of mine")),
        ({"error": "Email"}, ("Sync Error: Title", "Family"), ("Family", "Sync Error", "Sync Error: Email")),
    ],
)  # fmt: skip
def test_C1_a_stamp_touches_our_own_categories_alone(
    stamp: dict[str, object], before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    made = apply(Marks(before, "003", excluded=True), Stamp(make_item(1), WHY, **stamp))  # type: ignore[arg-type]
    assert made == Marks(after, "003", excluded=True), "id property and exclusion are left as they are"


def test_L1_marks_that_an_item_bears_already_need_no_writing() -> None:
    bare = make_item(1, marked=False)
    assert change_nothing([Stamp(bare, WHY, record="", excluded=False)])
    assert change_nothing([Stamp(bare, WHY, category=True), Stamp(bare, WHY, category=False)])
    assert not change_nothing([Stamp(bare, WHY, category=True)])
    assert not change_nothing([Stamp(own_item(1), WHY, record="")])
    assert not change_nothing([Stamp(bare, WHY, excluded=True)])


PAIR, ITEM, RECORD = make_pair(1), own_item(2), make_record(3)
LINK = Link(None, "", Step.EMPTY, "")


@pytest.mark.parametrize(
    ("action", "record", "item"),
    [
        (CreateRecord(ITEM, {}, LINK, WHY), None, "item2"),
        (CreateItem(RECORD, {}, WHY), record_id(3), None),
        (Stamp(ITEM, WHY), record_id(2), "item2"),
        (MoveIn(ITEM, WHY), record_id(2), "item2"),
        (MoveIn(ITEM, WHY, PAIR), record_id(1), "item2"),
        (RemoveItem(ITEM, WHY), record_id(2), "item2"),
        (RemoveItem(ITEM, WHY, PAIR), record_id(1), "item2"),
        (UpdateRecord(PAIR, {}, WHY), record_id(1), "item1"),
        (UpdateItem(PAIR, None, {}, {}, WHY), record_id(1), "item1"),
        (DeleteRecord(PAIR, WHY), record_id(1), "item1"),
        (EndPair(PAIR, None, WHY), record_id(1), "item1"),
        (PairUp(PAIR, WHY), record_id(1), "item1"),
        (PairUp(PAIR, WHY, parted=ItemId("let go")), record_id(1), "let go"),
    ],
)
def test_what_an_action_is_about(action: Action, record: RecordId | None, item: ItemId | None) -> None:
    assert ids(action) == (record, item)


def test_a_doubted_entry_says_so_beside_its_reason() -> None:
    entry = Entry(1, datetime(2026, 1, 1, tzinfo=UTC), "B12", Side.CRM, "update", record_id(1), None)
    assert doubt(entry, "lost") == replace(entry, reason="lost")
    assert doubt(replace(entry, reason="changed"), "lost") == replace(entry, reason="changed; lost")
