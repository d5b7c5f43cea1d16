"""Pairs follow items that a person moved (A7) or put back (D6), and that have other ids now: until the cursors are
stored (A21) nothing else remembers that these were seen."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mailsync.core.pair import Pair, PairState
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId, RecordId, Side
from mailsync.ports.outcomes import Outcome, Written
from mailsync.session.run import run
from tests.fakes.mailbox import FakeMailbox
from tests.fakes.post import BIN, CONTACTS
from tests.laws.histories.world import MAILBOX_LIMITS, USER, World, make_world

NAMED = {FieldName("LastName"): "Doe", FieldName("Email"): "ann@x.example"}


@pytest.fixture
def world() -> World:
    """Ann's mailbox, where a move gives another id: one mirrored contact, and a sub-folder that the cursor knows."""
    world = make_world(0)
    world.post.keeps_ids = False
    world.org.add(USER, NAMED)
    world.session()
    world.post.add_folder("Below", world.store.state(USER)["folder"])
    world.session()
    return world


def pair_of(world: World) -> Pair:
    (pair,) = world.store.pairs(USER)
    return pair


def move_below(world: World) -> ItemId:
    """The pair's item, into the sub-folder; its id there."""
    (below,) = (f.id for f in world.post.folders.values() if f.name == "Below")
    moved = world.post.move(pair_of(world).item or ItemId(""), below)
    assert moved is not None
    return moved.id


def stop_before_cursors(world: World, commit: int) -> None:
    """A session whose last commit, which is that call, fails."""
    cursor = world.store.state(USER)["mailbox_cursor"]
    world.session({commit: "unreachable"})
    assert world.trace[-2] == f"    ! unreachable at store.commit, call {commit}"
    assert world.store.state(USER)["mailbox_cursor"] == cursor


def parked(world: World) -> list[tuple[Side, str, str]]:
    return [(p.side, p.ref, p.rule) for p in world.store.parked(USER)]


def test_A21_what_a_pair_follows_is_parked_until_the_cursors_are_stored(world: World) -> None:
    item = move_below(world)
    stop_before_cursors(world, 7)
    assert pair_of(world).item == item
    assert parked(world) == [(Side.MAILBOX, item, "A21")]
    assert world.session().writes == 0
    assert (pair_of(world).item, parked(world)) == (item, [])
    assert world.session().calls == 5  # an idle one: nothing is read by id any more


def test_A21_a_session_that_ends_leaves_nothing_parked(world: World) -> None:
    item = move_below(world)
    assert world.session().calls == 8
    assert (pair_of(world).item, parked(world)) == (item, [])


def test_D1_what_a_pair_followed_and_no_feed_names_again_is_gone(world: World) -> None:
    item = move_below(world)
    stop_before_cursors(world, 7)
    world.post.purge(item)
    report = world.session().report
    assert report is not None
    assert report.tally.created == 1
    assert pair_of(world).item not in (None, item)
    assert parked(world) == []


def test_A9_what_a_pair_followed_and_went_out_under_a_third_id_is_moved_out(world: World) -> None:
    world.store.save_settings(USER, {"auto_removal": "allowed"})
    item = move_below(world)
    stop_before_cursors(world, 7)
    out = world.post.move(item, "contacts")
    assert out is not None
    report = world.session().report
    assert report is not None
    assert report.tally.crm_deleted == 1
    left = world.post.items[out.id]
    assert (left.record, left.is_marked) == ("", False)


def test_A21_what_the_agent_itself_moved_is_told_by_its_entry(world: World) -> None:
    """A18: the record comes back, and the agent takes its item out of Deleted Items."""
    record: RecordId = pair_of(world).record
    world.org.edit(record, {}, owner="bob")
    world.session()
    assert pair_of(world).state is PairState.DORMANT
    assert {i.folder for i in world.post.items.values()} == {BIN}
    world.org.edit(record, {}, owner=USER)
    stop_before_cursors(world, 12)
    assert pair_of(world).item in world.post.items
    assert parked(world) == []
    world.post.purge(pair_of(world).item or ItemId(""))
    assert world.session().writes == 1
    assert pair_of(world).item in world.post.items


class Finding(FakeMailbox):
    """A mailbox that moves by copies, and takes the pair's item for the copy of an earlier session."""

    def move(self, items: Sequence[ItemId], folder: FolderId) -> Sequence[Outcome]:
        (own,) = [i.id for i in self._post.live_items() if i.record]
        return [Written(own) for _ in items]


def test_I3_a_copy_that_a_pair_has_already_gets_no_second_record(world: World) -> None:
    """Its first one was put back before the copy named its record, and is marked still (B15)."""
    pair = pair_of(world)
    world.post.add(CONTACTS, {FieldName("LastName"): "Roe"}, categories=(CATEGORY,))
    agent = world.agent(world.make_gate({}))
    fence = world.store.begin(USER, world.clock.now())
    run(replace(agent, mailbox=Finding(world.post, MAILBOX_LIMITS)), fence)
    assert (list(world.store.pairs(USER)), list(world.org.rows)) == ([pair], [pair.record])
    assert [p.reason for p in world.store.parked(USER)] == ["it could not be moved"]
