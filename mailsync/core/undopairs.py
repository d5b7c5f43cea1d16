"""Undo of what came to be or went: creations, removals, deletions, pairings, moves – each only as far as nobody has
worked on it since (L4, L5)."""

from dataclasses import replace
from datetime import timedelta

from mailsync.core.actions import CreateItem, DeleteRecord, MoveIn, PairUp, RemoveItem, Stamp
from mailsync.core.changes import Item, Record
from mailsync.core.creation import for_item
from mailsync.core.deeds import Deed
from mailsync.core.entries import ACCOUNT_ID, APART, MARK, Entry
from mailsync.core.marks import carries_category
from mailsync.core.notices import Parked
from mailsync.core.pair import UNDONE, Base, Pair, PairState
from mailsync.core.person import Values
from mailsync.core.refs import FieldName, FolderId, OwnerId, RecordId, Side, Version
from mailsync.core.states import is_private
from mailsync.core.undo import UNDO, MoveOut, Present, Restore, Undo, found_alike, resting
from mailsync.core.undofields import is_as_written, is_edited

_NOBODY = OwnerId("")
DOUBTED = "the answer to its creation was lost and it was never found; if it was made, it is to be taken away by hand"
AT_ONCE = timedelta(seconds=2)
"""Salesforce stamps creation and last change of an untouched record alike; a person takes longer than this."""


def take_back_record_made(deed: Deed, present: Present, undo: Undo, made: Entry) -> None:
    """A record that was created, or restored, goes to the recycle bin; its item stays, excluded (A23)."""
    if made.record is None:
        undo.keep(deed, DOUBTED)
        return
    record = present.record(made.record)
    if record is None:
        return
    if reason := _why_not_delete(record, made, present):
        undo.keep(deed, reason)
        return
    pair = present.pair(record.id) or Pair(record.id, None, Base({}), Base({}))
    item = present.item(pair.item, *deed.items)
    before = replace(pair, item=item.id if item else None, crm=Base(record.values, record.version))
    undo.actions += [PairUp(resting(before), UNDO), DeleteRecord(replace(before, account=record.account), UNDO)]
    if item is not None and _came_with(deed) and not is_private(pair, item):
        undo.actions.append(RemoveItem(item, UNDO))
    elif item is not None:
        _let_go(deed, item, undo)


def _came_with(deed: Deed) -> bool:
    """Whether the session that restored a record brought its item, too."""
    came = deed.came_from_bin or deed.did(Side.MAILBOX, "create") is not None
    return came and deed.did(Side.CRM, "restore") is not None


def _why_not_delete(record: Record, made: Entry, present: Present) -> str:
    """Why a record that the session made must stay (L4): "" where it may go."""
    if not present.may_delete:
        return "its Salesforce record stays: auto_removal is not-allowed; with --delete it is deleted there"
    written = _after(made)
    linked = made.fields.get(ACCOUNT_ID)
    same_link = (record.account or "") == ((linked.after if made.kind == "create" else linked.before) if linked else "")
    untouched = made.kind == "restore" or record.modified is None or record.modified - record.created <= AT_ONCE
    alike = is_as_written({**_defaults(present), **written}, _without_company(record.values), present.policy)
    if alike and untouched and same_link:
        return ""
    return "its Salesforce record was changed after the session made it; delete it there by hand if it should go"


def _after(made: Entry) -> Values:
    create = made.kind == "create"
    return {FieldName(n): c.after if create else c.before for n, c in made.fields.items()}


def _defaults(present: Present) -> Values:
    return {FieldName(n): v for n, v in present.policy.defaults.items()}


def _without_company(values: Values) -> Values:
    """The Account decides over the company (B5); it is compared by id."""
    return {n: v for n, v in values.items() if n != "Company"}


def take_back_item_made(deed: Deed, present: Present, undo: Undo) -> None:
    """An item that was created, or brought back, goes to Deleted Items; its record stays, its pair rests."""
    created = deed.did(Side.MAILBOX, "create")
    if created is not None and created.item is None:
        undo.keep(deed, DOUBTED)
        return
    pair = present.pair(deed.record)
    if pair is None or (item := _made(deed, present, pair)) is None:
        return
    pair = replace(pair, item=item.id)
    if not pair.made_item:
        undo.keep(deed, "another mailbox contact has taken its place since")
    elif is_edited(pair, item, present.policy):
        undo.keep(deed, "edited in the mailbox since; it stays")
    elif is_private(pair, item):
        undo.keep(deed, "made private in the mailbox since; it stays")
    else:
        undo.actions += [PairUp(resting(pair), UNDO), RemoveItem(item, UNDO, pair, resting(pair))]


def _made(deed: Deed, present: Present, pair: Pair) -> Item | None:
    """The pair's item; where an undo was interrupted, the one that its resting pair let go already."""
    if pair.item is not None:
        return present.inside(pair.item)
    left = present.item(*deed.items) if pair.frozen_for == UNDONE else None
    return left if left is not None and left.inside and left.record == pair.record else None


def take_back_removal(deed: Deed, present: Present, undo: Undo, removed: Entry) -> None:
    """An item that was removed comes back; where its record is out of reach it stays frozen beside it."""
    pair, sight = present.pair(deed.record), present.sight
    if deed.record is None:
        undo.keep(deed, "it was merged into another contact; if you want it back, take it out of Deleted Items")
    elif pair is not None and (item := present.inside(pair.item)):
        if pair.frozen_for == UNDONE and not carries_category(item):
            # Interrupted after it was brought back: its mark is still to be put on.
            undo.actions.append(Stamp(item, UNDO, category=True, record=pair.record, error="", counted=True))
        else:
            undo.keep(deed, "its contact is in the folder again; nothing is brought back beside it")
    elif (fate := sight.fates.get(deed.record)) is not None and fate.master:
        _bring_back_alone(deed, sight.discarded.get(deed.record), undo)
    else:
        record = present.record(deed.record)
        bring_back(deed, present, undo, record or _remembered(deed.record, removed), pair)


def _bring_back_alone(deed: Deed, item: Item | None, undo: Undo) -> None:
    """Its record was merged away: the item comes back on its own, excluded (A23)."""
    if item is None:
        undo.keep(deed, "its record was merged away, and it is not in Deleted Items any more; see the history")
        return
    undo.actions += [MoveIn(item, UNDO), Stamp(item, UNDO, category=True, record="", excluded=True, counted=True)]
    undo.parked.append(_excluded(item))


def _remembered(record: RecordId, entry: Entry) -> Record:
    """A record that can't be read, as the history remembers it."""
    values = {FieldName(n): c.before for n, c in entry.fields.items() if n not in APART and c.before}
    return Record(record, Version(""), values, _NOBODY, None, entry.time, _NOBODY, in_scope=False)


def bring_back(deed: Deed, present: Present, undo: Undo, record: Record, pair: Pair | None) -> None:
    """The record's item comes back: from Deleted Items, from where it lies excluded, or created anew."""
    item = _find_item(deed, present, record.id)
    followed = record.id in present.sight.records and (record.in_scope or pair is None or pair.pinned)
    state, why = (PairState.ACTIVE, "") if followed else (PairState.FROZEN, UNDONE)
    if item is None:
        if present.policy.mirrors or deed.did(Side.MAILBOX, "remove"):
            values = for_item(record.values, present.policy).values
            undo.actions.append(CreateItem(record, values, UNDO, pair, frozen=not followed))
        return
    known = pair if pair is not None and pair.mailbox.values else found_alike(record, item)
    after = replace(known, item=item.id, state=state, frozen_for=why)
    if not item.inside:
        undo.actions.append(MoveIn(item, UNDO, after))
    excluded = False if item.excluded else None
    undo.actions += [
        PairUp(after, UNDO, new=pair is None or bool(deed.did(Side.CRM, "unpair"))),
        Stamp(item, UNDO, category=True, record=record.id, excluded=excluded, error="", counted=True),
    ]
    if followed:
        undo.parked.append(Parked(Side.CRM, record.id, UNDONE, "read again after an undo", present.sight.now))


def _find_item(deed: Deed, present: Present, record: RecordId) -> Item | None:
    """In the folder by the id property, else in Deleted Items, else where the history knows it to be."""
    sight, named = present.sight, [r for r in (record, deed.record) if r]
    paired = {p.item for p in sight.pairs if p.record != record}
    ours = [i for i in sight.items.values() if i.record in named and i.id not in paired]
    thrown = [sight.discarded[r] for r in named if r in sight.discarded]
    known = present.item(*(i for i in deed.items if i not in paired))
    return next(iter((*ours, *thrown)), known)


def take_back_deletion(deed: Deed, present: Present, undo: Undo, deleted: Entry) -> None:
    """A record that was deleted is restored, and its item with it (B16)."""
    assert deleted.record is not None
    known = present.anew.get(deleted.record, deleted.record)
    record, pair = present.record(known), present.pair(known)
    if record is not None:
        if pair is None or present.item(pair.item) is None:
            bring_back(deed, present, undo, record, pair)
    elif known in present.doubtful:
        undo.keep(deed, "the answer to its creation was lost; run the same undo again in ten minutes")
    else:
        item = _find_item(deed, present, known)
        undo.restores.append(Restore(known, deleted.fields, item.id if item else None))


def take_back_pairing(deed: Deed, present: Present, undo: Undo) -> None:
    """A pairing ends: the item stays on its own, excluded (A23), and the record is not mirrored again."""
    pair = present.pair(deed.record)
    if pair is None or (item := present.item(pair.item, *deed.items)) is None:
        return
    if pair.item is None and item.excluded:
        return
    if pair.item is not None:  # else an undo was interrupted after this
        undo.actions.append(PairUp(resting(pair), UNDO, parted=item.id))
    _let_go(deed, item, undo)


def take_back_unpairing(deed: Deed, present: Present, undo: Undo) -> None:
    """A pair that ended is one again where both sides are there; bases are what they hold now (A1)."""
    pair = present.pair(deed.record)
    record = present.record(deed.record)
    if pair is not None and pair.item is not None:
        return
    if record is None or _find_item(deed, present, record.id) is None:
        undo.keep(deed, "one of its two sides is not there any more, so there is nothing to pair")
        return
    bring_back(deed, present, undo, record, pair)


def take_back_move(deed: Deed, present: Present, undo: Undo) -> None:
    """An item that was brought in, but has no pair, goes back to where it was, excluded (A23)."""
    item = present.item(*deed.items)
    if item is None:
        return
    if any(p.item == item.id for p in present.sight.pairs):
        undo.keep(deed, "a later session paired it; undo that one first")
        return
    _let_go(deed, item, undo)


def _let_go(deed: Deed, item: Item, undo: Undo) -> None:
    """Takes off what the session put on, marks the item as excluded, and moves it back where it was brought in."""
    marked = deed.did(Side.MAILBOX, "categorise")
    put_on = marked is not None and MARK in marked.fields and not marked.fields[MARK].before
    off = False if put_on and carries_category(item) else None
    undo.actions.append(Stamp(item, UNDO, category=off, record="", excluded=True, error="", counted=off is not None))
    if item.inside:
        undo.parked.append(_excluded(item))
        if deed.came_from:
            undo.homes.append(MoveOut(item, FolderId(deed.came_from)))


def _excluded(item: Item) -> Parked:
    return Parked(Side.MAILBOX, item.id, "A23", "excluded by an undo")
