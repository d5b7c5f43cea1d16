"""What is taken back of a session: entries and what is there now in, actions and what stays out (L4, L5)."""

from datetime import timedelta
from typing import Any

import pytest

from mailsync.core.actions import CreateItem, DeleteRecord, PairUp, RemoveItem, Stamp, UpdateRecord
from mailsync.core.deeds import deeds_of
from mailsync.core.entries import ACCOUNT, ACCOUNT_ID, FOLDER_ID, MARK, Change, Entry
from mailsync.core.pair import UNDONE, PairState
from mailsync.core.person import Address
from mailsync.core.policy import Direction
from mailsync.core.refs import AccountId, FolderId, ItemId, Side
from mailsync.core.undo import Present, Undo, exceeds_guard
from mailsync.core.undoing import take_back
from mailsync.core.undopairs import DOUBTED
from tests.unit.core.builders import (
    NOW,
    deleted,
    dormant,
    make_item,
    make_pair,
    make_policy,
    make_record,
    make_sight,
    merged,
    own_item,
    record_id,
)

CRM, MAILBOX = Side.CRM, Side.MAILBOX


def entry(side: Side, kind: str, number: int | None = 1, item: str | None = "item1", **fields: Any) -> Entry:
    """An entry of session 7; fields as (before, after)."""
    changes = {n: Change(*c) for n, c in fields.items()}
    record = None if number is None else record_id(number)
    return Entry(7, NOW, "X", side, kind, record, ItemId(item) if item else None, changes)


def undo(entries: list[Entry], *things: Any, **more: Any) -> Undo:
    """The undo of these entries in a world of these things; `policy` and Present's fields by name."""
    policy = more.pop("policy", None) or make_policy()
    present = {k: more.pop(k) for k in ("anew", "doubtful", "may_delete") if k in more}
    return take_back(deeds_of(entries), entries, Present(make_sight(*things, **more), policy, **present))


def kinds(found: Undo) -> list[str]:
    return [type(a).__name__ for a in (*found.restores, *found.edits, *found.actions, *found.homes)]


def reasons(found: Undo) -> list[str]:
    return [f"{k.field}: {k.reason}" for k in found.kept]


def test_a_deed_is_all_that_was_done_to_one_contact_whatever_names_it():
    deeds = deeds_of(
        [
            entry(MAILBOX, "move", None, "new", Folder=("contacts", "folder")),
            entry(MAILBOX, "categorise", None, "new"),
            entry(CRM, "update", 2, "item2", Title=("a", "b")),
            entry(CRM, "create", 1, "new"),
            entry(MAILBOX, "remove", None, "lonely"),
            entry(CRM, "update", 2, "item2", Title=("b", "c")),
        ]
    )
    assert [d.record for d in deeds] == [record_id(1), record_id(2), None]
    assert (deeds[0].came_from, deeds[0].items) == ("contacts", ("new",))
    assert deeds[1].crm == {"Title": Change("a", "c")}


@pytest.mark.parametrize("side", [CRM, MAILBOX])
def test_L5_a_field_goes_back_on_the_side_that_was_written_and_no_other_base_moves(side: Side):
    pair = make_pair(1, Title="new")
    found = undo(
        [entry(side, "update", Title=("old", "new"))], pair, make_record(1, Title="new"), own_item(1, Title="new")
    )
    assert kinds(found) == ["UpdateRecord" if side is CRM else "UpdateItem"]
    edit = found.edits[0]
    moved = edit.moved["Title"]  # type: ignore[index]
    assert (moved.sent, moved.source, moved.before) == ("old", "new", "new")
    assert found.kept == []


@pytest.mark.parametrize(("now", "edits", "kept"), [("new", 1, 0), ("old", 0, 0), ("later", 0, 1), (" new ", 1, 0)])
def test_L5_a_three_way_merge_of_one_field(now: str, edits: int, kept: int):
    found = undo([entry(CRM, "update", Title=("old", "new"))], make_pair(1), make_record(1, Title=now), own_item(1))
    assert (len(found.edits), len(found.kept)) == (edits, kept)


def test_L5_an_address_goes_back_by_its_parts_and_one_kept_as_text_stays():
    before, after = Address("Via 1", "Rome"), Address("Corso 2", "Milan")
    things = (make_pair(1), make_record(1, MailingAddress=after), own_item(1))
    found = undo([entry(CRM, "update", MailingAddress=(before, after))], *things)
    assert found.edits[0].moved["MailingAddress"].sent == before  # type: ignore[index]
    found = undo([entry(CRM, "update", MailingAddress=("Via 1\nRome", after))], *things)
    assert (found.edits, len(found.kept)) == ([], 1)


def test_L5_a_required_field_is_not_emptied_and_an_unknown_one_is_named():
    things = (make_pair(1), make_record(1, LastName="Lee"), own_item(1))
    found = undo([entry(CRM, "update", LastName=("", "Lee"), Gone=("a", "b"))], *things)
    assert found.edits == []
    assert sorted(k.field for k in found.kept) == ["Gone", "LastName"]


@pytest.mark.parametrize(("linked", "expected", "kept"), [("001B", "001A", 0), ("001A", None, 0), ("001C", None, 1)])
def test_B9_a_link_goes_back_while_it_is_the_one_that_was_made(linked: str, expected: str | None, kept: int):
    relinked = entry(CRM, "update", **{ACCOUNT: ("Globex", "Initech"), ACCOUNT_ID: ("001A", "001B")})
    found = undo([relinked], make_pair(1), make_record(1, account=AccountId(linked)), own_item(1))
    assert [(e.account, e.account_name) for e in found.edits if isinstance(e, UpdateRecord)] == (
        [(expected, "Globex")] if expected else []
    )
    assert len(found.kept) == kept


def test_L5_what_is_not_synced_any_more_is_not_written():
    found = undo([entry(MAILBOX, "update", Title=("a", "b"))], make_record(1))
    assert (kinds(found), len(found.kept)) == ([], 1)


def test_A17_a_mirrored_item_goes_and_its_pair_rests():
    found = undo([entry(MAILBOX, "create", LastName=("", "Name1"))], make_pair(1), make_record(1), own_item(1))
    assert kinds(found) == ["PairUp", "RemoveItem"]
    stored, removal = found.actions
    assert isinstance(stored, PairUp)
    assert isinstance(removal, RemoveItem)
    assert (stored.pair.state, stored.pair.item, stored.pair.frozen_for) == (PairState.DORMANT, None, UNDONE)
    assert stored.pair.in_scope, "it counts for the scope still (A18)"
    assert removal.after == stored.pair


@pytest.mark.parametrize("edited", [{"edited": True}, {"made_item": False}])
def test_L5_an_item_with_a_persons_own_work_stays(edited: dict[str, bool]):
    found = undo([entry(MAILBOX, "create")], make_pair(1, **edited), make_record(1), own_item(1))
    assert (kinds(found), len(found.kept)) == ([], 1)
    found = undo([entry(MAILBOX, "create")], make_pair(1), make_record(1), own_item(1, Department="R&D"))
    assert (kinds(found), len(found.kept)) == ([], 1)


def test_undone_already_is_passed_over():
    resting = dormant(1, frozen_for=UNDONE)
    assert undo([entry(MAILBOX, "create")], resting, make_record(1)).is_empty
    assert undo([entry(CRM, "create")], deleted(1)).is_empty
    assert undo([entry(CRM, "pair")], resting, make_record(1), make_item(1, excluded=True)).is_empty
    assert undo([entry(CRM, "unpair")], make_pair(1), make_record(1), own_item(1)).is_empty


def created(**fields: Any) -> list[Entry]:
    return [entry(CRM, "create", LastName=("", "Name1"), Email=("", "p1@x.example"), **fields)]


def test_L4_a_record_is_deleted_only_where_that_is_allowed():
    things = (make_pair(1), make_record(1), own_item(1))
    assert (kinds(undo(created(), *things)), len(undo(created(), *things).kept)) == ([], 1)
    found = undo(created(), *things, may_delete=True)
    assert kinds(found) == ["PairUp", "DeleteRecord", "Stamp"]
    stored, deletion, mark = found.actions
    assert isinstance(stored, PairUp)
    assert isinstance(deletion, DeleteRecord)
    assert isinstance(mark, Stamp)
    assert (stored.pair.item, stored.pair.frozen_for) == (None, UNDONE)
    assert (mark.record, mark.excluded, mark.category) == ("", True, None)
    assert [p.rule for p in found.parked] == ["A23"], "or a session would let it in again"


@pytest.mark.parametrize(
    "changed",
    [{"Title": "CTO"}, {"LastName": "Other"}, {"account": AccountId("001A")}],
    ids=["added", "edited", "linked"],
)
def test_L4_a_record_that_somebody_changed_is_not_deleted(changed: dict[str, Any]):
    found = undo(created(), make_pair(1), make_record(1, **changed), own_item(1), may_delete=True)
    assert (kinds(found), len(found.kept)) == ([], 1)


def test_L4_a_change_of_what_no_mapping_names_saves_a_record_too():
    from dataclasses import replace

    record = make_record(1)
    for later, kinds_of in ((0, 3), (2, 3), (3, 0)):
        touched = replace(record, modified=record.created + timedelta(seconds=later))
        found = undo(created(), make_pair(1), touched, own_item(1), may_delete=True)
        assert len(found.actions) == kinds_of


def test_L4_defaults_and_the_account_of_a_creation_are_no_change():
    record = make_record(1, account=AccountId("001A"), Title="New", Company="Globex")
    entries = created(**{ACCOUNT_ID: ("", "001A")})
    policy = make_policy(defaults={"Title": "New"})
    assert len(undo(entries, make_pair(1), record, own_item(1), may_delete=True, policy=policy).actions) == 3


def test_A7_an_item_that_was_brought_in_goes_back_and_keeps_what_the_person_put_on_it():
    entries = [entry(MAILBOX, "move", None, **{FOLDER_ID: ("contacts", "folder")}), *created()]
    found = undo(entries, make_pair(1), make_record(1), own_item(1), may_delete=True)
    assert [(h.item.id, h.folder) for h in found.homes] == [("item1", FolderId("contacts"))]
    entries.append(entry(MAILBOX, "categorise", None, **{MARK: ("", "Salesforce")}))
    found = undo(entries, make_pair(1), make_record(1), own_item(1), may_delete=True)
    assert [a.category for a in found.actions if isinstance(a, Stamp)] == [False]


def test_A18_a_removed_item_comes_back_frozen_where_its_record_is_out_of_reach():
    thrown = own_item(1, inside=False)
    removal = [entry(MAILBOX, "remove", LastName=("Name1", ""))]
    found = undo(removal, dormant(1), make_record(1, in_scope=False), discarded={record_id(1): thrown})
    assert kinds(found) == ["MoveIn", "PairUp", "Stamp"]
    stored = found.actions[1]
    assert isinstance(stored, PairUp)
    assert (stored.pair.state, stored.pair.frozen_for, stored.pair.item) == (PairState.FROZEN, UNDONE, thrown.id)
    found = undo(removal, dormant(1), make_record(1), discarded={record_id(1): thrown})
    stored = found.actions[1]
    assert isinstance(stored, PairUp)
    assert (stored.pair.state, stored.pair.frozen_for) == (PairState.ACTIVE, "")
    assert [p.ref for p in found.parked] == [record_id(1)], "what changed meanwhile is merged in the next session"


def test_D4_an_item_that_is_in_no_bin_is_created_from_the_history():
    found = undo([entry(MAILBOX, "remove", LastName=("Lee", ""), Title=("CTO", ""))], deleted(1))
    assert kinds(found) == ["CreateItem"]
    create = found.actions[0]
    assert isinstance(create, CreateItem)
    assert create.frozen
    assert create.values == {"LastName": "Lee", "Title": "CTO"}


def test_B16_an_item_whose_record_was_merged_away_comes_back_on_its_own():
    removal = [entry(MAILBOX, "remove")]
    found = undo(removal, merged(1, 2), discarded={record_id(1): own_item(1, inside=False)})
    assert kinds(found) == ["MoveIn", "Stamp"]
    assert isinstance(found.actions[1], Stamp)
    assert (found.actions[1].excluded, found.actions[1].record) == (True, "")
    assert len(undo(removal, merged(1, 2)).kept) == 1
    assert len(undo([entry(MAILBOX, "remove", None)]).kept) == 1


def test_D1_a_deletion_is_restored_and_then_the_item_comes_back():
    deletion = [entry(CRM, "delete", LastName=("Name1", ""))]
    assert [r.record for r in undo(deletion, deleted(1)).restores] == [record_id(1)]
    thrown = own_item(1, inside=False)
    found = undo(deletion, make_record(1), discarded={record_id(1): thrown})
    assert kinds(found) == ["MoveIn", "PairUp", "Stamp"]
    assert isinstance(found.actions[1], PairUp)
    assert found.actions[1].pair.crm.values == make_record(1).values, "bases are what both sides hold now (A1)"
    assert kinds(undo(deletion, make_record(1))) == ["CreateItem"]
    assert kinds(undo(deletion, make_record(1), policy=make_policy(direction=Direction.UP))) == []
    assert undo(deletion, make_pair(1), make_record(1), own_item(1)).is_empty


def test_B15_a_record_that_was_created_anew_is_not_created_again():
    deletion = [entry(CRM, "delete", LastName=("Name1", ""))]
    anew = {record_id(1): record_id(9)}
    found = undo(deletion, dormant(9, frozen_for=UNDONE), make_record(9), anew=anew)
    assert (found.restores, kinds(found)) == ([], ["CreateItem"])
    assert undo(deletion, anew=anew, doubtful=frozenset({record_id(9)})).restores == []


def test_B2_a_pairing_ends_and_neither_side_is_paired_or_mirrored_again():
    found = undo([entry(CRM, "pair")], make_pair(1), make_record(1), own_item(1))
    assert kinds(found) == ["PairUp", "Stamp"]
    stored = found.actions[0]
    assert isinstance(stored, PairUp)
    assert (stored.parted, stored.pair.frozen_for) == ("item1", UNDONE)


def test_an_unpairing_pairs_again_where_both_sides_are_there():
    found = undo([entry(CRM, "unpair")], make_record(1), own_item(1))
    assert kinds(found) == ["PairUp", "Stamp"]
    assert isinstance(found.actions[0], PairUp)
    assert found.actions[0].new
    assert (kinds(undo([entry(CRM, "unpair")], make_record(1))), 1) == ([], 1)


def test_A8_a_category_alone_and_an_account_stay_and_are_named():
    assert len(undo([entry(MAILBOX, "categorise")], make_pair(1), own_item(1)).kept) == 1
    made = Entry(7, NOW, "B7", CRM, "create", None, ItemId("item1"), {ACCOUNT: Change("", "Globex")})
    assert [k.field for k in undo([made]).kept] == ["Account"]


def test_D8_many_at_once_are_told_apart_from_few():
    def many(count: int, pairs: int) -> bool:
        entries = [entry(MAILBOX, "create", n, f"item{n}") for n in range(count)]
        things = [t for n in range(count) for t in (make_pair(n), make_record(n), own_item(n))]
        return exceeds_guard(undo(entries, *things), make_policy(), pairs)

    assert (many(10, 10), many(11, 110), many(11, 109)) == (False, False, True)
    blanks = [entry(CRM, "update", n, f"item{n}", Title=("", "CTO")) for n in range(11)]
    things = [t for n in range(11) for t in (make_pair(n), make_record(n, Title="CTO"), own_item(n))]
    assert exceeds_guard(undo(blanks, *things), make_policy(), 11)
    assert not exceeds_guard(undo(blanks[:10], *things), make_policy(), 11)


@pytest.mark.parametrize("side", [CRM, MAILBOX])
def test_L2_an_interrupted_edit_moves_the_base_so_that_it_does_not_flow(side: Side):
    now = {"Title": "old"}
    record, item = (make_record(1, **(now if side is CRM else {"Title": "new"})), own_item(1, **now))
    if side is CRM:
        item = own_item(1, Title="new")
    found = undo([entry(side, "update", Title=("old", "new"))], make_pair(1, Title="new"), record, item)
    assert kinds(found) == ["PairUp"]
    stored = found.edits[0]
    assert isinstance(stored, PairUp)
    assert (stored.pair.crm.values["Title"], stored.pair.mailbox.values["Title"]) == (  # type: ignore[index]
        ("old", "new") if side is CRM else ("new", "old")
    )


def test_L2_an_interrupted_removal_goes_on_and_an_interrupted_return_gets_its_mark():
    resting = dormant(1, frozen_for=UNDONE)
    assert kinds(undo([entry(MAILBOX, "create")], resting, make_record(1), own_item(1))) == ["PairUp", "RemoveItem"]
    frozen = make_pair(1, state=PairState.FROZEN, frozen_for=UNDONE)
    found = undo([entry(MAILBOX, "remove")], frozen, deleted(1), own_item(1, marked=False))
    assert kinds(found) == ["Stamp"]
    assert undo([entry(MAILBOX, "remove")], frozen, deleted(1), own_item(1)).is_empty


def test_B15_what_nobody_knows_to_have_been_made_is_left_alone():
    """Its answer was lost, and everything was forgotten: the entry names no id (L4)."""
    things = (make_pair(1), make_record(1), own_item(1))
    for told in (entry(CRM, "create", None), entry(MAILBOX, "create", item=None)):
        found = undo([told], *things, may_delete=True)
        assert (found.actions, [k.reason for k in found.kept]) == ([], [DOUBTED])
