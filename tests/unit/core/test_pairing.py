"""How a pair comes to be, and what a merge turns into: A1, A13, A14, A22, B4, B9, B12, B13."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import PairUp, Stamp, UpdateItem, UpdateRecord, Why
from mailsync.core.changes import Item, Sensitivity
from mailsync.core.holds import hold_name, new_hold
from mailsync.core.notices import Hold, HoldMember
from mailsync.core.pair import Base, Pair, PairState
from mailsync.core.pairing import fill_from, merge_pair, pair_first
from mailsync.core.person import Flow, Limit
from mailsync.core.policy import Direction, Winner
from mailsync.core.refs import AccountId, FieldName, Key, Side, Version
from tests.unit.core.builders import (
    answered,
    holds,
    kinds,
    make_draft,
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

WHY = Why("B2", "the only Contact with this e-mail address")
TITLE = FieldName("Title")
ONE_WAY = {d: make_policy(direction=d) for d in (Direction.UP, Direction.DOWN)}


def first(item: Item, *, strict: bool = False, **more: Any) -> Pair:
    """The pair of a record and this item as it is stored."""
    draft = make_draft(**more)
    stored = pair_first(draft, make_record(1), item, WHY, strict=strict)
    assert one(draft, PairUp).new, "a pairing that a person sees"
    assert one(draft, PairUp).pair == stored
    return stored


@pytest.mark.parametrize(
    ("key", "strict", "mirrored"),
    [(None, False, False), (Key("k"), False, False), (None, True, False), (Key("k"), True, True)],
    ids=["matched", "matched, though we made it", "found again, a person's", "found again, ours"],
)
def test_A14_only_an_item_of_ours_that_is_found_again_mirrors_its_record(
    key: Key | None, strict: bool, mirrored: bool
) -> None:
    pair = first(make_item(1, key=key), strict=strict)
    assert (pair.made_item, pair.pinned, pair.origin) == (
        mirrored,
        not mirrored,
        Side.CRM if mirrored else Side.MAILBOX,
    )


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("known", [{"edited": {1}}, {"theirs": {1}}, {"edited": {2}, "theirs": {2}}])
def test_E6_A1_what_a_reset_knew_of_a_pair_holds_once_it_is_found_again(
    known: Mapping[str, set[int]], strict: bool
) -> None:
    sight = {name: frozenset(make_record(n).id for n in numbers) for name, numbers in known.items()}
    draft = make_draft(**sight)
    pair = pair_first(draft, make_record(1), make_item(1, key=Key("k")), WHY, strict=strict)
    theirs = not strict or 1 in known.get("theirs", ())
    assert (pair.made_item, pair.pinned, pair.edited) == (not theirs, theirs, strict and 1 in known.get("edited", ()))


def test_B4_a_new_pair_takes_what_is_known_of_its_record() -> None:
    draft = make_draft()
    record = make_record(1, in_scope=False, account=AccountId("001A"), Company="Globex")
    pair = pair_first(draft, record, make_item(1), WHY)
    assert (pair.in_scope, pair.account, pair.account_name, pair.state) == (False, "001A", "Globex", PairState.ACTIVE)
    again = merge_pair(draft, pair, make_record(1, account=AccountId("001B"), Company="Acme"), None, WHY)
    assert (again.account, again.account_name, again.in_scope) == ("001B", "Acme", True)


def test_B4_a_pair_is_stored_though_neither_side_shows_a_value() -> None:
    draft = make_draft()
    pair_first(draft, replace(make_record(1), values={}), replace(make_item(1), values={}), WHY)
    assert kinds(draft) == ["PairUp"]


@pytest.mark.parametrize("private", [True, False])
def test_A13_a_pair_remembers_the_approval_of_its_private_item_until_that_is_private_no_more(private: bool) -> None:
    item = make_item(1, sensitivity=Sensitivity.PRIVATE if private else Sensitivity.NORMAL)
    pair = first(item)
    assert pair.frozen_for == ("A13" if private else "")
    later = merge_pair(make_draft(), make_pair(1, frozen_for="A13"), make_record(1), item, WHY)
    assert later.frozen_for == pair.frozen_for
    assert merge_pair(make_draft(), make_pair(1, frozen_for="A13"), None, None, WHY).frozen_for == "A13"


def test_A13_an_approval_is_remembered_though_nothing_else_changed() -> None:
    item = own_item(1, sensitivity=Sensitivity.PRIVATE)
    asked = make_plan(make_pair(1), make_record(1), item)
    frozen = one(asked, PairUp).pair
    approved = make_plan(frozen, make_record(1), item, *answered(asked, "approve"))
    after = one(approved, PairUp).pair
    assert (after.state, after.frozen_for) == (PairState.ACTIVE, "A13")
    assert make_plan(after, make_record(1), item).actions == (), "and is not asked for again"


def test_A18_a_thaw_is_remembered_though_nothing_else_changed() -> None:
    frozen = make_pair(1, state=PairState.FROZEN, frozen_for="A18", in_scope=False, pinned=True)
    thawed = one(make_plan(frozen, make_record(1, in_scope=False), own_item(1)), PairUp).pair
    assert (thawed.state, thawed.frozen_for) == (PairState.ACTIVE, "")


@pytest.mark.parametrize(("strict", "repairing"), [(True, False), (False, True), (True, True)])
def test_A1_found_again_or_while_re_pairing_a_difference_is_asked(strict: bool, repairing: bool) -> None:
    draft = make_draft(repairing=repairing)
    pair_first(draft, make_record(1, Title="CEO"), make_item(1, Title="CTO"), WHY, strict=strict)
    assert [h.rule for h in draft.holds.values()] == ["A1"]
    (hold,) = draft.holds.values()
    assert hold.question.endswith("field Title")


def test_B4_otherwise_it_is_decided_or_in_one_direction_asked() -> None:
    differing = make_record(1, Title="CEO"), make_item(1, Title="CTO")
    both = make_draft()
    pair_first(both, *differing, WHY)
    assert (both.holds, one(both, UpdateItem).moved[TITLE].sent) == ({}, "CEO")
    for policy in ONE_WAY.values():
        draft = make_draft(policy=policy)
        pair_first(draft, *differing, WHY)
        assert [h.name for h in draft.holds.values()] == [hold_name("B4", record_id(1), "Title")]


@pytest.mark.parametrize(
    ("direction", "rule", "answer", "expected"),
    [
        (Direction.UP, "B4", "approve", ("UpdateRecord", "CTO")),
        (Direction.UP, "B4", "reject", None),
        (Direction.DOWN, "B4", "approve", ("UpdateItem", "CEO")),
        (Direction.DOWN, "B4", "reject", None),
        (Direction.BOTH, "B4", "approve", ("UpdateItem", "CEO")),
        (Direction.UP, "A1", "approve", None),
        (Direction.UP, "A1", "reject", ("UpdateRecord", "CTO")),
        (Direction.DOWN, "A1", "approve", ("UpdateItem", "CEO")),
        (Direction.DOWN, "A1", "reject", None),
    ],
)
def test_C7_an_answer_chooses_a_side_and_of_B4_the_one_that_may_write(
    direction: Direction, rule: str, answer: str, expected: tuple[str, str] | None
) -> None:
    draft = make_draft(asked(rule, answer), policy=make_policy(direction=direction))
    pair_first(draft, make_record(1, Title="CEO"), make_item(1, Title="CTO"), WHY, strict=rule == "A1")
    updates = [a for a in draft.actions if isinstance(a, UpdateItem | UpdateRecord)]
    assert [(type(a).__name__, a.moved[TITLE].sent) for a in updates] == ([expected] if expected else [])
    assert draft.holds == {}


def asked(rule: str, answer: str, **more: Any) -> Hold:
    """The question about the title of pair 1, answered."""
    about = HoldMember(record_id(1), make_item(1).id, make_record(1).version, make_item(1).version, "Title")
    return replace(new_hold(rule, hold_name(rule, record_id(1), "Title"), (about,)), answer=answer, **more)


@pytest.mark.parametrize("rule", ["B12", "A1"])
def test_B12_only_its_own_question_takes_a_typed_value(rule: str) -> None:
    draft = make_draft(asked(rule, "reject", typed="CFO"), policy=make_policy(winner=Winner.ASK))
    pair = make_pair(1, Title="old")
    merge_pair(draft, pair, make_record(1, Title="CEO"), own_item(1, Title="CTO"), Why("B10", ""))
    assert one(draft, UpdateRecord).moved[TITLE].sent == ("CFO" if rule == "B12" else "CTO")
    assert [a.moved[TITLE].sent for a in of(draft, UpdateItem)] == (["CFO"] if rule == "B12" else [])


def test_B12_a_question_about_one_field_leaves_the_others_to_the_policy() -> None:
    pair = make_pair(1, Title="old", Department="old")
    record, item = make_record(1, Title="CEO", Department="Sales"), own_item(1, Title="CTO", Department="Legal")
    draft = make_draft(asked("B12", ""))
    merge_pair(draft, pair, record, item, Why("B10", ""))
    assert list(one(draft, UpdateItem).moved) == ["Department"]
    assert [h.members[0].note for h in draft.holds.values()] == ["Title"]


def test_A18_an_edit_that_stays_counts_as_one() -> None:
    draft = make_draft()
    assert merge_pair(draft, make_pair(1, Company="Acme"), None, own_item(1, Company="Mine"), WHY).edited
    assert merge_pair(draft, make_pair(1), None, own_item(1, Title="CTO"), WHY).edited
    assert not merge_pair(draft, make_pair(1), make_record(1, Title="CEO"), None, WHY).edited


def test_B13_a_required_field_that_is_emptied_stops_all_that_goes_up_and_is_shown_on_the_item() -> None:
    draft = make_draft()
    merge_pair(draft, make_pair(1), None, own_item(1, LastName="", Title="CTO"), WHY)
    assert of(draft, UpdateRecord) == []
    assert [(i.code, i.rule, i.field, i.record, i.item) for i in draft.issues] == [
        ("REQUIRED_FIELD", "B13", "LastName", record_id(1), "item1")
    ]
    assert {(p.ref, p.rule) for p in draft.parked} == {(record_id(1), "B13"), ("item1", "B13")}
    assert (one(draft, Stamp).error, one(draft, Stamp).why.rule) == ("LastName missing", "B13")


def test_B13_an_optional_field_that_is_refused_is_an_issue_and_no_mark() -> None:
    draft = make_draft()
    merge_pair(draft, make_pair(1), None, own_item(1, Birthdate="some day"), WHY)
    assert ([i.code for i in draft.issues], of(draft, Stamp)) == (["FIELD_SKIPPED"], [])


def test_B13_a_required_field_is_told_though_the_item_was_not_read() -> None:
    """Its base knows the value; the record's side has shown the field for the first time."""
    policy = make_policy(crm={"Email": Limit(80, required=True)})
    pair = make_pair(1, Email="nobody")
    pair = replace(pair, crm=Base({n: v for n, v in pair.crm.values.items() if n != "Email"}))
    draft = make_draft(policy=policy)
    merge_pair(draft, pair, make_record(1, Email=""), None, WHY)
    assert ([i.code for i in draft.issues], of(draft, Stamp)) == (["REQUIRED_FIELD"], [])


@pytest.mark.parametrize("side", ["crm", "mailbox"])
def test_B13_a_value_that_is_cut_on_its_way_is_told(side: str) -> None:
    draft = make_draft(policy=make_policy(**{side: {"Title": Limit(5)}}))
    record, item = make_record(1), own_item(1)
    changed = {"Title": "x" * 9}
    if side == "crm":
        item = own_item(1, **changed)
    else:
        record = make_record(1, **changed)
    merge_pair(draft, make_pair(1), record, item, WHY)
    assert [(i.code, i.rule, i.field, i.record, i.item) for i in draft.issues] == [
        ("VALUE_CUT", "B13", "Title", record_id(1), "item1")
    ]


def test_A22_a_name_that_is_hidden_is_not_displayed() -> None:
    draft = make_draft()
    item = own_item(1)
    hidden = replace(item, values={n: v for n, v in item.values.items() if n != "MiddleName"})
    merge_pair(draft, make_pair(1), make_record(1, FirstName="Ann"), hidden, WHY)
    assert "MiddleName" not in one(draft, UpdateItem).names
    assert one(draft, UpdateItem).names["FirstName"] == "Ann"


def test_B2_what_another_item_adds_goes_to_the_record_and_the_rest_to_the_history() -> None:
    """Blanks add nothing, nor does what is alike; a conflict is decided by B12."""
    pair = make_pair(1, Title="CEO", Phone="+1 202 555 0100")
    record = make_record(1, Title="CEO", Phone="+1 202 555 0100", AssistantName="Max", version="r9")
    other = make_item(
        2, LastName="Name1", Email="p1@x.example", Title="CTO", Department="Sales", Phone="(202) 555-0100"
    )
    draft = make_draft(pair, record)
    assert fill_from(draft, pair, record, other) == {"Title": "CTO"}
    update = one(draft, UpdateRecord)
    assert (dict(update.moved).keys(), update.why.rule, update.advance) == ({"Department"}, "B2", False)
    assert update.pair.crm == Base(pair.crm.values, record.version), "at the version that was read"


def test_B2_what_is_blank_once_it_fits_never_empties_the_record() -> None:
    draft = make_draft(policy=make_policy(winner=Winner.MAILBOX))
    other = make_item(2, LastName="Name1", Email="p1@x.example", Title="\x07")
    assert fill_from(draft, make_pair(1, Title="CEO"), make_record(1, Title="CEO"), other) == {"Title": "\x07"}
    assert draft.actions == []


@pytest.mark.parametrize("why", ["unread", "up is off", "required", "alike", "off"])
def test_B2_where_nothing_may_go_up_all_that_differs_goes_to_the_history(why: str) -> None:
    pair, record = make_pair(1), make_record(1)
    other: dict[str, str] = {"LastName": "Name1", "Email": "p1@x.example", "Department": "Sales"}
    policy, lost = make_policy(), {"Department": "Sales"}
    match why:
        case "up is off":
            policy = ONE_WAY[Direction.DOWN]
        case "required":
            policy = make_policy(winner=Winner.MAILBOX, crm={"Email": Limit(80, required=True)})
            other, lost = {**other, "Email": "nobody"}, {**lost, "Email": "nobody"}
        case "alike":
            other, lost = {**other, "Department": ""}, {}
        case "off":
            fields = tuple(replace(f, flow=Flow.OFF) if f.name == "Department" else f for f in policy.fields)
            policy, lost = replace(policy, fields=fields), {}
        case _:
            pass
    draft = make_draft(pair, record, policy=policy)
    assert fill_from(draft, pair, None if why == "unread" else record, make_item(2, **other)) == lost
    assert draft.actions == []


def test_B12_an_edit_that_overrules_another_is_quoted_under_the_rule_that_decided() -> None:
    def rule(asked: str, record: str, **policy: Any) -> str:
        draft = make_draft(policy=make_policy(**policy))
        pair, item = make_pair(1, Title="old"), own_item(1, Title="CTO")
        merge_pair(draft, pair, make_record(1, Title=record), item, Why(asked, ""))
        return next(a.why.rule for a in draft.actions if isinstance(a, UpdateItem | UpdateRecord))

    assert rule("B10", "CEO") == rule("B10", "CEO", winner=Winner.MAILBOX) == "B12"
    assert rule("B10", "old") == "B10"
    assert rule("A19", "CEO") == "A19"
    assert holds(make_plan(make_pair(1), make_record(1, Title="CEO"), own_item(1, Title="CTO"))) == []


def test_B10_what_is_settled_keeps_that_a_person_edited_the_item_and_the_versions_that_were_read() -> None:
    """A18 asks whether a person edited it; the version is what the next write must meet (B11)."""
    pair = make_pair(1, edited=True)
    read = own_item(1, version=Version("i2"))
    after = one(make_plan(pair, make_record(1, version="r2", Title="CEO"), read), UpdateItem).pair
    assert (after.edited, after.crm.version, after.mailbox.version) == (True, "r2", "i2")
    assert not one(make_plan(make_pair(1), make_record(1, Title="CEO"), read), UpdateItem).pair.edited
