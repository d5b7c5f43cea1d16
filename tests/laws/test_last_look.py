"""L4, B15: right before a deletion in Salesforce the mailbox is asked whether the item is back (decision 0038)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.pair import Pair
from mailsync.core.refs import FieldName
from tests.fakes.post import BIN
from tests.laws.histories.gate import Blind
from tests.laws.histories.world import USER, World, make_world

NAMES = ("Doe", "Roe")


class Heard(Blind):
    """What the vendors were asked, in order."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def asks(self, port: str, name: str, args: Sequence[Any]) -> None:
        self.calls.append(f"{port}.{name}")


@pytest.fixture(params=[True, False], ids=["ids stay", "new id on move"])
def world(request: pytest.FixtureRequest) -> World:
    """Ann's mailbox with two mirrored contacts, both in Deleted Items by now; deletions are allowed."""
    world = make_world(0)
    world.post.keeps_ids = request.param
    world.store.save_settings(USER, {"auto_removal": "allowed"})
    for name in NAMES:
        world.org.add(USER, {FieldName("LastName"): name})
    world.session()
    for pair in pairs(world):
        assert pair.item is not None
        world.post.move(pair.item, BIN)
    world.clock.advance(1800)
    return world


def pairs(world: World) -> list[Pair]:
    return list(world.store.pairs(USER))


def present(world: World) -> list[object]:
    return sorted(r.values[FieldName("LastName")] for r in world.org.rows.values() if not r.deleted)


def put_back(world: World, name: str) -> None:
    (thrown,) = (i for i in world.post.items.values() if i.folder == BIN and i.values[FieldName("LastName")] == name)
    world.post.move(thrown.id, world.store.state(USER)["folder"])


def test_B15_the_look_is_the_last_that_is_asked_before_the_deletion(world: World) -> None:
    heard = world.watcher = Heard()
    world.session()
    assert heard.calls[-2:] == ["mailbox.read" if world.post.keeps_ids else "mailbox.changes", "crm.delete"]
    assert (heard.calls.count("crm.delete"), present(world)) == (1, [])


def act_at_the_look(world: World, act: Callable[[], object]) -> None:
    """A session in the middle of which somebody acts: its plan is made, and nobody was asked again yet."""
    world.on_act = lambda _: act()
    world.session({6: "act now"})


def test_L4_what_is_back_keeps_its_record_and_the_others_are_deleted(world: World) -> None:
    act_at_the_look(world, lambda: put_back(world, "Doe"))
    assert present(world) == ["Doe"]
    assert {p.rule for p in world.store.parked(USER)} == {"D1"}
    world.clock.advance(1800)
    world.session()
    (pair,) = pairs(world)
    assert (present(world), world.post.items[pair.item].folder) == (["Doe"], world.store.state(USER)["folder"])
    assert not world.store.parked(USER)


def test_L4_with_all_of_them_back_nothing_is_deleted_or_announced(world: World) -> None:
    heard = world.watcher = Heard()
    act_at_the_look(world, lambda: [put_back(world, name) for name in NAMES])
    assert "crm.delete" not in heard.calls
    assert (present(world), len(world.store.pending(USER))) == (["Doe", "Roe"], 0)


def test_A3_a_folder_that_is_lost_by_then_proves_nothing(world: World) -> None:
    """Asked by its id, each item is still where its person threw it; the feed of a lost folder tells of none."""
    act_at_the_look(world, lambda: world.post.drop_folder(world.store.state(USER)["folder"]))
    assert present(world) == ([] if world.post.keeps_ids else ["Doe", "Roe"])


@pytest.mark.parametrize("act", ["give away", "delete", "merge"])
def test_D7_a_record_that_is_out_of_sight_by_then_is_not_told_of_as_deleted(world: World, act: str) -> None:
    """Salesforce says the same of a record that the user sees no more as of one that is deleted, or merged away."""
    doe = next(p.record for p in pairs(world) if p.crm.values[FieldName("LastName")] == "Doe")
    winner = world.org.add("bob", {FieldName("LastName"): "Winner"})
    acts: dict[str, Callable[[], object]] = {
        "give away": lambda: world.org.put(replace(world.org.rows[doe], owner="bob", shared=frozenset())),
        "delete": lambda: world.org.delete(doe),
        "merge": lambda: world.org.merge(winner, doe),
    }
    act_at_the_look(world, acts[act])
    told = {e.record for e in world.store.history(USER) if e.kind == "delete"}
    assert (doe in told, len(told)) == ((True, 2) if act == "delete" else (False, 1))
    world.clock.advance(1800)
    world.session()
    assert [p.record for p in pairs(world)] == {"give away": [doe], "delete": [], "merge": [winner]}[act]
    assert not world.store.parked(USER)
