"""What becomes of an item without a pair: A7, A11, A12, A20, A23, B1, B2, B5, B7, B13, B15, C1, E1."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.account import Candidates
from mailsync.core.actions import CreateItem, CreateRecord, PairUp, RemoveItem, Stamp, UpdateRecord
from mailsync.core.changes import Sensitivity
from mailsync.core.creation import for_record, is_blocked, last_name
from mailsync.core.notices import Parked
from mailsync.core.person import Flow, Limit
from mailsync.core.policy import LastNameFallback, Several
from mailsync.core.refs import FieldName, ItemId, Side
from tests.unit.core.builders import (
    DOWN,
    NOW,
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
    of,
    one,
    own_item,
    record_id,
)

MATCH = make_record(7, Email="p1@x.example", LastName="Name1")
OTHER = make_record(7, Email="p1@x.example", LastName="Other")


# B2: paired


@pytest.mark.parametrize("excluded", [True, False])
def test_B2_a_paired_item_bears_all_marks_and_none_of_trouble(excluded: bool) -> None:
    item = make_item(1, marked=False, excluded=excluded, categories=("Sync Error", "Sync Error: LastName missing"))
    known = {(Side.MAILBOX, ItemId("item1")): Parked(Side.MAILBOX, "item1", "B1", "")}
    result = make_plan(item, MATCH, answers=make_answers(MATCH), parked=known)
    mark = next(s for s in of(result, Stamp) if s.record)
    assert (mark.category, mark.record, mark.error, mark.counted, mark.why.rule) == (True, MATCH.id, "", True, "B2")
    assert mark.excluded is (False if excluded else None)
    assert {(Side.CRM, MATCH.id), (Side.MAILBOX, "item1")} <= result.looked_at
    assert of(result, CreateItem) == [], "its record is not mirrored"


def test_B2_a_pairing_is_told_under_its_rule_and_a_create_under_A7() -> None:
    assert one(make_plan(make_item(1), answers=make_answers(MATCH)), PairUp).why.rule == "B2"
    assert one(make_plan(make_item(1)), CreateRecord).why.rule == "A7"


def namesakes() -> tuple[Any, Any, Any]:
    """A record; who has its address and no name; who has its name and company and no address."""
    record = make_record(7, Email="a@x.example", LastName="Lee", Company="Acme")
    first = make_item(1, Email="a@x.example", LastName="")
    return record, first, make_item(2, LastName="Lee", Company="Acme", Email="")


def test_B2_a_record_that_got_an_item_in_this_session_is_asked_about() -> None:
    record, first, second = namesakes()
    answers = make_answers(record)
    asked = make_plan(first, second, answers=answers)
    assert ([p.pair.item for p in of(asked, PairUp)], holds(asked)) == (["item1"], ["B2"])
    assert asked.holds[0].question.endswith("another new contact of this session is the same")
    assert [(m.record, m.item) for m in asked.holds[0].members] == [(record.id, "item2")]


def test_B2_approved_while_its_record_gets_its_item_it_is_kept_for_the_next_session() -> None:
    record, first, second = namesakes()
    asked = make_plan(second, answers=make_answers(record))
    reason = asked.holds[0].members[0].note
    assert reason == "same name and company"
    both = make_plan(first, second, answers=make_answers(record))
    approved = make_plan(first, second, *answered(both, "approve"), answers=make_answers(record))
    assert [(h.rule, h.answer) for h in approved.holds] == [("B2", "approve")]
    assert [p.pair.item for p in of(approved, PairUp)] == ["item1"], "one record never gets two items"
    assert ("item2", "B2", NOW) in {(p.ref, p.rule, p.due) for p in approved.parked}


def test_B2_a_choosing_setting_gives_no_record_to_two_items() -> None:
    record, first, second = namesakes()
    policy = make_policy(several=Several.OLDEST)
    result = make_plan(first, second, answers=make_answers(record), policy=policy)
    assert ([p.pair.item for p in of(result, PairUp)], holds(result)) == (["item1"], ["B2"])


@pytest.mark.parametrize("answer", ["approve", "reject"])
def test_B2_3_a_question_carries_its_reason_and_an_answer_its_rule(answer: str) -> None:
    asked = make_plan(make_item(1), answers=make_answers(OTHER))
    assert asked.holds[0].question.endswith("same e-mail address, another name")
    result = make_plan(make_item(1), *answered(asked, answer), answers=make_answers(OTHER))
    if answer == "approve":
        assert (one(result, PairUp).why.rule, result.holds) == ("B2", ())
    else:
        assert (one(result, CreateRecord).item.id, result.holds) == ("item1", ())


def test_B2_approved_it_is_merged_into_the_item_that_its_record_got_meanwhile() -> None:
    asked = make_plan(make_item(1, Department="Sales"), answers=make_answers(OTHER))
    pair = make_pair(7, Email="p1@x.example", LastName="Other")
    paired = make_answers(OTHER, paired=[pair])
    result = make_plan(make_item(1, Department="Sales"), *answered(asked, "approve"), answers=paired)
    assert one(result, RemoveItem).item.id == "item1"
    assert one(result, RemoveItem).why.rule == "B2"
    assert list(one(result, UpdateRecord).moved) == ["Department"]


def twins() -> tuple[Any, Any]:
    return make_item(1, Email="a@x.example"), make_item(2, Email="a@x.example")


def test_B2_a_twin_is_answered_beside_its_elder() -> None:
    asked = make_plan(*twins())
    assert asked.holds[0].question.endswith("another new contact of this session is the same")
    approved = make_plan(*twins(), *answered(asked, "approve"))
    assert [(h.rule, h.answer) for h in approved.holds] == [("B2", "approve")], "the next session merges the two"
    assert [a.item.id for a in of(approved, CreateRecord)] == ["item1"]
    rejected = make_plan(*twins(), *answered(asked, "reject"))
    assert ([a.item.id for a in of(rejected, CreateRecord)], rejected.holds) == (["item1", "item2"], ())


def test_A13_a_private_twin_is_asked_about_for_being_private_alone() -> None:
    first, second = twins()
    assert holds(make_plan(first, replace(second, sensitivity=Sensitivity.PRIVATE))) == ["A13"]


def test_B2_B15_the_twin_of_one_whose_creation_is_in_doubt_is_asked_about_not_created() -> None:
    first, second = twins()
    waiting = make_plan(first, second, in_doubt=frozenset({first.id}))
    assert (of(waiting, CreateRecord), [h.members[0].item for h in waiting.holds]) == ([], ["item2"])
    other = make_item(3, LastName="Ng", Email="b@x.example")
    assert [a.item.id for a in of(make_plan(first, other, in_doubt=frozenset({first.id})), CreateRecord)] == ["item3"]


def test_B2_a_name_alone_makes_twins_only_with_all_of_it() -> None:
    def held(**more: str) -> list[str]:
        first = make_item(1, LastName="Lee", Email="a@x.example", **more)
        return holds(make_plan(first, make_item(2, LastName="Lee", Email="b@x.example")))

    assert held() == ["B2"]
    assert held(FirstName="Ann") == held(Company="Acme") == []


# B15: in doubt

ITEM, STRANGER = make_item(1), make_record(7)


def doubt(*things: Any, unexplained: Any = (STRANGER,), items: Any = (ITEM,), **more: Any) -> Any:
    in_doubt = frozenset(i.id for i in items)
    return make_plan(*items, *things, in_doubt=in_doubt, unexplained=unexplained, **more)


def test_B15_an_unexplained_create_is_asked_about_in_words_and_paired_under_its_rule() -> None:
    asked = doubt()
    assert asked.holds[0].question.endswith("a Contact of yours appeared while an answer was lost")
    assert (asked.actions, [(m.record, m.item) for m in asked.holds[0].members]) == ((), [(STRANGER.id, "item1")])
    approved = doubt(*answered(asked, "approve"))
    assert (one(approved, PairUp).why.rule, one(approved, PairUp).pair.record) == ("B15", STRANGER.id)
    assert of(approved, CreateRecord) == [], "nothing is created beside it"
    rejected = doubt(STRANGER, *answered(asked, "reject"), items=())
    assert one(rejected, CreateItem).record.id == STRANGER.id, "then it is a record like any other"


def test_B15_the_eldest_stranger_is_shown_and_none_twice() -> None:
    strangers = make_record(9), make_record(8)
    asked = doubt(unexplained=strangers)
    assert [m.record for m in asked.holds[0].members] == [record_id(8)]
    both = doubt(unexplained=strangers, items=(ITEM, make_item(2)))
    assert [[m.record for m in h.members] for h in both.holds] == [[record_id(8)], [record_id(9)]]
    one_for_two = doubt(items=(ITEM, make_item(2)))
    assert [m.item for h in one_for_two.holds for m in h.members] == ["item1"]
    assert [(i.code, i.rule, i.item) for i in one_for_two.issues] == [("IN_DOUBT", "B15", "item2")]


def test_B15_what_was_asked_about_stays_what_is_asked_about() -> None:
    """Also once a stranger that is older appears, or the record is seen as one that changed."""
    asked = doubt(unexplained=(make_record(9),))
    older = doubt(*asked.holds, unexplained=(make_record(8), make_record(9)))
    assert [m.record for m in older.holds[0].members] == [record_id(9)]
    seen = doubt(*asked.holds, make_record(9), unexplained=(make_record(8),))
    assert [m.record for m in seen.holds[0].members] == [record_id(9)]


def test_B15_a_record_that_has_an_item_is_no_stranger() -> None:
    paired = make_answers(STRANGER, paired=[make_pair(7)])
    for things in ((), (STRANGER,)):
        result = doubt(*things, answers=paired)
        assert ([i.code for i in result.issues], result.holds) == (["IN_DOUBT"], ())
    asked = doubt()
    later = doubt(*asked.holds, STRANGER, answers=paired)
    assert ([i.code for i in later.issues], later.holds) == (["IN_DOUBT"], ())
    elder = replace(make_item(0, Email="p7@x.example", LastName="Name7"), created=None)
    elder = replace(elder, created=NOW.replace(year=2020))
    given = doubt(elder, *asked.holds, answers=make_answers(STRANGER), items=(ITEM,))
    assert [p.pair.item for p in of(given, PairUp)] == ["item0"], "another newcomer was given it in this session"
    assert (given.holds, [i.code for i in given.issues]) == ((), ["IN_DOUBT"])


def test_B15_once_nothing_is_in_doubt_an_item_goes_its_way() -> None:
    asked = doubt()
    over = make_plan(ITEM, *asked.holds, answers=make_answers(STRANGER, paired=[make_pair(7)]))
    assert [a.item.id for a in of(over, CreateRecord)] == ["item1"]


# A7, B5, B7, A20, B1, B13: created or refused


@pytest.mark.parametrize("inside", [True, False])
def test_C1_a_refused_item_is_marked_where_it_lies_and_waits(inside: bool) -> None:
    result = make_plan(make_item(1, inside=inside, LastName=""))
    assert (one(result, Stamp).category, one(result, Stamp).why.rule) == (True if inside else None, "B1")
    assert [(p.ref, p.rule) for p in result.parked] == [("item1", "B1")]


def test_A20_a_blocked_contact_is_told_and_waits() -> None:
    result = make_plan(make_item(1), policy=make_policy(block=frozenset({"x.example"})))
    assert [(i.code, i.rule, i.field, i.item) for i in result.issues] == [("BLOCKED", "A20", "Email", "item1")]
    assert [(p.ref, p.rule) for p in result.parked] == [("item1", "A20")]


@pytest.mark.parametrize(
    ("address", "entry", "blocked"),
    [
        ("spy@rival.example", "rival.example", True),
        ("spy@rival.example", "spy@rival.example", True),
        ("spy@rival.example", "spy", False),
        ("a@b@rival.example", "rival.example", True),
        ("spy@sub.rival.example", "rival.example", False),
        ("  ", "", False),
    ],
)
def test_A20_an_entry_is_an_address_or_a_whole_domain(address: str, entry: str, blocked: bool) -> None:
    assert is_blocked(make_item(1, Email=address), frozenset({entry})) is blocked


def test_A23_an_exclusion_takes_our_property_off() -> None:
    item = own_item(1)
    asked = make_plan(item)
    assert one(make_plan(item, *answered(asked, "reject")), Stamp).record == ""


@pytest.mark.parametrize(
    ("field", "value", "limit", "rule"),
    [("LastName", "", Limit(80, required=True), "B1"), ("Title", "", Limit(80, required=True), "B13"),
     ("Email", "nobody", Limit(80, required=True), "B13")],
)  # fmt: skip
def test_B1_what_is_required_and_missing_or_refused_is_told_once(
    field: str, value: str, limit: Limit, rule: str
) -> None:
    policy = make_policy(crm={field: limit})
    result = make_plan(make_item(1, **{field: value}), policy=policy)
    assert [(i.code, i.rule, i.field) for i in result.issues] == [("REQUIRED_FIELD", rule, field)]
    problems = for_record(make_item(1, **{field: value}), policy).problems
    assert [(p.field, p.required) for p in problems] == [(field, True)]


def test_B1_a_field_that_does_not_go_up_or_is_hidden_is_not_required() -> None:
    policy = make_policy(crm={"Title": Limit(80, required=True)})
    down = tuple(replace(f, flow=Flow.DOWN) if f.name == "Title" else f for f in policy.fields)
    assert for_record(make_item(1), replace(policy, fields=down)).problems == ()
    hidden = {n: x for n, x in policy.crm_limits.items() if n != "Title"}
    assert for_record(make_item(1), replace(policy, crm_limits=hidden)).problems == ()


def test_B13_what_is_skipped_or_cut_is_told_under_its_rule() -> None:
    result = make_plan(make_item(1, Title="x" * 200, Birthdate="some day"))
    assert {(i.code, i.rule) for i in result.issues} == {("VALUE_CUT", "B13"), ("FIELD_SKIPPED", "B13")}
    closed = make_policy(crm={"Department": Limit(createable=False)})
    fitted = for_record(make_item(1, Department="Sales"), closed)
    assert ([p.field for p in fitted.problems], "Department" in fitted.values) == (["Department"], False)
    blank = for_record(make_item(1), closed)
    assert blank.problems == (), "what is blank needs no place"


@pytest.mark.parametrize(
    ("fallback", "expected"),
    [
        (LastNameFallback.ISSUE, ""),
        (LastNameFallback.GIVEN, "Ann"),
        (LastNameFallback.FILE_AS, "Filed"),
        (LastNameFallback.COMPANY, "Acme"),
    ],
)
def test_B1_the_last_name_is_the_contacts_own_else_the_fallbacks(fallback: LastNameFallback, expected: str) -> None:
    nameless = make_item(1, LastName=" ", FirstName=" Ann ", Company=" Acme ", file_as=" Filed ")
    assert last_name(nameless, fallback) == expected
    assert last_name(make_item(1, LastName=" Lee "), fallback) == "Lee"


def test_B6_the_legal_form_is_passed_over_where_that_is_on() -> None:
    answers = make_answers(Acme=Candidates((account(1, "Acme"),)))
    for strip, linked in ((True, account(1, "Acme").id), (False, None)):
        policy = make_policy(strip_company_suffix=strip)
        created = one(make_plan(make_item(1, Company="Acme Inc"), answers=answers, policy=policy), CreateRecord)
        assert created.link.account == linked


def test_E1_down_a_refusal_is_told_under_its_rule() -> None:
    result = make_plan(make_item(1), policy=DOWN)
    assert (kinds(result), [(i.code, i.rule) for i in result.issues]) == (["Stamp"], [("DIRECTION_DOWN", "E1")])
    assert FieldName("Email") in make_item(1).values
