"""Items that were ours before: found again, returned beside a re-created one, left over (A1, A10, B2(2), B17, D6)."""

from dataclasses import replace

from mailsync.core.actions import Action, RemoveItem, Stamp, Why, ids
from mailsync.core.changes import Item, Record
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer, hold_name
from mailsync.core.notices import HoldMember
from mailsync.core.pair import Base, Pair, PairState
from mailsync.core.pairing import approval, fill_from, merge_pair
from mailsync.core.states import is_private
from mailsync.core.unpaired import bring_in, create, exclude, pair_with
from mailsync.core.winners import edits_of

GIVES_WAY = "the returning item takes the re-created one's place"
"""Why an item is removed of itself; with any other reason, a person asked for it (C7)."""


def take_place(draft: Draft, item: Item, pair: Pair, record: Record | None, rule: str) -> None:
    """D6, A10, B2(2): a returning item takes the place of one that is gone, or that D1 re-created; else a hold."""
    draft.look(pair.record, item.id)
    if _gives_way(draft, pair, item):
        _replace(draft, item, pair, record, Why(rule, GIVES_WAY))
        return
    match draft.ask(rule, member(pair, record, item), detail="its record has an item already"):
        case Answer.OPEN:
            pass
        case Answer.APPROVED:
            merge_into(draft, item, pair, record, rule)
        case Answer.REJECTED:
            draft.actions.append(Stamp(item, Why(rule, "a contact of its own"), record=""))
            create(draft, replace(item, record=None))


def merge_into(draft: Draft, item: Item, pair: Pair, record: Record | None, rule: str) -> None:
    """C7: a person says that the item is the pair's person: what it adds goes to the record, it to Deleted Items."""
    lost = fill_from(draft, pair, record, item)
    why = Why(rule, "approved by a person: merged into the record's own item")
    draft.actions.append(RemoveItem(item, why, lost=lost))


def _gives_way(draft: Draft, pair: Pair, item: Item) -> bool:
    """Whether the pair has no item and got none in this session, or one that was re-created and nobody edited."""
    if pair.record in draft.paired:
        return False
    if pair.item is None or pair.item in draft.sight.gone:
        # Restored or moved, its own item has come back under another id and keeps the pair (A11).
        return not any(i.record == pair.record and i.id != item.id for i in draft.sight.items.values())
    present = draft.sight.items.get(pair.item)
    edited = pair.edited or (present is not None and _is_worked_on(draft, pair, present))
    # E1: in direction up nothing is removed from the mailbox, so neither gives way by itself.
    return draft.policy.mirrors and pair.recreated > 0 and pair.made_item and not edited


def _is_worked_on(draft: Draft, pair: Pair, present: Item) -> bool:
    """Whether a person did something to the re-created item: edited it, or made it private (A13)."""
    return is_private(pair, present) or bool(edits_of(draft, pair, present))


def _replace(draft: Draft, item: Item, pair: Pair, record: Record | None, why: Why) -> None:
    """The item becomes the pair's: whatever else was planned for the pair is off, and values meet as in B4."""
    present = draft.sight.items.get(pair.item) if pair.item else None
    if record is None or (present is None and not (pair.item is None or pair.item in draft.sight.gone)):
        # Removals follow a read: the re-created item, its record and this one are read together next time.
        draft.park(pair.record, pair.item, why.rule, why.reason, soon=True)
        draft.park(None, item.id, why.rule, why.reason, soon=True)
        return
    draft.actions = [a for a in draft.actions if ids(a)[0] != pair.record or _strips(a)]
    for rule in ("C5", "D1", "D3"):
        draft.holds.pop(hold_name(rule, pair.record), None)
    if present is not None:
        draft.actions.append(RemoveItem(present, why))
    bring_in(draft, item, why)
    draft.actions.append(Stamp(item, why, category=True, record=pair.record, error="", counted=True))
    anew = replace(pair, mailbox=Base({}, item.version), made_item=False, edited=False)  # no base: as in B4
    after = replace(anew, state=PairState.ACTIVE, frozen_for=approval(item), pinned=True)
    draft.take(pair.record)
    merge_pair(draft, after, record, item, why, asking="B4")


def _strips(action: Action) -> bool:
    """Whether it only takes marks off an item that is personal again (A9, A11)."""
    return isinstance(action, Stamp) and action.category is False


def plan_left_over(draft: Draft, item: Item) -> Item | None:
    """B17: our own item whose record is gone. Never taken for a new one. Returns what a person wants created again."""
    draft.look(item.record, item.id)
    # With its record: undeleted, the record must find this item and not get another one (B16).
    match draft.ask("B17", HoldMember(item.record, item.id, mailbox_version=item.version)):
        case Answer.OPEN:
            pass
        case Answer.APPROVED:
            draft.actions.append(Stamp(item, Why("B17", "created again as a person asked"), record=""))
            return replace(item, record=None)
        case Answer.REJECTED:
            exclude(draft, item, "B17")
    return None


def plan_found_again(draft: Draft, item: Item, record: Record) -> None:
    """A1: after a lost store, `reset` or a take-over, pairs are found again by the id property."""
    pair_with(draft, item, record, Why("A1", "found again by its id property"), strict=True)
