"""Marked items on their way to matching: A5, A6, A11, A13, A23, B8, B15, C5; what was begun is finished first."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import CreateItem, CreateRecord, PairUp, RemoveItem, Stamp, UpdateRecord
from mailsync.core.changes import Item, Sensitivity
from mailsync.core.meaning import fingerprint
from mailsync.core.notices import Hold, Parked
from mailsync.core.planner import questions
from mailsync.core.refs import ItemId, Side, Version
from tests.unit.core.builders import (
    FAR,
    NOW,
    answered,
    dormant,
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

ELEVEN = range(11)
SECRET = make_item(1, sensitivity=Sensitivity.PRIVATE)


def crowd(numbers: range = ELEVEN) -> list[Item]:
    return [make_item(n) for n in numbers]


def known(rule: str, **more: Any) -> dict[tuple[Side, str], Parked]:
    return {(Side.MAILBOX, "item1"): replace(Parked(Side.MAILBOX, "item1", rule, ""), **more)}


# A5, A6, A13: what waits for permission


@pytest.mark.parametrize(("answer", "asked"), [("", False), ("approve", True), ("reject", False)])
def test_A6_salesforce_is_asked_about_what_a_person_allowed_and_nothing_else(answer: str, asked: bool) -> None:
    policy = make_policy()
    for items, first in (([SECRET], False), (crowd(), True)):
        (hold,) = make_plan(*items, first=first).holds
        sight = make_sight(*items, replace(hold, answer=answer), first=first)
        assert bool(questions(sight, policy)) is asked
    assert questions(make_sight(*crowd(range(10)), first=True), policy), "so few need no permission"


def first_run() -> Hold:
    """The question about eleven contacts that were marked before activation."""
    (hold,) = make_plan(*crowd(), first=True).holds
    assert hold.question.endswith("11 contacts")
    return hold


def test_A5_those_who_are_asked_about_do_not_make_others_many() -> None:
    result = make_plan(*crowd(range(14)), first_run(), first=True)
    assert [len(h.members) for h in result.holds] == [11]
    assert [a.item.id for a in of(result, CreateRecord)] == ["item11", "item12", "item13"]


def test_A5_an_answer_counts_for_none_that_it_was_not_about() -> None:
    result = make_plan(*crowd(range(22)), replace(first_run(), answer="approve"), first=True)
    assert {a.item.id for a in of(result, CreateRecord)} == {f"item{n}" for n in ELEVEN}
    assert [{m.item for m in h.members} for h in result.holds] == [{f"item{n}" for n in range(11, 22)}]


def test_A5_a_version_that_was_not_known_when_it_was_asked_can_not_have_moved_on() -> None:
    hold = first_run()
    blind = replace(hold, members=tuple(replace(m, mailbox_version=Version("")) for m in hold.members))
    for count in (11, 22):
        result = make_plan(*crowd(range(count)), replace(blind, answer="approve"), first=True)
        assert len(of(result, CreateRecord)) == 11


def test_A5_an_open_question_keeps_all_of_its_members_whatever_became_of_one() -> None:
    items = crowd()
    items[3] = replace(items[3], version=Version("i2"))
    result = make_plan(*items, first_run())
    assert ([len(h.members) for h in result.holds], result.actions) == ([11], ())


def test_A5_an_exclusion_is_told_under_its_rule() -> None:
    result = make_plan(*crowd(), replace(first_run(), answer="reject"))
    assert {s.why.rule for s in of(result, Stamp)} == {"A5"}


def test_A13_a_rejected_one_is_excluded_under_its_rule_and_an_approved_one_waits_while_it_is_in_doubt() -> None:
    asked = make_plan(SECRET)
    assert one(make_plan(SECRET, *answered(asked, "reject")), Stamp).why.rule == "A13"
    approved = make_plan(SECRET, *answered(asked, "approve"), in_doubt=frozenset({SECRET.id}))
    assert (of(approved, CreateRecord), [i.code for i in approved.issues]) == ([], ["IN_DOUBT"])


# A11, A12, A23: passed over


def test_A12_a_contact_that_is_found_again_as_nobody_was_looked_at() -> None:
    result = make_plan(make_record(1), own_item(1, LastName="", Email=""))
    assert (Side.MAILBOX, "item1") in result.looked_at


def test_what_is_passed_over_was_looked_at_and_has_no_old_notices() -> None:
    things = [
        make_item(1, is_list=True),
        own_item(2, inside=False, id=ItemId("stray")),
        make_item(3, excluded=True),
        own_item(4),
    ]
    result = make_plan(*things, make_record(4), make_pair(2), make_record(2), first=True)
    assert {"item1", "stray", "item3", "item4"} <= {ref for side, ref in result.looked_at if side is Side.MAILBOX}


def test_A11_a_stray_copy_loses_all_marks() -> None:
    stray = own_item(1, inside=False, id=FAR, categories=("Salesforce", "Sync Error", "Friends"))
    mark = one(make_plan(make_pair(1), make_record(1), stray), Stamp)
    assert (mark.category, mark.record, mark.error, mark.counted, mark.why.rule) == (False, "", "", True, "A11")


def test_A11_a_copy_in_the_folder_is_told_under_its_rule() -> None:
    copy = own_item(1, id=FAR, LastName="Else", Email="else@x.example")
    assert one(make_plan(make_pair(1), own_item(1), copy), Stamp).why.rule == "A11"


@pytest.mark.parametrize(("inside", "remembered"), [(True, ["A23"]), (False, [])])
def test_A23_only_what_lies_in_the_folder_is_remembered(inside: bool, remembered: list[str]) -> None:
    """Outside there is nothing to remember: in again, it ends."""
    item = make_item(1, excluded=True, inside=inside)
    assert [p.rule for p in make_plan(item, parked=known("A23")).parked] == remembered


def test_A23_what_was_let_in_again_is_told_under_its_rule() -> None:
    assert one(make_plan(make_item(1, excluded=True)), Stamp).why.rule == "A23"


# B8: refused


@pytest.mark.parametrize(
    ("parked", "now", "again"),
    [
        ({"due": NOW.replace(hour=23)}, NOW, False),
        ({"due": None}, NOW, True),
        ({"due": NOW.replace(hour=23)}, None, True),
        ({"due": NOW.replace(hour=23), "print": ""}, NOW, True),
    ],
    ids=["waits", "waits for nothing", "nobody knows the time", "not refused"],
)
def test_B8_what_was_refused_waits_for_its_hour(parked: dict[str, Any], now: Any, again: bool) -> None:
    item, policy = make_item(1), make_policy()
    seal = fingerprint(item.values, policy.fields, policy.region)
    result = make_plan(replace(item), parked=known("B8", **{"print": seal, **parked}), now=now)
    assert (len(of(result, CreateRecord)) == 1) is again


# C5: storms

MANY = range(1, 22)


def equals(count: int = 21, **more: Any) -> list[Item]:
    return [make_item(n, id=f"new{n}", **more) for n in range(1, count + 1)]


def paired(**changes: Any) -> dict[str, Any]:
    """Twenty-one records that have an item already, as Salesforce tells of them."""
    return {"answers": make_answers(*map(make_record, MANY), paired=[make_pair(n, **changes) for n in MANY])}


def test_C5_newcomers_that_equal_pairs_in_sight_are_a_storm_though_salesforce_names_none() -> None:
    result = make_plan(*(make_pair(n) for n in MANY), *equals())
    assert [(h.name, len(h.members)) for h in result.holds] == [("C5", 21)]
    assert of(result, CreateRecord) == []
    assert len(of(make_plan(*(make_pair(n) for n in MANY), *equals(20)), CreateRecord)) == 20


@pytest.mark.parametrize("field", ["FirstName", "LastName", "Company", "Email"])
def test_C5_equal_is_who_has_all_of_name_company_and_address(field: str) -> None:
    other = equals(**{field: "other@x.example"}) if field != "Email" else equals(Email="a@x.example")
    result = make_plan(*(make_pair(n) for n in MANY), *other)
    assert "C5" not in holds(result)
    upper = [make_item(n, id=f"new{n}", Email=f"P{n}@X.example", LastName=f"NAME{n}") for n in MANY]
    assert holds(make_plan(*(make_pair(n) for n in MANY), *upper)) == ["C5"]


@pytest.mark.parametrize(
    ("changes", "gone"),
    [({"recreated": 1}, ()), ({"item": None}, ()), ({}, MANY)],
    ids=["re-created", "no item", "item gone"],
)
def test_C5_who_returns_to_a_record_without_an_item_of_its_own_is_no_storm(
    changes: dict[str, Any], gone: range | tuple[()]
) -> None:
    """Re-created ones make room (D6), places that are empty are taken (B2): nothing is doubled."""
    result = make_plan(*equals(), gone=gone, **paired(**changes))
    assert "C5" not in holds(result)


def test_C5_a_storm_stays_one_question_until_it_is_answered() -> None:
    asked = make_plan(*equals(), **paired())
    (hold,) = asked.holds
    fewer = make_plan(*equals(5), hold, **paired())
    assert [(h.rule, len(h.members)) for h in fewer.holds] == [("C5", 21)]
    more = make_plan(*equals(), make_item(30, Email="p1@x.example", LastName="Name1"), hold, **paired())
    assert [(h.rule, len(h.members)) for h in more.holds] == [("C5", 21), ("B2", 1)], "one more by itself is none"
    unlike = make_plan(*equals(), hold)
    assert ([(h.rule, len(h.members)) for h in unlike.holds], unlike.actions) == ([("C5", 21)], ())
    emptied = make_plan(*equals(), hold, gone=MANY, **paired())
    assert holds(emptied) == ["C5"], "nor is it over because the places have become empty"


def test_C5_stopped_means_stopped_until_asked() -> None:
    asked = make_plan(*equals(), **paired())
    rejected = make_plan(*equals(), *answered(asked, "reject"), **paired())
    parked = {(p.side, p.ref): p for p in rejected.parked}
    later = make_plan(*equals(), parked=parked, **paired())
    assert {(p.ref, p.rule) for p in later.parked} == {(f"new{n}", "C5") for n in MANY}
    other = {key: replace(p, reason="another") for key, p in parked.items()}
    assert holds(make_plan(*equals(), parked=other, **paired())) == ["C5"]


# Removals that were begun


def test_L2_a_removal_that_was_begun_is_finished_and_nothing_else_becomes_of_the_item() -> None:
    leaving = {"leaving": {ItemId("item1"): "B2"}}
    result = make_plan(make_item(1), make_item(2), **leaving)
    assert (one(result, RemoveItem).item.id, one(result, RemoveItem).why.rule) == ("item1", "B2")
    assert [a.item.id for a in of(result, CreateRecord)] == ["item2"]
    paired = make_plan(make_pair(1), make_record(1), own_item(1, Title="CEO"), **leaving)
    assert (kinds(paired), of(paired, UpdateRecord)) == (["RemoveItem"], [])
    asleep = make_plan(dormant(1), make_record(1, in_scope=False), own_item(1), **leaving)
    assert (kinds(asleep), of(asleep, PairUp), of(asleep, CreateItem)) == (["RemoveItem"], [], [])
    assert record_id(1) == asleep.actions[0].item.record  # type: ignore[union-attr]
