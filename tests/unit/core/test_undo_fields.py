"""Undo field by field and deed by deed: what is base, what goes back, what stays and is named (L5, B9, B13, A22)."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import UpdateItem, UpdateRecord
from mailsync.core.entries import ACCOUNT_ID, FOLDER_ID, MARK, Entry
from mailsync.core.pair import Base
from mailsync.core.person import Address, Limit
from mailsync.core.refs import AccountId, FieldName, RecordId, Side, Version
from tests.unit.core.builders import (
    deleted,
    dormant,
    make_pair,
    make_policy,
    make_record,
    own_item,
)
from tests.unit.core.test_undo import CRM, MAILBOX, entry, kinds, undo

TITLE = FieldName("Title")
SIDES = pytest.mark.parametrize("side", [CRM, MAILBOX])


def world(side: Side, base: str = "new", **now: Any) -> list[Any]:
    """A pair whose one side holds `now`, while the other is what the bases say."""
    pair = make_pair(1, Title=base)
    record, item = make_record(1, Title=base, version="r9"), own_item(1, Title=base, version="i9")
    changed = record if side is CRM else item
    changed = replace(changed, values={**changed.values, **now})
    return [pair, changed, item] if side is CRM else [pair, record, changed]


def hide(thing: Any, *names: str) -> Any:
    """Without some of its values: the user can't read them."""
    return replace(thing, values={n: v for n, v in thing.values.items() if n not in names})


def written(side: Side, **fields: Any) -> list[Entry]:
    return [entry(side, "update", **fields)]


@SIDES
def test_L5_an_update_rides_on_what_was_read(side: Side) -> None:
    """It carries the version of this session, and of the item all names for its display (A22)."""
    found = undo(written(side, Title=("old", "new")), *world(side))
    (edit,) = found.edits
    if side is CRM:
        assert edit.pair.crm == Base(make_pair(1, Title="new").crm.values, Version("r9"))
    else:
        assert isinstance(edit, UpdateItem)
        assert edit.names["LastName"] == "Name1"
        assert TITLE not in edit.names


def test_A22_a_name_that_goes_back_is_displayed_and_one_that_is_hidden_is_not_known() -> None:
    pair, record, item = make_pair(1, FirstName="Anne"), make_record(1), own_item(1, FirstName="Anne")
    found = undo(written(MAILBOX, FirstName=("Ann", "Anne")), pair, record, hide(item, "MiddleName"))
    (edit,) = found.edits
    assert isinstance(edit, UpdateItem)
    assert edit.names["FirstName"] == "Ann"
    assert "MiddleName" not in edit.names


@SIDES
def test_L5_without_pair_or_side_nothing_is_written_and_that_is_named(side: Side) -> None:
    pair, record, item = make_pair(1), make_record(1), own_item(1)
    lacking = (pair, item) if side is CRM else (pair, record)
    for things in (lacking, (record, item), (dormant(1), *((item,) if side is CRM else (record,)))):
        found = undo(written(side, Title=("old", "new")), *things)
        assert (kinds(found), [k.field for k in found.kept]) == ([], [""])


@SIDES
def test_L5_a_field_that_is_hidden_by_now_is_named(side: Side) -> None:
    """Hidden from the user, or taken out of the mapping: the side shows no value, or takes none."""
    things = world(side)
    shown = [hide(t, "Title") if t is things[1 if side is CRM else 2] else t for t in things]
    hidden = undo(written(side, Title=("old", "new"), Department=("a", "")), *shown)
    assert [k.field for k in hidden.kept] == ["Title"]
    limits = {n: x for n, x in make_policy().crm_limits.items() if n != "Title"}
    policy = replace(make_policy(), crm_limits=limits, mailbox_limits=limits)
    closed = undo(written(side, Title=("old", "new")), *things, policy=policy)
    assert (kinds(closed), [k.field for k in closed.kept]) == ([], ["Title"])


@pytest.mark.parametrize(
    ("limit", "before", "goes"),
    [
        (Limit(), "old", True),
        (Limit(updateable=False), "old", False),
        (Limit(required=True), "old", True),
        (Limit(required=True), "", False),
        (Limit(), "", True),
    ],
    ids=["open", "read-only", "required", "required and blank before", "blank before"],
)
def test_B13_what_can_not_be_written_or_emptied_stays(limit: Limit, before: str, goes: bool) -> None:
    policy = make_policy(crm={"Title": limit})
    found = undo(written(CRM, Title=(before, "new")), *world(CRM), policy=policy)
    assert (kinds(found), [k.field for k in found.kept]) == ((["UpdateRecord"], []) if goes else ([], ["Title"]))


def test_B13_a_value_that_is_refused_by_now_stays_with_the_reason() -> None:
    found = undo(written(CRM, Birthdate=("some day", "1980-02-29")), *world(CRM, Birthdate="1980-02-29"))
    assert kinds(found) == []
    assert [(k.field, "date" in k.reason) for k in found.kept] == [("Birthdate", True)]


@pytest.mark.parametrize("before", ["", Address()])
def test_L5_what_was_blank_becomes_blank_again_in_its_own_kind(before: Any) -> None:
    now = Address("Via 1", "Rome")
    found = undo(written(CRM, MailingAddress=(before, now)), *world(CRM, MailingAddress=now))
    assert found.edits[0].moved["MailingAddress"].sent == Address()  # type: ignore[index]
    text = undo(written(CRM, Title=("", "new")), *world(CRM))
    assert text.edits[0].moved["Title"].sent == ""  # type: ignore[index]


def test_B14_a_picklist_is_compared_by_label_and_code() -> None:
    choices = (("MR", "Mister"), ("MS", "Miss"))
    policy = make_policy(crm={"Salutation": Limit(choices=choices)})
    later = undo(written(CRM, Salutation=("MS", "Mister")), *world(CRM, Salutation="MR"), policy=policy)
    assert (kinds(later), later.kept) == (["UpdateRecord"], [])


@SIDES
def test_L2_a_field_that_went_back_moves_the_base_that_does_not_know_it(side: Side) -> None:
    """Only there: a base that knows, one without the field, or an entry that changed nothing moves nothing."""
    change = written(side, Title=("old", "new"))
    assert kinds(undo(change, *world(side, Title="old"))) == ["PairUp"]
    assert kinds(undo(change, *world(side, base="old"))) == []
    pair, *sides = world(side, Title="old")
    bare = {n: v for n, v in pair.crm.values.items() if n != "Title"}
    for unknown in (replace(pair, crm=Base(bare)), replace(pair, mailbox=Base(bare))):
        moved = unknown.crm.values if side is CRM else unknown.mailbox.values
        assert kinds(undo(change, unknown, *sides)) == (["PairUp"] if "Title" in moved else [])
    assert kinds(undo(written(side, Title=("new", " new")), *world(side))) == []


@pytest.mark.parametrize(
    ("before", "after", "now", "goes", "kept"),
    [
        ("", "001B", "001B", "", []),
        ("", "001B", None, None, []),
        ("001A", "", None, "001A", []),
        ("001A", "", "001C", None, ["Account"]),
    ],
    ids=["unlinked again", "is so already", "linked again", "linked otherwise since"],
)
def test_B9_a_link_that_was_none_is_none_again(
    before: str, after: str, now: str | None, goes: str | None, kept: list[str]
) -> None:
    record = make_record(1, account=AccountId(now) if now else None)
    found = undo(written(CRM, **{ACCOUNT_ID: (before, after)}), make_pair(1), record, own_item(1))
    assert [e.account for e in found.edits if isinstance(e, UpdateRecord)] == ([] if goes is None else [goes])
    assert [k.field for k in found.kept] == kept


@pytest.mark.parametrize("blind", ["item", "base"])
def test_L5_a_field_that_one_of_them_does_not_know_is_no_edit(blind: str) -> None:
    """An item is as the agent made it as far as both its values and its base can tell."""
    pair, item = make_pair(1, Title="CEO"), own_item(1, Title="CTO")
    if blind == "item":
        item = hide(item, "Title")
    else:
        pair = replace(pair, mailbox=Base({n: v for n, v in pair.mailbox.values.items() if n != "Title"}))
    assert kinds(undo([entry(MAILBOX, "create")], pair, make_record(1), item)) == ["PairUp", "RemoveItem"]


# What a session did in all


UPDATE = entry(CRM, "update", Title=("old", "new"))
ITEM_UPDATE = entry(MAILBOX, "update", Title=("old", "new"))
SYNCED = [make_pair(1, Title="new"), make_record(1, Title="new"), own_item(1, Title="new")]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry(CRM, "restore"), UPDATE], ["PairUp", "DeleteRecord", "Stamp"]),
        ([entry(MAILBOX, "move", **{FOLDER_ID: ("", "folder")}), UPDATE], ["UpdateRecord", "PairUp", "RemoveItem"]),
        ([entry(MAILBOX, "create"), UPDATE], ["UpdateRecord", "PairUp", "RemoveItem"]),
        ([entry(CRM, "pair"), UPDATE, ITEM_UPDATE], ["UpdateRecord", "UpdateItem", "PairUp", "Stamp"]),
        ([entry(MAILBOX, "remove"), UPDATE], ["UpdateRecord"]),
        ([UPDATE, ITEM_UPDATE], ["UpdateRecord", "UpdateItem"]),
    ],
    ids=["restored", "brought back", "created", "paired", "removed", "updated"],
)
def test_L5_the_greatest_of_what_was_done_is_taken_back_and_what_was_written_with_it(
    entries: list[Entry], expected: list[str]
) -> None:
    pair, record, item = SYNCED
    if entries[0].kind == "restore":
        pair, record = make_pair(1), hide(make_record(1), *make_record(1).values)
    assert kinds(undo(entries, pair, record, item, may_delete=True)) == expected


def test_A8_a_category_is_named_only_where_nothing_else_was_done() -> None:
    marked = entry(MAILBOX, "categorise", **{MARK: ("", "Salesforce")})
    assert len(undo([marked], *SYNCED).kept) == 1
    relinked = entry(CRM, "update", **{ACCOUNT_ID: ("001A", "001B")})
    record = make_record(1, account=AccountId("001B"))
    for beside, things in (
        (UPDATE, SYNCED),
        (ITEM_UPDATE, SYNCED),
        (relinked, [make_pair(1), record, own_item(1)]),
        (entry(CRM, "pair"), SYNCED),
    ):
        found = undo([marked, beside], *things)
        assert (found.is_empty, found.kept) == (False, [])
    moved = entry(MAILBOX, "move", **{FOLDER_ID: ("contacts", "folder")})
    assert kinds(undo([moved, marked], own_item(1))) == ["Stamp", "MoveOut"]


def test_D5_of_what_nobody_has_any_more_an_unread_record_id_is_none() -> None:
    found = undo([entry(CRM, "update", None, "item1", Title=("old", "new"))], make_pair(1), deleted(1), own_item(1))
    assert (kinds(found), [k.record for k in found.kept]) == ([], [None])
    assert RecordId("") not in {k.record for k in found.kept}
