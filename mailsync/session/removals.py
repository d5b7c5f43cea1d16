"""Removals, last of all and only where a policy says so (L4, D1, D4, A18, A19)."""

from collections.abc import Sequence, Set

from mailsync.core.actions import CreateItem, DeleteRecord, RemoveItem, Stamp, Why
from mailsync.core.changes import FolderState, Trace
from mailsync.core.creation import for_item
from mailsync.core.entries import ACCOUNT_ID, Change
from mailsync.core.notices import Issue
from mailsync.core.pair import UNDONE, Pair, Tombstone
from mailsync.core.person import is_blank
from mailsync.core.refs import ItemId, RecordId, Side
from mailsync.ports.ledger import Batch, Pending
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written
from mailsync.session.creates import create_items
from mailsync.session.pending import announce_removal, record_done
from mailsync.session.places import stamp
from mailsync.session.work import Work

AT_ONCE = 200


def delete_records(work: Work, actions: Sequence[DeleteRecord]) -> None:
    """Deletes in Salesforce what this session read; what may not be deleted is created again in the mailbox (D3)."""
    again: list[CreateItem] = []
    for start in range(0, len(actions), AT_ONCE):
        part = _keep_returned(work, actions[start : start + AT_ONCE])
        announced = [_announce_deletion(work, a) for a in part]
        if part:
            work.commit(Batch(pending=tuple(announced)))
            outcomes = _confirm(work, part, work.agent.crm.delete([a.pair.record for a in part]))
            told = zip(part, announced, outcomes, strict=True)
            work.commit(record_done([w for a, w, o in told if _is_deleted(work, a, o, again)], announced))
        work.progress("deleting in Salesforce", min(start + AT_ONCE, len(actions)), len(actions))
    create_items(work, again)


def _keep_returned(work: Work, actions: Sequence[DeleteRecord]) -> list[DeleteRecord]:
    """L4, B15: Salesforce knows no condition on an item, so the mailbox is asked once more, right before. The records
    of items that are back in the folder, or not shown now, stay and are planned again. What an undo deletes leaves its
    item where it is.
    """
    asked = [a.pair for a in actions if a.why.rule != UNDONE]
    returned, hidden = _find_returned(work, asked) if asked else (set[RecordId](), set[RecordId]())
    for record in sorted(returned):
        work.park(Side.CRM, record, "D1", "its item is back in the folder", work.now())
    for pair in (p for p in asked if p.record in hidden):
        message = "the mailbox did not show whether its contact is still deleted; the next session asks again"
        work.issues.append(Issue("UNPROVEN", "D1", message, pair.record, pair.item))
        work.park(Side.CRM, pair.record, "D1", "its deletion could not be proven now", work.now())
    return [a for a in actions if a.pair.record not in returned | hidden]


def _find_returned(work: Work, pairs: Sequence[Pair]) -> tuple[Set[RecordId], Set[RecordId]]:
    """Whose item is in the folder again since it was read, and whose item the mailbox would not show. Raises
    VendorError."""
    mailbox = work.agent.mailbox
    if mailbox.capabilities.new_id_on_move:
        # Moved back it has another id; what was told of the folder since the session read it names its record.
        told = mailbox.changes(work.folder, work.cursor)
        named = {i.record for i in told.seen if i.inside}
        return {p.record for p in pairs if told.folder is FolderState.LOST or p.record in named}, set()
    read = mailbox.read([p.item for p in pairs if p.item])
    back = {i for i, item in read.items() if item is not None and item.inside}
    return {p.record for p in pairs if p.item in back}, {p.record for p in pairs if p.item and p.item not in read}


def _confirm(work: Work, actions: Sequence[DeleteRecord], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """D7: a record that Salesforce does not find may have been given away since it was read, or merged; only what is
    proven deleted counts as missing. The others stay, and are planned again."""
    missing = {a.pair.record for a, o in zip(actions, outcomes, strict=True) if isinstance(o, Missing)}
    fates = work.agent.crm.fates(missing) if missing else dict[RecordId, Trace]()
    unproven = missing - {r for r, trace in fates.items() if trace.deleted and not trace.master}
    return [Stale() if a.pair.record in unproven else o for a, o in zip(actions, outcomes, strict=True)]


def _announce_deletion(work: Work, action: DeleteRecord) -> Pending:
    pair = action.pair
    fields = {str(n): Change(v, "") for n, v in pair.crm.values.items() if not is_blank(v)}
    fields |= {ACCOUNT_ID: Change(pair.account, "")} if pair.account else {}
    entry = work.entry(action.why, Side.CRM, "delete", pair.record, pair.item, fields)
    stone = Tombstone(pair.record, None, UNDONE if action.why.rule == UNDONE else "D1")
    return Pending(work.agent.clock.key(), pair.record, entry, ended=pair.record, stone=stone)


def _is_deleted(work: Work, action: DeleteRecord, outcome: Outcome, again: list[CreateItem]) -> bool:
    pair = action.pair
    match outcome:
        case Written():
            work.tally.crm_deleted += 1
            return True
        case Missing():
            return True
        case Stale():
            work.park(Side.CRM, pair.record, "D1", "it could not be deleted now", work.now())
        case Refusal(transient=True):
            message = f"Salesforce could not delete it now ({outcome.code}); the next session tries again"
            work.issues.append(Issue(outcome.code, "D1", message, pair.record, None))
            work.park(Side.CRM, pair.record, "D1", "it could not be deleted now", work.now())
        case Refusal() if action.why.rule == UNDONE:
            message = f"Salesforce refused to delete it ({outcome.code}); its item is on its own by now"
            work.issues.append(Issue(outcome.code, "D3", message, pair.record, None))
        case Refusal():
            message = f"Salesforce refused to delete it ({outcome.code}); it is created again in the mailbox"
            work.issues.append(Issue(outcome.code, "D3", message, pair.record, None))
            record = work.sight.records[pair.record]
            values = for_item(record.values, work.policy).values
            again.append(CreateItem(record, values, Why("D1", "it may not be deleted"), pair))
    return False


def remove_items(work: Work, actions: Sequence[RemoveItem]) -> None:
    """Takes the category off (A19: our own removal is never read back as the user's) and moves to Deleted Items.

    An item whose category could not be taken off has changed since it was read, or can't be written: it stays (L5).
    """
    failed = _take_category_off(work, actions) if actions else set[ItemId]()
    for action in (a for a in actions if work.place(a.item.id) in failed):
        _stay(work, action)
    actions = [a for a in actions if work.place(a.item.id) not in failed]
    for start in range(0, len(actions), AT_ONCE):
        part = actions[start : start + AT_ONCE]
        announced = [announce_removal(work, a) for a in part]
        work.commit(Batch(pending=tuple(announced)))
        outcomes = work.agent.mailbox.remove([ItemId(w.ref) for w in announced])
        told = zip(part, announced, outcomes, strict=True)
        work.commit(record_done([w for a, w, o in told if _is_removed(work, a, o)], announced))
        work.progress("removing from the mailbox", start + len(part), len(actions))


def _take_category_off(work: Work, actions: Sequence[RemoveItem]) -> Set[ItemId]:
    """What has changed since it was read, is not shown, or can't be written. Where category and folder are one state it
    stays on: off, and the removal lost, the item would look as if the person had taken it out (A9).
    """
    if work.agent.mailbox.capabilities.category_apart:
        return stamp(work, [Stamp(a.item, a.why, category=False, error="") for a in actions])
    places = {work.place(a.item.id): work.version(a.item) for a in actions}
    present = work.agent.mailbox.read(list(places))
    changed = {i for i, item in present.items() if item is not None and item.version != places[i]}
    return changed | (places.keys() - present.keys())


def _is_removed(work: Work, action: RemoveItem, outcome: Outcome) -> bool:
    if isinstance(outcome, Written):
        work.tally.removed += 1
    if isinstance(outcome, Written | Missing):
        return True
    if isinstance(outcome, Refusal):
        message = f"it could not be removed from the mailbox ({outcome.code}); the next session tries again"
        record = action.pair.record if action.pair else None
        work.issues.append(Issue(outcome.code, action.why.rule, message, record, work.place(action.item.id)))
    _stay(work, action)
    return False


def _stay(work: Work, action: RemoveItem) -> None:
    ref = action.pair.record if action.pair else action.item.id
    side = Side.CRM if action.pair else Side.MAILBOX
    work.park(side, ref, action.why.rule, "it could not be removed now", work.now())
