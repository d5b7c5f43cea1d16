"""What the history tells of each contact, and what an undo finds there now (L5, B7, D8)."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import DeleteRecord, PairUp, RemoveItem, UpdateItem, UpdateRecord
from mailsync.core.deeds import deeds_of, is_account
from mailsync.core.entries import ACCOUNT, ACCOUNT_ID, FOLDER_ID, Change, Entry
from mailsync.core.merge import Moved
from mailsync.core.refs import FieldName, ItemId
from mailsync.core.undo import ANEW, UNDO, MoveOut, Present, Restore, Undo, exceeds_guard, stands_for
from tests.unit.core.builders import make_item, make_pair, make_policy, make_record, make_sight, own_item, record_id
from tests.unit.core.test_undo import CRM, MAILBOX, entry

TITLE = FieldName("Title")


def test_entries_of_one_record_or_one_item_are_one_deed_in_the_order_of_their_beginnings() -> None:
    deeds = deeds_of(
        [
            entry(MAILBOX, "move", None, "a"),
            entry(CRM, "update", 2, None, Title=("1", "2")),
            entry(MAILBOX, "categorise", None, None),
            entry(MAILBOX, "categorise", None, None),
            entry(CRM, "create", 1, "a"),
            entry(MAILBOX, "update", 1, "b"),
            entry(MAILBOX, "categorise", None, "b"),
            entry(MAILBOX, "remove", None, "c"),
            entry(MAILBOX, "update", None, "c"),
        ]
    )
    assert [(d.record, d.items) for d in deeds] == [
        (record_id(1), ("b", "a")),
        (record_id(2), ()),
        (None, ()),
        (None, ()),
        (None, ("c",)),
    ]
    assert deeds[0].entries.keys() == {(MAILBOX, "move"), (CRM, "create"), (MAILBOX, "update"), (MAILBOX, "categorise")}


def test_an_item_that_two_records_name_belongs_to_each_for_what_was_done_to_it() -> None:
    """A new record was created for it (B17): what names the item alone is the first one's."""
    deeds = deeds_of(
        [
            entry(MAILBOX, "categorise", 1, "a"),
            entry(CRM, "create", 2, "a"),
            entry(MAILBOX, "move", None, "a"),
            entry(CRM, "pair", 2, "a"),
        ]
    )
    assert [(d.record, sorted(kind for _, kind in d.entries)) for d in deeds] == [
        (record_id(1), ["categorise", "move"]),
        (record_id(2), ["create", "pair"]),
    ]


def test_L5_updates_add_up_to_the_first_value_before_and_the_last_after() -> None:
    fields = {ACCOUNT_ID: ("001A", "001B"), ACCOUNT: ("Acme", "Globex")}
    (deed,) = deeds_of(
        [
            entry(CRM, "create", Title=("", "x"), **{ACCOUNT_ID: ("", "001A"), ACCOUNT: ("", "Acme")}),
            entry(CRM, "update", Title=("a", "b"), **fields),
            entry(MAILBOX, "update", Title=("m", "n")),
            entry(CRM, "update", Title=("b", "c"), Phone=("1", "2"), **{ACCOUNT_ID: ("001B", "001C")}),
        ]
    )
    assert deed.crm == {"Title": Change("a", "c"), "Phone": Change("1", "2")}
    assert deed.mailbox == {"Title": Change("m", "n")}
    assert (deed.account, deed.account_names) == (Change("001A", "001C"), Change("Acme", "Globex"))


def test_B7_an_account_that_was_created_is_no_deed_of_the_contact() -> None:
    made = Entry(7, make_record(1).created, "B7", CRM, "create", record_id(1), None, {ACCOUNT: Change("", "Globex")})
    assert is_account(made)
    assert not is_account(replace(made, kind="update"))
    assert not is_account(replace(made, rule="A7"))
    (deed,) = deeds_of([made, entry(CRM, "update", Title=("a", "b"))])
    assert deed.did(CRM, "create") is None
    assert (deed.account, deed.account_names) == (None, None), "a creation changes no link"


def test_where_an_item_came_from_is_told_by_its_move_alone() -> None:
    def place(*entries: Entry) -> tuple[str | None, bool]:
        (deed,) = deeds_of(entries)
        return deed.came_from, deed.came_from_bin

    assert place(entry(MAILBOX, "move", **{FOLDER_ID: ("", "folder")})) == ("", True)
    assert place(entry(MAILBOX, "move", **{FOLDER_ID: ("contacts", "folder")})) == ("contacts", False)
    assert place(entry(MAILBOX, "move")) == place(entry(MAILBOX, "categorise")) == (None, False)


# What is there


def test_what_is_there_is_found_by_id_inside_before_outside() -> None:
    inside, outside, other = own_item(1), own_item(1, inside=False, id=ItemId("out")), own_item(2)
    present = Present(make_sight(make_pair(2), make_pair(1), inside, outside, other, make_record(1)), make_policy())
    assert present.item(None, ItemId("nowhere"), ItemId("out"), ItemId("item1")) == outside
    assert present.item(ItemId("item1")) == present.inside(ItemId("item1")) == inside
    assert (present.inside(ItemId("out")), present.inside(None), present.item(None)) == (None, None, None)
    assert (present.pair(record_id(1)), present.pair(record_id(3)), present.pair(None)) == (make_pair(1), None, None)
    assert (present.record(record_id(1)), present.record(record_id(2)), present.record(None)) == (
        make_record(1), None, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("part", "one"),
    [
        ("restores", Restore(record_id(1), {}, None)),
        ("edits", PairUp(make_pair(1), UNDO)),
        ("actions", PairUp(make_pair(1), UNDO)),
        ("homes", MoveOut(make_item(1), make_item(1).folder)),
    ],
)
def test_an_undo_that_writes_anything_is_not_empty(part: str, one: Any) -> None:
    assert Undo().is_empty
    assert not Undo(**{part: [one]}).is_empty


def test_what_stays_is_named_by_record_and_last_item() -> None:
    found = Undo()
    found.keep(deeds_of([entry(CRM, "update", 1, None)])[0], "a reason")
    found.keep(deeds_of([entry(CRM, "update", 1, "a"), entry(CRM, "update", 1, "b")])[0], "a reason", "Title")
    assert [(k.record, k.item, k.field) for k in found.kept] == [(record_id(1), None, ""), (record_id(1), "b", "Title")]


def test_a_record_that_stands_for_another_says_so_in_its_note() -> None:
    assert stands_for(make_pair(1, link_note=f"{ANEW}{record_id(9)}")) == record_id(9)
    assert stands_for(make_pair(1, link_note="only substring")) is None


# D8


def test_D8_deletions_and_blanks_of_one_side_add_up_and_the_sides_do_not() -> None:
    record_edits = [UpdateRecord(make_pair(n), _blank(), UNDO) for n in range(6)]
    item_edits = [UpdateItem(make_pair(n), None, _blank(), {}, UNDO) for n in range(6)]
    noted = [PairUp(make_pair(1), UNDO)]
    deletions = [DeleteRecord(make_pair(n), UNDO) for n in range(5)]
    removals = [RemoveItem(own_item(n), UNDO) for n in range(5)]
    policy = make_policy()
    assert exceeds_guard(Undo(edits=[*record_edits], actions=[*deletions]), policy, 20)
    assert exceeds_guard(Undo(edits=[*item_edits], actions=[*removals]), policy, 20)
    assert not exceeds_guard(Undo(edits=[*record_edits, *item_edits, *noted]), policy, 20)
    assert not exceeds_guard(Undo(edits=[*record_edits], actions=[*removals]), policy, 20)


def _blank(sent: str = "", before: str = "CTO") -> dict[FieldName, Any]:
    return {TITLE: Moved(sent, before, before)}


def test_D8_only_a_value_that_is_emptied_counts() -> None:
    for moved in (_blank("a"), _blank("", "")):
        edits = [UpdateRecord(make_pair(n), moved, UNDO) for n in range(11)]
        assert not exceeds_guard(Undo(edits=[*edits]), make_policy(), 20)
