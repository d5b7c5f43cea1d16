"""What becomes of a pair: marks, freezes, thaws, deletions and what is left over (A3, A8, A9, A13, A16, A18, B17)."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import CreateItem, DeleteRecord, EndPair, PairUp, RemoveItem, Stamp, UpdateItem
from mailsync.core.changes import Sensitivity, Trace
from mailsync.core.decision import Verdict
from mailsync.core.pair import UNDONE, Pair, PairState, Tombstone
from mailsync.core.pairs import KEPT
from mailsync.core.policy import OnLeaveScope
from mailsync.core.refs import Side, Version
from tests.unit.core.builders import (
    ALLOWED,
    FAR,
    NOW,
    UP,
    answered,
    deleted,
    holds,
    kinds,
    make_pair,
    make_plan,
    make_policy,
    make_record,
    merged,
    of,
    one,
    own_item,
    record_id,
)

UNREAD = {"unreadable": frozenset({record_id(1)})}
TROUBLED = ("Salesforce", "Sync Error", "Sync Error: LastName missing")


def frozen(rule: str, **more: Any) -> Pair:
    return make_pair(1, state=PairState.FROZEN, frozen_for=rule, **more)


# Marks


def test_A9_what_moved_out_loses_all_marks_and_was_looked_at() -> None:
    out = own_item(1, inside=False, id=FAR, categories=TROUBLED)
    result = make_plan(make_pair(1), make_record(1), out, gone=[1])
    mark = one(result, Stamp)
    assert (mark.category, mark.record, mark.error, mark.counted, mark.why.rule) == (False, "", "", True, "A9")
    assert (Side.MAILBOX, FAR) in result.looked_at


@pytest.mark.parametrize(
    ("item", "relabel", "rule"),
    [
        (own_item(1, marked=False), False, "A8"),
        (own_item(1, categories=TROUBLED), False, "C1"),
        (own_item(1, inside=False, marked=False), True, "A3"),
        (own_item(1, inside=False, categories=TROUBLED), True, "C1"),
    ],
    ids=["taken off", "mended", "label lost", "label lost, but it bears the category"],
)
def test_A8_marks_are_put_right_under_the_rule_that_asks_for_it(item: Any, relabel: bool, rule: str) -> None:
    mark = one(make_plan(make_pair(1), item, relabel=relabel), Stamp)
    assert (mark.why.rule, mark.counted) == (rule, rule != "C1")


@pytest.mark.parametrize(("relabel", "marks"), [(True, ["A3"]), (False, [])])
def test_A3_a_label_that_was_lost_is_put_back_on_frozen_contacts_too(relabel: bool, marks: list[str]) -> None:
    pair = frozen("A18", made_item=False, in_scope=False)
    item = own_item(1, inside=not relabel, marked=False)
    result = make_plan(pair, make_record(1, in_scope=False), item, relabel=relabel)
    assert [s.why.rule for s in of(result, Stamp)] == marks


# Freezing and thawing


@pytest.mark.parametrize("mine", [True, False])
def test_A18_keep_goes_on_whoever_made_the_item(mine: bool) -> None:
    policy = make_policy(on_leave_scope=OnLeaveScope.KEEP)
    world = make_pair(1, made_item=mine), make_record(1, in_scope=False, Title="CEO"), own_item(1)
    assert one(make_plan(*world, policy=policy), UpdateItem).moved["Title"].sent == "CEO"


@pytest.mark.parametrize("rule", sorted(KEPT))
def test_D8_what_a_person_said_no_to_is_not_planned_again(rule: str) -> None:
    """Removals for D8 and undo; re-creations for C5. Anything else is planned as for any pair."""
    removal = make_plan(frozen(rule), own_item(1), deleted(1))
    assert (of(removal, RemoveItem) == []) is (Verdict.REMOVE_ITEM in KEPT[rule]) is (rule != "C5")
    again = make_plan(frozen(rule), make_record(1), gone=[1])
    assert (of(again, CreateItem) == []) is (rule == "C5")
    left = make_plan(frozen(rule), own_item(1), deleted(1), policy=UP)
    assert (of(left, EndPair) == []) is (rule == UNDONE)
    active = make_plan(replace(frozen(rule), state=PairState.ACTIVE), own_item(1), deleted(1))
    assert len(of(active, RemoveItem)) == 1


@pytest.mark.parametrize(
    ("rule", "thaws"), [("A18", False), ("A13", False), ("D8", True), (UNDONE, True)],
)  # fmt: skip
def test_A18_a_pair_thaws_on_its_record_alone_only_where_its_item_was_never_the_reason(rule: str, thaws: bool) -> None:
    result = make_plan(frozen(rule), make_record(1, Title="CEO"))
    assert (len(of(result, UpdateItem)) == 1) is thaws
    if thaws:
        assert (one(result, PairUp).pair.state, one(result, PairUp).pair.frozen_for) == (PairState.ACTIVE, "")
    else:
        parked = {(p.ref, p.rule, p.due) for p in result.parked}
        assert parked == {(record_id(1), rule, NOW), ("item1", rule, NOW)}
    unread = make_plan(frozen(rule), own_item(1, Title="CEO"))
    assert (unread.actions, {p.rule for p in unread.parked}) == ((), {rule}), "never without its record"


def test_A18_a_freeze_keeps_the_item_that_is_there_and_its_edit_waits() -> None:
    moved = own_item(1, id=FAR, Title="mine")
    result = make_plan(make_pair(1, made_item=False), moved, gone=[1], **UNREAD)
    after = one(result, PairUp).pair
    assert (after.state, after.frozen_for, after.item, after.in_scope) == (PairState.FROZEN, "A18", FAR, False)
    assert [(i.code, i.rule, i.record, i.item) for i in result.issues] == [("FROZEN", "A18", record_id(1), FAR)]
    assert [(p.ref, p.rule) for p in result.parked] == [(FAR, "A18")]


def test_A18_a_freeze_without_an_edit_is_no_issue_and_without_item_keeps_the_pairs_own() -> None:
    quiet = make_plan(make_pair(1, made_item=False), own_item(1), **UNREAD)
    assert (quiet.issues, quiet.parked) == ((), ())
    unseen = make_plan(make_pair(1, made_item=False), **UNREAD)
    assert one(unseen, PairUp).pair.item == "item1"
    gone = one(make_plan(make_pair(1), gone=[1], **UNREAD), PairUp).pair
    assert (gone.state, gone.item, gone.frozen_for, gone.in_scope) == (PairState.DORMANT, None, "D1", False)


# A13


PRIVATE = {"sensitivity": Sensitivity.PRIVATE}


def test_A13_turned_private_under_another_id_the_pair_keeps_that_one() -> None:
    item = own_item(1, id=FAR, **PRIVATE)
    asked = make_plan(make_pair(1), make_record(1), item, gone=[1])
    assert one(asked, PairUp).pair.item == FAR


def test_A13_approved_its_marks_are_put_right_and_rejected_it_is_excluded_for_good() -> None:
    item = own_item(1, marked=False, **PRIVATE)
    asked = make_plan(make_pair(1), make_record(1), item)
    pair = one(asked, PairUp).pair
    approved = make_plan(pair, make_record(1), item, *answered(asked, "approve"))
    assert one(approved, Stamp).category
    rejected = make_plan(pair, make_record(1), item, *answered(asked, "reject"))
    assert [(p.ref, p.rule) for p in rejected.parked] == [("item1", "A23")]
    assert (one(rejected, EndPair).why.rule, one(rejected, Stamp).why.rule) == ("A13", "A13")
    assert one(rejected, EndPair).tombstone == Tombstone(record_id(1), None, "A13")
    assert of(rejected, CreateItem) == [], "its record is not mirrored beside it"


def test_A13_approved_while_it_was_frozen_for_its_record_it_remembers_the_approval() -> None:
    pair, item = frozen("A18", in_scope=False), own_item(1, **PRIVATE)
    asked = make_plan(pair, make_record(1), item)
    approved = make_plan(pair, make_record(1), item, *answered(asked, "approve"))
    assert one(approved, PairUp).pair.frozen_for == "A13"


@pytest.mark.parametrize("made_item", [True, False])
def test_A13_A18_approved_while_its_record_is_out_of_reach_nothing_flows(made_item: bool) -> None:
    item = own_item(1, marked=False, Title="mine", **PRIVATE)
    asked = make_plan(make_pair(1, made_item=made_item), item, **UNREAD)
    pair = one(asked, PairUp).pair
    frozen_pair = one(make_plan(pair, item, *answered(asked, "approve"), **UNREAD), PairUp).pair
    assert (frozen_pair.state, frozen_pair.frozen_for, frozen_pair.in_scope) == (PairState.FROZEN, "A18", False)


def test_A13_A18_approved_when_it_has_left_the_scope_it_leaves_as_any_other() -> None:
    item, left = own_item(1, **PRIVATE), make_record(1, in_scope=False)
    asked = make_plan(make_pair(1), left, item)
    approved = make_plan(one(asked, PairUp).pair, left, item, *answered(asked, "approve"))
    assert kinds(approved) == ["RemoveItem"]
    assert one(approved, RemoveItem).why.rule == "A18"


# D1, D3, A16


@pytest.mark.parametrize(
    ("more", "rule"), [({"repairing": True}, "A1"), ({"refill": True}, "A3")], ids=["re-pairing", "folder lost"]
)
def test_A3_what_is_created_again_is_its_own_pairs_and_told_under_the_rule(more: dict[str, bool], rule: str) -> None:
    created = one(make_plan(make_pair(1), make_record(1), gone=[1], policy=ALLOWED, **more), CreateItem)
    assert (created.pair, created.why.rule) == (make_pair(1), rule)


@pytest.mark.parametrize(
    ("policy", "pinned", "deletes"),
    [(ALLOWED, True, True), (ALLOWED, False, False), (make_policy(), True, False)],
    ids=["pinned", "not pinned", "re-created"],
)
def test_A16_under_a_scope_fault_only_a_pinned_records_deletion_goes_on(
    policy: Any, pinned: bool, deletes: bool
) -> None:
    result = make_plan(make_pair(1, pinned=pinned), make_record(1), gone=[1], policy=policy, scope_fault="lost")
    assert kinds(result) == (["DeleteRecord"] if deletes else [])
    assert {p.rule for p in result.parked} == (set() if deletes else {"A16"})


def test_D1_a_record_that_is_reported_undeleted_has_won_no_merge() -> None:
    world = make_pair(1), make_record(1), Trace(record_id(1), deleted=False)
    assert kinds(make_plan(*world, gone=[1], policy=ALLOWED)) == ["DeleteRecord"]


def test_D3_a_question_stays_the_question_that_it_was() -> None:
    """Asked because the record had changed, or because deletions had just been allowed: it has one name."""
    changed = make_pair(1), make_record(1, version="r2", Title="CEO")
    asked = make_plan(*changed, gone=[1], policy=ALLOWED)
    later = make_plan(make_pair(1, Title="CEO"), changed[1], *asked.holds, gone=[1], policy=ALLOWED)
    assert ([h.name for h in later.holds], later.actions) == ([h.name for h in asked.holds], ())
    first = make_plan(make_pair(1), make_record(1), gone=[1], policy=ALLOWED, hold_deletions=True)
    then = make_plan(*changed, *first.holds, gone=[1], policy=ALLOWED)
    assert (holds(first), holds(then)) == (["D1"], ["D1"])
    approved = make_plan(*changed, *answered(asked, "approve"), gone=[1], policy=ALLOWED)
    assert one(approved, DeleteRecord).why.rule == "D3"


# B17, A1: what ends


def test_B17_what_is_left_over_is_asked_about_as_it_is_or_as_it_was_known() -> None:
    def asked(*things: Any, **more: Any) -> tuple[Any, Any]:
        (hold,) = make_plan(*things, deleted(1), policy=UP, **more).holds
        return hold.members[0].item, hold.members[0].mailbox_version

    assert asked(make_pair(1), own_item(1, version="i7")) == ("item1", Version("i7"))
    assert asked(make_pair(1), own_item(1, id=FAR, version="i7"), gone=[1]) == (FAR, Version("i7"))
    assert asked(make_pair(1)) == ("item1", Version("i1"))


@pytest.mark.parametrize(
    ("more", "rule"), [({"repairing": True}, "A1"), ({"scope_fault": "lost"}, "A16"), ({}, "A16")],
    ids=["re-pairing", "scope fault", "not read"],
)  # fmt: skip
def test_A16_a_removal_that_may_not_be_waits_under_its_rule(more: dict[str, Any], rule: str) -> None:
    item = [own_item(1)] if more else []
    result = make_plan(make_pair(1), *item, deleted(1), **more)
    assert result.actions == ()
    assert {(p.ref, p.rule, p.due) for p in result.parked} == {(record_id(1), rule, NOW), ("item1", rule, NOW)}


def test_A18_an_item_that_came_back_under_another_id_is_removed_all_the_same() -> None:
    removed = one(make_plan(make_pair(1), own_item(1, id=FAR), deleted(1), gone=[1]), RemoveItem)
    assert removed.item.id == FAR
    loser = make_plan(make_pair(1), own_item(1, id=FAR), make_pair(2), make_record(2), merged(1, 2), gone=[1])
    assert one(loser, RemoveItem).item.id == FAR
