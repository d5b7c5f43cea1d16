"""D8, A3: what the brake counts, on which side, and what a rejection leaves."""

import pytest

from mailsync.core.actions import CreateItem, DeleteRecord, EndPair, PairUp, RemoveItem, UpdateItem, UpdateRecord, Why
from mailsync.core.guard import brake
from mailsync.core.holds import hold_name
from mailsync.core.merge import Moved
from mailsync.core.pair import PairState
from mailsync.core.person import Address
from mailsync.core.policy import AutoRemoval, Direction
from mailsync.core.refs import FieldName, ItemId, Side
from tests.unit.core.builders import (
    ALLOWED,
    answered,
    deleted,
    dormant,
    holds,
    kinds,
    make_draft,
    make_pair,
    make_plan,
    make_policy,
    make_record,
    of,
    own_item,
    record_id,
)

ELEVEN = range(11)


def blanked_up(**more: object) -> list[object]:
    """Eleven titles emptied in the mailbox."""
    return [*(make_pair(n, Title="CEO", **more) for n in ELEVEN), *(own_item(n) for n in ELEVEN)]


def blanked_down() -> list[object]:
    """Eleven titles emptied in Salesforce."""
    return [*(make_pair(n, Title="CEO") for n in ELEVEN), *(make_record(n) for n in ELEVEN)]


@pytest.mark.parametrize(
    ("world", "side", "words"),
    [
        (blanked_up(), Side.CRM, "11 contacts in Salesforce"),
        (blanked_down(), Side.MAILBOX, "11 contacts in the mailbox"),
    ],
)
def test_D8_blanks_count_on_the_side_that_they_would_be_written_to(world: list[object], side: Side, words: str) -> None:
    (hold,) = make_plan(*world).holds
    assert hold.name == hold_name("D8", side.value)
    assert hold.question.endswith(words)


def test_D8_deletions_and_removals_are_two_questions_of_their_own_sides() -> None:
    gone = make_plan(*(make_pair(n) for n in ELEVEN), *(make_record(n) for n in ELEVEN), gone=ELEVEN, policy=ALLOWED)
    assert [h.name for h in gone.holds] == [hold_name("D8", Side.CRM.value)]
    left = make_plan(*(make_pair(n) for n in ELEVEN), *(own_item(n) for n in ELEVEN), *(deleted(n) for n in ELEVEN))
    assert [h.name for h in left.holds] == [hold_name("D8", Side.MAILBOX.value)]


def test_D8_only_a_value_turned_blank_counts() -> None:
    """Neither a value that was filled, nor one that replaced another; an address is blank without any part."""
    pairs = [make_pair(n) for n in ELEVEN]
    assert make_plan(*pairs, *(own_item(n, Title="CEO") for n in ELEVEN)).holds == ()
    titled = [make_pair(n, Title="CEO") for n in ELEVEN]
    assert make_plan(*titled, *(own_item(n, Title="CTO") for n in ELEVEN)).holds == ()
    homes = [make_pair(n, MailingAddress=Address("1 Main St")) for n in ELEVEN]
    assert holds(make_plan(*homes, *(own_item(n) for n in ELEVEN))) == ["D8"]


def test_D8_each_blank_counts_by_itself() -> None:
    pairs = [make_pair(n, Title="CEO", Department="Sales") for n in range(6)]
    items = [own_item(n) for n in range(6)]
    assert len(make_plan(*pairs, *items).holds) == 1, "six contacts, twelve values"
    assert make_plan(*pairs[:5], *items[:5]).holds == ()


@pytest.mark.parametrize(
    ("done", "held"), [({"delete": 5, "blank salesforce": 5}, True), ({"delete": 5, "blank salesforce": 4}, False)]
)
def test_D8_the_last_days_deletions_and_blanks_of_a_side_are_added_up(done: dict[str, int], held: bool) -> None:
    result = make_plan(make_pair(1, Title="CEO"), own_item(1), counted=done)
    assert bool(result.holds) is held


def test_D8_the_other_sides_last_day_does_not_count() -> None:
    assert make_plan(make_pair(1, Title="CEO"), own_item(1), counted={"remove": 10, "blank mailbox": 10}).holds == ()


def test_A3_a_suspicious_listing_holds_what_it_lacks_and_nothing_else() -> None:
    ended = make_plan(make_pair(1), own_item(1), deleted(1), suspicious=True)
    assert (len(of(ended, RemoveItem)), ended.holds) == (1, ()), "Salesforce's own word is no listing"
    lacking = make_plan(make_pair(1), make_record(1), gone=[1], suspicious=True)
    assert (of(lacking, CreateItem), [h.name for h in lacking.holds]) == ([], [hold_name("D8", Side.MAILBOX.value)])
    new = make_plan(make_record(2), suspicious=True)
    assert (len(of(new, CreateItem)), new.holds) == (1, ()), "a new record in scope lacks in no listing"
    asked = make_plan(make_pair(1), make_record(1), gone=[1], suspicious=True, policy=ALLOWED)
    assert (of(asked, DeleteRecord), [h.name for h in asked.holds]) == ([], [hold_name("D8", Side.CRM.value)])


def test_A3_a_rejected_re_creation_is_made_all_the_same_and_an_approved_too() -> None:
    """The question is whether the listing is to be believed: nothing of Salesforce is at stake."""
    world = [make_pair(1), make_record(1)]
    asked = make_plan(*world, gone=[1], suspicious=True)
    for answer in ("approve", "reject"):
        after = make_plan(*world, *answered(asked, answer), gone=[1], suspicious=True)
        assert (len(of(after, CreateItem)), after.holds) == (1, ()), answer


def test_D8_an_approved_scope_change_leaves_the_other_removals_counted() -> None:
    world = [*(make_pair(n) for n in ELEVEN), *(own_item(n) for n in ELEVEN), *(deleted(n) for n in ELEVEN)]
    assert holds(make_plan(*world, scope_approved=True)) == ["D8"]


def test_D8_rejected_deletions_come_back_in_their_own_pairs() -> None:
    world = [*(make_pair(n) for n in ELEVEN), *(make_record(n) for n in ELEVEN)]
    asked = make_plan(*world, gone=ELEVEN, policy=ALLOWED)
    back = make_plan(*world, *answered(asked, "reject"), gone=ELEVEN, policy=ALLOWED)
    assert {(a.pair.record if a.pair else None, a.why.rule) for a in of(back, CreateItem)} == {
        (record_id(n), "D8") for n in ELEVEN
    }
    assert of(back, DeleteRecord) == of(back, EndPair) == []


def test_D8_rejected_in_direction_up_a_deletion_only_unpairs() -> None:
    up = make_policy(auto_removal=AutoRemoval.ALLOWED, direction=Direction.UP)
    world = [*(make_pair(n) for n in ELEVEN), *(make_record(n) for n in ELEVEN)]
    asked = make_plan(*world, gone=ELEVEN, policy=up)
    result = make_plan(*world, *answered(asked, "reject"), gone=ELEVEN, policy=up)
    ended = of(result, EndPair)
    assert kinds(result) == ["EndPair"] * 11
    assert {(a.pair.record, a.why.rule) for a in ended} == {(record_id(n), "D8") for n in ELEVEN}
    assert {(a.tombstone.rule, a.tombstone.item) for a in ended if a.tombstone} == {("D8", None)}


def test_D8_rejected_a_removal_freezes_the_pair_on_the_item_that_is_there() -> None:
    world = [*(make_pair(n, item=None) for n in ELEVEN), *(own_item(n, id=ItemId(f"moved{n}")) for n in ELEVEN)]
    world += [deleted(n) for n in ELEVEN]
    asked = make_plan(*world)
    kept = of(make_plan(*world, *answered(asked, "reject")), PairUp)
    assert [(a.pair.item, a.pair.state, a.why.rule) for a in kept] == [
        (f"moved{n}", PairState.FROZEN, "D8") for n in ELEVEN
    ]


def test_D8_rejected_blanks_settle_with_each_pairs_own_values() -> None:
    """Beside a blank that is held, another field that changed equally on both sides moves its pair's bases."""
    pairs = [make_pair(n, Title="CEO", Department="Old") for n in ELEVEN]
    items = [own_item(n, Department=f"New{n}") for n in ELEVEN]
    records = [make_record(n, Title="CEO", Department=f"New{n}") for n in ELEVEN]
    asked = make_plan(*pairs, *items, *records)
    result = make_plan(*pairs, *items, *records, *answered(asked, "reject"))
    last = {a.pair.record: a for a in of(result, PairUp)}
    for n in ELEVEN:
        after = last[record_id(n)]
        assert (after.pair.mailbox.values["Title"], after.pair.crm.values["Title"]) == ("", "CEO")
        assert (after.pair.mailbox.values["Department"], after.why.rule) == (f"New{n}", "D8")


def test_D8_what_is_not_blank_goes_on_beside_held_blanks() -> None:
    pairs = [make_pair(n, Title="CEO", Department="Old") for n in ELEVEN]
    down = make_plan(*pairs, *(make_record(n, Department="New") for n in ELEVEN))
    assert [[str(x) for x in a.moved] for a in of(down, UpdateItem)] == [["Department"]] * 11
    up = make_plan(*pairs, *(own_item(n, Department="New") for n in ELEVEN))
    assert [[str(x) for x in a.moved] for a in of(up, UpdateRecord)] == [["Department"]] * 11


def test_D8_beside_held_removals_a_re_creation_goes_on() -> None:
    """It takes nothing away, so it has no weight (D8: re-creates are not counted)."""
    removals = [*(make_pair(n) for n in ELEVEN), *(own_item(n) for n in ELEVEN), *(deleted(n) for n in ELEVEN)]
    result = make_plan(*removals, make_pair(50), make_record(50), gone=[50])
    assert (len(of(result, CreateItem)), [len(h.members) for h in result.holds]) == (1, [11])


def test_A3_what_is_held_for_both_reasons_is_held_once() -> None:
    world = [*(make_pair(n) for n in ELEVEN), *(make_record(n) for n in ELEVEN)]
    result = make_plan(*world, gone=ELEVEN, suspicious=True, policy=ALLOWED)
    assert (result.actions, [len(h.members) for h in result.holds]) == ((), [11])


def test_D8_only_what_the_agent_does_by_itself_counts() -> None:
    """Neither an item that a person merged into another, nor a blank in place of a blank."""
    why = Why("B2", "approved")
    draft = make_draft()
    draft.actions += [RemoveItem(own_item(n), why) for n in ELEVEN]
    draft.actions += [UpdateRecord(make_pair(n), {FieldName("Title"): Moved("", "", "")}, why) for n in ELEVEN]
    brake(draft)
    assert (len(draft.actions), draft.holds) == (22, {})


def test_A3_a_pair_that_wakes_up_lacks_in_no_listing() -> None:
    result = make_plan(dormant(1), make_record(1), suspicious=True)
    assert (len(of(result, CreateItem)), result.holds) == (1, ())


@pytest.mark.parametrize("side", [Side.CRM, Side.MAILBOX])
def test_D8_a_value_that_is_filled_again_leaves_the_question(side: Side) -> None:
    pairs = [make_pair(n, Title="CEO") for n in ELEVEN]
    emptied = [(own_item if side is Side.CRM else make_record)(n) for n in ELEVEN]
    asked = make_plan(*pairs, *emptied)
    filled = (own_item if side is Side.CRM else make_record)(0, Title="CEO", Department="Sales")
    later = make_plan(*pairs, filled, *emptied[1:], *asked.holds)
    assert [len(h.members) for h in later.holds] == [10]
    assert len(of(later, UpdateRecord if side is Side.CRM else UpdateItem)) == 1
