"""Ann's mailbox with two mirrored contacts, and a mailbox that hides one item: where scenes of sessions begin."""

from collections.abc import Collection, Mapping

from mailsync.core.changes import Item
from mailsync.core.pair import Pair
from mailsync.core.refs import FieldName, ItemId
from tests.fakes.mailbox import FakeMailbox
from tests.laws.histories.world import USER, World, make_world

LAST = FieldName("LastName")
NAMES = ("Doe", "Roe")


class Shy(FakeMailbox):
    """Does not show one of its items when it is asked for by its id."""

    hidden: ItemId | None = None

    def read(self, items: Collection[ItemId]) -> Mapping[ItemId, Item | None]:
        return {i: item for i, item in super().read(items).items() if i != self.hidden}


def make_mirrored(*, keeps_ids: bool = False) -> World:
    """A world after two sessions that mirrored both. `keeps_ids`: whether an item keeps its id where it is moved."""
    world = make_world(0)
    world.post.keeps_ids = keeps_ids
    for name in NAMES:
        world.org.add(USER, {LAST: name})
    for _ in range(2):
        next_session(world)
    return world


def next_session(world: World) -> None:
    """A session, and half an hour."""
    world.session()
    world.clock.advance(1800)


def pair_of(world: World, name: str) -> Pair:
    """The pair of the contact of that name."""
    return next(p for p in world.store.pairs(USER) if p.crm.values[LAST] == name)
