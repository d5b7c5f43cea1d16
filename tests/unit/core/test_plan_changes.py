"""Whole plans for edits and merges: B9, B12, B13, B16, C5."""

import pytest

from mailsync.core.account import Candidates
from mailsync.core.actions import (
    CreateItem,
    DeleteRecord,
    MoveIn,
    PairUp,
    RemoveItem,
    Stamp,
    UpdateItem,
    UpdateRecord,
)
from mailsync.core.pair import PairState
from mailsync.core.planner import questions
from mailsync.core.policy import CompanyChange, Direction, Winner
from mailsync.core.refs import AccountId, ItemId
from tests.unit.core.builders import (
    ALLOWED,
    NOW,
    account,
    answered,
    binned,
    dormant,
    holds,
    kinds,
    make_answers,
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

GLOBEX = make_answers(Globex=Candidates((account(1, "Globex"),)))
G = account(1, "Globex").id


def test_B9_an_edited_company_is_suggested_and_relinked_on_approval() -> None:
    pair, item = make_pair(1, Company="Acme"), own_item(1, Company="Globex")
    assert questions(make_sight(pair, item), make_policy()).companies == {"Globex"}
    asked = make_plan(pair, item, answers=GLOBEX)
    assert (kinds(asked), holds(asked)) == (["PairUp"], ["B9"])
    after = one(asked, PairUp).pair
    assert after.mailbox.values["Company"] == "Globex"
    still = make_plan(after, make_record(1, Company="Acme", Title="CEO"), *asked.holds)
    assert holds(still) == ["B9"], "the question stays though the pair was looked at for something else"
    approved = make_plan(after, *answered(asked, "approve"))
    assert (one(approved, UpdateRecord).account, one(approved, UpdateRecord).account_name) == (G, "Globex")
    assert make_plan(after, *answered(asked, "reject")).actions == ()


def test_B9_relink_is_one_update_with_whatever_else_goes_up() -> None:
    policy = make_policy(company_change=CompanyChange.RELINK)
    item = own_item(1, Company="Globex", Title="CEO")
    update = one(make_plan(make_pair(1, Company="Acme"), item, answers=GLOBEX, policy=policy), UpdateRecord)
    assert (update.account, [str(n) for n in update.moved]) == (G, ["Title"])


@pytest.mark.parametrize(
    "policy", [make_policy(company_change=CompanyChange.IGNORE), make_policy(direction=Direction.DOWN)]
)
def test_B9_ignored_or_down_it_stays_where_it_is(policy: object) -> None:
    result = make_plan(make_pair(1, Company="Acme"), own_item(1, Company="Globex"), answers=GLOBEX, policy=policy)
    assert (kinds(result), holds(result)) == (["PairUp"], [])
    assert one(result, PairUp).left == {"Company": "Globex"}


def test_B9_the_question_ends_when_the_account_was_changed_in_salesforce() -> None:
    pair, item = make_pair(1, Company="Acme"), own_item(1, Company="Globex")
    asked = make_plan(pair, item, answers=GLOBEX)
    moved = make_record(1, Company="Initech", account=AccountId("001X"))
    result = make_plan(one(asked, PairUp).pair, moved, *answered(asked, "approve"))
    assert of(result, UpdateRecord) == []
    assert one(result, UpdateItem).moved["Company"].sent == "Initech"


def test_B12_ask_holds_one_field_and_the_rest_goes_on() -> None:
    policy = make_policy(winner=Winner.ASK)
    world = (
        make_pair(1, Title="CEO"),
        make_record(1, Title="CTO", Phone="+1 202 555 0100"),
        own_item(1, Title="CFO"),
    )
    asked = make_plan(*world, policy=policy)
    assert [str(n) for n in one(asked, UpdateItem).moved] == ["Phone"]
    assert holds(asked) == ["B12"]
    assert {(p.rule, p.due) for p in asked.parked} == {("B12", NOW)}, "both sides are read afresh while it is open"
    approved = make_plan(*world, *answered(asked, "approve"), policy=policy)
    assert one(approved, UpdateItem).moved["Title"].sent == "CTO"
    rejected = make_plan(*world, *answered(asked, "reject"), policy=policy)
    assert one(rejected, UpdateRecord).moved["Title"].sent == "CFO"
    assert one(asked, UpdateItem).why.rule == "B10"
    assert {one(approved, UpdateItem).why.rule, one(rejected, UpdateRecord).why.rule} == {"B12"}


def test_B12_the_question_survives_the_items_move() -> None:
    policy = make_policy(winner=Winner.ASK)
    pair, record = make_pair(1, Title="CEO"), make_record(1, Title="CTO")
    names = {
        make_plan(pair, record, own_item(1, Title="CFO", id=ItemId(i)), gone=gone, policy=policy).holds[0].name
        for i, gone in (("item1", []), ("moved", [1]))
    }
    assert len(names) == 1


def test_B13_a_refused_field_is_parked_and_the_rest_goes_up() -> None:
    result = make_plan(make_pair(1), own_item(1, Birthdate="some day", Title="CEO"))
    assert [str(n) for n in one(result, UpdateRecord).moved] == ["Title"]
    assert [(i.code, i.field) for i in result.issues] == [("FIELD_SKIPPED", "Birthdate")]
    assert {(p.ref, p.due) for p in result.parked} == {(record_id(1), NOW), ("item1", NOW)}


def test_B16_the_pair_follows_the_winner_and_takes_its_values() -> None:
    winner = make_record(2, LastName="Name1", Email="p1@x.example", Title="CEO")
    result = make_plan(make_pair(1), own_item(1, Department="Sales"), merged(1, 2), winner)
    first, *_, last = of(result, PairUp)
    assert (first.replaces, last.pair.record, last.pair.item) == (record_id(1), record_id(2), "item1")
    assert one(result, UpdateItem).moved["Title"].sent == "CEO"
    assert [str(n) for n in one(result, UpdateRecord).moved] == ["Department"]
    assert of(result, CreateItem) == []


def test_B16_of_several_losers_one_follows_and_the_others_give_way() -> None:
    world = [make_pair(n) for n in (1, 3)] + [own_item(n) for n in (1, 3)] + [merged(1, 2), merged(3, 2)]
    winner = make_record(2)
    for order in (world, world[::-1]):
        result = make_plan(*order, winner)
        assert {p.pair.item for p in of(result, PairUp)} == {"item1"}
        assert one(result, RemoveItem).item.id == "item3"


def test_B16_a_chain_of_merges_leads_to_the_last_winner() -> None:
    result = make_plan(make_pair(1), own_item(1), merged(1, 2), merged(2, 3), make_record(3))
    assert of(result, PairUp)[-1].pair.record == record_id(3)


def test_B16_the_winners_own_pair_stays_and_unsynced_edits_go_to_the_history() -> None:
    world = make_pair(1), own_item(1, Title="mine"), make_pair(2), own_item(2), make_record(2), merged(1, 2)
    removed = one(make_plan(*world), RemoveItem)
    assert (removed.item.id, removed.after, removed.lost) == ("item1", None, {"Title": "mine"})
    up = make_plan(*world, policy=make_policy(direction=Direction.UP))
    assert (kinds(up), holds(up)) == (["EndPair"], ["B17"])


@pytest.mark.parametrize("policy", [make_policy(), ALLOWED])
def test_B16_the_losers_item_takes_the_place_of_the_winners_and_that_is_no_D1(policy: object) -> None:
    world = make_pair(1), own_item(1), make_pair(2), make_record(2), merged(1, 2)
    result = make_plan(*world, gone=[2], policy=policy)
    assert (set(kinds(result)), result.holds) == ({"PairUp", "Stamp", "UpdateItem"}, ())
    assert one(result, Stamp).record == record_id(2)
    assert (of(result, PairUp)[-1].pair.record, of(result, PairUp)[-1].pair.item) == (record_id(2), "item1")


def test_B16_a_dormant_winner_is_taken_over_and_not_revived_beside() -> None:
    result = make_plan(make_pair(1), own_item(1), dormant(2), make_record(2), merged(1, 2))
    assert of(result, CreateItem) == []
    after = of(result, PairUp)[-1].pair
    assert (after.record, after.item, after.state) == (record_id(2), "item1", PairState.ACTIVE)


def test_B16_a_deletion_of_what_won_a_merge_is_asked_about() -> None:
    winner = make_record(2, LastName="Name1", Email="p1@x.example")
    asked = make_plan(make_pair(1), winner, merged(1, 2), gone=[1], policy=ALLOWED)
    assert (of(asked, DeleteRecord), holds(asked)) == ([], ["D1"])
    later = make_plan(of(asked, PairUp)[-1].pair, winner, *asked.holds, gone=[1], policy=ALLOWED)
    assert (of(later, DeleteRecord), len(later.holds)) == ([], 1)
    also = make_plan(make_pair(1), make_pair(2), make_record(2), merged(1, 2), gone=[1, 2], policy=ALLOWED)
    assert (of(also, DeleteRecord), holds(also)) == ([], ["D1"])
    assert one(make_plan(make_pair(1), make_record(2), merged(1, 2), gone=[1]), CreateItem).record.id == record_id(2)


def test_B16_a_winner_that_can_not_be_read_is_out_of_reach_not_deleted() -> None:
    removed = one(make_plan(make_pair(1), own_item(1), merged(1, 2)), RemoveItem)
    assert removed.why.rule == "A18"
    assert removed.after is not None
    assert (removed.after.record, removed.after.state) == (record_id(2), PairState.DORMANT)
    kept = make_plan(make_pair(1, made_item=False), own_item(1), merged(1, 2))
    assert (of(kept, PairUp)[-1].pair.record, of(kept, PairUp)[-1].pair.state) == (record_id(2), PairState.FROZEN)


def test_B16_moved_out_and_merged_it_is_personal_and_the_winner_is_created_again() -> None:
    out = own_item(1, inside=False)
    result = make_plan(make_pair(1), out, make_record(2), merged(1, 2))
    assert {"Stamp", "CreateItem"} <= set(kinds(result))
    assert one(result, CreateItem).record.id == record_id(2)


def test_B16_an_undeleted_record_gets_its_item_back_from_deleted_items() -> None:
    result = make_plan(make_record(1, Title="CEO"), **binned())
    assert one(result, MoveIn).item.id == "binned"
    assert one(result, UpdateItem).moved["Title"].sent == "CEO"
    assert of(result, CreateItem) == []


def test_C5_a_third_re_creation_is_asked_about() -> None:
    world = make_pair(1, recreated=2), make_record(1)
    asked = make_plan(*world, gone=[1])
    assert (asked.actions, holds(asked)) == ((), ["C5"])
    assert len(of(make_plan(*world, *answered(asked, "approve"), gone=[1]), CreateItem)) == 1
    stopped = one(make_plan(*world, *answered(asked, "reject"), gone=[1]), PairUp).pair
    assert (stopped.state, stopped.frozen_for) == (PairState.FROZEN, "C5")
    later = make_plan(stopped, make_record(1, Title="CEO"), gone=[1])
    assert (later.actions, later.holds) == ((), ())
