"""D1, D7: an item that the mailbox neither shows nor denies, when it is asked for by its id, proves nothing."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from mailsync.core.changes import Item
from mailsync.core.pair import Pair
from mailsync.core.refs import FieldName, ItemId
from mailsync.ports.mailbox import Ability, Capabilities
from mailsync.session.run import preview
from tests.fakes.mailbox import FakeMailbox
from tests.fakes.post import BIN
from tests.laws.histories.world import MAILBOX_LIMITS, USER, World
from tests.laws.mirrored import LAST, Shy, make_mirrored, next_session, pair_of


@pytest.fixture(params=[True, False], ids=["ids stay", "new id on move"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    """Ann's mailbox with two mirrored contacts; one of its items can be hidden."""
    world = make_mirrored(keeps_ids=request.param)
    monkeypatch.setattr(world, "open_mailbox", lambda: Shy(world.post, MAILBOX_LIMITS))
    return world


def hide(monkeypatch: pytest.MonkeyPatch, pair: Pair | None) -> None:
    monkeypatch.setattr(Shy, "hidden", pair.item if pair else None)


def told(world: World) -> list[tuple[str, str]]:
    return [(i.code, i.rule) for i in world.store.issues(USER)]


def names(world: World) -> tuple[list[object], list[object]]:
    records = sorted(str(r.values[LAST]) for r in world.org.rows.values() if not r.deleted)
    return list(records), sorted(str(i.values[LAST]) for i in world.post.live_items())


@pytest.mark.parametrize("allowed", [True, False])
def test_D1_an_item_that_left_and_is_not_shown_is_asked_for_again_and_told_of(
    world: World, monkeypatch: pytest.MonkeyPatch, allowed: bool
) -> None:
    """No feed names it a second time: forgotten, its pair would stay without an item for good, and without a word."""
    world.store.save_settings(USER, {"auto_removal": "allowed" if allowed else "not-allowed"})
    doe = pair_of(world, "Doe")
    assert doe.item is not None
    world.post.move(doe.item, BIN)
    hide(monkeypatch, doe)
    foreseen = preview(world.agent(world.make_gate({})))
    next_session(world)
    assert told(world) == [(i.code, i.rule) for i in foreseen.issues] == [("UNPROVEN", "D1")]
    assert names(world) == (["Doe", "Roe"], ["Roe"])
    hide(monkeypatch, None)
    next_session(world)
    left = ["Roe"] if allowed else ["Doe", "Roe"]
    assert (names(world), told(world), world.store.parked(USER)) == ((left, left), [], [])


def test_A11_whether_an_item_is_a_copy_is_not_decided_while_the_pairs_own_is_not_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moved out and back in it may have another id: taken for a copy, it would be created in Salesforce once more."""
    doe, home = pair_of(world, "Doe"), world.store.state(USER)["folder"]
    assert doe.item is not None
    thrown = world.post.move(doe.item, BIN)
    back = world.post.move(thrown.id, home) if thrown else None
    hide(monkeypatch, doe)
    next_session(world)
    hide(monkeypatch, None)
    next_session(world)
    assert names(world) == (["Doe", "Roe"], ["Doe", "Roe"])
    assert back
    assert (pair_of(world, "Doe").item, world.store.holds(USER)) == (back.id, [])
    next_session(world)
    assert (told(world), world.store.parked(USER)) == ([], [])


class Label(FakeMailbox):
    """Folder and category are one state, as Gmail's; from the second reading on nothing is shown, and edited before."""

    reads = 0

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, category_apart=Ability("a label"))

    def read(self, items: Collection[ItemId]) -> Mapping[ItemId, Item | None]:
        self.reads += 1
        if self.reads == 1:
            return super().read(items)
        for item in items:
            self._post.edit(item, {FieldName("Title"): "Boss"})
        return {}


def test_L5_an_item_that_is_not_shown_right_before_its_removal_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was edited since it was read would be in no history."""
    doe = pair_of(world, "Doe")
    monkeypatch.setattr(world, "open_mailbox", lambda: Label(world.post, MAILBOX_LIMITS))
    world.org.delete(doe.record)
    next_session(world)
    assert names(world) == (["Roe"], ["Doe", "Roe"])
    monkeypatch.setattr(world, "open_mailbox", lambda: FakeMailbox(world.post, MAILBOX_LIMITS))
    next_session(world)
    (told,) = (e for e in world.store.history(USER) if e.kind == "remove")
    assert (names(world)[1], told.fields["Title"].lost) == (["Roe"], "Boss")
