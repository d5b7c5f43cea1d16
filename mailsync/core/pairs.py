"""What becomes of each pair: its states on both sides, the verdict of the decision table, and the actions for it."""

from collections.abc import Mapping
from dataclasses import replace

from mailsync.core.actions import DeleteRecord, EndPair, PairUp, RemoveItem, Stamp, Why
from mailsync.core.changes import Item, Record
from mailsync.core.decision import RULES, CrmState, Verdict, decide
from mailsync.core.divergence import is_diverged
from mailsync.core.dormant import plan_dormant
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer, hold_name
from mailsync.core.marks import Sorted, carries_category
from mailsync.core.mirror import mirror
from mailsync.core.notices import HoldMember, Issue, Parked
from mailsync.core.pair import UNDONE, Pair, PairState, Tombstone
from mailsync.core.pairing import approval, merge_pair
from mailsync.core.policy import OnLeaveScope
from mailsync.core.refs import RecordId, Side
from mailsync.core.states import crm_state, is_merged_away, mailbox_state
from mailsync.core.winners import edits_of, find_heirs, follow, is_absent, winner_of


def plan_pairs(draft: Draft, found: Sorted) -> None:
    """Drafts what becomes of every pair in sight: of those in step, nothing."""
    heirs = find_heirs(draft.sight, found)
    pairs = draft.sight.pairs
    draft.looked_at.records.update(pair.record for pair in pairs)
    draft.looked_at.items.update(pair.item for pair in pairs if pair.item)
    for item in (i for i in found.unproven if i.inside):  # those outside are told of each time
        draft.park(None, item.id, "A11", HIDDEN, soon=True)
    for pair in found.restless:
        _strip_moved_out(draft, pair, found)
        own = found.own.get(pair.record)
        if pair.record in heirs:
            continue  # B16: the loser's pair takes it over
        if pair.state is PairState.DORMANT:
            plan_dormant(draft, pair, own)
        elif is_merged_away(draft, pair):
            _plan_merged(draft, pair, found, heirs)
        else:
            _plan_pair(draft, pair, own, moved_out=pair.record in found.moved_out)


def _strip_moved_out(draft: Draft, pair: Pair, found: Sorted) -> None:
    """A9: the item is personal again, whatever becomes of its pair."""
    out = found.moved_out.get(pair.record)
    if out is not None:
        draft.look(None, out.id)
        why = Why("A9", "moved out of the folder: it is personal again")
        draft.actions.append(Stamp(out, why, category=False, record="", error="", counted=True))


def _plan_merged(draft: Draft, pair: Pair, found: Sorted, heirs: Mapping[RecordId, Pair]) -> None:
    """B16: the pair that follows is planned with the winner's record; the winner's own, itemless pair gives way."""
    own = found.own.get(pair.record)
    if own is None and not is_absent(pair, found, draft.sight):
        draft.park(pair.record, pair.item, "B16", "its item is read again")
        draft.claimed.add(winner_of(pair.record, draft.sight))  # not mirrored beside the item that will follow it
        return
    why = Why(RULES[Verdict.FOLLOW], "merged in Salesforce: it follows the winner")
    after = follow(draft, pair, own, heirs, why)
    if after is not None:
        _plan_pair(draft, after, own, moved_out=pair.record in found.moved_out)


def _leaving(draft: Draft, pair: Pair) -> OnLeaveScope:
    """A18: only items that the agent created and that hold no unsynced edit are removed; all others freeze."""
    chosen = draft.policy.on_leave_scope
    mine = pair.made_item and not pair.pinned
    removable = mine and not is_diverged(pair.crm.values, pair.mailbox.values, draft.policy)
    return OnLeaveScope.FREEZE if chosen is OnLeaveScope.REMOVE and not removable else chosen


def _plan_pair(draft: Draft, pair: Pair, own: Item | None, *, moved_out: bool) -> None:
    if pair.item in draft.sight.hidden:
        draft.issues.append(Issue("UNPROVEN", "D1", HIDDEN, pair.record, pair.item))
        draft.park(pair.record, pair.item, "D1", HIDDEN)
        return
    verdict, why = _judge(draft, pair, own, moved_out=moved_out)
    if own is not None and (verdict in (Verdict.NOTHING, Verdict.MERGE) or draft.sight.relabel):
        _restore_marks(draft, pair, own)
    if not _is_kept(pair, verdict):
        _carry(draft, pair, own, verdict, why)


def _judge(draft: Draft, pair: Pair, own: Item | None, *, moved_out: bool = False) -> tuple[Verdict, Why]:
    policy = draft.policy
    crm, mailbox = crm_state(draft, pair), mailbox_state(draft, pair, own, moved_out=moved_out)
    leaving = _leaving(draft, pair) if crm in (CrmState.LEFT, CrmState.UNREADABLE) else policy.on_leave_scope
    verdict = decide(crm, mailbox, policy.direction, policy.auto_removal, leaving)
    return verdict, Why(RULES[verdict], f"Salesforce: {crm.value}; mailbox: {mailbox.value}")


HIDDEN = "the mailbox did not show this contact, nor say that it is gone; the next session asks again"
KEPT = {
    "D8": (Verdict.REMOVE_ITEM, Verdict.LEAVE, Verdict.FREEZE),
    UNDONE: (Verdict.REMOVE_ITEM, Verdict.END_LEFT_OVER, Verdict.LEAVE, Verdict.FREEZE),
    "C5": (Verdict.RECREATE_ITEM, Verdict.NOTHING),
}
"""By what a pair is frozen for: the verdicts that change nothing any more."""


def _is_kept(pair: Pair, verdict: Verdict) -> bool:
    """D8, C5, undo: a person said no; the removal, or the re-creation, is not asked for again."""
    return pair.state is PairState.FROZEN and verdict in KEPT.get(pair.frozen_for, ())


def _restore_marks(draft: Draft, pair: Pair, own: Item) -> None:
    """A8: in the folder, the category comes back; the id property and error categories are put right too (C1). A label
    that was lost and made again is put back on its contacts (A3).
    """
    lacking = not carries_category(own)
    why = Why("A8", "it lies in the folder without the category") if lacking else Why("C1", "the problem is over")
    why = Why("A3", "the label was lost and made again") if lacking and draft.sight.relabel else why
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
            draft.park(pair.record, pair.item, why.rule, "its winner was merged away too; it is read again")


def _merge(draft: Draft, pair: Pair, record: Record | None, own: Item | None, why: Why) -> None:
    if pair.state is PairState.FROZEN:
        if record is None or (own is None and pair.frozen_for not in ("D8", UNDONE)):
            # Thawed only by what was read: the item may still be private, the record still unreadable.
            draft.park(pair.record, pair.item, pair.frozen_for, "frozen; both sides are read again", soon=True)
            return
        merge_pair(draft, replace(pair, state=PairState.ACTIVE, frozen_for=""), record, own, why, keep=True)
        return
    merge_pair(draft, pair, record, own, why)


def _absent(draft: Draft, pair: Pair, record: Record | None, verdict: Verdict, why: Why) -> None:
    """D1: the item is proven gone, or was moved out. `record` was read in this session, in scope or pinned."""
    sight = draft.sight
    if record is None:
        draft.park(pair.record, pair.item, "D1", "its record is read first")
    elif sight.repairing or sight.refill:
        rule, because = ("A1", "pairs are found again") if sight.repairing else ("A3", "the folder itself was lost")
        _restore(draft, pair, record, Why(rule, f"its item is not there; nothing is deleted: {because}"))
    elif sight.scope_fault and (verdict is Verdict.RECREATE_ITEM or not pair.pinned):
        draft.park(pair.record, pair.item, "A16", sight.scope_fault)
    elif verdict is Verdict.UNPAIR:
        _unpair(draft, pair, why)
    elif verdict is Verdict.RECREATE_ITEM:
        mirror(draft, record, why, pair=pair)
    else:
        _delete(draft, pair, record, verdict, why)


def _unpair(draft: Draft, pair: Pair, why: Why) -> None:
    draft.actions.append(EndPair(pair, Tombstone(pair.record, None, why.rule), why))


def _restore(draft: Draft, pair: Pair, record: Record, why: Why) -> None:
    """Creates the item again; where nothing is created in the mailbox (E1: up) the pair ends instead."""
    if draft.policy.mirrors:
        mirror(draft, record, why, pair=pair)
    else:
        _unpair(draft, pair, why)


def _delete(draft: Draft, pair: Pair, record: Record, verdict: Verdict, why: Why) -> None:
    sight = draft.sight
    won = any(winner_of(r, sight) == pair.record for r in sight.fates if r != pair.record)
    shared = draft.policy.hold_shared_deletions and pair.record in sight.shared
    known = next((r for r in ("D3", "D1") if hold_name(r, pair.record) in sight.holds), None)
    rule = known or ("D3" if verdict is Verdict.HOLD_DELETION or shared else "D1")
    asking = known or rule == "D3" or won or sight.hold_deletions
    match draft.ask(rule, member(pair, record, None)) if asking else Answer.APPROVED:
        case Answer.APPROVED:
            draft.actions.append(DeleteRecord(pair, Why(rule, why.reason)))
        case Answer.REJECTED:
            _restore(draft, pair, record, Why(rule, "a person asked for it to be re-created"))
        case Answer.OPEN:
            pass


def _remove(draft: Draft, pair: Pair, own: Item | None, verdict: Verdict, why: Why) -> None:
    """D4, A18. The item was read in this session, whether or not the feed named it."""
    if draft.sight.repairing or draft.sight.scope_fault or own is None:
        # By the id that it has now: moved since, it may have a new one.
        place = own.id if own else pair.item
        draft.park(pair.record, place, "A1" if draft.sight.repairing else "A16", "nothing is removed now")
        return
    ends = verdict is Verdict.REMOVE_ITEM
    after = None if ends else _rest(pair, own)
    draft.actions.append(RemoveItem(own, why, pair, after, edits_of(draft, pair, own)))


def _rest(pair: Pair, own: Item) -> Pair:
    """The pair while its item lies in Deleted Items; with the approval of one that is private (A13)."""
    return replace(pair, state=PairState.DORMANT, item=None, in_scope=False, frozen_for=approval(own))


def _suspend(draft: Draft, pair: Pair, own: Item | None, verdict: Verdict, why: Why) -> None:
    dormant = verdict is Verdict.DORMANT
    state = PairState.DORMANT if dormant else PairState.FROZEN
    item = None if dormant else own.id if own else pair.item
    after = replace(pair, state=state, frozen_for=why.rule, item=item, in_scope=False)
    if after != pair:
        draft.actions.append(PairUp(after, why))
    if own is not None and edits_of(draft, pair, own):
        message = "its Salesforce contact is out of reach; this edit waits in the mailbox until it is back"
        draft.issues.append(Issue("FROZEN", "A18", message, pair.record, own.id))
        draft.park(None, own.id, "A18", message)


def _end(draft: Draft, pair: Pair, own: Item | None, verdict: Verdict, why: Why) -> None:
    draft.actions.append(EndPair(pair, Tombstone(pair.record, pair.item, why.rule), why))
    if verdict is Verdict.END_LEFT_OVER:
        version = own.version if own else pair.mailbox.version
        draft.ask("B17", HoldMember(pair.record, own.id if own else pair.item, mailbox_version=version))


def _hold_private(draft: Draft, pair: Pair, record: Record | None, own: Item | None, why: Why) -> None:
    assert own is not None
    match draft.ask("A13", member(pair, record, own)):
        case Answer.OPEN:
            after = replace(pair, state=PairState.FROZEN, frozen_for="A13", item=own.id)
            if after != pair:
                draft.actions.append(PairUp(after, why))
        case Answer.APPROVED:
            _allow_private(draft, replace(pair, state=PairState.ACTIVE, frozen_for="A13"), record, own, why)
        case Answer.REJECTED:
            draft.actions.append(Stamp(own, Why("A13", "unpaired by a person"), record="", excluded=True))
            draft.parked.append(Parked(Side.MAILBOX, own.id, "A23", "excluded by a person"))
            _unpair(draft, pair, Why("A13", "unpaired by a person"))


def _allow_private(draft: Draft, pair: Pair, record: Record | None, own: Item, why: Why) -> None:
    """A13 approved: it is synced like any other, and so not where its record is out of reach meanwhile (A18)."""
    verdict, because = _judge(draft, pair, own)
    if verdict in (Verdict.NOTHING, Verdict.MERGE):
        _restore_marks(draft, pair, own)
        merge_pair(draft, pair, record, own, why, keep=True)
    else:
        _carry(draft, pair, own, verdict, because)
