"""L5 as the histories hold it: what settles the debt of a value that was overwritten, or removed with its item."""

import pytest

from mailsync.core.entries import Change, Entry
from mailsync.core.person import Value
from mailsync.core.refs import FieldName, ItemId, RecordId, Side
from mailsync.ports.ledger import Batch
from tests.fakes.post import CONTACTS
from tests.laws.histories.edits import owe
from tests.laws.histories.witness import Witness
from tests.laws.histories.world import USER, World, make_world

PHONE = FieldName("Phone")
OURS, OTHERS = RecordId("003A"), RecordId("003B")


def told(world: World, record: RecordId | None, item: ItemId | None, field: str, change: Change) -> None:
    """An entry in the history of the removal of an item."""
    session = world.store.begin(USER, world.clock.now())
    entry = Entry(session, world.clock.now(), "D4", Side.MAILBOX, "remove", record, item, {field: change})
    world.store.commit(USER, session, Batch(entries=(entry,)), world.clock.now())


def indebted() -> tuple[World, Witness, ItemId]:
    """An item with a phone number that somebody typed is about to go."""
    world = make_world(0)
    stored = world.post.add(CONTACTS, {PHONE: "(650) 2530001"}, record=OURS)
    return world, Witness(world, debts=[owe(stored, PHONE, "went")]), stored.id


@pytest.mark.parametrize(
    "change", [Change("+1 650-253-0001", ""), Change("", "", "650 253 0001"), Change("", "6502530001")]
)
@pytest.mark.parametrize("by_record", [True, False])
def test_L5_a_value_is_told_of_by_whatever_means_it(change: Change, by_record: bool) -> None:
    world, witness, item = indebted()
    told(world, OURS if by_record else None, ItemId("moved") if by_record else item, PHONE, change)
    assert witness.unpaid() == []


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        (OURS, "Phone", "+1 650-253-0002"),  # another number
        (OURS, "Phone", "+1 650-253-0001 x7"),  # an extension is part of what it means
        (OURS, "Phone", ""),
        (OURS, "MobilePhone", "(650) 2530001"),  # another field
        (OTHERS, "Phone", "(650) 2530001"),  # somebody else's
        (None, "Phone", "(650) 2530001"),
    ],
)
def test_L5_nothing_else_tells_of_it(record: RecordId | None, field: str, value: Value) -> None:
    world, witness, item = indebted()
    told(world, record, ItemId("another"), field, Change(value, ""))
    assert witness.unpaid() == [f"L5: {item}.Phone went: '(650) 2530001' is nowhere in the history"]
