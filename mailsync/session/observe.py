"""Observation beyond the feeds: read by id is everything that a plan must not guess (D1, D7, A3)."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from mailsync.core.changes import Item, Record, Trace
from mailsync.core.notices import Hold, Parked
from mailsync.core.pair import Pair, PairState, Tombstone
from mailsync.core.person import Flow
from mailsync.core.policy import Direction, Policy
from mailsync.core.refs import ItemId, RecordId, Side
from mailsync.core.sight import Sight
from mailsync.core.states import is_echo
from mailsync.session.agent import Agent, Keys
from mailsync.session.due import read_due
from mailsync.session.feeds import Feeds
from mailsync.session.recover import Recovered, read_waiting


@dataclass(slots=True)
class _Look:
    """What is gathered while looking closer."""

    agent: Agent
    feeds: Feeds
    pairs: dict[RecordId, Pair]
    records: dict[RecordId, Record]
    items: dict[ItemId, Item]
    outside: dict[ItemId, Item]
    waiting: frozenset[tuple[Side, str]]  # references of parked changes
    # What the agent put into the folder after the cursor must come back once as an echo, or it is gone again: a server
    # folds a creation and a deletion between two readings into nothing.
    placed: frozenset[ItemId]
    paired: Mapping[RecordId, bool] = field(default_factory=dict[RecordId, bool])  # all of them, where ids were swept
    gone: set[ItemId] = field(default_factory=set[ItemId])
    hidden: set[ItemId] = field(default_factory=set[ItemId])
    unreadable: set[RecordId] = field(default_factory=set[RecordId])
    fates: dict[RecordId, Trace] = field(default_factory=dict[RecordId, Trace])
    discarded: dict[RecordId, Item] = field(default_factory=dict[RecordId, Item])
    tombstones: dict[RecordId, Tombstone] = field(default_factory=dict[RecordId, Tombstone])


def look_closer(agent: Agent, feeds: Feeds, recovered: Recovered, state: Mapping[str, Any], policy: Policy) -> Sight:
    """Reads by id whatever the feeds leave open, and returns all that is known this session. Raises VendorError."""
    waiting = recovered.waiting
    if not waiting.is_settled:
        waiting = read_waiting(agent, state)  # with what was recorded of them since then
    # A preview stores nothing of what was recovered.
    holds, parked = {h.name: h for h in waiting.holds}, (*waiting.parked, *recovered.parked)
    if state.get(Keys.ALL_DUE):
        parked = tuple(replace(p, due=agent.clock.now()) for p in parked)
    look = _look(agent, feeds, recovered, parked, holds.values(), frozenset(waiting.placed), policy)
    # What D8 weighs is done to pairs: an idle session counts nothing, however many pairs there are.
    return Sight(
        pairs=tuple(look.pairs.values()),
        pair_count=agent.store.count(agent.user) if look.pairs else 0,
        records=look.records,
        unreadable=frozenset(look.unreadable),
        fates=look.fates,
        items=look.items,
        outside=tuple(look.outside.values()),
        gone=frozenset(look.gone),
        hidden=frozenset(look.hidden),
        discarded=look.discarded,
        tombstones=look.tombstones,
        holds=holds,
        parked={(p.side, p.ref): p for p in parked},
        leaving={i: w.entry.rule for i, w in recovered.leaving.items()},
        in_doubt=recovered.in_doubt,
        in_doubt_down=recovered.in_doubt_down,
        unexplained=recovered.unexplained,
        now=agent.clock.now(),
        first=not state.get(Keys.STARTED),
        repairing=feeds.repairing,
        edited=frozenset(state.get(Keys.EDITED) or ()),
        theirs=frozenset(state.get(Keys.THEIRS) or ()),
        refill=feeds.refill,
        relabel=feeds.refill and not agent.mailbox.capabilities.category_apart,
        scope_fault=feeds.crm.fault,
        suspicious=feeds.suspicious,
        hold_deletions=bool(state.get(Keys.HOLD_DELETIONS)),
        scope_approved=bool(state.get(Keys.SCOPE_APPROVED)),
        counted=agent.store.guarded(agent.user, agent.clock.now() - timedelta(hours=24)) if look.pairs else {},
        described=feeds.crm.described,
        shared=_shared(look) if policy.hold_shared_deletions else frozenset(),
    )


def _look(
    agent: Agent,
    feeds: Feeds,
    recovered: Recovered,
    parked: Sequence[Parked],
    holds: Collection[Hold],
    placed: frozenset[ItemId],
    policy: Policy,
) -> _Look:
    """What the feeds brought, and after them all that has to be read by id."""
    waiting = frozenset((p.side, p.ref) for p in parked)
    records, items = read_due(agent, feeds, parked, holds)
    look = _start(agent, feeds, waiting, (records, items | recovered.leaving.keys()), placed)
    look.pairs |= {p.record: p for p in recovered.pairs}  # stored by now, but for a preview; so are these:
    look.pairs = {r: p for r, p in look.pairs.items() if r not in recovered.ended}
    look.tombstones |= {s.record: s for s in recovered.stones}
    _prove_gone(look)
    _read_records(look, policy)
    _read_absent_records(look)
    _read_items(look, policy)
    _find_discarded(look, policy.direction)
    return look


def _shared(look: _Look) -> frozenset[RecordId]:
    """D3: which records of missing items another user's mailbox mirrors too."""
    absent = [p.record for p in look.pairs.values() if p.item in look.gone or p.item in look.outside]
    return look.agent.store.mirrored_elsewhere(look.agent.user, absent)


def _start(
    agent: Agent,
    feeds: Feeds,
    waiting: frozenset[tuple[Side, str]],
    due: tuple[set[RecordId], set[ItemId]],
    placed: frozenset[ItemId],
) -> _Look:
    crm, mailbox = feeds.crm, feeds.mailbox
    items = {i.id: i for i in mailbox.seen}
    outside = {i.id: i for i in mailbox.outside}
    records = {r.id: r for r in crm.records}
    named = {i.record for i in (*items.values(), *outside.values()) if i.record}
    touched = {*records, *(t.id for t in crm.traces), *(t.master for t in crm.traces if t.master), *named, *due[0]}
    store, paired = agent.store, dict[RecordId, bool]()
    if crm.complete or crm.blind or mailbox.complete:
        pairs = list(store.pairs(agent.user))
    else:
        paired = store.paired(agent.user) if crm.members is not None else paired
        # Of what a sweep names, only a pair that left, or that is not at rest, is looked at.
        touched |= {r for r, rests in paired.items() if not rests or r not in (crm.members or ())}
        refs = {*items, *outside, *mailbox.gone, *due[1], *placed}
        pairs = [*store.pairs_of(agent.user, touched, refs), *store.pairs_in(agent.user, list(crm.accounts))]
    look = _Look(agent, feeds, {p.record: p for p in pairs}, records, items, outside, waiting, placed, paired)
    _read_due(look, due)
    return look


def _read_due(look: _Look, due: tuple[set[RecordId], set[ItemId]]) -> None:
    _take_items(look, due[1] - set(look.items) - set(look.outside))
    # Their own pairs come with them: a copy that was not yet stripped must not be taken for the pair's item (A11).
    named = {i.record for i in look.items.values() if i.record} - look.pairs.keys()
    if named:
        look.pairs |= {p.record: p for p in look.agent.store.pairs_of(look.agent.user, named, [])}
    _take_records(look, due[0] - set(look.records))


def _take_records(look: _Look, wanted: set[RecordId]) -> None:
    """Records read by id; what can't be read is asked about further (D7)."""
    if not wanted:
        return
    for record_id, record in look.agent.crm.read(wanted, look.agent.scope).items():
        if record is None:
            look.unreadable.add(record_id)
        else:
            look.records[record_id] = record


def _parked_records(look: _Look) -> set[RecordId]:
    """Records of parked changes that have no pair."""
    return {RecordId(ref) for side, ref in look.waiting if side is Side.CRM} - set(look.pairs)


@dataclass(frozen=True, slots=True)
class Located:
    """Where items are, as a reading by id says."""

    inside: Mapping[ItemId, Item]
    outside: Mapping[ItemId, Item]  # but ours
    gone: Set[ItemId]  # proven
    hidden: Set[ItemId]  # neither shown nor denied


def locate(agent: Agent, wanted: Iterable[ItemId]) -> Located:
    """Items read by id. What is neither ours nor marked is forgotten (A6). An item that keeps its id wherever it goes,
    and that no trash can hold, is moved out when it is read outside (A9); else that id is gone. Raises VendorError."""
    can = agent.mailbox.capabilities
    lasting = not can.new_id_on_move and not can.trash
    wanted = sorted(set(wanted))
    read: Mapping[ItemId, Item | None] = agent.mailbox.read(wanted) if wanted else {}
    inside = {i: item for i, item in read.items() if item is not None and item.inside}
    rest = {i: item for i, item in read.items() if item is not None and not item.inside}
    outside = {i: item for i, item in rest.items() if lasting and item.record is not None}
    return Located(inside, outside, set(read) - set(inside) - set(outside), set(wanted) - set(read))


def _take_items(look: _Look, wanted: Iterable[ItemId]) -> None:
    found = locate(look.agent, set(wanted) - look.hidden)
    look.items |= found.inside
    look.outside |= found.outside
    look.gone |= found.gone
    look.hidden |= found.hidden


def _prove_gone(look: _Look) -> None:
    """Absence from a listing, or a name in the feed, is no proof: the item is asked for once more."""
    reported = set(look.feeds.mailbox.gone) | (look.placed - set(look.items) - set(look.outside))
    reported |= {p.item for p in look.pairs.values() if p.item and _waits(look, p)} - set(look.items)
    ours = {p.item for p in look.pairs.values() if p.item}
    ours |= {ItemId(ref) for side, ref in look.waiting if side is Side.MAILBOX}
    if look.feeds.mailbox.complete:
        reported |= ours - set(look.items)
    _take_items(look, (reported & ours) - look.gone - set(look.outside))


def _waits(look: _Look, pair: Pair) -> bool:
    """Whether a change of the pair is parked: then both its sides are read afresh (A21), whatever touched it."""
    return (Side.CRM, pair.record) in look.waiting or (Side.MAILBOX, pair.item or "") in look.waiting


def _read_records(look: _Look, policy: Policy) -> None:
    """Records of pairs that something happened to but that the in-scope delta did not bring. That an item comes back as
    the agent left it is nothing."""
    crm = look.feeds.crm
    parked = _parked_records(look)
    wanted = {t.id for t in crm.traces if not t.deleted} & (set(look.pairs) | parked)
    wanted |= {t.master for t in crm.traces if t.master}
    if crm.rest is not None and look.feeds.mailbox.complete:
        wanted |= set(look.pairs)  # taken up again: a part of a scope does not tell what became of earlier pairs
    own = {p.item: p for p in look.pairs.values()}
    told = [i for i in (*look.items.values(), *look.outside.values()) if i.record]
    wanted |= {i.record for i in told if i.record and not (i.id in own and is_echo(own[i.id], i, policy))}
    for pair in look.pairs.values():
        absent = pair.item is None or pair.item in look.gone or pair.item in look.outside
        left = crm.members is not None and pair.record not in crm.members and not crm.fault
        renamed = pair.account in crm.accounts
        if absent or left or renamed or crm.blind or pair.state is not PairState.ACTIVE or _waits(look, pair):
            wanted.add(pair.record)
    if crm.members is not None and not crm.fault and policy.direction is not Direction.UP:
        wanted |= crm.members - look.pairs.keys() - look.paired.keys()
        wanted |= parked - crm.members
    wanted -= {t.id for t in crm.traces if t.deleted}
    _take_records(look, wanted - set(look.records) - look.unreadable)


def _read_absent_records(look: _Look) -> None:
    """D7: only a deletion that Salesforce confirms acts as one."""
    crm = look.feeds.crm
    known = set(look.pairs) | _parked_records(look)
    suspects = look.unreadable | ({t.id for t in crm.traces if t.deleted} & known)
    if not suspects:
        return
    look.fates |= look.agent.crm.fates(suspects)
    look.unreadable = suspects - set(look.fates)
    _read_winners(look)
    lost = look.unreadable | set(look.fates)
    look.tombstones |= {t.record: t for t in look.agent.store.tombstones(look.agent.user, lost)}


def _read_winners(look: _Look) -> None:
    masters = {f.master for f in look.fates.values() if f.master}
    known = {p.record for p in look.agent.store.pairs_of(look.agent.user, masters, [])} if masters else set[RecordId]()
    for pair in look.agent.store.pairs_of(look.agent.user, known, []) if known else ():
        look.pairs.setdefault(pair.record, pair)
    wanted = masters - set(look.records)
    look.records |= {k: r for k, r in look.agent.crm.read(wanted, look.agent.scope).items() if r} if wanted else {}


def _read_items(look: _Look, policy: Policy) -> None:
    """Items that a plan may remove or replace are read in this session (design: removals follow a read); and those with
    a value that Salesforce's base lacks: hidden there until now, the mailbox may have edited it meanwhile (B13).
    """
    mapped = {f.name for f in policy.fields if f.flow is not Flow.OFF} & policy.mailbox_limits.keys()
    wanted: set[ItemId] = set()
    named = {i.record for i in look.items.values() if i.record}
    for pair in look.pairs.values():
        record = look.records.get(pair.record)
        leaving = record is not None and not record.in_scope and not pair.pinned
        lost = pair.record in look.unreadable or pair.record in look.fates
        unknown = record is not None and bool((mapped & record.values.keys()) - pair.crm.values.keys())
        if pair.item and (leaving or lost or unknown or pair.record in named):
            wanted.add(pair.item)
    _take_items(look, wanted - set(look.items) - set(look.outside) - look.gone)


def _find_discarded(look: _Look, direction: Direction) -> None:
    """B16, A18: our own items under Deleted Items, for records that come back."""
    if direction is Direction.UP:
        return
    dormant = {p.record for p in look.pairs.values() if p.state is PairState.DORMANT}
    unpaired = {r for r in look.records if r not in look.pairs and look.records[r].in_scope}
    ended = {t.record for t in look.agent.store.tombstones(look.agent.user, unpaired)} if unpaired else set[RecordId]()
    wanted = {r for r in dormant if r in look.records and look.records[r].in_scope} | ended
    if wanted:
        found = look.agent.mailbox.find(wanted)
        look.discarded |= {r: items[0] for r, items in found.items() if items}
