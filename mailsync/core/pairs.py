"""What becomes of each pair: its states on both sides, the verdict of the decision table, and the actions for it."""

from dataclasses import replace

from mailsync.core.actions import DeleteRecord, EndPair, MoveIn, PairUp, RemoveItem, Stamp, Why
from mailsync.core.changes import Item, Record, Sensitivity
from mailsync.core.decision import RULES, CrmState, MailboxState, Verdict, decide
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer
from mailsync.core.marks import Sorted, carries_category
from mailsync.core.merge import differs
from mailsync.core.mirror import mirror
from mailsync.core.pair import Pair, PairState, Tombstone
from mailsync.core.pairing import merge_pair
from mailsync.core.person import Flow, Values
from mailsync.core.policy import Direction, OnLeaveScope
from mailsync.core.refs import RecordId
from mailsync.core.winners import follow


def plan_pairs(draft: Draft, found: Sorted) -> None:
    """Drafts what becomes of every pair in sight."""
    for pair in draft.sight.pairs:
        draft.look(pair.record, pair.item)
        out = found.moved_out.get(pair.record)
        if out is not None:
            draft.look(None, out.id)
            why = Why("A9", "moved out of the folder: it is personal again")
            draft.actions.append(Stamp(out, why, category=False, record="", error="", counted=True))
        own = found.own.get(pair.record)
        if pair.state is PairState.DORMANT:
            _plan_dormant(draft, pair, own)
        else:
            _plan_pair(draft, pair, own, moved_out=out is not None)


def crm_state(draft: Draft, pair: Pair) -> CrmState:
    """What Salesforce reports of the pair's record."""
    fate, record = draft.sight.fates.get(pair.record), draft.sight.records.get(pair.record)
    if fate is not None and fate.deleted:
        return CrmState.MERGED if fate.master else CrmState.DELETED
    if pair.record in draft.sight.unreadable:
        return CrmState.UNREADABLE
    if record is None:
        return CrmState.SAME
    if not record.in_scope and not pair.pinned and not draft.sight.scope_fault:
        return CrmState.LEFT
    return CrmState.CHANGED if _changed(draft, record.values, pair.crm.values) else CrmState.SAME


def _mailbox_state(draft: Draft, pair: Pair, own: Item | None, *, moved_out: bool) -> MailboxState:
    if moved_out:
        return MailboxState.MOVED_OUT
    if own is None:
        return MailboxState.GONE if pair.item in draft.sight.gone else MailboxState.SAME
    if own.sensitivity is not Sensitivity.NORMAL:
        return MailboxState.PRIVATE
    return MailboxState.CHANGED if _changed(draft, own.values, pair.mailbox.values) else MailboxState.SAME


def _changed(draft: Draft, now: Values, base: Values) -> bool:
    fields = [f for f in draft.policy.fields if f.flow is not Flow.OFF and f.name in now]
    return any(differs(f, now[f.name], base, draft.policy) for f in fields)


def _leaving(draft: Draft, pair: Pair) -> OnLeaveScope:
    """A18: only items that the agent created are removed; pinned pairs freeze while unreadable."""
    chosen = draft.policy.on_leave_scope
    mine = pair.made_item and not pair.edited and not pair.pinned
    return OnLeaveScope.FREEZE if chosen is OnLeaveScope.REMOVE and not mine else chosen


def _plan_pair(draft: Draft, pair: Pair, own: Item | None, *, moved_out: bool) -> None:
    policy = draft.policy
    crm, mailbox = crm_state(draft, pair), _mailbox_state(draft, pair, own, moved_out=moved_out)
    verdict = decide(crm, mailbox, policy.direction, policy.auto_removal, _leaving(draft, pair))
    if own is not None and verdict in (Verdict.NOTHING, Verdict.MERGE):
        _restore_marks(draft, pair, own)
    why = Why(RULES[verdict], f"Salesforce: {crm.value}; mailbox: {mailbox.value}")
    _carry(draft, pair, own, verdict, why)


def _restore_marks(draft: Draft, pair: Pair, own: Item) -> None:
    """A8: in the folder, the category comes back; the id property and error categories are put right too (C1)."""
    lacking = not carries_category(own)
    why = Why("A8", "the category was taken off in the folder") if lacking else Why("C1", "the problem is over")
    draft.actions.append(Stamp(own, why, category=True, record=pair.record, error="", counted=lacking))


def _carry(draft: Draft, pair: Pair, own: Item | None, verdict: Verdict, why: Why) -> None:
    """Drafts the actions of a verdict."""
    record = draft.sight.records.get(pair.record)
    match verdict:
        case Verdict.NOTHING | Verdict.MERGE:
            _merge(draft, pair, record, own, why)
        case Verdict.DELETE_RECORD | Verdict.HOLD_DELETION | Verdict.RECREATE_ITEM | Verdict.UNPAIR:
            _absent(draft, pair, record, verdict, why)
        case Verdict.REMOVE_ITEM | Verdict.LEAVE:
            _remove(draft, pair, own, verdict, why)
        case Verdict.FREEZE | Verdict.DORMANT:
            _suspend(draft, pair, own, verdict, why)
        case Verdict.END | Verdict.END_LEFT_OVER:
            _end(draft, pair, own, verdict, why)
        case Verdict.HOLD_PRIVATE:
            _hold_private(draft, pair, record, own, why)
        case Verdict.FOLLOW:
            follow(draft, pair, own, why)


def _merge(draft: Draft, pair: Pair, record: Record | None, own: Item | None, why: Why) -> None:
    if pair.state is PairState.FROZEN:
        if pair.frozen_for == "D8" or (record is None and own is None):
            return
        pair = replace(pair, state=PairState.ACTIVE, frozen_for="")
    merge_pair(draft, pair, record, own, why)


def _absent(draft: Draft, pair: Pair, record: Record | None, verdict: Verdict, why: Why) -> None:
    """D1: the item is proven gone, or was moved out. `record` was read in this session, in scope or pinned."""
    if draft.sight.repairing or record is None:
        # A1: while re-pairing nothing is deleted; the record is mirrored again once both sides are known.
        draft.actions.append(
            EndPair(pair, None, Why("A1", "its item is not there; nothing is deleted while re-pairing"))
        )
        return
    if verdict is Verdict.UNPAIR:
        draft.actions.append(EndPair(pair, Tombstone(pair.record, None, "D1"), why))
        draft.claimed.add(pair.record)
        return
    if verdict is Verdict.RECREATE_ITEM:
        mirror(draft, record, why, pair=pair)
        return
    _delete(draft, pair, record, verdict, why)


def _delete(draft: Draft, pair: Pair, record: Record, verdict: Verdict, why: Why) -> None:
    won = any(f.master == pair.record for f in draft.sight.fates.values())
    asked = any(h.rule in ("D1", "D3") and h.members[0].record == pair.record for h in draft.sight.holds.values())
    asking = verdict is Verdict.HOLD_DELETION or won or asked or draft.sight.hold_deletions
    rule = "D3" if verdict is Verdict.HOLD_DELETION else "B16" if won else "D1"
    draft.claimed.add(pair.record)
    answer = draft.ask("D3" if rule == "D3" else "D1", member(pair, record, None)) if asking else Answer.APPROVED
    match answer:
        case Answer.APPROVED:
            draft.actions.append(DeleteRecord(pair, why))
        case Answer.REJECTED:
            mirror(draft, record, Why(rule, "a person asked for it to be re-created"), pair=pair)
        case Answer.OPEN:
            return


def _remove(draft: Draft, pair: Pair, own: Item | None, verdict: Verdict, why: Why) -> None:
    """D4, A18. The item was read in this session, whether or not the feed named it."""
    item = own or (draft.sight.items.get(pair.item) if pair.item else None)
    if draft.sight.repairing or draft.sight.scope_fault or item is None:
        draft.park(pair.record, pair.item, "A1" if draft.sight.repairing else "A16", "nothing is removed now")
        return
    ends = verdict is Verdict.REMOVE_ITEM
    after = None if ends else replace(pair, state=PairState.DORMANT, item=None, in_scope=False)
    fields = {f.name: f for f in draft.policy.fields}
    edits = {
        n: v
        for n, v in item.values.items()
        if n in fields and fields[n].flow is not Flow.OFF and differs(fields[n], v, pair.mailbox.values, draft.policy)
    }
    draft.actions.append(RemoveItem(item, why, pair, after, edits))


def _suspend(draft: Draft, pair: Pair, own: Item | None, verdict: Verdict, why: Why) -> None:
    dormant = verdict is Verdict.DORMANT
    state = PairState.DORMANT if dormant else PairState.FROZEN
    item = None if dormant else own.id if own else pair.item
    after = replace(pair, state=state, frozen_for=why.rule, item=item, in_scope=False)
    if after != pair:
        draft.actions.append(PairUp(after, why))


def _end(draft: Draft, pair: Pair, own: Item | None, verdict: Verdict, why: Why) -> None:
    draft.actions.append(EndPair(pair, Tombstone(pair.record, pair.item, why.rule), why))
    if verdict is Verdict.END_LEFT_OVER:
        draft.ask("B17", member(None, None, own) if own else member(pair, None, None))


def _hold_private(draft: Draft, pair: Pair, record: Record | None, own: Item | None, why: Why) -> None:
    assert own is not None
    match draft.ask("A13", member(pair, record, own)):
        case Answer.OPEN:
            after = replace(pair, state=PairState.FROZEN, frozen_for="A13", item=own.id)
            if after != pair:
                draft.actions.append(PairUp(after, why))
        case Answer.APPROVED:
            merge_pair(draft, replace(pair, state=PairState.ACTIVE, frozen_for=""), record, own, why)
        case Answer.REJECTED:
            draft.actions.append(Stamp(own, Why("A13", "unpaired by a person"), record="", excluded=True))
            draft.actions.append(EndPair(pair, Tombstone(pair.record, None, "A13"), why))
            draft.claimed.add(RecordId(pair.record))


def _plan_dormant(draft: Draft, pair: Pair, own: Item | None) -> None:
    """A18, A19: a dormant pair revives when its record comes back, or when the user puts its item back."""
    crm = crm_state(draft, pair)
    record = draft.sight.records.get(pair.record)
    if own is not None:
        _put_back(draft, pair, own, record, crm)
    elif crm in (CrmState.DELETED, CrmState.MERGED):
        draft.actions.append(EndPair(pair, Tombstone(pair.record, None, "D5"), Why("D5", "gone on both sides")))
    elif record is not None and record.in_scope and draft.policy.direction is not Direction.UP:
        _revive(draft, pair, record)


def _put_back(draft: Draft, pair: Pair, own: Item, record: Record | None, crm: CrmState) -> None:
    why = Why("A19", "put back into the folder: pinned")
    if crm in (CrmState.DELETED, CrmState.MERGED):
        draft.actions.append(EndPair(pair, Tombstone(pair.record, own.id, "B17"), why))
        draft.ask("B17", member(None, None, own))
        return
    state = PairState.ACTIVE if record is not None else PairState.FROZEN
    frozen = "" if record is not None else "A18"
    after = replace(pair, item=own.id, state=state, frozen_for=frozen, pinned=True, made_item=False)
    draft.actions.append(Stamp(own, why, category=True, record=pair.record, counted=True))
    merge_pair(draft, after, record, own, why, keep=True)


def _revive(draft: Draft, pair: Pair, record: Record) -> None:
    why = Why("A18", "back in scope")
    discarded = draft.sight.discarded.get(pair.record)
    if discarded is None:
        mirror(draft, record, why, pair=pair)
        return
    after = replace(pair, item=discarded.id, state=PairState.ACTIVE, frozen_for="", in_scope=True)
    draft.actions.append(MoveIn(discarded, why, after))
    draft.actions.append(Stamp(discarded, why, category=True, record=pair.record))
    merge_pair(draft, after, record, discarded, why, keep=True)
