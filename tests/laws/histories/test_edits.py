"""What the law of B10 takes for a conflict, and what it still calls undone."""

import pytest

from mailsync.core.entries import Change, Entry
from mailsync.core.refs import FieldName, ItemId, Key, RecordId, Side
from mailsync.ports.ledger import Batch, Pending
from tests.laws.histories.play import Player
from tests.laws.histories.script import parse
from tests.laws.histories.world import USER, make_world

NAME = FieldName("Department")


@pytest.mark.parametrize(
    ("read", "sent", "conflict"),
    [
        ("Sales", "Sales", True),  # the record was edited when it was read, and the edit taken back since
        ("Sales", "Other", False),  # whatever was read, it is not what was sent
        ("", "", False),  # nobody had edited the record: its old value is sent
    ],
)
def test_B10_an_edit_taken_back_in_the_middle_of_a_session_is_a_conflict(read: str, sent: str, conflict: bool) -> None:
    """The item is edited, and overwritten with `sent`, while the record holds what it always held."""
    player, record, item = pair_up()
    world, edits = player.world, player.witness.edits
    world.org.edit(record, {NAME: read})
    before = world.post.edit(item, {NAME: "Support"}).values
    edits.begin()
    edits.pass_by()
    world.org.edit(record, {NAME: ""})
    announce(player, item, sent)
    told = list(edits.judge(Side.MAILBOX, item, before, {NAME: sent}))
    assert told == ([] if conflict else [f"B10: {item}.{NAME} was edited to 'Support', and made {sent!r} again"])


@pytest.mark.parametrize("over", [True, False], ids=["its pair is over", "another pair is over"])
def test_B10_B16_what_was_edited_in_an_item_that_was_deleted_counts_no_more_once_its_pair_is_over(over: bool) -> None:
    """Undeleted, the record brings its item back; what the pair knew of both sides is gone."""
    player, record, item = pair_up()
    world, edits = player.world, player.witness.edits
    before = world.post.edit(item, {NAME: "Support"}).values
    edits.begin()
    edits.keeps("commit", (USER, 1, Batch(ended=(record if over else RecordId("other"),))))
    announce(player, item, "")
    told = list(edits.judge(Side.MAILBOX, item, before, {NAME: ""}))
    assert told == ([] if over else [f"B10: {item}.{NAME} was edited to 'Support', and made '' again"])


def pair_up() -> tuple[Player, RecordId, ItemId]:
    """A history in which one pair is in step."""
    player = Player(make_world(7))
    for step in parse("add_record 1 1 1; session; quiet"):
        player.perform(step)
    pair = next(iter(player.world.store.pairs(USER)))
    assert pair.item is not None
    return player, pair.record, pair.item


def announce(player: Player, item: ItemId, sent: str) -> None:
    """As the session does before it overwrites an item."""
    store, now = player.world.store, player.world.clock.now()
    fence = store.begin(USER, now)
    entry = Entry(fence, now, "B12", Side.MAILBOX, "update", None, item, {NAME: Change("Support", sent, "Support")}, "")
    store.commit(USER, fence, Batch(pending=(Pending(Key("k"), item, entry, {NAME: sent}),)), now)
