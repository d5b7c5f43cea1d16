"""What an undo looks at: every record and item that the session wrote, read by id, and what became of them since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailsync.core.changes import Item, Record, Trace
from mailsync.core.deeds import Deed
from mailsync.core.entries import NEW_ID
from mailsync.core.pair import Pair
from mailsync.core.policy import AutoRemoval, Policy
from mailsync.core.refs import ItemId, RecordId, Side
from mailsync.core.sight import Sight
from mailsync.core.undo import Present, stands_for
from mailsync.session.agent import Agent
from mailsync.session.feeds import Feeds
from mailsync.session.recover import Recovered

ABSENT = ((Side.CRM, "delete"), (Side.MAILBOX, "remove"), (Side.CRM, "unpair"))
"""What may have left an item under Deleted Items."""


@dataclass(frozen=True, slots=True)
class _Both:
    """What was read of both sides."""

    records: Mapping[RecordId, Record]
    fates: Mapping[RecordId, Trace]
    items: Mapping[ItemId, Item]
    hidden: frozenset[ItemId]
    discarded: Mapping[RecordId, Item] = field(default_factory=dict[RecordId, Item])


def look(
    agent: Agent,
    feeds: Feeds,
    policy: Policy,
    deeds: Sequence[Deed],
    *,
    delete: bool,
    recovered: Recovered | None = None,
) -> Present:
    """Reads what is there now. `recovered`: what is found again of lost answers, but not stored (a preview). Nothing is
    read of contacts that left the folder (A6). Raises VendorError."""
    found = recovered.pairs if recovered else []
    anew = {**_find_anew(agent, deeds), **{old: p.record for p in found if (old := stands_for(p))}}
    named = {d.record for d in deeds if d.record} | set(anew.values())
    pairs = [*agent.store.pairs_of(agent.user, named, {i for d in deeds for i in d.items}), *found]
    both = _read(agent, feeds, deeds, pairs, named | {p.record for p in pairs})
    unreadable = named - set(both.records) - set(both.fates)
    sight = Sight(
        pairs=tuple(pairs),
        pair_count=agent.store.count(agent.user),
        records=both.records,
        unreadable=frozenset(unreadable),
        fates=both.fates,
        items={i.id: i for i in both.items.values() if i.inside},
        hidden=both.hidden,
        outside=tuple(i for i in both.items.values() if not i.inside),
        discarded=both.discarded,
        parked={(p.side, p.ref): p for p in agent.store.parked(agent.user)},
        now=agent.clock.now(),
    )
    allowed = delete or policy.auto_removal is AutoRemoval.ALLOWED
    return Present(sight, policy, anew, _find_doubtful(agent, recovered), may_delete=allowed)


def _read(agent: Agent, feeds: Feeds, deeds: Sequence[Deed], pairs: Iterable[Pair], named: set[RecordId]) -> _Both:
    records = {r: c for r, c in agent.crm.read(named, agent.scope).items() if c} if named else dict[RecordId, Record]()
    absent = named - set(records)
    fates = agent.crm.fates(absent) if absent else dict[RecordId, Trace]()
    wanted = {p.item for p in pairs if p.item} | {i for d in deeds if not _is_about_marks(d) for i in d.items}
    read = agent.mailbox.read(sorted(wanted)) if wanted else dict[ItemId, Item | None]()
    items = {i.id: i for i in read.values() if i and (i.inside or i.excluded or i.record)}
    items |= {i.id: i for i in feeds.mailbox.seen if i.inside and i.record in named}
    thrown = {d.record for d in deeds if d.record and any(d.did(*kind) for kind in ABSENT)}
    found = agent.mailbox.find(thrown) if thrown else dict[RecordId, tuple[Item, ...]]()
    fates = {r: t for r, t in fates.items() if t.deleted}
    hidden = frozenset(wanted - read.keys() - items.keys())
    return _Both(records, fates, items, hidden, {r: i[0] for r, i in found.items() if i})


def _is_about_marks(deed: Deed) -> bool:
    """A9: an item that only lost its marks is personal again."""
    return set(deed.entries) <= {(Side.MAILBOX, "categorise")}


def _find_anew(agent: Agent, deeds: Sequence[Deed]) -> Mapping[RecordId, RecordId]:
    """Records that an earlier undo created in the place of those that could not be had back: old → new."""
    if not any(d.did(Side.CRM, "delete") for d in deeds):
        return {}
    changes = [e.fields[NEW_ID] for e in agent.store.history(agent.user) if NEW_ID in e.fields]
    return {RecordId(str(c.before)): RecordId(str(c.after)) for c in changes}


def _find_doubtful(agent: Agent, recovered: Recovered | None) -> frozenset[RecordId]:
    over = recovered.settled if recovered else []
    waiting = (stands_for(i.pair) for i in agent.store.intents(agent.user) if i.key not in over)
    return frozenset(old for old in waiting if old)
