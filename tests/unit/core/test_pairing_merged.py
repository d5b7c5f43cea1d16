"""B2 approved: what another item adds reaches the record, and after it the pair's own item (B13, E1, L5)."""

from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.actions import UpdateItem, UpdateRecord, Why
from mailsync.core.draft import Draft
from mailsync.core.merge import Moved
from mailsync.core.pair import Base, Pair, PairState
from mailsync.core.pairing import fill_from
from mailsync.core.person import Flow, Limit
from mailsync.core.policy import Direction, Policy, Winner
from mailsync.core.refs import FieldName
from tests.unit.core.builders import make_draft, make_item, make_pair, make_policy, make_record, of, one, own_item

DEPARTMENT = FieldName("Department")
PAIR = make_pair(1)
OTHER = make_item(2, LastName="Name1", Email="p1@x.example", Department="Sales")


def fill(pair: Pair = PAIR, *things: Any, before: tuple[Any, ...] = (), **more: Any) -> Draft:
    """The draft after OTHER was merged into the pair's record; `before`: what is drafted already."""
    draft = make_draft(pair, make_record(1), *things, **more)
    draft.actions += before
    fill_from(draft, pair, make_record(1), OTHER)
    assert one(draft, UpdateRecord).moved[DEPARTMENT].sent == "Sales"
    return draft


def own(draft: Draft) -> list[Moved]:
    return [a.moved[DEPARTMENT] for a in of(draft, UpdateItem) if DEPARTMENT in a.moved]


def update(number: int) -> UpdateItem:
    return UpdateItem(make_pair(number), None, {}, {}, Why("B10", ""))


def test_B2_the_pairs_own_item_gets_it_once_the_record_has_it() -> None:
    for things in ((), (own_item(1),)):
        draft = fill(PAIR, *things)
        (moved,) = own(draft)
        assert (moved.sent, moved.source, moved.before, moved.onward) == ("Sales", "Sales", "", True)
        assert one(draft, UpdateItem).names["LastName"] == "Name1"
    assert len(own(fill(before=(update(2),)))) == 1, "another pair's update is no hindrance"
    assert len(own(fill(make_pair(1, in_scope=False, pinned=True)))) == 1


@pytest.mark.parametrize(
    ("pair", "more"),
    [
        (make_pair(1, item=None), {}),
        (PAIR, {"gone": [1]}),
        (make_pair(1, in_scope=False), {}),
        (make_pair(1, state=PairState.FROZEN), {}),
        (PAIR, {"policy": make_policy(direction=Direction.UP)}),
        (PAIR, {"before": (update(2), update(1))}),
        (replace(PAIR, mailbox=Base({n: v for n, v in PAIR.mailbox.values.items() if n != "Department"})), {}),
    ],
    ids=["no item", "gone", "out of scope", "frozen", "up", "written to already", "no base"],
)
def test_B2_an_item_that_may_not_be_written_now_gets_it_in_a_later_session(pair: Pair, more: dict[str, Any]) -> None:
    assert own(fill(pair, **more)) == []


def test_L5_what_a_person_edited_in_the_own_item_is_left_to_the_next_session() -> None:
    assert own(fill(PAIR, own_item(1, Department="Mine"))) == []


def narrowed(**changes: Any) -> Policy:
    policy = make_policy()
    flow = changes.get("flow", Flow.BOTH)
    fields = tuple(replace(f, flow=flow) if f.name == "Department" else f for f in policy.fields)
    hidden = {n: x for n, x in policy.mailbox_limits.items() if n != "Department" or not changes.get("hidden")}
    return replace(policy, fields=fields, mailbox_limits=hidden)


@pytest.mark.parametrize(
    "policy",
    [
        narrowed(hidden=True),
        narrowed(flow=Flow.UP),
    ],
    ids=["hidden there", "only up"],
)
def test_B13_a_field_that_the_mailbox_does_not_take_stays_with_the_record(policy: Policy) -> None:
    assert own(fill(policy=policy)) == []


def test_B13_what_is_cut_to_what_is_there_or_refused_is_not_written() -> None:
    """The record gets the whole number; the mailbox refuses it, or holds as much of the text as it can."""
    phone = FieldName("Phone")
    long = make_item(2, LastName="Name1", Email="p1@x.example", Phone="+1 202 555 0100")
    draft = make_draft(PAIR, make_record(1), policy=make_policy(mailbox={"Phone": Limit(5)}))
    fill_from(draft, PAIR, make_record(1), long)
    assert (one(draft, UpdateRecord).moved[phone].sent, of(draft, UpdateItem)) == ("+1 202 555 0100", [])
    pair, record = make_pair(1, Title="Chief"), make_record(1, Title="Boss")
    draft = make_draft(pair, record, policy=make_policy(winner=Winner.MAILBOX, mailbox={"Title": Limit(5)}))
    fill_from(draft, pair, record, make_item(2, LastName="Name1", Email="p1@x.example", Title="Chief Executive"))
    assert (len(of(draft, UpdateRecord)), of(draft, UpdateItem)) == (1, [])
