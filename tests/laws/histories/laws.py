"""What must hold at a quiet point: after the last sessions wrote nothing, before anybody does anything again."""

from collections.abc import Iterator
from datetime import datetime

from mailsync.core.changes import Sensitivity
from mailsync.core.fit import fit
from mailsync.core.pair import Pair, PairState
from mailsync.core.person import Flow, Values, is_blank
from mailsync.core.policy import Direction
from mailsync.core.refs import FieldName, ItemId, RecordId
from tests.fakes.org import COMPANY, Row
from tests.fakes.post import Stored
from tests.laws.histories.edits import KINDS, alike, cut_up
from tests.laws.histories.witness import Witness
from tests.laws.histories.world import MAILBOX_LIMITS, USER, World


def check(world: World, witness: Witness) -> Iterator[str]:
    """Everything that does not hold, each with the law that it breaks."""
    yield from witness.unpaid()
    yield from witness.books.unwritten()
    yield from check_table(world)
    for pair in world.store.pairs(USER):
        yield from check_pair(world, pair)
    yield from check_marked(world)
    yield from check_mirrored(world)
    witness.edits.meet()


def check_table(world: World) -> Iterator[str]:
    """I3: one pair an item; nothing is left in doubt once there was time to look."""
    items = [p.item for p in world.store.pairs(USER) if p.item]
    if len(items) != len(set(items)):
        yield f"I3: an item has two pairs: {sorted(items)}"
    if intents := world.store.intents(USER):
        yield f"B15: intents are open still: {[i.key for i in intents]}"


def check_pair(world: World, pair: Pair) -> Iterator[str]:
    """I4, L5, A8: an active pair's sides agree field by field, or somebody was told why not."""
    if pair.state is not PairState.ACTIVE or waits(world, pair.record, pair.item):
        return
    stored = world.post.items.get(pair.item) if pair.item else None
    row = world.org.rows.get(pair.record)
    if row is None or not world.org.sees(row, USER):
        if not _is_unannounced(world, pair.record, row):
            yield f"A18: the pair of {pair.record} is active, but ann can't read it"
        return
    if stored is None or not world.post.is_live(stored.folder):
        yield f"D1: the pair of {pair.record} is active, but its item {pair.item} is gone"
        return
    if not _is_unannounced(world, pair.record, None):  # A18: edited while it was not shared, and shared again since
        yield from check_sides(world, pair, row, stored)


def _is_unannounced(world: World, record: RecordId, row: Row | None) -> bool:
    """A18: what no event announces is found by a sweep, within a day. What was given away out of ann's sight, too."""
    swept = world.store.state(USER).get("swept")
    times = [world.unannounced.get(record), row.stamp + world.clock.skew if row and not row.deleted else None]
    since = max((t for t in times if t is not None), default=None)
    return since is not None and (swept is None or datetime.fromisoformat(swept) <= since)


def check_sides(world: World, pair: Pair, row: Row, stored: Stored) -> Iterator[str]:
    """The two sides of an active pair."""
    if not stored.is_marked:
        yield f"A8: {stored.id} lacks the category"
    if stored.record != pair.record:
        yield f"A7: {stored.id} names {stored.record or 'nobody'}, its pair is {pair.record}"
    values = {**row.values, COMPANY: world.org.company_of(row)}
    for name, kind in KINDS.items():
        if (
            kind.flow is not Flow.OFF
            and not _agrees(world, name, values, stored.values)
            and not excused(world, pair, name)
        ):
            yield f"I4: {pair.record}.{name} is {values[name]!r}, {stored.id} has {stored.values[name]!r}"


def _agrees(world: World, name: FieldName, crm: Values, mailbox: Values) -> bool:
    one, other = crm[name], mailbox[name]
    if alike(name, one, other) or (name != COMPANY and alike(name, one, cut_up(name, other))):
        return True
    return alike(name, fit(one, KINDS[name].type, MAILBOX_LIMITS[name], "US").value, other)


def excused(world: World, pair: Pair, name: FieldName) -> bool:
    """Whether a difference is one that the rules leave (B4, B9, B10, B12, B13, E1), and somebody can read of it."""
    limit = world.org.limits[name]
    if not limit.readable:
        return True  # B13: what Salesforce holds now is not known
    if any("reject D8" in line for line in world.trace):
        return True  # C7: overwrites that a person rejected keep the old values, each on its side
    if name == "LastName" and _is_nameless(world, pair):
        return True  # B1: what `last_name_fallback` took instead of the name that the item lacks
    if name == COMPANY:
        return True  # B9: what was typed stays until Salesforce changes
    left = any(
        name in e.fields and (e.kind == "left" or e.fields[name].lost)
        for e in world.store.history(USER)
        if pair.record == e.record or (e.item and e.item == pair.item)
    )
    told = any(i.field in (name, "") and pair.record == i.record for i in world.store.issues(USER))
    return left or told or _was_one_way(world)


def _is_nameless(world: World, pair: Pair) -> bool:
    stored = world.post.items.get(pair.item) if pair.item else None
    return stored is not None and is_blank(stored.values[FieldName("LastName")])


def _was_one_way(world: World) -> bool:
    """B4: in one direction a first pairing sends no blank, and the value stays on its side without further ado."""
    return any("set direction=" in line for line in world.trace)


def waits(world: World, record: RecordId | None, item: ItemId | None) -> bool:
    """Whether somebody was told, or asked: a parked change, an issue or a hold names one of them."""
    refs = {record, item} - {None}
    if any(p.ref in refs for p in world.store.parked(USER)):
        return True
    if any(i.record in refs or i.item in refs for i in world.store.issues(USER)):
        return True
    return any(m.record in refs or m.item in refs for h in world.store.holds(USER) for m in h.members)


def check_marked(world: World) -> Iterator[str]:
    """A7: whatever is marked has a pair, or somebody was told why not."""
    home = world.store.state(USER).get("folder")
    if home not in world.post.folders or not world.post.is_live(home):
        if world.tells_empty or any(p.item for p in world.store.pairs(USER)):
            yield "A3: the folder is not there"
        return
    below = world.post.below(home)
    paired = {p.item for p in world.store.pairs(USER)}
    for stored in world.post.live_items():
        inside = stored.folder in below
        if stored.id in paired or stored.is_list or stored.excluded or not (inside or stored.is_marked):
            continue
        if not waits(world, None, stored.id):
            place = "in the folder" if inside else "outside, marked"
            yield f"A7: {stored.id} ({place}) has no pair, and nobody was told"
        if not inside and stored.sensitivity is Sensitivity.NORMAL and not waits(world, None, stored.id):
            yield f"A7: {stored.id} was not moved in"


def check_mirrored(world: World) -> Iterator[str]:
    """A17: whatever is in scope has an item, or somebody was told why not."""
    chosen = world.settings
    if chosen.direction is Direction.UP or world.org.is_broken(chosen.view):
        return
    pairs = {p.record: p for p in world.store.pairs(USER)}
    rows = [r for r in world.org.visible(USER) if world.org.selects(chosen.view, r, USER)]
    balanced = len(rows) == world.store.count_in_scope(USER)  # A18: as many left unannounced as came; swept in a day
    for row in rows:
        pair = pairs.get(row.id)
        absent = pair is None or pair.item is None
        unknown = balanced and _is_unannounced(world, row.id, None)
        if absent and not unknown and not waits(world, row.id, None) and not _is_over(world, row.id):
            yield f"A17: {row.id} is in scope and has no item, and nobody was told"


def _is_over(world: World, record: RecordId) -> bool:
    """D1, A13, C5: the user, or an answer, took it out; it is remembered by its tombstone, or frozen."""
    kept = {p.record for p in world.store.pairs(USER) if p.state is PairState.FROZEN}
    return record in kept or bool(world.store.tombstones(USER, [record]))
