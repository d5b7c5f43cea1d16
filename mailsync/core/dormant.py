"""Dormant pairs, whose item the agent removed: they revive, or end (A18, A19, D5)."""

from dataclasses import replace

from mailsync.core.actions import EndPair, MoveIn, PairUp, Stamp, Why
from mailsync.core.changes import Item, Record
from mailsync.core.decision import CrmState
from mailsync.core.draft import Draft, member
from mailsync.core.mirror import mirror
from mailsync.core.notices import HoldMember
from mailsync.core.pair import LOST, RETURNING, UNDONE, Pair, PairState, Tombstone
from mailsync.core.pairing import merge_pair
from mailsync.core.states import crm_state, is_private

BACK = Why("A18", "back in scope")


def plan_dormant(draft: Draft, pair: Pair, own: Item | None) -> None:
    """A18, A19: a dormant pair revives when its record comes back, or when the user puts its item back."""
    crm = crm_state(draft, pair)
    record = draft.sight.records.get(pair.record)
    if own is not None:
        _put_back(draft, pair, own, record, crm)
    elif crm in (CrmState.DELETED, CrmState.MERGED):
        draft.actions.append(EndPair(pair, Tombstone(pair.record, None, "D5"), Why("D5", "gone on both sides")))
    elif record is not None and draft.policy.mirrors and pair.frozen_for in LOST:
        if record.in_scope or pair.pinned:
            mirror(draft, record, Why(pair.frozen_for, "its item was lost and is made again"), pair=pair)
    elif record is not None and record.in_scope and draft.policy.mirrors and pair.frozen_for != UNDONE:
        _revive(draft, pair, record)


def _put_back(draft: Draft, pair: Pair, own: Item, record: Record | None, crm: CrmState) -> None:
    private = is_private(pair, own)
    if pair.frozen_for == RETURNING and record is not None and record.in_scope and not private:
        _come_back(draft, pair, own, record)
        return
    why = Why("A19", "put back into the folder: pinned")
    if crm in (CrmState.DELETED, CrmState.MERGED):
        draft.actions.append(EndPair(pair, Tombstone(pair.record, own.id, "B17"), why))
        draft.ask("B17", HoldMember(pair.record, own.id, mailbox_version=own.version))
        return
    pair = replace(pair, pinned=True, made_item=False)
    draft.actions.append(Stamp(own, why, category=True, record=pair.record, counted=True))
    if private:
        draft.actions.append(PairUp(_frozen(pair, own, "A13"), why))
        draft.ask("A13", member(pair, record, own))
    elif record is None:
        draft.actions.append(PairUp(_frozen(pair, own, "A18"), why))
        draft.park(pair.record, own.id, "A18", "frozen while its record can't be read")
    else:
        merge_pair(draft, replace(pair, state=PairState.ACTIVE), record, own, why)


def _frozen(pair: Pair, item: Item, rule: str) -> Pair:
    return replace(pair, item=item.id, state=PairState.FROZEN, frozen_for=rule)


def _revive(draft: Draft, pair: Pair, record: Record) -> None:
    discarded = draft.sight.discarded.get(pair.record)
    if discarded is None or is_private(pair, discarded):  # A13: turned private there, it is the person's alone
        mirror(draft, record, BACK, pair=pair)
        return
    draft.actions.append(MoveIn(discarded, BACK, pair))
    _come_back(draft, pair, discarded, record)


def _come_back(draft: Draft, pair: Pair, item: Item, record: Record) -> None:
    draft.actions.append(Stamp(item, BACK, category=True, record=pair.record))
    merge_pair(draft, replace(pair, state=PairState.ACTIVE), record, item, BACK)
