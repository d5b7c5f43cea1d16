"""What one session did to each contact: its history entries added up, so that they can be taken back together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailsync.core.entries import ACCOUNT, ACCOUNT_ID, APART, FOLDER_ID, Change, Entry
from mailsync.core.refs import FieldName, ItemId, RecordId, Side


@dataclass(frozen=True, slots=True)
class Deed:
    """All that one session wrote of one contact. Of entries of one kind the last counts; a field's first value before
    and last value after."""

    record: RecordId | None
    items: tuple[ItemId, ...]  # its items as the entries name them, the last one first
    entries: Mapping[tuple[Side, str], Entry] = field(default_factory=dict[tuple[Side, str], Entry])
    crm: Mapping[FieldName, Change] = field(default_factory=dict[FieldName, Change])  # updated in Salesforce
    mailbox: Mapping[FieldName, Change] = field(default_factory=dict[FieldName, Change])  # updated in the mailbox
    account: Change | None = None  # the link was changed (B9): ids
    account_names: Change | None = None

    @property
    def came_from(self) -> str | None:
        """The folder that the item was brought in from, "" for Deleted Items; None: it was not moved."""
        moved = self.entries.get((Side.MAILBOX, "move"))
        place = moved.fields.get(FOLDER_ID) if moved else None
        return str(place.before) if place else None

    @property
    def came_from_bin(self) -> bool:
        """Whether the item was brought back from Deleted Items."""
        return self.came_from == ""

    def did(self, side: Side, kind: str) -> Entry | None:
        """The entry of that kind, if the session made one."""
        return self.entries.get((side, kind))


def deeds_of(entries: Sequence[Entry]) -> tuple[Deed, ...]:
    """The deeds of a session, in the order of their first entries. Pure.

    Entries belong together that name one record; one that names an item alone belongs to the record that is first
    named along with it.
    """
    owners: dict[ItemId | None, RecordId] = {}
    for entry in entries:
        if entry.item and entry.record:
            owners.setdefault(entry.item, entry.record)
    groups: dict[RecordId | ItemId | int, list[Entry]] = {}
    for number, entry in enumerate(entries):
        contact = entry.record or owners.get(entry.item) or entry.item or number
        groups.setdefault(contact, []).append(entry)
    return tuple(_add_up(group) for group in groups.values())


def _add_up(entries: Sequence[Entry]) -> Deed:
    record = next((e.record for e in reversed(entries) if e.record), None)
    items = tuple(dict.fromkeys(e.item for e in reversed(entries) if e.item))
    by_kind = {(e.side, e.kind): e for e in entries if not is_account(e)}
    crm = _changed(entries, Side.CRM)
    account = _compose([e.fields[ACCOUNT_ID] for e in entries if e.kind == "update" and ACCOUNT_ID in e.fields])
    names = _compose([e.fields[ACCOUNT] for e in entries if e.kind == "update" and ACCOUNT in e.fields])
    return Deed(record, items, by_kind, crm, _changed(entries, Side.MAILBOX), account, names)


def is_account(entry: Entry) -> bool:
    """Whether an entry tells of an Account that was created (B7), which is no contact."""
    return entry.rule == "B7" and entry.kind == "create"


def _changed(entries: Iterable[Entry], side: Side) -> dict[FieldName, Change]:
    found: dict[FieldName, Change] = {}
    for entry in entries:
        if entry.kind == "update" and entry.side is side:
            fields = {FieldName(n): c for n, c in entry.fields.items() if n not in APART}
            found |= {n: Change(found.get(n, c).before, c.after) for n, c in fields.items()}
    return found


def _compose(changes: Sequence[Change]) -> Change | None:
    return Change(changes[0].before, changes[-1].after) if changes else None
