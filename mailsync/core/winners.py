"""Merges in Salesforce (B16): a pair follows the winner, or gives way to the winner's own pair."""

from collections.abc import Mapping
from dataclasses import replace

from mailsync.core.actions import EndPair, PairUp, RemoveItem, Why
from mailsync.core.changes import Item
from mailsync.core.divergence import differs
from mailsync.core.draft import Draft
from mailsync.core.marks import Sorted
from mailsync.core.notices import HoldMember
from mailsync.core.pair import Pair, PairState, Tombstone
from mailsync.core.person import Flow, Values
from mailsync.core.policy import Direction
from mailsync.core.refs import RecordId
from mailsync.core.sight import Sight
from mailsync.core.states import is_private


def winner_of(record: RecordId, sight: Sight) -> RecordId:
    """The last winner of a chain of merges: a winner may have been merged away itself since."""
    seen = {record}
    while (fate := sight.fates.get(record)) is not None and fate.master and fate.master not in seen:
        record = fate.master
        seen.add(record)
    return record


def is_absent(pair: Pair, found: Sorted, sight: Sight) -> bool:
    """Whether the pair's item is proven gone, or moved out of the folder."""
    if pair.record in found.own:
        return False
    return pair.item is None or pair.item in sight.gone or pair.record in found.moved_out


def find_heirs(sight: Sight, found: Sorted) -> Mapping[RecordId, Pair]:
    """By winner: the losing pair that takes the winner over, because the winner has no item of its own.

    Of several losers one whose item is there inherits, and of those the lowest record id (L6).
    """
    if not sight.fates:
        return {}
    losers = [p for p in sight.pairs if (fate := sight.fates.get(p.record)) is not None and fate.master]
    pairs = {p.record: p for p in sight.pairs}
    heirs: dict[RecordId, Pair] = {}
    for loser in sorted(losers, key=lambda p: (is_absent(p, found, sight), p.record)):
        winner = winner_of(loser.record, sight)
        other = pairs.get(winner)
        if winner in heirs or loser.state is PairState.DORMANT:
            continue
        if other is None or (is_absent(other, found, sight) and not is_absent(loser, found, sight)):
            heirs[winner] = loser
    return heirs


def follow(draft: Draft, pair: Pair, item: Item | None, heirs: Mapping[RecordId, Pair], why: Why) -> Pair | None:
    """What becomes of a loser's pair. Returns the pair that is to be planned with the winner; None: it is over.

    `item` is the loser's item where it is present. An heir keeps the loser's bases: what the winner holds otherwise
    flows down, what was edited in the mailbox flows up.
    """
    winner = winner_of(pair.record, draft.sight)
    heir = heirs.get(winner)
    if heir is None or heir.record != pair.record:
        _give_way(draft, pair, item, why)
        return None
    draft.take(winner)
    draft.look(winner, None)
    other = next((p for p in draft.sight.pairs if p.record == winner), None)
    after = replace(pair, record=winner, pinned=pair.pinned or bool(other and other.pinned))
    draft.actions.append(PairUp(after, why, replaces=pair.record, new=True))
    return after


def _give_way(draft: Draft, pair: Pair, item: Item | None, why: Why) -> None:
    """The winner has its own pair: the loser's item goes to Deleted Items, its unsynced edits to the history."""
    # A15: nothing is removed from the mailbox in direction up. A13, L3: what was edited while private is told to no
    # history. Such an item is left over.
    stays = item is not None and (draft.policy.direction is Direction.UP or is_private(pair, item))
    if item is not None and draft.sight.repairing:
        draft.park(pair.record, item.id, "A1", "nothing is removed while re-pairing")
    elif item is not None and not stays:
        draft.actions.append(RemoveItem(item, why, pair, None, edits_of(draft, pair, item)))
    else:
        draft.actions.append(EndPair(pair, Tombstone(pair.record, pair.item, "B16"), why))
        if item is not None:
            draft.ask("B17", HoldMember(pair.record, item.id, mailbox_version=item.version))


def edits_of(draft: Draft, pair: Pair, item: Item) -> Values:
    """The item's values that differ from its pair's base: edits that have not gone up."""
    fields = {f.name: f for f in draft.policy.fields if f.flow is not Flow.OFF}
    values = {n: v for n, v in item.values.items() if n in fields}
    return {n: v for n, v in values.items() if differs(fields[n], v, pair.mailbox.values, draft.policy)}
