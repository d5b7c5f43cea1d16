"""Pairs of which a session has nothing new: nearly all of a full reading (L1)."""

from mailsync.core.changes import Item, Record, Sensitivity
from mailsync.core.merge import COMPANY
from mailsync.core.pair import Pair, PairState
from mailsync.core.policy import CATEGORY
from mailsync.core.stamps import is_marked

MARKED = (CATEGORY,)
NORMAL, ACTIVE = Sensitivity.NORMAL, PairState.ACTIVE


def is_in_step(pair: Pair, record: Record | None, item: Item | None) -> bool:
    """Whether both sides, as far as they were read, are to the letter what the pair remembers of them. The decision
    table says "nothing" then, and neither a merge nor a mark would come out as a change: nothing needs to be drafted.

    `record`, `item`: the pair's own, by their ids; None: not read, and nothing else is known of it. One expression, as
    it is asked of every pair of a full reading: what is cheap to see comes first, values last.
    """
    return (
        pair.state is ACTIVE
        and not pair.frozen_for
        and (
            record is None
            or (
                record.version == (base := pair.crm).version
                and record.in_scope
                and pair.in_scope
                and record.account == pair.account
                and (values := record.values).get(COMPANY, "") == pair.account_name
                and values == base.values
            )
        )
        and (
            item is None
            or (
                item.version == (base := pair.mailbox).version
                and item.sensitivity is NORMAL
                and item.record == pair.record
                and (item.categories == MARKED or is_marked(item.categories))
                and item.values == base.values
            )
        )
    )
