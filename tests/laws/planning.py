"""Two sides in memory, seen and changed as a session with a perfect network would: everything succeeds."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from mailsync.core.actions import (
    Action,
    CreateItem,
    CreateRecord,
    DeleteRecord,
    EndPair,
    MoveIn,
    PairUp,
    Plan,
    RemoveItem,
    Stamp,
    UpdateItem,
    UpdateRecord,
)
from mailsync.core.changes import Item, Record, Trace
from mailsync.core.merge import COMPANY
from mailsync.core.notices import Hold, Parked
from mailsync.core.pair import Base, Pair, PairState, Tombstone
from mailsync.core.person import Value
from mailsync.core.planner import plan
from mailsync.core.policy import CATEGORY, Policy
from mailsync.core.refs import FieldName, FolderId, ItemId, OwnerId, RecordId, Side, Version
from mailsync.core.sight import Answers, Sight
from mailsync.core.stamps import apply, marks_of
from tests.unit.core.builders import NOW, make_pair, make_record, own_item, values


@dataclass
class World:
    """Both sides, and what the agent remembers of them."""

    records: dict[RecordId, Record] = field(default_factory=dict)
    hidden: set[RecordId] = field(default_factory=set)  # not shared with the user any more
    fates: dict[RecordId, Trace] = field(default_factory=dict)
    items: dict[ItemId, Item] = field(default_factory=dict)  # in the folder, or anywhere else but Deleted Items
    binned: dict[ItemId, Item] = field(default_factory=dict)
    pairs: dict[RecordId, Pair] = field(default_factory=dict)
    stones: dict[RecordId, Tombstone] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    parked: dict[tuple[Side, str], Parked] = field(default_factory=dict)
    count: int = 100

    def number(self) -> int:
        """A number nothing else has: for ids and versions."""
        self.count += 1
        return self.count


def converged(size: int) -> World:
    """A world in which both sides agree."""
    world = World()
    for n in range(size):
        pair = make_pair(n, Title="CEO", Company="Acme", account_name="Acme")
        world.pairs[pair.record] = pair
        world.records[pair.record] = make_record(n, Title="CEO", Company="Acme")
        item = own_item(n, Title="CEO", Company="Acme")
        world.items[item.id] = item
    return world


def see(world: World, random: Random | None = None) -> Sight:
    """Everything, read completely. With `random` the order of all things is another one (L6)."""
    readable = {r: record for r, record in world.records.items() if r not in world.hidden}
    pairs, records, items = list(world.pairs.values()), list(readable.values()), list(world.items.values())
    for things in (pairs, records, items) if random else ():
        random.shuffle(things)
    named = {*world.pairs, *(i.record for i in items if i.record)}
    while masters := {t.master for r in named if (t := world.fates.get(r)) and t.master} - named:
        named |= masters
    ours = [i for i in items if i.inside or i.record or i.excluded or CATEGORY in i.categories]
    reported = {i.id for i in ours}
    waiting = {p.record for p in pairs if p.state is PairState.DORMANT} | (set(world.stones) - set(world.pairs))
    return Sight(
        pairs=tuple(pairs),
        pair_count=len(pairs),
        records={r.id: r for r in records},
        unreadable=frozenset(r for r in named if r not in readable and r not in world.fates),
        fates={r: t for r, t in world.fates.items() if r in named},
        items={i.id: i for i in ours if i.inside},
        outside=tuple(i for i in ours if not i.inside),
        gone=frozenset(p.item for p in pairs if p.item and p.item not in reported),
        discarded={i.record: i for i in world.binned.values() if i.record in waiting},
        tombstones=world.stones,
        holds=world.holds,
        parked=world.parked,
        now=NOW,
    )


def answers(world: World) -> Answers:
    """What Salesforce has for the newcomers: all that the user can see, and no Accounts."""
    return Answers(tuple(r for r in world.records.values() if r.id not in world.hidden), world.pairs)


def run(world: World, policy: Policy) -> tuple[Sight, Plan]:
    """One session: the sight, and the plan that was carried out."""
    sight = see(world)
    made = plan(sight, answers(world), policy)
    for action in made.actions:
        carry_out(world, action)
    looked = made.looked_at
    world.parked = {k: p for k, p in world.parked.items() if k not in looked} | {
        (p.side, p.ref): p for p in made.parked
    }
    asked = {h.name: h for h in made.holds}
    touched = {h.name for h in world.holds.values() if any(_is_about(h, side, ref) for side, ref in looked)}
    world.holds = {n: h for n, h in world.holds.items() if n not in touched} | asked
    return sight, made


def _is_about(hold: Hold, side: Side, ref: str) -> bool:
    return any((m.record if side is Side.CRM else m.item) == ref for m in hold.members)


def carry_out(world: World, action: Action) -> None:
    """One action, with the bases and versions that follow."""
    match action:
        case PairUp() | EndPair():
            _keep_pair(world, action)
        case MoveIn() | Stamp() | UpdateItem() | RemoveItem() | CreateItem():
            _change_mailbox(world, action)
        case CreateRecord():
            _create_record(world, action)
        case UpdateRecord():
            _update_record(world, action)
        case DeleteRecord(pair=pair):
            del world.records[pair.record], world.pairs[pair.record]
            world.fates[pair.record] = Trace(pair.record, deleted=True)
            world.stones[pair.record] = Tombstone(pair.record, None, "D1")


def _keep_pair(world: World, action: PairUp | EndPair) -> None:
    match action:
        case PairUp(pair=pair, replaces=former):
            world.pairs.pop(former or pair.record, None)
            world.pairs[pair.record] = pair
        case EndPair(pair=pair, tombstone=stone):
            world.pairs.pop(pair.record, None)
            world.stones |= {stone.record: stone} if stone else {}


def _change_mailbox(world: World, action: MoveIn | Stamp | UpdateItem | RemoveItem | CreateItem) -> None:
    match action:
        case MoveIn(item=item):
            found = world.items.get(item.id) or world.binned.pop(item.id)
            world.items[item.id] = replace(found, inside=True, folder=FolderId("folder"))
        case Stamp():
            _stamp(world, action)
        case CreateItem():
            _create_item(world, action)
        case UpdateItem():
            _update_item(world, action)
        case RemoveItem():
            _remove_item(world, action)


def _stamp(world: World, action: Stamp) -> None:
    item = world.items[action.item.id]
    marks = apply(marks_of(item), action)
    changed = replace(item, categories=marks.categories, record=RecordId(marks.record) if marks.record else None)
    world.items[item.id] = _touch(world, replace(changed, excluded=marks.excluded))


def _touch(world: World, item: Item) -> Item:
    """Any write changes the ChangeKey; the pair's base takes the version of our own write (L8)."""
    version = Version(f"i{world.number()}")
    for pair in world.pairs.values():
        if pair.item == item.id:
            world.pairs[pair.record] = replace(pair, mailbox=Base(pair.mailbox.values, version))
    return replace(item, version=version)


def _create_record(world: World, action: CreateRecord) -> None:
    new = RecordId(f"003{world.number():0>12}AAA")
    sent: dict[FieldName, Value] = {**values(), **action.values, COMPANY: action.link.name}
    version = Version(f"r{world.number()}")
    world.records[new] = Record(new, version, sent, OwnerId("005A"), action.link.account, NOW, OwnerId("005A"), True)
    crm = {n: v for n, v in sent.items() if n in action.sources}
    base = Base(crm, version), Base(action.sources, action.item.version)
    world.pairs[new] = Pair(new, action.item.id, *base, pinned=True, origin=Side.MAILBOX, made_item=False)
    _stamp(world, Stamp(action.item, action.why, category=True, record=new, error=""))


def _create_item(world: World, action: CreateItem) -> None:
    record, new, version = action.record, ItemId(f"new{world.number()}"), Version(f"i{world.number()}")
    held: dict[FieldName, Value] = {**values(), **action.values}
    made = Item(new, version, FolderId("folder"), True, held, (CATEGORY,), record=record.id)
    world.items[new] = replace(made, created=NOW)
    base = Base(dict(record.values), record.version), Base(held, version)
    known = world.pairs.get(action.pair.record) if action.pair else None
    if known is None:
        world.pairs[record.id] = Pair(record.id, new, *base, **_account(record))
        return
    again = known.recreated + (action.why.rule in ("D1", "D3", "D8", "B16"))
    after = replace(known, item=new, crm=base[0], mailbox=base[1], recreated=again, in_scope=record.in_scope)
    after = replace(after, **_account(record))
    world.pairs[record.id] = replace(after, state=PairState.ACTIVE, frozen_for="", made_item=True, edited=False)


def _account(record: Record) -> dict[str, Any]:
    return {"account": record.account, "account_name": str(record.values[COMPANY])}


def _update_record(world: World, action: UpdateRecord) -> None:
    pair, record = world.pairs[action.pair.record], world.records[action.pair.record]
    version = Version(f"r{world.number()}")
    sent = {n: m.sent for n, m in action.moved.items()}
    world.records[record.id] = replace(record, values={**record.values, **sent}, version=version)
    if action.advance:
        mailbox = {**pair.mailbox.values, **{n: m.source for n, m in action.moved.items()}}
        crm = Base({**pair.crm.values, **sent}, version)
        world.pairs[pair.record] = replace(pair, crm=crm, mailbox=Base(mailbox, pair.mailbox.version))


def _update_item(world: World, action: UpdateItem) -> None:
    pair = world.pairs[action.pair.record]
    assert pair.item is not None
    item = world.items[pair.item]
    sent = {n: m.sent for n, m in action.moved.items()}
    world.items[item.id] = _touch(world, replace(item, values={**item.values, **sent}))
    pair = world.pairs[pair.record]
    crm = Base({**pair.crm.values, **{n: m.source for n, m in action.moved.items()}}, pair.crm.version)
    mailbox = Base({**pair.mailbox.values, **sent}, pair.mailbox.version)
    world.pairs[pair.record] = replace(pair, crm=crm, mailbox=mailbox)


def _remove_item(world: World, action: RemoveItem) -> None:
    item = world.items.pop(action.item.id)
    kept = tuple(c for c in item.categories if c != CATEGORY)
    world.binned[item.id] = replace(item, inside=False, folder=FolderId("deleted"), categories=kept)
    if action.pair is None:
        return
    world.pairs.pop(action.pair.record, None)
    world.stones[action.pair.record] = Tombstone(action.pair.record, None, action.why.rule)
    if action.after is not None:
        world.pairs[action.after.record] = action.after
