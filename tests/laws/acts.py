"""What people do on both sides between two sessions, as hypothesis draws it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from hypothesis import strategies as st

from mailsync.core.changes import Sensitivity, Trace
from mailsync.core.policy import CATEGORY, AutoRemoval, CompanyChange, Direction, OnLeaveScope, Several, Winner
from mailsync.core.refs import FieldName, FolderId, ItemId, Version
from tests.laws.planning import World
from tests.unit.core.builders import make_item, make_record

Act = Callable[[World, int, str], None]
TEXTS = ("", "CEO", "CTO", "p1@x.example")
FIELDS = ("Title", "Department", "LastName", "Email", "Company", "Phone")


def _pick(things: dict, n: int) -> object | None:
    keys = sorted(things)
    return things[keys[n % len(keys)]] if keys else None


def edit_record(world: World, n: int, text: str, field: str = "Title") -> None:
    if record := _pick(world.records, n):
        version = Version(f"r{world.number()}")
        world.records[record.id] = replace(record, values={**record.values, FieldName(field): text}, version=version)


def edit_item(world: World, n: int, text: str, field: str = "Title") -> None:
    if item := _pick(world.items, n):
        version = Version(f"i{world.number()}")
        world.items[item.id] = replace(item, values={**item.values, FieldName(field): text}, version=version)


def delete_record(world: World, n: int, _: str) -> None:
    if record := _pick(world.records, n):
        del world.records[record.id]
        world.fates[record.id] = Trace(record.id, deleted=True)


def merge_records(world: World, n: int, _: str) -> None:
    loser, winner = _pick(world.records, n), _pick(world.records, n + 1)
    if loser is not None and winner is not None and loser.id != winner.id:
        del world.records[loser.id]
        world.fates[loser.id] = Trace(loser.id, deleted=True, master=winner.id)


def add_record(world: World, n: int, text: str) -> None:
    record = make_record(world.number(), Title=text, Email=f"p{n % 4}@x.example", LastName=f"Name{n % 5}")
    world.records[record.id] = record


def switch_scope(world: World, n: int, _: str) -> None:
    if record := _pick(world.records, n):
        world.records[record.id] = replace(record, in_scope=not record.in_scope)


def switch_sharing(world: World, n: int, _: str) -> None:
    if record := _pick(world.records, n):
        world.hidden ^= {record.id}


def delete_item(world: World, n: int, _: str) -> None:
    if item := _pick(world.items, n):
        world.binned[item.id] = replace(world.items.pop(item.id), inside=False, folder=FolderId("deleted"))


def restore_item(world: World, n: int, _: str) -> None:
    if item := _pick(world.binned, n):
        del world.binned[item.id]
        moved = ItemId(f"back{world.number()}")
        world.items[moved] = replace(item, id=moved, inside=True, folder=FolderId("folder"))


def move_item(world: World, n: int, _: str) -> None:
    if item := _pick(world.items, n):
        del world.items[item.id]
        moved = ItemId(f"moved{world.number()}")
        folder = FolderId("contacts" if item.inside else "folder")
        world.items[moved] = replace(item, id=moved, inside=not item.inside, folder=folder)


def copy_item(world: World, n: int, _: str) -> None:
    if item := _pick(world.items, n):
        copy = ItemId(f"copy{world.number()}")
        inside = n % 3 != 0
        world.items[copy] = replace(item, id=copy, inside=inside, created=None)


def add_item(world: World, n: int, text: str) -> None:
    person = {"Title": text, "Email": f"p{n % 4}@x.example", "LastName": f"Name{n % 5}"}
    item = make_item(world.number(), inside=n % 2 == 0, **person)
    world.items[item.id] = item


def switch_category(world: World, n: int, _: str) -> None:
    if item := _pick(world.items, n):
        on = CATEGORY in item.categories
        world.items[item.id] = replace(item, categories=() if on else (CATEGORY,))


def switch_privacy(world: World, n: int, _: str) -> None:
    if item := _pick(world.items, n):
        private = item.sensitivity is Sensitivity.NORMAL
        world.items[item.id] = replace(item, sensitivity=Sensitivity.PRIVATE if private else Sensitivity.NORMAL)


def make_private(world: World, n: int, text: str) -> None:
    """An item, which may lie in Deleted Items, is private from now on, with a text that only its person knows."""
    if item := _pick(world.items | world.binned, n):
        place = world.items if item.id in world.items else world.binned
        values = {**item.values, FieldName("Title"): text}
        version = Version(f"i{world.number()}")
        place[item.id] = replace(item, values=values, sensitivity=Sensitivity.PRIVATE, version=version)


OTHERS: dict[str, Act] = {
    act.__name__: act
    for act in (
        delete_record,
        merge_records,
        add_record,
        switch_scope,
        switch_sharing,
        delete_item,
        restore_item,
        move_item,
        copy_item,
        add_item,
        switch_category,
        switch_privacy,
    )
}
EDITS: dict[str, Act] = {
    f"{edit.__name__} {name}": partial(edit, field=name) for edit in (edit_record, edit_item) for name in FIELDS
}
ACTS = EDITS | OTHERS
Drawn = tuple[str, int, str]
"""One act by its name, what it is done to, and a text."""

acts = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 11), st.sampled_from(TEXTS)), min_size=1, max_size=6
)
edits = st.lists(
    st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 11), st.sampled_from(TEXTS)), min_size=1, max_size=8
)
rules = st.fixed_dictionaries(
    {},
    optional={
        "direction": st.sampled_from(Direction),
        "auto_removal": st.sampled_from(AutoRemoval),
        "on_leave_scope": st.sampled_from(OnLeaveScope),
        "winner": st.sampled_from(Winner),
        "company_change": st.sampled_from(CompanyChange),
        "several": st.sampled_from(Several),
        "guard_count": st.sampled_from([0, 10]),
    },
)
"""Settings that change what the planner decides: keyword arguments of make_policy."""


def perform(world: World, drawn: Sequence[Drawn]) -> None:
    """Does what was drawn, one after the other."""
    for name, n, text in drawn:
        ACTS[name](world, n, text)
