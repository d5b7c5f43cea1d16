"""Whole plans for deletions and the brake on them: C7, D1-D8."""

from dataclasses import replace

import pytest

from mailsync.core.actions import (
    CreateItem,
    DeleteRecord,
    EndPair,
    PairUp,
    RemoveItem,
    UpdateItem,
    UpdateRecord,
)
from mailsync.core.changes import Record, Trace
from mailsync.core.pair import PairState, Tombstone
from mailsync.core.policy import Direction
from mailsync.core.refs import ItemId, Version
from tests.unit.core.builders import (
    ALLOWED,
    NOW,
    answered,
    deleted,
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


def test_D1_not_allowed_creates_the_item_again_for_the_same_pair() -> None:
    created = one(make_plan(make_pair(1), make_record(1, Title="CEO"), gone=[1]), CreateItem)
    assert (created.pair, created.values["Title"], created.why.rule) == (make_pair(1), "CEO", "D1")


def test_D1_allowed_deletes_the_record() -> None:
    result = make_plan(make_pair(1), make_record(1), gone=[1], policy=ALLOWED)
    assert kinds(result) == ["DeleteRecord"]


def test_D1_up_and_not_allowed_only_unpairs() -> None:
    result = make_plan(make_pair(1), make_record(1), gone=[1], policy=make_policy(direction=Direction.UP))
    assert kinds(result) == ["EndPair"]


@pytest.mark.parametrize("policy", [make_policy(), ALLOWED])
def test_D1_not_read_in_scope_the_pair_goes_dormant(policy: object) -> None:
    result = make_plan(make_pair(1), make_record(1, in_scope=False), gone=[1], policy=policy)
    assert one(result, PairUp).pair.state is PairState.DORMANT
    unread = make_plan(make_pair(1), gone=[1], policy=policy)
    assert (unread.actions, {p.due for p in unread.parked}) == ((), {NOW})


def test_D2_deletions_found_when_it_became_allowed_are_asked_about_and_stay_asked() -> None:
    world = make_pair(1), make_record(1)
    asked = make_plan(*world, gone=[1], policy=ALLOWED, hold_deletions=True)
    assert (asked.actions, holds(asked)) == ((), ["D1"])
    later = make_plan(*world, *asked.holds, gone=[1], policy=ALLOWED)
    assert (later.actions, holds(later)) == ((), ["D1"])
    approved = make_plan(*world, *answered(asked, "approve"), gone=[1], policy=ALLOWED)
    assert kinds(approved) == ["DeleteRecord"]
    rejected = make_plan(*world, *answered(asked, "reject"), gone=[1], policy=ALLOWED)
    assert kinds(rejected) == ["CreateItem"]


def test_D2_no_longer_allowed_turns_waiting_deletions_into_re_creates() -> None:
    world = make_pair(1), make_record(1)
    asked = make_plan(*world, gone=[1], policy=ALLOWED, hold_deletions=True)
    result = make_plan(*world, *answered(asked, "approve"), gone=[1])
    assert (kinds(result), result.holds) == (["CreateItem"], ())


def test_D2_rejected_in_direction_up_it_is_only_unpaired() -> None:
    policy = replace(ALLOWED, direction=Direction.UP)
    world = make_pair(1), make_record(1)
    asked = make_plan(*world, gone=[1], policy=policy, hold_deletions=True)
    assert kinds(make_plan(*world, *answered(asked, "reject"), gone=[1], policy=policy)) == ["EndPair"]


def test_D3_a_record_changed_since_base_is_asked_about() -> None:
    world = make_pair(1), make_record(1, version="r2", Title="CEO")
    asked = make_plan(*world, gone=[1], policy=ALLOWED)
    assert (asked.actions, holds(asked)) == ((), ["D3"])
    assert kinds(make_plan(*world, *answered(asked, "approve"), gone=[1], policy=ALLOWED)) == ["DeleteRecord"]
    moved = make_pair(1), make_record(1, version="r3", Title="CTO")
    assert holds(make_plan(*moved, *answered(asked, "approve"), gone=[1], policy=ALLOWED)) == ["D3"]


def test_D3_what_another_mailbox_mirrors_is_asked_about_where_that_is_on() -> None:
    world = make_pair(1), make_record(1)
    shared = frozenset({record_id(1)})
    policy = replace(ALLOWED, hold_shared_deletions=True)
    assert holds(make_plan(*world, gone=[1], policy=policy, shared=shared)) == ["D3"]
    assert kinds(make_plan(*world, gone=[1], policy=policy)) == ["DeleteRecord"]
    assert kinds(make_plan(*world, gone=[1], policy=ALLOWED, shared=shared)) == ["DeleteRecord"]


def test_D4_deleted_in_salesforce_the_item_goes_with_its_edit_in_the_history() -> None:
    removed = one(make_plan(make_pair(1), own_item(1, Title="mine"), deleted(1)), RemoveItem)
    assert (removed.after, removed.lost, removed.why.rule) == (None, {"Title": "mine"}, "D4")


def test_D5_deleted_on_both_sides_ends_the_pair() -> None:
    ended = one(make_plan(make_pair(1), deleted(1), gone=[1]), EndPair)
    assert ended.tombstone == Tombstone(record_id(1), ItemId("item1"), "D5")


def test_D5_deleted_before_it_went_up_nothing_happens_and_its_question_is_over() -> None:
    record = make_record(7, Email="p1@x.example", LastName="Other")
    asked = make_plan(make_item(1), answers=make_answers(record))
    result = make_plan(*asked.holds, gone=[1])
    assert (result.actions, result.holds) == ((), ())
    assert any(ref == "item1" for _, ref in result.looked_at)


@pytest.mark.parametrize("policy", [make_policy(), ALLOWED])
def test_D7_not_visible_is_not_deleted(policy: object) -> None:
    result = make_plan(make_pair(1, made_item=False), own_item(1), unreadable=frozenset({record_id(1)}), policy=policy)
    assert kinds(result) == ["PairUp"]
    undeleted = make_plan(make_pair(1), own_item(1), Trace(record_id(1), deleted=False), policy=policy)
    assert undeleted.actions == ()


def many(count: int, kind: str) -> list:
    numbers = range(count)
    pairs = [make_pair(n, Title="CEO") for n in numbers]
    match kind:
        case "delete":
            return pairs + [make_record(n, Title="CEO") for n in numbers]
        case "remove":
            return pairs + [own_item(n, Title="CEO") for n in numbers] + [deleted(n) for n in numbers]
        case "blank up":
            return pairs + [own_item(n, Department="Sales") for n in numbers]
        case _:
            return pairs + [make_record(n, Department="Sales") for n in numbers]


KINDS = ["delete", "remove", "blank up", "blank down"]


def guarded(count: int, kind: str, *more: object, **changes: object) -> object:
    gone = range(count) if kind == "delete" else ()
    return make_plan(*many(count, kind), *more, gone=gone, **{"policy": ALLOWED, **changes})


@pytest.mark.parametrize("kind", KINDS)
def test_D8_ten_are_carried_out_eleven_are_held(kind: str) -> None:
    assert guarded(10, kind).holds == ()
    held = guarded(11, kind)
    assert holds(held) == ["D8"]
    assert len(held.holds[0].members) == 11
    assert of(held, DeleteRecord) == of(held, RemoveItem) == []


@pytest.mark.parametrize("kind", KINDS)
def test_D8_the_rest_goes_on(kind: str) -> None:
    held = guarded(11, kind, make_record(99))
    assert len(of(held, CreateItem)) == 1
    if kind == "blank up":
        assert [list(a.moved) for a in of(held, UpdateRecord)] == [["Department"]] * 11


@pytest.mark.parametrize("kind", KINDS)
def test_D8_eleven_of_many_pairs_are_no_brake(kind: str) -> None:
    assert guarded(11, kind, pair_count=110).holds == ()
    assert holds(guarded(11, kind, pair_count=109)) == ["D8"]


@pytest.mark.parametrize("kind", ["delete", "remove"])
def test_D8_the_last_day_counts_too(kind: str) -> None:
    assert holds(guarded(1, kind, counted={kind: 10})) == ["D8"]
    assert guarded(1, kind, counted={kind: 9}).holds == ()


@pytest.mark.parametrize("kind", KINDS)
def test_D8_what_is_held_stays_held_one_by_one(kind: str) -> None:
    asked = guarded(11, kind)
    later = guarded(1, kind, *asked.holds)
    assert (of(later, DeleteRecord), of(later, RemoveItem)) == ([], [])
    assert len(later.holds[0].members) == 11


@pytest.mark.parametrize("kind", KINDS)
def test_D8_approved_is_carried_out(kind: str) -> None:
    asked = guarded(11, kind)
    result = guarded(11, kind, *answered(asked, "approve"))
    expected = {"delete": DeleteRecord, "remove": RemoveItem, "blank up": UpdateRecord, "blank down": UpdateItem}[kind]
    assert (len(of(result, expected)), result.holds) == (11, ())
    if kind.startswith("blank"):
        assert {a.moved["Title"].sent for a in of(result, expected)} == {""}


@pytest.mark.parametrize("kind", KINDS)
def test_D8_rejected_is_created_again_or_kept(kind: str) -> None:
    result = guarded(11, kind, *answered(guarded(11, kind), "reject"))
    assert of(result, DeleteRecord) == of(result, RemoveItem) == []
    assert result.holds == ()
    match kind:
        case "delete":
            assert len(of(result, CreateItem)) == 11
        case "remove":
            frozen = of(result, PairUp)[0].pair
            assert (frozen.state, frozen.frozen_for) == (PairState.FROZEN, "D8")
            assert make_plan(frozen, own_item(0, Title="CEO"), deleted(0)).actions == (), "and stays so"
        case _:
            after = of(result, PairUp)[-1].pair
            blanked, kept = (after.mailbox, after.crm) if kind == "blank up" else (after.crm, after.mailbox)
            assert (blanked.values["Title"], kept.values["Title"]) == ("", "CEO")


def test_D8_an_approved_scope_change_is_not_counted() -> None:
    numbers = range(11)
    world = [make_pair(n) for n in numbers] + [own_item(n) for n in numbers]
    world += [make_record(n, in_scope=False) for n in numbers]
    assert holds(make_plan(*world)) == ["D8"]
    approved = make_plan(*world, scope_approved=True)
    assert (len(of(approved, RemoveItem)), approved.holds) == (11, ())


def test_D8_re_creates_and_ordinary_updates_are_not_counted() -> None:
    numbers = range(30)
    pairs, records = [make_pair(n) for n in numbers], [make_record(n) for n in numbers]
    assert make_plan(*pairs, *records, gone=numbers).holds == ()
    renamed = [make_record(n, Title="CEO") for n in numbers]
    assert make_plan(*pairs, *renamed).holds == ()


def test_D8_limits_are_settings() -> None:
    assert guarded(11, "delete", policy=replace(ALLOWED, guard_count=11)).holds == ()
    assert guarded(11, "delete", policy=replace(ALLOWED, guard_percent=100)).holds == ()


def test_C7_an_answer_to_a_moved_world_is_asked_again() -> None:
    asked = guarded(11, "remove")
    world = many(11, "remove")
    world[11] = own_item(0, version=Version("i2"), Title="CTO")
    result = make_plan(*world, *answered(asked, "approve"), policy=ALLOWED)
    assert len(of(result, RemoveItem)) == 10
    assert [m.item for h in result.holds for m in h.members] == ["item0"]


@pytest.mark.parametrize("record", [make_record(1), make_record(1, Title="CEO"), deleted(1)])
def test_D1_of_an_item_that_is_not_shown_nothing_is_concluded(record: Record | Trace) -> None:
    hidden = frozenset({ItemId("item1")})
    result = make_plan(make_pair(1), record, hidden=hidden, policy=ALLOWED)
    assert (kinds(result), [(i.code, i.rule, i.record, i.item) for i in result.issues]) == (
        [],
        [("UNPROVEN", "D1", record_id(1), "item1")],
    )
    assert {(p.ref, p.rule, p.due) for p in result.parked} == {(record_id(1), "D1", NOW), ("item1", "D1", NOW)}
