"""What changed in our label: the listing says which contacts, reading them says what (A3, A6, A7, A9).

A listing may lag behind by minutes (vendors/mailbox.md D1), a reading by id does not: so a contact counts as ours, or
as having left, by what was read of it, and its values are never those of a listing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from mailsync.core.changes import FolderMark, FolderState, Item, MailboxChanges
from mailsync.core.refs import FolderId, ItemId
from mailsync.errors import CursorInvalid
from mailsync.mailbox.google.channel import Channel
from mailsync.mailbox.google.cursor import Cursor, Names, load, pack, store
from mailsync.mailbox.google.feed import Entry, Listing, list_contacts
from mailsync.mailbox.google.labels import Label, as_labels, list_labels
from mailsync.mailbox.google.persons import Shelf, get_persons
from mailsync.mailbox.google.properties import MARKS
from mailsync.mailbox.google.reading import Labels, is_label, list_fields, list_groups, read_item
from mailsync.mapping.table import Table


@dataclass(slots=True)
class Look:
    """One reading of the label in hand."""

    channel: Channel
    table: Table
    shelf: Shelf
    labels: Labels
    known: Cursor | None
    asked: list[Label] | None = None  # the person's labels, where they were asked
    seen: dict[str, Item] = field(default_factory=dict[str, Item])
    outside: dict[str, Item] = field(default_factory=dict[str, Item])
    gone: set[str] = field(default_factory=set[str])

    @property
    def marked(self) -> frozenset[str]:
        """The contacts that were in our label when it was last read."""
        return self.known.marked.all if self.known else frozenset()

    @property
    def departed(self) -> set[str]:
        """Those of them that are there no more, or not in our label."""
        return self.gone & self.marked if self.gone else set()

    @property
    def ours(self) -> Label | None:
        """Our label among those that were asked for."""
        return next((x for x in self.asked or () if x.id == self.labels.folder), None)


def read_changes(
    channel: Channel, table: Table, shelf: Shelf, folder: FolderId, cursor: str | None
) -> tuple[MailboxChanges, Labels, Names]:
    """What changed, our labels, and the contacts in ours by now. 1 request when idle. Raises VendorError."""
    known = load(cursor, folder)
    look = Look(channel, table, shelf, Labels(folder, known.problem if known else ""), known)
    if known is not None:
        try:
            listing = list_contacts(channel, known.token)
        except CursorInvalid:
            return _read_all(look)
        return _read_delta(look, known, listing)
    return _read_all(look)


def _read_all(look: Look) -> tuple[MailboxChanges, Labels, Names]:
    """Everything once: our label first, since an absent one would make all its contacts look personal."""
    _ask_labels(look)
    if look.ours is None:
        return _lost(look)
    listing = list_contacts(look.channel, None)
    begun = look.channel.now
    inside = [e.name for e in listing.entries if look.labels.folder in e.groups]
    strays = look.known.strays if look.known else frozenset[str]()
    _read_inside(look, inside)
    _probe(look, (look.marked | strays) - set(look.seen))
    total = look.ours.count
    look.gone.clear()  # a complete listing names nothing: what is absent from it is gone
    made = _make_cursor(look, listing.token, begun, pack(look.seen))
    return _changes(look, made, complete=True, total=total)


def _read_delta(look: Look, known: Cursor, listing: Listing) -> tuple[MailboxChanges, Labels, Names]:
    entries = {e.name: e for e in listing.entries}
    token, begun = listing.token, known.begun
    if known.is_old(look.channel.now):
        renewed = list_contacts(look.channel, None)
        token, begun = renewed.token, look.channel.now
        entries = {e.name: e for e in _differing(look, renewed)} | entries
    _sort(look, entries.values(), known)
    if look.asked is None and _is_label_unknown(look, {g for e in entries.values() for g in e.groups}):
        _ask_labels(look)
    if look.departed and look.asked is None:
        _ask_labels(look)
    if look.asked is not None and look.ours is None:
        return _lost(look)
    moved = bool(look.gone or look.seen)
    marked = pack((known.marked.all - look.gone) | set(look.seen)) if moved else known.marked
    return _changes(look, _make_cursor(look, token, begun, marked), complete=False)


def _differing(look: Look, listing: Listing) -> Iterable[Entry]:
    """Where a full listing and what is remembered differ: nothing, unless a change was never told."""
    present = {e.name for e in listing.entries}
    yield from (e for e in listing.entries if (look.labels.folder in e.groups) != (e.name in look.marked))
    yield from (Entry(name, deleted=True) for name in look.marked - present)


def _sort(look: Look, entries: Iterable[Entry], known: Cursor) -> None:
    """Reads what the listing names. A contact that never was in our label is told by its id alone: the session knows
    whether it is one that it has just put there.
    """
    listed = list(entries)
    look.gone |= {e.name for e in listed if e.deleted or look.labels.folder not in e.groups}
    look.gone |= {name for e in listed for name in e.previous}
    _read_inside(look, [e.name for e in listed if not e.deleted and look.labels.folder in e.groups])
    deleted = {e.name for e in listed if e.deleted}
    _probe(look, (look.departed | known.strays) - deleted - set(look.seen))


def _read_inside(look: Look, names: Iterable[str]) -> None:
    """Contacts that the listing shows in our label, whole. A label on them that is not known yet is asked about: it may
    be the one for problems (C1).
    """
    persons = get_persons(look.channel, names, list_fields(look.table))
    look.shelf.put(persons.values())
    if look.asked is None and _is_label_unknown(look, {g for p in persons.values() if p for g in list_groups(p)}):
        _ask_labels(look)
    for name, person in persons.items():
        _place(look, name, read_item(person, look.labels, look.table) if person else None)


def _is_label_unknown(look: Look, groups: set[str]) -> bool:
    """Whether a contact has a label that was not there before: the one for problems, or ours made anew by a person
    who had deleted it (A3).
    """
    others = look.known.others if look.known else frozenset[str]()
    return any(is_label(g) for g in groups - others - {look.labels.folder, look.labels.problem})


def _probe(look: Look, names: Iterable[str]) -> None:
    """Contacts that were ours, by their marks alone; those that are in our label after all are read whole."""
    persons = get_persons(look.channel, names, MARKS)
    items = {n: read_item(p, look.labels, look.table, whole=False) if p else None for n, p in persons.items()}
    back = {n for n, item in items.items() if item and item.inside}
    for name in sorted(items.keys() - back):
        _place(look, name, items[name])
    if back:
        _read_inside(look, back)


def _place(look: Look, name: str, item: Item | None) -> None:
    if item is None or not (item.inside or item.record):
        look.gone.add(name)
        return
    (look.seen if item.inside else look.outside)[name] = item
    if item.inside:
        look.gone.discard(name)
    else:
        look.gone.add(name)


def _ask_labels(look: Look) -> None:
    """Asked before any removal is believed (A3); tells whose label it is, too (A1)."""
    look.asked = list_labels(look.channel)
    look.labels = as_labels(look.asked, look.labels.folder)


def _make_cursor(look: Look, token: str, begun: datetime, marked: Names) -> Cursor:
    labels = look.labels
    ours = {labels.folder, labels.problem}
    told = frozenset(x.id for x in look.asked or () if x.id not in ours)
    others = told if look.asked is not None or look.known is None else look.known.others
    return Cursor(labels.folder, token, begun, marked, frozenset(look.outside), labels.problem, others)


def _lost(look: Look) -> tuple[MailboxChanges, Labels, Names]:
    lost = MailboxChanges((), (), (), complete=False, cursor="", folder=FolderState.LOST)
    return lost, look.labels, pack(())


def _changes(
    look: Look, cursor: Cursor, *, complete: bool, total: int | None = None
) -> tuple[MailboxChanges, Labels, Names]:
    mark: FolderMark | None = look.ours.mark if look.ours else None
    changes = MailboxChanges(
        seen=tuple(look.seen.values()),
        gone=tuple(ItemId(n) for n in sorted(look.gone)),
        outside=tuple(look.outside.values()),
        complete=complete,
        cursor=store(cursor),
        mark=mark,
        total=total,
    )
    return changes, look.labels, cursor.marked
