"""Undo of what came to be or went: what each action carries, and what is left alone (L4, L5, A9, A14, A23, B16)."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import CreateItem, DeleteRecord, MoveIn, PairUp, RemoveItem, Stamp
from mailsync.core.changes import Sensitivity
from mailsync.core.entries import ACCOUNT_ID, FOLDER_ID, MARK, Entry
from mailsync.core.pair import UNDONE, Base, Pair, PairState
from mailsync.core.person import Limit
from mailsync.core.policy import Direction
from mailsync.core.refs import AccountId, FolderId, ItemId, Version
from mailsync.core.undo import Undo
from mailsync.core.undoing import HIDDEN
from tests.unit.core.builders import (
    deleted,
    dormant,
    make_item,
    make_pair,
    make_policy,
    make_record,
    merged,
    own_item,
    record_id,
)
from tests.unit.core.test_undo import CRM, MAILBOX, created, entry, kinds, undo

BINNED = own_item(1, inside=False, id=ItemId("binned"), marked=False)
IN_BIN = {"discarded": {record_id(1): BINNED}}
REMOVAL = [entry(MAILBOX, "remove", LastName=("Lee", ""))]
MOVED = entry(MAILBOX, "move", None, **{FOLDER_ID: ("contacts", "folder")})
RESTED = dormant(1, frozen_for=UNDONE)


def of(found: Undo, kind: Any) -> Any:
    """The undo's only action of that kind."""
    (only,) = [a for a in found.actions if isinstance(a, kind)]
    return only


def undo_created(*things: Any, entries: list[Entry] | None = None, **more: Any) -> Undo:
    return undo(entries or created(), *things, may_delete=True, **more)


def test_L4_of_a_record_that_is_gone_already_nothing_is_said() -> None:
    for may_delete in (False, True):
        found = undo(created(), make_pair(1), deleted(1), may_delete=may_delete)
        assert (found.is_empty, found.kept) == (True, [])


def test_B7_a_deletion_carries_what_the_record_holds_now_and_its_account() -> None:
    """The history of the undo must tell what was deleted, so that it can be undone, too."""
    record = make_record(1, version="r9", account=AccountId("001A"))
    found = undo_created(make_pair(1, item=None), record, own_item(1), entries=created(**{ACCOUNT_ID: ("", "001A")}))
    deletion = of(found, DeleteRecord)
    assert deletion.pair.crm == Base(record.values, Version("r9"))
    assert (deletion.pair.account, deletion.pair.item) == ("001A", "item1")


def test_L4_a_record_without_pair_or_item_is_deleted_all_the_same() -> None:
    alone = undo_created(make_record(1))
    assert kinds(alone) == ["PairUp", "DeleteRecord"]
    assert (of(alone, DeleteRecord).pair.record, of(alone, DeleteRecord).pair.item) == (record_id(1), None)
    pinned = undo_created(make_pair(1, link_note="exact"), make_record(1))
    assert of(pinned, PairUp).pair.link_note == "exact", "its pair, where there is one"


@pytest.mark.parametrize(
    ("first", "with_it", "kind"),
    [
        ("restore", entry(MAILBOX, "move", **{FOLDER_ID: ("", "folder")}), RemoveItem),
        ("restore", entry(MAILBOX, "create"), RemoveItem),
        ("restore", entry(MAILBOX, "categorise"), Stamp),
        ("create", entry(MAILBOX, "move", **{FOLDER_ID: ("", "folder")}), Stamp),
    ],
    ids=["brought back", "created", "there before", "not restored"],
)
def test_D1_an_item_goes_with_a_restored_record_only_if_it_came_with_it(first: str, with_it: Entry, kind: Any) -> None:
    values = {"LastName": ("Name1", ""), "Email": ("p1@x.example", "")}
    if first == "create":
        values = {n: (after, before) for n, (before, after) in values.items()}
    entries = [entry(CRM, first, **values), with_it]
    found = undo_created(make_pair(1), make_record(1), own_item(1), entries=entries)
    assert kinds(found)[:2] == ["PairUp", "DeleteRecord"]
    assert [type(a) for a in found.actions[2:]] == [kind]
    assert kinds(undo_created(make_pair(1), make_record(1), entries=entries)) == ["PairUp", "DeleteRecord"]
    private = own_item(1, sensitivity=Sensitivity.PRIVATE)
    stays = undo_created(make_pair(1), make_record(1), private, entries=entries)
    assert [type(a) for a in stays.actions[2:]] == [Stamp], "A13: by now it is its person's alone"


def test_D1_a_restored_record_was_changed_by_the_restoring_and_is_linked_as_before() -> None:
    from datetime import timedelta

    record = make_record(1, account=AccountId("001A"))
    restored = replace(record, modified=record.created + timedelta(days=1))
    back = {"LastName": ("Name1", ""), "Email": ("p1@x.example", "")}
    entries = [entry(CRM, "restore", **back, **{ACCOUNT_ID: ("001A", "")})]
    assert "DeleteRecord" in kinds(undo_created(make_pair(1), restored, entries=entries))
    other = replace(restored, account=AccountId("001B"))
    assert len(undo_created(make_pair(1), other, entries=entries).kept) == 1


@pytest.mark.parametrize(
    "entries",
    [created(), [entry(MAILBOX, "create")], REMOVAL, [entry(CRM, "pair")], [entry(CRM, "update", Title=("", "CTO"))]],
    ids=["record made", "item made", "removed", "paired", "edited"],
)
def test_L4_of_a_contact_whose_item_is_not_shown_nothing_is_taken_back(entries: list[Entry]) -> None:
    """It may be there, edited or elsewhere: taken for gone, it would be made again, or its record deleted alone."""
    record = make_record(1, Title="CTO")
    for pair in (make_pair(1), make_pair(1, item=ItemId("another"))):
        hidden = undo(entries, pair, record, may_delete=True, hidden=frozenset({pair.item}))
        assert ([k.reason for k in hidden.kept], hidden.is_empty) == ([HIDDEN], True)
    other = undo(entries, make_pair(1), record, own_item(1), may_delete=True, hidden=frozenset({ItemId("another")}))
    assert HIDDEN not in [k.reason for k in other.kept]


def test_A17_of_a_contact_without_pair_or_item_there_is_nothing_to_remove() -> None:
    made = [entry(MAILBOX, "create")]
    assert undo(made, make_record(1), own_item(1)).is_empty
    assert undo(made, make_pair(1), make_record(1)).is_empty
    assert undo(made, dormant(1), make_record(1), own_item(1)).is_empty, "asleep, but not for an undo"


@pytest.mark.parametrize(("approved", "kept"), [("", ["made private in the mailbox since; it stays"]), ("A13", [])])
def test_A13_an_item_that_its_person_made_private_stays_where_it_is(approved: str, kept: list[str]) -> None:
    private = own_item(1, sensitivity=Sensitivity.PRIVATE)
    found = undo([entry(MAILBOX, "create")], make_pair(1, frozen_for=approved), make_record(1), private)
    assert [k.reason for k in found.kept] == kept
    assert kinds(found) == ([] if kept else ["PairUp", "RemoveItem"])


@pytest.mark.parametrize("item", [own_item(1, inside=False), own_item(1, record=None)], ids=["outside", "not ours"])
def test_L2_an_interrupted_removal_touches_only_our_own_item_in_the_folder(item: Any) -> None:
    assert undo([entry(MAILBOX, "create")], RESTED, make_record(1), item).is_empty


def test_L2_an_interrupted_removal_names_the_item_that_it_removes() -> None:
    removal = of(undo([entry(MAILBOX, "create")], RESTED, make_record(1), own_item(1)), RemoveItem)
    assert (removal.pair.item, removal.after.item, removal.item.id) == ("item1", None, "item1")


def test_D4_nothing_is_brought_back_beside_an_item_that_is_there() -> None:
    for pair in (make_pair(1), make_pair(1, state=PairState.FROZEN, frozen_for="A18")):
        found = undo(REMOVAL, pair, make_record(1), own_item(1, marked=False), **IN_BIN)
        assert (kinds(found), len(found.kept)) == ([], 1)


def test_L2_an_interrupted_return_gets_its_marks() -> None:
    frozen = make_pair(1, state=PairState.FROZEN, frozen_for=UNDONE)
    mark = of(undo(REMOVAL, frozen, deleted(1), own_item(1, marked=False, record=None)), Stamp)
    assert (mark.category, mark.record, mark.error, mark.counted) == (True, record_id(1), "", True)


def test_B16_what_comes_back_alone_is_marked_and_excluded_for_good() -> None:
    found = undo(REMOVAL, merged(1, 2), **IN_BIN)
    mark = of(found, Stamp)
    assert (mark.category, mark.record, mark.excluded, mark.counted) == (True, "", True, True)
    assert [(p.ref, p.rule) for p in found.parked] == [("binned", "A23")], "or a session would let it in again"


def test_A18_what_the_history_remembers_of_a_record_is_its_base() -> None:
    """Only what was filled, and only fields: a blank of the history is no knowledge, a folder no value."""
    removal = [entry(MAILBOX, "remove", LastName=("Lee", ""), Title=("", ""), **{FOLDER_ID: ("folder", "")})]
    pair = of(undo(removal, deleted(1), **IN_BIN), PairUp).pair
    assert pair.crm.values == {"LastName": "Lee"}
    assert (pair.pinned, pair.in_scope, pair.state) == (True, False, PairState.FROZEN)


@pytest.mark.parametrize(
    ("pair", "in_scope", "followed"),
    [
        (None, False, True),
        (dormant(1), False, False),
        (dormant(1, pinned=True), False, True),
        (dormant(1), True, True),
    ],
    ids=["no pair", "asleep", "pinned", "in scope"],
)
def test_A14_a_record_out_of_scope_is_followed_if_its_pair_is_new_or_pinned(
    pair: Pair | None, in_scope: bool, followed: bool
) -> None:
    things = [make_record(1, in_scope), *([pair] if pair else [])]
    state = of(undo(REMOVAL, *things, **IN_BIN), PairUp).pair.state
    assert state is (PairState.ACTIVE if followed else PairState.FROZEN)


def test_E1_up_a_removed_item_is_created_again_since_a_person_asks_for_it() -> None:
    up = make_policy(direction=Direction.UP)
    assert kinds(undo(REMOVAL, dormant(1), make_record(1), policy=up)) == ["CreateItem"]
    assert kinds(undo([entry(CRM, "delete")], make_record(1), policy=up)) == []


def test_A1_a_pair_that_holds_no_values_takes_what_both_sides_hold() -> None:
    anew = dormant(1)
    empty = Pair(anew.record, None, Base({}), Base({}), PairState.DORMANT, in_scope=False)
    record = make_record(1, account=AccountId("001A"), Company="Globex", Title="CEO")
    after = of(undo(REMOVAL, empty, record, **IN_BIN), PairUp).pair
    assert (after.crm.values, after.mailbox.values) == (record.values, BINNED.values)
    assert (after.account, after.account_name, after.pinned, after.in_scope) == ("001A", "Globex", False, True)
    private = {"discarded": {anew.record: replace(BINNED, sensitivity=Sensitivity.PRIVATE)}}
    secret = of(undo(REMOVAL, empty, record, **private), PairUp).pair
    assert (secret.crm.values, secret.mailbox.values) == ({}, {}), "A13, L3"
    kept = of(undo(REMOVAL, anew, record, **IN_BIN), PairUp).pair
    assert kept.crm == anew.crm, "what changed meanwhile is merged"


@pytest.mark.parametrize(
    ("kind", "pair", "new"),
    [("remove", None, True), ("remove", dormant(1), False), ("unpair", RESTED, True)],
    ids=["no pair", "its own pair", "paired again"],
)
def test_a_pairing_that_a_person_sees_is_new(kind: str, pair: Pair | None, new: bool) -> None:
    side = CRM if kind == "unpair" else MAILBOX
    things = [make_record(1), *([pair] if pair else [])]
    assert of(undo([entry(side, kind)], *things, **IN_BIN), PairUp).new is new


@pytest.mark.parametrize("excluded", [True, False])
def test_A23_an_item_that_comes_back_is_marked_and_excluded_no_more(excluded: bool) -> None:
    item = own_item(1, excluded=excluded, marked=False, record=None)
    found = undo([entry(CRM, "unpair")], RESTED, make_record(1), item)
    assert kinds(found) == ["PairUp", "Stamp"], "it lies in the folder still"
    mark = of(found, Stamp)
    assert (mark.category, mark.record, mark.error, mark.counted) == (True, record_id(1), "", True)
    assert mark.excluded is (False if excluded else None)


def test_L4_an_item_is_found_by_its_mark_then_in_deleted_items_then_by_the_history() -> None:
    moved = own_item(1, id=ItemId("moved"))
    stranger = make_item(9)
    bare = make_item(1, record=None)
    for things, expected in [
        ((moved, stranger, bare), "moved"),
        ((stranger, bare), "binned"),
    ]:
        assert of(undo(REMOVAL, make_record(1), *things, **IN_BIN), PairUp).pair.item == expected
    assert of(undo(REMOVAL, make_record(1), stranger, bare), PairUp).pair.item == "item1"
    assert kinds(undo(REMOVAL, make_record(1), stranger)) == ["CreateItem"]


def test_L4_another_pairs_item_is_never_taken() -> None:
    """Neither by the mark that it carries, nor because the history knows it."""
    other = make_pair(2, item=ItemId("item1"))
    assert kinds(undo(REMOVAL, make_record(1), other, own_item(1))) == ["CreateItem"]
    mine = make_pair(1, item=ItemId("elsewhere"))
    again = undo([entry(CRM, "delete")], make_record(1), mine, own_item(1), own_item(1, id=ItemId("elsewhere")))
    assert again.is_empty, "nor does its own pair stand in the way"


def test_L4_its_own_pair_does_not_keep_a_contact_from_its_item() -> None:
    frozen = make_pair(1, state=PairState.FROZEN, frozen_for=UNDONE)
    outside = own_item(1, inside=False)
    restores = undo([entry(CRM, "delete")], frozen, deleted(1), outside).restores
    assert [r.item for r in restores] == ["item1"]
    in_folder = undo([entry(CRM, "delete")], frozen, deleted(1), own_item(1)).restores
    assert [r.item for r in in_folder] == ["item1"]


def test_D1_a_deletion_is_over_only_while_the_item_is_there() -> None:
    deletion = [entry(CRM, "delete")]
    assert kinds(undo(deletion, make_pair(1), make_record(1), **IN_BIN)) == ["MoveIn", "PairUp", "Stamp"]
    assert of(undo(deletion, make_pair(1), make_record(1), **IN_BIN), MoveIn).pair.item == "binned"
    assert undo(deletion, make_pair(1), make_record(1), own_item(1, inside=False)).is_empty


def test_B15_an_answer_in_doubt_is_told() -> None:
    doubt = undo([entry(CRM, "delete")], anew={record_id(1): record_id(9)}, doubtful=frozenset({record_id(9)}))
    assert [k.record for k in doubt.kept] == [record_id(1)]


def test_B2_a_pairing_that_is_over_is_passed_over() -> None:
    pairing = [entry(CRM, "pair")]
    assert undo(pairing, make_record(1), own_item(1)).is_empty
    assert undo(pairing, make_pair(1), make_record(1)).is_empty
    assert undo(pairing, RESTED, make_record(1), own_item(1, excluded=True)).is_empty
    assert kinds(undo(pairing, RESTED, make_record(1), own_item(1))) == ["Stamp"], "interrupted: its mark comes off"
    assert kinds(undo(pairing, make_pair(1), own_item(1, excluded=True))) == ["PairUp", "Stamp"]


def test_an_unpairing_with_a_side_missing_is_named() -> None:
    unpairing = [entry(CRM, "unpair")]
    for things in ([make_record(1)], [own_item(1)], [RESTED, deleted(1), own_item(1)]):
        found = undo(unpairing, *things)
        assert (kinds(found), len(found.kept)) == ([], 1)
    paired = undo(unpairing, make_pair(1), make_record(1), own_item(1))
    assert (kinds(paired), paired.kept) == ([], [])


def test_A7_an_item_that_was_moved_in_and_never_paired_goes_home_excluded() -> None:
    item = make_item(1)
    found = undo([MOVED], item, make_pair(2), own_item(2))
    assert kinds(found) == ["Stamp", "MoveOut"]
    assert [(h.item.id, h.folder) for h in found.homes] == [("item1", FolderId("contacts"))]
    assert [(p.ref, p.rule) for p in found.parked] == [("item1", "A23")]
    assert (undo([MOVED]).is_empty, undo([MOVED]).kept) == (True, [])
    paired = undo([MOVED], make_pair(1), item, make_pair(2))
    assert (kinds(paired), len(paired.kept)) == ([], 1)


@pytest.mark.parametrize(
    ("fields", "marked", "off"),
    [
        ({MARK: ("", "Salesforce")}, True, False),
        ({MARK: ("", "Salesforce")}, False, None),
        ({MARK: ("Salesforce", "Salesforce")}, True, None),
        ({}, True, None),
    ],
    ids=["put on", "off already", "was on before", "only marks of ours"],
)
def test_A9_only_a_category_that_the_session_put_on_comes_off(
    fields: dict[str, Any], marked: bool, off: bool | None
) -> None:
    item = make_item(1, marked=marked)
    mark = of(undo([MOVED, entry(MAILBOX, "categorise", None, **fields)], item), Stamp)
    assert (mark.category, mark.record, mark.excluded, mark.error) == (off, "", True, "")
    assert mark.counted is (off is False)


def test_A7_what_has_left_the_folder_since_is_not_moved_again() -> None:
    found = undo([MOVED], make_item(1, inside=False))
    assert (kinds(found), found.homes, found.parked) == (["Stamp"], [], [])


def test_L4_a_field_that_the_mailbox_can_not_take_is_left_out_of_what_is_created_again() -> None:
    policy = make_policy(mailbox={"Title": Limit(createable=False)})
    create = of(undo([entry(MAILBOX, "remove", LastName=("Lee", ""), Title=("CTO", ""))], policy=policy), CreateItem)
    assert create.values == {"LastName": "Lee"}
