"""Items that were ours before, and merges in Salesforce: A1, A10, B2, B16, B17, C7, D6, E1."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import CreateItem, CreateRecord, EndPair, MoveIn, PairUp, RemoveItem, Stamp, UpdateItem
from mailsync.core.changes import Sensitivity
from mailsync.core.marks import Sorted
from mailsync.core.pair import UNDONE, PairState, Tombstone
from mailsync.core.person import Flow
from mailsync.core.refs import ItemId, Side, Version
from mailsync.core.winners import edits_of, find_heirs, is_absent, winner_of
from tests.unit.core.builders import (
    ALLOWED,
    DOWN,
    FAR,
    UP,
    answered,
    deleted,
    dormant,
    holds,
    kinds,
    make_answers,
    make_draft,
    make_item,
    make_pair,
    make_plan,
    make_policy,
    make_record,
    make_sight,
    merged,
    of,
    one,
    own_item,
    record_id,
)


def back(**more: Any) -> Any:
    """Record 1's contact, restored beside what its pair holds by now."""
    return own_item(1, **{"id": FAR, **more})


def fresh(**more: Any) -> Any:
    """The same person, marked anew, without our property."""
    return make_item(1, **{"id": FAR, **more})


# D6, A10: taking a place


def test_D6_it_becomes_the_pairs_own_item_and_a_persons() -> None:
    pair = make_pair(1, recreated=1, state=PairState.FROZEN, frozen_for="C5", edited=False)
    result = make_plan(pair, make_record(1), own_item(1), back(marked=False))
    after = one(result, PairUp).pair
    assert (after.item, after.state, after.frozen_for) == (FAR, PairState.ACTIVE, "")
    assert (after.pinned, after.made_item, after.edited) == (True, False, False)
    mark = one(result, Stamp)
    assert (mark.item.id, mark.category, mark.record, mark.error, mark.counted) == (FAR, True, record_id(1), "", True)


def test_D6_what_it_holds_meets_the_record_without_any_base() -> None:
    """B4: nobody knows which is newer, so B12 decides; in one direction it is asked."""
    world = make_pair(1, Title="CEO", recreated=1), make_record(1, Title="CEO"), own_item(1, Title="CEO")
    result = make_plan(*world, back(Title="stale"))
    assert (one(result, UpdateItem).moved["Title"].sent, holds(result)) == ("CEO", [])
    assert holds(make_plan(*world, back(Title="stale"), policy=DOWN)) == ["B4"]


def test_A13_it_takes_the_place_with_the_approval_that_a_person_gave() -> None:
    world = make_pair(1, recreated=1), make_record(1), own_item(1)
    asked = make_plan(*world, back(sensitivity=Sensitivity.PRIVATE))
    approved = make_plan(*world, back(sensitivity=Sensitivity.PRIVATE), *answered(asked, "approve"))
    assert (one(approved, PairUp).pair.frozen_for, holds(asked)) == ("A13", ["A13"])


@pytest.mark.parametrize(
    "pair",
    [make_pair(1, recreated=1, made_item=False), make_pair(1, recreated=1, edited=True), make_pair(1, recreated=0)],
    ids=["a person's", "edited", "never re-created"],
)
def test_D6_it_takes_no_place_of_an_item_that_is_anybodys_work(pair: Any) -> None:
    answers = make_answers(make_record(1), paired=[pair])
    result = make_plan(pair, make_record(1), own_item(1), fresh(), answers=answers)
    assert (of(result, RemoveItem), holds(result)) == ([], ["B2"])
    assert result.holds[0].question.endswith("its record has an item already")


def test_D6_an_item_whose_removal_was_begun_is_not_removed_twice() -> None:
    begun = {ItemId("item1"): "D4"}
    result = make_plan(make_pair(1, recreated=1), make_record(1), own_item(1), back(), leaving=begun)
    assert (one(result, RemoveItem).why.rule, of(result, PairUp)) == ("D4", [])
    assert (Side.MAILBOX, FAR) in {(p.side, p.ref) for p in result.parked}


def test_E1_up_neither_of_two_items_gives_way_by_itself() -> None:
    result = make_plan(make_pair(1, recreated=1), make_record(1), own_item(1), back(), policy=UP)
    assert (of(result, RemoveItem), holds(result)) == ([], ["D6"])


def test_D6_of_two_that_return_the_first_takes_the_place_and_the_second_is_asked_about() -> None:
    later = back(id=ItemId("later"))
    result = make_plan(make_pair(1, recreated=1), make_record(1), own_item(1), back(), later)
    assert ([p.pair.item for p in of(result, PairUp)], holds(result)) == ([FAR], ["D6"])
    assert [m.item for m in result.holds[0].members] == ["later"]


@pytest.mark.parametrize("gone", [True, False], ids=["its item is gone", "it has none"])
def test_B2_2_a_newcomer_takes_an_empty_place_at_once(gone: bool) -> None:
    """Whatever was planned for the pair is off: neither is the item created again, nor anyone asked."""
    pair = make_pair(1, recreated=2) if gone else dormant(1)
    answers = make_answers(make_record(1), paired=[pair])
    world = pair, make_record(1), make_pair(2), make_record(2)
    for policy in (make_policy(), ALLOWED, DOWN):
        result = make_plan(*world, fresh(), gone=[1, 2] if gone else [2], answers=answers, policy=policy)
        assert one(result, PairUp).pair.item == FAR
        assert holds(result) == []
        others = [a for a in result.actions if not isinstance(a, PairUp | Stamp)]
        assert len(others) == 1, "the other pair's re-creation, or deletion"


@pytest.mark.parametrize("rule", ["D1", "D3"])
def test_B2_2_what_was_asked_about_the_deleted_item_is_over(rule: str) -> None:
    pair = make_pair(1)
    record = make_record(1, version="r2", **({"Title": "CEO"} if rule == "D3" else {}))
    answers = make_answers(record, paired=[pair])
    waiting = make_plan(pair, record, gone=[1], policy=ALLOWED, hold_deletions=True)
    assert holds(waiting) == [rule]
    result = make_plan(pair, record, fresh(), gone=[1], answers=answers, policy=ALLOWED, hold_deletions=True)
    assert (holds(result), one(result, PairUp).pair.item) == ([], FAR)


def test_A9_marks_come_off_the_item_that_moved_out_whoever_takes_its_place() -> None:
    pair = make_pair(1)
    out = own_item(1, inside=False)
    answers = make_answers(make_record(1), paired=[pair])
    result = make_plan(pair, make_record(1), out, fresh(), gone=[1], answers=answers)
    assert [(s.item.id, s.category) for s in of(result, Stamp)] == [("item1", False), (FAR, True)]


def test_A8_the_item_that_gives_way_gets_no_marks_any_more() -> None:
    result = make_plan(make_pair(1, recreated=1), make_record(1), own_item(1, marked=False), back(marked=False))
    assert [s.item.id for s in of(result, Stamp)] == [FAR]
    assert one(result, RemoveItem).item.id == "item1"


def test_A11_an_own_item_that_came_back_is_no_others_place() -> None:
    """Its record's mark tells: others of the folder, and the newcomer itself, do not."""
    pair = make_pair(1)
    answers = make_answers(make_record(1), paired=[pair])
    stranger = own_item(2)
    taken = make_plan(pair, make_pair(2), make_record(1), stranger, fresh(), gone=[1], answers=answers)
    assert one(taken, PairUp).pair.item == FAR
    copy = back(version="i2")
    again = make_plan(pair, make_record(1), copy, gone=[1], answers=answers)
    assert (of(again, CreateItem), [p.pair.item for p in of(again, PairUp)]) == ([], [FAR])


def test_D6_both_are_looked_at_anew() -> None:
    result = make_plan(make_pair(1, recreated=1), make_record(1), own_item(1), back())
    assert {(Side.CRM, record_id(1)), (Side.MAILBOX, FAR)} <= result.looked_at
    elsewhere = make_plan(fresh(), answers=make_answers(make_record(1), paired=[make_pair(1)]))
    assert (Side.CRM, record_id(1)) in elsewhere.looked_at


def test_D6_rejected_it_is_a_contact_of_its_own() -> None:
    world = make_pair(1, recreated=1, edited=True), make_record(1), own_item(1), back()
    asked = make_plan(*world)
    created = one(make_plan(*world, *answered(asked, "reject")), CreateRecord)
    assert (created.item.id, created.item.record) == (FAR, None)
    approved = one(make_plan(*world, *answered(asked, "approve")), RemoveItem)
    assert (approved.item.id, approved.pair, approved.why.rule) == (FAR, None, "D6")


def test_D6_nothing_gives_way_before_its_record_is_read() -> None:
    result = make_plan(make_pair(1, recreated=1), own_item(1), back())
    assert (result.actions, {p.ref for p in result.parked}) == ((), {record_id(1), "item1", FAR})


def test_A11_beside_one_that_moved_out_a_copy_takes_the_empty_place() -> None:
    """The pair's former item was edited, which says nothing of this one."""
    pair = make_pair(1, edited=True)
    out, copy = own_item(1, inside=False, id=FAR), own_item(1, id=ItemId("copy"), created=None)
    answers = make_answers(make_record(1), paired=[pair])
    after = one(make_plan(pair, make_record(1), out, copy, gone=[1], answers=answers), PairUp).pair
    assert (after.item, after.edited) == ("copy", False)


# B17, A1


def test_B17_a_question_about_what_is_left_over_is_bound_to_the_item_as_it_is() -> None:
    asked = make_plan(own_item(1))
    assert (Side.CRM, record_id(1)) in asked.looked_at
    (about,) = asked.holds[0].members
    assert (about.record, about.item, about.mailbox_version) == (record_id(1), "item1", "i1")
    edited = own_item(1, version="i2", Title="CEO")
    assert holds(make_plan(edited, *answered(asked, "approve"))) == ["B17"]


def test_B17_approved_it_is_created_anew_rejected_it_is_excluded() -> None:
    item = own_item(1)
    asked = make_plan(item)
    approved = make_plan(item, *answered(asked, "approve"))
    assert (one(approved, Stamp).record, one(approved, Stamp).why.rule) == ("", "B17")
    assert one(approved, CreateRecord).item.record is None
    rejected = one(make_plan(item, *answered(asked, "reject")), Stamp)
    assert (rejected.excluded, rejected.record, rejected.why.rule) == (True, "", "B17")


def test_A13_B17_what_is_private_is_asked_about_before_it_is_created_again() -> None:
    item = own_item(1, sensitivity=Sensitivity.PRIVATE)
    asked = make_plan(item)
    assert holds(asked) == ["B17"]
    again = make_plan(item, *answered(asked, "approve"))
    assert (kinds(again), holds(again)) == (["Stamp"], ["A13"])
    assert one(again, Stamp).record == "", "it is nobody's: the next session finds it as an arrival, and the question"
    unpaired = replace(item, record=None)
    assert kinds(make_plan(unpaired, *again.holds)) == []
    assert kinds(make_plan(unpaired, *answered(again, "approve"))) == ["CreateRecord"]


def test_A1_found_again_is_told_under_its_rule_and_asked_even_in_an_ordinary_session() -> None:
    result = make_plan(make_record(1, Title="CTO"), own_item(1, Title="CFO"))
    assert (one(result, PairUp).why.rule, holds(result)) == ("A1", ["A1"])


# B16: winners


def test_B16_the_last_winner_of_a_chain_and_of_a_circle() -> None:
    sight = make_sight(merged(1, 2), merged(2, 3), deleted(4), merged(5, 6), merged(6, 5))
    assert [winner_of(record_id(n), sight) for n in (1, 2, 3, 4, 9)] == [record_id(n) for n in (3, 3, 3, 4, 9)]
    assert winner_of(record_id(5), sight) == record_id(6)
    into_a_circle = make_sight(merged(7, 8), merged(8, 9), merged(9, 8))
    assert winner_of(record_id(7), into_a_circle) == record_id(9)


def test_B16_an_item_is_absent_if_it_is_gone_or_moved_out() -> None:
    pair = make_pair(1)
    assert not is_absent(pair, Sorted(), make_sight())
    assert is_absent(pair, Sorted(), make_sight(gone=[1]))
    assert is_absent(replace(pair, item=None), Sorted(), make_sight())
    assert is_absent(pair, Sorted(moved_out={record_id(1): own_item(1, inside=False)}), make_sight())
    assert not is_absent(pair, Sorted(own={record_id(1): own_item(1)}), make_sight(gone=[1]))


def test_B16_a_pair_asleep_inherits_nothing() -> None:
    assert find_heirs(make_sight(dormant(1), merged(1, 2)), Sorted()) == {}
    both = make_sight(dormant(1), make_pair(3), merged(1, 2), merged(3, 2))
    assert {w: p.record for w, p in find_heirs(both, Sorted()).items()} == {record_id(2): record_id(3)}
    assert find_heirs(make_sight(make_pair(1), make_pair(2)), Sorted()) == {}


@pytest.mark.parametrize(
    ("mine", "others", "expected"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_A14_who_takes_a_winner_over_is_pinned_if_either_was(mine: bool, others: bool, expected: bool) -> None:
    world = make_pair(1, pinned=mine), own_item(1), make_pair(2, pinned=others), make_record(2), merged(1, 2)
    bystander = make_pair(5, pinned=not expected)
    first = of(make_plan(bystander, *world, gone=[2]), PairUp)[0]
    assert (first.pair.pinned, first.new, first.replaces) == (expected, True, record_id(1))


def test_B16_winner_and_loser_are_looked_at_anew() -> None:
    looked = make_plan(make_pair(1), own_item(1), make_record(2), merged(1, 2)).looked_at
    assert {(Side.CRM, record_id(1)), (Side.CRM, record_id(2))} <= looked


def test_A1_while_re_pairing_a_loser_waits_with_its_item_and_ends_without_one() -> None:
    world = make_pair(1), make_pair(2), own_item(2), make_record(2), merged(1, 2)
    waiting = make_plan(*world, own_item(1), repairing=True)
    assert (of(waiting, RemoveItem), of(waiting, EndPair)) == ([], [])
    assert {p.rule for p in waiting.parked if p.ref == record_id(1)} == {"A1"}
    ended = one(make_plan(*world, repairing=True, gone=[1]), EndPair)
    assert (ended.tombstone, ended.why.rule) == (Tombstone(record_id(1), ItemId("item1"), "B16"), "B16")


def test_B17_up_a_losers_item_is_asked_about_as_it_is() -> None:
    world = make_pair(1), own_item(1), make_pair(2), own_item(2), make_record(2), merged(1, 2)
    asked = make_plan(*world, policy=UP)
    (about,) = asked.holds[0].members
    assert (about.record, about.item, about.mailbox_version) == (record_id(1), "item1", Version("i1"))


def test_B16_a_losers_item_is_read_before_anything_becomes_of_it() -> None:
    result = make_plan(make_pair(1), make_record(2), merged(1, 2))
    assert result.actions == ()
    assert {(p.ref, p.rule) for p in result.parked} == {(record_id(1), "B16"), ("item1", "B16")}


def test_B16_a_circle_of_merges_is_read_again() -> None:
    result = make_plan(make_pair(1), own_item(1), merged(1, 2), merged(2, 1))
    assert {(p.ref, p.rule) for p in result.parked} >= {(record_id(2), "B16")}
    assert of(result, RemoveItem) == []


def test_L5_edits_of_an_item_are_those_of_mapped_fields() -> None:
    policy = make_policy()
    off = replace(policy, fields=tuple(replace(f, flow=Flow.OFF) if f.name == "Title" else f for f in policy.fields))
    pair, item = make_pair(1), own_item(1, Title="CEO", Department="Sales")
    assert edits_of(make_draft(), pair, item) == {"Title": "CEO", "Department": "Sales"}
    assert edits_of(make_draft(policy=off), pair, item) == {"Department": "Sales"}


def test_a_pair_that_an_undo_took_back_is_given_to_whom_it_belongs() -> None:
    """Its item was let go and excluded; marked anew by a person it takes its place again (A23)."""
    pair = dormant(1, frozen_for=UNDONE)
    item = fresh(excluded=True, inside=True)
    result = make_plan(pair, make_record(1), item, answers=make_answers(make_record(1), paired=[pair]))
    assert (one(result, PairUp).pair.item, of(result, MoveIn)) == (FAR, [])
    assert "CreateRecord" not in kinds(result)
