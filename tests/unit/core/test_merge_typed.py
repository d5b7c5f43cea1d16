"""B12: a value that a person typed in place of both sides'; and single edges of the merge (B4, B9, B13, A18)."""

from typing import Any

import pytest

from mailsync.core.divergence import is_diverged
from mailsync.core.merge import Merged, merge
from mailsync.core.person import Limit
from mailsync.core.policy import Direction, Policy, Winner
from mailsync.core.refs import FieldName, Side
from tests.unit.core.builders import make_policy, values
from tests.unit.core.test_merge import COMPANY, TITLE, run, sent, sides
from tests.unit.core.test_merge_edges import half

ASK = make_policy(winner=Winner.ASK)


def typed(value: str, policy: Policy = ASK, crm: str = "CEO", mailbox: str = "CTO") -> Merged:
    """The merge of a conflict for which a person typed a value; Salesforce's side counts as chosen beside it."""
    answers: dict[str, Any] = {"typed": {TITLE: value}, "chosen": {TITLE: Side.MAILBOX}}
    return run("old", crm, mailbox, policy=policy, **answers)


def test_B12_both_sides_get_what_was_typed_the_record_first() -> None:
    merged = typed("CFO")
    up, down = merged.up[TITLE], merged.down[TITLE]
    assert (up.sent, up.source, up.before, up.lost, up.onward) == ("CFO", "CTO", "CEO", True, True)
    assert (down.sent, down.source, down.before, down.lost, down.onward) == ("CFO", "CFO", "CTO", True, True)
    assert (merged.asked, merged.problems) == ([], [])


def test_B12_a_side_that_holds_it_already_gets_nothing() -> None:
    record = typed("CEO")
    assert (sent(record.up), sent(record.down), record.down[TITLE].lost) == ({}, {"Title": "CEO"}, True)
    item = typed("CTO")
    assert (sent(item.up), sent(item.down)) == ({"Title": "CTO"}, {})
    assert (item.up[TITLE].lost, item.up[TITLE].onward) == (True, False)


def test_B12_it_is_cut_to_what_each_side_takes() -> None:
    merged = typed("Chief", make_policy(winner=Winner.ASK, crm={"Title": Limit(3)}, mailbox={"Title": Limit(4)}))
    assert (sent(merged.up), sent(merged.down)) == ({"Title": "Chi"}, {"Title": "Chie"})
    assert (merged.up[TITLE].cut, merged.down[TITLE].cut) == (True, True)


@pytest.mark.parametrize("side", ["crm", "mailbox"])
@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        (Limit(updateable=False), "CFO", "read-only"),
        (Limit(required=True), "", "can't be emptied"),
        (None, "CFO", "read-only"),
    ],
    ids=["read-only", "required", "hidden"],
)
def test_B12_what_one_side_can_not_take_goes_to_neither(side: str, limit: Limit | None, value: str, words: str) -> None:
    policy = make_policy(winner=Winner.ASK, **{side: {"Title": limit}} if limit else {})
    if limit is None:
        limits = policy.crm_limits if side == "crm" else policy.mailbox_limits
        del limits[TITLE]  # type: ignore[attr-defined]
    merged = typed(value, policy)
    assert (merged.up, merged.down) == ({}, {})
    assert [(p.field, words in p.message) for p in merged.problems] == [("Title", True)]


def test_B12_what_was_typed_must_be_a_value_of_its_field_and_may_be_blank_or_required() -> None:
    day = FieldName("Birthdate")
    answers: dict[str, Any] = {"typed": {day: "some day"}, "chosen": {day: Side.MAILBOX}}
    refused = merge(sides("1980-01-01", "1981-01-01", "1982-01-01", "Birthdate", **answers), ASK)
    assert (refused.up, refused.down, len(refused.problems)) == ({}, {}, 1)
    assert sent(typed("").up) == {"Title": ""}
    assert sent(typed("CFO", make_policy(winner=Winner.ASK, crm={"Title": Limit(required=True)})).up) == {
        "Title": "CFO"
    }


@pytest.mark.parametrize("direction", [Direction.UP, Direction.DOWN])
def test_E1_in_one_direction_nothing_is_typed_for_both(direction: Direction) -> None:
    merged = typed("CFO", make_policy(direction=direction))
    assert "CFO" not in {*sent(merged.up).values(), *sent(merged.down).values()}


def test_B12_another_field_is_decided_as_ever() -> None:
    answers: dict[str, Any] = {"typed": {FieldName("Phone"): "1"}}
    assert sent(run("old", "CEO", "CTO", policy=make_policy(), **answers).down) == {"Title": "CEO"}


@pytest.mark.parametrize(("side", "moved"), [("crm_base", "up"), ("mailbox_base", "down")])
def test_B4_a_blank_that_no_base_tells_of_is_filled(side: str, moved: str) -> None:
    """Nobody emptied it: the field is new on that side."""
    blank = ("", "CEO") if side == "crm_base" else ("CEO", "")
    merged = merge(half(TITLE, side, sides("CEO", *blank)), make_policy())
    assert sent(getattr(merged, moved)) == {"Title": "CEO"}


def test_B9_an_emptied_company_is_noted_and_no_question() -> None:
    merged = run("Acme", "Acme", "", "Company")
    assert (merged.company, merged.left) == (None, {COMPANY: ""})
    renamed = run("Acme", "Acme", "Globex", "Company")
    assert (renamed.company, renamed.left) == ("Globex", {COMPANY: "Globex"})


def test_A18_what_both_hold_is_in_step_though_the_mailbox_would_not_take_it_anew() -> None:
    policy = make_policy(mailbox={"Title": Limit(5)})
    both = values(Title="Chief Executive")
    assert not is_diverged(both, both, policy)
    assert is_diverged(both, values(Title="Other"), policy)
