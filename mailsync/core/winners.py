"""Merges in Salesforce (B16): the pair follows the winner."""

from dataclasses import replace

from mailsync.core.actions import EndPair, PairUp, RemoveItem, Why
from mailsync.core.changes import Item
from mailsync.core.draft import Draft
from mailsync.core.merge import differs
from mailsync.core.pair import Pair, Tombstone
from mailsync.core.pairing import merge_pair
from mailsync.core.person import Flow, Value
from mailsync.core.refs import FieldName


def follow(draft: Draft, pair: Pair, own: Item | None, why: Why) -> None:
    """The loser's pair: it follows the winner, or gives way to the winner's own pair."""
    winner = draft.sight.fates[pair.record].master
    assert winner is not None
    other = next((p for p in draft.sight.pairs if p.record == winner), None)
    item = own or (draft.sight.items.get(pair.item) if pair.item else None)
    if other is None:
        _repoint(draft, pair, item, why)
    elif item is None or pair.item in draft.sight.gone:
        draft.actions.append(EndPair(pair, Tombstone(pair.record, None, "B16"), why))
    elif other.item in draft.sight.gone:
        # The winner's item is gone: the loser's takes its place, and that is no D1.
        draft.actions.append(EndPair(pair, Tombstone(pair.record, None, "B16"), why))
        after = replace(other, item=item.id, made_item=pair.made_item)
        merge_pair(draft, after, draft.sight.records.get(other.record), item, why, keep=True)
    else:
        draft.actions.append(RemoveItem(item, why, pair, None, _edits(draft, pair, item)))


def _repoint(draft: Draft, pair: Pair, item: Item | None, why: Why) -> None:
    fate = draft.sight.fates[pair.record]
    assert fate.master is not None
    record = draft.sight.records.get(fate.master)
    draft.claimed.add(fate.master)
    after = replace(pair, record=fate.master)
    if record is None or pair.item in draft.sight.gone:
        draft.actions.append(EndPair(pair, Tombstone(pair.record, pair.item, "B16"), why))
        return
    draft.actions.append(PairUp(after, why, replaces=pair.record, new=True))
    merge_pair(draft, after, record, item, why, keep=True)


def _edits(draft: Draft, pair: Pair, item: Item) -> dict[FieldName, Value]:
    fields = {f.name: f for f in draft.policy.fields if f.flow is not Flow.OFF}
    values = {n: v for n, v in item.values.items() if n in fields}
    return {n: v for n, v in values.items() if differs(fields[n], v, pair.mailbox.values, draft.policy)}
