"""Whole plans for new contacts: B1-B7, B13, C5."""

from dataclasses import replace

import pytest

from mailsync.core.account import Candidates, Step
from mailsync.core.actions import CreateItem, CreateRecord, PairUp, RemoveItem, Stamp, UpdateItem, UpdateRecord
from mailsync.core.changes import Item
from mailsync.core.pair import PairState
from mailsync.core.person import Limit
from mailsync.core.planner import questions
from mailsync.core.policy import Direction, LastNameFallback, Several
from mailsync.core.refs import AccountId, FieldName
from tests.unit.core.builders import (
    account,
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


def nameless() -> Item:
    return make_item(1, LastName="", FirstName="Ann", Company="Acme", file_as="Filed")


def test_B1_without_last_name_it_is_an_issue_and_shown_on_the_item() -> None:
    result = make_plan(nameless())
    assert [(i.code, i.rule, i.field, i.item) for i in result.issues] == [("REQUIRED_FIELD", "B1", "LastName", "item1")]
    assert one(result, Stamp).error == "LastName missing"
    assert of(result, CreateRecord) == []


@pytest.mark.parametrize(
    ("fallback", "expected"),
    [(LastNameFallback.GIVEN, "Ann"), (LastNameFallback.FILE_AS, "Filed"), (LastNameFallback.COMPANY, "Acme")],
)
def test_B1_a_fallback_fills_the_last_name(fallback: LastNameFallback, expected: str) -> None:
    result = make_plan(nameless(), policy=make_policy(last_name_fallback=fallback))
    assert one(result, CreateRecord).values["LastName"] == expected


def test_B1_a_fallback_that_is_blank_too_is_an_issue() -> None:
    result = make_plan(make_item(1, LastName=""), policy=make_policy(last_name_fallback=LastNameFallback.COMPANY))
    assert [i.field for i in result.issues] == ["LastName"]


def test_B1_more_required_fields_and_defaults_are_settings() -> None:
    asked = make_policy(required=frozenset({FieldName("Phone")}))
    assert [i.field for i in make_plan(make_item(1), policy=asked).issues] == ["Phone"]
    assert len(of(make_plan(make_item(1, Phone="+1 202 555 0100"), policy=asked), CreateRecord)) == 1
    filled = make_policy(required=frozenset({FieldName("Phone")}), defaults={"Phone": "+1 202 555 0100"})
    assert one(make_plan(make_item(1), policy=filled), CreateRecord).defaults == {"Phone": "+1 202 555 0100"}


def test_B1_what_the_organisation_requires_is_missed_before_it_refuses() -> None:
    policy = make_policy(crm={"Title": Limit(128, required=True)})
    assert [i.field for i in make_plan(make_item(1), policy=policy).issues] == ["Title"]


def test_B2_1_the_pair_table_goes_before_everything() -> None:
    record = make_record(2, Email="p1@x.example", LastName="Name1")
    assert make_plan(make_pair(1), own_item(1), answers=make_answers(record)).actions == ()


def test_B2_2_a_match_is_paired_never_created() -> None:
    record = make_record(7, Email="p1@x.example", LastName="Name1", Title="CEO")
    result = make_plan(make_item(1), record, answers=make_answers(record))
    pair = one(result, PairUp).pair
    assert (pair.record, pair.item, pair.pinned, pair.made_item) == (record.id, "item1", True, False)
    assert one(result, UpdateItem).moved["Title"].sent == "CEO"
    assert of(result, CreateRecord) == of(result, CreateItem) == []


def test_B2_2_a_match_outside_the_folder_is_moved_in() -> None:
    record = make_record(7, Email="p1@x.example", LastName="Name1")
    result = make_plan(make_item(1, inside=False), answers=make_answers(record))
    assert kinds(result) == ["MoveIn", "PairUp", "Stamp"]


def test_B2_3_a_doubtful_match_is_held_and_answered() -> None:
    item, record = make_item(1), make_record(7, Email="p1@x.example", LastName="Other")
    asked = make_plan(item, record, answers=make_answers(record))
    assert (asked.actions, holds(asked)) == ((), ["B2"]), "nor is the record mirrored meanwhile"
    approved = make_plan(item, record, *answered(asked, "approve"), answers=make_answers(record))
    assert one(approved, PairUp).pair.record == record.id
    rejected = make_plan(item, record, *answered(asked, "reject"), answers=make_answers(record))
    assert one(rejected, CreateRecord).item.id == "item1"
    assert one(rejected, CreateItem).record.id == record.id


def test_C7_an_answer_is_bound_to_the_versions_seen() -> None:
    item, record = make_item(1), make_record(7, Email="p1@x.example", LastName="Other")
    asked = make_plan(item, record, answers=make_answers(record))
    for moved in (
        (make_item(1, version="i2"), record),
        (item, make_record(7, version="r2", Email="p1@x.example", LastName="Other")),
        (item, make_record(8, Email="p1@x.example", LastName="Other")),
    ):
        result = make_plan(*moved, *answered(asked, "approve"), answers=make_answers(moved[1]))
        assert (result.actions, holds(result)) == ((), ["B2"])
        assert result.holds[0].answer == ""


def test_B2_3_a_setting_may_choose() -> None:
    records = [make_record(n, Email="p1@x.example", LastName="Name1") for n in (7, 8)]
    held = make_plan(make_item(1), answers=make_answers(*records))
    assert holds(held) == ["B2"]
    chosen = make_plan(make_item(1), answers=make_answers(*records), policy=make_policy(several=Several.OLDEST))
    assert one(chosen, PairUp).pair.record == record_id(7)


def test_B2_approved_on_a_record_with_an_item_merges_into_that_one() -> None:
    pair, record = (
        make_pair(7, Email="p1@x.example", LastName="Name1"),
        make_record(7, Email="p1@x.example", LastName="Name1", Title="CEO"),
    )
    item = make_item(1, Title="CFO", Department="Sales")
    answers = make_answers(record, paired=[pair])
    asked = make_plan(item, answers=answers)
    assert (asked.actions, holds(asked)) == ((), ["B2"])
    approved = make_plan(item, *answered(asked, "approve"), answers=answers)
    assert kinds(approved) == ["UpdateRecord", "UpdateItem", "RemoveItem"]
    assert [str(n) for n in one(approved, UpdateRecord).moved] == ["Department"]
    filled = one(approved, UpdateItem)
    assert (filled.pair.item, filled.item) == ("item7", None), "the record's own item gets it in the same session"
    assert [(str(n), m.sent, m.onward) for n, m in filled.moved.items()] == [("Department", "Sales", True)]
    assert one(approved, RemoveItem).lost == {"Title": "CFO"}, "what loses by B12 goes to the history"


def test_B2_approved_the_records_own_item_gets_nothing_that_it_may_not_or_was_edited_meanwhile() -> None:
    known = {"Email": "p1@x.example", "LastName": "Name1"}
    pair, record, item = make_pair(7, **known), make_record(7, **known), make_item(1, Department="Sales")
    edited = make_item(7, record=record_id(7), Department="Support", **known)
    for present, policy, paired in (
        ((), make_policy(direction=Direction.UP), pair),
        ((), make_policy(), replace(pair, state=PairState.FROZEN)),
        ((edited,), make_policy(), pair),
    ):
        answers = make_answers(record, paired=[paired])
        asked = make_plan(item, answers=answers, policy=policy)
        approved = make_plan(item, *present, *answered(asked, "approve"), answers=answers, policy=policy)
        assert [str(n) for n in one(approved, UpdateRecord).moved] == ["Department"]
        assert [a for a in approved.actions if isinstance(a, UpdateItem)] == []


def test_B2_twins_of_one_session_are_held() -> None:
    elder, younger = make_item(1, Email="a@x.example"), make_item(2, Email="a@x.example")
    for order in ((elder, younger), (younger, elder)):
        result = make_plan(*order)
        assert one(result, CreateRecord).item.id == "item1"
        assert [m.item for h in result.holds for m in h.members] == ["item2"]


def test_B2_twins_by_name_and_company() -> None:
    same = {"LastName": "Lee", "FirstName": "Ann", "Company": "Acme"}
    result = make_plan(make_item(1, **same), make_item(2, **same))
    assert (len(of(result, CreateRecord)), holds(result)) == (1, ["B2"])


def test_B2_items_with_nothing_but_a_phone_are_no_twins() -> None:
    bare = {"LastName": "", "Email": ""}
    items = make_item(1, Phone="+1 202 555 0100", **bare), make_item(2, Phone="+1 202 555 0111", **bare)
    assert make_plan(*items).holds == ()


@pytest.mark.parametrize(("answer", "kind"), [("approve", "RemoveItem"), ("reject", "CreateRecord")])
def test_B2_a_twin_is_answered_though_its_elder_has_a_record_by_now(answer: str, kind: str) -> None:
    elder, younger = make_item(1, Email="a@x.example"), make_item(2, Email="a@x.example", LastName="Name1")
    asked = make_plan(elder, younger)
    record = make_record(1, Email="a@x.example")
    answers = make_answers(record, paired=[make_pair(1, Email="a@x.example")])
    result = make_plan(younger, *answered(asked, answer), answers=answers)
    assert kind in kinds(result)
    assert result.holds == ()


def test_B2_two_items_never_get_one_record() -> None:
    record = make_record(7, Email="p1@x.example", LastName="")
    first = make_item(1)
    second = make_item(2, emails=("p1@x.example", "p2@x.example"), Email="p2@x.example", LastName="Else")
    result = make_plan(first, second, answers=make_answers(record))
    assert [p.pair.item for p in of(result, PairUp)] == ["item1"]
    assert of(result, CreateRecord) == []
    assert holds(result) == ["B2"]


def test_B2_questions_name_what_must_be_looked_up() -> None:
    item = make_item(1, FirstName=" Ann ", Company=" Acme  Inc ", emails=("B@x.example",))
    asked = questions(make_sight(item, make_pair(2), own_item(2)), make_policy())
    assert asked.emails == {"p1@x.example", "b@x.example"}
    assert asked.names == {("Ann", "Name1")}
    assert asked.companies == {"Acme Inc"}
    assert not questions(make_sight(make_pair(2), own_item(2), make_record(3)), make_policy())


def test_B4_a_pairing_never_sets_the_account() -> None:
    record = make_record(7, Email="p1@x.example", LastName="Name1")
    result = make_plan(
        make_item(1, Company="Acme"), answers=make_answers(record, Acme=Candidates((account(1, "Acme"),)))
    )
    assert one(result, PairUp).pair.account is None
    assert of(result, UpdateRecord) == []


def test_B5_a_create_is_linked_and_its_step_is_told() -> None:
    accounts = make_answers(acme=Candidates((account(1, "Acme"),)))
    created = one(make_plan(make_item(1, Company=" acme "), answers=accounts), CreateRecord)
    assert (created.link.account, created.link.step) == (account(1, "Acme").id, Step.EXACT)
    assert "Company" not in created.values, "Company is fed from Salesforce only (E3)"
    assert created.sources["Company"] == " acme "
    assert one(make_plan(make_item(1), answers=accounts), CreateRecord).link.step is Step.EMPTY


def test_B5_a_fixed_account_goes_before() -> None:
    fixed = AccountId("001FIXED")
    created = one(make_plan(make_item(1, Company="Acme"), policy=make_policy(fixed_account=fixed)), CreateRecord)
    assert (created.link.account, created.link.step) == (fixed, Step.FIXED)


def test_B6_min_substring_guards_step_3() -> None:
    answers = make_answers(Ac=Candidates((), (account(1, "Acme"),)))
    linked = one(make_plan(make_item(1, Company="Ac"), answers=answers), CreateRecord)
    assert linked.link.step is Step.SUBSTRING
    guarded = one(
        make_plan(make_item(1, Company="Ac"), answers=answers, policy=make_policy(min_substring=3)), CreateRecord
    )
    assert guarded.link.account is None


def test_B7_an_account_is_made_only_where_there_is_none_and_it_is_on() -> None:
    on = make_policy(auto_create_account=True)
    several = make_answers(Acme=Candidates((), (account(1, "Acme A"), account(2, "Acme B"))))
    assert one(make_plan(make_item(1, Company=" Acme "), policy=on), CreateRecord).create_account == "Acme"
    assert one(make_plan(make_item(1, Company="Acme"), policy=on, answers=several), CreateRecord).create_account == ""
    assert one(make_plan(make_item(1, Company="Acme")), CreateRecord).create_account == ""


def test_B13_a_create_cuts_marks_and_skips() -> None:
    item = make_item(1, Title="x" * 200, Birthdate="some day")
    result = make_plan(item)
    created = one(result, CreateRecord)
    assert created.values["Title"] == "x" * 128
    assert created.sources["Title"] == "x" * 200
    assert "Birthdate" not in created.values
    assert "Birthdate" not in created.sources, "its base stays unknown, so that it is tried again once mended"
    assert {(i.code, i.field) for i in result.issues} == {("VALUE_CUT", "Title"), ("FIELD_SKIPPED", "Birthdate")}


def test_E1_down_pairs_but_creates_nothing() -> None:
    down = make_policy(direction=Direction.DOWN)
    record = make_record(7, Email="p1@x.example", LastName="Name1")
    assert len(of(make_plan(make_item(1), answers=make_answers(record), policy=down), PairUp)) == 1
    refused = make_plan(make_item(1), policy=down)
    assert (kinds(refused), [i.rule for i in refused.issues]) == (["Stamp"], ["E1"])


def storm(count: int) -> tuple[list[Item], dict[str, object]]:
    """Newcomers that all equal records which have an item already."""
    numbers = range(1, count + 1)
    pairs = [make_pair(n) for n in numbers]
    items = [make_item(n, id=f"new{n}") for n in numbers]
    return items, {"answers": make_answers(*(make_record(n) for n in numbers), paired=pairs)}


def test_C5_twenty_duplicates_are_asked_about_one_by_one() -> None:
    items, more = storm(20)
    assert set(holds(make_plan(*items, **more))) == {"B2"}


def test_C5_twenty_one_are_one_question() -> None:
    items, more = storm(21)
    fresh = make_item(99)
    asked = make_plan(*items, fresh, **more)
    assert holds(asked) == ["C5"]
    assert len(asked.holds[0].members) == 21
    assert one(asked, CreateRecord).item.id == "item99", "the rest goes on"
    approved = make_plan(*items, *answered(asked, "approve"), **more)
    assert holds(approved) == ["B2"] * 21
    rejected = make_plan(*items, *answered(asked, "reject"), **more)
    assert (rejected.actions, rejected.holds) == ((), ())
    parked = {(p.side, p.ref): p for p in rejected.parked}
    later = make_plan(*items, parked=parked, **more)
    assert (later.actions, later.holds) == ((), ()), "stopped until asked"
