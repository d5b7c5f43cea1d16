"""From Salesforce into the folder: new records in scope, and re-created items (A17, D1, C5, B16 undeleted)."""

from collections.abc import Sequence
from dataclasses import replace

from mailsync.core.actions import CreateItem, MoveIn, PairUp, Stamp, Why
from mailsync.core.changes import Record, Sensitivity
from mailsync.core.creation import for_item
from mailsync.core.draft import Draft, member
from mailsync.core.holds import ABOUT_NEWCOMERS, Answer
from mailsync.core.notices import Issue
from mailsync.core.pair import Base, Pair, PairState
from mailsync.core.pairing import merge_pair
from mailsync.core.person import display_name
from mailsync.core.refs import RecordId, Side

NEW = Why("A17", "new in scope")
THIRD = 2
"""An item that was re-created twice is not re-created a third time without asking (C5)."""


def plan_mirrors(draft: Draft, unpaired: Sequence[Record]) -> None:
    """Drafts an item for every unpaired record in scope that nothing else has claimed."""
    sight = draft.sight
    passed = draft.claimed | _asked_about(draft)
    for record in unpaired:
        if not record.in_scope or record.id in passed:
            continue
        draft.look(record.id, None)
        if not draft.policy.mirrors:
            continue
        if sight.scope_fault:
            draft.park(record.id, None, "A16", sight.scope_fault)
        elif record.id in {r.id for r in sight.unexplained} and sight.in_doubt:
            draft.park(record.id, None, "B15", "it may be a create whose answer was lost")
        else:
            _mirror_new(draft, record)


def _asked_about(draft: Draft) -> set[RecordId]:
    """B2, A13: records that an open question says an item may be, or is; nothing was decided about that item here, so
    the record gets no second one."""
    asked = (h for h in draft.sight.holds.values() if h.rule in ABOUT_NEWCOMERS or h.rule == "A13")
    members = (m for h in asked for m in h.members)
    return {m.record for m in members if m.record and m.item and (Side.MAILBOX, m.item) not in draft.looked_at}


def _mirror_new(draft: Draft, record: Record) -> None:
    discarded = draft.sight.discarded.get(record.id)
    if discarded is None or discarded.sensitivity is not Sensitivity.NORMAL:  # A13: private, it stays where it lies
        mirror(draft, record, NEW)
        return
    # B16: an undeleted record revives its pair; the item comes back from Deleted Items.
    why = Why("B16", "undeleted in Salesforce: its item comes back")
    base = {n: v for n, v in discarded.values.items() if n in record.values}
    mirrored = discarded.key is not None  # what a person made is theirs, whoever brings it back (A14, A18, E6)
    pair = Pair(
        record.id,
        discarded.id,
        Base(base, record.version),
        Base(base, discarded.version),
        pinned=not mirrored,
        origin=Side.CRM if mirrored else Side.MAILBOX,
        made_item=mirrored,
    )
    draft.actions.append(MoveIn(discarded, why, pair))
    draft.actions.append(Stamp(discarded, why, category=True, record=record.id))
    merge_pair(draft, pair, record, discarded, why, new=True)


def _is_in_doubt(draft: Draft, record: Record) -> bool:
    """B15: while the answer to its item's creation is lost, and a list may lag, nothing is created again."""
    if record.id not in draft.sight.in_doubt_down:
        return False
    message = "the answer to its creation in the mailbox was lost; it is looked for again in the next session"
    draft.issues.append(Issue("IN_DOUBT", "B15", message, record.id, None))
    draft.park(record.id, None, "B15", message)
    return True


def mirror(draft: Draft, record: Record, why: Why, *, pair: Pair | None = None) -> None:
    """Drafts an item with the record's values. `pair`: the pair that gets it (D1, A18); else a new one. Not for
    direction up (E1)."""
    if _is_in_doubt(draft, record):
        return
    if not display_name(record.values):
        message = "this Salesforce contact has no readable name, so the mailbox can't show it"
        draft.issues.append(Issue("NOBODY", "A12", message, record.id, None))
        draft.park(record.id, None, "A12", message)
        return
    if pair is not None and why.rule in ("D1", "D3") and pair.recreated >= THIRD:
        asked = draft.ask("C5", member(pair, record, None), detail="the same contact for the third time")
        if asked is Answer.REJECTED:
            kept = replace(pair, state=PairState.FROZEN, frozen_for="C5")
            draft.actions.append(PairUp(kept, Why("C5", "stopped by a person")))
        if asked is not Answer.APPROVED:
            return
    fitted = for_item(record.values, draft.policy)
    for p in fitted.problems:
        draft.issues.append(Issue("FIELD_SKIPPED", "B13", p.message, record.id, None, p.field))
    for name in fitted.cut:
        message = f"{name} was cut to fit the mailbox; Salesforce keeps the full value"
        draft.issues.append(Issue("VALUE_CUT", "B13", message, record.id, None, name))
    draft.actions.append(CreateItem(record, fitted.values, why, pair))
