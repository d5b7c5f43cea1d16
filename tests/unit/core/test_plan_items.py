"""Whole plans for single items: A19, A20, A22, A23, B8, B15, B17, C1, D6."""

from dataclasses import replace

import pytest

from mailsync.core.actions import (
    CreateItem,
    CreateRecord,
    EndPair,
    PairUp,
    RemoveItem,
    Stamp,
    UpdateItem,
    UpdateRecord,
)
from mailsync.core.changes import Sensitivity
from mailsync.core.meaning import fingerprint
from mailsync.core.notices import Parked
from mailsync.core.pair import PairState
from mailsync.core.policy import Direction
from mailsync.core.refs import ItemId, Side, Version
from tests.unit.core.builders import (
    FAR,
    NOW,
    answered,
    deleted,
    dormant,
    holds,
    kinds,
    make_answers,
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


def known(rule: str, name: str = "item1", **more: object) -> dict[tuple[Side, str], Parked]:
    return {(Side.MAILBOX, name): replace(Parked(Side.MAILBOX, name, rule, ""), **more)}  # type: ignore[arg-type]


def test_A19_an_item_of_a_dormant_pair_put_back_pins_it() -> None:
    back = own_item(1, id=FAR, Title="CEO", marked=False)
    result = make_plan(dormant(1), make_record(1, in_scope=False), back)
    after = one(result, PairUp).pair
    assert (after.pinned, after.state, after.item) == (True, PairState.ACTIVE, FAR)
    assert one(result, Stamp).category
    assert one(result, UpdateRecord).moved["Title"].sent == "CEO"


def test_A19_put_back_while_unreadable_is_frozen() -> None:
    result = make_plan(dormant(1), own_item(1, id=FAR, Title="CEO"), unreadable=frozenset({record_id(1)}))
    after = one(result, PairUp).pair
    assert (after.pinned, after.state) == (True, PairState.FROZEN)
    assert of(result, UpdateRecord) == []


@pytest.mark.parametrize("entry", ["p1@x.example", "x.example"])
def test_A20_a_blocked_contact_is_never_created(entry: str) -> None:
    policy = make_policy(block=frozenset({entry}))
    result = make_plan(make_item(1, Email="P1@X.example"), policy=policy)
    assert (result.actions, [i.rule for i in result.issues]) == ((), ["A20"])
    pair = make_plan(make_pair(1), own_item(1, Title="CEO"), policy=policy)
    assert len(of(pair, UpdateRecord)) == 1, "existing pairs go on"


def test_A20_any_of_its_addresses_counts() -> None:
    item = make_item(1, emails=("p1@x.example", "spy@rival.example"))
    assert make_plan(item, policy=make_policy(block=frozenset({"rival.example"}))).actions == ()


def test_A22_a_renamed_person_is_displayed_anew() -> None:
    update = one(make_plan(make_pair(1, FirstName="Ann"), make_record(1, FirstName="Anne")), UpdateItem)
    assert (update.names["FirstName"], update.names["LastName"]) == ("Anne", "Name1")


def test_A23_excluded_stays_out_and_is_remembered() -> None:
    result = make_plan(make_item(1, excluded=True), parked=known("A23"))
    assert (result.actions, [p.rule for p in result.parked]) == ((), ["A23"])


def test_A23_moved_out_and_in_again_it_is_an_arrival() -> None:
    result = make_plan(make_item(1, excluded=True))
    assert one(result, Stamp).excluded is False
    assert len(of(result, CreateRecord)) == 1


def test_B8_what_was_refused_is_not_sent_again_unchanged() -> None:
    item, policy = make_item(1), make_policy()
    seal = fingerprint(item.values, policy.fields, policy.region)
    later = NOW.replace(hour=23)
    refused = known("B8", print=seal, due=later)
    quiet = make_plan(replace(item, version=Version("i2")), parked=refused)
    assert (quiet.actions, quiet.looked_at) == ((), frozenset()), "its issue and its day of waiting stay"
    assert len(make_plan(make_item(1, Title="CEO"), parked=refused).actions) == 1
    assert len(make_plan(item, parked=known("B8", print=seal, due=NOW)).actions) == 1
    assert len(make_plan(item, parked=refused, described=True).actions) == 1


def test_B15_nothing_is_repeated_while_a_create_is_in_doubt() -> None:
    item = make_item(1)
    result = make_plan(item, make_record(2), in_doubt=frozenset({item.id}))
    assert of(result, CreateRecord) == []
    assert [i.code for i in result.issues] == ["IN_DOUBT"]
    assert [(p.rule, p.due) for p in result.parked] == [("B15", NOW)]


def test_B15_a_record_is_not_mirrored_while_its_items_creation_is_in_doubt() -> None:
    for world in ([make_record(1)], [make_pair(1), make_record(1)]):
        result = make_plan(*world, gone=[1] if len(world) > 1 else [], in_doubt_down=frozenset({record_id(1)}))
        assert of(result, CreateItem) == []
        assert [(i.code, i.rule) for i in result.issues] == [("IN_DOUBT", "B15")]
        assert [(p.rule, p.due) for p in result.parked] == [("B15", NOW)]


def test_A3_a_label_that_was_made_again_is_put_back_and_nothing_is_created() -> None:
    survivor = own_item(1, inside=False, marked=False)
    result = make_plan(make_pair(1), survivor, make_record(1), refill=True, relabel=True)
    assert of(result, CreateItem) == []
    stamp = one(result, Stamp)
    assert (stamp.why.rule, stamp.category, stamp.item.id) == ("A3", True, "item1")


def test_B15_an_own_create_that_nothing_explains_is_asked_about() -> None:
    item, other = make_item(1), make_item(5)
    stranger = make_record(7)
    asked = make_plan(item, other, stranger, in_doubt=frozenset({item.id}), unexplained=(stranger,))
    assert holds(asked) == ["B15"]
    assert [a.item.id for a in of(asked, CreateRecord)] == ["item5"], "others are not held for it"
    assert of(asked, CreateItem) == [], "it is not mirrored meanwhile"
    approved = make_plan(item, stranger, *answered(asked, "approve"))
    assert one(approved, PairUp).pair.record == stranger.id
    rejected = make_plan(item, stranger, *answered(asked, "reject"))
    assert one(rejected, CreateRecord).item.id == "item1"


def test_B15_an_unexplained_create_is_not_mirrored_while_anything_is_in_doubt() -> None:
    stranger = make_record(7)
    doubt = {"unexplained": (stranger,), "in_doubt": frozenset({ItemId("elsewhere")})}
    result = make_plan(stranger, **doubt)
    assert result.actions == ()
    assert [(p.rule, p.due) for p in result.parked] == [("B15", NOW)]


def test_C1_a_mended_item_loses_its_error_categories_and_no_others() -> None:
    marks = ("Family", "Salesforce", "Sync Error", "Sync Error: LastName missing")
    result = make_plan(make_pair(1), own_item(1, categories=marks))
    assert (one(result, Stamp).error, one(result, Stamp).counted) == ("", False)


def test_C1_an_item_that_still_has_its_problem_is_left_as_it_is() -> None:
    marks = ("Salesforce", "Sync Error", "Sync Error: LastName missing")
    result = make_plan(make_pair(1), own_item(1, LastName="", categories=marks))
    assert of(result, Stamp) == []
    assert [i.code for i in result.issues] == ["REQUIRED_FIELD"]
    fresh = make_plan(make_pair(1), own_item(1, LastName=""))
    assert [s.error for s in of(fresh, Stamp)] == ["", "LastName missing"]


def test_D6_a_restored_item_takes_the_recreated_ones_place() -> None:
    back = own_item(1, id=FAR)
    result = make_plan(make_pair(1, recreated=1), make_record(1), own_item(1), back)
    assert (one(result, RemoveItem).item.id, one(result, PairUp).pair.item) == ("item1", FAR)


def test_D6_beside_an_edited_one_it_is_held_and_then_merged_or_made_new() -> None:
    back = own_item(1, id=FAR, Department="Mine")
    world = (make_pair(1, recreated=1, edited=True), make_record(1, Title="CEO"), own_item(1), back)
    asked = make_plan(*world)
    assert (of(asked, RemoveItem), holds(asked)) == ([], ["D6"])
    approved = make_plan(*world, *answered(asked, "approve"))
    assert one(approved, RemoveItem).item.id == FAR
    assert [list(a.moved) for a in of(approved, UpdateRecord)] == [["Department"]]
    rejected = make_plan(*world, *answered(asked, "reject"))
    assert one(rejected, CreateRecord).item.id == FAR
    assert one(rejected, Stamp).record == ""


def test_D6_B17_restored_after_its_record_is_gone_is_held_once() -> None:
    item = own_item(1)
    asked = make_plan(item, unreadable=frozenset({record_id(1)}))
    assert (asked.actions, holds(asked)) == ((), ["B17"])
    again = make_plan(item, *answered(asked, "approve"))
    assert one(again, CreateRecord).item.id == "item1"
    assert one(make_plan(item, *answered(asked, "reject")), Stamp).excluded


def test_B17_up_can_not_remove_so_the_item_is_left_over() -> None:
    policy = make_policy(direction=Direction.UP)
    ended = make_plan(make_pair(1), own_item(1), deleted(1), policy=policy)
    assert (kinds(ended), holds(ended)) == (["EndPair"], ["B17"])
    assert one(ended, EndPair).tombstone is not None
    answered_later = make_plan(own_item(1), *answered(ended, "approve"), policy=policy)
    assert len(of(answered_later, CreateRecord)) == 1


def test_A13_what_returns_private_is_only_asked_about() -> None:
    secret = {"id": FAR, "sensitivity": Sensitivity.PRIVATE, "Title": "secret"}
    returned = make_plan(make_pair(1, recreated=1), make_record(1), own_item(1), own_item(1, **secret))
    assert (of(returned, RemoveItem), of(returned, UpdateRecord), holds(returned)) == ([], [], ["A13"])
    (member,) = returned.holds[0].members  # names the record: it gets no second item when its own one goes (I3)
    assert (member.record, member.item) == (record_id(1), FAR)
    put_back = make_plan(dormant(1), make_record(1), own_item(1, **secret))
    assert (one(put_back, PairUp).pair.frozen_for, holds(put_back)) == ("A13", ["A13"])
    assert of(put_back, UpdateRecord) == []


def test_A11_a_newcomer_never_takes_the_place_of_an_item_that_came_back() -> None:
    pair, record = make_pair(1), make_record(1)
    restored, newcomer = own_item(1, id=FAR), make_item(7, LastName="Name1", Email="p1@x.example")
    result = make_plan(pair, record, restored, newcomer, gone=[1], answers=make_answers(record, paired=[pair]))
    assert one(result, PairUp).pair.item == FAR
    assert (of(result, RemoveItem), holds(result)) == ([], ["B2"])
