"""What each side reports of a pair, in the terms of the decision table."""

from mailsync.core.changes import Item, Sensitivity
from mailsync.core.decision import CrmState, MailboxState
from mailsync.core.divergence import BLANK, differs
from mailsync.core.draft import Draft
from mailsync.core.marks import carries_category
from mailsync.core.pair import Pair, PairState
from mailsync.core.person import Flow, Values
from mailsync.core.policy import Policy


def crm_state(draft: Draft, pair: Pair) -> CrmState:
    """What Salesforce reports of the pair's record."""
    fate, record = draft.sight.fates.get(pair.record), draft.sight.records.get(pair.record)
    if fate is not None and fate.deleted:
        return CrmState.MERGED if fate.master else CrmState.DELETED
    # D7: the winner of a merge that could not be read is not deleted.
    unread_winner = record is None and pair.record in draft.paired
    if pair.record in draft.sight.unreadable or unread_winner:
        return CrmState.UNREADABLE
    if record is None:
        return CrmState.SAME
    if not record.in_scope and not pair.pinned and not draft.sight.scope_fault:
        return CrmState.LEFT
    return CrmState.CHANGED if is_changed(record.values, pair.crm.values, draft.policy) else CrmState.SAME


def is_merged_away(draft: Draft, pair: Pair) -> bool:
    """Whether the pair's record was merged into another one."""
    fate = draft.sight.fates.get(pair.record)
    return fate is not None and fate.deleted and bool(fate.master)


def mailbox_state(draft: Draft, pair: Pair, own: Item | None, *, moved_out: bool) -> MailboxState:
    """What the mailbox reports of the pair's item; `own` is the item where it was seen in the folder, never one that
    moved out."""
    if moved_out:
        return MailboxState.MOVED_OUT
    if own is None:
        return MailboxState.GONE if pair.item in draft.sight.gone else MailboxState.SAME
    if is_private(pair, own):
        return MailboxState.PRIVATE
    return MailboxState.CHANGED if is_changed(own.values, pair.mailbox.values, draft.policy) else MailboxState.SAME


def is_changed(now: Values, base: Values, policy: Policy) -> bool:
    """Whether any field that is mapped differs in meaning from a side's base."""
    moved = {n for n, value in now.items() if value != base.get(n, BLANK)}
    fields = [f for f in policy.fields if f.name in moved and f.flow is not Flow.OFF] if moved else []
    return any(differs(f, now[f.name], base, policy) for f in fields)


def is_echo(pair: Pair, item: Item, policy: Policy) -> bool:
    """Whether the mailbox only tells again of the pair's item as the agent left it: in that version, with that meaning,
    marked, in the folder. Then nothing happened there, and what happened to the record is Salesforce's to tell."""
    same = (item.id, item.version, item.record) == (pair.item, pair.mailbox.version, pair.record) and item.inside
    at_rest = pair.state is PairState.ACTIVE and item.sensitivity is Sensitivity.NORMAL and carries_category(item)
    return same and at_rest and not is_changed(item.values, pair.mailbox.values, policy)


def is_private(pair: Pair, item: Item) -> bool:
    """A13: whether an item is private and no person asked for it to be synced: nothing of it is sent or stored (L3)."""
    return item.sensitivity is not Sensitivity.NORMAL and not is_approved_private(pair)


def is_approved_private(pair: Pair) -> bool:
    """A13: a person asked for it to be synced; remembered by the pair, also while that is dormant, until its item is no
    longer private."""
    return pair.state is not PairState.FROZEN and pair.frozen_for == "A13"
