"""Whole plans for what people do to items: A5-A13."""

from dataclasses import replace

import pytest

from mailsync.core.actions import (
    CreateItem,
    CreateRecord,
    DeleteRecord,
    MoveIn,
    PairUp,
    RemoveItem,
    Stamp,
    UpdateItem,
    UpdateRecord,
)
from mailsync.core.changes import Sensitivity
from mailsync.core.pair import PairState
from mailsync.core.planner import questions
from mailsync.core.refs import ItemId, Version
from tests.unit.core.builders import (
    ALLOWED,
    FAR,
    NOW,
    answered,
    holds,
    kinds,
    make_answers,
    make_item,
    make_pair,
    make_plan,
    make_policy,
    make_record,
    make_sight,
    of,
    one,
    own_item,
    record_id,
)


def crowd(count: int, **more: object) -> list:
    return [make_item(n, **more) for n in range(count)]


def test_A5_ten_marked_items_of_a_first_run_are_synced() -> None:
    result = make_plan(*crowd(10), first=True)
    assert len(of(result, CreateRecord)) == 10
    assert result.holds == ()


def test_A5_eleven_are_one_question() -> None:
    result = make_plan(*crowd(11), first=True)
    assert result.actions == ()
    assert [len(h.members) for h in result.holds] == [11]
    assert holds(result) == ["A5"]


def test_A5_later_eleven_at_once_are_no_question() -> None:
    assert len(of(make_plan(*crowd(11)), CreateRecord)) == 11


def test_A5_approved_syncs_and_rejected_excludes() -> None:
    asked = make_plan(*crowd(11), first=True)
    approved = make_plan(*crowd(11), *answered(asked, "approve"))
    assert len(of(approved, CreateRecord)) == 11
    rejected = make_plan(*crowd(11), *answered(asked, "reject"))
    assert {a.excluded for a in of(rejected, Stamp)} == {True}
    assert {p.rule for p in rejected.parked} == {"A23"}
    assert of(rejected, CreateRecord) == []


def test_A5_an_answer_counts_for_those_that_are_as_they_were() -> None:
    asked = make_plan(*crowd(11), first=True)
    items = crowd(11)
    items[3] = replace(items[3], version=Version("i2"))
    result = make_plan(*items, *answered(asked, "approve"))
    assert len(of(result, CreateRecord)) == 10
    assert [m.item for h in result.holds for m in h.members] == ["item3"]


def test_A5_stays_asked_for_those_that_nobody_touched() -> None:
    asked = make_plan(*crowd(11), first=True)
    result = make_plan(replace(make_item(3), version=Version("i2")), *asked.holds)
    assert result.actions == ()
    assert len(result.holds[0].members) == 11


def test_A5_a_member_that_was_deleted_leaves_the_question() -> None:
    asked = make_plan(*crowd(11), first=True)
    result = make_plan(*asked.holds, gone=[3])
    assert len(result.holds[0].members) == 10


def test_A6_salesforce_is_not_asked_about_what_waits_for_permission() -> None:
    secret = make_item(1, sensitivity=Sensitivity.PRIVATE)
    assert not questions(make_sight(secret), make_policy())
    assert not questions(make_sight(*crowd(11), first=True), make_policy())
    left, back = own_item(2, sensitivity=Sensitivity.PRIVATE), own_item(3, sensitivity=Sensitivity.PRIVATE)
    assert not questions(make_sight(left), make_policy()), "left over by an ended pair"
    assert not questions(make_sight(make_pair(3, item=ItemId("other"), recreated=1), back), make_policy()), "returned"
    asked = make_plan(secret)
    assert questions(make_sight(secret, *answered(asked, "approve")), make_policy()).emails == {"p1@x.example"}


def test_A13_salesforce_is_not_asked_about_the_company_of_what_turned_private() -> None:
    pair, item = make_pair(1, Company="Acme"), own_item(1, Company="Globex", sensitivity=Sensitivity.PRIVATE)
    asked = make_plan(pair, item)
    assert holds(asked) == ["A13"]
    assert not questions(make_sight(pair, item), make_policy())
    assert questions(make_sight(pair, item, *answered(asked, "approve")), make_policy()).companies == {"Globex"}
    synced = replace(pair, frozen_for="A13")
    assert questions(make_sight(synced, item), make_policy()).companies == {"Globex"}


def test_A7_new_in_the_folder_becomes_a_record() -> None:
    result = make_plan(make_item(1, marked=False, FirstName="Ann"))
    created = one(result, CreateRecord)
    assert created.values["FirstName"] == "Ann"
    assert created.why.rule == "A7"


def test_A7_categorised_outside_is_moved_in_and_created() -> None:
    result = make_plan(make_item(1, inside=False))
    assert kinds(result) == ["MoveIn", "CreateRecord"]


def test_A8_the_category_comes_back_and_nothing_else_happens() -> None:
    result = make_plan(make_pair(1), own_item(1, marked=False))
    stamp = one(result, Stamp)
    assert (stamp.category, stamp.counted, stamp.why.rule) == (True, True, "A8")
    assert kinds(result) == ["Stamp"]


def test_A8_any_case_of_the_category_counts() -> None:
    assert make_plan(make_pair(1), own_item(1, categories=("SALESFORCE", "Family"))).actions == ()


@pytest.mark.parametrize("policy", [make_policy(), ALLOWED])
def test_A9_moved_out_is_stripped_and_then_follows_D1(policy: object) -> None:
    out = own_item(1, inside=False, id=FAR)
    result = make_plan(make_pair(1), make_record(1), out, gone=[1], policy=policy)
    stamp = one(result, Stamp)
    assert (stamp.item.id, stamp.category, stamp.record) == (FAR, False, "")
    assert len(of(result, DeleteRecord if policy is ALLOWED else CreateItem)) == 1
    assert len(result.actions) == 2


def test_A10_a_fresh_mark_takes_the_recreated_items_place() -> None:
    pair, record, back = make_pair(1, recreated=1), make_record(1), make_item(1, inside=False, id=FAR)
    result = make_plan(pair, record, own_item(1), back, answers=make_answers(record, paired=[pair]))
    assert [a.item.id for a in of(result, RemoveItem)] == ["item1"]
    assert one(result, MoveIn).item.id == FAR
    assert one(result, PairUp).pair.item == FAR
    assert one(result, Stamp).record == record_id(1)
    assert result.holds == ()


def test_A10_an_edited_recreated_item_is_kept_and_asked_about() -> None:
    record, back = make_record(1), make_item(1, inside=False, id=FAR)
    for pair, present in [
        (make_pair(1, recreated=1, edited=True), own_item(1)),
        (make_pair(1, recreated=1), own_item(1, Title="mine")),
        (make_pair(1), own_item(1)),
    ]:
        result = make_plan(pair, record, present, back, answers=make_answers(record, paired=[pair]))
        assert of(result, RemoveItem) == []
        assert holds(result) == ["B2"]


def test_A10_the_recreated_item_is_read_before_it_is_removed() -> None:
    pair, record, back = make_pair(1, recreated=1), make_record(1), make_item(1, inside=False, id=FAR)
    result = make_plan(back, answers=make_answers(record, paired=[pair]))
    assert result.actions == ()
    assert {(p.ref, p.due) for p in result.parked} == {(record_id(1), NOW), ("item1", NOW), (FAR, NOW)}


def test_A10_what_came_back_meets_the_record_as_in_B4() -> None:
    pair, record = make_pair(1, Title="old", recreated=1), make_record(1, Title="new")
    back = make_item(1, inside=False, id=FAR, Title="stale", Department="Mine")
    result = make_plan(pair, record, own_item(1, Title="old"), back, answers=make_answers(record, paired=[pair]))
    assert one(result, UpdateItem).moved["Title"].sent == "new"
    assert one(result, UpdateItem).moved["Title"].lost
    assert list(one(result, UpdateRecord).moved) == ["Department"]


def test_A11_a_copy_in_the_folder_loses_the_property_and_is_matched() -> None:
    pair, record = make_pair(1), make_record(1)
    copy = own_item(1, id=FAR)
    result = make_plan(pair, record, own_item(1), copy, answers=make_answers(record, paired=[pair]))
    assert (one(result, Stamp).item.id, one(result, Stamp).record) == (FAR, "")
    assert holds(result) == ["B2"]
    assert kinds(result) == ["Stamp"]


def test_A11_a_copy_that_was_made_another_person_is_created() -> None:
    copy = own_item(1, id=FAR, LastName="Else", Email="else@x.example")
    result = make_plan(make_pair(1), make_record(1), own_item(1), copy)
    assert one(result, CreateRecord).item.id == FAR


def test_A11_a_copy_outside_is_stripped_without_D1() -> None:
    result = make_plan(make_pair(1), make_record(1), own_item(1, inside=False, id=FAR), policy=ALLOWED)
    assert kinds(result) == ["Stamp"]
    assert (one(result, Stamp).category, one(result, Stamp).record) == (False, "")


@pytest.mark.parametrize(("inside", "parked"), [(True, {record_id(1), "item1", FAR}), (False, {record_id(1), "item1"})])
def test_A11_whether_it_is_a_copy_is_not_decided_while_the_pairs_own_item_is_not_shown(
    inside: bool, parked: set[str]
) -> None:
    hidden = frozenset({ItemId("item1")})
    result = make_plan(make_pair(1), make_record(1), own_item(1, id=FAR, inside=inside), hidden=hidden)
    assert (kinds(result), {p.ref for p in result.parked if p.due == NOW}) == ([], parked)
    assert {p.rule for p in result.parked if p.ref == FAR} == ({"A11"} if inside else set())


def test_A12_lists_are_noted_and_nobodies_are_issues() -> None:
    assert make_plan(make_item(1, is_list=True)).notes == ("A12: a distribution list in the folder is ignored",)
    result = make_plan(make_item(1, LastName="", Email=""))
    assert [(i.code, i.rule, i.item) for i in result.issues] == [("NOBODY", "A12", "item1")]
    assert one(result, Stamp).error


@pytest.mark.parametrize("kind", [s for s in Sensitivity if s is not Sensitivity.NORMAL])
def test_A13_a_private_item_is_only_asked_about(kind: Sensitivity) -> None:
    item = make_item(1, sensitivity=kind)
    asked = make_plan(item)
    assert (asked.actions, holds(asked)) == ((), ["A13"])
    assert len(of(make_plan(item, *answered(asked, "approve")), CreateRecord)) == 1
    assert one(make_plan(item, *answered(asked, "reject")), Stamp).excluded


def test_A13_found_again_but_private_is_only_asked_about() -> None:
    result = make_plan(make_record(1), own_item(1, sensitivity=Sensitivity.PRIVATE), repairing=True)
    assert (kinds(result), holds(result)) == ([], ["A13"])


def test_A13_the_record_of_an_item_that_is_asked_about_gets_no_second_item() -> None:
    private, record = own_item(7, sensitivity=Sensitivity.PRIVATE), make_record(7)
    (asked,) = make_plan(private, record).holds
    assert make_plan(record, asked).actions == (), "read again, by a sweep or for a copy's sake"
    gone = make_plan(record, asked, gone=[7])
    assert one(gone, CreateItem).record == record, "the question is over"


def test_A13_a_paired_item_turned_private_is_frozen() -> None:
    pair, item = make_pair(1), own_item(1, sensitivity=Sensitivity.PRIVATE, Title="secret")
    asked = make_plan(pair, make_record(1), item)
    frozen = one(asked, PairUp).pair
    assert (frozen.state, frozen.frozen_for, holds(asked)) == (PairState.FROZEN, "A13", ["A13"])
    assert of(asked, UpdateRecord) == []
    again = make_plan(frozen, make_record(1, Title="new"), item)
    assert again.actions == ()
    unread = make_plan(frozen, make_record(1, Title="new"))
    assert unread.actions == ()
    assert {p.due for p in unread.parked} == {NOW}


def test_A13_approved_it_is_synced_from_then_on() -> None:
    pair, item = make_pair(1), own_item(1, sensitivity=Sensitivity.PRIVATE, Title="secret")
    asked = make_plan(pair, make_record(1), item)
    frozen = one(asked, PairUp).pair
    approved = make_plan(frozen, make_record(1), item, *answered(asked, "approve"))
    assert one(approved, UpdateRecord).moved["Title"].sent == "secret"
    after = one(approved, PairUp).pair
    assert after.state is PairState.ACTIVE
    later = make_plan(after, make_record(1), replace(item, version=Version("i2")))
    assert holds(later) == []
    open_again = make_plan(after, make_record(1), own_item(1, version=Version("i3")))
    assert one(open_again, PairUp).pair.frozen_for == ""


def test_A13_rejected_is_unpaired_and_nothing_is_deleted() -> None:
    pair, item = make_pair(1), own_item(1, sensitivity=Sensitivity.PRIVATE)
    asked = make_plan(pair, make_record(1), item)
    rejected = make_plan(one(asked, PairUp).pair, make_record(1), item, *answered(asked, "reject"))
    assert kinds(rejected) == ["EndPair", "Stamp"]
    assert (one(rejected, Stamp).excluded, one(rejected, Stamp).record) == (True, "")


def test_A13_no_longer_private_thaws() -> None:
    frozen = make_pair(1, state=PairState.FROZEN, frozen_for="A13")
    result = make_plan(frozen, make_record(1), own_item(1, Title="CEO"))
    assert one(result, UpdateRecord).moved["Title"].sent == "CEO"
