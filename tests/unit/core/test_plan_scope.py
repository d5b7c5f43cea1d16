"""Whole plans for scope, directions and the folder: A1, A3, A14-A18, E1."""

import pytest

from mailsync.core.actions import (
    CreateItem,
    CreateRecord,
    EndPair,
    MoveIn,
    PairUp,
    RemoveItem,
    UpdateItem,
    UpdateRecord,
)
from mailsync.core.pair import PairState
from mailsync.core.policy import AutoRemoval, Direction, OnLeaveScope
from mailsync.core.refs import ItemId
from tests.unit.core.builders import (
    ALLOWED,
    DOWN,
    NOW,
    UP,
    answered,
    binned,
    deleted,
    dormant,
    holds,
    kinds,
    make_item,
    make_pair,
    make_plan,
    make_policy,
    make_record,
    of,
    one,
    own_item,
    record_id,
)


def test_A1_found_again_by_its_property_nothing_is_overwritten() -> None:
    result = make_plan(make_record(1, Title="CTO"), own_item(1, Title="CFO"), repairing=True)
    pair = one(result, PairUp).pair
    assert (pair.item, pair.mailbox.values["LastName"]) == ("item1", "Name1")
    assert "Title" not in pair.crm.values
    assert (holds(result), of(result, UpdateItem), of(result, UpdateRecord)) == (["A1"], [], [])


def test_A1_the_question_stays_when_re_pairing_is_over() -> None:
    record, item = make_record(1, Title="CTO"), own_item(1, Title="CFO")
    asked = make_plan(record, item, repairing=True)
    pair = one(asked, PairUp).pair
    later = make_plan(pair, record, item, *asked.holds)
    assert (later.actions, holds(later)) == ((), ["A1"])
    approved = make_plan(pair, record, item, *answered(asked, "approve"))
    assert one(approved, UpdateItem).moved["Title"].sent == "CTO"
    rejected = make_plan(pair, record, item, *answered(asked, "reject"))
    assert one(rejected, UpdateRecord).moved["Title"].sent == "CFO"


@pytest.mark.parametrize("policy", [make_policy(), ALLOWED, DOWN])
def test_A1_while_re_pairing_nothing_is_deleted_or_removed(policy: object) -> None:
    gone = make_plan(make_pair(1), make_record(1), gone=[1], repairing=True, policy=policy)
    assert kinds(gone) == ["CreateItem"]
    left = make_plan(make_pair(1), own_item(1), deleted(1), repairing=True, policy=policy)
    assert (left.actions, {p.due for p in left.parked}) == ((), {NOW})


@pytest.mark.parametrize("policy", [make_policy(), ALLOWED])
@pytest.mark.parametrize("count", [1, 12])
def test_A3_a_lost_folder_is_refilled_and_nothing_is_deleted(policy: object, count: int) -> None:
    numbers = range(count)
    world = [make_pair(n) for n in numbers] + [make_record(n) for n in numbers]
    result = make_plan(*world, gone=numbers, refill=True, policy=policy)
    assert kinds(result) == ["CreateItem"] * count
    assert {a.why.rule for a in of(result, CreateItem)} == {"A3"}
    assert result.holds == ()


@pytest.mark.parametrize("policy", [make_policy(), ALLOWED])
def test_A3_what_an_implausible_listing_lacks_is_one_hold(policy: object) -> None:
    world = [make_pair(n) for n in range(3)] + [make_record(n) for n in range(3)]
    asked = make_plan(*world, make_record(9), gone=range(3), suspicious=True, policy=policy)
    assert (kinds(asked), holds(asked)) == (["CreateItem"], ["D8"]), "only the new record is mirrored"
    assert len(asked.holds[0].members) == 3
    later = make_plan(*world, *asked.holds, gone=range(3), policy=policy)
    assert (later.actions, holds(later)) == ((), ["D8"])
    approved = make_plan(*world, *answered(asked, "approve"), gone=range(3), policy=policy)
    assert set(kinds(approved)) == {"DeleteRecord" if policy is ALLOWED else "CreateItem"}
    rejected = make_plan(*world, *answered(asked, "reject"), gone=range(3), policy=policy)
    assert kinds(rejected) == ["CreateItem"] * 3


def test_A14_created_or_matched_records_are_pinned_and_stay_in_scope() -> None:
    pair = make_pair(1, pinned=True, made_item=False)
    result = make_plan(pair, make_record(1, in_scope=False, Title="CEO"), own_item(1))
    assert one(result, UpdateItem).moved["Title"].sent == "CEO"
    assert of(result, RemoveItem) == []


def test_A14_pinned_but_unreadable_is_frozen() -> None:
    result = make_plan(make_pair(1, pinned=True), own_item(1), unreadable=frozenset({record_id(1)}))
    assert one(result, PairUp).pair.state is PairState.FROZEN


def test_A15_up_sends_nothing_down() -> None:
    result = make_plan(
        make_pair(1), make_record(1, Title="CEO"), own_item(1), make_pair(2), make_record(2), make_record(3),
        gone=[2], policy=UP,
    )  # fmt: skip
    assert kinds(result) == ["PairUp", "EndPair"]
    assert one(result, PairUp).left_crm == {"Title": "CEO"}


def test_A15_up_still_sends_marked_contacts_and_edits_up() -> None:
    result = make_plan(make_pair(1), own_item(1, Title="CEO"), make_item(2, inside=False), policy=UP)
    assert one(result, UpdateRecord).moved["Title"].sent == "CEO"
    assert one(result, MoveIn).item.id == one(result, CreateRecord).item.id == "item2"


def test_A15_up_leaves_items_of_lost_records_alone() -> None:
    result = make_plan(make_pair(1), make_record(1, in_scope=False), own_item(1), policy=UP)
    assert of(result, RemoveItem) == []
    assert make_plan(dormant(1), make_record(1), policy=UP).actions == ()


def test_E1_down_never_writes_to_salesforce() -> None:
    policy = make_policy(direction=Direction.DOWN, auto_removal=AutoRemoval.ALLOWED)
    result = make_plan(
        make_pair(1), make_record(1), own_item(1, Title="CEO", Company="Globex"), make_pair(2), make_record(2),
        make_item(3), gone=[2], policy=policy,
    )  # fmt: skip
    assert {"UpdateRecord", "DeleteRecord", "CreateRecord"} & set(kinds(result)) == set()
    assert one(result, CreateItem).record.id == record_id(2)
    assert one(result, PairUp).left == {"Title": "CEO", "Company": "Globex"}
    assert [(i.code, i.item) for i in result.issues] == [("DIRECTION_DOWN", "item3")]


def test_A16_a_scope_fault_creates_and_removes_nothing_and_pairs_go_on() -> None:
    fault = "the list view was deleted"
    result = make_plan(
        make_pair(1), make_record(1, in_scope=False, Title="CEO"), own_item(1), make_pair(2), own_item(2), deleted(2),
        make_pair(3), make_record(3, in_scope=False), make_record(4), gone=[3], scope_fault=fault, policy=ALLOWED,
    )  # fmt: skip
    assert set(kinds(result)) == {"PairUp", "UpdateItem"}
    parked = {p.ref for p in result.parked if p.rule == "A16" and p.due == NOW}
    assert {record_id(2), record_id(3), record_id(4)} <= parked


def test_A17_new_in_scope_is_created_in_the_folder() -> None:
    created = one(make_plan(make_record(1, Title="CEO", Company="Acme")), CreateItem)
    assert (created.values["Title"], created.values["Company"], created.why.rule) == ("CEO", "Acme", "A17")
    assert make_plan(make_record(1, in_scope=False)).actions == ()


def test_A17_modified_in_scope_is_updated() -> None:
    result = make_plan(make_pair(1), make_record(1, Title="CEO"))
    assert one(result, UpdateItem).moved["Title"].sent == "CEO"


def test_A17_a_record_nobody_could_recognise_is_an_issue() -> None:
    result = make_plan(make_record(1, LastName="", Email=""))
    assert (result.actions, [i.code for i in result.issues]) == ((), ["NOBODY"])


def leaving(**changes: object) -> tuple:
    return make_pair(1, **changes), make_record(1, in_scope=False), own_item(1)


def test_A18_remove_takes_what_the_agent_created_and_the_pair_sleeps() -> None:
    removed = one(make_plan(*leaving()), RemoveItem)
    assert removed.why.rule == "A18"
    assert removed.after is not None
    assert (removed.after.state, removed.after.item) == (PairState.DORMANT, None)


def test_A18_an_edit_that_went_up_does_not_keep_the_item() -> None:
    assert len(of(make_plan(*leaving(edited=True, Title="CEO")[:1], make_record(1, False, Title="CEO"),
                            own_item(1, Title="CEO")), RemoveItem)) == 1  # fmt: skip


@pytest.mark.parametrize("policy", [make_policy(on_leave_scope=OnLeaveScope.FREEZE), None])
def test_A18_all_others_freeze(policy: object) -> None:
    changes = {} if policy else {"made_item": False}
    result = make_plan(*leaving(**changes), policy=policy)
    assert (one(result, PairUp).pair.state, of(result, RemoveItem)) == (PairState.FROZEN, [])


def test_A18_an_unsynced_edit_freezes_waits_and_flows_later() -> None:
    pair, record, item = make_pair(1), make_record(1, in_scope=False), own_item(1, Title="CEO")
    result = make_plan(pair, record, item)
    frozen = one(result, PairUp).pair
    assert (frozen.state, [i.code for i in result.issues]) == (PairState.FROZEN, ["FROZEN"])
    assert make_plan(frozen, record, item).actions == ()
    back = make_plan(frozen, make_record(1), item)
    assert one(back, UpdateRecord).moved["Title"].sent == "CEO"
    unread = make_plan(frozen, make_record(1, Title="CTO"))
    assert (unread.actions, {p.due for p in unread.parked}) == ((), {NOW}), "the item is read before it thaws"


def test_A18_an_edit_that_could_never_go_up_freezes_too() -> None:
    pair = make_pair(1)
    edited = make_plan(pair, make_record(1), own_item(1, Company="Mine"))
    after = one(edited, PairUp).pair
    result = make_plan(after, make_record(1, in_scope=False), own_item(1, Company="Mine"))
    assert (of(result, RemoveItem), one(result, PairUp).pair.state) == ([], PairState.FROZEN)


def test_A18_keep_goes_on() -> None:
    policy = make_policy(on_leave_scope=OnLeaveScope.KEEP)
    result = make_plan(make_pair(1), make_record(1, False, Title="CEO"), own_item(1), policy=policy)
    assert one(result, UpdateItem).moved["Title"].sent == "CEO"


def test_A18_unreadable_is_removed_but_never_ended() -> None:
    result = make_plan(make_pair(1), own_item(1), unreadable=frozenset({record_id(1)}))
    removed = one(result, RemoveItem)
    assert removed.after is not None
    assert of(result, EndPair) == []


def test_A18_nothing_is_removed_that_was_not_read() -> None:
    result = make_plan(make_pair(1), make_record(1, in_scope=False))
    assert (result.actions, {p.due for p in result.parked}) == ((), {NOW})


def test_A18_back_in_scope_revives_with_the_item_from_deleted_items_or_a_new_one() -> None:
    revived = make_plan(dormant(1), make_record(1, Title="CEO"), **binned())
    assert kinds(revived) == ["MoveIn", "PairUp", "Stamp", "UpdateItem"]
    assert one(revived, PairUp).pair.state is PairState.ACTIVE
    anew = make_plan(dormant(1), make_record(1))
    assert (one(anew, CreateItem).pair, of(anew, MoveIn)) == (dormant(1), [])


def test_A18_out_of_scope_a_dormant_pair_sleeps_on() -> None:
    assert make_plan(dormant(1), make_record(1, in_scope=False)).actions == ()
    assert make_plan(dormant(1), unreadable=frozenset({record_id(1)})).actions == ()


def test_D5_a_dormant_pair_whose_record_is_deleted_ends() -> None:
    assert one(make_plan(dormant(1), deleted(1)), EndPair).why.rule == "D5"


def test_B17_a_dormant_pairs_item_put_back_after_its_record_was_deleted_is_held() -> None:
    result = make_plan(dormant(1), deleted(1), own_item(1, id=ItemId("back")))
    assert (kinds(result), holds(result)) == (["EndPair"], ["B17"])
