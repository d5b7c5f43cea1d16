"""B9, B2: which companies and people are asked about, and what becomes of a question about an Account."""

from dataclasses import replace

import pytest

from mailsync.core.account import Candidates
from mailsync.core.actions import PairUp, UpdateRecord
from mailsync.core.changes import Item
from mailsync.core.notices import Hold
from mailsync.core.pair import PairState
from mailsync.core.planner import Questions, questions
from mailsync.core.policy import CompanyChange, Direction
from mailsync.core.refs import AccountId, ItemId
from tests.unit.core.builders import (
    account,
    answered,
    deleted,
    holds,
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

GLOBEX = account(1, "Globex Trading")
FOUND = make_answers(Globex=Candidates((), (GLOBEX,)))
RELINK = make_policy(company_change=CompanyChange.RELINK)
EDITED: tuple[object, ...] = (make_pair(1, Company="Acme"), own_item(1, Company="Globex"))


@pytest.mark.parametrize("asked", ["emails", "names", "companies"])
def test_B2_one_thing_to_look_up_is_enough_to_ask(asked: str) -> None:
    nothing = Questions(frozenset(), frozenset(), frozenset())
    assert not nothing
    assert replace(nothing, **{asked: frozenset({"x"})})


def test_B2_who_returned_or_was_left_over_is_looked_up_too() -> None:
    returned = own_item(1, id=ItemId("restored"), Email="back@x.example", Company="")
    left = own_item(2, Email="left@x.example", Company="")
    asked = questions(make_sight(make_pair(1, recreated=1), own_item(1), returned, left), make_policy())
    assert asked.emails == {"back@x.example", "left@x.example"}
    assert asked.companies == frozenset(), "a blank company is not searched"


def test_B2_a_last_name_alone_is_asked_for_and_no_name_is_not() -> None:
    asked = questions(make_sight(make_item(1), make_item(2, LastName="", Email="only@x.example")), make_policy())
    assert asked.names == {("", "Name1")}


def test_B9_companies_that_nobody_edited_are_not_looked_up() -> None:
    other = (make_pair(2, Company="Initech"), own_item(2, Company="initech".title() + " ", Title="CEO"))
    assert questions(make_sight(*EDITED, *other), make_policy()).companies == {"Globex"}
    unread = make_pair(4), make_record(4, Title="CEO")
    assert questions(make_sight(*EDITED, *unread), make_policy()).companies == {"Globex"}


def test_B6_the_settings_of_the_link_hold_for_relinks() -> None:
    assert holds(make_plan(*EDITED, answers=FOUND)) == ["B9"]
    assert holds(make_plan(*EDITED, answers=FOUND, policy=make_policy(min_substring=7))) == []
    suffixed = (make_pair(1, Company="Acme"), own_item(1, Company="Globex Inc"))
    exact = make_answers(Globex=Candidates((GLOBEX,), (GLOBEX,)))
    assert holds(make_plan(*suffixed, answers=exact)) == []
    assert holds(make_plan(*suffixed, answers=exact, policy=make_policy(strip_company_suffix=True))) == ["B9"]


def test_B9_no_account_or_the_same_is_no_question_and_the_next_pair_is_asked_about() -> None:
    unknown = (make_pair(2, Company="Acme"), own_item(2, Company="Nowhere"))
    linked = (make_pair(3, Company="Acme", account=GLOBEX.id), own_item(3, Company="Globex"))
    result = make_plan(*unknown, *linked, *EDITED, answers=FOUND)
    assert [[m.record for m in h.members] for h in result.holds] == [[record_id(1)]]
    assert holds(make_plan(*unknown, answers=FOUND)) == []
    assert holds(make_plan(*linked, answers=FOUND)) == []


def test_B9_relinked_the_base_takes_the_company_only_together_with_the_account() -> None:
    """Beside it another pair has an edited company that finds no Account: that one's base does take the text."""
    other = (make_pair(2, Company="Acme"), own_item(2, Company="Nowhere"))
    result = make_plan(*EDITED, *other, answers=FOUND, policy=RELINK)
    update = one(result, UpdateRecord)
    assert (update.account, update.account_name, update.company) == (GLOBEX.id, "Globex Trading", "Globex")
    assert (update.why.rule, update.pair.record) == ("B9", record_id(1))
    bases = {a.pair.record: (a.pair.mailbox.values["Company"], dict(a.left)) for a in of(result, PairUp)}
    assert bases == {record_id(1): ("Acme", {}), record_id(2): ("Nowhere", {"Company": "Nowhere"})}


def test_B9_a_relink_rides_on_its_own_pairs_update_alone() -> None:
    titled = own_item(1, Company="Globex", Title="CEO")
    other = (make_pair(0), own_item(0, Title="CFO"))
    result = make_plan(make_pair(1, Company="Acme"), titled, *other, answers=FOUND, policy=RELINK)
    links = {a.pair.record: (a.account, a.account_name, a.company) for a in of(result, UpdateRecord)}
    assert links == {record_id(0): (None, "", ""), record_id(1): (GLOBEX.id, "Globex Trading", "Globex")}


def asked_about() -> tuple[object, ...]:
    """The pair after the question was put, and the question as approved."""
    asked = make_plan(*EDITED, answers=FOUND)
    return one(asked, PairUp).pair, *answered(asked, "approve")


def test_B9_approved_it_is_relinked_with_the_accounts_whole_name() -> None:
    update = one(make_plan(*asked_about()), UpdateRecord)
    assert (update.account, update.account_name, update.company) == (GLOBEX.id, "Globex Trading", "")


@pytest.mark.parametrize("why", ["deleted", "unreadable", "down", "linked", "dormant", "no pair"])
def test_B9_an_answer_ends_with_what_it_was_about(why: str) -> None:
    pair, hold = asked_about()
    assert isinstance(pair, type(make_pair(1)))
    more: dict[str, object] = {}
    things: list[object] = [pair, hold]
    match why:
        case "deleted":
            things.append(deleted(1))
        case "unreadable":
            more = {"unreadable": frozenset({record_id(1)})}
        case "down":
            more = {"policy": make_policy(direction=Direction.DOWN)}
        case "linked":
            things[0] = replace(pair, account=GLOBEX.id)
        case "dormant":
            things[0] = replace(pair, state=PairState.DORMANT)
        case _:
            things = [hold]
    result = make_plan(*things, **more)
    assert of(result, UpdateRecord) == []
    assert "B9" not in holds(result)


def test_B9_a_new_question_takes_the_old_ones_place() -> None:
    """Edited again to the same Account's name: asked once, about the item as it is now."""
    pair, hold = asked_about()
    item: Item = own_item(1, Company="Globex Trading", version="i2")
    found = make_answers(Globex_Trading=Candidates((GLOBEX,)))
    again = make_plan(pair, replace(hold, answer=""), item, answers=found)
    (member,) = [m for h in again.holds for m in h.members]
    assert (member.item, member.mailbox_version) == ("item1", "i2")
    assert AccountId(member.note.split(" ")[0]) == GLOBEX.id


def test_B9_a_company_without_an_account_never_unlinks() -> None:
    linked = make_pair(1, Company="Acme", account=AccountId("001A")), own_item(1, Company="Nowhere")
    assert holds(make_plan(*linked, answers=FOUND)) == []
    assert of(make_plan(*linked, answers=FOUND, policy=RELINK), UpdateRecord) == []


def test_B9_rejected_the_question_is_over() -> None:
    pair, hold = asked_about()
    assert isinstance(hold, Hold)
    result = make_plan(pair, replace(hold, answer="reject"))
    assert (result.actions, result.holds) == ((), ())


def test_B9_relinked_beside_other_pairs_the_base_stays_the_pairs_own() -> None:
    result = make_plan(make_pair(0, Company="Initech"), *EDITED, own_item(0, Title="CFO"), answers=FOUND, policy=RELINK)
    assert [a.pair.mailbox.values["Company"] for a in of(result, PairUp) if a.pair.record == record_id(1)] == ["Acme"]
    earlier = make_pair(0), own_item(0, Title="CFO"), *EDITED
    links = {a.pair.record: a.account for a in of(make_plan(*earlier, answers=FOUND, policy=RELINK), UpdateRecord)}
    assert links == {record_id(0): None, record_id(1): GLOBEX.id}


def test_B9_a_relink_never_rides_on_what_another_item_adds() -> None:
    """That update leaves the bases where they are, and the base must take the company with the Account."""
    pair, item = EDITED
    record = make_record(1, Company="Acme")
    other = make_item(2, LastName="Name1", Email="p1@x.example", Department="Sales")
    found = replace(FOUND, candidates=(record,), paired={pair.record: pair})
    world = pair, item, record, other
    asked = make_plan(*world, answers=found, policy=RELINK)
    merged = make_plan(*world, *answered(asked, "approve"), answers=found, policy=RELINK)
    updates = {tuple(a.moved): (a.account, a.advance) for a in of(merged, UpdateRecord)}
    assert updates == {("Department",): (None, False), (): (GLOBEX.id, True)}
