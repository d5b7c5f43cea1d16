"""Undo in words and values: what is taken back of a deed, what stays as it is and why, and what both sides hold now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mailsync.core.actions import Action, DeleteRecord, PairUp, RemoveItem, UpdateItem, UpdateRecord, Why
from mailsync.core.changes import Item, Record, Sensitivity
from mailsync.core.deeds import Deed
from mailsync.core.entries import Change
from mailsync.core.merge import COMPANY
from mailsync.core.notices import Parked
from mailsync.core.pair import UNDONE, Base, Pair, PairState
from mailsync.core.person import is_blank, text
from mailsync.core.policy import Policy
from mailsync.core.refs import FolderId, ItemId, RecordId
from mailsync.core.sight import Sight

ANEW = "created anew for "
"""How the note of a pair begins whose record stands for one that could not be had back."""
UNDO = Why(UNDONE, "taken back by a person")


@dataclass(frozen=True, slots=True)
class Restore:
    """Have a deleted record back: from the recycle bin, else created anew with another id."""

    record: RecordId
    fields: Mapping[str, Change]  # what it held when it was deleted, as values before
    item: ItemId | None


@dataclass(frozen=True, slots=True)
class MoveOut:
    """Move an item back to the folder that it was brought in from."""

    item: Item
    folder: FolderId


@dataclass(frozen=True, slots=True)
class Kept:
    """What is not taken back, and why; `field` "": all that was done to the contact."""

    record: RecordId | None
    item: ItemId | None
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Present:
    """What both sides hold now of all that is to be taken back, read in this session."""

    sight: Sight
    policy: Policy
    anew: Mapping[RecordId, RecordId] = field(default_factory=dict[RecordId, RecordId])  # by an earlier undo: old → new
    doubtful: frozenset[RecordId] = frozenset()  # creation anew announced, its answer lost (B15)
    may_delete: bool = False  # deleting in Salesforce is allowed: by the policy or by a person's word (L4)

    def pair(self, record: RecordId | None) -> Pair | None:
        """The pair of a record."""
        return next((p for p in self.sight.pairs if p.record == record), None)

    def hides(self, deed: Deed) -> bool:
        """Whether the mailbox would not show an item of a deed: what became of it is not known."""
        pair = self.pair(deed.record)
        return not self.sight.hidden.isdisjoint((*deed.items, pair.item if pair else None))

    def record(self, record: RecordId | None) -> Record | None:
        """The record, where it can be read."""
        return self.sight.records.get(record) if record else None

    def inside(self, item: ItemId | None) -> Item | None:
        """The item, where it lies in the folder."""
        return self.sight.items.get(item) if item else None

    def item(self, *items: ItemId | None) -> Item | None:
        """The first of these items that is there, inside the folder or outside."""
        outside: dict[ItemId | None, Item] = {i.id: i for i in self.sight.outside}
        return next((found for i in items if (found := self.inside(i) or outside.get(i))), None)


@dataclass(slots=True)
class Undo:
    """An undo in the making. Edits come first, while pairs are as they were; then the rest in its stages."""

    restores: list[Restore] = field(default_factory=list[Restore])
    edits: list[UpdateRecord | UpdateItem | PairUp] = field(default_factory=list[UpdateRecord | UpdateItem | PairUp])
    actions: list[Action] = field(default_factory=list[Action])
    homes: list[MoveOut] = field(default_factory=list[MoveOut])
    kept: list[Kept] = field(default_factory=list[Kept])
    parked: list[Parked] = field(default_factory=list[Parked])

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to be written."""
        return not (self.restores or self.edits or self.actions or self.homes)

    def keep(self, deed: Deed, reason: str, name: str = "") -> None:
        """Says that something stays as it is."""
        item = deed.items[0] if deed.items else None
        self.kept.append(Kept(deed.record, item, name, reason))


def resting(pair: Pair) -> Pair:
    """The pair without an item, left alone from now on."""
    return replace(pair, state=PairState.DORMANT, item=None, frozen_for=UNDONE)


def stands_for(pair: Pair) -> RecordId | None:
    """The deleted record in whose place the pair's was created anew."""
    return RecordId(pair.link_note.removeprefix(ANEW)) if pair.link_note.startswith(ANEW) else None


def found_alike(record: Record, item: Item) -> Pair:
    """A pair of what both sides hold now: nothing flows until one of them changes (A1). Of an item that is private
    nothing is stored (A13, L3): once a person has it synced, values meet as in B4."""
    told = item.sensitivity is Sensitivity.NORMAL
    return Pair(
        record.id,
        item.id,
        Base(record.values if told else {}, record.version),
        Base(item.values if told else {}, item.version),
        pinned=not record.in_scope,
        in_scope=record.in_scope,
        account=record.account,
        account_name=text(record.values, COMPANY),
    )


def exceeds_guard(undo: Undo, policy: Policy, pair_count: int) -> bool:
    """D8: whether so much is deleted, removed or emptied on one side that a person must say so expressly."""
    crm = sum(isinstance(a, DeleteRecord) for a in undo.actions) + _blanks(undo, UpdateRecord)
    mailbox = sum(isinstance(a, RemoveItem) for a in undo.actions) + _blanks(undo, UpdateItem)
    most = max(crm, mailbox)
    return most > policy.guard_count and most * 100 > policy.guard_percent * pair_count


def _blanks(undo: Undo, kind: type[UpdateRecord] | type[UpdateItem]) -> int:
    edits = [e for e in undo.edits if isinstance(e, kind)]
    return sum(is_blank(m.sent) and not is_blank(m.before) for e in edits for m in e.moved.values())
