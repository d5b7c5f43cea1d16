"""What has to be looked at though no feed reports it: its time has come, a person answered, a question is moot."""

from collections.abc import Collection, Sequence

from mailsync.core.holds import ABOUT_NEWCOMERS
from mailsync.core.notices import Hold, Parked
from mailsync.core.refs import ItemId, RecordId, Side
from mailsync.session.agent import Agent
from mailsync.session.feeds import Feeds


def read_due(
    agent: Agent, feeds: Feeds, parked: Sequence[Parked], holds: Collection[Hold]
) -> tuple[set[RecordId], set[ItemId]]:
    """Records and items of parked changes whose time has come, of refusals after a change of description (B8), and of
    answered holds (C7). Raises StoreError."""
    now = agent.clock.now()
    ready = [p for p in parked if (p.due is not None and p.due <= now) or (feeds.crm.described and p.print)]
    records = {RecordId(p.ref) for p in ready if p.side is Side.CRM}
    items = {ItemId(p.ref) for p in ready if p.side is Side.MAILBOX}
    answered = [m for h in holds if h.answer for m in h.members]
    asked = [m for h in holds if h.rule in ABOUT_NEWCOMERS or h.rule == "A13" for m in h.members]
    named = {*(r.id for r in feeds.crm.records), *(t.id for t in feeds.crm.traces)}
    if asked and (touched := [*feeds.mailbox.gone, *(i.id for i in feeds.mailbox.outside)]):
        # D6: what is asked about takes the place of a pair's own item that has gone meanwhile.
        named |= {p.record for p in agent.store.pairs_of(agent.user, [], touched)}
    # A question about an item that is gone is over: its record may be mirrored now (A17).
    lost = set(feeds.mailbox.gone)
    records |= {m.record for m in answered if m.record} | {m.record for m in asked if m.record and m.item in lost}
    items |= {m.item for m in answered if m.item}
    # B2: what a question shows has changed, so it is asked anew, before the record could be mirrored (A17).
    items |= {m.item for m in asked if m.item and m.record in named}
    # B2: what is asked about outside is told of each time, its twin inside once; decided alone, it would be created.
    if {i.id for i in feeds.mailbox.outside} & {m.item for m in asked}:
        items |= {ItemId(p.ref) for p in parked if p.side is Side.MAILBOX}
    return records, items
