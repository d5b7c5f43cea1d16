"""From Salesforce into the folder, and pairs asleep: A12, A17, A18, A19, B13, B15, B16, C5, D1."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import CreateItem, EndPair, MoveIn, PairUp, Stamp, UpdateItem, UpdateRecord
from mailsync.core.changes import Item, Sensitivity
from mailsync.core.holds import hold_name, new_hold
from mailsync.core.notices import HoldMember
from mailsync.core.pair import RETURNING, UNDONE, Base, Pair, PairState, Tombstone
from mailsync.core.person import Limit
from mailsync.core.policy import AutoRemoval, Policy
from mailsync.core.refs import ItemId, Key, Side, Version
from tests.unit.core.builders import (
    NOW,
    UP,
    answered,
    binned,
    deleted,
    dormant,
    holds,
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

BACK = ItemId("back")


# A17


def test_A17_a_record_that_was_looked_at_has_no_old_notices_even_where_nothing_comes_down() -> None:
    for policy in (make_policy(), UP):
        assert (Side.CRM, record_id(1)) in make_plan(make_record(1), policy=policy).looked_at
    assert make_plan(make_record(1), policy=UP).actions == ()


def test_A17_neither_a_paired_record_nor_one_that_is_spoken_for_is_mirrored() -> None:
    assert of(make_plan(make_pair(1), make_record(1)), CreateItem) == []
    nobody = own_item(1, LastName="", Email="")
    found = make_plan(make_record(1), nobody)
    assert ([i.code for i in found.issues], of(found, CreateItem)) == (["NOBODY"], []), "A1: it is this one's item"


@pytest.mark.parametrize(("rule", "mirrored"), [("B2", 0), ("A13", 0), ("B9", 1)])
def test_B2_a_record_that_an_open_question_gives_to_an_item_gets_no_second_one(rule: str, mirrored: int) -> None:
    about = HoldMember(record_id(1), ItemId("not seen"))
    hold = new_hold(rule, hold_name(rule, "not seen"), (about,))
    assert len(of(make_plan(make_record(1), hold), CreateItem)) == mirrored
    nobodys = replace(hold, members=(replace(about, item=None),))
    assert len(of(make_plan(make_record(1), nobodys), CreateItem)) == 1


def test_B15_an_own_create_is_mirrored_once_nothing_is_in_doubt() -> None:
    stranger = make_record(7)
    assert one(make_plan(stranger, unexplained=(stranger,)), CreateItem).record.id == stranger.id


def test_B15_while_the_answer_to_its_creation_is_lost_it_waits_for_the_next_session() -> None:
    result = make_plan(make_record(1), in_doubt_down=frozenset({record_id(1)}))
    assert [(p.ref, p.rule, p.due) for p in result.parked] == [(record_id(1), "B15", NOW)]


def test_A12_a_record_that_the_mailbox_can_not_show_is_told_and_waits() -> None:
    result = make_plan(make_record(1, LastName="", Email=""))
    assert [(i.code, i.rule, i.record) for i in result.issues] == [("NOBODY", "A12", record_id(1))]
    assert [(p.ref, p.rule) for p in result.parked] == [(record_id(1), "A12")]


def test_B13_what_a_new_item_can_not_hold_is_skipped_or_cut_and_told() -> None:
    """Read-only there, unknown there, refused there, too long there: the rest is created."""
    policy = make_policy(
        mailbox={
            "Department": Limit(createable=False),
            "Phone": Limit(5),
            "Title": Limit(10),
        }
    )
    policy = replace(policy, mailbox_limits={n: x for n, x in policy.mailbox_limits.items() if n != "Suffix"})
    record = make_record(1, Department="Sales", Suffix="Jr.", Phone="+1 202 555 0100", Title="Chief Executive")
    result = make_plan(record, policy=policy)
    created = one(result, CreateItem).values
    assert created == {"LastName": "Name1", "Email": "p1@x.example", "Title": "Chief Exec"}
    assert sorted((i.code, i.rule, i.field, i.record) for i in result.issues) == [
        ("FIELD_SKIPPED", "B13", "Department", record_id(1)),
        ("FIELD_SKIPPED", "B13", "Phone", record_id(1)),
        ("FIELD_SKIPPED", "B13", "Suffix", record_id(1)),
        ("VALUE_CUT", "B13", "Title", record_id(1)),
    ]


# B16: undeleted


@pytest.mark.parametrize("key", [Key("k"), None], ids=["ours", "a person's"])
def test_B16_what_a_person_made_is_theirs_whoever_brings_it_back(key: Key | None) -> None:
    result = make_plan(make_record(1), **binned(key=key))
    pair = one(result, PairUp).pair
    ours = key is not None
    assert (pair.made_item, pair.pinned, pair.origin) == (ours, not ours, Side.CRM if ours else Side.MAILBOX)
    assert (one(result, PairUp).new, one(result, MoveIn).pair is not None) == (True, True)
    mark = one(result, Stamp)
    assert (mark.category, mark.record, mark.why.rule) == (True, record_id(1), "B16")


def test_B16_its_bases_are_what_the_item_held_as_far_as_the_record_shows_it() -> None:
    record = make_record(1, Title="CEO")
    record = replace(record, values={n: v for n, v in record.values.items() if n != "Department"})
    result = make_plan(record, **binned(Title="CTO", Department="Sales"))
    assert one(result, UpdateItem).moved["Title"].sent == "CEO", "what changed in Salesforce meanwhile comes down"
    pair = one(result, PairUp).pair
    assert "Department" not in {*pair.crm.values, *pair.mailbox.values}
    assert pair.crm.values["LastName"] == "Name1"


# C5


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({"gone": [1]}, True),
        ({"gone": [1], "refill": True}, False),
        ({"gone": [1], "repairing": True}, False),
    ],
    ids=["deleted again", "the folder was lost", "re-pairing"],
)
def test_C5_only_a_persons_third_deletion_is_asked_about(more: dict[str, Any], asked: bool) -> None:
    result = make_plan(make_pair(1, recreated=2), make_record(1), **more)
    assert (holds(result), len(of(result, CreateItem))) == ((["C5"], 0) if asked else ([], 1))


def test_C5_a_rejected_deletion_is_a_third_re_creation_too() -> None:
    """D3: the record was changed, a person would rather have the contact again; it is asked who deletes it."""
    policy = make_policy(auto_removal=AutoRemoval.ALLOWED)
    world = make_pair(1, recreated=2), make_record(1, Title="CEO", version="r2")
    asked = make_plan(*world, gone=[1], policy=policy)
    rejected = make_plan(*world, *answered(asked, "reject"), gone=[1], policy=policy)
    assert (holds(asked), holds(rejected)) == (["D3"], ["C5"])
    assert "third time" in rejected.holds[0].question
    stopped = make_plan(*world, *answered(asked, "reject"), *answered(rejected, "reject"), gone=[1], policy=policy)
    assert (one(stopped, PairUp).pair.frozen_for, one(stopped, PairUp).why.rule) == ("C5", "C5")


def test_C5_a_pair_that_wakes_up_is_no_re_creation() -> None:
    assert len(of(make_plan(dormant(1, recreated=2), make_record(1)), CreateItem)) == 1


# A18, A19: asleep


def test_D5_a_pair_asleep_whose_record_is_gone_is_remembered_without_item() -> None:
    for fate in (deleted(1), merged(1, 2)):
        ended = [a for a in make_plan(dormant(1), fate, make_pair(2), own_item(2)).actions if isinstance(a, EndPair)]
        assert [(a.tombstone, a.why.rule) for a in ended] == [(Tombstone(record_id(1), None, "D5"), "D5")]


def test_B17_put_back_after_its_record_was_deleted_the_item_is_remembered() -> None:
    result = make_plan(dormant(1), deleted(1), own_item(1, id=BACK))
    assert one(result, EndPair).tombstone == Tombstone(record_id(1), BACK, "B17")
    (about,) = result.holds[0].members
    assert (about.record, about.item, about.mailbox_version) == (record_id(1), BACK, "i1")


def test_E1_up_nothing_wakes_up_not_even_from_deleted_items() -> None:
    assert make_plan(dormant(1), make_record(1), policy=UP, **binned()).actions == ()


def test_a_pair_that_an_undo_took_back_sleeps_on_whatever_its_record_does() -> None:
    assert make_plan(dormant(1, frozen_for=UNDONE), make_record(1, Title="CEO"), **binned()).actions == ()


def awake(result: Any) -> Pair:
    return one(result, PairUp).pair


def test_A18_what_wakes_up_is_active_and_no_persons_doing() -> None:
    pair = dormant(1, frozen_for=RETURNING)
    result = make_plan(pair, make_record(1), **binned())
    after = awake(result)
    assert (after.state, after.frozen_for, after.item, after.in_scope) == (PairState.ACTIVE, "", "binned", True)
    assert (after.pinned, after.made_item) == (False, True)
    assert (one(result, Stamp).category, one(result, Stamp).record) == (True, record_id(1))
    assert one(result, MoveIn).pair == pair


@pytest.mark.parametrize(
    ("frozen_for", "record", "pinned", "rule"),
    [
        (RETURNING, make_record(1), False, "A18"),
        (RETURNING, make_record(1, in_scope=False), True, "A19"),
        ("A18", make_record(1), True, "A19"),
    ],
    ids=["moved by us", "out of scope by now", "moved by a person"],
)
def test_A19_who_put_the_item_back_decides_whether_it_is_pinned(
    frozen_for: str, record: Any, pinned: bool, rule: str
) -> None:
    result = make_plan(dormant(1, frozen_for=frozen_for), record, own_item(1, id=BACK, marked=False))
    assert (awake(result).pinned, awake(result).made_item, one(result, Stamp).why.rule) == (pinned, not pinned, rule)
    mark = one(result, Stamp)
    assert (mark.category, mark.record, mark.counted) == (True, record_id(1), pinned)


def test_A18_an_interrupted_return_whose_record_can_not_be_read_is_a_persons_by_now() -> None:
    unread = make_plan(dormant(1, frozen_for=RETURNING), own_item(1, id=BACK), unreadable=frozenset({record_id(1)}))
    assert (awake(unread).state, awake(unread).pinned) == (PairState.FROZEN, True)


def test_A19_put_back_while_unreadable_it_is_frozen_and_waits() -> None:
    result = make_plan(dormant(1, frozen_for="A18"), own_item(1, id=BACK), unreadable=frozenset({record_id(1)}))
    after = awake(result)
    assert (after.frozen_for, after.item, after.made_item) == ("A18", BACK, False)
    assert {(p.ref, p.rule) for p in result.parked} == {(record_id(1), "A18"), (BACK, "A18")}


def test_A13_put_back_and_private_it_is_frozen_and_asked_about() -> None:
    item: Item = own_item(1, id=BACK, sensitivity=Sensitivity.PRIVATE)
    for things in ((make_record(1),), ()):
        result = make_plan(dormant(1), *things, item)
        after = awake(result)
        assert (after.state, after.frozen_for, after.item) == (PairState.FROZEN, "A13", BACK)
        assert (holds(result), after.pinned) == (["A13"], True)
    approved = make_plan(after, make_record(1), item, *answered(result, "approve"))
    assert awake(approved).state is PairState.ACTIVE


def test_A19_put_back_unchanged_it_is_awake_all_the_same() -> None:
    pair = make_pair(1, state=PairState.DORMANT, item=None)
    result = make_plan(pair, make_record(1), own_item(1))
    assert (awake(result).state, awake(result).item, of(result, UpdateRecord)) == (PairState.ACTIVE, "item1", [])


def test_A18_what_wakes_up_keeps_its_bases() -> None:
    """What was edited in Salesforce while it slept comes down, what was edited in the item goes up."""
    result = make_plan(dormant(1), make_record(1, Title="CEO"), **binned(Department="Mine"))
    assert one(result, UpdateItem).moved["Title"].sent == "CEO"
    assert one(result, UpdateRecord).moved["Department"].sent == "Mine"
    assert awake(result).crm == Base(dormant(1).crm.values, Version("r1"))


@pytest.mark.parametrize("rule", ["A1", "A3"])
@pytest.mark.parametrize(
    ("in_scope", "pinned", "policy", "made"),
    [
        (True, False, make_policy(), 1),
        (False, True, make_policy(), 1),
        (False, False, make_policy(), 0),
        (True, True, UP, 0),
    ],
)
def test_A1_A3_an_item_that_was_lost_is_made_again_while_its_record_is_wanted_here(
    rule: str, in_scope: bool, pinned: bool, policy: Policy, made: int
) -> None:
    pair = replace(dormant(1), frozen_for=rule, pinned=pinned)
    result = make_plan(pair, make_record(1, in_scope=in_scope), policy=policy)
    again = of(result, CreateItem)
    assert [(a.pair, a.why.rule) for a in again] == [(pair, rule)] * made
    assert result.actions == tuple(again)
    assert make_plan(pair, policy=policy).actions == (), "its record was not seen"
