"""Questions and their answers, and what waits for them: A21, B2, B8, C7."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.draft import member
from mailsync.core.holds import Answer, answer_of, hold_name, is_decided, new_hold
from mailsync.core.notices import Hold, HoldMember, Parked
from mailsync.core.refs import ItemId, RecordId, Side, Version
from tests.unit.core.builders import NOW, deleted, make_draft, make_item, make_pair, make_record, own_item, record_id

ITEM = ItemId("item1")
ASKED = HoldMember(record_id(1), ITEM, Version("r1"), Version("i1"), "Title")


def hold(*members: HoldMember, rule: str = "B12", name: str = "set", answer: str = "") -> Hold:
    return replace(new_hold(rule, name, members), answer=answer)


def test_C7_a_question_has_a_short_name_of_its_own() -> None:
    """Short enough to be typed; what it is about is told apart whatever stands side by side."""
    assert hold_name("D1", "a", "bc") != hold_name("D1", "ab", "c")
    assert hold_name("D1", "a") == hold_name("D1", "a") != hold_name("D3", "a")
    assert [len(p) for p in hold_name("D1", "a").split("-")] == [2, 8]
    assert hold_name("A5") == "A5"


@pytest.mark.parametrize(
    ("now", "counts"),
    [
        ({}, True),
        ({"crm_version": Version("r2")}, False),
        ({"mailbox_version": Version("i2")}, False),
        ({"crm_version": Version(""), "mailbox_version": Version("")}, True),
        ({"note": "Phone"}, False),
        ({"record": record_id(2)}, False),
        ({"item": ItemId("item2")}, False),
    ],
    ids=["as asked", "record moved", "item moved", "versions not known", "other note", "other record", "other item"],
)
def test_C7_an_answer_counts_while_the_world_is_as_it_was_asked_about(now: dict[str, Any], counts: bool) -> None:
    for answer, expected in (("approve", Answer.APPROVED), ("reject", Answer.REJECTED)):
        found = answer_of(hold(ASKED, answer=answer), (replace(ASKED, **now),))
        assert found is (expected if counts else Answer.OPEN)
    assert answer_of(hold(ASKED), (ASKED,)) is answer_of(None, (ASKED,)) is Answer.OPEN
    unknown = replace(ASKED, crm_version=Version(""))
    assert answer_of(hold(unknown, answer="approve"), (ASKED,)) is Answer.APPROVED, "our own write, asked about blindly"


def test_C7_an_answer_about_an_item_alone_counts_whatever_its_record_is_by_now() -> None:
    alone = HoldMember(None, ITEM, mailbox_version=Version("i1"))
    assert answer_of(hold(alone, answer="approve"), (replace(alone, record=record_id(1)),)) is Answer.APPROVED
    assert answer_of(hold(alone, answer="approve"), (replace(alone, item=ItemId("item2")),)) is Answer.OPEN


def test_C7_an_answer_about_a_set_counts_for_members_of_that_set_alone() -> None:
    other = replace(ASKED, item=ItemId("item2"), record=record_id(2))
    answered = hold(ASKED, answer="approve")
    assert answer_of(answered, (ASKED, other)) is Answer.OPEN
    assert answer_of(hold(other, ASKED, answer="approve"), (ASKED,)) is Answer.APPROVED


RECORD_LOOKED, ITEM_LOOKED = (Side.CRM, record_id(1)), (Side.MAILBOX, "item1")


@pytest.mark.parametrize(
    ("rule", "asked", "looked", "decided"),
    [
        ("B12", ASKED, RECORD_LOOKED, True),
        ("B12", ASKED, ITEM_LOOKED, True),
        ("B12", ASKED, (Side.CRM, "item1"), False),
        ("B12", replace(ASKED, item=None), RECORD_LOOKED, True),
        ("B2", ASKED, RECORD_LOOKED, False),
        ("B2", ASKED, ITEM_LOOKED, True),
        ("B2", replace(ASKED, item=None), RECORD_LOOKED, True),
        ("B12", replace(ASKED, record=None, item=None), (Side.CRM, "None"), False),
    ],
)
def test_C7_a_question_about_a_newcomer_is_decided_with_its_item_alone(
    rule: str, asked: HoldMember, looked: tuple[Side, str], decided: bool
) -> None:
    assert is_decided(rule, asked, {looked}) is decided


# The draft


def test_A21_what_a_plan_looked_at_is_decided_anew() -> None:
    draft = make_draft()
    draft.look(record_id(1), ITEM)
    draft.look(None, None)
    assert draft.plan().looked_at == {RECORD_LOOKED, ITEM_LOOKED}
    only = make_draft()
    only.look(None, ITEM)
    assert only.plan().looked_at == {ITEM_LOOKED}


@pytest.mark.parametrize(
    ("rule", "about"),
    [(r, record_id(1)) for r in ("A1", "B4", "B9", "B12", "C5", "D1", "D3")]
    + [(r, "item1") for r in ("A11", "A13", "B2", "B15", "B17", "D6")],
)
def test_C7_a_question_about_a_pair_is_named_by_its_record_others_by_the_item(rule: str, about: str) -> None:
    draft = make_draft()
    assert draft.ask(rule, ASKED, "more", detail="in words") is Answer.OPEN
    (asked,) = draft.plan().holds
    assert (asked.name, asked.members) == (hold_name(rule, about, "more"), (ASKED,))
    assert asked.question.endswith(": in words")
    assert {(p.side, p.ref, p.rule) for p in draft.parked} == {(*RECORD_LOOKED, rule), (*ITEM_LOOKED, rule)}


def test_A21_a_parked_record_counts_for_the_scope_and_is_not_mirrored() -> None:
    draft = make_draft(make_record(1), make_record(2, in_scope=False))
    for number in (1, 2, 3):
        draft.park(record_id(number), None, "B8", "refused")
    assert [(p.ref, p.in_scope, p.due) for p in draft.parked] == [
        (record_id(1), True, None),
        (record_id(2), False, None),
        (record_id(3), False, None),
    ]
    assert draft.claimed == {record_id(n) for n in (1, 2, 3)}


@pytest.mark.parametrize(("rule", "soon", "due"), [("B8", False, None), ("B8", True, NOW), ("B12", False, NOW)])
def test_A21_what_must_be_read_again_is_due_in_the_next_session(rule: str, soon: bool, due: object) -> None:
    draft = make_draft()
    draft.park(record_id(1), ITEM, rule, "why", soon=soon)
    assert [p.due for p in draft.parked] == [due, due]


def test_C7_a_set_is_asked_about_on_with_those_that_nobody_decided_about() -> None:
    """A member that is asked about again takes its own place, one that was looked at otherwise leaves."""
    first, second, third = (HoldMember(None, ItemId(f"item{n}"), mailbox_version=Version("i1")) for n in (1, 2, 3))
    draft = make_draft(hold(first, second, third, rule="A5", name="A5"))
    draft.look(None, second.item)
    again = replace(first, mailbox_version=Version("i2"))
    draft.ask_set("A5", "A5", (again,))
    assert draft.plan().holds[0].members == (third, again)


@pytest.mark.parametrize(("answer", "looked", "kept"), [("", True, 1), ("", False, None), ("approve", True, None)])
def test_C7_an_open_set_shrinks_an_answered_or_untouched_one_is_left_alone(
    answer: str, looked: bool, kept: int | None
) -> None:
    members = [HoldMember(None, ItemId(f"item{n}")) for n in (1, 2)]
    draft = make_draft(hold(*members, rule="A5", name="A5", answer=answer))
    if looked:
        draft.look(None, ITEM)
    assert [len(h.members) for h in draft.plan().holds] == ([] if kept is None else [kept])


SHOWN = Parked(Side.CRM, record_id(1), "B2", "waits for an answer", in_scope=True)


OTHER = hold(replace(ASKED, item=ItemId("item2")), rule="B2", name="other")


@pytest.mark.parametrize(
    ("there", "hidden", "looked", "due"),
    [
        ([], [], ITEM, [replace(SHOWN, due=NOW)]),
        ([], [], ItemId("item2"), []),
        ([OTHER], [], ITEM, []),
        ([make_record(1)], [], ITEM, []),
        ([deleted(1)], [], ITEM, []),
        ([], [record_id(1)], ITEM, []),
    ],
    ids=["let go", "asked about still", "shown by another question", "read by now", "deleted by now", "hidden by now"],
)
def test_A17_B2_a_record_that_no_question_shows_any_more_is_read_in_the_next_session(
    there: list[Any], hidden: list[RecordId], looked: ItemId, due: list[Parked]
) -> None:
    parked = {(Side.CRM, SHOWN.ref): SHOWN}
    draft = make_draft(hold(ASKED, rule="B2", name="one"), *there, parked=parked, unreadable=frozenset(hidden))
    draft.look(None, looked)
    assert [p for p in draft.plan().parked if p.ref == SHOWN.ref] == due


def test_A17_B2_a_record_that_is_asked_about_again_or_waits_for_something_else_stays_as_it_is() -> None:
    for known, again in ((SHOWN, ASKED), (replace(SHOWN, rule="B15"), replace(ASKED, record=record_id(2)))):
        draft = make_draft(hold(ASKED, rule="B2", name="one"), parked={(Side.CRM, SHOWN.ref): known})
        draft.look(None, ITEM)
        draft.ask_set("B2", "one", (again,))
        assert [p.due for p in draft.plan().parked if p.ref == SHOWN.ref] == [None] * (again is ASKED)


def test_C7_an_answer_that_can_not_be_carried_out_yet_is_kept_for_the_next_session() -> None:
    name = hold_name("B2", "item1")
    draft = make_draft(hold(ASKED, rule="B2", name=name, answer="approve"))
    draft.keep_asking("B2", ITEM)
    assert [(h.name, h.answer) for h in draft.plan().holds] == [(name, "approve")]
    assert [(p.ref, p.rule, p.due) for p in draft.parked] == [("item1", "B2", NOW)]


def test_C7_a_member_names_what_was_read_else_what_the_pair_knows() -> None:
    pair, record, item = make_pair(1), make_record(2, version="r2"), own_item(3, version="i3")
    assert member(pair, record, item, "n") == HoldMember(
        record_id(2), ItemId("item3"), Version("r2"), Version("i3"), "n"
    )
    assert member(pair, None, None) == HoldMember(record_id(1), ITEM, Version("r1"), Version("i1"))
    assert member(None, None, make_item(1)) == HoldMember(None, ITEM, Version(""), Version("i1"))
    assert member(None, record, None) == HoldMember(record_id(2), None, Version("r2"), Version(""))
