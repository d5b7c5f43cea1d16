"""Removals, last of all and only where a policy says so (L4, D1, D4, A18, A19)."""

from collections.abc import Sequence

from mailsync.core.actions import CreateItem, DeleteRecord, RemoveItem, Stamp, Why
from mailsync.core.creation import for_item
from mailsync.core.entries import ACCOUNT_ID, Change, Entry
from mailsync.core.notices import Issue
from mailsync.core.pair import UNDONE, Pair, Tombstone
from mailsync.core.person import is_blank
from mailsync.core.refs import Side
from mailsync.ports.ledger import Batch
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written
from mailsync.session.creates import create_items
from mailsync.session.places import stamp
from mailsync.session.work import Work

AT_ONCE = 200


def delete_records(work: Work, actions: Sequence[DeleteRecord]) -> None:
    """Deletes in Salesforce what this session read; what may not be deleted is created again in the mailbox (D3)."""
    again: list[CreateItem] = []
    for start in range(0, len(actions), AT_ONCE):
        part = actions[start : start + AT_ONCE]
        outcomes = work.agent.crm.delete([a.pair.record for a in part])
        rules = {a.pair.record: UNDONE if a.why.rule == UNDONE else "D1" for a in part}
        ended: list[Pair] = []
        entries: list[Entry] = []
        for action, outcome in zip(part, outcomes, strict=True):
            if _is_deleted(work, action, outcome, again):
                ended.append(action.pair)
                pair = action.pair
                fields = {str(n): Change(v, "") for n, v in pair.crm.values.items() if not is_blank(v)}
                fields |= {ACCOUNT_ID: Change(pair.account, "")} if pair.account else {}
                entries.append(work.entry(action.why, Side.CRM, "delete", pair.record, pair.item, fields))
        stones = tuple(Tombstone(p.record, None, rules[p.record]) for p in ended)
        work.commit(Batch(ended=tuple(p.record for p in ended), tombstones=stones, entries=tuple(entries)))
        work.progress("deleting in Salesforce", start + len(part), len(actions))
    create_items(work, again)


def _is_deleted(work: Work, action: DeleteRecord, outcome: Outcome, again: list[CreateItem]) -> bool:
    pair = action.pair
    match outcome:
        case Written():
            work.tally.crm_deleted += 1
            return True
        case Missing():
            return True
        case Stale() | Refusal(transient=True):
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
    """Takes the category off (A19: our own removal is never read back as the user's) and moves to Deleted Items."""
    stamp(work, [Stamp(a.item, a.why, category=False, error="") for a in actions])
    for start in range(0, len(actions), AT_ONCE):
        part = actions[start : start + AT_ONCE]
        outcomes = work.agent.mailbox.remove([work.place(a.item.id) for a in part])
        work.commit(_removed(work, [a for a, o in zip(part, outcomes, strict=True) if _is_removed(work, a, o)]))
        work.progress("removing from the mailbox", start + len(part), len(actions))


def _is_removed(work: Work, action: RemoveItem, outcome: Outcome) -> bool:
    if isinstance(outcome, Written):
        work.tally.removed += 1
    if isinstance(outcome, Written | Missing):
        return True
    ref = action.pair.record if action.pair else action.item.id
    side = Side.CRM if action.pair else Side.MAILBOX
    work.park(side, ref, action.why.rule, "it could not be removed now", work.now())
    return False


def _removed(work: Work, actions: Sequence[RemoveItem]) -> Batch:
    after = tuple(a.after for a in actions if a.after)
    ended = [a.pair for a in actions if a.pair and not a.after]
    stones = tuple(Tombstone(a.pair.record, None, a.why.rule) for a in actions if a.pair)
    entries = tuple(_entry(work, a) for a in actions)
    return Batch(pairs=after, ended=tuple(p.record for p in ended), tombstones=stones, entries=entries)


def _entry(work: Work, action: RemoveItem) -> Entry:
    """What was removed, with the values before and the edits that went with it (D4: the edit is in the history)."""
    before = action.pair.mailbox.values if action.pair else action.item.values
    fields = {str(n): Change(v, "", action.lost.get(n, "")) for n, v in before.items() if not is_blank(v)}
    for name, value in action.lost.items():
        fields.setdefault(str(name), Change("", "", value))
    record = action.pair.record if action.pair else action.item.record
    return work.entry(action.why, Side.MAILBOX, "remove", record, action.item.id, fields)
