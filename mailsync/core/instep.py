"""Pairs of which a session has nothing new: nearly all of a full reading (L1)."""

from mailsync.core.changes import Sensitivity
from mailsync.core.draft import Draft
from mailsync.core.marks import Sorted
from mailsync.core.merge import COMPANY
from mailsync.core.pair import Pair, PairState
from mailsync.core.stamps import is_marked


def is_in_step(draft: Draft, pair: Pair, found: Sorted) -> bool:
    """Whether both sides, as far as they were read, are to the letter what the pair remembers of them. The decision
    table says "nothing" then, and neither a merge nor a mark would come out as a change: nothing needs to be drafted.
    """
    quiet = pair.state is PairState.ACTIVE and not pair.frozen_for and not draft.sight.relabel
    return quiet and _is_record_as_known(draft, pair) and _is_item_as_known(draft, pair, found)


def _is_record_as_known(draft: Draft, pair: Pair) -> bool:
    sight, known = draft.sight, pair.record
    if known in sight.fates or known in sight.unreadable:
        return False
    record = sight.records.get(known)
    if record is None:
        return known not in draft.paired
    place = record.in_scope and pair.in_scope and record.account == pair.account
    values = record.values
    return (
        place
        and record.version == pair.crm.version
        and values.get(COMPANY, "") == pair.account_name
        and values == pair.crm.values
    )


def _is_item_as_known(draft: Draft, pair: Pair, found: Sorted) -> bool:
    own = found.own.get(pair.record)
    if own is None:
        return pair.item not in draft.sight.gone and pair.record not in found.moved_out
    return (
        own.id == pair.item
        and own.version == pair.mailbox.version
        and own.sensitivity is Sensitivity.NORMAL
        and is_marked(own, pair.record)
        and own.values == pair.mailbox.values
    )
